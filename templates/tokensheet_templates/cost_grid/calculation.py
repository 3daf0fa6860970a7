"""The calculation of the cost grid: its quantities, and the function of which others each of them is.

The functions are equations of the core, and a few of cells only (a look-up, milliseconds, a sentence). All of them are
traced, so an argument here is a cell.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import tokensheet as ts

from tokensheet_templates.book import Block, Sheet, count, count_filled, index, match

Blocks = dict[str, Block]

UNFIT, UNPRICED, UNSHAPED, NOTHING = "does not fit", "no $/hour", "no layers", "–"


@dataclass(frozen=True)
class Step:
    """One quantity of the calculation: what it is called, how it is shown, and the function of which others it is."""

    key: str
    label: str
    unit: str
    style: str
    function: Callable[..., Any]
    inputs: tuple[str, ...]

    def fill(self, sheet: Sheet, row: int, column: int, blocks: Blocks, *, written_out: bool = False) -> Block:
        """Write its formulas, of the blocks that `blocks` has so far, and add its own. `key*` is a whole block."""
        inputs = [blocks[key[:-1]].whole if key.endswith("*") else blocks[key] for key in self.inputs]
        block = sheet.fill(row, column, self.function, *inputs, style=self.style, written_out=written_out)
        blocks[self.key] = block
        return block


def at_precision(kv_bytes_bf16: Any, width: Any, bf16: Any) -> Any:
    """The catalogue's bytes a token, which are those of bf16, in another format."""
    return kv_bytes_bf16 * width / bf16


def per_token(kv_sequence: Any, context: Any) -> Any:
    return kv_sequence / np.maximum(context, 1)


def times(a: Any, b: Any) -> Any:
    return a * b


def at_least_one(value: Any) -> Any:
    return np.maximum(1, value)


def index_at_least_1(table: Any, row: Any) -> Any:
    """The element of a table, where it must not be 0: a model whose shape is not known has no estimate anyway."""
    return np.maximum(1, index(table, row))


def groups(chips: Any, most: Any) -> Any:
    """Into how many groups attention is split: beyond the most chips of tensor parallelism, one for each chip."""
    return np.where(chips > most, chips, 1)


def divided(a: Any, b: Any) -> Any:
    return a / b


def minus(a: Any, b: Any) -> Any:
    return np.maximum(0, a - b)


def first_known(value: Any, otherwise: Any) -> Any:
    return np.where(value > 0, value, otherwise)


def cache_parts(groups_: Any, chips: Any, kv_heads: Any) -> Any:
    """Chips over which the cache is spread: in tensor parallelism as many as there are heads, the rest hold copies."""
    return np.where(groups_ > 1, chips, np.minimum(chips, kv_heads))


def band_position(chip_known: Any, model_known: Any) -> Any:
    return 3 - chip_known - model_known


def end_of_band(estimate: Any, ends: Any, position: Any) -> Any:
    return estimate * index(ends, position)


