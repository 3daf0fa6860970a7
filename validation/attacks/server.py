"""`tokensheet serve` with two processes under mixed load: ordinary clients, slow ones, hostile ones, and kills.

`python validation/attacks/server.py [SECONDS]` prints the figures.
"""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from statistics import median

from attacks import Figure

TOKENSHEET = Path(sys.executable).parent / "tokensheet"
HEAD = b"POST /call HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
JSON = {"Content-Type": "application/json"}
COLUMN = [[n / 7] for n in range(1, 20_001)]
# what is sent that no client of ours sends; the server has to refuse it, or to answer it, and to go on
HOSTILE = [
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"GET /health HTTP/1.1\r\nHost: localhost\r\nA: " + b"a" * 10_000_000,
    b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n" * 10_000,
    b"GET /health HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    HEAD + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    HEAD + b"Content-Length: 999999999999\r\n\r\n",
    HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\n \r\n" * 1_000_000,
    *(HEAD + b"Content-Length: %d\r\n\r\n%s" % (len(body), body) for body in (
        b"[" * 10_000_000,
        b"[" + b"1," * 20_000_000 + b"1]",
        b'[{"name": "COMPUTE_TIME", "args": [%s, 1, 1]}]' % (b"9" * 1_000_000),
        json.dumps([{"name": "COMPUTE_TIME", "args": [COLUMN, [[n for [n] in COLUMN[:200]]], 7]}] * 20).encode(),
        json.dumps([{"name": "COMPUTE_TIME", "args": [[["x" * 1000]] * 100_000, 1, 1]}]).encode(),
        json.dumps([{"name": "COMPUTE_TIME", "args": [{"a": 1}, [[{}]], [[[1]]]]}] * 5000).encode(),
    )),
]  # fmt: skip
# of minutes, unless it is ended
SEARCHES = ["DeepSeek-V3", [[n] for n in range(1, 1001)], 500, 2, 0.03]  # a thousand, which take half a minute
LONG = json.dumps([{"name": "BEST_DEPLOYMENT", "args": SEARCHES}]).encode()


class Attack:
    """A server, those who use and abuse it until the time is over, and what they saw."""

    def __init__(self, seconds: float) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.seconds = seconds
        self.seen: Counter[str] = Counter()
        self.health: tuple[float, ...] = ()
        self.late: tuple[float, ...] = ()
        self.memory: list[float] = []
        self.log = ""
        self.stop = threading.Event()

    def run(self) -> None:
        with tempfile.TemporaryDirectory() as folder, (Path(folder) / "log").open("w+") as log:
            command: list[str | Path] = [TOKENSHEET, "serve", "--port", str(self.port), "--workers", "2"]
            server = subprocess.Popen(command, stdout=log, stderr=log)
            self.process = server.pid
            jobs = [*[self.ordinary] * 4, self.slow, self.hostile, self.long, self.killer, self.watch]
            try:
                self.wait_for_it()
                with ThreadPoolExecutor(len(jobs)) as threads:
                    running = [threads.submit(self.repeat, job, seed) for seed, job in enumerate(jobs)]
                    try:
                        self.probe()
                    finally:
                        self.stop.set()
                for each in running:
                    each.result()
            finally:
                server.terminate()
                server.wait()
                self.log = (Path(folder) / "log").read_text(encoding="utf-8")

    def probe(self) -> None:
        """Ask for /health until the time is over, in a process of its own, where no thread of ours holds it up."""
        command = [sys.executable, "-m", "attacks.server", "probe", str(self.port), str(self.seconds)]
        lines = subprocess.check_output(command, cwd=Path(__file__).parents[1], text=True).splitlines()
        self.health, self.late = zip(*(map(float, line.split()) for line in lines), strict=True)

    def wait_for_it(self) -> None:
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)
        raise RuntimeError("the server does not start")

    def repeat(self, job: Callable[[random.Random], None], seed: int) -> None:
        chance = random.Random(seed)
        while not self.stop.is_set():
            job(chance)

    # ---- those who use it

    def ordinary(self, chance: random.Random) -> None:
        """A hundred cells, a column or an error; every answer is compared with what it has to be."""
        factor = chance.uniform(1, 9)
        if chance.random() < 0.1:
            calls, right = (
                [{"name": "COMPUTE_TIME", "args": [COLUMN, factor, 7]}],
                [[2 * n * factor / 7] for [n] in COLUMN],
            )
        else:
            calls = [{"name": "COMPUTE_TIME", "args": [n, factor, 7]} for n in range(1, 101)]
            right = [[2 * n * factor / 7] for n in range(1, 101)]
        try:
            status, said = self.post(json.dumps(calls).encode())
        except (OSError, HTTPException):
            self.seen["lost"] += 1
            return
        if status != 200:
            self.seen["refused"] += 1
            return
        found = [row for answer in json.loads(said) for row in answer["result"]]
        close = len(found) == len(right) and all(
            abs(one - other) <= 1e-12 * other for [one], [other] in zip(found, right, strict=True)
        )
        self.seen["answered" if close else "wrong"] += 1

    def post(self, body: bytes) -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.request("POST", "/call", body, JSON)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def watch(self, chance: random.Random) -> None:
        self.memory.append(sum(map(resident, [self.process, *children(self.process)])))
        time.sleep(0.2)

    # ---- those who abuse it

    def slow(self, chance: random.Random) -> None:
        """Connections by the hundred, more than the server keeps, that say nothing or half of something."""
        begun = [b"", b"GET /hea", HEAD, HEAD + b"Content-Length: 1000000\r\n\r\n["]
        silent = []
        for number in range(700):
            each = socket.socket()
            silent.append(each)
            with suppress(OSError):
                each.connect(("127.0.0.1", self.port))
                each.sendall(chance.choice(begun))
            if number % 50 == 0:
                time.sleep(0.05)
        self.seen["slow connections"] += len(silent)
        self.stop.wait(5)
        for each in silent:
            each.close()

    def hostile(self, chance: random.Random) -> None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
            self.seen["hostile requests"] += 1
            connection.sendall(chance.choice(HOSTILE))
            connection.recv(2**16)
        self.stop.wait(0.2)

    def long(self, chance: random.Random) -> None:
        with suppress(OSError, HTTPException):
            status, _ = self.post(LONG)
            self.seen["long batches ended"] += status == 504
        self.stop.wait(10)

    def killer(self, chance: random.Random) -> None:
        self.stop.wait(chance.uniform(2, 6))
        if workers := children(self.process):
            with suppress(ProcessLookupError):
                os.kill(chance.choice(workers), signal.SIGKILL)
                self.seen["kills"] += 1


