"""Rent or buy: that it says what the functions do, that its books are those of every single order, and its checks."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tokensheet as ts
from hosts.ironcalc import Edited
from tokensheet_templates.book import Block, Blocks
from tokensheet_templates.rent_or_buy import rent_or_buy
from tokensheet_templates.template import Workbook
from workbooks import loaded

DEAR = dict(life=3, residual=0, wacc=0, debt_share=0, growth=0.05, ramp=1, price_basis="on demand", chip_picks="H100",
            models="gpt-oss-120b", chips=4)  # fmt: skip
BASE = dict(models="DeepSeek-V3.2", chip_picks="B200 SXM", chips=8)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return rent_or_buy().save(tmp_path_factory.mktemp("routes") / "routes.xlsx")


@pytest.fixture(scope="module", params=[{}, DEAR], ids=["base", "dear"])
def blocks(request: pytest.FixtureRequest) -> Blocks:
    return written(rent_or_buy(**request.param))


def written(book: Workbook) -> Blocks:
    return book.write(io.BytesIO(), "native")


def one(blocks: Blocks, key: str) -> Any:
    return blocks[key].values.item()


def row(blocks: Blocks, key: str) -> np.ndarray:
    return blocks[key].values.ravel()


def cell(block: Block, right: int = 0) -> str:
    return f"{block.sheet}!{block.take(columns=slice(right, right + 1)).range.partition(':')[0].replace('$', '')}"


def test_an_hour_of_an_own_chip_costs_what_the_function_says(blocks: Blocks) -> None:
    asked = ("capex", "life", "power_w", "pue", "usd_per_kwh", "opex_rate", "residual", "wacc")
    assert one(blocks, "chip_hour") == pytest.approx(ts.chip_hour_cost(*(one(blocks, key) for key in asked)), rel=1e-9)
    parts = row(blocks, "bridge_part")
    assert parts[-2] == pytest.approx(parts[:-2].sum(), rel=1e-12)


def test_a_million_tokens_cost_what_the_functions_say_at_each_rent(blocks: Blocks) -> None:
    model, chip, chips, basis = (one(blocks, key) for key in ("models", "chip_picks", "chips", "price_basis"))
    batch, planned = one(blocks, "standard_batch"), one(blocks, "utilization")
    for end, word in (("", "calibrated"), ("low_", "low"), ("high_", "high")):
        asked = dict(chips=chips, utilization=planned, price_basis=basis, estimate=word)
        output = ts.decode_cost(model, chip, batch, ts.mean_context(3000, 400), **asked)
        new = one(blocks, f"standard_{end}input_cost")  # which test_pricing_sheet holds against the functions
        request = 1500 * new + 1500 * one(blocks, "cached_cost") + 400 * output
        hours = request / 3400 * 1e6 / one(blocks, "rent_seen") * one(blocks, "rent_level")
        ways = (row(blocks, key) for key in ("way_hour", "way_use", f"{end}way_mtok"))
        for rent, use, cost in zip(*ways, strict=True):
            assert cost == pytest.approx(rent * hours * planned / use + one(blocks, "hold_mtok"), rel=1e-9)


def test_break_evens_are_those_of_the_functions(blocks: Blocks) -> None:
    worth, staff = one(blocks, "api_worth"), one(blocks, "serving_staff")
    api = [one(blocks, f"api_{field}") for field in ("input", "cache_read", "output")]
    discount, quality = one(blocks, "api_discount"), one(blocks, "quality")
    assert worth == pytest.approx(ts.blended_price(*[*api, 3000, 1500, 400]) * (1 - discount) * quality, rel=1e-9)
    for cost, full, volume, even in zip(
        *(row(blocks, f"way_{key}") for key in ("mtok", "full", "volume", "even")), strict=True
    ):
        assert volume == pytest.approx(ts.breakeven_volume(staff, worth, cost), rel=1e-9)
        assert even == pytest.approx(ts.breakeven_utilization(worth, full), rel=1e-9)
    said = ts.breakeven_utilization(one(blocks, "rent_seen"), one(blocks, "own_hour"))
    assert one(blocks, "break_even") == pytest.approx(said, rel=1e-9)


def test_the_fleet_carries_each_month_and_the_books_are_those_of_every_order(blocks: Blocks) -> None:
    """Order by order: written off evenly over its life, then sold at its residual worth, its debt paid back evenly."""
    ordered, price, need = (row(blocks, key) for key in ("ordered", "spent", "need"))
    life, residual, share, rate = (one(blocks, key) for key in ("life_months", "residual", "debt_share", "debt_rate"))
    for month in range(1, 61):
        orders = [(month - start, price[start], ordered[start]) for start in range(month + 1)]
        alive = [(age, cost, chips) for age, cost, chips in orders if 1 <= age <= life]
        assert need[month] <= sum(chips for *_, chips in alive) == row(blocks, "fleet")[month]
        left = sum(cost * (1 - (1 - residual) * age / life) for age, cost, _ in orders if age < life)
        owed = sum(share * cost * (1 - age / life) for age, cost, _ in orders if age < life)
        said = {
            "depreciation": sum(cost for _, cost, _ in alive) * (1 - residual) / life,
            "sold": sum(cost for age, cost, _ in orders if age == life) * residual,
            "book_value": left,
            "owed": owed,
            "interest": row(blocks, "owed")[month - 1] * rate / 12,
        }
        for key, value in said.items():
            assert row(blocks, key)[month] == pytest.approx(value, rel=1e-9, abs=1e-3), (key, month)


def test_the_rent_of_a_contract_stays_until_it_ends(blocks: Blocks) -> None:
    rents, change = row(blocks, "route_rent"), 1 + one(blocks, "rent_trend")
    rented, bill = blocks["rented"].values, blocks["bill"].values
    for route, months in enumerate((1, 12, 36)):
        for month in range(1, 61):
            began = (month - 1) // months * months
            said = rented[route, month] * 730 * rents[route] * change ** (began / 12)
            assert bill[route, month] == pytest.approx(said, rel=1e-9)


def test_the_rate_of_return_makes_the_present_value_nothing(blocks: Blocks) -> None:
    flow, months = row(blocks, "flow"), np.arange(61)
    assert one(blocks, "npv") == pytest.approx(np.sum(flow * (1 + one(blocks, "wacc")) ** (-months / 12)), rel=1e-9)
    low, high = -0.9, 5.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if np.sum(flow * (1 + middle) ** (-months / 12)) > 0 else (low, middle)
    assert one(blocks, "irr") == pytest.approx(low, rel=1e-9)


def test_cash_turns_in_the_month_that_the_board_names(blocks: Blocks) -> None:
    cash, month = row(blocks, "cash"), int(one(blocks, "payback"))
    assert month == next((each for each in range(1, 61) if cash[each] >= 0), 0)
    assert row(blocks, "total_3")[-1] == pytest.approx(row(blocks, "own_paid").sum(), rel=1e-12)


def test_the_saving_by_a_chips_life_is_the_saving_of_a_workbook_with_that_life(blocks: Blocks) -> None:
    given: dict[str, Any] = {} if one(blocks, "growth") != 0.05 else DEAR
    for place, life in enumerate(row(blocks, "life_seen")):
        other = written(rent_or_buy(**given | {"life": life}))
        assert row(blocks, "life_even_2")[place] == pytest.approx(
            ts.breakeven_utilization(row(other, "route_rent")[2], one(other, "own_hour")), rel=1e-9
        )


def test_the_middle_of_the_two_way_table_is_the_live_saving(blocks: Blocks) -> None:
    said = 1 - one(blocks, "own_hour") / one(blocks, "rent_seen")
    assert blocks["two_way"].values[3, 3] == pytest.approx(said, rel=1e-9)


@pytest.mark.parametrize(("scenario", "place"), [("Low", 0), ("High", 2)])
def test_a_scenario_is_the_workbook_with_its_values_as_the_base(
    path: Path, tmp_path: Path, scenario: str, place: int
) -> None:
    edited = Edited(path)
    edited.type({"Inputs!C7": scenario})
    assert edited.show("Checks!A3") == "All checks pass"
    values = {each.key: each.rows[0][1 if each.rows[0][place] is None else place] for each in rent_or_buy().inputs}
    other = loaded(rent_or_buy(**values).save(tmp_path / "other.xlsx"), data_only=True)["Board"]
    for number in (*range(7, 17), *range(20, 24)):
        for column in "CDEFG":
            found = other[f"{column}{number}"].value
            if isinstance(found, float):
                assert edited.show(f"Board!{column}{number}") == pytest.approx(found, rel=1e-9), number


def test_a_rent_that_is_not_listed_is_the_mean_of_the_others_until_somebody_types_one(path: Path) -> None:
    edited, blocks = Edited(path), written(rent_or_buy())
    listed, rents = (blocks[key] for key in ("route_listed", "route_rent"))
    assert row(blocks, "route_listed")[1] == 0
    assert row(blocks, "route_rent")[1] == pytest.approx((listed.values[0, 0] + listed.values[2, 0]) / 2)
    alerts = edited.show("Checks!C4")
    own, rent = (blocks[key].take(slice(1, 2)) for key in ("route_own", "route_rent"))
    edited.type({cell(own): 3})
    assert edited.show(cell(rent)) == 3
    assert edited.show("Checks!C4") == alerts - 1
    assert rents.values.min() > 0


@pytest.mark.parametrize(
    ("key", "month", "said"),
    [
        ("added", 5, "Buy: own chips carry the traffic of every month"),
        ("net_drawn", 0, "Buy: sources are uses"),
        ("left", 30, "Buy: what was spent is written off, sold or left"),
        ("owners_cash", 7, "Buy: assets are claims in every month"),
        ("sign_3", 0, "Buy: at the rate of return the net present value is 0"),
        ("case_hour", 0, "Sensitivity: the live case is the saving on Routes"),
    ],
)
def test_a_formula_that_is_typed_over_is_found_by_its_check(path: Path, key: str, month: int, said: str) -> None:
    edited, blocks = Edited(path), written(rent_or_buy())
    edited.type({cell(blocks[key], month): -1 if key != "sign_3" else 0})
    failed = [label.value for label, _, result in loaded(path)["Checks"].iter_rows(min_row=6, max_col=3)
              if edited.show(f"Checks!{result.coordinate}") == 0]  # fmt: skip
    assert said in failed


def test_more_use_than_is_believed_is_a_failing_check(tmp_path: Path) -> None:
    path = rent_or_buy(planned_utilization=0.9, peak_to_mean=1, most_utilization=0.8).save(tmp_path / "busy.xlsx")
    said = loaded(path, data_only=True)["Checks"]["A3"].value
    assert said == "A check fails: Cost: chips are used no more than Inputs believes"


def test_where_buying_never_pays_there_is_no_rate_of_return_and_an_alert(tmp_path: Path) -> None:
    blocks = written(book := rent_or_buy(capex=1e6, exit_share=0, residual=0, rent_level=0.1))
    assert one(blocks, "irr") == "–"
    page = loaded(book.save(tmp_path / "dear.xlsx"), data_only=True)["Checks"]
    results = {label.value: result.value for label, _, result in page.iter_rows(min_row=6, max_col=3)}
    assert page["A3"].value == "All checks pass"
    assert results["Buy: there is a rate of return in the range that Inputs gives"] == 0


def test_a_chip_without_a_rent_on_that_basis_is_a_failing_check(tmp_path: Path) -> None:
    path = rent_or_buy(chip_picks="L40S", models="gpt-oss-120b").save(tmp_path / "unpriced.xlsx")
    said = loaded(path, data_only=True)["Checks"]["A3"].value
    assert said == "A check fails: Catalogue: the chips that Inputs picks have a rent"


def test_where_the_api_is_cheaper_at_every_volume_there_is_no_break_even() -> None:
    blocks = written(rent_or_buy(api_discount=0.9, quality=0.1))
    assert set(row(blocks, "way_volume")) == {"–"}
    assert np.all(row(blocks, "way_even") > 0)
    assert [one(blocks, f"api_month_{place}") for place in range(4)] == [0, 0, 0, 0]
