"""What has to be installed: nothing but numpy to compute, and what is left out says how to get it."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ABSENT = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {absent!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Absent())
"""
COMPUTING = """
import tokensheet as ts
from tokensheet_udfs.convert import call
from tokensheet_udfs.registry import functions
for function in functions().values():
    function.formula
question = ["DeepSeek-V3", "H200", 64, 4096, 8]
print(ts.decode_cost(*question) == call(functions()["DECODE_COST"], question).item())
print(call(functions()["WHY"], ["COMPUTE_TIME", 1, 1, 0]).item())
"""
SWEEP = "import tokensheet as ts; ts.sweep('read_time', size=[1, 2], bandwidth=2, chunks='auto')"
FRAME = "import tokensheet as ts; ts.explain(ts.read_time, 1, 1).to_frame()"


def without(packages: set[str], code: str) -> subprocess.CompletedProcess[str]:
    """The code in a Python that has none of the packages."""
    command = [sys.executable, "-c", ABSENT.format(absent=packages) + code]
    return subprocess.run(command, capture_output=True, text=True)


def dependencies() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [each for extra in project["optional-dependencies"].values() for each in extra]
    names = {re.split(r"[\[>=]", each)[0] for each in [*project["dependencies"], *extras]}
    return {name.lower().replace("-", "_") for name in names} - {"tokensheet"}


def test_computing_needs_numpy_alone() -> None:
    done = without({*dependencies(), "pydantic", "click"} - {"numpy"}, COMPUTING)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["True", "flops must be > 0, not 0: a division by zero"]


def test_a_frame_without_pandas_says_how_to_get_it() -> None:
    done = without({"pandas"}, FRAME)
    assert done.stderr.splitlines()[-1].endswith("a frame needs pandas: python3 -m pip install 'tokensheet[pandas]'")


def test_a_sweep_without_its_packages_says_how_to_get_them(tmp_path: Path) -> None:
    wanted = "needs {}: python3 -m pip install 'tokensheet[sweep]'"
    for package, code in {
        "xarray": SWEEP,
        "scipy": "import tokensheet as ts; ts.draw('normal', p10=1, p90=2)",
    }.items():
        assert without({package}, code).stderr.splitlines()[-1].endswith(wanted.format(package))
    (tmp_path / "plan.toml").write_text(
        "functions = 'read_time'\ninputs = {size = 1, bandwidth = 2}\n", encoding="utf-8"
    )
    code = f"import os; os.chdir({str(tmp_path)!r}); sys.argv = ['tokensheet', 'sweep', 'plan.toml']\n"
    done = without({"xarray"}, code + "from tokensheet_addin.cli import main; main()")
    assert (done.returncode, done.stderr) == (2, f"tokensheet: a sweep {wanted.format('xarray')}\n")


@pytest.mark.parametrize("command", [("new", "cost-grid"), ("templates",), ("chips",)])
def test_the_commands_do_without_pandas(command: tuple[str, ...], tmp_path: Path) -> None:
    code = f"import os; os.chdir({str(tmp_path)!r}); sys.argv = ['tokensheet', *{command!r}]\n"
    done = without({"pandas"}, code + "from tokensheet_addin.cli import main; main()")
    assert done.returncode == 0, done.stderr
