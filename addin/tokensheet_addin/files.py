"""Files that commands write for the user."""

from __future__ import annotations

from pathlib import Path


def may_write(out: Path, suffix: str, force: bool) -> None:
    """Complain about a file that cannot or must not be written, before any work is done."""
    if out.suffix != suffix:
        raise ValueError(f"{out} must end in {suffix}")
    if not out.parent.is_dir():
        raise ValueError(f"there is no folder {out.parent}")
    if out.exists() and not force:
        raise ValueError(f"{out} exists; give --force to replace it")
