"""The template capacity-plan: its chips and money against plain arithmetic, and its checks when somebody errs."""

import io
import math
from pathlib import Path
from typing import Any

import pytest
import tokensheet as ts
from hosts.ironcalc import Edited
from tokensheet_templates.book import Blocks
from tokensheet_templates.capacity_plan import capacity_plan
from workbooks import find

DAY = "2026-11-27"
OTHERS: list[dict[str, Any]] = [
    {},
    {"growth": -0.03, "spare": 0.2, "waits": 0.3, "lead": 0, "start_own": 10, "long_ahead": 20, "reserve_ahead": 2},
    {"models": ["Llama-3.3-70B", "gpt-oss-120b"], "chips": 4, "month_tokens": 700, "growth": 0.1, "start_own": 2000},
]


def blocks(**inputs: Any) -> Blocks:
    return capacity_plan(date=DAY, **inputs).write(io.BytesIO(), "native")


def values(found: Blocks, key: str) -> list[Any]:
    return found[key].values.ravel().tolist()


def one(found: Blocks, key: str) -> Any:
    return values(found, key)[0]


def base_of(**inputs: Any) -> dict[str, Any]:
    """The base of each input."""
    rows = {each.key: [row[1] for row in each.rows] for each in capacity_plan(date=DAY, **inputs).inputs}
    return {key: row if len(row) > 1 else row[0] for key, row in rows.items()}


def close(value: Any) -> Any:
    return pytest.approx(value, rel=1e-9, abs=1e-9)


