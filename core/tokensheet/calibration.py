"""Estimates rather than bounds: the roofline with what real engines reach of it, fitted to measurements.

The constants and their intervals stand in `data/calibration.csv`, which `validation/fit.py` writes.
"""

from __future__ import annotations

import csv
import functools

import numpy as np

from tokensheet.data import BANDS, CALIBRATION, SEEN
from tokensheet.equation import AtLeastOne, NotNegative, Number, Positive, Utilization, equation

__all__ = [
    "arriving_prompts",
    "band_end",
    "calibrated_prefill_time",
    "calibrated_step_time",
    "colocated_step_time",
    "estimate_high",
    "estimate_low",
    "layer_overhead",
    "practical_flops",
    "prefill_work",
    "time_at_efficiency",
]


def calibration() -> list[dict[str, str]]:
    """The constants: name, value, ends of the interval, unit and meaning."""
    with CALIBRATION.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def constants() -> dict[str, float]:
    return {row["name"]: float(row["value"]) for row in calibration()}


def bands() -> dict[str, list[float]]:
    """The ends of the 80 % band, as factors, by how much of chip and model the fit has not seen: 0, 1 or 2."""
    with BANDS.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {end: [float(row[end]) for row in rows] for end in ("low", "high")}


FITTED = constants()
LOW, HIGH = bands().values()


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
def arriving_prompts(batch: Positive, output_tokens: Positive) -> Number:
    """Prompts of other users that come into each decode step where prefill and decode share the chips.

    Returns
    -------
    array_like
        Prompts a step [prompts].

    Notes
    -----
    (B - 1) / O: while a user gets O tokens, each of the others ends and is replaced once. Source: steady state with
    a fixed number of users.

    Examples
    --------
    65 users with answers of 1,024 tokens: a prompt in every sixteenth step.

    >>> arriving_prompts(65, 1024)
    0.0625
    """
    return np.maximum(0, batch - 1) / output_tokens


@equation
def prefill_work(
    compute: NotNegative,
    attention: NotNegative = 0,
    exchange: NotNegative = 0,
    link_efficiency: Utilization = FITTED["link_efficiency"],
) -> Number:
    """Time that a prompt's work takes from the decode steps beside it; for a time to first token it is no estimate.

    Parameters
    ----------
    compute : array_like
        Compute time of the prompt's tokens, COMPUTE_TIME at PRACTICAL_FLOPS [s].
    attention : array_like, optional
        Compute time of their attention, PREFILL_ATTENTION_TIME in bf16 [s].
    exchange : array_like, optional
        Time of their communication at the links' full bandwidth, TENSOR_PARALLEL_TIME [s].

    Returns
    -------
    array_like
        Time of the prompt's work [s].

    Notes
    -----
    compute + attention + exchange / eta_link, PRACTICAL_FLOPS in full: a share of them, fitted, came out as 1. Source:
    fitted to published measurements, docs/accuracy.md.

    Examples
    --------
    >>> prefill_work(0.1, 0.02, 0.04, 0.5)
    0.2
    """
    return compute + attention + exchange / link_efficiency


@equation
def layer_overhead(
    layers: Positive,
    moe_layers: NotNegative = 0,
    experts: AtLeastOne = 1,
    chips: AtLeastOne = 1,
    layer_latency: NotNegative = FITTED["layer_latency"],
    expert_latency: NotNegative = FITTED["expert_latency"],
    collective_latency: NotNegative = FITTED["collective_latency"],
) -> Number:
    """Time that a step spends in its layers however little there is to compute, to read and to send.

    Parameters
    ----------
    moe_layers : array_like, optional
        Those of them with a mixture of experts [layers].
    experts : array_like, optional
        Experts of such a layer [experts].

    Returns
    -------
    array_like
        Fixed time of the step [s].

    Notes
    -----
    layers tau + moe_layers tau_e log2(E) + 2 layers tau_c log2(n). Source: fitted to published measurements,
    docs/accuracy.md.

    Examples
    --------
    80 layers of 25 microseconds on one chip, and on 8 with 5 microseconds for each doubling:

    >>> layer_overhead(80, 0, 1, [1, 8], 25e-6, 0, 5e-6)
    array([0.002 , 0.0044])
    """
    return (
        layers * layer_latency
        + moe_layers * expert_latency * np.log2(experts)
        + 2 * layers * collective_latency * np.log2(chips)
    )


