"""Numbers as they are given, as floats: integers overflow without a word, and float32 has seven digits."""

from __future__ import annotations

import math
import numbers
from decimal import Decimal
from typing import Any

import numpy as np

from tokensheet.typed import number_or_itself


def numeric(value: Any) -> Any:
    """Numbers of any kind as floats.

    Of an array comes one of its kind, of a list an array, of True a 1 as in a spreadsheet; of what is no number a
    TypeError.
    """
    if is_number(value):
        return np.float64(as_float(value))
    array: Any = value if hasattr(value, "astype") else np.asarray(value)
    if array.dtype.kind in "biuf":
        return np.asanyarray(array, float) if isinstance(array, np.ndarray) else array.astype(float)
    if array.dtype.kind == "O":
        return np.frompyfunc(as_float, 1, 1)(array).astype(float)
    raise TypeError


def is_number(value: Any) -> bool:
    if type(value) is float:  # of which columns of texts and numbers are full
        return True
    return isinstance(value, (numbers.Real, Decimal)) and not isinstance(value, np.timedelta64)  # an integer to numpy


def as_float(value: Any) -> float:
    """A number as a float; one too large for it is infinite, and Decimal's signalling NaN is one, as the check sees."""
    if not is_number(value):
        raise TypeError
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
    except ValueError:
        return math.nan


def cells_of(value: Any) -> np.ndarray:
    """What is given for numbers though not all of it is, each by itself; days, bytes and the like as one thing.

    A text that stands for a number is that number.
    """
    try:
        if isinstance(value, (list, tuple)) or (isinstance(value, np.ndarray) and value.dtype.kind in "OU"):
            cells = np.array(value, object)
            np.frompyfunc(number_or_itself, 1, 1)(cells, out=cells)
            return cells
    except ValueError:  # arrays in it that make no array
        pass
    whole = np.empty((), object)
    whole[()] = number_or_itself(value)
    return whole


def float_or_nan(value: Any) -> float:
    return as_float(value) if is_number(value) else math.nan
