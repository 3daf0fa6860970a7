"""formulon, an independent spreadsheet engine compiled to WebAssembly, as a host: workbooks in, values out."""

from pathlib import Path
from typing import Any

from formulon import ValueKind, Workbook, error_display_name
from xlsxwriter.utility import xl_rowcol_to_cell


def recalculate(path: Path) -> dict[str, Any]:
    """Every formula cell of a workbook after a full recalculation, as `Sheet!A1`; an error is its text."""
    with Workbook.load(path.read_bytes()) as book:
        book.recalc()
        cells = [(sheet, cell) for sheet in range(book.sheet_count()) for cell in book.iter_cells(sheet)]
        return {
            f"{book.sheet_name(sheet)}!{xl_rowcol_to_cell(cell.row, cell.col)}": plain(cell.value)
            for sheet, cell in cells
            if cell.formula
        }


def plain(value: Any) -> Any:
    return error_display_name(value.error_code) if value.kind is ValueKind.ERROR else value.to_python()
