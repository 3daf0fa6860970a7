"""`tokensheet check`, `refresh` and `diff`: what became of a workbook, and why its numbers moved."""

import json
import shutil
import zipfile
from pathlib import Path

import openpyxl
import pytest
from command_line import run_here
from hosts.ironcalc import Edited
from tokensheet_templates.found import NotOurs, read_workbook
from tokensheet_templates.pricing_sheet import pricing_sheet
from tokensheet_templates.review import CAUSES, changes, check_workbook, moves, refreshed
from workbooks import loaded


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pricing_sheet(date="2026-11-27").save(tmp_path_factory.mktemp("review") / "made.xlsx")


def edited(path: Path, to: Path, old: bytes, new: bytes, sheet: str) -> Path:
    """A copy in whose sheet one piece of XML is another."""
    names = openpyxl.load_workbook(path, read_only=True).sheetnames
    part = f"xl/worksheets/sheet{names.index(sheet) + 1}.xml"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(to, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == part:
                assert old in content
                content = content.replace(old, new, 1)
            target.writestr(name, content)
    return to


def typed_into(path: Path, to: Path, label: str, value: float, sheet: str = "Inputs", column: str = "E") -> Path:
    """A copy that somebody has typed a number into, as a program would save it: with the old values of formulas."""
    row = next(row[0].row for row in loaded(path)[sheet].iter_rows(max_col=1) if row[0].value == label)
    cell = loaded(path)[sheet][f"{column}{row}"]
    names = openpyxl.load_workbook(path, read_only=True).sheetnames
    with zipfile.ZipFile(path) as source:
        xml = source.read(f"xl/worksheets/sheet{names.index(sheet) + 1}.xml").decode()
    start = xml.index(f'<c r="{cell.coordinate}"')
    end = xml.index(">", start) + 1 if xml[xml.index(">", start) - 1] == "/" else xml.index("</c>", start) + 4
    style = xml[start:].partition(' s="')[2].partition('"')[0]
    new = f'<c r="{cell.coordinate}" s="{style}"><v>{value}</v></c>'
    return edited(path, to, xml[start:end].encode(), new.encode(), sheet)


def test_a_workbook_as_it_was_made_has_no_flaw(made: Path) -> None:
    assert check_workbook(made) == []
    assert run_here("check", str(made)).returncode == 0


@pytest.mark.parametrize("flavour", ["lambda", "udf", "officejs"])
def test_a_workbook_of_any_flavour_can_be_checked(tmp_path: Path, flavour: str) -> None:
    assert check_workbook(pricing_sheet().save(tmp_path / "book.xlsx", flavour)) == []


def test_a_number_typed_over_a_formula_is_named(made: Path, tmp_path: Path) -> None:
    path = typed_into(made, tmp_path / "typed.xlsx", "Gross profit", 5, "Profit", "D")
    (flaw,) = check_workbook(path)
    assert (flaw.place.partition("!")[0], flaw.what) == ("Profit", "overwritten")
    done = run_here("check", str(path))
    assert done.returncode == 1
    assert "overwritten" in done.stdout


def test_an_input_that_was_changed_without_recalculation_leaves_stale_cells(made: Path, tmp_path: Path) -> None:
    path = typed_into(made, tmp_path / "stale.xlsx", "Growth a month", 0.1)
    found = check_workbook(path)
    assert {flaw.what for flaw in found} == {"stale"}
    assert any(flaw.place.startswith("Profit!") for flaw in found)


def test_refresh_keeps_what_was_changed_and_takes_the_rest_anew(made: Path, tmp_path: Path) -> None:
    path = typed_into(made, tmp_path / "mine.xlsx", "Growth a month", 0.1)
    path = typed_into(path, tmp_path / "mine2.xlsx", "Own rent; blank for the catalogue's", 2.5, "Catalogue", "C")
    path = typed_into(path, tmp_path / "mine3.xlsx", "Tokens given away", 0.03)
    done = run_here("refresh", str(path), str(tmp_path / "new.xlsx"))
    assert done.returncode == 0, done.stderr
    assert "it keeps: free_share, growth" in done.stdout
    new = read_workbook(tmp_path / "new.xlsx")
    assert new.inputs()["growth"] == (0.03, 0.1, 0.15)
    assert ("Catalogue", "Chips", "Own rent; blank for the catalogue's", "B200 SXM") in new.constants
    assert new.constants["Catalogue", "Chips", "Own rent; blank for the catalogue's", "B200 SXM"][1] == 2.5
    assert check_workbook(tmp_path / "new.xlsx") == []
    assert new.log[-1][2] == "tokensheet refresh"
    again = refreshed(new).save(tmp_path / "again.xlsx")
    assert len(read_workbook(again).log) == 2


def test_refresh_says_what_it_leaves_behind_and_touches_the_old_file_not_at_all(made: Path, tmp_path: Path) -> None:
    path = typed_into(made, tmp_path / "typed.xlsx", "Gross profit", 5, "Profit", "D")
    before = path.read_bytes()
    done = run_here("refresh", str(path))
    assert "left behind: Profit!D" in done.stdout
    assert path.read_bytes() == before
    assert (tmp_path / "typed-refreshed.xlsx").exists()
    assert run_here("refresh", str(path)).returncode == 2  # the new file is there already


def test_the_causes_add_up_to_what_moved(made: Path, tmp_path: Path) -> None:
    other = pricing_sheet(date="2026-11-27", growth=0.1, bandwidth_efficiency=0.8, planned_utilization=0.55)
    old, new = read_workbook(made), read_workbook(other.save(tmp_path / "other.xlsx"))
    moved = moves(old, new)
    assert moved
    for each in moved:
        assert sum(each.causes.values()) == pytest.approx(each.new - each.old, rel=1e-9, abs=1e-12)
        assert {*each.causes} == {*CAUSES}
    value = next(each for each in moved if each.what.startswith("Net present value"))
    assert value.causes["constants"] != 0
    assert value.causes["inputs"] != 0
    assert value.causes["formulas"] == 0
    assert {each.what for each in changes(old, new)} == {"growth", "bandwidth_efficiency", "planned_utilization"}


def test_diff_speaks_to_people_and_to_programs(made: Path, tmp_path: Path) -> None:
    other = pricing_sheet(date="2026-11-27", growth=0.1).save(tmp_path / "other.xlsx")
    said = run_here("diff", str(made), str(other)).stdout
    assert "growth" in said
    assert "of it inputs" in said
    data = json.loads(run_here("diff", str(made), str(other), "--json").stdout)
    assert [each["what"] for each in data["inputs"]] == ["growth"]
    assert run_here("diff", str(made), str(made)).stdout.split("\n")[:2] == [
        "the inputs are the same", "nothing on Board moved",
    ]  # fmt: skip


def test_a_review_is_a_workbook_whose_causes_add_up(made: Path, tmp_path: Path) -> None:
    other = pricing_sheet(date="2026-11-27", growth=0.1).save(tmp_path / "other.xlsx")
    done = run_here("diff", str(made), str(other), "--to", str(tmp_path / "review.xlsx"))
    assert done.returncode == 0, done.stderr
    page = loaded(tmp_path / "review.xlsx", data_only=True)["Checks"]
    assert page["A3"].value == "All checks pass"
    again = run_here("new", "price-review", str(tmp_path / "again.xlsx"), "--old", str(made), "--new", str(other))
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "again.xlsx").read_bytes() == (tmp_path / "review.xlsx").read_bytes()


