"""Constants of one's own: what is learnt from few rows and from many, and that every answer follows them."""

import csv
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tokensheet as ts
from command_line import run, run_here
from tokensheet.calibration import FITTED
from tokensheet.chains import SERVICE
from tokensheet.measured import inputs_of, judged, read_rows
from tokensheet.own_calibration import CORRECTED
from tokensheet.own_constants import read_constants
from tokensheet_templates import cost_grid
from tokensheet_udfs.convert import call
from tokensheet_udfs.registry import functions

RUN = {
    "chip": "H100",
    "n_chips": 8,
    "parallelism": "tp8",
    "model": "Llama-3.1-70B",
    "precision": "fp8",
    "engine": "vllm",
}
PUBLISHED = {"slowdown": 1.0} | {name: FITTED[name] for name in CORRECTED[1:3]}
PUBLISHED |= {"server_latency": FITTED["server_latency_vllm"]}
SYSTEM = {"slowdown": 1.6, "bandwidth_efficiency": 0.8, "layer_latency": 4e-5, "server_latency": 0.1}


def rows(
    system: dict[str, float], users: tuple[int, ...] = (1, 2, 4, 8, 16, 32, 64, 128), noise: float = 0.0
) -> list[dict[str, Any]]:
    """Runs of a system that has these constants, with prompts short and long."""
    found, random = [], np.random.default_rng(0)
    for isl in (1024, 8192):
        for concurrency in users:
            row: dict[str, Any] = RUN | {"isl": isl, "osl": 1024, "concurrency": concurrency}
            inputs = inputs_of(row) | {key: value for key, value in system.items() if key != "slowdown"}
            inputs["software"] *= system["slowdown"]
            times = SERVICE.evaluate(inputs | {"batch": inputs["users"]}, "token_time", "ttft")
            error = np.exp(noise * random.standard_normal(2))
            found.append(
                row | {"tpot_ms": 1e3 * times["token_time"] * error[0], "ttft_ms": 1e3 * times["ttft"] * error[1]}
            )
    return found


def write(path: Path, table: list[dict[str, Any]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(table[0]))
        writer.writeheader()
        writer.writerows(table)
    return path


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Path]:
    """A file of constants that is in use."""
    path = ts.calibrate(rows(SYSTEM)).save(tmp_path / "own.csv")
    ts.use_calibration(path)
    yield path
    ts.use_calibration()


def test_a_slower_system_is_recognized() -> None:
    found = ts.calibrate(rows(SYSTEM, noise=0.05))
    assert found.constants["slowdown"] == pytest.approx(1.6, rel=0.06)
    assert found.constants["server_latency"] == pytest.approx(0.1, rel=0.25)
    assert found.published == pytest.approx(PUBLISHED)
    times, first = found.gains["tpot_ms"], found.gains["ttft_ms"]
    assert (times.rows, first.rows) == (16, 16)
    assert times.before > 0.2 > 0.08 > times.left_out >= times.after
    assert first.left_out < first.before
    assert found.helps


def test_a_system_as_published_is_left_as_it_is() -> None:
    found = ts.calibrate(rows(PUBLISHED))
    assert found.constants == pytest.approx(PUBLISHED, rel=1e-3)


def test_few_rows_move_the_constants_part_of_the_way_and_many_nearly_all_of_it() -> None:
    moved = [np.log(ts.calibrate(rows(SYSTEM)[:number]).constants["slowdown"]) / np.log(1.6) for number in (1, 2, 8)]
    assert 0.2 < moved[0] < moved[1] < 0.85 < moved[2] < 1.05
    # no single row, however absurd, runs away with them
    absurd = ts.calibrate([rows(SYSTEM)[0] | {"tpot_ms": 1e6}]).constants
    assert absurd["slowdown"] < 2.5
    assert absurd["bandwidth_efficiency"] > 0.5


def test_one_absurd_row_among_good_ones_changes_little() -> None:
    good = rows(SYSTEM)
    bad = [good[0] | {"tpot_ms": 20 * good[0]["tpot_ms"]}, *good[1:]]
    assert ts.calibrate(bad).constants["slowdown"] == pytest.approx(ts.calibrate(good).constants["slowdown"], rel=0.1)


def test_a_share_of_the_bandwidth_is_at_most_all_of_it() -> None:
    fast = [row | {"tpot_ms": 0.3 * row["tpot_ms"]} for row in rows(SYSTEM)]
    assert ts.calibrate(fast).constants["bandwidth_efficiency"] <= 1


def test_a_real_system_gains_on_rows_left_out() -> None:
    """TensorRT-LLM runs gpt-oss on B200 faster than the published constants say."""
    there = [
        row
        for row in read_rows()
        if row["chip"] == "B200 SXM" and "gpt-oss" in row["model"] and row["engine"].startswith("trtllm")
    ]
    found = ts.calibrate(there)
    assert found.gains["tpot_ms"].left_out < 0.65 * found.gains["tpot_ms"].before
    assert found.gains["ttft_ms"].left_out < 0.6 * found.gains["ttft_ms"].before


