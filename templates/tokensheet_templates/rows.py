"""A worksheet that takes cells by the column and writes them by the row, of which it holds only some as texts.

XlsxWriter keeps an object for each cell and writes each from its parts. Here a column of a block is its numbers and one
text, into which the number of the row and the value are put where the file is written.
"""

from __future__ import annotations

import functools
import io
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, islice, pairwise, product
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np
from xlsxwriter.utility import xl_col_to_name, xl_range, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

AT_ONCE = 4096  # rows of a column that are texts at the same time
CONSTANT = "%.16G"  # without the last digit, in which 0.07 / 2 is not 0.035
DIVIDED_BY_0 = "#DIV/0!"
ERRORS = {DIVIDED_BY_0, "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"}
column_name = functools.cache(xl_col_to_name)
Stored = tuple[str, str]  # the type of a cell as an attribute, and its value


@dataclass(frozen=True, eq=False)
class Column:
    """Cells below each other in one style: constants, or one formula."""

    row: int
    column: int
    values: np.ndarray
    style: Any
    stored: Callable[[Any], Stored]
    """A value of another kind than a number as the file has it."""
    formula: str = ""
    """Its XML, with %d where the number of a row stands."""
    starts: Sequence[int] = ()
    """Those of the first row, one for each %d."""
    metadata: str = ""
    """As an attribute: what says that a formula may give many values."""

    @property
    def end(self) -> int:
        return self.row + len(self.values)

    @property
    def head(self) -> str:
        return f'<c r="{column_name(self.column)}%d" s="{self.style._get_xf_index()}"{self.metadata}'

    def cells(self) -> Iterator[str]:
        """The XML of each cell."""
        if len(self.values) == 1:  # as of most columns of a template: a third of the time
            kind, value = self.stored(self.values.tolist()[0])
            return iter([f"{self.head % (self.row + 1)}{kind}>{self.formula % tuple(self.starts)}{value}</c>"])
        return chain.from_iterable(map(self.some, range(0, len(self.values), AT_ONCE)))

    def some(self, first: int) -> Iterable[str]:
        part = self.values[first : first + AT_ONCE]
        rows = [range(start + first, start + first + len(part)) for start in (self.row + 1, *self.starts)]
        head = self.head
        if part.dtype.kind == "f" and np.isfinite(part).all():
            number = "%r" if self.formula else CONSTANT
            return map(f"{head}>{self.formula}<v>{number}</v></c>".__mod__, zip(*rows, part.tolist(), strict=True))
        kinds, values = zip(*map(self.stored, part.tolist()), strict=True)
        return map(f"{head}%s>{self.formula}%s</c>".__mod__, zip(rows[0], kinds, *rows[1:], values, strict=True))


class Single(NamedTuple):
    """A cell that XlsxWriter wrote itself."""

    row: int
    column: int
    text: str

    @property
    def end(self) -> int:
        return self.row + 1

    def cells(self) -> Iterator[str]:
        return iter([self.text])


