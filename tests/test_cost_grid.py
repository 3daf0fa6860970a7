"""The cost grid: that it says what the functions do, that what was wrong with it once stays right, what it refuses."""

import functools
import io
import math
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tokensheet as ts
from hosts import ironcalc as independent_engine
from hosts.ironcalc import Edited
from hypothesis import given, settings
from hypothesis import strategies as st
from tokensheet.asked import ENDS
from tokensheet.chains import DECODE
from tokensheet.numbers import DEFAULTS, FORMATS, KV_FORMATS, numbers_of_formats
from tokensheet.rents import BASIS
from tokensheet_templates import CostGrid, cost_grid
from tokensheet_templates.book import Blocks
from tokensheet_udfs.spelling import FLAVOURS
from workbooks import as_stored, cached, differences, formulas, input_cells, loaded
from xlsxwriter.utility import xl_rowcol_to_cell

GRID: dict[str, Any] = dict(
    chips=["H100", "A100", "B200", "MI300X"], models=["DeepSeek-V3", "Llama-3.1-70B", "gpt-oss-120b"]
)
SMALL: dict[str, Any] = dict(chips=["H100", "B200"], models=["Llama-3.1-8B", "gpt-oss-120b"])
V3_ON_H100: dict[str, Any] = dict(chips=["H100"], models=["DeepSeek-V3"], context=4096, utilization=1)
# The blocks of output, and what the functions over names call them
PRICES = {"output_million": "calibrated", "low_output_million": "low", "high_output_million": "high",
          "floor_million": "ideal"}  # fmt: skip
TOTAL, PASS = "Checks!A3", "All checks pass"


@functools.cache
def in_memory(grid: CostGrid) -> Blocks:
    return grid.write(io.BytesIO(), "native")


CostGrid.__hash__ = object.__hash__  # type: ignore[method-assign]


def place(grid: CostGrid, key: str, chip: str = "", model: str = "") -> str:
    """The cell of a quantity: of a chip and a model, or the only one."""
    block = in_memory(grid)[key]
    row = block.row + (grid.models.index(model) if model and len(block.values) > 1 else 0)
    column = block.column + (grid.chips.index(chip) if chip and block.values.shape[1] > 1 else 0)
    return f"{block.sheet}!{xl_rowcol_to_cell(row, column)}"


def base(grid: CostGrid, key: str, row: int = 0) -> str:
    """The cell of an input's base on the sheet Inputs."""
    block = in_memory(grid)[f"{key} scenarios"]
    return f"{block.sheet}!{xl_rowcol_to_cell(block.row + row, block.column + 1)}"


def own_rent(grid: CostGrid, column: int = 0) -> str:
    block = in_memory(grid)["catalogue own_rent"]
    return f"{block.sheet}!{xl_rowcol_to_cell(block.row, block.column + column)}"


def typed(grid: CostGrid, folder: Path, changes: dict[str, Any]) -> Edited:
    edited = Edited(grid.save(folder / "typed.xlsx", overwrite=True))
    edited.type(changes)
    return edited


