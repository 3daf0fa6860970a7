"""The script for Google Sheets; the contract's calls are in test_contract.py."""

import json
import re
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import tokensheet as ts
from command_line import run_here
from hosts.sheets import Sheets
from tokensheet_addin.hosts import sheets as host
from tokensheet_templates.kernel import catalogue_date
from tokensheet_udfs.registry import describe, functions

CUSTOM = re.compile(
    r"/\*\*\n \* (.*)\n((?: \* @param .*\n)*) \* @return (.*)\n \* @customfunction\n \*/\nfunction (\w+)\((.*)\)"
)
MENU = {"onOpen", "tokensheetCatalogue", "tokensheetAbout"}
# What sheets.js finds beside it in Code.gs
BESIDE = """
declare const ABOUT: { version: string; functions: number; catalogue: string };
declare namespace Core {
  class CellError { code: string; reason: string }
  function call(name: string, args: unknown[]): unknown[][];
  const CHIPS: Record<string, string | number | null>[], MODELS: typeof CHIPS;
}
"""


@pytest.fixture(scope="module")
def code() -> str:
    return host.code()


def test_every_function_has_its_help_where_sheets_looks_for_it(code: str) -> None:
    found = CUSTOM.findall(code)
    assert [name for *_, name, _ in found] == list(functions())
    for (summary, parameters, returns, _, signature), function in zip(found, functions().values(), strict=True):
        known = re.findall(r"@param \{.*?\} (\w+) (.*)", parameters)
        assert summary == function.help.summary
        assert [text for _, text in known] == [function.help.argument(each) for each in function.parameters]
        assert [argument for argument, _ in known] == re.findall(r"\w+", signature)
        assert returns == f"{function.help.returns} ({function.help.unit})"


def test_no_help_ends_the_comment_that_it_stands_in() -> None:
    def ours() -> None:
        """Ends */ early."""

    assert host.custom_function(describe(ours, "acme", "acme")).count("*/") == 1


def test_at_the_top_level_stand_the_functions_and_the_menu_only(sheets: Sheets) -> None:
    """All else would be macros, or in the way of the user's own functions."""
    ((names,),) = sheets.answers([("names", [])])
    assert set(names) == functions().keys() | MENU | {"SpreadsheetApp"}  # which is Google's


def test_nothing_in_it_is_newer_than_apps_script_reads(sheets: Sheets) -> None:
    command = ["node", "node_modules/acorn/bin/acorn", "--ecma2020", "--silent", "project/Code.gs"]
    done = subprocess.run(command, cwd=sheets.folder, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_it_may_read_and_write_the_one_spreadsheet_only() -> None:
    manifest = json.loads(host.files()["appsscript.json"])
    assert manifest["oauthScopes"] == ["https://www.googleapis.com/auth/spreadsheets.currentonly"]
    assert manifest["runtimeVersion"] == "V8"


def test_a_single_cells_error_says_its_code_and_reason(sheets: Sheets) -> None:
    calls: list[tuple[str, Any]] = [
        ("COMPUTE_TIME", (1, 1, 0)),
        ("COMPUTE_TIME", ("#ERROR!", 1, 1)),
        ("COMPUTE_TIME", ("\0date", 1, 1)),
        ("API_PRICE", ("openai", "gpt-4o", "output")),
    ]
    assert [rows[0][0]["reason"] for rows in sheets.answers(calls)] == [
        "#DIV/0! flops must be > 0, not 0: a division by zero",
        '#VALUE! batch: "#ERROR!" is not a number; "70B", "3.35T", "32k" or "40%" would be',
        "#VALUE! batch is no number",
        "#N/A API_PRICE looks things up in Python; only an add-in with Python has it",
    ]


def asked(sheets: Sheets, function: str) -> list[list[Any]]:
    """What the function asks of Google's services."""
    return sheets.answers([(function, []), ("asked", [])])[1]


def test_the_menu_calls_functions_that_are_there(sheets: Sheets) -> None:
    items = [args for name, *args in asked(sheets, "onOpen") if name == "addItem"]
    assert [caption for caption, _ in items] == ["Catalogue", "About"]
    assert {function for _, function in items} < MENU


def test_about_says_what_computes_and_of_which_day(sheets: Sheets) -> None:
    ((title, text, *_),) = [args for name, *args in asked(sheets, "tokensheetAbout") if name == "alert"]
    assert title == f"tokensheet {version('tokensheet')}"
    assert f"{len(functions())} functions, the catalogue of {catalogue_date()}" in text


def test_the_catalogue_comes_with_its_sources_as_texts_and_never_over_a_sheet(sheets: Sheets) -> None:
    def written(value: Any) -> Any:
        return f"'{value}" if isinstance(value, str) else "" if value is None else value

    calls = asked(sheets, "tokensheetCatalogue")
    assert [args for name, *args in calls if name == "insertSheet"] == [["tokensheet chips"], ["tokensheet models"]]
    ranges = [args for name, *args in calls if name == "getRange"]
    for rows, place, table in zip([args[0] for name, *args in calls if name == "setValues"], ranges,
                                  [ts.chips(), ts.models()], strict=True):  # fmt: skip
        assert rows[1:] == [list(map(written, row.values())) for row in table.values()]
        assert rows[0] == list(next(iter(table.values())))
        assert place == [1, 1, len(rows), len(rows[0])]
        assert ["insertRowsAfter", 2, len(rows) - 2] in calls
        assert ["insertColumnsAfter", 2, len(rows[0]) - 2] in calls
    again = asked(sheets, "tokensheetCatalogue")
    assert [name for name, *_ in again] == [
        "getActiveSpreadsheet",
        "getSheetByName",
        "getSheetByName",
        "getUi",
        "alert",
    ]
    assert "tokensheet chips" in again[-1][1]


def test_googles_services_have_what_the_menu_asks_of_them(sheets: Sheets) -> None:
    """By the types that others keep of them."""
    (sheets.folder / "beside.d.ts").write_text(BESIDE)
    script = (Path(host.__file__).parent / "sheets.js").read_text(encoding="utf-8")
    (sheets.folder / "sheets.js").write_text(script, encoding="utf-8")
    options = [
        "--noEmit",
        "--allowJs",
        "--checkJs",
        "--target",
        "es2020",
        "--lib",
        "es2020",
        "--types",
        "google-apps-script",
    ]
    command = ["node", "node_modules/typescript/bin/tsc", *options, "beside.d.ts", "sheets.js"]
    done = subprocess.run(command, cwd=sheets.folder, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_command_writes_the_project_and_says_what_to_do(tmp_path: Path) -> None:
    done = run_here("addin", "sheets", "--to", "project", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "project").iterdir()} == host.files()
    assert "Extensions > Apps Script" in done.stdout


def test_it_replaces_no_file_unasked(tmp_path: Path) -> None:
    (tmp_path / "appsscript.json").write_text("mine")
    refused = run_here("addin", "sheets", "--to", ".", cwd=tmp_path)
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert "--force" in refused.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["appsscript.json"]
    assert run_here("addin", "sheets", "--to", ".", "--force", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize("given", [["--to", "no/where"], ["--to", "file"], []])
def test_a_folder_that_will_not_do_is_one_clear_line(tmp_path: Path, given: list[str]) -> None:
    (tmp_path / "file").touch()
    refused = run_here("addin", "sheets", *given, cwd=tmp_path)
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
