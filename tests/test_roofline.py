"""Worked numbers of the roofline: DeepSeek-V3 and the lecture's own."""

import pytest
import tokensheet as ts

V3 = dict(active_params=37e9, total_params=671e9, bytes=1, kv_bytes_per_token=35136)
H100X32 = dict(flops=32 * 1979e12, bandwidth=32 * 3.35e12)


@pytest.mark.parametrize(("batch", "time"), [(1, 0.006260670868059702), (256, 0.00660301088), (2400, 0.009481352)])
def test_step_time(batch: int, time: float) -> None:
    assert ts.step_time(batch, 4096, **V3, **H100X32) == pytest.approx(time, rel=1e-12)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (ts.compute_time(64, 37e9, 989e12), 0.004788675429726997),
        (ts.memory_time(671e9, 1, 3.35e12), 0.20029850746268657),
        (ts.kv_time(64, 32768, 70272, 3.35e12), 0.04399136278925373),
        (ts.machine_balance(989e12, 3.35e12, 2), 295.2238805970149),
        (ts.machine_balance(1979e12, 3.35e12, 1), 295.3731343283582),
        (ts.machine_balance(9e15, 8e12, 0.5), 281.25),
        (ts.machine_balance(300, 1, 1, flops_per_param=1), 300),
        (ts.critical_batch(671e9, 37e9, 1, 1979e12, 3.35e12), 5356.631706333199),
        # the lecture: 300 x sparsity of 8
        (ts.critical_batch(8, 1, 1, 300, 1, flops_per_param=1), 2400),
        (ts.read_time(288e9, 20e12), 0.0144),
        (ts.read_time(192e9, 8e12), 0.024),
        (ts.max_queue_wait(0.020), 0.04),
        (ts.mean_queue_wait(0.020), 0.03),
        (ts.throughput(2000, 1 / 64), 128000),
        (ts.interactivity(0.020), 50),
    ],
)
def test_worked_numbers(found: float, expected: float) -> None:
    assert found == pytest.approx(expected, rel=1e-15)


def test_critical_batch_balances_compute_and_memory() -> None:
    batch = ts.critical_batch(671e9, 37e9, 1, 1979e12, 3.35e12, 100, 35136)
    compute = ts.compute_time(batch, 37e9, 1979e12)
    memory = ts.memory_time(671e9, 1, 3.35e12) + ts.kv_time(batch, 100, 35136, 3.35e12)
    assert compute == pytest.approx(memory, rel=1e-12)


def test_balanced_context_is_where_the_critical_batch_ends() -> None:
    limit = ts.balanced_context(37e9, 35136, 1979e12, 3.35e12)
    assert ts.critical_batch(671e9, 37e9, 1, 1979e12, 3.35e12, limit * 0.999, 35136) > 0
    with pytest.raises(ts.DomainError):
        ts.critical_batch(671e9, 37e9, 1, 1979e12, 3.35e12, limit * 1.001, 35136)


def test_bound() -> None:
    assert ts.bound([3, 1, 1], [1, 3, 1], [1, 1, 3]).tolist() == ["compute", "weights", "kv"]
