"""Worked prices: DeepSeek-V3 on 32 H100 at $2.95 an hour, and DeepSeek's own published figures."""

import pytest
import tokensheet as ts

STEPS = {
    batch: ts.step_time(batch, 4096, 37e9, 671e9, 1, 35136, 32 * 1979e12, 32 * 3.35e12) for batch in (1, 64, 256, 2400)
}


@pytest.mark.parametrize(("batch", "price"), [(1, 164.1687), (64, 2.5998), (256, 0.67635), (2400, 0.103593)])
def test_price_per_million(batch: int, price: float) -> None:
    assert ts.cost_per_million(ts.token_cost(STEPS[batch], batch, 2.95, 32)) == pytest.approx(price, rel=5e-5)


def test_batching_gain() -> None:
    gain = ts.batching_gain(STEPS[1], STEPS[2400], 2400)
    assert gain == pytest.approx(1585, abs=0.5)
    assert gain == pytest.approx(
        ts.token_cost(STEPS[1], 1, 2.95, 32) / ts.token_cost(STEPS[2400], 2400, 2.95, 32), rel=1e-12
    )


def test_deepseeks_published_decode_price() -> None:
    # 14,800 tokens a second on a node of 8 at $2 an hour a chip
    assert ts.cost_per_million(ts.token_cost(1, 14800, 2, 8)) == pytest.approx(0.30030, abs=5e-6)


def test_deepseeks_published_day() -> None:
    cost = 226.75 * 8 * 2 * 24
    assert cost == 87072
    assert ts.markup(562027, cost) == pytest.approx(5.4547, abs=5e-5)
    assert ts.price_for_margin(cost, ts.margin(562027, cost)) == pytest.approx(562027)


def test_cached_tokens_are_a_part_of_the_input() -> None:
    assert ts.blended_price(3, 0.3, 15, 1000, 1000, 1000) == pytest.approx((0.3 + 15) / 2)
    assert ts.blended_price(3, 0.3, 15, 1000, 0, 1000) == 9
    with pytest.raises(ts.DomainError, match="more cached tokens than input tokens"):
        ts.blended_price(3, 0.3, 15, 1000, 1001, 1000)


def test_no_batch_goes_below_the_floor() -> None:
    floor = ts.cost_floor(37e9, 4096, 35136, 32 * 1979e12, 32 * 3.35e12, 2.95, 32)
    costs = [ts.token_cost(STEPS[batch], batch, 2.95, 32) for batch in STEPS]
    assert min(costs) > floor
    huge = ts.step_time(1e9, 4096, 37e9, 671e9, 1, 35136, 32 * 1979e12, 32 * 3.35e12)
    assert ts.token_cost(huge, 1e9, 2.95, 32) == pytest.approx(floor, rel=1e-4)


def test_an_annuity_without_interest_is_straight_line() -> None:
    assert ts.chip_hour_cost(8760, 2, 0, 1, 0, 0) == 0.5
    assert ts.chip_hour_cost(8760, 2, 0, 1, 0, 0, wacc=1e-9) == pytest.approx(0.5)
    assert ts.chip_hour_cost(0, 1, 1000, 1.5, 0.1, 0) == pytest.approx(0.15)


def test_breakevens() -> None:
    assert ts.breakeven_utilization(2, 0.5) == 0.25
    assert ts.breakeven_volume(100, 3e-6, 1e-6) == pytest.approx(50e6)
    with pytest.raises(ts.DomainError, match="the API is cheaper at every volume"):
        ts.breakeven_volume(100, 1e-6, 2e-6)


def test_prefill_and_decode_servers_of_the_scaling_book() -> None:
    prefill = ts.prefill_time(8192, 70e9, 16 * 1.97e14, 0.4)
    assert prefill == pytest.approx(0.91, abs=0.001)
    assert ts.prefill_decode_ratio(prefill, 512, 0.019, 32) == pytest.approx(3, abs=0.02)
    assert ts.ttft(prefill, ts.pass_wait(0.02)) == pytest.approx(prefill + 0.01)
