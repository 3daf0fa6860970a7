"""Cells of a workbook of one's own, filled in its package: one part is edited, every other byte of it stays.

An .xlsx is a zip of XML parts. To load and save one loses whatever the library does not know: spills, sparklines, text
boxes, ribbons. So nothing is loaded here. A parser says where the cells stand in the XML of one sheet, the new ones are
put there as text, and the zip gets that one member anew.
"""

from __future__ import annotations

import difflib
import itertools
import math
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from xml.parsers import expat
from xml.sax.saxutils import escape

import numpy as np
from tokensheet.files import FileError, alone, read_whole, whole_file
from tokensheet.packages import MOST_PACKED, package_of, readable
from tokensheet.texts import LONGEST
from xlsxwriter.utility import xl_rowcol_to_cell as address

LAST = (2**20 - 1, 2**14 - 1)  # the last row and column of a sheet, from 0
LARGEST = 1 << 27  # bytes of a part, unpacked
DEEPEST, NESTED = 8, 100  # how far down the elements are that anything here asks for, and any element at all
# Elements of these go by their bare names: those of workbooks and of relations, each as Excel and as ISO's strict form
SPACES = {
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
    "http://schemas.openxmlformats.org/package/2006/relationships",
}
TAG = re.compile(rb"""<((?:[^\s/>:]+:)?)[^\s/>]+(?:\s+[^\s=]+\s*=\s*(?:"[^"]*"|'[^']*'))*\s*/?>""")
PLACE = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})")
# What a text of a cell cannot hold as it is, and what would be read as the escape of such a thing
ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)|[\x00-\x08\x0b-\x1f\ufffe\uffff]")
MANY_CELLS = {"array": "the array formula", "dataTable": "the data table"}  # kinds of formulas that fill a range
END = struct.Struct("<4s4H2LH")  # of a zip; LOCAL begins a member, ENTRY stands for one in the directory at the end
LOCAL = struct.Struct("<4s5H3L2H")
ENTRY = struct.Struct("<4s6H3L5H2L")
FLAGS, METHOD, CRC, PACKED, SIZE, NAME, EXTRA, COMMENT, START = 3, 4, 7, 8, 9, 10, 11, 12, 16  # of an ENTRY
OF_LOCAL = slice(2, 11)  # what a LOCAL repeats of its ENTRY
KEPT_FLAGS = 1 << 11  # that the name is in UTF-8

Place = tuple[int, int]  # row and column, from 0
Attributes = dict[str, str]
Splice = tuple[int, int, bytes]  # what replaces the bytes from there to there


class BookError(FileError):
    """What is wrong with a workbook, or what in it is not to be overwritten."""


class Area(NamedTuple):
    """A rectangle of cells."""

    top: int
    left: int
    bottom: int
    right: int

    def __str__(self) -> str:
        first, last = address(self.top, self.left), address(self.bottom, self.right)
        return first if first == last else f"{first}:{last}"

    def holds(self, place: Place) -> bool:
        return self.top <= place[0] <= self.bottom and self.left <= place[1] <= self.right

    def meets(self, other: Area) -> bool:
        rows = self.top <= other.bottom and other.top <= self.bottom
        return rows and self.left <= other.right and other.left <= self.right


@dataclass
class Element:
    """Where an element of the XML begins, where its tag ends, whether that is all of it, and where it ends."""

    start: int
    inner: int
    empty: bool
    end: int = 0
    style: int = 0
    holds: str = ""  # a cell: "value", "formula" or nothing
    cells: dict[int, Element] = field(default_factory=dict)  # a row, by their columns


