"""The command `tokensheet functions`: what a spreadsheet gets."""

from __future__ import annotations

import difflib
from typing import Annotated

import typer
from tokensheet_udfs.registry import Function, functions

from tokensheet_addin.tables import Csv, Json, print_data, say, show


def list_functions(
    name: Annotated[str | None, typer.Argument(help="One function.", autocompletion=lambda: [*functions()])] = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """List the spreadsheet functions, or show one with its arguments, formula, source and example."""
    chosen = functions()
    if name is not None:
        if name.upper() not in chosen:
            close = ", ".join(difflib.get_close_matches(name.upper(), chosen, n=5))
            way_out = f"closest: {close}" if close else "'tokensheet functions' lists them"
            raise ValueError(f"no function is called {name!r}; {way_out}")
        chosen = {name.upper(): chosen[name.upper()]}
    if as_json or as_csv:
        data = [function.as_data() for function in chosen.values()]
        print_data(data, data, as_json, as_csv)
    elif name is not None:
        show_function(chosen[name.upper()])
    else:
        rows = [[each.name, each.subject, each.help.unit, each.help.summary] for each in chosen.values()]
        show(["Function", "Subject", "Unit", "What it gives"], rows)


def show_function(function: Function) -> None:
    help_ = function.help
    arguments = ", ".join(each.name if each.required else f"[{each.name}]" for each in function.parameters)
    facts = {"Formula": function.formula, "Notes": help_.notes, "Source": help_.source}
    lines = [
        f"\n{help_.summary}\n",
        *(f"  {each.name}: {help_.argument(each)}" for each in function.parameters),
        f"\nGives: {help_.returns} ({help_.unit})",
        *(f"{label}: {text}" for label, text in facts.items() if text),
        f"\n{help_.examples}",
    ]
    say(f"={function.name}({arguments})", style="bold")
    say("\n".join(lines), wrap=True)
