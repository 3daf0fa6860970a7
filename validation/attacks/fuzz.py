"""Calls as hosts make them, and wild ones, put to each layer: what comes back is a value or an error with a reason.

`just fuzz` runs a million calls a layer; `just fuzz 50000 7` fewer, from another seed. What fails is printed as one
line that repeats it; it goes into tests/data/fuzz_corpus.json, which the tests replay, before it is mended.
"""

from __future__ import annotations

import json
import math
import random
import signal
import struct
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import tokensheet as ts
from tokensheet_udfs.convert import call
from tokensheet_udfs.errors import ERRORS, CellError
from tokensheet_udfs.registry import Function, Parameter, functions

from attacks import Figure

CORPUS = Path(__file__).parents[2] / "tests" / "data" / "fuzz_corpus.json"
CALLS = 1_000_000
LONGEST = 1.0  # seconds of a processor that no call may take
EXCEPTION, NOT_FINITE, HANG, NO_REASON = KINDS = (
    "an exception",
    "NaN or infinity",
    "a hang",
    "an error without reason",
)

Args = tuple[Any, ...]


class Hang(BaseException):
    """A call that took too long; no layer catches it."""


class Failure(NamedTuple):
    """A call that did what none may do."""

    kind: str
    layer: str
    function: str
    args: Args
    said: str = ""

    def __str__(self) -> str:
        shown = repr(self.args)
        entry = {"layer": self.layer, "function": self.function, "args": shown}
        return f"{self.kind}: {json.dumps(entry)[:2000]} {self.said[:200]}"


# What stands in cells, most of it as people type it

NUMBERS = (0.0, 0.5, 1.0, 2, 8, 64, 4096.0, 37e9, 989e12, 3.35e12, 1e-9, True, False)
EDGES = (
    -0.0, -1.0, -1e308, 5e-324, 2.2e-308, 1e-300, 1e300, 1.7976931348623157e308, 2.0**52, 2.0**53 + 2, 1 - 2**-53,
    1 + 2**-52, 2**63, 2**64, -(2**63), 10**308, 10**400, -(10**400), math.inf, -math.inf, math.nan, 1e7, 2958466,
)  # fmt: skip
TEXTS = (
    "", " ", "70B", "3.35T", "32k", "40%", "1e400", "1e-400", "nan", "inf", "1_000", "1,5", "x", "fp8", "bf16", "ideal",
    "high", "on demand", "2026-10-14", "0000-00-00", "9999-12-31", "10000000", "-1", "1" * 400, "1" * 5000 + "x",
    " " * 5000 + "x", "é", "\x00", "\ud800", "'; DROP", "=1+1", "%s%n{}", *ERRORS,
)  # fmt: skip
OBJECTS: tuple[Any, ...] = (
    None, Decimal("2.5"), Decimal("NaN"), Decimal("sNaN"), Decimal("1e999"), date(2026, 11, 27), datetime(2026, 11, 27),
    1j, b"x", {}, {"basicValue": 1.0}, [], (), [[]], ((),), [1.0, [2.0]], [[1.0, 2.0], [3.0]], [[[1.0]]], [[[]]],
    [None], [["x"], [None]], [[{}]], [[1j]], [[10**400]], [[Decimal("NaN")]], -2146826281,
)  # fmt: skip
CHOICES: dict[str, tuple[str, ...]] = {"chips": tuple(ts.chips()), "models": tuple(ts.models())}


def argument(chance: random.Random, parameter: Parameter) -> Any:
    """What may be given for a parameter: mostly what fits, in one cell or several."""
    kind = chance.random()
    if kind < 0.85:
        return cell(chance, parameter)
    if kind < 0.97:
        height, width = chance.choice([(1, 2), (2, 1), (3, 1), (2, 2), (1, 4), (5, 1)])
        return tuple(tuple(cell(chance, parameter) for _ in range(width)) for _ in range(height))
    return chance.choice(OBJECTS)


