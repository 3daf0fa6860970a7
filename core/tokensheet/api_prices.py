"""What providers charge for a token through their API, today and before: by a list of genai-prices."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import numpy as np

from tokensheet.as_of import as_day, day, today
from tokensheet.data import MARKET
from tokensheet.equation import Choices, NotNegative, Number, Text, checked
from tokensheet.files import FileError
from tokensheet.one_by_one import one_by_one
from tokensheet.price_lists import (
    FIELDS,
    PriceList,
    UnknownPrice,
    begin,
    brought,
    conditions,
    in_use,
    installed,
    newest,
    snapshot,
)
from tokensheet.rows import read_table

__all__ = ["api_price"]

VARIANTS = ("batch", "flex", "priority", "fast")
LISTED = FIELDS[:4]  # what a price list shows
MODES = ("batch", "fast")  # ways of processing that a price list is read backwards by
MILLION = 1_000_000  # genai-prices counts in dollars a million tokens
EXCEL_DAY_ZERO = datetime(1899, 12, 30, tzinfo=UTC)


def providers() -> Iterable[str]:
    try:
        return [provider.id for provider in snapshot(installed()).providers]
    except ImportError:
        return ()


@checked
@one_by_one
def api_price(
    provider: Annotated[Text, Choices(providers)],
    model: Text,
    field: Annotated[Text, Choices(lambda: FIELDS)],
    date: Text = "",
    input_tokens: NotNegative = 0,
    variant: Annotated[Text, Choices(lambda: VARIANTS)] = "",
) -> Number:
    """Price of a token through a provider's API, from the price lists of genai-prices.

    Parameters
    ----------
    provider : str
        Name of the provider, such as openai, anthropic, google or deepseek [text].
    model : str
        Name of the model as the provider's API has it [text].
    field : str
        Kind of token: input, output, cache_read, cache_write or cache_write_1h [text].
    date : str, optional
        Day of the request, as a date cell or as "2026-10-14"; left out, today, or the day of --as-of [date].
    input_tokens : float, optional
        Length of the prompt, where the price has tiers by it [tokens].
    variant : str, optional
        Way of processing with a price of its own: batch, flex, priority or fast; left out, the standard one [text].

    Returns
    -------
    float
        Price of one token; COST_PER_MILLION makes it the number of the price list [USD/token].

    Raises
    ------
    UnknownPrice
        If the provider, the model or this price of it is not known; never 0 for what is unknown.

    Notes
    -----
    Looked up, not computed; a day before the first known price of a model gives that first price. Source: the newest
    kept list of github.com/pydantic/genai-prices ("tokensheet prices"), otherwise that of the installed version.

    Examples
    --------
    >>> api_price("openai", "gpt-4o", "output", "2026-01-01")
    1e-05
    >>> api_price("openai", "gpt-4o", "output", "2026-11-01", variant="batch")
    5e-06
    """
    listed = in_use()
    from genai_prices.types import calc_unit_price

    if field not in FIELDS:
        raise UnknownPrice(f"field must be {', '.join(FIELDS)}, not {field!r}")
    time = moment(date)
    found, info = known(listed, provider, model)
    context = context_of(found, info, field, variant, time) if variant else None
    price = getattr(info.get_prices(time, context), f"{field}_mtok")
    if price is None:
        raise UnknownPrice(f"{found.name} has no {field} price for {info.id}{told(listed)}")

    def of_prompt(tokens: float) -> float:
        return float(calc_unit_price(price, 1, int(tokens), MILLION))

    return np.vectorize(of_prompt, otypes=[float])(input_tokens)


def known(listed: PriceList, provider: str, model: str) -> tuple[Any, Any]:
    """The provider and the model in a list; an error names the one that it does not know, or what is wrong with it."""
    try:
        return snapshot(listed).find_provider_model(model, None, provider, None)  # type: ignore[no-any-return]
    except (LookupError, FileError) as error:
        raise UnknownPrice(f"{error}{told(listed)}") from None


def told(listed: PriceList) -> str:
    """Which list an answer is by, where it is not by today's."""
    return f" as of {day()} ({listed})" if day() else ""


def moment(date: Any) -> datetime:
    """The day that a text, a date or a spreadsheet's serial number of a day stands for, as the time it begins at."""
    if not date:
        return begin(day()) if day() else datetime.now(UTC)
    date = getattr(date, "isoformat", lambda: date)()
    try:
        return EXCEL_DAY_ZERO + timedelta(days=float(date))
    except (ValueError, OverflowError):
        pass
    try:
        return datetime.fromisoformat(date).replace(tzinfo=UTC)
    except ValueError:
        raise UnknownPrice(f'date must be a date cell or a text such as "2026-10-14", not {date!r}') from None


