"""What a spreadsheet passes and what it gets back, beyond the contract that all hosts share (test_contract.py)."""

import math
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
import pytest
from attacks.fuzz import limited, wrong
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import cells
from tokensheet.chain import Chain
from tokensheet.typed import number
from tokensheet_udfs import convert
from tokensheet_udfs.convert import MOST_CELLS, call
from tokensheet_udfs.errors import ERRORS, CellError
from tokensheet_udfs.look_up import MOST_QUESTIONS, TOGETHER
from tokensheet_udfs.registry import Function, functions

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
        (([], 1, 1), "batch is not rows of cells of the same length"),
        (([[1.0, 2.0], [3.0]], 1, 1), "batch is not rows of cells of the same length"),
        (([[[1.0]]], 1, 1), "batch is a list, not a number"),
        (({}, 1, 1), "batch is a dict, not a number"),
        ((datetime(2026, 11, 27), 1, 1), "batch is a datetime, not a number"),
        ((10**400, 1, 1), "batch is not a finite number"),
        ((math.inf, 1, 1), "batch is not a finite number"),
        (("1e999", 1, 1), "batch must be > 0, not inf"),
        (
            (1, "9" * 99 + "x", 1),
            f'active_params: "{"9" * 60}…" is not a number; "70B", "3.35T", "32k" or "40%" would be',
        ),
        ((1, "9" * 32_768, 1), "active_params has 32,768 characters, a cell holds 32,767"),
        (
            (((1.0,),) * 2001, ((1.0,) * 2000,), 1),
            "2001 x 2000 cells are more than the 4,000,000 that one call may have",
        ),
    ],
)
def test_why(args: tuple[Any, ...], reason: str) -> None:
    assert call(functions()["WHY"], ("compute_time", *args)).item().startswith(reason)


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


@pytest.mark.parametrize("name", ["CHIP", "MODEL", "DECODE_TIME", "BEST_BATCH", "API_PRICE", "WHY", "BEST_DEPLOYMENT"])
@pytest.mark.parametrize(
    "given",
    [
        None,
        [],
        [[]],
        [[1.0], [2.0, 3.0]],
        [[["x"]]],
        {},
        1j,
        b"x",
        10**400,
        math.nan,
        datetime(2026, 11, 27),
        "9" * 40_000,
    ],
    ids=lambda given: repr(given)[:20],
)
def test_whatever_is_given_for_a_name_there_is_a_reason(name: str, given: Any) -> None:
    required = [each for each in functions()[name].parameters if each.required]
    found = call(functions()[name], [given, *[1.0] * (len(required) - 1)])
    assert [(type(cell), bool(getattr(cell, "reason", ""))) for cell in found.flat] == [(CellError, True)]


@pytest.mark.parametrize(
    "text", ["1" * 32_000 + "x", "1" * 32_000 + "." * 2, " " * 32_000 + "x", "1" + " " * 32_000 + "x"]
)
def test_a_long_text_is_read_once(text: str) -> None:
    with limited(5), pytest.raises(ValueError, match="is not a number"):
        number(text)  # by a pattern that goes back it takes a minute


def test_nothing_is_made_of_a_block_that_is_too_large() -> None:
    whole_row, whole_column = np.ones((1, 16_384)), np.ones((1_048_576, 1))
    assert MOST_CELLS < 16_384 * 1_048_576
    assert call(functions()["COMPUTE_TIME"], (whole_row, whole_column, 1)).tolist() == [["#VALUE!"]]


def test_a_long_text_beside_numbers_does_not_make_each_as_long() -> None:
    column = [[1.0]] * 100_000 + [["9" * 32_000]]  # as texts of one length these are 13 GB
    found = call(functions()["COMPUTE_TIME"], (column, 1, 1))
    assert (found[0, 0], found[-1, 0]) == (2.0, "#NUM!")


def test_more_names_than_one_asks_about_are_not_looked_up_one_by_one() -> None:
    names = [[f"chip {each}"] for each in range(MOST_QUESTIONS + 1)]
    found = call(functions()["CHIP"], (names, "hbm_bytes"))
    assert found[0, 0].reason == "10,001 sets of names are more than the 10,000 that one call may have"
    rows = [["Mine", None, 1e15, 1e15, None, 1e11, 1e12]] * (MOST_QUESTIONS + 1)
    found = call(functions()["DECODE_TIME"], ("Llama-3.1-70B", rows, 1, 1))
    assert found[0, 0].reason == "10,001 chips of your own are more than the 10,000 that one call may have"


def test_where_every_cell_has_an_error_nothing_is_computed() -> None:
    def never(batch: Any) -> Any:
        raise AssertionError

    function = Function("NEVER", never, functions()["COMPUTE_TIME"].parameters[:1], "", "")
    assert call(function, ([["x", -1.0], ["#REF!", None]],)).tolist() == [["#VALUE!", "#NUM!"], ["#REF!", "#VALUE!"]]


def test_a_search_is_not_repeated_without_end() -> None:
    found = call(functions()["BEST_DEPLOYMENT"], ("Llama-3.1-70B", 1, 1, 1, [[1.0]] * 1001))
    assert found[0, 0].reason == "1001 x 1 cells are more than the 1,000 that one call may have"


