"""The command line as a stranger runs it: what it prints, and one clear line with exit code 2 when it cannot."""

import csv
import json
from importlib.metadata import version
from pathlib import Path

import openpyxl
import pytest
import tokensheet as ts
from command_line import run, run_here
from tokensheet.measured import read_rows
from tokensheet_addin.tables import say, show
from tokensheet_templates.pricing_sheet import pricing_sheet
from tokensheet_udfs.registry import functions


def test_new_writes_a_workbook_and_does_not_overwrite_it(tmp_path: Path) -> None:
    first = run("new", "cost-grid", cwd=tmp_path)
    assert (first.returncode, first.stdout, first.stderr) == (0, "wrote cost-grid.xlsx\n", "")
    before = (tmp_path / "cost-grid.xlsx").read_bytes()
    again = run("new", "cost-grid", cwd=tmp_path)
    assert (again.returncode, again.stderr) == (2, "tokensheet: cost-grid.xlsx exists; give --force to replace it\n")
    assert (tmp_path / "cost-grid.xlsx").read_bytes() == before
    assert run("new", "cost-grid", "--force", cwd=tmp_path).returncode == 0


def test_the_name_of_a_file_is_printed_as_it_is(tmp_path: Path) -> None:
    done = run("new", "rack-layout", "[red]a.xlsx", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "wrote [red]a.xlsx\n", "")


def test_a_text_from_outside_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    say("a\x9b31m\nb")
    assert capsys.readouterr().out == "a\\x9b31m\nb\n"
    show(["Label"], [["\x1b[2Jc"]])
    assert r"\x1b[2Jc" in capsys.readouterr().out


def test_nor_can_what_an_error_quotes(tmp_path: Path) -> None:
    done = run("check", "a\x9b31m.xlsx", cwd=tmp_path)
    assert done.returncode == 2
    assert r"a\x9b31m.xlsx" in done.stderr


