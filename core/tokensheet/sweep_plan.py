"""A sweep as a file: which functions of which inputs, as TOML, for `tokensheet sweep` and to ask the same again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tokensheet.chosen import closest
from tokensheet.distributions import Draw, draw
from tokensheet.files import read_toml
from tokensheet.floats import float_or_nan
from tokensheet.sweeps import Chunks, sweep
from tokensheet.typed import number_or_itself

if TYPE_CHECKING:
    import xarray as xr

KEYS = ("functions", "draws", "seed", "by", "inputs", "correlated")
RANGE = ("from", "to", "count", "spacing")
SPACINGS: dict[str, Any] = {"even": np.linspace, "log": np.geomspace}
MOST_COUNT = 10**6


class Plan(NamedTuple):
    """What a file of a sweep says."""

    functions: list[str]
    inputs: dict[str, Any]
    options: dict[str, Any]
    by: tuple[str, ...]

    def sweep(self, chunks: Chunks = None) -> xr.Dataset:
        """Ask it, all at once or in blocks."""
        return sweep(self.functions, self.inputs, chunks=chunks, **self.options)


def read_plan(path: str | Path) -> Plan:
    """Read a sweep from a TOML file.

    Parameters
    ----------
    path : str or Path
        The file; docs/sweep.md has what may stand in it.

    Returns
    -------
    Plan
        The functions, their inputs and the other arguments of `tokensheet.sweep`; `plan.sweep()` asks them.

    Raises
    ------
    ValueError
        If it is no such file, or something else stands in it, which the error names.
    """
    found = read_toml(path)
    try:
        return planned(found)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def planned(found: dict[str, Any]) -> Plan:
    check_keys("a sweep", found, KEYS)
    inputs = typed(found, "inputs", dict, {})
    functions = found.get("functions", [])
    functions = [functions] if isinstance(functions, str) else functions
    if not isinstance(functions, list) or not functions or not all(isinstance(each, str) for each in functions):
        raise ValueError('functions must be a list of names, such as functions = ["decode_cost"]')
    several = [name for name, value in inputs.items() if isinstance(value, list) or is_range(value)]
    by = found.get("by", several[:1])
    by = [by] if isinstance(by, str) else by
    if not isinstance(by, list) or not all(isinstance(each, str) for each in by):
        raise ValueError('by must be a name of an input with several values, or a list of them, such as by = "model"')
    for name in by:
        if name not in several:
            raise ValueError(f"by: no input with several values is called {name!r:.60}{closest(name, several)}")
    options: dict[str, Any] = {key: found[key] for key in ("draws", "seed") if key in found}
    pairs = typed(found, "correlated", list, [])
    options["correlated"] = dict(map(as_pair, pairs))
    if len(options["correlated"]) < len(pairs):
        raise ValueError("correlated: two inputs stand there twice")
    return Plan(functions, {name: as_input(name, value) for name, value in inputs.items()}, options, tuple(by))


def typed(found: dict[str, Any], key: str, kind: type, default: Any) -> Any:
    value = found.get(key, default)
    if not isinstance(value, kind):
        raise ValueError(f"{key} must be {'a table, [inputs]' if kind is dict else f'tables, [[{key}]]'}")
    return value


def check_keys(what: str, found: Any, keys: tuple[str, ...]) -> None:
    for key in found:
        if key not in keys:
            way_out = closest(key, keys) or f"; there are: {', '.join(keys)}"
            raise ValueError(f"{what} has no {key!r:.60}{way_out}")


def as_input(name: str, value: Any) -> Any:
    """A number, a name, a list of either; a table with `draw`, or with `from`, `to` and `count`."""
    if not isinstance(value, dict):
        return value
    try:
        if "draw" in value:
            return drawn(value)
        check_keys("a table of an input, which is a draw or a range,", value, ("draw", *RANGE))
        return spaced(value)
    except ValueError as error:
        raise ValueError(f"{name:.60}: {error}") from None


def is_range(value: Any) -> bool:
    return isinstance(value, dict) and "draw" not in value


def drawn(table: dict[str, Any]) -> Draw:
    if not isinstance(table["draw"], str):
        raise ValueError(f"draw must be the name of a distribution, not {table['draw']!r:.60}")
    return draw(table["draw"], **{key: value for key, value in table.items() if key != "draw"})


def spaced(table: dict[str, Any]) -> list[float]:
    """So many numbers from one to another: evenly, or each the same times the one before."""
    count, spacing = table.get("count"), table.get("spacing", "even")
    ends = [float_or_nan(number_or_itself(table.get(key))) for key in ("from", "to")]
    if not np.isfinite(ends).all():
        raise ValueError("from and to must be numbers")
    if not isinstance(count, int) or not 2 <= count <= MOST_COUNT:
        raise ValueError(f"count must be a whole number from 2 to {MOST_COUNT:,}, not {count!r:.60}")
    if spacing not in SPACINGS:
        raise ValueError(f"spacing must be {' or '.join(SPACINGS)}, not {spacing!r:.60}")
    if spacing == "log" and min(ends) <= 0:
        raise ValueError("from and to of a spacing by log must be > 0")
    return [*map(float, SPACINGS[spacing](*ends, count))]


def as_pair(table: Any) -> tuple[tuple[str, str], Any]:
    words = 'correlated must be tables such as [[correlated]] with inputs = ["batch", "context"] and rank = -0.3'
    if not isinstance(table, dict):
        raise ValueError(words)
    check_keys("correlated", table, ("inputs", "rank"))
    pair = table.get("inputs")
    if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(each, str) for each in pair):
        raise ValueError(words)
    return (pair[0], pair[1]), table.get("rank")
