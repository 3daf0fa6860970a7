"""The hosts: where the functions can be called. Each is a module that an entry point of `tokensheet.hosts` names.

Ours arrive by that door too, so that another package can bring a host. The command line knows of a host what stands
here, and imports it when it is wanted.
"""

from __future__ import annotations

from importlib.metadata import EntryPoint
from typing import NamedTuple, Protocol

from tokensheet.plugins import entries, package


class Status(NamedTuple):
    """What was found of a host, and what is to be done until the functions work there; nothing if they do."""

    found: list[str]
    to_do: list[str]


class Host(Protocol):
    """A host: a module, or whatever else has these.

    Where they make sense it has three functions more. Each is a command of Typer's, its docstring the help, its
    arguments the options: `install` is `tokensheet addin install HOST` and puts the functions there for the user who
    runs it, `remove` takes them away again, and `write`, as `tokensheet addin HOST`, gives what is to be installed
    elsewhere.
    """

    @property
    def name(self) -> str:
        """What the user calls it."""

    def status(self) -> Status:
        """What is there and what is missing; without changing anything."""


def hosts() -> dict[str, EntryPoint]:
    """Every host by its word on the command line. Two of one word are an error."""
    found: dict[str, EntryPoint] = {}
    for entry in entries("hosts"):
        other = found.setdefault(entry.name, entry)
        if other is not entry:
            raise ValueError(f"{package(entry)} and {package(other)} both bring a host {entry.name}; rename one")
    return found
