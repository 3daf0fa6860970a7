"""What fits on how many chips: the three functions agree with each other."""

import tokensheet as ts
from hypothesis import given
from strategies import SIZES


def test_deepseek_v3_on_h100() -> None:
    weights = ts.weights_bytes(671e9, 1)
    assert (weights, ts.domain_total(8, 80e9)) == (671e9, 640e9)
    assert not ts.fits(weights, 0, 80e9, 8)
    assert ts.min_chips(weights, 0, 80e9) == 9
    assert ts.fits(weights, 0, 80e9, 9)


@given(weights=SIZES, kv=SIZES, hbm=SIZES)
def test_the_fewest_chips_fit_and_one_less_does_not(weights: float, kv: float, hbm: float) -> None:
    chips = ts.min_chips(weights, kv, hbm)
    assert ts.fits(weights, kv, hbm, chips * (1 + 1e-12))
    assert chips == 1 or not ts.fits(weights, kv, hbm, (chips - 1) * (1 - 1e-12))


@given(weights=SIZES, sequence=SIZES, hbm=SIZES, chips=SIZES)
def test_the_largest_batch_fits(weights: float, sequence: float, hbm: float, chips: float) -> None:
    batch = ts.max_batch(weights, sequence, hbm, chips)
    assert batch == 0 or ts.fits(weights, batch * sequence * (1 - 1e-9), hbm, chips)
