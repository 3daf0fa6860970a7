"""Mixture of experts across chips and racks (chapter 2 of the lecture)."""

from __future__ import annotations

import numpy as np

from tokensheet.equation import AtLeastOne, NotNegative, Number, Positive, Utilization, equation

__all__ = [
    "all_to_all_time",
    "cross_rack_penalty",
    "cross_rack_share",
    "dense_params",
    "dispatch_time",
    "expert_coverage",
    "expert_params",
    "experts_per_chip",
    "load_imbalance",
    "moe_sparsity",
    "remote_chips",
    "scale_out_penalty",
    "weights_held",
    "weights_read",
]


@equation
def moe_sparsity(total_params: Positive, active_params: Positive) -> Number:
    """How many times more parameters a model has than a token passes through; 1 for a dense model.

    Returns
    -------
    array_like
        Total over active parameters [ratio].

    Notes
    -----
    N_total / N_active; by parameters, not by experts. Source: Pope, lecture of 2026-04-29, equation 1.8.

    Examples
    --------
    DeepSeek-V3:

    >>> round(moe_sparsity(671e9, 37e9), 2)
    18.14
    """
    return total_params / active_params


@equation
def expert_coverage(batch: Positive, active_experts: AtLeastOne, total_experts: AtLeastOne) -> Number:
    """Share of a layer's experts that at least one token of the batch is sent to, and whose weights the step reads.

    Returns
    -------
    array_like
        Share of the experts [fraction].

    Notes
    -----
    1 - (1 - k/E)^B, for tokens spread evenly and independently. Source: occupancy of independent draws.

    Examples
    --------
    64 tokens, 8 of 256 experts:

    >>> expert_coverage(64, 8, 256)
    0.868915967521525
    """
    share = active_experts / total_experts
    # beyond e^-100 the power changes no digit, and LibreOffice takes its underflow for an error
    return np.where(batch * share > 100, 1, 1 - np.maximum(0, 1 - share) ** batch)


@equation
def expert_params(
    total_params: Positive, active_params: Positive, active_experts: AtLeastOne, total_experts: AtLeastOne
) -> Number:
    """Parameters of all routed experts, from what is published of a model; 0 for a dense model.

    Returns
    -------
    array_like
        Parameters of the experts [parameters].

    Notes
    -----
    (N_total - N_active) / (1 - k/E): the idle experts are the difference of the two counts, 1 - k/E of all of them.
    An input embedding that the active count leaves out counts as expert. Source: the definitions of the two counts.

    Examples
    --------
    DeepSeek-V3, 8 of 256 experts:

    >>> expert_params(671e9, 37e9, 8, 256)
    654451612903.2258
    """
    idle = np.maximum(0, 1 - active_experts / total_experts)
    return np.where(idle > 0, np.maximum(0, total_params - active_params) / np.maximum(idle, 1e-12), 0)


@equation
def weights_read(
    dense_params: NotNegative,
    expert_params: NotNegative,
    coverage: Utilization,
    bytes: Positive,
    dense_bytes: NotNegative = 0,
) -> Number:
    """Bytes of weights that a step of a mixture of experts reads: more than the active, less than the total.

    Parameters
    ----------
    dense_params : array_like
        Parameters that every token passes through [parameters].
    expert_params : array_like
        Parameters of all routed experts [parameters].
    coverage : array_like
        Share of the experts that the step reads, EXPERT_COVERAGE; 1 for all that there is [fraction].
    bytes : array_like
        Bytes of a parameter of the experts, its part of the scales included [bytes].

    Returns
    -------
    array_like
        Bytes that are read from memory [bytes].

    Notes
    -----
    b_dense N_dense + b N_experts coverage. Source: occupancy of independent draws; the published checkpoints.

    Examples
    --------
    DeepSeek-V3 in fp8, one token and 64, and Kimi-K2 as it is published, experts in int4 and the rest in bf16:

    >>> weights_read(16.6e9, 654.4e9, [0.03125, 0.869], 1)
    array([3.705000e+10, 5.852736e+11])
    >>> weights_read(11.65e9, 1014.7e9, 1, 0.5625, 2) / 1e9
    594.06875
    """
    return np.where(dense_bytes > 0, dense_bytes, bytes) * dense_params + bytes * expert_params * coverage


