"""A chain: named quantities in order, each an equation of others. Numbers, arrays or cells go in, the same come out.

The chains themselves are in `chains/`, one file a subject. What a chain says is read off it everywhere: the functions
over names evaluate it, a workbook lays it out, `accuracy` judges it, WHY explains it, the docs print it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tokensheet.cell import Cell
from tokensheet.equation import evaluate, unchecked
from tokensheet.glossary import GLOSSARY, meaning, returned
from tokensheet.lines import Line, Lines
from tokensheet.spelling import Spelling


@dataclass(frozen=True)
class Quantity:
    """What it is called in code and on paper, and the equation of which others it is."""

    key: str
    label: str
    equation: Callable[..., Any]
    inputs: tuple[str, ...]

    @property
    def unit(self) -> str:
        return returned(self.equation)[1]

    @property
    def formula(self) -> str:
        """The native formula, in terms of the keys of its inputs."""
        return str(evaluate(self.equation, *map(Cell, self.inputs)).text)


class Chain(tuple[Quantity, ...]):
    """Quantities in the order in which they are computed."""

    def __getitem__(self, key: Any) -> Any:
        """The quantity of that key."""
        if isinstance(key, str):
            return next(each for each in self if each.key == key)
        return super().__getitem__(key)

    def of(self, *keys: str, given: Iterable[str] = ()) -> Chain:
        """The part that gives these keys, without what is needed only for those that are given."""
        wanted, known, found = set(keys), set(given), []
        for each in reversed(self):
            if each.key in wanted and each.key not in known:
                found.append(each)
                wanted |= set(each.inputs)
        return Chain(reversed(found))

    def given(self) -> list[str]:
        """The keys that have to be given, in the order in which they are first needed: inputs that no quantity is."""
        own = {each.key for each in self}
        return list(dict.fromkeys(key for each in self for key in each.inputs if key not in own))

    def evaluate(self, given: Mapping[str, Any], *keys: str) -> dict[str, Any]:
        """The given values and with them those of the quantities, or of those that give `keys`.

        What is given is not computed, so a quantity of the chain may be given too.
        """
        values = dict(given)
        with unchecked():
            for each in self.of(*(keys or (each.key for each in self)), given=given):
                values[each.key] = each.equation(*(values[key] for key in each.inputs))
        return values

    def settled(self, given: Mapping[str, Any], moved: Collection[str], *keys: str) -> dict[str, Any]:
        """Of the values that give `keys` those that do not rest on what is `moved`: to compute once, where that is."""
        origins = self.origins()
        values = self.evaluate(given, *keys)
        return {key: value for key, value in values.items() if origins.get(key, {key}).isdisjoint(moved)}

    def spelled(
        self, spelling: Spelling, given: Mapping[str, str], *keys: str, known: Mapping[str, Any] | None = None
    ) -> dict[str, str]:
        """The lines that compute `keys`, by the names of their results: what is given goes by its name there.

        What is `known` stands in them as a number.
        """
        lines, cells = Lines(spelling), dict[str, Line]()
        cells |= {key: lines.given(name) for key, name in given.items()}
        cells |= {key: lines.result(value) for key, value in (known or {}).items()}
        quantities = self.of(*keys, given=cells)
        with unchecked():
            for each in quantities:
                cells[each.key] = lines.result(each.equation(*(cells[key] for key in each.inputs)))
        whole = {cells[each.key].text for each in quantities}
        return lines.leading_to({key: cells[key] for key in keys}, whole)

    def origins(self) -> dict[str, set[str]]:
        """The given keys that each quantity rests on: what a sheet has a row, a column or a block of it for."""
        found: dict[str, set[str]] = {key: {key} for key in self.given()}
        for each in self:
            found[each.key] = set().union(*(found[key] for key in each.inputs))
        return found

    def replaced(self, *quantities: Quantity) -> Chain:
        """The chain with other equations for some of its keys."""
        by_key = {each.key: each for each in quantities}
        return Chain(by_key.get(each.key, each) for each in self)

    def describe(self, key: str) -> tuple[str, str]:
        """Label and unit of a key: of a quantity, or of what is given as the glossary has it."""
        if key in GLOSSARY and key in self.given():
            return meaning(key)
        return self[key].label, self[key].unit
