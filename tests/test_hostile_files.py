"""A file that attacks: whichever command reads it says so in one line with exit code 2, soon and in little memory."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from attacks.files import COMMANDS, PACKAGES, READABLE, attacks, prepare, run_command
from command_line import Done, run_here
from tokensheet.catalogue import read
from tokensheet.own_constants import own_constants

# What once took for ever or all memory, in a process of its own that can be killed
FATAL = [
    ("accuracy --data", "a name of 20,000 parts"),
    ("accuracy --data", "64 GB"),
    ("calibrate", "a pipe"),
    ("--calibration", "a device without an end"),
    ("--catalogue", "a pipe"),
    ("model add", "deep lists"),
    ("new --from", "a long dotted key"),
    ("--catalogue of a workbook", "a cell at the end of the sheet"),
    ("fill", "a sheet nested 500,000 deep"),
    ("check", "a part of 300 MB"),
    ("check", "a link from every cell"),
    ("diff", "a sheet merged to its end"),
    ("refresh", "a billion laughs"),
]
SLOW = ("refresh", "diff", "new price-review")  # of what can be read all the same; `check` reads it as they do
SECONDS, MEGABYTES = 20, 600  # what it takes here and now is in docs/reliability.md


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    read.cache_clear()
    own_constants.cache_clear()


def clear(done: Done) -> bool:
    return done.returncode == 2 and done.stderr.startswith("tokensheet: ") and done.stderr.count("\n") == 1


@pytest.mark.parametrize(("command", "attack"), FATAL)
def test_what_could_stop_the_machine_does_not(tmp_path: Path, command: str, attack: str) -> None:
    outcome = run_command(prepare(command, attack, tmp_path), tmp_path)
    assert outcome.is_clear(attack), outcome
    assert outcome.seconds < SECONDS
    assert outcome.megabytes < MEGABYTES


@pytest.mark.parametrize(
    ("command", "attack"),
    [
        (command, attack)
        for command in COMMANDS
        for attack in attacks(command)
        if command not in SLOW or attack not in PACKAGES
    ],
)
def test_a_hostile_file_is_one_line(tmp_path: Path, command: str, attack: str) -> None:
    words = prepare(command, attack, tmp_path)
    before = {each.name for each in tmp_path.iterdir()}
    done = run_here(*words, cwd=tmp_path)
    read_all_the_same = attack in READABLE and done.returncode in (0, 1) and not done.stderr
    assert clear(done) or read_all_the_same, done.stderr
    assert done.returncode == 0 or {each.name for each in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["check", "x[/red].xlsx"], "x[/red].xlsx: No such file or directory"),
        (["check", "a\nb.xlsx"], "a b.xlsx: No such file or directory"),
        (["check", "-"], "-: No such file or directory"),
        (["check", "a\udcff.xlsx"], r"a\udcff.xlsx: No such file or directory"),
        (["check", "a" * 300 + ".xlsx"], "File name too long"),
        (["check", "file/a.xlsx"], "file/a.xlsx: Not a directory"),
        (["new", "training-budget", "folder.xlsx"], "folder.xlsx exists; give --force to replace it"),
        (["new", "training-budget", "folder.xlsx", "--force"], "it is no file that can be replaced"),
        (["new", "training-budget", "link.xlsx"], "link.xlsx is a link to a file that is missing; give --force"),
        (["new", "training-budget", "nowhere/a.xlsx"], "there is no folder nowhere"),
        (["new", "training-budget", "file/a.xlsx"], "there is no folder file"),
        (["new", "training-budget", "a" * 300 + ".xlsx"], "File name too long"),
        (["new", "training-budget", "/proc/a.xlsx"], "/proc/a.xlsx: "),
        (["new", "training-budget", "--save-scenario", "nowhere/a.toml"], "there is no folder nowhere"),
        (["new", "training-budget", "--save-scenario", "/dev/null", "--force"], "/dev/null must end in .toml"),
        (["model", "add", "nonesuch.json"], "nonesuch.json: No such file or directory"),
        (["addin", "install", "bridge", "--to", "file"], "file: "),
        (["addin", "remove", "excel", "--to", "nowhere"], "there is no add-in of tokensheet in "),
        (["serve", "--port", "99999"], "Invalid value for '--port'"),
    ],
    ids=lambda value: value[-1][:30].encode("ascii", "replace").decode() if isinstance(value, list) else "",
)
def test_a_path_that_leads_nowhere_is_one_line(tmp_path: Path, words: list[str], message: str) -> None:
    (tmp_path / "folder.xlsx").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "link.xlsx").symlink_to("nonesuch")
    before = {each.name for each in tmp_path.iterdir()}
    done = run_here(*words, cwd=tmp_path)
    assert clear(done), done.stderr
    assert message in done.stderr
    assert {each.name for each in tmp_path.iterdir()} == before


@pytest.mark.parametrize("name", ["x[/red].xlsx", "a\nb.xlsx", "a\udcff.xlsx", "./-.xlsx", " .xlsx", "漢.xlsx"])
def test_a_workbook_of_any_name_is_written_and_read(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    for words in (["new", "training-budget", name], ["check", name]):
        done = run_here(*words, cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")


def test_a_link_stays_one_and_its_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for there in (False, True):
        (tmp_path / "link.xlsx").unlink(missing_ok=True)
        (tmp_path / "link.xlsx").symlink_to("folder/a.xlsx")
        assert (tmp_path / "folder" / "a.xlsx").exists() == there
        assert run_here("new", "training-budget", "link.xlsx", "--force", cwd=tmp_path).returncode == 0
        assert (tmp_path / "link.xlsx").is_symlink()
        assert (tmp_path / "folder" / "a.xlsx").is_file()
