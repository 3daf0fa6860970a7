"""Files of one's own over the catalogue: rents by region, new rows, and mistakes named by row and column."""

import copy
import io
import pickle
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import tokensheet as ts
from tokensheet import own_catalogue, rows
from tokensheet.own_catalogue import own_row
from tokensheet.rents import BASES
from tokensheet.rows import plain
from tokensheet_templates import cost_grid

NEW = "name,bf16_flops,hbm_bytes,hbm_bandwidth\n"


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


def test_a_head_may_be_written_as_in_a_sheet(tmp_path: Path) -> None:
    ts.use_catalogue(write(tmp_path, "Name, USD per hour \nh100,0.89\n"))
    assert ts.chip("H100", "usd_per_hour") == 0.89


def test_the_catalogue_is_only_read() -> None:
    for known in (ts.chips(), ts.models()):
        name, row = next(iter(known.items()))
        for change in (
            lambda row=row: row.update(notes="mine"),
            lambda row=row: row.__setitem__("notes", "mine"),
            lambda row=row: row.pop("notes"),
            lambda known=known, name=name: known.pop(name),
        ):
            with pytest.raises(TypeError, match="change a copy of the row"):
                change()
        assert pickle.loads(pickle.dumps(row)) == copy.deepcopy(row) == row
        mine = dict(row) | {"notes": "mine"}
        assert mine["notes"] == "mine" != row["notes"]


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
    chips.append(["name", "bf16_flops", "hbm_bytes", "hbm_bandwidth", "usd_per_hour", "spec_date"])
    chips.append(["Ours", 1e15, 100e9, 4e12, 1.5, date(2026, 11, 1)])
    models.append(["name", "release", "total_params", "active_params", "kv_bytes_per_token"])
    models.append(["Ours-7B", "2026-11", 7e9, 7e9, 131072])
    book.save(tmp_path / "own.xlsx")
    ts.use_catalogue(tmp_path / "own.xlsx")
    assert ts.decode_time("ours 7b", "ours", 1, 0, 1, estimate="ideal") == pytest.approx(7e9 / 4e12)
    assert ts.chip("Ours", "spec_date") == "2026-11-01"
    assert cost_grid(["Ours"], ["Ours-7B"]).save(tmp_path / "grid.xlsx").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,usd_per_hour\nH100,2\nH200,cheap\n", "own.csv, row 3, column usd_per_hour: 'cheap' is not a number"),
        ("name,usd_per_hour\nH100,-1\n", "own.csv, row 2, column usd_per_hour: -1 is not a number from 0"),
        ("name,usd_per_hour\n,2\n", "own.csv, row 2, column name: is blank"),
        ("name,usd_per_hour\n", "own.csv has no row below its header"),
        ("name,active_params\n,\n", "own.csv has no row below its header"),
        ("name,price\nH100,2\n", "own.csv, row 1: no column is called 'price'; there are: name, aliases"),
        (
            "name,usd_per_hour\nOurs,2\n",
            "own.csv, row 2: Ours is new, so it needs bf16_flops, hbm_bytes, hbm_bandwidth",
        ),
        ("name,total_params\nOurs,2e9\n", "own.csv, row 2: Ours is new, so it needs active_params, kv_bytes_per_token"),
        ("name,usd_per_hour,usd_per_hour\nH100,2,3\n", "own.csv, row 1: the column usd_per_hour stands there twice"),
        ("name,usd_per_hour\nH100,2\nh-100,3\n", "own.csv, row 3: H100 SXM stands in row 2 too; keep one"),
        (
            "name,region,usd_per_hour\nH100,eu-west,2\nH100,eu west,3\n",
            "own.csv, row 3: H100 SXM eu west stands in row 2 too; keep one",
        ),
        (f"{NEW}***,1e15,80e9,3e12\n###,2e15,80e9,3e12\n", "own.csv, row 2, column name: '***' is no name"),
        (f"{NEW}X1,1e15,80e9,3e12\nX?,2e15,80e9,3e12\n", "own.csv, row 3, column name: 'X?' is no name"),
        (f"{NEW}X\u202e1,1e15,80e9,3e12\n", r"own.csv, row 2, column name: 'X\u202e1' is no name"),
        (f"{NEW}{'x' * 101},1e15,80e9,3e12\n", f"own.csv, row 2, column name: '{'x' * 100}' is no name"),
        (f"{NEW}#N/A,1e15,80e9,3e12\n", "own.csv, row 2, column name: '#N/A' is no name"),
        ("name,region\nH100,*\n", "own.csv, row 2, column name: 'H100 SXM *' is no name"),
        (f"{NEW}Ours,1e15,80e9,0\n", "own.csv, row 2, column hbm_bandwidth: is 0; leave it blank if it is not known"),
        (f"{NEW}Ours,0,80e9,3e12\n", "own.csv, row 2, column bf16_flops: is 0; leave it blank if it is not known"),
        ("name,fp8_flops\nH100,0\n", "own.csv, row 2, column fp8_flops: is 0; leave it blank if it is not known"),
        ("name,spec_date\nH100,2026-13\n", "own.csv, row 2, column spec_date: '2026-13' is no day such as 2026-11-27"),
        ("name,spec_date\nH100,=1+1\n", "own.csv, row 2, column spec_date: '=1+1' is no day such as 2026-11-27"),
    ],
)
def test_a_mistake_is_named_by_row_and_column(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ts.CatalogueError) as error:
        ts.use_catalogue(write(tmp_path, text))
    assert str(error.value).startswith(message)


@pytest.mark.parametrize("place", [2, 6])  # FLOP/s and bandwidth
def test_a_row_of_cells_has_no_rate_of_0(place: int) -> None:
    cells = ["Ours", "", 1e15, "", "", 80e9, 3e12, 2]
    with pytest.raises(ts.CatalogueError, match=r"the chip's row, column .*: is 0; leave it blank if it is not known"):
        own_row([0 if here == place else cell for here, cell in enumerate(cells)], "chips")


def test_a_large_file_is_read_row_by_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    count = 0

    def counting(name: str) -> str:
        nonlocal count
        count += 1
        return plain(name)

    for module in (rows, own_catalogue):
        monkeypatch.setattr(module, "plain", counting)
    ts.use_catalogue(write(tmp_path, NEW + "".join(f"Chip {each},1e15,80e9,3e12\n" for each in range(1000))))
    assert "Chip 999" in ts.chips()
    assert count < 20_000  # and not a million


def test_on_the_command_line(tmp_path: Path) -> None:
    own = write(tmp_path, "name,usd_per_hour\nH100,1.25\n")
    command: list[str | Path] = [Path(sys.executable).parent / "tokensheet", "--catalogue", own]
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
    assert "Catalogue, row 9, Memory bandwidth: usually 1e+11 to 3e+14 bytes/s" in failed
