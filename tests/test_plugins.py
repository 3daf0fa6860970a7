"""Somebody else's package with a function, a chip, a template, a host: built, installed into an environment, seen."""

import json
import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import venv
from pathlib import Path

import pytest
from command_line import TOKENSHEET, WIDE, Done, run, run_here
from hatchling.build import build_wheel
from tokensheet import plugins
from tokensheet.plugins import HOOKS, KINDS, contributions

DOCS = Path(__file__).parents[1] / "docs"


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package that `tokensheet plugin new acme` makes."""
    folder = tmp_path_factory.mktemp("new") / "tokensheet-acme"
    assert run("plugin", "new", "acme", "--to", str(folder)).stdout.startswith(f"wrote {folder}")
    return folder


@pytest.fixture(scope="module")
def python(acme: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that has what this one has, and tokensheet-acme."""
    folder = tmp_path_factory.mktemp("acme")
    back = os.getcwd()
    os.chdir(acme)
    try:
        wheel = build_wheel(str(folder))
    finally:
        os.chdir(back)
    venv.create(folder / "env", with_pip=False, symlinks=True)
    python = folder / "env/bin/python"
    where = subprocess.check_output([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], text=True)
    (Path(where.strip()) / "ours.pth").write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--disable-pip-version-check", str(folder / wheel)], check=True)
    return python


def tokensheet(python: Path, *args: str) -> str:
    command = "from tokensheet_addin.cli import main; main()"
    return subprocess.check_output([python, "-c", command, *args], text=True)


def test_the_package_that_is_made_passes_its_own_tests(python: Path, acme: Path) -> None:
    """Also where it was made in the folder of another project, such as ours, and that one has settings of its own."""
    (acme.parent / "pyproject.toml").write_text('[tool.pytest.ini_options]\naddopts = "--of-another"\n')
    done = subprocess.run([python, "-m", "pytest", "-q"], cwd=acme, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_its_tests_need_is_installed_by_the_command_that_is_told(acme: Path, tmp_path: Path) -> None:
    told = run_here("plugin", "new", "other", cwd=tmp_path).stdout
    assert 'pip install -e ".[test]" && tokensheet plugins && python3 -m pytest' in told
    assert 'test = ["pytest"]' in (acme / "pyproject.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("Acme", "a plugin's name is one word of small letters and digits, such as acme, not 'Acme'"),
        ("a b", "a plugin's name is one word of small letters and digits, such as acme, not 'a b'"),
        ("api", "there is a function API_PRICE already; take another name"),
    ],
)
def test_a_name_that_a_package_cannot_have_is_one_clear_line(name: str, complaint: str, tmp_path: Path) -> None:
    done = run_here("plugin", "new", name, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, f"tokensheet: {complaint}\n")
    assert not list(tmp_path.iterdir())


def test_a_package_is_not_written_over_another(acme: Path) -> None:
    done = run_here("plugin", "new", "acme", "--to", str(acme))
    assert (done.returncode, done.stderr) == (2, f"tokensheet: {acme} exists; give --to another folder\n")


def test_its_function_is_there(python: Path) -> None:
    (function,) = json.loads(tokensheet(python, "functions", "ACME_PRICE", "--json"))
    assert function["package"] == "tokensheet-acme"
    assert function["formula"] == "cost*markup"
    code = "from tokensheet_addin.hosts.xlwings_functions import ACME_PRICE; print(ACME_PRICE(((2.0,), ('x',))))"
    assert subprocess.check_output([python, "-c", code], text=True) == "[[2.5], ['#VALUE!']]\n"


def test_its_chip_is_there_and_can_be_priced(python: Path, tmp_path: Path) -> None:
    (chip,) = json.loads(tokensheet(python, "chips", "acme-one", "--json"))
    assert chip["hbm_bytes"] == 100e9
    asked = ("--model", "Llama-3.1-70B", "--chip", "Acme One", "--batch", "64", "--context", "4096")
    on = [tokensheet(python, "why", "decode-cost", *asked, "--price-basis", basis) for basis in ("spot", "3 years")]
    assert on[0] == on[1]  # the rent in its row holds for every basis
    book = tmp_path / "acme.xlsx"
    tokensheet(python, "new", "cost-grid", str(book), "--chips", "Acme One,H100", "--models", "Llama-3.1-70B")
    assert book.exists()


def test_its_template_is_there_as_ours_are(python: Path, tmp_path: Path) -> None:
    """In the list, on the command line with its inputs as options, as a scenario, and to be checked."""
    listed = {each["name"]: each for each in json.loads(tokensheet(python, "templates", "--json"))}
    assert listed["acme-offer"]["package"] == "tokensheet-acme"
    assert listed["acme-offer"]["purpose"].startswith("What Acme charges")
    book, scenario = tmp_path / "offer.xlsx", tmp_path / "offer.toml"
    asked = ("--markup", "1.5", "--tokens", "10", "--save-scenario", str(scenario))
    tokensheet(python, "new", "acme-offer", str(book), *asked)
    assert "markup = 1.5" in scenario.read_text()
    assert "shows what it computes" in tokensheet(python, "check", str(book))


