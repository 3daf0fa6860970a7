"""The template product-margin: its numbers against plain arithmetic, and its checks when somebody breaks something."""

import io
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tokensheet as ts
from hosts.ironcalc import Edited
from tokensheet.api_prices import market, price_list
from tokensheet_templates.book import Blocks
from tokensheet_templates.catalogue import MARKET
from tokensheet_templates.product_margin import product_margin
from workbooks import find

DAY = "2026-11-27"
CLASSES = [(each / 100, each / 100 + 0.1) for each in range(0, 90, 10)] + [(0.9, 0.99), (0.99, 1)]
OTHERS = [
    {},
    {"prompt": 9000, "cached": 0.3, "written": 0.5, "usage": 1.7, "overage_price": [5, 0, 2], "included": [1, 3, 9]},
    {"routes": ["gpt-6-astra", "claude-opus-5-5", "mistral-large-4"], "price_level": 0.8, "seats": [10, 20, 30]},
]


def blocks(**inputs: Any) -> Blocks:
    return product_margin(date=DAY, **inputs).write(io.BytesIO(), "native")


def values(found: Blocks, key: str) -> list[Any]:
    return found[key].values.ravel().tolist()


def one(found: Blocks, key: str) -> float:
    return values(found, key)[0]


def base_of(**inputs: Any) -> dict[str, Any]:
    """The base of each input."""
    rows = {each.key: [row[1] for row in each.rows] for each in product_margin(date=DAY, **inputs).inputs}
    return {key: row if len(row) > 1 else row[0] for key, row in rows.items()}


def prices(model: str) -> list[float]:
    """Input, cache write, cache read and output, per million; a cache without a price has that of input."""
    row = price_list({name: provider for provider, name in market()}[model], model, DAY)
    return [1e6 * (row["input"] if row[kind] is None else row[kind]) for kind in MARKET]


def request_cost(given: dict[str, Any], dearer: float = 1) -> float:
    """Of a request, where the first model costs more."""
    total = 0.0
    for place, (model, share) in enumerate(zip(given["routes"], given["route_share"], strict=True)):
        level = given["price_level"] * (1 if place else dearer)
        new, write, read, output = (price * level for price in prices(model))
        unread = given["prompt"] * (1 - given["cached"])
        cost = unread * (1 - given["written"]) * new + unread * given["written"] * write
        total += share * (cost + given["prompt"] * given["cached"] * read + given["answer"] * output) / 1e6
    return total * given["calls"]


def requests_at(share: float, given: dict[str, Any]) -> float:
    """Straight between the percentiles in log-odds and logarithm, and on beyond them."""
    known = [math.log(p / (1 - p)) for p in (0.1, 0.5, 0.9, 0.99)]
    logs = [math.log(each) for each in given["requests"]]
    x = math.log(share / (1 - share))
    place = min(2, sum(x > each for each in known[1:3]))
    slope = (logs[place + 1] - logs[place]) / (known[place + 1] - known[place])
    return math.exp(logs[place] + slope * (x - known[place]))


def month(given: dict[str, Any]) -> tuple[float, float]:
    """Revenue and gross profit of all seats."""
    tokens = given["calls"] * (given["prompt"] + given["answer"]) / 1e6
    revenue = profit = 0.0
    for plan in range(3):
        for low, high in CLASSES:
            seats = given["seats"][plan] * (high - low)
            asked = requests_at((low + high) / 2, given) * given["multiple"][plan] * given["usage"] * tokens
            over = max(0, asked - given["included"][plan])
            rate = given["overage_price"][plan]
            beyond = over * (given["overage_kept"] if rate else 1)
            price = given["seat_price"][plan] * (1 - given["discount"]) + beyond * rate
            llm = (asked - over + beyond) / tokens * request_cost(given)
            other = given["hosting"] + given["support"][plan] + given["payment_fixed"] + price * given["payment_fee"]
            revenue, profit = revenue + seats * price, profit + seats * (price - llm - other)
    return revenue, profit


