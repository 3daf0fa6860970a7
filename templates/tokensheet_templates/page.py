"""A page of a workbook: lines of a calculation, laid out by what they rest on: a cell, a row, a column or a block."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from textwrap import wrap
from typing import Any

import numpy as np
from tokensheet.cell import Cell, lift
from tokensheet.chain import Quantity
from xlsxwriter.utility import xl_rowcol_to_cell as address

from tokensheet_templates.book import Block, Blocks, Lines, Sheet
from tokensheet_templates.declared import Own
from tokensheet_templates.ledger import Entry, Ledger
from tokensheet_templates.paper import set_up
from tokensheet_templates.plumbing import link, size
from tokensheet_templates.style import FAINT, GOOD, POOR, style_of

TOP = 5  # first row below title, subtitle and the state of the checks
LABEL, UNIT, FIRST = 0, 1, 2  # columns, the same on every sheet
LARGEST = 1e18  # products of larger numbers overflow
ZOOM = 90  # per cent
WIDE = 12  # columns of a table that paper takes
WIDTHS = {LABEL: 50, UNIT: 12}
Extent = tuple[bool, bool]  # whether it has a value for each name down, and across


class Page(Sheet):
    """A sheet that is filled from the top."""

    book: Ledger

    def start(self, subtitle: str, columns: int = WIDE, width: float = 12, title: str = "") -> None:
        """Title, by default the sheet's name, subtitle and columns."""
        self.row, self.starts, self.taken = TOP, list[int](), Blocks()
        self.headed = False  # whether the row above is names that go across
        self.upright = set[str]()  # keys of columns
        self.heads = dict[str, Blocks]()  # of each block, the cells that its names stand in beside it
        self.columns = FIRST + columns
        widths = WIDTHS | dict.fromkeys(range(FIRST, self.columns), width)
        self.heading(title or self.name, subtitle, widths)

    def axis(self, key: str, label: str, names: Sequence[Any], style: str = "head right") -> None:
        """Names that go across, or numbers, as constants."""
        self.part(headed=True)
        number = not isinstance(names[0], str)
        self.put(self.row, LABEL, [[label, "number" if number else ""]], "head")
        style = f"{style} data whole" if number else style
        self.book.blocks[key] = self.put(self.row, FIRST, [[*names]], style)
        self.row += 1

    def name_rows(
        self, key: str, title: str, numbers: Mapping[str, Sequence[float]], name: Quantity | None = None,
        names: Sequence[str] = (), style: str = "whole",
    ) -> None:  # fmt: skip
        """An axis that goes down: constant names, or names looked up by the constant numbers that stand beside them."""
        self.part()
        self.put(self.row, LABEL, [[title, ""]], "head")
        heads = [f"{each.replace('_', ' ')}, number".replace("number, number", "number") for each in numbers]
        if heads:
            self.put(self.row, FIRST, [heads], "head right")
            self.height(self.row, head_height(heads, self.widths[FIRST]))
        self.row += 1
        for column, (each, values) in enumerate(numbers.items(), FIRST):
            self.book.blocks[each] = self.put(self.row, column, [[float(value)] for value in values], f"data {style}")
        if name:
            block = self.fill(self.row, LABEL, name.equation, *self.inputs_of(name), style="bold")
        else:
            block = self.put(self.row, LABEL, [[each] for each in names], "bold")
        self.book.blocks[key] = block
        self.row += len(block.values) + 1

    def take(self, keys: Iterable[str]) -> None:
        """Take single cells over from another sheet, so that the formulas of this one stay short and near."""
        far = [key for key in dict.fromkeys(keys) if self.is_far(key)]
        self.put(self.row, LABEL, [["Taken over from Inputs", "Unit"]], "head")
        self.put(self.row, FIRST, "Value", "head right")
        for self.row, key in enumerate(far, self.row + 1):
            label, unit, style = self.book.describe(key)
            self.put(self.row, LABEL, label, "shrink")
            self.put(self.row, UNIT, unit, "note shrink")
            self.taken[key] = self.fill(self.row, FIRST, link, self.book.blocks[key], style=f"right {style} link")
        self.row += 2

    def is_far(self, key: str) -> bool:
        block = self.book.blocks.get(key)
        return bool(block and block.values.size == 1 and block.sheet != self.name)

    def lay(
        self, title: str, lines: Sequence[Entry], *, across: str = "", down: str = "", units: Mapping[str, str] = {}
    ) -> None:
        """Write the lines, each where its inputs make it belong, and add their blocks to the book's.

        What rests on neither axis becomes a cell below the others, on `across` a row below its names, on `down` a
        column beside its names, on both a block. `units` replaces units.
        """
        self.book.lines |= {each.key: each for each in lines}
        extents = self.extents(lines)
        shown = {each.key: units.get(each.key) or self.book.unit_of(each) for each in lines}
        spots: dict[str, tuple[int, int]] = {}
        for extent, place in (
            ((False, False), self.place_rows),
            ((False, True), self.place_rows),
            ((True, False), self.place_columns),
            ((True, True), self.place_blocks),
        ):
            part = [each for each in lines if extents[each.key] == extent]
            if part:
                self.part()
                place(title, part, shown, across if extent[1] else "", down, spots)
                title = f"{title}, continued"
        for each in lines:
            self.write_line(each, *spots[each.key], shown[each.key])
        self.book.expect_numbers(self.name, lines)

    def lay_row(self, each: Quantity) -> None:
        """One more line with a single cell, below the table that was written last."""
        self.row -= 1
        self.put(self.row, LABEL, [[each.label, self.book.unit_of(each)]])
        self.book.lines[each.key] = each
        self.write_line(each, self.row, FIRST, self.book.unit_of(each))
        self.row += 2

    def extents(self, lines: Sequence[Entry]) -> dict[str, Extent]:
        """Whether each line has a value for each name down, and across."""
        found = {key: (len(block.values) > 1, block.values.shape[1] > 1) for key, block in self.book.blocks.items()}
        for each in lines:
            if isinstance(each, Own):
                found[each.key] = found[each.like]
                continue
            rests = [found[key] for key in each.inputs if not key.startswith("all:")]
            tall, wide = (any(extent[axis] for extent in rests) for axis in (0, 1))
            way = getattr(each.equation, "along", "")
            found[each.key] = tall and way != "down", wide and way != "across"
        return found

    def place_rows(
        self, title: str, part: Sequence[Entry], units: Mapping[str, str], across: str, down: str, spots: Any
    ) -> None:
        """A row of each line, or of what has no axis a cell."""
        self.put_head(title)
        if across:
            self.fill_heads(across)
        else:
            self.put(self.row, FIRST, "Value", "head right")
        for self.row, each in enumerate(part, self.row + 1):
            self.put(self.row, LABEL, each.label, "shrink")
            self.put(self.row, UNIT, units[each.key], "note shrink")
            spots[each.key] = self.row, FIRST
        self.row += 2

    def place_columns(
        self, title: str, part: Sequence[Entry], units: Mapping[str, str], across: str, down: str, spots: Any
    ) -> None:
        """A column of each line beside the names that go down, in tables no wider than paper."""
        names = self.book.blocks[down]
        for place in range(0, len(part), WIDE):
            if place:
                self.starts.append(self.row)
            columns = part[place : place + WIDE]
            self.part()
            self.put(self.row, LABEL, [[title, ""]], "head")
            self.put(self.row, FIRST, [[each.label for each in columns]], "head right")
            self.height(self.row, head_height([each.label for each in columns], self.widths[FIRST]))
            numbered = not isinstance(names.values.flat[0], str)
            self.put(self.row + 1, LABEL, [[f"Unit, by {down}" if numbered else "Unit", ""]], "note")
            self.put(self.row + 1, FIRST, [[units[each.key] for each in columns]], "note right")
            self.row += 2
            self.fill(self.row, LABEL, link, names, style=self.name_style(down))
            spots |= {each.key: (self.row, column) for column, each in enumerate(columns, FIRST)}
            self.upright |= {each.key for each in columns}
            self.row += len(names.values) + 1

    def place_blocks(
        self, title: str, part: Sequence[Entry], units: Mapping[str, str], across: str, down: str, spots: Any
    ) -> None:
        """A block of each line, one below the other."""
        for each in part:
            self.part()
            self.put_head(each.label)
            names = self.book.blocks[down]
            self.heads[each.key] = {
                across: self.fill_heads(across),
                down: self.fill(self.row + 1, LABEL, link, names, style=self.name_style(down)),
            }
            self.put(self.row + 1, UNIT, [[units[each.key]]] * len(names.values), "note")
            spots[each.key] = self.row + 1, FIRST
            self.row += len(names.values) + 2

    def part(self, headed: bool = False) -> None:
        """A new page may begin here, but not between names that go across and what stands below them."""
        if not self.headed:
            self.starts.append(self.row)
        self.headed = headed

    def put_head(self, title: str, unit: str = "Unit") -> None:
        """The head of a table, in as many rows of text as it takes."""
        self.put(self.row, LABEL, [[title, unit]], "head")
        if len(title) > WIDTHS[LABEL]:
            self.height(self.row, head_height([title], WIDTHS[LABEL]))

    def fill_heads(self, across: str) -> Block:
        """Names that go across, wrapped; numbers in the style of the line that they are, or whole ones."""
        names = self.book.blocks[across]
        if not isinstance(names.values.flat[0], str):
            return self.fill(self.row, FIRST, link, names, style=f"head right link {self.number_style(across)}")
        self.height(self.row, head_height([*names.values.flat], self.widths[FIRST]))
        return self.fill(self.row, FIRST, link, names, style="head right link")

    def name_style(self, down: str) -> str:
        """Of names that go down, likewise."""
        names = self.book.blocks[down]
        look = "bold" if names.sheet == self.name else "bold link"
        return look if isinstance(names.values.flat[0], str) else f"{look} {self.number_style(down)} left"

    def number_style(self, key: str) -> str:
        """Of numbers that are names."""
        return self.book.describe(key)[2] if key in self.book.lines else "whole"

    def write_line(self, each: Entry, row: int, column: int, unit: str) -> None:
        style = getattr(each, "style", "") or style_of(each.key, unit)
        if isinstance(each, Own):
            shape = self.book.blocks[each.like].values.shape
            values = np.full(shape, None) if each.values is None else np.reshape(each.values, shape)
            block = self.put(row, column, values, f"input {style}")
            beside = row, column + shape[1]
            below = row + shape[0], column
            spot = below if self.is_tall(each.like) else beside
            self.let_type(block, each.label, each.least, each.most, spot, each.values is None)
        else:
            block = self.fill(row, column, each.equation, *self.inputs_of(each), style=style)
        self.book.blocks[each.key] = block

    def is_tall(self, key: str) -> bool:
        """Whether a block stands in a table of columns, so that below its last cell there is room."""
        rows, columns = self.book.blocks[key].values.shape
        return rows > 1 or (columns == 1 and key in self.upright)

    def let_type(
        self, block: Block, label: str, least: float, most: float, place: tuple[int, int], blank: bool = True
    ) -> None:
        """Let cells be numbers within limits, or `blank`; whether they are stands at a place, in ones and zeros."""
        ends = block.row + block.values.shape[0] - 1, block.column + block.values.shape[1] - 1
        rule = {"validate": "decimal", "criteria": "between", "minimum": least, "maximum": most, "ignore_blank": False}
        words = f"{'blank, or ' if blank else ''}{least:g} to {most:g}"
        message = {"input_title": label[:32], "input_message": words, "error_message": f"{label}: {words}"}
        self.raw.data_validation(block.row, block.column, *ends, rule | message)
        cells = Cell(block.range, block.values, many=True)
        limit = self.book.blocks["largest"].cell if most == LARGEST else lift(most)
        spot = self.fill(*place, partial(within, cells, least, limit, blank), style="note flag01 right")
        self.book.expect(f"{self.name}, row {block.row + 1}, {label}: {words}", spot.cell == 1)

    def inputs_of(self, each: Quantity) -> list[Block | Lines | Cell]:
        """The blocks of a line's inputs: as ranges where it makes one value of many."""
        way, found = getattr(each.equation, "along", ""), list[Any]()
        for key in each.inputs:
            key, whole = key.removeprefix("all:"), key.startswith("all:")
            block = self.heads.get(each.key, {}).get(key) or self.taken.get(key) or self.book.blocks[key]
            many = block.values.size > 1 if way == "so far" else block.values.shape[way == "across"] > 1
            if whole:
                text = block.range if block.sheet == self.name else block.whole.text
                found.append(Cell(text, block.values, many=True))
                continue
            found.append(Lines(block, way) if way and many else block)
        return found

    def finish(self) -> None:
        """Panes and paper."""
        self.raw.freeze_panes(TOP, FIRST)
        set_up(self, self.row, self.columns, names=FIRST, starts=self.starts)

    def protect(self) -> None:
        """Formulas, without a password: so that no one changes one unawares."""
        self.raw.protect("", {"format_columns": True, "format_rows": True, "autofilter": True, "sort": True})

    def heat(self, key: str) -> None:
        """Colour a block from its least number, which is poor, to its largest."""
        scale = {"type": "3_color_scale", "min_color": POOR, "mid_color": FAINT, "max_color": GOOD}
        self.raw.conditional_format(self.book.blocks[key].range, scale)

    def below(self, rows: int) -> int:
        """Leave rows for a chart; gives the first of them."""
        first, self.row = self.row, self.row + rows
        self.starts.append(first)
        return first

    def at(self, key: str) -> str:
        """The address of a block's first cell, for words about it."""
        block = self.book.blocks[key]
        return f"{block.sheet}!{address(block.row, block.column)}"


def head_height(heads: Sequence[str], width: float = 12) -> float:
    """Points of a row of heads that are wrapped in columns of so many characters."""
    return 14 * max(1, *(len(wrap(head, int(width) - 1)) for head in heads))


def within(cells: Cell, least: float, most: Cell, blank: bool) -> Cell:
    """1 if each cell is a number within the limits, or blank where that is allowed."""
    it = cells.text.replace("$", "")
    filled = f"COUNTA({it})" if blank else size(cells).text.replace("$", "")
    limit = f'"<="&{most.text}' if "!" in most.text else f'"<={most.text}"'
    # the sheet of checks takes an error for a failure
    return Cell(f'1*(COUNTIFS({it},">={lift(least).text}",{it},{limit})={filled})', 1.0, many=False)
