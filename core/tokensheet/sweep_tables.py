"""What a sweep says, as tables: why scenarios have no answer, the best of each group, the Pareto frontier, a tornado.

Each is a pandas frame. A Dataset in blocks is read block by block, on the Dask cluster that is current, and no table
needs all of it in memory. Quantiles, means and the like are xarray's own: `dataset.quantile([0.1, 0.5, 0.9], "draw")`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from tokensheet.chosen import closest
from tokensheet.distributions import Draw
from tokensheet.extras import needed
from tokensheet.frames import frame
from tokensheet.outcomes import Outcome
from tokensheet.sweeps import DRAW, REASON, block_sizes, sweep

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

Names = str | Sequence[str]
ANSWERED = "_answered"  # what the name of the share of draws that have an answer ends with


def count_reasons(dataset: xr.Dataset) -> pd.DataFrame:
    """How many scenarios have no answer, and why.

    Parameters
    ----------
    dataset : xarray.Dataset
        What `tokensheet.sweep` gave.

    Returns
    -------
    pandas.DataFrame
        Columns answer, reason, scenarios and share; a row for each reason that there is.

    Examples
    --------
    >>> from tokensheet import sweep
    >>> found = sweep("decode_cost", model="DeepSeek-V3", chip=["H200", "H100"], batch=[8, 64], context=4096, chips=8)
    >>> count_reasons(found).values.tolist()
    [['decode_cost', 'answered', 2, 0.5], ['decode_cost', 'does not fit', 2, 0.5]]
    """
    return reason_rows(counted(dataset).compute(), dataset)


def counted(dataset: xr.Dataset) -> xr.Dataset:
    """How many scenarios of each answer have which outcome."""
    codes = {name: dataset[name + REASON].data for name in answers(dataset)}
    counts = {f"{name}_counted": ("outcome", counted_in(each)) for name, each in codes.items()}
    return needed("a sweep", "xarray", "sweep").Dataset(counts)


def counted_in(codes: Any) -> Any:
    if not hasattr(codes, "dask"):
        return np.bincount(codes.ravel(), minlength=len(Outcome))
    ends = min(Outcome) - 0.5, max(Outcome) + 0.5
    return needed("chunks", "dask.array", "sweep").histogram(codes, bins=len(Outcome), range=ends)[0]


def reason_rows(counts: xr.Dataset, dataset: xr.Dataset) -> pd.DataFrame:
    found = {(name, code): int(counts[f"{name}_counted"][code]) for name in answers(dataset) for code in Outcome}
    rows = [(name, code.words, count, count / dataset[name].size) for (name, code), count in found.items() if count]
    return frame(rows, columns=["answer", "reason", "scenarios", "share"])


def quantiles(dataset: xr.Dataset, shares: Sequence[float] = (0.1, 0.5, 0.9), dim: str = DRAW) -> xr.Dataset:
    """Quantiles of the draws that have an answer, and which share of all draws these are.

    Parameters
    ----------
    dataset : xarray.Dataset
        What `tokensheet.sweep` gave.
    shares : list of float
        The shares of the draws that do not exceed each quantile.
    dim : str
        The dimension that they are taken along.

    Returns
    -------
    xarray.Dataset
        Of each answer along `dim` the quantiles, linear between draws as numpy's and xarray's, along `quantile`; and as
        `decode_cost_answered` the share of draws that they rest on.

    Examples
    --------
    >>> from tokensheet import draw, sweep
    >>> found = sweep("read_time", size=1e9, bandwidth=draw("uniform", low=1e12, high=3e12))
    >>> quantiles(found, [0.5]).read_time.round(5).values
    array([0.0005])
    """
    xarray = needed("a sweep", "xarray", "sweep")
    if dim not in dataset.sizes:
        raise ValueError(
            f"no dimension is called {dim!r:.60}; there are: {', '.join(map(str, dataset.sizes)) or 'none'}"
        )
    found = dataset.drop_vars([name for name, each in dataset.variables.items() if dim in each.dims])
    for name in answers(dataset):
        if dim not in dataset[name].dims:
            continue
        values, share = xarray.apply_ufunc(
            partial(quantiles_of, [*shares]), dataset[name].chunk({dim: -1}) if dataset.chunksizes else dataset[name],
            input_core_dims=[[dim]], output_core_dims=[["quantile"], []], output_dtypes=[float, float],
            dask="parallelized", dask_gufunc_kwargs={"output_sizes": {"quantile": len(shares)}}, keep_attrs=True,
        )  # fmt: skip
        found[name] = values.assign_coords(quantile=[*shares])
        found[name + ANSWERED] = share.assign_attrs(long_name=f"share of the draws with a {name}", units="fraction")
    return found


def quantiles_of(shares: Sequence[float], values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Along the last axis, of what is a number."""
    rows = [row[np.isfinite(row)] for row in values.reshape(-1, values.shape[-1])]
    found = [
        np.quantile(row, shares, overwrite_input=True) if len(row) else np.full(len(shares), np.nan) for row in rows
    ]
    known = np.array([len(row) for row in rows]).reshape(values.shape[:-1])
    return np.reshape(found, (*values.shape[:-1], len(shares))), known / values.shape[-1]


