"""Xlwings Server as a host: our project in a real one, called over HTTP as its page in Excel does.

It is not open source. These tests run when the environment brings a licence key.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any
from urllib.error import URLError

from hosts.contract import OMITTED, Error
from tokensheet_udfs.errors import ERRORS
from tokensheet_udfs.registry import functions

NO_KEY = "XLWINGS_LICENSE_KEY is not set: xlwings Server needs a licence"
WORDS = {error.office_js: code for code, error in ERRORS.items()}


class XlwingsServer:
    """The host of the contract."""

    name = "xlwings Server"

    def __init__(self, project: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        settings = {"XLWINGS_PROJECT_DIR": str(project), "XLWINGS_ENVIRONMENT": "prod", "XLWINGS_LOG_LEVEL": "WARNING"}
        command = [sys.executable, "-m", "uvicorn", "xlwings_server.main:main_app", "--host", "127.0.0.1"]
        command += ["--port", str(port), "--log-level", "warning", "--no-access-log"]
        self.process = subprocess.Popen(command, cwd=project, env=os.environ | settings)
        for _ in range(300):
            try:
                self.get("/")
                return
            except URLError:
                assert self.process.poll() is None, "xlwings Server has ended"
                time.sleep(0.1)
        raise RuntimeError("xlwings Server did not start")

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(self.address + path, timeout=60) as response:
            return bytes(response.read())

    def call(self, function: str, args: tuple[Any, ...], shape: tuple[int, int]) -> list[list[Any]]:
        parameters = functions()[function].parameters
        given: list[Any] = [matrix(arg) for arg in args]
        if parameters[-1].rest:
            given = [*given[: len(parameters) - 1], given[len(parameters) - 1 :]]
        given += [None] * (len(parameters) - len(given))
        request = {"client": "Office.js", "func_name": function, "args": given, "caller_address": "[Book]Sheet1!A1",
                   "session_id": "1", "culture_info_name": "en-US", "date_format": "m/d/yyyy", "version": "0",
                   "runtime": "1.4"}  # fmt: skip
        post = urllib.request.Request(
            f"{self.address}/xlwings/custom-functions-call",
            json.dumps(request).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(post, timeout=300) as response:
            rows = json.load(response)["result"]
        return [[Error(WORDS[cell["errorType"]]) if isinstance(cell, dict) else cell for cell in row] for row in rows]

    def close(self) -> None:
        self.process.terminate()
        self.process.wait()


def matrix(arg: Any) -> Any:
    """An argument as Excel hands it to a custom function: always rows of cells, a blank cell as an empty text."""
    if arg is OMITTED:
        return None
    rows = arg if isinstance(arg, tuple) else ((arg,),)
    return [[cell_json(cell) for cell in row] for row in rows]


def cell_json(cell: Any) -> Any:
    if isinstance(cell, Error):
        return {
            "type": "Error",
            "basicType": "Error",
            "basicValue": cell.code,
            "errorType": ERRORS[cell.code].office_js,
        }
    return "" if cell is None else cell
