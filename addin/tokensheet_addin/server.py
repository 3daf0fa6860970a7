"""A project for xlwings Server, for firms that license it: its own layout with our functions in it.

xlwings Server is not open source (PolyForm Noncommercial, or a paid licence), and nothing of it stands here: its own
command writes the project, on the computer of whoever has a key.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from tokensheet_udfs.spelling import NAMESPACES

from tokensheet_addin.status import licence_key_is_set

FUNCTIONS = '''\
"""tokensheet's functions, written by `tokensheet addin server`."""

import sys

if sys.platform != "emscripten":
    # xlwings imports Pyodide anew for every cell; where it is known to be missing that takes no time
    for name in ("pyodide", "pyodide.ffi"):
        sys.modules.setdefault(name, None)

from tokensheet_udfs.excel import *
'''


def write_project(folder: Path) -> None:
    """Write the project into a new folder."""
    if folder.exists():
        raise FileExistsError(f"{folder} exists already")
    if not folder.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {folder.parent}")
    if not find_spec("xlwings_server"):
        raise FileNotFoundError("xlwings Server is missing: python3 -m pip install 'tokensheet[server]'")
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
        settings.write(f"XLWINGS_FUNCTIONS_NAMESPACE={NAMESPACES['officejs']}\n")
