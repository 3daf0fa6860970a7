"""The functions as xlwings' Office.js hosts (Lite and Server) load them, with a stand-in for xlwings' licensed part."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tokensheet_addin.hosts import xlwings_lite
from tokensheet_udfs.registry import functions

# On such a host `from xlwings import func, arg, ret` gives decorators of xlwings.pro, and the platform is Pyodide's.
LITE = r"""
import json, sys, types

def func(**options):
    def mark(function):
        function.registered = options
        return function
    return mark

def arg(name, convert, doc):
    return lambda function: function

ret = lambda convert: lambda function: function
func.__module__ = "xlwings.pro.udfs_officejs"
sys.modules["xlwings"] = types.SimpleNamespace(func=func, arg=arg, ret=ret)
sys.platform = "emscripten"
class JsNull: pass
exec(sys.argv[1])
heavy = {"pandas", "openpyxl", "xlsxwriter", "typer", "subprocess", "multiprocessing"} & set(sys.modules)
calls = json.loads(sys.argv[2])
error = {"type": "Error", "basicType": "Error", "basicValue": "#N/A", "errorType": "NotAvailable"}
print(json.dumps({
    "registered": sorted(name for name, value in globals().items() if hasattr(value, "registered")),
    "heavy": sorted(heavy),
    "results": [globals()[name](*args) for name, args in calls],
    "error": COMPUTE_TIME([[1.0], [error], [JsNull()], [{"type": "FormattedNumber", "basicValue": 2.0}]], 1.0, 1.0),
}))
"""


def run(*calls: tuple[str, list[Any]]) -> Any:
    done = subprocess.run(
        [sys.executable, "-c", LITE, xlwings_lite.files()["main.py"], json.dumps(calls)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_two_lines_register_every_function_and_load_nothing_heavy() -> None:
    main = xlwings_lite.files()["main.py"]
    assert main.count("\n") == 2
    found = run()
    assert found["registered"] == sorted(functions())
    assert found["heavy"] == []


def test_errors_are_office_js_errors_both_ways() -> None:
    found = run(("COMPUTE_TIME", [1.0, 1.0, [[0.0, 2.0]]]), ("CHIP", ["nonesuch", "hbm_bytes"]), ("BOUND", [5, 1, 2]))
    assert found["results"] == [
        [[{"type": "Error", "errorType": "Div0"}, 1.0]],
        [[{"type": "Error", "errorType": "NotAvailable"}]],
        [["compute"]],
    ]
    assert found["error"] == [
        [2.0],
        [{"type": "Error", "errorType": "NotAvailable"}],
        [{"type": "Error", "errorType": "Value"}],
        [4.0],
    ]


def test_the_command_prints_both_files() -> None:
    printed = subprocess.check_output([Path(sys.executable).parent / "tokensheet", "addin", "xlwings-lite"], text=True)
    assert all(text in printed for pair in xlwings_lite.files().items() for text in pair)
    assert xlwings_lite.files()["requirements.txt"].startswith("tokensheet==")
