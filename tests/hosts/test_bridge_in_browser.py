"""The bridge's pages in a real browser, as Excel's web view would run them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import tokensheet as ts
from hosts.bridge import SHIM, Bridge, Browser
from hosts.contract import NA, Error
from playwright.sync_api import Dialog, Page, Route, expect
from tokensheet_udfs.registry import functions


def test_every_function_of_the_metadata_is_associated(browser: Browser) -> None:
    assert browser.page.evaluate("() => excel.functions()") == list(functions())
    assert browser.page.evaluate("() => excel.startup") == "Load"


def test_reasons_reach_the_cell(browser: Browser) -> None:
    cells = browser.page.evaluate("""async () => [
        await excel.call("COMPUTE_TIME", [[["x"]], [[1]], [[1]], null], null),
        await excel.call("COMPUTE_TIME", [[[1], [-1]], [[1]], [[1]], null], null),
        await excel.call("COMPUTE_TIME", [[["#SPILL!"]], [[1]], [[1]], null], null)]""")
    wrong = {"error": "#VALUE!", "reason": 'batch: "x" is not a number; "70B", "3.35T", "32k" or "40%" would be'}
    outside = {"error": "#NUM!", "reason": "batch must be > 0, not -1"}
    unknown = {"error": "#VALUE!", "reason": "batch is the error #SPILL! already"}
    assert cells == [[[wrong]], [[2.0], [outside]], [[unknown]]]


def test_a_data_type_counts_as_what_it_shows(browser: Browser) -> None:
    cells = browser.page.evaluate("""() => excel.call("COMPUTE_TIME", [[[
        {type: "FormattedNumber", basicValue: 2, numberFormat: "0.0"},
        {type: "Error", basicType: "Error", basicValue: "#N/A"}, {type: "Empty"}]], [[1]], [[1]]], null)""")
    assert [cell["error"] if isinstance(cell, dict) else cell for cell in cells[0]] == [4, "#N/A", "#VALUE!"]


def test_what_is_not_finite_is_an_error_and_not_0(browser: Browser, bridge: Bridge) -> None:
    page = browser.open(f"{bridge.url}/taskpane.html")
    answer = "new Response(JSON.stringify([{ result: [[1, null]] }]))"
    [[one, wrong]] = page.evaluate(f"""() => {{
        globalThis.fetch = async () => {answer};
        return excel.call("COMPUTE_TIME", [[[1]], [[1]], [[1]], null], null);
    }}""")
    assert (one, wrong["error"]) == (1, "#NUM!")
    page.context.close()


def test_a_large_recalculation_goes_in_several_requests_and_each_answer_to_its_cell(browser: Browser) -> None:
    asked: list[int] = []
    count = lambda request: asked.append(len(json.loads(request.post_data))) if request.method == "POST" else None  # noqa: E731
    browser.page.on("request", count)
    batch: list[tuple[str, tuple[Any, ...]]] = [("COMPUTE_TIME", (number, 1, 1)) for number in range(1, 4501)]
    batch[7] = ("COMPUTE_TIME", (Error("#N/A"), 1, 1))
    found = browser.call_many(batch)
    browser.page.remove_listener("request", count)
    assert sorted(asked) == [500, 2000, 2000]
    assert found[7] == [[NA]]
    assert [rows for index, rows in enumerate(found) if index != 7] == [[[2.0 * n]] for n in range(1, 4501) if n != 8]


def test_large_results_are_asked_for_one_by_one(browser: Browser) -> None:
    batch = [("COMPUTE_TIME", (tuple((n,) for n in range(1, 801)), (tuple(range(1, 801)),), each)) for each in (2, 4)]
    asked: list[int] = []
    count = lambda request: asked.append(len(json.loads(request.post_data or "[]")))  # noqa: E731
    browser.page.on("request", count)
    found = browser.call_many(batch)
    browser.page.remove_listener("request", count)
    assert asked == [1, 1]
    assert [rows[-1][-1] for rows in found] == [2 * 800 * 800 / 2, 2 * 800 * 800 / 4]


@pytest.fixture
def pane(browser: Browser, bridge: Bridge) -> Iterator[Page]:
    page = browser.open(f"{bridge.url}/taskpane.html")
    problems: list[object] = []
    page.on("pageerror", lambda problem: problems.append(problem))
    page.wait_for_selector(".entry")
    yield page
    assert not problems
    page.context.close()


def test_find_a_function_try_it_and_insert_it(pane: Page) -> None:
    pane.get_by_placeholder("Search functions").fill("compute time")
    pane.locator(".entry").first.click()
    insert = pane.get_by_role("button", name="Insert in cell")
    expect(insert).to_be_disabled()
    for label, text in (("batch sequences", "64"), ("active params parameters", "37B"), ("flops FLOP/s", "989T")):
        pane.get_by_label(label).fill(text)
    expect(pane.locator("output")).to_have_text("0.004788675 s")
    insert.click()
    assert pane.evaluate("() => excel.written") == [['=TOKENSHEET.COMPUTE_TIME(64, "37B", "989T")']]
    pane.locator("#argument-0").fill("Sheet1!$B$2:B9")
    insert.click()
    assert pane.evaluate("() => excel.written") == [['=TOKENSHEET.COMPUTE_TIME(Sheet1!$B$2:B9, "37B", "989T")']]
    pane.locator("#argument-0").fill("-1")
    expect(pane.locator("output")).to_have_text("batch must be > 0, not -1")


def test_a_chip_called_like_a_cell_is_its_name(pane: Page) -> None:
    pane.get_by_placeholder("Search functions").fill("chip")
    pane.locator(".entry").first.click()
    spellings = {"H100": '"H100"', "b200": '"b200"', "H101": "H101", "=A1&B1": "A1&B1", 'a "b"': '"a ""b"""'}
    for name, spelled in spellings.items():
        pane.locator("#argument-0").fill(name)
        pane.locator("#argument-1").fill("hbm_bytes")
        expect(pane.locator(".result code")).to_have_text(f'=TOKENSHEET.CHIP({spelled}, "hbm_bytes")')


