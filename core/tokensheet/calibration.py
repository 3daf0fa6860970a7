"""Estimates rather than bounds: the roofline with what real engines reach of it, fitted to measurements.

The constants and their intervals stand in `data/calibration.csv`, which `validation/fit.py` writes.
"""

from __future__ import annotations

import csv
import functools
from typing import Any

import numpy as np

from tokensheet.data import BANDS, CALIBRATION, SEEN, SOFTWARE
from tokensheet.equation import AtLeastOne, NotNegative, Number, Positive, Utilization, equation

__all__ = [
    "band_end",
    "calibrated_prefill_time",
    "calibrated_step_time",
    "exchanged_time",
    "layer_overhead",
    "moving_time",
    "practical_flops",
    "prefill_work",
    "reading_efficiency",
    "spread_weights_time",
    "time_at_efficiency",
]


def calibration() -> list[dict[str, str]]:
    """The constants: name, value, ends of the interval, unit and meaning."""
    with CALIBRATION.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def constants() -> dict[str, float]:
    return {row["name"]: float(row["value"]) for row in calibration()}


def bands() -> list[dict[str, str]]:
    """The 80 % bands as factors on the estimate: a row for each vendor, and each number of chip and model not seen."""
    with BANDS.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@functools.cache
def slowdowns() -> dict[str, float]:
    """How much longer a vendor's software takes than NVIDIA's, by vendor; of the others nothing is known: 1."""
    with SOFTWARE.open(encoding="utf-8") as file:
        return {row["vendor"]: float(row["slowdown"]) for row in csv.DictReader(file)}


FITTED = constants()
BAND_ROWS = bands()
BAND_ENDS = ("low_factor", "high_factor", "low_ttft_factor", "high_ttft_factor")


@equation
def practical_flops(flops: Positive, bf16_flops: Positive) -> Number:
    """FLOP/s that a narrower format is worth in a whole model: half-way, in doublings, between bf16 and its own peak.

    Parameters
    ----------
    flops : array_like
        Dense FLOP/s at the precision used [FLOP/s].
    bf16_flops : array_like
        Dense FLOP/s in bf16 of the same chips [FLOP/s].

    Returns
    -------
    array_like
        Practical FLOP/s [FLOP/s].

    Notes
    -----
    sqrt(F F_bf16): softmax, norms, routing and the conversions themselves get no faster with a narrower format. Source:
    the exponent of 1/2 is set, not fitted; with 1 the error on rows that the fit has not seen is larger,
    docs/accuracy.md.

    Examples
    --------
    >>> practical_flops(4e15, 1e15)
    2000000000000000.0
    """
    return np.sqrt(flops * bf16_flops)


@equation
def reading_efficiency(
    bytes: Positive,
    flops: Positive,
    bf16_flops: Positive,
    bandwidth_efficiency: Utilization = FITTED["bandwidth_efficiency"],
    unpacking_efficiency: Utilization = FITTED["unpacking_efficiency"],
) -> Number:
    """Share of the memory bandwidth at which weights are read: less where the chip has to unpack them first.

    Parameters
    ----------
    flops : array_like
        Dense FLOP/s at the precision used; those of bf16 where the chip lacks the format [FLOP/s].

    Returns
    -------
    array_like
        Share of the bandwidth [fraction].

    Notes
    -----
    eta, times eta_unpack for weights of less than two bytes that the chip computes in bf16. Source: fitted to published
    measurements, docs/accuracy.md.

    Examples
    --------
    Four bits on a chip with that format and on one without:

    >>> reading_efficiency(0.5625, [9e15, 1e15], [2.25e15, 1e15], 0.8, 0.75).round(3)
    array([0.8, 0.6])
    """
    packed = (bytes < 2) & (flops <= bf16_flops)
    return np.where(packed, unpacking_efficiency, 1) * bandwidth_efficiency


@equation
def spread_weights_time(
    dense: NotNegative,
    experts: NotNegative,
    coverage: Utilization,
    group_bandwidth: Positive,
    stage_bandwidth: Positive,
    dense_efficiency: Utilization,
    efficiency: Utilization,
) -> Number:
    """Time to read the weights as they are spread: each group of chips reads the dense part, all share the experts.

    Parameters
    ----------
    dense : array_like
        Bytes that every token passes through [bytes].
    experts : array_like
        Bytes of all routed experts [bytes].
    coverage : array_like
        Share of them that the step reads, EXPERT_COVERAGE [fraction].
    group_bandwidth : array_like
        Memory bandwidth of the chips that share the work of each head [bytes/s].
    stage_bandwidth : array_like
        Memory bandwidth of the chips of a pipeline stage [bytes/s].
    dense_efficiency : array_like
        Share of it that the dense part is read at, READING_EFFICIENCY [fraction].
    efficiency : array_like
        Share of it that the experts are read at, READING_EFFICIENCY [fraction].

    Returns
    -------
    array_like
        Time [s].

    Notes
    -----
    dense / (BW_group eta_dense) + coverage experts / (BW_stage eta). Source: the layouts of the published measurements,
    docs/accuracy.md.

    Examples
    --------
    32 chips of 3.35 TB/s: 16.6 GB that each of them reads, and half of 200 GB of experts that they share:

    >>> round(spread_weights_time(16.6e9, 200e9, 0.5, 3.35e12, 32 * 3.35e12, 0.8, 0.8), 5)
    0.00736
    """
    return dense / (group_bandwidth * dense_efficiency) + coverage * experts / (stage_bandwidth * efficiency)


