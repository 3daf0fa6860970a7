"""Single numbers go through compiled Python: the same values, types and errors as the way of arrays."""

import itertools
import math
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tokensheet as ts
from hosts.contract import CALLS
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import agree, calls, of_places
from tokensheet.equation import Positive, equation
from tokensheet.own_catalogue import own_row
from tokensheet.plain import maximum, minimum, refuse
from tokensheet.rows import ROW
from tokensheet_udfs.convert import call, one_cell
from tokensheet_udfs.errors import CellError
from tokensheet_udfs.registry import Function, functions

EQUATIONS = [function for function in functions().values() if function.traceable]
OVER_NAMES = [function for function in functions().values() if hasattr(function.python, "chain")]
# What a caller may pass for a number: inside and outside of domains, and what is none
NUMBERS = st.one_of(
    st.floats(),
    st.integers(-(2**70), 2**70),
    st.booleans(),
    st.sampled_from([0, -0.0, 1, 40, 2**53 + 1, 1e300, 1e-300, np.float64(3), np.float32(3), np.int64(3), "3", None]),
)
CHIPS, MODELS = list(ts.chips()), list(ts.models())


def outcome(function: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """What comes out: a value, or an error with its words."""
    try:
        return function(*args, **options)
    except Exception as error:
        return type(error), str(error)


def as_arrays(args: tuple[Any, ...]) -> list[Any]:
    """The numbers as arrays of no dimension, which take the way of arrays and come out as numbers."""
    return [np.asarray(arg, float) if isinstance(arg, (int, float)) else arg for arg in args]


@pytest.mark.parametrize("function", EQUATIONS, ids=lambda function: function.name)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_an_equation_gives_what_it_gives_of_arrays(function: Function, data: st.DataObject) -> None:
    inside, anything = (
        calls(function, 1).map(lambda drawn: drawn[0]),
        st.tuples(*[NUMBERS for _ in function.parameters]),
    )
    args = data.draw(inside | anything)
    found, wanted = outcome(function.python, *args), outcome(function.python, *as_arrays(args))
    assert agree(found, wanted, function.name), (args, found, wanted)


@pytest.mark.parametrize("function", EQUATIONS, ids=lambda function: function.name)
def test_every_equation_is_compiled(function: Function) -> None:
    assert function.plain is not refuse


SERVING = [each.name for each in OVER_NAMES if each.name.startswith("SERVING_")]
QUESTIONS: dict[str, list[tuple[Any, ...]]] = {  # the numbers that follow model and chip
    "DECODE_TIME": [(1.0, 0.0), (64.0, 4096.0), (1024.0, 131072.0, 8.0), (64.0, 4096.0, 64.0), (0.0, 4096.0)],
    "DECODE_COST": [(1, 1000000), (64.0, 4096.0, 16.0), (64.0, 4096.0, None, 2.5), (64.0, 4096.0, 8.0, -1.0)],
    "DECODE_ENERGY": [(1.0, 0.0), (64.0, 4096.0, 16.0), (0.0, 4096.0)],
    "PREFILL_LATENCY": [(1.0,), (4096.0, 8.0), (131072.0, 64.0), (math.inf,)],
    "PREFILL_COST": [(1.0,), (4096.0, 8.0), (131072.0, 64.0, 2.0)],
    "REQUEST_COST": [(3584.0, 1024.0, 64.0), (3584.0, 1024.0, 64.0, 8.0, 2.0)],
    **{name: [(3584.0, 1024.0, 64.0), (1.0, 1.0, 1.0, 8.0), (3584.0, 0.0, 64.0)] for name in SERVING},
    "CHIPS_NEEDED": [(1.0, 0.0), (1024.0, 131072.0)],
    "TRAINING_RUN_COST": [(14.8e12, 2048.0, 0.173), (14.8e12, 2048.0, 0.4, 2.0), (14.8e12, 2048.0, 1.4)],
}


@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.nightly)], ids=["in turn", "all"])
@pytest.mark.parametrize("function", OVER_NAMES, ids=lambda function: function.name)
def test_a_function_over_names_gives_what_it_gives_of_arrays(function: Function, every: bool) -> None:
    """All models on all chips, the questions in turn or all of each pair; words of errors too."""
    differ, questions = [], QUESTIONS[function.name]
    pairs = list(itertools.product(MODELS, CHIPS))
    for turn, numbers in enumerate(questions):
        asked = pairs if every else pairs[turn :: len(questions)]
        together = of_places(function.python, *map(np.array, zip(*asked, strict=True)), *numbers)
        for (model, chip), wanted in zip(asked, together.flat, strict=True):
            found = outcome(function.python, model, chip, *numbers)
            if not agree(found[1] if isinstance(found, tuple) else found, wanted):
                differ.append((model, chip, numbers, found, wanted))
    assert differ == []


