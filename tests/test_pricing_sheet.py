"""The price book: that it says what the functions do, in every scenario, and that its parts agree."""

import functools
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tokensheet as ts
from hosts.ironcalc import Edited
from tokensheet_templates.book import Blocks
from tokensheet_templates.price_list import KINDS, TIERS
from tokensheet_templates.pricing_sheet import pricing_sheet
from workbooks import loaded

LOAD = dict(input_tokens=3000, cached_tokens=1500, output_tokens=400)
COSTS = {"calibrated": "", "low": "low_", "high": "high_"}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pricing_sheet().save(tmp_path_factory.mktemp("prices") / "prices.xlsx")


@pytest.fixture(scope="module")
def blocks() -> Blocks:
    return pricing_sheet().write(io.BytesIO(), "native")


def rows(blocks: Blocks, *keys: str) -> list[tuple[Any, ...]]:
    return list(zip(*(blocks[key].values.ravel() for key in keys), strict=True))


@pytest.mark.parametrize("estimate", COSTS)
def test_output_costs_what_decode_cost_says_at_the_batch_of_each_tier(blocks: Blocks, estimate: str) -> None:
    models, chips = blocks["models"].values.ravel(), blocks["chip_picks"].values.ravel()
    context = ts.mean_context(LOAD["input_tokens"], LOAD["output_tokens"])
    for tier in TIERS:
        found = blocks[f"{tier}_{COSTS[estimate]}output_cost"].values.ravel()
        batches = blocks[f"{tier}_batch"].values.ravel()
        pairs = [(model, chip) for model in models for chip in chips]
        for (model, chip), batch, cost in zip(pairs, batches, found, strict=True):
            said = ts.decode_cost(model, chip, batch, context, 8, utilization=0.5, estimate=estimate)
            assert cost == pytest.approx(said, rel=1e-9), (tier, model, chip)


@pytest.mark.parametrize("estimate", COSTS)
def test_input_costs_what_prompts_keep_the_chips_for_as_they_come_into_the_steps(blocks: Blocks, estimate: str) -> None:
    """WORK_WITH_PASSES at the batch of each tier, which is at most what PREFILL_COST says of a prompt on its own."""
    end = COSTS[estimate]
    for tier in TIERS:
        found = iter(blocks[f"{tier}_{end}input_cost"].values.ravel())
        times = blocks[f"{tier}_{end}prompt_time"].values.ravel()
        for place, model in enumerate(np.repeat(blocks["models"].values.ravel(), 2)):
            chip = str(blocks["chip_picks"].values.ravel()[place % 2])
            cost, rent = next(found), ts.chips()[chip]["usd_per_hour"]
            assert cost == pytest.approx(ts.token_cost(times[place], 1500, rent, 8, 0.5), rel=1e-9)
            alone = functools.partial(ts.prefill_cost, input_tokens=3000, cached_tokens=1500, chips=8, utilization=0.5)
            assert cost <= alone(str(model), chip, estimate=estimate) * (1 + 1e-9)


def test_each_tier_has_the_cheapest_batch_that_keeps_its_limit(blocks: Blocks) -> None:
    for tier, limit in TIERS.items():
        for column in range(blocks["pair"].values.size):
            steps, costs = (blocks[key].values[:, column] for key in ("step_time", "token_cost"))
            fits = np.broadcast_to(blocks["fits"].values, blocks["step_time"].values.shape)[:, column].astype(bool)
            small = blocks["batch"].values.ravel() <= blocks["most_batch"].values.item()
            kept = fits & small & (steps * 1000 <= blocks[limit].values.item())
            assert blocks[f"{tier}_output_cost"].values[0, column] == costs[kept].min()


def test_the_price_of_the_target_leaves_the_target(blocks: Blocks) -> None:
    """In whole steps upwards, so at least the target; the step is a cent a million tokens."""
    for kind in ("input", "output"):
        for cost, step in rows(blocks, f"{kind}_cost", f"{kind}_step"):
            exact = ts.price_for_margin(cost, 0.6 + 0.12)
            assert exact <= step * (1 + 1e-9)
            assert step < exact + 0.01 * (1 + 1e-6)


def test_every_price_follows_from_the_standard_prices(blocks: Blocks) -> None:
    multiples = {"input": 1, "cache write": 1.25, "cache read": 0.1, "output": 1}
    tiers = {"standard": 1, "batch": 0.5, "priority": 1.75}
    for name, price in rows(blocks, "item", "item_price"):
        model, tier, kind = name.split(", ")
        place = [*blocks["models"].values.ravel()].index(model)
        standard = blocks["output_price" if kind == KINDS[-1] else "input_price"].values.ravel()[place]
        exact = standard * multiples[kind] * tiers[tier]
        assert exact - 1e-9 <= price < exact + 0.01


def test_blended_prices_are_those_of_the_function(blocks: Blocks) -> None:
    """BLENDED_PRICE knows no price of writing to the cache: its input price is that of both kinds of input."""
    for line, price in rows(blocks, "line", "line_price"):
        new, write, read, output = (
            price for number, price in rows(blocks, "item_line", "item_price") if number == line
        )  # fmt: skip
        said = ts.blended_price(new + 0.2 * (write - new), read, output, 3000, 1500, 400)
        assert price == pytest.approx(said, rel=1e-9)


def test_revenue_is_the_same_by_month_by_model_and_by_year(blocks: Blocks) -> None:
    revenue = blocks["revenue"].values
    assert blocks["gross_revenue"].values.ravel() == pytest.approx(revenue.sum(axis=0), rel=1e-12)
    assert blocks["gross_revenue_year"].values.sum() == pytest.approx(revenue.sum(), rel=1e-12)
    growth, erosion = 1.08 ** np.arange(36), 0.97 ** np.arange(36)
    book = blocks["book_price"].values.item()
    assert revenue.sum(axis=0) == pytest.approx(500e9 / 1e6 * growth * 0.98 * book * erosion, rel=1e-9)