def plan(found: Blocks, given: dict[str, Any]) -> dict[str, list[float]]:
    """Chips by contract, chip-hours on demand and cost of each month, from what a million tokens take of a replica."""
    standard, batch = values(found, "standard_hours"), values(found, "batch_hours")
    factors = [24 * share for share in given["day_share"]]
    minute = given["hour_peak"] * (1 + given["spare"])
    follows = [given["tier_share"][0] * a + given["tier_share"][1] * (1 - given["waits"]) * b
               for a, b in zip(standard, batch, strict=True)]  # fmt: skip
    waits = (
        given["tier_share"][1] * given["waits"] * sum(s * b for s, b in zip(given["model_share"], batch, strict=True))
    )
    month_of = [given["month_tokens"] * 1000 * (1 + given["growth"]) ** month for month in range(36)]
    long, year, short = given["contract_price"]
    rank = math.ceil(min(24, 24 * year / short))
    base, shoulder, peak, loads = [], [], [], []
    for tokens in month_of:
        each = [
            tokens * share * hours / given["hours"] for share, hours in zip(given["model_share"], follows, strict=True)
        ]
        top = max(factors) * minute * given["day_peak"]
        whole = sum(math.ceil(load * top) for load in each)
        extra = whole - sum(each) * top
        loads.append((sum(each), extra))
        low, middle = (sorted(factors, reverse=True)[place] for place in (-1, rank - 1))
        base.append(math.ceil(sum(each) * low * minute + extra) * given["chips"])
        shoulder.append(math.ceil(sum(each) * middle * minute + extra) * given["chips"])
        peak.append(whole * given["chips"])
    owned = [max([given["start_own"], *base[int(given["lead"]) : month + 1]]) for month in range(36)]
    ahead = int(given["long_ahead"]) - 1
    three = max(0, shoulder[ahead] - owned[ahead])
    marks = [month // 12 * 12 + int(given["reserve_ahead"]) - 1 for month in range(36)]
    one_year = [max(0, shoulder[mark] - owned[mark] - three) for mark in marks]
    held = [a + three + b for a, b in zip(owned, one_year, strict=True)]
    demand = []
    for (load, extra), chips, tokens in zip(loads, held, month_of, strict=True):
        needs = [(load * factor * minute + extra) * given["chips"] for factor in factors]
        batch_day = tokens * waits / given["hours"] * given["chips"] * 24
        idle = sum(max(0, chips - need) for need in needs)
        beyond = sum(max(0, need - chips) for need in needs) + max(0, batch_day - idle)
        demand.append(beyond * given["hours"] / 24)
    running = (given["power"] * 1000, given["building"], given["electricity"], given["upkeep"])
    own_hour = ts.chip_hour_cost(given["capex"], given["own_years"], *running, given["residual"], given["wacc"])
    cost = [
        given["hours"] * (a * own_hour + three * long + b * year) + hours * short
        for a, b, hours in zip(owned, one_year, demand, strict=True)
    ]
    return {"peak_chips": peak, "owned": owned, "one_year": one_year, "three_years": [three] * 36, "committed": held,
            "demand_hours": demand, "cost_all": cost}  # fmt: skip


@pytest.mark.parametrize("inputs", OTHERS)
def test_chips_and_money_are_what_plain_arithmetic_says(inputs: dict[str, Any]) -> None:
    found = blocks(**inputs)
    for key, months in plan(found, base_of(**inputs)).items():
        assert values(found, key) == close(months), key


def test_a_million_tokens_take_the_hours_that_the_functions_say() -> None:
    """Answers by DECODE_COST; what prompts cost is tested where it is from, and at most what PREFILL_COST says."""
    found, given = blocks(), base_of()
    context = ts.mean_context(given["input_tokens"], given["output_tokens"])
    cached = given["input_tokens"] * given["cached_share"]
    for place, model in enumerate(given["models"]):
        asked: dict[str, Any] = {"chip": given["chip_picks"], "chips": given["chips"], "utilization": 0.5}
        batch, new = (values(found, key)[place] for key in ("standard_batch", "standard_input_cost"))
        assert new <= ts.prefill_cost(model, input_tokens=3000, cached_tokens=cached, **asked) * (1 + 1e-9)
        output = ts.decode_cost(model, batch=batch, context=context, **asked)
        read, rent = (values(found, key)[place] for key in ("cached_cost", "service_rent"))
        request = (given["input_tokens"] - cached) * new + cached * read + given["output_tokens"] * output
        hours = request * 0.5 / rent / (given["input_tokens"] + given["output_tokens"]) * 1e6
        assert values(found, "standard_hours")[place] == close(hours)


def test_an_own_chip_costs_what_the_function_says() -> None:
    found = blocks(wacc=0.2, own_years=3, residual=0.3)
    assert one(found, "own_hour") == close(ts.chip_hour_cost(50e3, 3, 1500, 1.25, 0.08, 0.05, 0.3, 0.2))


def test_capital_is_paid_for_every_chip_that_arrives_and_before_it() -> None:
    found = blocks()
    delivered, ordered, lead = values(found, "delivered"), values(found, "ordered"), int(one(found, "lead"))
    assert ordered[: 36 - lead] == delivered[lead:]
    assert sum(delivered[:lead]) == 0
    paid = 0.3 * sum(ordered) + 0.7 * sum(delivered)
    assert one(found, "sum_capital") == close(50e3 * paid)


def test_the_contracts_reach_the_peak_together() -> None:
    found = blocks()
    together = [sum(chips) for chips in zip(*(values(found, key) for key in ("committed", "on_demand")), strict=True)]
    assert together == values(found, "peak_chips")


def test_chips_that_a_shrinking_traffic_leaves_are_stranded() -> None:
    found = blocks(growth=-0.1)
    assert values(found, "stranded")[-1] == values(found, "committed")[-1] - values(found, "peak_chips")[-1] > 0


def test_the_bridge_and_the_scenarios_are_the_plan() -> None:
    found = blocks()
    assert values(found, "bar_upto")[-1] == close(one(found, "peak_end"))
    declared = {each.key: each.rows for each in capacity_plan}
    for place, scenario in ((0, "Low"), (2, "High")):
        inputs = {key: rows[0][place] for key, rows in declared.items() if rows[0][place] is not None}
        row = values(found, "case").index(scenario)
        there = blocks(**inputs)
        smooth = values(there, "smooth")[int(one(there, "month_seen")) - 1] * one(there, "chips")
        assert values(found, "case_peak")[row] == close(smooth * values(found, "case_cost_end")[row])


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return capacity_plan(date=DAY).save(tmp_path_factory.mktemp("capacity") / "capacity.xlsx")


@pytest.mark.parametrize(
    ("label", "text", "words"),
    [
        ("Share of a day's tokens, from 3 h", 0.2, "Inputs: the shares of the hours of a day add up to 100 %"),
        ("Most chips that can be had on demand", 100, "Contracts: the supply reaches the peak in each month"),
        ("Power that the site can have", 0.5, "Money: own chips take no more power than the site can have"),
        ("Most time per output token, standard", 1, "each model fits each chip and keeps the limit"),
        ("Tokens of the first month", "many", "Tokens of the first month: 0.001 to 1e+06"),
    ],
)
def test_what_is_wrong_is_named(written: Path, label: str, text: Any, words: str) -> None:
    book, row = Edited(written), find(written, label, sheet="Inputs").partition("!B")[2]
    assert book.show("Board!A3") == "All checks pass"
    book.type({f"Inputs!E{row}": text})
    assert words in str(book.show("Board!A3"))


def test_a_chip_that_comes_before_an_order_could_be_does_not_pass(written: Path) -> None:
    book, row = Edited(written), find(written, "Delivered", sheet="Contracts").partition("!B")[2]
    book.type({f"Contracts!D{row}": 8})
    assert "all chips are ordered as long before as they take" in str(book.show("Board!A3"))


def test_tokens_that_are_typed_for_a_month_count(written: Path) -> None:
    book, row = Edited(written), find(written, "Own number", sheet="Contracts").partition("!B")[2]
    peak = f"Contracts!N{find(written, 'Chips at the peak', sheet='Contracts').partition('!B')[2]}"
    before = book.show(peak)
    book.type({f"Contracts!N{row}": 2 * book.show(f"Contracts!N{int(row) - 1}")})
    assert book.show(peak) == pytest.approx(2 * before, rel=0.02)
    assert book.show("Board!A3") == "All checks pass"