def fill(path: str | Path, sheet: str, at: str, rows: Sequence[Sequence[Any]], *, overwrite: bool = False) -> str:
    """Put rows of numbers and texts into a workbook that exists; nothing else of it changes, not by a byte.

    The cells keep their formats. Formulas, also such that fill a range, merged cells, pivot tables and the headers and
    totals of tables are never overwritten. Programs recompute the formulas that read these cells when they recalculate.

    Parameters
    ----------
    path : str or Path
        The .xlsx or .xlsm file, which is replaced whole or not at all.
    sheet : str
        The name of a worksheet in it.
    at : str
        The first cell, such as "B4".
    rows : sequence of sequences
        The values: numbers, truth values, and texts, which stay texts whatever they look like. None leaves a cell as it
        is.
    overwrite : bool, optional
        Whether values that stand there already may be replaced.

    Returns
    -------
    str
        The range that was filled, such as "B4:D6".

    Raises
    ------
    BookError
        If the file is no workbook that can be edited, has no such sheet, or holds there what is not to be overwritten.
    ValueError
        If there is no such cell, the rows end beyond the last one, or a value is none that a cell can hold.
    OSError
        If the file cannot be read or written.
    """
    top, left = place_of(at)
    values = {
        (row, column): value
        for row, line in enumerate(rows, top)
        for column, value in enumerate(line, left)
        if value is not None
    }
    if not values:
        raise ValueError("there is nothing to fill in")
    area = Area(top, left, max(row for row, _ in values), max(column for _, column in values))
    if area.bottom > LAST[0] or area.right > LAST[1]:
        raise ValueError(f"{len(rows)} rows from {at} end beyond {address(*LAST)}; begin further up or left")
    with alone(path):
        old = read_whole(path, MOST_PACKED)
        try:
            new = filled(old, sheet, area, values, overwrite)
        except FileError as error:
            raise BookError(f"{path}: {error}") from None
        with whole_file(path, overwrite=True) as file:
            file.write(new)
    return str(area)


def place_of(text: str) -> Place:
    """The place of a cell such as B4."""
    found = PLACE.fullmatch(text)
    if found:
        column = 0
        for letter in found[1].upper():
            column = column * 26 + ord(letter) - ord("A") + 1
        place = int(found[2]) - 1, column - 1
        if place[0] <= LAST[0] and place[1] <= LAST[1]:
            return place
    raise ValueError(f"{text!r} is no cell; cells go from A1 to {address(*LAST)}")


def area_of(text: str) -> Area:
    first, _, last = text.partition(":")
    return Area(*place_of(first), *place_of(last or first))


# The package


def filled(book: bytes, name: str, area: Area, values: Mapping[Place, Any], overwrite: bool) -> bytes:
    """The workbook with these values in one sheet."""
    package = package_of(book)
    if any(part.startswith("_xmlsignatures/") for part in package.namelist()):
        raise BookError("is signed, and any change breaks the signature; remove it first")
    name, part = find_sheet(package, name)
    sheet = Worksheet(part, unpacked(package, part), area)
    fixed = [*sheet.fixed, *((what, where) for what, where in of_parts(package, part) if where.meets(area))]
    for place in values:
        cell = f"{name!r}!{address(*place)}"
        for what, where in fixed:
            if where.holds(place):
                raise BookError(f"{cell} is in {what} {where}, which is never overwritten; fill another place")
        holds = sheet.held(place)
        if holds == "formula":
            raise BookError(f"{cell} holds a formula, which is never overwritten; clear it, or fill another place")
        if holds and not overwrite:
            raise BookError(f"{cell} is not empty; give --force to overwrite what is there, or fill another place")
    return with_member(book, package, part, sheet.with_values(values))


def unpacked(package: zipfile.ZipFile, part: str) -> bytes:
    with readable(f"its part {part!r} is missing or damaged"):
        if package.getinfo(part).file_size > LARGEST:
            raise BookError(f"its part {part!r} is larger than {LARGEST >> 20} MB unpacked, which is too large to edit")
        return package.read(part)


def related(package: zipfile.ZipFile, part: str = "") -> dict[str, tuple[str, str]]:
    """The parts that a part refers to, or the package itself, by the reference: their kind and name."""
    folder, name = posixpath.split(part)
    relations = posixpath.join(folder, "_rels", f"{name}.rels")
    found = {}

    def relation(_: int, attributes: Attributes) -> None:
        if attributes.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, attributes["Target"])).lstrip("/")
            found[attributes["Id"]] = attributes["Type"].rpartition("/")[2], target

    if relations in package.namelist():
        read(relations, unpacked(package, relations), {"/Relationships/Relationship": relation})
    return found


