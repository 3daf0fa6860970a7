"""A table of scenarios, one a row with its inputs by column, and beside it what each of them costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import numpy as np

from tokensheet.chosen import Functions, check_names, chosen_functions, closest, inputs_of, missing, takes_number
from tokensheet.equation import signature
from tokensheet.labels import PANDAS, of_pandas, of_polars, types
from tokensheet.names import Names, is_array, is_missing, named
from tokensheet.outcomes import SETTLED, Condition, DomainError, Outcome, Outcomes, Place

Table = TypeVar("Table")

# What is asked where nobody says: those of which the table has what they need
COSTS = ("decode_cost", "prefill_cost", "request_cost", "training_run_cost")
REASON = "reason"
ALIKE = 0.8  # from which likeness on a column is an input mistyped: modle, precison


def price(frame: Table, /, answers: Functions | None = None, *, errors: str = "nan", **inputs: Any) -> Table:
    """Answer every row of a table of scenarios, whose columns are called as the inputs are.

    Parameters
    ----------
    frame : pandas.DataFrame, polars.DataFrame or dict of columns
        A scenario a row. A column called as an argument of the functions (`model`, `chip`, `batch`, `context`, `chips`,
        `precision`, …) is that input; case and blanks in its name do not matter. Numbers may be texts such as "32k";
        where a cell is blank (None, NaN, "") the default counts. Other columns are kept as they are.
    answers : str, callable or a list of them, optional
        Equations, functions over names and searches, such as "decode_time". Left out, those of `decode_cost`,
        `prefill_cost`, `request_cost` and `training_run_cost` of which the table has what they need.
    errors : {"nan", "raise"}
        Whether a row without an answer has NaN and the others theirs, or the first such row raises its error.
    **inputs
        Inputs that are the same for all rows: `context=4096`.

    Returns
    -------
    pandas.DataFrame, polars.DataFrame or dict of columns
        The table with its index and columns, a column for each answer in that function's unit (of `decode_cost`
        USD/token), and `reason`: why a row lacks an answer, of several the first; "" where it has all.

    Raises
    ------
    ValueError
        If a column is called almost as an input, an input is lacking or there twice, or a column stands where an answer
        goes.

    Examples
    --------
    >>> offers = {"model": ["DeepSeek-V3", "Llama-3.1-70B"], "chip": ["H200", "H200 XL"], "batch": [64, "1k"]}
    >>> priced = price(offers, context=4096)
    >>> (priced["decode_cost"] * 1e6).round(2).tolist()
    [2.11, nan]
    >>> priced["reason"].tolist()
    ['', "no chip is called 'H200 XL'; closest: H200 SXM, ..."]
    """
    if errors not in SETTLED:
        raise ValueError(f"errors must be {' or '.join(SETTLED)}, not {errors!r}")
    columns, count = columns_of(frame)
    for name, value in inputs.items():
        if is_array(value):
            raise ValueError(f"{name} is one value for all rows; what differs by row is a column")
    inputs = without_blanks(inputs)
    chosen = chosen_functions(COSTS if answers is None else answers, "asked about a table")
    if not chosen:
        raise ValueError("nothing is asked: give answers at least one function, or leave them out")
    given = inputs | without_blanks(named_columns(columns, inputs_of(chosen), inputs))
    if answers is None:
        there = {name: each for name, each in chosen.items() if not missing(each, given)}
        chosen = there if there and inputs.keys() <= inputs_of(there).keys() else chosen
    check_names(chosen, [name for name in given if name in inputs or name in inputs_of(chosen)])
    for name in (*chosen, REASON):
        if name in columns:
            raise ValueError(f"a column is called {name!r} already, where an answer goes: drop or rename it")
    found = {name: outcomes_of(function, given, count) for name, function in chosen.items()}
    if errors == "raise":
        raise_first([*found.values()])
    more = {name: each.or_nan() for name, each in found.items()} | {REASON: reasons_of(found)}
    return extended(frame, more)  # type: ignore[no-any-return]


# What is given


def columns_of(frame: Any) -> tuple[dict[Any, Any], int]:
    """The columns without their labels, and the number of rows."""
    if isinstance(frame, Mapping):
        columns = {name: as_column(name, each) for name, each in frame.items()}
        sizes = {name: len(each) for name, each in columns.items() if is_array(each)}
        if len({*sizes.values()}) > 1:
            shown = ", ".join(f"{name} {size:,}" for name, size in sizes.items())
            raise ValueError(f"the columns have different lengths: {shown}")
        return columns, next(iter(sizes.values()), 1)
    if not any(isinstance(frame, types(package, "DataFrame")) for package in ("pandas", "polars")):
        raise TypeError(f"give a DataFrame of pandas or polars, or a dict of columns, not a {type(frame).__name__}")
    names = [*frame.columns]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"two columns are called {twice!r}: rename one")
    return {name: as_column(name, frame[name]) for name in names}, len(frame)


def as_column(name: Any, values: Any) -> Any:
    """A column as numpy holds it; one value for all rows as it is."""
    if isinstance(values, types(*PANDAS)):
        values = of_pandas(values)
    elif isinstance(values, types("polars", "Series")):
        values = of_polars(values)
    elif not is_array(values):
        return values
    column = values if isinstance(values, np.ndarray) else np.array(values, object)
    if column.ndim != 1:
        raise ValueError(f"the column {name!r} has {column.ndim} dimensions")
    return column


def named_columns(columns: Mapping[Any, Any], known: Mapping[str, Any], beside: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that are inputs, by the inputs' names; an error where one seems meant that is none."""
    found: dict[str, Any] = {}
    others = dict[Any, str]()
    for column, values in columns.items():
        name = "_".join(str(column).lower().split())
        if name not in known:
            others[column] = name
        elif name in found or name in beside:
            raise ValueError(f"{name} is there twice: as the column {column!r}, and as another or for all rows")
        else:
            found[name] = values
    lacking = [name for name in known if name not in found and name not in beside]
    for column, name in others.items():
        if near := closest(name, lacking, ALIKE):
            raise ValueError(f"no input is called {column!r:.60}{near}; rename the column if it is something else")
    return found


