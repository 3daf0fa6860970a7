"""What makes a plain function of numpy operations an equation of tokensheet.

The function's body is its formula and nothing else. `@equation` adds what every caller needs: the domain of each
argument, declared beside it, is checked where values enter; lists become arrays; a scalar comes out as a scalar; and
cells come out as a formula, written out (`2*B2*C2/D2`) or as a call (`COMPUTE_TIME(B2,C2,D2)`). Single numbers go
through plain Python (plain.py), compiled at the first call, which is seventy times as fast as numpy.
"""

from __future__ import annotations

import functools
import inspect
import math
import numbers
import reprlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, ParamSpec, TypeAlias, TypeVar, get_type_hints

import numpy as np

from tokensheet import plain
from tokensheet.cell import Cell, compute, lift, tidy
from tokensheet.glossary import completed


@dataclass(frozen=True)
class Domain:
    """The finite numbers that an argument may take, in words and as a test."""

    text: str
    holds: Callable[[Any], Any]

    def __contains__(self, value: Any) -> bool:
        return bool(np.all(self.mask(value)))

    def mask(self, value: Any) -> Any:
        return np.isfinite(value) & self.holds(value)


Number: TypeAlias = Any  # a number, an array, a pandas object or a cell: whatever numpy's operators and ufuncs take

Positive = Annotated[Number, Domain("> 0", lambda x: x > 0)]
NOT_NEGATIVE = Domain(">= 0", lambda x: x >= 0)
NotNegative = Annotated[Number, NOT_NEGATIVE]
AtLeastOne = Annotated[Number, Domain(">= 1", lambda x: x >= 1)]
Utilization = Annotated[Number, Domain("> 0 and <= 1", lambda x: (x > 0) & (x <= 1))]
Fraction = Annotated[Number, Domain(">= 0 and <= 1", lambda x: (x >= 0) & (x <= 1))]
Share = Annotated[Number, Domain(">= 0 and < 1", lambda x: (x >= 0) & (x < 1))]


@dataclass(frozen=True)
class Choices:
    """The texts that an argument takes, which a host suggests while the user types.

    Of a `kind` of the catalogue the argument may also be a row of the user's own, with the catalogue's numbers in it.
    """

    texts: Callable[[], Iterable[str]]
    kind: str = ""


class DomainError(ValueError):
    """An argument outside its domain, or arguments for which the formula has no finite result."""


P = ParamSpec("P")
R = TypeVar("R")
_inside: ContextVar[bool] = ContextVar("inside", default=False)
_as_calls: ContextVar[bool] = ContextVar("as_calls", default=False)
_lenient: ContextVar[bool] = ContextVar("lenient", default=False)


@contextmanager
def _set(variable: ContextVar[bool], value: bool) -> Iterator[None]:
    token = variable.set(value)
    try:
        yield
    finally:
        variable.reset(token)


def as_calls(enabled: bool = True) -> Any:
    """Context in which an equation of cells is spelled as a call of its Excel name, not written out."""
    return _set(_as_calls, enabled)


@contextmanager
def unchecked() -> Iterator[None]:
    """Context in which equations do not check: for a caller that has put the values in their domain itself."""
    with _set(_inside, True), np.errstate(all="ignore"):
        yield


@contextmanager
def lenient() -> Iterator[None]:
    """Context in which equations are spelled as ever, and do not check: a sheet shows what is outside a domain."""
    with _set(_lenient, True), np.errstate(all="ignore"):
        yield


def evaluate(function: Any, *values: Any) -> Any:
    """The bare formula, unchecked."""
    with unchecked():
        return function.formula(*values)


def excel_name(function: Any) -> str:
    return str(function.__name__).upper()


Note = TypeVar("Note", Domain, Choices)


@functools.cache
def signature(function: Any) -> inspect.Signature:
    """The signature; of a function it is read when it is first asked for, as that takes longer than to import it."""
    return inspect.signature(function)


@functools.cache
def hints(function: Any) -> dict[str, Any]:
    """The annotations, each with its notes; read when they are first asked for, too."""
    return get_type_hints(getattr(function, "formula", function), include_extras=True)


def annotated(function: Any, kind: type[Note]) -> dict[str, Note]:
    """The note of that kind on each argument that has one."""
    found = {name: note for name, hint in hints(function).items() for note in getattr(hint, "__metadata__", ())}
    return {name: note for name, note in found.items() if isinstance(note, kind)}


@functools.cache
def domains(function: Any) -> dict[str, Domain]:
    """The domain of each argument that has one."""
    return annotated(function, Domain)


def choices(function: Any) -> dict[str, Choices]:
    """The texts of each argument that has a choice of them."""
    return annotated(function, Choices)


def equation(formula: Callable[P, R]) -> Callable[P, R]:
    """Make a formula an equation: checked, broadcast and traceable. Its Excel name is its name in capitals."""

    @functools.wraps(formula)
    def function(*args: Any, **kwargs: Any) -> Any:
        if _inside.get():  # called by another equation, which has checked
            return formula(*args, **kwargs)
        try:
            return in_plain_python()(*args, **kwargs)
        except plain.UNPLAIN:
            pass
        bound, limits = signature(formula).bind(*args, **kwargs), domains(formula)
        given = len(bound.args)
        bound.apply_defaults()
        values = {name: entered(function, name, value, limits.get(name)) for name, value in bound.arguments.items()}
        if any(isinstance(value, Cell) for value in values.values()):
            return trace(function, list(values.values()), given)
        return like(determined(function, evaluate(function, *values.values())), values.values())

    @functools.cache
    def in_plain_python() -> Callable[..., Any]:
        return compiled(function)

    function.formula, function.plain = formula, in_plain_python  # type: ignore[attr-defined]
    function.__doc__ = completed(formula)
    return function