def test_it_says_where_it_does_not_help() -> None:
    table = rows(PUBLISHED)
    alternating = [row | {"tpot_ms": row["tpot_ms"] * (1.01 if place % 2 else 0.99)} for place, row in enumerate(table)]
    alternating[0]["tpot_ms"] *= 1.5
    found = ts.calibrate(alternating)
    assert not found.helps
    assert "Keep the published constants" in str(found)


def test_rows_that_are_of_no_use_are_counted_by_their_reasons() -> None:
    good = rows(SYSTEM)[:3]
    changes: list[dict[str, Any]] = [
        {"model": "gpt-9"}, {"tpot_ms": "", "ttft_ms": ""}, {"tpot_ms": -3}, {"concurrency": 0}, {"isl": "1e300"},
        {"chip": ""}, {"mode": "disagg"},
    ]  # fmt: skip
    bad = [*(good[0] | changed for changed in changes), {"chip": "H100"}]
    found = ts.calibrate([*good, *bad])
    assert found.gains["tpot_ms"].rows == 3
    assert sum(found.reasons.values()) == len(bad)
    for reason in (
        "no model is called 'gpt-9'",
        "nothing was measured",
        "must be > 0",
        "no chip",
        "chips of their own",
    ):
        assert any(reason in each for each in found.reasons), reason
    with pytest.raises(ValueError, match="nothing can be learnt from these rows: 1 rows: no model is called"):
        ts.calibrate(bad[:1])
    with pytest.raises(ValueError, match="there are none"):
        ts.calibrate([])


def test_frames_of_pandas_are_rows() -> None:
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(rows(SYSTEM)[:4])
    assert ts.calibrate(frame.to_dict("records")).constants == ts.calibrate(rows(SYSTEM)[:4]).constants


# ---- where they are used


def test_every_answer_follows(own: Path) -> None:
    question = ("Llama-3.1-70B", "H100", 64, 4096, 8)
    mine = ts.decode_time(*question)
    in_arrays = ts.decode_time("Llama-3.1-70B", "H100", [64, 64], 4096, 8)
    cell = call(functions()["DECODE_TIME"], [[[each]] for each in question])
    named = zip(("--model", "--chip", "--batch", "--context", "--chips"), map(str, question), strict=True)
    options = [*itertools.chain(*named), "--json"]
    line = json.loads(run_here("why", "decode-time", *options).stdout)
    ts.use_calibration()
    published = ts.decode_time(*question)
    assert mine > 1.3 * published
    assert in_arrays == pytest.approx([mine, mine])
    assert cell.flat[0] == pytest.approx(mine)
    assert line["value"] == pytest.approx(mine)
    assert ts.serving_ttft("Llama-3.1-70B", "H100", 1024, 1024, 8, 8) < 0.5  # and back again
    ts.use_calibration(own)
    assert ts.decode_time(*question) == mine


def test_the_workbook_follows_and_says_so(own: Path) -> None:
    load = {"batch": 64, "chips_per_model": 8, "context": 4096, "utilization": 1}
    given: dict[str, Any] = {"chips": ["H100"], "models": ["Llama-3.1-70B"], **load}
    book = cost_grid(**given)
    mine, cost = float(book.to_frame()["token_cost"].iloc[0]), ts.decode_cost("Llama-3.1-70B", "H100", 64, 4096, 8)
    assert mine == pytest.approx(cost)
    sheet = book.save(own.with_name("grid.xlsx"))
    from openpyxl import load_workbook

    notes = [row for row in load_workbook(sheet)["Inputs"].iter_rows(values_only=True) if "your calibration" in row]
    written = read_constants(own)
    assert {row[4] for row in notes} == {written["bandwidth_efficiency"], written["layer_latency"]}
    ts.use_calibration()
    assert float(cost_grid(**given).to_frame()["token_cost"].iloc[0]) < mine


def test_why_says_whose_constants_they_are(own: Path) -> None:
    why = ts.explain(ts.decode_time, "Llama-3.1-70B", "H100", 64, 4096, 8)
    assert "With constants of your own: slowdown, bandwidth_efficiency, layer_latency." in str(why)
    assert "with constants of your own: slowdown" in why.sentence()
    assert why.as_data()["notes"] == [*why.notes]
    assert ts.explain(ts.decode_time, "Llama-3.1-70B", "H100", 64, 4096, 8, estimate="ideal").notes == ()
    assert ts.explain(ts.layer_overhead, 80).notes == ()  # an equation's defaults are the published ones
    given = ts.explain(ts.serving_ttft, "Llama-3.1-70B", "H100", 1024, 1024, 8, 8, server_latency=0.5)
    assert "server_latency" not in given.notes[0]
    ts.use_calibration()
    assert ts.explain(ts.decode_time, "Llama-3.1-70B", "H100", 64, 4096, 8).notes == ()


