"""What only some need: a package that is loaded where it is asked for, and an error that says how to get it."""

from __future__ import annotations

from importlib import import_module
from typing import Any


class NotInstalled(ModuleNotFoundError, ValueError):
    """A package of an extra that is not there: nothing is broken, and who asks can mend it."""


def needed(what: str, module: str, extra: str) -> Any:
    """A module of an extra; without its package an error that names the extra."""
    package = module.partition(".")[0]
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != package:
            raise
        raise NotInstalled(f"{what} needs {package}: python3 -m pip install 'tokensheet[{extra}]'") from None