@pytest.mark.parametrize("inputs", OTHERS)
def test_the_month_is_what_plain_arithmetic_says(inputs: dict[str, Any]) -> None:
    found, given = blocks(**inputs), base_of(**inputs)
    revenue, profit = month(given)
    assert one(found, "request_cost") == pytest.approx(request_cost(given), rel=1e-9)
    assert one(found, "whole_revenue") == pytest.approx(revenue, rel=1e-9)
    assert one(found, "whole_profit") == pytest.approx(profit, rel=1e-9)


def test_a_seat_at_the_break_even_leaves_nothing_and_its_share_of_seats_is_that_of_its_use() -> None:
    found, given = blocks(), base_of()
    for plan, (requests, heavy) in enumerate(
        zip(values(found, "even_requests"), values(found, "heavy_share"), strict=True)
    ):
        price = given["seat_price"][plan] * (1 - given["discount"])
        fixed = given["payment_fixed"] + given["hosting"] + given["support"][plan]
        assert price * (1 - given["payment_fee"]) - fixed == pytest.approx(requests * request_cost(given), rel=1e-9)
        assert requests_at(1 - heavy, given) * given["multiple"][plan] == pytest.approx(requests, rel=1e-9)


def test_the_prices_for_the_target_reach_it() -> None:
    found = blocks()
    target = one(found, "target_margin")
    assert values(blocks(seat_price=values(found, "price_target")), "plan_margin") == pytest.approx(
        [target] * 3, rel=1e-9
    )
    overage, fee = one(found, "overage_target"), one(found, "payment_fee")
    assert ts.margin(overage, one(found, "mtok_cost")) - fee == pytest.approx(target, rel=1e-9)


def test_a_cap_for_fair_use_leaves_the_heaviest_seat_its_least_margin() -> None:
    found = blocks(cap_margin=0.2)
    price, fee = np.array(values(found, "seat_list")), one(found, "payment_fee")
    cost = (
        np.array(values(found, "cap_requests")) * one(found, "request_cost")
        + values(found, "seat_other")
        + one(found, "payment_fixed")
    )
    assert (1 - fee - cost / price).tolist() == pytest.approx([0.2] * 3, rel=1e-9)


@pytest.mark.parametrize(
    ("row", "changed"),
    [
        ("Cheaper models alone", {"route_share": [0.65, 0.3, 0.05]}),
        ("More caching alone", {"cached": 0.8}),
        ("Fewer calls alone", {"calls": 2.7}),
        ("Shorter prompts alone", {"prompt": 3200}),
        ("Shorter answers alone", {"answer": 425}),
        (
            "and shorter answers",
            {"route_share": [0.65, 0.3, 0.05], "cached": 0.8, "calls": 2.7, "prompt": 3200, "answer": 425},
        ),
    ],
)
def test_a_lever_does_what_its_input_would(row: str, changed: dict[str, Any]) -> None:
    found = blocks()
    levers = dict(zip(values(found, "pull"), values(found, "pull_profit"), strict=True))
    assert levers[row] == pytest.approx(one(blocks(**changed), "whole_profit"), rel=1e-9)


def test_the_bridge_goes_from_now_to_all_levers() -> None:
    found = blocks()
    llm = values(found, "pull_llm")
    assert llm[0] + sum(values(found, "llm_step")) == pytest.approx(llm[-1], rel=1e-9)


def test_the_scenarios_are_workbooks_of_their_own() -> None:
    found = blocks()
    declared = {each.key: each.rows for each in product_margin}
    for place, scenario in ((0, "Low"), (2, "High")):
        inputs = {
            key: rows[0][place] for key, rows in declared.items() if len(rows) == 1 and rows[0][place] is not None
        }
        row = values(found, "case").index(scenario)
        assert values(found, "case_profit")[row] == pytest.approx(one(blocks(**inputs), "whole_profit"), rel=1e-9)


