"""The commands `tokensheet addin …`: those that the hosts bring, and the status of all."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from importlib.metadata import EntryPoint
from typing import Any

import typer
from tokensheet.plugins import package
from typer.core import TyperGroup

from tokensheet_addin.hosts import Host, Status, hosts
from tokensheet_addin.later import as_command
from tokensheet_addin.tables import Csv, Json, print_data, say

CELL = re.compile(r"[A-Z]{1,3}\d+|R\d*C\d*")  # H100 is a cell


def of_hosts(verb: str) -> type[TyperGroup]:
    """A group with a command for each host that has the verb, made when it is wanted: start-up imports no host."""

    class OfHosts(TyperGroup):
        def list_commands(self, ctx: Any) -> list[str]:
            return [*super().list_commands(ctx), *(word for word, entry in hosts().items() if function(entry, verb))]

        def get_command(self, ctx: Any, cmd_name: str) -> Any:
            entry = hosts().get(cmd_name)
            run = entry and function(entry, verb)
            return as_command(cmd_name, run) if run else super().get_command(ctx, cmd_name)

    return OfHosts


def function(entry: EntryPoint, verb: str) -> Callable[..., None] | None:
    """The host's function of that name, if it has one; a host that cannot be loaded has none, and `status` says why."""
    try:
        return getattr(entry.load(), verb, None)
    except Exception:  # of another package's code
        return None


addin = typer.Typer(cls=of_hosts("write"), no_args_is_help=True)
addin.add_typer(
    typer.Typer(help="Install an add-in, or bring it up to date.", cls=of_hosts("install"), no_args_is_help=True),
    name="install",
)
addin.add_typer(typer.Typer(help="Remove an add-in.", cls=of_hosts("remove"), no_args_is_help=True), name="remove")


@addin.command("status")
def show_status(as_json: Json = False, as_csv: Csv = False) -> None:
    """Say for each host what is installed, what is missing and how to mend it."""
    found = [("functions", every_function()), *map(status_of, hosts().values())]
    data = [{"host": name, **status._asdict()} for name, status in found]
    if print_data(data, data, as_json, as_csv):
        return
    for name, status in found:
        state = f"to do: {'; '.join(status.to_do)}" if status.to_do else "ready"
        say(f"{name}: {', '.join([*status.found, state])}")


def status_of(entry: EntryPoint) -> tuple[str, Status]:
    """The host's name and status."""
    try:
        host: Host = entry.load()
        return host.name, host.status()
    except Exception as error:  # of another package's code
        return entry.name, Status([], [f"the host of {package(entry)} fails: {error or type(error).__name__}"])


def every_function() -> Status:
    """What every host would show: ours and the plugins' functions, and what keeps one of them from being called."""
    from openpyxl.utils import FORMULAE
    from tokensheet_udfs.registry import functions

    try:
        found = functions()
    except Exception as error:  # of a plugin's code, too
        return Status([], [f"no host can load them: {error or type(error).__name__}"])
    packages = Counter(function.package for function in found.values())
    taken = [name for name in found if name in FORMULAE or CELL.fullmatch(name)]
    return Status(
        [f"{number} of {package}" for package, number in packages.items()],
        [f"{found[name].package} has to rename {name}, which in a formula means something else" for name in taken],
    )
