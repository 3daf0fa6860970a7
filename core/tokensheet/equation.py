"""What makes a plain function of numpy operations an equation of tokensheet.

The function's body is its formula and nothing else. `@equation` adds what every caller needs: the domain of each
argument, declared beside it, is checked where values enter; lists become arrays; a scalar comes out as a scalar; and
cells come out as a formula, written out (`2*B2*C2/D2`) or as a call (`COMPUTE_TIME(B2,C2,D2)`). Single numbers go
through plain Python (plain.py), compiled at the first call, which is seventy times as fast as numpy.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Annotated, Any, ParamSpec, Protocol, TypeAlias, TypeVar, get_type_hints, overload

import numpy as np

from tokensheet import plain
from tokensheet.cell import Cell, compute, lift, tidy
from tokensheet.floats import as_float, cells_of, float_or_nan, is_number, numeric
from tokensheet.glossary import completed
from tokensheet.labels import applied
from tokensheet.names import Names, named
from tokensheet.outcomes import SETTLED, Condition, Outcome, Outcomes, Place, at
from tokensheet.outcomes import DomainError as DomainError
from tokensheet.typed import no_number


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

Text: TypeAlias = str | Any  # a text, or whatever holds some: a list, an array, a pandas object

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


P = ParamSpec("P")
R = TypeVar("R")
Given = TypeVar("Given", covariant=True)


class Answering(Protocol[P, Given]):
    """What the decorators make of a function: it takes `errors` too, "raise" or "nan", and gives `outcomes`."""

    __name__: str
    outcomes: Callable[..., Outcomes]

    @overload
    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Given: ...

    @overload
    def __call__(self, *args: Any, errors: str, **kwargs: Any) -> Given: ...


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


def equation(formula: Callable[P, R]) -> Answering[P, R]:
    """Make a formula an equation: checked, broadcast and traceable. Its Excel name is its name in capitals."""

    @functools.wraps(formula)
    def function(*args: Any, errors: str = "raise", **kwargs: Any) -> Any:
        if _inside.get():  # called by another equation, which has checked
            return formula(*args, **kwargs)
        if not _lenient.get():  # where they are cells, and compiling would be for nothing
            try:
                return in_plain_python()(*args, **kwargs)
            except plain.UNPLAIN:
                pass
        bound, limits = signature(formula).bind(*args, **kwargs), domains(formula)
        given = len(bound.args)
        bound.apply_defaults()
        if any(isinstance(value, Cell) for value in bound.args):
            values = [entered(function, name, value, limits.get(name)) for name, value in bound.arguments.items()]
            return trace(function, values, given)
        return settled(function, bound.arguments, errors)

    def outcomes(*args: Any, **kwargs: Any) -> Outcomes:
        bound, limits = signature(formula).bind(*args, **kwargs), domains(formula)
        values, conditions = enter(function, bound, limits)
        values |= {name: numeric(value) for name, value in bound.arguments.items() if name not in limits}
        return determined(function, evaluate(function, *values.values()), conditions, values)

    @functools.cache
    def in_plain_python() -> Callable[..., Any]:
        return compiled(function)

    function.formula, function.plain = formula, in_plain_python  # type: ignore[attr-defined]
    function.outcomes = outcomes  # type: ignore[attr-defined]
    function.__doc__ = completed(formula)
    return function  # type: ignore[return-value]


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


def checked(function: Callable[P, R]) -> Answering[P, R]:
    """Make a function of names and numbers check its numbers, in and out; None stands for what is left out.

    It gives its answers, or `Outcomes` where some of them may be missing.
    """
    single: Any = getattr(function, "single", function)

    @functools.wraps(function)
    def checking(*args: Any, errors: str = "raise", **kwargs: Any) -> Any:
        if not (kwargs or domains(function)) and errors == "raise" and all(type(each) is str for each in args):
            return single(*args)  # nothing to check, nothing to lay out
        bound = signature(function).bind(*args, **kwargs)
        bound.apply_defaults()
        return settled(checking, bound.arguments, errors)

    def outcomes(*args: Any, **kwargs: Any) -> Outcomes:
        values, conditions = enter(function, signature(function).bind(*args, **kwargs), domains(function))
        return determined(function, function(**values), conditions, values)  # type: ignore[call-arg]

    checking.outcomes = outcomes  # type: ignore[attr-defined]
    checking.__doc__ = completed(inspect.unwrap(function))
    return checking  # type: ignore[return-value]


def settled(function: Any, given: Mapping[str, Any], errors: str) -> Any:
    """The answers to a call, labelled as its arguments are; what comes of a place without one, `errors` says."""
    if errors not in SETTLED:
        raise ValueError(f"errors must be {' or '.join(SETTLED)}, not {errors!r}")
    settle = SETTLED[errors]
    return applied(lambda *plain: settle(function.outcomes(*plain)), given, function.__name__)


def enter(
    function: Any, bound: inspect.BoundArguments, limits: dict[str, Domain]
) -> tuple[dict[str, Any], list[Condition]]:
    """The arguments of a call, numbers as floats, and where those are outside their domains a condition for each.

    None stays where it is the default.
    """
    bound.apply_defaults()
    values, conditions = dict(bound.arguments), list[Condition]()
    for name, parameter in bound.signature.parameters.items():
        optional = parameter.default is None
        if name not in limits:
            values[name] = named(values[name], None if parameter.default is parameter.empty else parameter.default)
        elif values[name] is not None or not optional:
            values[name], failed = judged(function, name, limits[name], values[name], optional)
            conditions += failed
    return values, conditions


def entered(function: Any, name: str, value: Any, domain: Domain | None) -> Any:
    """An argument of an equation: floats in its domain, or a cell whose value, if it is known, is."""
    if isinstance(value, Cell):
        if domain and value.value is not None and not _lenient.get():
            check(function, name, domain, value.value)
        return value
    return numeric(value) if domain is None or _lenient.get() else check(function, name, domain, value)


def trace(function: Any, arguments: list[Any], given: int) -> Cell:
    """The formula of cells: written out, or as a call with the first `given` arguments."""
    if not _as_calls.get():
        return lift(evaluate(function, *arguments))
    cells = [lift(argument) for argument in arguments]
    text = f"{excel_name(function)}({','.join(cell.text for cell in cells[:given])})"
    return Cell(text, compute(functools.partial(evaluate, function), *cells), many=False)


def check(function: Any, name: str, domain: Domain, value: Any) -> Any:
    """The argument's numbers as floats; an error says which of them is outside its domain."""
    found, failed = judged(function, name, domain, value)
    Outcomes(found, failed).raised()
    return found