@pytest.fixture(scope="module")
def defaults(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The grid as the command line writes it without options, in each flavour."""
    folder = tmp_path_factory.mktemp("grid")
    return {flavour: cost_grid().save(folder / f"{flavour}.xlsx", flavour) for flavour in FLAVOURS}


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_default_grid_is_large_enough_and_complete(defaults: dict[str, Path], flavour: str) -> None:
    book, grid = loaded(defaults[flavour], data_only=True), cost_grid()
    assert len(grid.chips) >= 12
    assert len(grid.models) >= 20
    for key in ("blended", "input_million", "cached_million", *PRICES):
        first, last = (place(grid, key, grid.chips[i], grid.models[i]) for i in (0, -1))
        sheet, _, start = first.partition("!")
        for row in book[sheet][f"{start}:{last.partition('!')[2]}"]:
            for cell in row:
                assert cell.value > 0, cell.coordinate
    assert {book[name]["A3"].value for name in book.sheetnames} == {PASS}


# IronCalc has no add-ins, LibreOffice 25.2 no LAMBDA: together they compute every flavour; native is every template's
def test_ironcalc_computes_the_names(defaults: dict[str, Path]) -> None:
    assert not differences(cached(defaults["lambda"]), independent_engine.recalculate(defaults["lambda"]))


def test_libreoffice_computes_the_functions(defaults: dict[str, Path], libreoffice: Any) -> None:
    found = libreoffice.recalculate(defaults["udf"])
    assert not differences(cached(defaults["udf"]), {key: as_stored(value) for key, value in found.items()})


@pytest.mark.parametrize("batch", [1, 64, 256, 2400])
def test_deepseek_v3_on_32_h100(tmp_path: Path, batch: int, libreoffice: Any) -> None:
    grid = cost_grid(**V3_ON_H100, chips_per_model=32, batch=batch)
    path = grid.save(tmp_path / "grid.xlsx")
    found, stored = libreoffice.recalculate(path), cached(path)
    for key, estimate in PRICES.items():
        cost = 1e6 * ts.decode_cost("DeepSeek-V3", "H100", batch, 4096, 32, estimate=estimate)
        for values in (found, stored):
            assert values[place(grid, key)] == pytest.approx(cost, rel=1e-12)


def test_what_does_not_fit_says_so(tmp_path: Path, libreoffice: Any) -> None:
    grid = cost_grid(**V3_ON_H100, chips_per_model=8)
    found = libreoffice.recalculate(grid.save(tmp_path / "grid.xlsx"))
    for key in ("blended", "input_million", *PRICES):
        assert found[place(grid, key)] == "does not fit"
    assert found[place(grid, "binding")] == "needs 10"  # a tenth of the memory stays free
    assert found[place(grid, "latency")] == found[place(grid, "cheapest")] == "–"
    assert found[place(grid, "weights_bytes")] == 671e9
    assert found[TOTAL] == PASS
    frame = grid.to_frame()
    assert not frame.fits.item()
    assert frame.why.item() == "does not fit"
    for column in ("ideal_token_cost", "token_cost", "low_token_cost", "blend", "step_time"):
        assert frame[column].isna().item(), column


# One of each kind: vendors and bands, chips without a rate, a link or a network; dense, experts, MLA, windows, states
CHIPS_OF_EACH_KIND = ["H100", "A100", "GB200", "MI355X", "Trainium2", "TPU v6e", "Gaudi 3", "L40S"]
MODELS_OF_EACH_KIND = ["Llama-3.1-70B", "DeepSeek-V3", "DeepSeek-V3.2", "gpt-oss-120b", "Qwen3.5-27B", "Kimi-K3"]
LOADS = st.fixed_dictionaries(
    {
        "batch": st.floats(1, 4096),
        "context": st.floats(1, 131072),
        "precision": st.sampled_from([*FORMATS]),
        "kv_precision": st.sampled_from(["", *KV_FORMATS]),
        "headroom": st.floats(0, 0.5),
        "tensor_parallel": st.sampled_from([None, 1, 4, 8]),
        "stages": st.sampled_from([None, 1, 2]),
    }
)


def answer(ask: Any, question: dict[str, Any]) -> float:
    """What a function over names says; NaN where it says why it cannot."""
    try:
        return float(ask(**question))
    except LookupError:
        return math.nan


@settings(max_examples=25, deadline=None)
@given(load=LOADS, chips=st.sampled_from([None, 2, 8, 9, 16, 72]))
def test_the_grid_is_what_the_functions_say(load: dict[str, Any], chips: int | None) -> None:
    """In every format; beyond a node a dense model is a pipeline, and experts have groups of sequences."""
    grid = cost_grid(CHIPS_OF_EACH_KIND, MODELS_OF_EACH_KIND, chips_per_model=chips, utilization=1, **load)
    for row in grid.to_frame().to_dict("records"):
        for end in PRICES.values():
            asked = dict(model=row["model"], chip=row["chip"], chips=chips, estimate=end, **load)
            for ask, key in ((ts.decode_cost, "token_cost"), (ts.decode_time, "step_time")):
                assert row[ENDS[end] + key] == pytest.approx(answer(ask, asked), rel=1e-12, nan_ok=True), (key, asked)


@pytest.mark.parametrize("end", ["", "low_", "high_"])
def test_blended_is_the_price_of_the_mix_and_input_at_most_that_of_a_prompt_on_its_own(end: str) -> None:
    """Prompts that come into a step share its passes; a cached token is held and read back."""
    grid = cost_grid(["H100", "MI355X", "B200", "MI300X"], GRID["models"], chips_per_model=16)
    blocks, frame = in_memory(grid), grid.to_frame()
    for row in frame.to_dict("records"):
        i, j = grid.models.index(row["model"]), grid.chips.index(row["chip"])
        at = lambda key: np.broadcast_to(blocks[key].values, (3, 4))[i, j]  # noqa: B023, E731
        new, read, output = (at(key) for key in (f"{end}input_cost", "read_cost", f"{end}token_cost"))
        said = ts.blended_price(new, read, output, 3000, 1500, 400)
        assert at(f"{end}blend") == pytest.approx(said, rel=1e-9)
        estimate = {"": "calibrated", "low_": "low", "high_": "high"}[end]
        alone = functools.partial(ts.prefill_cost, input_tokens=3000, cached_tokens=1500, chips=16, utilization=0.5)
        assert new <= alone(row["model"], row["chip"], estimate=estimate) * (1 + 1e-9)
        machine, kv = 16 * row["usd_per_hour"], at("kv_token")
        held = ts.kv_store_cost(kv, 300, 0.004)
        assert read == pytest.approx(held + ts.retrieve_cost(kv, 50e9, machine) / 0.5, rel=1e-9)


def test_the_cheapest_chip_is_named_with_its_lead() -> None:
    grid = cost_grid(**GRID)
    blocks = in_memory(grid)
    for row, costs in enumerate(blocks["blended"].values):
        known = sorted(each for each in costs if not isinstance(each, str))
        assert blocks["cheapest"].values[row, 0] == grid.chips[[*costs].index(known[0])]
        assert blocks["lead"].values[row, 0] == pytest.approx(known[1] / known[0] - 1, rel=1e-12)


def test_without_a_number_of_chips_each_pair_has_the_fewest_that_one_deploys(tmp_path: Path) -> None:
    grid = cost_grid(**GRID, context=4096)
    for row in grid.to_frame().to_dict("records"):
        assert row["chips"] == ts.chips_needed(row["model"], row["chip"], 64, 4096)
    used, asked = place(grid, "chips_used", "H100 SXM", "DeepSeek-V3"), base(grid, "chips_per_model")
    for given_, found in ((0, 16), (8, 8)):
        edited = typed(grid, tmp_path, {asked: given_})
        assert edited.show(used) == found
        assert edited.show(TOTAL) == PASS


@pytest.mark.parametrize("precision", FORMATS)
def test_a_question_has_one_default_wherever_it_is_asked(precision: str) -> None:
    grid = cost_grid(precision=precision)
    asked = {"chips_per_model": "own_chips", "headroom": "headroom", "flops_per_param": "flops_per_param"}
    assert {key: grid.asked(key) for key in asked} == {key: DEFAULTS[name] for key, name in asked.items()}
    assert grid.asked("price_basis") == BASIS
    kept = numbers_of_formats(precision, str(grid.asked("kv_precision")))
    assert kept == numbers_of_formats(precision)


def test_the_context_is_half_way_through_the_answer_unless_it_is_given() -> None:
    for given_, context in ((None, 3200), (4096, 4096)):
        grid = cost_grid(["H100"], ["Llama-3.1-8B"], context=given_, utilization=1)
        said = ts.decode_cost("Llama-3.1-8B", "H100", 64, context)
        assert grid.to_frame().token_cost.item() == pytest.approx(said, rel=1e-12)


def test_the_estimate_follows_your_own_efficiencies(tmp_path: Path) -> None:
    grid = cost_grid(["H100"], ["Llama-3.1-8B"])
    ideal = {"bandwidth_efficiency": 1, "link_efficiency": 1, "layer_latency": 3e-6, "expert_latency": 5e-7}
    edited = typed(grid, tmp_path, {base(grid, key): value for key, value in ideal.items()})
    blocks = in_memory(grid)
    floor, estimate = (blocks[key].values.item() for key in ("floor_million", "output_million"))
    assert floor < edited.show(place(grid, "output_million")) < estimate


def test_a_model_whose_layers_are_not_known_has_no_estimate(tmp_path: Path) -> None:
    own = tmp_path / "models.csv"
    own.write_text("name,total_params,active_params,kv_bytes_per_token\nOurs,7e9,7e9,131072\n")
    try:
        ts.use_catalogue(own)
        grid = cost_grid(["H100"], ["Ours"])
        path, frame = grid.save(tmp_path / "grid.xlsx"), grid.to_frame()
        values, floor, estimate = cached(path), place(grid, "floor_million"), place(grid, "output_million")
    finally:
        ts.use_catalogue()
    assert values[floor] > 0
    assert values[estimate] == frame.why.item() == "no layers"
    assert values[TOTAL] == PASS
    assert frame.token_cost.isna().item()
    assert frame.ideal_token_cost.item() > 0


def test_what_has_no_rent_says_so() -> None:
    unpriced = next(name for name, row in ts.chips().items() if not row["usd_per_hour"] and row["hbm_bytes"] > 40e9)
    grid = cost_grid([unpriced], ["Llama-3.1-8B"])
    assert grid.to_rows()[1][1] == "no $/hour"
    assert grid.to_frame().step_time.item() > 0
    assert cost_grid([unpriced], ["Llama-3.1-8B"], usd_per_hour={unpriced: 1.5}).to_frame().token_cost.item() > 0


@pytest.mark.parametrize(("precision", "kv_precision"), [("bf16", "bf16"), ("mxfp4", "fp4"), ("int4", "fp8")])
def test_the_workbook_follows_its_inputs(tmp_path: Path, precision: str, kv_precision: str) -> None:
    before = cost_grid(**GRID)
    inputs: dict[str, Any] = dict(
        batch=256, context=32768, precision=precision, kv_precision=kv_precision, price_basis="owned",
        chips_per_model=16, utilization=0.6, headroom=0.05, flops_per_param=1, tensor_parallel=4, stages=2,
    )  # fmt: skip
    changes: dict[str, Any] = {base(before, key): value for key, value in inputs.items()}
    changes |= {base(before, "models", 1): "gpt-oss-120b", base(before, "pair_model"): "gpt-oss-120b"}
    edited = typed(before, tmp_path, changes)
    models = ["DeepSeek-V3", "gpt-oss-120b", "gpt-oss-120b"]
    after = cost_grid(GRID["chips"], models, pair_model="gpt-oss-120b", **inputs)
    for key in ("blended", "low_blended", "output_million", "input_million", "binding", "latency", "pair_blended"):
        new, old = in_memory(after)[key], in_memory(before)[key]
        for (i, j), value in np.ndenumerate(new.values):
            shown = edited.show(f"{old.sheet}!{xl_rowcol_to_cell(old.row + i, old.column + j)}")
            assert shown == (value if isinstance(value, str) else pytest.approx(value, rel=1e-9)), (key, i, j)
    assert edited.show(TOTAL) == PASS


# What was wrong with the workbook once: see CHANGELOG.md


@pytest.mark.parametrize("batch", [1, 8, 64])
def test_the_bound_is_below_the_estimate_in_every_pair_and_a_check_says_so(batch: int) -> None:
    grid = cost_grid(batch=batch)
    frame = grid.to_frame()
    ends = frame[["ideal_token_cost", "low_token_cost", "token_cost", "high_token_cost"]].to_numpy()
    assert (ends[:, 1:] >= ends[:, :-1]).all()
    for key in ("ordered", "prompt_ordered", "longest"):
        assert np.all(in_memory(grid)[key].values == 1)


def test_the_headline_is_the_blended_cost_as_served_and_nothing_is_called_a_price(defaults: dict[str, Path]) -> None:
    book = loaded(defaults["native"], data_only=True)
    heads = [row[0].value for row in book["Grid"].iter_rows(min_row=9) if row[1].value == "Unit"]
    assert [re.split("[ ,]", text)[0] for text in heads] == [
        "Of", "Blended", "Output", "Input", "Cached", "Floor", "What", "Time", "Chips",
    ]  # fmt: skip
    assert cost_grid().asked("utilization") == 0.5
    for name in ("Board", "Grid", "Range", "Pair"):
        words = {str(cell.value) for row in book[name].iter_rows() for cell in row}
        assert not [text for text in words if re.search(r"\bprices?\b", text, re.I)], name


def test_what_is_typed_wrongly_fails_a_check_that_names_it_and_no_error_gets_through(tmp_path: Path) -> None:
    grid = cost_grid(**SMALL)
    edited = Edited(grid.save(tmp_path / "grid.xlsx"))
    right = {"bandwidth_efficiency": 0.8526, "context": 0, "batch": 64, "chips": "H100 SXM", "precision": "fp8"}
    places = {base(grid, key): (key, old) for key, old in right.items()} | {own_rent(grid): ("own rent", "")}
    wrong = {"bandwidth_efficiency": (0, "", -1, "abc"), "context": ("", -1, 1e300), "batch": ("", 0, "64 seq"),
             "chips": ("", "H*", "no such"), "precision": ("", "int8", -2), "own rent": (-3, "x", 1e300)}  # fmt: skip
    for cell, (key, old) in places.items():
        row = int(re.sub(r"\D", "", cell.partition("!")[2]))
        for value in wrong[key]:
            edited.type({cell: value})
            assert re.match(rf"A check fails: {cell.partition('!')[0]}, row {row}, ", edited.show(TOTAL)), (key, value)
            for sheet in edited.sheets:
                assert edited.show(f"{sheet}!A3") == edited.show(TOTAL)
        edited.type({cell: old})
    assert edited.show(TOTAL) == PASS
    edited.type({base(grid, "context"): 0})
    assert edited.show(place(grid, "blended", "B200 SXM", "gpt-oss-120b")) > 0


def test_rents_are_on_one_basis_which_is_an_input(tmp_path: Path, libreoffice: Any) -> None:
    """The same as if it had been written so, in both engines; a chip without such a rent says so."""
    chips, model = ["H100 SXM", "MI355X", "L4"], "Llama-3.1-8B"
    grid, other = (
        cost_grid(chips, [model], price_basis=basis, usd_per_hour={"L4": 0.5}) for basis in ("3 years", "spot")
    )
    path, cell = grid.save(tmp_path / "grid.xlsx"), base(grid, "price_basis")
    edited, recalculated = typed(grid, tmp_path, {cell: "spot"}), libreoffice.recalculate(path, changes={cell: "spot"})
    for chip, rent, terms in zip(chips, (1.25, 0, 0.5), ("spot", "no rent", "your own"), strict=True):
        for show in (edited.show, recalculated.__getitem__):
            assert show(place(grid, "shown_rent", chip)) == rent
            assert show(place(grid, "shown_terms", chip)) == terms
            said = in_memory(other)["output_million"].values[0, chips.index(chip)]
            found = show(place(grid, "output_million", chip))
            assert found == (said if isinstance(said, str) else pytest.approx(said, rel=1e-9))
    assert in_memory(other)["output_million"].values[0, 1] == "no $/hour"
    assert "H100 SXM" in cost_grid(price_basis="spot").chips
    assert "MI355X" not in cost_grid(price_basis="spot").chips


def alerts(edited: Edited, path: Path) -> set[str]:
    """The alerts that there are, by their words."""
    sheet = loaded(path)["Checks"]
    rows = [row[0].row for row in sheet.iter_rows(min_row=6) if row[1].value == "alert"]
    return {sheet.cell(row, 1).value for row in rows if edited.show(f"Checks!C{row}") != 1}


def test_doubts_of_a_rent_stand_in_its_header_and_go_with_it_and_a_basis_that_differs_is_an_alert(
    tmp_path: Path,
) -> None:
    grid = cost_grid(["H100", "Trainium1"], ["Llama-3.1-8B"])
    path = grid.save(tmp_path / "grid.xlsx")
    edited = Edited(path)
    edited.type({})
    assert edited.show(place(grid, "shown_terms", "H100 SXM")) == "3 years, unverified"
    assert edited.show(place(grid, "shown_terms", "Trainium1")) == "3 years"
    of_basis, verified = "Grid: every rent is on the price basis that Inputs names", "Grid: every rent is verified"
    assert verified in alerts(edited, path)
    assert of_basis not in alerts(edited, path)
    edited.type({own_rent(grid): 2.5})
    assert edited.show(place(grid, "shown_terms", "H100 SXM")) == "your own"
    assert edited.show(place(grid, "rent_age", "H100 SXM")) == 0
    assert edited.show(place(grid, "shown_rent", "H100 SXM")) == 2.5
    assert verified not in alerts(edited, path)
    assert of_basis in alerts(edited, path)
    assert edited.show(TOTAL) == PASS


def test_an_own_chip_and_an_own_model_just_work(tmp_path: Path) -> None:
    """Typed on the sheet Catalogue and picked, they cost what the rows do that they were copied from."""
    grid = cost_grid(**SMALL)
    blocks, path = in_memory(grid), grid.save(tmp_path / "grid.xlsx")
    page, changes = loaded(path)["Catalogue"], dict[str, Any]()
    for kind, source, own in (("chip", "H100 SXM", "Own chip 1"), ("model", "gpt-oss-120b", "Own model 2")):
        names = blocks[f"{kind}_names"]
        columns = [1 + names.column + [*names.values.ravel()].index(name) for name in (source, own)]
        for row in range(names.row + 2, page.max_row):
            known, cell = (page.cell(row, column) for column in columns)
            if f"Catalogue!{cell.coordinate}" in input_cells(path) and cell.data_type != "s":
                changes[f"Catalogue!{cell.coordinate}"] = "" if known.value is None else known.value
            if page.cell(row, 1).value is None:
                break
        changes[base(grid, f"{kind}s")] = own
    column = [*blocks["chip_names"].values.ravel()].index("Own chip 1")
    changes[own_rent(grid, column)] = ts.chips()["H100 SXM"]["usd_per_hour"]
    edited = typed(grid, tmp_path, changes)
    expected = blocks["blended"].values[1, 0]
    assert edited.show(place(grid, "blended", "H100 SXM", "Llama-3.1-8B")) == pytest.approx(expected, rel=1e-9)
    assert edited.show(TOTAL) == PASS


def test_chips_are_whole_and_more_than_a_domain_has_are_an_alert(tmp_path: Path) -> None:
    grid = cost_grid(**SMALL)
    path, cell = grid.save(tmp_path / "grid.xlsx"), base(grid, "chips_per_model")
    edited, beyond = Edited(path), "Grid: no model takes more chips than a domain has"
    edited.type({})
    assert beyond not in alerts(edited, path)
    edited.type({cell: 2.5})
    assert re.fullmatch(r"A check fails: Inputs, row \d+, Chips of a model.*, whole", edited.show(TOTAL))
    edited.type({cell: 1000})
    assert edited.show(TOTAL) == PASS
    assert beyond in alerts(edited, path)
    assert edited.show(place(grid, "shown_domain", "H100 SXM")) == 8


def test_the_curves_of_the_pair_end_at_the_largest_batch_and_give_no_cost_of_what_does_not_fit() -> None:
    blocks = in_memory(cost_grid(**SMALL, pair_chip="H100", pair_model="Llama-3.1-8B", utilization=1))
    batches, costs = blocks["curve_batch"].values.ravel(), blocks["curve_output_million"].values.ravel()
    assert (batches[0], batches[-1]) == (1, blocks["pair_largest_batch"].values.item())
    for batch, cost in zip(batches, costs, strict=True):
        said = ts.decode_cost("Llama-3.1-8B", "H100", batch, 3200, blocks["pair_chips"].values.item())
        assert cost == pytest.approx(1e6 * said, rel=1e-9)
    unfit = in_memory(cost_grid(["H100"], ["DeepSeek-V3"], chips_per_model=8))
    assert {*unfit["curve_output_million"].values.ravel()} == {"does not fit"}
    assert {*unfit["curve_latency"].values.ravel()} == {"–"}


def test_the_pair_is_that_of_the_grid_and_may_be_another(tmp_path: Path) -> None:
    grid = cost_grid(**SMALL)
    blocks = in_memory(grid)
    column, row = (
        grid.chips.index(blocks["pair_chip"].values.item()),
        grid.models.index(blocks["pair_model"].values.item()),
    )
    assert blocks["pair_blended"].values.item() == blocks["blended"].values[row, column]
    other = cost_grid(**SMALL, pair_chip="MI300X", pair_model="DeepSeek-V3")
    same = cost_grid(["MI300X"], ["DeepSeek-V3"])
    assert in_memory(other)["pair_blended"].values.item() == in_memory(same)["blended"].values.item()
    assert typed(other, tmp_path, {}).show(TOTAL) == PASS


def test_the_cases_are_whole_grids_and_the_parts_add_up() -> None:
    """Each case of Sensitivity is the blended cost of a grid with that one input changed."""
    grid = cost_grid(["B200"], ["gpt-oss-120b"], pair_model="gpt-oss-120b")
    blocks = in_memory(grid)
    costs = dict(zip(blocks["case"].values.ravel(), blocks["case_cost"].values.ravel(), strict=True))
    cases: dict[str, dict[str, Any]] = {
        "Batch: low": dict(batch=32), "Prompt: high": dict(input_tokens=6000),
        "Utilization: high": dict(utilization=0.65), "Cached share of the prompt: low": dict(cached_share=0.3),
        "Answer: high": dict(output_tokens=800),
        "Rents over those of Catalogue: low": dict(rent_factor=1.2),
    }  # fmt: skip
    for label, changed in cases.items():
        other = cost_grid(["B200"], ["gpt-oss-120b"], **changed).to_frame()
        assert costs[label] == pytest.approx(1e6 * other.blend.item(), rel=1e-9), label
    parts, left = blocks["bridge_parts"].values, blocks["bridge_left"].values
    assert parts.sum() + left.sum() == pytest.approx(blocks["pair_blended"].values.item(), rel=1e-9)
    assert left == pytest.approx(blocks["idle"].values, rel=1e-9)
    swings = blocks["rank_swing"].values.ravel()
    assert np.all(np.diff(swings) <= 0)


def test_the_two_way_table_is_the_cost_at_other_rents_and_utilizations() -> None:
    blocks = in_memory(cost_grid(["B200"], ["gpt-oss-120b"]))
    rent = blocks["rent_seen"].values.ravel()[1]
    for row, used in enumerate((0.2, 0.3, 0.4)):
        asked: dict[str, Any] = dict(usd_per_hour={"B200": rent}, utilization=used)
        other = cost_grid(["B200"], ["gpt-oss-120b"], **asked).to_frame().blend.item()
        assert blocks["two_way"].values[row, 1] == pytest.approx(1e6 * other, rel=1e-9)


@pytest.mark.parametrize(("scenario", "place_"), [("Low", 0), ("High", 2)])
def test_a_scenario_is_the_workbook_with_its_values_as_the_base(tmp_path: Path, scenario: str, place_: int) -> None:
    grid = cost_grid(**SMALL)
    edited = typed(grid, tmp_path, {"Inputs!C7": scenario})
    values = {each.key: row[place_] for each in grid.inputs for row in each.rows if row[place_] is not None}
    other = in_memory(cost_grid(**SMALL, **values))["blended"].values
    for model, costs in zip(grid.models, other, strict=True):
        for chip, cost in zip(grid.chips, costs, strict=True):
            assert edited.show(place(grid, "blended", chip, model)) == pytest.approx(cost, rel=1e-9)
    assert edited.show(TOTAL) == PASS


def test_what_the_sheet_computes_is_the_chain(tmp_path: Path) -> None:
    """Each quantity of the chain that gives the costs has its place in Steps, under the chain's own label."""
    sheet = loaded(cost_grid(**SMALL).save(tmp_path / "grid.xlsx"))["Steps"]
    texts = {str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value}
    for quantity in DECODE.of("ideal_token_cost", "token_cost", "low_token_cost", "high_token_cost", "fits"):
        assert quantity.label in texts, quantity.key


def test_a_block_holds_one_formula_of_one_function(tmp_path: Path) -> None:
    calls = formulas(cost_grid(**GRID).save(tmp_path / "grid.xlsx", "udf"))
    fits = [text for at, text in calls.items() if at.startswith("Steps!") and text.startswith("=FITS(")]
    assert len(fits) == 4 * 3
    shapes = {re.sub(r"(?<!\$)\b[A-Z]+|(?<![$\d])\d+", "", text) for text in fits}
    assert len(shapes) == 1
    names = [re.findall(r"[A-Z]+_[A-Z_]+(?=\()", text) for at, text in calls.items() if at.startswith("Steps!")]
    assert max(map(len, names)) == 1


def test_lambda_names_are_stored_as_excel_stores_them(tmp_path: Path) -> None:
    path = cost_grid(**SMALL).save(tmp_path / "grid.xlsx", "lambda")
    with zipfile.ZipFile(path) as parts:
        names, steps = parts.read("xl/workbook.xml").decode(), parts.read("xl/worksheets/sheet5.xml").decode()
    assert (
        '<definedName name="COMPUTE_TIME">_xlfn.LAMBDA(_xlpm.batch,_xlpm.active_params,_xlpm.flops,'
        "_xlop.flops_per_param,IF(_xlfn.ISOMITTED(_xlpm.flops_per_param),2,_xlpm.flops_per_param)*_xlpm.batch*_xlpm.active_params/_xlpm.flops)"
        "</definedName>"
    ) in names
    assert re.search(r'<c r="([A-Z]+\d+)"[^>]* cm="1"><f t="array" ref="\1">COMPUTE_TIME\(', steps)


def test_numbers_are_the_catalogues() -> None:
    frame = cost_grid(**GRID, chips_per_model=8, context=4096).to_frame()
    row = frame[(frame.model == "gpt-oss-120b") & (frame.chip == "MI300X")].iloc[0]
    chip, model = ts.chips()["MI300X"], ts.models()["gpt-oss-120b"]
    sequence = ts.kv_bytes_sequence(4096, model["kv_bytes_per_token"] / 2, model["kv_bytes_per_token_window"] / 2, 128)
    compute = ts.compute_time(64, model["active_params"], 8 * chip["fp8_flops"])
    experts = ts.expert_params(model["total_params"], model["active_params"], 4, 128)
    coverage = ts.expert_coverage(64, 4, 128)
    read = ts.weights_read(model["total_params"] - experts, experts, coverage, 1)
    weights = ts.read_time(read, 8 * chip["hbm_bandwidth"])
    kv = ts.kv_time(64, 1, sequence, 8 * chip["hbm_bandwidth"])
    assert row.ideal_step_time == pytest.approx(ts.roofline_time(compute, weights, kv), rel=1e-12)
    assert row.binds == ts.bound(compute, weights, kv)


def test_a_chip_without_a_format_computes_in_bf16() -> None:
    in_bf16 = cost_grid(["A100"], ["Llama-3.1-8B"], precision="bf16", chips_per_model=1).to_frame()
    in_fp8 = cost_grid(["A100"], ["Llama-3.1-8B"], precision="fp8", chips_per_model=1).to_frame()
    assert in_fp8.compute_time.item() == in_bf16.compute_time.item()
    assert in_fp8.weights_time.item() == in_bf16.weights_time.item() / 2


def test_a_name_of_the_catalogue_stays_a_text_whatever_it_looks_like(tmp_path: Path) -> None:
    own = tmp_path / "chips.csv"
    own.write_text("name,bf16_flops,hbm_bytes,hbm_bandwidth,usd_per_hour\n=1+1,1e15,80e9,3e12,2\n")
    try:
        ts.use_catalogue(own)
        grid = cost_grid(["=1+1"], ["Llama-3.1-8B"])
        path, cell = grid.save(tmp_path / "grid.xlsx"), base(grid, "chips")
    finally:
        ts.use_catalogue()
    assert loaded(path)["Inputs"][cell.partition("!")[2]].data_type == "s"
    assert loaded(path)["Catalogue"]["C6"].data_type == "s"


def test_a_grid_says_briefly_what_it_is() -> None:
    assert repr(cost_grid(**GRID)) == "<CostGrid of 3 x 4: batch 64, fp8, the fewest chips a model>"
    assert repr(cost_grid(**GRID, chips_per_model=8)) == "<CostGrid of 3 x 4: batch 64, fp8, 8 chips a model>"


@pytest.mark.parametrize(
    ("inputs", "error", "message"),
    [
        (dict(chips=["H1000"]), ts.UnknownName, "no chip is called 'H1000'; closest: H100"),
        (dict(models=["GPT-9"]), ts.UnknownName, "no model is called 'GPT-9'"),
        (dict(usd_per_hour={"X": 1}), ts.UnknownName, "no chip is called 'X'"),
        (
            dict(price_basis="now"),
            LookupError,
            "price_basis must be one of on demand, spot, 1 year, 3 years, owned, not 'n",
        ),
        (dict(precision="fp2"), LookupError, "precision must be one of bf16, fp8, fp4, mxfp4, int4, not 'fp2'"),
        (dict(batch=0), ts.DomainError, r"batch must be from 1 to 1e\+06, not 0"),
        (dict(batch="many"), ts.DomainError, r"batch must be from 1 to 1e\+06, not 'many'"),
        (dict(usd_per_hour={"H100": -1}), ts.DomainError, "usd_per_hour of H100 SXM must be from 0 to 1000, not -1"),
        (dict(usd_per_hour=["H100"]), ValueError, "usd_per_hour takes CHIP=RENT, such as H100=2.5, not 'H100'"),
        (dict(utilization=2), ts.DomainError, "utilization must be from 0.05 to 1, not 2"),
        (dict(chips_per_model=2.5), ts.DomainError, "chips_per_model must be a whole number of chips, not 2.5"),
        (dict(btach=2), LookupError, "no input is called 'btach'; closest: batch"),
    ],
)
def test_bad_input_is_a_clear_error_and_writes_nothing(
    tmp_path: Path, inputs: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        cost_grid(**inputs).save(tmp_path / "grid.xlsx")
    assert not list(tmp_path.iterdir())


def test_saving_never_overwrites_unasked(tmp_path: Path) -> None:
    path = tmp_path / "grid.xlsx"
    path.write_text("mine")
    with pytest.raises(FileExistsError):
        cost_grid(**SMALL).save(path)
    assert path.read_text() == "mine"
    cost_grid(**SMALL).save(path, overwrite=True)
    assert path.read_bytes()[:2] == b"PK"
    with pytest.raises(ValueError, match="functions must be one of native, lambda, udf"):
        cost_grid(**SMALL).save(tmp_path / "other.xlsx", "vba")
    assert [each.name for each in tmp_path.iterdir()] == ["grid.xlsx"]
