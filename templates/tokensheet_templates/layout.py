"""Chains as cells: what a quantity rests on decides whether a sheet has one cell, a row, a column or a block of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from inspect import signature
from typing import Any

from tokensheet.chain import Chain
from tokensheet.chain import Quantity as Q
from tokensheet.equation import excel_name
from tokensheet.glossary import GLOSSARY, meaning

from tokensheet_templates.book import Blocks, Sheet
from tokensheet_templates.paper import set_up
from tokensheet_templates.plumbing import link
from tokensheet_templates.style import style_of

FIRST = 2  # column of the first value: left of it are label, or name, and unit
WIDE = 12  # columns of values in a table of models


def lay_out(sheet: Sheet, row: int, chain: Chain, blocks: Blocks, across: str, down: str) -> tuple[int, list[int]]:
    """Write a chain whose given values `blocks` has, and add its own.

    What rests on neither `across` nor `down` becomes cells, on `across` rows, on `down` columns, on both blocks. Gives
    the row below and the rows at which a part begins.
    """
    origins, starts = chain.origins(), [row]
    parts: list[tuple[tuple[str, ...], Callable[..., list[int]]]]
    parts = [((), write_rows), ((across,), write_rows), ((down,), write_columns), ((across, down), write_blocks)]
    for axes, write in parts:
        part = [quantity for quantity in chain if origins[quantity.key] & {across, down} == set(axes)]
        if part:
            starts += write(sheet, starts.pop(), part, chain, blocks, *axes)
    return starts.pop(), starts


def write_working(sheet: Sheet, chain: Chain, shown: Collection[str], blocks: Blocks) -> None:
    """The sheet of a calculation for chips and models; what is `shown` has a sheet of its own."""
    columns = FIRST + max(blocks["chip"].values.shape[1], WIDE)
    words = "One function a cell, one formula a row, column or block; the functions are named above their blocks."
    sheet.heading("Working", words, {0: 44, 1: 14} | dict.fromkeys(range(FIRST, columns), 12))
    hidden = Chain(quantity for quantity in chain if quantity.key not in shown)
    row, starts = lay_out(sheet, 4, hidden, blocks, "chip", "model")
    sheet.raw.freeze_panes(4, 1)
    set_up(sheet, row, columns, names=FIRST, starts=starts)


def fill(sheet: Sheet, row: int, column: int, quantity: Q, chain: Chain, blocks: Blocks, style: str = "") -> None:
    """Write the formulas of a quantity."""
    style = style or style_of(quantity.key, unit_of(chain, quantity.key))
    inputs = [blocks[key] for key in quantity.inputs]
    blocks[quantity.key] = sheet.fill(row, column, quantity.equation, *inputs, style=style)


def write_rows(sheet: Sheet, row: int, part: list[Q], chain: Chain, blocks: Blocks, across: str = "") -> list[int]:
    """A row of each quantity, below the names that go across; of what has no axis, one cell of each."""
    sheet.put(row, 0, [[f"Of each {across}" if across else "Of the inputs", "Unit"]], "head")
    if across:
        sheet.fill(row, FIRST, link, blocks[across], style="head center link shrink")
    else:
        sheet.put(row, FIRST, "Value", "head right")
    for row, quantity in enumerate(part, row + 1):
        sheet.put(row, 0, [[quantity.label, unit_of(chain, quantity.key)]], "note")
        fill(sheet, row, FIRST, quantity, chain, blocks)
    return [row + 2]


def write_columns(sheet: Sheet, row: int, part: list[Q], chain: Chain, blocks: Blocks, down: str) -> list[int]:
    """A column of each quantity beside the names that go down, in tables no wider than paper."""
    starts = []
    for place in range(0, len(part), WIDE):
        columns = part[place : place + WIDE]
        starts.append(row)
        sheet.put(row, 0, [[f"Of each {down}", None]], "head")
        sheet.put(row, FIRST, [[quantity.label for quantity in columns]], "head right")
        sheet.height(row, 70)
        sheet.put(row + 1, 0, [["", "Unit", *(unit_of(chain, quantity.key) for quantity in columns)]], "note right")
        names = sheet.fill(row + 2, 0, link, blocks[down], style="bold link")
        for column, quantity in enumerate(columns, FIRST):
            fill(sheet, row + 2, column, quantity, chain, blocks)
        row += len(names.values) + 3
    return [*starts, row]


def write_blocks(
    sheet: Sheet, row: int, part: list[Q], chain: Chain, blocks: Blocks, across: str, down: str
) -> list[int]:
    """A block of each quantity, one below the other."""
    starts = []
    for quantity in part:
        starts.append(row)
        sheet.put(row, 0, heading(quantity, unit_of(chain, quantity.key)), "section")
        sheet.fill(row + 1, FIRST, link, blocks[across], style="head center link shrink")
        names = sheet.fill(row + 2, 0, link, blocks[down], style="bold link")
        fill(sheet, row + 2, FIRST, quantity, chain, blocks)
        row += len(names.values) + 3
    return [*starts, row]


def write_list(
    sheet: Sheet, rows: Mapping[str, int], chain: Chain, blocks: Blocks, styles: Mapping[str, str] = {}
) -> None:
    """One cell of each quantity in the row given for it, with its unit and its function."""
    for quantity in chain:
        row = rows[quantity.key]
        sheet.put(row, 0, quantity.label)
        sheet.put(row, 2, [[unit_of(chain, quantity.key), name_of(quantity)]], "note indent")
        fill(sheet, row, 1, quantity, chain, blocks, styles.get(quantity.key, ""))


def heading(quantity: Q, unit: str) -> str:
    """What a block is, in which unit, and the function with its arguments if it is one that a formula can call."""
    arguments = [*signature(quantity.equation).parameters][: len(quantity.inputs)]
    name = name_of(quantity)
    label = ", ".join(filter(None, (quantity.label, unit)))
    return f"{label}: {name}({', '.join(arguments)})" if name else label


def name_of(quantity: Q) -> str:
    return excel_name(quantity.equation) if hasattr(quantity.equation, "formula") else ""


def unit_of(chain: Chain, key: str) -> str:
    """The unit of a key; an equation of any unit has that of its last argument."""
    if key in GLOSSARY:
        return meaning(key)[1]
    unit = chain[key].unit
    return unit_of(chain, chain[key].inputs[-1]) if unit == "any unit" else unit


def banners(sheets: Sequence[Sheet], total: Any) -> None:
    """The state of the checks on each sheet's third row."""
    for sheet in sheets:
        sheet.fill(2, 0, link, total, style="flag link")
