"""The functions that many scenarios are asked of, by name or themselves, and which inputs are theirs."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tokensheet.equation import domains, signature
from tokensheet.plugins import contributions

Functions = str | Callable[..., Any] | Iterable[str | Callable[..., Any]]
Chosen = dict[str, Callable[..., Any]]


def chosen_functions(functions: Functions, done: str) -> Chosen:
    """The functions by name; each has to be an equation, a function over names or a search for this to be `done`."""
    several = [functions] if isinstance(functions, str) or callable(functions) else [*functions]
    found: Chosen = {}
    for each in several:
        function = each if callable(each) else named_function(each)
        name = getattr(function, "__name__", str(function))
        if not hasattr(function, "outcomes"):
            raise ValueError(f"{name} cannot be {done}: it is no equation, no function over names and no search")
        if any(each.kind is each.VAR_POSITIONAL for each in signature(function).parameters.values()):
            raise ValueError(f"{name} cannot be {done}: it takes any number of arguments, which have no names")
        found[name] = function
    return found


def named_function(name: Any) -> Callable[..., Any]:
    known = {each: getattr(module, each) for _, _, module in contributions("functions") for each in module.__all__}
    called = str(name).lower().replace("-", "_")
    if called not in known:
        raise ValueError(f"no function is called {name!r:.60}{closest(called, known)}")
    return known[called]  # type: ignore[no-any-return]


def closest(name: str, known: Iterable[str], alike: float = 0.6) -> str:
    found = difflib.get_close_matches(name[:100], [*known], 3, alike)
    return f"; closest: {', '.join(found)}" if found else ""


def inputs_of(chosen: Mapping[str, Callable[..., Any]]) -> dict[str, inspect.Parameter]:
    """What the functions take, by name."""
    return {name: each for function in chosen.values() for name, each in signature(function).parameters.items()}


def missing(function: Callable[..., Any], given: Iterable[str]) -> list[str]:
    """What the function needs and does not get."""
    return [
        name
        for name, each in signature(function).parameters.items()
        if each.default is each.empty and name not in given
    ]


def check_names(chosen: Mapping[str, Callable[..., Any]], given: Iterable[str]) -> None:
    """Complain about inputs that no function takes, and about those that one needs and does not get."""
    given, known = [*given], inputs_of(chosen)
    for name in given:
        if name not in known:
            raise ValueError(f"{', '.join(chosen)}: no input is called {name!r:.60}{closest(str(name), known)}")
        if name in chosen:
            raise ValueError(f"{name} is an input and an answer of one call; ask for one of them in another")
    for name, function in chosen.items():
        if lacking := missing(function, given):
            raise ValueError(f"{name} needs {', '.join(lacking)} too")


def takes_number(function: Callable[..., Any], name: str) -> bool:
    """Whether an argument is a number, not a name."""
    return hasattr(function, "formula") or name in domains(function)
