"""The sheet Pair: one chip and one model step by step, with curves against the batch up to the largest that fits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from tokensheet.chain import Chain, Quantity

from tokensheet_templates.charts import draw, estimate_lines
from tokensheet_templates.declared import Line, line
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.look_ups import UNITS
from tokensheet_templates.page import Page
from tokensheet_templates.plumbing import index, link, place_of
from tokensheet_templates.style import style_of

POINTS = 13  # of a curve
COSTS = ("output_million", "low_output_million", "high_output_million", "floor_million")
TIMES = ("latency", "low_latency", "high_latency", "floor_latency")
RESULTS = ("blended", "low_blended", "high_blended", *COSTS, "input_million", "cached_million", *TIMES, "binding",
           "chips_used", "largest_batch")  # fmt: skip
CURVES = {"Cost of output tokens": ("$ per million", COSTS), "Time per output token": ("ms", TIMES)}
CHART = 22  # rows


def batch_at(point: Any, last_point: Any, largest_batch: Any) -> Any:
    """Whole batches in even steps of the logarithm, from 1 to the largest."""
    return np.floor((2 * np.maximum(1, largest_batch) ** (point / last_point) + 1) / 2)


def called(book: Kernel, quantities: Iterable[Quantity], names: Mapping[str, str]) -> list[Line]:
    """The same quantities under other keys, with the units and looks that their own keys give them."""
    found = []
    for each in quantities:
        unit = book.unit_of(each)
        inputs = tuple(names.get(key, key) for key in each.inputs)
        look = getattr(each, "style", "") or style_of(each.key, unit)
        found.append(Line(names.get(each.key, each.key), each.label, each.equation, inputs, unit, look))
    return found


def resting(chain: Chain, keys: Iterable[str], given: Iterable[str] = ()) -> list[Quantity]:
    """The quantities of a chain that rest on some of what is given."""
    left = Chain(each for each in chain if each.key not in given)
    origins, wanted = left.origins(), {*keys}
    return [each for each in left if origins[each.key] & wanted]


def names_of_pair(chain: Chain) -> dict[str, str]:
    """The keys of what rests on chip or model, as the pair's."""
    return {each.key: f"pair_{each.key}" for each in resting(chain, ("chip", "model"))} | {
        "chip": "pair_chip", "model": "pair_model"}  # fmt: skip


def write_pair(book: Kernel, chain: Chain) -> None:
    """Charts and results above, then the curves, then every step."""
    page = book.page("Pair", "One chip and one model, picked on Inputs: per million tokens, against the batch, step by "
                     "step.", POINTS, 11)  # fmt: skip
    names, steps = names_of_pair(chain), chain.of(*RESULTS)
    charts = page.below(CHART)
    results = page.below(len(RESULTS) + 10)
    pair = called(book, resting(steps, ("chip", "model")), names)
    own = {each.key for each in pair}
    page.starts.append(page.row)
    page.take(key for each in pair for key in each.inputs if key not in own)
    page.lay("Step by step", pair, units=UNITS)
    write_curves(book, page, steps, names)
    end, page.row = page.row, results
    page.lay("Results", [
        *(line(f"seen {kind}", kind.capitalize(), "text", link, (f"pair_{kind}",), "right")
          for kind in ("model", "chip")),
        *(replace(each, key=f"seen {each.key}", equation=link, inputs=(f"pair_{each.key}",))
          for each in called(book, (chain[key] for key in RESULTS), {})),
        line("grid_row", "Its row on Grid", "number", place_of, ("pair_model", "all:model")),
        line("grid_column", "Its column on Grid", "number", place_of, ("pair_chip", "all:chip")),
        line("grid_model", "Model there", "text", index, ("all:model", "grid_row"), "right"),
        line("grid_chip", "Chip there", "text", index, ("all:chip", "grid_column"), "right"),
        line("grid_blended", "Blended cost there", "$/Mtok", index, ("all:blended", "grid_row", "grid_column")),
        line("same", "1 if Grid says the same of the pair, or has it not", "0 or 1", agrees,
             ("pair_blended", "grid_blended", "pair_model", "grid_model", "pair_chip", "grid_chip")),
    ])  # fmt: skip
    page.row = end
    page.starts.sort()
    book.expect("Pair: its blended cost is that of Grid, where Grid has the pair", book.blocks["same"].cell == 1)
    for column, (what, (unit, keys)) in zip((0, 5), CURVES.items(), strict=True):
        titles = {"chart": f"{what} against batch", "x": "Batch, sequences", "y": f"{what}, {unit}"}
        lines = estimate_lines(*(book.blocks[f"curve_{key}"] for key in keys))
        draw(page, (charts, column), titles, book.blocks["curve_batch"], lines, "General")


def agrees(pair: Any, grid: Any, model: Any, grid_model: Any, chip: Any, grid_chip: Any) -> Any:
    return np.where((model == grid_model) & (chip == grid_chip) & (pair != grid), 0, 1)


def write_curves(book: Kernel, page: Page, steps: Chain, names: Mapping[str, str]) -> None:
    """What rests on the batch, at other batches on as many chips, up to the largest that fits."""
    page.axis("point", "Point", range(POINTS))
    book.blocks["last_point"] = book.blocks["point"].take(columns=slice(POINTS - 1, POINTS))
    page.lay("Batches", [
        line("curve_batch", "Batch", "sequences", batch_at, ("point", "last_point", "pair_largest_batch")),
    ], across="point")  # fmt: skip
    held = [each for each in steps if each.key not in ("chips", "largest_batch")]
    keys = [key for _, keys in CURVES.values() for key in keys]
    moved = resting(Chain(held).of(*keys), ("batch",))
    curve = {each.key: f"curve_{each.key}" for each in moved} | {"batch": "curve_batch"}
    page.lay("By batch", called(book, moved, {**names, **curve}), across="curve_batch")
