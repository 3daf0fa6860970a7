"""What makes a function that fills a workbook a template: its inputs become arguments, options and a scenario file."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar, overload

from tokensheet.as_of import as_day, today
from tokensheet.equation import lenient
from tokensheet.frames import frame
from tokensheet.own_constants import own_constants
from tokensheet.texts import clean

from tokensheet_templates.book import Blocks, Place, Template
from tokensheet_templates.declared import Input, number, serial, settled
from tokensheet_templates.kernel import Kernel

if TYPE_CHECKING:
    import pandas as pd

WORKBOOK = (
    number("as_of", "As of", "day", 46000, 40000, 80000, source="the day it was made for"),
    number("old", "Age from which a price is worth a look", "days", 90, 1, 1000, source="a rule", owner="tokensheet"),
    number("tolerance", "Smallest difference that counts", "ratio", 1e-9, 0, 1e-6, source="a rule", owner="tokensheet"),
    number(
        "largest", "Largest number that may be typed", "number", 1e18, 1e18, 1e18, source="a rule", owner="tokensheet"
    ),
)


OF_CATALOGUE = ("old", "largest")  # what only a workbook with a catalogue needs of these


@dataclass(frozen=True)
class Declared:
    """A template: call it with values for some of its inputs, and it gives the workbook that is yet to be written."""

    name: str
    title: str
    purpose: str
    audience: str
    how: str
    sheets: Mapping[str, str]
    inputs: Mapping[str, Sequence[Input]]
    """By section of the sheet Inputs."""
    fill: Callable[[Kernel], None]
    catalogue: bool = True
    """Whether it has a sheet with chips, models or prices of others."""

    def __call__(self, *, date: str = "", **given: Any) -> Workbook:
        """The workbook with these values of inputs, as of a day: written as "2026-11-27", by default today."""
        day = as_day(date) or today()
        own = {key: value for key, value in own_constants().items() if key in {each.key for each in self}}
        inputs = settled([*self], {"as_of": serial(day_of(day)), **own, **given})
        calibrated = [replace(each, source="your calibration") if each.key in own else each for each in inputs]
        return Workbook(self, calibrated, day_of(day))

    def __iter__(self) -> Any:
        """Its inputs, in order."""
        return (each for section in self.inputs.values() for each in section)

    def sections(self, inputs: Sequence[Input]) -> dict[str, list[Input]]:
        """The inputs with their values, by section."""
        by_key = {each.key: each for each in inputs}
        return {title: [by_key[each.key] for each in section] for title, section in self.inputs.items()}


D = TypeVar("D", bound=Declared)


def day_of(text: str) -> date:
    return date.fromisoformat(text)


@overload
def template(
    name: str, title: str, *, audience: str, how: str, sheets: Mapping[str, str], inputs: Mapping[str, Sequence[Input]],
    catalogue: bool = True,
) -> Callable[[Callable[[Kernel], None]], Declared]: ...  # fmt: skip
@overload
def template(
    name: str, title: str, *, audience: str, how: str, sheets: Mapping[str, str], inputs: Mapping[str, Sequence[Input]],
    catalogue: bool = True, of: type[D],
) -> Callable[[Callable[[Kernel], None]], D]: ...  # fmt: skip
def template(
    name: str, title: str, *, audience: str, how: str, sheets: Mapping[str, str], inputs: Mapping[str, Sequence[Input]],
    catalogue: bool = True, of: type[Declared] = Declared,
) -> Callable[[Callable[[Kernel], None]], Declared]:  # fmt: skip
    """Make a template of a function that fills a workbook; its docstring says what the workbook is for.

    It is `of` another class where it takes arguments in a way of its own.
    """

    def declare(fill: Callable[[Kernel], None]) -> Declared:
        purpose = clean(" ".join(inspect.cleandoc(fill.__doc__ or "").split()))
        own = tuple(each for each in WORKBOOK if catalogue or each.key not in OF_CATALOGUE)
        return of(name, title, purpose, audience, how, sheets, {**inputs, "This workbook": own}, fill, catalogue)

    return declare


@dataclass(frozen=True, repr=False)
class Workbook(Template):
    """A template with the values of its inputs."""

    declared: Declared
    inputs: Sequence[Input]
    today: date
    typed: Mapping[Place, Any] = field(default_factory=dict)
    """Constants that stand in for those that the template would write, by their place."""

    def __repr__(self) -> str:
        return f"<{self.declared.name} of {self.today.isoformat()}>"

    def write(self, file: Any, functions: str) -> Blocks:
        """Write the workbook into an open file; gives the blocks of numbers by name."""
        with lenient():  # what is outside a domain is a failing check of the workbook
            book = Kernel(file, functions, self.declared, self.inputs, self.today, self.typed)
            self.declared.fill(book)
            book.close()
        return book.blocks

    def to_frame(self) -> pd.DataFrame:
        """Every number and text of the calculation: a row for each cell, by the key of its block, with its address."""
        import io

        from xlsxwriter.utility import xl_rowcol_to_cell

        rows = [
            (key, block.sheet, xl_rowcol_to_cell(block.row + i, block.column + j), value)
            for key, block in self.write(io.BytesIO(), "native").items()
            for i, line in enumerate(block.values.tolist())
            for j, value in enumerate(line)
        ]
        return frame(rows, columns=["key", "sheet", "cell", "value"])
