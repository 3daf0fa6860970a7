"""What a spreadsheet passes and what it gets back, beyond the contract that all hosts share (test_contract.py)."""

from typing import Any

import numpy as np
import pytest
from tokensheet_udfs.convert import call, number
from tokensheet_udfs.errors import ERRORS, CellError
from tokensheet_udfs.registry import functions

# What only Python can pass, beyond tests/contract.py: function, arguments, rows of the result
TABLE: list[tuple[str, tuple[Any, ...], list[list[Any]]]] = [
    ("COMPUTE_TIME", ([10.0, 20.0], 1, 1), [[20.0, 40.0]]),
    ("COMPUTE_TIME", (np.array([[1.0, 2.0]]), 1, 1), [[2.0, 4.0]]),
    ("COMPUTE_TIME", (("nan", "inf", "1,000"), 1, 1), [["#VALUE!", "#VALUE!", "#VALUE!"]]),
    ("COMPUTE_TIME", (("1_000", "１", 2**70), 1, 1), [["#VALUE!", "#VALUE!", 2.0**71]]),
    *[("COMPUTE_TIME", (((error, 1.0),), 1, 1), [[error, 2.0]]) for error in ERRORS],
    ("COMPUTE_TIME", ("x", "#REF!", 1), [["#VALUE!"]]),
    ("COMPUTE_TIME", (0, 1, 1), [["#NUM!"]]),
    ("COMPUTE_TIME", (float("nan"), 1, 1), [["#NUM!"]]),
    ("COMPUTE_TIME", (float("inf"), 1, 1), [["#NUM!"]]),
    ("TOKEN_COST", (1, 1, 3600, 1, ((0.5, 0.0, 2.0),)), [[2.0, "#DIV/0!", "#NUM!"]]),
    ("STEP_TIME", (((1.0,), (-1.0,), (3.0,)), 0, 1, 1, 1, 0, 1, 1), [[2.0], ["#NUM!"], [6.0]]),
    ("CHIP", ("H100 SXM", "nonesuch"), [["#N/A"]]),
    ("CHIP", (((None,), ("#REF!",), ("H100 SXM",)), "hbm_bytes"), [["#VALUE!"], ["#REF!"], [80e9]]),
    ("WHY", ("NONESUCH", 1), [["#N/A"]]),
    ("WHY", ("#REF!", 1), [["#REF!"]]),
]


@pytest.mark.parametrize(("name", "args", "rows"), TABLE, ids=lambda value: str(value)[:60])
def test_call(name: str, args: tuple[Any, ...], rows: list[list[Any]]) -> None:
    assert call(functions()[name], args).tolist() == rows


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        ((None, 1, 1), "batch is blank and has no default"),
        (("x", 1, 1), 'batch: "x" is not a number; "70B", "3.35T", "32k" or "40%" would be'),
        ((1, "#REF!", 1), "active_params is the error #REF! already"),
        ((1, 1, 0), "flops must be > 0, not 0: a division by zero"),
        ((1, 1, -2), "flops must be > 0, not -2"),
        ((1e300, 1e300, 1), "the result is too large to compute"),
        ((1, 1), "COMPUTE_TIME needs flops too"),
        ((1, 1, 1, 1, 1), "COMPUTE_TIME takes at most 4 arguments, not 5"),
        ((2, 3, 4), "3 s = flops_per_param*batch*active_params/flops"),
    ],
)
def test_why(args: tuple[Any, ...], reason: str) -> None:
    assert call(functions()["WHY"], ("compute_time", *args)).tolist() == [[reason]]


def test_why_of_a_range_says_it_for_each_cell() -> None:
    reasons = call(functions()["WHY"], ("CHIP", ((("h100",), ("h1000",))), "hbm_bytes"))
    assert reasons[0, 0] == "80000000000"
    assert reasons[1, 0].startswith("no chip is called 'h1000'; closest: H100 ")


@pytest.mark.parametrize("text", ["", "x", "7 0", "1e", "--1", "1kk", "0x10", "١"])
def test_not_a_number(text: str) -> None:
    with pytest.raises(ValueError, match="is not a number"):
        number(text)


def test_an_error_is_its_text_with_a_reason() -> None:
    error = CellError("#N/A", "why")
    assert (error, error.reason) == ("#N/A", "why")


def test_a_million_cells_are_computed_each() -> None:
    cells = tuple(map(tuple, np.random.default_rng(1).uniform(1, 9, (1000, 1000)).tolist()))
    compute_time = functions()["COMPUTE_TIME"]
    result = call(compute_time, (cells, 37e9, 989e12))
    assert result[3, 4] == compute_time.python(cells[3][4], 37e9, 989e12)
    assert (result == compute_time.python(np.array(cells), 37e9, 989e12)).all()