OPTIONS: list[dict[str, Any]] = [
    *({"precision": each} for each in ("bf16", "fp4", "fp2", "")),
    *({"kv_precision": each} for each in ("bf16", "fp8", "fp4", "fp2")),
    *({"estimate": each} for each in ("ideal", "low", "high", "sure")),
    *({"headroom": each} for each in (0, 0.5, 1, -0.1)),
    *({"efficiency": each} for each in (0.25, 1, 1.5)),
    {"chips": 1e6, "utilization": 0.5, "efficiency": 0.3, "estimate": "high", "usd_per_hour": 0},
    *({"price_basis": each} for each in ("on demand", "owned", "now", "")),
    {"precision": None},
    {"nonesuch": 1},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("names", [("DeepSeek-V3", "H100"), ("llama 3.1 70b", "b200"), ("nonesuch", "H100"), (5, "x")])
def test_options_mean_the_same(names: tuple[Any, str], options: dict[str, Any]) -> None:
    arrays = dict(zip(options, as_arrays(tuple(options.values())), strict=True))
    found = outcome(ts.decode_cost, *names, 64, 4096, **options)
    assert agree(found, outcome(ts.decode_cost, *names, np.asarray(64.0), np.asarray(4096.0), **arrays))


@pytest.mark.parametrize("function", OVER_NAMES, ids=lambda function: function.name)
def test_every_function_over_names_is_compiled(function: Function) -> None:
    numbers = [0.5 if each.domain and 2 not in each.domain else 2.0 for each in function.parameters if each.required]
    assert function.plain("Llama-3.1-8B", "H200", *numbers[2:]) == function.python("Llama-3.1-8B", "H200", *numbers[2:])


@pytest.mark.parametrize(("plain", "numpy"), [(maximum, np.maximum), (minimum, np.minimum)])
def test_no_number_beside_a_number_is_no_number(plain: Any, numpy: Any) -> None:
    for one, other in itertools.product([1.0, 2.0, math.inf, -math.inf, math.nan], repeat=2):
        assert str(plain(one, other)) == str(float(numpy(one, other)))


def test_a_formula_that_no_table_can_say_stays_with_numpy() -> None:
    @equation
    def sine(angle: Positive) -> Any:
        """Sine."""
        return np.sin(angle)

    assert sine.plain() is refuse  # type: ignore[attr-defined]
    assert sine(1.0) == np.sin(1.0)


def test_a_formula_that_gives_whole_numbers_stays_with_numpy() -> None:
    @equation
    def steps(size: Positive) -> Any:
        """Steps."""
        return np.where(size > 2, 2, 1)

    assert type(steps(3.0)) is int


def test_an_argument_may_be_called_like_anything_in_python() -> None:
    @equation
    def odd(type: Positive, float: Positive, number: Positive = 2, plain: Positive = 3, result: Positive = 4) -> Any:
        """Odd."""
        return np.maximum(type, float) * number + plain / result

    assert odd.plain()(1.0, result=3.0, float=5.0) == 11.0  # type: ignore[attr-defined]


def test_nothing_is_compiled_before_it_is_asked_for() -> None:
    code = (
        "from tokensheet_udfs.registry import functions\n"
        "pythons = [each.python for each in functions().values() if hasattr(each.python, 'plain')]\n"
        "print(len(pythons) > 100, sum(each.plain.cache_info().currsize for each in pythons))"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "True 0\n"


class TestWhatNamesSayIsKept:
    """Rows that were looked up are not looked up again."""

    @pytest.fixture(autouse=True)
    def built_in_again(self) -> Iterator[None]:
        yield
        ts.use_catalogue()

    def test_until_there_is_another_catalogue(self, tmp_path: Path) -> None:
        question = ("Llama-3.1-70B", "H100", 64.0, 4096.0, 8.0)
        before, rent = ts.decode_cost(*question), float(ts.chip("H100", "usd_per_hour"))
        own = tmp_path / "own.csv"
        for factor in (0.5, 0.25):
            own.write_text(f"name,usd_per_hour\nH100,{rent * factor}\n")
            ts.use_catalogue(own)
            assert ts.decode_cost(*question) == pytest.approx(before * factor)
        ts.use_catalogue()
        assert ts.decode_cost(*question) == before

    @pytest.mark.parametrize(
        "kind", [dict, lambda row: own_row([row[each] for each in ROW["chips"]], "chips")], ids=["dict", "cells"]
    )
    def test_but_not_of_a_row_of_ones_own(self, kind: Any) -> None:
        row = dict(ts.chips()["H100 SXM"])
        cost = ts.decode_cost("Llama-3.1-70B", kind(row), 64.0, 4096.0, 8.0)
        assert cost == pytest.approx(ts.decode_cost("Llama-3.1-70B", "H100", 64.0, 4096.0, 8.0))
        row["usd_per_hour"] *= 2
        assert ts.decode_cost("Llama-3.1-70B", kind(row), 64.0, 4096.0, 8.0) == pytest.approx(2 * cost)

    def test_nor_of_one_that_is_changed_in_place(self) -> None:
        row = dict(ts.chips()["H100 SXM"])
        cost = ts.decode_cost("Llama-3.1-70B", row, 64.0, 4096.0, 8.0)
        row["usd_per_hour"] *= 2
        assert ts.decode_cost("Llama-3.1-70B", row, 64.0, 4096.0, 8.0) == pytest.approx(2 * cost)

    @pytest.mark.parametrize("function", OVER_NAMES, ids=lambda function: function.name)
    def test_and_not_without_end(self, function: Function) -> None:
        kept = function.plain.__globals__["_looked_up"].cache_info()
        assert kept.maxsize is not None


SINGLE = {name: each for name, each in CALLS.items() if not any(isinstance(arg, tuple) for arg in each.args)}


@pytest.mark.parametrize("name", SINGLE)
def test_a_call_of_single_cells_is_the_contracts_or_left_to_blocks(name: str) -> None:
    function, args, rows = SINGLE[name]
    assert one_cell(functions()[function], args) in (None, rows[0][0])


@pytest.mark.parametrize("function", [*EQUATIONS, *OVER_NAMES], ids=lambda function: function.name)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_one_cell_shows_what_it_shows_in_a_range(function: Function, data: st.DataObject) -> None:
    cells = (
        st.floats(-1e30, 1e30) | st.floats(0, 1) | st.sampled_from([64.0, 4096.0, None, "", "x", "2k", "#N/A", True])
    )
    names = {"model": st.sampled_from(MODELS), "chip": st.sampled_from(CHIPS)}
    texts = st.sampled_from(["fp8", "bf16", "ideal", "", None])
    args = data.draw(
        st.tuples(*(names.get(each.name, texts if each.is_text else cells) for each in function.parameters))
    )
    alone = call(function, args).item()
    beside = call(function, [((arg,), (arg,)) for arg in args])[0, 0]
    beside = beside.item() if isinstance(beside, np.generic) else beside
    assert agree(alone, beside, function.name), (args, alone, beside)
    assert getattr(alone, "reason", "") == getattr(beside, "reason", "")


def test_what_does_not_fit_is_said_without_the_way_of_arrays() -> None:
    """20,000 such cells took LibreOffice 17 s."""
    args = ("DeepSeek-V3", "H100", 256.0, 4096.0, 8.0)
    found = one_cell(functions()["DECODE_COST"], args)
    assert isinstance(found, CellError)
    beside = call(functions()["DECODE_COST"], [((arg,), (arg,)) for arg in args])[0, 0]
    assert (found, found.reason) == (beside, beside.reason)
    with pytest.raises(ts.DoesNotFit, match="8 x H100 SXM have 640 GB"):
        ts.decode_cost(*args)
    assert math.isnan(ts.decode_cost(*args, errors="nan"))


def test_an_error_does_not_show_that_compiled_code_was_tried() -> None:
    with pytest.raises(ts.DomainError) as error:
        ts.compute_time(0.0, 1.0, 1.0)
    assert error.value.__context__ is None
