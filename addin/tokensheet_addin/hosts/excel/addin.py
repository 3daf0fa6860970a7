"""The add-in of Excel on Windows for xlwings' classic host, generated from the registry.

Its workbook is xlwings' own template (BSD licence) with our settings and ribbon put into the zip. VBA cannot be put
into it without Excel, so it lies beside it as text, for the user to drag in once.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from tokensheet.files import whole_file
from tokensheet_udfs.errors import ERRORS
from tokensheet_udfs.registry import Function, functions

HERE = Path(__file__).parent
MODULE = "tokensheet_addin.hosts.xlwings_functions"
ADDIN = "tokensheet.xlam"
FUNCTIONS, MACROS = "xlwings_udfs.bas", "tokensheet_addin.bas"
INTELLISENSE = "tokensheet.intellisense.xml"  # where Excel-DNA's IntelliSense looks: beside the add-in, under its name
FILES = (ADDIN, FUNCTIONS, MACROS, INTELLISENSE)
# The template's VBA reads its settings from a sheet of this name; with "_" in front it would be ignored
SETTINGS = "myaddin.conf"


def addins_folder() -> Path:
    """Where Excel on Windows looks for a user's add-ins."""
    if "APPDATA" not in os.environ:
        raise ValueError("Excel's classic add-ins are for Windows; --to FOLDER prepares one for another computer")
    return Path(os.environ["APPDATA"]) / "Microsoft" / "AddIns"


def write_addin(folder: Path, python: str) -> None:
    """Write the add-in's files; `python` is the interpreter that Excel starts."""
    vba = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", f"{__package__}.vba", MODULE, ADDIN], capture_output=True, text=True
    )
    if vba.returncode:
        raise OSError(f"xlwings could not write the functions' VBA: {vba.stderr.strip().splitlines()[-1]}")
    folder.mkdir(parents=True, exist_ok=True)
    write_workbook(folder / ADDIN, python)
    for name, text in ((FUNCTIONS, vba.stdout), (MACROS, macros()), (INTELLISENSE, intellisense())):
        with whole_file(folder / name, overwrite=True) as file:
            # VBA's editor imports ASCII, and lines that end as on Windows
            file.write(text.replace("\n", "\r\n").encode("ascii") if name.endswith(".bas") else text.encode())


def remove_addin(folder: Path) -> list[Path]:
    """Delete what `write_addin` wrote; the files that were there."""
    there = [folder / name for name in FILES if (folder / name).exists()]
    for file in there:
        file.unlink()
    return there


def write_workbook(path: Path, python: str) -> None:
    """The template with our settings and ribbon. Everything else, its VBA above all, stays byte by byte."""
    spec = find_spec("xlwings")
    assert spec
    assert spec.origin
    with zipfile.ZipFile(Path(spec.origin).with_name("quickstart_addin_ribbon.xlam")) as template:
        parts = {entry: template.read(entry) for entry in template.infolist()}
    ribbon = (HERE / "customUI.xml").read_text(encoding="utf-8")
    changes = {
        "customUI/customUI.xml": (rb".+", ribbon),
        "xl/workbook.xml": (rb'name="_myaddin.conf"', f'name="{SETTINGS}"'),
        "xl/worksheets/sheet1.xml": (rb"<sheetData>.*</sheetData>", settings(python)),
    }
    with whole_file(path, overwrite=True) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, part in parts.items():
            if entry.filename in changes:
                part = exchange(part, *changes[entry.filename])
            archive.writestr(entry, part, zipfile.ZIP_DEFLATED)


def exchange(part: bytes, pattern: bytes, text: str) -> bytes:
    changed, times = re.subn(pattern, lambda match: text.encode(), part, flags=re.DOTALL)
    if times != 1:
        raise ValueError(f"this release of xlwings has another template: {pattern.decode()} is there {times} times")
    return changed


def settings(python: str) -> str:
    """The rows of the settings sheet."""
    values = {
        "Interpreter_Win": python,
        "UDF Modules": MODULE,
        "ADD_WORKBOOK_TO_PYTHONPATH": "false",  # or a .py file beside a workbook would be imported in a library's place
    }
    rows = "".join(
        f'<row r="{row}">{text_cell("A", row, name)}{text_cell("B", row, value)}</row>'
        for row, (name, value) in enumerate(values.items(), 1)
    )
    return f"<sheetData>{rows}</sheetData>"


def text_cell(column: str, row: int, text: str) -> str:
    return f'<c r="{column}{row}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'


def macros() -> str:
    """Our own VBA, with the errors of the one table in it."""
    cases = (f'        Case "{code}": TokensheetCell = CVErr({error.excel})' for code, error in ERRORS.items())
    return (HERE / MACROS).read_text(encoding="ascii").replace("{errors}", "\n".join(cases))


def intellisense() -> str:
    """Every function's and argument's help in the form that Excel-DNA's IntelliSense shows while the user types."""

    def function_element(function: Function) -> str:
        arguments = "".join(
            f"\n      <Argument Name={quoteattr(each.name if each.required else f'[{each.name}]')}"
            f" Description={quoteattr(function.help.argument(each))} />"
            for each in function.parameters
        )
        described = f"<Function Name={quoteattr(function.name)} Description={quoteattr(function.help.summary)} >"
        return f"    {described}{arguments}\n    </Function>\n"

    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<IntelliSense xmlns="http://schemas.excel-dna.net/intellisense/1.0">\n  <FunctionInfo>\n'
        + "".join(map(function_element, functions().values()))
        + "  </FunctionInfo>\n</IntelliSense>\n"
    )


def steps(folder: Path) -> list[str]:
    """What is left to do by hand in Excel."""
    return [
        f"Excel: File > Options > Add-ins > Manage: Excel Add-ins > Go > Browse: {folder / ADDIN}",
        f"Alt+F11, then drag {FUNCTIONS} and {MACROS} from {folder} onto the project of {ADDIN}; Ctrl+S",
        "Close and start Excel; =COMPUTE_TIME(64,37E9,989E12) shows 0.0047886754",
        f"For help while typing: load the free ExcelDna.IntelliSense add-in, which reads {INTELLISENSE}",
    ]
