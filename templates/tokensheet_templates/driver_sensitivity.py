"""The sheet Sensitivity of price-drivers: the cost of a token case by case with a tornado, and by batch and context."""

from __future__ import annotations

from typing import Any

import numpy as np
from tokensheet.cell import lift
from tokensheet.chain import Chain

from tokensheet_templates.cases import LIVE, tornado_bars, write_cases
from tokensheet_templates.charts import draw_bars
from tokensheet_templates.declared import line
from tokensheet_templates.drivers import lay_moved, moved_lines, needs
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.page import Page
from tokensheet_templates.plumbing import agrees, index, lowest

VARIED = ("batch", "context", "utilization", "rent_factor")
HALF = 3  # steps of the two-way grid to each side of the middle
NONE = "–"
TALL = 29


def write_sensitivity(book: Kernel, chain: Chain) -> None:
    page = book.page("Sensitivity", "What moves the cost of a million tokens most, and its cost by batch and context.")
    page.lay("The band as a scenario", [
        line("over_low", "High end over the estimate", "ratio", lambda end, middle: end / middle,
             ("high_million", "million")),
        line("over_base", "Estimate over itself", "ratio", lambda middle: middle / middle, ("million",)),
        line("over_high", "Low end over the estimate", "ratio", lambda end, middle: end / middle,
             ("low_million", "million")),
    ])  # fmt: skip
    book.stack("estimate_end scenarios", ["over_low", "over_base", "over_high"])  # dear in the low scenario
    model = moved_lines(book, chain, ["million", "fits"], {key: f"case_{key}" for key in VARIED}, "case_")
    model += [
        line("case_held", "The batch fits", "0 or 1", lambda case_fits: np.where(case_fits, 1.0, 0.0)),
        line("case_cost", "Cost of a million tokens", "$/Mtok", lambda case_million, case_estimate_end:
             case_million * case_estimate_end),
    ]  # fmt: skip
    page.take(needs(book, page, model))
    write_cases(book, page, VARIED, {"estimate_end": "Estimate, its band"}, model, "case_cost")
    tornado = tornado_bars(book)
    title = "Tornado: what moves the cost of a million tokens most"
    draw_bars(page, (page.below(TALL), 0), title, book.blocks["rank_label"], tornado, "0.00", lying=True, unit="$")
    write_grid(book, page, chain)
    page.lay("The live case and the sheet Step", [
        line("live_agrees", "1 if the cost of the live case is that on Step", "0 or 1", lambda cases, *others:
             agrees(index(cases, lift(LIVE)), *others), ("all:case_cost", "million", "tolerance")),
    ])  # fmt: skip
    book.expect("Sensitivity: the live case is the step of Step", book.blocks["live_agrees"].cell == 1)
    book.alert("Sensitivity: the batch of each case fits", lowest(book.blocks["case_held"]) == 1)


def cost_if(fits: Any, million: Any) -> Any:
    return np.where(fits, million, NONE)


def write_grid(book: Kernel, page: Page, chain: Chain) -> None:
    """Two-way: the cost by batch, down, and context, across, where the batch fits."""
    steps = range(-HALF, HALF + 1)
    page.axis("context_place", "Steps from the context", steps)
    names = [f"Step {place:+d}" if place else "As Inputs has it" for place in steps]
    page.name_rows("grid_name", "Batches of the two-way grid", {"batch_place": steps}, names=names)
    page.take(("batch", "context", "grid_step"))
    page.lay("Batches and contexts", [
        line("grid_context", "Context", "tokens", lambda context, grid_step, place: context * grid_step**place,
             ("context", "grid_step", "context_place")),
        line("grid_batch", "Batch", "sequences", lambda batch, grid_step, place: batch * grid_step**place,
             ("batch", "grid_step", "batch_place"), "tenths"),
    ], across="context_place", down="grid_name")  # fmt: skip
    moved = {"batch": "grid_batch", "context": "grid_context"}
    lines = moved_lines(book, chain, ["million", "fits"], moved, "grid_")
    lay_moved(book, page, "By batch and context", lines, across="grid_context", down="grid_batch")
    page.lay("Two-way", [
        line("two_way", "Two-way: what a million tokens costs, contexts across, batches down; a dash does not fit",
             "$/Mtok", cost_if, ("grid_fits", "grid_million")),
    ], across="grid_context", down="grid_batch")  # fmt: skip
