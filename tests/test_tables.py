"""Tables on the terminal: whole in a pipe, and nowhere a name or a word that is cut."""

import csv
import fcntl
import json
import os
import pty
import struct
import subprocess
import termios
from contextlib import suppress
from io import StringIO

import pytest
import tokensheet as ts
from command_line import TOKENSHEET, run, run_here
from hypothesis import given
from hypothesis import strategies as st
from tokensheet.texts import from_csv
from tokensheet_addin.tables import GAP, widths

CELLS = st.lists(st.text("ab ", max_size=12).map(str.strip), min_size=3, max_size=3).map(tuple)


@given(st.lists(CELLS, min_size=1, max_size=5), st.integers(1, 80))
def test_columns_give_way_to_the_room_but_not_to_less_than_a_word(columns: list[tuple[str, ...]], room: int) -> None:
    wide = widths(columns, room)
    for column, width in zip(columns, wide, strict=True):
        assert max(map(len, " ".join(column).split()), default=0) <= width <= max(map(len, column))
    assert wide[0] >= max(map(len, columns[0][1:]))  # a name is never wrapped
    assert sum(widths(columns, 10_000)) >= sum(wide)
    if sum(wide) + GAP * (len(wide) - 1) > room:  # there is no way to make it narrower
        assert wide == widths(columns, 1)


def test_in_a_pipe_each_row_is_a_line() -> None:
    lines = run("models").stdout.splitlines()[1:]
    assert [line.split("  ")[0] for line in lines] == list(ts.models())
    assert all(line == line.rstrip() for line in lines)


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_in_a_terminal_no_name_is_cut(columns: int) -> None:
    shown = in_a_terminal(columns, "chips")
    assert all(name in shown for name in ts.chips())
    assert "scale_out_bandwidth" in shown
    assert "…" not in shown


@pytest.mark.parametrize(
    "command",
    ["functions", "chips", "models", "templates", "plugins", "prices list", "addin status",
     "why decode-cost --model DeepSeek-V3 --chip H200 --batch 64 --context 4096"],
)  # fmt: skip
def test_what_is_json_is_csv_too(command: str) -> None:
    data, text = (run_here(*command.split(), form).stdout for form in ("--json", "--csv"))
    found, rows = json.loads(data), list(csv.DictReader(StringIO(text)))
    listed = [*found["terms"], *found["inputs"]] if isinstance(found, dict) else found
    assert len(rows) == len(listed)
    for row, each in zip(rows, listed, strict=True):
        for key, value in each.items():
            if isinstance(value, float):
                assert float(row[key]) == value
            elif isinstance(value, str):
                assert from_csv(row[key]) == value
    both = run_here(*command.split(), "--json", "--csv")
    assert (both.returncode, both.stderr) == (2, "tokensheet: give --json or --csv, not both\n")


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("tokensheet ch", ["check", "chips"]),
        ("tokensheet new pric", ["price-drivers", "price-forensics", "price-review", "pricing-sheet"]),
        ("tokensheet new cost-grid --mod", ["--models"]),
        ("tokensheet models DeepSeek-V3", ["DeepSeek-V3", "DeepSeek-V3.2"]),
        ("tokensheet functions COMPUTE", ["COMPUTE_TIME"]),
    ],
)
def test_a_shell_completes_commands_options_and_names(words: str, completed: list[str]) -> None:
    asked = {"COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - 1), "_TOKENSHEET_COMPLETE": "complete_bash"}
    done = subprocess.run([TOKENSHEET], capture_output=True, text=True, env=asked)
    assert done.stdout.split() == completed


def in_a_terminal(columns: int, *arguments: str) -> str:
    """What a command shows in a terminal of so many columns."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    shown = b""
    with subprocess.Popen([TOKENSHEET, *arguments], stdout=its, env={"TERM": "xterm"}), open(ours, "rb", 0) as screen:
        os.close(its)
        with suppress(OSError):  # which a terminal gives at its end
            while part := screen.read(65536):
                shown += part
    return shown.decode()
