"""What Excel reads to learn the functions: the manifest, each function's metadata, and the script with their names."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import escape

import tokensheet
from tokensheet_udfs.registry import Function, Parameter, functions

NAMESPACE = "TOKENSHEET"  # a formula reads =TOKENSHEET.COMPUTE_TIME(…)
PAGES = Path(__file__).parent / "pages"
CATALOGUE = {"chip": tokensheet.chips, "model": tokensheet.models}


def manifest(address: str, token: str | None) -> str:
    """The file that a user or an administrator gives to Excel; `address` is where Excel finds this server."""
    text = (PAGES / "manifest.xml").read_text(encoding="utf-8")
    # one add-in for each server, so that two of them can be installed side by side
    values = {"id": str(uuid5(NAMESPACE_URL, address)), "version": f"{version('tokensheet')}.0"}
    secret = f"?token={quote(token, safe='')}" if token else ""
    urls = {"functions": "functions.js", "metadata": f"functions.json{secret}", "pane": f"taskpane.html{secret}",
            "icon16": "icon-16.png", "icon32": "icon-32.png", "icon80": "icon-80.png"}  # fmt: skip
    values |= {name: f"{address}/{path}" for name, path in urls.items()} | {"address": address, "namespace": NAMESPACE}
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", escape(value, {'"': "&quot;"}))
    return text


def metadata() -> dict[str, Any]:
    """The functions as Excel's formula bar shows them."""
    return {
        "allowErrorForDataTypeAny": True,  # an error in one cell of a range is an error of that cell alone
        "functions": [describe(function) for function in functions().values()],
        "enums": [
            {
                "id": enum(kind),
                "type": "string",
                "values": [
                    {"name": name, "stringValue": name, "tooltip": tooltip(row)} for name, row in rows().items()
                ],
            }
            for kind, rows in CATALOGUE.items()
        ],
    }


def describe(function: Function) -> dict[str, Any]:
    return {
        "id": function.name,
        "name": function.name,
        "description": function.help.summary,
        "parameters": [describe_parameter(function, parameter) for parameter in function.parameters],
        "result": {"type": "any", "dimensionality": "matrix"},
    }


def describe_parameter(function: Function, parameter: Parameter) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": parameter.name,
        "description": function.help.argument(parameter),
        "type": "any",
        "dimensionality": "matrix",
    }
    if kind := suggested(function, parameter):
        # "string", as Microsoft's own generator has it for an argument that suggests names
        described |= {"type": "string", "customEnumId": enum(kind)}
    if parameter.rest:
        described["repeating"] = True
    elif not parameter.required:
        described["optional"] = True
    return described


def suggested(function: Function, parameter: Parameter) -> str | None:
    """Whether the argument is the name of a chip or of a model."""
    kind = function.name.lower() if parameter.name == "name" else parameter.name
    return kind if parameter.is_text and kind in CATALOGUE else None


def enum(kind: str) -> str:
    return f"{kind}s".upper()  # not the name of the function CHIP or MODEL


def tooltip(row: dict[str, Any]) -> str:
    return ", ".join(str(row[field]) for field in ("vendor", "form", "release") if row.get(field))


def script() -> str:
    """The script that Excel runs: the names, each with whether its last argument repeats, and the static part."""
    names = json.dumps({name: function.repeating for name, function in functions().items()})
    return f"const FUNCTIONS = {names};\n" + (PAGES / "functions.js").read_text(encoding="utf-8")


def help_pages() -> dict[str, Any]:
    """What the task pane shows: the functions, and the catalogue with its sources."""
    pages = []
    for function in functions().values():
        page = function.as_data()
        for argument, parameter in zip(page["arguments"], function.parameters, strict=True):
            argument |= {"text": parameter.is_text, "suggest": suggested(function, parameter), "rest": parameter.rest}
        pages.append(page)
    return {"namespace": NAMESPACE, "functions": pages} | {
        f"{kind}s": list(rows().values()) for kind, rows in CATALOGUE.items()
    }
