"""The day whose prices count: today, or an earlier one, so that an old sheet can be made again."""

from __future__ import annotations

import functools
import os
from datetime import date

AS_OF = "TOKENSHEET_AS_OF"  # environment variable with the day


def use_prices(as_of: str | date = "") -> None:
    """Answer by the prices and rents that were known on a day, instead of $TOKENSHEET_AS_OF's; "" is today.

    Of API prices the newest list counts that was kept by then (`tokensheet prices`), and a rent that is dated later is
    not known. Rents of your own stay.
    """
    os.environ[AS_OF] = as_day(str(as_of))
    day.cache_clear()


@functools.cache
def day() -> str:
    """The day that was asked for as YYYY-MM-DD, or "": the one place where it is taken from."""
    return as_day(os.environ.get(AS_OF, ""))


def today() -> str:
    return day() or date.today().isoformat()


def as_day(text: str) -> str:
    try:
        return text and date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError(f'the day of prices must be written as "2026-10-14", not {text!r}') from None