def context_of(found: Any, info: Any, field: str, variant: str, time: datetime) -> dict[str, str]:
    """What makes the price list choose a variant. One that sets no such price would quietly give the standard one."""
    active = [
        each
        for each in info.price_variants or ()
        if any(info is own for own in found.models)  # genai-prices ignores those of another provider's model
        and (each.constraint is None or each.constraint.active(time))
        and getattr(each.prices, f"{field}_mtok") is not None
    ]
    chosen: dict[str, Any] = next((each.when for each in active if variant in each.when.values()), {})
    if not chosen:
        there = ", ".join(dict.fromkeys(name for each in active for name in each.when.values())) or "none"
        raise UnknownPrice(
            f"{found.name} has no {variant} {field} price for {info.id} on {time:%Y-%m-%d}; has: {there}"
        )
    return chosen


def price_list(provider: str, model: str, as_of: str = "") -> dict[str, Any]:
    """What a model costs through an API, since when, and by which list: a row of a table of prices.

    Parameters
    ----------
    provider, model : str
        As in `api_price`.
    as_of : str, optional
        The day, as "2026-10-14": of the list and of the prices in it; left out, that of `use_prices` or today.

    Returns
    -------
    dict
        provider; model; input, output, cache_read and cache_write, in dollars a token, of a prompt below the first
        tier, None where it is not known; input_since and so on, the day since when each holds, and where nobody says
        that, the list's; date, the list's: the day since which the newest price in it holds; source, its name and hash.

    Examples
    --------
    >>> row = price_list("openai", "o3", "2026-01-01")
    >>> row["output"], row["output_since"], row["cache_write"]
    (8e-06, '2025-06-10', None)
    """
    asked = as_day(as_of) or today()
    listed = in_use(asked)
    found, info = known(listed, provider, model)
    prices, date = info.get_prices(begin(asked)), newest(listed, asked)
    row: dict[str, Any] = {"provider": found.id, "model": info.id}
    for field in LISTED:
        price = getattr(prices, f"{field}_mtok")
        row[field] = None if price is None else float(getattr(price, "base", price) / MILLION)
        row[f"{field}_since"] = None if price is None else since(info, f"{field}_mtok", asked) or date
    source = f"{listed.name}, prices up to {date}, sha256 {listed.sha256[:12]}"
    if found.id in brought(listed):
        source = f"prices of the package {brought(listed)[found.id][0]}"
    return row | {"date": date, "source": source}


def price_modes(provider: str, model: str, as_of: str = "") -> dict[str, float | None]:
    """What else a list says of a model: its output by batch, in a fast mode, and behind a prompt that counts as long.

    Parameters
    ----------
    provider, model, as_of : str
        As in `price_list`.

    Returns
    -------
    dict
        batch, fast and long, in dollars per output token; long_from, the tokens of a prompt from which the latter
        holds. None where the list has none.

    Examples
    --------
    >>> price_modes("openai", "gpt-4o", "2026-11-01")
    {'batch': 5e-06, 'fast': 1.7e-05, 'long': None, 'long_from': None}
    """
    asked = as_day(as_of) or today()
    found, info = known(in_use(asked), provider, model)
    row: dict[str, float | None] = {**dict.fromkeys(MODES), "long": None, "long_from": None}
    for mode in MODES:
        with suppress(UnknownPrice):
            price = info.get_prices(begin(asked), context_of(found, info, "output", mode, begin(asked))).output_mtok
            row[mode] = float(getattr(price, "base", price) / MILLION)
    for step in getattr(info.get_prices(begin(asked)).output_mtok, "tiers", ())[:1]:
        row |= {"long": float(step.price / MILLION), "long_from": float(step.start)}
    return row


def since(model: Any, key: str, asked: str) -> str:
    """The day since which a model's price is what it is on a day; empty where the list does not say it."""
    starts = [each.constraint.start_date for each in conditions(model) if hasattr(each.constraint, "start_date")]
    price = getattr(model.get_prices(begin(asked)), key)
    for start in sorted((start for start in starts if start.isoformat() <= asked), reverse=True):
        before = begin(start.isoformat()) - timedelta(days=1)
        if getattr(model.get_prices(before), key) != price:
            return str(start)
    return ""


def market() -> list[tuple[str, str]]:
    """Provider and model of eight prices to hold one's own against: flagships and what stands below them."""
    return [(row["provider"], row["model"]) for row in read_table(MARKET)]
