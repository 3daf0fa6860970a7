"""Arrays with labels, as users hold them: what comes in with an index, or with dimensions, goes out with them.

pandas, polars, xarray and dask are known by their types, and never imported before their user has done so.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Plain = Callable[..., Any]  # a function of plain arrays, in the order of the arguments


def applied(function: Plain, given: Mapping[str, Any], name: str) -> Any:
    """The function of what is given by name, with the labels that it came with."""
    for kinds, way in WAYS.items():
        known = types(*kinds)
        if known and any(isinstance(value, known) for value in given.values()):
            return way(function, given, name)
    return function(*given.values())


def types(module: str, *names: str) -> tuple[type, ...]:
    """Types of a package, if it has been imported."""
    package = sys.modules.get(module)
    return tuple(getattr(package, name) for name in names) if package else ()


def over_xarray(function: Plain, given: Mapping[str, Any], name: str) -> Any:
    """Broadcast by the names of dimensions, which have the same coordinates or none; dask stays what it is."""
    import xarray

    labelled = {key: value for key, value in given.items() if isinstance(value, types(*XARRAY))}

    def of_data(*data: Any) -> Any:
        return applied(function, {**given, **dict(zip(labelled, data, strict=True))}, name)

    found = xarray.apply_ufunc(of_data, *labelled.values(), join="exact", keep_attrs=False, dask="allowed")
    return found.rename(name) if isinstance(found, xarray.DataArray) else found


def over_pandas(function: Plain, given: Mapping[str, Any], name: str) -> Any:
    """Aligned by the index, which is in all the same."""
    import pandas

    labelled = {key: value for key, value in given.items() if isinstance(value, (pandas.Series, pandas.DataFrame))}
    first = next(iter(labelled), "")
    arrays = {key: aligned(key, value, first, labelled[first]) for key, value in labelled.items()}
    arrays = {
        key: of_pandas(value) if isinstance(value, types(*PANDAS)) else value
        for key, value in {**given, **arrays}.items()
    }
    found = applied(function, arrays, name)
    if not labelled or np.shape(found) != labelled[first].shape:
        return found
    if isinstance(labelled[first], pandas.DataFrame):
        return pandas.DataFrame(found, labelled[first].index, labelled[first].columns)
    return pandas.Series(found, labelled[first].index, name=name)


def aligned(key: str, value: Any, other: str, like: Any) -> Any:
    """What is labelled like another, in the order of that; an error where their labels are not the same."""
    if type(value) is not type(like):
        raise ValueError(f"{other} and {key} are a Series and a frame: give both as the same, or .to_numpy() of one")
    for axis, labels in enumerate(like.axes):
        own = value.axes[axis]
        if own.equals(labels):
            continue
        if len(own) != len(labels) or not own.is_unique or own.difference(labels).size:
            raise ValueError(
                f"{other} and {key} have different labels: reindex one like the other, or give .to_numpy() of one"
            )
        value = value.reindex(labels, axis=axis)
    return value


def of_pandas(value: Any) -> Any:
    """An array of what pandas holds; NaN where numbers that may be missing are."""
    dtype = getattr(value, "dtype", None)  # a frame has several
    if dtype is None or isinstance(dtype, np.dtype) or dtype.kind not in "iufb":
        return np.asarray(value)
    return value.to_numpy(float, na_value=np.nan)


def over_polars(function: Plain, given: Mapping[str, Any], name: str) -> Any:
    """Row by row, as polars has no index."""
    import polars

    arrays = {key: of_polars(value) if isinstance(value, polars.Series) else value for key, value in given.items()}
    found = applied(function, arrays, name)
    if np.ndim(found) != 1:
        return found
    return polars.Series(name, found.tolist() if found.dtype.kind in "OU" else found)


def of_polars(series: Any) -> Any:
    return series.to_numpy() if series.dtype.is_numeric() else np.array(series.to_list(), object)


def over_dask(function: Plain, given: Mapping[str, Any], name: str) -> Any:
    """Block by block, when it is computed: the function is asked about the arrays of one block at a time."""
    from dask import array

    arrays = {
        key: value if isinstance(value, array.Array) else np.asarray(value)
        for key, value in given.items()
        if isinstance(value, (list, tuple)) or len(getattr(value, "shape", ()))
    }
    blocks = [each if isinstance(each, array.Array) else array.from_array(each, each.shape) for each in arrays.values()]

    def of_blocks(*parts: Any) -> Any:
        return np.asarray(function(*{**given, **dict(zip(arrays, parts, strict=True))}.values()))

    of_blocks.__name__ = name
    meta = of_blocks(*(np.empty((0,) * each.ndim, each.dtype) for each in blocks))
    axes = [tuple(reversed(range(each.ndim))) for each in blocks]  # the last of each is the last of all
    pairs = itertools.chain.from_iterable(zip(blocks, axes, strict=True))
    return array.blockwise(of_blocks, max(axes, key=len), *pairs, dtype=meta.dtype, meta=meta)


XARRAY = ("xarray", "DataArray", "Dataset", "Variable")
PANDAS = ("pandas", "Series", "DataFrame", "Index", "Categorical")
# What holds others stands before these
WAYS: dict[tuple[str, ...], Callable[..., Any]] = {
    XARRAY: over_xarray,
    PANDAS: over_pandas,
    ("polars", "Series"): over_polars,
    ("dask.array", "Array"): over_dask,
}