@equation
def weights_held(
    dense_params: NotNegative,
    expert_params: NotNegative,
    bytes: Positive,
    dense_bytes: NotNegative = 0,
    embedding_params: NotNegative = 0,
) -> Number:
    """Bytes of all weights of a model, whose experts may be in a narrower format than the rest.

    Parameters
    ----------
    dense_params : array_like
        Parameters that every token passes through [parameters].
    expert_params : array_like
        Parameters of all routed experts, EXPERT_PARAMS, and with them the input embedding [parameters].
    bytes : array_like
        Bytes of a parameter of the experts, its part of the scales included [bytes].

    Returns
    -------
    array_like
        Bytes of the weights [bytes].

    Notes
    -----
    b_dense (N_dense + N_embedding) + b (N_experts - N_embedding). Source: the published checkpoints.

    Examples
    --------
    gpt-oss-120b, 4 bits and a scale for 32 of them, attention and embeddings in bf16, in GB:

    >>> round(weights_held(1.53e9, 115.26e9, 0.53125, 2, 0.579e9) / 1e9, 1)
    65.1
    """
    other = np.where(dense_bytes > 0, dense_bytes, bytes)
    return other * (dense_params + embedding_params) + bytes * np.maximum(0, expert_params - embedding_params)


@equation
def all_to_all_time(
    tokens: NotNegative,
    active_experts: AtLeastOne,
    hidden: Positive,
    layers: NotNegative,
    chips: AtLeastOne,
    link_bandwidth: Positive,
    round_trip_bytes: Positive = 3,
    latency: NotNegative = 0,
) -> Number:
    """Time to send each token to its experts and back, in all layers.

    Parameters
    ----------
    layers : array_like
        Layers with experts [layers].
    latency : array_like, optional
        Fixed time of dispatch and combine of one layer [s].

    Returns
    -------
    array_like
        Time of all-to-all communication [s].

    Notes
    -----
    T / n r d b layers / BW_link + layers latency, r = REMOTE_CHIPS: a token travels once to a chip that holds several
    of its experts, and not at all to its own. Source: Pope, lecture of 2026-04-29, equation 2.5, which has k for r and
    twice the same bytes.

    Examples
    --------
    >>> all_to_all_time(2400, 8, 7168, 58, 64, 900e9)
    0.000387...
    """
    travels = dispatch_time(
        tokens, remote_chips(active_experts, chips), hidden, layers, chips, link_bandwidth, round_trip_bytes
    )
    return travels + layers * latency


@equation
def dispatch_time(
    tokens: NotNegative,
    remote: NotNegative,
    hidden: Positive,
    layers: NotNegative,
    chips: AtLeastOne,
    link_bandwidth: Positive,
    round_trip_bytes: Positive = 3,
) -> Number:
    """Time to send each token to the other chips that have experts of it and back, in all layers.

    Parameters
    ----------
    remote : array_like
        Chips that a token is sent to, REMOTE_CHIPS [chips].
    layers : array_like
        Layers with experts [layers].

    Returns
    -------
    array_like
        Time on the network [s].

    Notes
    -----
    T / n r d b layers / BW_link. Source: Pope, lecture of 2026-04-29, equation 2.5.

    Examples
    --------
    >>> dispatch_time(2400, remote_chips(8, 64), 7168, 58, 64, 900e9)
    0.000387...
    """
    return tokens / chips * remote * hidden * round_trip_bytes * layers / link_bandwidth


