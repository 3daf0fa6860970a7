"""Constants of your own: a file of them takes the place of the published ones wherever an estimate is asked for.

A CSV with the columns `name` and `value`: constants of `data/calibration.csv`, and `slowdown`, how many times as long
as the published of each chip's vendor your software takes. `tokensheet calibrate` writes one; see own_calibration.py.
"""

from __future__ import annotations

import functools
import os
from pathlib import Path

from tokensheet.calibration import calibration
from tokensheet.files import read_records
from tokensheet.typed import in_file

OWN_FILE = "TOKENSHEET_CALIBRATION"  # environment variable with the file
SLOWDOWN = "slowdown"
MOST = 1e3  # what no slowdown and no time of a layer or of a server exceeds: whoever writes more meant another unit


class CalibrationError(ValueError):
    """What is wrong with a file of constants, by its row as a spreadsheet counts them."""


class OwnConstants(dict[str, float]):
    """Constants by name; told apart from others by identity, so that what is worked out with them can be kept."""

    __hash__ = object.__hash__  # type: ignore[assignment]


def use_calibration(path: str | Path = "") -> None:
    """Estimate by the constants of a file of your own, instead of $TOKENSHEET_CALIBRATION's; "" is the published ones.

    Functions over names, WHY and workbooks follow. The equations' own defaults stay the published ones.
    """
    os.environ[OWN_FILE] = str(path)
    own_constants.cache_clear()
    own_constants()  # so that what is wrong with the file is said now


@functools.cache
def own_constants() -> OwnConstants:
    """The constants of your own file, if there is one: the one place where they are taken from."""
    path = os.environ.get(OWN_FILE)
    return read_constants(Path(path)) if path else OwnConstants()


def read_constants(path: Path) -> OwnConstants:
    """The constants of a file."""
    shares = {row["name"]: row["unit"] == "fraction" for row in calibration()} | {SLOWDOWN: False}
    found = OwnConstants()
    for number, row in enumerate(read_records(path), 2):
        place, name = f"{path.name}, row {number}", (row.get("name") or "").strip()
        if name not in shares:
            raise CalibrationError(f"{place}: no constant is called {name!r}; there are: {', '.join(shares)}")
        if name in found:
            raise CalibrationError(f"{place}: {name} stands there twice")
        try:
            value = in_file(row.get("value") or "")
        except ValueError:
            raise CalibrationError(f"{place}: {row.get('value')!r} is not a number") from None
        if not 0 < value <= (1 if shares[name] else MOST):
            raise CalibrationError(f"{place}: {name} must be > 0 and <= {1 if shares[name] else MOST:g}, not {value:g}")
        found[name] = value
    if not found:
        raise CalibrationError(f"{path.name}: no rows with the columns name and value")
    return found
