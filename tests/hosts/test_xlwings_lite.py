"""The functions as xlwings' Office.js hosts (Lite and Server) load them, with a stand-in for xlwings' licensed part."""

import json
import os
import re
import subprocess
import sys
from importlib.metadata import requires
from pathlib import Path
from typing import Any

from hosts.static import FileServer
from tokensheet_addin.hosts import xlwings_lite
from tokensheet_udfs.registry import functions
from tokensheet_udfs.spelling import NAMESPACE

ROOT = Path(__file__).parents[2]
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
for name in json.loads(sys.argv[3]):
    sys.modules[name] = None  # as if it were not installed
class JsNull: pass
exec(sys.argv[1])
heavy = {"subprocess", "multiprocessing"} & set(sys.modules)  # what is absent could not be loaded
calls = json.loads(sys.argv[2])
error = {"type": "Error", "basicType": "Error", "basicValue": "#N/A", "errorType": "NotAvailable"}
print(json.dumps({
    "registered": sorted(name for name, value in globals().items() if hasattr(value, "registered")),
    "heavy": sorted(heavy),
    "namespace": sys.modules[COMPUTE_TIME.__module__].__xlwings_func_namespace__,
    "results": [globals()[name](*args) for name, args in calls],
    "error": COMPUTE_TIME([[1.0], [error], [JsNull()], [{"type": "FormattedNumber", "basicValue": 2.0}]], 1.0, 1.0),
}))
"""


def absent() -> list[str]:
    """The packages that are not installed in Lite, by the name that they are imported by."""
    names = [re.split(r"[>=;]", each)[0] for each in requires("tokensheet") or [] if "emscripten" in each]
    assert len(names) > 4
    return sorted(name.lower().replace("-", "_") for name in {*names, "pandas", "pydantic"} - {"xlwings"})


def run(*calls: tuple[str, list[Any]]) -> Any:
    done = subprocess.run(
        [sys.executable, "-c", LITE, xlwings_lite.files()["main.py"], json.dumps(calls), json.dumps(absent())],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_two_lines_register_every_function_and_load_nothing_heavy() -> None:
    main = xlwings_lite.files()["main.py"]
    assert main.count("\n") == 2
    found = run()
    assert found["registered"] == sorted(functions())
    assert found["heavy"] == []
    assert found["namespace"] == NAMESPACE


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


def test_a_wheel_installs_from_an_address(tmp_path: Path) -> None:
    """As Lite takes one from a web server; there micropip installs it, here pip."""
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", tmp_path, ROOT], check=True)
    [wheel] = tmp_path.glob("tokensheet-*-py3-none-any.whl")
    server = FileServer(tmp_path)
    try:
        address = f"{server.url}/{wheel.name}"
        subprocess.run([*pip, "install", "--no-deps", "--target", tmp_path / "lite", address], check=True)
    finally:
        server.close()
    code = "import tokensheet as ts; print(ts.__file__, ts.decode_cost('DeepSeek-V3', 'H200', 64, 4096, 8) > 0)"
    path = {"PYTHONPATH": str(tmp_path / "lite")}
    found = subprocess.check_output([sys.executable, "-c", code], env={**os.environ, **path}, text=True)
    assert found == f"{tmp_path}/lite/tokensheet/__init__.py True\n"
