"""Workbooks whose every formula is traced: a block of cells is filled by a function of other blocks.

`sheet.fill(row, column, compute_time, batch, params, flops)` writes the formula of `compute_time` into each cell, with
the references that Excel's own fill-down would give, and beside it the value that numpy computed for the whole block in
one pass. So text and cached value cannot differ, and a block holds one formula.
"""

from __future__ import annotations

import re
import tempfile
import traceback
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
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.utility import xl_rowcol_to_cell as address

from tokensheet_templates.rows import RowSheet, column_name
from tokensheet_templates.style import FONT, STYLES

ONE_CALL = re.compile(
    r"_xldudf_\w+\([^()]*\)"
)  # each argument a reference or a constant: rows and columns may stand in it
ROW = 13.5  # points of a row that nothing else is said of
ERROR, ALERT = "error", "alert"  # kinds of checks
LONG = 80  # characters, beyond which the formula of a single cell goes without dollars
PLACEHOLDER = 0xE000  # private-use characters stand for a block's references while its formula is traced once
ROW_HERE = "\uf8ff"  # and one for where in a reference the number of a row stands that goes on with the formula's
MARKS = re.compile("[\ue000-\uf8fe]")


class Reference(NamedTuple):
    """What a formula refers to from each of its columns, `ROW_HERE` where the number of its row stands."""

    texts: list[str]
    start: int
    """That of the first row; it goes on with the rows of the formula."""


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

    def reference(self, columns: int, sheet: str, relative: bool = False) -> Reference:
        """To the cells that serve a larger block: where this one is single, absolute."""
        prefix = "" if sheet == self.sheet else f"{self.sheet}!"
        tall, wide = (number > 1 for number in self.values.shape)
        row = ROW_HERE if tall else f"{'' if relative else '$'}{self.row + 1}"
        letters = (column_name(self.column + j * wide, not (wide or relative)) for j in range(columns))
        return Reference([f"{prefix}{each}{row}" for each in letters], self.row + 1)

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
            return self.reference(1, sheet).texts[0]
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

    def reference(self, columns: int, sheet: str, relative: bool = False) -> Reference:
        """To the ranges that serve each column and row of a larger block."""
        block, prefix = self.block, "" if sheet == self.block.sheet else f"{self.block.sheet}!"
        height, width = self.values.shape
        top, left = block.row + 1, column_name(block.column)
        letters = [column_name(block.column + j * (width > 1), width == 1) for j in range(columns)]
        if self.along == "down":
            texts = [f"{prefix}{each}${top}:{each}${top + height - 1}" for each in letters]
        elif self.along == "so far" and width == 1:
            texts = [f"{prefix}${left}${top}:${left}${ROW_HERE}"] * columns
        elif self.along == "so far":
            texts = [f"{prefix}${left}${top}:{each}${top}" for each in letters]
        else:
            right = column_name(block.column + width - 1)
            row = ROW_HERE if height > 1 else f"{'' if relative else '$'}{top}"
            fixed = "" if relative else "$"
            texts = [f"{prefix}{fixed}{left}{row}:{fixed}{right}{row}"] * columns
        return Reference(texts, top)

    def area(self, sheet: str) -> str:
        """All of it as an argument of a formula on `sheet`."""
        return self.block.area(sheet)


def referring(text: str, references: Sequence[Reference], column: int = 0) -> tuple[str, list[int]]:
    """The formula of a column of a block, with %d where the number of a row stands, and those of its first row."""
    texts = {chr(PLACEHOLDER + k): each.texts[column] for k, each in enumerate(references)}
    starts = {chr(PLACEHOLDER + k): each.start for k, each in enumerate(references)}
    rows = [starts[mark] for mark in MARKS.findall(text) for _ in range(texts[mark].count(ROW_HERE))]
    for mark, reference in texts.items():
        text = text.replace(mark, reference)
    return text.replace("%", "%%").replace(ROW_HERE, "%d"), rows


class Sheet:
    """A worksheet under construction."""

    def __init__(self, book: Book, name: str) -> None:
        self.book, self.name = book, name
        self.widths: dict[int, float] = {}
        self.heights: dict[int, float] = {}
        self.subtitle = ""
        self.raw = book.raw.add_worksheet(name, worksheet_class=RowSheet)
        self.raw.set_default_row(ROW)

    def put(self, row: int, column: int, values: Any, style: str = "text") -> Block:
        """Write constants: one, or rows of them. None leaves an empty cell in the style.

        A text stays a text, also one that looks like a formula or an address.
        """
        cells = values
        if not isinstance(values, np.ndarray) or values.dtype.kind != "f" or self.book.typed:
            cells = as_numbers(self.as_typed(row, column, np.array(values, object, ndmin=2)))
        self.raw.add_constants(row, column, cells, self.book.style(style))
        return Block(self.name, row, column, cells)

    def as_typed(self, row: int, column: int, cells: np.ndarray) -> np.ndarray:
        """The cells with what stands in for the template's own constants, and texts as every program can show them."""
        for (i, j), value in np.ndenumerate(cells):
            cell = self.book.typed.get((self.name, row + i, column + j), value)
            cells[i, j] = clean(cell) if isinstance(cell, str) else cell
        return cells

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
        references = [block.reference(result.shape[1], self.name, relative) for block in blocks]
        if result.values.size == 1 and len(referring(text, references)[0]) > LONG:
            references = [block.reference(1, self.name, relative=True) for block in blocks]
        for j in range(result.shape[1]):
            line, starts = referring(text, references, j)
            self.raw.add_formulas(row, column + j, line, starts, result.values[:, j], format_, dynamic)
        return result

    def spill(self, result: Block, text: str, blocks: Sequence[Block | Lines], format_: Any) -> None:
        """Write one formula that fills the whole block: an add-in across a network answers one call, not hundreds."""
        references = {PLACEHOLDER + k: block.area(self.name) for k, block in enumerate(blocks)}
        self.raw.add_spilled(result.row, result.column, text.translate(references), result.values, format_)

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
        self.raw = xlsxwriter.Workbook(file, {"default_format_properties": dict(FONT)})
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

    def store(self) -> None:
        """Write the file. Its parts are in a folder meanwhile, so that memory holds none of them whole."""
        with tempfile.TemporaryDirectory() as folder:
            self.raw.tmpdir = folder
            try:
                self.raw.close()
            except FileCreateError as error:
                [cause] = error.args
                traceback.clear_frames(cause.__traceback__)  # ends the zip that was begun, as its file is still there
                raise OSError(cause.errno, cause.strerror, folder) from None

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


def without_infinity(values: Any) -> Any:
    """Numbers as a sheet has them, which divides by zero to an error."""
    values = np.asarray(values)
    return np.where(np.isfinite(values), values, np.nan) if values.dtype.kind == "f" else values


def as_numbers(values: np.ndarray) -> np.ndarray:
    """An array of objects as one of numbers, if numbers are all it holds."""
    return values.astype(float) if all(map(is_number, values.flat)) else values


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float, np.integer)) and not isinstance(value, bool)
