"""The template cache-tiers: what it computes is what the functions say, and what does not hold is named."""

import functools
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tokensheet as ts
from hosts.ironcalc import Edited
from tokensheet_templates.book import Blocks
from tokensheet_templates.cache_tiers import cache_tiers
from xlsxwriter.utility import xl_rowcol_to_cell

DATE = "2026-11-27"
OTHER = {"model": "gpt-oss-120b", "chip": "MI355X", "chips": 1, "precision": "mxfp4", "kv_precision": "bf16"}
OTHER |= {"prompt": 4e3, "prefix_share": 0.5, "hit_rate": 0.7, "gap_factor": 3, "utilization": 0.3}
ENDS = {"": "calibrated", "low_": "low", "high_": "high", "ideal_": "ideal"}
BOOKS: list[dict[str, Any]] = [{}, OTHER]


def written(**given: Any) -> Blocks:
    return cache_tiers(date=DATE, **given).write(io.BytesIO(), "native")


@functools.cache
def standard() -> Blocks:
    return written()


def one(blocks: Blocks, key: str) -> Any:
    return blocks[key].values.item()


@pytest.mark.parametrize("given", BOOKS)
def test_computing_anew_costs_what_the_functions_say(given: dict[str, Any]) -> None:
    blocks = written(**given)
    prefix = one(blocks, "prompt") * one(blocks, "prefix_share")
    picks = {key: one(blocks, key) for key in ("model", "chip", "chips", "precision", "kv_precision")}
    for end, estimate in ENDS.items():
        cost = 1e6 * ts.prefill_cost(**picks, input_tokens=prefix, estimate=estimate) / one(blocks, "utilization")
        assert one(blocks, f"{end}recompute") == pytest.approx(cost, rel=1e-9)


@pytest.mark.parametrize("given", BOOKS)
def test_each_tier_costs_what_the_equations_say(given: dict[str, Any]) -> None:
    blocks = written(**given)
    kv, machine = one(blocks, "kv_million"), one(blocks, "machine")
    read = ts.retrieve_cost(kv, blocks["tier_bandwidth"].values, machine)
    held = ts.kv_store_cost(kv, blocks["gap_time"].values, blocks["tier_price"].values)
    assert blocks["gap_cost"].values == pytest.approx(held + read, rel=1e-9)
    assert blocks["gap_time"].values.ravel() == pytest.approx(
        np.array([10, 60, 300, 3600, 86400]) * one(blocks, "gap_factor")
    )


def test_the_chips_own_memory_costs_their_rent() -> None:
    blocks = standard()
    rent, memory = one(blocks, "usd_per_hour"), one(blocks, "hbm")
    for_an_hour = 3600 * blocks["tier_second"].values[0, 0]
    assert for_an_hour == pytest.approx(ts.hold_cost(one(blocks, "kv_million"), memory, rent, 3600), rel=1e-9)


def test_held_until_the_break_even_time_it_costs_what_computing_anew_does() -> None:
    blocks = standard()
    held = blocks["tier_second"].values * blocks["tier_even"].values.astype(float) + blocks["tier_read"].values
    assert held == pytest.approx(np.full((1, 4), one(blocks, "recompute")), rel=1e-9)


def test_free_memory_is_worth_holding_for_ever() -> None:
    assert written(held_price=[0, 0, 0])["tier_even"].values.tolist()[0][1:] == ["for ever"] * 3


@pytest.mark.parametrize("given", BOOKS)
def test_the_tier_by_drain_times_is_that_of_best_tier(given: dict[str, Any]) -> None:
    blocks = written(**given)
    found = ts.best_tier(blocks["gap_time"].values, *blocks["tier_drain"].values.ravel())
    assert blocks["gap_lecture"].values.tolist() == found.tolist()


def test_what_is_dear_to_hold_is_computed_anew() -> None:
    blocks = written(held_price=[1000, 1000, 1000], gap_factor=100)
    assert blocks["gap_tier"].values.ravel().tolist()[-1] == "compute anew"
    assert blocks["gap_bytes"].values.ravel()[-1] == 0