def judged(function: Any, name: str, domain: Domain, value: Any, optional: bool = False) -> tuple[Any, list[Condition]]:
    """The argument's numbers as floats, NaN where they are not in its domain, and then a condition.

    Of an optional argument there may be none at some places: None, or what is masked in an array of numpy's.
    """
    if _lenient.get():
        return numeric(value), []
    try:
        found = given = numeric(value)
    except (TypeError, ValueError):
        given = cells_of(value)
        found = np.asarray(np.frompyfunc(float_or_nan, 1, 1)(given), float)
        if optional:
            found = np.ma.array(found, mask=given == None)  # noqa: E711  (element by element)
    left_out = np.ma.getmask(found) if optional else np.ma.nomask
    data = found.filled(np.nan) if isinstance(found, np.ma.MaskedArray) else found
    holds = domain.mask(data)
    if left_out is not np.ma.nomask:
        holds |= left_out
    if np.all(holds):
        return data if left_out is np.ma.nomask else found, []
    is_none = np.asarray(np.frompyfunc(is_number, 1, 1)(given), bool) ^ True if given.dtype == object else np.False_
    condition = Condition(
        np.where(is_none, Outcome.NO_NUMBER, Outcome.OUTSIDE_DOMAIN),
        holds,
        lambda place: outside(function, name, domain, at(given, place)),
        None if given.dtype == object else lambda: [given],
    )
    data = np.where(holds, data, np.nan)
    return data if left_out is np.ma.nomask else np.ma.array(data, mask=left_out), [condition]


def outside(function: Any, name: str, domain: Domain, value: Any) -> DomainError:
    """The error of an argument that is not in its domain."""
    if is_number(value):
        return DomainError(f"{function.__name__}: {name} must be {domain.text}, not {as_float(value):g}")
    if isinstance(value, str):
        return DomainError(f"{function.__name__}: {name}: {no_number(value)}")
    return DomainError(f"{function.__name__}: {name} must be a number {domain.text}, not a {type(value).__name__}")


def determined(function: Any, found: Any, conditions: list[Condition], given: Mapping[str, Any]) -> Outcomes:
    """What was found, in the shape of what is given, with the condition that it is finite."""
    if isinstance(found, Outcomes):
        found, conditions = found.answers, [*conditions, *found.conditions]
    last = Condition(Outcome.NOT_FINITE, finite(found), functools.partial(not_finite, function), tuple)
    return Outcomes(found, [*conditions, last], shape_of(given))


def not_finite(function: Any, place: Place) -> DomainError:
    return DomainError(f"{function.__name__}: {undefined(function)}")


def shape_of(given: Mapping[str, Any]) -> tuple[int, ...]:
    """The shape that arguments have together; an error names those that do not go together."""
    shapes = {name: np.shape(each.codes if isinstance(each, Names) else each) for name, each in given.items()}
    try:
        return np.broadcast_shapes(*shapes.values())
    except ValueError:
        text = ", ".join(f"{name} {shape}" for name, shape in shapes.items() if shape)
        raise ValueError(f"shapes that numpy cannot broadcast: {text}") from None


@functools.cache
def undefined(function: Any) -> str:
    """Why a formula may have no finite result though each argument is in its domain."""
    note = hints(function).get("return")
    reasons = [text for text in getattr(note, "__metadata__", ()) if isinstance(text, str)]
    return reasons[0] if reasons else "the result is too large to compute"


def finite(result: Any) -> Any:
    values = np.asarray(result)
    return np.isfinite(values) if values.dtype.kind == "f" else np.ones(values.shape, bool)