def find_sheet(package: zipfile.ZipFile, name: str) -> tuple[str, str]:
    """The worksheet of that name, as it spells it, and its part; case does not count, as in Excel."""
    book = next((part for kind, part in related(package).values() if kind == "officeDocument"), "xl/workbook.xml")
    sheets: dict[str, str] = {}  # the reference, by name

    def listed(_: int, attributes: Attributes) -> None:
        sheets[attributes["name"]] = next(text for key, text in attributes.items() if key.endswith("/relationships id"))

    read(book, unpacked(package, book), {"/workbook/sheets/sheet": listed})
    names = {each.casefold(): each for each in sheets}
    if name.casefold() not in names:
        close = [names[each] for each in difflib.get_close_matches(name.casefold(), names, n=1)]
        closest = f"closest: {close[0]!r}; " if close else ""
        raise BookError(f"has no sheet {name!r}; {closest}there are {', '.join(map(repr, sheets))}")
    found = names[name.casefold()]
    kind, part = related(package, book).get(sheets[found], ("", ""))
    if kind != "worksheet":
        raise BookError(f"its sheet {found!r} has no cells; take one of cells")
    return found, part


def of_parts(package: zipfile.ZipFile, part: str) -> list[tuple[str, Area]]:
    """What parts of a sheet's own hold cells of it that must stay as they are: tables and pivot tables."""
    found: list[tuple[str, Area]] = []

    def table(_: int, attributes: Attributes) -> None:
        area, name = area_of(attributes["ref"]), attributes.get("displayName", "")
        header, totals = (int(attributes.get(key, n)) for key, n in (("headerRowCount", 1), ("totalsRowCount", 0)))
        found.append((f"the header of the table {name!r} in", area._replace(bottom=area.top + header - 1)))
        found.append((f"the totals of the table {name!r} in", area._replace(top=area.bottom - totals + 1)))

    def pivot(_: int, attributes: Attributes) -> None:
        found.append(("the pivot table", area_of(attributes["ref"])))

    for kind, other in related(package, part).values():
        if kind in ("table", "pivotTable"):
            read(other, unpacked(package, other), {"/table": table, "/pivotTableDefinition/location": pivot})
    return found


def with_member(archive: bytes, package: zipfile.ZipFile, name: str, content: bytes) -> bytes:
    """The zip with another content of one member; every other one stays as packed, in its order, with its date."""
    with readable("its zip is not as Excel writes it"):
        end = archive.rfind(b"PK\x05\x06")
        *counts, size, directory, comment = END.unpack_from(archive, end)
        starts = [info.header_offset for info in package.infolist()]
        names = package.namelist()
        if directory + size != end or len(set(starts)) != len(starts) or len(set(names)) != len(names):
            raise ValueError
        start = package.getinfo(name).header_offset
        stop = min([each for each in starts if each > start], default=directory)
        entries, at = [], directory
        while at < end:
            entry = list(ENTRY.unpack_from(archive, at))
            rest = at + ENTRY.size
            at = rest + entry[NAME] + entry[EXTRA] + entry[COMMENT]
            if 0xFFFFFFFF in (entry[PACKED], entry[SIZE], entry[START]):
                raise ValueError  # the numbers stand elsewhere, in 64 bits
            entries.append((entry, archive[rest:at]))
        if at != end or [entry[START] for entry, _ in entries] != starts:
            raise ValueError
        own, rest_of_own = next((entry, rest) for entry, rest in entries if entry[START] == start)
        packed = content
        if own[METHOD]:
            squeeze = zlib.compressobj(wbits=-zlib.MAX_WBITS)
            packed, own[METHOD] = squeeze.compress(content) + squeeze.flush(), zipfile.ZIP_DEFLATED
        own[FLAGS] &= KEPT_FLAGS
        own[CRC], own[PACKED], own[SIZE] = zlib.crc32(content), len(packed), len(content)
        member = LOCAL.pack(b"PK\x03\x04", *own[OF_LOCAL], 0) + rest_of_own[: own[NAME]] + packed
        shift = len(member) - (stop - start)
        for entry, _ in entries:
            entry[START] += shift if entry[START] > start else 0
        listed = b"".join(ENTRY.pack(*entry) + rest for entry, rest in entries)
        ended = END.pack(*counts, size, directory + shift, comment) + archive[end + END.size :]
        return archive[:start] + member + archive[stop:directory] + listed + ended


