"""The module that xlwings imports, in each of its hosts: classic, Lite and Server.

Each registered function stands here under its Excel name, with xlwings' `func`, `arg` and `ret`. xlwings has three
kinds of these: those of its classic add-in (Excel on Windows), those of its Office.js hosts (Lite and Server) and,
anywhere else, some that do nothing, so that the module imports everywhere. What the first two pass and take differs;
this module levels it: the functions see blanks, numbers, texts and errors' texts, and the cell shows an error value.
In classic the last step is VBA's (`TokensheetCells` of our add-in): pywin32 replaces the number of an error value that
Python returns by that of a missing argument, so there errors leave Python as their texts.
"""

from __future__ import annotations

import inspect
import sys
import traceback
from typing import Any

import numpy as np
from tokensheet_udfs.convert import call, floats, one_cell, rows_of
from tokensheet_udfs.errors import ERRORS, CellError
from tokensheet_udfs.look_up import error_of
from tokensheet_udfs.registry import Function, Parameter, functions
from tokensheet_udfs.spelling import NAMESPACE
from xlwings import arg, func, ret

LONGEST_HELP = 255  # characters of a description that Excel's function wizard takes
CLASSIC = func.__module__ == "xlwings.udfs"
OFFICE_JS = func.__module__.startswith("xlwings.pro")
if sys.platform == "emscripten":  # in Lite; Server has its namespace from its project's settings
    __xlwings_func_namespace__ = NAMESPACE

FACILITY = -0x7FF60000  # COM's error numbers are these 0x800A0000 and Excel's number
SCODES = {FACILITY + error.excel: code for code, error in ERRORS.items()}

# What VBA keeps for itself (MS-VBAL 3.3.5.2): one argument of such a name, and no function of the add-in compiles
VBA_WORDS = """
and any array as boolean byref byte byval call case cbool cdate cdbl close const currency date debug decimal
dim do double each else empty end enum eqv erase event exit false fix for friend function get global gosub goto if
imp implements in input int integer is len let like lock long loop lset me mod new next not nothing null on open
option optional or paramarray preserve print private public put redim rem resume return rset scale seek select set
sgn shared single spc static stop string sub tab then to true type typeof unlock until variant wend while with write
"""


def received(given: Any) -> Any:
    """An argument as `call` takes it: in one pass where all cells are numbers."""
    if not isinstance(given, (tuple, list)):
        return cell_value(given)
    rows = rows_of(given)
    block = floats(rows)
    if block is not None and not ((block >= min(SCODES)) & (block <= max(SCODES))).any():
        return block
    return [list(map(cell_value, row)) for row in rows]


def cell_value(cell: Any) -> Any:
    """A cell as `call` takes it.

    In classic an error comes as an int (numbers never do); in Office.js both an error and a formatted number come as an
    object with a basic value, and Pyodide has a null of its own.
    """
    if type(cell) is int:
        return SCODES.get(cell, cell)
    if isinstance(cell, dict):
        return cell.get("basicValue")
    return None if type(cell).__name__ == "JsNull" else cell


def shown(cell: Any) -> Any:
    """A cell of the result as the host takes it: an error as the host's error value where it has one."""
    if not isinstance(cell, CellError):
        return cell
    return {"type": "Error", "errorType": ERRORS[cell].office_js} if OFFICE_JS else str(cell)


# xlwings' own converters take 28 s for a call on a million cells, ours 0.1 s
CONVERSION = "raw"

if CLASSIC:
    from xlwings.conversion import Accessor

    class Cells(Accessor):
        """What is in the cells. "raw" would read Excel's `Value`, which rounds money to four decimals."""

        @classmethod
        def reader(cls, options: Any) -> Any:
            return Accessor.reader(options).append_stage(cls.read)

        @staticmethod
        def read(context: Any) -> None:
            if context.range is not None:
                context.value = context.range.api.Value2

    CONVERSION = "tokensheet"
    Cells.register(CONVERSION)


def argument_name(parameter: Parameter) -> str:
    return f"{parameter.name}_" if CLASSIC and parameter.name.lower() in VBA_WORDS.split() else parameter.name


def excel_function(function: Function) -> Any:
    """The function as xlwings takes it: raw values in, rows of values out."""

    def udf(*args: Any) -> Any:
        try:
            given = [received(each) for each in args]
            value = one_cell(function, given)
            if value is not None:
                return [[shown(value)]]
            block = call(function, given)
        except Exception as error:  # classic would show its words as a text, the Office.js hosts would ask three times
            traceback.print_exc()
            block = np.array([[error_of(function, error)]], object)
        return (np.frompyfunc(shown, 1, 1)(block) if block.dtype == object else block).tolist()

    udf.__name__ = udf.__qualname__ = function.name
    udf.__doc__ = function.help.summary[:LONGEST_HELP]
    udf.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter(
                argument_name(parameter),
                inspect.Parameter.VAR_POSITIONAL if parameter.rest else inspect.Parameter.POSITIONAL_OR_KEYWORD,
                default=parameter.default,
            )
            for parameter in function.parameters
        ]
    )
    for parameter in function.parameters:
        udf = arg(argument_name(parameter), CONVERSION, doc=function.help.argument(parameter)[:LONGEST_HELP])(udf)
    return func(category="tokensheet")(ret("raw")(udf))


__all__ = [*functions()]
globals().update({name: excel_function(function) for name, function in functions().items()})