OF_INPUTS = [
    Step("precision_position", "Precision of the weights", "position among the formats", "plain", match,
         ("precision", "format_names*")),
    Step("kv_position", "Precision of the KV cache", "position among the formats", "plain", match,
         ("kv_precision", "format_names*")),
    Step("precision_bytes", "Weights", "bytes a parameter", "plain", index, ("format_bytes*", "precision_position")),
    Step("kv_precision_bytes", "KV cache", "bytes a value", "plain", index, ("format_bytes*", "kv_position")),
    Step("some_chips", "Chips, at least one", "chips", "plain", at_least_one, ("chips",)),
    Step("groups", "Groups that attention is split into", "groups", "plain", groups, ("some_chips", "most_parallel")),
    Step("exchanged", "Tokens that a group exchanges", "tokens", "plain", divided, ("batch", "groups")),
]  # fmt: skip
OF_CHIP = [
    Step("chip_row", "Row in the sheet Chips", "position", "plain", match, ("chip", "chip_names*")),
    Step("flops", "FLOP/s at the precision", "FLOP/s", "tera", index,
         ("chip_flops*", "chip_row", "precision_position")),
    Step("hbm", "Memory", "bytes", "gigabytes", index, ("chip_hbm*", "chip_row")),
    Step("bandwidth", "Memory bandwidth", "bytes/s", "bandwidth", index, ("chip_bandwidth*", "chip_row")),
    Step("usd_per_hour", "Price", "$/hour", "rent", index, ("chip_price*", "chip_row")),
    Step("basis", "Price basis", "", "right", index, ("chip_basis*", "chip_row")),
    Step("all_flops", "FLOP/s of all chips", "FLOP/s", "tera", ts.chips_total, ("chips", "flops")),
    Step("all_bandwidth", "Memory bandwidth of all chips", "bytes/s", "bandwidth", ts.chips_total,
         ("chips", "bandwidth")),
    Step("all_hbm", "Memory of all chips", "bytes", "gigabytes", ts.chips_total, ("chips", "hbm")),
    Step("bf16_flops", "FLOP/s in bf16", "FLOP/s", "tera", index, ("chip_bf16*", "chip_row")),
    Step("all_bf16", "FLOP/s of all chips in bf16", "FLOP/s", "tera", ts.chips_total, ("chips", "bf16_flops")),
    Step("practical", "Practical FLOP/s of all chips", "FLOP/s", "tera", ts.practical_flops, ("all_flops", "all_bf16")),
    Step("link_listed", "Link bandwidth listed", "bytes/s", "bandwidth", index, ("chip_link*", "chip_row")),
    Step("link", "Link bandwidth", "bytes/s", "bandwidth", first_known, ("link_listed", "pcie")),
    Step("chip_fitted", "Known to the fit", "1 or 0", "plain", index, ("chip_known*", "chip_row")),
]  # fmt: skip
OF_MODEL = [
    Step("model_row", "Row in the sheet Models", "position", "plain", match, ("model", "model_names*")),
    Step("total_params", "Total parameters", "parameters", "giga", index, ("model_total*", "model_row")),
    Step("active_params", "Active parameters", "parameters", "giga", index, ("model_active*", "model_row")),
    Step("kv_bf16", "KV cache in bf16", "bytes/token", "whole", index, ("model_kv*", "model_row")),
    Step("kv_window_bf16", "of windowed layers in bf16", "bytes/token", "whole", index,
         ("model_kv_window*", "model_row")),
    Step("window", "Window", "tokens", "whole", index, ("model_window*", "model_row")),
    Step("state", "State", "bytes/sequence", "whole", index, ("model_state*", "model_row")),
    Step("weights", "Weights", "bytes", "gigabytes", ts.weights_bytes, ("total_params", "precision_bytes")),
    Step("kv_token", "KV cache", "bytes/token", "whole", at_precision, ("kv_bf16", "kv_precision_bytes", "bf16_bytes")),
    Step("kv_window", "of windowed layers", "bytes/token", "whole", at_precision,
         ("kv_window_bf16", "kv_precision_bytes", "bf16_bytes")),
    Step("kv_sequence", "KV cache of a sequence", "bytes", "whole", ts.kv_bytes_sequence,
         ("context", "kv_token", "kv_window", "window", "state")),
    Step("kv_mean", "KV cache, all layers", "bytes/token", "whole", per_token, ("kv_sequence", "context")),
    Step("kv", "KV cache of the batch", "bytes", "gigabytes", times, ("batch", "kv_sequence")),
    Step("layers_listed", "Layers listed", "layers", "whole", index, ("model_layers*", "model_row")),
    Step("layers", "Layers", "layers", "whole", at_least_one, ("layers_listed",)),
    Step("moe_layers", "with experts", "layers", "whole", index, ("model_moe_layers*", "model_row")),
    Step("hidden", "Hidden width", "values", "whole", index_at_least_1, ("model_hidden*", "model_row")),
    Step("kv_heads", "KV heads", "heads", "whole", index_at_least_1, ("model_kv_heads*", "model_row")),
    Step("experts", "Experts", "experts", "whole", index, ("model_experts*", "model_row")),
    Step("active_experts", "active", "experts", "whole", index, ("model_active_experts*", "model_row")),
    Step("model_fitted", "Known to the fit", "1 or 0", "plain", index, ("model_known*", "model_row")),
    Step("expert_params", "Parameters of experts", "parameters", "giga", ts.expert_params,
         ("total_params", "active_params", "active_experts", "experts")),
    Step("dense_params", "Other parameters", "parameters", "giga", minus, ("total_params", "expert_params")),
    Step("coverage", "Experts that the batch needs", "share", "percent", ts.expert_coverage,
         ("batch", "active_experts", "experts")),
    Step("read", "Weights that a step reads", "bytes", "gigabytes", ts.weights_read,
         ("dense_params", "expert_params", "coverage", "precision_bytes")),
    Step("overhead", "Fixed time of the layers", "s", "seconds", ts.layer_overhead,
         ("layers", "moe_layers", "experts", "some_chips", "layer_latency", "expert_latency", "collective_latency")),
    Step("parts", "Chips that the cache is spread over", "chips", "whole", cache_parts,
         ("groups", "some_chips", "kv_heads")),
]  # fmt: skip
OF_PAIR = [
    Step("min_chips", "Fewest chips that hold it", "chips", "whole", ts.min_chips,
         ("weights", "kv", "hbm", "headroom")),
    Step("fits", "Fits on the chips given", "TRUE or FALSE", "plain", ts.fits,
         ("weights", "kv", "hbm", "chips", "headroom")),
    Step("compute_time", "Compute time", "s", "seconds", ts.compute_time,
         ("batch", "active_params", "all_flops", "flops_per_param")),
    Step("memory_time", "Time to read the weights", "s", "seconds", ts.memory_time,
         ("total_params", "precision_bytes", "all_bandwidth")),
    Step("kv_time", "Time to read the KV cache", "s", "seconds", ts.kv_time,
         ("batch", "context", "kv_mean", "all_bandwidth")),
    Step("step_time", "Step time (the roofline)", "s", "seconds", ts.roofline_time,
         ("compute_time", "memory_time", "kv_time")),
    Step("bound", "What binds", "term", "right", ts.bound, ("compute_time", "memory_time", "kv_time")),
    Step("cost", "Cost of a token", "$/token", "seconds", ts.token_cost,
         ("step_time", "batch", "usd_per_hour", "chips", "utilization")),
    Step("practical_time", "Compute time at practical FLOP/s", "s", "seconds", ts.compute_time,
         ("batch", "active_params", "practical", "flops_per_param")),
    Step("read_time", "Time to read the weights that the batch needs", "s", "seconds", divided,
         ("read", "all_bandwidth")),
    Step("part_bandwidth", "Bandwidth that the cache is read at", "bytes/s", "bandwidth", ts.chips_total,
         ("parts", "bandwidth")),
    Step("part_time", "Time to read the KV cache as it is spread", "s", "seconds", ts.kv_time,
         ("batch", "context", "kv_mean", "part_bandwidth")),
    Step("exchange", "Time of communication", "s", "seconds", ts.tensor_parallel_time,
         ("exchanged", "hidden", "bf16_bytes", "layers", "some_chips", "link")),
    Step("served_time", "Estimated step time", "s", "seconds", ts.calibrated_step_time,
         ("practical_time", "read_time", "part_time", "exchange", "overhead", "bandwidth_efficiency",
          "link_efficiency")),
    Step("served_cost", "Estimated cost of a token", "$/token", "seconds", ts.token_cost,
         ("served_time", "batch", "usd_per_hour", "chips", "utilization")),
    Step("band", "Band of the estimate", "position", "plain", band_position, ("chip_fitted", "model_fitted")),
    Step("low_cost", "Low end of its 80 % band", "$/token", "seconds", end_of_band,
         ("served_cost", "band_low*", "band")),
    Step("high_cost", "High end of its 80 % band", "$/token", "seconds", end_of_band,
         ("served_cost", "band_high*", "band")),
]  # fmt: skip


