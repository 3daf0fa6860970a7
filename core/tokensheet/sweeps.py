"""Many scenarios at once: functions over named dimensions and draws, as a labelled Dataset.

An answer has the dimensions of its own inputs alone. With `chunks` it is computed block by block where it is asked for,
by whichever scheduler of Dask is current; its tables (sweep_tables.py) and files (sweep_files.py) go by these blocks.
"""

from __future__ import annotations

import functools
import inspect
import itertools
import math
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from importlib.metadata import version
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from tokensheet.as_of import today
from tokensheet.chosen import Functions, check_names, chosen_functions, takes_number
from tokensheet.distributions import Draw
from tokensheet.draws import Mix, Pairs, checked_seed, mixed, mixes
from tokensheet.extras import needed
from tokensheet.floats import as_float, is_number
from tokensheet.glossary import argument, returned
from tokensheet.outcomes import Outcome
from tokensheet.rows import called
from tokensheet.settings import Settings, adopt, settings
from tokensheet.typed import number_or_itself

if TYPE_CHECKING:
    import xarray as xr

DRAW = "draw"  # the dimension of what is drawn
REASON = "_reason"  # what an answer's name ends with where it says why there is none
TOGETHER = 2**20  # cells of a block, unless somebody says otherwise
MOST_AT_ONCE = 2**27  # cells of an answer in memory, a gigabyte
MOST_BLOCKS = 10**6
MOST_DRAWS = 10**12

Chunks = Literal["auto"] | int | Mapping[str, int] | None
Sizes = Mapping[str, int]


def sweep(
    functions: Functions, inputs: Mapping[str, Any] | None = None, /, *, draws: int = 10_000, seed: int = 0,
    correlated: Pairs | None = None, chunks: Chunks = None, **named: Any,
) -> xr.Dataset:  # fmt: skip
    """Answer functions for every combination of inputs, and for draws of those that are not known for sure.

    Parameters
    ----------
    functions : str, callable or a list of them
        Equations and functions over names, such as "decode_cost".
    inputs, **named
        The functions' arguments. A number or a name holds throughout; a list is a dimension of that name, in the order
        given; a `tokensheet.draw` is drawn along the dimension `draw`; a DataArray brings dimensions of its own. In the
        mapping, what is called as an argument below.
    draws : int
        How many draws there are.
    seed : int
        The same seed gives the same draws, whatever else is asked.
    correlated : dict, optional
        Rank correlations of pairs of drawn inputs: `{("batch", "context"): -0.3}`.
    chunks : "auto", int or dict, optional
        Compute what is asked for when it is asked for, in blocks: of a million cells, of so many, or of so many along
        the dimensions named. Out of core, and on the Dask cluster that is current.

    Returns
    -------
    xarray.Dataset
        A variable for each function, NaN where it has no answer, and another that says why: `decode_cost_reason` of
        `decode_cost`. Inputs are coordinates; what each is, and its unit, are its attributes.

    Raises
    ------
    ValueError
        If functions and inputs do not belong together, or there are more scenarios than can be.

    Examples
    --------
    >>> found = sweep("decode_cost", model="Llama-3.1-70B", chip=["H200", "B200"], batch=[1, 64], context=4096)
    >>> found.decode_cost.dims, found.decode_cost.units
    (('chip', 'batch'), 'USD/token')
    """
    xarray = needed("a sweep", "xarray", "sweep")
    chosen = functions_of(functions)
    given = {name: value for name, value in {**(inputs or {}), **named}.items() if value is not None}
    check_names(chosen, given)
    given = {name: read(name, value, chosen) for name, value in given.items()}
    drawn = {name: value for name, value in given.items() if isinstance(value, Draw)}
    fixed = {name: variable(name, value) for name, value in given.items() if name not in drawn}
    sizes = all_sizes(fixed, checked_draws(draws) if drawn else 0)
    if chunks is None and any(hasattr(each.data, "dask") for each in fixed.values()):
        chunks = "auto"
    blocks = at_once(sizes) if chunks is None else block_sizes(sizes, chunks)
    mix, seed = mixes([*drawn], correlated or {}), checked_seed(seed)
    fixed = {name: each.transpose(*(dim for dim in sizes if dim in each.dims)) for name, each in fixed.items()}
    values = {name: in_blocks(each, blocks) for name, each in fixed.items()}
    values |= {name: drawn_values(each, mix[name], seed, draws, blocks) for name, each in drawn.items()}
    for name, each in values.items():
        check_kind(name, each.dtype.kind in "biuf", given[name], chosen)
    found = xarray.Dataset(
        coords={name: (each.dims, labels(name, each.data), about_input(name, given[name], chosen))
                for name, each in (values | fixed).items()},
        attrs={"source": f"tokensheet {version('tokensheet')}", "prices_as_of": today()}
        | ({"seed": str(seed)} if drawn else {}),
    )  # fmt: skip
    for name, function in chosen.items():
        found[name], found[name + REASON] = answered(name, function, values, sizes)
    return found


