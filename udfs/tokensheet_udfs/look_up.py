"""A function of names for a block of cells: what it gives, and the error of each cell that has no answer."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from tokensheet.equation import DomainError, finite, undefined
from tokensheet.floats import as_float
from tokensheet.names import named
from tokensheet.one_by_one import outcomes_of, sets
from tokensheet.outcomes import Outcome, Outcomes, at

from tokensheet_udfs.errors import CellError, Unfit
from tokensheet_udfs.registry import Function

MOST_QUESTIONS = 10_000  # sets of names of a call of a function that is asked about each by itself
TOGETHER = 2**16  # cells that are computed at a time, as every quantity of a chain is kept for each
# What a cell shows that has no answer
CODES = dict.fromkeys((Outcome.DOES_NOT_FIT, Outcome.NOT_KNOWN, Outcome.NO_SUCH_NAME), "#N/A")
CODES |= dict.fromkeys((Outcome.OUTSIDE_DOMAIN, Outcome.NOT_FINITE), "#NUM!")


def look_up(function: Function, values: Sequence[np.ndarray], good: np.ndarray) -> np.ndarray:
    """The cells of a function of names where its arguments are good; a number that is left out is NaN."""
    python: Any = function.python
    single = getattr(python, "single", None if hasattr(python, "outcomes") else python)
    if single:
        return shown(function, one_by_one(function, single, values, good), good)
    blocks = [
        (part, shown(function, python.outcomes(*(as_given(of_part(value, part)) for value in values)), good[part]))
        for part in parts(good.shape)
    ]
    if len(blocks) == 1:
        return blocks[0][1]
    result = np.empty(good.shape, np.result_type(*(cells for _, cells in blocks)))
    for part, cells in blocks:
        result[part] = cells
    return result


def one_by_one(function: Function, single: Any, values: Sequence[np.ndarray], good: np.ndarray) -> Outcomes:
    """What comes of a function that takes single names, asked once for each set of them."""
    pairs = list(zip(function.parameters, values, strict=True))
    given = {each.name: named(value) if each.is_text else masked(value) for each, value in pairs}
    groups = sets(given, good)
    if len(groups) > MOST_QUESTIONS:
        raise Unfit(f"{len(groups):,} sets of names are more than the {MOST_QUESTIONS:,} that one call may have")
    return outcomes_of(single, given, groups)


def masked(numbers: np.ndarray) -> np.ndarray:
    """The numbers as the core takes them: masked where one is left out."""
    left_out = np.isnan(numbers)
    return np.ma.array(numbers, mask=left_out) if left_out.any() else numbers


def as_given(value: np.ndarray) -> Any:
    """An argument as the core takes it: what there is one of as it is, None where none is given."""
    if value.size > 1:
        return value if value.dtype == object else masked(value)
    one = value.item()
    return None if one != one else one  # NaN


def parts(shape: tuple[int, int]) -> Iterator[tuple[slice, slice]]:
    """The parts of a block that are computed at a time."""
    height, width = shape
    rows, columns = max(1, TOGETHER // width), TOGETHER
    for top in range(0, height, rows):
        for left in range(0, width, columns):
            yield slice(top, top + rows), slice(left, left + columns)


def of_part(value: np.ndarray, part: tuple[slice, slice]) -> np.ndarray:
    """The part of an argument; its only row or column serves all."""
    rows, columns = part
    return value[rows if len(value) > 1 else slice(None), columns if value.shape[1] > 1 else slice(None)]


def shown(function: Function, outcomes: Outcomes, good: np.ndarray) -> np.ndarray:
    """The answers as cells show them: what is none, or no finite number, text or truth value, is an error."""
    cells, codes = (np.broadcast_to(each, good.shape) for each in (outcomes.answers, outcomes.codes))
    failed, answered = good & (codes != Outcome.ANSWERED), good & (codes == Outcome.ANSWERED)
    odd = answered & ~finite(cells) if cells.dtype.kind in "biufU" else answered
    if not (failed.any() or odd.any()):
        return cells
    cells = cells.astype(object)
    cells[odd] = np.frompyfunc(functools.partial(as_cell, function), 1, 1)(cells[odd])
    for place in zip(*np.nonzero(failed), strict=True):
        cells[place] = cell_error(function, outcomes, place)
    return cells


def as_cell(function: Function, value: Any) -> Any:
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float)):
        return value if math.isfinite(as_float(value)) else CellError("#NUM!", undefined(function.python))
    return CellError("#VALUE!", f"the result is a {type(value).__name__}, which no cell can show")


def cell_error(function: Function, outcomes: Outcomes, place: tuple[int, ...]) -> CellError:
    """What a cell shows that has no answer; its words are found when they are read."""
    code = CODES.get(at(outcomes.codes, place))
    if code:
        return CellError(code, functools.partial(outcomes.error, place))
    return error_of(function, outcomes.error(place))


def error_of(function: Function, error: Exception | None) -> CellError:
    """The error that a cell shows for what the function raised."""
    if isinstance(error, LookupError):
        return CellError("#N/A", error.with_traceback(None))
    if isinstance(error, DomainError):
        return CellError("#NUM!", error.with_traceback(None))
    return CellError("#VALUE!", f"{function.name} failed: {str(error) or type(error).__name__}")
