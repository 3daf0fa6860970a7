"""A million cells in one call, beside what numpy needs to read or to compute them: `just bench`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hosts.excel import Classic
from hosts.xlwings_server import XlwingsServer
from tokensheet_udfs.convert import call
from tokensheet_udfs.registry import functions

CELLS = tuple(map(tuple, np.random.default_rng(1).uniform(1, 9, (1000, 1000)).tolist()))


@pytest.mark.benchmark(group="a million cells: a call, numpy reading them")
def test_a_call(benchmark: Any) -> None:
    benchmark(call, functions()["COMPUTE_TIME"], (CELLS, 37e9, 989e12))


@pytest.mark.benchmark(group="a million cells: a call, numpy reading them")
def test_numpy_reading_them(benchmark: Any) -> None:
    benchmark(np.array, CELLS, dtype=float)


@pytest.mark.benchmark(group="a million cells: xlwings classic, numpy alone")
@pytest.mark.parametrize("way", ["call", "numpy"])
def test_xlwings_classic(benchmark: Any, classic: Classic, way: str) -> None:
    classic.ask(million=way)  # once makes the cells
    benchmark(classic.ask, million=way)


def test_xlwings_server(benchmark: Any, xlwings_server: XlwingsServer) -> None:
    """With xlwings' own converters it took 36 s."""
    benchmark.pedantic(
        xlwings_server.call, ("COMPUTE_TIME", (CELLS, 1.0, 1.0), (1000, 1000)), rounds=3, warmup_rounds=1
    )
