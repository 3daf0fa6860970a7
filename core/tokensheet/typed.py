"""Numbers as a person types them, in a cell, a file or a call: 70B, 3.35T, 32k, 40%."""

from __future__ import annotations

import functools
import re
from typing import Any

QUOTED = 60  # characters of a text that an error repeats
SUFFIXES = {"": 1.0, "k": 1e3, "m": 1e6, "b": 1e9, "g": 1e9, "t": 1e12, "p": 1e15}
# Nothing that was read is given back (++, *+), or a text of so many digits and an x would take their square
NUMBER = r"\s*+([+-]?(?:\d++(?:\.\d*+)?|\.\d++)(?:e[+-]?\d++)?)\s*+([%kmbgtp]?)\s*+"


def number(text: str) -> float:
    """The number that a text such as "70B", "3.35T", "32k" or "40%" stands for; ValueError if none.

    >>> number("70B"), number("3.35T"), number("32k"), number("40%")
    (70000000000.0, 3350000000000.0, 32000.0, 0.4)
    """
    match = pattern().fullmatch(text)
    if not match:
        raise ValueError(no_number(text))
    return float(match[1]) / 100 if match[2] == "%" else float(match[1]) * SUFFIXES[match[2].lower()]


@functools.cache
def pattern() -> re.Pattern[str]:
    """Compiled for the first text, as most calls have none."""
    return re.compile(NUMBER, re.IGNORECASE | re.ASCII)


def number_or_itself(value: Any) -> Any:
    """The number that a text stands for; what stands for none, or is no text, as it is."""
    try:
        return number(value) if isinstance(value, str) else value
    except ValueError:
        return value


def in_file(cell: Any) -> float:
    """The number in a cell of a file: as programs write it, or else as a person does."""
    try:
        return float(cell)
    except ValueError:
        return number(cell)


def no_number(text: str) -> str:
    """What is wrong with a text where a number is wanted."""
    return f'"{shortened(text)}" is not a number; "70B", "3.35T", "32k" or "40%" would be'


def shortened(text: str) -> str:
    return text if len(text) <= QUOTED else f"{text[:QUOTED]}…"
