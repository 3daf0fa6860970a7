"""The component that LibreOffice Calc loads: every registered function as a method. `build_oxt` packs this file.

LibreOffice's Python runs it with only numpy and what the .oxt brings along; `uno` exists there alone, so it is imported
where LibreOffice asks for the component, and the rest of the module can be read and tested anywhere.
"""

from __future__ import annotations

import struct
import traceback
from collections.abc import Callable
from typing import Any

import numpy as np
from tokensheet_udfs.convert import call, one_cell
from tokensheet_udfs.errors import ERRORS, CellError
from tokensheet_udfs.registry import Function, functions

INTERFACE = "org.tokensheet.XFunctions"
IMPLEMENTATION = "org.tokensheet.Functions"
SERVICES = ("com.sun.star.sheet.AddIn", IMPLEMENTATION)


def calc_error(number: int) -> float:
    """Calc's own form of a cell's error: a NaN whose low 32 bits are the error's number.

    >>> struct.pack(">d", calc_error(532)).hex()
    '7ff8000000000214'
    """
    return float(struct.unpack("<d", struct.pack("<Q", 0x7FF8 << 48 | number))[0])


CALC_ERRORS = {code: calc_error(error.libreoffice) for code, error in ERRORS.items() if error.libreoffice}


def method_name(name: str) -> str:
    """The name of a function's UNO method; the prefix keeps it clear of UNO's keywords (`bound`) and own methods.

    >>> method_name("COMPUTE_TIME")
    'calcComputeTime'
    """
    return "calc" + "".join(map(str.capitalize, name.split("_")))


def method(function: Function) -> Callable[..., Any]:
    """The UNO method of a function: what Calc passes in, rows of what Calc takes out."""
    rest = any(parameter.rest for parameter in function.parameters)

    def answer(_: Any, *args: Any) -> Any:
        try:
            given = (*args[:-1], *args[-1]) if rest else args
            value = one_cell(function, given)
            if value is not None:
                return ((plain(value),),)
            while given and given[-1] is None:  # left out, so not given
                given = given[:-1]
            return rows(call(function, given))
        except Exception:  # an exception here would be a silent #VALUE!
            traceback.print_exc()
            return ((CALC_ERRORS["#VALUE!"],),)

    return answer


def rows(block: np.ndarray) -> list[list[Any]]:
    """Rows of floats and texts: UNO knows no numpy, and takes an int or a bool for something else."""
    if block.dtype == object:
        return np.frompyfunc(plain, 1, 1)(block).tolist()  # type: ignore[no-any-return]
    return (block if block.dtype.kind == "U" else block.astype(float)).tolist()  # type: ignore[no-any-return]


def plain(value: Any) -> Any:
    if not isinstance(value, str):
        return float(value)
    return CALC_ERRORS.get(value, CALC_ERRORS["#VALUE!"]) if isinstance(value, CellError) else value


def getComponentFactory(implementation: str, manager: Any, key: Any) -> Any:
    """LibreOffice's Python loader calls this for the factory of the component."""
    import uno
    import unohelper

    bases = (unohelper.Base, uno.getClass(INTERFACE), uno.getClass("com.sun.star.lang.XServiceInfo"))
    members: dict[str, Any] = {method_name(name): method(function) for name, function in functions().items()}
    members |= {
        "__init__": lambda self, context: None,
        "getImplementationName": lambda self: IMPLEMENTATION,
        "supportsService": lambda self, service: service in SERVICES,
        "getSupportedServiceNames": lambda self: SERVICES,
    }
    helper = unohelper.ImplementationHelper()
    helper.addImplementation(type("Functions", bases, members), IMPLEMENTATION, SERVICES)
    return helper.getComponentFactory(implementation, key, manager)
