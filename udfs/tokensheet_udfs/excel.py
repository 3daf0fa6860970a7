"""The module that xlwings imports: name it in the add-in's UDF_MODULES as `tokensheet_udfs.excel`.

Each registered function stands here under its Excel name, with xlwings' `func`, `arg` and `ret`. Off Windows and off an
xlwings host those three do nothing, so the module imports everywhere.
"""

from __future__ import annotations

import inspect
from typing import Any

from xlwings import arg, func, ret

from tokensheet_udfs.convert import call
from tokensheet_udfs.registry import Function, functions

LONGEST_HELP = 255  # characters of a description that Excel's function wizard takes


def excel_function(function: Function) -> Any:
    """The function as xlwings takes it: raw values in, rows of values out, an error as its text."""

    def udf(*args: Any) -> Any:
        return call(function, args).tolist()

    udf.__name__ = udf.__qualname__ = function.name
    udf.__doc__ = function.help.summary[:LONGEST_HELP]
    udf.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter(
                parameter.name,
                inspect.Parameter.VAR_POSITIONAL if parameter.rest else inspect.Parameter.POSITIONAL_OR_KEYWORD,
                default=parameter.default,
            )
            for parameter in function.parameters
        ]
    )
    for parameter in function.parameters:
        # "raw": xlwings' own converters take 28 s for a call on a million cells, ours 0.1 s
        udf = arg(parameter.name, "raw", doc=function.help.argument(parameter)[:LONGEST_HELP])(udf)
    return func(category="tokensheet")(ret("raw")(udf))


globals().update({name: excel_function(function) for name, function in functions().items()})
