"""What packages contribute. tokensheet's own functions, chips, models, templates and hosts arrive the same way.

A package lists what it adds in its pyproject.toml, under one group for each kind:

    [project.entry-points."tokensheet.functions"]   # a module: the functions named in its __all__
    [project.entry-points."tokensheet.chips"]       # the path of a CSV file with columns of our chips.csv
    [project.entry-points."tokensheet.models"]      # the path of a CSV file with columns of our models.csv
    [project.entry-points."tokensheet.prices"]      # the path of a JSON file of prices, as genai-prices has them
    [project.entry-points."tokensheet.templates"]   # a function that returns a template
    [project.entry-points."tokensheet.hosts"]       # a module with the functions of tokensheet_addin.hosts.Host
    [project.entry-points."tokensheet.hooks"]       # 1 = the package: the version of all this that it is written for

What fails of another package is left out, named in a warning and told by `broken()`; everything else works. What fails
of ours is an error.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import Distribution, EntryPoint, entry_points
from typing import Any, NamedTuple

KINDS = ("functions", "chips", "models", "prices", "templates", "hosts")
HOOKS = "1"  # the version of what stands above; another one where a package that was right is no longer
OURS = "tokensheet"


class PluginWarning(UserWarning):
    """Something of another package is left out."""


class Contribution(NamedTuple):
    """What a package adds, by the name that it gives it."""

    package: str
    kind: str
    name: str


_broken: dict[Contribution, str] = {}


def contributions(kind: str, name: str = "") -> list[tuple[str, str, Any]]:
    """Each contribution of a kind, or those of a name: its package, its name, and the thing itself; ours first."""
    found = []
    for entry in entries(kind):
        if name not in ("", entry.name):
            continue
        each = Contribution(package(entry), kind, entry.name)
        with left_out_if_broken(each):
            of_our_version(each.package)
            found.append((each.package, entry.name, entry.load()))
    return found


def broken() -> dict[Contribution, str]:
    """What was left out so far, and why."""
    return dict(_broken)


@contextmanager
def left_out_if_broken(each: Contribution) -> Iterator[None]:
    """Where something of another package fails, go on without it, and say so once."""
    try:
        yield
    except (Exception, SystemExit) as error:
        if each.package == OURS:
            raise
        reason = " ".join(str(error).split()) or type(error).__name__
        if _broken.get(each) != reason:
            _broken[each] = reason
            told = f"the {each.kind} {each.name} of the plugin {each.package} are left out: {reason}"
            warnings.warn(told, PluginWarning, stacklevel=3)


def of_our_version(name: str) -> None:
    """Complain about a package that is written for other hooks than these."""
    wanted = [entry.name for entry in entries("hooks") if package(entry) == name]
    if wanted and HOOKS not in wanted:
        versions = " or ".join(wanted)
        raise ValueError(
            f"it is written for version {versions} of the hooks, and these are {HOOKS}: update the older one"
        )


@functools.cache
def entries(kind: str) -> tuple[EntryPoint, ...]:
    """The entry points of a kind, not loaded; ours first."""
    found = installed().select(group=f"tokensheet.{kind}")
    return tuple(sorted(found, key=lambda entry: (package(entry) != OURS, package(entry), entry.name)))


@functools.cache
def installed() -> Any:
    """The entry points of every package; each of them has a file to read."""
    return entry_points()


def package(entry: EntryPoint) -> str:
    return name_of(entry.dist) if entry.dist else entry.value.partition(".")[0]


@functools.cache
def name_of(package: Distribution) -> str:
    return str(package.name)
