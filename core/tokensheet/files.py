"""Files: read to their end or not at all, written whole or not at all, changed by one at a time."""

from __future__ import annotations

import csv
import errno
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

MOST_BYTES = 4_000_000  # of a file; a text that is read takes up to sixty times as much memory
MOST_ROWS, MOST_COLUMNS = 100_000, 1000
MOST_TOML = 200_000  # characters; ours take 20,000
MOST_DOTS = 10_000  # in them: a key of a million parts takes for ever
PATIENCE = 10.0  # seconds for which one waits for another who is changing the same file
DRAFT = ".tokensheet-"  # what a file is called before it is whole, with 16 digits
LITTER = 3600.0  # seconds after which nobody is still writing a draft


class FileError(ValueError):
    """What is wrong with a file that somebody brings."""


# Reading


def read_whole(path: str | Path, most: int = MOST_BYTES) -> bytes:
    """What is in a file; what is none, or is larger than it may be, is an error."""
    path = Path(path)
    path.stat()  # which says so where there is nothing
    if not path.is_file():  # a pipe or a device may never come to an end
        raise FileError(f"{path} is no file that can be read, but a folder, a pipe or a device")
    with open(path, "rb", opener=without_waiting) as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise FileError(f"{path} has more than {most / 1e6:g} MB, the most that is read of such a file")
    return data


