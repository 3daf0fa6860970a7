"""What a template declares: its inputs with their scenarios and limits, and the lines of its calculation."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from inspect import signature
from typing import Any

import tokensheet as ts
from tokensheet.api_prices import market
from tokensheet.chain import Quantity
from tokensheet.equation import DomainError
from tokensheet.rows import Row, find
from tokensheet.typed import number as as_number

SCENARIOS = ("Low", "Base", "High")
OURS = "our assumption: replace it by yours"
# What an input may pick from the sheet Catalogue, and what it is called
KINDS = {"model": "model", "chip": "chip", "market": "price list"}

WHOLE = ("chips", "month", "months", "stages", "replicas")  # units of which there are no parts
Triple = tuple[Any, Any, Any]  # of a low, a base and a high scenario
BLANK: Triple = (None, None, None)
Number = float | tuple[float, float, float]


@dataclass(frozen=True)
class Input:
    """A row of the sheet Inputs, or a row for `each` of some names: a number within limits, or a choice.

    Without a low and a high scenario of their own they follow the base.
    """

    key: str
    label: str
    unit: str
    rows: tuple[Triple, ...]
    least: float = 0
    most: float = 0
    choices: Sequence[str] | str = ()
    each: tuple[str, ...] = ("",)
    source: str = OURS
    owner: str = "you"
    note: str = ""
    plural: bool = False
    free: bool = False
    """Whether as many may be given as one likes."""
    style: str = ""
    templates: tuple[Triple, ...] = ()
    """The rows that the template has, where others were given."""

    @property
    def whole(self) -> bool:
        """Whether only whole numbers make sense."""
        return self.unit in WHOLE

    @property
    def help(self) -> str:
        """What may be given, in a line."""
        if self.choices:
            allowed = (
                f"a {KINDS[str(self.choices)]} of the catalogue" if self.choices in KINDS else ", ".join(self.choices)
            )
        else:
            allowed = f"{self.least:g} to {self.most:g}" + ", whole" * self.whole
        several = ("any number" if self.free else f"{len(self.rows)} of them") if self.plural else ""
        return f"{self.label.rstrip(',:')}: {'; '.join(filter(None, (allowed, several)))} [{self.unit or 'text'}]"

    @property
    def names(self) -> list[str]:
        """What it picks."""
        return [each for row in self.rows for each in row if each is not None]

    @property
    def default(self) -> Any:
        """As it would be given: a value, or low, base and high."""
        values = [row[1] if row[0] is row[2] is None else row for row in self.rows]
        return values if self.plural else values[0]

    def holding(self, given: Any) -> Input:
        """The input with another value: the base alone, which leaves the scenarios as they are, or all three."""
        several = [given] if not self.plural else [given] if isinstance(given, str) else list(given)
        if not several or (len(several) != len(self.rows) and not self.free):
            raise ValueError(f"{self.key} takes {len(self.rows)} values, not {len(several)}")
        olds = (*self.rows, *[BLANK] * len(several))
        rows = [self.row(value, old) for value, old in zip(several, olds, strict=False)]
        each = tuple(f"{number}" for number in range(1, len(rows) + 1)) if self.free else self.each
        return replace(self, rows=tuple(rows), each=each, templates=self.templates or tuple(rows))

    def row(self, value: Any, old: Triple) -> Triple:
        triple = isinstance(value, Sequence) and not isinstance(value, str)
        if triple and len(value) != len(SCENARIOS):
            raise ValueError(f"{self.key} takes a value, or one each for low, base and high, not {len(value)}")
        row = tuple(value) if triple else (old[0], value, old[2])
        low, base, high = (None if each is None else self.checked(each) for each in row)
        return low, base, high

    def checked(self, value: Any) -> Any:
        """The value, or a name as the catalogue has it."""
        if self.choices in KINDS:
            return find(listed(str(self.choices)), KINDS[str(self.choices)], value)["name"]
        if self.choices:
            if value not in self.choices:
                raise LookupError(f"{self.key} must be one of {', '.join(self.choices)}, not {value!r}")
        elif isinstance(value, str | bool) or not self.least <= value <= self.most:
            raise DomainError(f"{self.key} must be from {self.least:g} to {self.most:g}, not {value!r}")
        elif self.whole and value % 1:
            raise DomainError(f"{self.key} must be a whole number of {self.unit}, not {value!r}")
        return value if isinstance(value, str) else float(value)


def listed(kind: str) -> dict[str, Row]:
    """The rows of the catalogue that an input of this kind picks from."""
    if kind == "market":
        return {model: {"name": model, "aliases": ""} for _, model in market()}
    return ts.models() if kind == "model" else ts.chips()


def triple(value: Any) -> Triple:
    return value if isinstance(value, tuple) else (None, value, None)


def number(key: str, label: str, unit: str, value: Number, least: float, most: float, **more: Any) -> Input:
    """An input that is a number: the base, or low, base and high."""
    return Input(key, label, unit, (triple(value),), least, most, **more)


def numbers(
    key: str, label: str, unit: str, values: Mapping[str, Number], least: float, most: float, **more: Any
) -> Input:
    """A number for each of some names, one below the other."""
    rows = tuple(map(triple, values.values()))
    return Input(key, label, unit, rows, least, most, each=tuple(values), plural=True, **more)


def pick(key: str, label: str, value: str, choices: Sequence[str] | str, **more: Any) -> Input:
    """An input that is one of some texts, or a model or chip of the sheet Catalogue."""
    return Input(key, label, "", (triple(value),), choices=choices, **more)


def picks(key: str, label: str, values: Sequence[str], choices: Sequence[str] | str, **more: Any) -> Input:
    """As many picks as there are values, numbered."""
    each = tuple(f"{number}" for number in range(1, len(values) + 1))
    return Input(key, label, "", tuple(map(triple, values)), choices=choices, each=each, plural=True, **more)


@dataclass(frozen=True)
class Rents(Input):
    """Rents of one's own, as texts `CHIP=RENT`: they stand on the sheet Catalogue, not on Inputs."""

    def holding(self, given: Mapping[str, float] | Sequence[str]) -> Rents:
        """The input with other rents: by name, or as texts."""
        if isinstance(given, Mapping):
            pairs = [(name, str(rent)) for name, rent in given.items()]
        else:
            pairs = [(name, rent) for name, _, rent in (text.rpartition("=") for text in given)]
        return replace(self, rows=tuple((None, self.checked(pair), None) for pair in pairs))

    def checked(self, value: tuple[str, str]) -> str:
        name, text = value
        if not name.strip():
            raise ValueError(f"{self.key} takes CHIP=RENT, such as H100=2.5, not {text!r}")
        name, rent = find(ts.chips(), "chip", name.strip())["name"], as_number(text)
        if not self.least <= rent <= self.most:
            raise DomainError(f"{self.key} of {name} must be from {self.least:g} to {self.most:g}, not {rent:g}")
        return f"{name}={rent!r}"

    @property
    def rents(self) -> dict[str, float]:
        """By name."""
        return {name: float(rent) for name, _, rent in (text.rpartition("=") for text in self.default)}


