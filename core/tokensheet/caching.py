"""Hold the KV cache or compute it again (chapter 6 of the lecture)."""

from __future__ import annotations

import numpy as np

from tokensheet.equation import AtLeastOne, Fraction, NotNegative, Number, Positive, Share, equation
from tokensheet.roofline import compute_time

__all__ = [
    "best_tier",
    "cache_breakeven_reuses",
    "cache_breakeven_time",
    "hold_cost",
    "kv_store_cost",
    "recompute_cost",
    "retrieve_cost",
    "tokens_to_read",
    "uncached_tokens",
]


@equation
def recompute_cost(
    tokens: Positive,
    active_params: Positive,
    flops: Positive,
    usd_per_hour: NotNegative,
    chips: Positive = 1,
    flops_per_param: Positive = 2,
) -> Number:
    """Cost of a cache miss: computing the KV cache of a prompt again.

    Parameters
    ----------
    tokens : array_like
        Tokens whose cache is computed again [tokens].

    Returns
    -------
    array_like
        Cost [USD].

    Notes
    -----
    T k N_active / F n p / 3600. Source: Pope, lecture of 2026-04-29, equation 6.7.

    Examples
    --------
    A million tokens of 100e9 active parameters on a B200 at 5.25 dollars:

    >>> recompute_cost(1e6, 100e9, 4500e12, 5.25)
    0.0648148...
    """
    return compute_time(tokens, active_params, flops, flops_per_param) * usd_per_hour * chips / 3600


@equation
def hold_cost(kv_bytes: Positive, capacity: Positive, usd_per_hour: NotNegative, seconds: NotNegative) -> Number:
    """Cost of holding a KV cache: its share of a memory's rent.

    Parameters
    ----------
    kv_bytes : array_like
        KV cache that is held [bytes].
    capacity : array_like
        Capacity of the memory that holds it [bytes].
    usd_per_hour : array_like
        Price of that memory, or of the chip that it belongs to [USD/hour].
    seconds : array_like
        Time that it is held [s].

    Returns
    -------
    array_like
        Cost [USD].

    Notes
    -----
    kv / C p T / 3600. Source: Pope, lecture of 2026-04-29, equations 6.8 and 6.9.

    Examples
    --------
    1 GB in the memory of a B200 for five minutes:

    >>> hold_cost(1e9, 180e9, 5.25, 300)
    0.0024305...
    """
    return kv_bytes / capacity * usd_per_hour * seconds / 3600


@equation
def retrieve_cost(kv_bytes: Positive, bandwidth: Positive, usd_per_hour: NotNegative) -> Number:
    """Cost of reading a KV cache back: the rent of its memory during the transfer.

    Parameters
    ----------
    kv_bytes : array_like
        KV cache that is read back [bytes].
    bandwidth : array_like
        Bandwidth of the memory that holds it [bytes/s].
    usd_per_hour : array_like
        Price of that memory, or of the machine that it belongs to [USD/hour].

    Returns
    -------
    array_like
        Cost [USD].

    Notes
    -----
    kv / BW p / 3600. Source: Pope, lecture of 2026-04-29, equation 6.9.

    Examples
    --------
    >>> retrieve_cost(1e9, 8e9, 3600)
    0.125
    """
    return kv_bytes / bandwidth * usd_per_hour / 3600


@equation
def kv_store_cost(kv_bytes: Positive, seconds: NotNegative, usd_per_gb_hour: NotNegative) -> Number:
    """Cost of holding a KV cache in storage that is priced by the gigabyte and hour.

    Parameters
    ----------
    kv_bytes : array_like
        KV cache that is held [bytes].
    seconds : array_like
        Time that it is held [s].
    usd_per_gb_hour : array_like
        Price of storage [USD/GB/hour].

    Returns
    -------
    array_like
        Cost [USD].

    Notes
    -----
    kv / 1e9 T / 3600 p. Source: Pope, lecture of 2026-04-29, equation 6.9.

    Examples
    --------
    >>> kv_store_cost(5e9, 3600, 0.0001)
    0.0005
    """
    return kv_bytes / 1e9 * seconds / 3600 * usd_per_gb_hour


