"""One call on a million cells in each host, beside numpy with that host's own conversion; LibreOffice: its own file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
import tokensheet as ts
from hosts.bridge import Bridge
from hosts.excel import Classic
from hosts.node import Node
from hosts.xlwings_server import XlwingsServer
from sampled import sampled
from tokensheet_udfs.convert import call
from tokensheet_udfs.registry import functions

BLOCK = np.random.default_rng(1).uniform(1, 9, (1000, 1000))
CELLS = tuple(map(tuple, BLOCK.tolist()))  # as a host passes them
COMPUTE_TIME = functions()["COMPUTE_TIME"]
DECODE_COST = functions()["DECODE_COST"]
NAMED = ("DeepSeek-V3", "H100")


def compute_time(cells: Any) -> Any:
    """The same in numpy alone."""
    return 2 * np.array(cells) * 37e9 / 989e12


HERE: dict[str, dict[str, Callable[[], Any]]] = {
    "an array": {
        "numpy": lambda: 2 * BLOCK * 37e9 / 989e12,
        "compute_time": lambda: ts.compute_time(BLOCK, 37e9, 989e12),
        "COMPUTE_TIME": lambda: call(COMPUTE_TIME, (BLOCK, 37e9, 989e12)),
    },
    "rows of values": {
        "numpy": lambda: compute_time(CELLS),
        "COMPUTE_TIME": lambda: call(COMPUTE_TIME, (CELLS, 37e9, 989e12)),
    },
    "over names": {
        "decode_time": lambda: ts.decode_time(*NAMED, BLOCK, 4096, 32),
        "decode_cost": lambda: ts.decode_cost(*NAMED, BLOCK, 4096, 32),
        "request_cost": lambda: ts.request_cost(*NAMED, 3584, 1024, BLOCK, 32),
        "DECODE_COST": lambda: call(DECODE_COST, (*NAMED, BLOCK, 4096, 32)),
    },
}


@pytest.mark.parametrize(("where", "name"), [(where, name) for where, ways in HERE.items() for name in ways])
def test_here(benchmark: Any, where: str, name: str) -> None:
    benchmark.group = f"a million cells: {where}"
    benchmark(HERE[where][name])


@pytest.mark.benchmark(group="a million cells: xlwings classic")
@pytest.mark.parametrize("way", ["call", "numpy"])
def test_xlwings_classic(benchmark: Any, classic: Classic, way: str) -> None:
    classic.ask(million=way)  # once makes the cells
    benchmark(classic.ask, million=way)
    sampled(benchmark, classic.process.pid, lambda: classic.ask(million=way))


@pytest.mark.benchmark(group="a million cells: xlwings Server")
def test_xlwings_server(benchmark: Any, xlwings_server: XlwingsServer) -> None:
    """With xlwings' own converters it took 36 s."""
    benchmark(xlwings_server.call, "COMPUTE_TIME", (CELLS, 1.0, 1.0), (1000, 1000))


SENT = orjson.dumps(
    [{"name": "COMPUTE_TIME", "args": [BLOCK, [[37e9]], [[989e12]], None]}], option=orjson.OPT_SERIALIZE_NUMPY
)


@pytest.mark.benchmark(group="a million cells: the bridge")
def test_the_bridge(benchmark: Any, bridge: Bridge) -> None:
    assert benchmark(bridge.server.post, SENT)[0] == 200
    sampled(benchmark, bridge.server.process.pid, lambda: bridge.server.post(SENT))


@pytest.mark.benchmark(group="a million cells: the bridge")
def test_numpy_and_json_alone(benchmark: Any) -> None:
    def alone() -> bytes:
        [given] = orjson.loads(SENT)
        return orjson.dumps([{"result": compute_time(given["args"][0])}], option=orjson.OPT_SERIALIZE_NUMPY)

    benchmark(alone)


# The generated module on cells that it makes itself, and the same in a loop of JavaScript
IN_NODE = """
import { createInterface } from "node:readline";
import { call } from "./functions.mjs";
const cells = Array.from({ length: 1000 }, (_, row) => Array.from({ length: 1000 }, (_, column) => row + column + 0.5));
const ways = {
  "a loop": () => cells.map((row) => row.map((batch) => (2 * batch * 37e9) / 989e12)),
  COMPUTE_TIME: () => call("COMPUTE_TIME", [cells, [[37e9]], [[989e12]]]),
  DECODE_COST: () => call("DECODE_COST", [[["DeepSeek-V3"]], [["H100"]], cells, [[4096]], [[64]]]),
};
for await (const line of createInterface({ input: process.stdin })) console.log(ways[line]().length);
"""


class Million(Node):
    """Node with a million cells."""

    def ask(self, way: str) -> None:
        assert self.process.stdin
        assert self.process.stdout
        print(way, file=self.process.stdin, flush=True)
        assert self.process.stdout.readline() == "1000\n"

    def start(self, folder: Path, worker: str) -> None:
        super().start(folder, IN_NODE)


@pytest.fixture(scope="module")
def in_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Million]:
    host = Million(tmp_path_factory.mktemp("node"))
    yield host
    host.close()


@pytest.mark.benchmark(group="a million cells: JavaScript")
@pytest.mark.parametrize("way", ["a loop", "COMPUTE_TIME", "DECODE_COST"])
def test_javascript(benchmark: Any, in_node: Million, way: str) -> None:
    benchmark.pedantic(in_node.ask, (way,), rounds=5, warmup_rounds=3)


@pytest.mark.benchmark(group="a million cells: JavaScript")
def test_numpy_from_rows_to_rows(benchmark: Any) -> None:
    benchmark(lambda: compute_time(CELLS).tolist())
