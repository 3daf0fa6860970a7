"""Searches find what trying everything finds."""

import functools
import itertools
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
import tokensheet as ts
from attacks.fuzz import limited
from tokensheet.chain import Chain
from tokensheet.searches import COUNTS, Deployment, deployments
from tokensheet_udfs.registry import functions

ASKED: dict[str, Any] = {"input_tokens": 2000.0, "output_tokens": 500.0, "precision": "fp8"}
IN_TIME: dict[str, Any] = {"max_ttft": 2.0, "max_tpot": 0.03}


def everything(model: str, chip: str, experts: bool) -> float:
    """The least cost of a request over every layout and number of users up to 600."""
    least = np.inf
    users = np.arange(1.0, 601)
    for chips in COUNTS:
        for shared in (1, 2, 4, 8):
            for stages in COUNTS:
                if (stages > 1 or shared > chips) if experts else shared * stages != chips:
                    continue
                layout = {"chips": chips, "tensor_parallel": shared, "stages": stages}
                room = np.array([each for each in users if fits(model, chip, each, layout)])
                if len(room):
                    given: dict[str, Any] = {"model": model, "chip": chip, **ASKED, **layout, "users": room}
                    good = (ts.serving_ttft(**given) <= 0.5) & (ts.serving_tpot(**given) <= 0.012)
                    least = np.min(ts.request_cost(**given), where=good, initial=least)
    return least


def fits(model: str, chip: str, users: float, layout: dict[str, int]) -> bool:
    try:
        ts.decode_time(model, chip, users, 2250, layout["chips"])
    except ts.DoesNotFit:
        return False
    return True


@pytest.mark.parametrize(
    ("model", "chip", "experts"), [("Llama-3.1-8B", "H100", False), ("gpt-oss-120b", "H200", True)]
)
def test_the_best_layout_is_the_cheapest_of_all(model: str, chip: str, experts: bool) -> None:
    found = ts.best_deployment(model, 2000, 500, 0.5, 0.012, "usd_per_request", chip)
    best = everything(model, chip, experts)
    assert best <= found * (1 + 1e-12)
    assert found <= best * 1.01  # of many users not every number is tried


def test_what_is_found_is_what_the_functions_say_of_it() -> None:
    for each in deployments("DeepSeek-V3", **IN_TIME, **ASKED)[:4]:
        layout = {"chips": each.chips, "tensor_parallel": each.tensor_parallel, "stages": each.stages}
        given: dict[str, Any] = {"model": "DeepSeek-V3", "chip": each.chip, "users": each.users, **ASKED, **layout}
        assert ts.request_cost(**given) == pytest.approx(each.usd_per_request, rel=1e-12)
        assert ts.serving_ttft(**given) == pytest.approx(each.ttft, rel=1e-9)
        assert ts.serving_tpot(**given) == pytest.approx(each.tpot, rel=1e-9)
        assert each.ttft <= IN_TIME["max_ttft"]
        assert each.tpot <= IN_TIME["max_tpot"]


def test_chips_stand_in_the_order_of_what_a_request_costs() -> None:
    found = deployments("Llama-3.1-70B", **IN_TIME, **ASKED)
    costs = [each.usd_per_request for each in found]
    assert costs == sorted(costs)
    assert len({each.chip for each in found}) == len(found) > 5
    assert ts.best_deployment("Llama-3.1-70B", 2000, 500, 2, 0.03, "chip") == found[0].chip
    assert ts.best_deployment("Llama-3.1-70B", 2000, 500, 2, 0.03) == str(found[0])


def test_tighter_limits_cost_more() -> None:
    costs = ts.best_deployment("Llama-3.1-70B", 2000, 500, 2, np.array([0.01, 0.02, 0.05]), "usd_per_request")
    assert np.all(np.diff(costs) < 0)


