"""No text becomes more than text: every string of attack_strings.py in every place that a text can reach."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import orjson
import pytest
import tokensheet as ts
from attack_strings import HARMLESS, TEXTS, in_a_file, is_free, lay, links_of, of_catalogue
from command_line import run_here
from hosts.libreoffice import LibreOffice, letters
from tokensheet.measured import judged, read_rows
from tokensheet.own_catalogue import own_rows, text_of, write_table
from tokensheet.texts import LONGEST, LONGEST_NAME, clean, from_csv, in_csv, name_of
from tokensheet_addin.functions import show_function
from tokensheet_addin.hosts.bridge import manifest
from tokensheet_addin.hosts.excel import addin
from tokensheet_addin.hosts.libreoffice import oxt
from tokensheet_templates import cost_grid
from tokensheet_templates.book import Block, Book, Sheet
from tokensheet_templates.charts import Bars, draw_bars
from tokensheet_templates.declared import pick
from tokensheet_templates.found import LITERAL, NotOurs, as_value, built, read_workbook
from tokensheet_templates.inputs_sheet import THE_TEMPLATES, as_text
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.plumbing import link
from tokensheet_templates.scenario import read_scenario, write_scenario
from tokensheet_templates.template import template
from tokensheet_udfs.registry import describe
from workbooks import cached, differences, find

NO_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@pytest.fixture
def built_in_again() -> Iterator[None]:
    yield
    ts.use_catalogue()


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What is written into workbooks: each text by its place."""
    found: dict[str, str] = {}
    put = Sheet.put

    def noting(sheet: Sheet, row: int, column: int, values: Any, style: str = "text") -> Block:
        block = put(sheet, row, column, values, style)
        for (i, j), value in np.ndenumerate(block.values):
            if isinstance(value, str) and value:
                found[f"{sheet.name}!{letters(column + j)}{row + i + 1}"] = value
        return block

    monkeypatch.setattr(Sheet, "put", noting)
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
    book.store()
    found = libreoffice.read(path)
    assert found["texts"] == {f"Texts!A{row}": clean(text) for row, text in enumerate(TEXTS, 1)}
    shown = libreoffice.recalculate(path, with_addin=False)
    assert shown == {f"Texts!B{row}": clean(text) for row, text in enumerate(TEXTS, 1)}
    assert (found["formulas"], links_of(path)) == ([*shown], [])
    assert_valid_xlsx(path)


def test_the_names_that_a_workbook_was_made_with_are_read_back() -> None:
    for text in TEXTS:
        assert [*map(as_value, LITERAL.findall(as_text((None, text, 5e-05))))] == [None, text, 5e-05]


def test_what_no_template_wrote_is_an_error_of_one_line() -> None:
    found = built(cost_grid, {}, {})
    spot = next(each for each in found.constants if each[2:] == ("Precision of the weights", THE_TEMPLATES))
    for text in ("((((", "1 / 2", "1a / 2 / 3", "exit() / 1 / 2", "'\\N{x}' / 1 / 2", "'a"):
        broken = replace(found, constants={**found.constants, spot: (found.constants[spot][0], text)})
        with pytest.raises(NotOurs, match=r"what 'Precision of the weights' had in the template cannot be read"):
            broken.inputs(templates=True)


@pytest.mark.parametrize("choices", [("a", "b,c"), tuple("x" * 30 + str(number) for number in range(9))])
def test_choices_that_no_list_of_a_cell_can_hold_are_refused(choices: tuple[str, ...]) -> None:
    """XlsxWriter would leave the list out, and Excel make two choices of one with a comma."""

    @template("pick", "Pick", audience="", how="", sheets={}, catalogue=False,
              inputs={"Picks": [pick("choice", "Choice", choices[0], choices)]})  # fmt: skip
    def of_choices(book: Kernel) -> None:
        """A choice."""

    with pytest.raises(ValueError, match=r"^Choice: Excel's list of choices has no commas in them, and 255 characters"):
        of_choices().write(io.BytesIO(), "native")


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
        table.writerows([text, text, text, 1024, 1024, 8, 12] for text in map(in_a_file, TEXTS))
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
    assert json.loads(orjson.dumps(manifest.help_pages(())))["functions"][0]["summary"] == summary


def test_a_plugins_words_on_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    function = describe(attack, "plugin", "attack")
    show_function(function)
    printed = capsys.readouterr().out
    assert_harmless(printed)
    assert all(text in printed for text in ("=ATTACK(batch)", "[red]x[/red]", "]]>"))


def test_an_address_and_a_token_are_texts_of_the_manifest() -> None:
    address = 'https://localhost:1/"><x y="'
    texts = ElementTree.fromstring(manifest.manifest(address, '<&">')).iter()
    assert address in [each.text for each in texts]