def test_replicas_are_whole_and_carry_the_peak(blocks: Blocks) -> None:
    replicas, tokens = blocks["replicas"].values, blocks["tokens"].values.ravel()
    assert np.all(replicas == np.round(replicas))
    for line, (share, cost, rent) in enumerate(rows(blocks, "line_share", "line_serving", "line_rent")):
        at_full = rent * 730 / (cost * 0.5)  # Mtok that a replica serves in a month without idling
        assert np.all(tokens * share * 2 <= replicas[line] * at_full * (1 + 1e-9))  # the peak is twice the mean


def test_cash_turns_in_the_month_that_the_board_names(blocks: Blocks) -> None:
    cash, month = blocks["cash"].values.ravel(), blocks["even_month"].values.item()
    assert np.all(cash[int(month) - 1 :] >= 0)
    assert cash[int(month) - 2] < 0
    assert cash[-1] == pytest.approx(blocks["ebitda"].values.sum(), rel=1e-12)


def test_no_month_is_named_where_cash_ends_below_nothing() -> None:
    """Even if it began above."""
    blocks = replace(pricing_sheet(), typed={("Inputs", 6, 2): "Low"}).write(io.BytesIO(), "native")
    cash = blocks["cash"].values.ravel()
    assert cash[0] > 0 > cash[-1]
    assert blocks["even_month"].values.item() == 0


def test_at_the_break_even_utilization_the_month_earns_nothing(blocks: Blocks) -> None:
    even, earned, paid = (blocks[key].values.item() for key in ("break_even", "earned_seen", "paid_seen"))
    month = int(blocks["month_seen"].values.item()) - 1
    smooth, tokens = (blocks[key].values.ravel()[month] for key in ("smooth_profit", "tokens"))
    assert earned - paid / 0.5 == pytest.approx(smooth / tokens, rel=1e-9)
    assert earned - paid / even == pytest.approx(0, abs=1e-12)


def test_the_tornado_is_ranked_and_its_cases_are_the_workbooks_own(blocks: Blocks) -> None:
    swings = blocks["rank_swing"].values.ravel()
    assert np.all(np.diff(swings) <= 0)
    assert len({*blocks["rank_label"].values.ravel()}) == swings.size
    assert blocks["agree"].values.item() == 1


@pytest.mark.parametrize(("scenario", "place"), [("Low", 0), ("High", 2)])
def test_a_scenario_is_the_workbook_with_its_values_as_the_base(
    path: Path, tmp_path: Path, scenario: str, place: int
) -> None:
    edited = Edited(path)
    edited.type({"Inputs!C7": scenario})
    assert edited.show("Checks!A3") == "All checks pass"
    values: dict[str, Any] = {}
    for each in pricing_sheet().inputs:
        of_scenario = [row[1] if row[place] is None else row[place] for row in each.rows]
        values[each.key] = of_scenario if each.plural else of_scenario[0]
    other = loaded(pricing_sheet(**values).save(tmp_path / "other.xlsx"), data_only=True)["Board"]
    for row in range(7, 15):
        assert edited.show(f"Board!C{row}") == pytest.approx(other[f"C{row}"].value, rel=1e-9), other[f"A{row}"].value


def test_an_own_price_and_an_own_rent_stand_in_for_ours(path: Path, blocks: Blocks) -> None:
    edited = Edited(path)
    own, price = (blocks[key] for key in ("input_own", "input_price"))
    edited.type({f"Prices!{own.range.partition(':')[0].replace('$', '')}": 5})
    assert edited.show(f"Prices!{price.range.partition(':')[0].replace('$', '')}") == 5
    rents = blocks["catalogue own_rent"]
    edited.type({f"Catalogue!{rents.range.partition(':')[0].replace('$', '')}": 1})
    assert edited.show("Catalogue!C" + str(rents.row + 3)) == 1
    assert edited.show("Catalogue!C" + str(rents.row + 4)) == "your own"
    assert edited.show("Checks!A3") == "All checks pass"


def test_a_chip_without_a_rent_serves_nothing_and_where_none_serves_a_check_fails(tmp_path: Path) -> None:
    """On demand the catalogue has no rent for the MI355X: all is served by the other chip, which an alert says."""
    some = pricing_sheet(price_basis="on demand").write(io.BytesIO(), "native")
    assert {*some["chip_used"].values.ravel()} == {"B200 SXM"}
    assert np.all(some["item_price"].values > 0)
    none = pricing_sheet(price_basis="on demand", chip_picks=["MI355X"]).save(tmp_path / "none.xlsx")
    said = loaded(none, data_only=True)["Checks"]["A3"].value
    assert said.startswith("A check fails: Prices: each model and tier has a chip")


def test_prices_below_their_cost_are_an_alert_and_shares_that_do_not_add_up_an_error(path: Path) -> None:
    edited, page = Edited(path), loaded(path)["Inputs"]
    row_of = {page.cell(row, 1).value: row for row in range(1, page.max_row + 1)}
    edited.type({f"Inputs!E{row_of['Share of the tokens, model 1']}": 0.6})
    assert edited.show("Checks!A3") == "A check fails: Inputs: the shares of the models add up to 100 %"


def test_the_same_inputs_give_the_same_file(tmp_path: Path) -> None:
    one, two = (pricing_sheet(date="2026-11-27", growth=0.1).save(tmp_path / f"{name}.xlsx") for name in ("a", "b"))
    assert one.read_bytes() == two.read_bytes()
