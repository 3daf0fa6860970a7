"""The functions in a real LibreOffice Calc, and the extension that brings them there."""

import os
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

import numpy as np
import pytest
import xlsxwriter
from hosts.libreoffice import LibreOffice
from tokensheet import compute_time
from tokensheet_addin.hosts.libreoffice.component import CALC_ERRORS, calc_error, method, rows
from tokensheet_addin.hosts.libreoffice.oxt import build_oxt
from tokensheet_udfs.convert import call
from tokensheet_udfs.errors import CellError
from tokensheet_udfs.registry import Function, functions

OOR = "{http://openoffice.org/2001/registry}"
STEP = 0.004788675429726997


def test_a_number(libreoffice: LibreOffice) -> None:
    assert libreoffice.evaluate("=COMPUTE_TIME(64,37E9,989E12)") == STEP == compute_time(64, 37e9, 989e12)


def test_an_array(libreoffice: LibreOffice) -> None:
    block = libreoffice.evaluate("=COMPUTE_TIME({64;128},37E9,989E12)", rows=2)
    assert block == compute_time(np.array([[64], [128]]), 37e9, 989e12).tolist()


def test_a_column_and_a_row_make_a_block(libreoffice: LibreOffice) -> None:
    cells = {"A2": 1, "A3": 2, "A4": 3, "B1": 10, "C1": 100}
    block = libreoffice.evaluate("=COMPUTE_TIME(Sheet1!A2:A4,Sheet1!B1:C1,2)", 3, 2, cells)
    assert block == [[10, 100], [20, 200], [30, 300]]


def test_a_range_in_an_ordinary_formula(libreoffice: LibreOffice) -> None:
    assert libreoffice.evaluate("=SUM(COMPUTE_TIME(Sheet1!A1:A2,1,2))", cells={"A1": 1, "A2": 2}) == 3


@pytest.mark.parametrize(
    ("formula", "shown"),
    [
        ('=COMPUTE_TIME("x",1,1)', "#VALUE!"),
        ("=COMPUTE_TIME(1,1)", "#VALUE!"),
        ("=COMPUTE_TIME(1,1,0)", "#DIV/0!"),
        ("=COMPUTE_TIME(-1,1,1)", "#NUM!"),
        ('=CHIP("nonesuch","hbm_bytes")', "#N/A"),
        ("=COMPUTE_TIME(NA(),1,1)", "#N/A"),
        ("=COMPUTE_TIME(1,1/0,1)", "#DIV/0!"),
        ("=COMPUTE_TIME(1,1,1,1,1)", "Err:504"),  # LibreOffice counts the arguments itself
        ("=IFERROR(COMPUTE_TIME(1,1,0),7)", 7),
        ('=ISNA(CHIP("nonesuch","hbm_bytes"))', 1),
    ],
)
def test_errors(libreoffice: LibreOffice, formula: str, shown: Any) -> None:
    assert libreoffice.evaluate(formula) == shown


def test_other_formulas_see_the_error(libreoffice: LibreOffice) -> None:
    assert libreoffice.evaluate("=ERROR.TYPE(Sheet1!A1)", cells={"A1": "=COMPUTE_TIME(1,1,0)"}) == 2


def test_an_error_stays_in_its_cell(libreoffice: LibreOffice) -> None:
    block = libreoffice.evaluate('=COMPUTE_TIME({1;0;-1;"x";"2k"},1,2)', rows=5)
    assert block == [[1], ["#NUM!"], ["#NUM!"], ["#VALUE!"], [2000]]


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ('=COMPUTE_TIME("70B",1,2)', 70e9),
        ("=COMPUTE_TIME(1,1,1)", 2),
        ("=COMPUTE_TIME(1,1,1,)", 2),
        ("=COMPUTE_TIME(1,1,1,1)", 1),
        ("=compute_time(1,1,1)", 2),
        ("=COMPUTE_TIME(COMPUTE_TIME(1,1,1),1,1)", 4),
        ("=BOUND(1,2,3)", "kv"),
        ("=FITS(1,1,80E9,1)", 1),
        ('=IF(FITS(1,1,80E9,1),"yes","no")', "yes"),
        ('=IF(FITS(1,1,1,1),"yes","no")', "no"),
        ('=CHIP("H100 SXM","hbm_bytes")', 80e9),
        ('=COMPUTE_TIME(CHIP("H100 SXM","hbm_bytes"),1,2)', 80e9),
        ('=WHY("COMPUTE_TIME",1,1,0)', "flops must be > 0, not 0: a division by zero"),
        ('=WHY("COMPUTE_TIME",1,1)', "COMPUTE_TIME needs flops too"),
        ('=WHY("COMPUTE_TIME",64,37E9,989E12)', "0.0047886754297 s = flops_per_param*batch*active_params/flops"),
    ],
)
def test_values(libreoffice: LibreOffice, formula: str, value: Any) -> None:
    assert libreoffice.evaluate(formula) == value


