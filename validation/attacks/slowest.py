"""The slowest call of each function, of a cell and of a million: hostile numbers, names and texts, a misfit among many.

`python3 -m attacks.slowest` prints the table of every function, in seconds of a processor.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from tokensheet_udfs.convert import MOST_CELLS, call
from tokensheet_udfs.look_up import MOST_QUESTIONS
from tokensheet_udfs.registry import Function, Parameter, functions

from attacks import Figure

CELLS = 1_000_000
A_CELL, A_MILLION = 0.05, 2.0  # seconds that are promised
WORST = 5  # functions of which there is a figure
NAMES = {
    "model": "DeepSeek-V3", "chip": "H200", "provider": "openai", "name": "H200", "date": "2026-11-01", "tokens": "64",
}  # fmt: skip
HOSTILE = (1.0, 64.0, 4096.0, 5e-324, 1e300, 0.0, -1.0, "9" * 32_767, "9" * 32_000 + "x", math.nan, None)


class Slowest(NamedTuple):
    """What a function takes at worst, in seconds."""

    function: str
    cell: float
    million: float
    cells: int
    """How many were computed, where a call may not have a million."""
    what: str
    """The kind of column that took longest."""


def plain(function: Function, parameter: Parameter) -> Any:
    """A value with which the function has an answer, as far as one fits all."""
    if not parameter.is_text:
        return None if not parameter.required else 0.5 if parameter.domain and 64.0 not in parameter.domain else 64.0
    if function.name == "API_PRICE" and parameter.name == "model":
        return "gpt-4o"
    if function.name in ("CHIP", "MODEL") and parameter.name == "field":
        return "source" if function.name == "MODEL" else "hbm_bytes"
    if function.name == "MODEL" and parameter.name == "name":
        return "DeepSeek-V3"
    return NAMES.get(parameter.name, "output" if parameter.name == "field" and parameter.required else None)


def ordinary(function: Function) -> list[Any]:
    return [plain(function, each) for each in function.parameters]


def cells(function: Function) -> Iterator[list[Any]]:
    """Calls of one cell: each hostile value in each place."""
    yield ordinary(function)
    for place in range(len(function.parameters)):
        for value in HOSTILE:
            args = ordinary(function)
            args[place] = value
            yield args


def columns(function: Function, count: int) -> Iterator[tuple[str, list[Any]]]:
    """Calls of a column: a different number, error or text in each cell of an argument, and one that does not fit."""
    spread = np.linspace(1, 2, count)[:, np.newaxis]
    numbers = [place for place, each in enumerate(function.parameters) if each.domain]
    names = [place for place, each in enumerate(function.parameters) if each.is_text]
    for place in [*numbers[:1], *numbers[-1:]]:
        domain = function.parameters[place].domain
        good = spread if domain and 64.0 in domain else spread / 4
        misfit = good.copy()
        misfit[count // 2] = 1e300
        yield from (
            (kind, [*ordinary(function)[:place], column, *ordinary(function)[place + 1 :]])
            for kind, column in {
                "numbers": good * 64 if domain and 64.0 in domain else good,
                "one misfit": misfit,
                "all misfits": good * 1e17,
                "errors": -spread,
                "texts": [[f"{each}k"] for each in spread[:, 0].tolist()],
                "wrong texts": [[f"{each}x"] for each in spread[:, 0].tolist()],
            }.items()
        )
    for place in names[:1]:
        for kind, column in {
            "one name": [[ordinary(function)[place]]] * count,
            "unknown names": [[f"none {each % MOST_QUESTIONS}"] for each in range(count)],
        }.items():
            yield kind, [*ordinary(function)[:place], column, *ordinary(function)[place + 1 :]]


def seconds(function: Function, args: list[Any]) -> float:
    start = time.process_time()
    call(function, args)
    return time.process_time() - start


def table(count: int = CELLS) -> list[Slowest]:
    """Every function with the slowest of its calls, compiled before."""
    found = []
    for function in functions().values():
        if function.repeating:
            continue
        call(function, ordinary(function))
        cell = max(seconds(function, args) for args in cells(function))
        most = min(count, getattr(function.python, "most_cells", MOST_CELLS))
        million, what = max((seconds(function, args), kind) for kind, args in columns(function, most))
        found.append(Slowest(function.name, cell, million, most, what))
        print(*found[-1], file=sys.stderr, flush=True)
    return found


def run(count: int = CELLS) -> list[Figure]:
    rows = table(count)
    slow = sorted(rows, key=lambda each: -each.cell)[:WORST]
    figures = [
        Figure(
            f"{each.function}, the slowest call of one cell",
            f"at most {1000 * A_CELL:g} ms",
            f"{1000 * each.cell:.0f} ms",
        )
        for each in slow
    ]
    for each in sorted(rows, key=lambda each: -each.million)[:WORST]:
        what = f"{each.function}, {each.cells:,} cells ({each.what})"
        figures.append(Figure(what, f"at most {A_MILLION:g} s", f"{each.million:.1f} s"))
    within = sum(each.cell <= A_CELL and each.million <= A_MILLION for each in rows)
    return [*figures, Figure("functions whose slowest calls are within both", f"{len(rows)}", f"{within}")]


if __name__ == "__main__":
    numbers = [int(each.replace("_", "")) for each in sys.argv[1:]]
    print(f"{'function':<28}{'a cell, ms':>12}{'a column, s':>13}{'of cells':>12}  slowest column")
    for each in sorted(table(*numbers), key=lambda each: -each.million):
        print(f"{each.function:<28}{1000 * each.cell:>12.1f}{each.million:>13.2f}{each.cells:>12,}  {each.what}")
