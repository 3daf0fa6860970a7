"""Lines and tables on the terminal, or the same as JSON."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def show(header: list[str], rows: list[list[str]], *, wrap: bool = True) -> None:
    """Print a table; unless cells may wrap it is as wide as its widest lines, whatever the terminal."""
    table = Table(*header, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*(escape(printable(cell)) for cell in row))
    console = Console(highlight=False)
    if not wrap:
        console.width = max(console.width, Console(width=1000).measure(table).maximum)
    console.print(table)


def printable(text: str) -> str:
    """The text, where what a workbook or a file name brings cannot steer the terminal."""
    return "".join(each if each.isprintable() or each == "\n" else ascii(each)[1:-1] for each in text)


def say(text: str, style: str = "", *, wrap: bool = False) -> None:
    """Print a text as it stands, or as prose in lines of the terminal's width."""
    Console(highlight=False).print(printable(text), style=style, markup=False, soft_wrap=not wrap)


def say_steps(steps: list[str]) -> None:
    """What is left to the user, numbered."""
    for number, step in enumerate(steps, 1):
        say(f"{number}. {step}")
