"""A template's arguments as options of a command, with the help of its docstring."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

import typer
from rich.markup import escape
from tokensheet.typed import number
from tokensheet_templates.declared import Input
from tokensheet_templates.template import Declared
from tokensheet_udfs.registry import describe

F = TypeVar("F", bound=Callable[..., Any])
DATE = 'The day that the workbook is made for, as "2026-11-27"; by default today'
SCENARIOS = "A NUMBER alone is the base; low/base/high are its scenarios. Several are separated by commas."
FORMS = {Sequence: ", separated by commas", Mapping: ", as NAME=NUMBER separated by commas"}


def with_options_of(template: Callable[..., Any]) -> Callable[[F], F]:
    """Give a command the template's arguments as options, which it takes as texts under `**`."""

    panels, metavars = sections(template), forms(template)

    def option(name: str, words: str) -> inspect.Parameter:
        told = typer.Option(help=escape(words), rich_help_panel=panels.get(name), metavar=metavars.get(name))
        kind, annotation = inspect.Parameter.KEYWORD_ONLY, Annotated[str | None, told]
        return inspect.Parameter(name, kind, default=None, annotation=annotation)

    def decorate(command: F) -> F:
        first, *own = list(inspect.signature(command, eval_str=True).parameters.values())[:-1]
        options = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own]
        asked = [option(name, words) for name, words in in_words(template).items()]
        signature = inspect.Signature([first, *asked, *options])
        command.__signature__ = signature  # type: ignore[attr-defined]
        if isinstance(template, Declared):
            command.__doc__ = f"{command.__doc__}\n\n{SCENARIOS}"
        return command

    return decorate


def in_words(template: Callable[..., Any]) -> dict[str, str]:
    """What may be asked of a template, in words: of one that is declared its inputs, else the arguments it takes."""
    if isinstance(template, Declared):
        return {each.key: each.help for each in template if each.key != "as_of"} | {"date": DATE}
    about, hints = describe(template, "", ""), get_type_hints(template)
    form = {
        name: next((text for kind, text in FORMS.items() if kind in kinds(hint)), "") for name, hint in hints.items()
    }
    return {each.name: about.help.argument(each) + form[each.name] for each in about.parameters}


def sections(template: Callable[..., Any]) -> dict[str, str]:
    """The section of the sheet Inputs that each option is of, which is its panel in the help."""
    if not isinstance(template, Declared):
        return {}
    return {each.key: title for title, inputs in template.inputs.items() for each in inputs}


def forms(template: Callable[..., Any]) -> dict[str, str]:
    """What each option takes, in a word."""
    return (
        {each.key: "NAME" if each.choices else "NUMBER" for each in template} if isinstance(template, Declared) else {}
    )


def arguments_of(template: Callable[..., Any], given: Mapping[str, str | None]) -> dict[str, Any]:
    """The template's arguments that these options give."""
    if isinstance(template, Declared):
        inputs = {each.key: each for each in template}
        texts = {key: text for key, text in given.items() if text is not None}
        return {key: text if key == "date" else read_input(inputs[key], text) for key, text in texts.items()}
    hints = get_type_hints(template)
    return {key: read(key, text, hints[key]) for key, text in given.items() if text is not None}


def read_input(each: Input, text: str) -> Any:
    """An option's text as the value of an input: low/base/high between slashes, several separated by commas."""
    try:
        if each.choices:
            return [name.strip() for name in text.split(",")] if each.plural else text
        values = [[number(part) for part in value.split("/")] for value in (text.split(",") if each.plural else [text])]
    except ValueError as error:
        raise ValueError(f"--{each.key.replace('_', '-')}: {error}") from None
    found = [tuple(value) if len(value) > 1 else value[0] for value in values]
    return found if each.plural else found[0]


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
