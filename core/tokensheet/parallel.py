"""Many chips as one: what they have together, and what fits on them (chapter 5)."""

from __future__ import annotations

import numpy as np

from tokensheet.equation import AtLeastOne, NotNegative, Number, Positive, Share, equation

__all__ = [
    "chips_total",
    "data_parallel_time",
    "fits",
    "kv_capacity",
    "max_batch",
    "max_context",
    "memory_per_chip",
    "min_chips",
    "min_layers_per_stage",
    "pipeline_bubble",
    "pipeline_idle",
    "pipeline_latency",
    "stage_traffic_ratio",
    "stage_transfer_time",
    "tensor_parallel_time",
    "weights_bytes",
]


@equation
def chips_total(chips: Positive, per_chip: Positive) -> Number:
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

    >>> chips_total(8, 80e9)
    640000000000.0
    """
    return chips * per_chip


@equation
def weights_bytes(total_params: NotNegative, bytes: Positive) -> Number:
    """Memory that a model's weights take.

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
def min_chips(weights: Positive, kv: NotNegative, hbm: Positive, headroom: Share = 0) -> Number:
    """Fewest chips whose memory holds a model's weights and its KV cache.

    Parameters
    ----------
    weights : array_like
        Memory for the weights, WEIGHTS_BYTES [bytes].
    kv : array_like
        Memory for the KV cache of all sequences [bytes].

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
def fits(weights: Positive, kv: NotNegative, hbm: Positive, chips: Positive, headroom: Share = 0) -> Number:
    """Whether a model's weights and KV cache fit in the memory of the chips; what does not fit has no cost.

    Parameters
    ----------
    weights : array_like
        Memory for the weights, WEIGHTS_BYTES [bytes].
    kv : array_like
        Memory for the KV cache of all sequences [bytes].

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
def max_batch(
    weights: Positive, kv_sequence: NotNegative, hbm: Positive, chips: Positive, headroom: Share = 0
) -> Number:
    """Largest batch whose KV cache fits beside the weights; 0 where not even one sequence does.

    Parameters
    ----------
    weights : array_like
        Memory for the weights, WEIGHTS_BYTES [bytes].

    Returns
    -------
    array_like
        Sequences [sequences].

    Notes
    -----
    max(0, floor((n hbm (1 - headroom) - weights) / max(1, kv_sequence))): a sequence without a cache counts as a byte.
    Source: Pope, lecture of 2026-04-29, equation 4.1.

    Examples
    --------
    DeepSeek-V3 in fp8 on 32 H100, 4,096 tokens a sequence:

    >>> max_batch(671e9, 4096 * 35136, 80e9, 32)
    13125.0
    """
    return np.floor(kv_capacity(weights, hbm, chips, headroom) / np.maximum(1, kv_sequence))


@equation
def kv_capacity(weights: Positive, hbm: Positive, chips: Positive, headroom: Share = 0) -> Number:
    """Memory that is left for KV cache beside the weights; 0 where the weights do not fit.

    Parameters
    ----------
    weights : array_like
        Memory for the weights, WEIGHTS_BYTES [bytes].

    Returns
    -------
    array_like
        Memory for KV cache [bytes].

    Notes
    -----
    max(0, n hbm (1 - headroom) - weights). Source: Pope, lecture of 2026-04-29, equation 4.1.

    Examples
    --------
    >>> kv_capacity(671e9, 80e9, 32)
    1889000000000.0
    """
    return np.maximum(0, chips * hbm * (1 - headroom) - weights)


@equation
def max_context(
    weights: Positive,
    kv_bytes_per_token: Positive,
    batch: Positive,
    hbm: Positive,
    chips: Positive,
    headroom: Share = 0,
) -> Number:
    """Longest context whose KV cache fits beside the weights, for every sequence of the batch.

    Parameters
    ----------
    weights : array_like
        Memory for the weights, WEIGHTS_BYTES [bytes].

    Returns
    -------
    array_like
        Tokens in each sequence [tokens].

    Notes
    -----
    max(0, floor((n hbm (1 - headroom) - weights) / (B kappa))). Source: Pope, lecture of 2026-04-29, equation 4.1.

    Examples
    --------
    DeepSeek-V3 in fp8 on 32 H100, 256 sequences:

    >>> max_context(671e9, 35136, 256, 80e9, 32)
    210009.0
    """
    return np.floor(kv_capacity(weights, hbm, chips, headroom) / (batch * kv_bytes_per_token))


@equation
def memory_per_chip(
    total_bytes: NotNegative,
    kv_microbatch: NotNegative,
    expert_parallel: AtLeastOne,
    tensor_parallel: AtLeastOne,
    stages: AtLeastOne,
    microbatches: AtLeastOne,
) -> Number:
    """Memory on each chip. Stages divide the weights, not the KV cache: each has a batch of its own in flight.

    Parameters
    ----------
    total_bytes : array_like
        Memory for all the weights, WEIGHTS_BYTES [bytes].
    kv_microbatch : array_like
        KV cache of one micro-batch [bytes].
    expert_parallel : array_like
        Chips that share a layer's experts [chips].
    tensor_parallel : array_like
        Chips that share each matrix [chips].

    Returns
    -------
    array_like
        Memory on each chip [bytes].

    Notes
    -----
    (weights + microbatches kv) / (EP TP stages); with microbatches = stages the cache per chip does not fall.
    Source: Pope, lecture of 2026-04-29, equation 4.4.

    Examples
    --------
    1e12 parameters in fp8 and 2,000 sequences of 100,000 tokens at 2,000 bytes, on 64 chips and on 4 stages of 64:

    >>> memory_per_chip(1e12, 4e11, 64, 1, [1, 4], [1, 4]).tolist()
    [21875000000.0, 10156250000.0]
    """
    return (total_bytes + microbatches * kv_microbatch) / (expert_parallel * tensor_parallel * stages)


