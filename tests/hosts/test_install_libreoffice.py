"""The extension in the hands of an ordinary user: installed, used and removed with one command each."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import openpyxl
import pytest
from tokensheet_udfs.registry import functions

TOKENSHEET = Path(sys.executable).parent / "tokensheet"
# An ordinary user who may read what the tests' user, root, has made here: LibreOffice asks only for the number
AS_NOBODY = "setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=+dac_override --ambient-caps=+dac_override"


class User:
    """Somebody without rights, with a home and an activated virtual environment."""

    def __init__(self, home: Path) -> None:
        self.home = home
        # as in an activated virtual environment
        self.environment = {
            "PATH": f"{TOKENSHEET.parent}:/usr/bin:/bin", "VIRTUAL_ENV": sys.prefix, "HOME": str(home)
        }  # fmt: skip

    def run(self, *command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run as an ordinary user; LibreOffice refuses extensions to root."""
        prefix = AS_NOBODY.split() if os.geteuid() == 0 else []
        given = self.environment | environment
        return subprocess.run([*prefix, *command], capture_output=True, text=True, env=given, cwd=self.home)

    def computes(self, formula: str) -> str:
        """What a freshly started LibreOffice shows for a formula in a file without cached values."""
        book = openpyxl.Workbook()
        book.active["A1"] = formula
        book.save(self.home / "book.xlsx")
        command = ["soffice", "--headless", "--convert-to", "csv", "--outdir", str(self.home), "book.xlsx"]
        done = self.run(*command, PATH="/usr/bin:/bin")
        assert done.returncode == 0, done.stderr
        return (self.home / "book.csv").read_text().strip()


@pytest.fixture
def user(oxt: Path) -> Iterator[User]:
    """Somebody with a home and no LibreOffice profile yet. Not in pytest's folder, which only its owner may enter."""
    with tempfile.TemporaryDirectory() as home:
        os.chmod(home, 0o777)
        yield User(Path(home))


def test_installed_used_updated_and_removed(user: User) -> None:
    assert user.computes("=COMPUTE_TIME(1,1,4)") == "#NAME?"
    for _ in range(2):  # the second time it replaces the first
        done = user.run(TOKENSHEET, "addin", "install", "libreoffice")
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("installed tokensheet 0.")
        assert user.computes("=COMPUTE_TIME(1,1,4)") == "0.5"
    done = user.run(TOKENSHEET, "addin", "remove", "libreoffice")
    assert (done.returncode, done.stdout, done.stderr) == (0, "removed tokensheet from LibreOffice\n", "")
    assert user.computes("=COMPUTE_TIME(1,1,4)") == "#NAME?"
    again = user.run(TOKENSHEET, "addin", "remove", "libreoffice")
    assert (again.returncode, again.stderr) == (2, "tokensheet: tokensheet is not installed in LibreOffice\n")


def test_without_libreoffice_the_error_says_what_to_install(tmp_path: Path) -> None:
    done = subprocess.run(
        [TOKENSHEET, "addin", "install", "libreoffice"], capture_output=True, text=True, env={"PATH": str(tmp_path)}
    )
    assert done.returncode == 2
    assert done.stderr.startswith("tokensheet: LibreOffice")
    assert done.stderr.count("\n") == 1
    assert "libreoffice-calc" in done.stderr


def test_status_tells_what_is_there_and_how_to_mend_the_rest(user: User) -> None:
    def calc() -> dict[str, list[str]]:
        done = user.run(TOKENSHEET, "addin", "status", "--json")
        assert (done.returncode, done.stderr) == (0, "")
        return next(each for each in json.loads(done.stdout) if each["host"] == "LibreOffice Calc")

    assert calc()["to_do"] == ["tokensheet addin install libreoffice"]
    user.run(TOKENSHEET, "addin", "install", "libreoffice")
    assert calc()["to_do"] == []
    assert calc()["found"][1:] == ["its Python has numpy", f"extension {version('tokensheet')}"]
    lines = user.run(TOKENSHEET, "addin", "status").stdout.splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "functions",
        "bridge (tokensheet serve)",
        "Excel on Windows (xlwings)",
        "LibreOffice Calc",
        "Google Sheets",
        "static add-in (plain files on a web server)",
        "xlwings Lite",
        "xlwings Server (needs a licence)",
    ]
    assert lines[0] == f"functions: {len(functions())} of tokensheet, ready"
    assert lines[3].endswith(", ready")


def test_status_without_any_host(tmp_path: Path) -> None:
    environment = {"PATH": str(tmp_path), "HOME": str(tmp_path)}
    done = subprocess.run([TOKENSHEET, "addin", "status"], capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert "LibreOffice Calc: to do: LibreOffice's soffice is not on PATH (Debian: libreoffice-calc)" in done.stdout
    assert "set XLWINGS_LICENSE_KEY" in done.stdout
