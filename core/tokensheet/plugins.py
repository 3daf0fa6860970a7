"""What packages contribute. tokensheet's own functions, chips, models, templates and hosts arrive the same way.

A package lists what it adds in its pyproject.toml, under one group for each kind:

    [project.entry-points."tokensheet.functions"]   # a module: the functions named in its __all__
    [project.entry-points."tokensheet.chips"]       # the path of a CSV file with the columns of our chips.csv
    [project.entry-points."tokensheet.models"]      # the path of a CSV file with the columns of our models.csv
    [project.entry-points."tokensheet.templates"]   # a function that returns a template
    [project.entry-points."tokensheet.hosts"]       # a module with the functions of tokensheet_addin.hosts.Host
"""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import Any


def contributions(kind: str) -> list[tuple[str, str, Any]]:
    """Each contribution of a kind: the package it comes from, its name there, and the thing itself; ours first."""
    return [(package(entry), entry.name, entry.load()) for entry in entries(kind)]


def entries(kind: str) -> list[EntryPoint]:
    """The entry points of a kind, not loaded; ours first."""
    found = entry_points(group=f"tokensheet.{kind}")
    return sorted(found, key=lambda entry: (package(entry) != "tokensheet", package(entry), entry.name))


def package(entry: EntryPoint) -> str:
    return str(entry.dist.name) if entry.dist else entry.value.partition(".")[0]
