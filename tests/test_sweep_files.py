"""A sweep in a file is the sweep: whole or not at all, in the memory of a few blocks."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import tokensheet as ts
import xarray as xr
from pyarrow import csv, parquet

QUESTION: dict[str, Any] = {
    "model": ["DeepSeek-V3", "=1+1"], "chip": ["H200", "B200"], "batch": [1, 64, 0], "utilization": 0.5,
    "context": ts.draw("lognormal", median=4096, p90=32_000),
}  # fmt: skip


@pytest.fixture(scope="module", params=[None, {"draw": 7, "chip": 1}], ids=["in memory", "in blocks"])
def found(request: pytest.FixtureRequest) -> xr.Dataset:
    return ts.sweep(["decode_cost", "decode_time"], QUESTION, draws=20, seed=1, chunks=request.param)


def wanted(found: xr.Dataset) -> pd.DataFrame:
    table = found.compute().assign_coords(draw=np.arange(20)).to_dataframe(dim_order=[*found.sizes]).reset_index()
    return table[[name for name in table if not str(name).endswith("_reason")]]


def same_rows(table: pd.DataFrame, found: xr.Dataset) -> None:
    keys = [*map(str, found.sizes)]
    table = table.assign(**{key: [*map(str, table[key])] for key in ("model", "chip")}).sort_values(keys)
    expected = wanted(found).sort_values(keys)
    for name in expected:
        assert np.array_equal(table[name], expected[name], equal_nan=expected[name].dtype.kind == "f"), name


def test_parquet_has_a_row_for_each_scenario_and_a_row_group_for_each_block(found: xr.Dataset, tmp_path: Path) -> None:
    path = ts.write_sweep(found, tmp_path / "costs.parquet")
    same_rows(pd.read_parquet(path), found)
    file = parquet.ParquetFile(path)
    assert file.metadata.num_row_groups == (2 * 1 * 3 if found.chunksizes else 1)
    assert file.schema_arrow.field("decode_cost").metadata[b"units"] == b"USD/token"
    reasons = pd.read_parquet(path).decode_cost_reason
    assert (reasons == "answered").sum() == found.decode_cost.notnull().sum()


def test_a_csv_has_the_same_rows_and_no_formulas(found: xr.Dataset, tmp_path: Path) -> None:
    path = ts.write_sweep(found, tmp_path / "costs.csv")
    table = csv.read_csv(path).to_pandas()
    assert {*table.model} == {"DeepSeek-V3", "'=1+1"}
    same_rows(table.replace("'=1+1", "=1+1"), found)


def test_zarr_gives_the_dataset_back(found: xr.Dataset, tmp_path: Path) -> None:
    path = ts.write_sweep(found, tmp_path / "costs.zarr")
    with xr.open_zarr(path) as again:
        xr.testing.assert_identical(again.compute(), found.compute())


def test_a_single_scenario_is_a_row(tmp_path: Path) -> None:
    found = ts.sweep("read_time", size=1, bandwidth=2)
    assert pd.read_parquet(ts.write_sweep(found, tmp_path / "one.parquet")).read_time.tolist() == [0.5]


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".zarr"])
def test_a_file_is_replaced_only_where_that_is_asked(found: xr.Dataset, tmp_path: Path, suffix: str) -> None:
    path = ts.write_sweep(found, tmp_path / f"costs{suffix}")
    with pytest.raises(FileExistsError):
        ts.write_sweep(found, path)
    ts.write_sweep(found, path, overwrite=True)
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".zarr"])
def test_what_fails_on_the_way_leaves_what_was_there(
    tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = ts.write_sweep(ts.sweep("read_time", size=[1, 2], bandwidth=2), tmp_path / f"costs{suffix}")
    before = sorted(each.read_bytes() for each in [path, *path.rglob("*")] if each.is_file())
    found = ts.sweep("decode_cost", QUESTION, draws=20, chunks=30)
    monkeypatch.setenv("TOKENSHEET_AS_OF", "2026-01-01")
    with pytest.raises(ValueError, match="ask again"):
        ts.write_sweep(found, path, overwrite=True)
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
    assert sorted(each.read_bytes() for each in [path, *path.rglob("*")] if each.is_file()) == before


def test_no_other_folder_is_replaced(found: xr.Dataset, tmp_path: Path) -> None:
    (tmp_path / "mine.zarr").mkdir()
    (tmp_path / "mine.zarr" / "letter.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(ValueError, match="is a folder of something else"):
        ts.write_sweep(found, tmp_path / "mine.zarr", overwrite=True)
    with pytest.raises(ValueError, match=r"must end in \.parquet, \.csv, \.zarr"):
        ts.write_sweep(found, tmp_path / "costs.xls")
