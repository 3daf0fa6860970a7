"""What every template has to pass, whoever wrote it: four engines, the schema of the file, and the score."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import engines
import pytest
import xlsxwriter
from hosts import formulon, ironcalc
from score_templates import score
from tokensheet.plugins import contributions
from workbooks import cached, differences, formulas, poisoned

PASSES = 42  # of the 46 that validation/score_templates.py gives
TEMPLATES = {name: template for _, name, template in contributions("templates")}


@pytest.fixture(scope="module", params=TEMPLATES)
def name(request: pytest.FixtureRequest) -> str:
    """A template: what is asked of one follows on each other, so that a worker writes and reads its workbook once."""
    return str(request.param)


@pytest.fixture(scope="module")
def written(name: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the command line writes without options."""
    return TEMPLATES[name]().save(tmp_path_factory.mktemp("template") / f"{name}.xlsx")


@pytest.fixture
def host(request: pytest.FixtureRequest) -> Any:
    """An engine: whatever has `recalculate`."""
    return {"ironcalc": ironcalc, "formulon": formulon}.get(request.param) or request.getfixturevalue(request.param)


@pytest.mark.parametrize("host", ["libreoffice", "gnumeric", "ironcalc", "formulon"], indirect=True)
def test_every_engine_computes_what_the_file_says(name: str, host: Any, written: Path, tmp_path: Path) -> None:
    wrong = differences(cached(written), host.recalculate(poisoned(written, tmp_path / written.name)), within=1e-9)
    texts = formulas(written)
    shown = [f"{place} {texts[place]}: {value} in the file, {found}" for place, (value, found) in wrong.items()]
    assert len(texts) == engines.recorded()[name]["formulas"], "run: python validation/engines.py"
    assert not wrong, f"{len(wrong)} of {len(texts)} formulas, first " + "\n".join(shown[:10])


def test_the_poison_is_in_every_formula_and_nowhere_else(written: Path, tmp_path: Path) -> None:
    copy = poisoned(written, tmp_path / written.name)
    assert set(cached(copy).values()) == {2345678}
    assert formulas(copy) == formulas(written)


def test_every_part_of_the_file_is_valid(written: Path, assert_valid_xlsx: Callable[[Path], None]) -> None:
    """By the schemas of the Open XML SDK, those of ISO 29500-4 with what Office itself asks for beyond them."""
    assert_valid_xlsx(written)


@pytest.mark.parametrize(
    ("part", "right", "broken"),
    [
        ("xl/workbook.xml", b'<sheet name="About"', b'<sheet title="About"'),
        ("xl/worksheets/sheet1.xml", b"<sheetData", b"<data/><sheetData"),
        ("xl/styles.xml", b'<family val="2"/>', b'<family val="two"/>'),
        ("xl/charts/chart1.xml", b"<c:plotArea>", b"<c:plotArea><c:plot/>"),
        ("docProps/app.xml", b"<Application>", b"<Program/><Application>"),
    ],
)
def test_a_part_that_is_not_valid_is_found(
    part: str, right: bytes, broken: bytes, tmp_path: Path, assert_valid_xlsx: Callable[[Path], None]
) -> None:
    with xlsxwriter.Workbook(tmp_path / "right.xlsx") as book:
        sheet, chart = book.add_worksheet("About"), book.add_chart({"type": "line"})
        chart.add_series({"values": "=About!$A$1:$A$2"})
        sheet.insert_chart("B1", chart)
    assert_valid_xlsx(tmp_path / "right.xlsx")
    with zipfile.ZipFile(book.filename) as parts, zipfile.ZipFile(tmp_path / "broken.xlsx", "w") as changed:
        for each in parts.namelist():
            text = parts.read(each)
            changed.writestr(each, text.replace(right, broken, 1) if each == part else text)
    with pytest.raises(pytest.fail.Exception, match="Validation failed"):
        assert_valid_xlsx(tmp_path / "broken.xlsx")


def test_a_reviewer_would_pass_every_template(written: Path) -> None:
    points = score(written)
    lost = {point.what: point.why for point in points if point.score < 2}
    assert sum(point.score for point in points) >= PASSES, lost
