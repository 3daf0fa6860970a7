"""Estimates rather than bounds (chapter 8): the roofline with what real engines reach of it, fitted to measurements.

The constants and their intervals stand in `data/calibration.csv`, which `validation/fit.py` writes.
"""

from __future__ import annotations

import csv
import functools
from typing import Any

import numpy as np

from tokensheet.data import BANDS, CALIBRATION, SEEN
from tokensheet.equation import AtLeastOne, NotNegative, Positive, Utilization, equation
from tokensheet.experts import expert_coverage, expert_params, weights_read
from tokensheet.parallel import tensor_parallel_time
from tokensheet.roofline import compute_time, kv_time, memory_time

__all__ = [
    "calibrated_step_time",
    "carried_tokens",
    "estimate_high",
    "estimate_low",
    "exchange_time",
    "layer_overhead",
]


def constants() -> dict[str, float]:
    with CALIBRATION.open(encoding="utf-8") as file:
        return {row["name"]: float(row["value"]) for row in csv.DictReader(file)}


def bands() -> dict[str, list[float]]:
    """The ends of the 80 % band, as factors, by how much of chip and model the fit has not seen: 0, 1 or 2."""
    with BANDS.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {end: [float(row[end]) for row in rows] for end in ("low", "high")}


FITTED = constants()
# Share of the FLOP/s at which prompts show up in decode steps, counted in full: none was fitted to prefill itself
PREFILL_MFU = min(1, FITTED["mfu"] / FITTED["prefill_share"])
LOW, HIGH = bands().values()


@equation
def carried_tokens(
    batch: Positive,
    input_tokens: NotNegative,
    output_tokens: Positive,
    prefill_share: NotNegative = FITTED["prefill_share"],
) -> Any:
    """Tokens of other users' prompts that each decode step carries where prefill and decode share the chips.

    Parameters
    ----------
    batch : array_like
        Sequences that decode together [sequences].
    input_tokens : array_like
        Length of a prompt [tokens].
    output_tokens : array_like
        Length of an answer [tokens].
    prefill_share : array_like, optional
        Share of the prompts' work that delays decoding; 0 if prefill has chips of its own [fraction].

    Returns
    -------
    array_like
        Tokens of prefill in a step [tokens].

    Notes
    -----
    phi (B - 1) I / O: while a user gets O tokens, each of the others brings one prompt. Source: fitted to published
    measurements, docs/accuracy.md.

    Examples
    --------
    All of the prefill, 64 users with prompts as long as their answers:

    >>> carried_tokens(64, 1024, 1024, 1)
    63.0
    """
    return prefill_share * np.maximum(0, batch - 1) * input_tokens / output_tokens


@equation
def exchange_time(
    tokens: Positive,
    hidden: Positive,
    layers: Positive,
    chips: AtLeastOne,
    link_bandwidth: Positive,
    bytes: Positive = 2,
    link_efficiency: Utilization = FITTED["link_efficiency"],
    collective_latency: NotNegative = FITTED["collective_latency"],
) -> Any:
    """Time that the chips of one copy of a model take to exchange their results in a step; 0 for one chip.

    Parameters
    ----------
    tokens : array_like
        Tokens in the step, carried ones included; with attention split by sequences, those of one chip [tokens].
    hidden : array_like
        Width of the model's hidden state [values].
    layers : array_like
        Layers of the model [layers].
    chips : array_like
        Chips that hold the model together [chips].
    link_bandwidth : array_like
        Bandwidth of a chip's links in one direction [bytes/s].
    bytes : array_like, optional
        Bytes per value that is exchanged [bytes].
    link_efficiency : array_like, optional
        Share of that bandwidth that a collective operation reaches [fraction].
    collective_latency : array_like, optional
        Fixed time of a collective operation for each doubling of the chips [s].

    Returns
    -------
    array_like
        Time of communication in the step [s].

    Notes
    -----
    TENSOR_PARALLEL_TIME at eta BW_link, with a latency of tau log2(n) for each operation. Source: fitted to published
    measurements, docs/accuracy.md.

    Examples
    --------
    Llama-3.1-70B, 64 tokens on 8 H100, at the links' full bandwidth and without latency:

    >>> exchange_time(64, 8192, 80, 8, 450e9, 2, 1, 0)
    0.00065244...
    """
    latency = collective_latency * np.log2(chips)
    return tensor_parallel_time(tokens, hidden, bytes, layers, chips, link_efficiency * link_bandwidth, latency)


