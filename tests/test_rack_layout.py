"""Each layout costs what the functions say it costs, the ranking is theirs, and each check can fail."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tokensheet as ts
from hosts.ironcalc import Edited
from test_cost_grid import TOTAL
from tokensheet_templates.book import Blocks
from tokensheet_templates.rack_layout import STAGES, TENSOR, rack_layout
from workbooks import input_cells, loaded

DAY = "2026-11-27"
OTHER = {
    "model": "gpt-oss-120b", "chip": "H200 SXM", "chips": 16, "context": 32768, "tpot": 60, "precision": "mxfp4",
    "utilization": 0.8, "kv_precision": "bf16",
}  # fmt: skip


@pytest.fixture(scope="module", params=[{}, OTHER], ids=["defaults", "other inputs"])
def blocks(request: pytest.FixtureRequest) -> Blocks:
    return rack_layout(date=DAY, **request.param).write(io.BytesIO(), "native")


def only(blocks: Blocks, key: str, place: int = 0) -> Any:
    return blocks[key].values.ravel()[place]


def asked(blocks: Blocks, rank: int) -> dict[str, Any]:
    """The arguments of a function for the layout of a rank."""
    names = ("model", "chip", "context", "chips", "precision", "kv_precision", "utilization")
    layout = {"tensor_parallel": "ranked_tensor", "stages": "ranked_stages", "batch": "ranked_batch"}
    return {name: only(blocks, name) for name in names} | {
        name: only(blocks, key, rank) for name, key in layout.items()
    }


@pytest.mark.parametrize("rank", [0, 1, 4])
def test_a_layout_costs_what_the_function_says(blocks: Blocks, rank: int) -> None:
    cost = ts.decode_cost(**asked(blocks, rank))
    assert only(blocks, "ranked_token_cost", rank) == pytest.approx(1e6 * cost, rel=1e-9)
    rest = {key: value for key, value in asked(blocks, rank).items() if key != "utilization"}
    assert only(blocks, "ranked_time", rank) == pytest.approx(1e3 * ts.decode_time(**rest), rel=1e-9)


def test_the_ranking_rises_and_has_each_layout_once(blocks: Blocks) -> None:
    assert sorted(blocks["ranked_layout"].values.ravel()) == [*range(1, len(TENSOR) * len(STAGES) + 1)]
    costs = blocks["ranked_token_cost"].values[blocks["ranked_any"].values > 0]
    assert (np.diff(costs) >= 0).all()
    assert costs[0] == pytest.approx(1e6 * min(cost for cost in blocks["layout_cost"].values.ravel() if cost > 0))


def test_the_heat_map_is_the_ranking_by_its_two_degrees(blocks: Blocks) -> None:
    for rank in range(3):
        row, column = (
            TENSOR.index(only(blocks, "ranked_tensor", rank)),
            STAGES.index(only(blocks, "ranked_stages", rank)),
        )
        assert blocks["heat_cost"].values[row, column] == pytest.approx(
            only(blocks, "ranked_token_cost", rank), rel=1e-9
        )


def test_the_chips_hold_the_weights_once_where_no_group_has_its_own() -> None:
    blocks = rack_layout(date=DAY, chips=8, tensor_choice=[8, 1, 2, 4, 16, 32]).write(io.BytesIO(), "native")
    held = 8 * sum(blocks[key].values[0, 0] for key in ("chip_dense", "chip_experts"))
    assert held == pytest.approx(only(blocks, "weights_bytes"), rel=1e-9)


def test_a_layout_that_is_none_has_no_cost(blocks: Blocks) -> None:
    tensor, stages, cost = (blocks[key].values.ravel() for key in ("own_tensor_parallel", "own_stages", "layout_cost"))
    chips = only(blocks, "chips")
    assert not cost[(chips % (tensor * stages) != 0) | (tensor > only(blocks, "domain"))].any()


def test_no_layout_is_slower_than_the_limit(blocks: Blocks) -> None:
    assert blocks["ranked_time"].values.max() <= only(blocks, "tpot")


def test_the_live_case_moves_with_the_layout_looked_at() -> None:
    seen = rack_layout(date=DAY, layout_seen=3).write(io.BytesIO(), "native")
    assert only(seen, "live_outcome") == pytest.approx(only(seen, "ranked_token_cost", 2), rel=1e-9)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return rack_layout(date=DAY).save(tmp_path_factory.mktemp("rack") / "rack.xlsx")


def row_of(path: Path, label: str) -> int:
    return next(cell.row for cell in loaded(path)["Inputs"]["A"] if str(cell.value).startswith(label))


@pytest.mark.parametrize(
    ("label", "typed", "failing"),
    [
        ("Chips of a replica", 1, "some layout fits and keeps the limit of its time per token"),
        ("Most time per output token", 5, "some layout fits and keeps the limit of its time per token"),
        ("Rank of the layout looked at", 24, "the layout that Inputs looks at is within the limits"),
        ("Tensor parallel, choice 2", 2.5, "each choice of tensor parallel is a whole number"),
        ("Pipeline stages, choice 2", 1.5, "each choice of pipeline stages is a whole number"),
        ("Chips of a replica", 64.5, "the chips of a replica are a whole number"),
        ("Model", "Own model 1", "the model has its layers, heads and widths"),
        ("Chip", "Own chip 1", "Catalogue: the chip has a rent"),
    ],
)
def test_what_cannot_be_laid_out_fails_a_check(path: Path, label: str, typed: Any, failing: str) -> None:
    book = Edited(path)
    book.type({f"Inputs!E{row_of(path, label)}": typed})
    assert book.show(TOTAL).startswith("A check fails")
    sheet = loaded(path)["Checks"]
    rows = [cell.row for cell in sheet["A"] if failing in str(cell.value)]
    assert [book.show(f"Checks!C{row}") for row in rows] == [0]


@pytest.mark.parametrize("scenario", ["Low", "High"])
def test_every_check_passes_in_every_scenario(path: Path, scenario: str) -> None:
    book = Edited(path)
    book.type({next(place for place, value in input_cells(path).items() if value == "Base"): scenario})
    assert book.show(TOTAL) == "All checks pass"
