"""The static add-in in a real browser: plain files, a strict policy, and after the first load no network."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from command_line import run_here
from hosts.bridge import Browser
from hosts.static import FileServer
from playwright.sync_api import Page, expect
from tokensheet.plugins import contributions
from tokensheet_addin.hosts import static
from tokensheet_udfs.registry import functions

BOOKS = [name for _, name, _ in contributions("templates")]


def test_every_function_is_there_and_computes_in_the_page(static_addin: Browser) -> None:
    assert static_addin.page.evaluate("() => excel.functions()") == list(functions())
    asked: list[str] = []
    static_addin.page.on("request", lambda request: asked.append(request.url))
    assert static_addin.call("COMPUTE_TIME", (64, "37B", "989T")) == [[0.004788675429726997]]
    assert asked == []


@pytest.fixture
def pane(static_addin: Browser, static_files: FileServer) -> Iterator[Page]:
    page = static_addin.open(f"{static_files.url}/taskpane.html")
    problems: list[object] = []
    page.on("pageerror", lambda problem: problems.append(problem))
    page.on("console", lambda said: problems.append(said.text) if "Content Security Policy" in said.text else None)
    page.wait_for_selector(".entry")
    yield page
    assert not problems
    page.context.close()


def test_it_works_without_the_network_after_the_first_load(pane: Page, static_files: FileServer) -> None:
    pane.evaluate("() => navigator.serviceWorker.ready")
    pane.reload()  # now the service worker has seen every file
    pane.wait_for_selector(".entry")
    pane.context.set_offline(True)
    pane.reload()
    pane.get_by_placeholder("Search functions").fill("compute time")
    pane.locator(".entry").first.click()
    for label, text in (("batch sequences", "64"), ("active params parameters", "37B"), ("flops FLOP/s", "989T")):
        pane.get_by_label(label).fill(text)
    expect(pane.locator("output")).to_have_text("0.004788675 s")


def test_the_pane_explains_the_selected_cell(pane: Page) -> None:
    pane.get_by_role("tab", name="Why").click()
    pane.evaluate("""() => {
        excel.cells = {"Sheet1!A1": [["DeepSeek-V3"]], "My 'own'!B2:B3": [[64], [-1]]};
        excel.selected = `=TOKENSHEET.DECODE_COST(A1, "H200", 'My ''own'''!B2:B3, 4096, 8)`;
    }""")
    pane.get_by_role("button", name="Explain the selected cell").click()
    expect(pane.locator(".result p").first).to_contain_text("time to read the weights as they are spread")
    expect(pane.locator(".result p").last).to_have_text("batch must be > 0, not -1")
    for formula, said in {
        "=SUM(A1)": "whole formula",
        "=TOKENSHEET.MEMORY_TIME(1+1,1,1)": "1+1 is computed by",
    }.items():
        pane.evaluate("formula => { excel.selected = formula; }", formula)
        pane.get_by_role("button", name="Explain the selected cell").click()
        expect(pane.locator(".result .wrong")).to_contain_text(said)


def test_the_workbooks_come_along(static_folder: Path, pane: Page) -> None:
    for name in BOOKS:
        assert zipfile.is_zipfile(static_folder / "workbooks" / f"{name}.xlsx")
    pane.get_by_role("tab", name="Workbooks").click()
    expect(pane.get_by_role("combobox")).to_have_count(0)  # there is one spelling
    pane.get_by_role("button", name="Open in Excel").first.click()
    expect(pane.locator("#said")).to_have_text("Opened in a new window.")


def test_the_manifest_has_the_address_and_every_file_of_it_is_there(static_folder: Path) -> None:
    text = (static_folder / "manifest.xml").read_text(encoding="utf-8")
    urls = [
        each.attrib["DefaultValue"] for each in ElementTree.fromstring(text).iter() if "DefaultValue" in each.attrib
    ]
    local = [url.removeprefix("https://example.com/sheet/") for url in urls if url.startswith("https://")]
    assert {"functions.js", "functions.json", "taskpane.html"} <= set(local)
    assert all((static_folder / path).is_file() for path in local)
    assert {each["id"] for each in json.loads((static_folder / "functions.json").read_text())["functions"]} == set(
        functions()
    )


@pytest.mark.parametrize("url", ["http://example.com", "example.com/x", "https://", "ftp://a.b", "https://a.b/?x=1"])
def test_an_address_that_excel_would_not_load_is_refused(url: str, tmp_path: Path) -> None:
    done = run_here("addin", "static", "--to", str(tmp_path / "x"), "--url", url)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "--url must be the folder's address, such as https://example.com/tokensheet" in done.stderr
    assert not (tmp_path / "x").exists()


def test_what_is_in_the_folder_is_not_written_over_unasked(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    done = run_here("addin", "static", "--to", str(tmp_path), "--url", "https://example.com")
    assert done.returncode == 2
    assert "has files already; give --force" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_other_contents_are_another_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    one = static.files("https://example.com")["offline.js"]
    assert one == static.files("https://example.com")["offline.js"]
    assert one != static.files("https://example.org")["offline.js"]
