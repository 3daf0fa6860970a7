"""What holds for every model on every chip, whatever is asked: the bound is a bound, and more work is never cheaper."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import tokensheet as ts
from tokensheet.asked import ENDS, ask

BATCHES = np.array([[1.0], [2], [8], [64], [256], [1024]])
CONTEXTS = np.array([[0.0, 128, 4096, 32768, 131072, 1e6]])
PRECISIONS = ["bf16", "fp8", "fp4"]
ORDER = ("ideal", "low", "calibrated", "high")
KNOWN = [name for name, row in ts.models().items() if all(row[column] for column in ("layers", "hidden", "heads"))]
CHIPS = list(ts.chips())


def answers(function: Any, **given: Any) -> list[Any]:
    """The answers of a function from the bound to the high end of the band, by its chain at once."""
    asked = ask(function, given)
    keys = [ENDS[estimate] + function.kind for estimate in ORDER]
    values = asked.chain.evaluate(asked.values, *keys)
    return [values[key] for key in keys]


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("model", KNOWN)
def test_the_bound_is_below_the_band_and_the_band_is_around_the_estimate(model: str, precision: str) -> None:
    for chip in CHIPS:
        for kv_precision in PRECISIONS:
            asked = {"model": model, "chip": chip, "precision": precision, "kv_precision": kv_precision}
            for lower, upper in pairwise(answers(ts.decode_time, batch=BATCHES, context=CONTEXTS, **asked)):
                assert np.all(lower <= upper), asked
        passes = answers(ts.prefill_latency, input_tokens=np.maximum(CONTEXTS, 1), **asked)
        for lower, upper in pairwise(passes):
            assert np.all(lower <= upper), (model, chip, precision)


@pytest.mark.parametrize("model", KNOWN)
def test_more_sequences_more_context_and_wider_formats_never_make_a_step_shorter(model: str) -> None:
    for chip in CHIPS:
        chips = 2 * np.max(ts.chips_needed(model, chip, BATCHES, CONTEXTS))
        asked = {"model": model, "chip": chip, "batch": BATCHES, "context": CONTEXTS, "chips": chips}
        wide, narrow = (answers(ts.decode_time, **asked, precision=each) for each in ("bf16", "fp8"))
        for estimate, slow, fast in zip(ORDER, wide, narrow, strict=True):
            assert np.all(np.diff(fast, axis=0) >= 0), (chip, estimate, "batch")
            assert np.all(np.diff(fast, axis=1) >= 0), (chip, estimate, "context")
            assert np.all(fast <= slow * (1 + 1e-12)), (chip, estimate, "precision")


def test_the_chain_gives_what_the_functions_give() -> None:
    for estimate, found in zip(ORDER, answers(ts.decode_time, model="DeepSeek-V3", chip="H200", batch=BATCHES,
                                              context=4096, precision="fp8"), strict=True):  # fmt: skip
        assert np.all(found == ts.decode_time("DeepSeek-V3", "H200", BATCHES, 4096, estimate=estimate))


@pytest.mark.parametrize("estimate", ["ideal", "calibrated"])
def test_a_token_of_a_larger_batch_never_costs_more(estimate: str) -> None:
    for model in KNOWN:
        for chip in ("H100", "B200", "MI300X"):
            chips = np.max(ts.chips_needed(model, chip, BATCHES, 4096))
            costs = ts.decode_cost(model, chip, BATCHES, 4096, chips, estimate=estimate)
            assert np.all(np.diff(costs, axis=0) <= 1e-18), (model, chip)
