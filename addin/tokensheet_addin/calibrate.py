"""The command `tokensheet calibrate`: the estimate's constants corrected to measurements of one's own."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer
from tokensheet.own_calibration import calibrate as corrected

from tokensheet_addin.files import may_write
from tokensheet_addin.tables import Csv, Json, print_data, say, working


def calibrate(
    data: Annotated[Path, typer.Argument(help="Your measurements, a CSV with the columns of `tokensheet accuracy`.")],
    to: Annotated[Path | None, typer.Option(help="Write the constants to this CSV.")] = None,
    as_json: Json = False,
    as_csv: Csv = False,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
) -> None:
    """Correct the estimate's constants to your measurements, and say what that gains on rows left out."""
    if to:
        may_write(to, ".csv", force)
    with working("fitting the constants"):
        found = corrected(data)
    if to:
        found.save(to, overwrite=force)
    if print_data(found.as_data(), [found.as_data()], as_json, as_csv):
        return
    say(str(found))
    if to:
        command = shlex.join(["tokensheet", "--calibration", str(to), "new", "cost-grid"])
        say(f"\nwrote {to}; use it with TOKENSHEET_CALIBRATION={to}, or:\n  {command}")
