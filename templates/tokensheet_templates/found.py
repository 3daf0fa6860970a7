"""A workbook of ours as somebody left it: what it was made of, what was typed into it, what it says."""

from __future__ import annotations

import ast
import functools
import io
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from tokensheet.files import FileError
from tokensheet.packages import read_package
from tokensheet.plugins import contributions

from tokensheet_templates.book import Place, is_number
from tokensheet_templates.declared import SCENARIOS, Input, Triple
from tokensheet_templates.inputs_sheet import HEADERS, THE_TEMPLATES
from tokensheet_templates.log import FIRST_ENTRY
from tokensheet_templates.log import HEADERS as ENTRY
from tokensheet_templates.style import PAPER, STYLES
from tokensheet_templates.template import Declared, Workbook

PALE = STYLES["input"]["bg_color"].lstrip("#")
HEAD = PAPER.lstrip("#")
Spot = tuple[str, str, str, str]  # what a typed cell is about: its sheet, the title of its table, its row, its column


# of low, base and high: a number, "follows", or a text, in which / may stand too
LITERAL = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[-+.\w]+""")
WORDS = ("About", "Board", "Inputs", "Checks", "Log")  # sheets without numbers that are typed, or with inputs
MOST_ROWS, MOST_COLUMNS = 20_000, 300  # of a sheet, which may say that it goes on to its last cell; ours have 3,000, 63
SCENARIO = ("Inputs", "Scenario", "Scenario", HEADERS[0])  # spot of the cell that picks it


class NotOurs(FileError):
    """A file that is no workbook of a template."""


@dataclass(frozen=True)
class Found:
    """A workbook that was read: its template and what stands in its cells."""

    path: Path
    template: Declared
    facts: Mapping[str, str]
    formulas: Mapping[Place, str]
    values: Mapping[Place, Any]
    constants: Mapping[Spot, tuple[Place, Any]]
    """What is typed, or a number of the catalogue, by what it is about."""
    pale: frozenset[Spot]
    """Those of them that are cells to change."""
    sheets: tuple[str, ...]
    log: tuple[tuple[Any, ...], ...]
    """The entries of the sheet Log but for the first."""
    board: Mapping[tuple[str, str], Place]
    """The formulas of Board, by their row and column."""
    units: Mapping[tuple[str, str], str]
    """Their units."""

    def inputs(self, *, templates: bool = False) -> dict[str, Any]:
        """The values of the inputs, for a call of the template: those that stand there, or those that it had then."""
        found = {}
        for each in self.template:
            rows = [self.row(each, label, templates) for label in self.labels(each)]
            rows = [row for row in rows if row is not None]
            if rows:
                found[each.key] = rows if each.plural else rows[0]
        return found

    def labels(self, each: Input) -> list[str]:
        """The labels of an input's rows; of as many as one likes those that are there."""
        if not each.free:
            return [f"{each.label} {name}".strip() for name in each.each]
        known = {spot[2] for spot in self.constants if spot[0] == "Inputs"}
        return [f"{each.label} {number}" for number in range(1, len(known)) if f"{each.label} {number}" in known]

    def row(self, each: Input, label: str, templates: bool) -> Triple | None:
        """Low, base and high of a row; what follows the base is None."""
        title = next((spot[1] for spot in self.constants if spot[0] == "Inputs" and spot[2] == label), None)
        if title is None:
            return None
        if templates:
            text = str(self.constants.get(("Inputs", title, label, THE_TEMPLATES), ("", ""))[1])
            if not text:
                return None
            try:
                low, base, high = map(as_value, LITERAL.findall(text))
            except (SyntaxError, ValueError):
                raise NotOurs(f"{self.path}: what {label!r} had in the template cannot be read") from None
        else:
            low, base, high = (
                self.constants.get(("Inputs", title, label, name), (None, None))[1] for name in SCENARIOS
            )
        return low, base, high

    def changed(self) -> dict[str, Any]:
        """The inputs that are not what the template had."""
        then = self.inputs(templates=True)
        return {key: value for key, value in self.inputs().items() if value != then.get(key) and key != "as_of"}

    def typed(self) -> dict[Spot, Any]:
        """What is typed elsewhere than in the rows of Inputs: numbers of the catalogue, own ones, the scenario."""
        return {
            spot: value for spot, (_, value) in self.constants.items()
            if (spot[0] not in WORDS and spot[3]) or spot == SCENARIO
        }  # fmt: skip

    def shown(self) -> dict[tuple[str, str], Any]:
        """The numbers on Board, by what they are."""
        return {spot: self.values[place] for spot, place in self.board.items() if is_number(self.values[place])}

    def at(self, place: Place) -> Any:
        """What is typed at a place."""
        return self.by_place.get(place)

    @functools.cached_property
    def by_place(self) -> dict[Place, Any]:
        return dict(self.constants.values())

    def places(self, values: Mapping[Spot, Any]) -> dict[Place, Any]:
        """Where values belong here; what has no place here is left out."""
        return {self.constants[spot][0]: value for spot, value in values.items() if spot in self.constants}