# The sheet


def read(
    part: str,
    xml: bytes,
    starts: Mapping[str, Callable[[int, Attributes], None]],
    ends: Mapping[str, Callable[[int], None]] | None = None,
) -> None:
    """Go through an XML part and hand on the elements of these paths, with the bytes at which they begin and end."""
    parser = expat.ParserCreate(namespace_separator=" ")
    paths = [""]

    def declared(version: str, encoding: str | None, standalone: int) -> None:
        if (encoding or "utf-8").lower() != "utf-8":
            raise ValueError(f"its encoding is {encoding}, not UTF-8")

    def no_types(*_: Any) -> None:
        raise ValueError("it declares a document type")

    def start(name: str, attributes: Attributes) -> None:
        space, _, bare = name.rpartition(" ")
        if len(paths) > NESTED:
            raise ValueError("it is nested too deeply")
        path = f"{paths[-1]}/{bare if space in SPACES else name}" if len(paths) < DEEPEST else ""
        paths.append(path)
        if path in starts:
            starts[path](parser.CurrentByteIndex, attributes)

    def end(_: str) -> None:
        path = paths.pop()
        if ends and path in ends:
            ends[path](parser.CurrentByteIndex)

    parser.XmlDeclHandler, parser.StartDoctypeDeclHandler = declared, no_types
    parser.StartElementHandler, parser.EndElementHandler = start, end
    try:
        if b"\0" in xml[:4]:
            raise ValueError("it is not in UTF-8")
        parser.Parse(xml, True)
    except (expat.ExpatError, LookupError, ValueError, StopIteration) as error:
        raise BookError(
            f"its part {part!r} cannot be read ({error}); a copy that Excel has saved anew may do"
        ) from None


