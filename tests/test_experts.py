"""Experts against worked numbers and against counting them."""

import numpy as np
import pytest
import tokensheet as ts


def test_coverage_is_the_share_that_random_tokens_hit() -> None:
    assert ts.expert_coverage(64, 8, 256) == pytest.approx(0.868915967521525, rel=1e-12)
    rng = np.random.default_rng(1)
    hit = [len({e for _ in range(64) for e in rng.choice(256, 8, replace=False)}) / 256 for _ in range(200)]
    assert ts.expert_coverage(64, 8, 256) == pytest.approx(np.mean(hit), abs=0.005)


def test_coverage_at_its_ends() -> None:
    assert ts.expert_coverage(1, 8, 256) == pytest.approx(8 / 256, rel=1e-12)
    assert ts.expert_coverage(1e6, 8, 256) == 1
    assert ts.expert_coverage(1, 256, 256) == 1


def test_weights_read_lie_between_active_and_total() -> None:
    read = [ts.weights_read(17e9, 654e9, ts.expert_coverage(batch, 8, 256), 1) for batch in (1, 64, 1e6)]
    assert read == sorted(read)
    assert read[0] == pytest.approx(17e9 + 654e9 / 32)
    assert read[-1] == 671e9


def test_all_to_all_scales_with_tokens_and_falls_with_chips() -> None:
    base = ts.all_to_all_time(2400, 8, 7168, 58, 64, 900e9)
    assert ts.all_to_all_time(4800, 8, 7168, 58, 64, 900e9) == pytest.approx(2 * base)
    assert ts.all_to_all_time(2400, 8, 7168, 58, 1, 900e9) == 0  # all experts at home
    assert ts.remote_chips(8, 1e6) == pytest.approx(8, rel=1e-5)  # each expert on a chip of its own
    assert ts.all_to_all_time(2400, 8, 7168, 58, 64, 900e9, latency=1e-5) == pytest.approx(base + 58e-5)


def test_worked_numbers_of_the_rack() -> None:
    assert ts.moe_sparsity(671e9, 37e9) == pytest.approx(18.135135, rel=1e-7)
    assert (ts.experts_per_chip(256, 64), ts.cross_rack_share(2), ts.cross_rack_penalty(2)) == (4, 0.5, 4)
    assert ts.cross_rack_penalty(1) == 1
