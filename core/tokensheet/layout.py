"""How a model is laid out on chips: how many there are, what they share, and the network between them."""

from __future__ import annotations

import numpy as np

from tokensheet.equation import AtLeastOne, Fraction, NotNegative, Number, Positive, equation

__all__ = [
    "attention_groups",
    "beyond_domain",
    "cache_chips",
    "chips_of_each",
    "chosen_chips",
    "deployable_chips",
    "micro_batch",
    "network_bandwidth",
    "pipeline_stages",
    "routed_tokens",
    "tokens_per_group",
]


@equation
def deployable_chips(min_chips: AtLeastOne, node: AtLeastOne = 8) -> Number:
    """Chips that one deploys where so many are needed: 1, 2 or 4 of a node, beyond that whole nodes.

    Parameters
    ----------
    min_chips : array_like
        Fewest chips that hold the model, MIN_CHIPS [chips].

    Returns
    -------
    array_like
        Chips to deploy [chips].

    Notes
    -----
    1, 2 or 4, beyond them node ceil(n / node): attention heads and experts divide by powers of two, and clouds rent
    whole servers. Source: the layouts of the published measurements, docs/accuracy.md.

    Examples
    --------
    >>> deployable_chips([1, 3, 5, 9])
    array([ 1.,  4.,  8., 16.])
    """
    few = np.where(min_chips > 2, 4, np.ceil(min_chips))
    return np.where(min_chips > 4, node * np.ceil(min_chips / node), few)


@equation
def chosen_chips(own_chips: NotNegative, deployable_chips: AtLeastOne) -> Number:
    """Chips that hold the model together: as many as you say, or the fewest that one deploys.

    Parameters
    ----------
    deployable_chips : array_like
        The fewest that one deploys, DEPLOYABLE_CHIPS [chips].

    Returns
    -------
    array_like
        Chips [chips].

    Notes
    -----
    own if own > 0, else deployable. Source: the definition.

    Examples
    --------
    >>> chosen_chips([0, 16], 8)
    array([ 8., 16.])
    """
    return np.where(own_chips > 0, own_chips, deployable_chips)


@equation
def pipeline_stages(
    chips: Positive,
    total_experts: AtLeastOne = 1,
    most_tensor_parallel: AtLeastOne = 8,
    own_stages: NotNegative = 0,
) -> Number:
    """Pipeline stages that a model is cut into: as many as you say, or one for each node of a dense model.

    Returns
    -------
    array_like
        Stages, each of which holds its part of the layers [stages].

    Notes
    -----
    min(own, n) if own > 0, else ceil(n / most) for a dense model and 1 for experts, which spread over nodes
    themselves. Source: what vLLM, SGLang and TensorRT-LLM recommend beyond a node.

    Examples
    --------
    Sixteen chips, for a dense model and for 256 experts:

    >>> pipeline_stages(16, [1, 256])
    array([2., 1.])
    """
    return np.where(
        own_stages > 0,
        np.minimum(own_stages, chips),
        np.where(total_experts > 1, 1, np.ceil(chips / most_tensor_parallel)),
    )


@equation
def chips_of_each(chips: Positive, parts: Positive) -> Number:
    """Chips of each part of a layout: of a pipeline stage, or of a group that shares the work of each head.

    Parameters
    ----------
    chips : array_like
        Chips that the parts have together [chips].
    parts : array_like
        Stages, or groups [parts].

    Returns
    -------
    array_like
        Chips of one of them [chips].

    Notes
    -----
    n / parts. Source: the definition.

    Examples
    --------
    >>> chips_of_each(32, 4)
    8.0
    """
    return chips / parts


@equation
def attention_groups(
    chips: Positive, most_tensor_parallel: AtLeastOne = 8, own_tensor_parallel: NotNegative = 0
) -> Number:
    """Groups of chips that the sequences are dealt out to: one with tensor parallelism, or as many as there are chips.

    Parameters
    ----------
    chips : array_like
        Chips of a pipeline stage [chips].

    Returns
    -------
    array_like
        Groups, each of which attends to its own sequences: the degree of data parallelism [groups].

    Notes
    -----
    n / own if own > 0, else n if n > most, else 1: within a node chips share each head's work, beyond it each has
    sequences of its own. Source: the layouts of the published measurements, docs/accuracy.md.

    Examples
    --------
    >>> attention_groups([8, 32])
    array([ 1., 32.])
    """
    return np.where(
        own_tensor_parallel > 0,
        np.maximum(1, chips / np.maximum(own_tensor_parallel, 1)),
        np.where(chips > most_tensor_parallel, chips, 1),
    )


