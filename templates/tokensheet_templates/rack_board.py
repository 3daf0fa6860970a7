"""The sheets Ranking, Heat and Board of rack-layout."""

from __future__ import annotations

from typing import Any

import numpy as np
from tokensheet.cell import lift

from tokensheet_templates.board import HALF
from tokensheet_templates.bridge import bridge_bars
from tokensheet_templates.cases import tornado_bars
from tokensheet_templates.charts import Bars, draw_bars
from tokensheet_templates.declared import Line, line
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.layouts import COSTS, MEMORY
from tokensheet_templates.page import Page
from tokensheet_templates.plumbing import highest, index, largest, lowest, match, place_of, shown, size
from tokensheet_templates.style import ACCENT, FAINT, GOOD, POOR

COLOURS = (ACCENT, "#8EC5F2", "#C05621")
TOP = slice(0, 8)  # ranks that Board shows


def of_layout(any: Any, cells: Any, layout: Any) -> Any:
    """What a layout has, 0 if it is outside the limits."""
    return np.where(any > 0, index(cells, layout), 0)


def write_ranking(book: Kernel) -> None:
    """The layouts, the cheapest first; those that are outside the limits come last, without numbers."""
    page = book.page("Ranking", "The layouts by dollars per million output tokens, within memory and time.")
    places = range(1, book.blocks["layout"].values.size + 1)
    page.name_rows("ranked", "Ranked", {"place": places}, names=[f"{place}." for place in places])
    every = ("ranked_any",)
    page.lay("Ranked", [
        line("ranked_value", "Mtok for a dollar", "Mtok/$", largest, ("all:layout_value", "place"), "cents"),
        line("ranked_layout", "Number of the layout", "number", place_of, ("ranked_value", "all:layout_value")),
        line("ranked_any", "1 if within the limits", "0 or 1",
             lambda costs, layout: np.where(index(costs, layout) > 0, 1, 0), ("all:layout_cost", "ranked_layout")),
        line("ranked_name", "Layout", "text", index, ("all:layout", "ranked_layout"), "right shrink"),
        line("ranked_tensor", "Tensor parallel", "chips", index, ("all:own_tensor_parallel", "ranked_layout")),
        line("ranked_data", "Data or expert parallel", "groups", index, ("all:split", "ranked_layout"), "plain"),
        line("ranked_stages", "Pipeline stages", "stages", index, ("all:own_stages", "ranked_layout"), "whole"),
        line("ranked_batch", "Batch", "sequences", of_layout, (*every, "all:at_batch", "ranked_layout")),
        line("ranked_time", "Time per output token", "ms",
             lambda any, cells, layout: of_layout(any, cells, layout) * 1000,
             (*every, "all:at_step_time", "ranked_layout")),
        *(line(f"ranked_{key}", label.replace("an output token", "a million"), "$/Mtok",
               lambda any, cells, layout: of_layout(any, cells, layout) * 1e6,
               (*every, f"all:at_{key}", "ranked_layout"))
          for key, label in COSTS.items()),
        line("ranked_lead", "Over the cheapest", "%",
             lambda any, cost, all: np.where(any > 0, cost / index(all, lift(1)) - 1, 0),
             (*every, "ranked_token_cost", "all:ranked_token_cost"), "percent"),
        *(line(f"ranked_{key}", f"Memory: {words}", "bytes", of_layout, (*every, f"all:{key}", "ranked_layout"))
          for key, words in MEMORY.items()),
        line("ranked_use", "Memory, of the limit", "%",
             lambda any, cells, layout, limit: of_layout(any, cells, layout) / limit,
             (*every, "all:at_memory", "ranked_layout", "memory_limit")),
    ], down="ranked")  # fmt: skip
    seen = index(book.blocks["ranked_any"].whole, book.blocks["layout_seen"].cell)
    book.expect("Ranking: the layout that Inputs looks at is within the limits", seen > 0)
    book.expect("Ranking: no layout takes more memory than a chip has", highest(book.blocks["ranked_use"]) <= 1)


