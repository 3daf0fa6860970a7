"""A grid in a workbook of one's own: it stands there, and nothing else has changed, not by a byte."""

import os
import re
import struct
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, cast

import openpyxl
import pytest
import tokensheet as ts
import xlsxwriter
from command_line import run_here
from hosts.libreoffice import LibreOffice
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from tokensheet.files import FileError
from tokensheet_templates import cost_grid, fill
from tokensheet_templates.package import BookError
from xlsxwriter.utility import xl_rowcol_to_cell as address

GRID: list[list[Any]] = [
    ["$/Mtok", "H100", "B200"],
    ["DeepSeek-V3", 3.25, 1.75],
    ["Llama-3.1-405B", "does not fit", 1e-7],
]
SHEET = "xl/worksheets/sheet1.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
ATTACKS = [
    "=1+1", "=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1+1", "{=1}", "'=1", "1E5", "TRUE", "#N/A", "H100",
    "2026-01-01", r"external:\\evil\share\x.xlsx", "https://example.com", "mailto:a@b.c", "<v>1</v>", "]]>", "&amp;",
    '"', "a\nb", "a\rb", " both ends ", "_x0041_", "_x005F_x0041_", "\x00\x01\x1f", "\ufffe\uffff",
    "\x9b[31m", "é", "漢字", "🙂", "x" * 32767,
]  # fmt: skip
# Parts that XlsxWriter does not write: their content, their type, and which part refers to them as what
PIVOT = (
    f'<pivotTableDefinition xmlns="{MAIN}" name="Pivot" cacheId="7" dataCaption="Values">'
    '<location ref="H30:I33" firstHeaderRow="1" firstDataRow="1" firstDataCol="0"/></pivotTableDefinition>'
)
INJECTED: dict[str, tuple[bytes, str, str, str]] = {
    "customXml/item1.xml": (b"<firm xmlns='urn:firm'>ours</firm>", "application/xml", "xl/workbook.xml", "customXml"),
    "customUI/customUI14.xml": (b"<customUI/>", "application/xml", "", "ui/extensibility"),
    "xl/vbaProject.bin": (bytes(range(256)), "application/vnd.ms-office.vbaProject", "xl/workbook.xml", "vbaProject"),
    "xl/pivotTables/pivotTable1.xml": (PIVOT.encode(), f"{TYPES}.pivotTable+xml", SHEET, "pivotTable"),
}  # fmt: skip
XLSM = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"


def rich(path: Path) -> Path:
    """A team's workbook, with a place for a grid at B4 of Prices and formulas on Read that read it."""
    with xlsxwriter.Workbook(path) as book:
        sheet, read = book.add_worksheet("Prices"), book.add_worksheet("Read")
        money, bold, red = (
            book.add_format(each) for each in ({"num_format": "0.00"}, {"bold": 1}, {"bg_color": "red"})
        )
        sheet.set_column("D:D", 12, money)
        sheet.set_row(5, 30, bold)
        sheet.write("A1", "Our prices")
        sheet.write("A4", "kept")
        sheet.write_blank("C5", None, money)
        sheet.write("F5", 7, money)
        sheet.write_dynamic_array_formula("H1:H3", "=_xlfn.SEQUENCE(3)", None, 1)
        sheet.write_formula("K5", "=SUM(C5:D6)", None, 0)
        sheet.add_sparkline("G5", {"range": "Prices!C5:D5"})
        sheet.insert_textbox("K10", "A note of ours")
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": "=Prices!$C$5:$D$5"})
        sheet.insert_chart("K20", chart)
        sheet.write_comment("B4", "where the grid goes")
        sheet.data_validation("C5:D6", {"validate": "decimal", "criteria": ">", "value": 0})
        sheet.conditional_format("C5:D6", {"type": "data_bar", "data_bar_2010": True})
        sheet.conditional_format("C5:D6", {"type": "cell", "criteria": ">", "value": 3, "format": red})
        sheet.merge_range("B20:D21", "merged")
        columns = [{"header": "Chip"}, {"header": "Price", "total_function": "sum"}]
        sheet.add_table("B30:C33", {"name": "Rents", "columns": columns, "total_row": 1, "data": [["H100", 2]]})
        sheet.protect("", {"select_locked_cells": True})
        book.define_name("grid", "=Prices!$B$4:$D$6")
        for row in range(3):
            for column in range(3):
                place = address(3 + row, 1 + column)
                read.write_formula(row, column, f"=Prices!{place}")
                read.write_formula(row + 5, column, f"=ISTEXT(Prices!{place})")
        read.write_formula("F1", "=COUNTA(grid)")
    return with_parts(path, INJECTED)