def test_what_does_not_fit_costs_the_others_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    evaluated: list[int] = []
    evaluate = Chain.evaluate
    monkeypatch.setattr(Chain, "evaluate", lambda *args: evaluated.append(1) or evaluate(*args))
    contexts = [[4096.0 + row] for row in range(20_000)]
    contexts[7] = contexts[19_999] = [1e9]
    found = call(functions()["DECODE_TIME"], ("DeepSeek-V3", "H100", 1, contexts, 16)).ravel().tolist()
    assert len(evaluated) <= 2
    assert [place for place, cell in enumerate(found) if cell == "#N/A"] == [7, 19_999]
    assert "35,136 GB of KV cache, 16 x H100 SXM have 1,280 GB" in found[7].reason


def test_where_a_function_fails_for_one_cell_the_others_are_found_by_halves() -> None:
    asked = []

    def choosy(model: str, size: Any) -> Any:
        asked.append(np.size(size))
        if np.any(size == 700):
            raise RuntimeError("not 700")
        return size

    plain = next(each for each in functions().values() if each.name == "CHIP")
    parameters = (plain.parameters[0], replace(functions()["COMPUTE_TIME"].parameters[0], name="size"))
    function = Function("CHOOSY", choosy, parameters, "", "")
    sizes = [[float(each)] for each in range(1, 1001)]
    found = call(function, ("x", sizes)).ravel().tolist()
    assert len(asked) < 2 * 10 + 2
    assert found == [*range(1, 700), "#VALUE!", *range(701, 1001)]
    assert found[699].reason == "CHOOSY failed: not 700"


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (math.nan, "the result is too large to compute"),
        (10**400, "the result is too large to compute"),
        (np.array([1.0, math.inf]), "the result is too large to compute"),
        (None, "the result is a NoneType, which no cell can show"),
        (1j, "the result is a complex, which no cell can show"),
        ({}, "the result is a dict, which no cell can show"),
        (b"x", "the result is a bytes, which no cell can show"),
        ([1.0, 2.0, 3.0], "ODD failed: "),
    ],
)
def test_a_plugins_result_that_no_cell_shows_is_an_error(result: Any, reason: str) -> None:
    function = Function("ODD", lambda name: result, functions()["CHIP"].parameters[:1], "", "")
    last = call(function, ([["x"], ["x"]],)).flat[-1]
    assert last.reason.startswith(reason)


def test_a_table_of_names_and_numbers_gives_what_each_row_gives() -> None:
    chance = np.random.default_rng(1)
    columns: list[list[Any]] = [
        ["DeepSeek-V3", "Llama-3.1-70B", "nonesuch", "#REF!", ""],
        ["H100", "B200", "h 200"],
        [1.0, 64.0, "1k", 0.0, -1.0, "x", None, "#N/A", 1e300],
        [4096.0, 1e9, None, "128k"],
        [None, "", 8.0, 16.0, 64.0],
        ["fp8", None, "fp2"],
        ["ideal", "high", None],
    ]
    table = [[column[chance.integers(len(column))] for column in columns] for _ in range(500)]
    together = call(functions()["DECODE_TIME"], [[[row[place]] for row in table] for place in range(len(columns))])
    for row, found in zip(table, together[:, 0], strict=True):
        wanted = call(functions()["DECODE_TIME"], row).item()
        assert found == wanted, row
        assert getattr(found, "reason", "") == getattr(wanted, "reason", ""), row


def test_more_cells_than_are_computed_together_are_all_computed() -> None:
    batches = 1 + np.arange(TOGETHER + 10.0) % 512
    found = call(functions()["DECODE_TIME"], ("DeepSeek-V3", "H100", batches[:, np.newaxis], 4096, 64)).ravel()
    assert (
        found[-1]
        == found[len(found) - 1 - 512]
        == functions()["DECODE_TIME"].python("DeepSeek-V3", "H100", batches[-1], 4096, 64)
    )


@pytest.mark.parametrize("function", functions().values(), ids=lambda function: function.name)
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_every_cell_of_every_answer_is_a_value_or_an_error_with_a_reason(
    function: Function, data: st.DataObject
) -> None:
    args = data.draw(st.lists(cells, max_size=len(function.parameters) + 1))
    assert [wrong(cell) for cell in call(function, args).flat if wrong(cell)] == []


def test_why_of_more_cells_than_one_reads_is_not_worked_out() -> None:
    found = call(functions()["WHY"], ("COMPUTE_TIME", [[1.0]] * (MOST_QUESTIONS + 1), 1, 1))
    assert found[0, 0].reason == "10,001 cells are more than the 10,000 that can be explained at a time"


def test_why_reads_its_arguments_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read, reads = convert.read, []
    monkeypatch.setattr(convert, "read", lambda *args: reads.append(1) or read(*args))
    call(functions()["WHY"], ("CHIP", [["h100"]] * 1000, "hbm_bytes"))
    assert len(reads) <= 2 * 1001


def test_a_name_as_long_as_a_cell_is_not_repeated_in_its_error() -> None:
    reason = call(functions()["CHIP"], ("h" * 32_000, "hbm_bytes")).item().reason
    assert reason.startswith(f"no chip is called '{'h' * 59}; closest: ")
    assert len(reason) < 200