def best(dataset: xr.Dataset, answer: str, *, by: Names = (), most: bool = False) -> pd.DataFrame:
    """The scenario of each group that costs or takes least.

    Parameters
    ----------
    dataset : xarray.Dataset
        What `tokensheet.sweep` gave; of one with draws first a quantile or mean of them, unless each draw is a group.
    answer : str
        The answer that is to be least.
    by : str or list of str
        The dimensions that make a group; without any all is one.
    most : bool
        Whether the answer is to be largest instead.

    Returns
    -------
    pandas.DataFrame
        A row for each group: its dimensions, the other dimensions of the best, and all answers there; blank where no
        scenario of the group has an answer.

    Examples
    --------
    >>> from tokensheet import sweep
    >>> found = sweep("decode_cost", model="Llama-3.1-70B", chip=["H200", "B200"], batch=[1, 64], context=4096)
    >>> best(found, "decode_cost", by="chip")[["chip", "batch"]].values.tolist()
    [['H200', 64], ['B200', 64]]
    """
    groups = listed(by)
    dims = dimensions(dataset, [answer], groups)
    rows = picked(dataset, partial(best_rows, answer, groups, -1.0 if most else 1.0), dims)
    if not groups:
        return rows
    every = itertools.product(*(values_of(dataset, dim).tolist() for dim in groups))
    return frame(every, columns=groups).merge(rows, how="left", on=groups)


def pareto(dataset: xr.Dataset, *chosen: str, by: Names = (), most: Names = ()) -> pd.DataFrame:
    """The scenarios that no other beats in one answer without being worse in another: the Pareto frontier.

    Parameters
    ----------
    dataset : xarray.Dataset
        What `tokensheet.sweep` gave; of one with draws first a quantile or mean of them, unless each draw is a group.
    *chosen : str
        The answers that are weighed against each other; less is better.
    by : str or list of str
        The dimensions that make a group, each of which has a frontier of its own.
    most : str or list of str
        Those of the answers of which more is better.

    Returns
    -------
    pandas.DataFrame
        Dimensions and answers of each scenario on the frontier, by group and by the first answer.

    Examples
    --------
    >>> from tokensheet import sweep
    >>> found = sweep(["decode_cost", "decode_time"], model="Llama-3.1-70B", chip=["H200", "B200"], batch=[1, 64],
    ...               context=4096)
    >>> pareto(found, "decode_cost", "decode_time")["batch"].tolist()
    [64, 1]
    """
    groups, more = listed(by), listed(most)
    if len(chosen) < 2 or {*more} - {*chosen}:
        raise ValueError("a frontier needs two answers or more, and `most` is of these")
    dims = dimensions(dataset, chosen, groups)
    signs = np.array([-1.0 if name in more else 1.0 for name in chosen])
    return picked(dataset, partial(frontier_rows, [*chosen], groups, signs), dims)