def with_parts(path: Path, parts: dict[str, tuple[bytes, str, str, str]]) -> Path:
    members = parts_of(path)
    for name, (content, type_, of, kind) in parts.items():
        folder, _, base = of.rpartition("/")
        relations = f"{folder}/_rels/{base}.rels".lstrip("/")
        entry = f'<Relationship Id="own{len(members)}" Type="{RELATIONS}/{kind}" Target="/{name}"/></Relationships>'
        members[relations] = members[relations].replace(b"</Relationships>", entry.encode())
        listed = f'<Override PartName="/{name}" ContentType="{type_}"/></Types>'.encode()
        members["[Content_Types].xml"] = members["[Content_Types].xml"].replace(b"</Types>", listed)
        members[name] = content
    return packed(path, members)


def parts_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def packed(path: Path, members: dict[str, bytes]) -> Path:
    """A zip of these, with what makes copying one harder: a comment, extra fields, a member that is not compressed."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.comment = b"a comment"
        for number, (name, content) in enumerate(members.items()):
            info = zipfile.ZipInfo(name, (1980 + number % 99, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_STORED if number % 3 == 0 else zipfile.ZIP_DEFLATED
            info.extra = struct.pack("<2H4s", 0xA220, 4, b"room") if number % 2 else b""
            package.writestr(info, content)
    return path


def bare(path: Path, sheet: str, **parts: bytes) -> Path:
    """The least workbook: a sheet Prices of this XML."""
    kinds = f'Type="{RELATIONS}'
    members = {
        "[Content_Types].xml": b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        b'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        + f'<Override PartName="/xl/workbook.xml" ContentType="{TYPES}.sheet.main+xml"/>'
        f'<Override PartName="/{SHEET}" ContentType="{TYPES}.worksheet+xml"/></Types>'.encode(),
        "_rels/.rels": relations(f'<Relationship Id="r" {kinds}/officeDocument" Target="xl/workbook.xml"/>'),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>'
        '<sheet name="Prices" sheetId="1" r:id="r1"/></sheets></workbook>'.encode(),
        "xl/_rels/workbook.xml.rels": relations(
            f'<Relationship Id="r1" {kinds}/worksheet" Target="worksheets/sheet1.xml"/>'
        ),
        SHEET: sheet.encode(),
    }
    return packed(path, members | parts)


def relations(text: str) -> bytes:
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'<Relationships xmlns="{space}">{text}</Relationships>'.encode()


def worksheet(data: str, before: str = "", after: str = "") -> str:
    return f'<worksheet xmlns="{MAIN}">{before}<sheetData>{data}</sheetData>{after}</worksheet>'


def values(path: Path, sheet: str = "Prices") -> dict[str, Any]:
    """What openpyxl reads, by cell."""
    book = openpyxl.load_workbook(path, read_only=True)
    with warnings.catch_warnings(action="ignore"):  # of what openpyxl would lose
        cells = [cell for row in book[sheet].iter_rows() for cell in row if cell.value is not None]
    book.close()
    return {cell.coordinate: getattr(cell.value, "text", cell.value) for cell in cells}


def placed(rows: list[list[Any]], row: int = 3, column: int = 1) -> dict[str, Any]:
    return {
        address(row + i, column + j): value
        for i, line in enumerate(rows)
        for j, value in enumerate(line)
        if value is not None
    }


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return rich(tmp_path / "ours.xlsx")


class Stream:
    """A file that only goes forward."""

    def __init__(self, file: BinaryIO) -> None:
        self.write, self.flush = file.write, file.flush


def members(path: Path) -> dict[str, tuple[Any, ...]]:
    """Each member as it is packed, with all that the directory says of it but its place."""
    with zipfile.ZipFile(path) as package:
        data, infos = path.read_bytes(), package.infolist()
        starts = sorted(info.header_offset for info in infos)
        stops = dict(zip(starts, [*starts[1:], package.start_dir], strict=True))
        return {
            info.filename: (
                data[info.header_offset : stops[info.header_offset]], info.date_time, info.compress_type, info.extra,
                info.comment, info.external_attr, info.create_version, info.flag_bits,
            )
            for info in infos
        }  # fmt: skip


def test_each_other_part_is_the_same_byte_for_byte_as_it_is_packed(book: Path) -> None:
    before = members(book)
    assert set(INJECTED) < set(before)
    assert {"xl/charts/chart1.xml", "xl/metadata.xml", "xl/comments1.xml", "xl/tables/table1.xml"} < set(before)
    assert fill(book, "Prices", "B4", GRID) == "B4:D6"
    after = members(book)
    assert list(after) == list(before)
    assert {name for name in after if after[name] != before[name]} == {SHEET}
    assert after[SHEET][1:] == before[SHEET][1:]
    with zipfile.ZipFile(book) as package:
        assert package.testzip() is None
        assert package.comment == b"a comment"


def test_a_zip_that_was_streamed_is_edited_too(tmp_path: Path) -> None:
    """Its members say their sizes behind themselves, which the new one does not."""
    path, parts = tmp_path / "ours.xlsx", parts_of(bare(tmp_path / "made.xlsx", worksheet("")))
    with path.open("wb") as file, zipfile.ZipFile(cast("BinaryIO", Stream(file)), "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    before = members(path)
    fill(path, "Prices", "B4", GRID)
    assert {name for name, member in members(path).items() if member != before[name]} == {SHEET}
    with zipfile.ZipFile(path) as package:
        assert {info.filename for info in package.infolist() if not info.flag_bits & 8} == {SHEET}
    assert values(path) == placed(GRID)


def test_what_else_the_sheet_holds_is_the_same(book: Path) -> None:
    before = parts_of(book)[SHEET].decode()
    fill(book, "Prices", "B4", GRID)
    after = parts_of(book)[SHEET].decode()
    assert "x14:sparkline" in after
    assert "x14:dataBar" in after

    def others(xml: str) -> str:
        """Without the rows of the grid; the attributes of the one with a height stay."""
        height = re.search(r'<row r="6"[^>]*?ht="30"[^/>]*', xml)
        assert height
        xml = re.sub(r'<row r="[4-6]"(?:[^>]*/>|.*?</row>)', "", xml)
        return xml + re.sub(r'spans="[\d:]*" ?', "", height[0])

    assert others(after) == others(before)
    assert '<c r="A4" t="s">' in after
    assert '<c r="F5" s="1"><v>7</v></c>' in after


def test_cells_keep_their_formats_and_new_ones_have_those_of_row_or_column(book: Path) -> None:
    fill(book, "Prices", "B4", GRID)
    whole = openpyxl.load_workbook(book, read_only=True)
    with warnings.catch_warnings(action="ignore"):
        sheet = {cell.coordinate: cell for row in whole["Prices"].iter_rows() for cell in row if cell.value}
    assert [sheet[place].number_format for place in ("C4", "C5", "D4", "D5", "B5")] == [
        "General", "0.00", "0.00", "0.00", "General",
    ]  # fmt: skip
    assert [sheet[place].font.bold for place in ("B5", "B6", "D6")] == [False, True, True]
    whole.close()


def test_libreoffice_opens_it_and_computes_with_what_is_there(book: Path, libreoffice: LibreOffice) -> None:
    before = libreoffice.recalculate(book)
    fill(book, "Prices", "B4", GRID)
    found = libreoffice.recalculate(book)
    assert [[found[f"Read!{address(i, j)}"] for j in range(3)] for i in range(3)] == GRID
    assert [[bool(found[f"Read!{address(i + 5, j)}"]) for j in range(3)] for i in range(3)] == [
        [isinstance(value, str) for value in line] for line in GRID
    ]
    assert found["Read!F1"] == 9
    assert found["Prices!K5"] == 3.25 + 1.75 + 1e-7
    assert found.keys() == before.keys()


def test_other_readers_see_the_grid_and_what_stood_there(book: Path) -> None:
    before = values(book)
    fill(book, "Prices", "B4", GRID)
    assert values(book) == before | placed(GRID)
    rows = CalamineWorkbook.from_path(str(book)).get_sheet_by_name("Prices").to_python(skip_empty_area=False)
    assert [line[1:4] for line in rows[3:6]] == GRID


def test_a_workbook_with_macros_stays_one(tmp_path: Path) -> None:
    path = rich(tmp_path / "ours.xlsm")
    parts = parts_of(path)
    types = re.sub(rb'(/xl/workbook.xml" ContentType=")[^"]*', rb"\g<1>" + XLSM.encode(), parts["[Content_Types].xml"])
    packed(path, parts | {"[Content_Types].xml": types})
    fill(path, "Prices", "B4", GRID)
    assert parts_of(path)["xl/vbaProject.bin"] == INJECTED["xl/vbaProject.bin"][0]
    assert parts_of(path)["[Content_Types].xml"] == types
    assert values(path).items() >= placed(GRID).items()


def test_a_text_stays_a_text(tmp_path: Path, libreoffice: LibreOffice) -> None:
    path = tmp_path / "ours.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Prices")
        read = book.add_worksheet("Read")
        for row in range(len(ATTACKS)):
            read.write_formula(row, 0, f"=Prices!A{row + 1}")
            read.write_formula(row, 1, f"=ISTEXT(Prices!A{row + 1})")
            read.write_formula(row, 2, f"=_xlfn.ISFORMULA(Prices!A{row + 1})")
    fill(path, "Prices", "A1", [[text] for text in ATTACKS])
    sheet = parts_of(path)[SHEET].decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    stored, found = values(path), libreoffice.recalculate(path)
    for row, text in enumerate(ATTACKS, 1):
        assert found[f"Read!B{row}"], text
        assert not found[f"Read!C{row}"], text
        if not re.search("[\x00-\x08\r\x0e-\x1f\ufffe\uffff]|_x", text):  # those are escaped
            assert found[f"Read!A{row}"] == text
            assert stored[f"A{row}"] == text
    escaped = {text: stored[f"A{row}"] for row, text in enumerate(ATTACKS, 1)}
    assert escaped["_x0041_"] == "_x005F_x0041_"  # Excel would read it as A
    assert escaped["a\rb"] == "a_x000D_b"
    assert escaped["\ufffe\uffff"] == "_xFFFE__xFFFF_"


def test_filling_again_gives_the_same_file(book: Path) -> None:
    fill(book, "Prices", "B4", GRID)
    once = book.read_bytes()
    with pytest.raises(BookError, match="'Prices'!B4 is not empty; give --force"):
        fill(book, "Prices", "B4", GRID)
    fill(book, "Prices", "B4", GRID, overwrite=True)
    assert book.read_bytes() == once


def test_none_leaves_a_cell_as_it_is(book: Path) -> None:
    before = values(book)
    assert fill(book, "Prices", "E5", [[1, None, 2.0], [], [None, True]]) == "E5:G7"
    assert values(book) == before | {"E5": 1, "G5": 2, "F7": True}


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize(
    ("at", "what"),
    [
        ("I4", "'Prices'!K5 holds a formula, which is never overwritten; clear it, or fill another place"),
        ("F1", "'Prices'!H1 is in the array formula H1:H3, which is never overwritten; fill another place"),
        ("H3", "'Prices'!H3 is in the array formula H1:H3"),
        ("A19", "'Prices'!B20 is in the merged cell B20:D21"),
        ("D21", "'Prices'!D21 is in the merged cell B20:D21"),
        ("A29", "'Prices'!B30 is in the header of the table 'Rents' in B30:C30"),
        ("C33", "'Prices'!C33 is in the totals of the table 'Rents' in B33:C33"),
        ("I33", "'Prices'!I33 is in the pivot table H30:I33"),
    ],
)
def test_what_is_more_than_a_value_is_never_overwritten(book: Path, at: str, what: str, overwrite: bool) -> None:
    before = book.read_bytes()
    with pytest.raises(BookError, match=re.escape(what)):
        fill(book, "Prices", at, GRID, overwrite=overwrite)
    assert book.read_bytes() == before


def test_values_are_overwritten_only_when_asked(book: Path) -> None:
    with pytest.raises(BookError, match="'Prices'!F5 is not empty"):
        fill(book, "Prices", "E4", GRID)
    fill(book, "Prices", "E4", GRID, overwrite=True)
    assert values(book).items() >= placed(GRID, 3, 4).items()


def test_the_rows_of_a_table_can_be_filled(book: Path) -> None:
    assert fill(book, "Prices", "B32", [["B200", 4]]) == "B32:C32"
    assert values(book).items() >= {"B32": "B200", "C32": 4}.items()


@pytest.mark.parametrize(
    "sheet",
    [
        worksheet(""),
        f'<worksheet xmlns="{MAIN}"><sheetData/></worksheet>',
        f'<worksheet xmlns="{MAIN}"><sheetData /><pageMargins left="1"/></worksheet>',
        worksheet('<row r="5"/><row r="6" ht="20" ></row>'),
        worksheet('<row r="2"><c r="A2"><v>1</v></c></row><row r="9"><c r="A9"><v>2</v></c></row>'),
        worksheet("<row/>" * 3 + "<row><c><v>1</v></c><c/><c></c><c><v></v></c><c><v>2</v></c></row>"),
        worksheet('\n<row r="5" spans="5:5">\n<!-- <c r="B5"> --> <c r="E5"><v>1</v></c>\n</row>\n'),
        worksheet('<row r="5" spans=\'5:5\' x="a>b"><c r="B5" s="0"/><c r=\'D5\'><v/></c></row>'),
        worksheet('<row r="5"><c r="G5"><v>1</v></c></row>', "<dimension ref='G5'/>"),
        "\ufeff<?xml version='1.0' encoding='UTF-8'?>\r\n" + worksheet('<row r="4"><c r="C4"/></row>'),
        f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row r="4"><x:c r="A4"><x:v>1</x:v></x:c></x:row>'
        '<x:row r="5"/></x:sheetData></x:worksheet>',
        f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData/></x:worksheet>',
        worksheet('<row r="4"><c r="A4"><v>1</v></c><extLst><ext uri="x"/></extLst></row>'),
        worksheet("", '<dimension ref="J9"/>', '<x xmlns="urn:other"><sheetData><row r="4"/></sheetData></x>'),
        worksheet("", after="<extLst><ext uri='x'>" + "<x>" * 20 + "<f>A1</f>" + "</x>" * 20 + "</ext></extLst>"),
    ],
)  # fmt: skip
def test_xml_of_any_make_is_filled(tmp_path: Path, sheet: str) -> None:
    path = bare(tmp_path / "ours.xlsx", sheet)
    before = values(path)
    fill(path, "Prices", "B4", GRID)
    assert values(path) == before | placed(GRID)
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("Prices").to_python(skip_empty_area=False)
    assert [line[1:4] for line in rows[3:6]] == GRID


def test_a_row_that_grows_no_longer_says_which_columns_it_spans(tmp_path: Path) -> None:
    row = '<row r="5" spans="2:2" ht="30"><c r="B5"/></row>'
    path = bare(tmp_path / "ours.xlsx", worksheet(row + row.replace("5", "6")))
    fill(path, "Prices", "B5", [[1], [1, 2]])
    assert re.findall(rb"<row .*?>", parts_of(path)[SHEET]) == [
        b'<row r="5" spans="2:2" ht="30">',
        b'<row r="6" ht="30">',
    ]


def test_a_strict_workbook_is_filled(tmp_path: Path) -> None:
    """ISO's strict form, which openpyxl does not read, has other namespaces."""
    path = bare(tmp_path / "ours.xlsx", worksheet('<row r="5"><c r="A5"><v>1</v></c></row>'))
    spaces = [(MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main")]
    spaces.append((RELATIONS, "http://purl.oclc.org/ooxml/officeDocument/relationships"))
    for pairs in (spaces, [(strict, usual) for usual, strict in spaces]):
        parts = parts_of(path)
        for old, new in pairs:
            parts = {name: content.replace(old.encode(), new.encode()) for name, content in parts.items()}
        packed(path, parts)
        if pairs is spaces:
            fill(path, "Prices", "B4", GRID)
    assert values(path) == {"A5": 1} | placed(GRID)


cells = st.dictionaries(st.tuples(st.integers(0, 12), st.integers(0, 30)), st.floats(0, 1e9) | st.none(), max_size=40)
anything = st.none() | st.floats(allow_nan=False, allow_infinity=False) | st.text("aé<&\"' =", min_size=1, max_size=5)


@given(cells, st.integers(0, 12), st.integers(0, 30), st.lists(st.lists(anything, max_size=4), max_size=4))
@settings(max_examples=60, deadline=None)
def test_whatever_stood_there_the_result_is_what_typing_it_would_give(
    tmp_path_factory: pytest.TempPathFactory,
    there: dict[tuple[int, int], float | None],
    row: int,
    column: int,
    rows: list[list[Any]],
) -> None:
    path = tmp_path_factory.mktemp("fill") / "ours.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet, format_ = book.add_worksheet("Prices"), book.add_format({"bold": 1})
        for place, value in there.items():
            sheet.write_blank(*place, None, format_) if value is None else sheet.write_number(*place, value)
    before, wanted = values(path), placed(rows, row, column)
    if wanted:
        fill(path, "Prices", address(row, column), rows, overwrite=True)
    assert values(path) == before | wanted


@pytest.mark.parametrize(
    ("at", "message"),
    [
        ("B0", "'B0' is no cell; cells go from A1 to XFD1048576"),
        ("B", "'B' is no cell"),
        ("XFE1", "'XFE1' is no cell"),
        ("A1048577", "'A1048577' is no cell"),
        ("A1:B2", "'A1:B2' is no cell"),
        ("Prices!A1", "'Prices!A1' is no cell"),
        ("٣٣", "is no cell"),
        ("XFD1", "3 rows from XFD1 end beyond XFD1048576; begin further up or left"),
        ("A1048575", "end beyond XFD1048576"),
    ],
)
def test_a_cell_that_is_none_is_named(book: Path, at: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        fill(book, "Prices", at, GRID)


def test_the_last_cell_can_be_filled(book: Path) -> None:
    assert fill(book, "Prices", "$xfd$1048576", [[1]]) == "XFD1048576"
    assert b'<dimension ref="A1:XFD1048576"/>' in parts_of(book)[SHEET]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (float("nan"), "the float for C4 is neither a finite number nor a text"),
        (float("-inf"), "neither a finite number"),
        (10**400, "the int for C4 is neither a finite number"),
        ([1], "the list for C4 is neither"),
        ("x" * 32768, "the text for C4 is longer than 32,767 characters"),
        ("\ud800", "surrogates not allowed"),
        ("🙂" * 16384, "longer than 32,767 characters"),
    ],
)
def test_what_no_cell_can_hold_is_named(book: Path, value: Any, message: str) -> None:
    before = book.read_bytes()
    with pytest.raises(ValueError, match=message):
        fill(book, "Prices", "B4", [["a", value]])
    assert book.read_bytes() == before


def test_there_has_to_be_something_to_fill_in(book: Path) -> None:
    with pytest.raises(ValueError, match="there is nothing to fill in"):
        fill(book, "Prices", "B4", [[None], []])


def with_sheet(sheet: str) -> Callable[[Path], Any]:
    return lambda path: bare(path, sheet)


def signed(path: Path) -> None:
    packed(path, parts_of(path) | {"_xmlsignatures/sig1.xml": b"<Signature/>"})


def twice(path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(path, "a") as package:
        package.writestr(SHEET, worksheet(""))


def chartsheet(path: Path) -> None:
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Data")
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=Data!$A$1:$A$2"})
        book.add_chartsheet("Prices").set_chart(chart)


def in_64_bits(path: Path) -> None:
    """The place of a part as an archive over 4 GB writes it."""
    data = path.read_bytes()
    at = data.index(b"PK\x01\x02")
    path.write_bytes(data[: at + 20] + b"\xff" * 8 + data[at + 28 :])


def changed(old: bytes, new: bytes) -> Callable[[Path], Any]:
    return lambda path: path.write_bytes(path.read_bytes().replace(old, new))


def without(part: str) -> Callable[[Path], Any]:
    return lambda path: packed(path, {name: content for name, content in parts_of(path).items() if name != part})


BOMB = "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;'>]>"
EXTERNAL = "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>"


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (
            lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)),
            "has a password or is an old",
        ),
        (
            lambda path: path.write_bytes(b""),
            "it is no .xlsx, or a damaged one; a copy that Excel has saved anew may do",
        ),
        (lambda path: path.write_text("chip,price"), "it is no .xlsx, or a damaged one"),
        (lambda path: path.write_bytes(path.read_bytes()[:-100]), "it is no .xlsx"),
        (lambda path: path.write_bytes(b"before" + path.read_bytes()), "its zip is not as Excel writes it"),
        (twice, "its zip is not as Excel writes it"),
        (in_64_bits, "it is no .xlsx|its zip is not as Excel writes it|its part .* is missing or damaged"),
        (without(SHEET), "its part 'xl/worksheets/sheet1.xml' is missing or damaged"),
        (without("xl/workbook.xml"), "its part 'xl/workbook.xml' is missing"),
        (without("xl/_rels/workbook.xml.rels"), "its sheet 'Prices' has no cells"),
        (signed, "is signed, and any change breaks the signature; remove it first"),
        (chartsheet, "its sheet 'Prices' has no cells; take one of cells"),
        (with_sheet(BOMB + worksheet("<row><c><v>&b;</v></c></row>")), "it declares a document type"),
        (with_sheet(EXTERNAL + worksheet("<row><c><v>&a;</v></c></row>")), "it declares a document type"),
        (with_sheet("<?xml version='1.0' encoding='latin-1'?>" + worksheet("")), "its encoding is latin-1, not UTF-8"),
        (with_sheet(worksheet("<row>")), r"its part 'xl/worksheets/sheet1.xml' cannot be read \(mismatched tag"),
        (with_sheet(worksheet('<row r="4"/><row r="4"/>')), "row 4 is out of order"),
        (with_sheet(worksheet('<row r="4"><c r="B4"/><c r="A4"/></row>')), "cell A4 is out of order"),
        (with_sheet(worksheet('<row r="x"/>')), "cannot be read"),
        (with_sheet(worksheet("", after='<mergeCells><mergeCell ref="?"/></mergeCells>')), "cannot be read"),
        (with_sheet("<worksheet/>"), "its part 'xl/worksheets/sheet1.xml' has no cells"),
        (with_sheet(worksheet("") + " " * (1 << 27)), "is larger than 128 MB unpacked, which is too large to edit"),
        (with_sheet("<a>" * 10**6), "cannot be read"),
    ],
)
def test_what_cannot_be_edited_says_so_in_one_line_and_stays(tmp_path: Path, damage: Any, message: str) -> None:
    path = bare(tmp_path / "ours.xlsx", worksheet(""))
    damage(path)
    before = path.read_bytes()
    with pytest.raises(BookError, match=message) as raised:
        fill(path, "Prices", "B4", GRID)
    assert str(raised.value).startswith(f"{path}: ")
    assert "\n" not in str(raised.value)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_a_damaged_file_is_an_error_of_ours_or_filled(tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    path = bare(tmp_path_factory.mktemp("fill") / "ours.xlsx", worksheet('<row r="5"><c r="A5"><v>1</v></c></row>'))
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    try:
        before = members(path)
    except (ValueError, LookupError, OSError, NotImplementedError, zipfile.BadZipFile, struct.error):
        before = {}
    try:
        fill(path, "Prices", "B4", GRID)
    except BookError:
        assert path.read_bytes() == content
    else:
        assert {name for name, member in members(path).items() if member != before[name]} == {SHEET}
        with zipfile.ZipFile(path) as package:
            assert package.read(SHEET).count(b"inlineStr") == 6


def test_a_pipe_is_no_workbook(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.xlsx")
    for name in ("pipe.xlsx", "."):
        with pytest.raises(FileError, match="is no file that can be read, but a folder, a pipe or a device"):
            fill(tmp_path / name, "Prices", "B4", GRID)
    with pytest.raises(FileNotFoundError):
        fill(tmp_path / "nonesuch.xlsx", "Prices", "B4", GRID)


def test_the_command_fills_in_the_grid_of_its_options(book: Path) -> None:
    where = ("--sheet", "Prices", "--at", "b4")
    load = ("--models", "DeepSeek-V3,Llama-3.1-405B", "--batch", "128", "--chips-per-model", "4")
    done = run_here("fill", str(book), *where, "--chips", "H100,B200", *load)
    said = f"filled B4:D6 of Prices in {book}; in Excel, Ctrl+Alt+F9 recalculates what reads these cells\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, said, "")
    frame = cost_grid(["H100", "B200"], ["DeepSeek-V3", "Llama-3.1-405B"], batch=128, chips_per_model=4).to_frame()
    found = values(book)
    assert [found[place] for place in ("B4", "C4", "D4", "B5", "B6")] == [
        "$/Mtok as served", "H100 SXM", "B200 SXM", "DeepSeek-V3", "Llama-3.1-405B",
    ]  # fmt: skip
    for place, (_, pair) in zip(("C5", "D5", "C6", "D6"), frame.iterrows(), strict=True):
        priced = pair.why == "priced"
        assert found[place] == (pytest.approx(pair.token_cost * 1e6, rel=1e-15) if priced else pair.why)
    assert found["C5"] == "does not fit"
    again = run_here("fill", str(book), *where, "--chips", "H100,B200", *load)
    assert (again.returncode, again.stdout) == (2, "")
    way_out = "give --force to overwrite what is there, or fill another place"
    assert again.stderr == f"tokensheet: {book}: 'Prices'!B4 is not empty; {way_out}\n"
    assert run_here("fill", str(book), *where, "--chips", "H100,B200", *load, "--force").returncode == 0


def test_the_rows_of_a_grid_are_those_of_its_frame() -> None:
    grid = cost_grid(batch=256)
    header, *lines = grid.to_rows()
    frame = grid.to_frame()
    assert header == ["$/Mtok as served", *frame.chip.unique()]
    assert [line[0] for line in lines] == [*frame.model.unique()]
    costs = ts.cost_per_million(frame.token_cost)
    expected = [cost if why == "priced" else why for cost, why in zip(costs, frame.why, strict=True)]
    assert [value for line in lines for value in line[1:]] == expected


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--sheet", "Prces", "--at", "B4"], "has no sheet 'Prces'; closest: 'Prices'; there are 'Prices', 'Read'"),
        (["--sheet", "\x1b[31m", "--at", "B4"], r"has no sheet '\x1b[31m'; there are 'Prices', 'Read'"),
        (["--sheet", "Prices", "--at", "B"], "'B' is no cell"),
        (["--sheet", "Prices"], "Missing option '--at'"),
        (["--sheet", "Prices", "--at", "B4", "--batch", "many"], '--batch: "many" is not a number'),
        (["--sheet", "Prices", "--at", "XFD1"], "end beyond XFD1048576"),
    ],
)
def test_an_error_is_one_line(book: Path, args: list[str], message: str) -> None:
    before = book.read_bytes()
    done = run_here("fill", str(book), "--chips", "H100", "--models", "DeepSeek-V3", *args)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert message in done.stderr
    assert book.read_bytes() == before
