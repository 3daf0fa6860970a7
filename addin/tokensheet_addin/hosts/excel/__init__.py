"""Excel on Windows by xlwings' classic add-in: Python beside Excel, free in firms too."""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from tokensheet_addin.hosts import Status
from tokensheet_addin.hosts.excel import addin
from tokensheet_addin.tables import say, say_steps

name = "Excel on Windows (xlwings)"

To = Annotated[Path | None, typer.Option("--to", help="The folder; by default the user's AddIns folder on Windows.")]


def status() -> Status:
    found = [f"xlwings {version('xlwings')}"]
    if sys.platform != "win32":
        return Status(found, ["only on Windows; 'tokensheet addin install excel --to FOLDER' prepares it for one"])
    to_do = []
    libraries = list(Path(sys.prefix).glob(f"xlwings*-{version('xlwings')}.dll"))
    if libraries:
        found += [library.name for library in libraries]
    else:
        to_do.append("xlwings' DLL is not beside Python: python -m pip install --force-reinstall xlwings")
    if (addin.addins_folder() / addin.ADDIN).exists():
        found.append(str(addin.addins_folder() / addin.ADDIN))
    else:
        to_do.append("tokensheet addin install excel")
    return Status(found, to_do)


def install(
    to: To = None,
    python: Annotated[str, typer.Option(help="The Python that Excel starts; tokensheet has to be in it.")] = (
        sys.executable if sys.platform == "win32" else "python"
    ),
) -> None:
    """Prepare the add-in for Excel on Windows (xlwings, free), and say what to click."""
    folder = (to or addin.addins_folder()).absolute()
    addin.write_addin(folder, python)
    say(f"wrote {', '.join(addin.FILES)} to {folder}; now, once:")
    say_steps(addin.steps(folder))


def remove(to: To = None) -> None:
    """Delete the add-in's files. Close Excel before."""
    folder = (to or addin.addins_folder()).absolute()
    removed = addin.remove_addin(folder)
    if not removed:
        raise ValueError(f"there is no add-in of tokensheet in {folder}")
    say(f"removed {', '.join(file.name for file in removed)} from {folder}")
    say(f"If Excel then says that it misses {addin.ADDIN}: File > Options > Add-ins > Go, and click its tick away")
