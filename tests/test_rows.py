"""A sheet that is written by the column holds what was given, as one has it that XlsxWriter writes cell by cell."""

import io
import tracemalloc
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from tokensheet import compute_time
from tokensheet.texts import clean
from tokensheet_templates.book import Book, Sheet, as_numbers
from tokensheet_templates.rows import AT_ONCE, RowSheet
from xlsxwriter.worksheet import Worksheet

TEXTS = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FFF, exclude_characters="\x7f"), max_size=8)
CELLS = st.one_of(st.none(), st.booleans(), st.floats(-1e300, 1e300), TEXTS)
TABLES = st.integers(1, 3).flatmap(lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1))


def sheet_of(write: Any, flavour: str = "native") -> io.BytesIO:
    """A workbook with a sheet that something is written to."""
    file = io.BytesIO()
    book = Book(file, flavour, {})
    write(book.sheet("A"))
    book.store()
    return file


def xml_of(worksheet: type[Worksheet], write: Any) -> list[dict[str, Any]]:
    """Each cell of a sheet: its attributes, its formula and its value."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    write(book.add_worksheet("A", worksheet_class=worksheet), book.add_format({"bold": True}))
    book.close()
    root = ET.fromstring(zipfile.ZipFile(file).read("xl/worksheets/sheet1.xml"))
    return [
        dict(cell.attrib) | {part.tag.partition("}")[2]: (part.text, part.attrib) for part in cell}
        for cell in root.iter("{http://schemas.openxmlformats.org/spreadsheetml/2006/main}c")
    ]


def shown(value: Any) -> str:
    """A constant in as many digits as a file holds; True is another than 1."""
    return f"{value + 0:.16G}" if isinstance(value, float) else repr(clean(value) if isinstance(value, str) else value)


@settings(deadline=None)
@given(TABLES)
def test_constants_come_back_as_they_were(table: list[list[Any]]) -> None:
    file = sheet_of(lambda sheet: sheet.put(1, 2, table))
    found = openpyxl.load_workbook(file)["A"].iter_rows(2, 1 + len(table), 3, 2 + len(table[0]), values_only=True)
    assert [[*map(shown, row)] for row in found] == [[*map(shown, row)] for row in table]


@pytest.mark.parametrize(("relative", "fixed"), [(False, "$"), (True, "")])
@settings(deadline=None)
@given(numbers=st.lists(st.tuples(*[st.floats(1, 1e15)] * 3), min_size=2, max_size=30))
def test_each_row_has_its_own_references_and_value(
    relative: bool, fixed: str, numbers: list[tuple[float, ...]]
) -> None:
    def write(sheet: Sheet) -> None:
        columns = np.array(numbers).T[..., np.newaxis]
        blocks = [sheet.put(4, number, column) for number, column in enumerate(columns)]
        sheet.fill(4, 3, compute_time, *blocks, style="text", relative=relative)

    file = sheet_of(write)
    formulas, values = (openpyxl.load_workbook(file, data_only=only)["A"]["D"][4:] for only in (False, True))
    for row, (formula, value, terms) in enumerate(zip(formulas, values, numbers, strict=True), 5):
        assert formula.value == f"=2*{fixed}A{row}*{fixed}B{row}/{fixed}C{row}"
        assert value.value == compute_time(*terms)


@pytest.mark.parametrize("dynamic", [False, True])
@pytest.mark.parametrize("value", [1.5, 1e300, "a < b & c"])
def test_a_formula_is_written_as_xlsxwriter_writes_it(value: Any, dynamic: bool) -> None:
    formula = '_xlfn.IFNA(B3,IF(B3>C3,"50%",MAX(B3,2*C3)))'
    values = as_numbers(np.array([value], object))
    ours = xml_of(RowSheet, lambda sheet, look: sheet.add_formulas(
        2, 0, formula.replace("%", "%%").replace("3", "%d"), [3] * 5, values, look, dynamic))  # fmt: skip

    def write(sheet: Any, look: Any) -> None:
        if dynamic:
            sheet.write_dynamic_array_formula(2, 0, 2, 0, f"={formula}", look, value)
        else:
            sheet.write_formula(2, 0, f"={formula}", look, value)

    theirs = xml_of(Worksheet, write)
    assert ours == theirs


@pytest.mark.parametrize("value", ["#N/A", "", True])
def test_so_are_errors_blanks_and_truths(value: Any) -> None:
    values = as_numbers(np.array([value], object))
    ours = xml_of(RowSheet, lambda sheet, look: sheet.add_formulas(2, 0, "B%d", [3], values, look, False))
    assert ours == xml_of(Worksheet, lambda sheet, look: sheet.write_formula(2, 0, "=B3", look, value))


def test_a_formula_that_may_give_many_values_is_written_as_xlsxwriter_writes_it() -> None:
    values = np.array([[1.0, 2.0], [3.0, 4.0]])

    def spill(sheet: Any, look: Any) -> None:
        sheet.write_dynamic_array_formula("B3:C4", "=COMPUTE_TIME(D3:E4)", look, 1.0)
        for place, value in zip(("C3", "B4", "C4"), (2, 3, 4), strict=True):
            sheet.write_number(place, value, look)

    ours = xml_of(RowSheet, lambda sheet, look: sheet.add_spilled(2, 1, "COMPUTE_TIME(D3:E4)", values, look))
    assert [cell | {"v": float(cell["v"][0])} for cell in ours] == [
        cell | {"v": float(cell["v"][0])} for cell in xml_of(Worksheet, spill)
    ]


def test_a_number_that_there_is_not_is_an_error_and_a_truth_a_truth() -> None:
    def write(sheet: Sheet) -> None:
        block = sheet.put(0, 0, [[1.0], [0.0]])
        sheet.fill(0, 1, lambda cell: 1 / cell, block, style="text")
        sheet.fill(0, 2, lambda cell: cell > 0, block, style="text")

    sheet = openpyxl.load_workbook(sheet_of(write), data_only=True)["A"]
    assert [[cell.value for cell in row[1:]] for row in sheet.iter_rows()] == [[1, True], ["#DIV/0!", False]]


def test_rows_of_other_heights_and_cells_of_xlsxwriters_own_stand_among_the_others() -> None:
    def write(sheet: Sheet) -> None:
        sheet.put(1, 0, [["a"], ["b"], ["c"]])
        sheet.height(0, 39.75)
        sheet.height(2, 30)
        sheet.height(9, 20.25)
        sheet.raw.write_url(2, 1, "internal:A!A1", None, "there")

    sheet = openpyxl.load_workbook(sheet_of(write))["A"]
    assert [sheet.row_dimensions[row].height for row in (1, 2, 3, 10)] == [39.75, 13.5, 30, 20.25]
    assert sheet["A3"].value == "b"
    assert sheet["B3"].value == "there"
    assert sheet["B3"].hyperlink.location == "A!A1"


def test_two_values_for_one_cell_are_said() -> None:
    def write(sheet: Sheet) -> None:
        sheet.put(0, 0, [["a"], ["b"]])
        sheet.put(1, 0, "c")

    with pytest.raises(ValueError, match="two values for the cell A2"):
        sheet_of(write)


def test_a_constant_that_is_no_number_is_said() -> None:
    with pytest.raises(ValueError, match="A: nan is no constant that a sheet can hold"):
        sheet_of(lambda sheet: sheet.put(0, 0, [[1.0, np.nan]]))


def test_a_chart_keeps_the_numbers_that_it_shows() -> None:
    def write(sheet: Sheet) -> None:
        numbers = sheet.put(0, 1, [[2.0], [4.0]])
        sheet.put(0, 0, [["a"], ["b"]])
        sheet.fill(0, 2, lambda cell: 3 * cell, numbers, style="text")
        chart = sheet.book.raw.add_chart({"type": "line"})
        for column in "BC":
            chart.add_series({"categories": "=A!$A$1:$A$2", "values": f"=A!${column}$1:${column}$2"})
        sheet.raw.insert_chart("F1", chart)

    text = zipfile.ZipFile(sheet_of(write)).read("xl/charts/chart1.xml").decode()
    assert [text.count(f"<c:v>{each}</c:v>") for each in ("a", "b", "2.0", "4.0", "6.0", "12.0")] == [2, 2, 1, 1, 1, 1]


def test_ten_times_the_rows_take_no_more_than_their_numbers(tmp_path: Path) -> None:
    def peak(rows: int) -> int:
        numbers = np.random.default_rng(1).uniform(1, 2, (rows, 1))
        with (tmp_path / "found.xlsx").open("wb") as file:
            tracemalloc.start()
            book = Book(file, "native", {})
            sheet = book.sheet("A")
            sheet.fill(0, 1, lambda cell: 2 * cell, sheet.put(0, 0, numbers), style="text")
            book.store()
            found = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        return found

    few, many = peak(3 * AT_ONCE), peak(30 * AT_ONCE)
    assert many - few < 27 * AT_ONCE * 50  # bytes of a row: the texts of one are 150
