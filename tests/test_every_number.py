"""Every equation and every function over names computes in floats, whatever kind of number comes in."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
import tokensheet as ts
from hypothesis import given, settings
from hypothesis import strategies as st
from tokensheet.equation import checked
from tokensheet_udfs.registry import Function, functions

EQUATIONS = [each for each in functions().values() if each.traceable]
LOOKED_UP = [each for each in functions().values() if not each.traceable and any(p.domain for p in each.parameters)]
NAMES = {"model": "DeepSeek-V3", "chip": "H200"}
PRICE = {"provider": "openai", "model": "gpt-4o", "field": "output", "date": "2026-01-01"}
WHOLE = [0.0, 1.0, 2.0, 1024.0, 2.0**20, 2.0**30]  # each an int32 and a float32 too; their products are no int64

ARRAYS: dict[str, Callable[[list[int]], Any]] = {
    "int32": lambda column: np.array(column, np.int32),
    "int64": lambda column: np.array(column, np.int64),
    "uint32": lambda column: np.array(column, np.uint32),
    "float32": lambda column: np.array(column, np.float32),
    "objects": lambda column: np.array(column, object),
    "a list": list,
    "a tuple": tuple,
    "fractions": lambda column: [Fraction(each) for each in column],
    "decimals": lambda column: np.array([Decimal(each) for each in column], object),
    "a Series": pd.Series,
    "a Series of int32": lambda column: pd.Series(column, dtype="int32"),
    "a Series of float32": lambda column: pd.Series(column, dtype="float32"),
    "a Series with room for blanks": lambda column: pd.Series(column, dtype="Int64"),
    "a Series of decimals": lambda column: pd.Series([Decimal(each) for each in column], dtype=object),
    "an index": pd.Index,
}
SCALARS: dict[str, Callable[[int], Any]] = {
    "int": int, "int32": np.int32, "int64": np.int64, "float32": np.float32, "fraction": Fraction, "decimal": Decimal,
    "an array of no dimension": np.array,
}  # fmt: skip


def outcome(function: Callable[..., Any], args: list[Any]) -> Any:
    """What it gives, or what is wrong in words."""
    try:
        return np.asarray(function(*args)).tolist()
    except (ts.DomainError, LookupError) as error:
        return str(error)


@st.composite
def columns(draw: st.DrawFn, function: Function) -> list[Any]:
    """Two whole numbers in its domain for each number of a function; the names, and 1 where there is no other."""
    texts = PRICE if function.name == "API_PRICE" else NAMES
    args: list[Any] = []
    for parameter in function.parameters:
        if parameter.is_text:
            args.append(texts.get(parameter.name, parameter.default))
        else:
            fitting = [each for each in WHOLE if parameter.domain and each in parameter.domain]
            args.append(draw(st.lists(st.sampled_from(fitting), min_size=2, max_size=2)))
    return args


def same_for_every_kind(function: Function, args: list[Any]) -> None:
    def put(arrange: Callable[[list[int]], Any]) -> Any:
        given = [arrange(list(map(int, each))) if isinstance(each, list) else each for each in args]
        return outcome(function.python, given)

    wanted = put(lambda column: np.array(column, float))
    assert {name: put(arrange) for name, arrange in ARRAYS.items()} == dict.fromkeys(ARRAYS, wanted)
    wanted = put(lambda column: float(column[0]))

    def first(single: Callable[[int], Any]) -> Callable[[list[int]], Any]:
        return lambda column: single(column[0])

    found = {name: put(first(single)) for name, single in SCALARS.items()}
    assert found == dict.fromkeys(SCALARS, wanted)


@pytest.mark.parametrize("function", EQUATIONS, ids=lambda function: function.name)
@settings(max_examples=5, deadline=None)
@given(data=st.data())
def test_an_equation_takes_numbers_of_any_kind_as_floats(function: Function, data: st.DataObject) -> None:
    same_for_every_kind(function, data.draw(columns(function)))


@pytest.mark.parametrize("function", LOOKED_UP, ids=lambda function: function.name)
@settings(max_examples=2, deadline=None)
@given(data=st.data())
def test_so_does_a_function_over_names(function: Function, data: st.DataObject) -> None:
    same_for_every_kind(function, data.draw(columns(function)))


def test_products_of_integers_do_not_overflow() -> None:
    flops = ts.training_flops(pd.Series([70_000_000_000]), pd.Series([15_000_000_000_000]))
    assert flops.tolist() == [6.3e24]
    assert ts.balanced_context([37 * 10**9], [35136], [989 * 10**12], [3350 * 10**9])[0] == pytest.approx(7133.9148)
    batch, context, kv = (np.array([each], np.int32) for each in (64, 131072, 163840))
    assert ts.kv_time(batch, context, kv, 4e12).tolist() == [ts.kv_time(64, 131072, 163840, 4e12)]
    cell = ts.Cell("A1:A2", np.array([70_000_000_000, 1]))
    assert ts.training_flops(cell, ts.Cell("B1", 15_000_000_000_000)).value[0] == 6.3e24


def test_float32_has_all_digits() -> None:
    assert ts.compute_time(np.float32(1.5), 37e9, 989e12) == ts.compute_time(1.5, 37e9, 989e12)
    assert ts.compute_time(np.array([1.5], np.float32), 37e9, 989e12).dtype == np.float64


def test_true_is_one_as_in_a_spreadsheet() -> None:
    for true in (True, np.True_, [True], np.array([True]), pd.Series([True])):
        assert np.all(np.asarray(ts.compute_time(true, 37e9, 989e12)) == ts.compute_time(1, 37e9, 989e12))


NO_NUMBERS = [b"2", None, 1j, {}, object(), date(2026, 11, 27), np.datetime64("2026-11-27"), np.timedelta64(1)]
FUNCTIONS: list[Callable[[Any], Any]] = [
    lambda batch: ts.compute_time(batch, 1, 1),
    lambda batch: ts.decode_time("DeepSeek-V3", "H200", batch, 4096),
    lambda limit: ts.best_batch("DeepSeek-V3", "H200", limit, 4096),
]


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("given", NO_NUMBERS, ids=lambda given: type(given).__name__)
def test_what_is_no_number_is_said_to_be_none(function: Callable[[Any], Any], given: Any) -> None:
    for arranged in (given, [given], np.array([given], object), pd.Series([given])):
        if not (given is None and isinstance(arranged, pd.Series)):  # pandas makes it NaN itself
            with pytest.raises(ts.DomainError, match=r" must be (a number )?> 0, not "):
                function(arranged)


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(
    ("given", "shown"),
    [(10**400, "inf"), (-(10**400), "-inf"), ([10**400], "inf"), ([1, 10**400], "inf"), (Decimal("sNaN"), "nan"),
     (Decimal("1e999"), "inf"), (float("nan"), "nan"), (-0.0, "-0"), ([[1], [2, 3]], "a list"),
     (np.array([1.0, -np.inf]), "-inf"), (pd.Series([1, None], dtype="Int64"), "nan")],
)  # fmt: skip
def test_what_no_float_holds_is_outside_every_domain(function: Callable[[Any], Any], given: Any, shown: str) -> None:
    with pytest.raises(ts.DomainError, match=rf" must be (a number )?> 0, not {shown}$"):
        function(given)


def test_a_result_that_is_not_finite_is_an_error() -> None:
    @checked
    def ratio(given: ts.equation.Positive) -> Any:
        """Ratio."""
        return np.divide(given, np.inf) * np.inf

    with (
        np.errstate(invalid="ignore"),
        pytest.raises(ts.DomainError, match="ratio: the result is too large to compute"),
    ):
        ratio([1.0])
    with pytest.raises(ts.DomainError, match="the result is too large to compute"):
        ts.training_run_cost("DeepSeek-V3", "H200", [1e300], 1e300, 1e-300, 1e300)
