"""The commands `tokensheet addin …`: write, install, look at and remove the add-in of each host."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tokensheet_addin.files import may_write

addin = typer.Typer(help="Install the functions in a spreadsheet program.", no_args_is_help=True)
install = typer.Typer(help="Install an add-in, or bring it up to date.", no_args_is_help=True)
remove = typer.Typer(help="Remove an add-in.", no_args_is_help=True)
addin.add_typer(install, name="install")
addin.add_typer(remove, name="remove")

To = Annotated[Path | None, typer.Option("--to", help="The folder; by default the user's AddIns folder on Windows.")]


def say(text: str) -> None:
    Console(highlight=False).print(text, markup=False, soft_wrap=True)


@install.command("excel")
def install_excel(
    to: To = None,
    python: Annotated[str, typer.Option(help="The Python that Excel starts; tokensheet has to be in it.")] = (
        sys.executable if sys.platform == "win32" else "python"
    ),
) -> None:
    """Prepare the add-in for Excel on Windows (xlwings, free), and say what to click."""
    from tokensheet_addin import classic

    folder = (to or classic.addins_folder()).absolute()
    classic.write_addin(folder, python)
    say(f"wrote {', '.join(classic.FILES)} to {folder}; now, once:")
    for number, step in enumerate(classic.steps(folder), 1):
        say(f"{number}. {step}")


@remove.command("excel")
def remove_excel(to: To = None) -> None:
    """Delete the add-in's files. Close Excel before."""
    from tokensheet_addin import classic

    folder = (to or classic.addins_folder()).absolute()
    removed = classic.remove_addin(folder)
    if not removed:
        raise ValueError(f"there is no add-in of tokensheet in {folder}")
    say(f"removed {', '.join(file.name for file in removed)} from {folder}")
    say(f"If Excel then says that it misses {classic.ADDIN}: File > Options > Add-ins > Go, and click its tick away")


@install.command("libreoffice")
def install_libreoffice() -> None:
    """Build the LibreOffice Calc extension and install it for you. Close LibreOffice before."""
    from tokensheet_addin.libreoffice import manager

    manager.install()
    say(f"installed tokensheet {manager.installed()} in LibreOffice; start it outside an activated virtual environment")


@remove.command("libreoffice")
def remove_libreoffice() -> None:
    """Remove the extension from LibreOffice. Close LibreOffice before."""
    from tokensheet_addin.libreoffice import manager

    manager.remove()
    say("removed tokensheet from LibreOffice")


@addin.command("status")
def show_status(as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of lines.")] = False) -> None:
    """Say for each host what is installed, what is missing and how to mend it."""
    from tokensheet_addin.status import statuses

    found = statuses()
    if as_json:
        print(json.dumps([asdict(each) for each in found], indent=2))
        return
    for each in found:
        state = f"to do: {'; '.join(each.to_do)}" if each.to_do else "ready"
        say(f"{each.host}: {', '.join([*each.found, state])}")


@addin.command("libreoffice")
def write_libreoffice(
    out: Annotated[Path, typer.Argument(help="The extension to write.")] = Path("tokensheet.oxt"),
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
) -> None:
    """Write the LibreOffice Calc extension with every registered function, to install elsewhere."""
    from tokensheet_addin.libreoffice import build_oxt

    may_write(out, ".oxt", force)
    say(f"wrote {build_oxt(out)}; install it with: unopkg add {out}")


@addin.command("lite")
def show_lite() -> None:
    """Print what to put into xlwings Lite (Excel on Windows, Mac and the web; no Python on the desk)."""
    from tokensheet_addin import lite

    for name, text in lite.files().items():
        say(f"{name}:\n{text}")


@addin.command("server")
def write_server(folder: Annotated[Path, typer.Argument(help="The new folder of the project.")]) -> None:
    """Write a project for xlwings Server, which needs a licence of xlwings (or noncommercial use)."""
    from tokensheet_addin.server import write_project

    write_project(folder)
    say(f"wrote {folder}; start it there with: xlwings-server")