def test_browse_the_catalogue(pane: Page) -> None:
    pane.get_by_role("tab", name="Chips").click()
    expect(pane.locator(".entry")).to_have_count(len(ts.chips()))
    pane.get_by_placeholder("Search chips").fill("h100 sxm")
    pane.locator(".entry").first.click()
    expect(pane.locator("dl")).to_contain_text(ts.chips()["H100 SXM"]["spec_source"])
    pane.get_by_role("button", name="hbm_bytes").click()
    assert pane.evaluate("() => excel.written") == [['=TOKENSHEET.CHIP("H100 SXM", "hbm_bytes")']]
    pane.get_by_role("tab", name="Models").click()
    expect(pane.locator(".entry")).to_have_count(len(ts.models()))


NAMES = [
    "=1+1", '=HYPERLINK("http://evil.example","click")', '"&A1&"', "'=1+1", "<img src=x onerror=alert(1)>", "1E5",
    "<script>alert(1)</script>", "&quot;", "[red]", "${7*7}", "`", "\\",
]  # fmt: skip


@pytest.fixture
def hostile(browser: Browser, bridge: Bridge) -> Iterator[Page]:
    """The pane with chips, functions and workbooks whose every text tries to be more."""
    page = browser.chromium.new_page()
    page.add_init_script(path=SHIM)
    office = "https://appsforoffice.microsoft.com/lib/1/hosted/office.js"
    page.route(office, lambda route: route.fulfill(body="", content_type="text/javascript"))
    tried: list[str] = []

    def shown(dialog: Dialog) -> None:
        tried.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", shown)
    page.on("request", lambda asked: None if asked.url.startswith((bridge.url, office)) else tried.append(asked.url))

    def answer(route: Route) -> None:
        pages = route.fetch().json()
        chip = pages["chips"][0]
        pages["chips"] = [dict.fromkeys(chip, name) for name in NAMES]
        pages["choices"]["chips"] = NAMES
        pages["templates"] = [{"name": name, "summary": name} for name in NAMES]
        route.fulfill(json=pages)

    page.route("**/help.json", answer)
    page.goto(f"{bridge.url}/taskpane.html")
    page.wait_for_selector(".entry")
    yield page
    assert tried == []
    page.close()


def test_what_the_pane_shows_and_inserts_is_text(hostile: Page) -> None:
    hostile.get_by_role("tab", name="Chips").click()
    assert hostile.locator(".entry .name").all_text_contents() == [f"{name}unverified" for name in NAMES]
    for number, name in enumerate(NAMES):
        hostile.locator(".entry").nth(number).click()
        expect(hostile.locator("h2")).to_have_text(name)
        hostile.get_by_role("button", name="Insert the chip's name").click()
        assert hostile.evaluate("() => excel.written") == [[f"'{name}"]]
        hostile.get_by_role("button", name="hbm_bytes", exact=True).click()
        spelled = name.replace('"', '""')
        assert hostile.evaluate("() => excel.written") == [[f'=TOKENSHEET.CHIP("{spelled}", "hbm_bytes")']]
        hostile.locator(".back").click()
    hostile.get_by_role("tab", name="Workbooks").click()
    expect(hostile.locator(".card")).to_have_count(len(NAMES))
    hostile.get_by_role("tab", name="Functions").click()
    hostile.get_by_placeholder("Search functions").fill("chip")
    hostile.locator(".entry").first.click()
    for name in NAMES:
        hostile.locator("#argument-0").fill(name)
        hostile.locator("#argument-1").fill("hbm_bytes")
        spelled = name.replace('"', '""')
        expect(hostile.locator(".result code")).to_have_text(f'=TOKENSHEET.CHIP("{spelled}", "hbm_bytes")')


def test_open_a_workbook(pane: Page) -> None:
    pane.get_by_role("tab", name="Workbooks").click()
    pane.get_by_role("button", name="Open in Excel").first.click()
    expect(pane.locator("#said")).to_have_text("Opened in a new window.")
    assert pane.evaluate("() => excel.opened") > 10_000