@equation
def prefill_work(
    compute: NotNegative,
    attention: NotNegative = 0,
    exchange: NotNegative = 0,
    software: Positive = 1,
    prefill_efficiency: Utilization = FITTED["prefill_efficiency"],
) -> Number:
    """Time that the work of a prompt takes, beside reading the weights and what the layers cost however short it is.

    Parameters
    ----------
    compute : array_like
        Compute time of the prompt's tokens, COMPUTE_TIME at PRACTICAL_FLOPS [s].
    attention : array_like, optional
        Compute time of their attention, PREFILL_ATTENTION_TIME in bf16 [s].

    Returns
    -------
    array_like
        Time of the prompt's work [s].

    Notes
    -----
    s ((compute + attention) / eta_prefill + exchange). Source: fitted to published measurements,
    docs/accuracy.md.

    Examples
    --------
    >>> round(prefill_work(0.1, 0.02, 0.08, 1, 0.8), 9)
    0.23
    """
    return software * ((compute + attention) / prefill_efficiency + exchange)


@equation
def layer_overhead(
    layers: Positive,
    moe_layers: NotNegative = 0,
    active_experts: AtLeastOne = 1,
    chips: AtLeastOne = 1,
    extra_layers: NotNegative = 0,
    software: Positive = 1,
    layer_latency: NotNegative = FITTED["layer_latency"],
    expert_latency: NotNegative = FITTED["expert_latency"],
    collective_latency: NotNegative = FITTED["collective_latency"],
) -> Number:
    """Time that a step spends in its layers however little there is to compute, to read and to send.

    Parameters
    ----------
    moe_layers : array_like, optional
        Those of them with a mixture of experts [layers].

    Returns
    -------
    array_like
        Fixed time of the step [s].

    Notes
    -----
    s ((layers + extra) tau + moe_layers tau_e k + 2 layers tau_c log2(n)): sorting tokens by their k experts, and
    gathering what they return, takes as many times as long as there are experts to send a token to. Source: fitted to
    published measurements, docs/accuracy.md.

    Examples
    --------
    80 layers of 25 microseconds on one chip, and on 8 with 5 microseconds for each doubling:

    >>> layer_overhead(80, 0, 1, [1, 8], 0, 1, 25e-6, 0, 5e-6)
    array([0.002 , 0.0044])
    """
    return software * (
        (layers + extra_layers) * layer_latency
        + moe_layers * expert_latency * active_experts
        + 2 * layers * collective_latency * np.log2(chips)
    )


@equation
def exchanged_time(
    all_reduce: NotNegative,
    all_to_all: NotNegative = 0,
    hop: NotNegative = 0,
    stages: AtLeastOne = 1,
    link_efficiency: Utilization = FITTED["link_efficiency"],
    all_to_all_efficiency: Utilization = FITTED["all_to_all_efficiency"],
) -> Number:
    """Time that chips spend on exchanging, at the share of their networks' bandwidth that is reached.

    Parameters
    ----------
    all_reduce : array_like
        Of the chips that share the work of each head, TENSOR_PARALLEL_TIME [s].
    all_to_all : array_like, optional
        Of tokens and their experts, ALL_TO_ALL_TIME [s].
    hop : array_like, optional
        From a pipeline stage to the next, STAGE_TRANSFER_TIME [s].

    Returns
    -------
    array_like
        Time [s].

    Notes
    -----
    all_reduce / eta_link + all_to_all / eta_all + (stages - 1) hop / eta_link. Source: fitted to published
    measurements, docs/accuracy.md; eta_all as DeepEP's kernels reach it, 726 of 900 GB/s on one node of SM100.

    Examples
    --------
    >>> exchanged_time(0.25, 0.125, 0.125, 2, 0.5, 0.5)
    1.0
    """
    return (all_reduce + (stages - 1) * hop) / link_efficiency + all_to_all / all_to_all_efficiency


