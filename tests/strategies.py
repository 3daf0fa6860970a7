"""Arguments of equations: random numbers inside their declared domains."""

from typing import Any

from hypothesis import strategies as st
from tokensheet_udfs.registry import Function, Parameter

# The sizes that occur, from a fraction of a byte to a yottaflop. Drawing digits and power apart takes twice as long.
SIZES = st.floats(-3, 16).map(lambda power: 10.0**power)
DOMAINS: dict[str, st.SearchStrategy[float]] = {
    "> 0": SIZES,
    ">= 0": st.just(0.0) | SIZES,
    ">= 1": st.floats(1, 1e4),  # what is counted: stages, chips, experts
    "> 0 and <= 1": st.floats(0.001, 1),
    ">= 0 and <= 1": st.floats(0, 1),
    ">= 0 and < 1": st.floats(0, 0.99),
}


def argument(parameter: Parameter) -> st.SearchStrategy[float]:
    assert parameter.domain
    return DOMAINS[parameter.domain.text]


def arguments(function: Function) -> st.SearchStrategy[tuple[Any, ...]]:
    """All arguments of an equation."""
    return st.tuples(*map(argument, function.parameters))
