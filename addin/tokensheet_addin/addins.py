"""The commands `tokensheet addin …`: write, install, look at and remove the add-in of each host."""

from __future__ import annotations

import importlib
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

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


def of_bridge(module: str) -> Any:
    """A module of the bridge, whose packages are an extra."""
    try:
        return importlib.import_module(f"tokensheet_addin.bridge.{module}")
    except ModuleNotFoundError as error:
        raise ValueError(f"{error.name} is missing; install it with: pip install 'tokensheet[serve]'") from None


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


@install.command("bridge")
def install_bridge(
    to: Annotated[Path | None, typer.Option("--to", help="The folder for the manifest.")] = None,
    port: Annotated[int, typer.Option(help="The port that the server will listen on.")] = 8765,
) -> None:
    """Prepare our own bridge for Excel on Windows, Mac and the web, and say what to click."""
    bridge = of_bridge("install")
    settings = Path(typer.get_app_dir("tokensheet"))
    folder = (to or bridge.manifest_folder(settings)).absolute()
    certificate = bridge.write(folder, settings, port)
    say(f"wrote {folder / bridge.MANIFEST}; now, once:")
    for number, step in enumerate(bridge.steps(folder, certificate, port), 1):
        say(f"{number}. {step}")


@remove.command("bridge")
def remove_bridge(to: Annotated[Path | None, typer.Option("--to", help="The manifest's folder.")] = None) -> None:
    """Delete the bridge's manifest and certificate. Stop the server before."""
    bridge = of_bridge("install")
    settings = Path(typer.get_app_dir("tokensheet"))
    folder = (to or bridge.manifest_folder(settings)).absolute()
    removed = bridge.remove(folder, settings)
    if not removed:
        raise ValueError(f"there is no manifest of tokensheet in {folder}, and no certificate in {settings}")
    say(f"removed {', '.join(map(str, removed))}")
    say("In Excel, remove the add-in where you added it; trust in the certificate can be withdrawn in your system")


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
