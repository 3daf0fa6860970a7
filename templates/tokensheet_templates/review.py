"""What is wrong with a workbook of ours, how to bring it up to date, and what moved between two of them and why."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from xlsxwriter.utility import xl_rowcol_to_cell

from tokensheet_templates import kernel
from tokensheet_templates.book import is_number
from tokensheet_templates.found import Found, Spot, built, of_bytes, read_workbook
from tokensheet_templates.log import FIRST_ENTRY
from tokensheet_templates.template import Declared, Workbook

CONSTANTS, MARKET = "Constants of the estimate", "API prices"  # a section of Inputs, and what titles of Catalogue begin
CAUSES = ("formulas", "constants", "catalogue", "API prices", "inputs")
SAME = 1e-9  # relative


class Flaw(NamedTuple):
    """A cell that is not as its template has it."""

    place: str
    what: str  # overwritten, broken or stale
    words: str


class Move(NamedTuple):
    """A number of Board in two workbooks, and how much of the difference has which cause."""

    what: str
    old: float
    new: float
    causes: dict[str, float]
    unit: str = ""


class Change(NamedTuple):
    """An input, or another cell to change, that two workbooks have different values in."""

    what: str
    old: Any
    new: Any


def changes(old: Found, new: Found) -> list[Change]:
    """The inputs and other typed cells in which two workbooks differ."""
    before, after = old.inputs(), new.inputs()
    found = [Change(key, before[key], after.get(key)) for key in before if before[key] != after.get(key)]
    own, others = old.typed(), new.typed()
    return found + [
        Change(" ".join(filter(None, (spot[0] + ":", *spot[2:]))), value, others[spot])
        for spot, value in own.items()
        if spot in others and value != others[spot]
    ]


def left_behind(found: Found) -> list[str]:
    """What a workbook has beside what its template gave it, and what a new one will not have."""
    right = built(found.template, given_to(found), found.typed(), found.facts["functions"])
    own = [f"the sheet {name}" for name in found.sheets if name not in right.sheets]
    overwritten = [f"{flaw.place}, {flaw.words}" for flaw in flaws(found, right) if flaw.what != "stale"]
    return own + overwritten


def check_workbook(path: str | Path) -> list[Flaw]:
    """The cells of a workbook whose formulas were overwritten or changed, or whose values are not what they compute."""
    found = read_workbook(path)
    made_by, this = found.facts["tokensheet version"], kernel.made_by()
    if made_by != this:
        raise ValueError(f"{path} was made by tokensheet {made_by}, this is {this}: `tokensheet refresh` it first")
    right = built(found.template, given_to(found), found.typed(), found.facts["functions"])
    return list(flaws(found, right))


def given_to(found: Found) -> dict[str, Any]:
    """The inputs of a workbook and its day, for a call of its template."""
    return found.inputs() | {"date": found.facts["date"]}


def flaws(found: Found, right: Found) -> Iterator[Flaw]:
    for place, formula in right.formulas.items():
        name = f"{place[0]}!{xl_rowcol_to_cell(place[1], place[2])}"
        if place not in found.formulas:
            yield Flaw(name, "overwritten", f"{found.at(place)!r} stands where {formula} did")
        elif found.formulas[place] != formula:
            yield Flaw(name, "broken", f"{found.formulas[place]} stands where {formula} did")
        elif not same(found.values[place], right.values[place]):
            yield Flaw(name, "stale", f"shows {found.values[place]!r}, computes {right.values[place]!r}")


def same(one: Any, other: Any) -> bool:
    if is_number(one) and is_number(other):
        return math.isclose(one, other, rel_tol=SAME, abs_tol=1e-300)
    return (one or "") == (other or "")


def refreshed(found: Found) -> Workbook:
    """The workbook by today's template, catalogue and prices, with every number that was changed in the old one."""
    template, changed = found.template, found.changed()
    then = built(template, given_to(found), {})
    kept = {spot: value for spot, value in found.typed().items() if is_own(spot, value, then)}
    book = template(**changed)
    places = of_bytes(book, "native").places(kept)
    entry = [
        "all",
        book.today.isoformat(),
        "tokensheet refresh",
        found.facts["date"],
        book.today.isoformat(),
        "Refreshed",
    ]
    log = {
        ("Log", FIRST_ENTRY + i, j): value for i, row in enumerate([*found.log, entry]) for j, value in enumerate(row)
    }
    return replace(book, typed=places | log)


def is_own(spot: Spot, value: Any, then: Found) -> bool:
    """Whether somebody typed a value: it is in a cell to change, and not what the template wrote there."""
    return spot in then.pale and value != then.constants[spot][1]


def moves(old: Found, new: Found) -> list[Move]:
    """What differs on Board between two workbooks of a template, and why; the causes add up to the difference.

    From the old one cause after the other is brought to what the new one has, so that of two that act together the
    later has what they do together.
    """
    constants = {each.key for each in old.template.inputs.get(CONSTANTS, ())}
    inputs, typed, of_new, now = given_to(old), old.typed(), given_to(new), new.typed()
    stages = {"formulas": (inputs, typed)}
    inputs = inputs | {key: value for key, value in of_new.items() if key in constants}
    stages["constants"] = inputs, typed
    typed = typed | {spot: value for spot, value in now.items() if is_catalogue(spot) and spot not in new.pale}
    stages["catalogue"] = inputs, typed
    typed = typed | {spot: value for spot, value in now.items() if spot[1].startswith(MARKET)}
    stages["API prices"] = inputs, typed
    steps = dict(zip(stages, shown_after(old.template, stages.values()), strict=True))
    before, after = old.shown(), new.shown()
    return [
        Move(
            " ".join(what).removesuffix(" Value").strip(),
            before[what],
            after[what],
            dict(causes_of(what, before, steps, after)),
            new.units[what],
        )
        for what in before
        if what in after and not same(before[what], after[what])
    ]


def is_catalogue(spot: Spot) -> bool:
    return spot[0] == "Catalogue" and not spot[1].startswith(MARKET)


def shown_after(template: Declared, stages: Iterable[tuple[Any, Any]]) -> Iterator[dict[Any, Any]]:
    """The numbers on Board of the template's workbook with each of these inputs and typed values."""
    for (inputs, typed), alike in groupby(stages):  # a cause that changes nothing is not built again
        shown = built(template, inputs, typed).shown()
        yield from (shown for _ in alike)


def causes_of(
    what: Any, before: Mapping[Any, float], steps: Mapping[str, Mapping[Any, float]], after: Mapping[Any, float]
) -> Iterator[tuple[str, float]]:
    value = before[what]
    for cause, shown in steps.items():
        next_value = shown.get(what, value)
        yield cause, next_value - value
        value = next_value
    yield CAUSES[-1], after[what] - value


def in_words(value: Any) -> str:
    """A number in five digits, several with commas; nothing for zero."""
    if isinstance(value, list | tuple):
        return ", ".join(in_words(each) if each is not None else "follows" for each in value)
    return f"{value:,.5g}" if isinstance(value, float | int) and value else "" if value in (0, None) else str(value)
