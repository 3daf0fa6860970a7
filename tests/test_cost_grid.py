"""The cost grid: what the file holds, and that two spreadsheet engines compute what it says."""

import math
import re
from pathlib import Path
from typing import Any

import ironcalc
import pytest
import tokensheet as ts
from hosts import ironcalc as independent_engine
from hypothesis import given, settings
from hypothesis import strategies as st
from tokensheet.chains import DECODE
from tokensheet.numbers import DEFAULTS, FORMATS, KV_FORMATS, numbers_of_formats
from tokensheet.over_names import ENDS
from tokensheet_templates import cost_grid
from tokensheet_templates.catalogue_sheets import CHIP_READS, CHIPS, MAY_BE_BLANK, MODEL_READS, MODELS
from tokensheet_udfs.spelling import FLAVOURS
from workbooks import cached, differences, find, formulas, input_cells, loaded

GRID = dict(chips=["H100", "A100", "B200", "MI300X"], models=["DeepSeek-V3", "Llama-3.1-70B", "gpt-oss-120b"])
V3_ON_H100 = dict(chips=["H100"], models=["DeepSeek-V3"], context=4096, precision="fp8")
# The blocks of the sheet Grid, and what the functions over names call them
PRICES = {"Estimate": "calibrated", "Low end": "low", "High end": "high", "Floor": "ideal"}
TOTAL = "Checks!A3"