def test_accuracy_is_judged_by_them_and_a_new_calibration_begins_anew(own: Path) -> None:
    ts.use_calibration()
    table = [{key: str(value) for key, value in row.items()} for row in rows(SYSTEM)]
    ts.use_calibration(own)
    mine = [answer["predicted_ms"] / answer["tpot_ms"] for answer in judged(table)]
    assert np.abs(np.array(mine) - 1).max() < 0.1
    again = ts.calibrate(table)
    ts.use_calibration()
    assert again.constants == pytest.approx(ts.calibrate(table).constants, rel=1e-6)


# ---- the command, and files that are not what they should be


def test_the_command_fits_writes_and_is_used(tmp_path: Path) -> None:
    write(tmp_path / "mine.csv", rows(SYSTEM))
    done = run_here("calibrate", "mine.csv", "--to", "constants.csv", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Time per output token, 16 rows: median error" in done.stdout
    assert "wrote constants.csv" in done.stdout
    assert json.loads(run_here("calibrate", "mine.csv", "--json", cwd=tmp_path).stdout)["helps"] is True
    again = run_here("calibrate", "mine.csv", "--to", "constants.csv", cwd=tmp_path)
    assert (again.returncode, again.stderr) == (2, "tokensheet: constants.csv exists; give --force to replace it\n")
    assert run_here("calibrate", "mine.csv", "--to", "constants.csv", "--force", cwd=tmp_path).returncode == 0
    question = [
        "why",
        "decode-time",
        "--model",
        "Llama-3.1-70B",
        "--chip",
        "H100",
        "--batch",
        "64",
        "--context",
        "4096",
    ]
    mine = run("--calibration", "constants.csv", *question, cwd=tmp_path)
    assert "With constants of your own" in mine.stdout
    assert "of your own" not in run(*question, cwd=tmp_path).stdout


HOSTILE = {
    "nothing": b"",
    "no rows": b"chip,model,isl,osl,concurrency,tpot_ms\n",
    "other columns": b"a,b\n1,2\n",
    "no text": b"\xff\xfe\x00\x01" * 99,
    "zeros": b"chip,model,isl,osl\n\x00\x00,\x00",
    "short lines": b"chip,model,isl,osl,concurrency,tpot_ms\nH100\nH100,Llama-3.1-70B\n",
    "long lines": b"chip,model,isl,osl,concurrency,tpot_ms\nH100,Llama-3.1-70B,1,1,1,1,2,3,4,5\n,,,,,,,,\n"[:-1],
    "a huge cell": b"chip,model,isl,osl\n" + b"x" * 200_000 + b",a,1,1\n",
    "words for numbers": b"chip,model,isl,osl,concurrency,tpot_ms\nH100,Llama-3.1-70B,many,more,lots,soon\n",
    "negative": b"chip,model,isl,osl,concurrency,tpot_ms\nH100,Llama-3.1-70B,1024,1024,-8,20\n",
    "infinite": b"chip,model,isl,osl,concurrency,tpot_ms\nH100,Llama-3.1-70B,1e999,1024,8,20\n",
    "a quote": b'chip,model,isl,osl\n"H100,Llama-3.1-70B,1024,1024,8,20\n',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_measurements_are_one_line_on_stderr(tmp_path: Path, name: str) -> None:
    (tmp_path / "mine.csv").write_bytes(HOSTILE[name])
    done = run_here("calibrate", "mine.csv", "--to", "out.csv", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, ""), done.stdout
    assert done.stderr.startswith("tokensheet: ")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize(
    "args", [["nowhere.csv"], ["."], ["mine.csv", "--to", "out.txt"], ["mine.csv", "--to", "nowhere/out.csv"]]
)
def test_files_that_are_not_there(tmp_path: Path, args: list[str]) -> None:
    write(tmp_path / "mine.csv", rows(SYSTEM)[:2])
    done = run_here("calibrate", *args, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,value\n", "no rows with the columns name and value"),
        ("name,value\nspeed,2\n", "row 2: no constant is called 'speed'; there are: bandwidth_efficiency"),
        ("name,value\nslowdown,fast\n", "row 2: 'fast' is not a number"),
        ("name,value\nslowdown\n", "row 2: '' is not a number"),
        ("name,value\nslowdown,0\n", "row 2: slowdown must be > 0"),
        ("name,value\nslowdown,nan\n", "row 2: slowdown must be > 0"),
        ("name,value\nbandwidth_efficiency,1.2\n", "row 2: bandwidth_efficiency must be > 0 and <= 1, not 1.2"),
        ("name,value\nslowdown,1\nslowdown,2\n", "row 3: slowdown stands there twice"),
    ],
)
def test_a_file_of_constants_that_is_wrong_is_named_by_row(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "own.csv").write_text(text, encoding="utf-8")
    try:
        with pytest.raises(ts.CalibrationError, match=r"own\.csv") as error:
            ts.use_calibration(tmp_path / "own.csv")
        assert message in str(error.value)
    finally:
        ts.use_calibration()
    done = run("--calibration", "own.csv", "chips", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "own.csv" in done.stderr
