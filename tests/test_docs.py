"""Docs and code are held together: whatever a user can call is documented, in full and as it is."""

import ast
import csv
import doctest
import inspect
import re
import shlex
from pathlib import Path

import billion
import engines
import fit
import generate
import numpy as np
import performance
import pytest
import reliability
import report
import tokensheet as ts
import tokensheet_templates
from command_line import run_here
from tokensheet.plugins import contributions
from tokensheet_addin import cli
from tokensheet_addin.accuracy import accuracy
from tokensheet_addin.calibrate import calibrate
from tokensheet_addin.catalogue import own_model
from tokensheet_addin.fill import fill
from tokensheet_addin.hosts import hosts
from tokensheet_addin.hosts.bridge import serve_bridge
from tokensheet_addin.hosts.commands import addin
from tokensheet_addin.plugins import plugin
from tokensheet_addin.prices import prices
from tokensheet_addin.sweep import sweep
from tokensheet_addin.template_options import in_words
from tokensheet_templates import cost_grid
from tokensheet_templates.template import Declared
from tokensheet_udfs.convert import call
from tokensheet_udfs.registry import Function, functions
from tokensheet_udfs.spelling import FLAVOURS

ROOT = Path(__file__).parents[1]
PAGES = {path.relative_to(ROOT / "docs").as_posix(): path for path in (ROOT / "docs").rglob("*.md")}
DOCS = {name: path.read_text(encoding="utf-8") for name, path in PAGES.items()}
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("function", functions().values(), ids=lambda function: function.name)
def test_every_docstring_is_complete(function: Function) -> None:
    text = function.help
    assert text.summary.endswith(".")
    assert len(text.summary) <= 255, "Excel's function wizard cuts a longer one"
    for parameter in function.parameters:
        assert text.arguments[parameter.name], parameter.name
        assert text.units[parameter.name], f"{parameter.name} has no [unit]"
        assert len(text.argument(parameter)) <= 255, parameter.name
    assert set(text.arguments) == {parameter.name for parameter in function.parameters}
    assert text.returns
    assert text.unit
    assert text.notes
    assert text.source
    assert ">>> " in text.examples


@pytest.mark.parametrize("function", functions().values(), ids=lambda function: function.name)
def test_every_number_argument_of_an_equation_declares_its_domain(function: Function) -> None:
    assert all(parameter.domain for parameter in function.parameters) or not function.traceable


@pytest.mark.parametrize("page", generate.PAGES)
def test_a_generated_page_is_fresh(page: str) -> None:
    assert generate.PAGES[page]() == (ROOT / "docs" / page).read_text(encoding="utf-8"), "run: python docs/generate.py"


def test_no_page_of_functions_is_left_of_a_subject_that_is_gone() -> None:
    assert {name for name in DOCS if name.startswith("functions/")} == {
        f"functions/{each}.md" for each in generate.ours()
    }


@pytest.mark.xdist_group("fit")
def test_the_page_on_accuracy_is_fresh() -> None:
    assert report.page() == DOCS["accuracy.md"], "run: python validation/report.py"


def test_the_page_on_reliability_is_fresh_and_names_tests_that_are_there() -> None:
    assert reliability.page() == DOCS["reliability.md"], "run: python validation/reliability.py"
    with reliability.LINES.open(encoding="utf-8", newline="") as file:
        named = [each for row in csv.DictReader(file) for each in row["tests"].split()]
    for path, _, test in (each.partition("::") for each in named):
        assert not test or f"def {test}(" in (ROOT / path).read_text(encoding="utf-8"), test
    assert {*reliability.runs()} == {*reliability.names()}


def test_the_examples_of_the_page_on_python_run() -> None:
    example = doctest.DocTestParser().get_doctest(DOCS["python.md"], {}, "docs/python.md", None, 0)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert runner.run(example).failed == 0


def test_the_page_on_scale_is_fresh() -> None:
    assert billion.page() == DOCS["scale.md"], "run: python validation/billion.py"


def test_the_page_on_engines_is_fresh() -> None:
    assert engines.page() == DOCS["engines.md"], "run: python validation/engines.py"


def test_the_page_on_performance_is_fresh_and_explains_what_it_misses() -> None:
    assert performance.page() == DOCS["performance.md"], "run: python validation/performance.py"
    found, lines = performance.recorded(), performance.lines()
    assert {*found["passes"]} <= {name for line in lines for name in (line.benchmark, line.yardstick)}
    measured = [line for line in lines if line.benchmark in found["passes"]]
    missed = {line.benchmark for line in measured if not performance.judged(line, found["passes"]).met}
    assert missed == {*found["profiles"]}


@pytest.mark.xdist_group("fit")
def test_the_readmes_numbers_are_measured() -> None:
    """What the README says of the estimate is what the report finds."""
    words, data = " ".join(README.split()), fit.published()

    def error(vendor: str, name: str) -> str:
        return f"{report.error_of(report.ratios(name)[0][report.of_vendor(vendor)]):.0%}".replace("%", " %")

    names = ("all", "without its model", "without its chip")
    (seen, model, chip), amd = ([error(vendor, name) for name in names] for vendor in ("NVIDIA", "AMD"))
    unseen = f"{model} for models and of {chip} for chips that the fit had not seen"
    assert f"with a median error of {seen}, and of {unseen}" in words
    assert "({}, {} and {} on AMD's)".format(*amd) in words
    bound = np.median((data.bound / data.measured)[data.now])
    assert f"on {data.now.sum():,} published measurements of decoding it is {bound:.2f} of the measured time" in words
    assert report.error_of(report.ratios()[1][report.of_vendor("NVIDIA")]) == pytest.approx(0.30, abs=0.02)
    cost = f"{1e6 * ts.decode_cost('DeepSeek-V3', 'H200', 64, 4096, 8):.2f}"
    assert f"{cost} dollars a million output tokens" in README
    assert f"The calculator: ${cost} a million output tokens" in README


