"""What runs in a process that computes: task after task from standard input, each answered on standard output.

A task is a line with its name and the bytes of its body, then the body; an answer is a line with a status of HTTP and
its bytes, then those.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import BinaryIO

import orjson
from tokensheet.plugins import contributions
from tokensheet_udfs.registry import functions

from tokensheet_addin.hosts.bridge.calls import Refused, answer
from tokensheet_addin.hosts.bridge.limits import MB, MOST_MEMORY, WORKBOOK_SECONDS
from tokensheet_addin.hosts.bridge.log import log_to_stderr

log = logging.getLogger(__name__)


def main() -> None:
    ask, reply = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a plugin prints is no answer
    log_to_stderr()
    sys.excepthook = lambda kind, error, trace: log.critical("the process ends", exc_info=error)
    be_modest()
    functions()
    say(reply, 200, b"")
    while head := ask.readline():
        task, size = head.decode().split()
        end_after(WORKBOOK_SECONDS + 5)  # the server does so itself, unless it is no more
        say(reply, *run(task, ask.read(int(size))))
        end_after(0)


def be_modest() -> None:
    """End when the server does, and take no more memory than a batch may need: where the system can do that."""
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # when the server is no more, an answer has no reader
    if sys.platform == "linux":
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_AS)
        wanted = MOST_MEMORY if most == resource.RLIM_INFINITY else min(most, MOST_MEMORY)
        resource.setrlimit(resource.RLIMIT_AS, (wanted, most))


def end_after(seconds: int) -> None:
    """Let the system end this process then, though it be in the middle of a long step of C; with 0 not any more."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


def say(reply: BinaryIO, status: int, said: bytes) -> None:
    reply.write(b"%d %d\n" % (status, len(said)))
    reply.write(said)
    reply.flush()


def run(task: str, body: bytes) -> tuple[int, bytes]:
    try:
        return 200, TASKS[task](body)
    except Refused as error:
        return error.status, str(error).encode()
    except MemoryError:
        return 413, f"It needs more than {MOST_MEMORY // MB:,} MB of memory; call on smaller ranges.".encode()
    except Exception as error:
        log.error("%s failed", task, exc_info=error)
        return 500, b"It failed; see the server's log."


def workbook(body: bytes) -> bytes:
    """The workbook of a template."""
    wanted, flavour = orjson.loads(body)
    template = next(template for _, name, template in contributions("templates") if name == wanted)
    with tempfile.TemporaryDirectory() as folder:
        return Path(template().save(Path(folder) / "workbook.xlsx", flavour)).read_bytes()


TASKS = {"call": answer, "workbook": workbook}

if __name__ == "__main__":
    main()
