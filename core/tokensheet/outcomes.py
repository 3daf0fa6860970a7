"""What comes of a call at each of its places: an answer, or why there is none, as a small code and in words on request.

An argument outside its domain, a name that nobody knows, a model that does not fit: each is a condition that holds or
does not, place by place, in whatever shape it is known in. Nothing is made for a place unless somebody asks about it.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np

from tokensheet.cell import tidy
from tokensheet.labels import applied


class DomainError(ValueError):
    """An argument outside its domain, or arguments for which the formula has no finite result."""


class DoesNotFit(LookupError):
    """A model and its KV cache need more memory than the chips have: there is no time and no cost."""


class Outcome(IntEnum):
    """What came of a call at a place, a number that a byte holds; its `words` say it to a reader."""

    words: str

    def __new__(cls, code: int, words: str) -> Outcome:
        outcome = int.__new__(cls, code)
        outcome._value_, outcome.words = code, words
        return outcome

    ANSWERED = 0, "answered"
    DOES_NOT_FIT = 1, "does not fit"
    NOT_KNOWN = 2, "not known in the catalogue"
    NO_SUCH_NAME = 3, "no such name"
    OUTSIDE_DOMAIN = 4, "outside its domain"
    NO_NUMBER = 5, "not a number"
    NOT_FINITE = 6, "no finite result"
    FAILED = 7, "failed"


Place = tuple[int, ...]


class Condition(NamedTuple):
    """What has to hold for an answer, what came of it where it does not, and the error of such a place."""

    outcome: Any
    holds: Any
    error: Callable[[Place], Exception | None]
    by: Callable[[], Sequence[Any]] | None = None
    """Numbers that say all of what the words of the error say of a place, so that many are put in words once."""


def at(values: Any, place: tuple[Any, ...]) -> Any:
    """What stands at a place of a shape that the values broadcast to; along axes that it lacks, the first."""
    array = np.asarray(values)
    inner = ((0,) * array.ndim + place)[len(place) :]
    return tidy(array[tuple(index if size > 1 else 0 for index, size in zip(inner, array.shape, strict=True))])


def alike(parts: Iterable[np.ndarray], count: int) -> tuple[np.ndarray, np.ndarray]:
    """Of so many places the first of each kind that is the same in all parts, and which kind each is of."""
    kinds = np.zeros(count, int)
    for part in parts:
        own = np.unique(part, return_inverse=True)[1]
        kinds = np.unique(kinds * (own.max() + 1) + own, return_inverse=True)[1]
    _, first, kinds = np.unique(kinds, return_index=True, return_inverse=True)
    return first, kinds


class Outcomes:
    """The answers of a call in the shape of its arguments, and the conditions of which some places have none.

    Of several conditions the first that does not hold is the one that counts.
    """

    def __init__(
        self, answers: Any, conditions: Iterable[Condition] = (), shape: tuple[int, ...] | None = None
    ) -> None:
        self.conditions = [each for each in conditions if not np.all(each.holds)]
        parts = np.shape(answers), *(np.shape(each.holds) for each in self.conditions)
        self.shape = np.broadcast_shapes(*parts) if shape is None else shape
        self.answers = answers if np.shape(answers) == self.shape else np.broadcast_to(answers, self.shape).copy()

    @functools.cached_property
    def codes(self) -> np.ndarray:
        """An `Outcome` for each place, as bytes."""
        found = np.zeros(self.shape, np.uint8)
        for each in reversed(self.conditions):
            np.copyto(found, each.outcome, "unsafe", ~np.asarray(each.holds))
        return found

    def error(self, place: Place) -> Exception | None:
        """Why there is no answer at a place; None where there is one."""
        failed = (each for each in self.conditions if not at(each.holds, place))
        return next((each.error(place) for each in failed), None)

    def raised(self) -> Any:
        """The answers; if there is none somewhere, the error of the first such place."""
        if self.conditions and self.codes.any():
            raise self.error(next(self.places())) or AssertionError
        return tidy(self.answers)

    def or_nan(self) -> Any:
        """The answers, and NaN where there is none."""
        if not self.conditions:
            return tidy(self.answers)
        answers = np.asarray(self.answers)
        answers = answers.astype(answers.dtype if answers.dtype.kind == "f" else object)
        answers[self.codes != Outcome.ANSWERED] = np.nan
        return tidy(answers)

    def reasons(self) -> Any:
        """Why there is no answer, in words; "" where there is one."""
        found = np.full(self.shape, "", object)
        left = np.ones(self.shape, bool)
        for each in self.conditions:
            failed = left & np.logical_not(each.holds)
            left = left & each.holds
            if failed.any():
                places = np.argwhere(failed)
                parts = [np.broadcast_to(part, self.shape)[failed] for part in each.by()] if each.by else places.T
                first, kinds = alike(parts, len(places))
                words = [str(each.error(tuple(place))) for place in places[first].tolist()]
                found[failed] = np.array(words, object)[kinds]
        return tidy(found)

    def places(self) -> Iterator[Place]:
        """The places without an answer, in the order of their axes."""
        return map(tuple, np.argwhere(self.codes).tolist())


SETTLED: dict[str, Callable[[Outcomes], Any]] = {"raise": Outcomes.raised, "nan": Outcomes.or_nan}


def reasons(function: Any, *args: Any, **kwargs: Any) -> Any:
    """Why a call has no answer, place by place: the words of the error that it would raise there.

    Parameters
    ----------
    function : callable
        An equation or a function over names, such as `tokensheet.decode_cost`.
    *args, **kwargs
        Its arguments, arrays or not.

    Returns
    -------
    array_like of str
        A text for each answer, with its labels; "" where there is one.

    Examples
    --------
    >>> from tokensheet import chips_needed
    >>> reasons(chips_needed, "Llama-3.1-8B", "H100", [1, 0], 4096).tolist()
    ['', 'chips_needed: batch must be > 0, not 0']
    """
    if not hasattr(function, "outcomes"):
        raise TypeError(f"give an equation or a function over names itself, such as decode_cost, not {function!r}")
    bound = inspect.signature(function).bind(*args, **kwargs)
    bound.apply_defaults()
    return applied(lambda *plain: function.outcomes(*plain).reasons(), bound.arguments, "reason")
