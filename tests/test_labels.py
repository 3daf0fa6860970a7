"""What comes in with labels goes out with them: pandas, polars, xarray and dask, for equations, names and searches."""

import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import dask.array as da
import numpy as np
import pandas as pd
import polars as pl
import pytest
import tokensheet as ts
import xarray as xr
from tokensheet.chain import Chain

MODELS, CHIPS, BATCHES = (
    ["DeepSeek-V3", "Llama-3.1-70B", "gpt-oss-120b"],
    ["H200", "B200", "MI300X"],
    [1.0, 64.0, 256.0],
)
INDEX = pd.Index(["low", "middle", "high"], name="case")
FRAME = pd.DataFrame({"model": MODELS, "chip": CHIPS, "batch": BATCHES, "context": 4096.0}, INDEX)
# By a Series of batches: an equation, a function over names, a search and a look-up
OF_BATCHES: dict[str, Callable[[Any], Any]] = {
    "compute_time": lambda batch: ts.compute_time(batch, 37e9, 989e12),
    "decode_cost": lambda batch: ts.decode_cost("DeepSeek-V3", "H200", batch, 4096),
    "best_chip": lambda batch: ts.best_chip("DeepSeek-V3", batch, 4096),
    "bound": lambda batch: ts.bound(batch, 1, 2),
}
# The same by a Series of names
OF_CHIPS: dict[str, Callable[[Any], Any]] = {
    "decode_cost": lambda chip: ts.decode_cost("DeepSeek-V3", chip, 64, 4096, 16),
    "best_batch": lambda chip: ts.best_batch("DeepSeek-V3", chip, 0.05, 4096, 16),
    "chip": lambda chip: ts.chip(chip, "hbm_bytes"),
}


@pytest.mark.parametrize("name", OF_BATCHES)
def test_numbers_of_every_kind_come_out_as_they_go_in(name: str) -> None:
    function, wanted = OF_BATCHES[name], OF_BATCHES[name](np.array(BATCHES)).tolist()
    series = function(FRAME.batch)
    assert isinstance(series, pd.Series)
    assert (series.index.equals(INDEX), series.name, series.tolist()) == (True, name, wanted)
    column = function(pl.Series("any", BATCHES))
    assert isinstance(column, pl.Series)
    assert (column.name, column.to_list()) == (name, wanted)
    array = function(xr.DataArray(BATCHES, dims="batch", coords={"batch": BATCHES}, attrs={"units": "sequences"}))
    assert (array.dims, array.name, array.attrs, array.values.tolist()) == (("batch",), name, {}, wanted)
    assert array.batch.values.tolist() == BATCHES
    assert function(FRAME.batch.array).tolist() == function(pd.Index(BATCHES)).tolist() == wanted


@pytest.mark.parametrize("name", OF_CHIPS)
def test_names_of_every_kind_come_out_as_numbers_do(name: str) -> None:
    function, wanted = OF_CHIPS[name], OF_CHIPS[name](CHIPS).tolist()
    for kind in (object, "str", "string", "category"):
        series = function(FRAME.chip.astype(kind))
        assert (series.index.equals(INDEX), series.name, series.tolist()) == (True, name, wanted)
    for dtype in (pl.String, pl.Categorical):
        assert function(pl.Series("chip", CHIPS, dtype=dtype)).to_list() == wanted
    assert function(xr.DataArray(CHIPS, dims="chip")).values.tolist() == wanted
    assert function(pd.Categorical(CHIPS)).tolist() == function(pd.Index(CHIPS)).tolist() == wanted


def test_several_columns_of_a_frame_go_together() -> None:
    names = FRAME.model, FRAME.chip
    costs = ts.decode_cost(*names, FRAME.batch, FRAME.context)
    assert costs.tolist() == [ts.decode_cost(*row) for row in FRAME.itertuples(index=False)]
    assert ts.decode_cost(*names, FRAME.batch, FRAME.context[::-1]).equals(costs)  # in the order of the first
    assert costs.index.equals(INDEX)
    assert FRAME.assign(cost=costs).cost["high"] == costs.iloc[-1]


def test_columns_with_other_labels_are_not_guessed_at() -> None:
    other = pd.Series(BATCHES)
    message = "model and batch have different labels: reindex one like the other, or give .to_numpy() of one"
    with pytest.raises(ValueError, match=re.escape(message)):
        ts.decode_cost(FRAME.model, "H200", other, 4096)
    assert ts.decode_cost(FRAME.model, "H200", other.to_numpy(), 4096).index.equals(INDEX)
    with pytest.raises(ValueError, match="batch and active_params are a Series and a frame"):
        ts.compute_time(FRAME.batch, FRAME[["batch"]], 1)
    for index in (["low", "low", "high"], ["low", "middle", "none"], ["low", "middle"]):
        with pytest.raises(ValueError, match="different labels"):
            ts.compute_time(FRAME.batch, pd.Series([1.0] * len(index), index), 1)


def test_a_frame_of_numbers_gives_a_frame() -> None:
    frame = pd.DataFrame({"one": [1.0, 2], "two": [3.0, 4]}, ["a", "b"])
    times = ts.compute_time(frame, frame, 1)
    assert times.equals(2 * frame * frame)
    assert ts.decode_time("DeepSeek-V3", "H200", frame, 4096).shape == (2, 2)


def test_what_may_be_missing_in_a_column_is_no_number() -> None:
    for column in (pd.Series([1, None], dtype="Int64"), pd.Series([1.0, np.nan]), pl.Series([1.0, None])):
        assert ts.reasons(ts.compute_time, column, 1, 1).to_list() == ["", "compute_time: batch must be > 0, not nan"]