def test_where_none_is_in_time_it_is_said() -> None:
    with pytest.raises(ts.DoesNotFit, match=r"DeepSeek-V3 is served within 0.001 s .* by no chips of the catalogue"):
        ts.best_deployment("DeepSeek-V3", 2000, 500, 0.001, 0.03)
    with pytest.raises(ts.DoesNotFit, match=r"by no number of L4 up to 64"):
        ts.best_deployment("DeepSeek-V3", 2000, 500, 2, 0.001, chip="L4", usd_per_hour=1)
    with pytest.raises(LookupError, match="field must be summary, chip"):
        ts.best_deployment("DeepSeek-V3", 2000, 500, 2, 0.03, "price")


def test_a_deployment_reads_as_a_sentence() -> None:
    found = Deployment("H100 SXM", 16, 8, 2, 64, 0.512, 0.0301, 0.00123)
    assert str(found) == (
        "16 x H100 SXM, tensor parallel 8, 2 stages: 64 users, 0.51 s to the first token, 30.1 ms a token, "
        "$0.00123 a request"
    )


SEARCHES = ["BEST_BATCH", "BEST_CHIP", "BEST_DEPLOYMENT", "SERVING_USERS", "USERS_AT_RATE"]
HOSTILE = [5e-324, 1e-300, 1e-9, 1.0, 2.0**52, 989e12, 1e300, 1.7976931348623157e308]


@pytest.mark.parametrize("name", SEARCHES)
def test_a_search_ends_whatever_it_is_asked(name: str) -> None:
    """Of which BEST_BATCH("Qwen3-0.6B", "H100", 64, 1, 989E12) once did not."""
    function = functions()[name]
    numbers = [each.name for each in function.parameters if each.domain and each.required]
    optional = [each.name for each in function.parameters if each.name in ("chips", "cached_tokens", "prefill_chips")]
    names = {each.name: {"model": "Qwen3-0.6B", "chip": "H100"}[each.name] for each in function.parameters
             if each.name in ("model", "chip") and each.required}  # fmt: skip
    hostile = itertools.product(HOSTILE, repeat=2)
    for (one, other), last in zip(hostile, itertools.cycle([None, *HOSTILE])):
        given: dict[str, Any] = dict(zip(numbers, itertools.cycle([one, other, 1.0])))
        given |= dict.fromkeys(optional, last)
        with limited(10), np.errstate(all="raise", under="ignore"):
            found: Any = ""
            with suppress(ts.DomainError, LookupError):
                found = function.python(**names, **given)
            assert isinstance(found, str) or np.isfinite(found)


def test_a_search_halves_no_more_often_than_there_are_whole_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    evaluated: list[int] = []
    evaluate = Chain.evaluate
    monkeypatch.setattr(Chain, "evaluate", lambda *args: evaluated.append(1) or evaluate(*args))
    assert ts.best_batch("Qwen3-0.6B", "H100", 64, 1, 989e12) >= 0
    assert len(evaluated) <= 54


def test_of_many_searches_each_has_its_own_answer_or_its_own_reason() -> None:
    asked = ("Llama-3.1-70B", "H100", [1024, 1e8, 1024, 100], 1024, [0.1, 1, 1e6, 1e7], 8)
    slow, *others = ts.users_at_rate(*asked, errors="nan")
    assert slow == ts.users_at_rate("Llama-3.1-70B", "H100", 1024, 1024, 0.1, 8)
    assert np.isnan(others).all()
    none, long, *fast = ts.reasons(ts.users_at_rate, *asked)
    assert none == ""
    assert "16,384 GB of KV cache" in long
    assert [each.partition("; ")[0] for each in fast] == [
        f"Llama-3.1-70B on H100 SXM cannot keep up with {rate} requests a second" for rate in ("1e+06", "1e+07")
    ]


def test_a_deployment_takes_arrays_for_every_number() -> None:
    asked = functools.partial(ts.best_deployment, "Llama-3.1-70B", 2000, 500, 2, 0.03, "usd_per_request", "H100")
    found = asked(cached_tokens=[0, 1000], usd_per_hour=[2, 1])
    assert found.tolist() == [asked(cached_tokens=cached, usd_per_hour=rent) for cached, rent in ((0, 2), (1000, 1))]
