"""Amounts as a person reads them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokensheet.amounts import LARGE, SMALL, amount

SIZES = dict((*LARGE, *SMALL))


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (0.0, "s", "0 s"),
        (3.4e-5, "s", "34 µs"),
        (1.5, "s", "1.5 s"),
        (86_400.0, "s", "86,400 s"),
        (80e9, "bytes", "80 GB"),
        (35_136.0, "bytes/token", "35.14 kB/token"),
        (989e12, "FLOP/s", "989 TFLOP/s"),
        (15e12, "tokens", "15T tokens"),
        (4096.0, "tokens", "4,096 tokens"),
        (0.4, "fraction", "40 %"),
        (1.78, "USD/hour", "$1.78/hour"),
        (2e6, "USD", "$2e+06"),
        (1.25, "ratio", "1.25"),
        ("weights", "text", "weights"),
        (True, "TRUE or FALSE", "True"),
    ],
)
def test_in_words(value: float | str | bool, unit: str, words: str) -> None:
    assert amount(value, unit) == words


@given(st.floats(1e-12, 1e18), st.sampled_from(["s", "bytes"]))
def test_a_prefix_leaves_the_number_what_it_is(value: float, unit: str) -> None:
    number, _, name = amount(value, unit).partition(" ")
    size = SIZES[name.removesuffix("s" if unit == "s" else "B")]
    assert float(number.replace(",", "")) * size == pytest.approx(value, rel=5.1e-4)
