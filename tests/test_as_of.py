"""As of a day: rents that are dated later are not known, and everything is as before when today counts again."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import tokensheet as ts
from command_line import run, run_here
from tokensheet.as_of import AS_OF, day
from tokensheet.rents import BASES
from tokensheet.rows import UnknownName

QUESTION = ("Llama-3.1-70B", "H100", 64, 4096, 8)


@pytest.fixture(autouse=True)
def today_again() -> Iterator[None]:
    yield
    ts.use_prices()
    ts.use_catalogue()


def test_a_rent_that_is_dated_later_is_not_known() -> None:
    dated = ts.chip("H100", "price_date")
    cost = ts.decode_cost(*QUESTION)
    ts.use_prices("2026-08-13")
    with pytest.raises(UnknownName) as error:
        ts.decode_cost(*QUESTION)
    assert str(error.value) == (
        "H100 SXM has no rent for the price basis '3 years' in the catalogue as of 2026-08-13, "
        f"its rent being of {dated}: it has one for 1 year"
    )
    assert ts.chips()["H100 SXM"]["usd_per_hour"] is None
    ts.use_prices(date.fromisoformat(str(dated)))
    assert ts.decode_cost(*QUESTION) == cost
    ts.use_prices("2026-08-13")
    ts.use_prices()
    assert ts.decode_cost(*QUESTION) == cost
    assert day() == ""


def test_a_date_without_its_day_counts_from_its_beginning() -> None:
    known = {ts.chips(basis)[name]["price_date"] for basis in BASES for name in ts.chips()}
    assert {"2026", "2026-03"} <= known
    ts.use_prices("2026-03-01")
    known = {ts.chips(basis)[name]["price_date"] for basis in BASES for name in ts.chips()}
    assert {"2026", "2026-03"} <= known
    assert not [each for each in known if each and each > "2026-03-01"]


def test_rents_of_ones_own_stay(tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    own.write_text("name,usd_per_hour\nH100,2\n", encoding="utf-8")
    ts.use_catalogue(own)
    cost = ts.decode_cost(*QUESTION)
    ts.use_prices("2020-01-01")
    assert ts.decode_cost(*QUESTION) == cost
    assert ts.chip("H100", "price_date") == "2020-01-01"  # as of which it is taken for true
    assert ts.best_chip("Llama-3.1-70B", 64, 4096) == "H100 SXM"


def test_where_no_rent_is_known_a_search_says_so() -> None:
    ts.use_prices("2020-01-01")
    for search in (
        lambda: ts.best_chip("Llama-3.1-70B", 64, 4096),
        lambda: ts.best_deployment("Llama-3.1-70B", 1000, 100, 1, 0.1),
    ):
        with pytest.raises(
            UnknownName, match="no chip has a rent for the price basis '3 years' that was known on 2020-01-01"
        ):
            search()


def test_an_explanation_says_the_day_where_a_rent_counts() -> None:
    assert ts.explain(ts.decode_cost, *QUESTION).notes == ()
    ts.use_prices("2026-11-01")
    why = ts.explain(ts.decode_cost, *QUESTION)
    assert "With the rent that was known on 2026-11-01." in str(why)
    assert "; with the rent that was known on 2026-11-01" in why.sentence()
    assert why.as_data()["notes"] == ["With the rent that was known on 2026-11-01"]
    assert ts.explain(ts.decode_time, *QUESTION).notes == ()


@pytest.mark.parametrize("wrong", ["soon", "2026-13-01", "2026", "46000"])
def test_what_is_no_day_is_said_and_changes_nothing(wrong: str) -> None:
    ts.use_prices("2026-11-01")
    with pytest.raises(ValueError, match=r'the day of prices must be written as "2026-10-14"'):
        ts.use_prices(wrong)
    assert day() == "2026-11-01"
    done = run_here("--as-of", wrong, "chips")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


def test_on_the_command_line_and_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    why = ("why", "decode-cost", "--model", "DeepSeek-V3", "--chip", "H200", "--batch", "64", "--context", "4k")
    done = run("--as-of", "2026-08-13", *why)
    assert done.returncode == 2
    assert "as of 2026-08-13, its rent being of 2026-08-14" in done.stderr
    assert "With the rent that was known on 2026-11-01." in run("--as-of", "2026-11-01", *why).stdout
    ts.use_prices()
    monkeypatch.setenv(AS_OF, "2026-08-13")
    day.cache_clear()
    with pytest.raises(UnknownName):
        ts.decode_cost(*QUESTION)
