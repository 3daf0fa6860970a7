"""Lines and tables on the terminal, or the same as JSON or CSV."""

from __future__ import annotations

import csv
import json
import operator
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from tokensheet.texts import in_csv

GAP = 2  # characters between columns
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Csv = Annotated[bool, typer.Option("--csv", help="Print CSV instead of a table.")]


def print_data(data: Any, rows: Sequence[Mapping[str, Any]], as_json: bool, as_csv: bool) -> bool:
    """Print data as JSON, or rows of it as CSV, if that is asked for; says whether it was."""
    if as_json and as_csv:
        raise ValueError("give --json or --csv, not both")
    if as_json:
        print(json.dumps(data, indent=2))
    if as_csv:
        flat = [flattened(row) for row in rows]
        writer = csv.DictWriter(
            sys.stdout, list(dict.fromkeys(key for row in flat for key in row)), lineterminator="\n"
        )
        writer.writeheader()
        writer.writerows(flat)
    return as_json or as_csv


def flattened(row: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """A row whose cells are values: what has names of its own becomes columns, a list its JSON."""
    found: dict[str, Any] = {}
    for key, value in row.items():
        if isinstance(value, Mapping):
            found |= flattened(value, f"{before}{key}_")
        else:
            text = json.dumps(value) if isinstance(value, list) else value
            found[f"{before}{key}"] = in_csv(text) if isinstance(text, str) else text
    return found


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


@contextmanager
def working(on: str) -> Iterator[None]:
    """Say on a terminal what takes a while, until it is done."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(on):
        yield


def say_steps(steps: list[str]) -> None:
    """What is left to the user, numbered."""
    for number, step in enumerate(steps, 1):
        say(f"{number}. {step}")
