"""What holds for every model on every chip, whatever is asked: the bound is a bound, and more work is never cheaper."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import tokensheet as ts
from tokensheet.over_names import ENDS

BATCHES = np.array([[1.0], [2], [8], [64], [256], [1024]])
CONTEXTS = np.array([[0.0, 128, 4096, 32768, 131072, 1e6]])
PRECISIONS = ["bf16", "fp8", "fp4"]
ORDER = ("ideal", "low", "calibrated", "high")
KNOWN = [name for name, row in ts.models().items() if all(row[column] for column in ("layers", "hidden", "heads"))]
CHIPS = list(ts.chips())


def answers(function: Any, *args: Any, **options: Any) -> list[Any]:
    """The answers of a function from the bound to the high end of the band."""
    return [function(*args, estimate=estimate, **options) for estimate in ORDER]


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("model", KNOWN)
def test_the_bound_is_below_the_band_and_the_band_is_around_the_estimate(model: str, precision: str) -> None:
    for chip in CHIPS:
        for kv_precision in PRECISIONS:
            options = {"precision": precision, "kv_precision": kv_precision}
            times = answers(ts.decode_time, model, chip, BATCHES, CONTEXTS, **options)
            for lower, upper in pairwise(times):
                assert np.all(lower <= upper), (model, chip, options)
        passes = answers(ts.prefill_latency, model, chip, np.maximum(CONTEXTS, 1), precision=precision)
        for lower, upper in pairwise(passes):
            assert np.all(lower <= upper), (model, chip, precision)


@pytest.mark.parametrize("estimate", ENDS)
@pytest.mark.parametrize("model", KNOWN)
def test_more_sequences_more_context_and_less_memory_never_make_a_step_shorter(model: str, estimate: str) -> None:
    for chip in CHIPS:
        chips = np.max(ts.chips_needed(model, chip, BATCHES, CONTEXTS))
        times = ts.decode_time(model, chip, BATCHES, CONTEXTS, chips, estimate=estimate)
        assert np.all(np.diff(times, axis=0) >= 0), (model, chip, "batch")
        assert np.all(np.diff(times, axis=1) >= 0), (model, chip, "context")
        wide = ts.decode_time(model, chip, BATCHES, CONTEXTS, 2 * chips, "bf16", estimate)
        narrow = ts.decode_time(model, chip, BATCHES, CONTEXTS, 2 * chips, "fp8", estimate)
        assert np.all(narrow <= wide * (1 + 1e-12)), (model, chip, "precision")


@pytest.mark.parametrize("estimate", ["ideal", "calibrated"])
def test_a_token_of_a_larger_batch_never_costs_more(estimate: str) -> None:
    for model in KNOWN:
        for chip in ("H100", "B200", "MI300X"):
            chips = np.max(ts.chips_needed(model, chip, BATCHES, 4096))
            costs = ts.decode_cost(model, chip, BATCHES, 4096, chips, estimate=estimate)
            assert np.all(np.diff(costs, axis=0) <= 1e-18), (model, chip)