@equation
def moving_time(
    compute: NotNegative,
    kv: NotNegative,
    attention: NotNegative = 0,
    exchange: NotNegative = 0,
    software: Positive = 1,
    bandwidth_efficiency: Utilization = FITTED["bandwidth_efficiency"],
    prefill_efficiency: Utilization = FITTED["prefill_efficiency"],
) -> Number:
    """The part of a decode step's time that grows with its batch: computing, reading the cache, exchanging.

    Parameters
    ----------
    compute : array_like
        Compute time of the step, COMPUTE_TIME at PRACTICAL_FLOPS [s].
    kv : array_like
        Time to read the KV cache at the full bandwidth [s].
    attention : array_like, optional
        Compute time of attention in bf16, ATTENTION_TIME [s].

    Returns
    -------
    array_like
        Time [s].

    Notes
    -----
    s (compute + attention / eta_prefill + kv / eta + exchange): a sum, which agrees better than the greater of the
    terms. Source: fitted to published measurements, docs/accuracy.md.

    Examples
    --------
    >>> moving_time(0.25, 0.25, 0.375, 0.5, 1, 0.5, 0.75)
    1.75
    """
    return software * (compute + attention / prefill_efficiency + kv / bandwidth_efficiency + exchange)


@equation
def calibrated_step_time(moving: NotNegative, weights: NotNegative, overhead: NotNegative = 0) -> Number:
    """Time of a decode step as served in practice: an estimate, not a bound; BAND_END says how sure.

    Parameters
    ----------
    moving : array_like
        What grows with the batch, MOVING_TIME [s].
    weights : array_like
        Time to read the weights as they are spread, SPREAD_WEIGHTS_TIME [s].

    Returns
    -------
    array_like
        Time of the step: the time per output token of each user (TPOT) where no prompts come between [s].

    Notes
    -----
    moving + weights + overhead. The slowdown of a vendor's software is in all but the weights. Source: fitted to
    published measurements, docs/accuracy.md.

    Examples
    --------
    >>> calibrated_step_time(0.25, 0.5, 0.125)
    0.875
    """
    return moving + weights + overhead


@equation
def band_end(estimate: NotNegative, factor: Positive, bound: NotNegative = 0) -> Number:
    """An end of an estimate's 80 % band: the estimate times a factor, but never below the bound.

    Parameters
    ----------
    estimate : array_like
        Time as estimated, CALIBRATED_STEP_TIME [s].
    factor : array_like
        Measured over estimated at that end of the band, among measurements left out of the fit [ratio].
    bound : array_like, optional
        The bound, which no measurement can be faster than, ROOFLINE_TIME [s].

    Returns
    -------
    array_like
        Time at that end of the band [s].

    Notes
    -----
    max(bound, t factor). Source: docs/accuracy.md.

    Examples
    --------
    >>> band_end(0.010, 0.8), band_end(0.010, 0.8, 0.009)
    (0.008, 0.009)
    """
    return np.maximum(bound, estimate * factor)


@equation
def calibrated_prefill_time(
    prompt: NotNegative, weights: NotNegative = 0, overhead: NotNegative = 0, chunks: AtLeastOne = 1
) -> Number:
    """Time of the passes over a prompt as served in practice, on chips that do nothing else meanwhile.

    Parameters
    ----------
    prompt : array_like
        Time of the prompt's work, PREFILL_WORK [s].
    weights : array_like
        Time to read the weights that it needs as they are spread, SPREAD_WEIGHTS_TIME [s].
    chunks : array_like, optional
        Passes that the prompt is read in with, PREFILL_CHUNKS [passes].

    Returns
    -------
    array_like
        Time of the passes [s].

    Notes
    -----
    prompt + chunks (weights + overhead). Source: fitted to published measurements, docs/accuracy.md.

    Examples
    --------
    >>> calibrated_prefill_time(0.1, 0.025, 0.005)
    0.13
    """
    return prompt + chunks * (weights + overhead)


@equation
def time_at_efficiency(bound: NotNegative, efficiency: Utilization) -> Number:
    """Time of a step by your own measurement: the bound over the share of it that you reach.

    Parameters
    ----------
    bound : array_like
        The bound, ROOFLINE_TIME [s].

    Returns
    -------
    array_like
        Time [s].

    Notes
    -----
    bound / efficiency. Source: the definition of efficiency.

    Examples
    --------
    >>> time_at_efficiency(0.005, 0.25)
    0.02
    """
    return bound / efficiency


@functools.cache
def seen() -> dict[str, set[str]]:
    """The chips and models that the calibration was fitted to."""
    found: dict[str, set[str]] = {"chip": set(), "model": set()}
    with SEEN.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found[row["kind"]].add(row["name"])
    return found


def band_of(chip: dict[str, Any], model: dict[str, Any]) -> int:
    """The row of the bands for a chip and a model: those of its vendor if it was measured, by how much is not seen."""
    vendors = [row["vendor"] for row in BAND_ROWS]
    start = vendors.index(chip["vendor"] if chip["vendor"] in vendors else "")
    known = seen()
    return start + (chip["name"] not in known["chip"]) + (model["name"] not in known["model"])


def band(row: int) -> dict[str, float]:
    """The factors of a row of the bands."""
    return {end: float(BAND_ROWS[row][end]) for end in BAND_ENDS}
