"""Gnumeric as a host of the contract: a second spreadsheet program, with a program of its own for formulas.

Its Python plugin is a few lines around `convert.call`. Debian's Gnumeric 1.12.55 ends with a segmentation fault where a
range is handed to Python, so ranges are array constants here; it hands over arrays by column, a blank as 0 and an error
as None, and takes no error back but its text.
"""

from __future__ import annotations

import os
import subprocess
import warnings
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import xlsxwriter
from hosts.contract import OMITTED, Error
from hosts.libreoffice import PYTHON
from openpyxl.utils.datetime import to_excel
from tokensheet_udfs.errors import ERRORS
from tokensheet_udfs.registry import functions

VERSION = "1.12.55"
# Gnumeric gives each plugin an interpreter of its own, in which numpy cannot be imported: another process computes.
PLUGIN = """
import json, subprocess
worker = subprocess.Popen([{python!r}, {worker!r}], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

def by_column(value):
    return [list(line) for line in zip(*value)] if isinstance(value, list) else value

def udf(name):
    def answer(*args):
        print(json.dumps([name, [by_column(arg) for arg in args]]), file=worker.stdin, flush=True)
        block = by_column(json.loads(worker.stdout.readline()))
        return block if len(block) > 1 or len(block[0]) > 1 else block[0][0]
    return answer

tokensheet_functions = {{name: udf(name.upper()) for name in {names!r}}}
"""
WORKER = """
import json, sys
sys.path.insert(0, {path!r})
from tokensheet_udfs.convert import call
from tokensheet_udfs.registry import functions
for line in sys.stdin:
    name, args = json.loads(line)
    print(json.dumps(call(functions()[name], args).tolist()), flush=True)
"""


class Gnumeric:
    """The host of the contract: each call a workbook that ssconvert recalculates."""

    name = "Gnumeric"

    def __init__(self, oxt: Path, folder: Path) -> None:
        self.folder = folder
        with zipfile.ZipFile(oxt) as archive:  # our packages with their entry points, as LibreOffice's Python has them
            archive.extractall(folder / "tokensheet")
        plugin = folder / ".gnumeric" / VERSION / "plugins" / "tokensheet"
        plugin.mkdir(parents=True)
        worker = folder / "worker.py"
        worker.write_text(WORKER.format(path=str(folder / "tokensheet" / "pythonpath")))
        names = [name.lower() for name in functions()]
        (plugin / "tokensheet_gnumeric.py").write_text(PLUGIN.format(python=PYTHON, worker=str(worker), names=names))
        (plugin / "plugin.xml").write_text(description(names))

    def call(self, function: str, args: tuple[Any, ...], shape: tuple[int, int]) -> list[list[Any]]:
        given = [*args]
        while given and given[-1] is OMITTED:  # what stands behind a last comma arrives as 0
            given.pop()
        with xlsxwriter.Workbook(self.folder / "call.xlsx") as book:
            sheet = book.add_worksheet("Call")
            formula = f"{function}({','.join(map(argument, given))})"
            sheet.write_array_formula(0, 0, shape[0] - 1, shape[1] - 1, f"{{={formula}}}")
        block = self.answer(self.folder / "call.xlsx").active.iter_rows(
            max_row=shape[0], max_col=shape[1], values_only=True
        )
        return [[Error(cell) if cell in ERRORS else cell for cell in row] for row in block]

    def recalculate(self, path: Path) -> dict[str, Any]:
        """Every cell of a workbook after a full recalculation, as `Sheet!A1`; an error is its text."""
        return {
            f"{sheet.title}!{cell.coordinate}": as_stored(cell.value)
            for sheet in self.answer(path)
            for row in sheet.iter_rows()
            for cell in row
        }

    def answer(self, path: Path) -> Any:
        """The workbook as Gnumeric computes it, values only."""
        environment = {"HOME": str(self.folder), "PATH": os.defpath, "LC_ALL": "C.UTF-8"}
        answer = self.folder / "answer.xlsx"
        answer.unlink(missing_ok=True)
        command = ["ssconvert", "--recalc", str(path), str(answer)]
        run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
        assert answer.exists(), run.stderr
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Gnumeric writes no default style
            return openpyxl.load_workbook(answer, data_only=True)


def as_stored(value: Any) -> Any:
    """What openpyxl reads as nothing or as a day: an empty text, the number of the day."""
    return to_excel(value) if isinstance(value, datetime) else "" if value is None else value


def description(functions: list[str]) -> str:
    """The plugin as Gnumeric reads it: its loader and the names of its functions."""
    root = ElementTree.Element("plugin", id="Gnumeric_tokensheet")
    information = ElementTree.SubElement(root, "information")
    ElementTree.SubElement(information, "name").text = "tokensheet"
    ElementTree.SubElement(information, "description").text = "What a token costs"
    loader = ElementTree.SubElement(root, "loader", type="Gnumeric_PythonLoader:python")
    ElementTree.SubElement(loader, "attribute", name="module_name", value="tokensheet_gnumeric")
    services = ElementTree.SubElement(root, "services")
    group = ElementTree.SubElement(services, "service", type="function_group", id="tokensheet")
    ElementTree.SubElement(group, "category").text = "tokensheet"
    names = ElementTree.SubElement(group, "functions")
    for name in functions:
        ElementTree.SubElement(names, "function", name=name)
    return ElementTree.tostring(root, encoding="unicode")


def argument(arg: Any) -> str:
    """An argument in a formula: a constant, an array constant, or an empty cell."""
    if arg is OMITTED:
        return ""
    if arg is None:
        return "Z99"
    if isinstance(arg, tuple):
        return "{" + ";".join(",".join(map(argument, row)) for row in arg) + "}"
    if isinstance(arg, Error):
        return arg.code
    if isinstance(arg, bool):
        return str(arg).upper()
    return '"' + arg.replace('"', '""') + '"' if isinstance(arg, str) else repr(arg)
