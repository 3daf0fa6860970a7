"""Large arrays go through a chain in blocks that the processor's cache holds, by lines compiled for what is asked.

A whole array would go to memory and back for each of a chain's hundred operations. What comes out is what
`Chain.evaluate` gives, to the last digit, and nothing but the answers is ever as large as the arrays.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from tokensheet import plain
from tokensheet.cell import tidy
from tokensheet.chain import Chain
from tokensheet.lines import NAME
from tokensheet.spelling import NUMPY

BLOCK = 2**13  # numbers that are computed at a time, so that the dozen arrays in use stay in the cache
KEPT = 256  # compiled questions, of which the oldest are forgotten
CALLED = {f"_{name}": getattr(np, name) for name in NUMPY.functions}

Cut = tuple[slice, ...]


def evaluate(chain: Chain, given: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    """The values of `keys`, and no others: of what is given as `Chain.evaluate` takes it."""
    if any(map(np.ndim, given.values())):
        part = chain.of(*keys, given=given)
        values = {key: tidy(given[key]) for key in part.given()}
        arrays = {key: value for key, value in values.items() if np.ndim(value)}
        shape = np.broadcast_shapes(*map(np.shape, arrays.values()))
        if math.prod(shape) > BLOCK and all(map(is_plain, arrays.values())):
            numbers = tuple((key, value) for key, value in values.items() if key not in arrays)
            if function := compiled(part, keys, tuple(arrays), numbers):
                origins = part.origins()
                shapes = [np.broadcast_shapes(*(np.shape(values[each]) for each in origins[key])) for key in keys]
                return dict(zip(keys, in_blocks(function, [*arrays.values()], shape, shapes), strict=True))
    found = chain.evaluate(given, *keys)
    return {key: found[key] for key in keys}


def in_blocks(
    function: Callable[..., tuple[Any, ...]],
    arrays: list[np.ndarray],
    shape: tuple[int, ...],
    shapes: list[tuple[int, ...]],
) -> list[np.ndarray]:
    """The results of a function of arrays, in their shapes, a block of the whole shape at a time."""
    results: list[np.ndarray] = []
    with np.errstate(all="ignore"):
        for cut in cuts(shape):
            blocks = function(*(cut_out(each, cut, shape) for each in arrays))
            if not results:
                results = [np.empty(own, np.asarray(block).dtype) for own, block in zip(shapes, blocks, strict=True)]
            for result, block in zip(results, blocks, strict=True):
                cut_out(result, cut, shape)[...] = block
    return results


def is_plain(array: Any) -> bool:
    """Whether it is an array of numpy's own, of floats."""
    return type(array) is np.ndarray and array.dtype == float


def cuts(shape: tuple[int, ...], most: int = BLOCK) -> Iterator[Cut]:
    """Where an array of the shape is cut into blocks of at most so many numbers: along its first axes."""
    inner = math.prod(shape[1:])
    for start in range(0, shape[0], step := max(1, most // inner)):
        rows = slice(start, start + step)
        yield from ((rows, *rest) for rest in cuts(shape[1:], most)) if inner > most else ((rows,),)


def cut_out(array: np.ndarray, cut: Cut, shape: tuple[int, ...]) -> np.ndarray:
    """The block of an array that is broadcast to the shape."""
    own = array.reshape((1,) * (len(shape) - array.ndim) + array.shape)
    return own[tuple(slice(None) if size == 1 else each for size, each in zip(own.shape, cut, strict=False))]


@functools.lru_cache(KEPT)
def compiled(
    chain: Chain, keys: tuple[str, ...], arrays: tuple[str, ...], numbers: tuple[tuple[str, Any], ...]
) -> Callable[..., tuple[Any, ...]] | None:
    """The keys as a function of arrays, with the numbers in it; None if an equation is one that cannot be spelled."""
    try:
        lines = chain.spelled(NUMPY, {key: key for key in arrays}, *keys, known=dict(numbers))
    except TypeError:
        return None
    return plain.compiled(arrays, [*sparing(lines), f"return ({', '.join(keys)},)"], **CALLED)


def sparing(lines: Mapping[str, str]) -> list[str]:
    """The lines, each result deleted behind the last that needs it: the next block's place in the cache."""
    found: list[str] = []
    needed: set[str] = set()
    for name, text in reversed([*lines.items()]):
        last = [*{*NAME.findall(text)} - needed]
        found += [f"del {', '.join(last)}"] if last else []
        found += [f"{name} = {text}"]
        needed.update(last)
    return found[::-1]