def without_waiting(path: str, flags: int) -> int:
    """Open what may have become a pipe meanwhile."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def read_text(path: str | Path) -> str:
    """A text in UTF-8, with or without the mark that Windows puts before it."""
    data = read_whole(path)
    try:
        if b"\0" not in data:
            return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    raise FileError(f"{path} is no text in UTF-8; save it as such, in Excel as 'CSV UTF-8'")


def read_toml(path: str | Path) -> dict[str, Any]:
    """What stands in a TOML file that somebody wrote, which is short and shallow."""
    import tomllib  # 5 ms, where there is such a file

    text = read_text(path)
    if len(text) > MOST_TOML or text.count(".") > MOST_DOTS:
        raise FileError(f"{path} is longer than such a file is")
    try:
        return tomllib.loads(text)
    except ValueError as error:
        raise FileError(f"{path} is not TOML: {error}") from None
    except RecursionError:
        raise FileError(f"{path} is nested too deeply") from None


def read_csv(path: str | Path) -> list[list[str]]:
    """The rows of a CSV file, the heads of its columns first."""
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(read_text(path), newline=""), strict=True):
            rows.append(row)
            check_row(rows, path)
    except csv.Error as error:
        raise FileError(f"{path} is not a CSV file: row {len(rows) + 1}: {error}") from None
    if not rows:
        raise FileError(f"{path} has no rows")
    return rows


def check_row(rows: list[list[str]], path: str | Path) -> None:
    """Complain about the last row where the table is none, or too large."""
    heads, row = rows[0], rows[-1]
    if len(heads) == 1 and {";", "\t"} & set(heads[0]):
        raise FileError(f"{path} has semicolons or tabs between its cells; save it with commas")
    if len(heads) > MOST_COLUMNS or len(rows) > MOST_ROWS:
        raise FileError(f"{path} has more than {MOST_COLUMNS:,} columns or {MOST_ROWS:,} rows, the most that is read")
    if any(row[len(heads) :]):
        raise FileError(f"{path}, row {len(rows)}: has more cells than row 1; a comma in a cell needs quotes around it")


def read_records(path: str | Path) -> list[dict[str, str]]:
    """The rows of a CSV file by the heads of its columns, without those that are blank."""
    heads, *rows = read_csv(path)
    return [dict(zip(heads, [*row, *[""] * (len(heads) - len(row))], strict=False)) for row in rows if row]


# Writing


@contextmanager
def whole_file(path: str | Path, mode: str = "wb", *, overwrite: bool = False) -> Iterator[Any]:
    """A file to write that takes its place only when it is complete; whatever goes wrong, the old one is still there.

    What is written stands in memory until then. An existing file is not touched unasked. One that is replaced keeps its
    mode, and a link to it stays one.

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
        If there is such a file and it is not to be replaced, also if it came meanwhile.
    OSError
        If it cannot be written; it names the file, and not the draft beside it.
    """
    path = Path(path)
    if not overwrite:
        check_free(path)
    file = io.BytesIO() if "b" in mode else io.StringIO(newline="")
    yield file
    content = file.getvalue()
    target = Path(os.path.realpath(path))
    draft = target.with_name(f"{DRAFT}{os.urandom(8).hex()}")
    try:
        write_draft(draft, target, content if isinstance(content, bytes) else content.encode())
        if overwrite:
            draft.replace(target)
        else:
            publish(draft, target)
        sweep(target)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None
    finally:
        with suppress(OSError):  # it has its name, or there is no such folder
            draft.unlink()


@contextmanager
def whole_path(path: str | Path, *, overwrite: bool = False) -> Iterator[Path]:
    """The same for a writer of its own, and for more than memory holds: a path beside the file, that it writes to.

    What it writes there may be a folder, which takes the place of another.
    """
    import shutil  # 5 ms, where such a file is written

    path = Path(path)
    if not overwrite:
        check_free(path)
    target = Path(os.path.realpath(path))
    draft = target.with_name(f"{DRAFT}{os.urandom(8).hex()}")
    try:
        yield draft
        if target.is_dir():
            shutil.rmtree(target)
        if overwrite or draft.is_dir():
            draft.replace(target)
        else:
            publish(draft, target)
        sweep(target)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        with suppress(OSError):
            draft.unlink()


def check_free(path: Path) -> None:
    """Complain about what has that name already."""
    if path.exists():
        raise FileExistsError(f"{path} exists")
    if path.is_symlink():
        raise FileExistsError(f"{path} is a link to a file that is missing")


def write_draft(draft: Path, target: Path, content: bytes) -> None:
    """Write what is to become the target, and is never more open than that is."""
    there = os.path.lexists(target)
    if there and not target.is_file():
        raise OSError(
            errno.EEXIST, "it is no file that can be replaced, but a folder, a pipe, a device or a broken link"
        )
    permissions = target.stat().st_mode & 0o777 if there else 0o666

    def never_more_open(name: str, flags: int) -> int:
        return os.open(name, flags, permissions)

    with open(draft, "xb", opener=never_more_open) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    if there:
        draft.chmod(permissions)  # whatever the umask took away


def publish(draft: Path, target: Path) -> None:
    """Give the draft its name, unless another has taken that meanwhile."""
    try:
        os.link(draft, target)
    except FileExistsError:
        raise
    except OSError:  # where files have one name only, such as on a memory card
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from None
        draft.replace(target)


def sweep(target: Path) -> None:
    """Delete drafts beside a file just written whose writers were killed long ago, by the clock of that file."""
    now = target.stat().st_mtime
    for draft in target.parent.glob(DRAFT + "[0-9a-f]" * 16):
        with suppress(OSError):  # somebody else's, or swept by another
            if now - draft.stat().st_mtime > LITTER:
                draft.unlink()


@contextmanager
def alone(path: str | Path) -> Iterator[None]:
    """Read, change and write a file while no other tokensheet of this user does: who comes later waits, not for ever.

    The lock is no file beside it, and the system frees that of a process which was killed.
    """
    import hashlib  # with the others 50 ms, where something is changed
    import tempfile

    from filelock import FileLock, Timeout

    name = hashlib.sha256(os.fsencode(os.path.realpath(path))).hexdigest()[:16]
    lock = FileLock(Path(tempfile.gettempdir(), f"tokensheet-{getattr(os, 'getuid', int)()}-{name}.lock"))
    try:
        lock.acquire(timeout=PATIENCE)
    except Timeout:
        raise FileError(f"another tokensheet is changing {path}; try again when it is done") from None
    try:
        yield
    finally:
        lock.release()