def without_blanks(given: Mapping[str, Any]) -> dict[str, Any]:
    """What is given, without those of which all rows have none."""
    return {name: value for name, value in given.items() if is_array(value) or not is_blank(value)}


def is_blank(cell: Any) -> bool:
    return is_missing(cell) or (isinstance(cell, str) and not cell.strip())


# What comes of it


def outcomes_of(function: Any, given: Mapping[str, Any], count: int) -> Outcomes:
    """What comes of every row, all in one pass; one without an input that has no default has no answer."""
    values, conditions = {}, []
    for name, parameter in signature(function).parameters.items():
        if name in given:
            fill = filled_numbers if takes_number(function, name) else filled_names
            needed = parameter.default is parameter.empty
            values[name], blank = fill(given[name], None if needed else parameter.default)
            if needed and np.any(blank):
                conditions.append(Condition(Outcome.NO_NUMBER, ~blank, blank_input(function, name), tuple))
    found = function.outcomes(**values)
    return Outcomes(found.answers, [*conditions, *found.conditions], (count,))


def blank_input(function: Any, name: str) -> Callable[[Place], Exception]:
    return lambda _: DomainError(f"{function.__name__}: {name} is blank and has no default")


def filled_numbers(values: Any, default: Any) -> tuple[Any, Any]:
    """Numbers, and the default where a cell is blank, which None leaves to the function; and where that is."""
    if not isinstance(values, np.ndarray) or values.dtype.kind not in "fOU":
        return values, False
    if values.dtype.kind == "f":
        blank = np.isnan(values)
        filled = np.ma.array(values, mask=blank) if default is None else np.where(blank, default, values)
        return (filled if blank.any() else values), blank
    cells = values.astype(object)
    blank = np.asarray(np.frompyfunc(is_blank, 1, 1)(cells), bool)
    cells[blank] = default
    return cells, blank


def filled_names(values: Any, default: Any) -> tuple[Names, Any]:
    """Names, and the default where a cell is blank; and where that is."""
    names = named(values)
    blank = np.array([is_blank(each) for each in names.distinct])
    return names.of_each(lambda each: default if is_blank(each) else each), blank[names.codes]


def raise_first(found: list[Outcomes]) -> None:
    """Raise the error of the first row that lacks an answer."""
    failed = np.array([each.codes != Outcome.ANSWERED for each in found])
    if failed.any():
        row = int(failed.any(axis=0).argmax())
        error = found[int(failed[:, row].argmax())].error((row,)) or AssertionError()
        error.add_note(f"in row {row} of the table, counted from 0")
        raise error


def reasons_of(found: Mapping[str, Outcomes]) -> np.ndarray:
    """Why each row lacks an answer, of several the first."""
    first = np.array("", object)
    for each in reversed([*found.values()]):
        first = np.where(each.codes == Outcome.ANSWERED, first, each.reasons())
    return first


def extended(frame: Any, columns: Mapping[str, np.ndarray]) -> Any:
    """The table with more columns, as its kind has them."""
    if isinstance(frame, Mapping):
        return {**frame, **columns}
    if hasattr(frame, "assign"):
        return frame.assign(**columns)
    import polars

    def cells(values: np.ndarray) -> Any:
        """Of texts and truth values None is none there."""
        return [None if each != each else each for each in values.tolist()] if values.dtype.kind in "OU" else values

    kinds = {REASON: polars.String}  # also of no rows
    return frame.with_columns([polars.Series(name, cells(each), kinds.get(name)) for name, each in columns.items()])