@equation
def pipeline_bubble(stages: AtLeastOne, microbatches: AtLeastOne) -> Number:
    """Share of the time that the stages of a training pipeline stand idle.

    Returns
    -------
    array_like
        Idle share [fraction].

    Notes
    -----
    (p - 1) / (m + p - 1). Source: Huang et al., GPipe, 2019.

    Examples
    --------
    >>> pipeline_bubble(4, 8)
    0.2727272727272727
    """
    return (stages - 1) / (microbatches + stages - 1)


@equation
def pipeline_idle(stages: AtLeastOne, in_flight: AtLeastOne) -> Number:
    """Share of the time that the stages of an inference pipeline stand idle.

    Parameters
    ----------
    in_flight : array_like
        Batches in flight [batches].

    Returns
    -------
    array_like
        Idle share [fraction].

    Notes
    -----
    1 - min(1, m / p). Source: Pope, lecture of 2026-04-29, equation 3.3.

    Examples
    --------
    >>> pipeline_idle(4, 1)
    0.75
    """
    return 1 - np.minimum(1, in_flight / stages)


@equation
def pipeline_latency(step_time: Positive, stages: AtLeastOne, hop_time: NotNegative) -> Number:
    """Time per token through a pipeline: stages do not shorten it, their hops add to it.

    Parameters
    ----------
    hop_time : array_like
        Time of one hop to the next stage [s].

    Returns
    -------
    array_like
        Time per output token [s].

    Notes
    -----
    t + p hop. Source: Pope, lecture of 2026-04-29, equation 4.6.

    Examples
    --------
    >>> pipeline_latency(0.020, 4, 0.0025)
    0.03
    """
    return step_time + stages * hop_time


@equation
def stage_traffic_ratio(active_experts: Positive, layers_per_stage: Positive, bandwidth_ratio: Positive = 8) -> Number:
    """Time of a stage's traffic within its rack over the time of its hop to the next; at least 1 is wanted.

    Parameters
    ----------
    layers_per_stage : array_like
        Layers of one pipeline stage [layers].

    Returns
    -------
    array_like
        Scale-up over scale-out time [ratio].

    Notes
    -----
    2 k layers / beta. Source: Pope, lecture of 2026-04-29, equation 3.1.

    Examples
    --------
    >>> stage_traffic_ratio(8, 1), stage_traffic_ratio(32, 1)
    (2.0, 8.0)
    """
    return 2 * active_experts * layers_per_stage / bandwidth_ratio


@equation
def min_layers_per_stage(active_experts: Positive, bandwidth_ratio: Positive = 8) -> Number:
    """Fewest layers of a pipeline stage with which the hop between racks is not the bottleneck.

    Returns
    -------
    array_like
        Layers per stage [layers].

    Notes
    -----
    ceil(beta / (2 k)). Source: reading of Pope, lecture of 2026-04-29, equation 3.2.

    Examples
    --------
    >>> min_layers_per_stage(2)
    2.0
    """
    return np.ceil(bandwidth_ratio / (2 * active_experts))


@equation
def stage_transfer_time(
    tokens: Positive, hidden: Positive, bytes: Positive, link_bandwidth: Positive, latency: NotNegative = 0
) -> Number:
    """Time to hand the hidden states of a step to the next pipeline stage.

    Parameters
    ----------
    latency : array_like, optional
        Fixed time of the hop [s].

    Returns
    -------
    array_like
        Time of the hop [s].

    Notes
    -----
    T d b / BW_link + latency. Source: Pope, lecture of 2026-04-29, chapter 3.

    Examples
    --------
    >>> stage_transfer_time(2400, 7168, 2, 50e9)
    0.000688128
    """
    return tokens * hidden * bytes / link_bandwidth + latency


@equation
def tensor_parallel_time(
    tokens: Positive,
    hidden: Positive,
    bytes: Positive,
    layers: Positive,
    chips: AtLeastOne,
    link_bandwidth: Positive,
    latency: NotNegative = 0,
) -> Number:
    """Time of the two all-reduces of each layer that tensor parallelism takes.

    Parameters
    ----------
    chips : array_like
        Chips that share each matrix [chips].
    latency : array_like, optional
        Fixed time of one collective operation [s].

    Returns
    -------
    array_like
        Time of communication in the step [s].

    Notes
    -----
    2 layers (2 (n - 1)/n T d b / BW_link + latency). Source: ring all-reduce; Shoeybi et al., Megatron-LM, 2019.

    Examples
    --------
    Llama-3.1-70B, 64 tokens on 8 H100:

    >>> tensor_parallel_time(64, 8192, 2, 80, 8, 450e9)
    0.00065244...
    """
    return 2 * layers * (2 * (chips - 1) / chips * tokens * hidden * bytes / link_bandwidth + latency)


@equation
def data_parallel_time(params: Positive, bytes: Positive, replicas: AtLeastOne, link_bandwidth: Positive) -> Number:
    """Time to sum the gradients of a training step over the replicas.

    Parameters
    ----------
    params : array_like
        Parameters whose gradients are summed on one chip [parameters].
    replicas : array_like
        Replicas of the model [replicas].

    Returns
    -------
    array_like
        Time of the all-reduce [s].

    Notes
    -----
    2 (n - 1)/n N b / BW_link. Source: ring all-reduce.

    Examples
    --------
    >>> data_parallel_time(8e9, 2, 16, 50e9)
    0.6
    """
    return 2 * (replicas - 1) / replicas * params * bytes / link_bandwidth
