"""Lines and tables on the terminal, or the same as JSON."""

from __future__ import annotations

import operator
import sys
from typing import Annotated

import typer

GAP = 2  # characters between columns
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def show(header: list[str], rows: list[list[str]], *, wrap: bool = True) -> None:
    """Print a table. In a terminal long texts wrap, if they may; no name and no word is ever cut. In a pipe none wraps.

    The first column has the names.
    """
    from rich.console import Console  # 40 ms, for which nobody waits who reads no table
    from rich.markup import escape
    from rich.table import Table

    cells = [[printable(cell) for cell in row] for row in rows]
    console = Console(highlight=False)
    room = console.width if wrap and console.is_terminal else sys.maxsize
    table = Table(box=None, pad_edge=False, header_style="bold")
    wide = widths([*zip(header, *cells, strict=True)], room)
    for head, width in zip(header, wide, strict=True):
        table.add_column(head, width=width)
    for row in cells:
        table.add_row(*map(escape, row))
    console.width = sum(wide) + GAP * len(wide)
    with console.capture() as captured:
        console.print(table)
    sys.stdout.writelines(f"{line.rstrip()}\n" for line in captured.get().splitlines())


def widths(columns: list[tuple[str, ...]], room: int) -> list[int]:
    """Characters of each column: the widest give way where there is no room, but no name and no word is cut."""
    from rich.cells import cell_len

    whole = [max(map(cell_len, column)) for column in columns]
    least = [max(map(cell_len, " ".join(column).split()), default=0) for column in columns]
    least[0] = max([least[0], *map(cell_len, columns[0][1:])])
    while sum(whole) + GAP * (len(columns) - 1) > room and any(map(operator.gt, whole, least)):
        widest = max(range(len(columns)), key=lambda place: (whole[place] > least[place], whole[place]))
        whole[widest] -= 1
    return whole


def printable(text: str) -> str:
    """The text, where what a workbook or a file name brings cannot steer the terminal."""
    return "".join(each if each.isprintable() or each == "\n" else ascii(each)[1:-1] for each in text)


def say(text: str, style: str = "", *, wrap: bool = False) -> None:
    """Print a text as it stands, or as prose in lines of the terminal's width."""
    if not style and not wrap:
        print(printable(text))
        return
    from rich.console import Console

    Console(highlight=False).print(printable(text), style=style, markup=False, soft_wrap=not wrap)


def say_steps(steps: list[str]) -> None:
    """What is left to the user, numbered."""
    for number, step in enumerate(steps, 1):
        say(f"{number}. {step}")
