"""Workbooks whose every formula is traced: a block of cells is filled by a function of other blocks.

`sheet.fill(row, column, compute_time, batch, params, flops)` writes the formula of `compute_time` into each cell, with
the references that Excel's own fill-down would give, and beside it the value that numpy computed for the whole block in
one pass. So text and cached value cannot differ, and a block holds one formula.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import xlsxwriter
from tokensheet.cell import Cell, lift
from tokensheet.equation import as_calls
from tokensheet.files import whole_file
from tokensheet.texts import clean
from tokensheet_udfs.registry import functions
from tokensheet_udfs.spelling import FLAVOURS, as_custom_functions, lambdas
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.utility import xl_rowcol_to_cell as address
from xlsxwriter.worksheet import Worksheet

from tokensheet_templates.style import FONT, STYLES

ONE_CALL = re.compile(
    r"_xldudf_\w+\([^()]*\)"
)  # each argument a reference or a constant: rows and columns may stand in it
ROW = 13.5  # points of a row that nothing else is said of
ERROR, ALERT = "error", "alert"  # kinds of checks
LONG = 80  # characters, beyond which the formula of a single cell goes without dollars
PLACEHOLDER = 0xE000  # private-use characters stand for a block's references while its formula is traced once


class StoredFormulaSheet(Worksheet):
    """A worksheet that takes formulas as Excel stores them; rewriting each by 150 patterns took four times as long."""

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        return formula.removeprefix("{").removeprefix("=").removesuffix("}")


@dataclass(frozen=True, eq=False)
class Block:
    """A rectangle of cells in a sheet, and the values it holds."""

    sheet: str
    row: int
    column: int
    values: np.ndarray

    @property
    def shape(self) -> tuple[int, ...]:
        return self.values.shape

    def places(self, rows: int, columns: int, sheet: str, relative: bool = False) -> tuple[list[str], list[str]]:
        """The columns and rows of the cells that serve a larger block: where this one is single, absolute."""
        prefix = "" if sheet == self.sheet else f"{self.sheet}!"
        tall, wide = (number > 1 for number in self.values.shape)
        names = [prefix + xl_col_to_name(self.column + j * wide, not (wide or relative)) for j in range(columns)]
        return names, [f"{'' if tall or relative else '$'}{self.row + i * tall + 1}" for i in range(rows)]

    @property
    def whole(self) -> Cell:
        """The range as one cell of a formula, for SUM, COUNT, MATCH and the like."""
        return Cell(f"{self.sheet}!{self.range}", self.values, many=True)

    @property
    def cell(self) -> Cell:
        """The only cell of the block, for a formula on any sheet."""
        return Cell(f"{self.sheet}!{address(self.row, self.column, True, True)}", self.values[0, 0])

    @property
    def range(self) -> str:
        rows, columns = self.values.shape
        first, last = (self.row, self.column), (self.row + rows - 1, self.column + columns - 1)
        return f"{address(*first, True, True)}:{address(*last, True, True)}"

    def area(self, sheet: str) -> str:
        """The whole block as an argument of a formula on `sheet`."""
        if self.values.size == 1:
            return "".join(part[0] for part in self.places(1, 1, sheet))
        return self.range if sheet == self.sheet else f"{self.sheet}!{self.range}"

    def take(self, rows: slice = slice(None), columns: slice = slice(None)) -> Block:
        """A part of the block."""
        return Block(
            self.sheet, self.row + (rows.start or 0), self.column + (columns.start or 0), self.values[rows, columns]
        )

    def or_0(self) -> Block:
        """The block with blanks as formulas see them."""
        return Block(self.sheet, self.row, self.column, as_numbers(np.where(self.values == None, 0.0, self.values)))  # noqa: E711


Blocks = dict[str, Block]
Place = tuple[str, int, int]  # sheet, row and column of a cell, from 0
Places = Sequence[tuple[list[str], list[str]]]


@dataclass(frozen=True, eq=False)
class Lines:
    """The columns or rows of a block, each as one range of a formula: what a total runs along."""

    block: Block
    along: str  # "down" its columns, "across" its rows, or along its only row or column "so far"

    @property
    def values(self) -> np.ndarray:
        return self.block.values

    @property
    def shape(self) -> tuple[int, int]:
        rows, columns = self.values.shape
        return {"down": (1, columns), "across": (rows, 1), "so far": (rows, columns)}[self.along]

    def places(self, rows: int, columns: int, sheet: str, relative: bool = False) -> tuple[list[str], list[str]]:
        """The ranges that serve each column and row of a larger block."""
        block, prefix = self.block, "" if sheet == self.block.sheet else f"{self.block.sheet}!"
        height, width = self.values.shape
        top, left = block.row + 1, xl_col_to_name(block.column)
        letters = [xl_col_to_name(block.column + j * (width > 1), width == 1) for j in range(columns)]
        if self.along == "down":
            return [f"{prefix}{each}${top}:{each}${top + height - 1}" for each in letters], [""] * rows
        if self.along == "so far" and width == 1:
            first = f"{prefix}${left}${top}:${left}$"
            return [first] * columns, [str(top + i) for i in range(rows)]
        if self.along == "so far":
            return [f"{prefix}${left}${top}:{each}${top}" for each in letters], [""] * rows
        right = xl_col_to_name(block.column + width - 1)
        lines = [f"{'' if height > 1 or relative else '$'}{top + i * (height > 1)}" for i in range(rows)]
        fixed = "" if relative else "$"
        return [""] * columns, [f"{prefix}{fixed}{left}{line}:{fixed}{right}{line}" for line in lines]

    def area(self, sheet: str) -> str:
        """All of it as an argument of a formula on `sheet`."""
        return self.block.area(sheet)


def referring(text: str, places: Places, row: int = 0, column: int = 0) -> str:
    """The formula of one cell of a block, with the references of its row and column."""
    return text.translate(
        {PLACEHOLDER + k: letters[column] + digits[row] for k, (letters, digits) in enumerate(places)}
    )


class Sheet:
    """A worksheet under construction."""

    def __init__(self, book: Book, name: str) -> None:
        self.book, self.name = book, name
        self.widths: dict[int, float] = {}
        self.heights: dict[int, float] = {}
        self.subtitle = ""
        self.raw = book.raw.add_worksheet(name, worksheet_class=StoredFormulaSheet)
        self.raw.set_default_row(ROW)

    def put(self, row: int, column: int, values: Any, style: str = "text") -> Block:
        """Write constants: one, or rows of them. None leaves an empty cell in the style."""
        cells = np.array(values, object, ndmin=2)
        for (i, j), _ in np.ndenumerate(cells):
            place = self.name, row + i, column + j
            cell = self.book.typed.get(place, cells[i, j])
            cells[i, j] = clean(cell) if isinstance(cell, str) else cell
        block = Block(self.name, row, column, as_numbers(cells))
        for i, line in enumerate(block.values.tolist()):
            for j, value in enumerate(line):
                self.write(row + i, column + j, value, self.book.style(style))
        return block

    def write(self, row: int, column: int, value: Any, format_: Any) -> None:
        """A constant. A text stays a text, also one that looks like a formula, an address or XlsxWriter's own XML."""
        if isinstance(value, str) and value.startswith("<r>") and value.endswith("</r>"):
            self.raw.write_rich_string(row, column, *value[:2], value[2:], format_)
            return
        write = self.raw.write_string if isinstance(value, str) else self.raw.write
        write(row, column, value, format_)

    def fill(
        self,
        row: int,
        column: int,
        function: Callable[..., Any],
        *inputs: Block | Lines | Cell,
        style: str,
        relative: bool = False,
    ) -> Block:
        """Write the formula of `function` into every cell of the block that the inputs span.

        A `Block` among the inputs gives each cell the element at its place, `Lines` the range of its column or row; a
        `Cell` (a whole range) serves them all. A single cell is referred to by its absolute address unless `relative`.
        """
        blocks = [block for block in inputs if not isinstance(block, Cell)]
        cells = [
            block
            if isinstance(block, Cell)
            else Cell(chr(PLACEHOLDER + blocks.index(block)), block.values, many=isinstance(block, Lines))
            for block in inputs
        ]
        with as_calls(self.book.flavour != "native"):
            formula = lift(function(*cells))
        if formula.value is None:
            raise TypeError(f"{self.name}!{address(row, column)}: ={formula.text} has no value")
        shape = np.broadcast_shapes((1, 1), *(block.shape for block in blocks))
        result = Block(self.name, row, column, np.broadcast_to(without_infinity(formula.value), shape))
        format_ = self.book.style(style)
        custom = self.book.flavour == "officejs"
        text = as_custom_functions(formula.text) if custom else formula.text
        # Excel stores a call that could give many values as a dynamic array; a plain one would show as =@NAME(...)
        dynamic = any(f"{name}(" in text for name in self.book.dynamic)
        if dynamic and custom and ONE_CALL.fullmatch(text):
            self.spill(result, text, blocks, format_)
            return result
        rows, columns = result.values.shape
        places = [block.places(rows, columns, self.name, relative) for block in blocks]
        if result.values.size == 1 and len(referring(text, places)) > LONG:
            places = [block.places(rows, columns, self.name, relative=True) for block in blocks]
        for i, line in enumerate(result.values.tolist()):
            for j, value in enumerate(line):
                cell_text, place = "=" + referring(text, places, i, j), (row + i, column + j)
                if dynamic:
                    self.raw.write_dynamic_array_formula(*place, *place, cell_text, format_, known(value))
                else:
                    self.raw.write_formula(*place, cell_text, format_, or_error(value))
        return result

    def spill(self, result: Block, text: str, blocks: Sequence[Block | Lines], format_: Any) -> None:
        """Write one formula that fills the whole block: an add-in across a network answers one call, not hundreds."""
        references = {PLACEHOLDER + k: block.area(self.name) for k, block in enumerate(blocks)}
        rows, columns = result.values.shape
        ends = result.row + rows - 1, result.column + columns - 1
        values = result.values.tolist()
        self.raw.write_dynamic_array_formula(
            result.row, result.column, *ends, "=" + text.translate(references), format_, known(values[0][0])
        )
        for i, line in enumerate(values):
            for j, value in enumerate(line):
                if i or j:  # what has spilled is stored as a constant
                    self.write(result.row + i, result.column + j, value, format_)

    def heading(self, title: str, subtitle: str, widths: Mapping[int, float], beside: int = 0) -> None:
        """Title, subtitle and column widths; the third row is left for the state of the checks.

        The subtitle stands `beside` the columns that every page repeats, which would cut it.
        """
        self.put(0, 0, title, "title")
        self.put(1, beside, subtitle, "subtitle")
        self.subtitle = subtitle
        self.height(0, 24)
        for column, width in widths.items():
            self.width(column, width)

    def width(self, column: int, width: float) -> None:
        """Of a column, in characters."""
        self.widths[column] = width
        self.raw.set_column(column, column, width)

    def height(self, row: int, height: float) -> None:
        """Of a row, in points."""
        self.heights[row] = height
        self.raw.set_row(row, height)


