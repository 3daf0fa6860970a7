"""No text becomes more than text: every string of attack_strings.py in every place that a text can reach."""

import csv
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import orjson
import pytest
import tokensheet as ts
from attack_strings import TEXTS
from command_line import run_here
from hosts.libreoffice import LibreOffice, letters
from tokensheet.measured import judged, read_rows
from tokensheet.numbers import DEFAULTS
from tokensheet.own_catalogue import own_rows, text_of, write_table
from tokensheet.rents import BASES, BASIS
from tokensheet.rows import is_text, known_names, plain
from tokensheet.texts import LONGEST, LONGEST_NAME, clean, from_csv, in_csv, name_of
from tokensheet_addin import cli
from tokensheet_addin.hosts.bridge import manifest
from tokensheet_addin.hosts.excel import addin
from tokensheet_addin.hosts.libreoffice import oxt
from tokensheet_templates import cost_grid
from tokensheet_templates.book import Book, Sheet
from tokensheet_templates.charts import Bars, draw_bars
from tokensheet_templates.declared import line, number, pick, picks
from tokensheet_templates.found import LITERAL, read_workbook
from tokensheet_templates.inputs_sheet import as_text
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.log import FIRST_ENTRY
from tokensheet_templates.plumbing import link
from tokensheet_templates.scenario import read_scenario, write_scenario
from tokensheet_templates.template import Workbook, template
from tokensheet_udfs.registry import describe
from workbooks import cached, differences, find

CHIP = {"bf16_flops": 1e15, "hbm_bytes": 8e10, "hbm_bandwidth": 3e12, "usd_per_hour": 2}
MODEL = dict(total_params=7e9, active_params=7e9, kv_bytes_per_token=131072, layers=32, full_attention_layers=32,
             hidden=4096, heads=32, kv_heads=8, head_dim=128)  # fmt: skip
HARMLESS = [f"harmless {number}" for number in range(len(TEXTS))]
NO_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def lay(folder: Path, texts: list[str]) -> tuple[list[str], list[str]]:
    """Lay files over the catalogue that have each text in every column of text; gives the chips' and models' names."""
    files = [folder / "chips.csv", folder / "models.csv"]
    columns = [list(ts.chips()["H100 SXM"]), list(ts.models()["Llama-3.1-8B"])]
    before = len(ts.chips()), len(ts.models())
    for file, known, numbers in zip(files, columns, (CHIP, MODEL), strict=True):
        free = [each for each in known if is_text(each) and "date" not in each and each not in ("name", "aliases")]
        with file.open("w", encoding="utf-8", errors="replace", newline="") as opened:
            table = csv.DictWriter(opened, ["name", *free, *numbers])
            table.writeheader()
            table.writerows(dict.fromkeys(free, text) | {"name": name} | numbers for name, text in named(texts))
    ts.use_catalogue(*files)
    return list(ts.chips())[before[0] :], list(ts.models())[before[1] :]


def named(texts: list[str]) -> Iterator[tuple[str, str]]:
    """Each text with the name that comes closest to it: itself, with a number, or a harmless one."""
    taken = {*known_names(ts.chips()), *known_names(ts.models())}
    for row, text in enumerate(texts):
        name = next(each for each in (text, f"{text} {row}", f"name {row}") if is_free(each, taken))
        taken.add(plain(name))
        yield name, text


def is_free(name: str, taken: set[str]) -> bool:
    try:
        return plain(name_of(name)) not in taken
    except ValueError:
        return False


