"""What providers charge for a token through their API, today and before: from the package genai-prices, an extra."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from tokensheet.equation import Choices, NotNegative, checked

__all__ = ["api_price"]

FIELDS = ("input", "output", "cache_read", "cache_write", "cache_write_1h")
VARIANTS = ("batch", "flex", "priority", "fast")
MILLION = 1_000_000  # genai-prices counts in dollars a million tokens
EXCEL_DAY_ZERO = datetime(1899, 12, 30, tzinfo=UTC)


class UnknownPrice(LookupError):
    """A price that is not known: there is no $0 for it."""


def providers() -> Iterable[str]:
    try:
        from genai_prices.data import providers as known
    except ImportError:
        return ()
    return (provider.id for provider in known)


@checked
def api_price(
    provider: Annotated[str, Choices(providers)],
    model: str,
    field: Annotated[str, Choices(lambda: FIELDS)],
    date: str = "",
    input_tokens: NotNegative = 0,
    variant: Annotated[str, Choices(lambda: VARIANTS)] = "",
) -> float:
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
        Day of the request, as a date cell or as "2026-10-14"; left out, today [date].
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
    Looked up, not computed; a day before the first known price of a model gives that first price. Source: the price
    lists in the installed version of github.com/pydantic/genai-prices.

    Examples
    --------
    >>> api_price("openai", "gpt-4o", "output", "2026-01-01")
    1e-05
    >>> api_price("openai", "gpt-4o", "output", "2026-11-01", variant="batch")
    5e-06
    """
    try:
        from genai_prices import Usage, calc_price
        from genai_prices.types import calc_unit_price
    except ImportError:
        raise UnknownPrice('API_PRICE needs the package genai-prices: pip install "tokensheet[prices]"') from None
    if field not in FIELDS:
        raise UnknownPrice(f"field must be {', '.join(FIELDS)}, not {field!r}")
    time = moment(date)
    context = context_of(provider, model, field, variant, time) if variant else None
    usage = Usage(input_tokens=int(input_tokens))
    found = calc_price(
        usage, model, provider_id=provider, genai_request_timestamp=time, price_context=context
    )  # its LookupError names what it does not know
    price = getattr(found.model_price, f"{field}_mtok")
    if price is None:
        raise UnknownPrice(f"{found.provider.name} has no {field} price for {found.model.id}")
    return float(calc_unit_price(price, 1, int(input_tokens), MILLION))


def moment(date: str) -> datetime:
    """The day that a text or a spreadsheet's serial number of a day stands for, as the time at which it begins."""
    if not date:
        return datetime.now(UTC)
    try:
        return EXCEL_DAY_ZERO + timedelta(days=float(date))
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(date).replace(tzinfo=UTC)
    except ValueError:
        raise UnknownPrice(f'date must be a date cell or a text such as "2026-10-14", not {date!r}') from None


def context_of(provider: str, model: str, field: str, variant: str, time: datetime) -> dict[str, str]:
    """What makes the price list choose a variant. One that sets no such price would quietly give the standard one."""
    from genai_prices.data_snapshot import get_snapshot

    found, info = get_snapshot().find_provider_model(model, None, provider, None)
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
