"""The commands `tokensheet templates` and `tokensheet new`: workbooks from templates."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from tokensheet.plugins import contributions, entries
from tokensheet_templates.scenario import read_scenario, write_scenario
from tokensheet_templates.template import Declared
from tokensheet_udfs.registry import describe
from tokensheet_udfs.spelling import FLAVOURS

from tokensheet_addin.files import may_write
from tokensheet_addin.later import Group, Later
from tokensheet_addin.tables import Csv, Json, print_data, say, show, working
from tokensheet_addin.template_options import arguments_of, with_options_of

Out = Annotated[Path, typer.Argument(help="The workbook to write.")]
Functions = Annotated[str, typer.Option(help=f"How formulas are spelled: {', '.join(FLAVOURS)}.")]
Force = Annotated[bool, typer.Option("--force", help="Replace an existing file.")]
From = Annotated[Path | None, typer.Option("--from", help="A scenario file, whose values options replace.")]
Save = Annotated[Path | None, typer.Option(help="Write the inputs to a scenario file, for --from.")]


def list_templates(as_json: Json = False, as_csv: Csv = False) -> None:
    """List the workbooks that `tokensheet new` writes."""
    rows = [[name, purpose(template), package] for package, name, template in contributions("templates")]
    data = [dict(zip(("name", "purpose", "package"), row, strict=True)) for row in rows]
    if not print_data(data, data, as_json, as_csv):
        show(["Template", "What it is for", "Package"], rows)


def purpose(template: Callable[..., Any]) -> str:
    return template.purpose if isinstance(template, Declared) else describe(template, "", "").help.summary


class Templates(Group):
    """A command for each template, which is imported when it is used, or when somebody asks what each is for."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = {each.name: Later(each.name, partial(new_command, each.name)) for each in entries("templates")}

    def list_commands(self, ctx: Any) -> list[str]:
        found = {name: purpose(template) for _, name, template in contributions("templates")}
        for name, text in found.items():
            self.commands[name].help = text
        return [*found]


new = typer.Typer(cls=Templates, no_args_is_help=True)


def new_command(name: str) -> Callable[..., None]:
    """The command that writes a template."""
    found = contributions("templates", name)
    if not found:
        raise LookupError(f"the template {name} is left out; 'tokensheet plugins' says why")
    *_, template = found[-1]
    command = declared_command(template) if isinstance(template, Declared) else plain_command(name, template)
    command.__defaults__ = (Path(f"{name}.xlsx"), *(command.__defaults__ or ())[1:])
    command.__doc__ = purpose(template)
    return with_options_of(template)(command)


def declared_command(template: Declared) -> Callable[..., None]:
    def command(
        out: Out = Path(),
        functions: Functions = "native",
        force: Force = False,
        scenario: From = None,
        save_scenario: Save = None,
        **given: str | None,
    ) -> None:
        if save_scenario:
            may_write(save_scenario, ".toml", force)
        values = read_scenario(scenario, template) if scenario else {}
        book = template(**values | arguments_of(template, given))
        write(book, out, functions, force)
        if save_scenario:
            write_scenario(save_scenario, book, overwrite=force)
            say(f"wrote {save_scenario}")

    return command


def plain_command(name: str, template: Callable[..., Any]) -> Callable[..., None]:
    """That of a template which is any function: what is wrong with it itself is said in a line, as of any plugin."""

    def command(out: Out = Path(), functions: Functions = "native", force: Force = False, **given: str | None) -> None:
        try:
            write(template(**arguments_of(template, given)), out, functions, force)
        except (ValueError, LookupError, OSError):
            raise
        except Exception as error:
            raise ValueError(f"the template {name} fails: {type(error).__name__}: {error}") from error

    return command


def write(book: Any, out: Path, functions: str, force: bool) -> None:
    if functions not in FLAVOURS:
        raise ValueError(f"--functions must be one of {', '.join(FLAVOURS)}, not {functions!r}")
    may_write(out, ".xlsx", force)
    with working(f"writing {out}"):
        book.save(out, functions, overwrite=force)
    if not out.exists():
        raise ValueError(f"the template wrote no {out}")
    say(f"wrote {out}")