def tornado(
    function: str | Callable[..., Any], inputs: Mapping[str, Any] | None = None, /, *,
    base: Mapping[str, Any] | None = None, ends: tuple[float, float] = (0.1, 0.9), **named: Any,
) -> pd.DataFrame:  # fmt: skip
    """What each input alone does to an answer, with the others at their base: the table of a tornado chart.

    Parameters
    ----------
    function : str or callable
        As of `tokensheet.sweep`.
    inputs, **named
        As of `tokensheet.sweep`. Of a list the base is the middle one, of a draw its median.
    base : dict
        Other bases.
    ends : tuple of float
        The quantiles to which a draw is moved.

    Returns
    -------
    pandas.DataFrame
        A row for each input with more than one value, that which moves the answer most first: its base, the least and
        the largest answer with the value of the input that gives it, and the swing between them. `attrs["base"]` is
        the answer where all are at their base.

    Examples
    --------
    >>> table = tornado("decode_cost", model="Llama-3.1-70B", chip="H200", batch=[32, 64, 128], context=[2048, 4096])
    >>> table["input"].tolist()
    ['batch', 'context']
    """
    given = {name: value for name, value in {**(inputs or {}), **named}.items() if value is not None}
    ranges = {name: moved(value, ends) for name, value in given.items() if not single(value)}
    bases = {name: middle(value) for name, value in given.items()} | {**(base or {})}
    if {*bases} != {*given}:
        raise ValueError(f"base: {', '.join(map(str, {*bases} - {*given}))} is none of the inputs")
    (name,) = answers(at_base := sweep(function, bases))
    rows = []
    for key, values in ranges.items():
        found = sweep(function, bases | {key: values})[name]
        if key in found.dims and found.notnull().any():
            least, largest = (found[{key: int(place(key))}] for place in (found.argmin, found.argmax))
            ends_of = [side for each in (least, largest) for side in (float(each), each[key].item())]
            rows.append((key, bases[key], *ends_of, float(largest - least)))
    table = frame(rows, columns=["input", "base", "least", "least_at", "most", "most_at", "swing"])
    table = table.sort_values("swing", ascending=False, kind="stable", ignore_index=True)
    table.attrs["base"] = float(at_base[name])
    return table


# How they are read


def answers(dataset: xr.Dataset) -> list[str]:
    """The answers of a sweep, without what is said about them."""
    about = tuple(f"{name}_" for name in map(str, dataset.data_vars))
    return [name for name in map(str, dataset.data_vars)
            if not (name.endswith((REASON, ANSWERED)) and name.startswith(about))]  # fmt: skip


def listed(names: Names) -> list[str]:
    return [names] if isinstance(names, str) else [*names]


def dimensions(dataset: xr.Dataset, chosen: Sequence[str], groups: Sequence[str]) -> list[str]:
    """The dimensions of the answers chosen; an error where an answer or a group is not there, or draws are mixed."""
    for name in chosen:
        if name not in answers(dataset):
            raise ValueError(f"no answer is called {name!r:.60}{closest(str(name), answers(dataset))}")
    found = {dim for name in chosen for dim in dataset[name].dims}
    for name in groups:
        if name not in found:
            raise ValueError(f"no dimension is called {name!r:.60}; there are: {', '.join(map(str, dataset.sizes))}")
    mixed = {DRAW, "quantile"} & found - {*groups}
    if mixed:
        raise ValueError(f"{mixed.pop()} is no choice: take one first, such as the median of the draws: "
                         "tokensheet.quantiles(dataset).sel(quantile=0.5)")  # fmt: skip
    return [dim for dim in map(str, dataset.sizes) if dim in found]


def values_of(dataset: xr.Dataset, dim: str) -> np.ndarray:
    """What the places along a dimension are called."""
    return np.asarray(dataset[dim].data) if dim in dataset.coords else np.arange(dataset.sizes[dim])


def blocks(dataset: xr.Dataset, dims: Sequence[str]) -> list[Any]:
    """The parts of a Dataset by its blocks, in the order of its dimensions; what has no names there has its places.

    Those of a Dataset that is computed block by block are Dask's promises of Datasets.
    """
    cuts = {**dataset.chunksizes} or block_sizes({dim: dataset.sizes[dim] for dim in dims}, "auto")
    ends = {dim: np.cumsum([0, *cuts.get(dim, (dataset.sizes[dim],))]).tolist() for dim in dims}
    nameless = [dim for dim in dims if dim not in dataset.coords]
    make: Any = assembled
    if dataset.chunksizes:
        make = needed("a sweep in blocks", "dask", "sweep").delayed(assembled, pure=False)
    pieces = {str(name): ([*map(str, each.dims)], promised(each.data)) for name, each in dataset.variables.items()}
    parts = []
    for number in itertools.product(*(range(len(ends[dim]) - 1) for dim in dims)):
        at = dict(zip(dims, number, strict=True))
        within = {dim: slice(*ends[dim][place : place + 2]) for dim, place in at.items()}
        data = {
            name: (own, piece[tuple((at if hasattr(dataset[name].data, "dask") else within)[dim] for dim in own)])
            for name, (own, piece) in pieces.items()
        }
        parts.append(make(data, {dim: (within[dim].start, within[dim].stop) for dim in nameless}))
    return parts


