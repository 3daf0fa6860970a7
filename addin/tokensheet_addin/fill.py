"""The command `tokensheet fill`: a cost grid in a workbook of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from tokensheet_templates import cost_grid
from tokensheet_templates import fill as fill_in

from tokensheet_addin.tables import say
from tokensheet_addin.template_options import arguments_of, with_options_of


@with_options_of(cost_grid)
def fill(
    book: Annotated[Path, typer.Argument(help="The workbook of yours, an .xlsx or .xlsm.")],
    sheet: Annotated[str, typer.Option(help="The sheet in it.")],
    at: Annotated[str, typer.Option(help="The first cell of the grid, such as B4.")],
    force: Annotated[bool, typer.Option("--force", help="Overwrite values that stand there.")] = False,
    **given: str | None,
) -> None:
    """Put a cost grid into a workbook of your own, of which nothing else changes, not by a byte."""
    rows = cost_grid(**arguments_of(cost_grid, given)).to_rows()
    filled = fill_in(book, sheet, at, rows, overwrite=force)
    say(f"filled {filled} of {sheet} in {book}; in Excel, Ctrl+Alt+F9 recalculates what reads these cells")