# What is asked


def functions_of(functions: Functions) -> dict[str, Callable[..., Any]]:
    """The functions by name; each has to give numbers."""
    chosen = chosen_functions(functions, "swept")
    if not chosen:
        raise ValueError("a sweep needs at least one function")
    for name, function in chosen.items():
        if returned(function)[1] == "text":
            raise ValueError(f"{name} cannot be swept: it gives a text")
    return chosen


def read(name: str, value: Any, chosen: Mapping[str, Callable[..., Any]]) -> Any:
    """An input as it is given; of one that is a number the texts that stand for numbers as these."""
    functions = [each for each in chosen.values() if name in inspect.signature(each).parameters]
    if not all(takes_number(each, name) for each in functions):
        return value
    if isinstance(value, (list, tuple)) or (isinstance(value, np.ndarray) and value.dtype.kind in "OU" and value.ndim):
        return [*map(number_or_itself, value)]
    return number_or_itself(value)


def variable(name: str, value: Any) -> xr.Variable:
    """An input that is not drawn, with its dimensions."""
    xarray = needed("a sweep", "xarray", "sweep")
    if isinstance(value, xarray.DataArray):
        return value.variable.to_base_variable()
    single = isinstance(value, (str, Mapping)) or is_number(value)
    many: list[Any] = [value] if single else [*value] if isinstance(value, Iterable) else []
    if many and all(isinstance(each, (str, Mapping)) for each in many):
        rows = any(isinstance(each, Mapping) for each in many)
        named = [each if isinstance(each, str) else dict(each) for each in many]
        array = np.array([*named, None], object)[: len(many)] if rows else np.array(named)
    elif many and all(map(is_number, many)):
        array = np.asarray(value if isinstance(value, np.ndarray) else [*map(as_number, many)])
    else:
        raise ValueError(f"{name} must be a number, a name, a list of either, a draw or a DataArray, not {value!r:.60}")
    if len({*labels(name, array).tolist()}) < len(array):
        raise ValueError(
            f"{name} has a value twice; what has to be repeated is a DataArray with a dimension of its own"
        )
    return xarray.Variable((), array[0]) if single else xarray.Variable((name,), array)


def as_number(value: Any) -> int | float:
    return int(value) if isinstance(value, (int, np.integer)) and abs(int(value)) < 2**53 else as_float(value)


def labels(name: str, values: Any) -> Any:
    """What a coordinate holds: of rows of one's own their names."""
    if values.dtype != object:
        return values
    return np.frompyfunc(functools.partial(called, name), 1, 1)(values)


def check_kind(name: str, numbers: bool, given: Any, chosen: Mapping[str, Callable[..., Any]]) -> None:
    """Complain about texts for a number and numbers for a text."""
    for function in chosen.values():
        if name in inspect.signature(function).parameters:
            wanted = takes_number(function, name)
            if wanted != numbers:
                shown = given if isinstance(given, Draw) else repr(given)
                raise ValueError(f"{name} must be {'numbers' if wanted else 'names'}, not {shown!s:.60}")


# How large it is


