"""A cell: pass cells through an equation and out comes the native Excel formula *and* its value.

>>> from tokensheet import compute_time
>>> time = compute_time(Cell("B2", 64.0), Cell("C2", 37e9), Cell("D2", 989e12))
>>> time.text, time.value
('2*B2*C2/D2', 0.004788675429726997)

An equation is written with operators and numpy functions only; a cell implements those two protocols, so that the
formula cannot drift from the code. What Excel cannot say in one cell raises `TypeError` with the way out. By another
spelling (spelling.py) the same cells write another language.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from tokensheet.spelling import ATOM, EXCEL, Operator, Spelling

# What makes one value of a range: as a ufunc's `reduce` and as a function, and what a spelling calls it
REDUCTIONS: dict[Any, str] = {
    np.add: "sum", np.sum: "sum", np.maximum: "max", np.max: "max", np.minimum: "min", np.min: "min",
}  # fmt: skip


class Cell(NDArrayOperatorsMixin):
    """An Excel expression, or one of another language, and what it evaluates to.

    Parameters
    ----------
    text : str
        A reference (`B2`, `Chips!$C$5`, `B2:B9`), a name, or formula text without the leading `=`.
    value : optional
        The number, text or array of them that the expression holds; None if it is not known, and then nothing
        computed from it is known either.
    binds : optional
        How tightly the outermost operator of `text` binds.
    many : optional
        True for a range that holds more than one value.
    parts : optional
        The arguments of an outermost MAX, MIN, AND or OR.
    spelling : Spelling, optional
        The language of `text`, in which whatever is computed from the cell is written.
    """

    def __init__(
        self,
        text: str,
        value: Any = None,
        binds: int = ATOM,
        *,
        many: bool | None = None,
        parts: tuple[Cell, ...] = (),
        spelling: Spelling = EXCEL,
    ) -> None:
        self.text, self.value, self.binds, self.parts, self.spelling = text, value, binds, parts, spelling
        self.many = ":" in text if many is None else many

    def __repr__(self) -> str:
        return f"Cell({self.text!r}, {self.value!r})"

    def __bool__(self) -> bool:
        raise TypeError(f"={self.text} has no truth value while tracing; write np.where(test, a, b), & or |")

    def __float__(self) -> float:
        raise TypeError(f"={self.text} is not a number while tracing; use numpy functions, not math or float()")

    __int__ = __index__ = __float__

    def __iter__(self) -> Any:
        raise TypeError(f"={self.text} cannot be iterated while tracing; use np.sum, np.max or separate cells")

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise TypeError(f"={self.text} cannot become an array; leave np.asarray out of an equation")

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Cell:
        name, spelling = ufunc.__name__, self.spelling
        if method == "reduce" and ufunc in REDUCTIONS:
            return reduction(REDUCTIONS[ufunc], inputs[0], spelling)
        if method != "__call__" or kwargs:
            raise TypeError(f"np.{name}.{method} with {kwargs or 'these arguments'} has no {spelling.name} formula")
        cells = [lift(value, spelling) for value in inputs]
        if name == "add" and any(is_text(cell.value) for cell in cells):
            name, value = "join", join(*cells)
        else:
            value = compute(ufunc, *cells)
        if name in spelling.operators:
            return operation(spelling.operators[name], *cells, value=value)
        if name in spelling.flat and any(cell.many for cell in cells):
            excel = spelling.functions[name].partition("(")[0]
            raise TypeError(f"np.{name} works element by element, Excel's {excel} swallows a range; use np.where")
        return call(name, *cells, value=value, spelling=spelling)

    def __array_function__(self, function: Callable[..., Any], types: Any, args: Any, kwargs: Any) -> Cell:
        if function is np.where and len(args) == 3 and not kwargs:
            cells = [lift(value, self.spelling) for value in args]
            return call("where", *cells, value=compute(choose, *cells), spelling=self.spelling)
        if function in REDUCTIONS and len(args) == 1:
            return reduction(REDUCTIONS[function], args[0], self.spelling)
        raise TypeError(f"np.{function.__name__} has no {self.spelling.name} formula here")

    def inside(self, least: int) -> str:
        """The text as an operand, in brackets only where something else would be read without them."""
        return self.text if self.binds >= least else f"({self.text})"


def lift(value: Any, spelling: Spelling = EXCEL) -> Cell:
    """A cell as it is; a number, truth value or text as the literal that the language reads back."""
    if isinstance(value, Cell):
        return value
    if isinstance(value, (np.ndarray, np.generic)):
        if value.ndim:
            raise TypeError("an array of constants has no place in a formula; give cells")
        value = value.item()
    text = spelling.literal(value)
    binds = spelling.operators["negative"].binds if text.startswith("-") else ATOM
    return Cell(text, value, binds, many=False, spelling=spelling)


def compute(function: Callable[..., Any], *cells: Cell) -> Any:
    """`function` of the cells' values; None as soon as one of them is not known."""
    values = [floats(cell.value) for cell in cells]
    if any(value is None for value in values):
        return None
    try:
        with np.errstate(all="ignore"):
            return tidy(function(*values))
    except TypeError:  # text in arithmetic: the caller knows better (joined text) or the sheet shows #VALUE!
        return None