def test_each_move_is_in_the_unit_that_board_has(made: Path, tmp_path: Path) -> None:
    other = read_workbook(pricing_sheet(date="2026-11-27", other_cogs=0.13).save(tmp_path / "other.xlsx"))
    units = {each.what: each.unit for each in moves(read_workbook(made), other)}
    assert units["Net present value of 36 months"] == "$"
    assert units["Gross margin of the month looked at"] == "%"
    assert units["DeepSeek-V3.2 output"] == "$/Mtok"


def test_what_is_no_workbook_of_ours_is_one_line(tmp_path: Path) -> None:
    readme = tmp_path / "readme.xlsx"
    readme.write_text("no zip")
    book = tmp_path / "own.xlsx"
    openpyxl.Workbook().save(book)
    for path in (readme, book, tmp_path / "missing.xlsx"):
        done = run_here("check", str(path))
        assert done.returncode == 2, path
        assert done.stderr.count("\n") == 1
    with pytest.raises(NotOurs, match="of no template"):
        read_workbook(book)


def test_a_workbook_saved_by_libreoffice_can_still_be_read(made: Path, tmp_path: Path) -> None:
    """What a spreadsheet program makes of the file on saving is not what we wrote; the numbers and labels are."""
    assert shutil.which("soffice")
    engine = Edited(made)
    assert engine.show("Checks!A3") == "All checks pass"
