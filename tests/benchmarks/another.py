"""A process of its own that answers a line with a line: Calc, or a peer."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple


class Another(NamedTuple):
    """Whoever answers."""

    process: subprocess.Popen[str]

    def ask(self, question: object) -> str:
        assert self.process.stdin
        assert self.process.stdout
        print(question, file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError("the process has ended")
        return answer


@contextmanager
def another(*command: str | Path, environment: dict[str, str] | None = None) -> Iterator[Another]:
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment) as process:
        yield Another(process)
        process.communicate()