def test_a_seat_is_worth_what_it_leaves_in_all_its_months() -> None:
    found = blocks()
    discounting = 1.12 ** (-1 / 12)
    for profit, worth in zip(values(found, "seat_profit"), values(found, "worth"), strict=True):
        assert worth == pytest.approx(sum(profit * (0.98 * discounting) ** month for month in range(3000)), rel=1e-9)


def test_a_solved_task_costs_its_tries_and_the_unsolved_ones() -> None:
    found, given = blocks(success=[0.5, 0.9], retries=[0, 3]), base_of()
    for side, (model, success, tries, longer) in enumerate(
        (("claude-opus-5-5", 0.5, 1, 1), ("claude-sonnet-5-5", 0.9, 4, 1.4))
    ):
        once = request_cost(given | {"routes": [model], "route_share": [1], "answer": given["answer"] * longer})
        reached = [(1 - success) ** number for number in range(tries + 1)]
        task = once * sum(reached[:-1]) + reached[-1] * given["unsolved_cost"]
        assert values(found, "side_solved")[side] == pytest.approx(task / (1 - reached[-1]), rel=1e-9)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return product_margin(date=DAY).save(tmp_path_factory.mktemp("margin") / "margin.xlsx")


def typed(path: Path, label: str, text: Any, sheet: str = "Inputs", column: str = "E") -> str:
    """What the top of Board says once something stands in the row with that label."""
    book = Edited(path)
    row = find(path, label, sheet=sheet).partition("!B")[2]
    book.type({f"{sheet}!{column}{row}": text})
    return str(book.show("Board!A3"))


@pytest.mark.parametrize(
    ("label", "text", "words"),
    [
        ("Share of the calls, model 1", 0.5, "Inputs: the shares of the models add up to 100 %"),
        ("Requests of a seat a month, percentile 90", 100, "Inputs: the requests rise from percentile to percentile"),
        (
            "Calls moved from the last model",
            0.2,
            "Inputs: no more calls are moved to the first model than the last has",
        ),
        ("Prompt of a call", "many", "Prompt of a call: 1 to 1e+06"),
        ("Model 1", "gpt-2", "Model 1: any price list of Catalogue"),
    ],
)
def test_what_is_wrong_is_named(written: Path, label: str, text: Any, words: str) -> None:
    assert typed(written, "Prompt of a call", 5000) == "All checks pass"
    assert words in typed(written, label, text)


def test_a_number_typed_over_a_formula_does_not_pass(written: Path) -> None:
    row = next(row for row in range(1, 400) if Edited(written).show(f"Seats!A{row}") == "Money of all such seats") + 2
    book = Edited(written)
    book.type({f"Seats!D{row}": 1e6})
    assert "tokens by model at their prices are what the seats cost" in str(book.show("Board!A3"))


def test_an_own_price_replaces_that_of_the_list(written: Path) -> None:
    book = Edited(written)
    rows = [row for row in range(1, 60) if book.show(f"Tokens!A{row}") == "mistral-large-4"]
    own = zip("HIJK", prices("mistral-large-4"), strict=True)
    book.type({f"Tokens!{column}{rows[1]}": 10 * price for column, price in own})
    row = next(row for row in range(1, 40) if book.show(f"Board!A{row}") == "Cost of a request")
    assert book.show(f"Board!C{row}") == pytest.approx(request_cost(base_of(), dearer=10), rel=1e-9)


def test_a_plan_below_the_target_is_an_alert(written: Path) -> None:
    book, row = Edited(written), find(written, "Target gross margin", sheet="Inputs").partition("!B")[2]
    assert book.show("Board!A4") == "Scenario Base; alerts: 1"
    book.type({f"Inputs!E{row}": 0.5})
    assert book.show("Board!A4") == "Scenario Base; alerts: 0"
