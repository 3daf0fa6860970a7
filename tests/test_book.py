"""The ways we use XlsxWriter that its documentation does not promise."""

import io
import zipfile

import xlsxwriter
from tokensheet_templates.book import StoredFormulaSheet


def sheet_xml(worksheet_class: type | None) -> bytes:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    sheet = book.add_worksheet("A", worksheet_class=worksheet_class)
    sheet.write_formula("A1", "=MAX(B1,2*C1)/D1", None, 1.5)
    sheet.write_formula("A2", '=IF(B1>C1,"a","b")', None, "a")
    sheet.write_dynamic_array_formula("A3:A3", "=COMPUTE_TIME(B1,C1,D1)", None, 2.5)
    book.close()
    return zipfile.ZipFile(file).read("xl/worksheets/sheet1.xml")


def test_stored_formulas_are_written_as_xlsxwriter_itself_writes_them() -> None:
    assert sheet_xml(StoredFormulaSheet) == sheet_xml(None)


def test_a_stored_prefix_stays_as_it_is() -> None:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    sheet = book.add_worksheet("A", worksheet_class=StoredFormulaSheet)
    sheet.write_formula("A1", "=_xlfn.IFNA(B1,C1)", None, 1)
    book.close()
    assert b"<f>_xlfn.IFNA(B1,C1)</f><v>1</v>" in zipfile.ZipFile(file).read("xl/worksheets/sheet1.xml")
