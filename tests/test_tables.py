"""Tables on the terminal: whole in a pipe, and nowhere a name or a word that is cut."""

import fcntl
import os
import pty
import struct
import subprocess
import termios
from contextlib import suppress

import pytest
import tokensheet as ts
from command_line import TOKENSHEET, run
from hypothesis import given
from hypothesis import strategies as st
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
