"""BEST_DEPLOYMENT over every chip of the catalogue, beside one call of what it searches over."""

from __future__ import annotations

from typing import Any

import pytest
import tokensheet as ts

ASKED: dict[str, tuple[Any, ...]] = {
    "one request_cost": (ts.request_cost, "DeepSeek-V3", "H200", 2000.0, 500.0, 64.0, 16.0),
    "all chips for DeepSeek-V3": (ts.best_deployment, "DeepSeek-V3", 2000.0, 500.0, 2.0, 0.03),
    "all chips for Llama-3.1-70B": (ts.best_deployment, "Llama-3.1-70B", 2000.0, 500.0, 2.0, 0.03),
}


@pytest.mark.benchmark(group="searches")
@pytest.mark.parametrize("what", ASKED)
def test_search(benchmark: Any, what: str) -> None:
    function, *args = ASKED[what]
    benchmark(function, *args)
