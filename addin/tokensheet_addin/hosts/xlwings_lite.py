"""What goes into xlwings Lite, Excel's add-in that runs Python inside Excel: two small files that its editor keeps."""

from __future__ import annotations

from importlib.metadata import entry_points, version

from tokensheet_udfs.registry import functions

from tokensheet_addin.hosts import Status
from tokensheet_addin.tables import say

name = "xlwings Lite"

# xlwings Lite shows what main.py itself holds
MAIN = """\
import xlwings as xw
from tokensheet_addin.hosts.xlwings_functions import *
"""


def files() -> dict[str, str]:
    """The files by name. Plugins that are installed here come along; Lite fetches the packages by their names."""
    tables = [*entry_points(group="tokensheet.chips"), *entry_points(group="tokensheet.models")]
    contributing = {function.package for function in functions().values()}
    contributing |= {table.dist.name for table in tables if table.dist}
    packages = sorted(contributing, key=lambda name: (name != "tokensheet", name))
    return {
        "requirements.txt": "".join(f"{package}=={version(package)}\n" for package in packages),
        "main.py": MAIN,
    }


def status() -> Status:
    return Status(["nothing to install here"], ["'tokensheet addin xlwings-lite' prints what to paste into it"])


def write() -> None:
    """Print what to put into xlwings Lite (Excel on Windows, Mac and the web; no Python on the desk)."""
    for file, text in files().items():
        say(f"{file}:\n{text}")
