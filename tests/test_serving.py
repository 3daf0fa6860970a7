"""Functions over names against the equations, and against the cost grid, which is laid out from the same chain."""

import functools
import inspect
from typing import Any

import numpy as np
import pytest
import tokensheet as ts
from tokensheet.asked import ENDS
from tokensheet.equation import NotNegative
from tokensheet.measured import columns, inputs_of, predict
from tokensheet.rents import BASES, BASIS
from tokensheet.rows import ROW
from tokensheet_templates import cost_grid
from tokensheet_udfs.convert import call
from tokensheet_udfs.registry import describe, functions


@functools.cache
def grid(precision: str, chips: int | None) -> Any:
    asked = dict(batch=32, context=8192, precision=precision, chips_per_model=chips, utilization=1)
    return cost_grid(**asked).to_frame()  # type: ignore[arg-type]


@pytest.mark.parametrize("estimate", ["ideal", "calibrated", "low", "high"])
@pytest.mark.parametrize("chips", [None, 16])
@pytest.mark.parametrize("precision", ["bf16", "fp8", "fp4"])
def test_the_grid_and_the_functions_agree(precision: str, chips: int | None, estimate: str) -> None:
    cost = f"{ENDS[estimate]}token_cost"
    for row in grid(precision, chips).to_dict("records"):
        asked = dict(model=row["model"], chip=row["chip"], batch=32, context=8192, chips=chips)
        if row["fits"]:
            found = ts.decode_cost(**asked, precision=precision, estimate=estimate)
            assert found == pytest.approx(row[cost], rel=1e-12), asked
        else:
            assert np.isnan(row[cost])
            with pytest.raises(ts.DoesNotFit):
                ts.decode_cost(**asked, precision=precision, estimate=estimate)


def test_what_does_not_fit_says_how_much_it_needs() -> None:
    with pytest.raises(ts.DoesNotFit) as error:
        ts.decode_cost("DeepSeek-V3", "H100", 64, 4096, 8)
    shortage = "671 GB of weights and 9 GB of KV cache, 8 x H100 SXM have 640 GB, of which 10% stay free"
    reason = f"DeepSeek-V3 does not fit: {shortage}"
    assert str(error.value) == reason
    args = ("DeepSeek-V3", "H100", 64, 4096, 8)
    assert call(functions()["DECODE_COST"], args).tolist() == [["#N/A"]]
    assert call(functions()["WHY"], ("DECODE_COST", *args)).tolist() == [[reason]]


def test_left_out_chips_are_the_fewest_that_one_deploys() -> None:
    assert ts.decode_cost("DeepSeek-V3", "H100", 64, 4096) == ts.decode_cost("DeepSeek-V3", "H100", 64, 4096, 16)
    assert ts.chips_needed("DeepSeek-V3", "H100", 64, 4096) == 16
    assert ts.chips_needed("Llama-3.1-8B", "H100", [1, 512, 2048], 4096).tolist() == [1, 4, 8]


@pytest.mark.parametrize("estimate", ["ideal", "calibrated", "high"])
@pytest.mark.parametrize("limit", [0.001, 0.0065, 0.008, 0.02, 0.05, 1])
def test_the_best_batch_is_the_largest_within_the_limit(limit: float, estimate: str) -> None:
    batch = ts.best_batch("DeepSeek-V3", "H100", limit, 4096, 32, estimate=estimate)
    if batch:
        assert ts.decode_time("DeepSeek-V3", "H100", batch, 4096, 32, estimate=estimate) <= limit
    try:
        assert ts.decode_time("DeepSeek-V3", "H100", batch + 1, 4096, 32, estimate=estimate) > limit
    except ts.DoesNotFit:
        assert batch > 0


def test_the_search_for_a_batch_ends_in_any_memory() -> None:
    """Beyond 2^53 the half of two numbers may be one of them."""
    endless = ts.chips()["H100 SXM"] | {"hbm_bytes": 1e30}
    assert ts.best_batch("Llama-3.1-8B", endless, 1e12, 4096, 1, estimate="ideal") == 2**52