def test_reasons_have_the_labels_too() -> None:
    chips = FRAME.chip.replace("B200", "B2000")
    reasons = ts.reasons(ts.decode_cost, FRAME.model, chips, FRAME.batch, 4096)
    assert reasons.index.equals(INDEX)
    assert [bool(each) for each in reasons] == [False, True, False]
    assert reasons["middle"].startswith("no chip is called 'B2000'; closest: ")
    assert ts.decode_cost(FRAME.model, chips, FRAME.batch, 4096, errors="nan").isna().tolist() == [False, True, False]


def cube() -> tuple[xr.DataArray, xr.DataArray, xr.DataArray]:
    arrays = {"chip": CHIPS, "model": MODELS, "batch": BATCHES}
    chip, model, batch = (xr.DataArray(each, dims=name, coords={name: each}) for name, each in arrays.items())
    return chip, model, batch


def test_dimensions_are_broadcast_by_their_names() -> None:
    chip, model, batch = cube()
    costs = ts.decode_cost(model, chip, batch, 4096)
    assert costs.sizes == {"model": 3, "chip": 3, "batch": 3}
    for place in ({"model": "DeepSeek-V3", "chip": "B200", "batch": 64.0},):
        assert costs.sel(place).item() == ts.decode_cost(**place, context=4096)
    assert ts.compute_time(batch, costs, 1).sizes == {"batch": 3, "model": 3, "chip": 3}


def test_other_coordinates_are_not_guessed_at_either() -> None:
    _, _, batch = cube()
    with pytest.raises(ValueError, match="exact"):
        ts.compute_time(batch, batch.assign_coords(batch=[2.0, 64.0, 256.0]), 1)


def test_a_dataset_gives_a_dataset() -> None:
    _, _, batch = cube()
    data = xr.Dataset({"now": batch, "later": 2 * batch})
    times = ts.compute_time(data, 37e9, 989e12)
    assert times.later.values.tolist() == ts.compute_time(2 * np.array(BATCHES), 37e9, 989e12).tolist()


@pytest.mark.parametrize("chunks", [1, 2, 3])
def test_dask_is_computed_block_by_block_when_it_is_asked_for(chunks: int, monkeypatch: pytest.MonkeyPatch) -> None:
    lazy, names = da.from_array(np.array(BATCHES), chunks), np.array(CHIPS)[:, np.newaxis]
    evaluated: list[Any] = []
    evaluate = Chain.evaluate

    def noted(self: Chain, given: Any, *keys: str) -> Any:
        evaluated.append(np.size(given["batch"]))
        return evaluate(self, given, *keys)

    monkeypatch.setattr(Chain, "evaluate", noted)
    costs = ts.decode_cost("DeepSeek-V3", names, lazy, 4096)
    assert isinstance(costs, da.Array)
    assert (costs.shape, costs.dtype) == ((3, 3), float)
    assert sum(evaluated) == 0
    wanted = ts.decode_cost("DeepSeek-V3", names, np.array(BATCHES), 4096)
    evaluated.clear()
    assert costs.compute(scheduler="sync").tolist() == wanted.tolist()
    assert max(evaluated) == chunks


def test_dask_in_an_array_with_dimensions_stays_lazy() -> None:
    chip, model, batch = cube()
    costs = ts.decode_cost(model, chip, batch.chunk(batch=2), 4096)
    assert isinstance(costs.data, da.Array)
    assert costs.compute().equals(ts.decode_cost(model, chip, batch, 4096))
    times = ts.compute_time(batch.chunk(batch=2), 37e9, 989e12)
    assert isinstance(times.data, da.Array)
    assert times.compute().equals(ts.compute_time(batch, 37e9, 989e12))


def test_of_dask_too_a_place_without_an_answer_is_an_error_or_nan() -> None:
    lazy = da.from_array(np.array([1.0, 0.0, 64.0]), 2)
    costs = ts.decode_cost("DeepSeek-V3", "H200", lazy, 4096)
    with pytest.raises(ts.DomainError, match="batch must be > 0, not 0"):
        costs.compute()
    found = ts.decode_cost("DeepSeek-V3", "H200", lazy, 4096, errors="nan").compute()
    assert np.isnan(found).tolist() == [False, True, False]
    reasons = ts.reasons(ts.decode_cost, "DeepSeek-V3", "H200", lazy, 4096)
    assert isinstance(reasons, da.Array)
    assert reasons.compute().tolist() == ["", "decode_cost: batch must be > 0, not 0", ""]


def test_two_calls_of_dask_are_two_things() -> None:
    lazy = da.from_array(np.array(BATCHES), 2)
    few, many = (ts.decode_time("Llama-3.1-70B", "H200", lazy, 4096, chips) for chips in (2, 8))
    assert np.all((few > many).compute())


def test_words_come_out_of_dask_as_words() -> None:
    found = ts.bound(da.from_array(np.array([1.0, 3.0]), 1), 2, 1)
    assert found.dtype.kind == "U"
    assert found.compute().tolist() == ["weights", "compute"]


def test_none_of_them_is_imported_before_its_user_has() -> None:
    code = (
        "import sys, tokensheet as ts\n"
        "ts.decode_cost(['DeepSeek-V3', 'Llama-3.1-70B'], 'H200', 64, [[4096], [128]])\n"
        "ts.reasons(ts.compute_time, [1, 0], 1, 1)\n"
        "print({'pandas', 'polars', 'xarray', 'dask'} & {*sys.modules})"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "set()\n"
