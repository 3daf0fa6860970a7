"""What ten million scenarios cost, on one core: beside the same formulas in numexpr, and one pass over the memory."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numexpr
import numpy as np
import pytest
import tokensheet as ts
from tokensheet.asked import ask
from tokensheet.spelling import NUMPY

SCENARIOS = 10_000_000
NAMED = ("DeepSeek-V3", "H200")
CHIPS = {"on 64 chips": 64.0, "on the fewest chips": None}
# numexpr's words are numpy's
NUMEXPR = replace(NUMPY, name="numexpr", functions={name: f"{name}({{0}})" for name in NUMPY.functions})

chance = np.random.default_rng(1)
BATCH, CONTEXT = (chance.integers(1, most, SCENARIOS).astype(float) for most in (513, 65_537))


def in_numexpr(chips: float | None) -> Callable[[], Any]:
    """The cost and whether it fits, an expression each: what is known stands in it, and nothing is checked."""
    given = {
        "model": NAMED[0],
        "chip": NAMED[1],
        "batch": BATCH,
        "context": CONTEXT,
        "precision": "fp8",
        "chips": chips,
    }
    asked = ask(ts.decode_cost, given)
    part = asked.chain.of(asked.key, "fits")
    arrays = {"batch": BATCH, "context": CONTEXT}
    known = {key: asked.values[key] for key in part.given() if key not in arrays}
    lines = part.spelled(NUMEXPR, {key: key for key in arrays}, asked.key, "fits", known=known)
    texts: dict[str, str] = {}
    for name, text in lines.items():
        texts[name] = re.sub(r"\b_\d+\b", lambda each: f"({texts[each[0]]})", text)
    return lambda: [numexpr.evaluate(texts[key], arrays) for key in (asked.key, "fits")]


WORK: dict[str, Callable[[], Any]] = {"a pass over the memory": lambda: BATCH + CONTEXT}
for where, chips in CHIPS.items():
    WORK[f"numexpr, {where}"] = in_numexpr(chips)
    WORK[f"decode_cost, {where}"] = partial(ts.decode_cost, *NAMED, BATCH, CONTEXT, chips)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    numexpr.set_num_threads(1)


@pytest.mark.benchmark(group="10,000,000 scenarios")
@pytest.mark.parametrize("name", WORK)
def test_scenarios(benchmark: Any, name: str) -> None:
    benchmark.extra_info["calls"] = SCENARIOS
    benchmark.pedantic(WORK[name])


@pytest.mark.parametrize("where", CHIPS)
def test_numexpr_says_the_same(where: str) -> None:
    cost, fits = WORK[f"numexpr, {where}"]()
    assert fits.all()
    np.testing.assert_allclose(WORK[f"decode_cost, {where}"](), cost, rtol=1e-12)
