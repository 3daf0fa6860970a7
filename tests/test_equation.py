"""What `@equation` adds to a formula: domains, arrays, pandas objects, calls."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
import tokensheet as ts
from tokensheet.equation import as_calls


@pytest.mark.parametrize(
    ("attempt", "message"),
    [
        (lambda: ts.compute_time(0, 1, 1), "compute_time: batch must be > 0, not 0"),
        (lambda: ts.compute_time(1, 1, 0), "compute_time: flops must be > 0, not 0"),
        (lambda: ts.compute_time([1, 2, -3], 1, 1), "compute_time: batch must be > 0, not -3"),
        (lambda: ts.compute_time(float("nan"), 1, 1), "compute_time: batch must be > 0, not nan"),
        (
            lambda: ts.compute_time("x", 1, 1),
            'compute_time: batch: "x" is not a number; "70B", "3.35T", "32k" or "40%" would be',
        ),
        (lambda: ts.compute_time(ts.Cell("A1", -1.0), 1, 1), "compute_time: batch must be > 0, not -1"),
        (lambda: ts.compute_time(1e300, 1e300, 1), "compute_time: the result is too large to compute"),
        (lambda: ts.token_cost(1, 1, 1, 1, 1.5), "token_cost: utilization must be > 0 and <= 1, not 1.5"),
        (lambda: ts.critical_batch(1e9, 1e9, 1, 1e15, 1e12, 1e6, 1e6), "critical_batch: no batch balances compute"),
        (lambda: ts.step_time(1, 1, 1, 1, 1, 1, 1, 0), "step_time: bandwidth must be > 0, not 0"),
    ],
)
def test_domain_error_names_the_argument(attempt: object, message: str) -> None:
    with pytest.raises(ts.DomainError, match=message.replace("(", r"\(")):
        attempt()  # type: ignore[operator]


def test_scalars_lists_arrays_and_pandas() -> None:
    assert type(ts.roofline_time(1, 2, 3)) is float
    assert type(ts.step_time(1, 1, 1, 1, 1, 1, 1.0, 1.0)) is float
    assert ts.compute_time([64, 128], 37e9, 989e12).tolist() == [0.004788675429726997, 0.009577350859453994]
    assert ts.compute_time(np.ones((2, 1)), np.ones((1, 3)), 1).shape == (2, 3)
    frame = pd.DataFrame({"batch": [1.0, 300.0]}, index=["low", "high"])
    times = ts.compute_time(frame.batch, 37e9, 989e12)
    assert times.index.tolist() == ["low", "high"]
    terms = ts.bound(times, 0.01, frame.batch * 1e-6)
    assert isinstance(terms, pd.Series)
    assert terms.to_dict() == {"low": "weights", "high": "compute"}


def test_calls_instead_of_formulas() -> None:
    cells = [ts.Cell("B2", 64.0), ts.Cell("C2", 37e9), ts.Cell("D2", 989e12)]
    with as_calls():
        call = ts.compute_time(*cells)
        cost: Any = np.where(ts.fits(1.0, ts.Cell("A1", 2.0), 3.0, 4.0), ts.cost_per_million(ts.Cell("A2", 1.0)), "no")
    assert (call.text, call.value) == ("COMPUTE_TIME(B2,C2,D2)", ts.compute_time(64, 37e9, 989e12))
    assert cost.text == 'IF(FITS(1,A1,3,4),COST_PER_MILLION(A2),"no")'
    assert ts.compute_time(*cells).text == "2*B2*C2/D2"
