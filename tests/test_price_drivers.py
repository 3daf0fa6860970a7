"""The template price-drivers: its curves are the functions over names, and what does not hold is named."""

import functools
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tokensheet as ts
from hosts.ironcalc import Edited
from tokensheet_templates.book import Blocks
from tokensheet_templates.price_drivers import price_drivers
from xlsxwriter.utility import xl_rowcol_to_cell

DATE = "2026-11-27"
OTHER = {"model": "gpt-oss-120b", "chip": "MI355X", "chips": 1, "precision": "mxfp4", "kv_precision": "bf16"}
OTHER |= {"batch": 64, "context": 2000, "utilization": 0.3, "price_to": [8e3, 16e3, 64e3], "speedup": [1, 1.25, 2]}
ENDS = {"": "calibrated", "low_": "low", "high_": "high", "ideal_": "ideal"}
BOOKS: list[dict[str, Any]] = [{}, OTHER]


def written(**given: Any) -> Blocks:
    return price_drivers(date=DATE, **given).write(io.BytesIO(), "native")


@functools.cache
def standard() -> Blocks:
    return written()


def one(blocks: Blocks, key: str) -> Any:
    return blocks[key].values.item()


def asked(blocks: Blocks, **moved: Any) -> dict[str, Any]:
    """The arguments of the functions over names for what the workbook holds."""
    given = {
        key: one(blocks, key) for key in ("model", "chip", "batch", "context", "chips", "precision", "kv_precision")
    }
    return given | moved


def million(blocks: Blocks, end: str = "", **moved: Any) -> Any:
    given = asked(blocks, **moved) | {"estimate": ENDS[end], "price_basis": one(blocks, "price_basis")}
    return 1e6 * ts.decode_cost(**given) / one(blocks, "utilization") * one(blocks, "rent_factor")