def probe(port: int, seconds: float) -> None:
    """Print how long /health took, and by how much a sleep was late: what the machine itself keeps one waiting."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        began = time.perf_counter()
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("GET", "/health")
        assert connection.getresponse().read() == b"ok"
        connection.close()
        took, began = time.perf_counter() - began, time.perf_counter()
        time.sleep(0.05)
        print(took, time.perf_counter() - began - 0.05)


def children(process: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def resident(process: int) -> float:
    """MB that a process holds."""
    with suppress(OSError):
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 2**20
    return 0


def run(seconds: float = 300) -> list[Figure]:
    attack = Attack(seconds)
    attack.run()
    seen, memory = attack.seen, attack.memory
    tenth = max(1, len(memory) // 10)
    load = (
        f"{seen['slow connections']:,} slow connections, {seen['hostile requests']:,} hostile requests, "
        f"{seen['long batches ended']} batches ended at their deadline, {seen['kills']} kills of processes"
    )
    return [
        Figure(f"requests of ordinary clients in {seconds:.0f} s, beside {load}", "answered or refused",
               f"{seen['answered']:,} answered, {seen['refused']:,} refused"),
        Figure("of these lost", "0", f"{seen['lost']:,}"),
        Figure("of these wrong", "0", f"{seen['wrong']:,}"),
        Figure("/health meanwhile", "within 100 ms", spread(attack.health)),
        Figure("how late a process that only sleeps wakes up on that machine", "", spread(attack.late)),
        Figure("memory of all processes of the server together", "flat",
               f"{median(memory[tenth : 2 * tenth]):.0f} MB in the second tenth of the time, "
               f"{median(memory[-tenth:]):.0f} MB in the last, {max(memory):.0f} MB at most"),
        Figure("tracebacks in the log", "0", f"{attack.log.count('Traceback')} in {attack.log.count(chr(10)):,} lines"),
    ]  # fmt: skip


def spread(seconds: Sequence[float]) -> str:
    ordered = [1e3 * each for each in sorted(seconds)]
    nearly_all = ordered[int(0.99 * len(ordered))]
    return f"at most {ordered[-1]:.0f} ms, 99% within {nearly_all:.0f} ms, half within {median(ordered):.0f} ms"


if __name__ == "__main__":
    if sys.argv[1:2] == ["probe"]:
        probe(int(sys.argv[2]), float(sys.argv[3]))
    else:
        for figure in run(*map(float, sys.argv[1:])):
            print(*figure, sep=" | ")