def test_a_blank_in_a_range_takes_the_default(libreoffice: LibreOffice) -> None:
    assert libreoffice.evaluate("=COMPUTE_TIME(1,1,1,Sheet1!A1:A2)", rows=2, cells={"A2": 1}) == [[2], [1]]


class TestWhereLibreOfficeDiffers:
    """Named in docs/hosts.md; should LibreOffice change, this tells."""

    def test_a_single_blank_cell_arrives_as_zero(self, libreoffice: LibreOffice) -> None:
        assert libreoffice.evaluate("=COMPUTE_TIME(1,1,1,Sheet1!A1)") == "#NUM!"
        assert libreoffice.evaluate("=COMPUTE_TIME(1,1,Sheet1!A1)") == "#DIV/0!"

    def test_an_error_in_a_range_fails_the_whole_call(self, libreoffice: LibreOffice) -> None:
        cells = {"A1": 1, "A2": "=1/0"}
        assert libreoffice.evaluate("=COMPUTE_TIME(Sheet1!A1:A2,1,1)", 2, cells=cells) == [["Err:504"]] * 2
        wrapped = "=COMPUTE_TIME(IFERROR(Sheet1!A1:A2,0),1,1)"
        assert libreoffice.evaluate(wrapped, 2, cells=cells) == [[2], ["#NUM!"]]

    def test_an_error_in_a_computed_array_fails_the_whole_call(self, libreoffice: LibreOffice) -> None:
        assert libreoffice.evaluate("=COMPUTE_TIME(1/{1;0},1,1)", 2) == [["#DIV/0!"]] * 2

    def test_why_of_an_error_is_that_error(self, libreoffice: LibreOffice) -> None:
        assert libreoffice.evaluate('=WHY("COMPUTE_TIME",NA(),1,1)') == "#N/A"


def arguments(function: Function) -> list[float]:
    """A number in the domain of each argument."""
    return [0.5 if each.domain and 2 not in each.domain else 2.0 for each in function.parameters]


def test_every_function_is_there_and_computes_what_the_core_computes(libreoffice: LibreOffice, tmp_path: Path) -> None:
    path = tmp_path / "all.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("All")
        for row, (name, function) in enumerate(functions().items()):
            sheet.write_formula(row, 0, f"={name}({','.join(map(str, arguments(function)))})")
    expected = [call(function, arguments(function)).item() for function in functions().values()]
    found = list(libreoffice.recalculate(path).values())
    assert found == [{"error": value} if isinstance(value, CellError) else value for value in expected]
    assert all(value == {"error": "#NAME?"} for value in libreoffice.recalculate(path, with_addin=False).values())


def test_a_cached_value_is_not_believed(libreoffice: LibreOffice, tmp_path: Path) -> None:
    path = tmp_path / "wrong.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("My sheet")
        sheet.write_formula("B2", "=1+1", None, 123)
        sheet.write_formula("AA3", "=COMPUTE_TIME(1,1,1)", None, 123)
        sheet.write_formula("C4", "=B2&AA3", None, "wrong")
        sheet.write_formula("D5", "=1/AA3-0.5", None, "wrong")
        sheet.write("A1", 5)
        book.add_worksheet("empty")
    known = {"My sheet!B2": 2, "My sheet!AA3": 2, "My sheet!C4": "22", "My sheet!D5": 0}
    assert libreoffice.recalculate(path) == known
    without = libreoffice.recalculate(path, with_addin=False)
    assert [without[place] for place in known] == [2, *[{"error": "#NAME?"}] * 3]


def test_a_workbook_is_printed(libreoffice: LibreOffice, tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "print.xlsx") as book:
        book.add_worksheet().write_formula("A1", "=COMPUTE_TIME(1,1,1)")
    libreoffice.recalculate(tmp_path / "print.xlsx", pdf=tmp_path / "print.pdf")
    assert (tmp_path / "print.pdf").read_bytes().startswith(b"%PDF")


def test_what_is_no_workbook_is_an_error_and_not_the_end(libreoffice: LibreOffice, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"none\.xlsx"):
        libreoffice.recalculate(tmp_path / "none.xlsx")
    assert libreoffice.evaluate("=1+1") == 2


