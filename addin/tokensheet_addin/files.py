"""Files that commands write for the user."""

from __future__ import annotations

from pathlib import Path

from tokensheet.files import check_free


def may_write(out: Path, suffix: str, force: bool) -> None:
    """Complain about a file that cannot or must not be written, before any work is done."""
    if out.suffix != suffix:
        raise ValueError(f"{out} must end in {suffix}")
    if not out.parent.is_dir():
        raise ValueError(f"there is no folder {out.parent}")
    if not force:
        try:
            check_free(out)
        except FileExistsError as error:
            raise ValueError(f"{error}; give --force to replace it") from None
