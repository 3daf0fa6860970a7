"""The score: a small model that has all 46, and what each fault costs it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hosts import ironcalc
from openpyxl.styles import Font, Protection
from openpyxl.styles.colors import Color
from score_templates import Book, depth, names_of, score

MILLION = "$ per million tokens"
HEADS = ["Input", "Unit", "Live", "Low", "Base", "High", "Min", "Max", "Source", "Date", "Owner", "Note"]
ROWS = {8: ("Price", MILLION, 3, 4, 5), 9: ("Cost", MILLION, 1, 2, 3), 10: ("Volume", "million tokens", 6, 7, 8)}
MONEY = '#,##0.00;-#,##0.00;"–"'
PRINTED = ("About", "Board", "Inputs", "Catalogue", "Calc", "Results", "Checks", "Log")


def write(path: Path, changes: dict[str, Any]) -> Path:
    """A model of a price, a cost and a volume, as the templates are to be, but for some cells; values are cached."""
    write_once(path, changes, {})
    write_once(path, changes, ironcalc.recalculate(path))
    return path


def write_once(path: Path, changes: dict[str, Any], values: dict[str, Any]) -> None:
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
        text, black = book.add_format(), book.add_format({"num_format": MONEY})
        blue, green = ({"font_color": colour, "num_format": MONEY} for colour in ("#0000FF", "#00703C"))
        typed, link = book.add_format(blue), book.add_format(green)
        own = book.add_format({**blue, "bg_color": "#FFFBE6", "locked": False})
        sheets = {name: book.add_worksheet(name) for name in PRINTED}

        def put(place: str, value: Any, style: Any = text) -> None:
            sheet, _, cell = place.partition("!")
            value = changes.get(place, value)
            if isinstance(value, str) and value.startswith("="):
                sheets[sheet].write_formula(cell, value, style, values.get(place, 0))
            else:
                sheets[sheet].write(cell, value, style)

        for name, sheet in sheets.items():
            put(f"{name}!A1", name)
            if name != "Checks":
                put(f"{name}!A3", "=Checks!$A$3", link)
            put(f"{name}!A4", '="Scenario: " & Inputs!$C$6')
            sheet.protect()
            sheet.set_zoom(90)
            sheet.set_landscape()
            sheet.fit_to_pages(1, 0)
            sheet.print_area("A1:L40")
            sheet.set_footer("&L&A&R&P")
            sheet.freeze_panes("A6")
            sheet.set_selection("A6")

        labels = ("Purpose", "Audience", "How to use", "Written by", "Version 1.2.3, 2026-01-31", "Colour")
        for row, label in enumerate(labels, 6):
            put(f"About!A{row}", label)
        for row, name in enumerate(PRINTED[1:], 12):
            sheets["About"].write_url(f"A{row}", f"internal:'{name}'!A1", text, name)
        for column, head in zip("ABCDEFGHIJKL", HEADS, strict=True):
            put(f"Inputs!{column}5", head)
        put("Inputs!A6", "Scenario")
        put("Inputs!B6", "text")
        put("Inputs!C6", "Base", own)
        put("Inputs!A7", "Number of the scenario")
        put("Inputs!C7", "=MATCH($C$6, $D$5:$F$5, 0)", black)
        for row, (label, unit, *ends) in ROWS.items():
            put(f"Inputs!A{row}", label)
            put(f"Inputs!B{row}", unit)
            put(f"Inputs!C{row}", f"=INDEX(D{row}:F{row}, $C$7)", black)
            for column, end in zip("DEF", ends, strict=True):
                put(f"Inputs!{column}{row}", end, own)
            put(f"Inputs!G{row}", 0, typed)
            put(f"Inputs!H{row}", 100, typed)
        for row in (6, *ROWS):
            for column, fact in zip("IJK", ("A price list", "2026-01-31", "Finance"), strict=True):
                put(f"Inputs!{column}{row}", fact)
        say = {"error_message": "one of these", "ignore_blank": False}
        sheets["Inputs"].data_validation("C6", {"validate": "list", "source": "=$D$5:$F$5", **say})
        limits = {"validate": "decimal", "criteria": "between", "minimum": "=$G8", "maximum": "=$H8"}
        sheets["Inputs"].data_validation("D8:F10", limits | say)

        put("Calc!B5", "Unit")
        for row, (label, formula) in enumerate({
            "Revenue": "=Inputs!$C$8 * Inputs!$C$10", "Spent": "=Inputs!$C$9 * Inputs!$C$10", "Margin": "=$C$6 - $C$7",
        }.items(), 6):  # fmt: skip
            put(f"Calc!A{row}", label)
            put(f"Calc!B{row}", "$")
            put(f"Calc!C{row}", formula, black)
        put("Board!A6", "Margin, $")
        put("Board!C6", "=Calc!$C$8", link)

        put("Results!A6", "Sensitivity of the margin, $: tornado")
        for column, head in zip("CDE", ("Low", "Estimate", "High"), strict=True):
            put(f"Results!{column}6", head)
        for row, source in enumerate(ROWS, 7):
            put(f"Results!A{row}", f"{ROWS[source][0]}, $")
            for column, last in zip("CDE", "DEF", strict=True):
                put(f"Results!{column}{row}", f"=Calc!$C$8 * Inputs!{last}{source} / Inputs!$C{source}", black)
        for column, price in zip("CDE", (2, 3, 4), strict=True):
            put(f"Results!{column}12", price, typed)
        for row in (13, 14, 15):
            put(f"Results!A{row}", "Margin at a price and a volume, $")
            put(f"Results!B{row}", row, typed)
            for column in "CDE":
                put(f"Results!{column}{row}", f"=$B{row} * ({column}$12 - Inputs!$C$9)", black)
        for title, row in (("Tornado", 1), ("Waterfall of the margin", 20)):
            chart = book.add_chart({"type": "bar", "subtype": "stacked"})
            chart.add_series({"values": "=Results!$C$7:$E$7"})
            chart.set_title({"name": title})
            sheets["Results"].insert_chart(row, 6, chart)

        put("Checks!A3", '=IF(MIN($B$6:$B$10) = 1, "All checks pass", "A check fails")')
        for row, checked in enumerate(("Calc!$C$6", "Calc!$C$7", "Calc!$C$8", "Board!$C$6", "Results!$C$13"), 6):
            put(f"Checks!A{row}", f"{checked} is a number")
            put(f"Checks!B{row}", f"=IFERROR(IF({checked} * 0 = 0, 1, 0), 0)")
        for column, head in zip("ABCDEF", ("Date", "Who", "Cell", "From", "To", "Why"), strict=True):
            put(f"Log!{column}6", head)
            put(f"Log!{column}7", "2026-01-31" if head == "Date" else "first version")
        for name in ("version", "template", "catalogue"):
            book.set_custom_property(f"tokensheet {name}", "2026-01-31")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("score") / "model.xlsx", {})


def test_a_model_as_the_checklist_has_it_gets_every_point(model: Path) -> None:
    assert {point.what: point.why for point in score(model) if point.score < 2} == {}


# What is wrong, by the point that it costs: other cells, or a change to the whole workbook
FAULTS: dict[str, dict[str, Any] | Callable[[Any], Any]] = {
    "about": {"About!A7": "For you"},
    "separate sheets": lambda book: book.move_sheet("Inputs", 4),
    "magic numbers": {"Calc!C8": "=$C$6 - $C$7 * 1E-12"},
    "typed once": {"Calc!C7": "=Inputs!$C$8 * Inputs!$C$10"},
    "colours": lambda book: setattr(book["Calc"]["C6"], "font", Font(color=Color("FF0000FF"))),
    "units": {"Calc!B6": None, "Calc!B7": None},
    "sources": {"Inputs!K8": None},
    "one formula": {"Results!D14": 7},
    "short formulas": {"Calc!C8": "=IF($C$6 > 0, IF($C$7 > 0, IF($C$6 > $C$7, 1, 0), 0), 0)"},
    "no tricks": {"Calc!C8": "=INDIRECT($C$6)"},
    "checks": {"Results!A3": None},
    "validated": lambda book: setattr(book["Inputs"].data_validations.dataValidation[0], "allowBlank", True),
    "computed": {"Calc!C8": "=1 / 0"},
    "scenario": {"Calc!A4": None},
    "sensitivity": {"Results!C13": "=B13"},
    "same columns": lambda book: setattr(book["Calc"], "freeze_panes", None),
    "number formats": {"Calc!C8": "=ROUND($C$6 - $C$7, 0)"},
    "printed": lambda book: setattr(book["Calc"], "print_area", None),
    "change log": {"Log!F6": None},
    "protected": lambda book: setattr(book["Inputs"]["D8"], "protection", Protection(locked=True)),
    "uncertainty": {"Results!C6": "Ends"},
    "plain functions": {"Calc!C8": "=_xlfn.XLOOKUP($C$6, $C$6, $C$7)"},
    "spacing": {"Calc!C8": "=$C$6-$C$7"},
}  # fmt: skip


@pytest.mark.parametrize("what", FAULTS)
def test_a_fault_costs_its_point(what: str, model: Path, tmp_path: Path) -> None:
    fault = FAULTS[what]
    if isinstance(fault, dict):
        write(tmp_path / "fault.xlsx", fault)
    else:
        book = openpyxl.load_workbook(model)
        fault(book)
        book.save(tmp_path / "fault.xlsx")
    [point] = [point for point in score(tmp_path / "fault.xlsx") if point.what == what]
    assert point.score < 2, point


def test_every_point_has_its_fault(model: Path) -> None:
    assert [*FAULTS] == [point.what for point in score(model)]


def test_a_formula_is_read_as_excel_does() -> None:
    assert depth('=IF(A1,IF(A2,"IF(",2),IFERROR(IF(A3,1,0),0))') == 2
    assert names_of("=1E-12*LOG10(A1)+Q3!B7*SUM('A (b'!C1:C9)") == {"LOG10", "SUM"}


def test_what_was_filled_down_has_one_shape(model: Path) -> None:
    shapes = {
        text for (sheet, row, _), text in Book(model).shapes.items() if sheet == "Results" and row in (13, 14, 15)
    }
    assert shapes == {"=R[0]C2 * (R12C[0] - Inputs!R9C3)"}