def promised(data: Any) -> Any:
    """An array, or of one in blocks Dask's promises of these, which share what they are computed from."""
    return data.to_delayed(optimize_graph=False) if hasattr(data, "dask") else data


def assembled(data: Mapping[str, tuple[Any, Any]], nameless: Mapping[str, tuple[int, int]]) -> xr.Dataset:
    places = {dim: (dim, np.arange(*ends)) for dim, ends in nameless.items()}
    return needed("a sweep", "xarray", "sweep").Dataset({**data}, places)


def of_blocks(function: Callable[[xr.Dataset], Any], parts: Sequence[Any]) -> list[Any]:
    """The function of each block, where blocks are computed: there it is called too."""
    if isinstance(parts[0], needed("a sweep", "xarray", "sweep").Dataset):
        return [function(part) for part in parts]
    dask = needed("a sweep in blocks", "dask", "sweep")
    return [*dask.compute(*(dask.delayed(function)(part) for part in parts))]


def picked(dataset: xr.Dataset, pick: Callable[[pd.DataFrame], pd.DataFrame], dims: Sequence[str]) -> pd.DataFrame:
    """What is picked of the rows that are picked of each block; in these a dimension is a place along it."""
    own = dataset[[name for name in answers(dataset) if {*dataset[name].dims} <= {*dims}]].drop_vars([*dataset.coords])
    found = of_blocks(partial(picked_of, pick, [*dims]), blocks(own, dims))
    rows = pick(needed("a table", "pandas", "sweep").concat(found, ignore_index=True)).reset_index(drop=True)
    return rows.assign(**{dim: values_of(dataset, dim)[rows[dim]] for dim in dims})


def picked_of(pick: Callable[[pd.DataFrame], pd.DataFrame], dims: list[str], block: xr.Dataset) -> pd.DataFrame:
    names = [*dims, *map(str, block.data_vars)]
    return pick(frame({name: filled(block, name, dims) for name in names}))


def filled(block: xr.Dataset, name: str, dims: Sequence[str]) -> np.ndarray:
    """A variable as a column, with a row for each place along these dimensions."""
    values: Any = block[name].variable
    return np.asarray(values.set_dims({dim: block.sizes[dim] for dim in dims}).data).ravel()


def best_rows(answer: str, groups: list[str], sign: float, rows: pd.DataFrame) -> pd.DataFrame:
    values = (rows[answer] * sign).dropna()
    if not groups:
        return rows.loc[[values.idxmin()] if len(values) else []]
    return rows.loc[values.groupby([rows[each] for each in groups]).idxmin()]


def frontier_rows(chosen: list[str], groups: list[str], signs: np.ndarray, rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.dropna(subset=chosen)
    parts = [each for _, each in rows.groupby(groups)] if groups else [rows]
    kept = [each.iloc[frontier(each[chosen].to_numpy() * signs)] for each in parts]
    return needed("a table", "pandas", "sweep").concat(kept) if kept else rows


def frontier(points: np.ndarray) -> list[int]:
    """The places of points that no other is below or at in everything, by their first number."""
    left, found = np.lexsort(points.T[::-1]), list[int]()
    while len(left):
        first = points[left[0]]
        found += left[(points[left] == first).all(axis=1)].tolist()
        left = left[(points[left] < first).any(axis=1)]
    return found


# What a tornado moves


def single(value: Any) -> bool:
    return isinstance(value, (str, Mapping)) or not (isinstance(value, Draw) or np.ndim(value))


def moved(value: Any, ends: tuple[float, float]) -> Any:
    """The values that an input is moved over: of a draw its ends."""
    if isinstance(value, Draw):
        return [*dict.fromkeys(value.quantile(share) for share in (ends[0], 0.5, ends[1]))]
    return value


def middle(value: Any) -> Any:
    return value if single(value) else value.quantile(0.5) if isinstance(value, Draw) else value[(len(value) - 1) // 2]