class Worksheet:
    """The XML of a sheet, and where in it stands what filling an area touches."""

    def __init__(self, part: str, xml: bytes, area: Area) -> None:
        self.xml, self.area = xml, area
        self.prefix = b""  # of the names of elements
        self.dimension: Element | None = None
        self.used = area
        self.columns: list[tuple[int, int, int]] = []  # first, last and style
        self.data: Element | None = None
        self.rows: dict[int, Element] = {}  # those of the area
        self.above = 0  # where the last row above it ends
        self.place = (-1, -1)  # of the row and cell last read
        self.row: Element | None = None
        self.cell: Element | None = None
        self.value: Element | None = None
        self.fixed: list[tuple[str, Area]] = []  # what must not be overwritten
        inside = "/worksheet/sheetData"
        starts = {
            "/worksheet/dimension": self.read_dimension,
            "/worksheet/cols/col": self.read_columns,
            "/worksheet/mergeCells/mergeCell": self.read_merged,
            inside: self.read_data,
            f"{inside}/row": self.read_row,
            f"{inside}/row/c": self.read_cell,
            f"{inside}/row/c/f": self.read_formula,
            f"{inside}/row/c/v": self.read_value,
            f"{inside}/row/c/is": self.read_text,
        }
        ends = {inside: self.end_data, f"{inside}/row": self.end_row, f"{inside}/row/c": self.end_cell}
        read(part, xml, starts, ends | {f"{inside}/row/c/v": self.end_value})
        if not self.data:
            raise BookError(f"its part {part!r} has no cells")

    def element(self, at: int, style: str = "0") -> Element:
        """The element whose tag begins there."""
        tag = TAG.match(self.xml, at)
        if not tag:
            raise ValueError(f"no tag at byte {at}")
        return Element(at, tag.end(), tag[0].endswith(b"/>"), style=int(style))

    def end(self, element: Element, at: int) -> int:
        """Where the element ends whose end tag begins there, if it has one."""
        return element.inner if element.empty else self.xml.index(b">", at) + 1

    def read_dimension(self, at: int, attributes: Attributes) -> None:
        self.dimension = self.element(at)
        old = area_of(attributes["ref"])
        ends = (*map(min, old[:2], self.area[:2]), *map(max, old[2:], self.area[2:]))
        self.used = Area(*ends)

    def read_columns(self, _: int, attributes: Attributes) -> None:
        self.columns.append((int(attributes["min"]) - 1, int(attributes["max"]) - 1, int(attributes.get("style", 0))))

    def read_merged(self, _: int, attributes: Attributes) -> None:
        self.fix("the merged cell", attributes["ref"])

    def fix(self, what: str, where: str) -> None:
        if area_of(where).meets(self.area):
            self.fixed.append((what, area_of(where)))

    def read_data(self, at: int, _: Attributes) -> None:
        if self.data:
            raise ValueError("sheetData comes twice")
        self.data = self.element(at)
        self.prefix = TAG.match(self.xml, at)[1]  # type: ignore[index]  # as element() found one
        self.above = self.data.inner

    def end_data(self, at: int) -> None:
        assert self.data
        self.data.end = self.end(self.data, at)

    def read_row(self, at: int, attributes: Attributes) -> None:
        row = int(attributes.get("r", self.place[0] + 2)) - 1
        if row <= self.place[0]:
            raise ValueError(f"row {row + 1} is out of order")
        self.place = row, -1
        if row <= self.area.bottom:
            own_style = attributes.get("customFormat") in ("1", "true")
            self.row = self.element(at, attributes.get("s", "0") if own_style else "-1")
        if self.area.top <= row <= self.area.bottom:
            assert self.row
            self.rows[row] = self.row

    def end_row(self, at: int) -> None:
        if self.row:
            self.row.end = self.end(self.row, at)
            if self.place[0] < self.area.top:
                self.above = self.row.end
        self.row = None

    def read_cell(self, at: int, attributes: Attributes) -> None:
        row, column = self.place
        if row in self.rows:
            place = place_of(attributes["r"]) if "r" in attributes else (row, column + 1)
            if place[0] != row or place[1] <= column:
                raise ValueError(f"cell {attributes.get('r')} is out of order")
            self.place = place
            self.cell = self.rows[row].cells[place[1]] = self.element(at, attributes.get("s", "0"))

    def end_cell(self, at: int) -> None:
        if self.cell:
            self.cell.end = self.end(self.cell, at)
        self.cell = None

    def read_formula(self, _: int, attributes: Attributes) -> None:
        if attributes.get("t") in MANY_CELLS and "ref" in attributes:
            self.fix(MANY_CELLS[attributes["t"]], attributes["ref"])
        if self.cell:
            self.cell.holds = "formula"

    def read_value(self, at: int, _: Attributes) -> None:
        if self.cell:
            self.value = self.element(at)

    def end_value(self, at: int) -> None:
        if self.cell and self.value and not self.value.empty and at > self.value.inner:
            self.cell.holds = self.cell.holds or "value"

    def read_text(self, *_: Any) -> None:
        if self.cell:
            self.cell.holds = self.cell.holds or "value"

    def held(self, place: Place) -> str:
        """What a cell holds."""
        row, column = place
        cells = self.rows[row].cells if row in self.rows else {}
        return cells[column].holds if column in cells else ""

    def with_values(self, values: Mapping[Place, Any]) -> bytes:
        """The XML with these values in it."""
        assert self.data
        lines = itertools.groupby(sorted(values), key=lambda place: place[0])
        written = {row: {column for _, column in places} for row, places in lines}
        inside: list[Splice] = []
        after = self.above
        for row in sorted({*self.rows, *written}):
            if row not in self.rows:
                cells = b"".join(self.cell_of((row, column), values, -1) for column in sorted(written[row]))
                line = b'<%brow r="%d">%b</%brow>' % (self.prefix, row + 1, cells, self.prefix)
                inside.append((after, after, line))
                continue
            if row in written:
                inside += self.row_with(row, written[row], values)
            after = self.rows[row].end
        return spliced(self.xml, [*self.new_dimension(), *self.opened(self.data, b"sheetData", inside)])

    def row_with(self, row: int, written: set[int], values: Mapping[Place, Any]) -> list[Splice]:
        """A row that is there, with these columns of it written."""
        line = self.rows[row]
        inside: list[Splice] = []
        after = line.inner
        for column in sorted({*line.cells, *written}):
            cell = line.cells.get(column)
            if column in written:
                start, end = (cell.start, cell.end) if cell else (after, after)
                style = cell.style if cell else line.style
                inside.append((start, end, self.cell_of((row, column), values, style)))
            after = cell.end if cell else after
        # Which columns a row spans only helps a reader along, and no longer holds
        spans = [] if written <= line.cells.keys() else self.attribute(line, b"spans", b"")
        return [*spans, *self.opened(line, b"row", inside)]

    def opened(self, element: Element, name: bytes, inside: list[Splice]) -> list[Splice]:
        """What goes into an element, which may be one that its tag ends."""
        if not element.empty:
            return inside
        at = element.inner
        return [(at - len(b"/>"), at, b">"), *inside, (at, at, b"</%b%b>" % (self.prefix, name))]

    def new_dimension(self) -> list[Splice]:
        return self.attribute(self.dimension, b"ref", b' ref="%b"' % str(self.used).encode()) if self.dimension else []

    def attribute(self, element: Element, name: bytes, text: bytes) -> list[Splice]:
        """An attribute of an element replaced by a text, if it has it."""
        pattern = re.compile(rb"""\s+%b\s*=\s*("[^"]*"|'[^']*')""" % name)
        found = pattern.search(self.xml, element.start, element.inner)
        return [(*found.span(), text)] if found else []

    def cell_of(self, place: Place, values: Mapping[Place, Any], style: int) -> bytes:
        """A cell in that style, or in its column's."""
        if style < 0:
            style = next((own for first, last, own in self.columns if first <= place[1] <= last), 0)
        return cell_xml(place, values[place], style, self.prefix.decode())


