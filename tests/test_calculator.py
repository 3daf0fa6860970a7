"""The page to try it, in Chromium, from a plain file server: what it says is what the core says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
import tokensheet as ts
from axe_playwright_python.sync_playwright import Axe
from calculator_picture import HERE, served
from cookbook import in_a_cell
from playwright.sync_api import Browser, Page, expect

# By the page as it opens
ASKED: dict[str, Any] = {"model": "DeepSeek-V3", "chip": "H200 SXM", "batch": 64, "context": 4096}
OPENS = f"${1e6 * ts.decode_cost(*ASKED.values()):.2f}"
ENDS = {
    "calibrated": ".cost data",
    "low": ".band data >> nth=0",
    "high": ".band data >> nth=1",
    "ideal": ".band data >> nth=2",
}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served() as found:
        yield found


@pytest.fixture
def page(chromium: Browser, address: str) -> Iterator[Page]:
    """The calculator in a page of its own, which neither complains nor asks anybody else."""
    context = chromium.new_context(viewport={"width": 1280, "height": 820})
    found = context.new_page()
    problems: list[str] = []
    found.on("console", lambda message: problems.append(message.text))  # a violation of the policy among them
    found.on("pageerror", lambda error: problems.append(str(error)))
    found.on("request", lambda request: None if request.url.startswith(address) else problems.append(request.url))
    found.goto(address)
    yield found
    assert problems == []
    context.close()


def open_question(page: Page, address: str, **question: Any) -> None:
    page.goto(f"{address}#{urlencode(question)}")


def value(page: Page, place: str) -> float:
    return float(page.locator(f"#answer {place}").get_attribute("value") or "nan")


def costs(**question: Any) -> dict[str, float]:
    return {end: 1e6 * ts.decode_cost(**question, estimate=end) for end in ENDS}


def test_it_opens_with_the_readmes_question(page: Page) -> None:
    expect(page.locator(".cost")).to_have_text(f"{OPENS}per million output tokens")
    assert {end: value(page, place) for end, place in ENDS.items()} == pytest.approx(costs(**ASKED))
    expect(page.locator("#cost")).to_have_text('=DECODE_COST("DeepSeek-V3","H200 SXM",64,4096)*1E6')
    chip, model = ts.chips()[ASKED["chip"]], ts.models()[ASKED["model"]]
    for source in (chip["spec_source"], chip["price_source"], chip["price_notes"], model["source"]):
        expect(page.locator("#sources")).to_contain_text(source)


def test_random_questions_get_the_cores_answers(page: Page, address: str) -> None:
    """Cost, ends of the band, floor, time, chips, input; and the formulas to paste give the same."""
    rng = np.random.default_rng()
    rented = [name for name, row in ts.chips().items() if row["usd_per_hour"]]
    for _ in range(8):
        question: dict[str, Any] = {
            "model": str(rng.choice([*ts.models()])),
            "chip": str(rng.choice(rented)),
            "batch": int(2 ** rng.uniform(0, 12)),
            "context": int(10 ** rng.uniform(0, 5)),
            "precision": str(rng.choice(["bf16", "fp8", "fp4"])),
            "utilization": round(rng.uniform(0.05, 1), 2),
        }
        open_question(page, address, **question)
        expect(page.locator("#cost")).to_contain_text(f",{question['batch']},{question['context']}")
        wanted = costs(**question)
        assert {end: value(page, place) for end, place in ENDS.items()} == pytest.approx(wanted), question
        assert in_a_cell(page.locator("#cost").inner_text()) == pytest.approx(wanted["calibrated"])
        names = {name: question[name] for name in ("model", "chip", "batch", "context", "precision")}
        chips, step = ts.chips_needed(**names), ts.decode_time(**names)
        facts = page.locator("#facts")
        expect(facts).to_contain_text(f"Chips{chips:,.0f}")
        expect(facts).to_contain_text(f"Time per token{1e3 * step:#.3g} ms" if 1e-3 <= step < 0.1 else "Time per token")
        prompt = {name: question[name] for name in ("model", "chip", "precision", "utilization")}
        charged = ts.prefill_cost(**prompt, input_tokens=question["context"], chips=chips)
        assert float(facts.locator("data").get_attribute("value") or 0) == pytest.approx(1e6 * charged)


def test_what_the_cost_is_for_is_what_explain_says(page: Page) -> None:
    wanted = ts.explain(ts.decode_cost, *ASKED.values())
    found = page.evaluate("""async (given) => (await import("./functions.mjs")).explain("DECODE_COST", given)""",
                          [*ASKED.values()])  # fmt: skip
    assert [(each["key"], each["label"]) for each in found["parts"]] == [
        (each.key, each.label) for each in wanted.parts
    ]
    assert [each["share"] for each in found["parts"]] == pytest.approx([each.share for each in wanted.parts], rel=1e-6)
    assert found["binds"] == wanted.binds
    terms = {each.key: each.value for each in wanted.terms}
    assert {key: found["values"][key] for key in terms} == pytest.approx(terms)
    shown = page.locator("#parts li").all_inner_texts()
    assert len(shown) == len([each for each in wanted.parts if each.share >= 0.005])
    assert re.split(r"\n+", shown[0])[:2] == [wanted.parts[0].label, f"{wanted.parts[0].share:.0%}".replace("%", " %")]
    expect(page.locator("#binds")).to_have_text("The floor is bound by reading the weights.")
    sentence = in_a_cell(page.locator("#why").inner_text())
    assert sentence.startswith(f"{terms['token_cost']:.4g} USD/token = ")


def test_the_curve_is_the_same_question_at_other_batches(page: Page, address: str) -> None:
    open_question(page, address, **ASKED, chips=8)
    page.get_by_text("The curve as a table").click()
    rows = [row.split("\t") for row in page.locator("#points tr").all_inner_texts()]
    for batch, *found in rows:
        at_batch = costs(**ASKED | {"batch": float(batch.replace(",", ""))}, chips=8)
        for end, text in zip(("low", "calibrated", "high", "ideal"), found, strict=True):
            assert float(text.replace(",", "")) == pytest.approx(at_batch[end], rel=0.005)
    expect(page.locator("#curve-hint")).to_contain_text(f"a batch above {rows[-1][0]} does not fit")
    most = float(rows[-1][0].replace(",", ""))
    assert ts.decode_cost(**ASKED | {"batch": most}, chips=8) > 0
    with pytest.raises(ts.DoesNotFit):
        ts.decode_cost(**ASKED | {"batch": most + 1}, chips=8)
    expect(page.get_by_role("img", name="Cost against batch: $")).to_have_attribute(
        "aria-label", re.compile(f"{re.escape(OPENS)} at 64,")
    )


def test_the_keyboard_alone_asks_another_question(page: Page) -> None:
    page.keyboard.press("Tab")  # Copy link
    page.keyboard.press("Tab")
    expect(page.get_by_label("Model")).to_be_focused()
    page.keyboard.type("Llama-3.1-70B")
    for text in ("B200", "bf16", "4", "16", "32k", "50%"):
        page.keyboard.press("Tab")
        page.keyboard.type(text)
    page.keyboard.press("Tab")  # Terms
    page.keyboard.press("Tab")
    page.keyboard.type("3.5")
    question = {"model": "Llama-3.1-70B", "chip": "B200 SXM", "batch": 16, "context": 32000, "precision": "bf16"}
    wanted = costs(**question, chips=4, usd_per_hour=3.5, utilization=0.5)
    assert value(page, ENDS["calibrated"]) == pytest.approx(wanted["calibrated"])
    expect(page.locator("#cost")).to_have_text(
        '=DECODE_COST("Llama-3.1-70B","B200 SXM",16,"32k",4,3.5,"bf16",,"50%")*1E6'
    )
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Start over")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".cost data")).to_have_text(OPENS)


REFUSED = [
    ("model", {"model": "nonesuch"}),
    ("batch", {"batch": "0"}),
    ("batch", {"batch": ""}),
    ("context", {"context": "the batch"}),
    ("utilization", {"utilization": "120%"}),
    ("price_basis", {"chip": "H100 PCIe"}),
    ("usd_per_hour", {"chip": "L4"}),
    ("chips", {"chips": "1"}),
    ("precision", {"precision": "fp7"}),
]


@pytest.mark.parametrize(("field", "changed"), REFUSED)
def test_what_has_no_answer_says_why_beside_its_field_and_leaves_no_number(
    page: Page, address: str, field: str, changed: dict[str, str]
) -> None:
    expect(page.locator("#figures")).to_be_visible()
    open_question(page, address, **{**ASKED, **changed})
    reason = page.locator("#answer .wrong")
    expect(reason).to_be_visible()
    expect(page.locator("#figures")).to_be_hidden()
    expect(page.locator("#answer data")).to_have_count(0)
    asked = page.locator(f"#{field}")
    expect(asked).to_have_attribute("aria-invalid", "true")
    expect(page.locator("[aria-invalid=true]")).to_have_count(1)
    expect(asked).to_have_accessible_description(reason.inner_text())
    page.get_by_role("button", name="Start over").click()
    expect(page.locator("[aria-invalid=true]")).to_have_count(0)
    expect(page.locator(".cost data")).to_have_text(OPENS)


def test_too_few_chips_are_told_how_many_it_takes(page: Page, address: str) -> None:
    open_question(page, address, **ASKED, chips=2)
    with pytest.raises(ts.DoesNotFit) as wanted:
        ts.decode_cost(**ASKED, chips=2)
    expect(page.locator("#answer")).to_contain_text(f"{wanted.value}")
    expect(page.locator("#answer")).to_contain_text("It takes 8 chips: leave Chips blank for the fewest.")


def test_a_chip_that_was_never_measured_says_so(page: Page, address: str) -> None:
    open_question(page, address, **ASKED | {"chip": "Gaudi 3"}, usd_per_hour=1)
    expect(page.locator("#notes")).to_contain_text(
        "The estimate was fitted without Gaudi 3, and without any chip of Intel"
    )
    expect(page.locator("#notes")).not_to_contain_text("usd_per_hour")


def test_a_question_is_a_link(page: Page) -> None:
    page.locator("#batch").fill("256")
    page.get_by_label("Terms").select_option("on demand")
    page.locator("#chips").fill("16")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    link = page.evaluate("() => navigator.clipboard.readText()")
    assert link == page.url
    said = page.locator("#answer").inner_text()
    other = page.context.new_page()
    other.goto(link)
    expect(other.locator("#answer")).to_have_text(page.locator("#answer").text_content() or "")
    assert other.locator("#answer").inner_text() == said
    assert other.get_by_label("Terms").input_value() == "on demand"
    other.close()


def test_a_formula_is_copied(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("[data-copies=cost]").click()
    expect(page.locator("[data-copies=cost]")).to_have_text("Copied")
    assert page.evaluate("() => navigator.clipboard.readText()") == page.locator("#cost").inner_text()
    page.locator("#batch").fill("65")
    expect(page.locator("[data-copies=cost]")).to_have_text("Copy")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_it_can_be_read_by_all(page: Page, address: str, width: int, scheme: Any) -> None:
    """Names, roles and contrasts, by axe; nothing beyond the right edge, with an answer and without one."""
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    for batch in (64, 0):
        open_question(page, address, **ASKED | {"batch": batch})
        expect(page.locator("#answer .wrong")).to_have_count(0 if batch else 1)
        for more in page.locator("#figures:visible details").all():
            more.evaluate("element => { element.open = true; }")
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("() => document.documentElement.scrollWidth") == width


def test_its_policy_lets_nothing_in_from_elsewhere() -> None:
    policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:"
    assert f'content="{policy}"' in (HERE / "calculator/index.html").read_text(encoding="utf-8")


def test_there_is_a_picture_of_it() -> None:
    assert (HERE / "calculator.png").read_bytes().startswith(b"\x89PNG")