class RowSheet(Worksheet):
    """A worksheet of columns; what is written by XlsxWriter's own methods stands beside them."""

    def __init__(self) -> None:
        super().__init__()
        self.fh: Any
        self.columns: list[Column] = []
        self.places_of_texts: dict[str, int] = {}  # in the list of texts that all sheets share

    @property
    def rows(self) -> dict[int, Any]:
        """What is said of rows, such as a height; its name moved between XlsxWriter's releases."""
        found: dict[int, Any] = self.row_info if hasattr(self, "row_info") else self.set_rows
        return found

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        """Those of rules and limits come as Excel stores them; rewriting each by 150 patterns takes long."""
        return formula.removeprefix("=")

    def add_constants(self, row: int, column: int, values: np.ndarray, style: Any) -> None:
        """Numbers, texts, truth values, and None for an empty cell."""
        if values.dtype.kind != "f":
            texts = [each for each in values.flat if isinstance(each, str)]
            self.places_of_texts |= {each: self.str_table._get_shared_string_index(shared(each)) for each in texts}
        for j in range(values.shape[1] if len(values) else 0):
            self.add(Column(row, column + j, values[:, j], style, self.constant))

    def add_formulas(
        self, row: int, column: int, text: str, starts: Sequence[int], values: np.ndarray, style: Any, dynamic: bool
    ) -> None:
        """A formula as Excel stores it, without = and with %d where the number of a row stands, and what it gives.

        A dynamic one may give many values, and is written so that none of them is cut off.
        """
        text = escape(text)
        if dynamic:
            self.add_dynamic(row, column, f"{column_name(column)}%d", text, [row + 1, *starts], values, style)
        else:
            self.add(Column(row, column, values, style, computed, f"<f>{text}</f>", starts))

    def add_spilled(self, row: int, column: int, text: str, values: np.ndarray, style: Any) -> None:
        """One formula that fills the whole block; what has spilled is stored as constants."""
        ends = row + values.shape[0] - 1, column + values.shape[1] - 1
        area = xl_range(row, column, *ends)
        self.add_dynamic(row, column, area, escape(text.replace("%", "%%")), [], values[:1, 0], style)
        self.add_constants(row, column + 1, values[:1, 1:], style)
        self.add_constants(row + 1, column, values[1:], style)

    def add_dynamic(
        self, row: int, column: int, area: str, text: str, starts: Sequence[int], values: np.ndarray, style: Any
    ) -> None:
        self.has_dynamic_arrays = True
        formula = f'<f t="array" ref="{area}">{text}</f>'
        self.add(Column(row, column, values, style, computed, formula, starts, ' cm="1"'))

    def add(self, column: Column) -> None:
        self._check_dimensions(column.row, column.column)
        self._check_dimensions(column.end - 1, column.column)
        self.columns.append(column)

    def constant(self, value: Any) -> Stored:
        if value is None:
            return "", ""
        if isinstance(value, str):
            return ' t="s"', f"<v>{self.places_of_texts[value]}</v>"
        if isinstance(value, bool):
            return ' t="b"', f"<v>{value:d}</v>"
        if not math.isfinite(value):
            raise ValueError(f"{self.name}: {value} is no constant that a sheet can hold")
        return "", f"<v>{CONSTANT % value}</v>"

    def _assemble_xml_file(self) -> None:
        """Write the part; XlsxWriter itself would leave its file open if something is wrong."""
        try:
            super()._assemble_xml_file()
        finally:
            with suppress(OSError):
                self.fh.close()

    def _write_rows(self) -> None:
        parts: list[Column | Single] = [*self.columns, *self.written()]
        cells = {id(part): part.cells() for part in parts}
        bare = sorted({*self.rows} | {*self.comments}, reverse=True)  # rows that may have no cell but a height
        for first, last, there in bands(parts):
            while bare and bare[-1] < last:
                if (row := bare.pop()) < first or not there:
                    self._write_empty_row(row, None, self.rows.get(row))
            lines = zip(*(islice(cells[id(part)], last - first) for part in there), strict=True)
            for row, line in enumerate(lines, first):
                self.fh.write(f"{self.opening(row)}{''.join(line)}</row>")
        for row in reversed(bare):
            self._write_empty_row(row, None, self.rows.get(row))

    def opening(self, row: int) -> str:
        if row not in self.rows:
            return f'<row r="{row + 1}"{self.plain}>'
        return self.text(self._write_row, row, None, self.rows[row])

    @functools.cached_property
    def plain(self) -> str:
        """What stands behind the number of a row that nothing is said of."""
        return self.text(self._write_row, 0, None).removeprefix('<row r="1"').removesuffix(">")

    def written(self) -> Iterator[Single]:
        """The cells that XlsxWriter wrote."""
        for row, cells in self.table.items():
            for column, cell in cells.items():
                yield Single(row, column, self.text(self._write_cell, row, column, cell))

    def text(self, write: Callable[..., None], *args: Any) -> str:
        """What XlsxWriter writes."""
        file, written = self.fh, io.StringIO()
        self.fh = written
        write(*args)
        self.fh = file
        return written.getvalue()

    def _get_range_data(self, top: int, left: int, bottom: int, right: int) -> list[Any]:
        """The values of a range, which a chart keeps."""
        found: dict[tuple[int, int], Any] = {}
        for part in self.columns:
            if left <= part.column <= right and part.row <= bottom and part.end > top:
                rows = range(max(top, part.row), min(bottom + 1, part.end))
                values = part.values[rows.start - part.row : rows.stop - part.row].tolist()
                found |= {(row, part.column): as_charted(value) for row, value in zip(rows, values, strict=True)}
        for row, column in product(range(top, bottom + 1), range(left, right + 1)):
            if column in self.table.get(row, ()):
                found[row, column] = super()._get_range_data(row, column, row, column)[0]
        return [found.get(place) for place in product(range(top, bottom + 1), range(left, right + 1))]


def bands(parts: Iterable[Column | Single]) -> Iterator[tuple[int, int, list[Column | Single]]]:
    """Rows, from one to before another, that cells of the same columns stand in, and these from left to right."""
    begun: dict[int, list[Column | Single]] = {}
    edges = set[int]()
    for part in parts:
        begun.setdefault(part.row, []).append(part)
        edges |= {part.row, part.end}
    there: list[Column | Single] = []
    for first, last in pairwise(sorted(edges)):
        there = sorted((each for each in chain(there, begun.get(first, ())) if each.end > first), key=by_column)
        twice = next((one for one, other in pairwise(there) if one.column == other.column), None)
        if twice:
            raise ValueError(f"two values for the cell {xl_rowcol_to_cell(first, twice.column)}")
        yield first, last, there


by_column = attrgetter("column")


def escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def shared(text: str) -> str:
    """A text as XlsxWriter's list has it, which takes what looks like XML of a rich text for just that."""
    looks_rich = text.startswith("<r>") and text.endswith("</r>")
    return f"<r><t>{escape(text)}</t></r>" if looks_rich else text


def computed(value: Any) -> Stored:
    """What a formula gave, as the file has it."""
    if isinstance(value, bool):
        return ' t="b"', f"<v>{value:d}</v>"
    if isinstance(value, str):
        kind = ' t="e"' if value in ERRORS else ' t="str"' if value else ""
        return kind, f"<v>{escape(value)}</v>"
    return ("", f"<v>{value}</v>") if math.isfinite(value) else (' t="e"', f"<v>{DIVIDED_BY_0}</v>")


def as_charted(value: Any) -> Any:
    return "" if value is None else value if isinstance(value, str) or math.isfinite(value) else DIVIDED_BY_0