def price(fits: Any, usd_per_hour: Any, cost: Any) -> Any:
    """The price, or in words why there is none: what does not fit has no cost, what has no rent no price."""
    known = fits & (usd_per_hour > 0)
    return np.where(known, ts.cost_per_million(cost), np.where(fits, UNPRICED, UNFIT))


def served_price(layers: Any, fits: Any, usd_per_hour: Any, cost: Any) -> Any:
    """The estimated price, or in words why there is none."""
    return np.where(layers > 0, price(fits, usd_per_hour, cost), UNSHAPED)


def bound_or_chips(fits: Any, bound: Any, min_chips: Any) -> Any:
    return np.where(fits, bound, "needs " + min_chips)


def milliseconds(seconds: Any) -> Any:
    return seconds * 1000


def memory_milliseconds(weights: Any, kv: Any) -> Any:
    return (weights + kv) * 1000


def latency(fits: Any, step_time: Any) -> Any:
    return np.where(fits, milliseconds(step_time), NOTHING)


SERVED = [
    Step("estimate", "Estimate", "$ per million output tokens, as served", "price", served_price,
         ("layers_listed", "fits", "usd_per_hour", "served_cost")),
    Step("estimate_low", "Estimate, low end", "$ per million, one in ten is cheaper", "price", served_price,
         ("layers_listed", "fits", "usd_per_hour", "low_cost")),
    Step("estimate_high", "Estimate, high end", "$ per million, one in ten is dearer", "price", served_price,
         ("layers_listed", "fits", "usd_per_hour", "high_cost")),
]  # fmt: skip
OF_GRID = [
    Step("usd_per_million", "Price", "$ per million output tokens", "price", price, ("fits", "usd_per_hour", "cost")),
    Step("reason", "What binds the step", "or the chips needed", "center", bound_or_chips,
         ("fits", "bound", "min_chips")),
    Step("latency", "Latency", "ms per output token", "ms", latency, ("fits", "step_time")),
    *SERVED,
]  # fmt: skip


def batch_at(point: Any, points: Any, largest: Any) -> Any:
    """Whole batches in even steps of the logarithm, from 1 to the largest."""
    return np.floor(np.maximum(1, largest) ** (point / np.max(points)) + 0.5)


