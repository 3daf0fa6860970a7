"""Holding a cache against computing it again: the break-even is where both cost the same."""

import pytest
import tokensheet as ts

MODEL = dict(active_params=100e9, flops=4500e12)


def test_breakeven_time_is_where_holding_costs_what_computing_costs() -> None:
    kv = 5000 / 3
    seconds = ts.cache_breakeven_time(100e9, kv, 4500e12, 192e9)
    assert seconds == pytest.approx(5120, rel=1e-12)
    hold = ts.hold_cost(kv, 192e9, 5.25, seconds)
    assert hold == pytest.approx(ts.recompute_cost(1, **MODEL, usd_per_hour=5.25), rel=1e-12)


def test_holding_and_retrieving_are_equal_at_the_drain_time() -> None:
    drain = ts.read_time(20e12, 280e6)
    assert ts.hold_cost(1e9, 20e12, 1, drain) == pytest.approx(ts.retrieve_cost(1e9, 280e6, 1), rel=1e-12)


@pytest.mark.parametrize(("seconds", "tier"), [(0.01, "HBM"), (3, "DDR"), (300, "flash"), (3600, "disk")])
def test_the_tier_is_the_one_of_the_nearest_drain_time(seconds: float, tier: str) -> None:
    assert ts.best_tier(seconds) == tier


def test_reuses_that_pay_for_a_write() -> None:
    reuses = ts.cache_breakeven_reuses(1.25, 0.1)
    assert 1.25 + 0.1 * reuses == pytest.approx(1 + reuses)


def test_a_miss_costs_the_prompt_again() -> None:
    time = ts.prefill_time(1000, 100e9, 4500e12)
    assert ts.recompute_cost(1000, **MODEL, usd_per_hour=5.25) == pytest.approx(ts.token_cost(time, 1, 5.25), rel=1e-12)
    assert ts.kv_store_cost(2e9, 1800, 1) == 1
    assert ts.uncached_tokens(608e9, 0.5625) == pytest.approx(266e9)
