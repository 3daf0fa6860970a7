"""LAMBDA names, calls and spilled blocks, part by part as Excel itself writes them into the file.

What Excel writes was measured in Excel by others (XlsxWriter's comparisons, lerzegov/xln); no Excel ran here.
"""

import re
import shutil
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from openpyxl.worksheet.formula import ArrayFormula
from tokensheet_templates import cost_grid
from tokensheet_udfs.registry import functions
from tokensheet_udfs.spelling import NAMESPACE, as_lambda, lambdas
from workbooks import differences
from xlsxwriter.worksheet import Worksheet

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
# The one record to which cm="1" on a cell refers: "this is a dynamic array"
METADATA = """\
<metadataTypes count="1"><metadataType name="XLDAPR" minSupportedVersion="120000" copy="1" pasteAll="1" \
pasteValues="1" merge="1" splitFirst="1" rowColShift="1" clearFormats="1" \
clearComments="1" assign="1" coerce="1" cellMeta="1"/>\
</metadataTypes><futureMetadata name="XLDAPR" count="1"><bk><extLst><ext uri="{bdbb8cdc-fa1e-496e-a857-3c3f30c029c3}">\
<xda:dynamicArrayProperties fDynamic="1" fCollapsed="0"/></ext></extLst></bk></futureMetadata>\
<cellMetadata count="1"><bk><rc t="1" v="0"/></bk></cellMetadata></metadata>"""


@pytest.fixture(scope="module", params=["lambda", "officejs"])
def book(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    path = tmp_path_factory.mktemp("stored") / f"{request.param}.xlsx"
    return request.param, cost_grid(["H100", "B200"], ["DeepSeek-V3", "Llama-3.1-70B"]).save(path, request.param)


def formula_cells(path: Path) -> dict[str, tuple[dict[str, str], str, dict[str, str]]]:
    """Every formula cell: the formula's attributes, its text, the cell's attributes."""
    cells = {}
    with zipfile.ZipFile(path) as parts:
        for part in parts.namelist():
            if part.startswith("xl/worksheets/sheet"):
                for cell in ElementTree.fromstring(parts.read(part)).iter(f"{MAIN}c"):
                    formula = cell.find(f"{MAIN}f")
                    if formula is not None:
                        cells[f"{part}!{cell.attrib['r']}"] = (formula.attrib, formula.text or "", cell.attrib)
    return cells


def test_each_call_is_a_dynamic_array_and_nothing_else_is(book: tuple[str, Path]) -> None:
    flavour, path = book
    names = "|".join(functions())
    prefix = f"_xldudf_{NAMESPACE}_" if flavour == "officejs" else ""
    called = 0
    for formula, text, cell in formula_cells(path).values():
        calls = re.findall(rf"(\w*?)\b{prefix}({names})\(", text)
        if calls:
            called += 1
            assert formula["t"] == "array"
            assert formula["ref"].split(":")[0] == cell["r"], "the block begins at the cell that holds the formula"
            assert cell["cm"] == "1"
        else:
            assert "t" not in formula
            assert "cm" not in cell
    assert called > 20


def test_the_metadata_part_is_excels_and_is_declared(book: tuple[str, Path]) -> None:
    parts = zipfile.ZipFile(book[1])
    assert parts.read("xl/metadata.xml").decode().endswith(METADATA)
    assert b"vnd.openxmlformats-officedocument.spreadsheetml.sheetMetadata+xml" in parts.read("[Content_Types].xml")
    relations = parts.read("xl/_rels/workbook.xml.rels")
    assert b'relationships/sheetMetadata" Target="metadata.xml"' in relations
    assert "xl/calcChain.xml" not in parts.namelist(), "a stale one makes Excel offer a repair"


def test_a_lambda_name_is_spelled_as_excel_stores_it(tmp_path: Path) -> None:
    path = cost_grid(["H100"], ["DeepSeek-V3"]).save(tmp_path / "book.xlsx", "lambda")
    root = ElementTree.fromstring(zipfile.ZipFile(path).read("xl/workbook.xml"))
    names = {each.attrib["name"]: each.text or "" for each in root.iter(f"{MAIN}definedName")}
    assert {name: names[name] for name in lambdas()} == lambdas()
    assert as_lambda(functions()["COMPUTE_TIME"]) == (
        "_xlfn.LAMBDA(_xlpm.batch,_xlpm.active_params,_xlpm.flops,_xlop.flops_per_param,"
        "IF(_xlfn.ISOMITTED(_xlpm.flops_per_param),2,_xlpm.flops_per_param)*_xlpm.batch*_xlpm.active_params/_xlpm.flops)"
    )
    for name, text in lambdas().items():
        assert not text.startswith("="), name
        assert len(text) < 8192, name
        assert "[" not in text, "[_xlpm.x] makes Excel drop the name"
        # an optional argument is declared with _xlop. and used with _xlpm.
        optional = [each.name for each in functions()[name].parameters if not each.required]
        assert text.count("_xlop.") == len(optional), name
        # XlsxWriter has Excel's list of the functions that are stored with a prefix
        shown = "=" + text.replace("_xlfn.", "")
        assert Worksheet()._prepare_formula(shown, expand_future_functions=True) == text, name


def test_what_a_block_spilled_is_stored_as_constants_and_is_what_the_formula_gives(
    tmp_path: Path, libreoffice: Any
) -> None:
    """LibreOffice knows the functions by their bare names: with these in the file it computes the same blocks."""
    path = cost_grid(["H100", "B200"], ["DeepSeek-V3", "Llama-3.1-70B"]).save(tmp_path / "book.xlsx", "officejs")
    bare = shutil.copy(path, tmp_path / "bare.xlsx")
    with zipfile.ZipFile(path) as parts, zipfile.ZipFile(bare, "w") as changed:
        for part in parts.namelist():
            changed.writestr(part, parts.read(part).replace(b"_xldudf_TOKENSHEET_", b""))
    expected: dict[Any, Any] = {}
    values, blocks = openpyxl.load_workbook(path, data_only=True), 0
    for sheet in openpyxl.load_workbook(path):
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, ArrayFormula):
                    area = values[sheet.title][cell.value.ref]
                    rows = area if isinstance(area, tuple) else ((area,),)
                    blocks += len(rows) * len(rows[0]) > 1
                    expected |= {f"{sheet.title}!{each.coordinate}": each.value for row in rows for each in row}
    assert blocks > 10
    assert None not in expected.values()
    found = libreoffice.recalculate(bare)
    assert not differences(expected, {place: found.get(place) for place in expected})
