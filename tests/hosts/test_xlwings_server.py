"""The project for xlwings Server; the contract's calls are in test_contract.py."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hosts.xlwings_server import XlwingsServer
from tokensheet_udfs.registry import functions

TOKENSHEET = Path(sys.executable).parent / "tokensheet"


def test_it_serves_every_function_with_its_help(xlwings_server: XlwingsServer) -> None:
    served = json.loads(xlwings_server.get("/xlwings/custom-functions-meta.json"))["functions"]
    described = {each["name"]: [(arg["name"], arg["description"]) for arg in each["parameters"]] for each in served}
    assert described == {
        name: [(each.name, function.help.argument(each)[:255]) for each in function.parameters]
        for name, function in functions().items()
    }
    assert b'"TOKENSHEET"' in xlwings_server.get("/manifest.xml")


@pytest.mark.parametrize("reason", ["exists already", "there is no folder"])
def test_a_folder_that_will_not_do_is_one_clear_line(tmp_path: Path, reason: str) -> None:
    folder = tmp_path if reason == "exists already" else tmp_path / "nowhere" / "project"
    done = subprocess.run([TOKENSHEET, "addin", "xlwings-server", str(folder)], capture_output=True, text=True, env={})
    assert done.returncode == 2
    assert reason in done.stderr
    assert done.stderr.count("\n") == 1


def test_without_package_or_key_it_says_what_is_missing(tmp_path: Path) -> None:
    command: list[str | Path] = [TOKENSHEET, "addin", "xlwings-server", "project"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env={"HOME": str(tmp_path)})
    assert done.returncode == 2
    assert "tokensheet[xlwings-server]" in done.stderr or "XLWINGS_LICENSE_KEY" in done.stderr
    assert list(tmp_path.iterdir()) == []
