"""What a visitor opens first: the workbooks of the default inputs, and the pictures of their Boards."""

import re
import zipfile
from pathlib import Path

import gallery
import pytest
import terminal_picture
import tokensheet as ts
from tokensheet_templates import kernel
from tokensheet_templates.found import built, read_workbook
from tokensheet_templates.review import check_workbook

OURS = dict(gallery.ours())
ROOT = Path(__file__).parents[1]
SHOWN = re.compile(r"(?:!\[[^]]*\]\(|<img src=\")(?!\w+:)([^)\"]+)[)\"]")
PICTURES = {
    path.relative_to(ROOT / "docs").as_posix(): path
    for path in (ROOT / "docs").rglob("*.*")
    if path.suffix in (".png", ".svg", ".gif") and path.name != "icon.svg"  # the site's own
}


@pytest.mark.parametrize("name", OURS)
def test_the_workbook_in_the_repository_is_what_the_template_writes(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Formulas and values, numbers of the catalogue and texts, as of the workbook's own day and version."""
    path = gallery.BOOKS / f"{name}.xlsx"
    found = read_workbook(path)
    monkeypatch.setattr(kernel, "version", lambda package: found.facts["tokensheet version"])
    again = built(OURS[name], {"date": found.facts["date"]}, {})
    assert check_workbook(path) == [], f"run: python docs/gallery.py {name}"
    assert found.constants == again.constants, f"run: python docs/gallery.py {name}"
    assert found.formulas == again.formulas


@pytest.mark.parametrize("name", OURS)
def test_no_part_of_a_workbook_runs_or_fetches_anything(name: str) -> None:
    """As SECURITY.md promises."""
    with zipfile.ZipFile(gallery.BOOKS / f"{name}.xlsx") as package:
        parts = package.namelist()
    assert not [
        each for each in parts if re.search("vba|macro|external|quer|connection|embed|activex|script", each, re.I)
    ]


@pytest.mark.parametrize("name", OURS)
def test_there_is_a_picture_of_each_board(name: str) -> None:
    assert (gallery.PICTURES / f"{name}.png").read_bytes().startswith(b"\x89PNG")


def test_no_workbook_or_picture_is_left_of_a_template_that_is_gone() -> None:
    assert {path.stem for path in gallery.BOOKS.glob("*.xlsx")} == {*OURS}
    assert {path.stem for path in gallery.PICTURES.glob("*.png")} == {*OURS}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_shown_and_something_makes_it(name: str) -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    shown = {
        (page.parent / each).resolve() for page in pages for each in SHOWN.findall(page.read_text(encoding="utf-8"))
    }
    assert PICTURES[name].resolve() in shown
    makers = [*(ROOT / "docs").glob("*.py"), *(ROOT / "validation").glob("*.py")]
    folder, _, file = name.rpartition("/")
    said = {name, f"{folder}/"} if folder else {file}
    assert any(each in path.read_text(encoding="utf-8") for path in makers for each in said)


def test_just_pictures_makes_those_of_programs_in_use() -> None:
    recipe = (ROOT / "Justfile").read_text(encoding="utf-8").partition("\npictures:\n")[2].partition("\n\n")[0]
    for script in ("gallery", *sorted(path.stem for path in (ROOT / "docs").glob("*_picture.py"))):
        assert f"docs/{script}.py" in recipe


def test_the_picture_of_the_terminal_shows_what_the_commands_print() -> None:
    words = re.compile(r">([^<>]*)</text>")
    kept = terminal_picture.PICTURE.read_text(encoding="utf-8")
    now = terminal_picture.picture(terminal_picture.session())
    assert words.findall(kept) == words.findall(now), "run: python docs/terminal_picture.py"


def test_what_is_said_of_the_film_is_what_the_cells_give() -> None:
    costs = [f"${1e6 * ts.decode_cost('DeepSeek-V3', chip, 64, 4096, 8):.2f}" for chip in ("H200", "B200")]
    told = re.search(r"!\[(.*)\]\(docs/libreoffice\.gif\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert told
    assert re.findall(r"\$[\d.]*\d", told[1]) == costs, "run: python docs/libreoffice_picture.py"