def test_the_best_chip_is_the_cheapest() -> None:
    best = ts.best_chip("gpt-oss-120b", 64, 4096)
    prices = {
        name: ts.decode_cost("gpt-oss-120b", name, 64, 4096) for name, row in ts.chips().items() if row["usd_per_hour"]
    }
    assert prices[best] == min(prices.values())


@pytest.mark.parametrize("basis", BASES)
def test_a_cost_is_that_of_the_rent_on_the_basis_asked_for(basis: str) -> None:
    asked = ("Llama-3.1-70B", "H100", 64, 4096, 8)
    rent = ts.chips(basis)["H100 SXM"]["usd_per_hour"]
    assert ts.decode_cost(*asked, price_basis=basis) == pytest.approx(ts.decode_cost(*asked, usd_per_hour=rent))
    assert ts.decode_cost(*asked, 2.5, price_basis=basis) == ts.decode_cost(*asked, 2.5)
    assert ts.best_chip("Llama-3.1-70B", 64, 4096, price_basis=basis) in ts.chips()
    assert ts.chips(basis)[ts.best_chip("Llama-3.1-70B", 64, 4096, price_basis=basis)]["usd_per_hour"]


def test_the_default_basis_is_one_everywhere() -> None:
    assert ts.chip("MI300X", "price_basis") == ts.chip("H100", "price_basis") == BASIS
    assert ts.chip("H100", "usd_per_hour") == ts.chips(BASIS)["H100 SXM"]["usd_per_hour"]
    for name in ("decode_cost", "prefill_cost", "request_cost", "training_run_cost", "best_chip"):
        function = getattr(ts, name)
        assert inspect.signature(function).parameters["price_basis"].default == BASIS
    assert cost_grid().asked("price_basis") == BASIS


def test_a_chip_without_a_rent_on_the_basis_says_which_it_has() -> None:
    decode = functools.partial(ts.decode_cost, "Llama-3.1-8B", "MI355X", 64, 4096)
    message = "MI355X has no rent for the price basis 'spot' in the catalogue: it has one for 3 years, owned"
    for function in (decode, functools.partial(ts.prefill_cost, "Llama-3.1-8B", "MI355X", 64)):
        with pytest.raises(ts.UnknownName) as error:
            function(price_basis="spot")
        assert str(error.value) == message
    with pytest.raises(ts.UnknownName, match="it has none; give usd_per_hour"):
        ts.decode_cost("Llama-3.1-8B", "L4", 64, 4096)
    for function in (decode, functools.partial(ts.best_chip, "Llama-3.1-8B", 64, 4096)):
        with pytest.raises(LookupError, match="price_basis must be on demand, spot, 1 year, 3 years, owned, not 'now'"):
            function(price_basis="now")


def test_a_request_is_its_prompt_and_its_answer() -> None:
    """Beside those who wait for their first token somewhat fewer share a step than there are users."""
    prompt = ts.prefill_cost("Llama-3.1-70B", "H100", 3000, 8)
    answer = ts.decode_cost("Llama-3.1-70B", "H100", 64, 3500, 8)
    assert ts.request_cost("Llama-3.1-70B", "H100", 3000, 1000, 64, 8) == pytest.approx(
        3000 * prompt + 1000 * answer, rel=0.05
    )


