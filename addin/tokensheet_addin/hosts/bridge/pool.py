"""The processes that compute: each takes one task at a time, and is killed and replaced when it takes too long.

Bytes go in and bytes come out, by pipes that are each process's own: one may be killed at any moment without harm to
the others. The event loop copies a chunk at a time, so that it answers others meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

from tokensheet_addin.hosts.bridge.limits import (
    CHUNK,
    MOST_ANSWER_BYTES,
    MOST_WAITING,
    STARTING_SECONDS,
    TRIES,
    WAITING_SECONDS,
)

WORKER = "tokensheet_addin.hosts.bridge.worker"
BUSY, FAILED = 503, 504  # with the second, our script asks again in halves
log = logging.getLogger(__name__)


class Answer(NamedTuple):
    """What a process says to a task: a status of HTTP, and in chunks the answer, or one line on why there is none."""

    status: int
    chunks: Sequence[bytes]


class Pool:
    """A number of processes, and the tasks that wait for one."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.free: asyncio.Queue[Worker] = asyncio.Queue()
        self.waiting = 0
        self.places: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        """Start the processes; what keeps the first ones from starting keeps the server from it too."""
        started = await asyncio.gather(*(Worker.start() for _ in range(self.size)))
        self.places = [asyncio.create_task(self.keep(worker)) for worker in started]

    async def close(self) -> None:
        for place in self.places:
            place.cancel()
        await asyncio.gather(*self.places, return_exceptions=True)

    async def keep(self, worker: Worker) -> None:
        """Offer a process, and when it has ended, whoever ended it, another one in its place."""
        while True:
            self.free.put_nowait(worker)
            try:
                await worker.process.wait()
            except asyncio.CancelledError:
                worker.kill()
                await worker.process.wait()
                raise
            log.warning("process %d has ended (%s) and is replaced", worker.process.pid, worker.process.returncode)
            worker = await restart()

    async def run(self, task: str, body: Sequence[bytes], seconds: float) -> Answer:
        """The answer to a task, asked again if somebody else has killed the process, and none if it takes longer."""
        if self.waiting >= MOST_WAITING:
            return refusal(BUSY, f"{MOST_WAITING} requests are waiting already; ask again in a while.")
        for _ in range(TRIES):
            try:
                worker = await self.next_free()
            except TimeoutError:
                return refusal(
                    BUSY, f"No process was free to compute it for {WAITING_SECONDS} s; ask again in a while."
                )
            try:
                async with asyncio.timeout(seconds):
                    answer = await worker.ask(task, body)
            except TimeoutError:
                worker.kill()
                return refusal(FAILED, f"It took longer than {seconds} s to compute; call on smaller ranges.")
            except EndedError:
                continue
            except BaseException:  # nobody wants the answer any more
                worker.kill()
                raise
            self.free.put_nowait(worker)
            return answer
        return refusal(
            FAILED,
            f"{TRIES} processes have ended over it, perhaps for want of memory; call on smaller ranges.",
        )

    async def next_free(self) -> Worker:
        self.waiting += 1
        try:
            async with asyncio.timeout(WAITING_SECONDS):
                while (worker := await self.free.get()).has_ended():
                    pass
                return worker
        finally:
            self.waiting -= 1


def refusal(status: int, said: str) -> Answer:
    return Answer(status, [said.encode()])


class EndedError(Exception):
    """The process is no more."""


class Worker:
    """A process that computes, and the pipes to it."""

    def __init__(self, process: Process) -> None:
        assert process.stdin
        assert process.stdout
        self.process, self.stdin, self.stdout = process, process.stdin, process.stdout

    @classmethod
    async def start(cls) -> Worker:
        """A new one, ready to compute."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", WORKER),  # -P: no module comes from the folder in which we were started
            stdin=PIPE,
            stdout=PIPE,
            start_new_session=True,  # Ctrl+C is for us, and we end the processes
            limit=2 * MOST_ANSWER_BYTES,  # never reached: a reader that pauses does not see that the process has ended
        )
        worker = cls(process)
        try:
            async with asyncio.timeout(STARTING_SECONDS):
                await worker.answer()
        except (TimeoutError, EndedError):
            worker.kill()
            raise OSError("a process that computes did not start") from None
        return worker

    async def ask(self, task: str, body: Sequence[bytes]) -> Answer:
        try:
            self.stdin.write(b"%s %d\n" % (task.encode(), sum(map(len, body))))
            for chunk in body:
                self.stdin.write(chunk)
                await self.stdin.drain()
        except ConnectionError:
            raise EndedError from None
        return await self.answer()

    async def answer(self) -> Answer:
        status, _, size = (await self.stdout.readline()).partition(b" ")
        if not size.endswith(b"\n"):
            raise EndedError
        left, chunks = int(size), []
        while left:
            chunk = await self.stdout.read(min(left, CHUNK))
            if not chunk:
                raise EndedError
            chunks.append(chunk)
            left -= len(chunk)
        return Answer(int(status), chunks)

    def has_ended(self) -> bool:
        return self.stdout.at_eof()

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            self.process.kill()


async def restart() -> Worker:
    """A new process, as soon as the system lets us have one."""
    while True:
        try:
            return await Worker.start()
        except OSError as error:
            log.error("%s", error)
            await asyncio.sleep(1)
