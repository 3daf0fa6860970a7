"""Prices of APIs, against the providers' published price lists."""

import datetime
from typing import Any

import numpy as np
import pytest
import tokensheet as ts
from tokensheet.api_prices import price_modes, providers
from tokensheet.price_lists import FIELDS, UnknownPrice
from tokensheet_udfs.convert import call
from tokensheet_udfs.registry import functions


def per_million(*arguments: Any, **named: Any) -> float:
    return round(1e6 * ts.api_price(*arguments, **named), 9)


def test_input_cached_and_output() -> None:
    prices = {
        field: per_million("openai", "gpt-4o", field, "2026-11-01") for field in ("input", "cache_read", "output")
    }
    assert prices == {"input": 2.5, "cache_read": 1.25, "output": 10}


def test_a_batch_is_half() -> None:
    assert per_million("openai", "gpt-4o", "input", "2026-11-01", variant="batch") == 1.25


def test_a_long_prompt_has_its_tier() -> None:
    prices = [per_million("anthropic", "claude-haiku-5-5", "input", "2026-11-01", tokens) for tokens in (1e5, 100001)]
    assert prices == [0.1, 0.5]


def test_a_day_has_its_price() -> None:
    before, after = (per_million("openai", "o3", "output", day) for day in ("2025-06-09", "2025-06-11"))
    assert (before, after) == (40, 8)


def test_a_day_as_a_spreadsheet_has_it() -> None:
    serial = (datetime.date(2025, 6, 9) - datetime.date(1899, 12, 30)).days
    function = functions()["API_PRICE"]
    as_cell, as_text = (call(function, ("openai", "o3", "output", day)).item() for day in (serial, "2025-06-09"))
    assert as_cell == as_text


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("openai", "gpt-99", "input"), "Unable to find model with model_ref='gpt-99' in openai"),
        (("nobody", "gpt-4o", "input"), "Unable to find provider provider_id='nobody'"),
        (("openai", "gpt-4o", "price"), "field must be input, output, cache_read"),
        (("openai", "gpt-4o", "input", "soon"), "date must be a date cell or a text such as"),
        (
            ("openai", "gpt-4o", "input", "2024-12-01", 0, "batch"),
            "OpenAI has no batch input price for gpt-4o",
        ),
        (("openai", "gpt-4o", "cache_write_1h"), "OpenAI has no cache_write_1h price for gpt-4o"),
        (("aws", "claude-fable-5-2", "input", "", 0, "batch"), "AWS Bedrock has no batch input price"),
    ],
)
def test_what_is_not_known_is_an_error_and_never_free(arguments: tuple[Any, ...], reason: str) -> None:
    with pytest.raises(LookupError, match="(?s)^" + reason):
        ts.api_price(*arguments)
    shown = call(functions()["API_PRICE"], arguments).item()
    assert shown == "#N/A"
    assert shown.reason.startswith(reason)


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "genai_prices", None)
    with pytest.raises(UnknownPrice, match=r"pip install genai-prices"):
        ts.api_price("openai", "gpt-4o", "input")


def test_providers_and_fields_are_suggested() -> None:
    assert {"openai", "anthropic", "google", "deepseek"} <= set(providers())
    field = functions()["API_PRICE"].parameters[2].choices
    assert field
    assert tuple(field.texts()) == FIELDS


def test_what_else_a_list_says_of_a_model() -> None:
    modes: dict[str, Any] = price_modes("openai", "gpt-6-astra", "2026-11-27")
    assert {key: modes[key] for key in ("batch", "fast")} == {
        key: ts.api_price("openai", "gpt-6-astra", "output", "2026-11-27", variant=key) for key in ("batch", "fast")
    }
    below, beyond = (
        ts.api_price("openai", "gpt-6-astra", "output", "2026-11-27", modes["long_from"] + more) for more in (-1, 1)
    )
    assert below < beyond == modes["long"]
    assert not any(price_modes("deepseek", "deepseek-v4-pro", "2026-11-27").values())


@pytest.mark.parametrize("date", [1e7, -1e6, 1e300, -1e300, 5e-324, "9999-12-32", "nan", "inf", "1e400", "0001-01-01"])
@pytest.mark.parametrize("tokens", [0, 5e-324, 1e300, 10**400, "1e999"])
def test_a_day_or_a_prompt_that_there_is_not_is_an_error_with_a_reason(date: object, tokens: object) -> None:
    (cell,) = call(functions()["API_PRICE"], ("openai", "gpt-4o", "output", date, tokens)).flat
    assert isinstance(cell, float) or cell.reason


def test_a_column_of_prompts_is_one_question() -> None:
    tokens = [[1000.0], [300_000.0], [0.0]]
    found = call(functions()["API_PRICE"], ("google", "gemini-2.5-pro", "input", "2026-11-01", tokens)).ravel().tolist()
    assert found == [1.25e-06, 2.5e-06, 1.25e-06]
    assert ts.api_price("google", "gemini-2.5-pro", "input", "2026-11-01", np.ravel(tokens)).tolist() == found
