"""A workbook's lines and blocks: what each is called, its unit, and what has to hold of its cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
from tokensheet.cell import Cell
from tokensheet.chain import Quantity
from tokensheet.glossary import GLOSSARY, meaning

from tokensheet_templates.book import ALERT, Block, Blocks, Book, Check, Place
from tokensheet_templates.declared import Input, Own
from tokensheet_templates.plumbing import is_no_error, lowest
from tokensheet_templates.style import style_of

SHOWN = {"fraction": "%"}  # units that are shown by another sign

Entry = Quantity | Own


class Ledger(Book):
    """A workbook with every block of numbers by name."""

    def __init__(self, file: Any, flavour: str, properties: dict[str, Any], inputs: Sequence[Input], today: date,
                 typed: Mapping[Place, Any]) -> None:  # fmt: skip
        super().__init__(file, flavour, properties)
        self.today, self.typed = today, typed
        self.inputs = {each.key: each for each in inputs}
        self.blocks: Blocks = {}
        self.lines: dict[str, Entry] = {}
        self.last_checks: list[Check] = []  # an error in a cell has a cause, which other checks name

    def describe(self, key: str) -> tuple[str, str, str]:
        """Label, unit and style of an input, or of what else has one cell."""
        each = self.inputs.get(key) or self.lines[key]
        unit = self.unit_of(each)
        return each.label, unit, getattr(each, "style", "") or style_of(key, unit)

    def beside(self, key: str, keys: Sequence[str]) -> None:
        """Call columns that stand side by side one block."""
        parts = [self.blocks[each] for each in keys]
        first = parts[0]
        self.blocks[key] = Block(first.sheet, first.row, first.column, np.hstack([part.values for part in parts]))

    def stack(self, key: str, keys: Sequence[str]) -> None:
        """Call rows that stand one below the other one block."""
        parts = [self.blocks[each] for each in keys]
        first = parts[0]
        self.blocks[key] = Block(first.sheet, first.row, first.column, np.vstack([part.values for part in parts]))

    def unit_of(self, each: Entry | Input) -> str:
        """The unit of a line as it is shown; an equation of any unit has that of its last argument."""
        unit = meaning(each.key)[1] if each.key in GLOSSARY and not hasattr(each, "rows") else each.unit
        if unit in ("", "any unit") and isinstance(each, Quantity) and each.inputs:
            last = each.inputs[-1].removeprefix("all:")
            unit = (
                meaning(last)[1] if last in GLOSSARY else self.unit_of(self.lines[last]) if last in self.lines else ""
            )
        return SHOWN.get(unit, unit)

    def alert(self, label: str, test: Any) -> None:
        """Have the sheet of checks count this if it does not hold; the total is not touched."""
        self.expect(label, test, ALERT)

    def expect_whole(self, label: str, key: str) -> None:
        """Have shares add up to the whole."""
        shares = self.blocks[key]
        total = Cell(f"SUM({shares.whole.text})", float(np.sum(shares.values)), many=False)
        self.expect(label, abs(total - 1) <= self.blocks["tolerance"].cell)

    def expect_numbers(self, sheet: str, lines: Sequence[Entry]) -> None:
        """Have no cell of the lines be an error; those that stand below each other are one range."""
        for first, last in runs([self.blocks[each.key] for each in lines if not isinstance(each, Own)]):
            both = Cell(f"{sheet}!{span(first, last)}", last.values, many=True)
            label = next(each.label for each in lines if self.blocks[each.key] is first)
            where = f"{sheet}, row {first.row + 1}"
            words = f"{where}: no cell from {label} on is an error"
            self.last_checks.append(Check(words, is_no_error(both)))


def age(book: Ledger, key: str) -> Any:
    """How old the oldest of some days is, in days."""
    return book.blocks["as_of"].cell - lowest(book.blocks[key])


def runs(blocks: Sequence[Block]) -> list[tuple[Block, Block]]:
    """The first and the last of blocks that stand one below the other, equally wide."""
    found: list[tuple[Block, Block]] = []
    for block in sorted(blocks, key=lambda each: (each.column, each.row)):
        last = found[-1][1] if found else None
        if last and below(last, block):
            found[-1] = (found[-1][0], block)
        else:
            found.append((block, block))
    return found


def below(last: Block, block: Block) -> bool:
    same = block.column == last.column and block.values.shape[1] == last.values.shape[1]
    return same and block.row == last.row + len(last.values)


def span(first: Block, last: Block) -> str:
    return first.range.partition(":")[0] + ":" + last.range.partition(":")[2]
