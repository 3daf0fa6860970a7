"""A file is written whole or not at all, and changed by one at a time."""

import errno
import functools
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from attacks.files import GOOD, NO_FILES, WRITES, kill, rows_lost, together, write_what_is_read
from command_line import TOKENSHEET, WIDE
from tokensheet import files
from tokensheet.files import DRAFT, FileError, alone, whole_file


def write(path: Path, text: str = "new", *, overwrite: bool = False) -> None:
    with whole_file(path, "w", overwrite=overwrite) as file:
        file.write(text)


def test_texts_are_utf_8_and_keep_their_line_ends(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "é\r\n\n")
    assert (tmp_path / "a.csv").read_bytes() == "é\r\n\n".encode()


def test_an_existing_file_is_not_touched_unasked(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("mine")
    with pytest.raises(FileExistsError, match="exists"):
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


def test_a_draft_is_never_more_open_than_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, modes = tmp_path / "a.key", []
    path.touch(0o600)
    monkeypatch.setattr(os, "fsync", lambda descriptor: modes.append(os.fstat(descriptor).st_mode & 0o777))
    write(path, overwrite=True)
    assert modes == [0o600]


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


def write_while_another_does(path: Path) -> None:
    with whole_file(path, "w") as file:
        file.write("second")
        write(path, "first")


def no_link(*names: Path) -> None:
    raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))


@pytest.mark.parametrize("links", [True, False], ids=["links", "no links"])
def test_of_two_who_write_a_new_file_the_second_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    if not links:  # as on a memory card
        monkeypatch.setattr(os, "link", no_link)
    path = tmp_path / "a.csv"
    with pytest.raises(FileExistsError):
        write_while_another_does(path)
    assert [each.read_text() for each in tmp_path.iterdir()] == ["first"]


def test_a_link_that_leads_nowhere_is_not_followed_unasked(tmp_path: Path) -> None:
    (tmp_path / "a.csv").symlink_to("nonesuch.csv")
    with pytest.raises(FileExistsError, match="is a link to a file that is missing"):
        write(tmp_path / "a.csv")
    assert not (tmp_path / "nonesuch.csv").exists()


@pytest.mark.parametrize("attack", ["a folder", "a pipe", "a socket", "a device without an end", "a link to itself"])
def test_what_is_no_file_is_not_replaced(tmp_path: Path, attack: str) -> None:
    path = tmp_path / "a.csv"
    NO_FILES[attack](path)
    before = path.lstat()
    with pytest.raises(FileExistsError, match="it is no file that can be replaced"):
        write(path, overwrite=True)
    assert path.lstat() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_draft_whose_writer_was_killed_long_ago_is_swept_and_no_other_file(tmp_path: Path) -> None:
    names = [f"{DRAFT}{'0' * 16}", f"{DRAFT}{'1' * 16}", f"{DRAFT}mine", ".hidden"]
    for name in names:
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (0, 0))
    os.utime(tmp_path / names[1])  # somebody is writing it now
    write(tmp_path / "a.csv")
    assert {each.name for each in tmp_path.iterdir()} == {"a.csv", *names[1:]}


def test_who_comes_later_waits_and_is_told_if_it_takes_too_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.csv"
    monkeypatch.setattr(files, "PATIENCE", 0.1)
    with alone(path), pytest.raises(FileError, match=r"another tokensheet is changing .*a\.csv; try"), alone(path):
        pass
    with alone(path), alone(tmp_path / "b.csv"):
        pass
    assert not list(tmp_path.iterdir())


def test_the_lock_of_one_who_was_killed_is_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = f"from tokensheet.files import alone\nwith alone({str(tmp_path / 'a.csv')!r}): print(flush=True); input()"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    monkeypatch.setattr(files, "PATIENCE", 0.1)
    with subprocess.Popen([sys.executable, "-c", code], **pipes) as child:  # type: ignore[call-overload]
        child.stdout.readline()
        with pytest.raises(FileError), alone(tmp_path / "a.csv"):
            pass
        child.kill()
    with alone(tmp_path / "a.csv"):
        pass


def test_rows_that_several_add_at_once_are_all_there(tmp_path: Path) -> None:
    assert rows_lost(tmp_path, 4, 2) == 0


def test_of_several_who_write_one_new_workbook_one_says_that_it_did(tmp_path: Path) -> None:
    assert sorted(together([("new", "training-budget", "out.xlsx")] * 3, tmp_path)) == [0, 2, 2]
    assert [each.name for each in tmp_path.iterdir()] == ["out.xlsx"]


FULL = {name: words for name, (words, _) in WRITES.items()} | {
    "calibrate --to": ("calibrate", "one.csv", "--to", "out.csv", "--force"),
    "new --save-scenario": ("new", "training-budget", "new.xlsx", "--save-scenario", "out.toml", "--force"),
    "addin install bridge": ("addin", "install", "bridge", "--to", "."),
}


@pytest.mark.parametrize("command", FULL)
def test_on_a_full_disk_the_old_file_stays_and_one_line_says_so(tmp_path: Path, command: str) -> None:
    write_what_is_read(tmp_path)
    for name in ("out.csv", "out.toml"):
        (tmp_path / name).write_bytes(GOOD["good.json"] if name == "out.toml" else b"name,total_params\n")
    before = {each.name: each.read_bytes() for each in tmp_path.iterdir()}
    full = functools.partial(resource.setrlimit, resource.RLIMIT_FSIZE, (10, 10))  # bytes that a file may have
    home = WIDE | {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "settings"), "PATH": os.defpath}
    done = subprocess.run(
        [TOKENSHEET, *FULL[command]], cwd=tmp_path, env=home, preexec_fn=full, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert done.stderr.endswith(": File too large\n")
    left = {each.name: each.read_bytes() for each in tmp_path.iterdir() if each.is_file()}
    assert left == before


@pytest.mark.parametrize("command", WRITES)
@pytest.mark.parametrize("kills", [10, pytest.param(200, marks=pytest.mark.nightly)])
def test_a_command_that_is_killed_leaves_the_old_file_or_the_new_one(tmp_path: Path, command: str, kills: int) -> None:
    assert kill(command, kills, tmp_path) == 0
