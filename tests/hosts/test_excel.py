"""The add-in of Excel on Windows, as it is prepared: its workbook, VBA, ribbon and help. None of it ran in Excel."""

import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest
from hosts.libreoffice import LibreOffice
from tokensheet_addin.hosts import xlwings_functions
from tokensheet_addin.hosts.excel import addin
from tokensheet_udfs.errors import ERRORS
from tokensheet_udfs.registry import functions

TOKENSHEET = Path(sys.executable).parent / "tokensheet"
GOLDEN = Path(__file__).parent / "golden" / "xlwings_udfs.bas"
UI = "{http://schemas.microsoft.com/office/2006/01/customui}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("excel") / "AddIns"
    addin.write_addin(folder, r"C:\Finance & Co\python.exe")
    return folder


@pytest.fixture(scope="module")
def vba(folder: Path) -> dict[str, str]:
    """The VBA of each function, without what stands before the first."""
    text = (folder / addin.FUNCTIONS).read_bytes().decode("ascii").replace("\r\n", "\n")
    parts = re.split(r"^(?=Function )", text, flags=re.MULTILINE)
    assert parts[0].startswith('Attribute VB_Name = "xlwings_udfs"\n')
    return {part.split("(")[0].removeprefix("Function "): part for part in parts[1:]}


def test_the_vba_is_what_xlwings_writes(vba: dict[str, str]) -> None:
    """A function with an optional argument and one with any number of them, held against a file."""
    assert vba["COMPUTE_TIME"] + vba["WHY"] == GOLDEN.read_text(encoding="ascii")


def test_vba_can_read_every_function(vba: dict[str, str]) -> None:
    assert list(vba) == list(functions())
    for name, function in functions().items():
        assert max(map(len, vba[name].splitlines())) < 1023, "the longest line that VBA takes"
        given = re.search(r"\((.*)\)\n", vba[name])
        assert given
        names = [word.removesuffix("()").split()[-1].lower() for word in given[1].split(", ")]
        assert not set(xlwings_functions.VBA_WORDS.split()) & {name.lower(), *names}, name
        assert name.lower() not in names, "VBA takes a name in capitals and small letters for the same"
        assert len(set(names)) == len(names) == len(function.parameters)


def test_the_workbook_is_the_template_but_for_settings_and_ribbon(folder: Path) -> None:
    template = Path(find_spec("xlwings").origin).with_name("quickstart_addin_ribbon.xlam")  # type: ignore[union-attr,arg-type]
    ours, theirs = zipfile.ZipFile(folder / addin.ADDIN), zipfile.ZipFile(template)
    assert ours.testzip() is None
    assert ours.namelist() == theirs.namelist()
    assert {name for name in ours.namelist() if ours.read(name) != theirs.read(name)} == {
        "customUI/customUI.xml",
        "xl/workbook.xml",
        "xl/worksheets/sheet1.xml",
    }
    for name in ours.namelist():
        if name.endswith((".xml", ".rels")):
            ElementTree.fromstring(ours.read(name))


def test_the_settings_name_the_module_and_the_interpreter(folder: Path) -> None:
    book = zipfile.ZipFile(folder / addin.ADDIN)
    assert b'<sheet name="myaddin.conf" ' in book.read("xl/workbook.xml")
    main = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    cells = {cell.get("r"): cell.findtext(f"{main}is/{main}t") for cell in sheet.iter(f"{main}c")}
    assert cells == {
        "A1": "Interpreter_Win",
        "B1": r"C:\Finance & Co\python.exe",
        "A2": "UDF Modules",
        "B2": "tokensheet_addin.hosts.xlwings_functions",
        "A3": "ADD_WORKBOOK_TO_PYTHONPATH",
        "B3": "false",
    }


def test_each_button_calls_a_macro_that_is_there(folder: Path) -> None:
    ribbon = ElementTree.fromstring(zipfile.ZipFile(folder / addin.ADDIN).read("customUI/customUI.xml"))
    called = {button.get("onAction") for button in ribbon.iter(f"{UI}button")}
    macros = (folder / addin.MACROS).read_bytes().decode("ascii")
    assert "\r\n" in macros
    assert called == set(re.findall(r"^Sub (\w+)\(control As IRibbonControl\)", macros, re.MULTILINE))


