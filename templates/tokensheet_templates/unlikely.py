"""Alerts about what may stand in a cell and is unlikely, by the rules of tokensheet.plausible; they fail nothing."""

from __future__ import annotations

import numpy as np
from tokensheet.cell import Cell, lift
from tokensheet.plausible import is_more, is_outside, usual
from xlsxwriter.utility import xl_rowcol_to_cell as address

from tokensheet_templates.book import Block, Lines, is_number
from tokensheet_templates.page import LARGEST, Page
from tokensheet_templates.style import WARN, style_of

HEADS = ("Usually from", "Usually to", "Outside, number")  # of what `alert_unusual` writes beside a row
# Units of sheets as the rules have them, and how many of these are in one
SI = {"%": ("fraction", 1.0), "$": ("USD", 1.0), "$/hour": ("USD/hour", 1.0), "$/kWh": ("USD/kWh", 1.0),
      "$/Mtok": ("USD/token", 1e-6), "ms": ("s", 1e-3), "kW": ("W", 1e3), "GB/s": ("bytes/s", 1e9)}  # fmt: skip


def alert_unusual(
    sheet: Page, typed: Block, key: str, unit: str, label: str, column: int, least: float = 0, most: float = LARGEST
) -> None:
    """Have an alert say whether the numbers of a row, which may be from least to most, are as usual.

    From a column on stand what is usual and how many are not; a colour shows which.
    """
    si, scale = SI.get(unit, (unit, 1.0))
    rule = usual(key, si)
    if not rule or (rule.least / scale <= least and most <= rule.most / scale):
        return
    ends = rule.least / scale, rule.most / scale
    limits = [sheet.put(typed.row, at, end, f"data {style_of(key, unit)}") for at, end in enumerate(ends, column)]
    counted = sheet.fill(
        typed.row, column + 2, count_unusual, numbers_of(typed), *limits, style="note whole", relative=True
    )
    words = f"{sheet.name}, row {typed.row + 1}, {label}: usually {ends[0]:g} to {ends[1]:g}"
    sheet.book.alert(words if unit == "%" else f"{words} {unit}", counted.cell == 0)
    first = Cell(address(typed.row, typed.column))
    beside = [Cell(address(typed.row, at, col_abs=True)) for at in (column, column + 1)]
    look = {"type": "formula", "criteria": f"={is_outside(first, *beside).text}"}
    sheet.raw.conditional_format(typed.range, look | {"format": sheet.book.raw.add_format({"bg_color": WARN})})


def alert_more(sheet: Page, part: Block, whole: Block, labels: tuple[str, str], column: int) -> None:
    """Have an alert say whether each part of a row is at most its whole in another; a column has how many are not."""
    both = numbers_of(part), numbers_of(whole)
    counted = sheet.fill(part.row, column, count_more, *both, style="note whole", relative=True)
    words = f"{sheet.name}, row {part.row + 1}, {labels[0]}: at most row {whole.row + 1}, {labels[1]}"
    sheet.book.alert(words, counted.cell == 0)


def count_unusual(numbers: Cell, least: Cell, most: Cell) -> Cell:
    return lift(np.sum(is_outside(numbers, least, most)))


def count_more(parts: Cell, wholes: Cell) -> Cell:
    return lift(np.sum(is_more(parts, wholes)))


def numbers_of(row: Block) -> Lines:
    """A row as one range, with 0 for whatever is no number."""
    numbers = [value if is_number(value) else 0.0 for value in row.values.flat]
    return Lines(Block(row.sheet, row.row, row.column, np.reshape(numbers, row.shape)), "across")
