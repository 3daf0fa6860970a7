"""Reading prices backwards is the inverse of computing them."""

import pytest
import tokensheet as ts
from hypothesis import given
from strategies import SIZES


@given(step=SIZES, batch=SIZES, usd=SIZES, chips=SIZES)
def test_token_cost_and_back(step: float, batch: float, usd: float, chips: float) -> None:
    cost = ts.token_cost(step, batch, usd, chips, 0.5)
    assert ts.implied_batch(cost, step, usd, chips, 0.5) == pytest.approx(batch)
    assert ts.implied_utilization(cost, step, batch, usd, chips) == pytest.approx(0.5)


def test_implied_cache_balances_at_that_context() -> None:
    kv = ts.implied_kv_bytes(37e9, 200e3, 1979e12, 3.35e12)
    assert ts.balanced_context(37e9, kv, 1979e12, 3.35e12) == pytest.approx(200e3)
    assert ts.implied_kv_bytes(100e9, 200e3, 300, 1, 1) == pytest.approx(1666.67, abs=0.01)


def test_the_price_of_a_fast_mode_and_back() -> None:
    compute, weights, kv = 0.0001, 5 / 14, 9 / 14  # memory binds, the cache takes 64 % of the step
    price = ts.fast_price(2.5, compute, weights, kv)
    assert price == pytest.approx(6)
    assert ts.implied_kv_share(2.5, price) == pytest.approx(9 / 14)
    with pytest.raises(ts.DomainError, match="no batch is so fast"):
        ts.fast_price(3, compute, weights, kv)
    assert ts.max_speedup(compute, weights, kv) == pytest.approx(14 / 5)


def test_a_fast_batch_is_that_much_faster() -> None:
    batch, compute, weights, kv = 2400, 0.000548, 0.001165, 0.009594
    fast = ts.fast_batch(2.5, batch, compute, weights, kv)
    share = fast / batch
    assert ts.roofline_time(compute * share, weights, kv * share) == pytest.approx((weights + kv) / 2.5)
    assert ts.fast_price(2.5, compute, weights, kv) == pytest.approx(1 / 2.5 / share)
