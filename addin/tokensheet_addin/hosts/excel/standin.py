"""Stands in for pywin32 off Windows, so far that xlwings' own classic code imports there and runs.

With it xlwings reads our functions' metadata, writes their VBA and answers calls (`XLPython.CallUDF`) on any system.
COM, VBA and Excel themselves are not there.
"""

from __future__ import annotations

import ctypes
import datetime
import sys
import types
from typing import Any


class Anything:
    """Takes every call and has every attribute."""

    def __getattr__(self, name: str) -> Anything:
        return Anything()

    def __call__(self, *args: Any, **kwargs: Any) -> Anything:
        return Anything()


class ComError(Exception):
    """pywin32's error, which xlwings catches by name."""


def itself(thing: Any, *args: Any, **kwargs: Any) -> Any:
    return thing


def module(name: str, **names: Any) -> None:
    new = types.ModuleType(name)
    new.__dict__.update(names)
    sys.modules[name] = new
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], child, new)


def stand_in() -> None:
    """Put the modules of pywin32 in place and have xlwings bind what it binds on Windows. Once in a process."""
    module("pythoncom", CoInitialize=lambda: None, com_error=ComError, IID_IDispatch="d", IID_IEnumVARIANT="e",
           Missing=object(), Empty=object(), TypeIIDs={"d": type("PyIDispatch", (), {})}, CLSCTX_LOCAL_SERVER=0,
           REGCLS_MULTIPLEUSE=0, REGCLS_SUSPENDED=0, __file__="pythoncom.dll")  # fmt: skip
    module("pywintypes", com_error=ComError, IID=str, TimeType=type("PyTime", (), {}))
    for name in ("win32api", "win32event", "win32con", "win32gui"):
        module(name)
    module("win32process", GetWindowThreadProcessId=lambda window: (0, 0))
    module("win32timezone", TimeZoneInfo=types.SimpleNamespace(utc=lambda: datetime.UTC))
    module("win32com")
    module("win32com.client", Dispatch=itself, DispatchEx=itself, CDispatch=type("CDispatch", (), {}), dynamic=None,
           DispatchBaseClass=type("Base", (), {}), CoClassBaseClass=type("Co", (), {}), gencache=None)  # fmt: skip
    module("win32com.client.dynamic", CDispatch=object)
    module("win32com.client.gencache")
    module("win32com.server")
    module("win32com.server.dispatcher")
    module("win32com.server.policy", DefaultPolicy=type("DefaultPolicy", (), {}))
    module("win32com.server.util", wrap=itself, unwrap=itself)
    module("win32com.server.exception", COMException=Exception)
    replaced: Any = ctypes
    replaced.windll = replaced.oledll = Anything()
    replaced.WINFUNCTYPE = ctypes.CFUNCTYPE
    replaced.PyDLL = Anything()

    import xlwings
    import xlwings._xlwindows as windows

    xlwings._xlwindows = windows
    xlwings.engines.add(xlwings.Engine(impl=windows.engine))
    xlwings.engines.active = xlwings.engines["excel"]
    from xlwings import udfs

    xlwings.func, xlwings.arg, xlwings.ret = udfs.xlfunc, udfs.xlarg, udfs.xlret
