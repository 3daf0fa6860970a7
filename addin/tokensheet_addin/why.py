"""The command `tokensheet why`: what a function's answer is made of."""

from __future__ import annotations

import difflib
from typing import Annotated, Any

import typer
from tokensheet.explanation import explain
from tokensheet_udfs.convert import read
from tokensheet_udfs.errors import CellError
from tokensheet_udfs.registry import Function, functions

from tokensheet_addin.tables import Csv, Json, print_data, say


def why(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="FUNCTION", help="The function, such as decode-cost.")],
    steps: Annotated[bool, typer.Option("--steps", help="Show every step of the calculation too.")] = False,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Say why something costs what it does: terms with their shares, what binds, what would change it most.

    Each argument of the function is an option: tokensheet why decode-cost --model DeepSeek-V3 --chip H200 --batch 64
    --context 4096. "tokensheet functions DECODE_COST" lists them.
    """
    function = explainable(name)
    explanation = explain(function.python, **arguments(function, context.args))
    data = explanation.as_data()
    if not print_data(data, [*data["terms"], *data["inputs"]], as_json, as_csv):
        say("\n".join([str(explanation), *([explanation.steps()] if steps else [])]))


# Whatever the function's arguments are called is an option
why.context_settings = {"allow_extra_args": True, "ignore_unknown_options": True}  # type: ignore[attr-defined]


def explainable(name: str) -> Function:
    """The function of that name, if it has terms to explain."""
    known = {key: each for key, each in functions().items() if each.traceable or hasattr(each.python, "chain")}
    wanted = name.upper().replace("-", "_")
    if wanted not in known:
        close = ", ".join(difflib.get_close_matches(wanted, known, n=3)) or "'tokensheet functions' lists them"
        raise ValueError(f"there is nothing to explain of {name!r}; closest: {close}")
    return known[wanted]


def arguments(function: Function, words: list[str]) -> dict[str, Any]:
    """The options as the function's arguments, read as a spreadsheet would read them."""
    parameters = {each.name: each for each in function.parameters}
    given: dict[str, Any] = {}
    for option, text in pairs(words):
        key = option.removeprefix("--").replace("-", "_")
        if key not in parameters:
            options = ", ".join(f"--{each.replace('_', '-')}" for each in parameters)
            raise ValueError(f"{function.name} has no {option}; it has {options}")
        given[key] = read(parameters[key], text)
        if isinstance(given[key], CellError):
            raise ValueError(given[key].reason)
    missing = [each.name for each in function.parameters if each.required and each.name not in given]
    if missing:
        options = ", ".join(f"--{each.replace('_', '-')}" for each in missing)
        raise ValueError(f"{function.name} needs {options} too")
    return given


def pairs(words: list[str]) -> list[tuple[str, str]]:
    """`--option value` and `--option=value` as pairs."""
    found, rest = [], iter(words)
    for word in rest:
        option, equals, value = word.partition("=")
        if not option.startswith("--"):
            raise ValueError(f"{word!r} stands alone; arguments are given as --NAME VALUE")
        found.append((option, value if equals else next(rest, "")))
    return found