def floats(value: Any) -> Any:
    """An array of integers, or of float32, as floats, which do not overflow without a word."""
    numbers = isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind in "iuf"
    return value.astype(float, copy=False) if numbers else value


def tidy(value: Any) -> Any:
    """A plain Python scalar for anything that holds one value."""
    return value.item() if isinstance(value, (np.ndarray, np.generic)) and value.ndim == 0 else value


def is_text(value: Any) -> bool:
    return isinstance(np.asarray(value, object).flat[0], str)


def choose(test: Any, yes: Any, no: Any) -> Any:
    """np.where in which a number may stand beside a text, as it may in a sheet."""
    if is_text(yes) == is_text(no):
        return np.where(test, yes, no)
    return np.where(test, np.asarray(yes, object), np.asarray(no, object))


def join(*cells: Cell) -> Any:
    """The text of values written one behind the other, numbers as Excel's General format shows them."""

    def text(value: Any) -> str:
        return value if isinstance(value, str) else f"{value:.15g}"

    if any(cell.value is None for cell in cells):
        return None
    parts = np.broadcast_arrays(*(np.asarray(cell.value, object) for cell in cells))
    return tidy(np.vectorize(lambda *row: "".join(map(text, row)), otypes=[object])(*parts))


def operation(operator: Operator, *cells: Cell, value: Any) -> Cell:
    """The operator between its operands, or before the only one."""
    *before, last = cells
    text = "".join(cell.inside(operator.left) for cell in before) + operator.sign + last.inside(operator.right)
    return Cell(text, value, operator.binds, many=any(cell.many for cell in cells), spelling=last.spelling)


def call(name: str, *cells: Cell, value: Any, spelling: Spelling) -> Cell:
    """The function that numpy calls `name` of `cells`."""
    if name not in spelling.functions:
        raise TypeError(f"np.{name} has no {spelling.name} formula here")
    pattern, flat = spelling.functions[name], name in spelling.flat
    if flat:
        cells = tuple(part for cell in cells for part in inner(cell, pattern))
    texts = [cell.text for cell in cells]
    many = not flat and any(cell.many for cell in cells)
    text = pattern.format(",".join(texts), *texts)
    return Cell(text, value, many=many, parts=cells if flat else (), spelling=spelling)


def inner(cell: Cell, pattern: str) -> tuple[Cell, ...]:
    """The arguments of a call of the same function, which may stand among those of the outer one; else the cell."""
    return cell.parts if cell.parts and cell.text.startswith(pattern.partition("{")[0]) else (cell,)


def reduction(name: str, values: Any, spelling: Spelling) -> Cell:
    """One value of all the values in a range."""
    cell = lift(values, spelling)
    value = compute(getattr(np, name), cell)
    name = "sum_of_computed" if name == "sum" and cell.binds < ATOM else name
    return Cell(call(name, cell, value=value, spelling=spelling).text, value, many=False, spelling=spelling)