@equation
def layer_overhead(
    layers: NotNegative,
    moe_layers: NotNegative = 0,
    layer_latency: NotNegative = FITTED["layer_latency"],
    moe_latency: NotNegative = FITTED["moe_latency"],
) -> Any:
    """Time that a step spends in its layers however little there is to compute and to read.

    Parameters
    ----------
    layers : array_like
        Layers of the model [layers].
    moe_layers : array_like, optional
        Those of them with a mixture of experts [layers].
    layer_latency : array_like, optional
        Fixed time of a layer: starting its kernels and waiting for each other [s].
    moe_latency : array_like, optional
        What routing to experts adds to a layer [s].

    Returns
    -------
    array_like
        Fixed time of the step [s].

    Notes
    -----
    layers tau + moe_layers tau_moe. Source: fitted to published measurements, docs/accuracy.md.

    Examples
    --------
    80 layers of 25 microseconds:

    >>> layer_overhead(80, 0, 25e-6)
    0.002
    """
    return layers * layer_latency + moe_layers * moe_latency


@equation
def calibrated_step_time(
    compute: NotNegative,
    weights: NotNegative,
    kv: NotNegative,
    prefill: NotNegative = 0,
    exchange: NotNegative = 0,
    overhead: NotNegative = 0,
    bandwidth_efficiency: Utilization = FITTED["bandwidth_efficiency"],
    mfu: Utilization = FITTED["mfu"],
) -> Any:
    """Time of a decode step as served in practice: an estimate, not a bound; ESTIMATE_LOW and _HIGH say how sure.

    Parameters
    ----------
    compute : array_like
        Compute time of the step at peak, COMPUTE_TIME [s].
    weights : array_like
        Time to read the weights at peak, MEMORY_TIME of WEIGHTS_READ [s].
    kv : array_like
        Time to read the KV cache at peak, KV_TIME [s].
    prefill : array_like, optional
        Compute time at peak of the prompts that the step carries, COMPUTE_TIME of CARRIED_TOKENS [s].
    exchange : array_like, optional
        Time of communication, EXCHANGE_TIME [s].
    overhead : array_like, optional
        Fixed time of the layers, LAYER_OVERHEAD [s].
    bandwidth_efficiency : array_like, optional
        Share of the memory bandwidth that is reached; your own measurement if you have one [fraction].
    mfu : array_like, optional
        Share of the FLOP/s that is reached; your own measurement if you have one [fraction].

    Returns
    -------
    array_like
        Time of the step: the time per output token of each user (TPOT) [s].

    Notes
    -----
    max(compute / mfu, weights / eta) + kv / eta + prefill / mfu + exchange + overhead. Source: fitted to published
    measurements, docs/accuracy.md.

    Examples
    --------
    What engines are known to reach at best, 80 % of the bandwidth and half of the FLOP/s:

    >>> calibrated_step_time(0.001, 0.004, 0.002, 0.001, 0.0005, 0.002, 0.8, 0.5)
    0.012
    """
    return (
        np.maximum(compute / mfu, weights / bandwidth_efficiency)
        + kv / bandwidth_efficiency
        + prefill / mfu
        + exchange
        + overhead
    )


@equation
def estimate_low(estimate: NotNegative, unseen: NotNegative = 1) -> Any:
    """Lower end of an estimate's 80 % band: one measurement in ten is still faster or cheaper.

    Parameters
    ----------
    estimate : array_like
        Time or cost from CALIBRATED_STEP_TIME [any unit].
    unseen : array_like, optional
        How much the fit has not seen: 0 if it knew chip and model, 1 if only one of them, 2 if neither [0, 1 or 2].

    Returns
    -------
    array_like
        Low end, in the unit of the estimate [any unit].

    Notes
    -----
    The tenth percentile of measured over estimated among the measurements left out of the fit. Source:
    docs/accuracy.md.

    Examples
    --------
    >>> estimate_low(0, 1)
    0.0
    """
    return estimate * np.where(unseen <= 0, LOW[0], np.where(unseen <= 1, LOW[1], LOW[2]))