def read_workbook(path: str | Path) -> Found:
    """Read a workbook that `tokensheet new` wrote."""
    content = read_package(path)
    try:
        return read(content, Path(path))
    except NotOurs:
        raise
    except Exception as error:  # a broken workbook makes openpyxl raise a dozen kinds
        raise NotOurs(f"{path} is no Excel workbook that can be read: {error}") from error


def built(template: Declared, inputs: Mapping[str, Any], typed: Mapping[Spot, Any], functions: str = "native") -> Found:
    """What the template's workbook with these inputs would be, and with these values where they have a place."""
    book = template(**inputs)
    plain = of_bytes(book, functions)
    places = {
        place: value for place, value in plain.places(typed).items() if value != plain.at(place)
    }  # fmt: skip
    return of_bytes(replace(book, typed=places), functions) if places else plain


def of_bytes(book: Workbook, functions: str) -> Found:
    file = io.BytesIO()
    book.write(file, functions)
    return read(file.getvalue(), Path(f"{book.declared.name}.xlsx"))


def read(content: bytes, path: Path) -> Found:
    import openpyxl  # only where a workbook is read: it takes as long as all else
    from openpyxl.cell.read_only import EMPTY_CELL
    from openpyxl.worksheet.formula import ArrayFormula

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of parts that openpyxl does not know, and that nobody writes back
        book, values = (
            openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=only) for only in (False, True)
        )
    facts = {each.name: str(each.value) for each in book.custom_doc_props.props}
    templates = {each.name: each for _, _, each in contributions("templates") if isinstance(each, Declared)}
    if facts.get("template") not in templates:
        named = f"the template {facts['template']!r}, which is not installed" if "template" in facts else "no template"
        raise NotOurs(f"{path} is of {named}; `tokensheet templates` lists those that can be read")
    formulas, shown, pale = dict[Place, str](), dict[Place, Any](), set[Spot]()
    constants, board = dict[Spot, tuple[Place, Any]](), dict[tuple[str, str], Place]()
    units = dict[tuple[str, str], str]()
    for sheet in book:
        title, heads, below = "", dict[int, str](), dict[int, str]()
        for row, (cells, olds) in enumerate(zip(rows_of(sheet), rows_of(values[sheet.title]), strict=True)):
            label = str(cells[0].value)
            if colour(cells[0]) == HEAD:
                title, heads = label, headings(cells)
            if label.startswith("Unit"):
                below = {column: cell.value for column, cell in enumerate(cells)}
            for column, cell in enumerate(cells):
                if cell is EMPTY_CELL:
                    continue
                place = sheet.title, row, column
                text = cell.value.text if isinstance(cell.value, ArrayFormula) else cell.value
                if cell.data_type == "f":
                    formulas[place] = str(text)
                    shown[place] = stored(olds[column].value)
                    if sheet.title == "Board" and column:
                        what = str(olds[0].value), heads.get(column, "")
                        board.setdefault(what, place)
                        units.setdefault(what, str(cells[1].value or below.get(column) or ""))
                elif column and (text is not None or colour(cell) == PALE):
                    spot = sheet.title, title, label, heads.get(column, "")
                    constants.setdefault(spot, (place, stored(text)))
                    if colour(cell) == PALE:
                        pale.add(spot)
    entries = book["Log"].iter_rows(FIRST_ENTRY + 1, MOST_ROWS, max_col=len(ENTRY), values_only=True)
    log = tuple(tuple(map(stored, row)) for row in entries if any(row))
    own = frozenset(pale)
    sheets = tuple(book.sheetnames)
    return Found(path, templates[facts["template"]], facts, formulas, shown, constants, own, sheets, log, board, units)


def rows_of(sheet: Any) -> Iterator[Any]:
    return sheet.iter_rows(max_row=MOST_ROWS, max_col=min(sheet.max_column or MOST_COLUMNS, MOST_COLUMNS))  # type: ignore[no-any-return]


def as_value(part: str) -> Any:
    """The number or text that an input had in its template; None where it followed the base."""
    return None if part == "follows" else ast.literal_eval(part)


def headings(cells: Any) -> dict[int, str]:
    """The heads of a table by column; names that a reader may change count by their number."""
    found, own = {}, 0
    for column, cell in enumerate(cells[1:], 1):
        own += colour(cell) == PALE
        found[column] = f"own {own}" if colour(cell) == PALE else str(cell.value or "")
    return found


def colour(cell: Any) -> str:
    return str(cell.fill.fgColor.rgb)[-6:] if cell.fill else ""


def stored(value: Any) -> Any:
    """A value as the file has it."""
    from openpyxl.utils.datetime import to_excel

    return to_excel(value) if isinstance(value, datetime) else value