def cell_xml(place: Place, value: Any, style: int, x: str) -> bytes:
    """A cell, with `x` before the names; a text stands in it and not among the workbook's shared ones, another part."""
    kind, content = content_of(place, value, x)
    look = f' s="{style}"' if style else ""
    return f'<{x}c r="{address(*place)}"{look}{kind}>{content}</{x}c>'.encode()


def content_of(place: Place, value: Any, x: str) -> tuple[str, str]:
    """The type of a cell, and what it holds."""
    if isinstance(value, str):
        if len(value.encode("utf-16-le")) > 2 * LONGEST:
            raise ValueError(f"the text for {address(*place)} is longer than {LONGEST:,} characters")
        text = escape(ESCAPED.sub(lambda found: f"_x{ord(found[0]):04X}_", value))
        return ' t="inlineStr"', f'<{x}is><{x}t xml:space="preserve">{text}</{x}t></{x}is>'
    if isinstance(value, bool | np.bool_):
        return ' t="b"', f"<{x}v>{int(value)}</{x}v>"
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"the {type(value).__name__} for {address(*place)} is neither a finite number nor a text")
    return "", f"<{x}v>{number!r}</{x}v>"


def spliced(data: bytes, splices: list[Splice]) -> bytes:
    """The bytes with some of them replaced; of those at one place the first comes first."""
    parts, at = [], 0
    for start, end, new in sorted(splices, key=lambda splice: splice[0]):
        parts += [data[at:start], new]
        at = end
    return b"".join([*parts, data[at:]])
