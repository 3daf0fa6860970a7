"""Functions over names: a model of the catalogue on a chip of the catalogue, by the equations of the other files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np

from tokensheet.attention import kv_bytes_sequence
from tokensheet.calibration import (
    PCIE,
    estimate_high,
    estimate_low,
    estimated_step,
    sequence_groups,
    shape_of,
    unseen,
)
from tokensheet.catalogue import ChipName, ModelName, Row, find, models, value
from tokensheet.catalogue import chips as all_chips
from tokensheet.equation import Choices, NotNegative, Positive, Utilization, checked, unchecked
from tokensheet.parallel import fits, max_batch, min_chips, weights_bytes
from tokensheet.pricing import prefill_time, token_cost
from tokensheet.roofline import compute_time, kv_time, memory_time, roofline_time

__all__ = ["best_batch", "best_chip", "decode_cost", "decode_time", "prefill_cost", "request_cost"]

PRECISIONS = {"bf16": 2.0, "fp8": 1.0, "fp4": 0.5}  # bytes of a value; a chip computes in the next wider it has
Precision = Annotated[str, Choices(lambda: PRECISIONS)]
ESTIMATES = ("calibrated", "ideal", "low", "high")
Estimate = Annotated[str, Choices(lambda: ESTIMATES)]


class DoesNotFit(LookupError):
    """A model and its KV cache need more memory than the chips have: there is no time and no cost."""


@dataclass(frozen=True)
class Served:
    """A model on some chips: their rows of the catalogue, and what a sequence's cache takes."""

    model: Row
    chip: Row
    chips: Any
    precision: str
    kv_sequence: Any

    @property
    def width(self) -> float:
        return PRECISIONS[self.precision]

    @property
    def bandwidth(self) -> Any:
        return self.chips * self.chip["hbm_bandwidth"]

    @property
    def weights(self) -> Any:
        return weights_bytes(self.model["total_params"], self.width)

    @property
    def flops(self) -> Any:
        """FLOP/s of all chips in the precision, or in the next wider that the chip has."""
        formats = list(PRECISIONS)[: list(PRECISIONS).index(self.precision) + 1]
        return self.chips * next(self.chip[f"{name}_flops"] for name in reversed(formats) if self.chip[f"{name}_flops"])


def serve(
    model_name: str | Row,
    chip_name: str | Row,
    batch: Any,
    context: Any,
    chips: Any,
    precision: str,
    kv_precision: str,
) -> Served:
    """Look up both names and see that model and cache fit; without a number of chips on the fewest that hold them."""
    kv_precision = kv_precision or precision
    one_of("precision", precision, PRECISIONS)
    one_of("kv_precision", kv_precision, PRECISIONS)
    chip, model = find(all_chips(), "chip", chip_name), find(models(), "model", model_name)
    narrower = PRECISIONS[kv_precision] / PRECISIONS["bf16"]  # the catalogue counts the cache in bf16
    kv = model["kv_bytes_per_token"] * narrower
    window = (model["kv_bytes_per_token_window"] or 0) * narrower, model["window"] or 0
    sequence = kv_bytes_sequence(context, kv, *window, model["state_bytes"] or 0)
    weights = weights_bytes(model["total_params"], PRECISIONS[precision])
    number = min_chips(weights, batch * sequence, chip["hbm_bytes"]) if chips is None else chips
    if not np.all(fits(weights, batch * sequence, chip["hbm_bytes"], number)):
        cache, fewest = np.max(batch * sequence), np.min(number)
        raise DoesNotFit(
            f"{model['name']} does not fit: {weights / 1e9:,.0f} GB of weights and {cache / 1e9:,.0f} GB of KV cache, "
            f"{fewest:g} x {chip['name']} have {fewest * chip['hbm_bytes'] / 1e9:,.0f} GB"
        )
    return Served(model, chip, number, precision, sequence)


def one_of(name: str, given: str, texts: Iterable[str]) -> None:
    if given not in texts:
        raise LookupError(f"{name} must be {', '.join(texts)}, not {given!r}")


def step(served: Served, batch: Any, estimate: str, efficiency: Any) -> Any:
    """Time of a decode step: the bound, the estimate or an end of its band, or the bound over your own efficiency."""
    one_of("estimate", estimate, ESTIMATES)
    model = served.model
    if estimate == "ideal" or efficiency is not None:
        ideal = roofline_time(
            compute_time(batch, model["active_params"], served.flops),
            memory_time(model["total_params"], served.width, served.bandwidth),
            kv_time(batch, 1, served.kv_sequence, served.bandwidth),
        )
        return ideal if efficiency is None else ideal / efficiency
    return banded(served, estimated(served, batch, 1)[1], estimate)


def estimated(served: Served, batch: Any, input_tokens: Any) -> tuple[Any, Any, Any]:
    """Ideal and calibrated time of a step without prefill in it, and the time of a prompt on its own."""
    model, chip = served.model, served.chip
    with unchecked():
        return estimated_step(
            batch=batch,
            input_tokens=input_tokens,
            arrivals=0,
            chips=served.chips,
            groups=sequence_groups(served.chips),
            flops=served.flops / served.chips,
            bf16_flops=chip["bf16_flops"],
            bandwidth=chip["hbm_bandwidth"],
            link_bandwidth=chip["scale_up_bandwidth"] or PCIE,
            bytes=served.width,
            kv_sequence=served.kv_sequence,
            **shape_of(model),
        )