@pytest.fixture(scope="module")
def defaults(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The grid as the command line writes it without options, in each flavour."""
    folder = tmp_path_factory.mktemp("grid")
    return {flavour: cost_grid().save(folder / f"{flavour}.xlsx", flavour) for flavour in FLAVOURS}


def save(folder: Path, flavour: str = "native", **inputs: Any) -> Path:
    return cost_grid(**inputs).save(folder / "grid.xlsx", flavour, overwrite=True)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_default_grid_is_large_enough_and_complete(defaults: dict[str, Path], flavour: str) -> None:
    book, grid = loaded(defaults[flavour], data_only=True), cost_grid()
    assert len(grid.chips) >= 12
    assert len(grid.models) >= 20
    for label in PRICES:
        first, last = (find(defaults[flavour], label, grid.chips[i], grid.models[i]) for i in (0, -1))
        for row in book["Grid"][f"{first.partition('!')[2]}:{last.partition('!')[2]}"]:
            for cell in row:
                assert cell.value > 0, cell.coordinate
    assert book["Grid"]["A3"].value == "All checks pass"
    assert "lower bound" in book["Grid"]["A2"].value


def test_the_estimate_as_served_is_the_headline_and_the_floor_stands_behind_it(defaults: dict[str, Path]) -> None:
    sheet = loaded(defaults["native"], data_only=True)["Grid"]
    shown = [row[0].value for row in sheet.iter_rows(min_row=10) if row[0].value and row[0].font.sz == 11]
    assert [re.split("[ :,]", text)[0] for text in shown] == [
        "Estimate", "Low", "High", "Floor", "What", "Latency", "Chips",
    ]  # fmt: skip


# IronCalc has no add-ins, LibreOffice 25.2 no LAMBDA: together they compute every flavour.
@pytest.mark.parametrize("flavour", ["native", "lambda"])
def test_ironcalc_computes_the_cached_values(defaults: dict[str, Path], flavour: str) -> None:
    assert not differences(cached(defaults[flavour]), independent_engine.recalculate(defaults[flavour]))


@pytest.mark.parametrize("flavour", ["native", "udf"])
def test_libreoffice_computes_the_cached_values(defaults: dict[str, Path], flavour: str, libreoffice: Any) -> None:
    assert not differences(cached(defaults[flavour]), libreoffice.recalculate(defaults[flavour]))


@pytest.mark.parametrize("batch", [1, 64, 256, 2400])
def test_deepseek_v3_on_32_h100(tmp_path: Path, batch: int, libreoffice: Any) -> None:
    path = save(tmp_path, **V3_ON_H100, chips_per_model=32, batch=batch)
    found, stored = libreoffice.recalculate(path), cached(path)
    for label, estimate in PRICES.items():
        place = find(path, label, "H100 SXM", "DeepSeek-V3")
        cost = 1e6 * ts.decode_cost("DeepSeek-V3", "H100", batch, 4096, 32, estimate=estimate)
        assert found[place] == pytest.approx(cost, rel=1e-12)
        assert stored[place] == pytest.approx(cost, rel=1e-12)


def test_what_does_not_fit_says_so(tmp_path: Path, libreoffice: Any) -> None:
    path = save(tmp_path, **V3_ON_H100, chips_per_model=8)
    found = libreoffice.recalculate(path)
    for label in PRICES:
        assert found[find(path, label, "H100 SXM", "DeepSeek-V3")] == "does not fit"
    assert found[find(path, "What binds", "H100 SXM", "DeepSeek-V3")] == "needs 10"  # a tenth of the memory stays free
    assert found[find(path, "Latency", "H100 SXM", "DeepSeek-V3")] == "–"
    assert found[find(path, "Weights", sheet="Pair")] == 671e9
    assert found["Pair!A4"] == "DeepSeek-V3 on 8 x H100 SXM: does not fit, needs 10 chips"
    assert found[TOTAL] == "All checks pass"
    frame = cost_grid(**V3_ON_H100, chips_per_model=8).to_frame()
    assert not frame.fits.item()
    assert frame.why.item() == "does not fit"
    for column in ("ideal_token_cost", "token_cost", "low_token_cost", "high_token_cost", "step_time"):
        assert frame[column].isna().item(), column


# One of each kind: vendors and bands, chips without a rate, a link or a network; dense, experts, MLA, windows, states
CHIPS_OF_EACH_KIND = ["H100", "A100", "GB200", "MI355X", "Trainium2", "TPU v6e", "Gaudi 3", "L40S"]
MODELS_OF_EACH_KIND = ["Llama-3.1-70B", "DeepSeek-V3", "DeepSeek-V3.2", "gpt-oss-120b", "Qwen3.5-27B", "Kimi-K3"]
LOADS = st.fixed_dictionaries(
    {
        "batch": st.floats(1, 4096),
        "context": st.floats(0, 131072),
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
    frame = cost_grid(CHIPS_OF_EACH_KIND, MODELS_OF_EACH_KIND, chips_per_model=chips, **load).to_frame()
    for row in frame.to_dict("records"):
        for end in PRICES.values():
            asked = dict(model=row["model"], chip=row["chip"], chips=chips, estimate=end, **load)
            for ask, key in ((ts.decode_cost, "token_cost"), (ts.decode_time, "step_time")):
                assert row[ENDS[end] + key] == pytest.approx(answer(ask, asked), rel=1e-12, nan_ok=True), (key, asked)


def test_without_a_number_of_chips_each_pair_has_the_fewest_that_one_deploys(tmp_path: Path) -> None:
    path = save(tmp_path, **GRID)
    stored = cached(path)
    for row in cost_grid(**GRID).to_frame().itertuples():
        assert row.chips == ts.chips_needed(row.model, row.chip, 64, 4096)
        assert stored[find(path, "Chips used", row.chip, row.model)] == row.chips
    own_chips = find(path, "Chips per model", sheet="Inputs")
    blank, eight = (edit(path, {own_chips: value}) for value in ("", 8))
    assert blank[find(path, "Chips used", "H100 SXM", "DeepSeek-V3")] == 16
    assert eight[find(path, "Chips used", "H100 SXM", "DeepSeek-V3")] == 8
    assert blank[TOTAL] == eight[TOTAL] == "All checks pass"


@pytest.mark.parametrize("precision", FORMATS)
def test_a_question_has_one_default_wherever_it_is_asked(precision: str) -> None:
    grid = cost_grid(precision=precision)
    assert {key: grid.inputs[key] for key in ("own_chips", "headroom", "utilization", "flops_per_param")} == {
        key: DEFAULTS[key] for key in ("own_chips", "headroom", "utilization", "flops_per_param")
    }
    kept = numbers_of_formats(precision, str(grid.inputs["kv_precision"]))
    assert kept == numbers_of_formats(precision)


def test_the_estimate_follows_your_own_efficiencies(tmp_path: Path) -> None:
    path = save(tmp_path, chips=["H100"], models=["Llama-3.1-8B"])
    floor, estimate = (find(path, label, "H100 SXM", "Llama-3.1-8B") for label in ("Floor", "Estimate"))
    ideal = {"Bandwidth efficiency": 1, "Link efficiency": 1, "Layer latency": 0, "Expert latency": 0}
    found = edit(path, {find(path, label, sheet="Inputs"): value for label, value in ideal.items()})
    assert cached(path)[floor] < found[estimate] < cached(path)[estimate]


def test_a_model_whose_layers_are_not_known_has_no_estimate(tmp_path: Path) -> None:
    own = tmp_path / "models.csv"
    own.write_text("name,total_params,active_params,kv_bytes_per_token\nOurs,7e9,7e9,131072\n")
    try:
        ts.use_catalogue(own)
        path = save(tmp_path, chips=["H100"], models=["Ours"])
        frame = cost_grid(chips=["H100"], models=["Ours"]).to_frame()
    finally:
        ts.use_catalogue()
    values = cached(path)
    assert values[find(path, "Floor", "H100 SXM", "Ours")] > 0
    assert values[find(path, "Estimate", "H100 SXM", "Ours")] == "no layers"
    assert values[TOTAL] == "All checks pass"
    assert frame.why.item() == "no layers"
    assert frame.token_cost.isna().item()
    assert frame.ideal_token_cost.item() > 0


def test_what_has_no_rent_says_so(tmp_path: Path) -> None:
    unpriced = next(name for name, row in ts.chips().items() if not row["usd_per_hour"] and row["hbm_bytes"] > 40e9)
    path = cost_grid([unpriced], ["Llama-3.1-8B"]).save(tmp_path / "grid.xlsx")
    assert cached(path)[find(path, "Estimate", unpriced, "Llama-3.1-8B")] == "no $/hour"
    assert cost_grid([unpriced], ["Llama-3.1-8B"]).to_frame().step_time.item() > 0
    assert cost_grid([unpriced], ["Llama-3.1-8B"], usd_per_hour={unpriced: 1.5}).to_frame().token_cost.item() > 0


def test_rents_are_on_one_basis_which_is_an_input(tmp_path: Path, libreoffice: Any) -> None:
    """The same file as if it had been written so, in both engines; a chip without such a rent says so."""
    chips, model = ["H100 SXM", "MI355X", "L4"], "Llama-3.1-8B"
    path, other = (
        cost_grid(chips, [model], price_basis=basis, usd_per_hour={"L4": 0.5}).save(tmp_path / f"{basis}.xlsx")
        for basis in ("3 years", "spot")
    )
    place = find(path, "Price basis", sheet="Inputs")
    for found in (edit(path, {place: "spot"}), libreoffice.recalculate(path, changes={place: "spot"})):
        assert not differences(cached(other), {key: found[key] for key in cached(other)})
        assert found[find(path, "Estimate", "MI355X", model)] == "no $/hour"
    grid = loaded(other, data_only=True)["Grid"]
    assert [[cell.value for cell in row[1:4]] for row in grid["A8:D9"]] == [
        [1.25, 0, 0.5],
        ["spot", "no rent, spot", "your own"],
    ]
    assert "H100 SXM" in cost_grid(price_basis="spot").chips
    assert "MI355X" not in cost_grid(price_basis="spot").chips


def test_where_each_rent_is_from_stands_beside_it(defaults: dict[str, Path]) -> None:
    sheet = loaded(defaults["native"], data_only=True)["Chips"]
    row = next(row for row in sheet.iter_rows(min_row=6) if row[0].value == "H100 SXM")
    assert [cell.value for cell in row[11:16]] == [2.95, 1.25, 2.35, 1.78, 1.55]
    assert [cell.font.i for cell in row[11:16]] == [False, False, True, True, True]  # modelled or at second hand
    assert "3 years 1.78 (1.3 to 1.78), 2026-08-14: SemiAnalysis" in row[17].value


def edit(path: Path, changes: dict[str, float | str]) -> dict[str, Any]:
    """What the workbook shows after somebody typed into some of its cells."""
    with_changes = Edited(path)
    with_changes.type(changes)
    return {place: with_changes.show(place) for place in formulas(path)}


class Edited:
    """A workbook open in IronCalc."""

    def __init__(self, path: Path) -> None:
        self.model = ironcalc.load_from_xlsx(str(path), "en", "UTC", "en")
        self.sheets = [sheet["name"] for sheet in self.model.get_worksheets_properties()]

    def type(self, changes: dict[str, Any]) -> None:
        for place, value in changes.items():
            sheet, _, cell = place.partition("!")
            column, row = re.fullmatch(r"([A-Z]+)(\d+)", cell).groups()  # type: ignore[union-attr]
            column = ironcalc.column_number_from_name(column)
            self.model.set_user_input(self.sheets.index(sheet), int(row), column, str(value))
        self.model.evaluate()

    def show(self, place: str) -> Any:
        return self.model.get_cell_value_by_ref(place)


@pytest.mark.parametrize(("precision", "kv_precision"), [("bf16", "bf16"), ("mxfp4", "fp4"), ("int4", "fp8")])
def test_the_workbook_follows_its_inputs(tmp_path: Path, precision: str, kv_precision: str) -> None:
    before = save(tmp_path, **GRID)
    typed = {
        "Batch": 256, "Context": 32768, "Precision of the weights": precision,
        "Precision of the KV cache": kv_precision, "Price basis": "owned", "Chips per model": 16, "Utilization": 0.5,
        "Memory headroom": 0.05, "FLOPs per parameter": 1, "Tensor parallel": 4, "Pipeline stages": 2,
    }  # fmt: skip
    changes = {find(before, label, sheet="Inputs"): value for label, value in typed.items()}
    changes |= {"Grid!C7": "H200 SXM", "Grid!A13": "Kimi-K2", "Pair!B7": "B200 SXM", "Pair!B8": "gpt-oss-120b"}
    found = edit(before, changes)
    after = cost_grid(
        ["H100", "H200", "B200", "MI300X"], ["DeepSeek-V3", "Kimi-K2", "gpt-oss-120b"], batch=256, context=32768,
        precision=precision, kv_precision=kv_precision, price_basis="owned", chips_per_model=16,
        utilization=0.5, headroom=0.05, flops_per_param=1, tensor_parallel=4, stages=2,
    ).save(tmp_path / "after.xlsx")  # fmt: skip
    expected = {place: value for place, value in cached(after).items() if not place.startswith("Pair!")}
    assert not differences(expected, found)
    assert found["Pair!A4"].startswith("gpt-oss-120b on 16 x B200 SXM")
    assert found[TOTAL] == "All checks pass"


WRONG: tuple[Any, ...] = ("", "64 seq", -1, 0, 1e300, True, "fp2")


def is_right(place: str, old: Any, new: Any, allowed: str) -> bool:
    """Whether what a test calls wrong is a right value of that cell after all."""
    if isinstance(old, str):
        return False
    if new == "":
        return place.startswith("Chips!") or "; 0 for " in allowed
    return new is not True and new == 0 and (place.startswith("Chips!") or "from 0" in allowed)


def test_whatever_is_typed_wrongly_is_named_in_the_total_and_never_passes(tmp_path: Path) -> None:
    path = save(tmp_path, chips=["H100", "B200"], models=["DeepSeek-V3", "gpt-oss-120b"])
    cells, book = input_cells(path), loaded(path)
    assert {place.partition("!")[0] for place in cells} == {"Inputs", "Chips", "Grid", "Pair"}
    edited = Edited(path)
    edited.type({})
    assert edited.show(TOTAL) == "All checks pass"
    for place, right in cells.items():
        sheet, _, cell = place.partition("!")
        row = [str(each.value) for each in book[sheet][book[sheet][cell].row]]
        above = [str(each.value) for (each,) in book[sheet][f"{cell[0]}1:{cell[0]}{book[sheet][cell].row}"]]
        head = next(text for text in reversed(above) if text != "None" and not re.match(r"[\d.]+$", text))
        label = f"({re.escape(row[0])}|{re.escape(head)})" if sheet == "Inputs" else ""
        for wrong in (*WRONG, "H100", "H*"):
            if is_right(place, right, wrong, " ".join(row)):
                continue
            edited.type({place: wrong})
            shown = edited.show(TOTAL)
            assert re.match(f"A check fails: {sheet}.*{label}", shown), (place, wrong, shown)
            assert {edited.show(f"{name}!A3") for name in book.sheetnames} == {shown}
        edited.type({place: "" if right is None else right})
    assert edited.show(TOTAL) == "All checks pass"


def test_a_wrong_number_in_the_catalogue_fails_a_check(tmp_path: Path) -> None:
    """In whichever column of a chip or model the chain reads: a blank is right where the catalogue may have one."""
    path = save(tmp_path, **V3_ON_H100)
    edited, book = Edited(path), loaded(path)
    needed = {*DECODE.of("token_cost").given(), "chip_band", "model_unseen"}
    for sheet, reads, columns, name in (
        ("Chips", CHIP_READS | {"chip_band": "band"}, CHIPS, "H100 SXM"),
        ("Models", MODEL_READS | {"model_unseen": "unseen"}, MODELS, "DeepSeek-V3"),
    ):
        row = next(cell.row for cell in book[sheet]["A"] if cell.value == name)
        fields = [field for _, field, *_ in columns]
        for column in {reads[key] for key in reads if key in needed}:
            cell = book[sheet].cell(row, fields.index(column) + 1)
            for wrong in ("", "fast", -1, 1e300):
                if wrong == "" and column in MAY_BE_BLANK:
                    continue
                edited.type({f"{sheet}!{cell.coordinate}": wrong})
                assert edited.show(TOTAL).startswith(f"A check fails: {sheet}, "), (sheet, column, wrong)
            edited.type({f"{sheet}!{cell.coordinate}": cell.value})
    assert edited.show(TOTAL) == "All checks pass"


def test_libreoffice_names_what_was_typed_wrongly_too(tmp_path: Path, libreoffice: Any) -> None:
    path = save(tmp_path, chips=["H100", "B200"], models=["DeepSeek-V3", "gpt-oss-120b"])
    wrong: dict[str, tuple[Any, ...]] = {
        find(path, "Batch", sheet="Inputs"): ("", "64 seq", -1, 0, 1e300),
        find(path, "Precision of the weights", sheet="Inputs"): ("", "int8", 5),
        find(path, "Bandwidth efficiency", sheet="Inputs"): ("", -1, 0, 1.5, "abc"),
        find(path, "NVIDIA: neither known", sheet="Inputs"): (9, "x"),
        "Chips!H9": (-2, "x", 1e300),
        "Grid!B7": ("H100", "H*", "", 5),
        "Pair!B8": ("Nonesuch", ""),
    }
    for place, values in wrong.items():
        for value in values:
            found = libreoffice.recalculate(path, changes={place: value})
            assert found[TOTAL].startswith(f"A check fails: {place.partition('!')[0]}"), (place, value, found[TOTAL])
            assert found["About!A3"] == found["Pair!A3"] == found[TOTAL]


def test_every_input_has_a_validation(tmp_path: Path) -> None:
    path = save(tmp_path, **GRID)
    book = loaded(path)
    for place in input_cells(path):
        sheet, _, cell = place.partition("!")
        assert any(cell in rule.sqref for rule in book[sheet].data_validations.dataValidation), place


def test_floor_and_band_are_in_order_and_checked_in_every_pair(defaults: dict[str, Path]) -> None:
    labels = [cell.value for cell in loaded(defaults["native"])["Checks"]["A"]]
    assert "Working: floor <= low end <= estimate <= high end in every pair" in labels
    frame = cost_grid(batch=1, context=0).to_frame()
    ends = frame[["ideal_token_cost", "low_token_cost", "token_cost", "high_token_cost"]].to_numpy()
    assert (ends[:, 1:] >= ends[:, :-1]).all()


def test_what_the_sheet_computes_is_the_chain(tmp_path: Path) -> None:
    """Each quantity of the chain that gives the costs has its place in Working, under the chain's own label."""
    sheet = loaded(save(tmp_path, **GRID))["Working"]
    texts = {str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value}
    for quantity in DECODE.of("ideal_token_cost", "token_cost", "low_token_cost", "high_token_cost", "fits"):
        assert any(text.startswith(quantity.label) for text in texts), quantity.key


def test_formulas_hold_no_constants_but_universal_ones(tmp_path: Path) -> None:
    universal = {"0", "1", "2", "3", "4", "40", "0.5", "100", "1000", "3600", "1000000", "1E-12"}
    # 3: bytes of a value to its expert and back; 4: twice two all-reduces a layer, and where chips end to double;
    # 40: where EXPERT_COVERAGE is 1 in all digits
    path = save(tmp_path, **GRID)
    for place, text in formulas(path).items():
        bare = re.sub(r'"[^"]*"|\$?[A-Z]+\$?\d+', "", text)
        assert set(re.findall(r"(?<![A-Z_])\d+\.?\d*(?:E-?\d+)?", bare)) <= universal, (place, text)


def test_formulas_are_short_and_nest_no_more_than_two_ifs(tmp_path: Path) -> None:
    for place, text in formulas(save(tmp_path, **GRID)).items():
        assert len(text) < 160, (place, text)
        assert text.count("IF(") - text.count("COUNTIF(") <= 2, (place, text)


def block_of(texts: dict[str, str], start: str) -> list[str]:
    """The formulas of the sheet Working that begin so, in the order of the sheet."""
    return [text for place, text in texts.items() if place.startswith("Working!") and text.startswith(start)]


def test_a_block_holds_one_formula_of_one_function(tmp_path: Path) -> None:
    calls = formulas(save(tmp_path, "udf", **GRID))
    fits = block_of(calls, "=FITS(")
    assert len(fits) == 4 * 3
    shapes = {re.sub(r"(?<!\$)\b[A-Z]+|(?<![$\d])\d+", "", text.replace("Inputs!", "")) for text in fits}
    assert len(shapes) == 1
    natives = block_of(formulas(save(tmp_path, "native", **GRID)), "=$")
    assert any(re.fullmatch(r"=\$\w+\+\$\w+<=[A-Z]+\d+\*[A-Z]+\$\d+\*\(1-Inputs!\$B\$\d+\)", text) for text in natives)
    names = [re.findall(r"[A-Z]+_[A-Z_]+(?=\()", text) for place, text in calls.items() if place.startswith("Working!")]
    assert max(map(len, names)) == 1


def test_lambda_names_are_stored_as_excel_stores_them(tmp_path: Path) -> None:
    import zipfile

    path = save(tmp_path, "lambda", **GRID)
    with zipfile.ZipFile(path) as parts:
        names, working = parts.read("xl/workbook.xml").decode(), parts.read("xl/worksheets/sheet5.xml").decode()
    assert (
        '<definedName name="COMPUTE_TIME">_xlfn.LAMBDA(_xlpm.batch,_xlpm.active_params,_xlpm.flops,'
        "_xlop.flops_per_param,IF(_xlfn.ISOMITTED(_xlpm.flops_per_param),2,_xlpm.flops_per_param)*_xlpm.batch*_xlpm.active_params/_xlpm.flops)"
        "</definedName>"
    ) in names
    assert re.search(r'<c r="([A-Z]+\d+)"[^>]* cm="1"><f t="array" ref="\1">COMPUTE_TIME\(', working)


def test_numbers_are_the_catalogues() -> None:
    frame = cost_grid(**GRID, chips_per_model=8).to_frame()
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
        path = save(tmp_path, chips=["=1+1"], models=["Llama-3.1-8B"])
    finally:
        ts.use_catalogue()
    assert loaded(path)["Grid"]["B7"].data_type == "s"
    assert not [text for text in formulas(path).values() if text == "=1+1"] or cached(path)["Grid!B7"] == "=1+1"


def test_a_grid_says_briefly_what_it_is() -> None:
    assert repr(cost_grid(**GRID)) == "<CostGrid of 3 x 4: batch 64, context 4096, fp8, the fewest chips a model>"


@pytest.mark.parametrize(
    ("inputs", "error", "message"),
    [
        (dict(chips=["H1000"]), ts.UnknownName, "no chip is called 'H1000'; closest: H100"),
        (dict(models=["GPT-9"]), ts.UnknownName, "no model is called 'GPT-9'"),
        (dict(usd_per_hour={"X": 1}), ts.UnknownName, "no chip is called 'X'"),
        (
            dict(price_basis="now"),
            LookupError,
            "price_basis must be on demand, spot, 1 year, 3 years, owned, not 'now'",
        ),
        (dict(precision="fp2"), LookupError, "precision must be bf16, fp8, fp4, mxfp4, int4, not 'fp2'"),
        (dict(batch=0), ts.DomainError, "cost_grid: batch must be > 0, not 0"),
        (dict(batch="many"), ts.DomainError, "cost_grid: batch must be a number > 0, not 'many'"),
        (dict(usd_per_hour={"H100": -1}), ts.DomainError, "usd_per_hour of H100 must be >= 0, not -1"),
        (dict(utilization=2), ts.DomainError, "utilization must be > 0 and <= 1, not 2"),
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
        cost_grid(**GRID).save(path)
    assert path.read_text() == "mine"
    cost_grid(**GRID).save(path, overwrite=True)
    assert path.read_bytes()[:2] == b"PK"
    with pytest.raises(ValueError, match="functions must be one of native, lambda, udf"):
        cost_grid(**GRID).save(tmp_path / "other.xlsx", "vba")
    assert [each.name for each in tmp_path.iterdir()] == ["grid.xlsx"]