@pytest.fixture
def built_in_again() -> Iterator[None]:
    yield
    ts.use_catalogue()


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What is written into workbooks: each text by its place."""
    found: dict[str, str] = {}
    write = Sheet.write

    def noting(sheet: Sheet, row: int, column: int, value: Any, format_: Any) -> None:
        if isinstance(value, str) and value:
            found[f"{sheet.name}!{letters(column)}{row + 1}"] = value
        write(sheet, row, column, value, format_)

    monkeypatch.setattr(Sheet, "write", noting)
    return found


def test_a_text_that_can_be_shown_stays_as_it_is() -> None:
    for text in TEXTS:
        shown = clean(text)
        assert not NO_TEXT.search(shown)
        assert len(shown.encode("utf-16-le")) <= 2 * LONGEST
        assert shown == clean(shown)
        if not NO_TEXT.search(text) and not re.search("[\t\u202a-\u202e\u2066-\u2069]", text):
            assert shown == text or (len(text) > LONGEST // 2 and shown.endswith("…"))


def test_a_name_is_read_as_one_line_that_can_be_seen() -> None:
    for text in TEXTS:
        if is_free(text, set()):
            name = name_of(text)
            assert name == name_of(name) == clean(name)
            assert name.isprintable()
            assert len(name) <= LONGEST_NAME
            assert not set(name) & set("*?~;")


def of_catalogue(chips: list[str], models: list[str], texts: list[str]) -> Workbook:
    """A workbook of a plugin with a Catalogue of all these, and each text in its Log."""
    inputs = {
        "Picks": [
            picks("chip", "Chip", chips, "chip"), picks("model", "Model", models, "model"),
            pick("price_basis", "Price basis", BASIS, BASES),
            *(number(key, key, "number", DEFAULTS.get(key, 64e9), 1, 1e12) for key in ("pcie", "nic", "node")),
        ]
    }  # fmt: skip

    @template("attack", "Attack", audience="Nobody.", how="Not at all.", sheets={}, inputs=inputs)
    def attack(book: Kernel) -> None:
        """A catalogue and no calculation."""
        book.catalogue(market=True)
        book.page("Board", "Nothing.").lay("Nothing", [line("same", "Same", "ratio", lambda old: old)])

    typed = {("Log", FIRST_ENTRY + row, 0): text for row, text in enumerate(texts)}
    return replace(attack(), typed=typed)


def test_a_catalogue_in_a_workbook_is_texts_and_no_more(
    tmp_path: Path, libreoffice: LibreOffice, assert_valid_xlsx: Callable[[Path], None], built_in_again: None,
    written: dict[str, str],
) -> None:  # fmt: skip
    opened = []
    for name, texts in (("harmless", HARMLESS), ("hostile", TEXTS)):
        ts.use_catalogue()
        written.clear()
        chips, models = lay(tmp_path, texts)
        path = of_catalogue(chips, models, texts).save(tmp_path / f"{name}.xlsx")
        opened.append(libreoffice.read(path))
    twin, found = opened
    assert (len(found["formulas"]), found["links"]) == (len(twin["formulas"]), 0)
    assert {place: text for place, text in written.items() if found["texts"].get(place) != text} == {}
    assert {*chips, *models, *filter(None, map(clean, TEXTS))} <= {*written.values()}
    assert differences(cached(path), libreoffice.recalculate(path, with_addin=False), within=1e-9) == {}
    assert cached(path)["About!A3"] == "All checks pass"
    assert links_of(path) == []
    assert_valid_xlsx(path)


WORST = [
    "=1+1", "=cmd|' /C calc'!A0", '=HYPERLINK("http://evil.example","click")', r"external:\\evil\share\x.xlsx",
    "mailto:a@evil.example", "<r><t>x</t></r>", "_x0041_", "'=1+1", '"&A1&"', "a / b", "1E5", "X1", "n" * 100,
]  # fmt: skip


def test_names_stay_texts_through_a_whole_calculation(
    tmp_path: Path, libreoffice: LibreOffice, built_in_again: None
) -> None:
    """With what MATCH finds by them, what formulas show of them, and what is read out of the workbook again."""
    chips, models = lay(tmp_path, WORST)
    book = cost_grid(chips, models[:2])
    path = book.save(tmp_path / "grid.xlsx")
    assert differences(cached(path), libreoffice.recalculate(path, with_addin=False), within=1e-9) == {}
    assert cached(path)["About!A3"] == "All checks pass"
    assert links_of(path) == []
    assert [row[1] for row in read_workbook(path).inputs()["chips"]] == chips


@pytest.mark.parametrize("name", ["H1*", "X?", "~X", "H100 SXM"])
def test_an_own_name_that_leads_a_look_up_astray_fails_a_check(
    name: str, tmp_path: Path, libreoffice: LibreOffice
) -> None:
    book = cost_grid(["H100"], ["Llama-3.1-8B"])
    path = book.save(tmp_path / "grid.xlsx")
    place = next(cell for cell, text in libreoffice.read(path)["texts"].items() if text == "Own chip 2")
    other = place.replace("E", "F")
    shown = libreoffice.recalculate(path, with_addin=False, changes={place: "X1", other: name})["About!A3"]
    assert shown == "A check fails: Catalogue, row 6: each own chip has a name of its own, without * ? ~"


def test_an_own_rate_of_0_fails_the_check_of_its_row(tmp_path: Path, libreoffice: LibreOffice) -> None:
    path = cost_grid(["H100"], ["Llama-3.1-8B"]).save(tmp_path / "grid.xlsx")
    row = find(path, "Memory bandwidth", "Catalogue").partition("!B")[2]
    shown = libreoffice.recalculate(path, with_addin=False, changes={f"Catalogue!D{row}": 0})["About!A3"]
    assert shown == f"A check fails: Catalogue, row {row}, Own Memory bandwidth: blank, or 1 to 1e+18"


def links_of(path: Path) -> list[str]:
    """Whatever in a workbook's package leads out of it."""
    found = []
    with zipfile.ZipFile(path) as parts:
        for name in parts.namelist():
            found += [name] if re.search("external|connection|ddeLink|oleLink|vba", name, re.IGNORECASE) else []
            if name.endswith((".xml", ".rels")):
                for element in ElementTree.fromstring(parts.read(name)).iter():
                    outside = element.get("TargetMode") == "External"
                    found += [f"{name}: {element.attrib}"] if outside else []
    return found


