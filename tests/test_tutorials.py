"""The tutorials and the page on errors: whatever they tell to type is typed, and says what they say."""

import doctest
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import run_here
from cookbook import in_a_cell, shown
from hosts.libreoffice import LibreOffice
from workbooks import loaded
from xlsxwriter import Workbook

ROOT = Path(__file__).parents[1]
PAGES = {path.stem: path.read_text(encoding="utf-8") for path in (
    *(ROOT / "docs/tutorials").glob("*.md"), ROOT / "docs/troubleshooting.md", ROOT / "docs/install.md")}  # fmt: skip
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SAID = re.compile(r"^(=.*)\n {4}(.*)", re.MULTILINE)  # a formula, and below it what it gives
ROOMS = ("core", "udfs", "templates", "addin")
LIKE = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def blocks(page: str, language: str) -> list[str]:
    return [text for found, text in BLOCK.findall(PAGES[page]) if found == language]


def like(found: str, wanted: str) -> bool:
    return doctest.OutputChecker().check_output(wanted, found, LIKE)


FORMULAS = [(page, *each) for page in PAGES for block in blocks(page, "") for each in SAID.findall(block)]


@pytest.mark.parametrize(("page", "formula", "said"), FORMULAS)
def test_a_formula_gives_what_the_page_says(page: str, formula: str, said: str) -> None:
    assert f"{said} ".startswith(f"{shown(in_a_cell(formula))} ")


def test_the_formulas_give_the_same_in_libreoffice(libreoffice: LibreOffice) -> None:
    path = libreoffice.folder / "tutorials.xlsx"
    with Workbook(path) as book:
        sheet = book.add_worksheet("Typed")
        for row, (_, formula, _) in enumerate(FORMULAS):
            sheet.write_formula(row, 0, formula)
    found = libreoffice.recalculate(path)
    for row, (_, formula, said) in enumerate(FORMULAS, 1):
        value = found[f"Typed!A{row}"]
        text = value["error"] if isinstance(value, dict) else shown(value)
        assert f"{said} ".startswith(f"{text} ") or TOO_MANY in said, formula


TOO_MANY = "takes at most"  # arguments: Calc counts them itself, as docs/hosts.md says


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "text") and page != "join-in"])
def test_commands_say_what_the_page_says(page: str, tmp_path: Path) -> None:
    """Each block of commands is run in one folder after the other; the text behind it is what the last one says."""
    written = re.search(r"Save this as `(\S+)`:\n\n```python\n(.*?)```", PAGES[page], re.DOTALL)
    if written:
        (tmp_path / written[1]).write_text(written[2], encoding="utf-8")
    for commands, said in re.findall(
        r"```sh\n([^`]*?)```\n\n(?:[^`\n]*\n\n)?```text\n(.*?)```", PAGES[page], re.DOTALL
    ):
        for command in commands.splitlines():
            done = run(command, tmp_path)
            assert done.returncode == 0, done.stderr
        assert like(done.stdout, said), done.stdout


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    program, *arguments = shlex.split(command)
    if program == "tokensheet":
        return run_here(*arguments, cwd=folder)
    assert program == "python3"
    return subprocess.run([sys.executable, *arguments], cwd=folder, capture_output=True, text=True)


