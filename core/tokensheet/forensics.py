"""Reading a price list backwards (chapter 6 of the lecture)."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from tokensheet.equation import AtLeastOne, Number, Positive, Utilization, equation

__all__ = [
    "implied_batch",
    "implied_decode_mfu",
    "implied_kv_bytes",
    "implied_kv_share",
    "implied_utilization",
    "tier_price_limit",
]


@equation
def implied_kv_bytes(
    active_params: Positive, context: Positive, flops: Positive, bandwidth: Positive, flops_per_param: Positive = 2
) -> Number:
    """KV cache per token that a long-context surcharge gives away: there reading it takes as long as computing.

    Parameters
    ----------
    context : array_like
        Context at which the price steps up [tokens].

    Returns
    -------
    array_like
        Cache per token [bytes/token].

    Notes
    -----
    k N_active BW / (L F). Source: Pope, lecture of 2026-04-29, equation 6.2.

    Examples
    --------
    100e9 active parameters, 200,000 tokens and a hardware ratio of 300, in the lecture's units:

    >>> implied_kv_bytes(100e9, 200e3, 300, 1, 1)
    1666.6666666666667
    """
    return flops_per_param * active_params * bandwidth / (context * flops)


@equation
def implied_batch(
    cost: Positive, step_time: Positive, usd_per_hour: Positive, chips: Positive = 1, utilization: Utilization = 1
) -> Number:
    """Batch at which a token costs that much: TOKEN_COST backwards.

    Returns
    -------
    array_like
        Sequences in the step [sequences].

    Notes
    -----
    t p n / (3600 c u). Source: inverse of TOKEN_COST.

    Examples
    --------
    >>> implied_batch(6.7635e-7, 0.00660301088, 2.95, 32)
    256.0...
    """
    return step_time * usd_per_hour * chips / (3600 * cost * utilization)


@equation
def implied_utilization(
    cost: Positive, step_time: Positive, batch: Positive, usd_per_hour: Positive, chips: Positive = 1
) -> Number:
    """Utilization at which a token costs that much: TOKEN_COST backwards. Above 1 it cannot be served at that cost.

    Returns
    -------
    array_like
        Share of the paid time [fraction].

    Notes
    -----
    t p n / (3600 B c). Source: inverse of TOKEN_COST.

    Examples
    --------
    >>> implied_utilization(1.3527e-6, 0.00660301088, 256, 2.95, 32)
    0.50000...
    """
    return step_time * usd_per_hour * chips / (3600 * batch * cost)


@equation
def implied_decode_mfu(price_ratio: Positive, prefill_mfu: Utilization = 1) -> Number:
    """MFU of decode that a price list gives away, if prices follow costs and prefill is bound by compute.

    Parameters
    ----------
    price_ratio : array_like
        Price of output over price of input [ratio].
    prefill_mfu : array_like, optional
        MFU of prefill [fraction].

    Returns
    -------
    array_like
        MFU of decode [fraction].

    Notes
    -----
    mfu_prefill / ratio. Source: Pope, lecture of 2026-04-29, equation 6.5.

    Examples
    --------
    >>> implied_decode_mfu(5)
    0.2
    """
    return prefill_mfu / price_ratio


@equation
def implied_kv_share(
    speedup: Positive, price_multiple: Positive
) -> Annotated[Number, "a fast mode is faster and dearer than the standard"]:
    """Share of a standard step that goes to the KV cache, as the price of a fast mode gives it away.

    Parameters
    ----------
    speedup : array_like
        Speed of the fast mode over the standard speed [ratio].
    price_multiple : array_like
        Price of the fast mode over the standard price [ratio].

    Returns
    -------
    array_like
        Share of the memory time [fraction].

    Notes
    -----
    x / (1 + x) with x = (s - 1) / (1 - 1/m), while memory binds. Source: reading of Pope, lecture of 2026-04-29,
    chapter 1.

    Examples
    --------
    6 times the price for 2.5 times the speed:

    >>> round(implied_kv_share(2.5, 6), 6)
    0.642857
    """
    ratio = (speedup - 1) / (1 - 1 / price_multiple)
    return np.where((speedup > 1) & (price_multiple > 1), ratio / (1 + ratio), np.nan)


@equation
def tier_price_limit(balanced_context: Positive, price_ratio: AtLeastOne) -> Number:
    """Context up to which a surcharge covers the rising cost, where the KV cache alone binds.

    Parameters
    ----------
    balanced_context : array_like
        Context at which cost begins to rise, BALANCED_CONTEXT [tokens].
    price_ratio : array_like
        Price above that context over the price below [ratio].

    Returns
    -------
    array_like
        Context [tokens].

    Notes
    -----
    L* ratio. Source: reading of Pope, lecture of 2026-04-29, equation 6.1.

    Examples
    --------
    A price of 1.5 times above 200,000 tokens:

    >>> tier_price_limit(200e3, 1.5)
    300000.0
    """
    return balanced_context * price_ratio
