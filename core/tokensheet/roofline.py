"""The roofline of a decode step: the longer of computing and of reading memory (chapter 1 of the lecture)."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from tokensheet.equation import Fraction, NotNegative, Number, Positive, equation

__all__ = [
    "balanced_context",
    "bound",
    "compute_time",
    "critical_batch",
    "decode_mfu",
    "interactivity",
    "kv_time",
    "machine_balance",
    "max_queue_wait",
    "mean_queue_wait",
    "memory_time",
    "mfu_at_context",
    "mixed_step_time",
    "read_time",
    "ridge_point",
    "roofline_time",
    "speculative_tokens",
    "step_time",
    "throughput",
    "units_for_traffic",
]


@equation
def compute_time(batch: Positive, active_params: Positive, flops: Positive, flops_per_param: Positive = 2) -> Number:
    """Time to compute one decode step: one new token for each sequence of the batch.

    Returns
    -------
    array_like
        Compute time of the step [s].

    Notes
    -----
    t = k B N_active / F. Source: Pope, lecture of 2026-04-29, equation 1.2.

    Examples
    --------
    >>> compute_time(64, 37e9, 989e12)
    0.004788675429726997
    """
    return flops_per_param * batch * active_params / flops


@equation
def memory_time(total_params: Positive, bytes: Positive, bandwidth: Positive) -> Number:
    """Time to read all the weights once: the least that a step of a dense model takes, at any batch and price.

    Returns
    -------
    array_like
        Time to read the weights [s].

    Notes
    -----
    t = N_total b / BW, as the lecture has it: all weights. A mixture of experts reads them all only where the batch
    needs every expert, EXPERT_COVERAGE; below that a step is faster, READ_TIME of WEIGHTS_READ. Source: Pope, lecture
    of 2026-04-29, equations 1.3, first term, and 1.4.

    Examples
    --------
    >>> memory_time(671e9, 1, 3.35e12)
    0.20029850746268657
    """
    return total_params * bytes / bandwidth


@equation
def kv_time(batch: Positive, context: NotNegative, kv_bytes_per_token: NotNegative, bandwidth: Positive) -> Number:
    """Time to read the KV cache of every sequence of the batch, which a step does once.

    Returns
    -------
    array_like
        Time to read the KV cache [s].

    Notes
    -----
    t = B L kappa / BW. Source: Pope, lecture of 2026-04-29, equation 1.3, second term.

    Examples
    --------
    >>> kv_time(64, 32768, 70272, 3.35e12)
    0.04399136278925373
    """
    return batch * context * kv_bytes_per_token / bandwidth


@equation
def roofline_time(compute: NotNegative, weights: NotNegative, kv: NotNegative) -> Number:
    """The roofline of a step whose three times are known: compute and memory run side by side, the longer one counts.

    Parameters
    ----------
    weights : array_like
        Time to read the weights, MEMORY_TIME [s].

    Returns
    -------
    array_like
        Time of the step: a lower bound, perfectly overlapped and at peak rates [s].

    Notes
    -----
    t = max(compute, weights + kv). Source: Pope, lecture of 2026-04-29, equation 1.1.

    Examples
    --------
    >>> roofline_time(0.005, 0.25, 0.0625)
    0.3125
    """
    return np.maximum(compute, weights + kv)


@equation
def step_time(
    batch: Positive,
    context: NotNegative,
    active_params: Positive,
    total_params: Positive,
    bytes: Positive,
    kv_bytes_per_token: NotNegative,
    flops: Positive,
    bandwidth: Positive,
    flops_per_param: Positive = 2,
    overlap: Fraction = 1,
) -> Number:
    """Time of one decode step by the plain roofline of the lecture: peak rates, all weights, no communication.

    Parameters
    ----------
    overlap : array_like, optional
        Share of the KV cache's reading that hides behind the matrix products: 1 in the lecture, 0 in the scaling book
        [fraction].

    Returns
    -------
    array_like
        Time of the step, which is also the time per output token of each user (TPOT) [s].

    Notes
    -----
    t = max(k B N_active / F, (N_total b + B L kappa) / BW), with overlap o (1 - o) B L kappa / BW + max(k B N_active /
    F, (N_total b + o B L kappa) / BW). Source: Pope, lecture of 2026-04-29, equations 1.1 to 1.3; with overlap 0
    Austin, Pope et al., How to Scale Your Model, 2025, chapter on inference.
    A lower bound for a dense model, and for a mixture of experts whose batch needs every expert; the bound of
    DECODE_TIME reads only the weights that the batch needs. What engines reach: CALIBRATED_STEP_TIME.

    Examples
    --------
    DeepSeek-V3 in fp8 on 32 H100, 256 sequences of 4,096 tokens:

    >>> step_time(256, 4096, 37e9, 671e9, 1, 35136, 32 * 1979e12, 32 * 3.35e12)
    0.0066030108...

    The scaling book's quiz, 30e9 parameters in int8 on 16 TPU v5e, 256 sequences with 819e6 bytes of cache each,
    without overlap; the lecture's form gives 18.49 ms:

    >>> step_time(256, 1, 30e9, 30e9, 1, 819e6, 16 * 1.97e14, 16 * 8.1e11, overlap=0)
    0.0210508...
    """
    kv = kv_time(batch, context, kv_bytes_per_token, bandwidth)
    return (1 - overlap) * kv + roofline_time(
        compute_time(batch, active_params, flops, flops_per_param),
        memory_time(total_params, bytes, bandwidth),
        overlap * kv,
    )


@equation
def bound(compute: NotNegative, weights: NotNegative, kv: NotNegative) -> Number:
    """Which term binds a decode step, and so what would make it faster.

    Parameters
    ----------
    weights : array_like
        Time to read the weights, MEMORY_TIME [s].

    Returns
    -------
    array_like
        "compute" if computing takes at least as long as reading memory, otherwise the larger of the two reads,
        "weights" or "kv" [text].

    Notes
    -----
    The largest term of max(compute, weights + kv). Source: Pope, lecture of 2026-04-29, equation 1.1.

    Examples
    --------
    >>> bound(0.0048, 0.2003, 0.0440)
    'weights'
    """
    return np.where(compute >= weights + kv, "compute", np.where(weights >= kv, "weights", "kv"))


@equation
def ridge_point(flops: Positive, bandwidth: Positive) -> Number:
    """FLOPs that a chip can do in the time it reads one byte: below that intensity it waits for memory.

    Parameters
    ----------
    flops : array_like
        Dense FLOP/s at the precision used [FLOP/s].
    bandwidth : array_like
        Memory bandwidth [bytes/s].

    Returns
    -------
    array_like
        Arithmetic intensity at the ridge of the roofline [FLOP/byte].

    Notes
    -----
    F / BW. MACHINE_BALANCE is the lecture's "300", in tokens. Source: Williams et al., "Roofline", 2009.

    Examples
    --------
    >>> ridge_point(989e12, 3.35e12)
    295.2238805970149
    """
    return flops / bandwidth


@equation
def machine_balance(flops: Positive, bandwidth: Positive, bytes: Positive, flops_per_param: Positive = 2) -> Number:
    """Tokens a chip computes in the time it reads the parameter they share: the lecture's "about 300".

    Parameters
    ----------
    flops : array_like
        Dense FLOP/s at the precision used [FLOP/s].
    bandwidth : array_like
        Memory bandwidth [bytes/s].

    Returns
    -------
    array_like
        Batch at which a dense model's compute takes as long as its weights [sequences].

    Notes
    -----
    R = F b / (k BW). Source: Pope, lecture of 2026-04-29, equation 1.8.

    Examples
    --------
    H100 in bf16 and in fp8: half the bytes, twice the FLOP/s, the same ratio.

    >>> machine_balance(989.4e12, 3.35e12, 2)
    295.34328358208955
    >>> machine_balance(1978.9e12, 3.35e12, 1)
    295.35820895522386
    """
    return flops * bytes / (flops_per_param * bandwidth)


@equation
def critical_batch(
    total_params: Positive,
    active_params: Positive,
    bytes: Positive,
    flops: Positive,
    bandwidth: Positive,
    context: NotNegative = 0,
    kv_bytes_per_token: NotNegative = 0,
    flops_per_param: Positive = 2,
) -> Annotated[
    Any, "no batch balances compute and memory: a sequence's KV cache takes longer to read than its token to compute"
]:
    """Batch at which computing takes as long as reading memory: below it a bigger batch is almost free.

    Parameters
    ----------
    total_params : array_like
        Parameters that must be read, all experts included [parameters].
    flops : array_like
        Dense FLOP/s at the precision used [FLOP/s].
    bandwidth : array_like
        Memory bandwidth of the same chips [bytes/s].
    context : array_like, optional
        Tokens of context in each sequence; 0 leaves the KV cache out, as the lecture does [tokens].

    Returns
    -------
    array_like
        The balancing batch; none exists where the KV cache of a sequence takes longer to read than the sequence
        takes to compute [sequences].

    Notes
    -----
    B = N_total b F / (k N_active BW - F L kappa). Source: Pope, lecture of 2026-04-29, equation 1.8; with the KV
    cache, 1.9, brought to one fraction. Without it: MACHINE_BALANCE times total over active parameters.

    Examples
    --------
    DeepSeek-V3 in fp8 on H100:

    >>> critical_batch(671e9, 37e9, 1, 1979e12, 3.35e12)
    5356.63170633319...
    """
    spare = flops_per_param * active_params * bandwidth - flops * context * kv_bytes_per_token
    return np.where(spare > 0, total_params * bytes * flops / spare, np.nan)


@equation
def balanced_context(
    active_params: Positive,
    kv_bytes_per_token: Positive,
    flops: Positive,
    bandwidth: Positive,
    flops_per_param: Positive = 2,
) -> Number:
    """Context at which reading a sequence's KV cache takes as long as computing its token.

    Parameters
    ----------
    flops : array_like
        Dense FLOP/s at the precision used [FLOP/s].
    bandwidth : array_like
        Memory bandwidth of the same chips [bytes/s].

    Returns
    -------
    array_like
        Beyond this context no batch makes the step compute-bound [tokens].

    Notes
    -----
    L = k N_active BW / (F kappa). Source: Pope, lecture of 2026-04-29, equation 1.11.

    Examples
    --------
    The lecture's 100e9 active parameters, 1,667 bytes a token and hardware ratio of 300, in its own units:

    >>> round(balanced_context(100e9, 1667, 300, 1, 1))
    199960
    """
    return flops_per_param * active_params * bandwidth / (flops * kv_bytes_per_token)


@equation
def interactivity(step_time: Positive) -> Number:
    """Speed that one user sees: tokens a second in a single answer.

    Returns
    -------
    array_like
        Output tokens per second of each user [tokens/s].

    Notes
    -----
    1 / t, the inverse of the time per output token (TPOT). Source: Pope, lecture of 2026-04-29, chapter 1.

    Examples
    --------
    >>> interactivity(0.020)
    50.0
    """
    return 1 / step_time


@equation
def throughput(batch: Positive, step_time: Positive) -> Number:
    """Output tokens a second of all users together.

    Returns
    -------
    array_like
        Output tokens per second of the whole batch [tokens/s].

    Notes
    -----
    B / t. Source: Pope, lecture of 2026-04-29, equation 1.14.

    Examples
    --------
    >>> throughput(2000, 1 / 64)
    128000.0
    """
    return batch / step_time


@equation
def max_queue_wait(step_time: Positive) -> Number:
    """Longest wait for the first step: who just missed a batch waits one step for the next, then rides it.

    Returns
    -------
    array_like
        Time until the first token of a request that just missed the batch [s].

    Notes
    -----
    2 t. Source: Pope, lecture of 2026-04-29, equation 1.13.

    Examples
    --------
    >>> max_queue_wait(0.020)
    0.04
    """
    return 2 * step_time


@equation
def mean_queue_wait(step_time: Positive) -> Number:
    """Average wait for the first step of requests that arrive at any time: half a step until the next, then one.

    Returns
    -------
    array_like
        Mean time until the first token of a request [s].

    Notes
    -----
    1.5 t, for uniform arrivals. Source: reading of Pope's lecture of 2026-04-29, equation 1.13.

    Examples
    --------
    >>> mean_queue_wait(0.020)
    0.03
    """
    return 1.5 * step_time


@equation
def decode_mfu(
    batch: Positive, active_params: Positive, flops: Positive, step_time: Positive, flops_per_param: Positive = 2
) -> Number:
    """Share of the chips' FLOP/s that a decode step puts to use.

    Returns
    -------
    array_like
        Model FLOPs utilization of the step [fraction].

    Notes
    -----
    k B N_active / (F t). Source: Pope, lecture of 2026-04-29, chapter 6.

    Examples
    --------
    >>> decode_mfu(64, 37e9, 989e12, 0.05)
    0.0957735...
    """
    return compute_time(batch, active_params, flops, flops_per_param) / step_time


@equation
def units_for_traffic(tokens_per_second: Positive, batch: Positive, step_time: Positive) -> Number:
    """Serving units, each running one batch, that a given traffic needs.

    Parameters
    ----------
    tokens_per_second : array_like
        Output tokens a second that all users together ask for [tokens/s].

    Returns
    -------
    array_like
        Number of units, not rounded [units].

    Notes
    -----
    X t / B. Source: Pope, lecture of 2026-04-29, equation 1.15.

    Examples
    --------
    A thousandth of the lecture's 1.28e8 tokens a second is one unit of 2,000 sequences at 64 steps a second:

    >>> units_for_traffic(128e3, 2000, 1 / 64)
    1.0
    """
    return tokens_per_second * step_time / batch


@equation
def mixed_step_time(compute: NotNegative, weights: NotNegative, kv: NotNegative, prefill: NotNegative) -> Number:
    """Time of a decode step that also carries a chunk of prefill: the chunk computes while the step reads memory.

    Parameters
    ----------
    weights : array_like
        Time to read the weights, MEMORY_TIME [s].
    prefill : array_like
        Compute time of the chunk of prefill that the step carries, PREFILL_TIME [s].

    Returns
    -------
    array_like
        Time of the step [s].

    Notes
    -----
    max(compute + prefill, weights + kv). Source: the roofline of Pope, lecture of 2026-04-29, equation 1.1, with
    the chunk's compute added.

    Examples
    --------
    A chunk that fills the compute that memory leaves idle is free:

    >>> mixed_step_time(0.001, 0.006, 0.002, 0.007)
    0.008
    """
    return np.maximum(compute + prefill, weights + kv)


@equation
def speculative_tokens(acceptance: Fraction, draft_tokens: NotNegative) -> Number:
    """Tokens that a step with speculative decoding yields on average.

    Parameters
    ----------
    acceptance : array_like
        Probability that a drafted token is accepted [fraction].
    draft_tokens : array_like
        Tokens drafted for each step [tokens].

    Returns
    -------
    array_like
        Tokens for each sequence and step [tokens].

    Notes
    -----
    (1 - a^(k+1)) / (1 - a), k + 1 if all are accepted. Source: Leviathan et al., Fast Inference from Transformers via
    Speculative Decoding, 2023, equation 1.

    Examples
    --------
    >>> round(speculative_tokens(0.8, 3), 3)
    2.952
    """
    tokens = draft_tokens + 1
    # beyond e^-40 the power changes no digit, and LibreOffice takes its underflow for an error
    yielded = np.where(tokens * (1 - acceptance) > 40, 1, 1 - acceptance**tokens)
    return np.where(acceptance < 1, yielded / np.maximum(1 - acceptance, 1e-12), tokens)


@equation
def mfu_at_context(balanced_context: Positive, context: Positive) -> Number:
    """MFU that is left beyond the balanced context, where reading the cache takes longer than computing.

    Returns
    -------
    array_like
        Largest MFU at that context, large batch [fraction].

    Notes
    -----
    min(1, L* / L). Source: Pope, lecture of 2026-04-29, chapter 1.

    Examples
    --------
    At twice the balanced context:

    >>> mfu_at_context(100e3, 200e3)
    0.5
    """
    return np.minimum(1, balanced_context / context)


@equation
def read_time(size: NotNegative, bandwidth: Positive) -> Number:
    """Time to read so many bytes once: the weights that a step needs, a KV cache, or all of a memory.

    Parameters
    ----------
    size : array_like
        What is read [bytes].

    Returns
    -------
    array_like
        Time [s].

    Notes
    -----
    bytes / BW. Of a whole memory it is the drain time: no step that reads all of it is shorter. Source: Pope, lecture
    of 2026-04-29, equations 1.2 and 1.14.

    Examples
    --------
    Rubin's 288 GB at 20 TB/s, the lecture's 15 ms:

    >>> read_time(288e9, 20e12)
    0.0144
    """
    return size / bandwidth
