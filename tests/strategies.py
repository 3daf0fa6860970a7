"""Arguments of equations: random numbers inside their declared domains; what comes of arrays, and whether it agrees."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import tokensheet as ts
from hypothesis import strategies as st
from tokensheet_udfs.registry import Function


def size(share: float) -> float:
    """The sizes that occur, from a fraction of a byte to a yottaflop."""
    return float(10.0 ** (19 * share - 3))


SIZES = st.floats(0, 1).map(size)
# What stands in a domain at a share of it between 0 and 1
DOMAINS: dict[str, Callable[[float], float]] = {
    "> 0": size,
    ">= 0": lambda share: 0.0 if share < 0.5 else size(2 * share - 1),
    ">= 1": lambda share: 10.0 ** (4 * share),  # what is counted: stages, chips, experts
    "> 0 and <= 1": lambda share: 0.001 + 0.999 * share,
    ">= 0 and <= 1": lambda share: share,
    ">= 0 and < 1": lambda share: 0.99 * share,
}


# What may stand in a cell or a range, and what may not
CELL = (
    st.floats() | SIZES | st.integers() | st.booleans() | st.none() | st.text(max_size=9)
    | st.sampled_from(["H100", "DeepSeek-V3", "fp8", "ideal", "70B", "40%", "#N/A", "1e999", -1e308, 5e-324, 10**400])
    | st.decimals() | st.datetimes() | st.complex_numbers() | st.binary(max_size=2) | st.just({})
)  # fmt: skip
cells = CELL | st.lists(st.lists(CELL, max_size=3) | CELL, max_size=3)


def calls(function: Function, count: int) -> st.SearchStrategy[list[tuple[Any, ...]]]:
    """The arguments of so many calls of an equation, drawn as one string of bytes: a draw for each takes far longer."""
    domains = [DOMAINS[each.domain.text] for each in function.parameters if each.domain]
    assert len(domains) == len(function.parameters)

    def split(drawn: bytes) -> list[tuple[Any, ...]]:
        shares = np.frombuffer(drawn, ">u2").reshape(count, len(domains)) / 0xFFFF
        shares = np.clip(shares * 1.1 - 0.05, 0, 1)  # so that a domain's ends come often
        return [tuple(place(share) for place, share in zip(domains, row, strict=True)) for row in shares.tolist()]

    size = 2 * count * len(domains)
    return st.binary(min_size=size, max_size=size).map(split)


# Where 1 - x is almost 0, and where a slope is taken from a difference, the last digits of C and numpy tell
TOLERANCE = dict.fromkeys(("EXPECTED_RUNNING", "EXPERT_COVERAGE", "REMOTE_CHIPS", "SPECULATIVE_TOKENS"), 1e-9)


def agree(one: Any, other: Any, name: str = "") -> bool:
    if type(one) is not type(other):
        return False
    close, digit = TOLERANCE.get(name, 1e-12), 1e-15 if name in TOLERANCE else 0.0  # a last digit of the 1
    return math.isclose(one, other, rel_tol=close, abs_tol=digit) if isinstance(one, float) else bool(one == other)


def of_places(function: Callable[..., Any], *args: Any) -> np.ndarray:
    """What comes of arrays at each place: the answer, or the words of the error."""
    answers, said = function(*args, errors="nan"), ts.reasons(function, *args)
    return np.where(said == "", answers, said)
