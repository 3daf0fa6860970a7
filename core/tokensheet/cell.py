"""A cell: pass cells through an equation and out comes the native Excel formula *and* its value.

>>> from tokensheet import compute_time
>>> time = compute_time(Cell("B2", 64.0), Cell("C2", 37e9), Cell("D2", 989e12))
>>> time.text, time.value
('2*B2*C2/D2', 0.004788675429726997)

An equation is written with operators and numpy functions only; a cell implements those two protocols, so that the
formula cannot drift from the code. What Excel cannot say in one cell raises `TypeError` with the way out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

# How tightly Excel binds, loosest first. Its unary minus binds tighter than ^, unlike Python's.
COMPARE, JOIN, ADD, MULTIPLY, POWER, NEGATE, ATOM = range(7)

INFIX = {
    "add": ("+", ADD),
    "subtract": ("-", ADD),
    "multiply": ("*", MULTIPLY),
    "divide": ("/", MULTIPLY),
    "power": ("^", POWER),
    "equal": ("=", COMPARE),
    "not_equal": ("<>", COMPARE),
    "less": ("<", COMPARE),
    "less_equal": ("<=", COMPARE),
    "greater": (">", COMPARE),
    "greater_equal": (">=", COMPARE),
}
CALLS = {
    "maximum": "MAX",
    "minimum": "MIN",
    "sqrt": "SQRT",
    "exp": "EXP",
    "log": "LN",
    "absolute": "ABS",
    "floor": "INT",
    "logical_and": "AND",
    "bitwise_and": "AND",
    "logical_or": "OR",
    "bitwise_or": "OR",
    "logical_not": "NOT",
    "invert": "NOT",
}
# Excel flattens these: MAX(MAX(a,b),c) is MAX(a,b,c). They also swallow a whole range, so they cannot spell an
# elementwise function of one.
FLAT = {"MAX", "MIN", "AND", "OR"}


class Cell(NDArrayOperatorsMixin):
    """An Excel expression and what it evaluates to.

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
    """

    def __init__(
        self,
        text: str,
        value: Any = None,
        binds: int = ATOM,
        *,
        many: bool | None = None,
        parts: tuple[Cell, ...] = (),
    ) -> None:
        self.text, self.value, self.binds, self.parts = text, value, binds, parts
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
        if method == "reduce":
            reduced = {"add": np.sum, "maximum": np.max, "minimum": np.min}.get(ufunc.__name__)
            if reduced:
                return REDUCTIONS[reduced](inputs[0])
        if method != "__call__" or kwargs:
            raise TypeError(f"np.{ufunc.__name__}.{method} with {kwargs or 'these arguments'} has no Excel formula")
        cells = [lift(value) for value in inputs]
        value = compute(ufunc, *cells)
        name = ufunc.__name__
        if name == "add" and any(is_text(cell.value) for cell in cells):
            return infix("&", JOIN, *cells, value=join(*cells))
        if name in INFIX:
            return infix(*INFIX[name], *cells, value=value)
        if name == "negative":
            return Cell("-" + cells[0].inside(NEGATE), value, NEGATE, many=cells[0].many)
        if name == "ceil":
            return call("CEILING", cells[0], lift(1), value=value)
        if name == "log2":
            return call("LOG", cells[0], lift(2), value=value)
        if name not in CALLS:
            raise TypeError(f"np.{name} has no Excel formula here")
        if CALLS[name] in FLAT and any(cell.many for cell in cells):
            raise TypeError(f"np.{name} works element by element, Excel's {CALLS[name]} swallows a range; use np.where")
        return call(CALLS[name], *cells, value=value)

    def __array_function__(self, function: Callable[..., Any], types: Any, args: Any, kwargs: Any) -> Cell:
        if function is np.where and len(args) == 3 and not kwargs:
            cells = [lift(value) for value in args]
            return call("IF", *cells, value=compute(choose, *cells))
        if function in REDUCTIONS and len(args) == 1:
            return REDUCTIONS[function](args[0])
        raise TypeError(f"np.{function.__name__} has no Excel formula here")

    def inside(self, least: int) -> str:
        """The text as an operand, in brackets only where Excel would read something else without them."""
        return self.text if self.binds >= least else f"({self.text})"


def lift(value: Any) -> Cell:
    """A cell as it is; a number, truth value or text as the literal that Excel reads back."""
    if isinstance(value, Cell):
        return value
    if isinstance(value, (np.ndarray, np.generic)):
        if value.ndim:
            raise TypeError("an array of constants has no place in a formula; give cells")
        value = value.item()
    if isinstance(value, bool):
        return Cell(str(value).upper(), value)
    if isinstance(value, str):
        return Cell('"' + value.replace('"', '""') + '"', value, many=False)
    number = float(value)
    if np.isnan(number):
        return Cell("#NUM!", number)
    if not np.isfinite(number):
        raise TypeError(f"Excel has no {number}")
    text = f"{number:.15g}"  # as many digits as Excel reads
    if number.is_integer() and abs(number) < 1e6:
        text = str(int(number))
    return Cell(text.replace("e+", "E").replace("e-", "E-"), value, NEGATE if number < 0 else ATOM)


def compute(function: Callable[..., Any], *cells: Cell) -> Any:
    """`function` of the cells' values; None as soon as one of them is not known."""
    values = [cell.value for cell in cells]
    if any(value is None for value in values):
        return None
    try:
        with np.errstate(all="ignore"):
            return tidy(function(*values))
    except TypeError:  # text in arithmetic: the caller knows better (joined text) or the sheet shows #VALUE!
        return None


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


def infix(sign: str, binds: int, left: Cell, right: Cell, *, value: Any) -> Cell:
    """`left sign right`. Excel reads from left to right; + and * may regroup: a+(b-c) is a+b-c."""
    text = left.inside(binds) + sign + right.inside(binds if sign in "+*&" else binds + 1)
    return Cell(text, value, binds, many=left.many or right.many)


def call(name: str, *cells: Cell, value: Any) -> Cell:
    """The Excel function `name` of `cells`."""
    if name in FLAT:
        cells = tuple(part for cell in cells for part in (cell.parts if cell.text.startswith(name + "(") else (cell,)))
    text = f"{name}({','.join(cell.text for cell in cells)})"
    many = name not in FLAT and any(cell.many for cell in cells)
    return Cell(text, value, many=many, parts=cells if name in FLAT else ())


def reduction(name: str, function: Callable[..., Any]) -> Callable[[Any], Cell]:
    def reduce(values: Any) -> Cell:
        cell = lift(values)
        # SUM of a computed range would need an array formula; SUMPRODUCT takes it as it stands.
        excel = "SUMPRODUCT" if name == "SUM" and cell.binds < ATOM else name
        return Cell(f"{excel}({cell.text})", compute(function, cell), many=False)

    return reduce


REDUCTIONS: dict[Any, Callable[[Any], Cell]] = {
    np.sum: reduction("SUM", np.sum),
    np.max: reduction("MAX", np.max),
    np.min: reduction("MIN", np.min),
}