@equation
def remote_chips(active_experts: AtLeastOne, chips: AtLeastOne) -> Number:
    """Other chips that a token's experts are on, where the experts are spread evenly.

    Returns
    -------
    array_like
        Chips [chips].

    Notes
    -----
    (n - 1) (1 - (1 - 1/n)^k): of n chips each holds one of the k experts with that probability, and the token is on one
    of them already. Source: counting.

    Examples
    --------
    Eight experts on 8 chips and on 64:

    >>> remote_chips(8, [8, 64]).round(3)
    array([4.595, 7.458])
    """
    return (chips - 1) * expert_coverage(active_experts, 1, chips)


@equation
def experts_per_chip(total_experts: Positive, chips: Positive) -> Number:
    """Experts of a layer that one chip holds.

    Parameters
    ----------
    chips : array_like
        Chips that hold the layer [chips].

    Returns
    -------
    array_like
        Experts per chip [experts].

    Notes
    -----
    E / n. Source: Pope, lecture of 2026-04-29, equation 2.1.

    Examples
    --------
    >>> experts_per_chip(256, 64)
    4.0
    """
    return total_experts / chips


@equation
def cross_rack_share(racks: AtLeastOne) -> Number:
    """Share of the tokens that leave their rack when a layer's experts are spread over several.

    Returns
    -------
    array_like
        Share of the tokens [fraction].

    Notes
    -----
    (R - 1) / R. Source: Pope, lecture of 2026-04-29, equation 2.3.

    Examples
    --------
    >>> cross_rack_share(2)
    0.5
    """
    return (racks - 1) / racks


@equation
def cross_rack_penalty(racks: AtLeastOne, bandwidth_ratio: Positive = 8) -> Number:
    """How many times longer all-to-all takes when a layer spans several racks than on one.

    Returns
    -------
    array_like
        Time over the time on one rack [ratio].

    Notes
    -----
    max(1 / R, beta (R - 1) / R), both networks at once. Source: reading of Pope, lecture of 2026-04-29, equation
    2.4.

    Examples
    --------
    >>> cross_rack_penalty(2)
    4.0
    """
    return np.maximum(1 / racks, bandwidth_ratio * (racks - 1) / racks)


@equation
def scale_out_penalty(scale_up_bandwidth: Positive, scale_out_bandwidth: Positive) -> Number:
    """How many times slower a chip talks to other racks than within its own.

    Parameters
    ----------
    scale_up_bandwidth : array_like
        Bandwidth of a chip within its scale-up domain [bytes/s].
    scale_out_bandwidth : array_like
        Bandwidth of a chip to other domains [bytes/s].

    Returns
    -------
    array_like
        Ratio of the two bandwidths [ratio].

    Notes
    -----
    BW_up / BW_out. Source: Pope, lecture of 2026-04-29, equation 2.2.

    Examples
    --------
    >>> scale_out_penalty(400e9, 50e9)
    8.0
    """
    return scale_up_bandwidth / scale_out_bandwidth


@equation
def load_imbalance(busiest: Positive, mean: Positive) -> Number:
    """Factor by which uneven routing lengthens a step, which waits for the busiest.

    Parameters
    ----------
    busiest : array_like
        Tokens that the busiest expert or chip gets [tokens].
    mean : array_like
        Tokens that an expert or chip gets on average [tokens].

    Returns
    -------
    array_like
        Factor on the time of the experts [ratio].

    Notes
    -----
    max / mean. Source: the definition of load imbalance.

    Examples
    --------
    >>> load_imbalance(120, 80)
    1.5
    """
    return busiest / mean


@equation
def dense_params(total_params: Positive, expert_params: NotNegative) -> Number:
    """Parameters that every token passes through: attention, embeddings, shared experts.

    Parameters
    ----------
    expert_params : array_like
        Parameters of routed experts, EXPERT_PARAMS [parameters].

    Returns
    -------
    array_like
        Parameters [parameters].

    Notes
    -----
    max(0, N_tot - N_experts). Source: the definition.

    Examples
    --------
    >>> dense_params(671e9, 654e9)
    17000000000.0
    """
    return np.maximum(0, total_params - expert_params)
