"""Files of one's own over the catalogue: rents by region, new rows, and mistakes named by row and column."""

import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
import tokensheet as ts
from tokensheet.rents import BASES
from tokensheet_templates import cost_grid


@pytest.fixture(autouse=True)
def built_in_again() -> Iterator[None]:
    yield
    ts.use_catalogue()


def write(folder: Path, text: str, name: str = "own.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_negotiated_rent_replaces_the_catalogues(tmp_path: Path) -> None:
    before = ts.decode_cost("Llama-3.1-70B", "H100", 64, 4096, 8)
    ts.use_catalogue(write(tmp_path, "name,usd_per_hour\nh100,0.89\n"))
    assert ts.chip("H100", "usd_per_hour") == 0.89
    assert ts.chip("H100", "price_source") == "own.csv"
    assert ts.chip("H100", "price_basis") == "your own"
    assert ts.chip("H100", "hbm_bytes") == 80e9
    assert ts.decode_cost("Llama-3.1-70B", "H100", 64, 4096, 8) == pytest.approx(before / 2)
    for basis in BASES:  # it holds for every basis
        spent = ts.decode_cost("Llama-3.1-70B", "H100", 64, 4096, 8, price_basis=basis)
        assert spent == pytest.approx(before / 2)
    ts.use_catalogue()
    assert ts.chip("H100", "usd_per_hour") == 1.78


def test_the_doubts_about_the_old_rent_go_with_it(tmp_path: Path) -> None:
    assert "usd_per_hour" in ts.chips()["B300 SXM"]["unverified"].split()
    rent = write(tmp_path, "name,usd_per_hour\nB300,3\n")
    given = cost_grid(["B300"], usd_per_hour={"B300": 3}).write(io.BytesIO(), "native")
    ts.use_catalogue(rent)
    laid = ts.chips()["B300 SXM"]
    assert "usd_per_hour" not in laid["unverified"].split()
    assert "fp4_flops" in laid["unverified"].split()
    assert laid["price_date"] > "2026-11"
    book = cost_grid(["B300"]).write(io.BytesIO(), "native")
    for blocks in (given, book):
        shown = {key: blocks[key].values.flat[0] for key in ("rent", "terms", "rent_doubt", "rent_age")}
        assert shown == {"rent": 3, "terms": "your own", "rent_doubt": 0, "rent_age": 0}


def test_rents_by_region_are_chips_of_their_own(tmp_path: Path) -> None:
    ts.use_catalogue(write(tmp_path, "name,region,usd_per_hour\nH100,eu-west,2.5\nH100,us-east,2.1\n"))
    assert ts.chip("h100 sxm eu west", "usd_per_hour") == 2.5
    assert ts.chip("H100 SXM us-east", "usd_per_hour") == 2.1
    assert ts.chip("H100", "usd_per_hour") == 1.78
    frame = cost_grid(["H100 SXM eu-west", "H100 SXM us-east"], ["Llama-3.1-8B"]).to_frame()
    assert frame.token_cost[0] / frame.token_cost[1] == pytest.approx(2.5 / 2.1)


def test_a_new_chip_and_a_new_model_in_a_workbook(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    chips, models = book.create_sheet("Chips"), book.create_sheet("Models")
    chips.append(["name", "bf16_flops", "hbm_bytes", "hbm_bandwidth", "usd_per_hour"])
    chips.append(["Ours", 1e15, 100e9, 4e12, 1.5])
    models.append(["name", "release", "total_params", "active_params", "kv_bytes_per_token"])
    models.append(["Ours-7B", "2026-11", 7e9, 7e9, 131072])
    book.save(tmp_path / "own.xlsx")
    ts.use_catalogue(tmp_path / "own.xlsx")
    assert ts.decode_time("ours 7b", "ours", 1, 0, 1, estimate="ideal") == pytest.approx(7e9 / 4e12)
    assert cost_grid(["Ours"], ["Ours-7B"]).save(tmp_path / "grid.xlsx").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,usd_per_hour\nH100,2\nH200,cheap\n", "own.csv, row 3, column usd_per_hour: 'cheap' is not a number"),
        ("name,usd_per_hour\nH100,-1\n", "own.csv, row 2, column usd_per_hour: -1 is not a number from 0"),
        ("name,usd_per_hour\n,2\n", "own.csv, row 2, column name: is blank"),
        ("name,price\nH100,2\n", "own.csv, row 1: no column is called 'price'; there are: name, aliases"),
        (
            "name,usd_per_hour\nOurs,2\n",
            "own.csv, row 2: Ours is new, so it needs bf16_flops, hbm_bytes, hbm_bandwidth",
        ),
        ("name,total_params\nOurs,2e9\n", "own.csv, row 2: Ours is new, so it needs active_params, kv_bytes_per_token"),
    ],
)
def test_a_mistake_is_named_by_row_and_column(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ts.CatalogueError) as error:
        ts.use_catalogue(write(tmp_path, text))
    assert str(error.value).startswith(message)


def test_on_the_command_line(tmp_path: Path) -> None:
    own = write(tmp_path, "name,usd_per_hour\nH100,1.25\n")
    command = [Path(sys.executable).parent / "tokensheet", "--catalogue", own]
    shown = subprocess.run([*command, "chips", "H100"], capture_output=True, text=True)
    assert "1.25" in shown.stdout
    own.write_text("name,usd_per_hour\nH100,cheap\n")
    failed = subprocess.run([*command, "chips", "H100"], capture_output=True, text=True)
    assert failed.returncode == 2
    assert failed.stderr == "tokensheet: own.csv, row 2, column usd_per_hour: 'cheap' is not a number\n"


def test_an_unlikely_row_is_silent_until_it_is_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = "name,bf16_flops,hbm_bytes,hbm_bandwidth,usd_per_hour\nMine,989e12,80e9,3350,2\n"
    ts.use_catalogue(write(tmp_path, rows))
    assert capsys.readouterr() == ("", "")
    (note,) = [each for each in ts.explain(ts.decode_cost, "Llama-3.1-8B", "Mine", 8, 4096).notes if "band" in each]
    assert note.startswith("chip_bandwidth 3350 is below the usual 1e+11 to 3e+14 bytes/s: bandwidth is in bytes/s")
    path = cost_grid(["Mine"], ["Llama-3.1-8B"]).save(tmp_path / "grid.xlsx")
    checks = openpyxl.load_workbook(path, data_only=True)["Checks"]
    failed = [row[0].value for row in checks.iter_rows(min_row=6) if row[2].value == 0]
    assert "Catalogue, row 8, Memory bandwidth: usually 1e+11 to 3e+14 bytes/s" in failed