def compiled(function: Any) -> Callable[..., Any]:
    """The equation for single numbers; one that is written otherwise than equations are refuses them all."""
    names, limits = list(signature(function).parameters), domains(function)
    try:
        result = plain.text(evaluate(function, *plain.symbols(names)))
        kind = type(tidy(evaluate(function, *(np.float64(1) for _ in names))))
        guards = [line for name in names for line in plain.guard(name, limits[name].mask if name in limits else None)]
        found = plain.compiled(names, [*guards, f"result = {result}", *plain.returned("result", kind)])
    except Exception:
        return plain.refuse
    found.__defaults__ = inspect.unwrap(function).__defaults__
    return found


def checked(function: Callable[P, R]) -> Callable[P, R]:
    """Make a function of names and numbers check its numbers, in and out; None stands for what is left out."""

    @functools.wraps(function)
    def checking(*args: P.args, **kwargs: P.kwargs) -> R:
        bound = signature(function).bind(*args, **kwargs)
        enter(function, bound, domains(function))
        return determined(function, tidy(function(*bound.args, **bound.kwargs)))  # type: ignore[no-any-return]

    checking.__doc__ = completed(function)
    return checking


def enter(function: Any, bound: inspect.BoundArguments, limits: dict[str, Domain]) -> None:
    """Make the numbers of a call of names and numbers floats, in their domains; None stays where it is the default."""
    bound.apply_defaults()
    for name, domain in limits.items():
        value = bound.arguments[name]
        if value is not None or bound.signature.parameters[name].default is not None:
            bound.arguments[name] = check(function, name, domain, value)


def entered(function: Any, name: str, value: Any, domain: Domain | None) -> Any:
    """An argument of an equation: floats in its domain, or a cell whose value, if it is known, is."""
    if isinstance(value, Cell):
        if domain and value.value is not None and not _lenient.get():
            check(function, name, domain, value.value)
        return value
    return numeric(value) if domain is None or _lenient.get() else check(function, name, domain, value)


def numeric(value: Any) -> Any:
    """Numbers of any kind as floats: integers overflow without a word, and float32 has seven digits.

    Of an array or a pandas object comes one of its kind, of a list an array, of True a 1 as in a spreadsheet; of what
    is no number a TypeError.
    """
    if is_number(value):
        return np.float64(as_float(value))
    array: Any = value if hasattr(value, "astype") else np.asarray(value)
    kinds = {dtype.kind for dtype in (array.dtypes if hasattr(array, "columns") else [array.dtype])}
    if kinds <= {*"biuf"}:
        return np.asanyarray(array, float) if isinstance(array, np.ndarray) else array.astype(float)
    if kinds <= {*"biufO"}:
        return np.frompyfunc(as_float, 1, 1)(array).astype(float)
    raise TypeError


def is_number(value: Any) -> bool:
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


def trace(function: Any, arguments: list[Any], given: int) -> Cell:
    """The formula of cells: written out, or as a call with the first `given` arguments."""
    if not _as_calls.get():
        return lift(evaluate(function, *arguments))
    cells = [lift(argument) for argument in arguments]
    text = f"{excel_name(function)}({','.join(cell.text for cell in cells[:given])})"
    return Cell(text, compute(functools.partial(evaluate, function), *cells), many=False)


def check(function: Any, name: str, domain: Domain, value: Any) -> Any:
    """The argument's numbers as floats; an error says which of them is outside its domain."""
    try:
        found = numeric(value)
        if found in domain:
            return found
    except (TypeError, ValueError):
        given = reprlib.repr(value) if isinstance(value, str) else f"a {type(value).__name__}"
        raise DomainError(f"{function.__name__}: {name} must be a number {domain.text}, not {given}") from None
    wrong = np.asarray(found)[~np.asarray(domain.mask(found))].flat[0]
    raise DomainError(f"{function.__name__}: {name} must be {domain.text}, not {wrong:g}")


def determined(function: Any, result: Any) -> Any:
    """The result, if all of it is finite."""
    if not np.all(finite(result)):
        raise DomainError(f"{function.__name__}: {undefined(function)}")
    return result


def undefined(function: Any) -> str:
    """Why a formula may have no finite result though each argument is in its domain."""
    note = hints(function).get("return")
    reasons = [text for text in getattr(note, "__metadata__", ()) if isinstance(text, str)]
    return reasons[0] if reasons else "the result is too large to compute"


def finite(result: Any) -> Any:
    values = np.asarray(result)
    return np.isfinite(values) if values.dtype.kind == "f" else np.ones(values.shape, bool)


def like(result: Any, arguments: Any) -> Any:
    """Scalars in, scalar out; a pandas object in, a pandas object out, even from np.where."""
    result = tidy(result)
    if isinstance(result, np.ndarray):
        for argument in arguments:
            if not isinstance(argument, np.ndarray) and getattr(argument, "shape", None) == result.shape:
                return argument.where(np.zeros(result.shape, bool), result)  # its labels, our values
    return result
