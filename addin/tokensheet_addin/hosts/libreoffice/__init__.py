"""LibreOffice Calc, by an extension (.oxt) with every registered function."""

from __future__ import annotations

import re
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from tokensheet_addin.files import may_write
from tokensheet_addin.hosts import Status
from tokensheet_addin.hosts.libreoffice import manager
from tokensheet_addin.hosts.libreoffice.oxt import build_oxt
from tokensheet_addin.tables import say

name = "LibreOffice Calc"


def status() -> Status:
    try:
        office = manager.program("soffice")
    except FileNotFoundError as error:
        return Status([], [str(error)])
    said = subprocess.run([office, "--version"], capture_output=True, text=True, env=manager.environment()).stdout
    number = re.search(r"\d+\.\d+[.\d]*", said)
    found, to_do = [f"LibreOffice {number[0]}" if number else str(office)], []
    if number and tuple(map(int, number[0].split(".")[:2])) < (24, 8):
        to_do.append("LibreOffice 24.8 or newer is needed (Debian 12: bookworm-backports)")
    if python_has_numpy(office):
        found.append("its Python has numpy")
    else:
        to_do.append("its Python lacks uno or numpy (Debian: python3-uno, python3-numpy); or use native workbooks")
    try:
        registered = manager.installed()
    except OSError as error:
        return Status(found, [*to_do, str(error)])
    found += [f"extension {registered}"] if registered else []
    if registered != version("tokensheet"):
        to_do.append("tokensheet addin install libreoffice")
    return Status(found, to_do)


def python_has_numpy(office: Path) -> bool:
    """Whether the Python that LibreOffice brings along, or else the system's, has what the extension needs."""
    own = [office.resolve().parent / program for program in ("python", "python.exe")]
    python = next((each for each in own if each.exists()), Path("/usr/bin/python3"))
    if not python.exists():
        return False
    run = subprocess.run([python, "-c", "import uno, numpy"], capture_output=True, env=manager.environment())
    return run.returncode == 0


def install() -> None:
    """Build the LibreOffice Calc extension and install it for you. Close LibreOffice before."""
    manager.install()
    say(f"installed tokensheet {manager.installed()} in LibreOffice; start it outside an activated virtual environment")


def remove() -> None:
    """Remove the extension from LibreOffice. Close LibreOffice before."""
    manager.remove()
    say("removed tokensheet from LibreOffice")


def write(
    out: Annotated[Path, typer.Argument(help="The extension to write.")] = Path("tokensheet.oxt"),
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
) -> None:
    """Write the LibreOffice Calc extension with every registered function, to install elsewhere."""
    may_write(out, ".oxt", force)
    say(f"wrote {build_oxt(out, overwrite=force)}; install it with: unopkg add {out}")
