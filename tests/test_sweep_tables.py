"""The tables of a sweep are what a look at every scenario finds, whether it is in memory or in blocks."""

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest
import tokensheet as ts
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from tokensheet.sweep_tables import frontier

QUESTION: dict[str, Any] = {
    "model": ["DeepSeek-V3", "Llama-3.1-70B"], "chip": ["H200", "B200", "L40S"], "batch": [1, 64, 256], "chips": 8,
    "context": ts.draw("lognormal", median=4096, p90=32_000),
}  # fmt: skip
FUNCTIONS = ["decode_cost", "decode_time"]


@pytest.fixture(scope="module")
def whole() -> xr.Dataset:
    return ts.sweep(FUNCTIONS, QUESTION, draws=30, seed=1)


@pytest.fixture(scope="module", params=[None, {"draw": 7, "chip": 2}], ids=["in memory", "in blocks"])
def found(request: pytest.FixtureRequest) -> xr.Dataset:
    return ts.sweep(FUNCTIONS, QUESTION, draws=30, seed=1, chunks=request.param)


def rows(dataset: xr.Dataset) -> pd.DataFrame:
    places = {"draw": np.arange(dataset.sizes["draw"])} if "draw" in dataset.sizes else {}
    return dataset.assign_coords(places).to_dataframe(dim_order=[*dataset.sizes]).reset_index()


def test_every_scenario_has_a_reason(found: xr.Dataset, whole: xr.Dataset) -> None:
    table = ts.count_reasons(found)
    assert table.groupby("answer").scenarios.sum().tolist() == [whole.decode_cost.size] * 2
    answered = table[table.reason == "answered"].set_index("answer").scenarios
    assert answered.decode_cost == whole.decode_cost.notnull().sum()
    assert table.groupby("answer").share.sum().tolist() == pytest.approx([1, 1])


def test_quantiles_are_those_of_the_draws_with_an_answer(found: xr.Dataset, whole: xr.Dataset) -> None:
    some = ts.quantiles(found, [0.1, 0.5]).compute()
    known = whole.decode_time.isel(chip=0).dropna("draw")
    known = whole.decode_time.isel(model=1, chip=0, batch=2).dropna("draw")
    assert 0 < len(known) < 30, "some have an answer, some have none"
    of_these = some.isel(model=1, chip=0, batch=2)
    assert np.array_equal(of_these.decode_time, known.quantile([0.1, 0.5]))
    assert of_these.decode_time_answered == len(known) / 30
    assert some.decode_time.units == "s"
    assert some.decode_cost.sel(chip="L40S").isnull().all()


def test_the_best_of_each_group_is_the_least_there_is(found: xr.Dataset, whole: xr.Dataset) -> None:
    everything = rows(whole)
    for by in (["draw"], ["model", "draw"], ["draw", "chip"]):
        table = ts.best(found, "decode_cost", by=by).set_index(by)
        least = everything.groupby(by).decode_cost.min()
        assert np.array_equal(table.decode_cost.loc[least.index], least, equal_nan=True)
        assert len(table) == len(least), "a group without an answer is there too"
        there = table.dropna(subset="decode_cost").reset_index().merge(everything, on=[*whole.sizes])
        assert (there.decode_cost_x == there.decode_cost_y).all()
        assert (there.decode_time_x == there.decode_time_y).all()


def test_the_best_of_all_is_one_row(found: xr.Dataset) -> None:
    typical = ts.quantiles(found, [0.5]).isel(quantile=0)
    (row,) = ts.best(typical, "decode_cost").to_dict("records")
    assert row["decode_cost"] == typical.decode_cost.min()
    (row,) = ts.best(typical, "decode_cost", most=True).to_dict("records")
    assert row["decode_cost"] == typical.decode_cost.max()


def test_nothing_beats_what_is_on_the_frontier_and_something_all_else(found: xr.Dataset, whole: xr.Dataset) -> None:
    table = ts.pareto(found, *FUNCTIONS, by=["model", "draw"])
    for (_, _), group in itertools.islice(rows(whole).dropna().groupby(["model", "draw"]), 10):
        points = group[FUNCTIONS].to_numpy()
        beaten = [any((other <= point).all() and (other < point).any() for other in points) for point in points]
        here = table[(table.model == group.model.iloc[0]) & (table.draw == group.draw.iloc[0])]
        assert sorted(here.decode_cost) == sorted(group.decode_cost[~np.array(beaten)])


@given(st.lists(st.tuples(*[st.integers(0, 5)] * 3), max_size=30))
def test_a_frontier_is_what_none_is_below(points: list[tuple[int, ...]]) -> None:
    array = np.array(points, float).reshape(-1, 3)
    beaten = [(array <= each).all(axis=1) & (array < each).any(axis=1) for each in array]
    assert sorted(frontier(array)) == [place for place, each in enumerate(beaten) if not each.any()]


def test_more_may_be_better() -> None:
    found = ts.sweep(["serving_throughput", "serving_ttft"], model="Llama-3.1-70B", chip=["H200", "B200"],
                     users=[8, 64], input_tokens=1000, output_tokens=200)  # fmt: skip
    table = ts.pareto(found, "serving_throughput", "serving_ttft", most="serving_throughput")
    assert table.serving_throughput.is_monotonic_decreasing
    assert table.serving_ttft.is_monotonic_decreasing
    assert table.serving_throughput.iloc[0] == found.serving_throughput.max()


def test_a_tornado_is_one_input_at_a_time() -> None:
    table = ts.tornado("decode_cost", QUESTION, base={"chip": "B200"}).set_index("input")
    assert table.swing.is_monotonic_decreasing
    assert {*table.index} == {"model", "chip", "batch", "context"}
    assert table.attrs["base"] == ts.decode_cost("DeepSeek-V3", "B200", 64, 4096, 8)
    batch = table.loc["batch"]
    assert (batch.least, batch.least_at) == (ts.decode_cost("DeepSeek-V3", "B200", 256, 4096, 8), 256)
    assert (batch.most, batch.most_at) == (ts.decode_cost("DeepSeek-V3", "B200", 1, 4096, 8), 1)
    assert table.loc["context"].most_at == pytest.approx(32_000)
    assert table.loc["chip"].most_at == "H200", "what has no answer is left out"


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda found: ts.best(found, "decode_costs"), "no answer is called 'decode_costs'; closest: decode_cost"),
        (lambda found: ts.best(found, "decode_cost", by="chips"), "no dimension is called 'chips'; there are: model"),
        (lambda found: ts.best(found, "decode_cost", by="chip"), "draw is no choice: take one first"),
        (lambda found: ts.best(ts.quantiles(found), "decode_cost"), "quantile is no choice: take one first"),
        (lambda found: ts.pareto(found, "decode_cost"), "a frontier needs two answers or more"),
        (lambda found: ts.quantiles(found, dim="drew"), "no dimension is called 'drew'; there are: model"),
        (lambda found: ts.tornado("decode_cost", QUESTION, base={"batches": 1}), "base: batches is none of the inputs"),
    ],
)
def test_what_is_wrong_is_said(whole: xr.Dataset, ask: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        ask(whole)
