"""What stands in a workbook's file: its formulas and the values written beside them."""

import functools
import math
import re
import zipfile
from datetime import datetime
from itertools import accumulate, zip_longest
from pathlib import Path
from typing import Any

import openpyxl
import xlsxwriter
from hosts.contract import OMITTED, Error
from hosts.libreoffice import LibreOffice, letters
from openpyxl.utils.datetime import to_excel
from openpyxl.worksheet.formula import ArrayFormula
from xlsxwriter.utility import xl_rowcol_to_cell


def loaded(path: Path, data_only: bool = False) -> Any:
    """The workbook, read once while the file is the same."""
    return load(path, path.stat().st_mtime_ns, data_only)


@functools.lru_cache(maxsize=4)
def load(path: Path, modified: int, data_only: bool) -> Any:
    return openpyxl.load_workbook(path, data_only=data_only)


def formulas(path: Path) -> dict[str, str]:
    """Every formula cell, as `Sheet!A1`, with its text."""
    book = loaded(path)
    cells = [
        (f"{sheet.title}!{cell.coordinate}", cell.value)
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"  # and no text that looks like one
    ]
    return {place: value.text if isinstance(value, ArrayFormula) else value for place, value in cells}


def cached(path: Path) -> dict[str, Any]:
    """The cached value of every formula cell."""
    book = loaded(path, data_only=True)
    values = {place: book[place.partition("!")[0]][place.partition("!")[2]].value for place in formulas(path)}
    return {place: as_stored(value) for place, value in values.items()}


def as_stored(value: Any) -> Any:
    """What openpyxl reads as nothing or as a day, as the file has it."""
    return to_excel(value) if isinstance(value, datetime) else "" if value is None else value


def find(path: Path, label: str, sheet: str) -> str:
    """The place of the unit in the row that begins with the label."""
    rows = [str(cell.value or "") for cell in loaded(path, data_only=True)[sheet]["A"]]
    return f"{sheet}!B{next(number for number, text in enumerate(rows, 1) if text.startswith(label))}"


def input_cells(path: Path) -> dict[str, Any]:
    """The cells to change, by their colour, with what stands in them."""
    return {
        f"{sheet.title}!{cell.coordinate}": cell.value
        for sheet in loaded(path)
        for row in sheet.iter_rows()
        for cell in row
        if cell.fill.fgColor.rgb == "FFFFFBE6" and sheet.title != "About"
    }


CACHED = re.compile(rb"(<c [^>]*>)(<f[^>]*/>|<f[^>]*>[^<]*</f>)<v>[^<]*</v>")


def poisoned(path: Path, to: Path) -> Path:
    """A copy in which a wrong number is cached for every formula, so that no engine passes by echoing the file."""
    with zipfile.ZipFile(path) as parts, zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as changed:
        for part in parts.namelist():
            text = parts.read(part)
            changed.writestr(part, CACHED.sub(wrong, text) if part.startswith("xl/worksheets/") else text)
    return to


def wrong(cell: re.Match[bytes]) -> bytes:
    number = re.sub(rb' t="\w+"', b"", cell[1])  # it was a text or a truth value
    return number + cell[2] + b"<v>2345678</v>"


def differences(expected: dict[str, Any], found: dict[str, Any], within: float = 1e-12) -> dict[str, tuple[Any, Any]]:
    """The cells whose values differ by more than that, relatively, or are missing, or are errors."""
    return {
        place: (value, found.get(place))
        for place, value in expected.items()
        if not same(value, found.get(place), within)
    }


def same(expected: Any, found: Any, within: float) -> bool:
    if isinstance(expected, int | float) and isinstance(
        found, int | float
    ):  # TRUE is 1 where an add-in cannot say TRUE
        return math.isclose(expected, found, rel_tol=within, abs_tol=1e-300)
    return bool(expected == found) and not str(found).startswith("#")


def called(host: LibreOffice, path: Path, function: str, args: tuple[Any, ...], shape: tuple[int, int]) -> Any:
    """The rows of a call, its arguments written in cells (see `contract.Host.call`) and recalculated by LibreOffice."""
    # row by row, which spares an array formula's million cells a million zeros in the file
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet, given = book.add_worksheet("Call"), book.add_worksheet("Given")
        blocks = [arg if isinstance(arg, tuple) else ((arg,),) for arg in args]
        columns = list(accumulate((len(rows[0]) for rows in blocks), initial=0))
        texts = [
            "" if arg is OMITTED else "Given!" + area(0, column, len(rows), len(rows[0]))
            for arg, column, rows in zip(args, columns, blocks, strict=False)
        ]
        for row, parts in enumerate(zip_longest(*blocks, fillvalue=())):
            for column, values in zip(columns, parts, strict=False):
                for right, value in enumerate(values):
                    write(given, row, column + right, value)
        formula = f"={function}({','.join(texts)})"
        if shape == (1, 1):
            sheet.write_formula(0, 0, formula)
        else:
            sheet.write_array_formula(0, 0, shape[0] - 1, shape[1] - 1, f"{{{formula}}}")
    found = host.recalculate(path)
    names = [letters(column) for column in range(shape[1])]
    rows = ([found[f"Call!{name}{row}"] for name in names] for row in range(1, shape[0] + 1))
    return [[Error(cell["error"]) if isinstance(cell, dict) else cell for cell in row] for row in rows]


def area(row: int, column: int, rows: int, columns: int) -> str:
    """The text of a range; of one cell `A1` and not `A1:A1`, which a host takes for a range."""
    first, last = xl_rowcol_to_cell(row, column), xl_rowcol_to_cell(row + rows - 1, column + columns - 1)
    return first if first == last else f"{first}:{last}"


# a formula that gives the error, since no cell can hold it otherwise
ERRONEOUS = {
    "#NULL!": "=#NULL!",
    "#DIV/0!": "=1/0",
    "#VALUE!": '=VALUE("x")',
    "#REF!": "=#REF!",
    "#NAME?": "=NONESUCH()",
    "#NUM!": "=SQRT(-1)",
    "#N/A": "=NA()",
}


def write(sheet: Any, row: int, column: int, value: Any) -> None:
    if isinstance(value, Error):
        sheet.write_formula(row, column, ERRONEOUS[value.code])
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value)
    elif isinstance(value, str):
        sheet.write_string(row, column, value)