def checked_draws(draws: Any) -> int:
    if not isinstance(draws, (int, np.integer)) or isinstance(draws, bool) or not 1 <= draws <= MOST_DRAWS:
        raise ValueError(f"draws must be a whole number from 1 to {MOST_DRAWS:,}, not {draws!r:.60}")
    return int(draws)


def all_sizes(fixed: Mapping[str, xr.Variable], draws: int) -> Sizes:
    """The length of every dimension, in the order given; that of draws is the last."""
    sizes: dict[str, int] = {}
    for name, each in [*fixed.items(), ("draws", None)]:
        here = (
            {str(dim): size for dim, size in each.sizes.items()} if each is not None else {DRAW: draws} if draws else {}
        )
        for dim, size in here.items():
            if sizes.setdefault(dim, size) != size:
                raise ValueError(f"{name}: the dimension {dim} has {size:,} values here and {sizes[dim]:,} elsewhere")
    return dict(sorted(sizes.items(), key=lambda pair: pair[0] == DRAW))


def at_once(sizes: Sizes) -> dict[str, tuple[int, ...]]:
    """No blocks, where there is memory for all."""
    if math.prod(sizes.values()) > MOST_AT_ONCE:
        raise ValueError(
            f"{math.prod(sizes.values()):,} scenarios are more than the {MOST_AT_ONCE:,} that are computed in memory; "
            'chunks="auto" computes them block by block'
        )
    return {}