@equation
def cache_breakeven_time(
    active_params: Positive,
    kv_bytes_per_token: Positive,
    flops: Positive,
    capacity: Positive,
    flops_per_param: Positive = 2,
) -> Number:
    """How long holding a KV cache in the chip's own memory is cheaper than computing it again.

    Parameters
    ----------
    flops : array_like
        Dense FLOP/s of one chip at the precision used [FLOP/s].
    capacity : array_like
        Memory of the same chip [bytes].

    Returns
    -------
    array_like
        Time [s].

    Notes
    -----
    k N_active / F C / kappa. Source: reading of Pope, lecture of 2026-04-29, equation 6.11.

    Examples
    --------
    100e9 active parameters and the lecture's 1,667 bytes a token on a B200 of 192 GB, 85 minutes:

    >>> cache_breakeven_time(100e9, 5000 / 3, 4500e12, 192e9)
    5120.0
    """
    return compute_time(capacity / kv_bytes_per_token, active_params, flops, flops_per_param)


@equation
def cache_breakeven_reuses(write_multiple: AtLeastOne, hit_multiple: Share) -> Number:
    """Times that a cached prompt must be used again for writing it to pay.

    Parameters
    ----------
    write_multiple : array_like
        Price of writing to the cache over the price of input [ratio].
    hit_multiple : array_like
        Price of a hit over the price of input [ratio].

    Returns
    -------
    array_like
        Reuses [reuses].

    Notes
    -----
    (w - 1) / (1 - h). Source: reading of Pope, lecture of 2026-04-29, chapter 6.

    Examples
    --------
    A 5-minute write at 1.25 and a 1-hour write at 2 times the input price, hits at a tenth:

    >>> round(cache_breakeven_reuses(1.25, 0.1), 3), round(cache_breakeven_reuses(2, 0.1), 3)
    (0.278, 1.111)
    """
    return (write_multiple - 1) / (1 - hit_multiple)


@equation
def best_tier(
    retention: Positive, hbm: Positive = 0.02, ddr: Positive = 5, flash: Positive = 60, disk: Positive = 3600
) -> Number:
    """Tier of storage whose drain time is nearest to the time that a cache is kept, on a scale of ratios.

    Parameters
    ----------
    retention : array_like
        Time that a cache is kept [s].
    hbm : array_like, optional
        Drain time of HBM [s].
    ddr : array_like, optional
        Drain time of DDR memory [s].
    flash : array_like, optional
        Drain time of flash [s].
    disk : array_like, optional
        Drain time of spinning disks [s].

    Returns
    -------
    array_like
        "HBM", "DDR", "flash" or "disk" [text].

    Notes
    -----
    nearest C / BW; borders at the geometric means. Source: Pope, lecture of 2026-04-29, equation 6.10, with its
    spoken drain times.

    Examples
    --------
    The lecture's surprise: five minutes is flash, an hour is disk:

    >>> best_tier([300, 3600]).tolist()
    ['flash', 'disk']
    """
    slow = np.where(retention < np.sqrt(flash * disk), "flash", "disk")
    return np.where(retention < np.sqrt(hbm * ddr), "HBM", np.where(retention < np.sqrt(ddr * flash), "DDR", slow))


@equation
def tokens_to_read(input_tokens: Positive, cached_tokens: NotNegative = 0) -> Number:
    """Tokens of a prompt that have to be read in: those whose KV cache is not held, and always the last one.

    Returns
    -------
    array_like
        Tokens [tokens].

    Notes
    -----
    max(1, T - cached): the last token gives the first of the answer. Source: what engines with prefix caching do.

    Examples
    --------
    >>> tokens_to_read(8192, [0, 6144, 8192]).tolist()
    [8192.0, 2048.0, 1.0]
    """
    return np.maximum(1, input_tokens - cached_tokens)


@equation
def uncached_tokens(tokens: Positive, hit_rate: Fraction) -> Number:
    """Tokens of a prompt that prefill has to compute.

    Parameters
    ----------
    tokens : array_like
        Tokens of the prompt [tokens].
    hit_rate : array_like
        Share of them found in the prefix cache [fraction].

    Returns
    -------
    array_like
        Tokens [tokens].

    Notes
    -----
    T (1 - h). Source: the definition of a prefix cache.

    Examples
    --------
    DeepSeek's published day, 608e9 tokens at 56.25 % hits:

    >>> uncached_tokens(608e9, 0.5625)
    266000000000.0
    """
    return tokens * (1 - hit_rate)
