"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def whole_file(path: str | Path, mode: str = "wb", *, overwrite: bool = False) -> Iterator[Any]:
    """A file to write that takes its place only when it is complete; whatever goes wrong, the old one is still there.

    An existing file is not touched unasked. One that is replaced keeps its mode, and a link to it stays one.

    Parameters
    ----------
    path : str or Path
        The file.
    mode : str
        "wb" for bytes, "w" for texts in UTF-8 whose line ends stay as they are written.
    overwrite : bool
        Whether an existing file is replaced.

    Raises
    ------
    FileExistsError
        If there is such a file and it is not to be replaced.
    OSError
        If it cannot be written; it names the file, and not the draft beside it.
    """
    path = Path(path)
    if path.exists() and not overwrite:
        raise FileExistsError(f"{path} exists already")
    target = Path(os.path.realpath(path))
    draft = target.with_name(f".tokensheet-{secrets.token_hex(8)}")
    permissions = target.stat().st_mode & 0o777 if target.exists() else None
    encoding, newline = (None, None) if "b" in mode else ("utf-8", "")

    def never_more_open(name: str, flags: int) -> int:
        return os.open(name, flags, 0o666 if permissions is None else permissions)

    try:
        with open(draft, mode.replace("w", "x"), encoding=encoding, newline=newline, opener=never_more_open) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if permissions is not None:
            draft.chmod(permissions)  # whatever the umask took away
        draft.replace(target)
    except BaseException as error:
        draft.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename == str(draft):
            raise OSError(error.errno, error.strerror, str(path)) from None
        raise
