"""What Acme adds is there, once it is installed: `python3 -m pip install -e .`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import tokensheet as ts
from tokensheet_udfs.convert import call
from tokensheet_udfs.registry import functions


def tokensheet(*words: str) -> str:
    code = "from tokensheet_addin.cli import main; main()"
    return subprocess.run([sys.executable, "-c", code, *words], check=True, capture_output=True, text=True).stdout


def test_nothing_is_left_out() -> None:
    ours = [each for each in json.loads(tokensheet("plugins", "--json")) if each["package"] == "tokensheet-acme"]
    assert [each["kind"] for each in ours] == ["functions", "chips", "models", "prices", "templates", "hosts"]
    assert all(each["works"] for each in ours), ours


def test_the_function_computes_and_has_a_formula() -> None:
    function = functions()["ACME_PRICE"]
    assert function.formula == "cost*markup"
    assert call(function, (((2.0,), (4.0,)),)).tolist() == [[2.5], [5.0]]


def test_the_model_can_be_priced_on_the_chip() -> None:
    assert 0 < ts.decode_cost("Acme-7B", "Acme One", 64, 4096) < 1e-5


def test_the_prices_are_known() -> None:
    assert ts.api_price("acme", "acme-7b", "output") == pytest.approx(0.4e-6)


def test_the_template_writes_a_workbook(tmp_path: Path) -> None:
    book = tmp_path / "offer.xlsx"
    tokensheet("new", "acme-offer", str(book), "--markup", "1.5")
    assert "shows what it computes" in tokensheet("check", str(book))


def test_the_host_says_how_it_is() -> None:
    assert "Acme Desk: " in tokensheet("addin", "status")