def caption(chips: Any, chip: Any, model: Any, fits: Any, needed: Any) -> Any:
    shortage = np.where(fits, "", ": does not fit, needs " + needed + " chips")
    return model + " on " + chips + " x " + chip + shortage


OF_ONE = [
    Step("usd_per_million", "Price", "$/million tokens", "price", price, ("fits", "usd_per_hour", "cost")),
    *SERVED,
    Step("interactivity", "Speed for a user", "tokens/s", "whole", ts.interactivity, ("step_time",)),
    Step("throughput", "Speed of the batch", "tokens/s", "whole", ts.throughput, ("batch", "step_time")),
    Step("largest", "Largest batch that fits", "sequences", "whole", ts.max_batch,
         ("weights", "kv_sequence", "hbm", "chips", "headroom")),
]  # fmt: skip
CAPTION = ("chips", "chip", "model", "fits", "min_chips")
OF_CURVE = [
    Step("batch", "Batch", "sequences", "whole", batch_at, ("point", "point*", "largest")),
    *(step for step in OF_PAIR if step.key in ("compute_time", "kv_time", "step_time", "cost")),
    Step("compute_ms", "Computing", "ms", "ms", milliseconds, ("compute_time",)),
    Step("memory_ms", "Reading memory", "ms", "ms", memory_milliseconds, ("memory_time", "kv_time")),
    Step("step_ms", "Step: time per output token", "ms", "ms", milliseconds, ("step_time",)),
    Step("usd_per_million", "Cost", "$/million tokens", "price", ts.cost_per_million, ("cost",)),
]


ASSUMED = ("chips", "batch", "context", "precision", "kv_precision", "utilization")


def assumptions(chips: Any, batch: Any, context: Any, precision: Any, kv_precision: Any, used: Any) -> Any:
    """One line that says what the numbers hold for."""
    text = chips + " chips a model, batch " + batch + ", context " + context + ", weights in " + precision
    return text + ", KV cache in " + kv_precision + ", utilization " + used * 100 + " %"


def passes(test: Any) -> Any:
    return np.where(test, 1, 0)


def all_found(chip_rows: Any, chips: Any, model_rows: Any, models: Any) -> Any:
    return passes(count(chip_rows) + count(model_rows) == count_filled(chips) + count_filled(models))


def all_priced(prices: Any, cost: Any, fits: Any) -> Any:
    return passes(count(prices) == np.sum((cost > 0) * fits))


def in_range(batch: Any, context: Any, chips: Any, utilization: Any, headroom: Any) -> Any:
    shares = (utilization > 0) & (utilization <= 1) & (headroom >= 0) & (headroom < 1)
    return passes((batch > 0) & (context >= 0) & (chips > 0) & shares)


def never_shorter(step: Any, part: Any) -> Any:
    return passes(np.sum((step < part) * 1) == 0)


def agrees(cost: Any, *inputs: Any) -> Any:
    """Whether one formula from the pair's figures to its cost gives what the chain of formulas gave."""
    batch, context, active, total, width, kv, flops, bandwidth, per_param, usd, chips, utilization = inputs
    compute = ts.compute_time(batch, active, flops, per_param)
    step = ts.roofline_time(compute, ts.memory_time(total, width, bandwidth), ts.kv_time(batch, context, kv, bandwidth))
    return passes(np.abs(ts.token_cost(step, batch, usd, chips, utilization) - cost) <= 1e-12 * cost)


def verdict(checks: Any) -> Any:
    return np.where(np.min(checks) == 1, "All checks pass", "A check fails: see the sheet Checks")


CHECKS = [
    Step("inputs", "Every input is in its range", "the ranges of the sheet Inputs", "center", in_range,
         ("batch", "context", "chips", "utilization", "headroom")),
    Step("found", "Every chip and model of the grid is in the catalogue", "counts the rows found", "center", all_found,
         ("chip_row*", "chip*", "model_row*", "model*")),
    Step("priced", "Every pair that fits and has a rent has a price, no other has", "counts prices and fitting pairs",
         "center", all_priced, ("usd_per_million*", "cost*", "fits*")),
    Step("compute", "No step is shorter than its compute", "compares every pair", "center", never_shorter,
         ("step_time*", "compute_time*")),
    Step("weights", "No step is shorter than reading its weights", "compares every pair", "center", never_shorter,
         ("step_time*", "memory_time*")),
    Step("pair", "The pair's cost agrees to 1e-12 with one native formula", "recomputes Pair without its steps",
         "center", agrees,
         ("pair_cost", "batch", "context", "pair_active_params", "pair_total_params", "precision_bytes", "pair_kv_mean",
          "pair_all_flops", "pair_all_bandwidth", "flops_per_param", "pair_usd_per_hour", "chips", "utilization")),
]  # fmt: skip
