"""A sweep as a file: Parquet and CSV with a row for each scenario, or Zarr, in blocks that memory has room for.

To pandas it is xarray's own `dataset.to_dataframe()`, to NetCDF its `dataset.to_netcdf(path)`.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tokensheet.extras import needed
from tokensheet.files import whole_path
from tokensheet.outcomes import Outcome
from tokensheet.sweep_tables import blocks, filled, of_blocks
from tokensheet.sweeps import REASON
from tokensheet.texts import in_csv

if TYPE_CHECKING:
    import xarray as xr

Progress = Callable[[Iterable[Any], int], Iterable[Any]]


def without_progress(parts: Iterable[Any], _: int) -> Iterable[Any]:
    return parts


def write_sweep(
    dataset: xr.Dataset, path: str | Path, *, overwrite: bool = False, progress: Progress = without_progress
) -> Path:
    """Write a sweep to a file, whole or not at all, in memory for a few of its blocks.

    Parameters
    ----------
    dataset : xarray.Dataset
        What `tokensheet.sweep` gave, in memory or in blocks, which are computed on the way.
    path : str or Path
        .parquet, a row for each scenario and a row group for each block; .csv, the same as text; or .zarr, a folder
        with the Dataset as it is.
    overwrite : bool
        Whether what is there is replaced.
    progress : callable
        What is told of the blocks as they are written: `rich.progress.track`, or what takes them and their number.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ValueError
        If the path ends in something else.
    FileExistsError
        If there is such a file and it is not to be replaced.
    """
    path = Path(path)
    if path.suffix not in WRITERS:
        raise ValueError(f"{path} must end in {', '.join(WRITERS)}")
    if path.is_dir() and not (
        path.suffix == ".zarr" and any((path / name).exists() for name in ("zarr.json", ".zgroup"))
    ):
        raise ValueError(f"{path} is a folder of something else")
    with whole_path(path, overwrite=overwrite) as draft:
        WRITERS[path.suffix](dataset, draft, progress)
    return path


def write_parquet(dataset: xr.Dataset, draft: Path, progress: Progress) -> None:
    parquet = needed("Parquet", "pyarrow.parquet", "sweep")
    first, rest = begun(tables(dataset, progress))
    with parquet.ParquetWriter(draft, first.schema, compression="zstd") as writer:
        for each in rest:
            writer.write_table(each, row_group_size=max(1, len(each)))


def write_csv(dataset: xr.Dataset, draft: Path, progress: Progress) -> None:
    """As text of which no spreadsheet program takes any for a formula."""
    arrow, csv = needed("CSV", "pyarrow", "sweep"), needed("CSV", "pyarrow.csv", "sweep")
    first, rest = begun(spelled_out(arrow, each) for each in tables(dataset, progress))
    with csv.CSVWriter(draft, first.schema) as writer:
        for each in rest:
            writer.write_table(each)


def begun(parts: Iterable[Any]) -> tuple[Any, Iterable[Any]]:
    """The first of some parts, and all of them."""
    rest = iter(parts)
    first = next(rest)
    return first, itertools.chain([first], rest)


def spelled_out(arrow: Any, rows: Any) -> Any:
    """Rows with their words where they had numbers of words."""
    columns = {}
    for name, values in zip(rows.column_names, rows.columns, strict=True):
        columns[name] = values = values.combine_chunks()
        if arrow.types.is_dictionary(values.type):
            words = arrow.array([in_csv(word) for word in values.dictionary.to_pylist()])
            columns[name] = arrow.DictionaryArray.from_arrays(values.indices, words).dictionary_decode()
    return arrow.table(columns)


def write_zarr(dataset: xr.Dataset, draft: Path, progress: Progress) -> None:
    dataset.to_zarr(draft, zarr_format=2)  # version 3 has no texts yet


WRITERS = {".parquet": write_parquet, ".csv": write_csv, ".zarr": write_zarr}


def tables(dataset: xr.Dataset, progress: Progress) -> Iterator[Any]:
    """The rows of each block in turn; while one set of blocks is written, the next is computed."""
    dims = [*map(str, dataset.sizes)]
    parts = blocks(dataset, dims)
    about = {str(name): each.attrs for name, each in dataset.variables.items()}
    make = partial(table, dims, about, dataset.attrs)
    together = 2 * (os.cpu_count() or 1) if dataset.chunksizes else 1
    sets = [parts[first : first + together] for first in range(0, len(parts), together)]
    with ThreadPoolExecutor(1) as ahead:
        coming = ahead.submit(of_blocks, make, sets[0])
        for some in progress([*sets[1:], []], len(sets)):
            found, coming = coming.result(), ahead.submit(of_blocks, make, some)
            yield from found


def table(dims: list[str], about: Mapping[str, Any], whole: Mapping[str, Any], block: xr.Dataset) -> Any:
    """A block as rows: dimensions first, then the other inputs, the answers, and why there is none, in words."""
    arrow = needed("a table", "pyarrow", "sweep")
    names = [*dims, *(str(name) for name in block.variables if name not in dims)]
    columns = {name: column(arrow, filled(block, name, dims), name) for name in names}
    fields = [arrow.field(name, each.type, metadata=in_texts(about.get(name, {}))) for name, each in columns.items()]
    return arrow.table([*columns.values()], schema=arrow.schema(fields, in_texts(whole)))


def in_texts(attributes: Mapping[str, Any]) -> dict[str, str] | None:
    return {key: each for key, each in attributes.items() if isinstance(each, str)} or None


def column(arrow: Any, values: np.ndarray, name: str) -> Any:
    """A column of a table; texts and reasons are numbers of a few words."""
    if name.endswith(REASON) and values.dtype == np.uint8:
        words = arrow.array([each.words for each in Outcome])
        return arrow.DictionaryArray.from_arrays(arrow.array(values.astype(np.int8)), words)
    if values.dtype.kind not in "OU":
        return arrow.array(values)
    words, places = np.unique(values.astype(str), return_inverse=True)
    return arrow.DictionaryArray.from_arrays(arrow.array(places.astype(np.int32)), arrow.array(words.tolist()))