def test_its_host_is_there(python: Path) -> None:
    assert tokensheet(python, "addin", "install", "acme-desk", "Ada") == "on Ada's desk\n"
    status = tokensheet(python, "addin", "status").splitlines()
    assert status[-1] == "Acme Desk: Acme Desk 3, to do: tokensheet addin install acme-desk WHOSE"
    listed = [tokensheet(python, "addin", verb, "--help") for verb in ("install", "remove")]
    assert ["acme-desk" in each for each in listed] == [True, False]


def run_with_twin(
    folder: Path, source: str, *args: str, kind: str = "functions", name: str = "twin", value: str = "twin"
) -> Done:
    """The command line where a package `twin` is installed, too."""
    (folder / "twin.py").write_text(source)
    (folder / "twin-1.dist-info").mkdir(exist_ok=True)
    (folder / "twin-1.dist-info/METADATA").write_text("Name: twin\nVersion: 1\n")
    (folder / "twin-1.dist-info/entry_points.txt").write_text(f"[tokensheet.{kind}]\n{name} = {value}\n")
    return run_beside(folder, *args)


def run_beside(folder: Path, *args: str) -> Done:
    """The command line with what is installed in a folder."""
    environment = os.environ | WIDE | {"PYTHONPATH": str(folder)}
    return subprocess.run([TOKENSHEET, *args], capture_output=True, text=True, env=environment)


def table(text: str) -> str:
    """The source of a module with the path of a table."""
    return f"from pathlib import Path\n\nTABLE = Path(__file__).with_name('table.csv')\nTABLE.write_text({text!r})\n"


TWICE = "twin and tokensheet both define COMPUTE_TIME; one has to be renamed"
NEW = "name,bf16_flops,hbm_bytes,hbm_bandwidth"
BROKEN: dict[str, tuple[str, str, str]] = {
    "a module that is not there": ("functions", "import nonesuch\n", "No module named 'nonesuch'"),
    "a module that ends the process": ("functions", "raise SystemExit('no')\n", "no"),
    "no list of functions": ("functions", "", "module 'twin' has no attribute '__all__'"),
    "a function that is not there": ("functions", "__all__ = ['f']\n", "module 'twin' has no attribute 'f'"),
    "an argument that nobody tells": (
        "functions",
        "__all__ = ['f']\n\ndef f(x: float) -> float:\n    return x\n",
        "the docstring of f has no x under Parameters",
    ),
    "a function of ours": ("functions", "from tokensheet import *\n\n__all__ = ['compute_time']\n", TWICE),
    "a chip without a name": ("chips", table("vendor,bf16_flops\nAcme,1e15\n"), "table.csv, row 2: needs name, "),
    "a chip of ours": ("chips", table(f"{NEW}\nh100,1e15,8e10,3e12\n"), "the chips have 'h100' already"),
    "a chip with a column of its own": ("chips", table(f"{NEW},colour\nX,1e15,8e10,3e12,7\n"), "is called 'colour'"),
    "a chip with a text for a number": ("chips", table(f"{NEW}\nX,fast,8e10,3e12\n"), "'fast' is not a number"),
    "a model without parameters": ("models", table("name,total_params\nX,1e9\n"), "needs active_params, "),
    "a table that is not there": ("models", "TABLE = None\n", "'NoneType' object has no attribute"),
    "prices that are none": ("prices", table("name,price\nX,1\n"), "table.csv is no list of genai-prices: "),
    "a template that is not there": ("templates", "import nonesuch\n", "No module named 'nonesuch'"),
    "a host that is not there": ("hosts", "import nonesuch\n", "No module named 'nonesuch'"),
}
VALUES = {"chips": "twin:TABLE", "models": "twin:TABLE", "prices": "twin:TABLE"}


@pytest.mark.parametrize("what", BROKEN)
def test_a_plugin_that_is_broken_is_named_and_leaves_all_else_alone(what: str, tmp_path: Path) -> None:
    kind, source, reason = BROKEN[what]
    listed = run_with_twin(tmp_path, source, "plugins", "--json", kind=kind, value=VALUES.get(kind, "twin"))
    (state,) = json.loads(listed.stdout)
    assert [*state.values()][:5] == ["twin", "1", kind, "twin", False]
    assert reason in state["reason"]
    load = ("--input-tokens", "2k", "--output-tokens", "500", "--users", "64")
    for command in (
        ("why", "request-cost", "--model", "DeepSeek-V3", "--chip", "H200", *load),
        ("addin", "status"),
    ):
        done = run_beside(tmp_path, *command)
        assert done.returncode == 0, done.stderr
        assert done.stderr.count("\n") <= 1
        assert not done.stderr or f"the {kind} twin of the plugin twin are left out: " in done.stderr
        assert done.stdout


