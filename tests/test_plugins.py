"""Somebody else's package with a function, a chip, a template, a host: built, installed into an environment, seen."""

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest
from hatchling.build import build_wheel
from tokensheet.data import CHIPS
from tokensheet.plugins import contributions

ACME = Path(__file__).parent / "tokensheet_acme"


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that has what this one has, and tokensheet-acme."""
    folder = tmp_path_factory.mktemp("acme")
    source = shutil.copytree(ACME, folder / "source")
    header = [*CHIPS.read_text(encoding="utf-8").splitlines()[0].split(","), "usd_per_hour"]
    chip = {
        "name": "Acme One",
        "bf16_flops": "1e15",
        "hbm_bytes": "100e9",
        "hbm_bandwidth": "4e12",
        "usd_per_hour": "1",
    }
    row = ",".join(chip.get(column, "") for column in header)
    (source / "tokensheet_acme_chips.csv").write_text(f"{','.join(header)}\n{row}\n", encoding="utf-8")
    back = os.getcwd()
    os.chdir(source)
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
    folder: Path, source: str, *args: str, kind: str = "functions", name: str = "twin"
) -> subprocess.CompletedProcess[str]:
    """The command line where a package `twin` is installed, too."""
    (folder / "twin.py").write_text(source)
    (folder / "twin-1.dist-info").mkdir(exist_ok=True)
    (folder / "twin-1.dist-info/METADATA").write_text("Name: twin\nVersion: 1\n")
    (folder / "twin-1.dist-info/entry_points.txt").write_text(f"[tokensheet.{kind}]\n{name} = twin\n")
    command: list[str | Path] = [Path(sys.executable).parent / "tokensheet", *args]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(folder)})


def test_two_functions_of_one_name_are_one_clear_line(tmp_path: Path) -> None:
    """Excel would call one of them and say nothing."""
    source = "from tokensheet.roofline import compute_time\n\n__all__ = ['compute_time']\n"
    conflict = "twin and tokensheet both define COMPUTE_TIME; one has to be renamed"
    status = run_with_twin(tmp_path, source, "addin", "status")
    assert status.returncode == 0
    assert status.stdout.splitlines()[0] == f"functions: to do: no host can load them: {conflict}"
    for command in (
        ["functions"],
        ["addin", "install", "excel", "--to", str(tmp_path / "AddIns")],
        ["addin", "sheets", "--to", str(tmp_path / "sheets")],
        ["addin", "xlwings-lite"],
    ):
        done = run_with_twin(tmp_path, source, *command)
        assert done.returncode == 2, command
        assert done.stderr.count("\n") == 1
        assert conflict in done.stderr


@pytest.mark.parametrize("name", ["rate", "h100"])
def test_a_name_that_is_excels_own_is_one_clear_line(tmp_path: Path, name: str) -> None:
    source = f"__all__ = [{name!r}]\n\ndef {name}(x: float) -> float:\n    return x\n"
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


def test_start_up_imports_no_host_but_for_the_command_serve() -> None:
    code = "import sys; from tokensheet_addin import cli; print(sorted(sys.modules))"
    loaded = subprocess.check_output([sys.executable, "-c", code], text=True)
    assert set(re.findall(r"'tokensheet_addin\.hosts\.(\w+)", loaded)) == {"bridge", "commands", "extras"}
    assert not {"'uvicorn'", "'starlette'", "'xlwings'", "'openpyxl'"} & set(loaded.strip("[]\n").split(", "))


def test_ours_arrive_by_the_same_door() -> None:
    for kind in ("functions", "chips", "models", "templates", "hosts"):
        packages = [package for package, _, _ in contributions(kind)]
        assert packages[0] == "tokensheet"
