"""The sheet Layouts of rack-layout: each layout at every batch, what it takes of a chip, and its cheapest batch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any

import numpy as np
import tokensheet as ts
from tokensheet.chain import Chain, Quantity
from tokensheet.glossary import meaning

from tokensheet_templates import catalogue
from tokensheet_templates.declared import line
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.ledger import age
from tokensheet_templates.look_ups import UNITS
from tokensheet_templates.page import FIRST
from tokensheet_templates.plumbing import entry_down, found_down, highest, index, least_down, link, lowest
from tokensheet_templates.served import PLAIN
from tokensheet_templates.unit_costs import END_WORDS, NONE

GIVEN = ("batch", "chips", "own_chips", "own_tensor_parallel", "own_stages")
FACTORS = {"usd_per_hour": "rent_factor", "link_bandwidth": "link_factor", "scale_out_bandwidth": "network_factor"}
POWERS = range(15)  # batches of 1 to 16,384
TERMS = ("spread_time", "cache_time", "practical_time", "attention_time", "exchange", "overhead")  # of a step
MEMORY = {"chip_dense": "other weights", "chip_experts": "experts", "at_kv": "KV cache"}
COSTS = {f"{end}token_cost": f"Cost of an output token{words}" for end, words in END_WORDS.items()}
SHOWN = [
    ("million", "Cost of a million output tokens", "$/Mtok", "layout_cost", 1e6, "price"),
    ("time", "Time per output token", "ms", "at_step_time", 1000, "tenths"),
    ("batch", "Batch", "sequences", "at_batch", 1, "whole right"),
]  # of what Heat shows
WANTED = (
    *COSTS,
    "ideal_token_cost",
    "weights_bytes",
    "kv_bytes",
    "cache_chips",
    "hbm",
    "shaped",
    "chip_listed",
    "model_listed",
)


def times(a: Any, b: Any) -> Any:
    return a * b


def scaled(looked_up: Iterable[Quantity]) -> Iterator[Quantity]:
    """What is looked up of the chip; some of it by the factor that Inputs has."""
    for each in looked_up:
        if each.key not in FACTORS:
            yield each
            continue
        listed = f"listed_{each.key}"
        yield line(listed, f"{each.label}, as in the catalogue", meaning(each.key)[1], each.equation, each.inputs)
        yield line(each.key, each.label, meaning(each.key)[1], times, (listed, FACTORS[each.key]))


def chain_of(book: Kernel) -> Chain:
    """All that the cost of a token rests on, down to Inputs and Catalogue."""
    blocks = book.blocks
    chip = scaled(catalogue.of_chip(blocks, PLAIN))
    return Chain(
        (*catalogue.of_formats(blocks), *chip, *catalogue.of_model(blocks, PLAIN), *catalogue.of_band(blocks), *PLAIN)
    )


def write_layouts(book: Kernel) -> None:
    blocks, tensors, stages = book.blocks, *(len(book.blocks[key].values) for key in ("tensor_choice", "stage_choice"))
    page = book.page(
        "Layouts",
        "Each layout at every batch; what is neither tensor nor pipeline parallel is data parallel.",
        tensors * stages,
    )
    pairs = [*product(range(1, tensors + 1), range(1, stages + 1))]
    page.axis("layout_number", "Number of the layout", range(1, len(pairs) + 1))
    page.axis("tensor_place", "Number of the tensor-parallel choice", [tensor for tensor, _ in pairs])
    page.axis("stage_place", "Number of the pipeline choice", [stage for _, stage in pairs])
    needed = chain_of(book).of(*WANTED, given={*blocks, *GIVEN})
    page.take((*needed.given(), "tpot"))
    page.lay("Each layout", [
        line("own_tensor_parallel", "Tensor parallel", "chips", index, ("all:tensor_choice", "tensor_place"), "whole"),
        line("own_stages", "Pipeline stages", "stages", index, ("all:stage_choice", "stage_place"), "whole"),
        line("split", "Data parallel: chips left for each", "number", lambda chips, own_tensor_parallel, own_stages:
             chips / own_tensor_parallel / own_stages, style="cents"),
        line("layout", "Layout", "text", lambda tensor, stages: "TP" + tensor + " PP" + stages,
             ("own_tensor_parallel", "own_stages"), "right shrink"),
    ], across="layout_number")  # fmt: skip
    page.put(page.row, 0, [["Batches: powers of two", ""]], "head")
    blocks["power"] = page.put(page.row + 1, FIRST, [[float(power)] for power in POWERS], "data whole")
    blocks["batch"] = page.fill(page.row + 1, 0, lambda power: 2**power, blocks["power"], style="bold whole")
    page.row += len(POWERS) + 2
    page.lay("Each layout, step by step", list(needed), across="layout", down="batch", units=UNITS)
    page.lay("Memory of a chip", [
        line("dense_held", "Other weights, with the embedding", "bytes", lambda weights_bytes, all_experts_read:
             weights_bytes - all_experts_read),
        line("chip_experts", "Experts, spread over the chips of a stage", "bytes",
             lambda experts, groups, tensor, stages: ts.memory_per_chip(experts, 0, groups, tensor, stages, 1),
             ("all_experts_read", "groups", "tensor_parallel", "stages")),
        line("chip_dense", "Other weights, in each group", "bytes",
             lambda dense, tensor, stages: ts.memory_per_chip(dense, 0, 1, tensor, stages, 1),
             ("dense_held", "tensor_parallel", "stages")),
        line("chip_kv", "KV cache", "bytes", lambda kv_bytes, cache_chips, stages: kv_bytes / cache_chips / stages),
        line("chip_memory", "Memory of a chip", "bytes", lambda chip_experts, chip_dense, chip_kv:
             chip_experts + chip_dense + chip_kv),
        line("memory_limit", "Memory less the headroom", "bytes", lambda hbm, headroom: hbm * (1 - headroom)),
    ], across="layout", down="batch")  # fmt: skip
    book.expect(
        "Catalogue: the model and the chip that Inputs picks are there",
        lowest(blocks["model_listed"]) * lowest(blocks["chip_listed"]) > 0,
    )
    book.expect("Catalogue: the model has its layers, heads and widths", lowest(blocks["shaped"]) > 0)
    book.expect("Catalogue: the chip has a rent", lowest(blocks["usd_per_hour"]) > 0)
    book.alert("Inputs: the day of the chip's rent is not too old", age(book, "rent_day") <= blocks["old"].cell)


def one_if(test: Any) -> Any:
    return np.where(test, 1, 0)


def even(total_experts: Any, stage_chips: Any) -> Any:
    """1 if each chip of a stage has as many experts as any other, or there are more chips than experts."""
    each = total_experts / stage_chips
    return one_if((each < 1) | (np.floor(each) == each))


def allowed(valid: Any, batch: Any, least: Any, memory: Any, limit: Any, step: Any, tpot: Any, cost: Any) -> Any:
    """The cost of a token where a layout is one, each part has a sequence, and memory and time are within limits."""
    within = (batch >= least) & (memory <= limit) & (step * 1000 <= tpot)
    return np.where((valid > 0) & within, cost, NONE)


def write_limits(book: Kernel) -> None:
    """Which layouts are ones, and the batch at which each is cheapest within the limits."""
    page, blocks = book.pages["Layouts"], book.blocks
    page.lay("Whether it is one", [
        line("is_whole", "1 if chips / (tensor x pipeline) is whole", "0 or 1", lambda split:
             one_if((split >= 1) & (np.floor(split) == split))),
        line("is_headed", "1 if tensor parallel is no more than the heads", "0 or 1", lambda own_tensor_parallel, heads:
             one_if(own_tensor_parallel <= heads)),
        line("is_near", "1 if tensor parallel stays in a domain", "0 or 1", lambda own_tensor_parallel, domain:
             one_if(own_tensor_parallel <= domain)),
        line("is_layered", "1 if each stage has a layer", "0 or 1", lambda own_stages, layers:
             one_if(own_stages <= layers)),
        line("is_even", "1 if experts divide evenly", "0 or 1", even, ("total_experts", "stage_chips")),
        line("valid", "1 if all of it", "0 or 1",
             lambda whole, headed, near, layered, even: whole * headed * near * layered * even,
             ("is_whole", "is_headed", "is_near", "is_layered", "is_even")),
        line("least_batch", "Least batch: a sequence for each group of each stage", "sequences", times,
             ("groups", "stages")),
        line("product_gap", "Tensor x data x pipeline over the chips, less one", "ratio",
             lambda valid, tensor, groups, stages, chips:
             np.where(valid > 0, abs(tensor * groups * stages / chips - 1), 0),
             ("valid", "tensor_parallel", "groups", "stages", "chips")),
    ], across="layout")  # fmt: skip
    page.lay("Within the limits", [
        line("allowed_cost", "Cost of an output token within the limits", "$/token", allowed,
             ("valid", "batch", "least_batch", "chip_memory", "memory_limit", "step_time", "tpot", "token_cost")),
        line("layout_cost", "Least cost of an output token", "$/token", least_down, ("allowed_cost",)),
        line("layout_place", "at the batch number", "number", found_down, ("layout_cost", "allowed_cost")),
    ], across="layout", down="batch")  # fmt: skip
    tall = {key for key in TERMS if len(blocks[key].values) > 1}  # the layers' takes as long at every batch
    page.lay("At that batch", [
        line("at_batch", "Batch", "sequences", entry_down, ("batch", "layout_place")),
        line("at_step_time", "Time per output token", "s", entry_down, ("step_time", "layout_place")),
        line("at_memory", "Memory of a chip", "bytes", entry_down, ("chip_memory", "layout_place")),
        line("at_kv", "of it KV cache", "bytes", entry_down, ("chip_kv", "layout_place")),
        *(line(f"at_{key}", label, "$/token", entry_down, (key, "layout_place")) for key, label in COSTS.items()),
        line("at_ideal_token_cost", "Floor, the bound", "$/token", entry_down, ("ideal_token_cost", "layout_place")),
        *(line(f"at_{key}", book.lines[key].label, "s",
               *((entry_down, (key, "layout_place")) if key in tall else (link, (key,))))
          for key in TERMS),
        line("floor_holds", "1 if the bound is below the band", "0 or 1", lambda floor, low: one_if(floor <= low),
             ("at_ideal_token_cost", "at_low_token_cost")),
        *(line(f"layout_{key}", f"{label}, within the limits", unit, lambda cost, value, scale=scale:
               np.where(cost > 0, value * scale, NONE), ("layout_cost", of), style)
          for key, label, unit, of, scale, style in SHOWN),
        line("layout_value", "Mtok for a dollar; and a bit, so that no two are equal", "Mtok/$", lambda cost, number:
             np.where(cost > 0, 1 / (cost * 1e6), 0) + number / 1e12, ("layout_cost", "layout_number"), "cents"),
    ], across="layout")  # fmt: skip
    book.expect("Layouts: tensor x data x pipeline parallel are the chips",
                highest(blocks["product_gap"]) <= blocks["tolerance"].cell)  # fmt: skip
    book.expect("Layouts: the bound is below the low end of each estimate", lowest(blocks["floor_holds"]) > 0)
    book.expect(
        "Layouts: some layout fits and keeps the limit of its time per token", highest(blocks["layout_cost"]) > 0
    )
