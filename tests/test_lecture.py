"""Every worked number of the lecture, by the formula that docs/the-lecture.md gives for it."""

import math
from pathlib import Path
from typing import Any

import generate
import pytest
import xlsxwriter

ROWS = generate.worked_numbers()
FORMULAS = [
    (formula, value, expected)
    for row in ROWS
    for (formula, value), expected in zip(generate.results(row), row["expected"].split(" ; "), strict=False)
]


def same(value: Any, expected: str) -> bool:
    return value == expected if isinstance(value, str) else math.isclose(value, float(expected), rel_tol=1e-12)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["what"])
def test_a_worked_number_is_reproduced_or_has_a_verdict(row: dict[str, str]) -> None:
    found = [value for _, value in generate.results(row)]
    expected = [text for text in row["expected"].split(" ; ") if text]
    assert len(found) == len(expected)
    assert all(map(same, found, expected)), found
    assert row["verdict"]


def test_typed_into_libreoffice_the_formulas_give_the_same(libreoffice: Any, tmp_path: Path) -> None:
    path = tmp_path / "lecture.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Lecture")
        for row, (formula, _, _) in enumerate(FORMULAS):
            sheet.write_formula(row, 0, "=" + formula)
    found = list(libreoffice.recalculate(path).values())
    wrong = [(case, value) for case, value in zip(FORMULAS, found, strict=True) if not same(value, case[2])]
    assert wrong == []
