"""Google Sheets, by a script of the spreadsheet's own: every function as a custom function of Apps Script, and a menu.

Apps Script is JavaScript without modules, so the functions are those of `tokensheet_udfs.javascript`. What Sheets needs
around them stands in `sheets.js`.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from tokensheet.files import whole_file
from tokensheet_templates.kernel import catalogue_date
from tokensheet_udfs.javascript import argument_name, script
from tokensheet_udfs.registry import Function, Parameter, functions

from tokensheet_addin.files import may_write
from tokensheet_addin.hosts import Status
from tokensheet_addin.tables import say, say_steps

name = "Google Sheets"

# Whatever stands at the top level of a script is a macro, a custom function or in the way of the user's own, unless its
# name ends in _; a script is not strict unless it says so, as a module is
CODE = """\
// tokensheet for Google Sheets, written by `tokensheet addin sheets`; do not edit.
const tokensheet_ = (() => {{
"use strict";
{core}
const ABOUT = {about};
{sheets}
return {{ answer, addMenu, writeCatalogue, showAbout }};
}})();

function onOpen() {{
  tokensheet_.addMenu();
}}

function tokensheetCatalogue() {{
  tokensheet_.writeCatalogue();
}}

function tokensheetAbout() {{
  tokensheet_.showAbout();
}}

{functions}"""
FUNCTION = """\
/**
{help}
 * @customfunction
 */
function {name}({signature}) {{
  return tokensheet_.answer("{name}", arguments);
}}
"""
MANIFEST = {
    "timeZone": "Etc/UTC",
    "runtimeVersion": "V8",
    "oauthScopes": ["https://www.googleapis.com/auth/spreadsheets.currentonly"],  # no other document, nothing else
}


def files() -> dict[str, str]:
    """The files of the Apps Script project by name."""
    return {"Code.gs": code(), "appsscript.json": json.dumps(MANIFEST, indent=2) + "\n"}


def code() -> str:
    about = {"version": version("tokensheet"), "functions": len(functions()), "catalogue": catalogue_date()}
    return CODE.format(
        core=script("Core"),
        about=json.dumps(about),
        sheets=(Path(__file__).parent / "sheets.js").read_text(encoding="utf-8"),
        functions="\n".join(map(custom_function, functions().values())),
    )


def custom_function(function: Function) -> str:
    """The function as Sheets finds it, with the help that it shows while one types."""
    names = [argument_name(each.name) for each in function.parameters]
    known = list(zip(names, function.parameters, strict=True))
    lines = [
        function.help.summary,
        *(f"@param {{{type_of(each)}}} {name} {function.help.argument(each)}" for name, each in known),
        f"@return {function.help.returns} ({function.help.unit})",
    ]
    return FUNCTION.format(
        help="\n".join(f" * {line.replace('*/', '* /')}" for line in lines),
        name=function.name,
        signature=", ".join(f"...{name}" if each.rest else name for name, each in known),
    )


def type_of(parameter: Parameter) -> str:
    """A value or the rows of a range."""
    kind = "string" if parameter.is_text else "number"
    return "*" if parameter.rest else f"{kind}|Array<Array<{kind}>>"


def status() -> Status:
    return Status(["nothing to install here"], ["'tokensheet addin sheets --to FOLDER' writes the script to put there"])


def write(
    to: Annotated[Path, typer.Option("--to", help="The folder for the two files of the script.")],
    force: Annotated[bool, typer.Option("--force", help="Replace existing files.")] = False,
) -> None:
    """Write the script for Google Sheets: every function with its help, and a menu with the catalogue."""
    project = files()
    to.mkdir(exist_ok=True)
    for file in project:
        may_write(to / file, Path(file).suffix, force)
    for file, text in project.items():
        with whole_file(to / file, "w", overwrite=force) as out:
            out.write(text)
    say(f"wrote {' and '.join(str(to / file) for file in project)}; now, in the spreadsheet:")
    say_steps([
        "Extensions > Apps Script: put Code.gs in the place of the Code.gs there",
        "Project Settings: tick 'Show \"appsscript.json\" manifest file in editor', and put ours in its place",
        "Save, and load the spreadsheet anew: =COMPUTE_TIME(64,37E9,989E12) shows 0.0047886754 (docs/sheets.md)",
    ])  # fmt: skip
