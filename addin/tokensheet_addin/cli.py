"""The command line: `tokensheet new`, `fill`, `functions`, `chips`, `models`, `accuracy`, `calibrate`, `prices`, …."""

from __future__ import annotations

import pkgutil
import sys
import warnings
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import tokensheet
import typer

from tokensheet_addin.later import Group, Later
from tokensheet_addin.tables import printable

# Where each command is, and what the list says of it: of a function what its docstring begins with
COMMANDS = {
    "accuracy": ("accuracy:accuracy", "Say how far the estimates are from measurements: the published ones, or yours."),
    "calibrate": (
        "calibrate:calibrate",
        "Correct the estimate's constants to your measurements, and say what that gains on rows left out.",
    ),
    "fill": ("fill:fill", "Put a cost grid into a workbook of your own, of which nothing else changes, not by a byte."),
    "serve": (
        "hosts.bridge:serve_bridge",
        "Serve the functions to Excel on Windows, Mac and the web, with a task pane.",
    ),
    "plugins": ("plugins:list_plugins", "List what other packages add, and what of it does not work and why."),
    "sweep": (
        "sweep:sweep",
        "Answer functions for every combination of inputs, and for draws of those that are not known for sure.",
    ),
    "templates": ("templates:list_templates", "List the workbooks that `tokensheet new` writes."),
    "check": (
        "review:check",
        "Recompute every formula of a workbook, and report what is stale, broken or overwritten: exit code 1 "
        "if any is.",
    ),
    "refresh": (
        "review:refresh",
        "Bring a workbook to today's catalogue, prices and version, keep what you changed, and say what moved and why.",
    ),
    "diff": (
        "review:diff",
        "Compare two workbooks of a template: which inputs differ, what moved on Board, and by which cause how much.",
    ),
    "why": (
        "why:why",
        "Say why something costs what it does: terms with their shares, what binds, what would change it most.",
    ),
    "functions": (
        "functions:list_functions",
        "List the spreadsheet functions, or show one with its arguments, formula, source and example.",
    ),
    "chips": ("catalogue:list_chips", "List the chips of the catalogue, or show one with its sources."),
    "models": ("catalogue:list_models", "List the models of the catalogue, or show one with its source."),
    "new": ("templates:new", "Write a workbook from a template."),
    "model": ("catalogue:own_model", "Models of your own."),
    "addin": ("hosts.commands:addin", "Install the functions in a spreadsheet program."),
    "prices": ("prices:prices", "The lists of API prices that are kept."),
    "plugin": ("plugins:plugin", "Packages that add to tokensheet."),
}


class Commands(Group):
    """The commands, each of which is imported when it is used."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for name, (place, summary) in COMMANDS.items():
            self.commands[name] = Later(name, partial(pkgutil.resolve_name, f"tokensheet_addin.{place}"), summary)


app = typer.Typer(
    help="What does a token cost, and why? Spreadsheet functions and workbooks that price language models.",
    cls=Commands,
    no_args_is_help=True,
)


def main() -> None:
    """Run the command line; whatever is wrong with what the user gave is one line on stderr and exit code 2."""
    warnings.showwarning = warned
    try:
        sys.exit(app(prog_name="tokensheet", standalone_mode=False))
    except OSError as error:
        complain(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except (ValueError, LookupError) as error:
        complain(str(error))
    except Exception as error:
        # Typer's own errors, by name: the base class moved between its releases
        if type(error).__name__ == "NoArgsIsHelpError":
            sys.exit(2)  # the help is printed already
        if not hasattr(error, "format_message"):
            raise
        complain(error.format_message())


def warned(message: Warning | str, *_: Any, **__: Any) -> None:
    """A warning as one line, such as that a plugin is left out."""
    print(f"tokensheet: {printable(' '.join(str(message).split()))}", file=sys.stderr)


def complain(message: str) -> None:
    print(f"tokensheet: {printable(' '.join(message.split()))}", file=sys.stderr)
    sys.exit(2)


@app.callback(invoke_without_command=True)
def options(
    catalogue: Annotated[
        list[Path] | None, typer.Option(help="A file of your own chips or models, laid over the built-in ones.")
    ] = None,
    calibration: Annotated[
        Path | None,
        typer.Option(help="Constants of your own for the estimates, as `tokensheet calibrate` writes them."),
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(metavar="DAY", help="Prices and rents as they were known on a day, as 2026-10-14.")
    ] = None,
    show_version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if as_of:
        tokensheet.use_prices(as_of)
    if catalogue:
        tokensheet.use_catalogue(*catalogue)
    if calibration:
        tokensheet.use_calibration(calibration)
    if show_version:
        from importlib.metadata import version

        print(version("tokensheet"))
