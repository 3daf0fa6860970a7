"""Plain Python for plain numbers, which is what a call of one cell runs on: an equation or a chain, compiled once.

Compiled code gives what numpy gives, or it raises one of UNPLAIN. Its caller then takes the way of arrays, which finds
the answer or the words for what is wrong: an error is decided and worded in one place.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

from tokensheet.cell import Cell, lift
from tokensheet.spelling import PYTHON

UNPLAIN = (ArithmeticError, LookupError, TypeError, ValueError)


def number(value: Any) -> float:
    if isinstance(value, (int, float)):
        return float(value)
    raise TypeError


def maximum(one: float, other: float) -> float:
    """The greater of two, NaN if one of them is: np.maximum."""
    return one if one >= other or one != one else other


def minimum(one: float, other: float) -> float:
    """The lesser of two, NaN if one of them is: np.minimum."""
    return one if one <= other or one != one else other


# What compiled code calls, as `_sqrt`: no argument and no quantity begins with _
CALLED = (
    number, maximum, minimum, type, bool, float, str, abs, TypeError, ValueError,
    math.sqrt, math.exp, math.log, math.log2, math.floor, math.ceil, math.isfinite,
)  # fmt: skip
NAMES: dict[str, Any] = {f"_{each.__name__}": each for each in CALLED} | {"_inf": math.inf, "_nan": math.nan}


def symbols(names: Iterable[str]) -> list[Cell]:
    return [Cell(name, spelling=PYTHON) for name in names]


def text(result: Any) -> str:
    """What came out of tracing symbols, in Python."""
    return lift(result, PYTHON).text


def guard(name: str, mask: Callable[[Any], Any] | None) -> list[str]:
    """Lines that make an argument a float and refuse it where the mask of its domain does."""
    refusal = f"if not {text(mask(*symbols([name])))}: raise _ValueError" if mask else ""
    return [f"if _type({name}) is not _float: {name} = _number({name})", refusal]


def returned(result: str, kind: type = float) -> list[str]:
    """Lines that return a result of that kind: numpy would make something else of any other."""
    if kind not in (float, bool, str):
        raise TypeError(f"a literal is a float in Python, so the result cannot be {kind}")
    finite = f" or not _isfinite({result})" if kind is float else ""
    return [f"if _type({result}) is not _{kind.__name__}{finite}: raise _ValueError", f"return {result}"]


def compiled(parameters: Iterable[str], lines: Iterable[str], **names: Any) -> Callable[..., Any]:
    """A function of these lines, which may call what goes by `names`."""
    scope = NAMES | names
    exec("\n    ".join([f"def plain({', '.join(parameters)}):", *lines]), scope)
    return scope["plain"]  # type: ignore[no-any-return]


def refuse(*_: Any, **__: Any) -> Any:
    """What stands where nothing could be compiled."""
    raise TypeError
