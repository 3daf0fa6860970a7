"""A sweep is the functions, asked one by one: the same to the last bit, whatever the order, the blocks and the seed."""

import functools
import itertools
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tokensheet as ts
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from tokensheet.outcomes import Outcome
from tokensheet.sweeps import REASON, block_sizes

MODELS, CHIPS = [*ts.models()], [*ts.chips()]
ERRORS = {Outcome.DOES_NOT_FIT: ts.DoesNotFit, Outcome.OUTSIDE_DOMAIN: ts.DomainError, Outcome.NOT_KNOWN: LookupError,
          Outcome.NO_SUCH_NAME: LookupError, Outcome.NOT_FINITE: ts.DomainError}  # fmt: skip
BASE: dict[str, Any] = {
    "model": ["DeepSeek-V3", "Llama-3.1-70B", "nobody's"], "chip": ["H200", "B200", "L40S"],
    "precision": ["fp8", "bf16"],
    "batch": [1, 64, 0], "context": ts.draw("lognormal", median=4096, p90=32_000), "utilization": 0.6, "chips": 8,
}  # fmt: skip


def scenarios(found: xr.Dataset, name: str) -> Iterator[tuple[dict[str, Any], float, Outcome]]:
    """The inputs, the answer and the reason of every scenario."""
    for place in itertools.product(*(range(size) for size in found[name].shape)):
        at = found[dict(zip(found[name].dims, place, strict=True))]
        inputs = {str(key): each.item() for key, each in at.coords.items() if key not in ("draw",)}
        yield inputs, at[name].item(), [*Outcome][at[name + REASON].item()]


def check_one_by_one(found: xr.Dataset, name: str) -> None:
    function = getattr(ts, name)
    takes = ts.equation.domains(function) if hasattr(function, "formula") else function.__wrapped__.__annotations__
    for inputs, answer, reason in scenarios(found, name):
        asked = {key: value for key, value in inputs.items() if key in takes}
        if reason == Outcome.ANSWERED:
            assert answer == pytest.approx(function(**asked), rel=1e-12), asked
        else:
            assert np.isnan(answer)
            with pytest.raises(ERRORS[reason]):
                function(**asked)


def test_a_sweep_is_its_functions_one_by_one() -> None:
    found = ts.sweep(["decode_cost", "decode_time", "chips_needed"], BASE, draws=3, seed=1)
    assert {*np.unique(found.decode_cost_reason)} >= {0, 1, 2, 3, 4}, "of every kind some"
    for name in ("decode_cost", "decode_time", "chips_needed"):
        check_one_by_one(found, name)


def test_so_it_is_over_the_whole_catalogue() -> None:
    found = ts.sweep("decode_cost", model=MODELS, chip=CHIPS, batch=64, context=4096)
    assert found.decode_cost.shape == (len(MODELS), len(CHIPS))
    check_one_by_one(found, "decode_cost")


@given(
    size=st.lists(st.floats(-1, 1e12), min_size=1, max_size=4, unique=True),
    bandwidth=st.lists(st.floats(0, 1e13), min_size=1, max_size=4, unique=True),
)
def test_so_it_is_of_an_equation(size: list[float], bandwidth: list[float]) -> None:
    check_one_by_one(ts.sweep(ts.read_time, size=size, bandwidth=bandwidth), "read_time")


SMALL = BASE | {"model": ["DeepSeek-V3", "nobody's"], "chip": ["H200", "L40S"]}


@functools.cache
def usual() -> xr.Dataset:
    return ts.sweep(["decode_cost", "decode_time"], SMALL, draws=20, seed=1)


@settings(max_examples=15, deadline=None)
@given(
    names=st.permutations(["model", "chip", "precision", "batch", "context"]),
    cuts=st.fixed_dictionaries({dim: st.integers(1, 3) for dim in ("model", "batch")} | {"draw": st.integers(5, 20)}),
)
def test_neither_the_order_nor_the_blocks_change_a_bit(names: list[str], cuts: dict[str, int]) -> None:
    inputs = {name: SMALL[name] for name in names} | SMALL
    found = ts.sweep(["decode_time", "decode_cost"], inputs, draws=20, seed=1, chunks=cuts)
    assert not any(isinstance(each.data, np.ndarray) for each in found.data_vars.values())
    assert [*found.sizes] == [name for name in names if name != "context"] + ["draw"]
    xr.testing.assert_identical(usual(), found.compute().transpose(*usual().sizes)[[*usual()]])


def test_a_part_is_as_it_is_in_the_whole() -> None:
    """What else is asked, and how many draws there are, changes nothing."""
    whole = ts.sweep("decode_cost", BASE, draws=20_000, seed=1)
    part = ts.sweep("decode_cost", BASE | {"model": ["Llama-3.1-70B"], "chip": ["H200"]}, draws=100, seed=1)
    assert np.array_equal(part.decode_cost[0, 0], whole.decode_cost[1, 0, ..., :100], equal_nan=True)
    other = ts.sweep("decode_cost", BASE | {"utilization": ts.draw("uniform", low=0.3, high=0.7)}, draws=100, seed=1)
    assert np.array_equal(other.context, whole.context[:100])