@pytest.mark.parametrize("page", [page for page in PAGES if ">>>" in PAGES[page] and page != "join-in"])
def test_python_says_what_the_page_says(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = "\n".join(block for block in blocks(page, "python") if block.startswith(">>>"))
    test = doctest.DocTestParser().get_doctest(text, {}, page, None, 0)
    assert doctest.DocTestRunner(optionflags=LIKE | doctest.IGNORE_EXCEPTION_DETAIL).run(test).failed == 0


def test_what_is_typed_into_the_pricing_sheet_shows_what_the_page_says(libreoffice: LibreOffice) -> None:
    typed = re.findall(r"^\| (\S+) \| (\w+) \| .* \| (\w+)\b[^|]* \| (.+) \|$", PAGES["price-a-product"], re.MULTILINE)
    assert len(typed) == 7
    book, changes = ROOT / "templates/pricing-sheet.xlsx", dict[str, str | float]()
    for value, cell, place, said in typed:
        changes[f"Inputs!{cell}"] = (
            float(value[:-1]) / 100 if value.endswith("%") else float(value) if value.isdigit() else value
        )
        assert shown(libreoffice.recalculate(book, False, changes=changes)[f"Board!{place}"]) == said, value
    board = loaded(book, data_only=True)["Board"]
    for place, dollars in {"F18": "$5.04", "C7": "$0.774", "C8": "$0.229"}.items():
        assert f"{board[place].value:.3f}".rstrip("0") == dollars[1:]
        assert dollars in PAGES["price-a-product"]


def test_the_table_of_the_tutorial_is_what_its_formula_gives() -> None:
    models, contexts = ["DeepSeek-V3", "gpt-oss-120b", "Llama-3.1-70B"], [4096, 32768, 131072]
    for model in models:
        cells = [shown(in_a_cell(f'=DECODE_COST("{model}","H200",64,{context},,,,,0.5)*1E6')) for context in contexts]
        assert f"| **{model}** | {' | '.join(cells)} |" in PAGES["type-formulas"]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository with the equation that the page adds."""
    folder = tmp_path_factory.mktemp("copy")
    for name in (*ROOMS, "tests", "docs", "validation", ".github"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.png", "measured"))
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, folder / name)
    shutil.copytree(ROOT / "core/tokensheet/data/measured", folder / "core/tokensheet/data/measured")
    [equation], [name] = blocks("join-in", "python"), blocks("join-in", "")
    file = folder / equation.partition("\n")[0].removeprefix("# ")
    text = file.read_text(encoding="utf-8").replace("__all__ = [\n", f"__all__ = [\n    {name}", 1)
    file.write_text(f"{text}\n\n{equation}", encoding="utf-8")
    return folder


def in_copy(copy: Path, command: str) -> Iterator[str]:
    program, *arguments = shlex.split(command)
    words = ["-c", "from tokensheet_addin.cli import main; main()"] if program == "tokensheet" else []
    rooms = os.pathsep.join(str(copy / room) for room in ROOMS)
    done = subprocess.run([sys.executable, *words, *arguments], cwd=copy, capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": rooms, "COLUMNS": "200"})  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    yield done.stdout


def test_an_equation_that_is_added_is_a_function(copy: Path) -> None:
    """As the page adds it, in a copy of the repository."""
    show, regenerate, test = [each.strip() for each in blocks("join-in", "sh")[1:]]
    assert like(next(in_copy(copy, show)), blocks("join-in", "text")[0])
    assert next(in_copy(copy, regenerate)) == ""
    assert "TOKENS_PER_DOLLAR" in (copy / "docs/functions/pricing.md").read_text(encoding="utf-8")
    assert " passed" in next(in_copy(copy, test))


def test_installing_is_told_as_the_readme_tells_it() -> None:
    linux, windows = blocks("install", "sh")[0].splitlines(), blocks("install", "bat")[0].splitlines()
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "python3 -m venv .venv" in readme
    assert linux[2] in readme
    assert [line.split()[1:] for line in linux[2:3]] == [line.split()[1:] for line in windows[2:3]]


NUMBER = re.compile(r"\$?\d[\d,]*\.\d+|\$\d[\d,.]*\d|\d+ %")


@pytest.mark.parametrize("page", [page for page in PAGES if page != "install"])
def test_a_number_in_the_text_of_a_page_stands_in_what_was_run(page: str) -> None:
    run = " ".join(text for _, text in BLOCK.findall(PAGES[page])) + " ".join(
        re.findall(r"^\|.*\|$", PAGES[page], re.MULTILINE)
    )
    prose = re.sub(r"\]\([^)]*\)|`[^`]*`", "", BLOCK.sub("", re.sub(r"^\|.*\|$", "", PAGES[page], flags=re.MULTILINE)))
    for number in NUMBER.findall(prose):
        plain = number.strip("$").replace(" %", "").rstrip("0.") if "." in number else number.replace(" %", "")
        assert plain in run or number in TESTED_ELSEWHERE, number


TESTED_ELSEWHERE = {"$2.11", "$1.81", "$5.04", "$0.774", "$0.229", "25.2", "3.35", "60 %", "0.5"}