class Template:
    """What a template gives: a workbook that is yet to be written."""

    def write(self, file: Any, functions: str) -> Blocks:
        """Write the workbook into an open file; gives the blocks of numbers by name."""
        raise NotImplementedError

    def save(self, path: str | Path, functions: str = "native", *, overwrite: bool = False) -> Path:
        """Write the workbook.

        Parameters
        ----------
        path : str or Path
            The .xlsx file.
        functions : {"native", "lambda", "udf", "officejs"}, optional
            How formulas are spelled: written out, for every spreadsheet program; as LAMBDA names, for Excel 365; or as
            calls of an add-in.
        overwrite : bool, optional
            Whether an existing file may be replaced.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        FileExistsError
            If the file exists and `overwrite` is false.
        ValueError
            If its name does not end in .xlsx, by which programs know what it is.
        """
        if Path(path).suffix != ".xlsx":
            raise ValueError(f"{path} must end in .xlsx")
        with whole_file(path, overwrite=overwrite) as file:
            self.write(file, functions)
        return Path(path)


class Check(NamedTuple):
    """What has to hold, in words and as a formula; an alert is worth a look, and leaves the total alone."""

    label: str
    test: Cell
    kind: str = ERROR


class Book:
    """A workbook in one flavour of formulas."""

    def __init__(self, file: Any, flavour: str, properties: dict[str, Any]) -> None:
        if flavour not in FLAVOURS:
            raise ValueError(f"functions must be one of {', '.join(FLAVOURS)}, not {flavour!r}")
        self.flavour = flavour
        # The default font is what widths of columns are counted in, in every program
        # A copy of the font, which XlsxWriter changes
        self.raw = xlsxwriter.Workbook(file, {"in_memory": True, "default_format_properties": dict(FONT)})
        self.raw.set_properties(properties)
        self.styles: dict[str, Any] = {}
        self.checks: list[Check] = []
        self.typed: Mapping[Place, Any] = {}  # constants that stand in for the template's own
        self.dynamic: list[str] = []  # what stands in a formula before a bracket and may give many values
        if flavour == "lambda":
            for name, text in lambdas().items():
                self.raw.define_name(name, "=" + text)
                self.dynamic.append(name)
        if flavour == "officejs":
            self.dynamic = [as_custom_functions(f"{name}(").removesuffix("(") for name in functions()]

    def sheet(self, name: str) -> Sheet:
        return Sheet(self, name)

    def expect(self, label: str, test: Any, kind: str = ERROR) -> None:
        """Have the sheet of checks say whether this holds."""
        self.checks.append(Check(label, lift(test), kind))

    def style(self, name: str) -> Any:
        """The cell format called `name`: words of `STYLES` put together, as in "input money"."""
        if name not in self.styles:
            properties: dict[str, Any] = dict(STYLES["base"])
            for word in name.split():
                properties |= STYLES[word]
            self.styles[name] = self.raw.add_format(properties)
        return self.styles[name]


def known(value: Any) -> Any:
    """What XlsxWriter can cache for a dynamic array: for TRUE and FALSE it writes words that no program reads."""
    return float(value) if isinstance(value, bool) else or_error(value)


def without_infinity(values: Any) -> Any:
    """Numbers as a sheet has them, which divides by zero to an error."""
    values = np.asarray(values)
    return np.where(np.isfinite(values), values, np.nan) if values.dtype.kind == "f" else values


def or_error(value: Any) -> Any:
    """A value as a sheet has it: what numpy has no number for is an error there."""
    return "#DIV/0!" if isinstance(value, float) and not math.isfinite(value) else value


def as_numbers(values: np.ndarray) -> np.ndarray:
    """An array of objects as one of numbers, if numbers are all it holds."""
    return values.astype(float) if all(map(is_number, values.flat)) else values


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float, np.integer)) and not isinstance(value, bool)