def test_whatever_is_put_into_a_book_stands_there_as_a_text(
    tmp_path: Path, libreoffice: LibreOffice, assert_valid_xlsx: Callable[[Path], None]
) -> None:
    """Also in formulas that show it, with what is cached beside them, and in a chart's names."""
    path = tmp_path / "book.xlsx"
    book = Book(path, "native", {"title": "x"})
    sheet = book.sheet("Texts")
    texts = sheet.put(0, 0, [[text] for text in TEXTS])
    sheet.fill(0, 1, link, texts, style="text")
    ones = sheet.put(0, 2, [[1.0]] * len(TEXTS))
    short = slice(0, next(row for row, text in enumerate(TEXTS) if len(text) > 1000))
    draw_bars(sheet, (0, 4), "Texts", texts.take(short), [Bars("one", ones.take(short), "#000000")], "0")
    book.raw.close()
    found = libreoffice.read(path)
    assert found["texts"] == {f"Texts!A{row}": clean(text) for row, text in enumerate(TEXTS, 1)}
    shown = libreoffice.recalculate(path, with_addin=False)
    assert shown == {f"Texts!B{row}": clean(text) for row, text in enumerate(TEXTS, 1)}
    assert (found["formulas"], links_of(path)) == ([*shown], [])
    assert_valid_xlsx(path)


def test_the_names_that_a_workbook_was_made_with_are_read_back() -> None:
    for text in TEXTS:
        assert LITERAL.findall(as_text((None, text, 0.5))) == ["follows", repr(text), "0.5"]


def test_a_scenario_file_gives_back_its_names(tmp_path: Path, built_in_again: None) -> None:
    chips, models = lay(tmp_path, TEXTS)
    write_scenario(tmp_path / "grid.toml", cost_grid(chips, models))
    given = read_scenario(tmp_path / "grid.toml", cost_grid)
    assert (given["chips"], given["models"]) == (tuple(chips), tuple(models))


