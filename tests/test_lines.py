"""A formula as lines says nothing twice and nothing for nothing, and computes what it computed."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tokensheet as ts
from tokensheet import plain
from tokensheet.cell import lift
from tokensheet.equation import evaluate
from tokensheet.lines import Lines
from tokensheet.spelling import NUMPY, PYTHON


def written(formula: Callable[..., Any], names: str, whole: tuple[str, ...] = (), **known: Any) -> dict[str, str]:
    """The lines of a formula of the names in Python, `known` numbers beside them."""
    lines = Lines(PYTHON)
    given = {name: lines.given(name) for name in names} | {name: lines.result(each) for name, each in known.items()}
    return lines.leading_to({"result": lines.result(formula(**given))}, whole)


def test_what_is_said_twice_is_computed_once() -> None:
    def formula(a: Any, b: Any) -> Any:
        return (a + b) * np.sqrt(a + b)

    assert written(formula, "ab") == {"_0": "a+b", "result": "_0*(_sqrt(_0))"}


def test_what_is_needed_once_stands_where_it_is_needed_unless_it_is_to_be_whole() -> None:
    def formula(a: Any, b: Any) -> Any:
        return np.where(a > b, a / b, b)

    assert written(formula, "ab") == {"result": "((a/b) if (a>b) else b)"}
    assert written(formula, "ab", ("_2",)) == {"_2": "((a/b) if (a>b) else b)", "result": "_2"}


@pytest.mark.parametrize(
    ("formula", "result"),
    [
        (lambda a, two: a * (two + 1), "a*3.0"),
        (lambda a, two: np.where(two > 1, a, np.log(a)), "a"),
        (lambda a, two: np.where(two < 1, a, 1) / a, "1.0/a"),
        (lambda a, two: (a * 1 + 0) / 1 * (two / 2), "a"),
        (lambda a, two: 0 * a + (two - 2) * np.exp(a), "0.0"),
        (lambda a, two: 1 / a, "1.0/a"),
        (lambda a, two: 0 / a, "0.0/a"),
        (lambda a, two: (a > two) * 1 + (a > 3) * 1, "((a>2.0)*1.0)+((a>3.0)*1.0)"),  # sums of numbers, no "or"
        (lambda a, two: np.where(two > 1, a > 1, a > 2) * 1, "(a>1.0)*1.0"),
        (lambda a, two: np.where(a > 5, a > 1, two > 1) + 0, "(((a>1.0) if (a>5.0) else True))+0.0"),
        (lambda a, two: np.where(a > 5, a, 1) * 1, "(a if (a>5.0) else 1.0)"),
    ],
)
def test_what_is_known_is_a_number_and_what_changes_nothing_is_left_out(formula: Any, result: str) -> None:
    assert written(formula, "a", two=2.0) == {"result": result}


def test_what_no_result_needs_is_no_line() -> None:
    lines = Lines(PYTHON)
    a = lines.given("a")
    lines.result(np.exp(a))
    assert lines.leading_to({"more": lines.result(a + 1)}) == {"more": "a+1.0"}


@pytest.mark.parametrize("spelling", [PYTHON, NUMPY], ids=lambda spelling: spelling.name)
def test_a_long_formula_as_lines_gives_what_it_gives(spelling: Any) -> None:
    names = ["running", "most", "users", "steps", "work", "passes", "prefill_time", "fixed", "slope", "fill", "shared"]
    numbers = (40.0, 62.0, 64.0, 1000.0, 0.05, 0.01, 0.06, 0.01, 1e-4, 0.4, 1.0)
    lines = Lines(spelling)
    result = evaluate(ts.expected_running, *map(lines.given, names))
    code = lines.leading_to({"result": result})
    assert sum(map(len, code.values())) < len(lift(evaluate(ts.expected_running, *plain.symbols(names))).text) / 2
    called = plain.NAMES if spelling is PYTHON else {f"_{name}": getattr(np, name) for name in NUMPY.functions}
    function = plain.compiled(names, [*(f"{name} = {text}" for name, text in code.items()), "return result"], **called)
    assert function(*numbers) == pytest.approx(ts.expected_running(*numbers), rel=1e-12)
