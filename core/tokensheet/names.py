"""Names in arrays: each distinct one is looked at once, and what it says is laid out in the shape of the names.

An argument with a chip for each of three rows and one with a model for each of five columns stay a column and a row:
what rests on the chip alone is three numbers.
"""

from __future__ import annotations

import functools
import itertools
from collections import defaultdict
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from tokensheet.outcomes import Place, at


class Names(NamedTuple):
    """Texts, or rows of one's own: each distinct one, and which of them stands at each place."""

    distinct: list[Any]
    codes: Any = 0

    @property
    def first(self) -> Any:
        return self.distinct[0]

    def at(self, place: Place) -> Any:
        """What stands at a place of a shape that the names broadcast to."""
        return self.distinct[at(self.codes, place)]

    def of_each(self, function: Callable[[Any], Any]) -> Names:
        """What the function makes of each distinct one, in its place."""
        return Names([function(each) for each in self.distinct], self.codes)

    def grouped(self, key: Callable[[Any], Any]) -> Names:
        """One of a kind in the place of all that are the same by a key."""
        keys = [key(each) for each in self.distinct]
        ones = dict(zip(keys, self.distinct, strict=True))
        places = dict(zip(ones, itertools.count()))
        return Names([*ones.values()], np.array([places[each] for each in keys])[self.codes])


def is_array(given: Any) -> bool:
    """Whether an argument for texts is several of them."""
    return isinstance(given, (list, tuple)) or bool(getattr(given, "shape", ()))


def named(given: Any, default: Any = None) -> Names:
    """The names in an argument, one or an array of them; the default where none stands."""
    if isinstance(given, Names):
        return given
    if not is_array(given):
        one = given.item() if isinstance(given, (np.ndarray, np.generic)) else given
        return Names([default if is_missing(one) else one])
    array = np.asarray(given, object)
    distinct, codes = factorized(array.ravel().tolist())
    return Names([default if is_missing(each) else each for each in distinct], codes.reshape(array.shape))


def factorized(values: list[Any]) -> tuple[list[Any], np.ndarray]:
    """The distinct values in the order in which they come, and which of them stands where."""
    places: dict[Any, int] = defaultdict(itertools.count().__next__)
    try:
        codes = np.fromiter(map(places.__getitem__, values), np.intp, len(values))
        return [*places] or [None], codes
    except TypeError:  # rows of one's own, which are known by identity
        keys = [each if isinstance(each, str) else id(each) for each in values]
        rows = dict(zip(keys, values, strict=True))
        distinct, codes = factorized(keys)
        return [rows[key] for key in distinct], codes


def is_missing(name: Any) -> bool:
    """Whether a table has nothing there: None, NaN or pandas' NA."""
    return name is None or type(name).__name__ == "NAType" or (isinstance(name, float) and name != name)


class LaidOut(NamedTuple):
    """Numbers by key in the shape of the names that they differ by, and the keys of which some are not known."""

    values: dict[str, Any]
    blanks: set[str]


def laid_out(numbers: Callable[..., dict[str, Any]], *names: Names) -> LaidOut:
    """The numbers of each set of names, worked out once; None is one that is not known, NaN in an array."""
    sets = [numbers(*each) for each in itertools.product(*(each.distinct for each in names))]
    blanks = {key for each in sets for key, value in each.items() if value is None}
    if len(sets) == 1:
        return LaidOut(sets[0], blanks)
    sizes, codes = [len(each.distinct) for each in names], functools.cache(functools.partial(joint, names))
    values = {}
    for key in sets[0]:
        table, axes = least(np.array([each[key] for each in sets], float).reshape(sizes))
        one = None if axes or np.isnan(table) else table.item()
        values[key] = table.ravel()[codes(axes)] if axes else one
    return LaidOut(values, blanks)


def least(table: np.ndarray) -> tuple[np.ndarray, tuple[int, ...]]:
    """The table without the axes along which it is the same, and those that are left."""
    axes: list[int] = []
    for axis in reversed(range(table.ndim)):
        first = table.take([0], axis)
        if ((table == first) | (np.isnan(table) & np.isnan(first))).all():
            table = first.squeeze(axis)
        else:
            axes.insert(0, axis)
    return table, tuple(axes)


def joint(names: tuple[Names, ...], axes: tuple[int, ...]) -> Any:
    """Which of the sets of some of the names stands where, along the axes of a table one behind the other."""
    codes: Any = 0
    for axis in axes:
        codes = codes * len(names[axis].distinct) + names[axis].codes
    return codes