def test_csv_files_of_ours_hold_texts_and_are_read_back(tmp_path: Path, libreoffice: LibreOffice) -> None:
    assert [from_csv(in_csv(text)) for text in TEXTS] == TEXTS
    path = tmp_path / "models.csv"
    rows = [[f"name {number}", "1", "1", "1", text_of(text)] for number, text in enumerate(TEXTS)]
    write_table(path, [["name", "total_params", "active_params", "kv_bytes_per_token", "notes"], *rows])
    assert [cells["notes"] for _, cells in own_rows(path, "models")] == [clean(text) for text in TEXTS]
    assert libreoffice.read(path)["formulas"] == []
    cut = tmp_path / "cut.csv"  # as half of Europe opens it
    cut.write_text(path.read_text(encoding="utf-8").replace(";", ","), encoding="utf-8")
    assert libreoffice.read(cut)["formulas"] == []


def test_measurements_come_back_as_texts(tmp_path: Path, libreoffice: LibreOffice) -> None:
    with (tmp_path / "mine.csv").open("w", encoding="utf-8", errors="replace", newline="") as file:
        table = csv.writer(file)
        table.writerow(["row_id", "chip", "model", "isl", "osl", "concurrency", "tpot_ms"])
        table.writerows([text, text, text, 1024, 1024, 8, 12] for text in TEXTS)
    done = run_here("accuracy", "--data", "mine.csv", "--rows", "rows.csv", cwd=tmp_path)
    assert done.returncode == 0
    assert_harmless(done.stdout)
    assert libreoffice.read(tmp_path / "rows.csv")["formulas"] == []
    answers = judged(read_rows(tmp_path / "mine.csv"))
    with (tmp_path / "rows.csv").open(encoding="utf-8", newline="") as file:
        assert [from_csv(row["row_id"]) for row in csv.DictReader(file)] == [each["row_id"] for each in answers]


def assert_harmless(printed: str) -> None:
    """Nothing in it moves the cursor, sets a title or links; only colours of our own."""
    assert [each for each in printed if not each.isprintable() and each != "\n"] == []


def test_the_catalogue_on_the_terminal_and_as_json(tmp_path: Path, built_in_again: None) -> None:
    chips, models = lay(tmp_path, TEXTS)
    for command, names in (("chips", chips), ("models", models)):
        listed, shown = run_here(command).stdout, run_here(command, "[red]x[/red]").stdout
        assert_harmless(listed + shown)
        assert "[red]x[/red]" in shown
        found = json.loads(run_here(command, "--json").stdout)
        assert [each["name"] for each in found][-len(names) :] == names
        orjson.dumps(found)  # which takes no half of a pair


def attack(batch: float) -> float:
    """."""
    return batch


WORDS = " ".join(clean(text).replace("\n", " ") for text in TEXTS if len(text) < 300)
attack.__doc__ = f"{WORDS}\n\nParameters\n----------\nbatch : float\n    {WORDS} [s].\n"


def test_a_plugins_words_are_texts_wherever_a_function_is_described(monkeypatch: pytest.MonkeyPatch) -> None:
    function = describe(attack, "plugin", "attack")
    for module in (oxt, addin, manifest):
        monkeypatch.setattr(module, "functions", lambda: {function.name: function})
    summary, (argument,) = function.help.summary, map(function.help.argument, function.parameters)
    assert "]]>" in summary
    assert {summary, argument} <= {each.text for each in ElementTree.fromstring(oxt.configuration()).iter("value")}
    (described,) = ElementTree.fromstring(addin.intellisense()).iter(
        f"{'{http://schemas.excel-dna.net/intellisense/1.0}'}Function"
    )
    assert (described.get("Description"), described[0].get("Description")) == (summary, argument)
    assert json.loads(orjson.dumps(manifest.metadata()))["functions"][0]["description"] == summary
    assert json.loads(orjson.dumps(manifest.help_pages()))["functions"][0]["summary"] == summary


def test_a_plugins_words_on_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    function = describe(attack, "plugin", "attack")
    cli.show_function(function)
    printed = capsys.readouterr().out
    assert_harmless(printed)
    assert all(text in printed for text in ("=ATTACK(batch)", "[red]x[/red]", "]]>"))


def test_an_address_and_a_token_are_texts_of_the_manifest() -> None:
    address = 'https://localhost:1/"><x y="'
    texts = ElementTree.fromstring(manifest.manifest(address, '<&">')).iter()
    assert address in [each.text for each in texts]
