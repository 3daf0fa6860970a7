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
