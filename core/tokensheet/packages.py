"""A workbook that somebody brings, looked over before a library unpacks it: an .xlsx is a zip of XML parts."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tokensheet.files import FileError, read_whole

MOST_PACKED = 100_000_000  # bytes of a workbook
MOST_PARTS = 10_000
MOST_UNPACKED = 32_000_000  # bytes of all parts of one that is read whole; the largest of ours takes 4
MOST_TAGS = 1_000_000  # in them; it has 300,000
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # what an encrypted workbook and an old .xls begin with
ENTRY = b"PK\x01\x02"  # what each part's entry in a zip's directory begins with
NOT_AN_XLSX = "it is no .xlsx, or a damaged one"


def read_package(path: str | Path) -> bytes:
    """A workbook that can be read whole: it is a zip, of so much, and none of its parts declares a document type."""
    data = read_whole(path, MOST_PACKED)
    try:
        with readable(NOT_AN_XLSX), package_of(data) as package:
            if sum(part.file_size for part in package.infolist()) > MOST_UNPACKED:
                raise FileError(f"is larger than {MOST_UNPACKED / 1e6:g} MB unpacked, the most that is read")
            tags = 0
            for part in package.infolist():
                xml = package.read(part)
                tags += xml.count(b"<")
                if b"<!DOCTYPE" in xml or xml.startswith((b"\xff\xfe", b"\xfe\xff")):  # which could multiply a text
                    raise FileError(f"has a part {part.filename!r} that declares a document type, or is not in UTF-8")
            if tags > MOST_TAGS:
                raise FileError(f"has more than {MOST_TAGS:,} tags, the most that is read")
    except FileError as error:
        raise FileError(f"{path}: {error}") from None
    return data


def package_of(data: bytes) -> zipfile.ZipFile:
    """The parts of a workbook."""
    if data.startswith(OLE):
        raise FileError("has a password or is an old .xls; save it as .xlsx without a password")
    with readable(NOT_AN_XLSX):
        if data.count(ENTRY) > MOST_PARTS:
            raise FileError(f"has more than {MOST_PARTS:,} parts")
        return zipfile.ZipFile(io.BytesIO(data))


@contextmanager
def readable(otherwise: str) -> Iterator[None]:
    """Whatever a broken file makes those raise that read it, as one error."""
    try:
        yield
    except FileError:
        raise
    except Exception as error:  # zipfile has a dozen kinds, openpyxl more
        raise FileError(f"{otherwise}; a copy that Excel has saved anew may do") from error
