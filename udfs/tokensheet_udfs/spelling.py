"""How a workbook spells the functions: written out (`native`), as LAMBDA names, or as calls of an add-in.

`udf` calls them by their names; `officejs` as Excel stores the custom functions of an Office.js add-in. All of these
have one namespace, xlwings Lite and Server too, so that a workbook moves between them.
"""

from __future__ import annotations

import re

from tokensheet.cell import Cell
from tokensheet.equation import evaluate

from tokensheet_udfs.registry import Function, functions

NAMESPACE = "TOKENSHEET"  # a cell shows =TOKENSHEET.COMPUTE_TIME(…)
FLAVOURS = ("native", "lambda", "udf", "officejs")


def as_lambda(function: Function) -> str:
    """The text, as Excel stores it, of a defined name that computes the function in Excel 365 without an add-in.

    >>> as_lambda(functions()["MEMORY_TIME"])
    '_xlfn.LAMBDA(_xlpm.total_params,_xlpm.bytes,_xlpm.bandwidth,_xlpm.total_params*_xlpm.bytes/_xlpm.bandwidth)'
    """
    header, cells = [], []
    for parameter in function.parameters:
        # a parameter called like another LAMBDA of the workbook would be mistaken for it
        own = f"{parameter.name}_" if parameter.name.upper() in functions() else parameter.name
        name = f"_xlpm.{own}"
        header.append(name if parameter.required else f"_xlop.{own}")
        cells.append(Cell(name if parameter.required else f"IF(_xlfn.ISOMITTED({name}),{parameter.default},{name})"))
    return f"_xlfn.LAMBDA({','.join([*header, evaluate(function.python, *cells).text])})"


def lambdas() -> dict[str, str]:
    """Every equation as a LAMBDA, by name. What looks things up has no formula and is not among them."""
    return {name: as_lambda(function) for name, function in functions().items() if function.traceable}


def as_custom_functions(text: str) -> str:
    """The formula with our functions as Excel stores those of an Office.js add-in.

    >>> as_custom_functions("IF(A1>0,COMPUTE_TIME(A1,B1,C1),0)")
    'IF(A1>0,_xldudf_TOKENSHEET_COMPUTE_TIME(A1,B1,C1),0)'
    """

    def stored(call: re.Match[str]) -> str:
        return f"_xldudf_{NAMESPACE}_{call[0]}" if call[1] in functions() else call[0]

    return re.sub(r"\b([A-Z][A-Z0-9_]*)\(", stored, text)
