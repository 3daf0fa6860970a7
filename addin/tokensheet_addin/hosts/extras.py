"""Hosts whose packages are an extra of tokensheet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version

from tokensheet_addin.hosts import Status


def status_of_extra(extra: str) -> Status:
    """Which of the extra's packages are there, and how to get the others."""
    found, missing = [], False
    for package in packages(extra):
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            missing = True
    return Status(found, [how_to_get(extra)] if missing or not found else [])


def how_to_get(extra: str) -> str:
    return f"python3 -m pip install 'tokensheet[{extra}]'"


def packages(extra: str) -> Iterator[str]:
    """The packages that an extra of tokensheet asks for."""
    for requirement in requires("tokensheet") or []:
        name = re.match(r"[\w.-]+", requirement)
        if name and re.search(rf"extra == ['\"]{extra}['\"]", requirement):
            yield name[0]
