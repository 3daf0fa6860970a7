"""The cookbook: a formula, Python and a workbook give what its page says, and its picture shows it."""

import html
import re
from collections.abc import Iterator
from typing import Any

import cookbook
import pytest
import tokensheet as ts
from hosts.libreoffice import LibreOffice
from xlsxwriter import Workbook

RUN = "run: python docs/cookbook.py"
SAID = re.compile(r"^(=.*)\n    (\S+)", re.MULTILINE)  # a formula, and below it what it gives
NEEDS_PRICES = "API_PRICE"  # of which LibreOffice's Python has no lists


def near(found: Any, wanted: Any, within: float) -> bool:
    return bool(found == (wanted if isinstance(wanted, str) else pytest.approx(wanted, rel=within)))


@pytest.fixture
def prices_of_its_day() -> Iterator[None]:
    ts.use_prices(cookbook.DAY)
    yield
    ts.use_prices()


@pytest.mark.parametrize("name", cookbook.recipes())
@pytest.mark.xdist_group("cookbook")
@pytest.mark.usefixtures("prices_of_its_day")
def test_a_recipe_says_what_formula_python_and_workbook_give(name: str) -> None:
    cells, values = cookbook.computed(name)
    assert cells
    for key, line in cookbook.recipes()[name]["lines"].items():
        assert near(cookbook.in_python(line, values), values[key], 1e-9), key
        assert "is" not in line or near(values[key], cells[line["is"]].value, 5e-4), key
    assert cookbook.page(name) == (cookbook.FOLDER / f"{name}.md").read_text(encoding="utf-8"), RUN


@pytest.mark.parametrize("name", cookbook.recipes())
@pytest.mark.xdist_group("cookbook")
@pytest.mark.usefixtures("prices_of_its_day")
def test_a_picture_shows_the_recipes_numbers(name: str) -> None:
    picture = (cookbook.FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    assert cookbook.described(name) in html.unescape(picture), RUN
    assert len(picture) < 60_000


def test_the_index_has_every_recipe_and_no_page_is_left_of_one_that_is_gone() -> None:
    assert cookbook.index() == (cookbook.HERE / "cookbook.md").read_text(encoding="utf-8"), RUN
    for kind in ("*.md", "*.svg"):
        assert {path.stem for path in cookbook.FOLDER.glob(kind)} == {*cookbook.recipes()}


def test_the_formulas_compute_in_libreoffice(libreoffice: LibreOffice) -> None:
    """Those of all pages in one workbook, each as the page says below it."""
    pages = [path.read_text(encoding="utf-8") for path in cookbook.FOLDER.glob("*.md")]
    said = [each for page in pages for each in SAID.findall(page) if NEEDS_PRICES not in each[0]]
    path = libreoffice.folder / "cookbook.xlsx"
    with Workbook(path) as book:
        sheet = book.add_worksheet("Cookbook")
        for row, (formula, _) in enumerate(said):
            sheet.write_formula(row, 0, formula)
    found = libreoffice.recalculate(path)
    assert [(formula, cookbook.shown(found[f"Cookbook!A{row}"])) for row, (formula, _) in enumerate(said, 1)] == said
