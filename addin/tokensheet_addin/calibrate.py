"""The command `tokensheet calibrate`: the estimate's constants corrected to measurements of one's own."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Annotated

import typer
from tokensheet.own_calibration import calibrate as corrected

from tokensheet_addin.files import may_write
from tokensheet_addin.tables import Json, say


def calibrate(
    data: Annotated[Path, typer.Argument(help="Your measurements, a CSV with the columns of `tokensheet accuracy`.")],
    to: Annotated[Path | None, typer.Option(help="Write the constants to this CSV.")] = None,
    as_json: Json = False,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
) -> None:
    """Correct the estimate's constants to your measurements, and say what that gains on rows left out."""
    if to:
        may_write(to, ".csv", force)
    found = corrected(data)
    if to:
        found.save(to, overwrite=force)
    if as_json:
        print(json.dumps(found.as_data(), indent=2))
        return
    say(str(found))
    if to:
        command = shlex.join(["tokensheet", "--calibration", str(to), "new", "cost-grid"])
        say(f"\nwrote {to}; use it with TOKENSHEET_CALIBRATION={to}, or:\n  {command}")
