"""One call on a million cells, against the same arithmetic in numpy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tokensheet as ts
from tokensheet_udfs.convert import call
from tokensheet_udfs.registry import functions

BLOCK = np.random.default_rng(1).uniform(1, 1024, (1000, 1000))
CELLS = tuple(map(tuple, BLOCK.tolist()))  # as a host passes them
NAMED = ("DeepSeek-V3", "H100")
COMPUTE_TIME = functions()["COMPUTE_TIME"]

ON_A_MILLION = {
    "numpy": lambda: 2 * BLOCK * 37e9 / 989e12,
    "compute_time": lambda: ts.compute_time(BLOCK, 37e9, 989e12),
    "COMPUTE_TIME of an array": lambda: call(COMPUTE_TIME, (BLOCK, 37e9, 989e12)),
}
ON_CELLS = {
    "numpy reads them": lambda: 2 * np.array(CELLS, float) * 37e9 / 989e12,
    "COMPUTE_TIME": lambda: call(COMPUTE_TIME, (CELLS, 37e9, 989e12)),
}
OVER_NAMES = {
    "decode_time": lambda: ts.decode_time(*NAMED, BLOCK, 4096, 32),
    "decode_cost": lambda: ts.decode_cost(*NAMED, BLOCK, 4096, 32),
    "request_cost": lambda: ts.request_cost(*NAMED, 3584, 1024, BLOCK, 32),
}


@pytest.mark.benchmark(group="a million numbers in an array", min_rounds=5)
@pytest.mark.parametrize("name", ON_A_MILLION)
def test_array(name: str, benchmark: Any) -> None:
    benchmark(ON_A_MILLION[name])


@pytest.mark.benchmark(group="a million cells as rows of values", min_rounds=5)
@pytest.mark.parametrize("name", ON_CELLS)
def test_cells(name: str, benchmark: Any) -> None:
    benchmark(ON_CELLS[name])


@pytest.mark.benchmark(group="a million numbers, functions over names", min_rounds=5)
@pytest.mark.parametrize("name", OVER_NAMES)
def test_names(name: str, benchmark: Any) -> None:
    benchmark(OVER_NAMES[name])
