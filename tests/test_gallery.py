"""What a visitor opens first: the workbooks of the default inputs, and the pictures of their Boards."""

import re
import zipfile

import gallery
import pytest
from tokensheet_templates import kernel
from tokensheet_templates.found import built, read_workbook
from tokensheet_templates.review import check_workbook

OURS = dict(gallery.ours())


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
