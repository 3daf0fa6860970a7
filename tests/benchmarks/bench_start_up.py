"""Whole processes, from start to end, beside the imports that they cannot do without."""

from __future__ import annotations

import os
import pstats
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from tokensheet.plugins import contributions

PYTHON = Path(sys.executable)
TOKENSHEET = PYTHON.parent / "tokensheet"
PROCESSES: dict[str, list[str | Path]] = {
    "python -c pass": [PYTHON, "-c", "pass"],
    "import numpy": [PYTHON, "-c", "import numpy"],
    "import numpy, xlsxwriter": [PYTHON, "-c", "import numpy, xlsxwriter"],
    "import typer": [PYTHON, "-c", "import typer"],
    "import tokensheet": [PYTHON, "-c", "import tokensheet"],
    "an equation": [PYTHON, "-c", "import numpy, tokensheet; tokensheet.compute_time(64, 37e9, 989e12)"],
    "tokensheet --help": [TOKENSHEET, "--help"],
}
COMPILED = set[tuple[str | Path, ...]]()  # what was run once
TEMPLATES = [name for _, name, _ in contributions("templates")]


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which what is imported is compiled once, as an installed package is."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": str(tmp_path_factory.mktemp("compiled"))}


def measure(benchmark: Any, command: list[str | Path], folder: Path, environment: dict[str, str]) -> None:
    """Each time in a folder of its own, as a workbook there is not written over."""
    run = iter(range(100))

    def process(words: list[str | Path]) -> None:
        subprocess.run(words, cwd=inside(folder, next(run)), env=environment, check=True, stdout=subprocess.DEVNULL)

    if (done := (environment["PYTHONPYCACHEPREFIX"], *command)) not in COMPILED:
        process(command)
        COMPILED.add(done)
    benchmark.pedantic(process, (command,))
    if benchmark.cprofile:
        found = folder / "profile"
        process([PYTHON, "-m", "cProfile", "-o", found, *(command[1:] if command[0] == PYTHON else command)])
        benchmark.extra_info["profile"] = by_package(found)


def inside(folder: Path, number: int) -> Path:
    made = folder / f"{number}"
    made.mkdir()
    return made


def by_package(profile: Path) -> list[list[Any]]:
    """The share of each package, as what a process takes is spread over a thousand functions."""
    seconds: Counter[str] = Counter()
    for (path, _, function), (_, _, own, _, _) in pstats.Stats(str(profile)).stats.items():  # type: ignore[attr-defined]
        seconds[package_of(path, function)] += own
    return [[name, own / seconds.total(), None] for name, own in seconds.most_common()]


def package_of(path: str, function: str) -> str:
    if path == "~":
        return function.strip("<>")
    parts = Path(path).parts
    if "site-packages" in parts:
        return parts[parts.index("site-packages") + 1]
    return next((part for part in parts if part.startswith("tokensheet")), "the standard library")


@pytest.mark.benchmark(group="processes")
@pytest.mark.parametrize("name", PROCESSES)
def test_process(benchmark: Any, tmp_path: Path, compiled: dict[str, str], name: str) -> None:
    measure(benchmark, PROCESSES[name], tmp_path, compiled)


@pytest.mark.benchmark(group="tokensheet new")
@pytest.mark.parametrize("name", TEMPLATES)
def test_new(benchmark: Any, tmp_path: Path, compiled: dict[str, str], name: str) -> None:
    measure(benchmark, [TOKENSHEET, "new", name], tmp_path, compiled)
