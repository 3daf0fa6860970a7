"""What Excel reads to learn the functions: the manifest, each function's metadata, and the script with their names."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import escape

import tokensheet
from tokensheet.equation import Choices
from tokensheet.plugins import contributions
from tokensheet_udfs.errors import ERRORS
from tokensheet_udfs.registry import Function, Parameter, functions
from tokensheet_udfs.spelling import NAMESPACE

from tokensheet_addin.templates import purpose

PAGES = Path(__file__).parent / "pages"


def manifest(address: str, token: str | None) -> str:
    """The file that a user or an administrator gives to Excel; `address` is where Excel finds this server."""
    text = (PAGES / "manifest.xml").read_text(encoding="utf-8")
    numbers = re.findall(r"\d+", version("tokensheet"))[:3]  # Excel takes no 1.0.1.dev5
    # one add-in for each server, so that two of them can be installed side by side
    values = {"id": str(uuid5(NAMESPACE_URL, address)), "version": ".".join([*numbers, "0"])}
    secret = f"?token={quote(token, safe='')}" if token else ""
    urls = {"functions": "functions.js", "metadata": f"functions.json{secret}", "pane": f"taskpane.html{secret}",
            "icon16": "icon-16.png", "icon32": "icon-32.png", "icon80": "icon-80.png"}  # fmt: skip
    values |= {name: f"{address}/{path}" for name, path in urls.items()} | {"address": address, "namespace": NAMESPACE}
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", escape(value, {'"': "&quot;"}))
    return text


def metadata() -> dict[str, Any]:
    """The functions as Excel's formula bar shows them."""
    names = all_choices()
    return {
        "allowErrorForDataTypeAny": True,  # an error in one cell of a range is an error of that cell alone
        "functions": [describe(function, names) for function in functions().values()],
        "enums": [
            {
                "id": name,
                "type": "string",
                "values": [{"name": text, "stringValue": text} for text in choices.texts()],
            }
            for choices, name in names.items()
        ],
    }


def describe(function: Function, names: dict[Choices, str]) -> dict[str, Any]:
    return {
        "id": function.name,
        "name": function.name,
        "description": function.help.summary,
        "parameters": [describe_parameter(function, parameter, names) for parameter in function.parameters],
        "result": {"type": "any", "dimensionality": "matrix"},
    }


def describe_parameter(function: Function, parameter: Parameter, names: dict[Choices, str]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": parameter.name,
        "description": function.help.argument(parameter),
        "type": "any",
        "dimensionality": "matrix",
    }
    if parameter.choices in names:
        # not of type "string", or the numbers in a row of the user's own chip would arrive as texts
        described["customEnumId"] = names[parameter.choices]
    if parameter.rest:
        described["repeating"] = True
    elif not parameter.required:
        described["optional"] = True
    return described


def all_choices() -> dict[Choices, str]:
    """The texts that arguments take, each under a name: of the catalogue, or of the first argument that takes them."""
    names: dict[Choices, str] = {}
    for function in functions().values():
        for parameter in function.parameters:
            if parameter.choices and any(parameter.choices.texts()):
                names.setdefault(parameter.choices, parameter.choices.kind or f"{function.name}.{parameter.name}")
    return names


def script(compute: str) -> str:
    """The script that Excel runs: the names, each with whether its last argument repeats, what computes, the rest."""
    names = json.dumps({name: function.repeating for name, function in functions().items()})
    errors = json.dumps([code for code, error in ERRORS.items() if error.custom])
    rest = (PAGES / "functions.js").read_text(encoding="utf-8")
    return f"const FUNCTIONS = {names};\nconst ERRORS = {errors};\n{compute}\n{rest}"


def help_pages(spellings: Sequence[str]) -> dict[str, Any]:
    """What the task pane shows: the functions, the catalogue with its sources, the templates in these spellings."""
    names, pages = all_choices(), []
    for function in functions().values():
        page = function.as_data()
        for argument, parameter in zip(page["arguments"], function.parameters, strict=True):
            argument |= {"text": parameter.is_text, "rest": parameter.rest, "choices": None}
            if parameter.choices in names:
                argument["choices"] = names[parameter.choices]
        pages.append(page)
    return {
        "namespace": NAMESPACE,
        "functions": pages,
        "choices": {name: list(choices.texts()) for choices, name in names.items()},
        "chips": list(tokensheet.chips().values()),
        "models": list(tokensheet.models().values()),
        "templates": [{"name": name, "summary": purpose(each)} for _, name, each in contributions("templates")],
        "spellings": spellings,
    }
