"""A project for xlwings Server, for firms that license it: its own layout with our functions in it.

xlwings Server is not open source (PolyForm Noncommercial, or a paid licence), and nothing of it stands here: its own
command writes the project, on the computer of whoever has a key.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer
from tokensheet_udfs.spelling import NAMESPACE

from tokensheet_addin.hosts import Status
from tokensheet_addin.hosts.extras import how_to_get, status_of_extra
from tokensheet_addin.tables import say

name = "xlwings Server (needs a licence)"

EXTRA = "xlwings-server"
FUNCTIONS = '''\
"""tokensheet's functions, written by `tokensheet addin xlwings-server`."""

import sys

if sys.platform != "emscripten":
    # xlwings imports Pyodide anew for every cell; where it is known to be missing that takes no time
    for name in ("pyodide", "pyodide.ffi"):
        sys.modules.setdefault(name, None)

from tokensheet_addin.hosts.xlwings_functions import *
'''


def status() -> Status:
    found, to_do = status_of_extra(EXTRA)
    if licence_key_is_set():
        return Status([*found, "a licence key"], to_do)
    return Status(found, [*to_do, "set XLWINGS_LICENSE_KEY to the key you have licensed"])


def licence_key_is_set() -> bool:
    if os.environ.get("XLWINGS_LICENSE_KEY"):
        return True
    user = Path.home() / ".xlwings" / "xlwings.conf"  # where `xlwings license update` puts it
    return user.exists() and '"LICENSE_KEY"' in user.read_text(encoding="utf-8", errors="replace")


def write(folder: Annotated[Path, typer.Argument(help="The new folder of the project.")]) -> None:
    """Write a project for xlwings Server, which needs a licence of xlwings (or noncommercial use)."""
    write_project(folder)
    say(f"wrote {folder}; start it there with: xlwings-server")


def write_project(folder: Path) -> None:
    """Write the project into a new folder."""
    if folder.exists():
        raise FileExistsError(f"{folder} exists already")
    if not folder.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {folder.parent}")
    if not find_spec("xlwings_server"):
        raise FileNotFoundError(f"xlwings Server is missing: {how_to_get(EXTRA)}")
    if not licence_key_is_set():
        raise PermissionError(
            "xlwings Server needs a licence key in XLWINGS_LICENSE_KEY: a paid one, or a trial one from"
            " https://www.xlwings.org/trial, or for noncommercial use under the PolyForm Noncommercial licence"
        )
    command = Path(sys.executable).with_name("xlwings-server")
    run = subprocess.run([command, "init", folder.name], cwd=folder.parent, capture_output=True, text=True)
    if run.returncode or not folder.exists():
        said = (run.stderr or run.stdout).strip().splitlines()
        raise OSError(f"xlwings-server init: {said[-1] if said else f'exit code {run.returncode}'}")
    functions = folder / "custom_functions"
    shutil.rmtree(functions)
    functions.mkdir()
    (functions / "__init__.py").write_text(FUNCTIONS, encoding="utf-8")
    with (folder / ".env").open("a", encoding="utf-8") as settings:
        settings.write("\n# As officejs workbooks spell the functions\n")
        settings.write(f"XLWINGS_FUNCTIONS_NAMESPACE={NAMESPACE}\n")
