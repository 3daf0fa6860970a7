"""Every function a spreadsheet gets: its Excel name, arguments and help, read from signature and docstring."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_type_hints

from tokensheet.cell import Cell
from tokensheet.equation import Choices, Domain, Text, choices, domains, evaluate, excel_name
from tokensheet.glossary import split_unit
from tokensheet.plain import refuse
from tokensheet.plugins import OURS, Contribution, contributions, left_out_if_broken
from tokensheet.texts import clean

REQUIRED = inspect.Parameter.empty


@dataclass(frozen=True)
class Parameter:
    """An argument: a number in its domain, a text, perhaps of a choice, or (`rest`) any number of further arguments."""

    name: str
    default: Any
    domain: Domain | None
    choices: Choices | None
    is_text: bool
    rest: bool

    @property
    def required(self) -> bool:
        return self.default is REQUIRED and not self.rest


@dataclass(frozen=True)
class Function:
    """A function under its Excel name."""

    name: str
    python: Callable[..., Any]
    parameters: tuple[Parameter, ...]
    package: str
    subject: str

    @property
    def traceable(self) -> bool:
        """Whether it is an equation, so that its native Excel formula exists."""
        return hasattr(self.python, "formula")

    @property
    def formula(self) -> str:
        """The native Excel formula in terms of the arguments' names; empty for a function that looks things up."""
        if not self.traceable:
            return ""
        return str(evaluate(self.python, *(Cell(parameter.name) for parameter in self.parameters)).text)

    @functools.cached_property
    def plain(self) -> Callable[..., Any]:
        """The function compiled for single numbers and names; what else there is, it refuses."""
        return self.python.plain() if hasattr(self.python, "plain") else refuse

    @property
    def repeating(self) -> bool:
        """Whether the last argument may be given any number of times."""
        return any(parameter.rest for parameter in self.parameters)

    @functools.cached_property
    def help(self) -> Help:
        return read_help(self)

    def as_data(self) -> dict[str, Any]:
        """Everything about the function, as plain data."""
        return {
            "name": self.name,
            "subject": self.subject,
            "package": self.package,
            "summary": self.help.summary,
            "arguments": [
                {
                    "name": each.name,
                    "required": each.required,
                    "unit": self.help.units[each.name],
                    "help": self.help.argument(each),
                }
                for each in self.parameters
            ],
            "returns": self.help.returns,
            "unit": self.help.unit,
            "formula": self.formula,
            "notes": self.help.notes,
            "source": self.help.source,
            "example": self.help.examples,
        }


@dataclass(frozen=True)
class Help:
    """What the user reads: from the docstring, which is numpydoc with the unit in brackets after each description."""

    summary: str
    arguments: dict[str, str]
    units: dict[str, str]
    returns: str
    unit: str
    notes: str
    source: str
    examples: str

    def argument(self, parameter: Parameter) -> str:
        """One line on an argument: what it is, its unit, its domain, its default."""
        facts = [
            self.units[parameter.name],
            parameter.domain.text if parameter.domain else "",
            "" if parameter.default in (REQUIRED, None, "") else f"default {parameter.default}",
        ]
        known = ", ".join(filter(None, facts))
        return self.arguments[parameter.name] + (f" ({known})" if known else "")


@functools.cache
def functions() -> dict[str, Function]:
    """Every function by Excel name, ours and those of installed plugins: of each all, or if one is wrong none."""
    found: dict[str, Function] = {}
    for package, name, module in contributions("functions"):
        with left_out_if_broken(Contribution(package, "functions", name)):
            found |= functions_of(module, package, found)
    return dict(sorted(found.items()))


def functions_of(module: Any, package: str, known: Mapping[str, Function]) -> dict[str, Function]:
    """The functions of a module by Excel name."""
    subject = module.__name__.rpartition(".")[2]
    found: dict[str, Function] = {}
    for attribute in module.__all__:
        function = describe(getattr(module, attribute), package, subject)
        other = known.get(function.name) or found.get(function.name)
        if other:
            raise ValueError(f"{package} and {other.package} both define {function.name}; one has to be renamed")
        if package != OURS:  # of ours a test holds it, and reading all their help takes a while
            documented(function)
        found[function.name] = function
    return found


def documented(function: Function) -> None:
    """Complain about an argument that its docstring does not tell."""
    missing = [each.name for each in function.parameters if each.name not in function.help.arguments]
    if missing:
        raise ValueError(f"the docstring of {function.python.__name__} has no {', '.join(missing)} under Parameters")


def describe(python: Callable[..., Any], package: str, subject: str) -> Function:
    limits, texts = domains(python), choices(python)
    hints = get_type_hints(getattr(python, "formula", python))
    parameters = tuple(
        Parameter(
            name=parameter.name,
            default=parameter.default,
            domain=limits.get(parameter.name),
            choices=texts.get(parameter.name),
            is_text=hints.get(parameter.name) in (str, Text),
            rest=parameter.kind is inspect.Parameter.VAR_POSITIONAL,
        )
        for parameter in inspect.signature(python).parameters.values()
    )
    return Function(excel_name(python), python, parameters, package, subject)


def read_help(function: Function) -> Help:
    from docstring_parser import parse  # only help needs it, so a host without it can still compute
    from docstring_parser.common import DocstringStyle

    doc = parse(clean(inspect.getdoc(function.python) or ""), DocstringStyle.NUMPYDOC)
    arguments = {param.arg_name.lstrip("*"): split_unit(param.description or "") for param in doc.params}
    returns, unit = split_unit((doc.returns.description if doc.returns else "") or "")
    sections = {meta.args[0]: meta.description for meta in doc.meta if meta.args and meta.description}
    notes, _, source = one_line(sections.get("notes", "")).partition("Source: ")
    return Help(
        summary=one_line(doc.short_description or ""),
        arguments={name: text for name, (text, _) in arguments.items()},
        units={name: unit for name, (_, unit) in arguments.items()},
        returns=returns,
        unit=unit,
        notes=notes.strip(),
        source=source.strip(),
        examples="\n\n".join(
            "\n".join(filter(None, (example.snippet, example.description))) for example in doc.examples
        ),
    )


def one_line(text: str) -> str:
    return " ".join(text.split())
