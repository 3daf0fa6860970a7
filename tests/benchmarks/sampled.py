"""What another process does while a benchmark waits for it, by py-spy."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

PY_SPY = Path(sys.executable).parent / "py-spy"
SECONDS = 5.0


def sampled(benchmark: Any, process: int, work: Callable[[], object]) -> None:
    """Keeps the share of each function of the process, and of those that it started, where a profile is asked for."""
    if not benchmark.cprofile:
        return
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "raw"
        command: list[str | Path] = [PY_SPY, "record", "-s", "--nolineno", "-f", "raw", "-o", raw, "-p", str(process)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as spy:
            end = time.monotonic() + SECONDS
            while time.monotonic() < end:
                work()
            spy.send_signal(signal.SIGINT)
        if spy.returncode:
            return  # the system does not let it, and the waiting has to do
        samples: Counter[str] = Counter()
        for line in raw.read_text(encoding="utf-8").splitlines():
            stack, count = line.rsplit(" ", 1)
            function, _, file = stack.rpartition(";")[2].partition(" (")
            samples[f"{function} in {file[:-1]}" if file else "outside Python"] += int(count)
    benchmark.extra_info["profile"] = [[name, n / samples.total(), None] for name, n in samples.most_common()]
