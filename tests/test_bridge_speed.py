"""How fast the bridge is, against what the same machine needs otherwise in the same minute."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from bridge_host import Bridge, Browser
from tokensheet_udfs.registry import functions


def fastest(work: Callable[[], object], times: int = 5) -> float:
    measured = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        measured.append(time.perf_counter() - start)
    return min(measured)


def test_a_million_cells_cost_little_more_than_numpy_and_json(bridge: Bridge) -> None:
    cells = np.random.default_rng(1).uniform(1, 9, (1000, 1000))
    one_call = [{"name": "COMPUTE_TIME", "args": [cells, [[37e9]], [[989e12]], None]}]
    body = orjson.dumps(one_call, option=orjson.OPT_SERIALIZE_NUMPY)
    compute_time = functions()["COMPUTE_TIME"].python

    def alone() -> bytes:
        [given] = orjson.loads(body)
        result = compute_time(np.array(given["args"][0]), 37e9, 989e12)
        return orjson.dumps([{"result": result}], option=orjson.OPT_SERIALIZE_NUMPY)

    assert bridge.server.post(body) == (200, alone())
    needed, taken = fastest(alone), fastest(lambda: bridge.server.post(body))
    print(f"1,000,000 cells: {taken:.3f} s through the bridge, {needed:.3f} s for numpy and JSON alone")
    assert taken < 3 * needed


def test_batching_is_fifty_times_faster_than_a_request_a_cell(browser: Browser) -> None:
    measure = """async ([count, batched]) => {
        const name = "COMPUTE_TIME";
        const calls = Array.from({ length: count }, (_, n) => [[[n + 1]], [[3]], [[2]], null]);
        const start = performance.now();
        const rows = await Promise.all(calls.map((args) => batched ? excel.call(name, args, null)
            : Tokensheet.ask("call", [{ name, args }]).then(([answer]) => answer.result)));
        const took = performance.now() - start;
        if (!rows.every(([[cell]], n) => cell === 3 * (n + 1))) throw Error("a wrong number");
        return took / count;
    }"""
    run = lambda count, batched: min(browser.page.evaluate(measure, [count, batched]) for _ in range(3))  # noqa: E731
    single, batched = run(500, False), run(10_000, True)
    print(f"10,000 cells: {batched * 10:.2f} s batched, {single * 10:.1f} s with a request a cell")
    assert batched < single / 50


def test_32_connections_lose_nothing_and_memory_stays(bridge: Bridge) -> None:
    size, posts, connections = 100, 100, 32

    def client(number: int, posts: int, waits: list[float], wrong: list[Any]) -> None:
        connection = bridge.server.connect()
        for post in range(posts):
            batch = np.arange(size) + (number * posts + post) * size + 1.0
            body = orjson.dumps([{"name": "COMPUTE_TIME", "args": [[[one]], [[3]], [[2]]]} for one in batch.tolist()])
            start = time.perf_counter()
            connection.request("POST", "/call", body, {"Content-Type": "application/json"})
            answers = orjson.loads(connection.getresponse().read())
            waits.append(time.perf_counter() - start)
            if [answer.get("result") for answer in answers] != [[[one]] for one in (3 * batch).tolist()]:
                wrong.append(answers)
        connection.close()

    def load(posts: int) -> tuple[list[float], list[Any]]:
        waits: list[float] = []
        wrong: list[Any] = []
        threads = [threading.Thread(target=client, args=(n, posts, waits, wrong)) for n in range(connections)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return waits, wrong

    load(20)
    before = resident(bridge.server.process.pid)
    start = time.perf_counter()
    waits, wrong = load(posts)
    took = time.perf_counter() - start
    grown = resident(bridge.server.process.pid) - before
    p99 = sorted(waits)[len(waits) * 99 // 100]
    print(f"{connections} x {posts * size:,} calls in {took:.1f} s, p99 of {size} calls {p99 * 1000:.0f} ms")
    print(f"{before:.0f} MB of memory after warming up, {grown:+.1f} MB at the end")
    assert len(waits) == connections * posts
    assert not wrong
    assert grown < 20


def resident(process: int) -> float:
    """MB of memory that a process holds."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0]) / 1024