def cell(chance: random.Random, parameter: Parameter) -> Any:
    kind = chance.random()
    if parameter.is_text:
        if kind < 0.75 and parameter.choices:
            known = CHOICES.get(parameter.choices.kind) or tuple(parameter.choices.texts())
            return chance.choice(known)
        return chance.choice(TEXTS) if kind < 0.9 else chance.choice([None, *EDGES, *NUMBERS])
    if kind < 0.4:
        return chance.choice(NUMBERS)
    if kind < 0.75:
        return 10 ** chance.uniform(-3, 16)
    if kind < 0.85:
        return chance.choice(EDGES)
    if kind < 0.9:
        return struct.unpack("<d", chance.randbytes(8))[0]
    return chance.choice(TEXTS) if kind < 0.96 else None


def calls(seed: int, count: int) -> Iterator[tuple[Function, Args]]:
    """So many calls, each of a function drawn from all."""
    chance, known = random.Random(seed), list(functions().values())
    for _ in range(count):
        function = chance.choice(known)
        if function.repeating:
            asked = chance.choice(known)
            parameters = [*function.parameters[:1], *asked.parameters]
            args = (asked.name, *(argument(chance, each) for each in asked.parameters))
        else:
            parameters = list(function.parameters)
            args = tuple(argument(chance, each) for each in parameters)
        if chance.random() < 0.3:  # some of the last are left out, or one too many given
            args = args[: chance.randrange(len(args) + 1)]
        elif chance.random() < 0.02:
            args = (*args, 1.0)
        yield function, args


# The layers: each says what is wrong with the answer to a call, if anything


def core(function: Function, args: Args) -> str:
    """The Python function, as somebody calls it who knows its names: its errors are those that it documents."""
    texts = {each.name for each in function.parameters if each.is_text}
    for parameter, arg in zip(function.parameters, args, strict=False):
        if parameter.name in texts and not isinstance(arg, str):
            return ""
    required = sum(each.required for each in function.parameters)
    if function.repeating or not required <= len(args) <= len(function.parameters):
        return ""
    try:
        with np.errstate(all="ignore"):
            result = function.python(*args)
    except (ts.DomainError, LookupError) as error:
        return "" if str(error) else NO_REASON
    except ValueError as error:  # numpy's, of arrays of shapes that do not go together
        return "" if "broadcast" in str(error) else f"{EXCEPTION} {error}"
    values = np.asarray(result)
    return NOT_FINITE if values.dtype.kind in "fc" and not np.isfinite(values).all() else ""


def convert(function: Function, args: Args) -> str:
    """What every host calls."""
    return next(filter(None, map(wrong, call(function, args).flat)), "")


def wrong(value: Any) -> str:
    """What is wrong with a cell of a result."""
    if isinstance(value, CellError):
        return "" if value.reason and value in ERRORS else NO_REASON
    if isinstance(value, (float, int, np.floating)) and not math.isfinite(value):
        return NOT_FINITE
    return "" if isinstance(value, (float, int, str, bool, np.floating, np.bool_)) else EXCEPTION


def xlwings() -> Callable[[Function, Args], str]:
    """The classic add-in: xlwings' own `CallUDF`, on a stand-in for Windows."""
    from tokensheet_addin.hosts.excel.standin import stand_in

    stand_in()
    from tokensheet_addin.hosts import xlwings_functions
    from xlwings import com_server

    server, caught = com_server.XLPython(), noted(xlwings_functions)

    def layer(function: Function, args: Args) -> str:
        if len(args) > len(function.parameters) and not function.repeating:
            return ""  # which Excel does not accept
        caught.clear()
        found = server.CallUDF(xlwings_functions.__name__, function.name, args, None, None)
        if caught:
            return f"{EXCEPTION} {caught.pop()}"
        cells = np.array(found, object, ndmin=1).flat
        return next((each for each in map(wrong, cells) if each), "")

    return layer


def libreoffice() -> Callable[[Function, Args], str]:
    """The methods of the component that Calc calls, in this process."""
    from tokensheet_addin.hosts.libreoffice import component

    caught = noted(component)
    methods = {function.name: component.method(function) for function in functions().values()}
    errors = {struct.pack("<d", value) for value in component.CALC_ERRORS.values()}

    def layer(function: Function, args: Args) -> str:
        caught.clear()  # of what others called in this process
        given = (*args[: len(function.parameters) - 1], args[len(function.parameters) - 1 :])
        rows = methods[function.name](None, *(given if function.repeating else args))
        if caught:
            return f"{EXCEPTION} {caught.pop()}"
        for value in (value for row in rows for value in row):
            if isinstance(value, float) and not math.isfinite(value) and struct.pack("<d", value) not in errors:
                return NOT_FINITE
            if type(value) not in (float, str):
                return f"{EXCEPTION} {type(value)}"
        return ""

    return layer