def write_heat(book: Kernel) -> None:
    """Tensor parallel by pipeline stages."""
    page = book.page(
        "Heat",
        "Two-way: each layout by tensor parallel, down, and pipeline stages, across; – is outside the limits.",
        12,
        13,
    )
    tensors, stages = (len(book.blocks[f"{key}_choice"].values) for key in ("tensor", "stage"))
    page.name_rows("tensor", "Tensor parallel, chips", {"tensor": range(1, tensors + 1)},
                   line("tensor_row", "", "", index, ("all:tensor_choice", "tensor")))  # fmt: skip
    page.axis("stage", "Number of the choice", range(1, stages + 1))
    page.lay("Pipeline", [
        line("stage_column", "Pipeline stages", "stages", index, ("all:stage_choice", "stage"), "whole link"),
        line("stage_count", "Choices of stages", "number", size, ("all:stage",)),
    ], across="stage")  # fmt: skip
    page.lay("By tensor parallel, down, and pipeline stages, across", [
        line("heat_place", "Number of the layout", "number", lambda tensors, tensor, count, stages, stage:
             (match(tensors, tensor) - 1) * count + match(stages, stage),
             ("all:tensor", "tensor", "stage_count", "all:stage_column", "stage_column")),
        line("heat_cost", "Cost, dollars per million tokens", "$/Mtok", index, ("all:layout_million", "heat_place")),
        line("heat_time", "Time per output token", "ms", index, ("all:layout_time", "heat_place")),
        line("heat_batch", "Batch", "sequences", index, ("all:layout_batch", "heat_place"), "whole right"),
    ], across="stage_column", down="tensor")  # fmt: skip
    for key in ("heat_cost", "heat_time"):
        heat(page, key)
    whole = {key: line(f"{key}_whole", "1 if whole", "0 or 1", is_whole, (key,)) for key in ("tensor", "stage_column")}
    page.lay("Tensor parallel", [whole["tensor"]], down="tensor")
    page.lay("Pipeline stages", [whole["stage_column"]], across="stage_column")
    for key, words in (("tensor_whole", "tensor parallel"), ("stage_column_whole", "pipeline stages")):
        book.expect(f"Inputs: each choice of {words} is a whole number", lowest(book.blocks[key]) > 0)
    for key, words in (("chips", "the chips of a replica are"), ("layout_seen", "the rank of the layout looked at is")):
        number = book.blocks[key].cell
        book.expect(f"Inputs: {words} a whole number", np.floor(number) == number)


def is_whole(number: Any) -> Any:
    return np.where(np.floor(number) == number, 1, 0)


def heat(page: Page, key: str) -> None:
    """Colour small numbers as good."""
    shades = {"min_color": GOOD, "mid_color": FAINT, "max_color": POOR}
    page.raw.conditional_format(page.book.blocks[key].range, {"type": "3_color_scale"} | shades)


ANSWERS = {
    "ranked_name": "The layout looked at",
    "ranked_tensor": "Chips that share each matrix",
    "ranked_data": "Groups: data or expert parallel",
    "ranked_stages": "Pipeline stages",
    "ranked_batch": "Batch of the replica",
    "ranked_time": "Time per output token",
    "ranked_token_cost": "Cost, dollars per million tokens",
    "ranked_low_token_cost": "Cost, low end",
    "ranked_high_token_cost": "Cost, high end",
    "ranked_use": "Memory of a chip, of the limit",
}
COSTS_RANKED = tuple(f"ranked_{key}" for key in COSTS)
OF_RANK = ("ranked_name", "ranked_batch", "ranked_time", *COSTS_RANKED, "ranked_lead", "ranked_use")


def write_board(book: Kernel) -> None:
    page = book.page(
        "Board", "How to lay the model out on the chips of a replica, and what a token costs by it.", 8, 13
    )
    page.lay(
        "The answer", [shown_at(book, f"board {key}", label, key, "layout_seen") for key, label in ANSWERS.items()]
    )
    book.blocks |= {"board_rank": book.blocks["ranked"].take(TOP), "rank": book.blocks["place"].take(TOP)}
    best = [shown_at(book, f"board list {key}", book.lines[key].label, key, "rank") for key in OF_RANK]
    page.lay("The best", best, down="board_rank")
    write_charts(book, page.below(36))


def shown_at(book: Kernel, key: str, label: str, of: str, place: str) -> Line:
    """What a column of Ranking has at a place."""
    _, unit, style = book.describe(of)
    return line(key, label, unit, lambda cells, place: shown(index(cells, place)), (f"all:{of}", place), style)


def write_charts(book: Kernel, row: int) -> None:
    page, blocks = book.pages["Board"], book.blocks
    costs = [Bars("Cost", blocks["ranked_token_cost"], ACCENT)]
    draw_bars(page, (row, 0), "Cost of a million tokens, each layout", blocks["ranked_name"], costs, "$0.00", size=HALF)
    memory = [
        Bars(words, blocks[f"ranked_{key}"], colour)
        for (key, words), colour in zip(MEMORY.items(), COLOURS, strict=True)
    ]
    draw_bars(page, (row, 4), "Memory of a chip", blocks["ranked_name"], memory, '0,,,"GB"', size=HALF)
    draw_bars(page, (row + 18, 0), "Tornado: what moves the cost of a million tokens", blocks["rank_label"],
              tornado_bars(book), "$0.00", lying=True, size=HALF)  # fmt: skip
    draw_bars(page, (row + 18, 4), "Bridge: what a million tokens cost", blocks["bridge_name"], bridge_bars(book),
              "$0.00", size=HALF)  # fmt: skip
