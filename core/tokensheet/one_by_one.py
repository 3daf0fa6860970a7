"""A function that takes single names, asked about arrays of them: once for each set of names, with arrays of numbers.

Where such a call fails it is asked again by halves, so that only those places have no answer that have none.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, ParamSpec, TypeVar

import numpy as np

from tokensheet.equation import DomainError, domains, shape_of
from tokensheet.names import Names, named
from tokensheet.outcomes import Condition, DoesNotFit, Outcome, Outcomes, at
from tokensheet.rows import NoSuchName

P = ParamSpec("P")
R = TypeVar("R")
Call = Callable[..., Any]
# What came of a call, by its error: the first kind that it is of
KINDS: dict[type[Exception], Outcome] = {
    DoesNotFit: Outcome.DOES_NOT_FIT,
    NoSuchName: Outcome.NO_SUCH_NAME,
    LookupError: Outcome.NOT_KNOWN,
    DomainError: Outcome.OUTSIDE_DOMAIN,
    Exception: Outcome.FAILED,
}


def one_by_one(function: Callable[P, R]) -> Callable[P, Any]:
    """Make a function that takes single names and arrays of numbers take arrays of names too."""

    @functools.wraps(function)
    def asked(**given: Any) -> Outcomes:
        texts = given.keys() - domains(function).keys()
        return outcomes_of(function, {name: named(value) if name in texts else value for name, value in given.items()})

    asked.single = function  # type: ignore[attr-defined]
    return asked  # type: ignore[return-value]


def outcomes_of(function: Call, given: Mapping[str, Any], groups: list[np.ndarray] | None = None) -> Outcomes:
    """What comes of a call for each group of places, or each of `sets`, as for `Names` and numbers."""
    shape = shape_of(given)
    answers, kinds = np.full(shape, None), set()
    for places in sets(given) if groups is None else groups:
        where = np.unravel_index(places, shape) if shape else ()
        found = answered(function, {name: taken(each, where) for name, each in given.items()}, len(places))
        answers.flat[places] = found
        kinds.add(found.dtype.kind)
    if kinds <= {*"iuf"}:
        return Outcomes(answers.astype(float), [], shape)
    errors = np.asarray(np.frompyfunc(outcome_of, 1, 1)(answers), np.uint8)
    error, by = functools.partial(at, answers), lambda: [np.asarray(np.frompyfunc(id, 1, 1)(answers), np.intp)]
    return Outcomes(answers, [Condition(errors, errors == Outcome.ANSWERED, error, by)], shape)


def sets(given: Mapping[str, Any], good: Any = True) -> list[np.ndarray]:
    """The places with the same names and numbers left out; none that is not good or has NaN for a number."""
    shape = shape_of(given)
    group, good = np.zeros(shape, int), np.broadcast_to(good, shape)
    for each in given.values():
        if each is None:
            continue
        codes = each.codes if isinstance(each, Names) else np.ma.getmask(each)
        if not isinstance(each, Names):
            good = good & (codes | np.isfinite(np.ma.getdata(each)))
        if np.size(codes) > 1:
            codes = np.asarray(codes, int)
            group = np.unique(group * (codes.max() + 1) + codes, return_inverse=True)[1].reshape(shape)
    places = np.flatnonzero(good)
    if not group.any():
        return [places][: places.size]
    places = places[np.argsort(group.flat[places], kind="stable")]
    starts = np.flatnonzero(np.diff(group.flat[places])) + 1
    return [each for each in np.split(places, starts) if each.size]


def taken(given: Any, where: tuple[np.ndarray, ...]) -> Any:
    """An argument at places with the same names: its only value, or an array of numbers; None if it is left out."""
    if given is None:
        return None
    first = tuple(index[0] for index in where)
    if isinstance(given, Names):
        return given.distinct[at(given.codes, first)]
    if np.ma.is_masked(given) and at(np.ma.getmaskarray(given), first):
        return None
    return at(np.ma.getdata(given), where)


def answered(function: Call, given: dict[str, Any], count: int) -> np.ndarray:
    """So many answers, or in the place of an answer the error: all at once, or where that fails, by halves."""
    if count == 1:
        given = {name: each.item() if isinstance(each, np.ndarray) else each for name, each in given.items()}
    try:
        return np.broadcast_to(np.asarray(function(*given.values())), count)
    except Exception as error:
        if not any(isinstance(each, np.ndarray) for each in given.values()):
            return np.full(count, error, object)
    first, second = {}, {}
    for name, each in given.items():
        first[name], second[name] = np.split(each, [count // 2]) if isinstance(each, np.ndarray) else (each, each)
    return np.concatenate([answered(function, first, count // 2), answered(function, second, count - count // 2)])


def outcome_of(answer: Any) -> Outcome:
    kinds = (outcome for kind, outcome in KINDS.items() if isinstance(answer, kind))
    return next(kinds, Outcome.ANSWERED)
