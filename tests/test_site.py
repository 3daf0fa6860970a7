"""The docs as a site, built once: each page in Chromium from a plain file server, its links, its twin, the search."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin

import pytest
from axe_playwright_python.sync_playwright import Axe
from calculator_picture import served
from playwright.sync_api import Browser, Page, expect

ALIKE = "document.querySelectorAll('tbody tr:nth-child(n + 9)').forEach(row => row.remove())"  # rows of a long table
FUROS_OWN = ("search.html", "page-has-heading-one")
NARROW, WIDE = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
LINK = re.compile(r"\]\((?!\w+:)([^)#\s]*)(#[^)\s]*)?\)")


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    with served(site) as found:
        yield found


@pytest.fixture(scope="module")
def pages(site: Path) -> list[str]:
    found = (path.relative_to(site).as_posix() for path in site.rglob("*.html"))
    return sorted(page for page in found if not page.startswith(("_", "calculator/")))


def opened(chromium: Browser, address: str, **context: object) -> Page:
    """A page that complains about nothing, and asks nobody but the file server."""
    page = chromium.new_context(**context).new_page()  # type: ignore[arg-type]
    page.on("request", lambda request: pytest.fail(request.url) if not request.url.startswith(address) else None)
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    return page


def test_every_page_passes_axe_and_fits(chromium: Browser, address: str, pages: list[str]) -> None:
    """On a phone in the dark and on a desk in the light, turn by turn; nothing but tables and code is wider than it."""
    looks = [{"viewport": NARROW, "color_scheme": "dark"}, {"viewport": WIDE, "color_scheme": "light"}]
    looking = [opened(chromium, address, **look) for look in looks]
    problems = dict[str, list[str]]()
    for turn, name in enumerate(pages):
        page = looking[turn % 2]
        page.goto(f"{address}{name.replace('search.html', 'search.html?q=token')}")
        if name == "search.html":
            expect(page.locator("#search-results li a").first).to_be_visible()
        wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        page.evaluate(ALIKE)
        found = [each for each in Axe().run(page).response["violations"] if (name, each["id"]) != FUROS_OWN]
        said = [f"{each['id']}: {each['nodes'][0]['html']}" for each in found] + [f"{wider} px too wide"] * (wider > 0)
        problems |= {name: said} if said else {}
    assert problems == {}


def test_the_looks_that_a_reader_can_choose_pass_axe_too(chromium: Browser, address: str) -> None:
    for look in ({"viewport": NARROW, "color_scheme": "light"}, {"viewport": WIDE, "color_scheme": "dark"}):
        page = opened(chromium, address, **look)
        for name in ("index", "how-it-works", "functions/roofline", "cookbook/fast-mode", "tutorials/write-scripts"):
            page.goto(f"{address}{name}.html")
            assert [each["id"] for each in Axe().run(page).response["violations"]] == [], name


def test_every_link_leads_somewhere(site: Path, pages: list[str]) -> None:
    from bs4 import BeautifulSoup

    read = {page: BeautifulSoup((site / page).read_text(encoding="utf-8"), "html.parser") for page in pages}
    anchors = {page: {tag["id"] for tag in html.find_all(id=True)} for page, html in read.items()}
    for page, html in read.items():
        for tag in html.find_all(["a", "img", "link", "script"]):
            target = str(tag.get("href") or tag.get("src") or "")
            if re.match(r"\w+:", target) or not target:
                continue
            address, anchor = urldefrag(urljoin(page, target))
            path = unquote(address.partition("?")[0])
            assert (site / path).exists(), f"{page}: {target}"
            assert not anchor or path not in anchors or unquote(anchor) in anchors[path] | {""}, f"{page}: {target}"


def test_every_page_has_a_twin_whose_links_lead_somewhere(site: Path, pages: list[str]) -> None:
    listed = (site / "llms.txt").read_text(encoding="utf-8")
    for page in set(pages) - {"genindex.html", "search.html"}:
        twin = site / page.replace(".html", ".md")
        text = re.sub(r"^```.*?^```$", "", twin.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
        assert f'href="{twin.name}"' in (site / page).read_text(encoding="utf-8")
        assert page == "index.html" or f"({page.replace('.html', '.md')})" in listed, page
        for target, _ in LINK.findall(re.sub(r"`[^`]*`", "", text)):
            assert not target or (twin.parent / target).exists(), f"{twin}: {target}"


def test_what_is_typed_is_shown_as_it_is_typed(site: Path) -> None:
    """Two hyphens stay two, on one line; a box to tick is one; columns stay below each other."""
    prices, hosts, sweep = (
        (site / page).read_text(encoding="utf-8") for page in ("functions/api_prices.html", "hosts.html", "sweep.html")
    )
    assert '<span class="whole">--as-of</span>' in prices
    assert "☐ The tab" in hosts
    assert "[ ]" not in hosts
    assert re.search(r'class="[^"]*aligned[^>]*>\s*<div class="highlight"><pre>[^\n]*Scenarios with an answer', sweep)


def test_search_finds_functions_and_questions(chromium: Browser, address: str) -> None:
    page = opened(chromium, address, viewport=WIDE)
    for words, wanted in {"COMPUTE_TIME": "Roofline", "fast mode": "What must fast mode cost?"}.items():
        page.goto(f"{address}index.html")
        page.get_by_role("textbox", name="Search").fill(words)
        page.keyboard.press("Enter")
        expect(page.locator("#search-results li a").filter(has_text=wanted).first).to_be_visible()


def test_the_calculator_computes_in_the_site(chromium: Browser, address: str) -> None:
    page = opened(chromium, address, viewport=WIDE)
    page.goto(f"{address}index.html")
    page.get_by_role("link", name="Try it in the browser").click()
    expect(page.locator(".cost")).to_contain_text("per million output tokens")
