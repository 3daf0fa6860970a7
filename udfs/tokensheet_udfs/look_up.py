"""A function of names for a block of cells: asked once for each set of names, with arrays of the numbers."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from tokensheet.equation import DomainError, as_float, undefined

from tokensheet_udfs.errors import CellError, Unfit
from tokensheet_udfs.registry import Function

MOST_QUESTIONS = 10_000  # sets of names of a call, each of which is looked up and asked by itself
TOGETHER = 2**16  # cells that are computed at a time, as every quantity of a chain is kept for each


def look_up(function: Function, values: Sequence[np.ndarray], good: np.ndarray) -> np.ndarray:
    """A function of names where the arguments are good: asked once for each set of names, with arrays of numbers."""
    result = np.full(good.shape, None)
    group = np.zeros(good.shape, int)
    for each in values:
        codes = coded(each)
        if np.ptp(codes):
            group = np.unique(group * (codes.max() + 1) + codes, return_inverse=True)[1].reshape(good.shape)
    places = np.flatnonzero(good)
    places = places[np.argsort(group.flat[places], kind="stable")]
    starts = np.flatnonzero(np.diff(group.flat[places])) + 1
    if len(starts) >= MOST_QUESTIONS:
        raise Unfit(f"{len(starts) + 1:,} sets of names are more than the {MOST_QUESTIONS:,} that one call may have")
    for members in np.split(places, starts):
        for first in range(0, len(members), TOGETHER):
            some = members[first : first + TOGETHER]
            at = np.unravel_index(some, good.shape)
            result.flat[some] = answers(function, [taken(each, at) for each in values], len(some))
    return result


def coded(values: np.ndarray) -> np.ndarray:
    """A number for each name, and for whether a number is given."""
    if values.dtype != object:
        return np.array(np.isnan(values), int)
    known: dict[Any, int] = {}
    code = np.frompyfunc(lambda name: known.setdefault(name, len(known)), 1, 1)
    return np.array(code(values), int)


def taken(values: np.ndarray, at: tuple[np.ndarray, ...]) -> Any:
    """An argument of cells with the same names: its only value, or an array of numbers; None if it is left out."""
    rows, columns = at
    here = values[rows if len(values) > 1 else 0, columns if values.shape[1] > 1 else 0]
    one = here.flat[0] if isinstance(here, np.ndarray) else here
    if values.dtype == object:
        return one
    return None if np.isnan(one) else here if isinstance(here, np.ndarray) else float(here)


def answers(function: Function, given: list[Any], count: int) -> np.ndarray:
    """The answers of so many cells: all at once, or where that fails, by halves, so that only who has none has none."""
    if count == 1:
        given = [each.item() if isinstance(each, np.ndarray) else each for each in given]
    try:
        return shown(function, function.python(*given), count)
    except Exception as error:
        each = getattr(error, "each", None)
        if each:
            return shown(function, each(), count)
        if not any(isinstance(each, np.ndarray) for each in given):
            return np.array([error_of(function, error)] * count, object)
    half = count // 2
    halves = (([each[part] if isinstance(each, np.ndarray) else each for each in given], size)
              for part, size in ((slice(half), half), (slice(half, None), count - half)))  # fmt: skip
    return np.concatenate([answers(function, *each) for each in halves])


def shown(function: Function, answer: Any, count: int) -> np.ndarray:
    """An answer as so many cells show it: what is no finite number, text or truth value is an error."""
    cells = np.broadcast_to(np.asarray(answer), count)
    if cells.dtype.kind in "biuU" or (cells.dtype.kind == "f" and np.isfinite(cells).all()):
        return cells.astype(object)
    return np.asarray(np.frompyfunc(functools.partial(as_cell, function), 1, 1)(cells.astype(object)), object)


def as_cell(function: Function, value: Any) -> Any:
    if isinstance(value, Exception):
        return error_of(function, value)
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float)):
        return value if math.isfinite(as_float(value)) else CellError("#NUM!", undefined(function.python))
    return CellError("#VALUE!", f"the result is a {type(value).__name__}, which no cell can show")


def error_of(function: Function, error: Exception) -> CellError:
    """The error that a cell shows for what the function raised."""
    if isinstance(error, LookupError):
        return CellError("#N/A", error.with_traceback(None))
    if isinstance(error, DomainError):
        return CellError("#NUM!", error.with_traceback(None))
    return CellError("#VALUE!", f"{function.name} failed: {str(error) or type(error).__name__}")
