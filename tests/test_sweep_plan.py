"""`tokensheet sweep` from a file to a file; whatever is wrong with it is one line that names the way out."""

import doctest
import re
import textwrap
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import tokensheet as ts
import xarray as xr
from command_line import run_here
from tokensheet_templates.sweep_workbook import check_size

DOCS = Path(__file__).parents[1] / "docs"
PLAN = """
functions = ["decode_cost", "decode_time"]
draws = 40
seed = 1

[inputs]
model = ["DeepSeek-V3", "Llama-3.1-70B"]
chip = ["H200", "B200"]
batch = {from = 1, to = 256, count = 3, spacing = "log"}
context = {draw = "lognormal", median = 4096, p90 = 32_000}
utilization = {draw = "pert", low = 0.3, mode = 0.6, high = 0.8}
chips = 8

[[correlated]]
inputs = ["utilization", "context"]
rank = -0.3
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "plan.toml").write_text(PLAN, encoding="utf-8")
    return tmp_path


def test_a_file_says_what_a_call_says(folder: Path) -> None:
    plan = ts.read_plan(folder / "plan.toml")
    found = ts.sweep(
        ["decode_cost", "decode_time"], model=["DeepSeek-V3", "Llama-3.1-70B"], chip=["H200", "B200"],
        batch=[1.0, 16.0, 256.0], context=ts.draw("lognormal", median=4096, p90=32_000), chips=8,
        utilization=ts.draw("pert", low=0.3, mode=0.6, high=0.8), draws=40, seed=1,
        correlated={("context", "utilization"): -0.3},
    )  # fmt: skip
    xr.testing.assert_identical(plan.sweep(), found)
    assert plan.by == ("model",)


def test_every_scenario_goes_to_a_file_of_the_kind_that_its_name_says(folder: Path) -> None:
    for name in ("out.parquet", "out.csv", "out.zarr"):
        done = run_here("sweep", "plan.toml", "--to", name, cwd=folder)
        assert done.returncode == 0, done.stderr
        assert done.stdout == f"wrote {name}: 480 scenarios of decode_cost, decode_time\n"
    assert len(pd.read_parquet(folder / "out.parquet")) == len(pd.read_csv(folder / "out.csv")) == 480
    with xr.open_zarr(folder / "out.zarr") as found:
        xr.testing.assert_identical(found.compute(), ts.read_plan(folder / "plan.toml").sweep())


def test_a_summary_is_a_workbook_of_values_that_says_so(folder: Path) -> None:
    done = run_here("sweep", "plan.toml", "--to", "out.xlsx", cwd=folder)
    assert done.stdout == "wrote out.xlsx: the summary of 480 scenarios of decode_cost, decode_time\n", done.stderr
    book = openpyxl.load_workbook(folder / "out.xlsx")
    assert book.sheetnames == ["Board", "Combinations", "Frontier"]
    for sheet in book:
        cells = [cell for row in sheet.iter_rows() for cell in row]
        assert not [cell for cell in cells if cell.data_type in "fe"], "no formulas, and no errors"
        assert sheet["A2"].value.startswith("Values, no formulas")
    found = ts.read_plan(folder / "plan.toml").sweep()
    texts = [cell.value for row in book["Board"].iter_rows() for cell in row if cell.value is not None]
    for wanted in ("The same again: tokensheet sweep plan.toml --to out.xlsx", "lognormal(median=4096, p90=32000)",
                   "answered", "does not fit", int(found.decode_cost.notnull().sum())):  # fmt: skip
        assert wanted in texts
    heads, *rows = book["Combinations"].iter_rows(min_row=5, values_only=True)
    assert heads[:4] == ("model", "chip", "batch, sequences", "decode_cost p10, USD/token")
    assert len(rows) == 12
    middle = ts.quantiles(found).decode_cost.sel(quantile=0.5).values.ravel()
    assert [row[4] for row in rows] == pytest.approx([None if each != each else each for each in middle], rel=1e-5)
    best = ts.best(ts.quantiles(found).sel(quantile=0.5), "decode_cost", by="model")
    assert {*best.chip} <= {*texts}


def test_without_a_file_the_summary_is_shown(folder: Path) -> None:
    done = run_here("sweep", "plan.toml", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert re.search(r"decode_cost +answered +\d+", done.stdout)
    assert re.search(r"DeepSeek-V3 +[BH]200", done.stdout)


def test_a_file_that_is_there_stays_without_force(folder: Path) -> None:
    (folder / "out.parquet").write_text("mine", encoding="utf-8")
    done = run_here("sweep", "plan.toml", "--to", "out.parquet", cwd=folder)
    assert (done.returncode, done.stderr) == (2, "tokensheet: out.parquet exists; give --force to replace it\n")
    assert (folder / "out.parquet").read_text(encoding="utf-8") == "mine"
    assert run_here("sweep", "plan.toml", "--to", "out.parquet", "--force", cwd=folder).returncode == 0


WRONG = [
    ("", "functions must be a list of names"),
    ('function = ["decode_cost"]', "a sweep has no 'function'; closest: functions"),
    ("functions = [3]", "functions must be a list of names"),
    ("functions = []", "functions must be a list of names"),
    ('functions = "decode_kost"', "no function is called 'decode_kost'; closest: decode_cost"),
    ("inputs = 3", "inputs must be a table, [inputs]"),
    ("correlated = 3", "correlated must be tables, [[correlated]]"),
    ("correlated = [3]", "correlated must be tables such as [[correlated]]"),
    ('correlated = [{inputs = ["context"], rank = 1}]', "correlated must be tables such as [[correlated]]"),
    ('correlated = [{between = ["context", "batch"]}]', "correlated has no 'between'; there are: inputs, rank"),
    ('correlated = [{inputs = ["context", "batch"], rank = 0.5}]', "correlated: 'batch' is not drawn"),
    ('correlated = [{inputs = ["context", "x"], rank = "a"}]', "correlated: 'x' is not drawn"),
    ("draws = 1e30", "draws must be a whole number from 1 to 1,000,000,000,000, not 1e+30"),
    ("draws = 1000000000000", "blocks are more than the 1,000,000 that can be"),
    ("draws = true", "draws must be a whole number"),
    ("seed = -1", "seed must be a whole number from 0"),
    ("seed = 2026-11-27", "seed must be a whole number from 0"),
    ("by = 3", "by must be a name of an input"),
    ('by = "chips"', "by: no input with several values is called 'chips'; closest: chip"),
    ("inputs.batches = 3", "no input is called 'batches'; closest: batch"),
    ("inputs.batch = [1, [2]]", "batch must be a number, a name, a list of either"),
    ("inputs.batch = 2026-11-27", "batch must be a number, a name, a list of either"),
    ("inputs.batch = {}", "batch: from and to must be numbers"),
    ("inputs.batch = {from = 1, to = 2, count = 1e9}", "batch: count must be a whole number from 2 to 1,000,000"),
    ("inputs.batch = {from = 1, to = 2, steps = 9}", "batch: a table of an input, which is a draw or a range, has no"),
    ('inputs.batch = {from = 0, to = 2, count = 9, spacing = "log"}', "batch: from and to of a spacing by log must be"),
    ('inputs.batch = {from = 1, to = 2, count = 9, spacing = "l"}', "batch: spacing must be even or log, not 'l'"),
    ('inputs.context = {draw = "gauss"}', "context: no distribution is called 'gauss'"),
    ("inputs.context = {draw = 3}", "context: draw must be the name of a distribution"),
    ('inputs.context = {draw = "normal", mean = [1], sd = 2}', "context: normal: mean must be a finite number"),
]
ENOUGH = {"model": '"DeepSeek-V3"', "chip": '["H200", "B200"]', "batch": "[1, 64]",
          "context": '{draw = "uniform", low = 1, high = 9}'}  # fmt: skip


@pytest.mark.parametrize(("line", "words"), WRONG)
def test_what_is_wrong_with_a_file_is_a_line(tmp_path: Path, line: str, words: str) -> None:
    lines = [line]
    if line and not line.startswith("function"):
        lines.append('functions = ["decode_cost"]')
    if not line.startswith("inputs = "):
        lines += [f"inputs.{key} = {value}" for key, value in ENOUGH.items() if f"inputs.{key} =" not in line]
    (tmp_path / "plan.toml").write_text("\n".join(lines if line else []), encoding="utf-8")
    done = run_here("sweep", "plan.toml", cwd=tmp_path)
    assert done.returncode == 2, done.stdout
    assert words in done.stderr
    assert done.stderr.startswith("tokensheet: ")
    assert done.stderr.count("\n") == 1


def test_more_than_a_sheet_holds_names_what_holds_it(folder: Path) -> None:
    (folder / "plan.toml").write_text(PLAN.replace("count = 3", "count = 300_000"), encoding="utf-8")
    done = run_here("sweep", "plan.toml", "--to", "out.xlsx", cwd=folder)
    assert done.returncode == 2
    assert done.stderr == (
        "tokensheet: 1,200,000 combinations in 12 columns are more than the 1,048,576 x 16,384 cells of a sheet of"
        " Excel; .parquet, .csv and .zarr hold them\n"
    )
    with pytest.raises(ValueError, match="16,385 columns"):
        check_size(10, 16_385)


def test_another_suffix_and_a_cluster_that_is_not_there_are_a_line(folder: Path) -> None:
    done = run_here("sweep", "plan.toml", "--to", "out.xls", cwd=folder)
    assert done.stderr == "tokensheet: out.xls must end in .parquet, .csv, .zarr or .xlsx\n"
    done = run_here("sweep", "plan.toml", "--scheduler", "nowhere", cwd=folder)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


def test_the_pages_examples_are_as_they_are_printed() -> None:
    text = (DOCS / "sweep.md").read_text(encoding="utf-8")
    code = "\n".join(re.findall(r"```python\n(.*?)```", text, re.DOTALL))
    example = doctest.DocTestParser().get_doctest(code, {}, "docs/sweep.md", None, 0)
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    said: list[str] = []
    runner.run(example, out=said.append)
    assert not said, "\n".join(said)
    assert runner.tries > 10


def test_the_pages_file_prints_what_the_page_says(tmp_path: Path) -> None:
    text = (DOCS / "sweep.md").read_text(encoding="utf-8")
    (plan,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    (printed,) = re.findall(r"`tokensheet sweep plan.toml` prints:\n\n```\n(.*?)```", text, re.DOTALL)
    (tmp_path / "plan.toml").write_text(textwrap.dedent(plan), encoding="utf-8")
    done = run_here("sweep", "plan.toml", cwd=tmp_path)
    assert done.stdout.split() == printed.split(), done.stderr  # how wide a column is depends on pandas
