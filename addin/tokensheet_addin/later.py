"""Commands that are made when they are used: a list of them needs a name and a line of each."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup


class Quick:
    """What takes texts and paths as they are: as Typer has it, one would wait 100 ms for pydantic to read them."""

    def get_params(self, ctx: Any) -> list[Any]:
        found: list[Any] = super().get_params(ctx)  # type: ignore[misc]
        for each in found:
            each.process_value = partial(process_value, each)
        return found


def process_value(parameter: Any, context: Any, value: Any) -> Any:
    """What an argument is given or, as None, is not; numbers and whatever else there is are read as Typer does."""
    if not hasattr(parameter, "type_descriptor"):  # of a Typer without pydantic
        return type(parameter).process_value(parameter, context, value)
    kind = getattr(parameter.type_descriptor, "annotation", None)
    if value is None and not parameter.required:
        return None
    if kind in (str, Path) and isinstance(value, str | Path):
        return kind(value)
    return type(parameter).process_value(parameter, context, value)


class Command(Quick, TyperCommand):
    """A command of Typer's."""


class Group(Quick, TyperGroup):
    """A group of commands."""


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
    single.command(word, cls=Command, context_settings=getattr(found, "context_settings", None))(found)
    return typer.main.get_command(single)
