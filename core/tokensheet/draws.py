"""Random numbers of a sweep: the same for a seed whatever is asked for at a time, beside what, and in which order.

The normals of an input come in blocks, each from a generator of its own, which is seeded with the seed, the input's
name and the number of the block. So any part of 10^12 draws is made where it is needed, and an input that is added
leaves the draws of the others as they were.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tokensheet.floats import as_float, is_number

BLOCK = 2**14  # draws that a generator makes
Pairs = Mapping[tuple[str, str], float]
Mix = tuple[tuple[str, float], ...]  # names of inputs, and how much of the normals of each there is in one's own


def normals(name: str, seed: int, start: int, stop: int) -> np.ndarray:
    """The standard normals of an input from one draw to another."""
    first, last = start // BLOCK, -(-stop // BLOCK)
    blocks = [generator(name, seed, block).standard_normal(BLOCK) for block in range(first, last)]
    return np.concatenate(blocks)[start - first * BLOCK : stop - first * BLOCK]


def generator(name: str, seed: int, block: int) -> np.random.Generator:
    words = np.random.SeedSequence(seed, spawn_key=(zlib.crc32(name.encode()), block))
    return np.random.Generator(np.random.PCG64(words))


def mixed(mix: Mix, seed: int, start: int, stop: int) -> np.ndarray:
    """The normals of an input that is correlated with others: a part of those of each."""
    return np.asarray(sum(part * normals(name, seed, start, stop) for name, part in mix))


def mixes(names: Sequence[str], correlated: Pairs) -> dict[str, Mix]:
    """Of each drawn input, which normals it is made of, so that pairs have the rank correlations asked for.

    A Gaussian copula: the normals' correlation is 2 sin(pi/6 r) where the ranks' is r. The symmetric root of their
    matrix is the same in whichever order the inputs are given.

    Raises
    ------
    ValueError
        If a pair is none of the drawn inputs, is given twice, or there are no numbers with all these correlations.
    """
    own: dict[str, Mix] = {name: ((name, 1.0),) for name in names}
    known = checked_pairs(names, correlated)
    together = sorted({name for pair in known for name in pair})
    matrix = np.array([[known.get(frozenset((one, other)), float(one == other)) for other in together]
                       for one in together])  # fmt: skip
    if not together:
        return own
    sizes, directions = np.linalg.eigh(2 * np.sin(np.pi / 6 * matrix))
    if sizes[0] < -1e-12:
        raise ValueError(f"no draws of {', '.join(together)} can have all these correlations; move some towards 0")
    root = (directions * np.sqrt(np.maximum(sizes, 0))) @ directions.T
    return own | {name: tuple(zip(together, map(float, row), strict=True))
                  for name, row in zip(together, root, strict=True)}  # fmt: skip


def checked_pairs(names: Sequence[str], correlated: Pairs) -> dict[frozenset[str], float]:
    found: dict[frozenset[str], float] = {}
    for pair, rank in correlated.items():
        shown = " and ".join(map(str, pair)) if isinstance(pair, tuple) else repr(pair)
        if not isinstance(pair, tuple) or len({*pair}) != 2 or len(pair) != 2:
            raise ValueError(f"correlated: {shown:.60} is no pair of names of inputs")
        other = [name for name in pair if name not in names]
        if other:
            raise ValueError(f"correlated: {other[0]!r:.60} is not drawn; drawn are {', '.join(names) or 'none'}")
        if frozenset(pair) in found:
            raise ValueError(f"correlated: {shown} stand there twice")
        if not is_number(rank) or not -1 <= as_float(rank) <= 1:
            raise ValueError(f"correlated: that of {shown} must be a number from -1 to 1, not {rank!r:.60}")
        found[frozenset(pair)] = as_float(rank)
    return found


def checked_seed(seed: Any) -> int:
    if not isinstance(seed, (int, np.integer)) or isinstance(seed, bool) or not 0 <= seed < 2**128:
        raise ValueError(f"seed must be a whole number from 0, not {seed!r:.60}")
    return int(seed)