V3_ON_32 = float(ts.decode_time("DeepSeek-V3", "H100", 256, 4096, 32, estimate="ideal"))
# function, arguments as a host passes them, rows of the result
TABLE: list[tuple[str, tuple[Any, ...], list[list[Any]]]] = [
    ("BEST_BATCH", ("DeepSeek-V3", "H100", 0.008, "4096", "32", "fp8", "ideal"), [[1296.0]]),
    (
        "BEST_BATCH",
        ("DeepSeek-V3", (("H100", "nonesuch", None),), 0.008, 4096, 32, "fp8", "ideal"),
        [[1296.0, "#N/A", "#VALUE!"]],
    ),
    ("DECODE_TIME", ("DeepSeek-V3", "H100", 256, 4096, 32, None, "ideal"), [[V3_ON_32]]),
    (
        "DECODE_TIME",
        ("DeepSeek-V3", "H100", ((256, 0, "x"),), 4096, 32, "fp8", "ideal"),
        [[V3_ON_32, "#NUM!", "#VALUE!"]],
    ),
    ("DECODE_TIME", ("DeepSeek-V3", "H100", 256, 4096, 32, "fp2"), [["#N/A"]]),
    ("DECODE_TIME", ("DeepSeek-V3", 5, 256, 4096, 32), [["#N/A"]]),
    ("DECODE_TIME", ("DeepSeek-V3", "H100", 256, 4096, 32, "fp8", "ideal", "fp2"), [["#N/A"]]),
    ("DECODE_TIME", ("DeepSeek-V3", "H100", 256, 4096, 32, "fp8", "sure"), [["#N/A"]]),
    ("DECODE_COST", ("DeepSeek-V3", "L4", 1, 4096), [["#N/A"]]),  # no rent in the catalogue
]


@pytest.mark.parametrize(("name", "args", "rows"), TABLE, ids=lambda value: str(value)[:60])
def test_in_a_spreadsheet(name: str, args: tuple[Any, ...], rows: list[list[Any]]) -> None:
    assert call(functions()[name], args).tolist() == rows


def test_the_cache_may_have_a_precision_of_its_own() -> None:
    wide, narrow = (
        ts.decode_time("Llama-3.1-70B", "H100", 64, 4096, 8, estimate="ideal", kv_precision=kv)
        for kv in ("bf16", "fp8")
    )
    assert wide - narrow == pytest.approx(ts.kv_time(64, 4096, 327680 / 2, 8 * 3.35e12))
    assert ts.decode_time("Llama-3.1-70B", "H100", 64, 4096, 8, estimate="ideal") == narrow


H100 = ts.chips()["H100 SXM"]
CHIP_ROW = tuple(H100[column] for column in ROW["chips"])
MODEL_ROW = tuple(ts.models()["gpt-oss-120b"][column] for column in ROW["models"])


@pytest.mark.parametrize("name", ["DECODE_TIME", "DECODE_COST"])
def test_a_row_of_cells_stands_for_a_name(name: str) -> None:
    function = functions()[name]
    named = call(function, ("gpt-oss-120b", "H100 SXM", 64, 4096)).item()
    assert call(function, ("gpt-oss-120b", (CHIP_ROW,), 64, 4096)).tolist() == [[named]]
    assert call(function, ((MODEL_ROW,), (CHIP_ROW,), 64, 4096)).tolist() == [[named]]
    assert call(function, ((MODEL_ROW,), ((*CHIP_ROW, "not read"),) * 2, 64, 4096)).tolist() == [[named]] * 2


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (("Mine", "", "x", 1), "the chip's row, column bf16_flops: 'x' is not a number"),
        (("Mine", "", -1, 1), "the chip's row, column bf16_flops: -1 is not a number from 0"),
        (("Mine", "", 1, 1), "the chip's row needs hbm_bytes, hbm_bandwidth; its cells are name, vendor, bf16_flops"),
        ((*CHIP_ROW[:7], None), "H100 SXM has no usd_per_hour in its row"),
    ],
)
def test_what_is_wrong_with_a_row_is_said(row: tuple[Any, ...], reason: str) -> None:
    said = call(functions()["WHY"], ("DECODE_COST", "gpt-oss-120b", (row,), 64, 4096))
    assert said.item().startswith(reason)


def test_names_are_suggested() -> None:
    chip, model, precision = (functions()["DECODE_TIME"].parameters[place].choices for place in (1, 0, 5))
    assert chip
    assert model
    assert precision
    assert "H100 SXM" in chip.texts()
    assert "DeepSeek-V3" in model.texts()
    assert list(precision.texts()) == ["bf16", "fp8", "fp4", "mxfp4", "int4"]


