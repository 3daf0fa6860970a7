"""What the workbook reads out of price lists is what the equations say, and each of its checks can fail."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tokensheet as ts
from hosts.ironcalc import Edited
from test_cost_grid import TOTAL
from tokensheet.api_prices import market, price_list, price_modes
from tokensheet_templates.book import Blocks
from tokensheet_templates.forensic_lists import LISTS
from tokensheet_templates.forensic_readings import READ_BY
from tokensheet_templates.price_forensics import price_forensics
from workbooks import input_cells, loaded

DAY = "2026-11-27"
OTHER = {
    "chips": 32,
    "planned_utilization": 0.4,
    "list_discount": 0.2,
    "tpot": 50,
    "cached_share": 0.25,
    "prefill_mfu": 0.5,
}


@pytest.fixture(scope="module", params=[{}, OTHER], ids=["defaults", "other inputs"])
def blocks(request: pytest.FixtureRequest) -> Blocks:
    return price_forensics(date=DAY, **request.param).write(io.BytesIO(), "native")


def only(blocks: Blocks, key: str, place: int = 0) -> Any:
    return blocks[key].values.ravel()[place]


@pytest.mark.parametrize("place", range(len(LISTS)))
def test_a_list_is_read_as_the_equations_read_it(blocks: Blocks, place: int) -> None:
    prices, modes = price_list(*market()[place], DAY), price_modes(*market()[place], DAY)
    ratio = ts.output_input_ratio(prices["output"], prices["input"])
    assert only(blocks, "decode_mfu", place) == pytest.approx(
        ts.implied_decode_mfu(ratio, only(blocks, "prefill_mfu")), rel=1e-9
    )
    may_cost = prices["output"] * (1 - only(blocks, "list_discount")) * (1 - only(blocks, "assumed_margin"))
    chip, chips = ts.chips()[only(blocks, "chip_best", place)], only(blocks, "chips")
    rent = only(blocks, "list_usd_per_hour", place)
    assert only(blocks, "list_batch", place) == pytest.approx(
        ts.implied_batch(may_cost, only(blocks, "tpot") / 1000, rent, chips, only(blocks, "utilization")), rel=1e-9
    )
    step, batch = (only(blocks, f"list_standard_{key}", place) for key in ("step_time", "batch"))
    assert only(blocks, "list_utilization", place) == pytest.approx(
        ts.implied_utilization(may_cost, step, batch, rent, chips), rel=1e-9
    )
    if modes["fast"]:
        share = ts.implied_kv_share(only(blocks, "fast_speed"), modes["fast"] / prices["output"])
        assert only(blocks, "kv_share", place) == pytest.approx(share, rel=1e-9)
    if modes["long_from"]:
        active = ts.models()[only(blocks, "assumed_model", place)]["active_params"]
        cache = ts.implied_kv_bytes(active, modes["long_from"], chip["fp4_flops"], chip["hbm_bandwidth"])
        assert only(blocks, "kv_implied", place) == pytest.approx(cache, rel=1e-9)


@pytest.mark.parametrize("place", [0, 5])
def test_what_is_left_is_what_the_cost_of_serving_leaves(blocks: Blocks, place: int) -> None:
    names = only(blocks, "assumed_model", place), only(blocks, "chip_best", place)
    shared = {
        "chips": only(blocks, "chips"),
        "precision": "fp4",
        "kv_precision": "fp8",
        "utilization": only(blocks, "utilization"),
    }
    cached = only(blocks, "cached_tokens")
    output = ts.decode_cost(*names, only(blocks, "list_standard_batch", place), only(blocks, "context"), **shared)
    new = only(blocks, "standard_input_cost", int(only(blocks, "list_pair", place)) - 1)
    assert new <= ts.prefill_cost(*names, only(blocks, "input_tokens"), cached_tokens=cached, **shared) * (1 + 1e-9)
    read = only(blocks, "cached_cost", int(only(blocks, "list_pair", place)) - 1)
    prices = price_list(*market()[place], DAY)
    mix = only(blocks, "input_tokens"), cached, only(blocks, "output_tokens")
    price = ts.blended_price(*[*(prices[key] for key in ("input", "cache_read", "output")), *mix])
    cost = ts.blended_price(new, read, output, *mix)
    price *= 1 - only(blocks, "list_discount")
    assert only(blocks, "margin_best", place) == pytest.approx(ts.margin(price, cost), rel=1e-9)


def test_low_and_high_readings_enclose_the_live_one(blocks: Blocks) -> None:
    for key in ("list_utilization", "list_batch", "decode_mfu", "kv_share", "kv_implied"):
        low, live, high = (blocks[f"{end}{key}"].values for end in ("low_", "", "high_"))
        assert (low <= live).all()
        assert (live <= high).all()


def test_the_model_that_fits_best_is_the_nearest_by_all_clues(blocks: Blocks) -> None:
    clues = np.stack([blocks[f"by_{clue}"].values for clue in ("price", "ratio", "kv")])
    counted = 2 + (np.array([price_modes(*each, DAY)["long_from"] is not None for each in market()]))
    off = np.exp(np.sqrt((clues**2).sum(axis=0) / counted[:, None]))
    models = blocks["models"].values.ravel()
    assert blocks["fit_model"].values.ravel().tolist() == models[off.argmin(axis=1)].tolist()
    assert blocks["least_off"].values.ravel() == pytest.approx(off.min(axis=1), rel=1e-9)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return price_forensics(date=DAY).save(tmp_path_factory.mktemp("forensics") / "forensics.xlsx")


def row_of(path: Path, label: str, sheet: str) -> int:
    return next(cell.row for cell in loaded(path)[sheet]["A"] if str(cell.value).startswith(label))


@pytest.mark.parametrize(
    ("sheet", "label", "column", "typed", "failing"),
    [
        ("Catalogue", "Cache read", "C", 11, "in each list cached tokens cost less than input"),
        ("Catalogue", "Output, fast mode", "C", 40, "in each list a fast mode and a long prompt"),
        ("Catalogue", "Output, long prompt", "D", 9, "in each list a fast mode and a long prompt"),
        (
            "Inputs",
            "Model assumed behind gpt-6-astra",
            "E",
            "Own model 1",
            "the model assumed behind each list is one of",
        ),
        ("Inputs", "Time per output token that users see", "E", 1, "keeps the limit of its time per token"),
    ],
)
def test_what_cannot_be_read_fails_a_check(
    path: Path, sheet: str, label: str, column: str, typed: Any, failing: str
) -> None:
    book = Edited(path)
    book.type({f"{sheet}!{column}{row_of(path, label, sheet)}": typed})
    assert book.show(TOTAL).startswith("A check fails")
    assert failing in book.show(TOTAL)


@pytest.mark.parametrize("scenario", ["Low", "High"])
def test_every_check_passes_in_every_scenario(path: Path, scenario: str) -> None:
    book = Edited(path)
    book.type({next(place for place, value in input_cells(path).items() if value == "Base"): scenario})
    assert book.show(TOTAL) == "All checks pass"


def test_the_live_reading_is_that_of_the_scenario(path: Path) -> None:
    low = price_forensics(date=DAY, **{key: LOW[key] for key in READ_BY}).write(io.BytesIO(), "native")
    base = price_forensics(date=DAY).write(io.BytesIO(), "native")
    for key in ("list_utilization", "decode_mfu", "kv_share", "kv_implied"):
        assert low[key].values == pytest.approx(base[f"low_{key}"].values, rel=1e-9)


LOW = {each.key: each.rows[0][0] for each in price_forensics if each.key in READ_BY}
