"""How a workbook spells the functions: written out (`native`), as LAMBDA names, or as calls of the add-in."""

from __future__ import annotations

from tokensheet.cell import Cell
from tokensheet.equation import evaluate

from tokensheet_udfs.registry import Function, functions

FLAVOURS = ("native", "lambda", "udf")


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