def test_the_readmes_formulas_give_what_stands_beside_them() -> None:
    typed = re.findall(r"^=(\w+)\((.*)\)(\*1E6)? {2,}([\d.]*)(.*)$", README, re.MULTILINE)
    assert len(typed) == 4
    for name, args, scale, number, words in typed:
        found = call(functions()[name], ast.literal_eval(f"({args},)"))[0, 0]
        if number:
            assert f"{found * (1e6 if scale else 1):.{len(number.partition('.')[2])}f}" == number, name
        else:
            assert all(part.strip(", ") in found for part in words.split("…")), found


def test_every_command_and_option_is_documented() -> None:
    page = DOCS["command-line.md"]
    for name in cli.COMMANDS:
        assert f"tokensheet {name}" in page
    for command in plugin.registered_commands:
        assert f"tokensheet plugin {command.name}" in page
    for command in own_model.registered_commands:
        assert f"tokensheet model {command.name}" in page
    for command in prices.registered_commands:
        assert f"`tokensheet prices {command.name}" in page or f"tokensheet prices {command.name}\n" in page
    for command in addin.registered_commands:
        assert f"tokensheet addin {command.name}" in page
    for word, entry in hosts().items():
        for verb, words in {"install": f"install {word}", "remove": f"remove {word}", "write": word}.items():
            assert (f"`tokensheet addin {words}" in page) == hasattr(entry.load(), verb), words
    for _, name, template in contributions("templates"):
        where = DOCS["templates.md"] if isinstance(template, Declared) else page
        assert f"tokensheet new {name}" in where
        for parameter in in_words(template):
            assert f"`--{parameter.replace('_', '-')}" in where + page, parameter
    for parameter in inspect.signature(accuracy).parameters:
        assert f"`--{parameter.removeprefix('as_')}" in page
    for parameter in set(inspect.signature(calibrate).parameters) - {"data", "as_json", "as_csv"}:
        assert f"`--{parameter}`" in page
    for parameter in set(inspect.signature(fill).parameters) - {"book", *in_words(cost_grid)}:
        assert f"`--{parameter.replace('_', '-')}`" in page
    for parameter in set(inspect.signature(cli.options).parameters) - {"show_version"}:
        assert f"`tokensheet --{parameter.replace('_', '-')} {'DAY' if parameter == 'as_of' else 'FILE'} …`" in page
    for parameter in set(inspect.signature(sweep).parameters) - {"file"}:
        assert f"`--{parameter}`" in page
    for parameter in inspect.signature(serve_bridge).parameters:
        assert f"`--{parameter.replace('_', '-')}`" in page
    for option in ("--functions", "--force", "--name", "--to", "--json", "--version", *FLAVOURS):
        assert option in page


def test_the_page_on_calibrating_says_what_the_command_says(tmp_path: Path) -> None:
    """Its example is the file beside it, and what it prints is printed."""
    example = (ROOT / "docs/my-measurements.csv").read_text(encoding="utf-8")
    blocks = re.findall(r"```\n(.*?)```", DOCS["calibrate.md"], re.DOTALL)
    assert example in blocks
    (tmp_path / "my-measurements.csv").write_text(example, encoding="utf-8")
    command, *_ = blocks
    done = run_here(*shlex.split(command)[1:], cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    printed, _, rest = done.stdout.partition("\n\nwrote ")
    assert printed + "\n" in blocks, "run: python validation/report.py"
    assert "--calibration my-constants.csv new cost-grid" in rest
    assert "tokensheet --calibration my-constants.csv new cost-grid\n" in DOCS["calibrate.md"]
    for column in next(csv.reader(example.splitlines())):
        assert f"`{column}`" in DOCS["calibrate.md"], column
    for function in (ts.calibrate, ts.use_calibration):
        assert f"tokensheet.{function.__name__}(" in DOCS["calibrate.md"]


@pytest.mark.parametrize("name", ["cost_grid", "CostGrid", "fill"])
def test_the_python_interface_is_documented(name: str) -> None:
    assert f"`{name}" in DOCS["workbooks.md"]
    assert inspect.getdoc(getattr(tokensheet_templates, name))


def test_ci_runs_the_readmes_test_command() -> None:
    _, test_command = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)[:2]
    ci = (ROOT / ".ci/run").read_text(encoding="utf-8")
    for line in test_command.strip().splitlines():
        assert line in ci, line


def test_links_between_pages_lead_somewhere() -> None:
    above = {f"../{page.name}": page.read_text(encoding="utf-8") for page in ROOT.glob("*.md")}
    for name, text in {**DOCS, **above}.items():
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
            assert (ROOT / "docs" / name).parent.joinpath(target).exists(), f"{name}: {target}"
