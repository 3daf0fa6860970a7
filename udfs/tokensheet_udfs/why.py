"""WHY: a cell's error, or its formula, in words."""

from __future__ import annotations

from typing import Any

import numpy as np
from tokensheet.explain import explain
from tokensheet.plausible import notes

from tokensheet_udfs.convert import call, matrix, own_rows, read
from tokensheet_udfs.errors import ERRORS, CellError
from tokensheet_udfs.registry import Function, Parameter, functions

__all__ = ["why"]


def why(name: str, *arguments: Any) -> Any:
    """Say in words why a function shows an error for its arguments; without an error, how its result comes about.

    Parameters
    ----------
    name : str
        The function's name in quotes, such as "COMPUTE_TIME" [text].
    *arguments : array_like
        The arguments as the function got them [any unit].

    Returns
    -------
    array_like
        The reason for each cell of the result [text].

    Notes
    -----
    Explains, does not compute. Source: the function's own domain checks.

    Examples
    --------
    >>> print(why("COMPUTE_TIME", 1, 1, 0).item())
    flops must be > 0, not 0: a division by zero
    >>> print(why("COMPUTE_TIME", 64, 37e9, 989e12).item())
    0.0047886754297 s = flops_per_param*batch*active_params/flops
    """
    wanted = np.array(name, object).flat[0]
    if isinstance(wanted, str) and wanted in ERRORS:
        return np.array([[CellError(wanted, f"the name is the error {wanted} already")]], object)
    function = functions().get(str(wanted).upper())
    if function is None or function.python is why:
        return np.array([[CellError("#N/A", f"no function is called {wanted!r}")]], object)

    block = call(function, arguments).astype(object)
    reasons = np.empty(block.shape, object)
    for place, value in np.ndenumerate(block):
        cells = zip(function.parameters, arguments, strict=False)
        reasons[place] = reason(function, value, [cell(parameter, each, *place) for parameter, each in cells])
    return reasons


def reason(function: Function, value: Any, arguments: list[Any]) -> str:
    """Why a cell shows what it shows: its error's reason, or its formula or a chain's terms, and what is unlikely."""
    if isinstance(value, CellError):
        return value.reason
    if hasattr(function.python, "chain"):
        return explain(function.python, *arguments).sentence()
    unit = "" if function.help.unit == "any unit" else f" {function.help.unit}"
    shown = f"{value:.11g}{unit}" if isinstance(value, float) else str(value)
    given = {parameter.name: argument for parameter, argument in zip(function.parameters, arguments, strict=False)}
    said = [f"{shown} = {function.formula}" if function.formula else shown, *notes(given, function.help.units)]
    return "; ".join(said)


def cell(parameter: Parameter, argument: Any, row: int, column: int) -> Any:
    """What serves a cell of the result of an argument's cells: the one at its place, or the one that there is."""
    block = own_rows(matrix(argument, parameter), parameter)
    return read(parameter, block[row if len(block) > 1 else 0, column if block.shape[1] > 1 else 0])
