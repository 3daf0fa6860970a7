"""A workbook of 100,000 formulas with their values: ours, and the same by plain XlsxWriter and by openpyxl."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
import tokensheet as ts
import xlsxwriter
from tokensheet_templates.book import Book

ROWS = 20_000
chance = np.random.default_rng(1)
# Inputs in columns A to F, and in the next five a formula of some of them
INPUTS = [chance.uniform(1, 512, ROWS), chance.uniform(1e9, 1e12, ROWS), chance.uniform(1e14, 5e15, ROWS),
          chance.uniform(1, 2, ROWS), chance.uniform(1e12, 8e12, ROWS), chance.uniform(1, 10, ROWS)]  # fmt: skip
FORMULAS: list[tuple[Callable[..., Any], str, str]] = [
    (ts.compute_time, "ABC", "2*{A}*{B}/{C}"),
    (ts.memory_time, "BDE", "{B}*{D}/{E}"),
    (ts.compute_time, "DBC", "2*{D}*{B}/{C}"),
    (ts.compute_time, "FBC", "2*{F}*{B}/{C}"),
    (ts.memory_time, "CDE", "{C}*{D}/{E}"),
]
VALUES = [function(*(INPUTS[ord(letter) - ord("A")] for letter in letters)) for function, letters, _ in FORMULAS]


def ours(path: Path) -> None:
    with path.open("wb") as file:
        book = Book(file, "native", {})
        sheet = book.sheet("Sheet1")
        blocks = {chr(ord("A") + i): sheet.put(0, i, column[:, np.newaxis]) for i, column in enumerate(INPUTS)}
        for column, (function, letters, _) in enumerate(FORMULAS, len(INPUTS)):
            sheet.fill(0, column, function, *(blocks[each] for each in letters), style="text", relative=True)
        book.store()


def texts() -> list[list[str]]:
    """The formulas of each row."""
    places = [{letter: f"{letter}{row}" for letter in "ABCDEF"} for row in range(1, ROWS + 1)]
    return [[f"={formula.format(**each)}" for _, _, formula in FORMULAS] for each in places]


def by_xlsxwriter(path: Path) -> None:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        style = book.add_format({"font_size": 10})
        rows = zip(zip(*INPUTS, strict=True), texts(), zip(*VALUES, strict=True), strict=True)
        for row, (numbers, formulas, values) in enumerate(rows):
            for column, number in enumerate(numbers):
                sheet.write_number(row, column, number, style)
            for column, (formula, value) in enumerate(zip(formulas, values, strict=True), len(INPUTS)):
                sheet.write_formula(row, column, formula, style, value)


def by_openpyxl(path: Path) -> None:
    """In its mode for large workbooks, which is its fastest; it writes no values beside formulas."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for numbers, formulas in zip(zip(*INPUTS, strict=True), texts(), strict=True):
        sheet.append([*numbers, *formulas])
    book.save(path)


WAYS = {"tokensheet": ours, "XlsxWriter": by_xlsxwriter, "openpyxl": by_openpyxl}


@pytest.mark.benchmark(group="100,000 formulas")
@pytest.mark.parametrize("way", WAYS)
def test_formulas(benchmark: Any, tmp_path: Path, way: str) -> None:
    path = tmp_path / "found.xlsx"
    benchmark.pedantic(WAYS[way], (path,))
    with closing(openpyxl.load_workbook(path, read_only=True)) as book:
        row = next(book.worksheets[0].iter_rows(7, 7, 1 + len(INPUTS)))
        assert [each.value for each in row] == [*texts()[6]]
