"""Functions over names: a model of the catalogue on a chip of the catalogue, by the equations of the other files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np

from tokensheet.attention import kv_bytes_sequence
from tokensheet.catalogue import ChipName, ModelName, Row, find, models, value
from tokensheet.catalogue import chips as all_chips
from tokensheet.equation import Choices, NotNegative, Positive, Utilization, checked
from tokensheet.parallel import fits, max_batch, min_chips, weights_bytes
from tokensheet.pricing import prefill_time, token_cost
from tokensheet.roofline import compute_time, kv_time, memory_time, roofline_time

__all__ = ["best_batch", "best_chip", "decode_cost", "decode_time", "prefill_cost", "request_cost"]

PRECISIONS = {"bf16": 2.0, "fp8": 1.0, "fp4": 0.5}  # bytes of a value; a chip computes in the next wider it has
Precision = Annotated[str, Choices(lambda: PRECISIONS)]


class DoesNotFit(LookupError):
    """A model and its KV cache need more memory than the chips have: there is no time and no cost."""


@dataclass(frozen=True)
class Served:
    """A model on some chips, in the terms of the equations; rates and memory are those of all chips together."""

    chip: Row
    chips: Any
    flops: Any
    bandwidth: Any
    hbm: float
    width: float
    active_params: float
    total_params: float
    kv_sequence: Any


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
    for name, given in (("precision", precision), ("kv_precision", kv_precision)):
        if given not in PRECISIONS:
            raise LookupError(f"{name} must be {', '.join(PRECISIONS)}, not {given!r}")
    row = find(all_chips(), "chip", chip_name)
    formats = [f"{name}_flops" for name in PRECISIONS]
    wider = reversed(formats[: list(PRECISIONS).index(precision) + 1])
    shape = find(models(), "model", model_name)
    width = PRECISIONS[precision]
    narrower = PRECISIONS[kv_precision] / PRECISIONS["bf16"]  # the catalogue counts the cache in bf16
    kv = shape["kv_bytes_per_token"] * narrower
    window = (shape["kv_bytes_per_token_window"] or 0) * narrower, shape["window"] or 0
    sequence = kv_bytes_sequence(context, kv, *window, shape["state_bytes"] or 0)
    weights = weights_bytes(shape["total_params"], width)
    number = min_chips(weights, batch * sequence, row["hbm_bytes"]) if chips is None else chips
    if not np.all(fits(weights, batch * sequence, row["hbm_bytes"], number)):
        cache, fewest = np.max(batch * sequence), np.min(number)
        raise DoesNotFit(
            f"{shape['name']} does not fit: {weights / 1e9:,.0f} GB of weights and {cache / 1e9:,.0f} GB of KV cache, "
            f"{fewest:g} x {row['name']} have {fewest * row['hbm_bytes'] / 1e9:,.0f} GB"
        )
    return Served(
        chip=row,
        chips=number,
        flops=number * next(row[name] for name in wider if row[name]),
        bandwidth=number * row["hbm_bandwidth"],
        hbm=row["hbm_bytes"],
        width=width,
        active_params=shape["active_params"],
        total_params=shape["total_params"],
        kv_sequence=sequence,
    )


def step(served: Served, batch: Any) -> Any:
    return roofline_time(
        compute_time(batch, served.active_params, served.flops),
        memory_time(served.total_params, served.width, served.bandwidth),
        kv_time(batch, 1, served.kv_sequence, served.bandwidth),
    )


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
    kv_precision: Precision = "",
) -> Any:
    """Time per output token of a model of the catalogue on a chip of the catalogue: the plain roofline, a lower bound.

    Parameters
    ----------
    model : str
        Name of the model, or a row of your own [text].
    chip : str
        Name of the chip, or a row of your own [text].
    batch : array_like
        Sequences that decode together [sequences].
    context : array_like
        Tokens of context in each sequence [tokens].
    chips : array_like, optional
        Chips that hold the model together; left out, the fewest that do [chips].
    precision : str, optional
        Format of weights and arithmetic: bf16, fp8 or fp4 [text].
    kv_precision : str, optional
        Format of the KV cache; left out, that of the weights [text].

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
    STEP_TIME of the catalogue's numbers. Source: the catalogue, and Pope, lecture of 2026-04-29, equations 1.1 to 1.3.

    Examples
    --------
    >>> decode_time("DeepSeek-V3", "H100", 256, 4096, 32)
    0.0066030108...
    """
    return step(serve(model, chip, batch, context, chips, precision, kv_precision), batch)


@checked
def decode_cost(
    model: ModelName,
    chip: ChipName,
    batch: Positive,
    context: NotNegative,
    chips: Positive = None,
    usd_per_hour: NotNegative = None,
    precision: Precision = "fp8",
    utilization: Utilization = 1,
    kv_precision: Precision = "",
) -> Any:
    """Cost of one output token of a model of the catalogue on a chip of the catalogue: ideal, a lower bound.

    Parameters
    ----------
    model : str
        Name of the model, or a row of your own [text].
    chip : str
        Name of the chip, or a row of your own [text].
    batch : array_like
        Sequences that decode together [sequences].
    context : array_like
        Tokens of context in each sequence [tokens].
    chips : array_like, optional
        Chips that hold the model together; left out, the fewest that do [chips].
    usd_per_hour : array_like, optional
        Price of one chip for one hour; left out, the catalogue's [USD/hour].
    precision : str, optional
        Format of weights and arithmetic: bf16, fp8 or fp4 [text].
    utilization : array_like, optional
        Share of the paid time in which the chips decode [fraction].
    kv_precision : str, optional
        Format of the KV cache; left out, that of the weights [text].

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
    >>> round(decode_cost("DeepSeek-V3", "H100", 256, 4096, 32) * 1e6, 4)
    0.6764
    """
    served = serve(model, chip, batch, context, chips, precision, kv_precision)
    return token_cost(step(served, batch), batch, rent(served, usd_per_hour), served.chips, utilization)


@checked
def prefill_cost(
    model: ModelName,
    chip: ChipName,
    tokens: Positive,
    chips: Positive = None,
    usd_per_hour: NotNegative = None,
    precision: Precision = "fp8",
    mfu: Utilization = 1,
    kv_precision: Precision = "",
) -> Any:
    """Cost of one input token of a model of the catalogue on a chip of the catalogue, with prefill bound by compute.

    Parameters
    ----------
    model : str
        Name of the model, or a row of your own [text].
    chip : str
        Name of the chip, or a row of your own [text].
    tokens : array_like
        Tokens of the prompt, which must fit in memory beside the weights [tokens].
    chips : array_like, optional
        Chips that hold the model together; left out, the fewest that do [chips].
    usd_per_hour : array_like, optional
        Price of one chip for one hour; left out, the catalogue's [USD/hour].
    precision : str, optional
        Format of weights and arithmetic: bf16, fp8 or fp4 [text].
    mfu : array_like, optional
        Model FLOPs utilization of prefill [fraction].
    kv_precision : str, optional
        Format of the KV cache; left out, that of the weights [text].

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
    PREFILL_TIME over its tokens, at the rent of the chips. Source: the catalogue, and Pope, lecture of 2026-04-29,
    equation 6.7.

    Examples
    --------
    >>> round(prefill_cost("DeepSeek-V3", "H100", 4096, 32) * 1e6, 4)
    0.0306
    """
    served = serve(model, chip, 1, tokens, chips, precision, kv_precision)
    seconds = prefill_time(tokens, served.active_params, served.flops, mfu)
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
    kv_precision: Precision = "",
) -> Any:
    """Cost of a request: its prompt by PREFILL_COST, its answer by DECODE_COST at the context half-way through.

    Parameters
    ----------
    model : str
        Name of the model, or a row of your own [text].
    chip : str
        Name of the chip, or a row of your own [text].
    input_tokens : array_like
        Tokens of the prompt, none of them cached [tokens].
    output_tokens : array_like
        Tokens of the answer [tokens].
    batch : array_like
        Sequences that decode together [sequences].
    chips : array_like, optional
        Chips that hold the model together; left out, the fewest that do [chips].
    usd_per_hour : array_like, optional
        Price of one chip for one hour; left out, the catalogue's [USD/hour].
    precision : str, optional
        Format of weights and arithmetic: bf16, fp8 or fp4 [text].
    kv_precision : str, optional
        Format of the KV cache; left out, that of the weights [text].

    Returns
    -------
    array_like
        Cost of the request: ideal, a lower bound [USD].

    Raises
    ------
    DoesNotFit
        If weights and KV cache exceed the memory of the chips.

    Notes
    -----
    in PREFILL_COST + out DECODE_COST(in + out / 2). Source: the catalogue, and Pope, lecture of 2026-04-29.

    Examples
    --------
    >>> round(request_cost("DeepSeek-V3", "H100", 3584, 1024, 256, 32), 6)
    0.000802
    """
    context = input_tokens + output_tokens / 2
    served = serve(model, chip, batch, context, chips, precision, kv_precision)
    prompt = prefill_cost(model, chip, input_tokens, served.chips, usd_per_hour, precision, kv_precision=kv_precision)
    answer = decode_cost(model, chip, batch, context, served.chips, usd_per_hour, precision, kv_precision=kv_precision)
    return input_tokens * prompt + output_tokens * answer


@checked
def best_chip(
    model: ModelName,
    batch: Positive,
    context: NotNegative,
    precision: Precision = "fp8",
    kv_precision: Precision = "",
) -> Any:
    """Chip of the catalogue on which an output token costs least, each on the fewest chips that hold the model.

    Parameters
    ----------
    model : str
        Name of the model, or a row of your own [text].
    batch : array_like
        Sequences that decode together [sequences].
    context : array_like
        Tokens of context in each sequence [tokens].
    precision : str, optional
        Format of weights and arithmetic: bf16, fp8 or fp4 [text].
    kv_precision : str, optional
        Format of the KV cache; left out, that of the weights [text].

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
    >>> best_chip("Llama-3.1-70B", 64, 4096)
    'MI355X'
    """
    priced = [name for name, row in all_chips().items() if row["usd_per_hour"]]
    formats = {"precision": precision, "kv_precision": kv_precision}
    costs = [decode_cost(model, name, batch, context, **formats) for name in priced]
    return np.array(priced, object)[np.argmin(costs, axis=0)]


@checked
def best_batch(
    model: ModelName,
    chip: ChipName,
    max_latency: Positive,
    context: NotNegative,
    chips: Positive = None,
    precision: Precision = "fp8",
    kv_precision: Precision = "",
) -> Any:
    """Largest batch that fits in memory and keeps the time per output token within a limit: the cheapest that does.

    Parameters
    ----------
    model : str
        Name of the model, or a row of your own [text].
    chip : str
        Name of the chip, or a row of your own [text].
    max_latency : array_like
        Longest time per output token [s].
    context : array_like
        Tokens of context in each sequence [tokens].
    chips : array_like, optional
        Chips that hold the model together; left out, the fewest that hold one sequence [chips].
    precision : str, optional
        Format of weights and arithmetic: bf16, fp8 or fp4 [text].
    kv_precision : str, optional
        Format of the KV cache; left out, that of the weights [text].

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
    floor(min(MAX_BATCH, t F / (k N_active), (t - weights time) BW / kv)). Source: the catalogue, and Pope, lecture of
    2026-04-29, equations 1.1 to 1.3.

    Examples
    --------
    >>> best_batch("DeepSeek-V3", "H100", 0.008, 4096, 32)
    1296.0
    """
    served = serve(model, chip, 1, context, chips, precision, kv_precision)
    weights = weights_bytes(served.total_params, served.width)
    fitting = max_batch(weights, served.kv_sequence, served.hbm, served.chips)
    computed = max_latency / compute_time(1, served.active_params, served.flops)
    spare = max_latency - memory_time(served.total_params, served.width, served.bandwidth)
    read = spare / kv_time(1, 1, served.kv_sequence, served.bandwidth)
    return np.maximum(0, np.minimum(np.minimum(fitting, computed), read)) // 1
