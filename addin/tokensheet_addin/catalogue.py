"""The commands `tokensheet chips`, `models` and `model`: the catalogue, and models of one's own."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated, Any

import tokensheet
import typer
from tokensheet.chains import DEPLOYMENT
from tokensheet.model_config import derive_file
from tokensheet.numbers import native_format, numbers_of_formats, numbers_of_model
from tokensheet.own_catalogue import add_row
from tokensheet.plausible import notes
from tokensheet.rows import Row, find, known_names, plain

from tokensheet_addin.tables import Csv, Json, print_data, printable, say, show

own_model = typer.Typer(no_args_is_help=True)


def list_chips(
    name: Annotated[str | None, typer.Argument(help="One chip.", autocompletion=lambda: [*tokensheet.chips()])] = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """List the chips of the catalogue, or show one with its sources."""
    columns = {"name": "Chip", "vendor": "Vendor", "bf16_flops": "bf16 FLOP/s", "fp8_flops": "fp8 FLOP/s",
               "fp4_flops": "fp4 FLOP/s", "hbm_bytes": "Memory, B", "hbm_bandwidth": "Bandwidth, B/s",
               "usd_per_hour": "$/hour", "unverified": "Unverified"}  # fmt: skip
    show_catalogue(tokensheet.chips(), "chip", columns, name, as_json, as_csv)


def list_models(
    name: Annotated[
        str | None, typer.Argument(help="One model.", autocompletion=lambda: [*tokensheet.models()])
    ] = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """List the models of the catalogue, or show one with its source."""
    columns = {"name": "Model", "release": "Released", "total_params": "Total", "active_params": "Active",
               "kv_bytes_per_token": "KV, B/token (bf16)", "attention": "Attention",
               "unverified": "Unverified"}  # fmt: skip
    show_catalogue(tokensheet.models(), "model", columns, name, as_json, as_csv)


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


def show_catalogue(
    rows: dict[str, Row], kind: str, columns: dict[str, str], name: str | None, as_json: bool, as_csv: bool
) -> None:
    chosen = [find(rows, kind, name)] if name is not None else list(rows.values())
    if print_data(chosen, chosen, as_json, as_csv):
        return
    if name is not None:
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
