"""What a spreadsheet passes and what it gets back: blanks, texts, errors and shapes."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from tokensheet_udfs.convert import ERRORS, CellError, call, number
from tokensheet_udfs.registry import functions

COLUMN, ROW = ((1.0,), (2.0,), (4.0,)), ((10.0, 20.0),)

# function, arguments as a host passes them, rows of the result
TABLE: list[tuple[str, tuple[Any, ...], list[list[Any]]]] = [
    # shapes
    ("COMPUTE_TIME", (2, 3, 4), [[3.0]]),
    ("COMPUTE_TIME", (COLUMN, 1, 1), [[2.0], [4.0], [8.0]]),
    ("COMPUTE_TIME", (ROW, 1, 1), [[20.0, 40.0]]),
    ("COMPUTE_TIME", ([10.0, 20.0], 1, 1), [[20.0, 40.0]]),
    ("COMPUTE_TIME", (COLUMN, ROW, 1), [[20.0, 40.0], [40.0, 80.0], [80.0, 160.0]]),
    ("COMPUTE_TIME", (((1, 2), (3, 4)), ((1, 2), (3, 4)), 2), [[1.0, 4.0], [9.0, 16.0]]),
    ("COMPUTE_TIME", (COLUMN, ((1.0,), (2.0,)), 1), [[2.0], [8.0], ["#N/A"]]),
    ("COMPUTE_TIME", (((1.0, 2.0),), ((1.0, 2.0, 3.0),), 1), [[2.0, 8.0, "#N/A"]]),
    ("COMPUTE_TIME", (np.array([[1.0, 2.0]]), 1, 1), [[2.0, 4.0]]),
    # blanks
    ("COMPUTE_TIME", (None, 1, 1), [["#VALUE!"]]),
    ("COMPUTE_TIME", ("", 1, 1), [["#VALUE!"]]),
    ("COMPUTE_TIME", (((1.0,), (None,), ("",)), 1, 1), [[2.0], ["#VALUE!"], ["#VALUE!"]]),
    ("COMPUTE_TIME", (1, 1, 1, None), [[2.0]]),
    ("COMPUTE_TIME", (1, 1, 1, ""), [[2.0]]),
    ("COMPUTE_TIME", (1, 1, 1, ((1.0, None, 3.0),)), [[1.0, 2.0, 3.0]]),
    # texts
    ("COMPUTE_TIME", ("x", 1, 1), [["#VALUE!"]]),
    ("COMPUTE_TIME", (((1.0, "x", 3.0),), 1, 1), [[2.0, "#VALUE!", 6.0]]),
    ("COMPUTE_TIME", ("64", "37B", "989T"), [[0.004788675429726997]]),
    ("COMPUTE_TIME", (((" 2 ", "1k", "50%"),), 1, 1), [[4.0, 2000.0, 1.0]]),
    ("COMPUTE_TIME", (("nan", "inf", "1,000"), 1, 1), [["#VALUE!", "#VALUE!", "#VALUE!"]]),
    ("COMPUTE_TIME", (("1_000", "１", 2**70), 1, 1), [["#VALUE!", "#VALUE!", 2.0**71]]),
    # truth values count as Excel counts them
    ("COMPUTE_TIME", (True, 1, 1), [[2.0]]),
    # errors passed in, the first argument's first
    *[("COMPUTE_TIME", (((error, 1.0),), 1, 1), [[error, 2.0]]) for error in ERRORS],
    ("COMPUTE_TIME", ("#N/A", "#REF!", 1), [["#N/A"]]),
    ("COMPUTE_TIME", ("x", "#REF!", 1), [["#VALUE!"]]),
    # domains and divisions by zero
    ("COMPUTE_TIME", (1, 1, 0), [["#DIV/0!"]]),
    ("COMPUTE_TIME", (1, 1, ((0.0, -1.0, 2.0),)), [["#DIV/0!", "#NUM!", 1.0]]),
    ("COMPUTE_TIME", (0, 1, 1), [["#NUM!"]]),
    ("COMPUTE_TIME", (float("nan"), 1, 1), [["#NUM!"]]),
    ("COMPUTE_TIME", (float("inf"), 1, 1), [["#NUM!"]]),
    ("COMPUTE_TIME", (1e300, 1e300, 1), [["#NUM!"]]),
    ("TOKEN_COST", (1, 1, 3600, 1, ((0.5, 0.0, 2.0),)), [[2.0, "#DIV/0!", "#NUM!"]]),
    ("CRITICAL_BATCH", (8, 1, 1, 300, 1, ((0.0, 1000.0),), 1, 1), [[2400.0, "#NUM!"]]),
    ("STEP_TIME", (((1.0,), (-1.0,), (3.0,)), 0, 1, 1, 1, 0, 1, 1), [[2.0], ["#NUM!"], [6.0]]),
    # results that are no numbers
    ("BOUND", (((5.0, 1.0),), 1, 2), [["compute", "kv"]]),
    ("BOUND", (((5.0, "x"),), 1, 2), [["compute", "#VALUE!"]]),
    ("FITS", (1, 0, ((1.0, 0.5),), 1), [[True, False]]),
    # too few and too many arguments
    ("COMPUTE_TIME", (1, 1), [["#VALUE!"]]),
    ("COMPUTE_TIME", (1, 1, 1, 1, 1), [["#VALUE!"]]),
    # names
    ("CHIP", ("h100", "hbm_bytes"), [[80e9]]),
    ("CHIP", ("nonesuch", "hbm_bytes"), [["#N/A"]]),
    ("CHIP", ("H100 SXM", "nonesuch"), [["#N/A"]]),
    ("CHIP", (((None,), ("#REF!",), ("H100 SXM",)), "hbm_bytes"), [["#VALUE!"], ["#REF!"], [80e9]]),
    ("MODEL", ("deepseek v3", ("total_params", "active_params")), [[671e9, 37e9]]),
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
    assert reasons[0, 0] == "80000000000 any unit"
    assert reasons[1, 0].startswith("no chip is called 'h1000'; closest: H100 ")


@pytest.mark.parametrize("text", ["", "x", "7 0", "1e", "--1", "1kk", "0x10", "١"])
def test_not_a_number(text: str) -> None:
    with pytest.raises(ValueError, match="is not a number"):
        number(text)


def test_an_error_is_its_text_with_a_reason() -> None:
    error = CellError("#N/A", "why")
    assert (error, error.reason) == ("#N/A", "why")


def test_a_million_cells_are_one_pass() -> None:
    cells = tuple(map(tuple, np.random.default_rng(1).uniform(1, 9, (1000, 1000)).tolist()))
    compute_time = functions()["COMPUTE_TIME"]
    result = call(compute_time, (cells, 37e9, 989e12))
    assert result[3, 4] == compute_time.python(cells[3][4], 37e9, 989e12)
    # reading the tuples is numpy's own work; checks and arithmetic on top must stay below as much again
    read = fastest(lambda: np.array(cells, dtype=float))
    assert fastest(lambda: call(compute_time, (cells, 37e9, 989e12))) < 2 * read


def fastest(work: Callable[[], object]) -> float:
    times = []
    for _ in range(5):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)
