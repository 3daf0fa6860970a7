"""Calls in LibreOffice: of single cells, beside functions that return their argument, and of a million beside numpy."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xlsxwriter
from another import Another, another
from hosts.libreoffice import PYTHON
from identity import with_identity
from sampled import sampled

CELLS = 100_000
FEW = 10_000
CALLS = {
    "native": "=2*A{0}*37E9/989E12",
    "IDENTITY": "=IDENTITY(A{0},37E9,989E12)",
    "COMPUTE_TIME": "=COMPUTE_TIME(A{0},37E9,989E12)",
    "FITS": "=FITS(A{0},1,80E9,1)",
    "IDENTITY_OF_MANY": '=IDENTITY_OF_MANY(A{0},"DeepSeek-V3","H100",4096,32)',
    "DECODE_COST": '=DECODE_COST("DeepSeek-V3","H100",A{0},4096,32)',
    "REQUEST_COST": '=REQUEST_COST("DeepSeek-V3","H100",2000,500,A{0},32)',
}
# What has no number, which is said with a reason
OTHERWISE = {
    "IDENTITY": "=IDENTITY(A{0},37E9,-1)",
    "outside the domain": "=COMPUTE_TIME(A{0},37E9,-1)",
    "does not fit": '=DECODE_COST("DeepSeek-V3","H100",A{0},4096,8)',
}

MILLION = ("NUMPY", "COMPUTE_TIME")


@pytest.fixture(scope="module")
def calc(oxt: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Another]:
    """What recalculates a workbook, and gives the number in its cell B1; an error would be 0."""
    if not shutil.which("soffice"):
        pytest.skip("LibreOffice is needed")
    both = with_identity(oxt, tmp_path_factory.mktemp("identity") / "both.oxt")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment["PATH"] = os.pathsep.join(["/usr/local/bin", "/usr/bin", "/bin"])
    with another(PYTHON, Path(__file__).with_name("calc.py"), both, environment=environment) as calc:
        yield calc


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("calls")


def recalculate(benchmark: Any, calc: Another, path: Path) -> None:
    benchmark.pedantic(calc.ask, (path,), rounds=2)
    sampled(benchmark, calc.process.pid, lambda: calc.ask(path))


def column(path: Path, formula: str, cells: int) -> Path:
    """A workbook with the formula in each row; in a further pass it is there, and open."""
    if not path.exists():
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet()
            for row in range(cells):
                sheet.write_number(row, 0, 1 + row % 256)
                sheet.write_formula(row, 1, formula.format(row + 1))
    return path


@pytest.mark.benchmark(group="LibreOffice: 100,000 calls of one cell")
@pytest.mark.parametrize("name", CALLS)
def test_calls(benchmark: Any, calc: Another, folder: Path, name: str) -> None:
    path = column(folder / f"{name}.xlsx", CALLS[name], CELLS)
    assert float(calc.ask(path)) > 0
    benchmark.extra_info["calls"] = CELLS
    recalculate(benchmark, calc, path)


@pytest.mark.benchmark(group="LibreOffice: 10,000 calls of one cell without an answer")
@pytest.mark.parametrize("name", OTHERWISE)
def test_calls_without_an_answer(benchmark: Any, calc: Another, folder: Path, name: str) -> None:
    path = column(folder / f"{name} otherwise.xlsx", OTHERWISE[name], FEW)
    calc.ask(path)
    benchmark.extra_info["calls"] = FEW
    recalculate(benchmark, calc, path)


@pytest.mark.benchmark(group="LibreOffice: a million cells")
@pytest.mark.parametrize("function", MILLION)
def test_a_million_cells(benchmark: Any, calc: Another, folder: Path, function: str) -> None:
    cells = np.random.default_rng(1).uniform(1, 9, (1000, 1000))
    path = folder / f"{function} of a million.xlsx"
    if not path.exists():
        with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
            sheet, data = book.add_worksheet(), book.add_worksheet("Data")
            sheet.write_formula("B1", f"=SUM({function}(Data!A1:ALL1000,37E9,989E12))")
            for row, values in enumerate(cells.tolist()):
                data.write_row(row, 0, values)
    assert float(calc.ask(path)) == pytest.approx((2 * cells * 37e9 / 989e12).sum())
    recalculate(benchmark, calc, path)
