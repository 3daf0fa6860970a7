"""Acme's own spreadsheet as a host of tokensheet."""

from typing import Annotated

import typer
from tokensheet_addin.hosts import Status

name = "Acme Desk"


def status() -> Status:
    return Status(["Acme Desk 3"], ["tokensheet addin install acme-desk WHOSE"])


def install(whose: Annotated[str, typer.Argument(help="Whose desk.")]) -> None:
    """Put the functions on a desk at Acme."""
    print(f"on {whose}'s desk")
