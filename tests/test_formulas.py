"""The native formula of every equation, and its LAMBDA, computed by an independent engine, give what the core gives."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xlsxwriter
from hosts import ironcalc
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import calls
from tokensheet import Cell, DomainError
from tokensheet.cell import tidy
from tokensheet.equation import evaluate
from tokensheet_templates.rows import RowSheet
from tokensheet_udfs.registry import Function, Parameter, functions

EQUATIONS = [function for function in functions().values() if function.traceable]


def in_row(function: Function) -> str:
    """The native formula of the numbers in columns B, C … of its row, which is written `{row}`."""
    cells = [Cell(f"{chr(ord('B') + i)}{{row}}") for i in range(len(function.parameters))]
    return str(function.python(*cells).text)


def core(function: Function, values: tuple[float, ...]) -> Any:
    try:
        return function.python(*values)
    except DomainError:
        return "#NUM!"


# It takes a slope from a difference of one per cent, which magnifies what engines round differently
TOLERANCE = {"EXPECTED_RUNNING": 1e-6}


def agrees(function: Function, values: tuple[float, ...], found: Any) -> bool:
    """Whether an engine found what the core gives.

    Excel and LibreOffice count with 15 digits in places, numpy with 16: a number in the sixteenth digit beside each
    argument may be meant, on the other side of a step (CEILING, IF, <=), or anywhere between.
    """
    expected = core(function, values)
    if same(expected, found, TOLERANCE.get(function.name, 1e-12)):
        return True
    nudged = [  # the bare formula, since a nudge may leave the domain
        tidy(evaluate(function.python, *map(np.float64, (*values[:i], value * scale, *values[i + 1 :]))))
        for i, value in enumerate(values)
        for scale in (1 - 1e-12, 1 + 1e-12)
    ]
    numbers = [each for each in (expected, *nudged) if isinstance(each, float | int)]
    between = isinstance(found, float | int) and bool(numbers) and min(numbers) <= found <= max(numbers)
    return between or any(same(each, found, 1e-12) for each in nudged)


def same(expected: Any, found: Any, tolerance: float) -> bool:
    if expected == "#NUM!":  # no finite result: an engine may call it #DIV/0! too
        return isinstance(found, str) and found.startswith("#")
    if isinstance(expected, str | bool):
        return bool(expected == found)
    return isinstance(found, float | int) and math.isclose(expected, found, rel_tol=tolerance)


@pytest.mark.parametrize("function", EQUATIONS, ids=lambda function: function.name)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_native_formula_equals_core(function: Function, data: st.DataObject) -> None:
    examples = data.draw(calls(function, 40))
    formula = in_row(function)
    for values, found in zip(examples, ironcalc.evaluate((values, formula) for values in examples), strict=True):
        assert agrees(function, values, found), (formula, values, core(function, values), found)


def test_libreoffice_computes_the_native_formulas(libreoffice: Any, tmp_path: Path) -> None:
    """A thousand random inputs for each equation, a sheet each; numbers in columns B, C …, the formula in A."""
    rng, rows = np.random.default_rng(20260429), 1000
    path, drawn = tmp_path / "formulas.xlsx", {}
    with xlsxwriter.Workbook(path) as book:
        style = book.add_format()
        for function in EQUATIONS:
            sheet = book.add_worksheet(function.name[:31], worksheet_class=RowSheet)
            values = drawn[function.name[:31]] = np.column_stack(
                [draw(rng, each, rows) for each in function.parameters]
            )
            formula = in_row(function).replace("%", "%%")
            starts, unknown = [1] * formula.count("{row}"), np.zeros(rows)
            sheet.add_formulas(0, 0, formula.format(row="%d"), starts, unknown, style, dynamic=False)
            sheet.add_constants(0, 1, values, style)
    found = libreoffice.recalculate(path, with_addin=False)
    wrong = []
    for function in EQUATIONS:
        name = function.name[:31]
        together = np.broadcast_to(evaluate(function.python, *drawn[name].T), rows).tolist()
        for row, (numbers, expected) in enumerate(zip(drawn[name].tolist(), together, strict=True), 1):
            value = found[f"{name}!A{row}"]
            value = value["error"] if isinstance(value, dict) else value
            # what the whole column gives spares most rows the core one by one
            if not same(expected, value, TOLERANCE.get(name, 1e-12)) and not agrees(function, tuple(numbers), value):
                wrong.append((name, numbers, value))
    assert wrong == []


def draw(rng: np.random.Generator, parameter: Parameter, rows: int) -> np.ndarray:
    """Random numbers in an argument's domain, of the sizes that occur."""
    assert parameter.domain
    if parameter.domain.text.startswith("> 0 and"):
        return rng.uniform(0.001, 1, rows)
    if parameter.domain.text.startswith(">= 0 and"):
        return rng.uniform(0, 0.99, rows)
    if parameter.domain.text == ">= 1":  # what is counted: stages, chips, experts
        return 10 ** rng.uniform(0, 4, rows)
    return 10 ** rng.uniform(-3, 12, rows)


@pytest.mark.parametrize("function", EQUATIONS, ids=lambda function: function.name)
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_a_cell_carries_the_value_of_its_formula(function: Function, data: st.DataObject) -> None:
    [values] = data.draw(calls(function, 1))
    cell = function.python(*(Cell(f"A{i}", value) for i, value in enumerate(values, 1)))
    expected = core(function, values)
    assert same(expected, cell.value, 1e-12) or (expected == "#NUM!" and not math.isfinite(cell.value))
