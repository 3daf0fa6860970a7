"""The command line: `tokensheet new`, `fill`, `functions`, `chips`, `models`, `accuracy`, `calibrate`, `prices`, …."""

from __future__ import annotations

import difflib
import json
import shlex
import sys
import warnings
from pathlib import Path
from typing import Annotated, Any

import tokensheet
import typer
from tokensheet.chains import DEPLOYMENT
from tokensheet.model_config import derive_file
from tokensheet.numbers import native_format, numbers_of_formats, numbers_of_model
from tokensheet.own_catalogue import add_row
from tokensheet.plausible import notes
from tokensheet.plugins import contributions
from tokensheet.rows import Row, find, known_names, plain
from tokensheet_udfs.registry import Function, functions

from tokensheet_addin.accuracy import accuracy
from tokensheet_addin.calibrate import calibrate
from tokensheet_addin.fill import fill
from tokensheet_addin.hosts.bridge import serve_bridge
from tokensheet_addin.hosts.commands import addin
from tokensheet_addin.plugins import list_plugins, plugin
from tokensheet_addin.prices import prices
from tokensheet_addin.review import check, diff, refresh
from tokensheet_addin.tables import Json, printable, say, show
from tokensheet_addin.templates import list_templates, new_command
from tokensheet_addin.why import ANY_OPTION, why

app = typer.Typer(
    help="What does a token cost, and why? Spreadsheet functions and workbooks that price language models.",
    no_args_is_help=True,
    add_completion=False,
)
new = typer.Typer(help="Write a workbook from a template.", no_args_is_help=True)
own_model = typer.Typer(help="Models of your own.", no_args_is_help=True)
app.add_typer(new, name="new")
app.add_typer(own_model, name="model")
app.add_typer(addin, name="addin")
app.add_typer(prices, name="prices")
app.add_typer(plugin, name="plugin")
app.command("accuracy")(accuracy)
app.command("calibrate")(calibrate)
app.command("fill")(fill)
app.command("serve")(serve_bridge)
app.command("plugins")(list_plugins)
app.command("templates")(list_templates)
app.command("check")(check)
app.command("refresh")(refresh)
app.command("diff")(diff)
app.command("why", context_settings=ANY_OPTION)(why)