def banded(served: Served, estimated: Any, estimate: str) -> Any:
    """The estimate, or the end of its 80 % band."""
    end = {"low": estimate_low, "high": estimate_high}.get(estimate)
    return end(estimated, unseen(served.chip["name"], served.model["name"])) if end else estimated


def rent(served: Served, usd_per_hour: Any) -> Any:
    return value(served.chip, "usd_per_hour") if usd_per_hour is None else usd_per_hour


@checked
def decode_time(
    model: ModelName,
    chip: ChipName,
    batch: Positive,
    context: NotNegative,
    chips: Positive = None,
    precision: Precision = "fp8",
    estimate: Estimate = "calibrated",
    kv_precision: Precision = "",
    efficiency: Utilization = None,
) -> Any:
    """Time per output token of a model of the catalogue on a chip of the catalogue: as served in practice.

    Parameters
    ----------
    chips : array_like, optional
        Chips that hold the model together; left out, the fewest that do [chips].

    Returns
    -------
    array_like
        Time of a decode step [s].

    Raises
    ------
    DoesNotFit
        If weights and KV cache exceed the memory of the chips.

    Notes
    -----
    CALIBRATED_STEP_TIME of the catalogue's numbers, without prefill in the steps: up to 8 chips by tensor parallelism,
    more by sequences; ideal: STEP_TIME. Source: the catalogue; Pope, lecture of 2026-04-29, equations 1.1 to 1.3;
    docs/accuracy.md.

    Examples
    --------
    >>> decode_time("DeepSeek-V3", "H100", 256, 4096, 32, estimate="ideal")
    0.0066030108...
    """
    return step(serve(model, chip, batch, context, chips, precision, kv_precision), batch, estimate, efficiency)


@checked
def decode_cost(
    model: ModelName,
    chip: ChipName,
    batch: Positive,
    context: NotNegative,
    chips: Positive = None,
    usd_per_hour: NotNegative = None,
    precision: Precision = "fp8",
    estimate: Estimate = "calibrated",
    utilization: Utilization = 1,
    kv_precision: Precision = "",
    efficiency: Utilization = None,
) -> Any:
    """Cost of one output token of a model of the catalogue on a chip of the catalogue: as served in practice.

    Parameters
    ----------
    chips : array_like, optional
        Chips that hold the model together; left out, the fewest that do [chips].
    usd_per_hour : array_like, optional
        Price of one chip for one hour; left out, the catalogue's [USD/hour].

    Returns
    -------
    array_like
        Cost of one output token [USD/token].

    Raises
    ------
    DoesNotFit
        If weights and KV cache exceed the memory of the chips.

    Notes
    -----
    TOKEN_COST of DECODE_TIME. Source: the catalogue, and Pope, lecture of 2026-04-29, equation 1.5.

    Examples
    --------
    >>> round(decode_cost("DeepSeek-V3", "H100", 256, 4096, 32, estimate="ideal") * 1e6, 4)
    0.6764
    """
    served = serve(model, chip, batch, context, chips, precision, kv_precision)
    seconds = step(served, batch, estimate, efficiency)
    return token_cost(seconds, batch, rent(served, usd_per_hour), served.chips, utilization)


@checked
def prefill_cost(
    model: ModelName,
    chip: ChipName,
    tokens: Positive,
    chips: Positive = None,
    usd_per_hour: NotNegative = None,
    precision: Precision = "fp8",
    estimate: Estimate = "calibrated",
    mfu: Utilization = None,
    kv_precision: Precision = "",
) -> Any:
    """Cost of one input token of a model of the catalogue on a chip of the catalogue, with prefill bound by compute.

    Parameters
    ----------
    tokens : array_like
        Tokens of the prompt, which must fit in memory beside the weights [tokens].
    chips : array_like, optional
        Chips that hold the model together; left out, the fewest that do [chips].
    usd_per_hour : array_like, optional
        Price of one chip for one hour; left out, the catalogue's [USD/hour].
    mfu : array_like, optional
        Your own measurement of prefill: the share of the FLOP/s that it reaches; it replaces the estimate [fraction].

    Returns
    -------
    array_like
        Cost of one input token; attention is left out [USD/token].

    Raises
    ------
    DoesNotFit
        If weights and KV cache exceed the memory of the chips.

    Notes
    -----
    PROMPT_TIME of the whole prompt in a pass of its own, or PREFILL_TIME if ideal, at the rent of the chips. The band
    is that of decode, as none was measured for prefill. Source: the catalogue; Pope, lecture of 2026-04-29, equation
    6.7; docs/accuracy.md.

    Examples
    --------
    >>> round(prefill_cost("DeepSeek-V3", "H100", 4096, 32, estimate="ideal") * 1e6, 4)
    0.0306
    """
    served = serve(model, chip, 1, tokens, chips, precision, kv_precision)
    one_of("estimate", estimate, ESTIMATES)
    if mfu is not None or estimate == "ideal":
        seconds = prefill_time(tokens, served.model["active_params"], served.flops, 1 if mfu is None else mfu)
    else:
        seconds = banded(served, estimated(served, 1, tokens)[2], estimate)
    return token_cost(seconds, tokens, rent(served, usd_per_hour), served.chips)


