"""What fits on how many chips: the three functions agree with each other."""

import tokensheet as ts
from hypothesis import given
from strategies import SIZES


def test_deepseek_v3_on_h100() -> None:
    weights = ts.weights_bytes(671e9, 1)
    assert (weights, ts.chips_total(8, 80e9)) == (671e9, 640e9)
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


def test_stages_divide_the_weights_but_not_the_cache() -> None:
    weights = [ts.memory_per_chip(1e12, 0, 64, 1, stages, stages) for stages in (1, 2, 4)]
    assert weights == [15.625e9, 7.8125e9, 3.90625e9]
    cache = [ts.memory_per_chip(0, 4e11, 64, 1, stages, stages) for stages in (1, 2, 4)]
    assert cache == [6.25e9] * 3


def test_worked_numbers_of_the_pipeline() -> None:
    assert ts.pipeline_bubble(4, 8) == 3 / 11
    assert round(ts.pipeline_bubble(16, 64), 15) == 0.189873417721519
    assert (ts.pipeline_idle(4, 1), ts.pipeline_idle(4, 8)) == (0.75, 0)
    assert (ts.stage_traffic_ratio(8, 1), ts.min_layers_per_stage(2)) == (2, 2)


def test_one_chip_does_not_communicate() -> None:
    assert ts.tensor_parallel_time(64, 8192, 2, 80, 1, 450e9) == 0
    assert ts.data_parallel_time(8e9, 2, 1, 50e9) == 0
    assert ts.stage_transfer_time(1, 1, 1, 1, 2) == 3


@given(weights=SIZES, kv=SIZES, hbm=SIZES, chips=SIZES)
def test_the_longest_context_fits(weights: float, kv: float, hbm: float, chips: float) -> None:
    context = ts.max_context(weights, kv, 2, hbm, chips)
    assert context * kv * 2 <= ts.kv_capacity(weights, hbm, chips) * (1 + 1e-9)
