"""What does a token cost, and why? The arithmetic of serving and training large language models.

Every equation takes numbers, arrays, pandas objects or cells (`tokensheet.Cell`, which give the Excel formula), in SI
base units: tokens, bytes, bytes/s, FLOP/s, seconds, US dollars.
"""

import functools
import importlib
import re

# A name is imported when it is first asked for (PEP 562): whoever needs an equation waits for little more than numpy.
# The stub says what there is, as other scientific packages have it (SPEC 1), and type checkers and editors read it.


@functools.cache
def _imports() -> list[tuple[str, str]]:
    """The imports of the stub: from which module, and which name, or * for its `__all__`."""
    stub = __spec__.loader.get_data(f"{__path__[0]}/__init__.pyi")
    return re.findall(r"^from (\S+) import (\S+)", stub.decode(), re.MULTILINE)


def _names(module: str, name: str) -> list[str]:
    return importlib.import_module(module).__all__ if name == "*" else [name]


def __getattr__(name: str) -> object:
    if name == "__all__":
        return [each for imported in _imports() for each in _names(*imported)]
    if not name.startswith("_"):
        try:
            return importlib.import_module(f"{__name__}.{name}")
        except ModuleNotFoundError as error:
            if error.name != f"{__name__}.{name}":
                raise
        for module, imported in _imports():
            if name == imported or (imported == "*" and name in _names(module, imported)):
                globals()[name] = found = getattr(importlib.import_module(module), name)
                return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__getattr__("__all__")})
