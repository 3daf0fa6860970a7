"""A model of one row, once a case: live, the three scenarios, and each of some inputs low and high; with a tornado."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from tokensheet.cell import Cell, lift

from tokensheet_templates.charts import Bars
from tokensheet_templates.declared import SCENARIOS, Line, line
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.page import Page
from tokensheet_templates.plumbing import index, largest, place_of

LIVE, FIRST_VARIED = 1, 5  # numbers of the cases: the live one, the three scenarios, then each input low and high
LOW_COLOUR, HIGH_COLOUR = "#C05621", "#8EC5F2"


def of_case(values: Cell, which: Cell, level: Cell, number: Cell, scenario: Cell) -> Cell:
    """An input's value in a case: of the level if the case is about it or about all, else of the scenario."""
    its = (which.value == number.value) | (which.value == 0)
    place = np.where(its, level.value, scenario.value).astype(int) - 1
    text = f"IF(OR({which.text}={number.text},{which.text}=0),{level.text},{scenario.text})"
    return Cell(f"INDEX({values.text},1,{text})", values.value.ravel()[place], many=False)


def only_its(values: Cell, which: Cell, level: Cell, number: Cell) -> Cell:
    """The same of what has no scenarios: of the level if the case is about it alone, else the second."""
    place = np.where(which.value == number.value, level.value, 2).astype(int) - 1
    text = f"IF({which.text}={number.text},{level.text},2)"
    return Cell(f"INDEX({values.text},{text})", values.value.ravel()[place], many=False)


def write_cases(
    book: Kernel, page: Page, varied: Sequence[str], own: Mapping[str, str], model: Sequence[Line], outcome: str,
    across: str = "",
) -> None:  # fmt: skip
    """A row for each case: the inputs `varied`, and the lines of the model on `case_{input}`, to the `outcome`.

    Lines of the model may be blocks with names `across`.

    Of `own` inputs, which have no scenarios, the block `{key} scenarios` has low, base and high; they have labels here.
    Then the inputs are ranked by how far they move the outcome.
    """
    labels = {key: book.inputs[key].label for key in varied} | dict(own)
    cases = [(-1, 2), *((0, level) for level in (1, 2, 3))]
    cases += [(number, level) for number in range(1, len(labels) + 1) for level in (1, 3)]
    names = ["Live", *SCENARIOS, *(f"{label}: {level}" for label in labels.values() for level in ("low", "high"))]
    page.axis("varied", "Number of the input", range(1, len(labels) + 1))
    for place, key in enumerate(labels):
        book.blocks[f"number {key}"] = book.blocks["varied"].take(columns=slice(place, place + 1))
    numbers = {"case_which": [which for which, _ in cases], "case_level": [level for _, level in cases]}
    page.name_rows("case", "Case: of which input (-1 none, – all), which scenario", numbers, names=names)
    asked = ("case_which", "case_level")
    page.lay("Inputs of each case", [
        *(line(f"case_{key}", labels[key], book.unit_of(book.inputs[key]), of_case,
               (f"all:{key} scenarios", *asked, f"number {key}", "scenario"), book.inputs[key].style)
          for key in varied),
        *(line(f"case_{key}", label, "ratio", only_its, (f"all:{key} scenarios", *asked, f"number {key}"))
          for key, label in own.items()),
    ], down="case")  # fmt: skip
    page.lay("What follows in each case", model, across=across, down="case")
    write_tornado(book, page, labels, outcome)


def write_tornado(book: Kernel, page: Page, labels: Mapping[str, str], outcome: str) -> None:
    """How far each input moves the outcome, and the inputs by that."""
    unit, numbers = book.unit_of(book.lines[outcome]), range(1, len(labels) + 1)
    low = [FIRST_VARIED + 2 * (number - 1) for number in numbers]
    cases = {"low_case": low, "high_case": [case + 1 for case in low]}
    page.name_rows("swung", "What moves it: tornado", cases, names=[*labels.values()])
    every = f"all:{outcome}"
    page.lay("What moves it", [
        line("live_outcome", "Live", unit, lambda cells: index(cells, lift(LIVE)), (every,)),
        line("low_outcome", "Low scenario", unit, index, (every, "low_case")),
        line("high_outcome", "High scenario", unit, index, (every, "high_case")),
        line("swing", "Swing", unit, lambda low_outcome, high_outcome: abs(high_outcome - low_outcome)),
        line("swing_rank", "with the case, so that no two are equal", unit, lambda swing, low_case:
             swing + low_case / 1e12),
    ], down="swung")  # fmt: skip
    page.name_rows("rank", "Ranked", {"rank_number": numbers}, names=[f"{number}." for number in numbers])
    page.lay("Ranked", [
        line("rank_swing", "Swing", unit, largest, ("all:swing_rank", "rank_number")),
        line("rank_place", "Number", "number", place_of, ("rank_swing", "all:swing_rank")),
    ], down="rank")  # fmt: skip
    page.name_rows("rank_label", "Input, that which moves it most first", {},
                   line("rank_label", "", "", index, ("all:swung", "rank_place")))  # fmt: skip
    page.lay("Tornado", [
        *(line(f"rank_{end}", f"{end.capitalize()} scenario less live", unit, lambda cells, place, live: index(cells,
               place) - live,
               (f"all:{end}_outcome", "rank_place", "live_outcome")) for end in ("low", "high")),
    ], down="rank_label")  # fmt: skip


def tornado_bars(book: Kernel) -> list[Bars]:
    """The bars of the tornado, for a chart against `rank_label`."""
    ends = {"low": LOW_COLOUR, "high": HIGH_COLOUR}
    return [Bars(f"{end.capitalize()} scenario", book.blocks[f"rank_{end}"], colour) for end, colour in ends.items()]
