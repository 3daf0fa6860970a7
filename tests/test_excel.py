"""The module that xlwings imports, in xlwings' own classic code. Windows' COM is replaced by the names it imports."""

import json
import subprocess
import sys

from tokensheet_udfs import excel
from tokensheet_udfs.registry import functions

# xlwings' classic code imports pywin32 at module level; these stand-ins let its metadata and CallUDF run anywhere.
CLASSIC = r"""
import ctypes, datetime, json, sys, types

class Anything:
    def __getattr__(self, name): return Anything()
    def __call__(self, *args, **kwargs): return Anything()

def module(name, **names):
    new = types.ModuleType(name)
    new.__dict__.update(names)
    sys.modules[name] = new
    parent, _, child = name.rpartition(".")
    if parent: setattr(sys.modules[parent], child, new)

class com_error(Exception): pass
module("pythoncom", CoInitialize=lambda: None, com_error=com_error, IID_IDispatch="d", IID_IEnumVARIANT="e",
       Missing=object(), Empty=object(), TypeIIDs={"d": type("PyIDispatch", (), {})}, CLSCTX_LOCAL_SERVER=0,
       REGCLS_MULTIPLEUSE=0, REGCLS_SUSPENDED=0, __file__="pythoncom.dll")
module("pywintypes", com_error=com_error, IID=str, TimeType=type("PyTime", (), {}))
for name in ("win32api", "win32event", "win32con", "win32gui", "win32process"): module(name)
module("win32timezone", TimeZoneInfo=types.SimpleNamespace(utc=lambda: datetime.timezone.utc))
module("win32com")
dispatch = lambda thing, **kwargs: thing
module("win32com.client", Dispatch=dispatch, DispatchEx=dispatch, CDispatch=type("CDispatch", (), {}), dynamic=None,
       DispatchBaseClass=type("Base", (), {}), CoClassBaseClass=type("Co", (), {}), gencache=None)
module("win32com.client.dynamic", CDispatch=object)
module("win32com.client.gencache")
module("win32com.server")
module("win32com.server.dispatcher")
module("win32com.server.policy", DefaultPolicy=type("DefaultPolicy", (), {}))
module("win32com.server.util", wrap=lambda thing, *args: thing, unwrap=lambda thing: thing)
module("win32com.server.exception", COMException=Exception)
ctypes.windll = ctypes.oledll = Anything()
ctypes.WINFUNCTYPE = ctypes.CFUNCTYPE
ctypes.PyDLL = lambda *args, **kwargs: Anything()

import xlwings
import xlwings._xlwindows as windows
xlwings._xlwindows = windows
xlwings.engines.add(xlwings.Engine(impl=windows.engine))
xlwings.engines.active = xlwings.engines["excel"]
from xlwings import com_server, udfs
xlwings.func, xlwings.arg, xlwings.ret = udfs.xlfunc, udfs.xlarg, udfs.xlret   # what `import xlwings` binds on Windows

from tokensheet_udfs import excel
server = com_server.XLPython()
calls = json.loads(sys.argv[1])
as_tuples = lambda value: tuple(map(as_tuples, value)) if isinstance(value, list) else value
print(json.dumps({
    "metadata": {name: udf.__xlfunc__ for name, udf in vars(excel).items() if hasattr(udf, "__xlfunc__")},
    "results": [server.CallUDF("tokensheet_udfs.excel", name, as_tuples(args), None, None) for name, args in calls],
}))
"""


def classic(*calls: tuple[str, list[object]]) -> dict[str, object]:
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", CLASSIC, json.dumps(calls)], capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)  # type: ignore[no-any-return]


def test_every_function_stands_in_the_module_under_its_excel_name() -> None:
    for name, function in functions().items():
        udf = getattr(excel, name)
        assert udf.__name__ == name
        assert udf.__doc__ == function.help.summary[:255]


def test_xlwings_classic_reads_name_arguments_help_and_raw_conversion() -> None:
    metadata = classic()["metadata"]
    assert set(metadata) == set(functions())  # type: ignore[call-overload]
    compute_time = metadata["COMPUTE_TIME"]  # type: ignore[index]
    assert compute_time["category"] == "tokensheet"
    assert [argument["name"] for argument in compute_time["args"]] == [
        "batch",
        "active_params",
        "flops",
        "flops_per_param",
    ]
    assert compute_time["args"][0]["doc"] == functions()["COMPUTE_TIME"].help.argument(
        functions()["COMPUTE_TIME"].parameters[0]
    )
    assert compute_time["args"][3]["optional"] == 2
    assert {argument["options"]["convert"] for argument in compute_time["args"]} == {"raw"}
    assert metadata["WHY"]["args"][1]["vararg"]  # type: ignore[index]


def test_xlwings_classic_calls_the_functions() -> None:
    found = classic(
        ("COMPUTE_TIME", [64.0, 37e9, 989e12]),
        ("COMPUTE_TIME", [[[64.0], [128.0]], 37e9, 989e12]),
        ("COMPUTE_TIME", [[[64.0, None, "x"]], 37e9, 989e12]),
        ("COMPUTE_TIME", [1.0, 1.0, 0.0]),
        ("BOUND", [1.0, 2.0, 3.0]),
        ("WHY", ["COMPUTE_TIME", 1.0, 1.0, 0.0]),
    )["results"]  # xlwings hands one cell to COM as a scalar, one row flat
    assert found == [
        0.004788675429726997,
        [[0.004788675429726997], [0.009577350859453994]],
        [0.004788675429726997, "#VALUE!", "#VALUE!"],
        "#DIV/0!",
        "kv",
        "flops must be > 0, not 0: a division by zero",
    ]