@pytest.mark.usefixtures("libreoffice")
def test_a_plugin_comes_along(tmp_path: Path) -> None:
    installed = tmp_path / "site-packages"
    (installed / "tokensheet_acme-1.0.dist-info").mkdir(parents=True)
    (installed / "tokensheet_acme.py").write_text(
        "from pathlib import Path\n"
        "from tokensheet.equation import equation\n"
        "__all__ = ['acme_type']\n"
        "CHIPS = Path(__file__).with_name('acme_chips.csv')\n"
        "@equation\n"
        "def acme_type(any, sequence=10):\n"
        '    """Names that are UNO\'s own.\n\n'
        "    Parameters\n    ----------\n    any : array_like\n        One [1].\n"
        '    sequence : array_like, optional\n        Two & three [1].\n    """\n'
        "    return any * sequence\n"
    )
    (installed / "acme_chips.csv").write_text("name,bf16_flops,hbm_bytes,hbm_bandwidth\nAcme One,1e15,100e9,4e12\n")
    (installed / "tokensheet_acme-1.0.dist-info/METADATA").write_text("Name: tokensheet-acme\nVersion: 1.0\n")
    (installed / "tokensheet_acme-1.0.dist-info/entry_points.txt").write_text(
        "[tokensheet.functions]\nacme = tokensheet_acme\n[tokensheet.chips]\nacme = tokensheet_acme:CHIPS\n"
    )
    build = "import sys; from tokensheet_addin.hosts.libreoffice.oxt import build_oxt; build_oxt(sys.argv[1])"
    environment = os.environ | {"PYTHONPATH": str(installed)}
    subprocess.run([sys.executable, "-c", build, tmp_path / "acme.oxt"], env=environment, check=True)
    assert not [name for name in ZipFile(tmp_path / "acme.oxt").namelist() if "__pycache__" in name]
    host = LibreOffice(tmp_path / "acme.oxt", tmp_path)
    try:
        assert host.evaluate("=ACME_TYPE({1;2})", rows=2) == [[10], [20]]
        assert host.evaluate('=CHIP("acme one","hbm_bytes")') == 100e9
        assert host.evaluate("=COMPUTE_TIME(1,1,1)") == 2
    finally:
        host.close()


@pytest.mark.usefixtures("oxt")
def test_the_same_code_gives_the_same_file(tmp_path: Path) -> None:
    one, other = (build_oxt(tmp_path / name) for name in ("one.oxt", "other.oxt"))
    assert one.read_bytes() == other.read_bytes()
    assert sorted(tmp_path.iterdir()) == [one, other]


def test_names_and_help_are_the_registrys(oxt: Path) -> None:
    configuration = ElementTree.fromstring(ZipFile(oxt).read("CalcAddIns.xcu"))

    def texts(node: ElementTree.Element, name: str) -> str | None:
        return node.findtext(f"prop[@{OOR}name='{name}']/value")

    nodes = configuration.findall("node/node/node/node")
    described = {
        texts(node, "DisplayName"): (
            texts(node, "CompatibilityName"),
            texts(node, "Description"),
            [(texts(each, "DisplayName"), texts(each, "Description")) for each in node.findall("node/node")],
        )
        for node in nodes
    }
    assert described == {
        name: (
            name,
            function.help.summary,
            [(each.name.replace("_", " "), function.help.argument(each)) for each in function.parameters],
        )
        for name, function in functions().items()
    }


def test_without_the_compiler_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="libreoffice-dev"):
        build_oxt(tmp_path / "tokensheet.oxt")
    assert list(tmp_path.iterdir()) == []


def test_calc_carries_an_error_in_a_nan() -> None:
    assert struct.pack(">d", calc_error(519)) == bytes.fromhex("7ff8000000000207")
    assert all(np.isnan(error) for error in CALC_ERRORS.values())
    assert len(CALC_ERRORS) == 7, "Calc knows no errors of dynamic arrays"


def test_calc_gets_floats_and_texts_only() -> None:
    assert [type(cell) for cell in rows(np.array([[True, False]]))[0]] == [float, float]
    assert [type(cell) for cell in rows(np.array([[2**40]]))[0]] == [float]
    assert [type(cell) for cell in rows(np.array([["kv"]]))[0]] == [str]
    mixed = np.array([[True, 2**40, np.float64(0.5), "text", CellError("#SPILL!", "")]], object)
    assert [type(cell) for cell in rows(mixed)[0]] == [float, float, float, str, float]


def test_what_goes_wrong_unexpectedly_is_logged(capsys: pytest.CaptureFixture[str]) -> None:
    answer = method(functions()["WHY"])(None, "COMPUTE_TIME", 5)
    assert struct.pack(">d", answer[0][0]) == struct.pack(">d", CALC_ERRORS["#VALUE!"])
    assert "Traceback" in capsys.readouterr().err
