"""Many chips as one: what they have together, and what fits on them (chapter 5)."""

from __future__ import annotations

from typing import Any

import numpy as np

from tokensheet.equation import NotNegative, Positive, Share, equation

__all__ = ["domain_total", "fits", "max_batch", "min_chips", "weights_bytes"]


@equation
def domain_total(chips: Positive, per_chip: Positive) -> Any:
    """What chips of one scale-up domain have together: FLOP/s, memory or memory bandwidth.

    Parameters
    ----------
    chips : array_like
        Chips that work on the same layer at the same time; pipeline stages do not count, they take turns [chips].
    per_chip : array_like
        What one chip has [any unit].

    Returns
    -------
    array_like
        What they have together, in the same unit [any unit].

    Notes
    -----
    n x. Source: Pope, lecture of 2026-04-29, equation 4.5.

    Examples
    --------
    The memory of 8 H100:

    >>> domain_total(8, 80e9)
    640000000000.0
    """
    return chips * per_chip


@equation
def weights_bytes(total_params: Positive, bytes: Positive) -> Any:
    """Memory that a model's weights take.

    Parameters
    ----------
    total_params : array_like
        Parameters, all experts included [parameters].
    bytes : array_like
        Bytes per parameter: 2 for bf16, 1 for fp8, 0.5 for fp4 [bytes].

    Returns
    -------
    array_like
        Memory for the weights [bytes].

    Notes
    -----
    N_total b. Source: Pope, lecture of 2026-04-29, equation 4.1.

    Examples
    --------
    >>> weights_bytes(671e9, 1)
    671000000000.0
    """
    return total_params * bytes


@equation
def min_chips(weights: Positive, kv: NotNegative, hbm: Positive, headroom: Share = 0) -> Any:
    """Fewest chips whose memory holds a model's weights and its KV cache.

    Parameters
    ----------
    weights : array_like
        Memory for the weights, WEIGHTS_BYTES [bytes].
    kv : array_like
        Memory for the KV cache of all sequences [bytes].
    hbm : array_like
        Memory of one chip [bytes].
    headroom : array_like, optional
        Share of the memory kept free for activations and buffers [fraction].

    Returns
    -------
    array_like
        Number of chips [chips].

    Notes
    -----
    ceil((weights + kv) / (hbm (1 - headroom))). Source: Pope, lecture of 2026-04-29, equation 4.2.

    Examples
    --------
    DeepSeek-V3 in fp8 with 64 sequences of 4,096 tokens on H100:

    >>> min_chips(671e9, 64 * 4096 * 35136, 80e9)
    9.0
    """
    return np.ceil((weights + kv) / (hbm * (1 - headroom)))


@equation
def fits(weights: Positive, kv: NotNegative, hbm: Positive, chips: Positive, headroom: Share = 0) -> Any:
    """Whether a model's weights and KV cache fit in the memory of the chips; what does not fit has no cost.

    Parameters
    ----------
    weights : array_like
        Memory for the weights, WEIGHTS_BYTES [bytes].
    kv : array_like
        Memory for the KV cache of all sequences [bytes].
    hbm : array_like
        Memory of one chip [bytes].
    chips : array_like
        Number of chips [chips].
    headroom : array_like, optional
        Share of the memory kept free for activations and buffers [fraction].

    Returns
    -------
    array_like
        TRUE if it fits [TRUE or FALSE].

    Notes
    -----
    weights + kv <= n hbm (1 - headroom). Source: Pope, lecture of 2026-04-29, equation 4.2.

    Examples
    --------
    671 GB of weights on 8 H100 (640 GB) and on 32 (2,560 GB):

    >>> fits(671e9, 0, 80e9, 8), fits(671e9, 0, 80e9, 32)
    (False, True)
    """
    return weights + kv <= chips * hbm * (1 - headroom)


@equation
def max_batch(weights: Positive, kv_sequence: Positive, hbm: Positive, chips: Positive, headroom: Share = 0) -> Any:
    """Largest batch whose KV cache fits beside the weights; 0 where not even one sequence does.

    Parameters
    ----------
    weights : array_like
        Memory for the weights, WEIGHTS_BYTES [bytes].
    kv_sequence : array_like
        KV cache of one sequence, KV_BYTES_SEQUENCE [bytes].
    hbm : array_like
        Memory of one chip [bytes].
    chips : array_like
        Number of chips [chips].
    headroom : array_like, optional
        Share of the memory kept free for activations and buffers [fraction].

    Returns
    -------
    array_like
        Sequences [sequences].

    Notes
    -----
    max(0, floor((n hbm (1 - headroom) - weights) / kv_sequence)). Source: Pope, lecture of 2026-04-29, equation 4.1.

    Examples
    --------
    DeepSeek-V3 in fp8 on 32 H100, 4,096 tokens a sequence:

    >>> max_batch(671e9, 4096 * 35136, 80e9, 32)
    13125.0
    """
    return np.maximum(0, np.floor((chips * hbm * (1 - headroom) - weights) / kv_sequence))
