"""Commands that are made when they are used: a list of them needs a name and a line of each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand


class Later(TyperCommand):
    """A command, or a group of commands, that is made when it is used."""

    def __init__(self, word: str, make: Callable[[], Any], summary: str = "") -> None:
        super().__init__(word, help=summary)
        self.word, self.make = word, make

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Where it would read its arguments, and from there on, the command that is made takes its place."""
        return as_command(self.word, self.make(), self.help).make_context(info_name, args, parent, **extra)


def as_command(word: str, found: Any, summary: str | None = None) -> Any:
    """A function as a command, its docstring the help and its arguments the options; or a Typer as a group."""
    if isinstance(found, typer.Typer):
        group = typer.main.get_group(found)
        group.help = summary
        return group
    single = typer.Typer(add_completion=False)
    single.command(word, context_settings=getattr(found, "context_settings", None))(found)
    return take_as_they_are(typer.main.get_command(single))


def take_as_they_are(command: Any) -> Any:
    """Let a command take texts and paths, and what is left out, without pydantic: who needs it waits 100 ms for it."""
    for each in command.params:
        each.process_value = process_value(each, each.process_value)
    return command


def process_value(parameter: Any, by_typer: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    kind = getattr(getattr(parameter, "type_descriptor", None), "annotation", None)  # since Typer has pydantic

    def processed(context: Any, value: Any) -> Any:
        if value is None and kind and not parameter.required:
            return None
        if kind in (str, Path) and isinstance(value, (str, Path)):
            return kind(value)
        return by_typer(context, value)

    return processed