@pytest.fixture(scope="module")
def default(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return price_drivers(date=DATE).save(tmp_path_factory.mktemp("drivers") / "book.xlsx")


@pytest.mark.parametrize("given", BOOKS)
@pytest.mark.parametrize("end", ENDS)
def test_the_step_costs_what_the_functions_say(given: dict[str, Any], end: str) -> None:
    blocks = written(**given)
    assert one(blocks, f"{end}million") == pytest.approx(million(blocks, end), rel=1e-9)


@pytest.mark.parametrize("given", BOOKS)
def test_each_point_of_a_curve_costs_what_the_functions_say(given: dict[str, Any]) -> None:
    blocks = written(**given)
    batches, contexts = (blocks[key].values for key in ("curve_batch", "at_context"))
    served = blocks["at_batch"].values
    for end in ENDS:
        assert blocks[f"curve_{end}million"].values == pytest.approx(million(blocks, end, batch=batches), rel=1e-9)
        at = million(blocks, end, batch=served, context=contexts)
        assert blocks[f"at_{end}million"].values == pytest.approx(at, rel=1e-9)
    times = 1000 * ts.decode_time(**asked(blocks, batch=batches))
    assert blocks["curve_latency"].values == pytest.approx(times, rel=1e-9)


def test_the_curve_ends_at_the_largest_batch_and_has_the_batch_in_its_middle() -> None:
    batches = standard()["curve_batch"].values.ravel()
    assert batches[[0, 16]].tolist() == [1, 256]
    assert batches[-1] == pytest.approx(one(standard(), "largest_batch"))


@pytest.mark.parametrize("given", BOOKS)
def test_a_mode_is_as_fast_as_asked_and_costs_what_the_functions_say(given: dict[str, Any]) -> None:
    blocks = written(**given)
    assert blocks["mode_reached"].values == pytest.approx(blocks["mode_speedup"].values, rel=0.01)
    dearer = million(blocks, batch=blocks["mode_batch"].values) / million(blocks)
    assert blocks["mode_multiple"].values == pytest.approx(dearer, rel=1e-9)


def test_a_mode_of_2_5_times_the_speed_costs_about_what_is_sold() -> None:
    """6 times the price for 2.5 times the speed."""
    assert written(speedup=[2.5, 2.5, 2.5])["mode_multiple"].values == pytest.approx(5, abs=1)


@pytest.mark.parametrize("limit", [20, 30, 50, 100])
def test_the_largest_batch_within_a_limit_is_what_the_search_finds(limit: float) -> None:
    blocks = written(tpot=limit)
    given = asked(blocks, max_latency=limit / 1000)
    del given["batch"]
    assert one(blocks, "best_batch") == pytest.approx(ts.best_batch(**given), rel=0.02)


def test_the_critical_batch_is_that_of_the_lecture() -> None:
    blocks = written(context=1000)
    given = [one(blocks, key) for key in ("total_params", "active_params", "bytes", "chip_flops", "chip_bandwidth")]
    assert one(blocks, "critical") == pytest.approx(ts.critical_batch(*given), rel=1e-9)
    with_cache = ts.critical_batch(*[*given, 1000, one(blocks, "kv_token")])
    assert one(blocks, "critical_here") == pytest.approx(with_cache, rel=1e-9)
    assert one(written(context=8192), "critical_here") == "none"


def test_the_bridge_goes_from_the_parts_of_a_step_to_the_price() -> None:
    blocks = standard()
    parts = blocks["bridge_part"].values.ravel()
    assert parts[:-1].sum() == pytest.approx(parts[-1]) == pytest.approx(million(blocks) / (1 - 0.6))
    busy = parts[:6].sum() / 1e6 / one(blocks, "second_cost") * 256 / 0.5
    assert busy == pytest.approx(one(blocks, "step_time"))


def test_what_does_not_fit_has_no_price_in_the_grid() -> None:
    grid, batches, contexts = (standard()[key].values for key in ("two_way", "grid_batch", "grid_context"))
    assert grid[3, 3] == pytest.approx(one(standard(), "million"))
    assert grid[6, 6] == "–"
    assert grid[5, 2] == pytest.approx(million(standard(), batch=batches[5, 0], context=contexts[0, 2]), rel=1e-9)


def place(key: str, row: int = 0, column: int = 1) -> str:
    """The cell of Inputs that holds the base of an input, or another of its scenarios."""
    block = standard()[f"{key} scenarios"]
    return f"Inputs!{xl_rowcol_to_cell(block.row + row, block.column + column)}"


def shown(book: Edited, key: str) -> Any:
    block = standard()[key]
    return book.show(f"{block.sheet}!{xl_rowcol_to_cell(block.row, block.column)}")


@pytest.mark.parametrize(("scenario", "batch", "context", "used", "rent"), [
    ("Low", 128, 16384, 0.35, 1.2), ("High", 512, 4096, 0.65, 0.8),
])  # fmt: skip
def test_another_scenario_is_other_numbers_for_the_same_functions(
    default: Path, scenario: str, batch: float, context: float, used: float, rent: float
) -> None:
    book = Edited(default)
    book.type({"Inputs!C7": scenario})
    cost = 1e6 * ts.decode_cost(**asked(standard(), batch=batch, context=context)) / used * rent
    assert shown(book, "million") == pytest.approx(cost, rel=1e-9)
    assert book.show("Board!A3") == "All checks pass"
    assert book.show("Board!A4") == f"Scenario {scenario}; alerts: 0"


@pytest.mark.parametrize(("key", "value", "check"), [
    ("batch", 3000, "Step: the batch fits in the memory of the chips"),
    ("chips", 2, "Step: the batch fits in the memory of the chips"),
    ("tpot", 3, "Batch: some batch keeps the limit of the time per output token"),
    ("price_to", 300e3, "Context: no price that ends before the one before it"),
    ("price_to", 99e6, "Context: no price that ends before the one before it"),
    ("speedup", 20, "Fast: each mode is as fast as it is asked to be"),
    ("context", "", "Context: 1 to 1e+06"),
    ("utilization", "half", "Utilization: 0.05 to 0.95"),
])  # fmt: skip
def test_what_does_not_hold_is_named(default: Path, key: str, value: Any, check: str) -> None:
    book = Edited(default)
    book.type({place(key): value})
    assert book.show("Board!A3").startswith("A check fails: ")
    assert book.show("Board!A3").endswith(check)


def test_an_own_rent_counts(default: Path) -> None:
    book, block = Edited(default), standard()["catalogue own_rent"]
    before = shown(book, "million")
    book.type({f"Catalogue!{xl_rowcol_to_cell(block.row, block.column)}": 2 * one(standard(), "listed_rent")})
    assert shown(book, "million") == pytest.approx(2 * before)


def test_the_tornado_is_ordered_and_its_live_case_is_the_step() -> None:
    swings = standard()["rank_swing"].values.ravel()
    assert np.all(np.diff(swings) < 0)
    assert standard()["case_cost"].values[0, 0] == pytest.approx(one(standard(), "million"))