def block_sizes(sizes: Sizes, chunks: Chunks) -> dict[str, tuple[int, ...]]:
    """How each dimension is cut into blocks: the last ones not at all, where there is room."""
    own: dict[str, Any] = {**chunks} if isinstance(chunks, Mapping) else {}
    room = TOGETHER if chunks == "auto" or own else chunks
    if not isinstance(room, (int, np.integer)) or isinstance(room, bool) or room < 1:
        raise ValueError(f'chunks must be "auto", a number of cells, or numbers by dimension, not {chunks!r:.60}')
    for dim, size in own.items():
        if dim not in sizes:
            raise ValueError(f"chunks: no dimension is called {dim!r:.60}; there are: {', '.join(sizes) or 'none'}")
        if not isinstance(size, (int, np.integer)) or (size < 1 and size != -1):
            raise ValueError(f"chunks: {dim} must be cut into a number of values, or -1 for all, not {size!r:.60}")
        own[dim] = sizes[dim] if size == -1 else min(int(size), sizes[dim])
    room = max(1, int(room) // math.prod(own.values()))
    steps: dict[str, int] = {}
    for dim, size in reversed([*sizes.items()]):
        steps[dim] = own.get(dim) or min(size, room)
        room = room if dim in own else max(1, room // steps[dim])
    count = math.prod(-(-sizes[dim] // step) for dim, step in steps.items())
    if count > MOST_BLOCKS:
        raise ValueError(
            f"{count:,} blocks are more than the {MOST_BLOCKS:,} that can be; ask for less, or larger chunks"
        )
    return {dim: cut(size, steps[dim]) for dim, size in sizes.items()}


def cut(size: int, step: int) -> tuple[int, ...]:
    return (step,) * (size // step) + ((size % step,) if size % step else ())


# What it is computed from


def in_blocks(values: xr.Variable, blocks: Mapping[str, tuple[int, ...]]) -> xr.Variable:
    return values.chunk({dim: blocks[str(dim)] for dim in values.dims}) if blocks and values.dims else values


def drawn_values(draw: Draw, mix: Mix, seed: int, draws: int, blocks: Mapping[str, tuple[int, ...]]) -> xr.Variable:
    """An input that is drawn, all at once or each block where it is needed."""
    xarray = needed("a sweep", "xarray", "sweep")
    if not blocks:
        return xarray.Variable((DRAW,), draw.values(mixed(mix, seed, 0, draws)))
    array = needed("chunks", "dask.array", "sweep")
    ends = [*itertools.pairwise(itertools.accumulate(blocks[DRAW], initial=0))]
    made = [partial(drawn_block, draw.values, mix, seed, *each) for each in ends]
    called = f"drawn-{needed('chunks', 'dask.base', 'sweep').tokenize(made)}"
    # Each a task of its own: Dask would draw again for every block that needs it
    tasks = {(called, place): (each,) for place, each in enumerate(made)}
    meta = draw.values(np.zeros(1))[:0]
    return xarray.Variable((DRAW,), array.Array(tasks, called, (blocks[DRAW],), meta=meta))


def drawn_block(values: Callable[..., np.ndarray], mix: Mix, seed: int, start: int, stop: int) -> np.ndarray:
    return values(mixed(mix, seed, start, stop))


def answered(
    name: str, function: Callable[..., Any], values: Mapping[str, xr.Variable], sizes: Sizes
) -> tuple[xr.Variable, xr.Variable]:
    """The answers of a function, and why there is none."""
    xarray = needed("a sweep", "xarray", "sweep")
    own = {each: values[each] for each in inspect.signature(function).parameters if each in values}
    dims = [dim for dim in sizes if any(dim in each.dims for each in own.values())]
    arrays = {each: (value.data, [dim for dim in dims if dim in value.dims]) for each, value in own.items()}
    places = {each: axes(dims, present) for each, (_, present) in arrays.items()}
    ask = partial(outcomes_of, function, settings(), places)
    if any(hasattr(data, "dask") for data, _ in arrays.values()):
        found = block_by_block(ask, dims, [*arrays.values()])
    else:
        found = ask(*(data for data, _ in arrays.values()))
    what, unit = returned(function)
    flags = {
        "flag_values": np.array([*Outcome], np.uint8),
        "flag_meanings": " ".join(each.name.lower() for each in Outcome),
    }
    return (
        xarray.Variable(dims, found[0], {"long_name": what, "units": unit, "ancillary_variables": name + REASON}),
        xarray.Variable(dims, found[1], {"long_name": f"why there is no {name}"} | flags),
    )


def axes(dims: list[str], present: list[str]) -> tuple[Any, ...]:
    """What gives an array of some dimensions all of them, of length 1 where it has none."""
    return tuple(slice(None) if dim in present else None for dim in dims)


def outcomes_of(
    function: Callable[..., Any], asked_by: Settings, places: Mapping[str, Any], *arrays: Any
) -> tuple[np.ndarray, np.ndarray]:
    """Answers and reasons of a block, by the catalogue, constants and day that counted where it was asked for."""
    adopt(asked_by)
    given = {name: np.asarray(each)[places[name]] for name, each in zip(places, arrays, strict=True)}
    found = function.outcomes(**given)  # type: ignore[attr-defined]
    shape = np.broadcast_shapes(*map(np.shape, given.values()))
    codes = np.broadcast_to(found.codes, shape)
    return np.where(codes == Outcome.ANSWERED, found.answers, np.nan), codes


def block_by_block(ask: Callable[..., Any], dims: list[str], arrays: list[tuple[Any, list[str]]]) -> tuple[Any, Any]:
    """Answers and reasons as arrays of Dask, of which a task makes a block of both."""
    array = needed("chunks", "dask.array", "sweep")
    given = [part for data, present in arrays for part in ((data, present) if present else (data.item(), None))]
    meta = np.empty((0,) * len(dims))
    both = array.blockwise(ask, dims, *given, dtype=float, meta=meta, align_arrays=False, concatenate=True)
    values, codes = (
        array.blockwise(itemgetter(place), dims, both, dims, dtype=kind, meta=meta.astype(kind))
        for place, kind in enumerate((float, np.uint8))
    )
    return values, codes


def about_input(name: str, given: Any, chosen: Mapping[str, Callable[..., Any]]) -> dict[str, str]:
    """What an input is, and its unit, by the first function that takes it; and what it is drawn from."""
    function = next(each for each in chosen.values() if name in inspect.signature(each).parameters)
    what, unit = argument(function, name)
    units = {} if unit in ("", "text") else {"units": unit}
    return {"long_name": what} | units | ({"distribution": given.text} if isinstance(given, Draw) else {})