def test_arrays_are_answered_at_once() -> None:
    batch = np.array([1, 64, 256])
    for function in (ts.decode_time, ts.decode_cost):
        one_by_one = [function("DeepSeek-V3", "H100", each, 4096, 32) for each in batch]
        assert function("DeepSeek-V3", "H100", batch, 4096, 32).tolist() == one_by_one
    assert ts.best_chip("DeepSeek-V3", batch, 4096).tolist() == [ts.best_chip("DeepSeek-V3", b, 4096) for b in batch]
    assert ts.best_batch("DeepSeek-V3", "H100", np.array([0.0001, 0.008]), 4096, 32, estimate="ideal").tolist() == [
        0,
        1296,
    ]
    with pytest.raises(ts.DoesNotFit, match="GB of KV cache, 8 x H100 SXM have 640 GB"):
        ts.decode_time("DeepSeek-V3", "H100", batch, 4096, 8)


def test_names_are_looked_up_once_for_a_whole_range() -> None:
    asked = []

    def count(name: str, number: NotNegative) -> Any:
        """Count."""
        asked.append(name)
        return number * 2

    rows = call(describe(count, "", ""), ((("a",), ("b",), ("a",), ("a",), (None,)), ((1,), (2,), (3,), ("x",), (1,))))
    assert rows.tolist() == [[2], [4], [6], ["#VALUE!"], ["#VALUE!"]]
    assert asked == ["a", "b"]


def test_an_estimate_has_a_band_and_your_own_measurement_replaces_it() -> None:
    ideal, low, middle, high = (
        ts.decode_cost("DeepSeek-V3", "H200", 64, 4096, 8, estimate=estimate)
        for estimate in ("ideal", "low", "calibrated", "high")
    )
    assert ideal < low < middle < high
    assert ts.decode_cost("DeepSeek-V3", "H200", 64, 4096, 8) == middle
    assert ts.decode_cost("DeepSeek-V3", "H200", 64, 4096, 8, efficiency=0.25) == pytest.approx(4 * ideal)
    unknown = [
        ts.decode_time("Qwen3-8B", "MI300X", 8, 4096, 1, estimate=each) for each in ("low", "calibrated", "high")
    ]
    assert unknown[2] / unknown[0] > high / low  # the fit has seen neither


def test_an_estimate_is_that_of_the_measured_rows() -> None:
    """The two ways to an estimate: from a benchmark's labels, and from a user's arguments."""
    row = {"chip": "H100 SXM", "n_chips": "4", "model": "Llama-3.1-70B", "precision": "fp8", "isl": "4096", "osl": "2",
           "concurrency": "1", "parallelism": "tp4"}  # fmt: skip
    estimate = ts.decode_time("Llama-3.1-70B", "H100", 1, 4097, 4, kv_precision="bf16")
    inputs = inputs_of(row)
    served = ts.serving_tpot("Llama-3.1-70B", "H100", 4096, 2, 1, 4, kv_precision="bf16")
    assert predict(columns([inputs]))["token_time"] == pytest.approx(served, rel=1e-12)
    assert served == pytest.approx(estimate, rel=0.03)


def test_an_estimate_of_a_row_of_ones_own_says_what_it_lacks() -> None:
    said = call(functions()["WHY"], ("DECODE_TIME", (MODEL_ROW[:8],), "H100", 8, 4096))
    lacking = "kv_heads, layers, full_attention_layers, heads, hidden"
    assert said.item() == f'gpt-oss-120b has no {lacking}, without which there is only estimate="ideal"'


def test_prefill_takes_a_measured_mfu() -> None:
    ideal, half, estimated = (
        ts.prefill_cost("Llama-3.1-70B", "H100", 4096, 4, estimate=estimate, mfu=mfu)
        for estimate, mfu in (("ideal", None), ("calibrated", 0.5), ("calibrated", None))
    )
    assert half == pytest.approx(2 * ideal)
    assert estimated > ideal


def test_domains_are_named() -> None:
    with pytest.raises(ts.DomainError, match="decode_cost: batch must be > 0, not 0"):
        ts.decode_cost("DeepSeek-V3", "H100", 0, 4096)
