"""WHY: a cell's error, or its formula, in words."""

from __future__ import annotations

from typing import Any

import numpy as np
from tokensheet.explanation import explain
from tokensheet.plausible import notes
from tokensheet.typed import shortened

from tokensheet_udfs.convert import call, entered
from tokensheet_udfs.errors import ERRORS, CellError
from tokensheet_udfs.look_up import MOST_QUESTIONS
from tokensheet_udfs.registry import Function, functions

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
    >>> from tokensheet_udfs.why import why
    >>> print(why("COMPUTE_TIME", 1, 1, 0).item())
    flops must be > 0, not 0: a division by zero
    >>> print(why("COMPUTE_TIME", 64, 37e9, 989e12).item())
    0.0047886754297 s = flops_per_param*batch*active_params/flops
    """
    wanted = next(iter(np.array(name, object).flat), None)
    if isinstance(wanted, str) and wanted in ERRORS:
        return np.array([[CellError(wanted, f"the name is the error {wanted} already")]], object)
    function = functions().get(wanted.upper()) if isinstance(wanted, str) else None
    if function is None or function.python is why:
        called = repr(shortened(wanted)) if isinstance(wanted, str) else f"by a {type(wanted).__name__}"
        return np.array([[CellError("#N/A", f"no function is called {called}")]], object)

    block = call(function, arguments).astype(object)
    if block.size > MOST_QUESTIONS:
        reason = f"{block.size:,} cells are more than the {MOST_QUESTIONS:,} that can be explained at a time"
        return np.array([[CellError("#VALUE!", reason)]], object)
    if all(isinstance(value, CellError) for value in block.flat):
        return np.frompyfunc(lambda error: error.reason, 1, 1)(block)
    values, _, shape = entered(function, arguments)
    values = [np.broadcast_to(each, shape) for each in values]
    reasons = np.empty(shape, object)
    for place, value in np.ndenumerate(block):
        cells = [each[place] for each in values]
        reasons[place] = reason_of(function, value, [None if cell != cell else cell for cell in cells])  # NaN
    return reasons


def reason_of(function: Function, value: Any, arguments: list[Any]) -> str:
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