def test_a_plugin_that_is_broken_leaves_the_workbooks_alone(tmp_path: Path) -> None:
    book = tmp_path / "grid.xlsx"
    for what in ("a function of ours", "a chip without a name", "a template that is not there"):
        kind, source, _ = BROKEN[what]
        asked = ("new", "cost-grid", str(book), "--force")
        done = run_with_twin(tmp_path, source, *asked, kind=kind, value=VALUES.get(kind, "twin"))
        assert (done.returncode, done.stdout) == (0, f"wrote {book}\n"), done.stderr


def test_a_package_for_other_hooks_is_left_out(tmp_path: Path) -> None:
    run_with_twin(tmp_path, "__all__ = []\n", "--version")
    entries = "[tokensheet.hooks]\n2 = twin\n[tokensheet.functions]\ntwin = twin\n"
    (tmp_path / "twin-1.dist-info/entry_points.txt").write_text(entries)
    (listed,) = json.loads(run_beside(tmp_path, "plugins", "--json").stdout)
    assert listed["reason"] == ("it is written for version 2 of the hooks, and these are 1: update the older one")


@pytest.mark.parametrize(
    ("save", "complaint"),
    [
        ("save(self, path, functions='native', *, overwrite=False): pass", "the template wrote no {}"),
        ("save(self, path, functions): pass", "the template twin fails: TypeError: Book.save() got an unexpected "
                                              "keyword argument 'overwrite'"),
        ("save(self, path, functions, overwrite): return 1 / 0", "the template twin fails: ZeroDivisionError: "
                                                                 "division by zero"),
        ("write(self): pass", "the template twin fails: AttributeError: 'Book' object has no attribute 'save'"),
    ],
)  # fmt: skip
def test_a_template_that_does_not_work_is_named(save: str, complaint: str, tmp_path: Path) -> None:
    source = f"class Book:\n    def {save}\n\ndef twin():\n    '''A template.'''\n    return Book()\n"
    book = tmp_path / "x.xlsx"
    done = run_with_twin(tmp_path, source, "new", "twin", str(book), kind="templates", value="twin:twin")
    assert (done.returncode, done.stderr) == (2, f"tokensheet: {complaint.format(book)}\n")


def test_of_two_functions_of_one_name_ours_is_called(tmp_path: Path) -> None:
    """Excel would call one of them and say nothing."""
    _, source, _ = BROKEN["a function of ours"]
    for command in (["functions"], ["addin", "install", "excel", "--to", str(tmp_path / "AddIns")]):
        done = run_with_twin(tmp_path, source, *command)
        assert done.returncode == 0, command
        assert done.stderr.count("\n") == 1
        assert TWICE in done.stderr


@pytest.mark.parametrize("name", ["rate", "h100"])
def test_a_name_that_is_excels_own_is_one_clear_line(tmp_path: Path, name: str) -> None:
    source = (
        f"__all__ = [{name!r}]\n\n\ndef {name}(x: float) -> float:\n"
        "    '''One.\n\n    Parameters\n    ----------\n    x : float\n        One [ratio].\n    '''\n    return x\n"
    )
    first = run_with_twin(tmp_path, source, "addin", "status").stdout.splitlines()[0]
    assert f"1 of twin, to do: twin has to rename {name.upper()}, which" in first


def test_a_host_that_fails_is_named_and_leaves_the_others_alone(tmp_path: Path) -> None:
    done = run_with_twin(tmp_path, "import nonesuch\n", "addin", "status", kind="hosts")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "twin: to do: the host of twin fails: No module named 'nonesuch'"
    assert "LibreOffice Calc: " in done.stdout
    assert run_with_twin(tmp_path, "import nonesuch\n", "addin", "install", "--help", kind="hosts").returncode == 0


def test_two_hosts_of_one_word_are_one_clear_line(tmp_path: Path) -> None:
    done = run_with_twin(tmp_path, "", "addin", "status", kind="hosts", name="excel")
    assert (done.returncode, done.stderr) == (
        2,
        "tokensheet: twin and tokensheet both bring a host excel; rename one\n",
    )


def test_ours_arrive_by_the_same_door() -> None:
    for kind in sorted({*KINDS} - {"prices"}):  # ours are those of genai-prices
        packages = [package for package, _, _ in contributions(kind)]
        assert packages[0] == "tokensheet"


def test_every_hook_is_told_and_has_an_example(acme: Path) -> None:
    groups = {f"tokensheet.{kind}" for kind in (*KINDS, "hooks")}
    told = re.findall(r"^\| `(tokensheet\.\w+)` \|", (DOCS / "plugins.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert {*told} == groups
    assert all(group in str(plugins.__doc__) for group in groups)
    made = tomllib.loads((acme / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"]
    assert {*made} == groups
    assert [*made["tokensheet.hooks"]] == [HOOKS]


def test_every_promise_of_a_host_is_told() -> None:
    text = (DOCS / "plugins.md").read_text(encoding="utf-8")
    assert all(f"`{word}" in text for word in ("name`", "status()`", "install(…)`", "remove(…)`", "write(…)`"))
