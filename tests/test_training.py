"""Training against worked numbers, and each cost against the others."""

import pytest
import tokensheet as ts


def test_worked_numbers() -> None:
    assert ts.training_flops(37e9, 14.8e12) == pytest.approx(3.2856e24, rel=1e-12)
    assert ts.chinchilla_tokens(100e9) == 2e12
    assert ts.overtraining(200e12, 100e9) == 100
    assert ts.overtraining(ts.lifetime_tokens(50e6, 60), 100e9) == pytest.approx(129.6, rel=1e-12)


@pytest.mark.parametrize(("share", "factor"), [(0, 2), (0.25, 3), (1, 6)])
def test_rl_lies_between_generating_and_training(share: float, factor: float) -> None:
    assert ts.rl_flops(1e9, 1e9, share) == factor * 1e18
    assert ts.rl_flops(1e9, 1e9, 0) == ts.inference_flops(1e9, 1e9)
    assert ts.rl_flops(1e9, 1e9, 1) == ts.training_flops(1e9, 1e9)


@pytest.mark.parametrize(("token_flops", "tokens"), [(2, 1.0), (3, 1.5)])
def test_equal_cost_tokens_cost_the_same(token_flops: float, tokens: float) -> None:
    found = ts.equal_cost_tokens(1e12, token_flops, 1 / 3)
    assert found == pytest.approx(tokens * 1e12)
    other = ts.effective_flops(token_flops * 1e11 * 1e12, 1 / 3)
    assert ts.training_flops(1e11, found) == pytest.approx(other)


def test_cost_does_not_depend_on_the_number_of_chips() -> None:
    costs = [ts.training_cost(ts.training_time(1e24, n, 1e15, 0.4), n, 2) for n in (1, 1000)]
    assert costs[0] == pytest.approx(costs[1])
    assert costs[0] == pytest.approx(1e24 / (1e15 * 0.4) / 3600 * 2)


def test_reversible_layers_keep_those_of_one() -> None:
    kept = ts.activation_memory(61, 4096, 7168, 2)
    assert kept == 61 * ts.activation_memory(61, 4096, 7168, 2, reversible=1)
    assert ts.reversible_flops(6) == 8
