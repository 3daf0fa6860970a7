"""How fast the bridge is, beside what the same machine needs otherwise: `just bench`."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import orjson
import pytest
from hosts.bridge import Bridge, Browser
from tokensheet_udfs.registry import functions

CELLS = np.random.default_rng(1).uniform(1, 9, (1000, 1000))
MILLION = orjson.dumps(
    [{"name": "COMPUTE_TIME", "args": [CELLS, [[37e9]], [[989e12]], None]}], option=orjson.OPT_SERIALIZE_NUMPY
)
# calls of one cell each in the browser: together, as the page sends them, or a request for each
ONE_BY_ONE = """async ([count, batched]) => {
    const name = "COMPUTE_TIME";
    const calls = Array.from({ length: count }, (_, n) => [[[n + 1]], [[3]], [[2]], null]);
    const rows = await Promise.all(calls.map((args) => batched ? excel.call(name, args, null)
        : Tokensheet.ask("call", [{ name, args }]).then(([answer]) => answer.result)));
    if (!rows.every(([[cell]], n) => cell === 3 * (n + 1))) throw Error("a wrong number");
}"""


@pytest.mark.benchmark(group="a million cells: the bridge, numpy and JSON alone")
def test_a_million_cells(benchmark: Any, bridge: Bridge) -> None:
    assert benchmark(bridge.server.post, MILLION)[0] == 200


@pytest.mark.benchmark(group="a million cells: the bridge, numpy and JSON alone")
def test_a_million_cells_by_numpy_and_json_alone(benchmark: Any) -> None:
    def alone() -> bytes:
        [given] = orjson.loads(MILLION)
        result = functions()["COMPUTE_TIME"].python(np.array(given["args"][0]), 37e9, 989e12)
        return orjson.dumps([{"result": result}], option=orjson.OPT_SERIALIZE_NUMPY)

    benchmark(alone)


@pytest.mark.benchmark(group="500 calls of one cell from a browser")
@pytest.mark.parametrize("batched", [True, False], ids=["batched", "a request for each"])
def test_calls_of_one_cell(benchmark: Any, browser: Browser, batched: bool) -> None:
    benchmark(browser.page.evaluate, ONE_BY_ONE, [500, batched])


def test_ten_thousand_calls_of_one_cell_from_a_browser(benchmark: Any, browser: Browser) -> None:
    benchmark(browser.page.evaluate, ONE_BY_ONE, [10_000, True])


def test_32_connections_with_10_000_calls_each_100_in_a_request(benchmark: Any, bridge: Bridge) -> None:
    body = orjson.dumps([{"name": "COMPUTE_TIME", "args": [[[n + 1.0]], [[3]], [[2]]]} for n in range(100)])

    def client() -> None:
        connection = bridge.server.connect()
        for _ in range(100):
            connection.request("POST", "/call", body, {"Content-Type": "application/json"})
            connection.getresponse().read()
        connection.close()

    def load() -> None:
        threads = [threading.Thread(target=client) for _ in range(32)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    benchmark.pedantic(load, rounds=3, warmup_rounds=1)