def own_rents(key: str = "usd_per_hour") -> Rents:
    """Rents of one's own as an argument and option of a template, such as `H100=2.5`."""
    return Rents(key, "Own rents of chips", "$/hour", (), 0, 1000, ("CHIP=RENT",), each=(), plural=True, free=True)


@dataclass(frozen=True)
class Line(Quantity):
    """A quantity of a template, with its unit and the style of its cells."""

    in_unit: str = ""
    style: str = ""

    @property
    def unit(self) -> str:
        return self.in_unit or super().unit


@dataclass(frozen=True)
class Own:
    """Cells to type in, as many as another block `like` them has: blank until the reader has a number of their own, or
    with values that may be typed over.
    """

    key: str
    label: str
    unit: str
    like: str
    least: float
    most: float
    style: str = ""
    values: Any = None


def line(
    key: str, label: str, unit: str, equation: Callable[..., Any], inputs: Sequence[str] = (), style: str = ""
) -> Line:
    """A line of a calculation; what it is an equation of is told by its arguments unless `inputs` says otherwise.

    An input `all:key` is the whole block as one range.
    """
    return Line(key, label, equation, tuple(inputs or signature(equation).parameters), unit, style)


def settled(inputs: Sequence[Input], given: Mapping[str, Any]) -> list[Input]:
    """The inputs with the values given for some of them."""
    known = {each.key: each for each in inputs}
    for key in given:
        if key not in known:
            close = difflib.get_close_matches(key, known, n=3)
            way_out = f"closest: {', '.join(close)}" if close else f"there are {', '.join(known)}"
            raise LookupError(f"no input is called {key!r}; {way_out}")
    own = [each.holding(each.default) for each in inputs]
    return [each.holding(given[each.key]) if each.key in given else each for each in own]


def serial(day: date) -> float:
    """A day as spreadsheets count them."""
    return float((day - date(1899, 12, 30)).days)