def noted(module: Any) -> list[str]:
    """What a host's last resort catches, which would only show as an error of no reason."""
    caught: list[str] = []

    class Noting:
        @staticmethod
        def print_exc() -> None:
            caught.append(repr(sys.exc_info()[1]))
            traceback.print_exc()

    module.traceback = Noting
    return caught


def bridge(function: Function, args: Args) -> str:
    """A request to the bridge, as it is answered: the call, and one like it, which may be computed together."""
    from tokensheet_addin.hosts.bridge.calls import Refused, answer

    try:
        batch = [{"name": function.name, "args": each} for each in ([*args], [*args[:-1], 1.0])]
        found = json.loads(answer(json.dumps(batch, allow_nan=False).encode()), parse_constant=lambda text: math.nan)
    except (TypeError, ValueError, Refused):
        return ""  # what JSON does not say
    blocks = [each.get("result", [[each]]) for each in found]
    for value in (value for rows in blocks for row in rows for value in row):
        if isinstance(value, dict) and not (value.get("reason") and value["error"] in ERRORS):
            return NO_REASON
        if isinstance(value, dict) and " failed: " in value["reason"]:
            return f"{EXCEPTION} {value['reason']}"
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            return NOT_FINITE
    return ""


LAYERS: dict[str, Callable[[], Callable[[Function, Args], str]]] = {
    "core": lambda: core,
    "convert": lambda: convert,
    "xlwings": xlwings,
    "LibreOffice": libreoffice,
    "bridge": lambda: bridge,
}


@contextmanager
def limited(seconds: float = LONGEST) -> Iterator[None]:
    """Context that ends a call after so many seconds of its own, whatever else the machine does meanwhile."""

    def stop(*_: Any) -> None:
        raise Hang

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def tried(name: str, layer: Callable[[Function, Args], str], function: Function, args: Args) -> Failure | None:
    """The failure of a call, if it is one."""
    try:
        with limited():
            found = layer(function, args)
    except Hang:
        return Failure(HANG, name, function.name, args)
    except Exception as error:
        return Failure(EXCEPTION, name, function.name, args, repr(error))
    kind = next((kind for kind in KINDS if found.startswith(kind)), "")
    return Failure(kind, name, function.name, args, found) if kind else None


def corpus() -> list[tuple[str, Function, Args]]:
    """Every call that once failed, as Python writes it."""
    names = {"inf": math.inf, "nan": math.nan, "Decimal": Decimal}
    return [
        (each["layer"], functions()[each["function"]], eval(each["args"], names))
        for each in json.loads(CORPUS.read_text(encoding="utf-8"))
    ]


def attack(name: str, count: int, seed: int = 0) -> list[Failure]:
    """The failures of so many calls of a layer."""
    layer = LAYERS[name]()
    failures = (tried(name, layer, function, args) for function, args in calls(seed, count))
    return [each for each in failures if each]


def run(count: int = CALLS, seed: int = 0) -> list[Figure]:
    figures = []
    for name in LAYERS:
        found = Counter(each.kind for each in attack(name, count, seed))
        said = ", ".join(f"{found[kind]} of {kind}" for kind in KINDS)
        figures.append(Figure(f"{count:,} calls of {name}, wild ones among them", "no failures", said))
    return figures


if __name__ == "__main__":
    numbers = [int(each.replace("_", "")) for each in sys.argv[1:] if each.replace("_", "").isdigit()]
    for name in [each for each in sys.argv[1:] if each in LAYERS] or LAYERS:
        failures = attack(name, *numbers)
        print(f"{name}: {dict(Counter(each.kind for each in failures)) or 'no failures'}", flush=True)
        for each in failures[:20]:
            print(f"  {each}", flush=True)
