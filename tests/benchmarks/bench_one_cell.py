"""Calls of single cells in this process, against a function that returns its argument."""

from __future__ import annotations

from typing import Any

import pytest
import tokensheet as ts
from tokensheet_addin.hosts import xlwings_functions as excel
from tokensheet_addin.hosts.libreoffice.component import method
from tokensheet_udfs.convert import call
from tokensheet_udfs.registry import functions

ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "COMPUTE_TIME": (64.0, 37e9, 989e12),
    "FITS": (1.0, 1.0, 80e9, 1.0),
    "BOUND": (1.0, 2.0, 3.0),
    "DECODE_COST": ("DeepSeek-V3", "H100", 256.0, 4096.0, 32.0),
    "REQUEST_COST": ("DeepSeek-V3", "H100", 3584.0, 1024.0, 256.0, 32.0),
}
# What has no plain answer goes the way of blocks
OTHERWISE: dict[str, tuple[str, tuple[Any, ...]]] = {
    "a text": ("COMPUTE_TIME", ("64", 37e9, 989e12)),
    "outside the domain": ("COMPUTE_TIME", (64.0, 37e9, 0.0)),
    "does not fit": ("DECODE_COST", ("DeepSeek-V3", "H100", 256.0, 4096.0, 8.0)),
    "two cells": ("COMPUTE_TIME", (((64.0,), (128.0,)), 37e9, 989e12)),
}


def identity(*args: Any) -> Any:
    return args[0]


def in_calc(name: str) -> Any:
    """As LibreOffice calls it: every argument, those left out as None."""
    function = functions()[name]
    answer, missing = method(function), [None] * (len(function.parameters) - len(ARGUMENTS[name]))
    return lambda *args: answer(None, *args, *missing)


LAYERS = {
    "core": lambda name: getattr(ts, name.lower()),
    "conversion": lambda name: lambda *args: call(functions()[name], args),
    "Excel": lambda name: getattr(excel, name),
    "LibreOffice's component": in_calc,
}


@pytest.mark.benchmark(group="one cell")
def test_identity(benchmark: Any) -> None:
    benchmark(identity, 64.0, 37e9, 989e12)


@pytest.mark.benchmark(group="one cell")
@pytest.mark.parametrize("name", ARGUMENTS)
@pytest.mark.parametrize("layer", LAYERS)
def test_one_cell(benchmark: Any, layer: str, name: str) -> None:
    benchmark(LAYERS[layer](name), *ARGUMENTS[name])


@pytest.mark.benchmark(group="one cell without a plain answer")
@pytest.mark.parametrize("case", OTHERWISE)
def test_otherwise(benchmark: Any, case: str) -> None:
    name, args = OTHERWISE[case]
    benchmark(call, functions()[name], args)
