"""What stands in a workbook's file: its formulas and the values written beside them."""

import math
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.worksheet.formula import ArrayFormula


def formulas(path: Path) -> dict[str, str]:
    """Every formula cell, as `Sheet!A1`, with its text."""
    book = openpyxl.load_workbook(path)
    cells = [
        (f"{sheet.title}!{cell.coordinate}", cell.value) for sheet in book for row in sheet.iter_rows() for cell in row
    ]
    texts = ((place, value.text if isinstance(value, ArrayFormula) else value) for place, value in cells)
    return {place: text for place, text in texts if isinstance(text, str) and text.startswith("=")}


def cached(path: Path) -> dict[str, Any]:
    """The cached value of every formula cell."""
    book = openpyxl.load_workbook(path, data_only=True)
    return {place: book[place.partition("!")[0]][place.partition("!")[2]].value for place in formulas(path)}


def differences(expected: dict[str, Any], found: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """The cells whose values differ by more than 1e-12, or are missing, or are errors."""
    return {place: (value, found.get(place)) for place, value in expected.items() if not same(value, found.get(place))}


def same(expected: Any, found: Any) -> bool:
    if isinstance(expected, int | float) and isinstance(
        found, int | float
    ):  # TRUE is 1 where an add-in cannot say TRUE
        return math.isclose(expected, found, rel_tol=1e-12, abs_tol=1e-300)
    return bool(expected == found) and not str(found).startswith("#")
