"""The serving model: what users wait for and what a request costs, for every load."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import tokensheet as ts
from hypothesis import given
from hypothesis import strategies as st
from tokensheet import queueing
from tokensheet.asked import ask
from tokensheet.measured import read_rows

USERS = np.array([1.0, 2, 4, 8, 16, 32, 64, 128, 256, 512])
LOAD: dict[str, Any] = {"input_tokens": 2000.0, "output_tokens": 500.0, "precision": "fp8"}
EIGHT: dict[str, Any] = dict(model="Llama-3.1-70B", chip="H100", input_tokens=2000, output_tokens=500, chips=8)
SYSTEMS = [
    {"model": "Llama-3.1-70B", "chip": "H100", "chips": 8.0},
    {"model": "DeepSeek-V3", "chip": "B200", "chips": 8.0},
    {"model": "DeepSeek-V3", "chip": "GB200", "chips": 64.0},
    {"model": "gpt-oss-120b", "chip": "MI355X", "chips": 2.0, "precision": "mxfp4"},
    {"model": "Llama-3.1-405B", "chip": "H100", "chips": 16.0},
    {"model": "GLM-5", "chip": "B300", "chips": 8.0},
]


def served(system: dict[str, Any], *keys: str, **load: Any) -> dict[str, Any]:
    """Quantities of the chain, at a load."""
    asked = ask(ts.serving_ttft, LOAD | {"users": USERS} | system | load)
    asked.values["batch"] = asked.values["users"]
    return asked.chain.evaluate(asked.values, *keys)


def excess(running: Any, given: dict[str, Any]) -> Any:
    """Users who are neither answered nor waiting if so many are in the midst of an answer: 0 at the right number."""
    n, steps, work, passes, whole, fixed, slope, fill, shared, server, wave = given.values()
    before = work + fill * (passes + shared * (fixed + slope * running))
    work = work + passes * (1 / np.sqrt(1 + (running / steps) ** 2) if shared else fill)
    step = shared * (fixed + slope * running)
    others = (n - 1) / n
    rate = running / (steps * (fixed + slope * running) + shared * others * work * running)
    before *= (n - running - np.minimum(1, rate * work) / 2) * others
    return n - running - rate * (server + wave * n * work + whole + step + before)


def halved(given: dict[str, Any]) -> Any:
    low, high = np.zeros_like(given["users"]), given["users"]
    for _ in range(200):
        middle = (low + high) / 2
        low, high = np.where(excess(middle, given) > 0, middle, low), np.where(excess(middle, given) > 0, high, middle)
    return (low + high) / 2


def positive(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(np.log(low), np.log(high)).map(lambda x: float(np.exp(x)))


@given(
    st.integers(1, 4096), positive(16, 32768), positive(1e-4, 5), positive(1e-3, 0.1), positive(1e-3, 0.1),
    positive(1e-7, 1e-2), positive(0.01, 1), st.sampled_from([0, 1]), positive(1e-3, 1), st.integers(1, 8),
)  # fmt: skip
def test_nine_steps_of_newton_find_how_many_are_in_the_midst_of_an_answer(
    users: int,
    steps: float,
    work: float,
    passes: float,
    fixed: float,
    slope: float,
    fill: float,
    shared: int,
    server: float,
    stages: int,
) -> None:
    given = {"users": float(users), "steps": steps, "work": work, "passes": passes}
    given |= {"prefill_time": (work + passes) * stages, "fixed": fixed, "slope": slope, "fill": fill, "shared": shared}
    given |= {"server_latency": server, "first_wave": 0.05}
    most = queueing.most_running(users, steps, work, passes, fixed, slope, fill, shared)
    found = queueing.first_running(most, steps)
    for _ in range(9):
        found = queueing.expected_running(found, most, *given.values())
    assert found == pytest.approx(halved(given), rel=1e-5)


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda each: f"{each['model']} on {each['chip']}")
@pytest.mark.parametrize("load", [{}, {"prefill_chips": 16.0}, {"output_tokens": 32.0}, {"input_tokens": 60000.0},
                                  {"draft_tokens": 3.0, "acceptance": 0.8}], ids=str)  # fmt: skip
def test_more_users_wait_longer_and_get_more_done(system: dict[str, Any], load: dict[str, Any]) -> None:
    found = served(system, "ttft", "token_time", "request_rate", "prefill_load", "chip_time", **load)
    for key in ("ttft", "token_time", "request_rate"):
        assert np.all(np.diff(found[key]) >= -1e-4 * found[key][1:]), key
    assert np.all((found["prefill_load"] > 0) & (found["prefill_load"] < 1))


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda each: f"{each['model']} on {each['chip']}")
def test_users_are_requests_a_second_times_how_long_one_takes(system: dict[str, Any]) -> None:
    """Little's law over the whole service; it holds where prefill has chips of its own too."""
    for pool in (0.0, 8.0):
        found = served(system, "request_rate", "ttft", "token_time", "moved", "work", prefill_chips=pool)
        whole = found["request_rate"] * (found["ttft"] - found["moved"] + LOAD["output_tokens"] * found["token_time"])
        assert whole == pytest.approx(USERS, rel=1e-9)