# A driver of the macros: what TokensheetCells makes of a cell, of one row and of a block, in words
DRIVER = """
Function Words(cell)
    If IsError(cell) Then
        Words = "error " & CLng(cell)
    Else
        Words = cell
    End If
End Function

Function OneCell(result)
    OneCell = Words(TokensheetCells(result))
End Function

Function OneRow(result)
    Dim cells, i As Long
    cells = TokensheetCells(result)
    For i = 0 To UBound(cells)
        cells(i) = Words(cells(i))
    Next i
    OneRow = cells
End Function

Function Block(a, b, c, d)
    Dim cells(1, 1)
    cells(0, 0) = a
    cells(0, 1) = b
    cells(1, 0) = c
    cells(1, 1) = d
    cells = TokensheetCells(cells)
    Block = Array(Words(cells(0, 0)), Words(cells(0, 1)), Words(cells(1, 0)), Words(cells(1, 1)))
End Function
"""


def test_the_macro_makes_errors_of_their_texts(libreoffice: LibreOffice) -> None:
    """In LibreOffice's Basic, which knows VBA's dialect."""
    macros = addin.macros()
    functions = "".join(re.findall(r"^(?:Private )?Function .*?^End Function\n", macros, re.MULTILINE | re.DOTALL))
    cells = [2.5, True, "compute", "", *ERRORS]
    words = [2.5, True, "compute", "", *(f"error {error.excel}" for error in ERRORS.values())]
    found = libreoffice.basic(
        functions + DRIVER,
        *(("OneCell", cell) for cell in cells),
        ("OneRow", cells),
        ("Block", 1.0, "#N/A", "#DIV/0!", "kv"),
    )
    assert found == [*words, words, [1.0, "error 2042", "error 2007", "kv"]]


def test_every_function_and_argument_has_its_help_while_typing(folder: Path) -> None:
    namespace = "{http://schemas.excel-dna.net/intellisense/1.0}"
    tree = ElementTree.parse(folder / addin.INTELLISENSE)
    described = {
        each.get("Name"): (
            each.get("Description"),
            [(arg.get("Name"), arg.get("Description")) for arg in each.iter(f"{namespace}Argument")],
        )
        for each in tree.iter(f"{namespace}Function")
    }
    assert described == {
        name: (
            function.help.summary,
            [
                (each.name if each.required else f"[{each.name}]", function.help.argument(each))
                for each in function.parameters
            ],
        )
        for name, function in functions().items()
    }


def test_another_template_is_one_clear_error() -> None:
    with pytest.raises(ValueError, match="another template"):
        addin.exchange(b"<sheet/>", b"<sheetData>.*</sheetData>", "")


def run(*args: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([TOKENSHEET, "addin", *args], capture_output=True, text=True, env=environment)


def test_install_says_what_to_click_and_remove_leaves_nothing(tmp_path: Path) -> None:
    done = run("install", "excel", APPDATA=str(tmp_path))
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "Microsoft" / "AddIns"
    assert sorted(file.name for file in folder.iterdir()) == sorted(addin.FILES)
    assert [line[:3] for line in done.stdout.splitlines()[1:]] == ["1. ", "2. ", "3. ", "4. "]
    assert str(folder / "tokensheet.xlam") in done.stdout
    (folder / "another.xlam").touch()
    assert run("remove", "excel", "--to", str(folder)).returncode == 0
    assert [file.name for file in folder.iterdir()] == ["another.xlam"]
    again = run("remove", "excel", "--to", str(folder))
    assert (again.returncode, again.stderr) == (2, f"tokensheet: there is no add-in of tokensheet in {folder}\n")


def test_off_windows_a_folder_is_needed() -> None:
    done = run("install", "excel")
    assert done.returncode == 2
    assert done.stderr.startswith("tokensheet: Excel's classic add-ins are for Windows; --to FOLDER")
