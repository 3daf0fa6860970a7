"""IronCalc, an independent spreadsheet engine, as a host: formulas in, values out."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import ironcalc


def evaluate(rows: Iterable[tuple[Sequence[float], str]]) -> list[Any]:
    """The value of each formula, whose numbers stand in columns A, B, C … of its row (write `{row}` for the row)."""
    model = ironcalc.create("book", "en", "UTC", "en")
    formulas = 0
    for row, (numbers, formula) in enumerate(rows, 1):
        for column, number in enumerate(numbers, 2):
            model.update_cell_with_number(0, row, column, number)
        model.update_cell_with_formula(0, row, 1, "=" + formula.format(row=row))
        formulas = row
    model.evaluate()
    return [model.get_cell_value(0, row, 1) for row in range(1, formulas + 1)]


def recalculate(path: Path) -> dict[str, Any]:
    """Every formula cell of a workbook after a full recalculation, as `Sheet!A1`."""
    model = ironcalc.load_from_xlsx(str(path), "en", "UTC", "en")
    model.evaluate()
    names = [sheet["name"] for sheet in model.get_worksheets_properties()]
    return {
        f"{names[sheet]}!{ironcalc.column_name_from_number(column)}{row}": model.get_cell_value(sheet, row, column)
        for sheet, row, column in model.get_all_cells()
        if model.get_cell_formula(sheet, row, column)
    }


class Edited:
    """A workbook that somebody types into."""

    def __init__(self, path: Path) -> None:
        self.model = ironcalc.load_from_xlsx(str(path), "en", "UTC", "en")
        self.sheets = [sheet["name"] for sheet in self.model.get_worksheets_properties()]

    def type(self, changes: Mapping[str, Any]) -> None:
        for place, value in changes.items():
            sheet, _, cell = place.partition("!")
            column, row = re.fullmatch(r"([A-Z]+)(\d+)", cell).groups()  # type: ignore[union-attr]
            number = ironcalc.column_number_from_name(column)
            self.model.set_user_input(self.sheets.index(sheet), int(row), number, str(value))
        self.model.evaluate()

    def show(self, place: str) -> Any:
        return self.model.get_cell_value_by_ref(place)
