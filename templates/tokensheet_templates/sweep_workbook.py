"""The summary of a sweep as a workbook: values that were computed elsewhere, and it says so."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tokensheet.files import whole_file
from tokensheet.sweep_summary import ENOUGH, Summary

from tokensheet_templates.book import ROW, Book, Sheet
from tokensheet_templates.charts import Bars, draw_bars
from tokensheet_templates.paper import set_up
from tokensheet_templates.style import ACCENT, style_of

if TYPE_CHECKING:
    import pandas as pd

ROWS, COLUMNS = 1_048_576, 16_384  # of a sheet of Excel
COLUMNS_OF_BOARD = 9
HEAD = 4  # rows above the first table
WIDTH = 16.0
WIDER = 28.0  # the third, which has the inputs' values
VALUES = "Values, no formulas: tokensheet computed them, and nothing here follows a change of inputs."
CHART = {"width": 690, "height": 300}


def check_size(rows: int, columns: int) -> None:
    """Complain about more combinations than a sheet holds, before they are computed."""
    if rows + HEAD + 1 > ROWS or columns > COLUMNS:
        raise ValueError(
            f"{rows:,} combinations in {columns:,} columns are more than the {ROWS:,} x {COLUMNS:,} cells of a sheet of"
            " Excel; .parquet, .csv and .zarr hold them"
        )


def write_summary(summary: Summary, path: str | Path, command: str, *, overwrite: bool = False) -> Path:
    """Write the workbook: Board, Combinations and, where answers are weighed against each other, Frontier.

    `command` is what computes the same again.
    """
    check_size(*summary.combinations.shape)
    with whole_file(path, overwrite=overwrite) as file:
        book = Book(file, "native", {"title": "A sweep", "comments": command})
        board(book.sheet("Board"), summary, command)
        listed(
            book.sheet("Combinations"), "Every combination of what is not drawn", summary.combinations, summary.units
        )
        if len(summary.frontier):
            listed(book.sheet("Frontier"), "What no other beats in one answer without being worse in another",
                   summary.frontier, summary.units)  # fmt: skip
        book.store()
    return Path(path)


def board(sheet: Sheet, summary: Summary, command: str) -> None:
    sheet.heading("A sweep", VALUES, {**dict.fromkeys(range(COLUMNS_OF_BOARD), WIDTH), 2: WIDER})
    sheet.put(2, 0, f"The same again: {command}", "note")
    row, answer = HEAD, str(summary.reasons["answer"].iloc[0])
    units = summary.units | {"share": "fraction", "scenarios": "number"}
    units |= dict.fromkeys(("least", "most", "swing"), units[answer])
    drawn = f", by medians of combinations with an answer for {ENOUGH:.0%} of the draws"
    titles = {
        "Inputs": summary.inputs,
        "Scenarios with an answer, and why others have none": summary.reasons,
        f"The best of each group: the least {answer}{drawn * summary.drawn}": summary.best,
        f"What moves {answer}: each input alone, the others at their base": summary.tornado,
    }
    for title, table in titles.items():
        sheet.put(row, 0, title, "section")
        blocks = put_table(sheet, row + 1, table, units)
        row += len(table) + 3
    if len(summary.tornado):
        bars = [Bars("Swing", blocks["swing"], ACCENT)]
        draw_bars(sheet, (row, 0), f"Swing of {answer}", blocks["input"], bars, "0.0E+00", lying=True, size=CHART,
                  unit=units[answer])  # fmt: skip
    set_up(sheet, row + 22, COLUMNS_OF_BOARD, starts=[row])


def listed(sheet: Sheet, title: str, table: pd.DataFrame, units: dict[str, str]) -> None:
    sheet.heading(title, VALUES, {**dict.fromkeys(range(len(table.columns)), WIDTH)})
    put_table(sheet, HEAD, table, units)
    sheet.raw.freeze_panes(HEAD + 1, 0)
    sheet.raw.autofilter(HEAD, 0, HEAD + len(table), len(table.columns) - 1)
    set_up(sheet, HEAD + 1 + len(table), len(table.columns), head=(HEAD, HEAD))


def put_table(sheet: Sheet, row: int, table: pd.DataFrame, units: dict[str, str]) -> dict[str, Any]:
    """Heads with units, and a column below each; gives the columns."""
    blocks = {}
    sheet.height(row, 2 * ROW)
    for column, name in enumerate(map(str, table.columns)):
        values = [cell(value) for value in table[name].astype(object)]
        number = any(isinstance(value, (int, float)) for value in values)
        unit = "fraction" if name.endswith(" answered") else units.get(name) or units.get(name.partition(" ")[0], "")
        unit = unit if number else ""
        sheet.put(row, column, f"{name}, {unit}".removesuffix(", "), "head right" if number else "head")
        text = "text" if column + 1 == len(table.columns) else "shrink"
        style = style_of("", unit) if unit else "plain right" if number else text
        if values:
            blocks[name] = sheet.put(row + 1, column, [[value] for value in values], style)
    return blocks


def cell(value: Any) -> Any:
    """A value as a sheet shows it: blank where there is none, a number in six digits."""
    if not isinstance(value, (int, float)):
        return value
    return None if value != value else float(f"{value:.6g}")
