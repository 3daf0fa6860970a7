"""The bridge as a host: over HTTP, and from a real browser in which a small shim stands in for Office.js."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from hosts.contract import OMITTED, Error
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page
from tokensheet_udfs.registry import functions

CHROMIUM = "/usr/bin/chromium"
TOKENSHEET = Path(sys.executable).parent / "tokensheet"
# the same with some of the server's limits lower, so that a test need not wait for them
WITH_LIMITS = """\
from tokensheet_addin.hosts.bridge import limits
vars(limits).update({limits})
from tokensheet_addin.cli import main
main()
"""
SHIM = Path(__file__).with_name("office_shim.js")


class Server:
    """`tokensheet serve` in a process of its own."""

    def __init__(
        self, *options: str, folder: Path, https: bool = False, limits: dict[str, int] | None = None, **environment: str
    ) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"{'https' if https else 'http'}://localhost:{self.port}"
        program = [sys.executable, "-c", WITH_LIMITS.format(limits=limits)] if limits else [TOKENSHEET]
        command = [*program, "serve", "--port", str(self.port), *(["--https"] if https else []), *options]
        place = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
        self.log = (folder / f"serve-{self.port}.log").open("w+")
        self.process = subprocess.Popen(
            command, env={**os.environ, **place, **environment}, stdout=self.log, stderr=self.log
        )
        self.wait()

    def wait(self, seconds: float = 30) -> None:
        """Until it listens."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise RuntimeError(f"the server does not start: {self.said()}")

    def said(self) -> str:
        return Path(self.log.name).read_text(encoding="utf-8")

    def get(self, path: str, **headers: str) -> tuple[int, bytes]:
        return self.request(urllib.request.Request(f"{self.url}{path}", headers=headers))

    def post(self, body: bytes, **headers: str) -> tuple[int, bytes]:
        headers = {"Content-Type": "application/json", **headers}
        return self.request(urllib.request.Request(f"{self.url}/call", body, headers))

    def request(self, request: urllib.request.Request) -> tuple[int, bytes]:
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()

    def connect(self) -> HTTPConnection:
        return HTTPConnection("127.0.0.1", self.port, timeout=60)

    def workers(self) -> list[int]:
        """The processes that compute."""
        children = (
            Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(encoding="ascii").split()
        )
        return [int(child) for child in children if b"bridge.worker" in Path(f"/proc/{child}/cmdline").read_bytes()]

    def memory(self) -> float:
        """MB that the process which listens holds."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0]) / 1024

    def connections(self) -> int:
        """The connections that it has."""
        files = Path(f"/proc/{self.process.pid}/fd").iterdir()
        return sum(os.readlink(file).startswith("socket:") for file in files)

    def close(self) -> None:
        self.process.terminate()
        self.process.wait()
        self.log.close()


class Bridge:
    """The contract's host: calls over HTTP, as the script sends them."""

    name = "bridge"

    def __init__(self, server: Server) -> None:
        self.server, self.url = server, server.url

    def call(self, function: str, args: tuple[Any, ...], shape: tuple[int, int] = (1, 1)) -> list[list[Any]]:
        status, answer = self.server.post(json.dumps([{"name": function, "args": list(map(as_sent, args))}]).encode())
        assert status == 200, answer
        [answered] = json.loads(answer)
        return as_rows(answered.get("result", [[answered]]))


class Browser:
    """The contract's host: the task pane's page in Chromium, called as a worksheet calls it."""

    def __init__(self, chromium: Chromium, url: str, name: str = "browser") -> None:
        self.name = name
        self.chromium = chromium
        self.page = self.open(f"{url}/taskpane.html")

    def open(self, address: str) -> Page:
        """The task pane as wide as Excel shows it."""
        context = self.chromium.new_context(viewport={"width": 320, "height": 720}, ignore_https_errors=True)
        context.add_init_script(path=SHIM)
        page = context.new_page()
        network = context.new_cdp_session(page)  # Playwright's own way to block slows every request down
        network.send("Network.enable")
        network.send("Network.setBlockedURLs", {"urls": ["*appsforoffice.microsoft.com*"]})
        page.goto(address)
        return page

    def call(self, function: str, args: tuple[Any, ...], shape: tuple[int, int] = (1, 1)) -> list[list[Any]]:
        return self.call_many([(function, args)])[0]

    def call_many(self, calls: Sequence[tuple[str, tuple[Any, ...]]]) -> list[list[list[Any]]]:
        """Calls of one recalculation."""
        text = json.dumps([in_page(name, args) for name, args in calls])
        return [as_rows(rows) for rows in json.loads(self.page.evaluate("text => excel.callMany(text)", text))]


def in_page(function: str, args: tuple[Any, ...]) -> dict[str, Any]:
    """A call for the shim: with what Excel passes for omitted arguments, and where repeated ones begin."""
    parameters = functions()[function].parameters
    given = [as_sent(arg, lambda error: {"error": error.code}) for arg in args]
    if functions()[function].repeating:
        return {"name": function, "args": given, "fixed": len(parameters) - 1}
    return {"name": function, "args": given + [None] * (len(parameters) - len(given)), "fixed": None}


def as_sent(arg: Any, show: Callable[[Error], Any] = lambda error: error.code) -> Any:
    """An argument as rows, with error cells as `show` has them: as their texts, unless otherwise said."""
    if arg is OMITTED:
        return None
    rows = arg if isinstance(arg, tuple) else ((arg,),)
    return [[show(cell) if isinstance(cell, Error) else cell for cell in row] for row in rows]


def as_rows(rows: list[list[Any]]) -> list[list[Any]]:
    return [[Error(cell["error"]) if isinstance(cell, dict) else cell for cell in row] for row in rows]
