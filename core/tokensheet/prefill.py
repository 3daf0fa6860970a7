"""Reading in a prompt: its time, and its time to the first token (chapters 1 and 6 of the lecture)."""

from __future__ import annotations

import numpy as np

from tokensheet.equation import AtLeastOne, NotNegative, Number, Positive, Utilization, equation
from tokensheet.roofline import compute_time

__all__ = [
    "balanced_chunk",
    "chunk_time",
    "pass_wait",
    "prefill_decode_ratio",
    "prefill_floor",
    "prefill_time",
    "ttft",
]


@equation
def prefill_time(
    tokens: NotNegative, active_params: Positive, flops: Positive, mfu: Utilization = 1, flops_per_param: Positive = 2
) -> Number:
    """Time to read in a prompt, which is bound by compute; attention is PREFILL_ATTENTION_TIME.

    Parameters
    ----------
    tokens : array_like
        Tokens of the prompt that are not cached [tokens].

    Returns
    -------
    array_like
        Compute time of the prompt [s].

    Notes
    -----
    k N_active T / (F mfu). Source: Austin, Pope et al., How to Scale Your Model, 2025, chapter on inference.

    Examples
    --------
    8,192 tokens, 70e9 parameters, 16 TPU v5e at 40 % MFU:

    >>> prefill_time(8192, 70e9, 16 * 1.97e14, 0.4)
    0.909644670050761...
    """
    return compute_time(tokens, active_params, flops, flops_per_param) / mfu


@equation
def ttft(prefill: NotNegative, queue_wait: NotNegative = 0, transfer: NotNegative = 0) -> Number:
    """Time to first token of a request.

    Parameters
    ----------
    prefill : array_like
        Time to read in the prompt, PREFILL_TIME [s].
    queue_wait : array_like, optional
        Wait until the pass over the prompt begins, PASS_WAIT [s].
    transfer : array_like, optional
        Time to move the KV cache to the decoding chips, if they are others [s].

    Returns
    -------
    array_like
        Time to first token (TTFT) [s].

    Notes
    -----
    prefill + queue + transfer. Source: the definition of TTFT.

    Examples
    --------
    >>> ttft(0.9, 0.03)
    0.93
    """
    return prefill + queue_wait + transfer


@equation
def prefill_decode_ratio(prefill: Positive, output_tokens: Positive, step_time: Positive, batch: Positive) -> Number:
    """Chips for prefill over chips for decode, so that neither waits for the other when they are separate.

    Parameters
    ----------
    prefill : array_like
        Time to read in one prompt, PREFILL_TIME [s].

    Returns
    -------
    array_like
        Prefill servers for each decode server [ratio].

    Notes
    -----
    prefill / (output_tokens step_time / batch). Source: Austin, Pope et al., How to Scale Your Model, 2025, chapter
    on applied inference.

    Examples
    --------
    0.91 s of prefill, 512 tokens at 19 ms in a batch of 32: three to one:

    >>> round(prefill_decode_ratio(0.91, 512, 0.019, 32), 2)
    2.99
    """
    return prefill * batch / (output_tokens * step_time)


@equation
def chunk_time(chunk_tokens: AtLeastOne, compute: NotNegative, memory: NotNegative) -> Number:
    """Time of a pass over several tokens of each sequence: compute grows with them, reading memory does not.

    Parameters
    ----------
    chunk_tokens : array_like
        Tokens of each sequence in one pass: 1 in decode, many in prefill [tokens].
    compute : array_like
        Compute time of one token of each sequence [s].

    Returns
    -------
    array_like
        Time of the pass; over chunk_tokens it is the time of a token [s].

    Notes
    -----
    max(len compute, memory). Source: Pope, lecture of 2026-04-29, equation 6.4.

    Examples
    --------
    >>> chunk_time(512, 0.001, 0.005)
    0.512
    """
    return np.maximum(chunk_tokens * compute, memory)


@equation
def balanced_chunk(compute: Positive, memory: Positive) -> Number:
    """Tokens in a pass from which prefill is bound by compute; also how many times output costs input.

    Parameters
    ----------
    compute : array_like
        Compute time of one token of each sequence [s].

    Returns
    -------
    array_like
        Length of the pass [tokens].

    Notes
    -----
    memory / compute. Source: Pope, lecture of 2026-04-29, equation 6.6.

    Examples
    --------
    >>> balanced_chunk(0.001, 0.005)
    5.0
    """
    return memory / compute


@equation
def prefill_floor(compute: NotNegative, weights: NotNegative) -> Number:
    """Least time of a pass over a prompt: the longer of computing it and of reading the weights that it needs.

    Parameters
    ----------
    compute : array_like
        Compute time of the prompt's tokens, COMPUTE_TIME [s].
    weights : array_like
        Time to read the weights that the prompt's tokens need, READ_TIME of WEIGHTS_READ [s].

    Returns
    -------
    array_like
        Time of the pass [s].

    Notes
    -----
    max(compute, weights). Source: Pope, lecture of 2026-04-29, equation 6.7.

    Examples
    --------
    >>> prefill_floor(0.1, 0.02)
    0.1
    """
    return np.maximum(compute, weights)


@equation
def pass_wait(step_time: NotNegative) -> Number:
    """Mean wait of a request until the pass over its prompt begins: half a step, where each step may bring one.

    Returns
    -------
    array_like
        Wait [s].

    Notes
    -----
    t / 2. MEAN_QUEUE_WAIT has the step that follows in it, which for a time to first token is the prefill itself.
    Source: requests arrive at any moment of a step with equal probability.

    Examples
    --------
    >>> pass_wait(0.02)
    0.01
    """
    return step_time / 2