@checked
def request_cost(
    model: ModelName,
    chip: ChipName,
    input_tokens: Positive,
    output_tokens: Positive,
    batch: Positive,
    chips: Positive = None,
    usd_per_hour: NotNegative = None,
    precision: Precision = "fp8",
    estimate: Estimate = "calibrated",
    kv_precision: Precision = "",
    efficiency: Utilization = None,
) -> Any:
    """Cost of a request: its prompt by PREFILL_COST, its answer by DECODE_COST at the context half-way through.

    Parameters
    ----------
    input_tokens : array_like
        Tokens of the prompt, none of them cached [tokens].
    chips : array_like, optional
        Chips that hold the model together; left out, the fewest that do [chips].
    usd_per_hour : array_like, optional
        Price of one chip for one hour; left out, the catalogue's [USD/hour].

    Returns
    -------
    array_like
        Cost of the request [USD].

    Raises
    ------
    DoesNotFit
        If weights and KV cache exceed the memory of the chips.

    Notes
    -----
    in PREFILL_COST + out DECODE_COST(in + out / 2). Source: the catalogue, and Pope, lecture of 2026-04-29.

    Examples
    --------
    >>> round(request_cost("DeepSeek-V3", "H100", 3584, 1024, 256, 32, estimate="ideal"), 6)
    0.000802
    """
    context = input_tokens + output_tokens / 2
    served = serve(model, chip, batch, context, chips, precision, kv_precision)
    given: dict[str, Any] = {"precision": precision, "estimate": estimate, "kv_precision": kv_precision}
    prompt = prefill_cost(model, chip, input_tokens, served.chips, usd_per_hour, **given)
    answer = decode_cost(model, chip, batch, context, served.chips, usd_per_hour, **given, efficiency=efficiency)
    return input_tokens * prompt + output_tokens * answer


@checked
def best_chip(
    model: ModelName,
    batch: Positive,
    context: NotNegative,
    precision: Precision = "fp8",
    estimate: Estimate = "calibrated",
    kv_precision: Precision = "",
    efficiency: Utilization = None,
) -> Any:
    """Chip of the catalogue on which an output token costs least, each on the fewest chips that hold the model.

    Returns
    -------
    str
        Name of the chip [text].

    Notes
    -----
    The least DECODE_COST over the chips with a rent; rents differ in what they are based on, see the catalogue. A
    search, so it has no native formula. Source: the catalogue.

    Examples
    --------
    >>> best_chip("Llama-3.1-70B", 64, 4096, estimate="ideal")
    'MI355X'
    """
    priced = [name for name, row in all_chips().items() if row["usd_per_hour"]]
    given: dict[str, Any] = {"precision": precision, "estimate": estimate, "kv_precision": kv_precision}
    costs = [decode_cost(model, name, batch, context, **given, efficiency=efficiency) for name in priced]
    return np.array(priced, object)[np.argmin(costs, axis=0)]


@checked
def best_batch(
    model: ModelName,
    chip: ChipName,
    max_latency: Positive,
    context: NotNegative,
    chips: Positive = None,
    precision: Precision = "fp8",
    estimate: Estimate = "calibrated",
    kv_precision: Precision = "",
    efficiency: Utilization = None,
) -> Any:
    """Largest batch that fits in memory and keeps the time per output token within a limit: the cheapest that does.

    Parameters
    ----------
    max_latency : array_like
        Longest time per output token [s].
    chips : array_like, optional
        Chips that hold the model together; left out, the fewest that hold one sequence [chips].

    Returns
    -------
    array_like
        The batch; 0 if even one sequence takes longer [sequences].

    Raises
    ------
    DoesNotFit
        If weights and one sequence exceed the memory of the chips.

    Notes
    -----
    The largest whole B up to MAX_BATCH with DECODE_TIME(B) <= limit, found by halving, for all cells at once; so it has
    no native formula. Source: the catalogue; DECODE_TIME.

    Examples
    --------
    >>> best_batch("DeepSeek-V3", "H100", 0.008, 4096, 32, estimate="ideal")
    1296.0
    """
    served = serve(model, chip, 1, context, chips, precision, kv_precision)
    least = np.zeros(
        np.broadcast_shapes(*map(np.shape, (max_latency, served.kv_sequence, served.chips, efficiency or 1)))
    )
    most = least + max_batch(served.weights, served.kv_sequence, served.chip["hbm_bytes"], served.chips)
    while np.any(least < most):  # the time grows with the batch
        middle = np.ceil((least + most) / 2)
        within = step(served, np.maximum(middle, 1), estimate, efficiency) <= max_latency
        least, most = np.where(within, middle, least), np.where(within, most, middle - 1)
    return least
