"""Calls that once failed, and some new ones: `just fuzz` makes a million of them a layer."""

import subprocess
import sys
from typing import Any

import pytest
from attacks.fuzz import LAYERS, attack, corpus, tried
from tokensheet_udfs.registry import Function

HERE = [layer for layer in LAYERS if layer != "xlwings"]  # whose stand-in for Windows is for a process of its own
LAYER = {name: LAYERS[name]() for name in HERE}


@pytest.mark.parametrize(
    ("layer", "function", "args"), corpus(), ids=lambda each: str(getattr(each, "name", each))[:40]
)
def test_what_once_failed_does_not_fail_again(layer: str, function: Function, args: Any) -> None:
    assert tried(layer, LAYER[layer], function, args) is None


@pytest.mark.parametrize("layer", HERE)
def test_whatever_is_called_there_is_a_value_or_an_error_with_a_reason(layer: str) -> None:
    assert attack(layer, 300) == []


def test_nor_in_xlwings() -> None:
    command = [sys.executable, "-W", "ignore", "-m", "attacks.fuzz", "300", "xlwings"]
    assert subprocess.check_output(command, cwd="validation", text=True) == "xlwings: no failures\n"