@equation
def calibrated_step_time(
    compute: NotNegative,
    weights: NotNegative,
    kv: NotNegative,
    exchange: NotNegative = 0,
    overhead: NotNegative = 0,
    bandwidth_efficiency: Utilization = FITTED["bandwidth_efficiency"],
    link_efficiency: Utilization = FITTED["link_efficiency"],
) -> Number:
    """Time of a decode step as served in practice: an estimate, not a bound; ESTIMATE_LOW and _HIGH say how sure.

    Parameters
    ----------
    compute : array_like
        Compute time of the step, COMPUTE_TIME at PRACTICAL_FLOPS [s].

    Returns
    -------
    array_like
        Time of the step: the time per output token of each user (TPOT) where no prompts come between [s].

    Notes
    -----
    compute + (weights + kv) / eta + exchange / eta_link + overhead: a sum, which agrees better than the greater of the
    terms; a share of the practical FLOP/s, fitted, came out as 1. Source: fitted to published measurements,
    docs/accuracy.md.

    Examples
    --------
    Half of the bandwidth and a quarter of the links:

    >>> calibrated_step_time(0.25, 0.5, 0.25, 0.125, 0.5, 0.5, 0.25)
    2.75
    """
    return compute + (weights + kv) / bandwidth_efficiency + exchange / link_efficiency + overhead


@equation
def colocated_step_time(
    step_time: NotNegative,
    arrivals: NotNegative,
    prompt: NotNegative,
    weights: NotNegative = 0,
    overhead: NotNegative = 0,
    bandwidth_efficiency: Utilization = FITTED["bandwidth_efficiency"],
) -> Number:
    """Time of a decode step on chips that also do the prefill: what the prompts between the steps add.

    Parameters
    ----------
    step_time : array_like
        Time of the step alone, CALIBRATED_STEP_TIME [s].
    arrivals : array_like
        Prompts that come into each step, ARRIVING_PROMPTS [prompts].
    prompt : array_like
        Time of the work of one of them, PREFILL_WORK [s].

    Returns
    -------
    array_like
        Time per output token of each user (TPOT) [s].

    Notes
    -----
    t + arrivals prompt + min(arrivals, 1) (weights / eta + overhead): a pass for prompts reads the weights and pays the
    layers once more, and those that arrive together share it. Source: fitted to published measurements,
    docs/accuracy.md.

    Examples
    --------
    A prompt in every tenth step:

    >>> colocated_step_time(0.01, 0.1, 0.05, 0.004, 0.005, 0.8)
    0.016
    """
    chunk_time = weights / bandwidth_efficiency + overhead
    return step_time + arrivals * prompt + np.minimum(arrivals, 1) * chunk_time


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
def estimate_low(estimate: NotNegative, unseen: NotNegative = 1) -> Number:
    """Lower end of an estimate's 80 % band: one measurement in ten is still faster or cheaper.

    Parameters
    ----------
    estimate : array_like
        Time or cost as estimated [any unit].

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
def estimate_high(estimate: NotNegative, unseen: NotNegative = 1) -> Number:
    """Upper end of an estimate's 80 % band: one measurement in ten is still slower or dearer.

    Parameters
    ----------
    estimate : array_like
        Time or cost as estimated [any unit].

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


@equation
def calibrated_prefill_time(
    prompt: NotNegative,
    weights: NotNegative = 0,
    overhead: NotNegative = 0,
    bandwidth_efficiency: Utilization = FITTED["bandwidth_efficiency"],
) -> Number:
    """Time of a pass over a prompt as served in practice, on chips that do nothing else meanwhile.

    Parameters
    ----------
    prompt : array_like
        Time of the prompt's work, PREFILL_WORK [s].

    Returns
    -------
    array_like
        Time of the pass [s].

    Notes
    -----
    prompt + weights / eta + overhead. Source: fitted to published measurements of decoding, docs/accuracy.md.

    Examples
    --------
    >>> calibrated_prefill_time(0.1, 0.02, 0.005, 0.8)
    0.13
    """
    return prompt + weights / bandwidth_efficiency + overhead


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


def unseen(chip: str, model: str) -> int:
    """How much of the two the fit has not seen."""
    known = seen()
    return (chip not in known["chip"]) + (model not in known["model"])
