"""Lists of API prices: what may come in, what is kept, and that a day in the past keeps its prices."""

import gzip
import io
import json
import re
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tokensheet as ts
from command_line import Done, run_here
from tokensheet.api_prices import LISTED, market, price_list
from tokensheet.files import MOST_BYTES
from tokensheet.price_data import PriceListError, providers_of, unpacked
from tokensheet.price_lists import FOLDER, installed, installed_text, keep, kept, newest, snapshot
from tokensheet_udfs.convert import call
from tokensheet_udfs.registry import functions

NAME = "genai-prices 9.9.9"


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the lists of a test are kept; afterwards today counts again."""
    monkeypatch.setenv(FOLDER, str(tmp_path / "kept"))
    yield tmp_path / "kept"
    ts.use_prices()


def listed(output: Any = 8, model: str = "big-1", **more: Any) -> list[Any]:
    """A list of one model, as the JSON has it."""
    prices = {"input_mtok": 2, "output_mtok": output}
    about = {"id": model, "match": {"equals": model}, "prices": prices} | more
    return [{"id": "acme", "name": "Acme", "api_pattern": "https://api", "models": [about]}]


def write(folder: Path, providers: Any, name: str = "data.json") -> Path:
    path = folder / name
    path.write_text(providers if isinstance(providers, str) else json.dumps(providers), encoding="utf-8")
    return path


def wheel(folder: Path, data: bytes) -> Path:
    path = folder / "some.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("genai_prices/data.py", data)
        file.writestr("genai_prices-9.9.9.dist-info/METADATA", "Name: genai-prices")
    return path


def sdist(folder: Path, data: bytes) -> Path:
    path = folder / "some.tar.gz"
    with tarfile.open(path, "w:gz") as file:
        member = tarfile.TarInfo("genai_prices-9.9.9/genai_prices/data.py")
        member.size = len(data)
        file.addfile(member, io.BytesIO(data))
    return path


def updated(*args: Any) -> Done:
    return run_here("prices", "update", *map(str, args))


@pytest.mark.parametrize("packed", [wheel, sdist])
def test_a_release_is_read_as_it_would_run(tmp_path: Path, packed: Any) -> None:
    name, text = unpacked(packed(tmp_path, installed_text()))
    assert name == NAME
    assert text == installed_text()
    ran = snapshot(installed()).providers
    read = providers_of(text, name)
    assert [provider.id for provider in read] == [provider.id for provider in ran]
    assert [provider.models for provider in read] == [provider.models for provider in ran]


def test_the_json_is_read_as_the_package_reads_it() -> None:
    start = {"start_date": "2026-10-01"}
    tiers = {"base": 1, "tiers": [{"start": 1000, "price": 2}]}
    prices = [{"prices": {"input_mtok": 1}}, {"constraint": start, "prices": {"input_mtok": tiers, "output_mtok": 4}}]
    (provider,) = providers_of(json.dumps(listed(prices=prices)).encode(), "data.json")
    found = provider.models[0].prices
    assert str(found[1].constraint.start_date) == "2026-10-01"
    assert [found[0].prices.input_mtok, found[1].prices.input_mtok.tiers[0].price] == [1, 2]


def test_no_code_of_a_release_runs(tmp_path: Path) -> None:
    trap = tmp_path / "ran"
    for code in (f"open({str(trap)!r}, 'w')", f"Provider(id=open({str(trap)!r}, 'w'))", "[x for x in ()]", "1 + 1"):
        with pytest.raises(PriceListError, match="line 1 is no data"):
            providers_of(f"providers: list = {code}".encode(), "data.py")
    assert not trap.exists()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("", "it has no providers"),
        ("[]", "it has no providers"),
        ("{", "never closed"),
        ("[", "Expecting value"),
        ("[" * 100_000, "nested too deeply"),
        ("providers: list = " + "-" * 100_000 + "1", "nested too deeply"),
        ("providers: list = [" + "1," * 600_000 + "]", "more than 1,000,000 words and signs"),
        ("[1]", "0: Input should be a dictionary or an instance of Provider"),
        ([{"id": "acme"}], "0.name: Field required"),
        (listed(output="much"), "Input should be a valid decimal"),
        (listed(output=-1), "acme big-1 has the output_mtok price -1"),
        (listed(output="1e999"), "acme big-1 has the output_mtok price 1E+999"),
        (listed(output="NaN"), "Input should be a finite number"),
        (listed(prices=[]), "acme big-1 has no prices"),
        (listed(prices={"__class__": 1}), "must be set to a class"),
        (listed(model="\x1b[2J"), r"'acme \x1b[2J' is no name"),
        (listed(match={"regex": "(a+)+$"}), "the pattern '(a+)+$', which may never come to an end"),
        (listed(match={"regex": "("}), "unterminated subpattern"),
        (listed(match={}), "is no list of genai-prices"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_is_no_list_is_one_line_and_changes_nothing(tmp_path: Path, store: Path, data: Any, reason: str) -> None:
    done = updated(write(tmp_path, data))
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"tokensheet: data\.json is no list of genai-prices: [ -~]+\n", done.stderr), done.stderr
    assert reason in done.stderr
    assert not store.exists()


def test_an_archive_is_bounded_and_may_be_broken(tmp_path: Path, store: Path) -> None:
    bomb = bytes(20_000_000)
    whole = wheel(tmp_path, installed_text()).read_bytes()
    broken = {
        "cut.whl": whole[: len(whole) // 2],
        "other.whl": b"PK\x03\x04",
        "bomb.whl": wheel(tmp_path, bomb).read_bytes(),
        "bomb.tar.gz": gzip.compress(bomb),
        "cut.tar.gz": gzip.compress(b"a" * 600)[:20],
        "other.tar.gz": gzip.compress(b"a" * 600),
        "large.json": bytes(MOST_BYTES + 1),
    }
    for name, data in broken.items():
        (tmp_path / name).write_bytes(data)
        done = updated(tmp_path / name)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), name
    assert "no file" in updated(tmp_path).stderr
    assert "No such file" in updated(tmp_path / "nowhere").stderr
    assert not store.exists()


def test_an_update_says_what_moved_and_keeps_the_old_list(tmp_path: Path, store: Path) -> None:
    first = updated(write(tmp_path, listed()))
    assert first.returncode == 0, first.stderr
    assert "1 providers, 1 models" in first.stdout
    assert ts.api_price("acme", "big-1", "output") == 8e-6
    more = listed(output={"base": 5, "tiers": [{"start": 1000, "price": 6}]})
    more[0]["models"] += listed(model="big-2")[0]["models"]
    second = updated(write(tmp_path, more)).stdout
    assert "against data.json: 1 prices moved, 1 models are new, 0 are gone" in second
    assert re.search(r"acme +big-1 +output +8 +5, 6 from 1,000 tokens", second)
    assert len([*store.iterdir()]) == 2
    assert ts.api_price("acme", "big-1", "output", "", 2000) == 6e-6
    shown = run_here("prices").stdout
    assert shown == run_here("prices", "list").stdout
    assert shown.splitlines()[2].endswith("in use")
    assert all(each.sha256 in shown and each.sha256 in first.stdout + second for each in kept())
    assert "already; nothing changed" in updated(write(tmp_path, more)).stdout
    assert len([*store.iterdir()]) == 2
    before = f"installed, prices up to {newest(installed(), '2026-11-26')}"
    assert before in run_here("--as-of", "2026-11-26", "prices").stdout


def test_twenty_moves_are_shown_and_the_others_counted(tmp_path: Path) -> None:
    def many(output: int) -> list[Any]:
        models = [listed(output, f"big-{number}")[0]["models"][0] for number in range(30)]
        return [listed()[0] | {"models": models}]

    updated(write(tmp_path, many(8)))
    shown = updated(write(tmp_path, many(9))).stdout
    assert shown.count("acme") == 20
    assert "and 10 more" in shown


def test_a_day_has_the_list_that_was_kept_by_then(tmp_path: Path) -> None:
    prices = {}
    for day, output in {"2026-10-01": 8, "2026-10-15": 5, "2026-11-01": 6}.items():
        ts.use_prices(day)
        keep(write(tmp_path, listed(output)))
        prices[day] = ts.api_price("acme", "big-1", "output")
    ts.use_prices()
    assert ts.api_price("acme", "big-1", "output") == 6e-6
    for day, price in prices.items():
        ts.use_prices(day)
        assert ts.api_price("acme", "big-1", "output") == price
        assert price_list("acme", "big-1")["output"] == price_list("acme", "big-1", day)["output"] == price
    ts.use_prices("2026-10-31")
    assert ts.api_price("acme", "big-1", "output") == 5e-6
    ts.use_prices("2026-09-30")  # before any: the installed list with its history
    with pytest.raises(LookupError, match=r"acme.* as of 2026-09-30 \(genai-prices "):
        ts.api_price("acme", "big-1", "output")
    ts.use_prices("2025-06-09")
    assert ts.api_price("openai", "o3", "output") == 40e-6
    assert ts.api_price("openai", "o3", "output", "2025-06-11") == 8e-6


def test_of_two_lists_of_a_day_the_later_counts(tmp_path: Path) -> None:
    for output in (9, 3, 5, 3):
        keep(write(tmp_path, listed(output)))
        assert ts.api_price("acme", "big-1", "output") == output / 1e6
    assert len(kept()) == 4


def test_the_installed_release_is_kept_before_it_is_upgraded(tmp_path: Path) -> None:
    assert "The installed release is not kept" in run_here("prices").stdout
    done = updated()
    assert done.returncode == 0, done.stderr
    assert "The installed release is not kept" not in run_here("prices").stdout
    assert "0 prices moved, 0 models are new, 0 are gone" in done.stdout
    (only,) = kept()
    assert (only.name, only.sha256) == (installed().name, installed().sha256)
    assert keep(wheel(tmp_path, installed_text())) == only  # the same list, however it is packed
    assert price_list("openai", "o3") == price_list("openai", "o3", only.kept)


def test_a_list_that_was_changed_is_not_believed(tmp_path: Path) -> None:
    path = keep(write(tmp_path, listed())).path
    assert path
    write(path.parent, listed(1), path.name)
    with pytest.raises(LookupError, match="was changed since it was kept"):
        ts.api_price("acme", "big-1", "output")
    assert "was changed" in call(functions()["API_PRICE"], ("acme", "big-1", "output")).item().reason


def test_other_files_in_the_folder_are_let_be(tmp_path: Path, store: Path) -> None:
    keep(write(tmp_path, listed()))
    for name in (".tokensheet-0123", "notes.txt", "2026-01-01_1_abc_x"):
        (store / name).write_text("mine")
    assert len(kept()) == 1


def test_a_row_of_prices_says_since_when_and_by_which_list(tmp_path: Path) -> None:
    start = {"start_date": "2026-10-01"}, {"start_date": "2026-10-20"}
    prices = [
        {"prices": {"input_mtok": 2, "output_mtok": 9}},
        {"constraint": start[0], "prices": {"input_mtok": 2, "output_mtok": 8, "cache_read_mtok": 1}},
        {"constraint": start[1], "prices": {"input_mtok": 2, "output_mtok": 8, "cache_read_mtok": 0.5}},
        {"constraint": {"start_date": "2027-01-01"}, "prices": {"input_mtok": 3}},
    ]
    ts.use_prices("2026-11-01")
    of_list = keep(write(tmp_path, listed(prices=prices)))
    row = price_list("acme", "big-1", "2026-11-05")
    assert [row[field] for field in LISTED] == [2e-6, 8e-6, 0.5e-6, None]
    since = [row[f"{field}_since"] for field in LISTED]
    assert since == ["2026-10-20", "2026-10-01", "2026-10-20", None]  # of input nobody says it: the list's own day
    assert row["date"] == "2026-10-20"
    assert row["source"] == f"data.json, prices up to 2026-10-20, sha256 {of_list.sha256[:12]}"
    later = price_list("acme", "big-1", "2027-01-05")  # what was announced has come, and the list is no newer for that
    assert (later["input"], later["input_since"], later["date"]) == (3e-6, "2027-01-01", "2026-10-20")


@pytest.mark.parametrize(("provider", "model"), market())
def test_each_price_of_the_market_is_there(provider: str, model: str) -> None:
    row = price_list(provider, model)
    assert (row["provider"], row["model"]) == (provider, model)
    assert 0 < row["cache_read"] < row["input"] < row["output"] < 1e-4
    assert all(row[f"{field}_since"] >= "2025" for field in LISTED if row[field])
    midnight = ts.api_price(provider, model, "output", row["date"])
    assert price_list(provider, model, row["date"])["output"] == midnight


def test_the_market_has_eight_prices() -> None:
    assert len(set(market())) == 8
    assert {"openai", "anthropic", "google", "deepseek", "x-ai", "mistral"} == {provider for provider, _ in market()}
