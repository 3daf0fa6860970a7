"""The commands `tokensheet plugins` and `tokensheet plugin new`: what packages add, and a package to begin from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, NamedTuple

import tokensheet
import typer
from tokensheet.plugins import KINDS, OURS, Contribution, broken, contributions, entries, package
from tokensheet.price_lists import brought, in_use
from tokensheet_udfs.registry import functions

from tokensheet_addin.tables import Csv, Json, print_data, say, show

EXAMPLE = Path(__file__).with_name("plugin_example")
NAME = re.compile("[a-z][a-z0-9]*")  # goes into names of packages, modules and functions

plugin = typer.Typer(no_args_is_help=True)


class State(NamedTuple):
    """A contribution of another package, and why it is left out, if it is."""

    package: str
    version: str
    kind: str
    name: str
    works: bool
    reason: str


def list_plugins(as_json: Json = False, as_csv: Csv = False) -> None:
    """List what other packages add, and what of it does not work and why."""
    states = list(states_of_plugins())
    data = [each._asdict() for each in states]
    if print_data(data, data, as_json, as_csv):
        return
    if states:
        show(
            ["Package", "Version", "Adds", "As", "State"],
            [[*each[:4], "works" if each.works else f"is left out: {each.reason}"] for each in states],
        )
    else:
        say("no other package adds anything; 'tokensheet plugin new acme' makes one to begin from")


def states_of_plugins() -> Iterator[State]:
    """The state of each contribution of other packages, when all that there is has been read."""
    functions(), tokensheet.chips(), tokensheet.models(), brought(in_use())
    for kind in ("templates", "hosts"):
        contributions(kind)
    for kind in KINDS:
        for entry in entries(kind):
            name = package(entry)
            if name != OURS:
                reason = broken().get(Contribution(name, kind, entry.name), "")
                yield State(name, entry.dist.version if entry.dist else "", kind, entry.name, not reason, reason)


@plugin.command("new")
def new_plugin(
    name: Annotated[str, typer.Argument(help="One word, such as acme.")],
    to: Annotated[Path | None, typer.Option(help="The folder to make; otherwise tokensheet-NAME.")] = None,
) -> None:
    """Make a package with a function, a chip, a model, prices, a template and a host, and tests of each."""
    if not NAME.fullmatch(name):
        raise ValueError(f"a plugin's name is one word of small letters and digits, such as acme, not {name!r}")
    price = f"{name}_price".upper()
    if price in functions():
        raise ValueError(f"there is a function {price} already; take another name")
    folder = to or Path(f"tokensheet-{name}")
    if folder.exists():
        raise ValueError(f"{folder} exists; give --to another folder")
    if not folder.parent.is_dir():
        raise ValueError(f"there is no folder {folder.parent}")
    for path, text in files_of_plugin(name).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    say(f"wrote {folder}; there:")
    say('  python3 -m pip install -e ".[test]" && tokensheet plugins && python3 -m pytest')


def files_of_plugin(name: str) -> dict[str, str]:
    """The files of the example under another name."""
    found = {}
    for path in sorted(EXAMPLE.rglob("*.*")):
        if "__pycache__" not in path.parts:
            text = path.read_text(encoding="utf-8")
            for change in (str.lower, str.capitalize, str.upper):
                text = text.replace(change("acme"), change(name))
            found[path.relative_to(EXAMPLE).as_posix().replace("acme", name)] = text
    return found
