"""The cost grid: what the file holds, and that two spreadsheet engines compute what it says."""

import re
from pathlib import Path
from typing import Any

import ironcalc
import openpyxl
import pytest
import tokensheet as ts
from hosts import ironcalc as independent_engine
from tokensheet_templates import cost_grid
from tokensheet_udfs.spelling import FLAVOURS
from workbooks import cached, differences, formulas

GRID = dict(chips=["H100", "A100", "B200", "MI300X"], models=["DeepSeek-V3", "Llama-3.1-70B", "gpt-oss-120b"])
V3_ON_H100 = dict(chips=["H100"], models=["DeepSeek-V3"], context=4096, precision="fp8")


@pytest.fixture(scope="module")
def defaults(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The grid as the command line writes it without options, in each flavour."""
    folder = tmp_path_factory.mktemp("grid")
    return {flavour: cost_grid().save(folder / f"{flavour}.xlsx", flavour) for flavour in FLAVOURS}


def save(folder: Path, flavour: str = "native", **inputs: Any) -> Path:
    return cost_grid(**inputs).save(folder / "grid.xlsx", flavour, overwrite=True)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_default_grid_is_large_enough_and_complete(defaults: dict[str, Path], flavour: str) -> None:
    grid = openpyxl.load_workbook(defaults[flavour], data_only=True)["Grid"]
    chips = [cell.value for cell in grid[7][1:]]
    chips = chips[: chips.index(None)]
    models = [row[0].value for row in grid.iter_rows(min_row=10) if row[0].value]
    assert len(chips) >= 12
    assert len(models) >= 20
    for row in grid.iter_rows(min_row=10, max_row=9 + len(models), min_col=2, max_col=1 + len(chips)):
        for cell in row:
            assert cell.value == "does not fit" or cell.value > 0, cell.coordinate
    assert grid["A3"].value == "All checks pass"
    assert "lower bound" in grid["A2"].value


# IronCalc has no add-ins, LibreOffice 25.2 no LAMBDA: together they compute every flavour.
@pytest.mark.parametrize("flavour", ["native", "lambda"])
def test_ironcalc_computes_the_cached_values(defaults: dict[str, Path], flavour: str) -> None:
    assert not differences(cached(defaults[flavour]), independent_engine.recalculate(defaults[flavour]))


@pytest.mark.parametrize("flavour", ["native", "udf"])
def test_libreoffice_computes_the_cached_values(defaults: dict[str, Path], flavour: str, libreoffice: Any) -> None:
    assert not differences(cached(defaults[flavour]), libreoffice.recalculate(defaults[flavour]))


@pytest.mark.parametrize(("batch", "price"), [(1, 164.1687), (64, 2.5998), (256, 0.67635), (2400, 0.103593)])
def test_deepseek_v3_on_32_h100(tmp_path: Path, batch: int, price: float, libreoffice: Any) -> None:
    path = save(tmp_path, **V3_ON_H100, chips_per_model=32, batch=batch)
    found = libreoffice.recalculate(path)["Grid!B10"]
    assert found == pytest.approx(price, rel=5e-5)
    assert found == cached(path)["Grid!B10"] == pytest.approx(core_price(batch), rel=1e-12)


def core_price(batch: int) -> float:
    step = ts.step_time(batch, 4096, 37e9, 671e9, 1, 35136, 32 * 1979e12, 32 * 3.35e12)
    return float(ts.cost_per_million(ts.token_cost(step, batch, 2.95, 32)))


def test_what_does_not_fit_says_so(tmp_path: Path, libreoffice: Any) -> None:
    path = save(tmp_path, **V3_ON_H100, chips_per_model=8)
    found = libreoffice.recalculate(path)
    assert found["Grid!B10"] == "does not fit"
    assert found["Grid!E10"] == "needs 9"
    pair = openpyxl.load_workbook(path, data_only=True)["Pair"]
    values = {row[0].value: row[1].value for row in pair.iter_rows(min_row=6, max_row=40)}
    assert values["Weights"] == 671e9
    assert values["Memory of all chips"] == 640e9
    assert pair["A4"].value == "DeepSeek-V3 on 8 x H100 SXM: does not fit, needs 9 chips"
    frame = cost_grid(**V3_ON_H100, chips_per_model=8).to_frame()
    assert not frame.fits.item()
    assert frame.usd_per_million.isna().item()


def test_the_estimate_is_that_of_the_functions_and_has_its_band(tmp_path: Path) -> None:
    """Also beyond 8 chips, where attention is split by sequences."""
    for chips in (8, 16):
        frame = cost_grid(batch=32, context=8192, chips_per_model=chips).to_frame().dropna()
        for row in frame.itertuples():
            args: tuple[Any, ...] = (row.model, row.chip, 32, 8192, chips)
            for end, shown in (("calibrated", row.estimate), ("low", row.estimate_low), ("high", row.estimate_high)):
                assert shown == pytest.approx(1e6 * ts.decode_cost(*args, estimate=end), rel=1e-12), (args, end)


def test_the_estimate_follows_your_own_efficiencies(tmp_path: Path) -> None:
    path = save(tmp_path, chips=["H100"], models=["Llama-3.1-8B"])
    ideal, estimate = (cached(path)[f"Grid!{column}10"] for column in ("B", "K"))
    found = edit(path, {f"Inputs!B{row}": value for row, value in zip(range(21, 26), (1, 0, 0, 0, 1), strict=True)})
    assert ideal < found["Grid!K10"] < estimate


def test_a_model_whose_layers_are_not_known_has_no_estimate(tmp_path: Path) -> None:
    own = tmp_path / "models.csv"
    own.write_text("name,total_params,active_params,kv_bytes_per_token\nOurs,7e9,7e9,131072\n")
    try:
        ts.use_catalogue(own)
        path = save(tmp_path, chips=["H100"], models=["Ours"])
    finally:
        ts.use_catalogue()
    assert cached(path)["Grid!B10"] > 0
    assert cached(path)["Grid!K10"] == "no layers"


def test_what_has_no_rent_says_so(tmp_path: Path) -> None:
    unpriced = next(name for name, row in ts.chips().items() if not row["usd_per_hour"] and row["hbm_bytes"] > 40e9)
    grid = cost_grid([unpriced], ["Llama-3.1-8B"])
    path = grid.save(tmp_path / "grid.xlsx")
    assert cached(path)["Grid!B10"] == "no $/hour"
    assert cost_grid([unpriced], ["Llama-3.1-8B"], usd_per_hour={unpriced: 1.5}).to_frame().usd_per_million.item() > 0


def edit(path: Path, changes: dict[str, float | str]) -> dict[str, Any]:
    """What the workbook shows after somebody typed into some of its cells."""
    model = ironcalc.load_from_xlsx(str(path), "en", "UTC", "en")
    sheets = [sheet["name"] for sheet in model.get_worksheets_properties()]
    for place, value in changes.items():
        sheet, _, cell = place.partition("!")
        column, row = re.fullmatch(r"([A-Z]+)(\d+)", cell).groups()  # type: ignore[union-attr]
        model.set_user_input(sheets.index(sheet), int(row), ironcalc.column_number_from_name(column), str(value))
    model.evaluate()
    return {place: model.get_cell_value_by_ref(place) for place in formulas(path)}


def test_the_workbook_follows_its_inputs(tmp_path: Path) -> None:
    before = save(tmp_path, **GRID)
    changes = {"Inputs!B6": 256, "Inputs!B7": 32768, "Inputs!B8": "bf16", "Inputs!B9": "bf16", "Inputs!B10": 16,
               "Inputs!B11": 0.5, "Inputs!B12": 0.1, "Inputs!B13": 1, "Grid!C7": "H200 SXM", "Grid!A11": "Kimi-K2",
               "Pair!B6": "B200 SXM", "Pair!B7": "gpt-oss-120b"}  # fmt: skip
    found = edit(before, changes)
    after = cost_grid(
        ["H100", "H200", "B200", "MI300X"], ["DeepSeek-V3", "Kimi-K2", "gpt-oss-120b"], batch=256, context=32768,
        precision="bf16", kv_precision="bf16", chips_per_model=16, utilization=0.5, headroom=0.1, flops_per_param=1,
    ).save(tmp_path / "after.xlsx")  # fmt: skip
    expected = {place: value for place, value in cached(after).items() if not place.startswith("Pair!")}
    assert not differences(expected, found)
    assert found["Pair!A4"].startswith("gpt-oss-120b on 16 x B200 SXM")
    assert found["Checks!B13"] == "All checks pass"


@pytest.mark.parametrize(
    "changes",
    [{"Inputs!B6": 0}, {"Inputs!B11": 2}, {"Grid!B7": "Nonesuch"}, {"Chips!H6": "x"}, {"Inputs!B8": "fp2"}],
    ids=str,
)
def test_a_check_fails_when_an_input_is_wrong(tmp_path: Path, changes: dict[str, Any]) -> None:
    path = save(tmp_path, **GRID)
    first_chip = next(iter(ts.chips()))
    path = save(tmp_path, chips=[first_chip], models=["Llama-3.1-8B"])
    assert edit(path, {})["Checks!B13"] == "All checks pass"
    assert edit(path, changes)["Checks!B13"] != "All checks pass"


def test_formulas_hold_no_constants_but_universal_ones(tmp_path: Path) -> None:
    universal = {"0", "1", "2", "3", "4", "40", "0.5", "100", "1000", "3600", "1000000", "1E-12"}
    # 40: where EXPERT_COVERAGE is 1 in all digits; 3: the places of the band; 4: twice two all-reduces a layer
    path = save(tmp_path, **GRID)
    for place, text in formulas(path).items():
        bare = re.sub(r'"[^"]*"|\$?[A-Z]+\$?\d+', "", text)
        assert set(re.findall(r"(?<![A-Z_])\d+\.?\d*(?:E-?\d+)?", bare)) <= universal, (place, text)


def block_of(texts: dict[str, str], start: str) -> list[str]:
    """The formulas of the sheet Working that begin so, in the order of the sheet."""
    return [text for place, text in texts.items() if place.startswith("Working!") and text.startswith(start)]


def test_a_block_holds_one_formula_of_one_function(tmp_path: Path) -> None:
    calls = formulas(save(tmp_path, "udf", **GRID))
    fits = block_of(calls, "=FITS(")
    assert len(fits) == 4 * 3
    assert fits[0] == "=FITS($J24,$O24,C$8,Inputs!$B$10,Inputs!$B$12)"
    assert fits[-1] == "=FITS($J26,$O26,F$8,Inputs!$B$10,Inputs!$B$12)"
    assert "=$J24+$O24<=Inputs!$B$10*C$8*(1-Inputs!$B$12)" in formulas(save(tmp_path, "native", **GRID)).values()
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


def test_numbers_are_the_catalogues(tmp_path: Path) -> None:
    frame = cost_grid(**GRID).to_frame()
    row = frame[(frame.model == "gpt-oss-120b") & (frame.chip == "MI300X")].iloc[0]
    chip, model = ts.chips()["MI300X"], ts.models()["gpt-oss-120b"]
    sequence = ts.kv_bytes_sequence(4096, model["kv_bytes_per_token"] / 2, model["kv_bytes_per_token_window"] / 2, 128)
    compute = ts.compute_time(64, model["active_params"], 8 * chip["fp8_flops"])
    weights = ts.memory_time(model["total_params"], 1, 8 * chip["hbm_bandwidth"])
    kv = ts.kv_time(64, 1, sequence, 8 * chip["hbm_bandwidth"])
    assert row.step_time == pytest.approx(ts.roofline_time(compute, weights, kv), rel=1e-12)
    assert row.bound == ts.bound(compute, weights, kv)


def test_a_chip_without_a_format_computes_in_the_next_wider_one() -> None:
    in_bf16 = cost_grid(["A100"], ["Llama-3.1-8B"], precision="bf16").to_frame()
    in_fp8 = cost_grid(["A100"], ["Llama-3.1-8B"], precision="fp8").to_frame()
    assert in_fp8.compute_time.item() == in_bf16.compute_time.item()
    assert in_fp8.memory_time.item() == in_bf16.memory_time.item() / 2


@pytest.mark.parametrize(
    ("inputs", "error", "message"),
    [
        (dict(chips=["H1000"]), ts.UnknownName, "no chip is called 'H1000'; closest: H100"),
        (dict(models=["GPT-9"]), ts.UnknownName, "no model is called 'GPT-9'"),
        (dict(usd_per_hour={"X": 1}), ts.UnknownName, "no chip is called 'X'"),
        (dict(precision="fp2"), ts.DomainError, "precision must be bf16, fp8, fp4, not 'fp2'"),
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