def test_new_takes_every_input(tmp_path: Path) -> None:
    done = run(
        *("new", "cost-grid", "out.xlsx", "--chips", "h100,MI300X", "--models", "DeepSeek-V3", "--batch", "1k"),
        *("--context", "32k", "--precision", "fp8", "--kv-precision", "bf16", "--chips-per-model", "16"),
        *(
            "--usd-per-hour",
            "H100=2.5,mi300x=2",
            "--price-basis",
            "on demand",
            "--utilization",
            "40%",
            "--headroom",
            "0.1",
            "--flops-per-param",
            "1",
        ),
        *("--functions", "udf"),
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    book = openpyxl.load_workbook(tmp_path / "out.xlsx", data_only=True)
    live = {row[0].value: row[2].value for row in book["Inputs"].iter_rows(min_row=11)}
    assert {
        "Chip 1": "H100 SXM", "Chip 2": "MI300X", "Model 1": "DeepSeek-V3", "Batch": 1000,
        "Context; 0: half-way through the answer": 32000, "Precision of the weights": "fp8",
        "Precision of the KV cache": "bf16", "Price basis of the chips": "on demand",
        "Chips of a model; 0: fewest that one deploys": 16, "Utilization": 0.4, "Memory headroom": 0.1,
        "FLOPs per parameter and token": 1,
    }.items() <= live.items()  # fmt: skip
    shown = {row[0].value: [cell.value for cell in row[2:4]] for row in book["Grid"].iter_rows(min_row=9)}
    assert shown["Of each chip"] == ["H100 SXM", "MI300X"]
    assert shown["Rent that counts"] == [2.5, 2]
    assert shown["which is"] == ["your own", "your own"]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["new", "cost-grid", "--chips", "H1000"], "no chip is called 'H1000'; closest: H100"),
        (["new", "cost-grid", "--batch", "many"], '--batch: "many" is not a number'),
        (["new", "cost-grid", "--batch", "0"], "batch must be from 1 to 1e+06, not 0"),
        (["new", "cost-grid", "--usd-per-hour", "H100"], "usd_per_hour takes CHIP=RENT, such as H100=2.5, not 'H100'"),
        (
            ["new", "cost-grid", "--functions", "vba"],
            "must be one of native, lambda, udf, officejs, not 'vba'",
        ),
        (["new", "cost-grid", "grid.csv"], "grid.csv must end in .xlsx"),
        (["new", "cost-grid", "nowhere/grid.xlsx"], "there is no folder nowhere"),
        (["new", "nonesuch"], "No such command 'nonesuch'"),
        (["new", "cost-grid", "--nonesuch"], "No such option: --nonesuch"),
        (["addin", "libreoffice", "nowhere/x.oxt"], "there is no folder nowhere"),
        (["addin", "libreoffice", "x.zip"], "x.zip must end in .oxt"),
        (["serve", "--host", "0.0.0.0"], "0.0.0.0 is open to other machines, so a token is needed"),
        (["serve", "--port", "99999"], "Invalid value for '--port'"),
        (["serve", "--port", "-1"], "Invalid value for '--port'"),
        (["addin", "install", "bridge", "--port", "0"], "Invalid value for '--port'"),
        (["new", "cost-grid", "/proc/grid.xlsx"], "/proc/grid.xlsx: "),
        (["accuracy", "--rows", "/proc/rows.csv"], "/proc/rows.csv: "),
        (["functions", "DECODE_CST"], "no function is called 'DECODE_CST'; closest: DECODE_COST, "),
        (["serve", "--token-file", "nonesuch"], "there is no file nonesuch"),
        (["functions", "NONESUCH"], "no function is called 'NONESUCH'"),
        (["chips", "nonesuch"], "no chip is called 'nonesuch'"),
        (["models", "nonesuch"], "no model is called 'nonesuch'"),
        (["nonesuch"], "No such command 'nonesuch'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_an_error_is_one_clear_line(tmp_path: Path, args: list[str], message: str) -> None:
    done = run_here(*args, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("tokensheet: ")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
    assert not list(tmp_path.iterdir())


def test_functions() -> None:
    listed = run_here("functions").stdout
    assert all(name in listed for name in functions())
    one = run_here("functions", "compute_time").stdout
    assert "=COMPUTE_TIME(batch, active_params, flops, [flops_per_param])" in one
    assert "Formula: flops_per_param*batch*active_params/flops" in one
    assert [each["name"] for each in json.loads(run_here("functions", "--json").stdout)] == list(functions())


@pytest.mark.parametrize(("command", "rows"), [("chips", ts.chips()), ("models", ts.models())])
def test_catalogue(command: str, rows: dict[str, object]) -> None:
    listed = run_here(command).stdout
    assert all(name in listed for name in rows)
    assert [each["name"] for each in json.loads(run_here(command, "--json").stdout)] == list(rows)
    first = next(iter(rows))
    assert "source" in run_here(command, first).stdout


def test_version_and_help() -> None:
    assert run("--version").stdout == f"{version('tokensheet')}\n"
    for args in (
        ["--help"],
        ["new", "--help"],
        ["new", "cost-grid", "--help"],
        ["addin", "--help"],
        ["serve", "--help"],
    ):
        assert run(*args).returncode == 0


def test_the_help_of_a_template_is_by_section_of_its_inputs_and_tells_of_each() -> None:
    said = " ".join(run("new", "pricing-sheet", "--help").stdout.split())
    places = [said.index(f"─ {title} ─") for title in pricing_sheet.inputs]
    assert places == sorted(places)
    for each in set(pricing_sheet) - {next(each for each in pricing_sheet if each.key == "as_of")}:
        assert f"--{each.key.replace('_', '-')} " in said
        assert each.help.split()[0] in said
    assert said.count("low/base/high") == 1


def test_accuracy_of_the_published_rows_and_of_ones_own(tmp_path: Path) -> None:
    done = run("accuracy")
    assert done.returncode == 0, done.stderr
    given = len(read_rows())
    assert done.stdout.splitlines()[1].startswith("all rows")
    assert f"/{given} " in done.stdout.splitlines()[1]
    assert all(title in done.stdout.splitlines()[0] for title in ("TPOT", "TTFT", "Tokens/s"))
    assert "418 rows have no estimate: speculative decoding" in done.stdout
    assert done.stdout.splitlines()[2].startswith("of today's software")
    own = tmp_path / "own.csv"
    own.write_text(
        "chip,n_chips,model,precision,isl,osl,concurrency,parallelism,tpot_ms\n"
        "H100,8,DeepSeek-V3,fp8,1024,1024,64,tp8,30\n"
        "H100,8,gpt-9,fp8,1024,1024,64,tp8,30\n"
    )
    found = json.loads(run_here("accuracy", "--data", str(own), "--rows", "rows.csv", "--json", cwd=tmp_path).stdout)
    assert found[0] | {"given": 2, "answered": 1} == found[0]
    assert (found[0]["tpot"]["rows"], found[0]["ttft"]["rows"], found[0]["throughput"]["rows"]) == (1, 0, 0)
    assert "TTFT" not in run_here("accuracy", "--data", str(own)).stdout.splitlines()[0]  # which was not measured
    with (tmp_path / "rows.csv").open(encoding="utf-8") as file:
        first, second = csv.DictReader(file)
    assert float(first["low_ms"]) < float(first["predicted_ms"]) < float(first["high_ms"])
    assert second["reason"].startswith("no model is called 'gpt-9'")
    assert "1 rows have no estimate: no model is called" in run_here("accuracy", "--data", str(own)).stdout
    again = run_here("accuracy", "--rows", "rows.csv", cwd=tmp_path)
    assert (again.returncode, again.stderr) == (2, "tokensheet: rows.csv exists; give --force to replace it\n")
    other = tmp_path / "other.csv"
    other.write_text("a text\nof another kind\n", encoding="utf-8")
    wrong = run_here("accuracy", "--data", str(other))
    assert wrong.returncode == 2
    assert "no rows with the columns" in wrong.stderr
