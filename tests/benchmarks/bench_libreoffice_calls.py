"""A hundred thousand one-cell calls in LibreOffice, against a function that returns its argument."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hosts.libreoffice import PYTHON
from identity import with_identity

CELLS = 100_000
CALLS = {
    "native": "=2*A{0}*37E9/989E12",
    "IDENTITY": "=IDENTITY(A{0})",
    "IDENTITY of three": "=IDENTITY(A{0},37E9,989E12)",
    "COMPUTE_TIME": "=COMPUTE_TIME(A{0},37E9,989E12)",
    "FITS": "=FITS(A{0},1,80E9,1)",
    "DECODE_COST": '=DECODE_COST("DeepSeek-V3","H100",A{0},4096,32)',
}

Recalculate = Callable[[Path], float]


@pytest.fixture(scope="module")
def recalculate(oxt: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recalculate]:
    both = with_identity(oxt, tmp_path_factory.mktemp("identity") / "both.oxt")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment["PATH"] = os.pathsep.join(["/usr/local/bin", "/usr/bin", "/bin"])
    command: list[str | Path] = [PYTHON, Path(__file__).with_name("calc.py"), both]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as host:
        assert host.stdin
        assert host.stdout

        def recalculated(path: Path) -> float:
            print(path, file=host.stdin, flush=True)
            return float(host.stdout.readline())  # type: ignore[union-attr]

        yield recalculated
        host.stdin.close()


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is needed")
@pytest.mark.benchmark(group="LibreOffice: 100,000 one-cell calls", min_rounds=5)
@pytest.mark.parametrize("name", CALLS)
def test_calls(name: str, benchmark: Any, recalculate: Recalculate, tmp_path: Path) -> None:
    path = tmp_path / "calls.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for row in range(CELLS):
            sheet.write_number(row, 0, 1 + row % 256)
            sheet.write_formula(row, 1, CALLS[name].format(row + 1))
    assert recalculate(path) > 0  # opens it; an error would be 0
    benchmark.pedantic(recalculate, (path,), rounds=5)
