"""A package whose names are imported when they are first asked for, so that nobody waits for what they do not use.

Its stub, `__init__.pyi`, says what there is, as other scientific packages have it (SPEC 1, "Lazy Loading of Submodules
and Functions"); type checkers and editors read the same.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Callable
from typing import Any

IMPORT = re.compile(r"^from (\S+) import (\S+)", re.MULTILINE)


def attach_stub(package: str) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """`__getattr__` and `__dir__` of the package (PEP 562)."""
    module: Any = sys.modules[package]
    imports = IMPORT.findall(module.__spec__.loader.get_data(f"{module.__path__[0]}/__init__.pyi").decode())

    def names(place: str, name: str) -> list[str]:
        """What such an import brings: of * what the module lists in `__all__`."""
        return list(importlib.import_module(place).__all__) if name == "*" else [name]

    def found(name: str) -> Any:
        if name == "__all__":
            return [each for place, imported in imports for each in names(place, imported)]
        if not name.startswith("_"):
            try:
                return importlib.import_module(f"{package}.{name}")
            except ModuleNotFoundError as error:
                if error.name != f"{package}.{name}":
                    raise
            for place, imported in imports:
                if name == imported or (imported == "*" and name in names(place, imported)):
                    value = getattr(importlib.import_module(place), name)
                    setattr(module, name, value)
                    return value
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return found, lambda: sorted({*vars(module), *found("__all__")})
