"""A workbook of ours as somebody left it: what it was made of, what was typed into it, what it says."""

from __future__ import annotations

import ast
import io
import warnings
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils.datetime import to_excel
from openpyxl.worksheet.formula import ArrayFormula
from tokensheet.plugins import contributions

from tokensheet_templates.book import Place
from tokensheet_templates.declared import SCENARIOS, Input, Triple
from tokensheet_templates.inputs_sheet import HEADERS
from tokensheet_templates.style import PAPER, STYLES
from tokensheet_templates.template import Declared, Workbook

PALE = STYLES["input"]["bg_color"].lstrip("#")
HEAD = PAPER.lstrip("#")
Spot = tuple[str, str, str, str]  # what a typed cell is about: its sheet, the title of its table, its row, its column


class NotOurs(ValueError):
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

    def inputs(self, *, as_made: bool = False) -> dict[str, Any]:
        """The values of the inputs, for a call of the template: those that stand there, or those it was made with."""
        found = {}
        for each in self.template:
            rows = [self.row(each, label, as_made) for label in self.labels(each)]
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

    def row(self, each: Input, label: str, as_made: bool) -> Triple | None:
        """Low, base and high of a row; what follows the base is None."""
        title = next((spot[1] for spot in self.constants if spot[0] == "Inputs" and spot[2] == label), None)
        if title is None:
            return None
        if as_made:
            text = str(self.constants["Inputs", title, label, HEADERS[-1]][1])
            low, base, high = (None if part == "follows" else ast.literal_eval(part) for part in text.split(" / "))
        else:
            low, base, high = (
                self.constants.get(("Inputs", title, label, name), (None, None))[1] for name in SCENARIOS
            )
        return low, base, high

    def changed(self) -> dict[str, Any]:
        """The inputs that are not what the workbook was made with."""
        made, now = self.inputs(as_made=True), self.inputs()
        return {key: value for key, value in now.items() if value != made.get(key)}

    def typed(self) -> dict[Spot, Any]:
        """What stands in the cells to change of other sheets than Inputs."""
        return {spot: value for spot, (_, value) in self.constants.items() if spot[0] not in ("Inputs", "Log")}

    def places(self, values: Mapping[Spot, Any]) -> dict[Place, Any]:
        """Where values belong here; what has no place here is left out."""
        return {self.constants[spot][0]: value for spot, value in values.items() if spot in self.constants}


def read_workbook(path: str | Path) -> Found:
    """Read a workbook that `tokensheet new` wrote."""
    try:
        return read(Path(path).read_bytes(), Path(path))
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        if isinstance(error, NotOurs):
            raise
        raise NotOurs(f"{path} is no Excel workbook that can be read: {error}") from None


def read_built(book: Workbook) -> Found:
    """What a workbook would be, without a file."""
    file = io.BytesIO()
    book.write(file, "native")
    return read(file.getvalue(), Path(f"{book.declared.name}.xlsx"))


def read(content: bytes, path: Path) -> Found:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of parts that openpyxl does not know, and that nobody writes back
        book, values = (openpyxl.load_workbook(io.BytesIO(content), data_only=only) for only in (False, True))
    facts = {each.name: str(each.value) for each in book.custom_doc_props.props}
    templates = {name: each for _, name, each in contributions("templates") if isinstance(each, Declared)}
    if facts.get("template") not in templates:
        named = f"the template {facts['template']!r}, which is not installed" if "template" in facts else "no template"
        raise NotOurs(f"{path} is of {named}; `tokensheet templates` lists those that can be read")
    formulas, shown, constants = {}, {}, {}
    for sheet in book:
        title, heads = "", dict[int, str]()
        for cells in sheet.iter_rows():
            if colour(cells[0]) == HEAD:
                title, heads = str(cells[0].value), headings(cells)
            for cell in cells:
                place = sheet.title, cell.row - 1, cell.column - 1
                text = cell.value.text if isinstance(cell.value, ArrayFormula) else cell.value
                if cell.data_type == "f":
                    formulas[place] = str(text)
                    shown[place] = stored(values[sheet.title][cell.coordinate].value)
                elif cell.column > 1 and (text is not None or colour(cell) == PALE):
                    spot = sheet.title, title, str(cells[0].value), heads.get(cell.column, "")
                    constants.setdefault(spot, (place, stored(text)))
    return Found(path, templates[facts["template"]], facts, formulas, shown, constants)


def headings(cells: Any) -> dict[int, str]:
    """The heads of a table by column; names that a reader may change count by their number."""
    found, own = {}, 0
    for cell in cells[1:]:
        own += colour(cell) == PALE
        found[cell.column] = f"own {own}" if colour(cell) == PALE else str(cell.value or "")
    return found


def colour(cell: Any) -> str:
    return str(cell.fill.fgColor.rgb)[-6:]


def stored(value: Any) -> Any:
    """A value as the file has it."""
    return to_excel(value) if isinstance(value, datetime) else value