def main() -> None:
    """Run the command line; whatever is wrong with what the user gave is one line on stderr and exit code 2."""
    warnings.showwarning = warned
    for _, name, template in contributions("templates"):
        new.command(name)(new_command(name, template))
    try:
        sys.exit(app(prog_name="tokensheet", standalone_mode=False))
    except OSError as error:
        complain(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except (ValueError, LookupError) as error:
        complain(str(error))
    except Exception as error:
        # Typer's own errors, by name: the base class moved between its releases
        if type(error).__name__ == "NoArgsIsHelpError":
            sys.exit(2)  # the help is printed already
        if not hasattr(error, "format_message"):
            raise
        complain(error.format_message())


def warned(message: Warning | str, *_: Any, **__: Any) -> None:
    """A warning as one line, such as that a plugin is left out."""
    print(f"tokensheet: {printable(' '.join(str(message).split()))}", file=sys.stderr)


def complain(message: str) -> None:
    print(f"tokensheet: {printable(' '.join(message.split()))}", file=sys.stderr)
    sys.exit(2)


@app.command("functions")
def list_functions(
    name: Annotated[str | None, typer.Argument(help="One function.")] = None, as_json: Json = False
) -> None:
    """List the spreadsheet functions, or show one with its arguments, formula, source and example."""
    chosen = functions()
    if name is not None:
        if name.upper() not in chosen:
            close = ", ".join(difflib.get_close_matches(name.upper(), chosen, n=5))
            way_out = f"closest: {close}" if close else "'tokensheet functions' lists them"
            raise ValueError(f"no function is called {name!r}; {way_out}")
        chosen = {name.upper(): chosen[name.upper()]}
    if as_json:
        print(json.dumps([function.as_data() for function in chosen.values()], indent=2))
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


@app.command("chips")
def list_chips(name: Annotated[str | None, typer.Argument(help="One chip.")] = None, as_json: Json = False) -> None:
    """List the chips of the catalogue, or show one with its sources."""
    columns = {"name": "Chip", "vendor": "Vendor", "bf16_flops": "bf16 FLOP/s", "fp8_flops": "fp8 FLOP/s",
               "fp4_flops": "fp4 FLOP/s", "hbm_bytes": "Memory, B", "hbm_bandwidth": "Bandwidth, B/s",
               "usd_per_hour": "$/hour", "unverified": "Unverified"}  # fmt: skip
    show_catalogue(tokensheet.chips(), "chip", columns, name, as_json)


@app.command("models")
def list_models(name: Annotated[str | None, typer.Argument(help="One model.")] = None, as_json: Json = False) -> None:
    """List the models of the catalogue, or show one with its source."""
    columns = {"name": "Model", "release": "Released", "total_params": "Total", "active_params": "Active",
               "kv_bytes_per_token": "KV, B/token (bf16)", "attention": "Attention",
               "unverified": "Unverified"}  # fmt: skip
    show_catalogue(tokensheet.models(), "model", columns, name, as_json)


@own_model.command("add")
def add_model(
    config: Annotated[Path, typer.Argument(help="The model's config.json, as Hugging Face publishes it.")],
    name: Annotated[str | None, typer.Option(help="What to call it; otherwise the file's or folder's name.")] = None,
    to: Annotated[Path, typer.Option(help="The catalogue file of your own, a CSV; made if missing.")] = Path(
        "models.csv"
    ),
    force: Annotated[bool, typer.Option("--force", help="Replace a model of that name in the file.")] = False,
) -> None:
    """Derive a model's parameters and cache from its config.json and put it into a catalogue file of your own."""
    if to.suffix != ".csv":
        raise ValueError(f"{to} must end in .csv")
    if not to.parent.is_dir():
        raise ValueError(f"there is no folder {to.parent}")
    row, assumed = derive_file(config, name)
    add_row(to, row, tokensheet.models(), replace=force)
    for note in notes(numbers_of_model(row)):
        print(f"tokensheet: {printable(note)}", file=sys.stderr)
    filled = {field: cell for field, cell in row.items() if cell is not None and field != "notes"}
    show(["Field", "Value"], [[field, in_words(as_number(cell))] for field, cell in filled.items()])
    published = native_format(row)
    if published:
        values = numbers_of_model(row) | numbers_of_formats(published, "", row["experts"] or 1)
        size = DEPLOYMENT.evaluate(values, "weights_bytes")["weights_bytes"]
        say(f"\nIts weights take {size / 1e9:,.1f} GB as published, in {published}.")
    say("\nNot derived, assumed or not counted:", style="bold")
    for each in assumed:
        say(f"- {each}", wrap=True)
    if plain(row["name"]) in known_names(tokensheet.models()):
        say(f"\nWith this file, what {row['name']} has here counts before the catalogue's.")
    say(f"\nwrote {to}; use it with:")
    command = ["tokensheet", "--catalogue", str(to), "new", "cost-grid", "--models", row["name"]]
    say(f"  {shlex.join(command)}")


def as_number(cell: Any) -> Any:
    """A whole number as the catalogue holds it."""
    return float(cell) if isinstance(cell, int) else cell


def show_catalogue(rows: dict[str, Row], kind: str, columns: dict[str, str], name: str | None, as_json: bool) -> None:
    chosen = [find(rows, kind, name)] if name is not None else list(rows.values())
    if as_json:
        print(json.dumps(chosen, indent=2))
    elif name is not None:
        show(["Field", "Value"], [[field, in_words(value)] for field, value in chosen[0].items() if value is not None])
    else:
        show(list(columns.values()), [[in_words(row[field]) for field in columns] for row in chosen])


def in_words(value: Any) -> str:
    """A large number with G, T or P, which the functions read back."""
    if not isinstance(value, float):
        return str(value or "")
    for suffix, size in (("P", 1e15), ("T", 1e12), ("G", 1e9)):
        if value >= size:
            return f"{value / size:.6g}{suffix}"
    return f"{value:,.10g}"


@app.callback(invoke_without_command=True)
def options(
    catalogue: Annotated[
        list[Path] | None, typer.Option(help="A file of your own chips or models, laid over the built-in ones.")
    ] = None,
    calibration: Annotated[
        Path | None,
        typer.Option(help="Constants of your own for the estimates, as `tokensheet calibrate` writes them."),
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(metavar="DAY", help="Prices and rents as they were known on a day, as 2026-10-14.")
    ] = None,
    show_version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if as_of:
        tokensheet.use_prices(as_of)
    if catalogue:
        tokensheet.use_catalogue(*catalogue)
    if calibration:
        tokensheet.use_calibration(calibration)
    if show_version:
        from importlib.metadata import version

        print(version("tokensheet"))