def test_a_seed_gives_the_same_again_and_another_seed_does_not() -> None:
    one, again, other = (ts.sweep("decode_cost", BASE, draws=50, seed=seed).context for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_names_are_drawn_too() -> None:
    chip = ts.draw("discrete", values=["H200", "B200"], weights=[1, 3])
    found = ts.sweep("decode_time", model="Llama-3.1-70B", chip=chip, batch=[1, 64], context=4096, draws=60)
    assert found.decode_time.dims == ("batch", "draw")
    check_one_by_one(found, "decode_time")
    blocks = ts.sweep("decode_time", model="Llama-3.1-70B", chip=chip, batch=[1, 64], context=4096, draws=60, chunks=7)
    xr.testing.assert_identical(found, blocks.compute())


def test_what_one_holds_brings_its_own_dimensions() -> None:
    loads = xr.DataArray([[1000.0, 2000.0], [3000.0, 4000.0]], dims=("team", "batch"))
    found = ts.sweep("decode_time", model=["Llama-3.1-70B", "DeepSeek-V3"], chip="H200", batch=[1, 64], context=loads)
    assert found.decode_time.dims == ("model", "batch", "team")
    assert found.decode_time[0, 1, 0] == ts.decode_time("Llama-3.1-70B", "H200", 64, 2000)
    blocks = ts.sweep("decode_time", model=["Llama-3.1-70B", "DeepSeek-V3"], chip="H200", batch=[1, 64],
                      context=loads.chunk())  # fmt: skip
    xr.testing.assert_identical(found, blocks.compute())


def test_a_row_of_ones_own_goes_by_its_name() -> None:
    own = {**ts.chips()["H200 SXM"], "name": "Ours", "usd_per_hour": 1.0}
    found = ts.sweep("decode_cost", model="Llama-3.1-70B", chip=[own, ts.chips()["B200 SXM"]], batch=64, context=4096)
    assert found.chip.values.tolist() == ["Ours", "B200 SXM"]
    assert found.decode_cost.sel(chip="Ours") == ts.decode_cost("Llama-3.1-70B", own, 64, 4096)


def test_answers_and_inputs_say_what_they_are_and_in_which_unit() -> None:
    found = ts.sweep("decode_cost", BASE, draws=2)
    assert (found.decode_cost.long_name, found.decode_cost.units) == ("Cost of one output token", "USD/token")
    assert (found.batch.units, found.context.units) == ("sequences", "tokens")
    assert found.context.distribution == "lognormal(median=4096, p90=32000)"
    assert found.decode_cost.ancillary_variables == "decode_cost_reason"
    reason = found.decode_cost_reason
    assert reason.dtype == np.uint8
    meanings = dict(zip(reason.flag_values.tolist(), reason.flag_meanings.split(), strict=True))
    assert {meanings[each] for each in reason.values.flat} == {"answered", "does_not_fit", "no_such_name", "not_known",
                                                               "outside_domain"}  # fmt: skip
    assert found.attrs["seed"] == "0"


def test_an_answer_has_the_dimensions_of_its_own_inputs_alone() -> None:
    found = ts.sweep(["decode_cost", "decode_time"], BASE | {"usd_per_hour": [2.0, 3.0]}, draws=2)
    assert {*found.decode_cost.dims} - {*found.decode_time.dims} == {"usd_per_hour"}


def test_a_function_whose_argument_is_called_like_one_of_sweeps_takes_a_mapping() -> None:
    inputs = {"prompt": 1.0, "chunks": [1, 2], "weights": 0.1, "overhead": 0.0}
    assert ts.sweep("calibrated_prefill_time", inputs).sizes == {"chunks": 2}


def test_more_than_any_memory_is_asked_at_once_and_computed_where_it_is_looked_at() -> None:
    found = ts.sweep("decode_cost", BASE, draws=10**9, chunks="auto")
    assert found.decode_cost.size == 54 * 10**9
    there = found.decode_cost.isel(model=0, chip=0, precision=0, batch=0, draw=10**9 - 1).compute()
    assert there > 0


@given(
    sizes=st.lists(st.integers(1, 10**7), min_size=1, max_size=4),
    chunks=st.one_of(st.just("auto"), st.integers(10**5, 10**7)),
)
def test_blocks_make_up_the_whole_and_are_no_larger_than_asked(sizes: list[int], chunks: Any) -> None:
    dims = {f"d{place}": size for place, size in enumerate(sizes)}
    try:
        blocks = block_sizes(dims, chunks)
    except ValueError:
        return
    assert {dim: sum(cuts) for dim, cuts in blocks.items()} == dims
    assert np.prod([max(cuts) for cuts in blocks.values()]) <= (2**20 if chunks == "auto" else chunks)


WRONG: list[tuple[Any, dict[str, Any], str]] = [
    ("decode_costs", {}, "no function is called 'decode_costs'; closest: decode_cost"),
    ("why", {}, "why cannot be swept: it is no equation, no function over names and no search"),
    ("bound", {"compute": 1, "weights": 1, "kv": 1}, "bound cannot be swept: it gives a text"),
    ([], {}, "a sweep needs at least one function"),
    ("decode_cost", {"model": "DeepSeek-V3"}, "decode_cost needs chip, batch, context too"),
    ("decode_cost", {"batches": 3}, "no input is called 'batches'; closest: batch"),
    ("decode_cost", {"batch": "many"}, "batch must be numbers, not 'many'"),
    ("decode_cost", {"model": 3}, "model must be names, not 3"),
    ("decode_cost", {"batch": ts.draw("discrete", values=["a", "b"])}, "batch must be numbers, not discrete(values=2"),
    ("decode_cost", {"batch": [1, 1]}, "batch has a value twice"),
    ("decode_cost", {"batch": []}, "batch must be a number, a name, a list"),
    ("decode_cost", {"batch": [1, "x"]}, "batch must be a number, a name, a list"),
    ("decode_cost", {"batch": [[1, 2], [3, 4]]}, "batch must be a number, a name, a list"),
    ("decode_cost", {"draws": 0}, "draws must be a whole number from 1 to 1,000,000,000,000, not 0"),
    ("decode_cost", {"draws": 1e30}, "draws must be a whole number"),
    ("decode_cost", {"seed": -1}, "seed must be a whole number from 0, not -1"),
    ("decode_cost", {"draws": 10**9}, 'are computed in memory; chunks="auto" computes them block by block'),
    ("decode_cost", {"draws": 10**12, "chunks": 10}, "blocks are more than the 1,000,000 that can be"),
    ("decode_cost", {"chunks": 0}, 'chunks must be "auto", a number of cells'),
    ("decode_cost", {"chunks": {"chips": 1}}, "chunks: no dimension is called 'chips'; there are: batch, draw"),
    ("decode_cost", {"chunks": {"batch": 0}}, "chunks: batch must be cut into a number of values"),
    ("decode_cost", {"context": xr.DataArray([1, 2, 3], dims="batch"), "batch": [1, 2]}, "the dimension batch has 3"),
    (["kv_bytes_per_token", "balanced_context"],
     {"kv_heads": 1, "head_dim": 1, "layers": 1, "active_params": 1, "flops": 1, "bandwidth": 1,
      "kv_bytes_per_token": 1}, "kv_bytes_per_token is an input and an answer of one call"),
]  # fmt: skip


@pytest.mark.parametrize(("functions", "inputs", "words"), WRONG)
def test_what_is_wrong_is_said_in_a_line(functions: Any, inputs: dict[str, Any], words: str) -> None:
    enough = {"model": "DeepSeek-V3", "chip": "H200", "batch": [1, 2],
              "context": ts.draw("uniform", low=1, high=9)}  # fmt: skip
    if functions == "decode_cost" and inputs != {"model": "DeepSeek-V3"}:
        inputs = enough | inputs
    options = {key: inputs.pop(key) for key in ("draws", "seed", "chunks") if key in inputs}
    with pytest.raises(ValueError, match=re.escape(words)) as error:
        ts.sweep(functions, inputs, **options)
    assert "\n" not in str(error.value)


def test_what_is_computed_later_is_computed_by_what_counted_when_it_was_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    found = ts.sweep("decode_cost", BASE, draws=2, chunks="auto")
    monkeypatch.setenv("TOKENSHEET_AS_OF", "2026-01-01")
    with pytest.raises(ValueError, match="changed since this was asked; ask again"):
        found.compute()


OWN = """
import sys
import tokensheet as ts
from distributed import Client, LocalCluster

if __name__ == "__main__":
    question = dict(model="Llama-3.1-70B", chip=["H200", "B200"], batch=[1, 64], context=4096)
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=":0") as cluster, Client(cluster):
        ts.use_catalogue("own.csv")
        blocks = ts.sweep("decode_cost", question, chunks=1)
        print(blocks.compute().identical(ts.sweep("decode_cost", question)))
        print(float(blocks.decode_cost.sel(chip="H200", batch=64)))
"""


def test_a_worker_elsewhere_answers_by_ones_own_catalogue(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("name,usd_per_hour\nH200 SXM,123\n", encoding="utf-8")
    (tmp_path / "own.py").write_text(OWN, encoding="utf-8")
    done = subprocess.run([sys.executable, "own.py"], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    cost = ts.decode_cost("Llama-3.1-70B", "H200", 64, 4096, usd_per_hour=123)
    assert done.stdout.split() == ["True", str(cost)], done.stderr
