"""Calls of one cell through the bridge, from a browser and from many clients."""

from __future__ import annotations

import threading
from typing import Any

import orjson
import pytest
from hosts.bridge import Bridge, Browser

# calls of one cell each in the browser: together, as the page sends them, or a request for each
ONE_BY_ONE = """async ([count, batched]) => {
    const name = "COMPUTE_TIME";
    const calls = Array.from({ length: count }, (_, n) => [[[n + 1]], [[3]], [[2]], null]);
    const rows = await Promise.all(calls.map((args) => batched ? excel.call(name, args, null)
        : Tokensheet.ask("call", [{ name, args }]).then(([answer]) => answer.result)));
    if (!rows.every(([[cell]], n) => cell === 3 * (n + 1))) throw Error("a wrong number");
}"""
CLIENTS, REQUESTS, CALLS = 32, 100, 100


@pytest.mark.benchmark(group="calls of one cell from a browser")
@pytest.mark.parametrize(
    ("count", "batched"), [(500, True), (500, False), (10_000, True)], ids=["500", "500, a request for each", "10,000"]
)
def test_browser(benchmark: Any, browser: Browser, count: int, batched: bool) -> None:
    benchmark.extra_info["calls"] = count
    benchmark(browser.page.evaluate, ONE_BY_ONE, [count, batched])


@pytest.mark.benchmark(group="calls of one cell from 32 clients")
def test_clients(benchmark: Any, bridge: Bridge) -> None:
    body = orjson.dumps([{"name": "COMPUTE_TIME", "args": [[[n + 1.0]], [[3]], [[2]]]} for n in range(CALLS)])

    def client() -> None:
        connection = bridge.server.connect()
        for _ in range(REQUESTS):
            connection.request("POST", "/call", body, {"Content-Type": "application/json"})
            connection.getresponse().read()
        connection.close()

    def load() -> None:
        threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    benchmark.extra_info["calls"] = CLIENTS * REQUESTS * CALLS
    benchmark.pedantic(load, warmup_rounds=1)
