"""A file is written whole or not at all."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tokensheet.files import whole_file


def write(path: Path, text: str = "new", *, overwrite: bool = False) -> None:
    with whole_file(path, "w", overwrite=overwrite) as file:
        file.write(text)


def test_texts_are_utf_8_and_keep_their_line_ends(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "é\r\n\n")
    assert (tmp_path / "a.csv").read_bytes() == "é\r\n\n".encode()


def test_an_existing_file_is_not_touched_unasked(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("mine")
    with pytest.raises(FileExistsError, match="exists already"):
        write(path)
    assert path.read_text() == "mine"
    write(path, overwrite=True)
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def write_half(path: Path) -> None:
    with whole_file(path, overwrite=True) as file:
        file.write(b"half")
        raise KeyboardInterrupt


@pytest.mark.parametrize("there", [True, False], ids=["replaced", "new"])
def test_whatever_goes_wrong_nothing_has_changed(tmp_path: Path, there: bool) -> None:
    path = tmp_path / "a.csv"
    if there:
        path.write_text("mine")
    with pytest.raises(KeyboardInterrupt):
        write_half(path)
    assert [each.read_text() for each in tmp_path.iterdir()] == ["mine"] * there


def test_a_file_keeps_its_mode_and_a_new_one_has_the_usual(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        path = tmp_path / "a.csv"
        write(path)
        assert path.stat().st_mode & 0o777 == 0o640
        path.chmod(0o606)  # what the umask would take away, too
        write(path, overwrite=True)
        assert path.stat().st_mode & 0o777 == 0o606
    finally:
        os.umask(old)


def test_a_draft_is_never_more_open_than_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.key"
    path.touch(0o600)
    with whole_file(path, overwrite=True) as file:
        assert os.fstat(file.fileno()).st_mode & 0o077 == 0


@pytest.mark.parametrize("there", [True, False], ids=["replaced", "new"])
def test_a_link_stays_one(tmp_path: Path, there: bool) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    if there:
        (folder / "a.csv").write_text("mine")
    (tmp_path / "link.csv").symlink_to(folder / "a.csv")
    write(tmp_path / "link.csv", overwrite=True)
    assert (tmp_path / "link.csv").is_symlink()
    assert (folder / "a.csv").read_text() == "new"


@pytest.mark.parametrize("name", ["nowhere/a.csv", "folder", "a" * 300])
def test_what_cannot_be_written_is_named_as_the_user_named_it(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    path = tmp_path / name
    with pytest.raises(OSError) as raised:  # noqa: PT011  (which, depends on the case)
        write(path, overwrite=True)
    assert raised.value.filename == str(path)
    assert list(tmp_path.rglob("*")) == [tmp_path / "folder"]


def test_what_goes_wrong_with_another_file_is_named_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as raised, whole_file(tmp_path / "a.csv"):
        (tmp_path / "other.csv").read_text()
    assert raised.value.filename == str(tmp_path / "other.csv")


SAVES = """
import sys
from pathlib import Path
from tokensheet_templates.training_budget import training_budget
one, two = (training_budget(date="2026-11-27", lost=share) for share in (0.1, 0.2))
for name, book in (("one", one), ("two", two), ("book", one)):
    book.save(Path(sys.argv[1]) / f"{name}.xlsx")
print("ready", flush=True)
while True:
    for book in (one, two):
        book.save(Path(sys.argv[1]) / "book.xlsx", overwrite=True)
"""


def test_a_workbook_whose_saving_is_killed_is_the_old_one_or_the_new_one(tmp_path: Path) -> None:
    """Killed at twelve random moments of saving it over and over."""
    moments = random.Random(1)
    for place in range(12):
        folder = tmp_path / str(place)
        folder.mkdir()
        with subprocess.Popen([sys.executable, "-c", SAVES, str(folder)], stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
            time.sleep(0.3 + moments.random() / 2)
            child.kill()
        whole = {(folder / f"{name}.xlsx").read_bytes() for name in ("one", "two")}
        assert len(whole) == 2
        assert (folder / "book.xlsx").read_bytes() in whole