@pytest.mark.parametrize("given", BOOKS)
def test_a_product_is_found_by_the_uses_within_its_time(given: dict[str, Any]) -> None:
    blocks = written(**given)
    times, shares = (blocks[key].values.ravel() for key in ("gap_time", "gap_part"))
    for product, ttl in enumerate((300, 3600)):
        hits = shares[times <= ttl].sum() * one(blocks, "hit_rate")
        mean = (np.minimum(times, ttl) * shares).sum()
        costs = hits * blocks["tier_read"].values + mean * blocks["tier_second"].values
        use = (1 - hits) * one(blocks, "recompute") + costs.min()
        assert blocks["ttl_use"].values[0, product] == pytest.approx(use, rel=1e-9)
        assert blocks["ttl_tier"].values[0, product] == ["HBM", "DDR", "flash", "disk"][costs.argmin()]


def test_prices_by_cost_earn_the_target_on_what_is_written_and_what_is_read() -> None:
    blocks = standard()
    hits = blocks["ttl_hits"].values
    paid = hits * blocks["ttl_read_price"].values + (1 - hits) * blocks["ttl_write_price"].values
    assert ts.margin(paid, blocks["ttl_use"].values) == pytest.approx(np.full((1, 2), 0.6), rel=1e-9)


def test_the_customer_saves_from_as_many_reuses_as_the_lecture_says() -> None:
    assert standard()["ttl_reuses"].values.tolist()[0] == pytest.approx([0.25 / 0.9, 1 / 0.9])


def test_the_bridge_ends_at_the_cost_with_the_cache() -> None:
    blocks = standard()
    use, anew = blocks["ttl_use"].values[0, 0], one(blocks, "recompute")
    assert one(blocks, "left_part") == pytest.approx(0.8 * use + 0.2 * anew, rel=1e-9)
    assert blocks["case_cost"].values[0, 0] == pytest.approx(one(blocks, "left_part"), rel=1e-9)


@pytest.fixture(scope="module")
def default(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cache_tiers(date=DATE).save(tmp_path_factory.mktemp("cache") / "book.xlsx")


def place(key: str, row: int = 0) -> str:
    """The cell of Inputs that holds the base of an input."""
    block = standard()[f"{key} scenarios"]
    return f"Inputs!{xl_rowcol_to_cell(block.row + row, block.column + 1)}"


def shown(book: Edited, key: str) -> Any:
    block = standard()[key]
    return book.show(f"{block.sheet}!{xl_rowcol_to_cell(block.row, block.column)}")


@pytest.mark.parametrize(("scenario", "used", "rent"), [("Low", 0.35, 1.2), ("High", 0.65, 0.8)])
def test_another_scenario_is_other_numbers_for_the_same_functions(
    default: Path, scenario: str, used: float, rent: float
) -> None:
    book, share = Edited(default), {"Low": 0.6, "High": 0.9}[scenario]
    book.type({"Inputs!C7": scenario})
    cost = 1e6 * ts.prefill_cost("DeepSeek-V3", "B200", 20e3 * share, 8) / used * rent
    assert shown(book, "recompute") == pytest.approx(cost, rel=1e-9)
    assert book.show("Board!A3") == "All checks pass"


@pytest.mark.parametrize(("key", "value", "check"), [
    ("gap_share", 0.9, "Inputs: the shares of the times between two uses add up to 100 %"),
    ("requests", 1000, "Gaps: each tier holds what is kept in it"),
    ("held_capacity", 1, "Gaps: each tier holds what is kept in it"),
    ("chips", 3, "Prefill: the memory beside the weights holds a prefix"),
    ("read_multiple", 0.001, "Prices: reading is charged at least its cost"),
    ("hit_rate", 0, "Prices: reading is charged at least its cost"),
    ("first_time", 1e6, "Inputs: the longest time that is drawn is longer than the shortest"),
    ("prefix_share", "most", "Share of it that comes again, the prefix: 0.01 to 1"),
])  # fmt: skip
def test_what_does_not_hold_is_named(default: Path, key: str, value: Any, check: str) -> None:
    book = Edited(default)
    book.type({place(key): value})
    assert book.show("Board!A3").startswith("A check fails: ")
    assert book.show("Board!A3").endswith(check)


def test_a_cache_that_is_hardly_found_and_dear_does_not_pay(default: Path) -> None:
    book = Edited(default)
    book.type({place("hit_rate"): 0.05, place("storage_factor"): 100, place("read_multiple"): 0.9})
    assert book.show("Board!A3") == "A check fails: Prices: a cache costs less than computing anew"


def test_writing_below_its_cost_is_worth_a_look(default: Path) -> None:
    book = Edited(default)
    book.type({place("write_multiple"): 1, place("target_margin"): 0})
    assert book.show("Board!A3") == "All checks pass"
    assert book.show("Board!A4") == "Scenario Base; alerts: 1"