@equation
def cache_chips(groups: Positive, tensor_parallel: Positive, kv_heads: AtLeastOne) -> Number:
    """Chips over which the KV cache is spread; within a group no more than there are heads.

    Returns
    -------
    array_like
        Chips that read different parts of the cache at the same time [chips].

    Notes
    -----
    groups min(tp, h_kv): more chips of a group than heads hold copies, and with MLA all heads share one cache. Source:
    the shapes of the published models.

    Examples
    --------
    One node of 8 with 8 heads, with MLA, and 32 chips whose attention is split by sequences:

    >>> cache_chips([1, 1, 32], [8, 8, 1], [8, 1, 1])
    array([ 8.,  1., 32.])
    """
    return groups * np.minimum(tensor_parallel, kv_heads)


@equation
def micro_batch(batch: Positive, stages: AtLeastOne) -> Number:
    """Sequences that a pipeline stage works on at a time: the batch goes round in as many parts as there are stages.

    Returns
    -------
    array_like
        Sequences, at least one [sequences].

    Notes
    -----
    max(1, B / stages). Source: Pope, lecture of 2026-04-29, chapter 3: micro-batches fill the stages.

    Examples
    --------
    >>> micro_batch([1, 64], 4)
    array([ 1., 16.])
    """
    return np.maximum(1, batch / stages)


@equation
def tokens_per_group(tokens: NotNegative, groups: Positive) -> Number:
    """Tokens of a step that a group of chips exchanges among its members.

    Returns
    -------
    array_like
        Tokens [tokens].

    Notes
    -----
    T / groups. Source: the definition of data-parallel attention.

    Examples
    --------
    >>> tokens_per_group(64, 32)
    2.0
    """
    return tokens / groups


@equation
def beyond_domain(chips: Positive, domain: AtLeastOne) -> Number:
    """Share of what chips exchange, each with all others, that leaves the scale-up domain of the one that sends it.

    Parameters
    ----------
    chips : array_like
        Chips that exchange [chips].

    Returns
    -------
    array_like
        Share [fraction].

    Notes
    -----
    (n - m) / (n - 1), m = min(n, domain): of the n - 1 others m - 1 are in the same domain. Source: counting.

    Examples
    --------
    Eight H100 on one server, and thirty-two on four:

    >>> beyond_domain([8, 32], 8).round(3)
    array([0.   , 0.774])
    """
    near = np.maximum(1, np.minimum(chips, domain))
    return np.maximum(0, chips - near) / np.maximum(1, chips - 1)


@equation
def network_bandwidth(beyond: Fraction, link_bandwidth: Positive, scale_out_bandwidth: Positive) -> Number:
    """Bandwidth at which chips exchange, each with all others: that of the slower of the two networks they need.

    Parameters
    ----------
    beyond : array_like
        Share of the exchange that leaves the scale-up domain, BEYOND_DOMAIN [fraction].

    Returns
    -------
    array_like
        Bandwidth of a chip in one direction [bytes/s].

    Notes
    -----
    1 / max((1 - b) / BW_link, b / BW_out): so much stays in the domain and so much leaves it, over both networks at
    once. Source: Pope, lecture of 2026-04-29, equation 2.4.

    Examples
    --------
    Eight H100 by NVLink, and thirty-two on four servers, where most of it goes over the network cards:

    >>> network_bandwidth(beyond_domain([8, 32], 8), 450e9, 50e9).round(-8)
    array([4.50e+11, 6.46e+10])
    """
    return 1 / np.maximum((1 - beyond) / link_bandwidth, beyond / scale_out_bandwidth)


@equation
def routed_tokens(tokens: NotNegative, groups: Positive) -> Number:
    """Tokens of a step that travel to the chips of their experts: all, where each group of chips has its own sequences.

    Returns
    -------
    array_like
        Tokens [tokens].

    Notes
    -----
    T if there are several groups, else 0: within one group every chip has every token, and adding up the parts is the
    all-reduce of tensor parallelism. Source: the layouts of the published measurements, docs/accuracy.md.

    Examples
    --------
    >>> routed_tokens(64, [1, 8])
    array([ 0., 64.])
    """
    return np.where(groups > 1, tokens, 0)