@pytest.mark.parametrize("chip", list(ts.chips()))
def test_bound_low_end_estimate_and_high_end_are_in_order(chip: str) -> None:
    for model in ("Llama-3.1-8B", "DeepSeek-V3", "GLM-5", "gpt-oss-120b", "Qwen3.5-397B-A17B"):
        for precision in ("bf16", "fp8", "fp4", "mxfp4", "int4"):
            for new in (128.0, 8192.0):
                keys = [f"{end}{kind}" for kind in ("token_time", "ttft", "chip_time", "output_rate")
                        for end in ("ideal_", "low_", "", "high_")]  # fmt: skip
                system = {"model": model, "chip": chip, "chips": 64.0, "precision": precision}
                found = served(system, *keys, input_tokens=new)
                for four in zip(*[iter(keys)] * 4, strict=True):
                    order = four if "rate" not in four[0] else (four[1], four[2], four[3], four[0])
                    for lower, upper in pairwise(order):
                        assert np.all(found[lower] <= found[upper] * (1 + 1e-9)), (model, precision, lower, upper)


def test_one_user_waits_for_nobody() -> None:
    found = served(SYSTEMS[0], "ttft", "prefill_time", "step_time", "prompt_time", "token_time", users=np.array([1.0]))
    alone = (
        found["prefill_time"]
        + found["step_time"]
        + found["server_latency"]
        + found["first_wave"] * found["prompt_time"]
    )
    assert found["ttft"] <= alone
    assert found["ttft"] == pytest.approx(alone, rel=0.05)


def test_cached_tokens_cost_nothing_to_read_and_shorten_the_wait() -> None:
    asked = ("Llama-3.1-70B", "H100", 8000, 500, 64, 8)
    none, half, all_ = (ts.serving_ttft(*asked, cached_tokens=cached) for cached in (0, 4000, 8000))
    assert none > half > all_
    costs = [ts.request_cost(*asked, cached_tokens=cached) for cached in (0, 4000, 8000)]
    assert costs == sorted(costs, reverse=True)


def test_accepted_drafts_make_tokens_cheaper_and_rejected_ones_dearer() -> None:
    asked = ("DeepSeek-V3", "B200", 2000, 1000, 4, 8)
    plain, good, bad = (
        ts.serving_tpot(*asked, draft_tokens=drafted, acceptance=accepted)
        for drafted, accepted in ((0, 0), (1, 0.85), (3, 0.01))
    )
    assert good < plain < bad


def test_drafting_speeds_up_as_much_as_was_measured() -> None:
    """The same runs with and without DeepSeek's own draft of one token: median of the ratio by chip and users."""
    runs: dict[tuple[str, ...], dict[str, list[float]]] = {}
    for row in read_rows():
        if row.get("spec_decoding") in ("none", "mtp") and row["mode"] == "agg" and "DeepSeek-R1" in row["model"]:
            key = tuple(row[each] for each in ("chip", "precision", "isl", "osl", "concurrency", "parallelism"))
            runs.setdefault(key, {}).setdefault(row["spec_decoding"], []).append(float(row["tpot_ms"]))
    pairs = {key: found for key, found in runs.items() if len(found) == 2 and key[0] in ("B200 SXM", "H200 SXM")}
    ratios = []
    for (chip, precision, new, out, users, _), found in pairs.items():
        asked = ("DeepSeek-V3", chip, float(new), float(out), float(users), 8)
        plain, drafted = (ts.serving_tpot(*asked, precision=precision, draft_tokens=k) for k in (0, 1))
        ratios.append(plain / drafted / (min(found["none"]) / np.median(found["mtp"])))
    assert len(ratios) > 25
    assert np.median(ratios) == pytest.approx(1, abs=0.2)


def test_a_model_whose_drafts_nobody_measured_needs_an_acceptance() -> None:
    with pytest.raises(LookupError, match=r"how many drafted tokens Llama-3.1-70B accepts .*: give acceptance"):
        ts.serving_tpot("Llama-3.1-70B", "H100", 2000, 500, 64, draft_tokens=2)


def test_with_chips_of_its_own_prefill_does_not_interrupt_decode() -> None:
    asked = ("Llama-3.1-70B", "H100", 8000, 500, 64, 8)
    assert ts.serving_tpot(*asked, prefill_chips=8) < ts.serving_tpot(*asked)
    whole = ts.decode_time("Llama-3.1-70B", "H100", 64, 8250, 8)
    assert ts.serving_tpot(*asked, prefill_chips=8) <= whole


def test_the_ratio_of_the_pools_keeps_both_busy() -> None:
    asked = ("Llama-3.1-70B", "H100", 8000, 500, 128, 8)
    ratio = ts.serving_pool_ratio(*asked)
    assert ts.serving_prefill_share(*asked, prefill_chips=8 * ratio * 20) < 0.06
    assert ts.serving_prefill_share(*asked, prefill_chips=8 * ratio / 4) > 0.9


def test_the_most_users_in_time_are_the_last_number_that_is() -> None:
    users = ts.serving_users(**EIGHT, max_ttft=1.0, max_tpot=0.025)
    assert ts.serving_ttft(**EIGHT, users=users) <= 1
    assert ts.serving_tpot(**EIGHT, users=users) <= 0.025
    assert ts.serving_ttft(**EIGHT, users=users + 1) > 1 or ts.serving_tpot(**EIGHT, users=users + 1) > 0.025
    assert ts.serving_users(**EIGHT, max_ttft=1e-3, max_tpot=1) == 0


def test_an_open_stream_is_as_many_users_as_complete_at_its_rate() -> None:
    users = ts.users_at_rate(**EIGHT, requests_per_second=2)
    assert ts.serving_rate(**EIGHT, users=users - 1) < 2 <= ts.serving_rate(**EIGHT, users=users)
    with pytest.raises(ts.DoesNotFit, match="requests a second"):
        ts.users_at_rate(**EIGHT, requests_per_second=1e6)