@equation
def estimate_high(estimate: NotNegative, unseen: NotNegative = 1) -> Any:
    """Upper end of an estimate's 80 % band: one measurement in ten is still slower or dearer.

    Parameters
    ----------
    estimate : array_like
        Time or cost from CALIBRATED_STEP_TIME [any unit].
    unseen : array_like, optional
        How much the fit has not seen: 0 if it knew chip and model, 1 if only one of them, 2 if neither [0, 1 or 2].

    Returns
    -------
    array_like
        High end, in the unit of the estimate [any unit].

    Notes
    -----
    The ninetieth percentile of measured over estimated among the measurements left out of the fit. Source:
    docs/accuracy.md.

    Examples
    --------
    >>> estimate_high(0, 1)
    0.0
    """
    return estimate * np.where(unseen <= 0, HIGH[0], np.where(unseen <= 1, HIGH[1], HIGH[2]))


@functools.cache
def seen() -> dict[str, set[str]]:
    """The chips and models that the calibration was fitted to."""
    found: dict[str, set[str]] = {"chip": set(), "model": set()}
    with SEEN.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found[row["kind"]].add(row["name"])
    return found


def unseen(chip: str, model: str) -> int:
    """How much of the two the fit has not seen."""
    known = seen()
    return (chip not in known["chip"]) + (model not in known["model"])


PCIE = 64e9  # bytes/s in one direction, PCIe 5.0 x16: where the catalogue knows no link
MOST_IN_TENSOR_PARALLEL = 8  # chips; a larger group splits attention by sequences and spreads the experts


def sequence_groups(chips: Any, split_by_sequence: Any = False) -> Any:
    """Into how many groups of chips the sequences' attention is split: 1, or as many as there are chips."""
    return np.where(np.logical_or(chips > MOST_IN_TENSOR_PARALLEL, split_by_sequence), chips, 1)


def estimated_step(
    *,
    batch: Any,
    carried: Any,
    chips: Any,
    groups: Any,
    flops: Any,
    bandwidth: Any,
    link_bandwidth: Any,
    bytes: Any,
    total_params: Any,
    active_params: Any,
    experts: Any,
    active_experts: Any,
    kv_sequence: Any,
    kv_heads: Any,
    layers: Any,
    moe_layers: Any,
    hidden: Any,
    fitted: dict[str, float] = FITTED,
) -> tuple[Any, Any]:
    """The equations above for a model on `chips` chips: the ideal time of a step and the calibrated one.

    Rates are those of one chip. With tensor parallelism each chip holds the cache of whole key-value heads, so more
    chips than heads hold copies; with attention split by sequences each holds its own.
    """
    every = np.maximum(experts, 1), np.maximum(active_experts, 1)
    routed = expert_params(total_params, active_params, every[1], every[0])
    read = weights_read(np.maximum(total_params - routed, 0), routed, expert_coverage(batch, every[1], every[0]), bytes)
    weights = memory_time(read, 1, chips * bandwidth)
    compute = compute_time(batch, active_params, chips * flops)
    cached = np.where(groups > 1, chips, np.minimum(chips, kv_heads))
    ideal = np.maximum(compute, weights + kv_time(batch, 1, kv_sequence, chips * bandwidth))
    step = calibrated_step_time(
        compute,
        weights,
        kv_time(batch, 1, kv_sequence, cached * bandwidth),
        compute_time(np.maximum(carried, 1e-9), active_params, chips * flops),
        exchange_time(
            (batch + carried) / groups,
            hidden,
            layers,
            chips,
            link_bandwidth,
            2,
            fitted["link_efficiency"],
            fitted["collective_latency"],
        ),
        layer_overhead(layers, moe_layers, fitted["layer_latency"], fitted["moe_latency"]),
        fitted["bandwidth_efficiency"],
        fitted["mfu"],
    )
    return ideal, step
