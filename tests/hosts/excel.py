"""xlwings' classic add-in as a host, without Excel: each call through xlwings' own `XLPython.CallUDF`.

`Classic` is what tests use. It runs this same file in a process of its own, where a stand-in replaces pywin32, which
answers one JSON line on stdout for each on stdin: {"function": name, "args": values} with {"rows": values}, an error
cell as {"error": code} both ways; {"metadata": null} with what xlwings read; {"million": "call" or "numpy"} once it has
computed a million cells. What VBA makes of the answers, test_excel.py tries in LibreOffice's Basic.
"""

from __future__ import annotations

import functools
import json
import subprocess
import sys
import traceback
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from hosts.contract import OMITTED, Error
from tokensheet_addin.hosts.excel.standin import Anything, stand_in

MISSING = -2147352572  # COM's "parameter not found": what VBA hands on for an argument that was left out


class ExcelRange:
    """Excel's Range, as far as xlwings asks it: VBA hands it on for cells, also for a single one."""

    def __init__(self, value: Any) -> None:
        self.Value2, self.Count = value, 1  # which 0.33 asks for, to know whether there is a range
        self.Worksheet = self.Row = self.Column = self.Rows = self.Columns = Anything()
        information = SimpleNamespace(GetTypeAttr=lambda: SimpleNamespace(iid="{00020846-0000-0000-C000-000000000046}"))
        self._oleobj_ = SimpleNamespace(GetTypeInfo=lambda: information)

    @property
    def Value(self) -> Any:
        raise AssertionError("Value rounds money to four decimals and makes dates of numbers")


class Classic:
    """The host of the contract."""

    name = "xlwings classic"

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "hosts.excel"], cwd=Path(__file__).parents[1],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def ask(self, **request: Any) -> Any:
        assert self.process.stdin
        assert self.process.stdout
        print(json.dumps(request), file=self.process.stdin, flush=True)
        answer = json.loads(self.process.stdout.readline() or '{"failure": "the host has ended"}')
        if "failure" in answer:
            raise RuntimeError(answer["failure"])
        return answer

    def call(self, function: str, args: tuple[Any, ...], shape: tuple[int, int]) -> list[list[Any]]:
        rows = self.ask(function=function, args=[as_json(arg) for arg in args])["rows"]
        return [[Error(cell["error"]) if isinstance(cell, dict) else cell for cell in row] for row in rows]

    def close(self) -> None:
        self.process.communicate()


def as_json(value: Any) -> Any:
    if isinstance(value, tuple):
        return [as_json(each) for each in value]
    return {"error": value.code} if isinstance(value, Error) else {"omitted": True} if value is OMITTED else value


def main() -> None:
    stand_in()
    import numpy as np
    from tokensheet_addin.hosts import xlwings_functions
    from tokensheet_udfs.errors import ERRORS
    from tokensheet_udfs.registry import functions
    from xlwings import com_server

    server = com_server.XLPython()
    scodes = {code: scode for scode, code in xlwings_functions.SCODES.items()}

    def from_excel(value: Any) -> Any:
        """An argument as Excel passes it: what only a cell can be, as a range."""
        if isinstance(value, dict) and "omitted" in value:
            return MISSING
        cells = tuple(tuple(map(cell, row)) for row in value) if isinstance(value, list) else cell(value)
        return ExcelRange(cells) if value is None or isinstance(value, (list, dict)) else cells

    def cell(value: Any) -> Any:
        """A cell as COM brings it: every number a double, an error an int."""
        if isinstance(value, dict):
            return scodes[value["error"]]
        return float(value) if type(value) is int else value

    def to_excel(value: Any) -> Any:
        """What the cell shows: VBA makes an error of its text. No integer, as Excel does not know COM's long ones."""
        assert type(value) in (float, str, bool), value
        return {"error": value} if value in ERRORS else value

    def call(function: str, args: list[Any]) -> Any:
        given = [from_excel(arg) for arg in args]
        parameters = functions()[function].parameters
        if not any(parameter.rest for parameter in parameters):  # the VBA hands on every parameter
            given += [MISSING] * (len(parameters) - len(given))
        found = server.CallUDF(xlwings_functions.__name__, function, given, None, None)
        # CallUDF gives one cell as itself and one row flat
        rows = found if isinstance(found, list) and isinstance(found[0], list) else [found]
        return [[to_excel(cell) for cell in (row if isinstance(row, list) else [row])] for row in rows]

    @functools.cache
    def million() -> tuple[tuple[float, ...], ...]:
        return tuple(map(tuple, np.random.default_rng(1).random((1000, 1000)).tolist()))

    def numpy_alone(grid: Any) -> Any:
        return (2.0 * np.array(grid) * np.array(37e9) / np.array(989e12)).tolist()

    def whole_call(grid: Any) -> Any:
        args = (ExcelRange(grid), 37e9, 989e12, MISSING)
        return server.CallUDF(xlwings_functions.__name__, "COMPUTE_TIME", args, None, None)

    for line in sys.stdin:
        request = json.loads(line)
        try:
            if "function" in request:
                answer = {"rows": call(**request)}
            elif "million" in request:
                {"numpy": numpy_alone, "call": whole_call}[request["million"]](million())
                answer = {}
            else:
                answer = {
                    name: udf.__xlfunc__ for name, udf in vars(xlwings_functions).items() if hasattr(udf, "__xlfunc__")
                }
        except Exception:
            answer = {"failure": traceback.format_exc()}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
