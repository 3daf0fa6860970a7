"""Whatever is typed into an input of a template: a wrong value is a failing check that names the row, never silence."""

import itertools
import re
from pathlib import Path
from string import ascii_uppercase
from typing import Any

import pytest
from hosts.ironcalc import Edited
from tokensheet.plugins import contributions
from tokensheet_templates.template import Declared
from workbooks import as_stored, input_cells, loaded

TEMPLATES = {name: each for _, name, each in contributions("templates") if isinstance(each, Declared)}
# Than by default, so that it is done sooner
SMALLER: dict[str, dict[str, Any]] = {"cost-grid": {"chips": ["H100"], "models": ["gpt-oss-120b"]}}
WRONG: tuple[Any, ...] = ("", "abc", -1, 0, 2.5, 1e30, "no such")
MASTER, FIRST_CHECK = "Checks!A3", 6
UNLIKELY = re.compile(r"(\w+), row (\d+), .*: (?:usually (\S+) to (\S+)|at most row \d)")  # alerts on what is typed


@pytest.fixture(scope="module", params=TEMPLATES)
def book(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    small = SMALLER.get(request.param, {})
    return TEMPLATES[request.param](**small).save(tmp_path_factory.mktemp("inputs") / f"{request.param}.xlsx")


def numbers_and_choices(path: Path) -> dict[str, Any]:
    """The cells to change but for those that hold words of the reader's own."""
    pages = loaded(path)
    cells = {}
    for place, value in input_cells(path).items():
        sheet, _, cell = place.partition("!")
        rules = [rule for rule in pages[sheet].data_validations.dataValidation if cell in rule.sqref]
        if any(rule.type != "textLength" for rule in rules):
            cells[place] = None if value is None else as_stored(value)
    return cells


def may_stand(path: Path, place: str, value: Any) -> bool:
    """Whether the cell's own rule takes the value: a zero that is within limits, a blank for what is nobody's own."""
    sheet, _, cell = place.partition("!")
    page = loaded(path, data_only=True)[sheet]
    rule = next(
        rule for rule in page.data_validations.dataValidation if cell in rule.sqref and rule.type != "textLength"
    )
    if value == "":
        return str(rule.prompt).startswith("blank")
    if rule.type == "list" or isinstance(value, str):
        return False
    least, most = (limit(page, cell, text) for text in (rule.formula1, rule.formula2))
    return bool(least <= value <= most and (rule.type == "decimal" or value % 1 == 0))


def limit(page: Any, cell: str, text: str) -> float:
    """A limit of a rule, which is a number or a column of the same row."""
    if "$" not in text:
        return float(text)
    column, row = text.strip("$").partition("$")[0].rstrip("0123456789"), cell.lstrip(ascii_uppercase)
    return float(as_stored(page[column + row].value))


def labels(path: Path) -> dict[str, dict[int, list[str]]]:
    """By sheet and row what checks on rows are about: the cells of their results."""
    found: dict[str, dict[int, list[str]]] = {}
    for row in loaded(path)["Checks"].iter_rows(min_row=FIRST_CHECK):
        if about := re.match(r"(\w+), row (\d+), ", str(row[0].value)):
            found.setdefault(about[1], {}).setdefault(int(about[2]), []).append(f"Checks!C{row[0].row}")
    return found


def unlikely(path: Path) -> dict[str, tuple[str, list[float]]]:
    """By the cell of each alert on a row, the first cell to change there and the values that are to raise it."""
    found, cells = {}, [*numbers_and_choices(path)]
    for row in loaded(path)["Checks"].iter_rows(min_row=FIRST_CHECK):
        if about := UNLIKELY.match(str(row[0].value)):
            place = next(cell for cell in cells if re.fullmatch(f"{about[1]}![A-Z]+{about[2]}", cell))
            least, most = float(about[3] or 0), float(about[4] or 1e9)
            values = [value for value in (least / 1000, least * 0.9, most * 1.1, most * 1000) if value]
            found[f"Checks!C{row[0].row}"] = place, [value for value in values if may_stand(path, place, value)]
    return found


def test_every_unlikely_value_is_an_alert_that_names_its_row(book: Path) -> None:
    edited, cells, alerts, silent = Edited(book), numbers_and_choices(book), unlikely(book), []
    assert alerts
    for alert, (place, values) in alerts.items():
        assert edited.show(alert) == 1
        assert values, alert
        for value in values:
            edited.type({place: value})
            if edited.show(alert):
                silent.append((alert, place, value))
        edited.type({place: "" if cells[place] is None else cells[place]})
    assert str(edited.show(MASTER)) == "All checks pass"
    assert not silent, f"{len(silent)}: {silent[:10]}"


# Of the pairs of a cell and a value every third, which in each cell are two or three and in all cells every value
@pytest.mark.parametrize("every", [3, pytest.param(1, marks=pytest.mark.nightly)], ids=["every third", "all"])
def test_every_wrong_value_is_a_failing_check_that_names_its_row(book: Path, every: int) -> None:
    edited, checks, silent, turn = Edited(book), labels(book), [], itertools.count()
    for place, old in numbers_and_choices(book).items():
        sheet, _, cell = place.partition("!")
        row = int(cell.lstrip(ascii_uppercase))
        its = checks[sheet][max(first for first in checks[sheet] if first <= row)]
        for value in [value for value in WRONG if next(turn) % every == 0]:
            if not may_stand(book, place, value):
                edited.type({place: value})
                said = str(edited.show(MASTER))
                if all(edited.show(check) for check in its) or not said.startswith("A check fails: "):
                    silent.append((place, value, said))
        edited.type({place: "" if old is None else old})
    assert str(edited.show(MASTER)) == "All checks pass"
    assert not silent, f"{len(silent)}: {silent[:10]}"
