"""Columns of names: 100,000 rows of 50 models and 30 chips mixed, beside the same with the numbers looked up before."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import tokensheet as ts
from tokensheet.asked import ask
from tokensheet_udfs.convert import call
from tokensheet_udfs.registry import functions

ROWS = 100_000
chance = np.random.default_rng(1)
MODELS = np.array([*ts.models()][:50], object)[chance.integers(50, size=ROWS)]
CHIPS = np.array([*ts.chips()][:30], object)[chance.integers(30, size=ROWS)]
BATCHES, CONTEXTS = chance.uniform(1, 512, ROWS), chance.uniform(100, 8192, ROWS)
COLUMNS = MODELS, CHIPS, BATCHES, CONTEXTS
CELLS = [column[:, np.newaxis].tolist() for column in COLUMNS]  # as a host passes them
LABELLED = [pd.Series(column) for column in COLUMNS]
GIVEN = dict(zip(("model", "chip", "batch", "context"), COLUMNS, strict=True))
ASKED = ask(ts.decode_time, GIVEN | {"precision": "fp8"})

WAYS = {
    "the numbers looked up before": lambda: ASKED.chain.evaluate(ASKED.values, ASKED.key, "fits"),
    "decode_time of arrays": lambda: ts.decode_time(*COLUMNS),
    "decode_time of pandas' columns": lambda: ts.decode_time(*LABELLED),
    "decode_time, and a code for each row": lambda: ts.decode_time.outcomes(*COLUMNS).codes,
    "DECODE_TIME of cells": lambda: call(functions()["DECODE_TIME"], CELLS),
}


@pytest.mark.benchmark(group="100,000 rows of 50 models and 30 chips mixed")
@pytest.mark.parametrize("way", WAYS)
def test_names(benchmark: Any, way: str) -> None:
    benchmark(WAYS[way])
