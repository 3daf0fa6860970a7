"""A template's arguments as options of a command, with the help of its docstring."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

import typer
from rich.markup import escape
from tokensheet_udfs.convert import number
from tokensheet_udfs.registry import Parameter, describe

F = TypeVar("F", bound=Callable[..., Any])
FORMS = {Sequence: ", separated by commas", Mapping: ", as NAME=NUMBER separated by commas"}


def with_options_of(template: Callable[..., Any]) -> Callable[[F], F]:
    """Give a command the template's arguments as options, which it takes as texts under `**`."""
    about, hints = describe(template, "", ""), get_type_hints(template)

    def option(given: Parameter) -> inspect.Parameter:
        form = next((text for kind, text in FORMS.items() if kind in kinds(hints[given.name])), "")
        info = typer.Option(help=escape(about.help.argument(given) + form))
        kind, annotation = inspect.Parameter.KEYWORD_ONLY, Annotated[str | None, info]
        return inspect.Parameter(given.name, kind, default=None, annotation=annotation)

    def decorate(command: F) -> F:
        first, *own = list(inspect.signature(command, eval_str=True).parameters.values())[:-1]
        options = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own]
        signature = inspect.Signature([first, *map(option, about.parameters), *options])
        command.__signature__ = signature  # type: ignore[attr-defined]
        return command

    return decorate


def arguments_of(template: Callable[..., Any], given: Mapping[str, str | None]) -> dict[str, Any]:
    """The template's arguments that these options give."""
    hints = get_type_hints(template)
    return {key: read(key, text, hints[key]) for key, text in given.items() if text is not None}


def kinds(hint: Any) -> set[Any]:
    """The types that a hint admits: of `Sequence[str] | None`, Sequence and None."""
    return {get_origin(part) or part for part in (get_args(hint) if get_origin(hint) is UnionType else [hint])}


def read(key: str, text: str, hint: Any) -> Any:
    """An option's text as the template's argument: a number, a comma-separated list, or NAME=NUMBER pairs."""
    option = "--" + key.replace("_", "-")
    try:
        if Mapping in kinds(hint):
            pairs = [pair.rpartition("=") for pair in text.split(",")]
            return {name.strip(): number(price) for name, _, price in pairs}
        if Sequence in kinds(hint):
            return [name.strip() for name in text.split(",") if name.strip()]
        return number(text) if hint in (float, Any) else text
    except ValueError as error:
        raise ValueError(f"{option}: {error}") from None
