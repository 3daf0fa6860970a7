"""Numbers as people type them, 70B, 32k or 40%, wherever a number is given: in calls, in arrays, in files."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dask.array as da
import numpy as np
import pandas as pd
import polars as pl
import pytest
import tokensheet as ts
import xarray as xr

TYPED = [64, "1k", " 0.5K ", "1e3"]
MEANT = [64.0, 1000.0, 500.0, 1000.0]
TEXTS = ["64", *TYPED[1:]]
KINDS: dict[str, Callable[[list[Any]], Any]] = {
    "list": list, "tuple": tuple, "array": np.array, "array of objects": lambda values: np.array(values, object),
    "Series": pd.Series, "Series of strings": lambda values: pd.Series(values, dtype="string"), "Index": pd.Index,
    "category": lambda values: pd.Series(values, dtype="category"), "polars": lambda values: pl.Series("any", values),
    "xarray": lambda values: xr.DataArray(values, dims="case"), "dask": lambda values: da.from_array(np.array(values)),
}  # fmt: skip
FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "an equation": lambda batch: ts.compute_time(batch, 37e9, 989e12),
    "a function over names": lambda batch: ts.decode_cost("DeepSeek-V3", "H200", batch, 4096),
    "a search": lambda batch: ts.best_chip("DeepSeek-V3", batch, 4096),
    "a search by layouts": lambda tokens: ts.best_deployment("Llama-3.1-70B", tokens, 500, 2, 0.03, "chips", "H100"),
}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_text_is_the_number_that_it_stands_for(function: str) -> None:
    asked = FUNCTIONS[function]
    assert [asked(each) for each in TYPED] == [asked(each) for each in MEANT]
    assert asked(TYPED).tolist() == asked(MEANT).tolist()


@pytest.mark.parametrize("kind", KINDS)
def test_so_it_is_in_whatever_holds_it(kind: str) -> None:
    found = ts.decode_cost("DeepSeek-V3", "H200", KINDS[kind](TEXTS), "4096")
    assert np.asarray(found).tolist() == ts.decode_cost("DeepSeek-V3", "H200", MEANT, 4096).tolist()


def test_shares_are_typed_as_per_cent() -> None:
    assert ts.token_cost(1, 1, 1, 1, "40%") == ts.token_cost(1, 1, 1, 1, 0.4)
    assert ts.decode_cost("DeepSeek-V3", "H200", 64, 4096, [None, "8"], utilization="50%").tolist() == [
        ts.decode_cost("DeepSeek-V3", "H200", 64, 4096, chips, utilization=0.5) for chips in (None, 8)
    ]


def test_a_text_that_is_no_number_fails_alone_and_in_the_words_of_a_cell() -> None:
    words = 'decode_cost: batch: "many" is not a number; "70B", "3.35T", "32k" or "40%" would be'
    asked = "DeepSeek-V3", "H200", ["64", "many", 64], "4k"
    with pytest.raises(ts.DomainError, match=re.escape(words)):
        ts.decode_cost(*asked)
    assert np.isnan(ts.decode_cost(*asked, errors="nan")).tolist() == [False, True, False]
    assert ts.reasons(ts.decode_cost, *asked).tolist() == ["", words, ""]
    assert ts.decode_cost.outcomes(*asked).codes.tolist() == [0, ts.Outcome.NO_NUMBER, 0]


def test_an_explanation_takes_them_too() -> None:
    asked = ts.explain(ts.decode_cost, "DeepSeek-V3", "H200", "64", "4k")
    assert str(asked) == str(ts.explain(ts.decode_cost, "DeepSeek-V3", "H200", 64, 4000))


def test_a_sweep_takes_them_and_its_dimensions_are_numbers() -> None:
    asked = {"model": "Llama-3.1-70B", "chip": "H200"}
    found = ts.sweep("decode_cost", asked, batch=["8", "1k"], context="32k", utilization=["40%", 1])
    xr.testing.assert_identical(
        found, ts.sweep("decode_cost", asked, batch=[8.0, 1000.0], context=32e3, utilization=[0.4, 1.0])
    )


def test_a_draw_takes_them() -> None:
    typed, meant = ts.draw("lognormal", median="4k", p90="32k"), ts.draw("lognormal", median=4e3, p90=32e3)
    assert str(typed) == str(meant) == "lognormal(median=4000, p90=32000)"
    assert typed.quantile(0.3) == meant.quantile(0.3)


def test_a_file_of_a_sweep_takes_them(tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text(
        'functions = "decode_cost"\ninputs = {model = "Llama-3.1-70B", chip = "H200", utilization = "40%", '
        'batch = {from = "1", to = "1k", count = 3}, context = ["4k", 32000]}\n',
        encoding="utf-8",
    )
    found = ts.read_plan(plan).sweep()
    assert (found.batch.values.tolist(), found.context.values.tolist()) == ([1.0, 500.5, 1000.0], [4000.0, 32000.0])
    assert found.utilization == 0.4


def test_a_catalogue_of_ones_own_takes_them(tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    own.write_text("name,bf16_flops,hbm_bytes,hbm_bandwidth\nOurs,1P,141G,4.8T\n", encoding="utf-8")
    try:
        ts.use_catalogue(own)
        row = ts.chips()["Ours"]
    finally:
        ts.use_catalogue()
    assert (row["bf16_flops"], row["hbm_bytes"], row["hbm_bandwidth"]) == (1e15, 141e9, 4.8e12)


def test_measurements_and_constants_of_ones_own_take_them(tmp_path: Path) -> None:
    run = {"chip": "H100", "n_chips": 8, "parallelism": "tp8", "model": "Llama-3.1-70B", "precision": "fp8"}
    measured = [(1, 12), (8, 14), (64, 24)]

    def constants(tokens: Any) -> Any:
        rows = [run | {"isl": tokens, "osl": tokens, "concurrency": users, "tpot_ms": time} for users, time in measured]
        return ts.calibrate(rows).constants

    assert constants("2k") == constants(2000) != constants(2)
    (tmp_path / "own.csv").write_text("name,value\nbandwidth_efficiency,70%\n", encoding="utf-8")
    try:
        ts.use_calibration(tmp_path / "own.csv")
        assert ts.own_constants.own_constants() == {"bandwidth_efficiency": 0.7}
    finally:
        ts.use_calibration()
