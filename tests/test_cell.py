"""Cells: formula text with as few brackets as Excel needs, the value beside it, and clear refusals."""

import math

import numpy as np
import pytest
from tokensheet import Cell
from tokensheet.cell import lift

A, B, C = Cell("A1", 2.0), Cell("B1", 3.0), Cell("C1", 4.0)
RANGE = Cell("A1:A3", np.array([[1.0], [2.0], [3.0]]))


@pytest.mark.parametrize(
    ("cell", "text", "value"),
    [
        (A + B * C, "A1+B1*C1", 14),
        ((A + B) * C, "(A1+B1)*C1", 20),
        (A - (B - C), "A1-(B1-C1)", 3),
        (A + (B - C), "A1+B1-C1", 1),
        (A / (B / C), "A1/(B1/C1)", 8 / 3),
        (A / (B * C), "A1/(B1*C1)", 1 / 6),
        ((A**B) ** C, "A1^B1^C1", 4096),
        (A ** (B ** Cell("D1", 2.0)), "A1^(B1^D1)", 512),
        (-A * B, "-A1*B1", -6),
        (-(A**B), "-(A1^B1)", -8),
        ((-A) ** B, "-A1^B1", -8),
        (2 * A, "2*A1", 4),
        (A * 1e12, "A1*1000000000000", 2e12),
        (A * 1.5e-7, "A1*1.5E-07", 3e-7),
        (A - (-1), "A1--1", 3),
        (np.maximum(np.maximum(A, B), C), "MAX(A1,B1,C1)", 4),
        (np.maximum(np.maximum(A, B) + 1, C), "MAX(MAX(A1,B1)+1,C1)", 4),
        (np.minimum(A, B + 1), "MIN(A1,B1+1)", 2),
        (np.ceil(A / B), "CEILING(A1/B1,1)", 1),
        (np.floor(C / B), "INT(C1/B1)", 1),
        (np.sqrt(C), "SQRT(C1)", 2),
        (np.where(A > B, A, B), "IF(A1>B1,A1,B1)", 3),
        (np.where((A < B) & (B < C), "in", "out"), 'IF(AND(A1<B1,B1<C1),"in","out")', "in"),
        (np.where(A < B, 1.5, "none"), 'IF(A1<B1,1.5,"none")', 1.5),
        ("needs " + A + " chips", '"needs "&A1&" chips"', "needs 2 chips"),
        (np.where(A == 2, 'say "x"', "y"), 'IF(A1=2,"say ""x""","y")', 'say "x"'),
        (np.sum(RANGE), "SUM(A1:A3)", 6),
        (np.sum(RANGE * 2), "SUMPRODUCT(A1:A3*2)", 12),
        (np.max(RANGE), "MAX(A1:A3)", 3),
    ],
)
def test_text_and_value(cell: Cell, text: str, value: object) -> None:
    assert (cell.text, cell.value) == (text, value)


def test_a_block_of_values_is_computed_in_one_go() -> None:
    grid = Cell("A1", np.array([[1.0], [2.0]])) * Cell("B1", np.array([[10.0, 20.0]]))
    assert grid.value.tolist() == [[10, 20], [20, 40]]


def test_nothing_is_known_of_what_is_not_known() -> None:
    assert (A * Cell("X1")).value is None


@pytest.mark.parametrize(
    "attempt",
    [
        lambda: A if A > B else B,
        lambda: math.sqrt(A),
        lambda: float(A),
        lambda: list(A),
        lambda: np.asarray(A),
        lambda: np.sin(A),
        lambda: np.maximum(RANGE, 1),
        lambda: np.add(A, B, where=True),
        lambda: A * np.array([1.0, 2.0]),
        lambda: A * math.inf,
        lambda: np.median(RANGE),
        lambda: np.where(A == "x" * 256, 1, 0),
    ],
)
def test_what_excel_cannot_say_is_refused(attempt: object) -> None:
    with pytest.raises(TypeError):
        attempt()  # type: ignore[operator]


def test_a_number_without_value_is_an_error_value() -> None:
    assert lift(float("nan")).text == "#NUM!"
