"""An amount as a person reads it: 18.28 ms, 671 GB, 671B parameters, $2.106 a million tokens; not 0.01828 s.

For terminals and notebooks. Cells keep plain numbers in SI base units, which their formats show.
"""

from __future__ import annotations

from typing import Any

SMALL = (("", 1.0), ("m", 1e-3), ("µ", 1e-6), ("n", 1e-9))
LARGE = (("P", 1e15), ("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3), ("", 1.0))
# Units that take a prefix, as they are written then
PREFIXED = {
    "bytes": "B", "bytes/s": "B/s", "bytes/token": "B/token", "FLOP": "FLOP", "FLOP/s": "FLOP/s", "W": "W",
    "J/token": "J/token",
}  # fmt: skip
COUNTED = (("T", 1e12), ("B", 1e9), ("M", 1e6))  # as the field counts parameters and tokens
UNSAID = ("ratio", "values", "0 or 1", "TRUE or FALSE", "any unit")
MILLION = 1e6
PLAIN = 1e6  # below it a count stands in full


def amount(value: Any, unit: str = "") -> str:
    """Four digits of a number with its unit, in the prefix that people use; a text as it is.

    >>> amount(0.01828, "s"), amount(671e9, "bytes"), amount(671e9, "parameters"), amount(2.106e-6, "USD/token")
    ('18.28 ms', '671 GB', '671B parameters', '$2.106 a million tokens')
    """
    if isinstance(value, (str, bool)):
        return str(value)
    if unit == "USD/token":
        return f"${digits(value * MILLION)} a million tokens"
    if unit.startswith("USD"):
        return f"${digits(value)}{unit.removeprefix('USD')}"
    if unit == "fraction":
        return f"{digits(100 * value)} %"
    if unit == "s":
        return prefixed(value, "s", SMALL)
    if unit in PREFIXED:
        return prefixed(value, PREFIXED[unit], LARGE)
    suffix, size = next((each for each in COUNTED if abs(value) >= max(each[1], PLAIN)), ("", 1.0))
    return f"{digits(value / size)}{suffix} {'' if unit in UNSAID else unit}".rstrip()


def prefixed(value: float, unit: str, prefixes: tuple[tuple[str, float], ...]) -> str:
    """In the largest prefix that leaves at least 1 before the point, else in the smallest."""
    prefix, size = next((each for each in prefixes if abs(value) >= each[1]), prefixes[-1] if value else ("", 1.0))
    return f"{digits(value / size)} {prefix}{unit}"


def digits(value: float) -> str:
    """Four of them; a whole number below a million in full."""
    whole = value == int(value) if abs(value) < PLAIN else False
    return f"{value:,.0f}" if whole else f"{value:,.4g}"
