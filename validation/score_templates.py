"""Score workbooks by a finance reviewer's checklist.

    python validation/score_templates.py [workbook.xlsx …]

Without a path, every template is written with its defaults and scored. The 23 points are where ICAEW's principles and
its modelling code, FAST and the colours of banks agree, and what we ask beyond them. Each gives 2 where all is as the
first line of its docstring says, else what the rest says, and names the first cells that are not so. Where a reader has
to judge (whether a purpose is clear), it is judged by what a script sees of it (that there is one).

Sheets and columns are found by their names: the sheets About, Board, Inputs, Catalogue, Checks, Log, headings such as
Unit, Source, Date, Owner, Low, High. An input is a cell on pale yellow, or an unlocked one of a protected sheet.
"""

from __future__ import annotations

import re
import sys
import tempfile
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from openpyxl.formula import Tokenizer
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.worksheet.formula import ArrayFormula
from tokensheet.plugins import contributions

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from hosts import ironcalc
from workbooks import cached, differences, loaded, poisoned

# Numbers that are the same for everybody: counting, units of time and of size, FLOPs of one multiply-add and of two
UNIVERSAL = {0, 1, 2, 4, 6, 8, 10, 12, 24, 60, 100, 365, 1000, 3600, 8760, 86400, 1e6, 1e9, 1e12}
LONG = 80  # characters, a thumb's width
DEEP = 2  # levels of IF
BANNER = 6  # rows at the top of a sheet, in which the checks' total and the scenario stand
BLUE, PALE, GREEN, ORANGE = "0000FF", "FFFBE6", "00703C", "B45309"  # orange is blue that is not verified
VOLATILE = {"OFFSET", "INDIRECT", "NOW", "TODAY", "RAND", "RANDBETWEEN", "CELL", "INFO"}
ROUNDING = {"ROUND", "ROUNDUP", "ROUNDDOWN"}  # whole chips (CEILING) and steps of a price (MROUND) are no rounding
PROSE = {"About", "Log"}
CATALOGUE = {"Catalogue", "Chips", "Models"}
UNIT = re.compile(  # a unit, or what says by itself that it is counted
    r"[$€£%]|\bper\b|/|\b(tokens?|bytes?|s|ms|seconds?|hours?|days?|months?|years?|FLOPs?|[GTM]?B|MW|kWh?|W|rank|row"
    r"|ratio|factor|share|fraction|multiple|slowdown|count|number|point|chips?|parameters|requests?|sequences|batch"
    r"|layers|stages|heads|experts|width|window|copies|groups?|seats?|users?|calls?|replicas|size|version"
    r"|1 or 0|0 or 1)\b",
    re.IGNORECASE,
)
# What may stand in a formula besides operators and numbers: texts, sheets, functions, ranges, names
PART = re.compile(
    r"""(?P<text>"[^"]*")|(?P<sheet>(?:'[^']*'|[A-Za-z_][\w.]*)!)|(?<![\w.])(?P<function>[A-Za-z_][\w.]*)\(
    |(?P<area>\$?[A-Z]{1,3}:\$?[A-Z]{1,3}|\$?\d+:\$?\d+)(?![\w.])
    |(?<![\w.])(?P<fixed_column>\$?)(?P<column>[A-Z]{1,3})(?P<fixed_row>\$?)(?P<row>\d+)(?![\w.])
    |(?<![\w.])(?P<name>[A-Za-z_][\w.]*)""",
    re.VERBOSE,
)
RANGE = re.compile(
    r"(?:(?P<sheet>'[^']+'|[A-Za-z_][\w.]*)!)?(?P<range>\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?)\b(?!\()"
)
NUMBER = re.compile(r"\d+\.?\d*(?:[eE][+-]?\d+)?")


class Spot(NamedTuple):
    """A cell that holds something, or is there to be filled."""

    sheet: str
    row: int
    column: int
    formula: str  # empty where a constant stands
    value: Any  # the cached one of a formula
    cell: Any  # openpyxl's, for its looks

    @property
    def place(self) -> str:
        return f"{self.sheet}!{self.cell.coordinate}"

    @property
    def is_number(self) -> bool:
        return isinstance(self.value, int | float) and not isinstance(self.value, bool)

    @property
    def colour(self) -> str:
        return str(self.cell.font.color.rgb)[-6:] if self.cell.font.color else ""


class Book:
    """A workbook as its reviewer sees it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.book = loaded(path)
        self.names = list(self.book.sheetnames)
        values = loaded(path, data_only=True)
        self.spots = [
            spot(cell, values[sheet.title]) for sheet in self.book for row in sheet.iter_rows() for cell in row
        ]
        self.filled = [each for each in self.spots if each.value is not None or each.formula]
        self.formulas = [each for each in self.filled if each.formula]
        self.at = {(each.sheet, each.row, each.column): each for each in self.filled}

    @cached_property
    def inputs(self) -> list[Spot]:
        """The cells to change."""
        return [
            each for each in self.spots if each.sheet not in PROSE and not each.formula and is_input(each, self.book)
        ]

    @cached_property
    def shapes(self) -> dict[tuple[str, int, int], str]:
        """Each formula as it reads from its own cell, so that what was filled down reads the same."""
        return {(each.sheet, each.row, each.column): shape(each) for each in self.formulas}

    def shape_at(self, spot: Spot, down: int = 0, right: int = 0) -> str | None:
        """The formula of a cell, or of its neighbour, as it reads from there."""
        return self.shapes.get((spot.sheet, spot.row + down, spot.column + right))

    def texts(self, *sheets: str) -> list[Spot]:
        """The cells that hold a text, on those sheets or on all."""
        return [each for each in self.filled if isinstance(each.value, str) and (not sheets or each.sheet in sheets)]

    def headings(self, sheet: str, word: str) -> list[Spot]:
        """The cells of a sheet, not in its first column, whose text begins with a word: the heads of columns."""
        begins = re.compile(rf"{word}\b", re.IGNORECASE)
        return [
            each for each in self.texts(sheet) if each.column > 1 and begins.match(each.value) and len(each.value) < 40
        ]

    def beside(self, spot: Spot, heads: Iterable[Spot]) -> Any:
        """What stands in the row of a cell, in the first column under one of the heads that holds something."""
        found = (self.at.get((spot.sheet, spot.row, head.column)) for head in heads if head.row < spot.row)
        return next((each.value for each in found if each), None)

    def label(self, spot: Spot) -> str:
        first = self.at.get((spot.sheet, spot.row, 1))
        return str(first.value) if first else ""

    def on_top(self, sheet: str) -> list[Spot]:
        """The formulas at the top of a sheet."""
        return [each for each in self.formulas if each.sheet == sheet and each.row <= BANNER]

    def used(self, *, without: Sequence[str] = ()) -> set[str]:
        """The cells to which formulas refer, but for those of some sheets."""
        ranges = {area for each in self.formulas if each.sheet not in without for area in references(each)}
        return {place for area in ranges for place in places(area)}

    def in_charts(self) -> str:
        """What stands in the drawings."""
        with zipfile.ZipFile(self.path) as parts:
            return " ".join(parts.read(part).decode() for part in parts.namelist() if part.startswith("xl/charts/"))


def spot(cell: Any, values: Any) -> Spot:
    text = cell.value.text if isinstance(cell.value, ArrayFormula) else cell.value
    formula = text if isinstance(text, str) and text.startswith("=") and cell.data_type == "f" else ""
    return Spot(cell.parent.title, cell.row, cell.column, formula, values.cell(cell.row, cell.column).value, cell)


def is_pale(spot: Spot) -> bool:
    return str(spot.cell.fill.fgColor.rgb)[-6:] == PALE


def is_input(spot: Spot, book: Any) -> bool:
    return is_pale(spot) or (book[spot.sheet].protection.sheet and not spot.cell.protection.locked)


def shape(spot: Spot) -> str:
    def relative(part: re.Match[str]) -> str:
        if not part["column"]:
            return part[0]
        row = f"R{part['row']}" if part["fixed_row"] else f"R[{int(part['row']) - spot.row}]"
        column = range_boundaries(f"{part['column']}1")[0]
        return row + (f"C{column}" if part["fixed_column"] else f"C[{column - spot.column}]")

    return PART.sub(relative, spot.formula)


def bare(formula: str) -> str:
    """A formula without its texts."""
    return re.sub(r'"[^"]*"', '""', formula)


def references(spot: Spot) -> set[tuple[str, str]]:
    return {
        ((each["sheet"] or spot.sheet).strip("'"), each["range"].replace("$", ""))
        for each in RANGE.finditer(bare(spot.formula))
    }


def needs(spot: Spot, place: str) -> bool:
    """Whether a formula refers to a cell."""
    return any(place in places(area) for area in references(spot))


def places(area: tuple[str, str]) -> Iterator[str]:
    left, top, right, bottom = range_boundaries(area[1])
    for column in range(left, right + 1):
        for row in range(top, bottom + 1):
            yield f"{area[0]}!{get_column_letter(column)}{row}"


def names_of(formula: str) -> set[str]:
    """The functions that a formula calls."""
    return {each["function"] for each in PART.finditer(formula) if each["function"]}


def depth(formula: str) -> int:
    """How deep IF stands in IF."""
    stack, deepest = [], 0
    for each in re.finditer(r"([A-Z.]*)(\()|\)", bare(formula)):
        if each[2]:
            stack.append(each[1] == "IF")
            deepest = max(deepest, sum(stack))
        else:
            stack.pop()
    return deepest


Score = tuple[int, str]


def graded(found: Sequence[str], of: int, few: float, what: str) -> Score:
    """2 without exceptions, 1 while they are few: that share of all."""
    if not found:
        return 2, f"none of {of:,} {what}"
    return int(len(found) <= few * of), f"{len(found):,} of {of:,} {what}: {', '.join(found[:3])}"


def complete(missing: Sequence[str], few: int) -> Score:
    """2 where nothing is missing, 1 while no more than a few things are."""
    return (int(len(missing) <= few), f"missing: {', '.join(missing[:4])}") if missing else (2, "all there")


def about(book: Book) -> Score:
    """About: purpose, audience, how to use, author, date, version, key to the colours, linked contents.

    1 where at most two of the eight are missing.
    """
    if "About" not in book.names:
        return 0, "no sheet About"
    labels = " | ".join(str(each.value) for each in book.texts("About") if each.column == 1)
    everything = " | ".join(each.value for each in book.texts("About"))
    links = {
        (each.cell.hyperlink.location or "").partition("!")[0].strip("'") for each in book.filled if each.cell.hyperlink
    }
    wanted = {
        "purpose": re.search("purpose", labels, re.I),
        "audience": re.search("audience|for whom|reader", labels, re.I),
        "how to use": re.search("use", labels, re.I),
        "author": re.search("author|written by|prepared|owner", labels, re.I),
        "date": re.search(r"\d{4}-\d\d-\d\d", everything),
        "version": re.search(r"\d+\.\d+\.\d+", everything),
        "key to the colours": re.search("colou?r", labels, re.I),
        "link to every sheet": {*book.names} - {"About"} <= links,
    }
    return complete([name for name, found in wanted.items() if not found], 2)


def separate_sheets(book: Book) -> Score:
    """Inputs, calculations, outputs and checks on sheets of their own, in this order, numbers typed on Inputs alone.

    The catalogue's sheets may have numbers to type, and Board is an output that comes first. 1 with one exception.
    """
    known = ["About", "Board", "Inputs", *sorted(CATALOGUE), "(calculations, outputs)", "Checks", "Log"]
    order = [known.index(name if name in known else known[-3]) for name in book.names]
    wrong = [f"no {name}" for name in ("About", "Inputs", "Checks") if name not in book.names]
    wrong += ["the order of the sheets"] if order != sorted(order) else []
    wrong += ["a sheet for results beside that for steps"] if order.count(known.index(known[-3])) < 2 else []
    elsewhere = [each for each in book.inputs if each.is_number and each.sheet not in {"Inputs", *CATALOGUE}]
    return complete(wrong + [each.place for each in elsewhere], 1)


def magic_numbers(book: Book) -> Score:
    """No number in a formula but universal ones.

    These are UNIVERSAL. 1 with at most five others.
    """
    found: dict[str, str] = {}
    for each in book.formulas:
        for number in NUMBER.findall(PART.sub(" ", each.formula)):
            if float(number) not in UNIVERSAL:
                found.setdefault(number, each.place)
    if not found:
        return 2, f"none in {len(book.formulas):,} formulas"
    return int(len(found) <= 5), ", ".join(f"{number} in {place}" for number, place in [*found.items()][:5])


def typed_once(book: Book) -> Score:
    """Each input is typed once and used, nothing is calculated twice.

    An input is used when a formula needs it, or needs the live cell of its row; twice are numbers whose
    formulas refer to the very same cells. 1 while no more than 2 % of formulas and inputs are so.
    """
    used = book.used()
    owners = {head.column for word in ("Owner", "Note") for head in book.headings("Inputs", word)}
    typed = [
        each for each in book.inputs
        if each.sheet == "Inputs" and each.value is not None and each.column not in owners
    ]  # fmt: skip
    idle = [each.place for each in typed if each.place not in used]
    columns = {head.column for head in book.headings("Inputs", "Live")}
    live = [
        each for each in book.formulas
        if each.sheet == "Inputs" and each.is_number and each.row > BANNER and each.column in columns
    ]  # fmt: skip
    idle += [each.place for each in live if each.place not in used]
    heads = book.headings("Inputs", "Unit")
    labels = {each.row: book.label(each) for each in typed if book.beside(each, heads)}
    again = [f"input '{label}'" for label, times in Counter(labels.values()).items() if times > 1]
    seen: dict[str, str] = {}
    for each in book.formulas:
        if each.is_number and (names_of(each.formula) or re.search(r"[-+*/^]", bare(each.formula))):
            text = in_full(each)
            if text in seen:
                again.append(f"{each.place} as {seen[text]}")
            seen.setdefault(text, each.place)
    return graded(idle + again, len(book.formulas) + len(typed), 0.02, "cells idle or again")


def in_full(spot: Spot) -> str:
    """A formula with the sheet before each reference."""

    def full(part: re.Match[str]) -> str:
        return f"{part['sheet'] or spot.sheet}!{part['range'].replace('$', '')}"

    return RANGE.sub(full, spot.formula)


def colours(book: Book) -> Score:
    """Inputs blue on pale yellow, typed numbers blue, formulas not, links to other sheets green, a key on About.

    1 while no more than 10 % of these cells differ.
    """
    wrong = [each.place for each in book.inputs if each.colour != BLUE or not is_pale(each)]
    inputs = {each.place for each in book.inputs}
    for each in book.filled:
        link = re.fullmatch(r"=(?:'[^']+'|[A-Za-z_]\w*)!\$?[A-Z]+\$?\d+", each.formula)
        if each.sheet in PROSE or each.row <= BANNER - 2:
            continue
        typed = each.is_number and not each.formula and each.place not in inputs
        if (
            (typed and each.colour not in (BLUE, ORANGE))
            or (each.formula and each.colour == BLUE)
            or (link and each.colour != GREEN)
        ):
            wrong.append(each.place)
    if not any(re.match("colou?r", each.value, re.I) for each in book.texts("About")):
        wrong.append("no key on About")
    return graded(wrong, len(book.filled), 0.1, "cells in another colour")


def units(book: Book) -> Score:
    """A unit beside every number, in its heading or in its format, and a million of tokens in words.

    One in a hundred may be a mere count that does not say so. 1 while no more than 10 % of the numbers have none.
    """
    above: dict[tuple[str, int], str] = {}
    without, of = [], 0
    heads = {name: book.headings(name, "Units?") for name in book.names}
    for each in book.filled:  # row by row
        if isinstance(each.value, str) and not each.formula:
            above[each.sheet, each.column] = each.value
        if not each.is_number or each.sheet in {*PROSE, "Checks"}:
            continue
        of += 1
        said = [book.label(each), above.get((each.sheet, each.column), ""), above.get((each.sheet, 1), "")]
        in_format = re.search(r"[$%€£]|yy|\"[^\"–-]+\"", each.cell.number_format)
        if not (book.beside(each, heads[each.sheet]) or in_format or any(map(UNIT.search, said))):
            without.append(each.place)
    if not any("million" in each.value for each in book.texts()):
        without.append('nowhere "million tokens"')
    return graded(without if len(without) > 0.01 * of else [], of, 0.1, "numbers without a unit")


def sources(book: Book) -> Score:
    """Every row of Inputs has a source, a date, an owner, and its confidence: a low and a high end.

    A choice has no ends. 1 where half of that is there, or the catalogue has columns for source and date.
    """
    rows = {each.row: each for each in book.inputs if each.sheet == "Inputs"}
    wanted = {word: book.headings("Inputs", word) for word in ("Source", "Date", "Owner", "Low", "High")}
    empty = [
        f"Inputs!{word} of row {row}"
        for word, heads in wanted.items()
        for row, each in rows.items()
        if book.beside(each, heads) is None and (word not in {"Low", "High"} or each.is_number)
    ]
    number, why = graded(empty, len(rows) * len(wanted), 0.5, "facts about inputs missing")
    there = [name for name in book.names if name in CATALOGUE]
    kept = there and all(book.headings(name, word) for name in there for word in (".*source", ".*(date|taken)"))
    return (max(number, 1) if kept and rows else number), why


def one_formula(book: Book) -> Score:
    """One formula for each row, column or block.

    A formula, or a number typed over one, breaks a region when both its neighbours, left and right or above and below,
    have one in common that it does not share with any. 1 while no more than 0.1 % do.
    """
    found = []
    for each in book.filled:
        if each.sheet in {"Inputs", *CATALOGUE} and not each.formula:
            continue  # what is not known of a chip is a formula among numbers, and so is what follows the base
        own = book.shape_at(each) or "a number"
        for down, right in ((0, 1), (1, 0)):
            before, behind = book.shape_at(each, -down, -right), book.shape_at(each, down, right)
            across = book.shape_at(each, -right, -down), book.shape_at(each, right, down)
            if each.is_number and before and before == behind != own and own not in across:
                found.append(each.place)
    return graded(found, len(book.formulas), 0.001, "formulas break their region")


def short_formulas(book: Book) -> Score:
    """No formula over 80 characters, over several lines, or with IF deeper than two levels.

    1 while no more than 1 % are.
    """
    found = [
        f"{each.place} ({len(each.formula) - 1})"
        for each in book.formulas
        if len(each.formula) - 1 > LONG or "\n" in each.formula or depth(each.formula) > DEEP
    ]
    return graded(found, len(book.formulas), 0.01, "formulas too long or too deep")


def no_tricks(book: Book) -> Score:
    """No OFFSET, INDIRECT or volatile function, merged cell, hidden sheet, row or column, iteration, external link.

    1 where cells are merged and nothing else. Circular references are errors in the engine of point 13.
    """
    found = [
        each.place
        for each in book.formulas
        if names_of(each.formula) & VOLATILE or re.search(r"\[\d", bare(each.formula))
    ]
    for sheet in book.book:
        found += [f"{sheet.title} is hidden"] if sheet.sheet_state != "visible" else []
        hidden = [
            key for lines in (sheet.row_dimensions, sheet.column_dimensions) for key in lines if lines[key].hidden
        ]
        found += [f"{sheet.title}: {key} is hidden" for key in hidden]
    found += ["iteration"] if book.book.calculation.iterate else []
    merged = [f"{sheet.title}!{area}" for sheet in book.book for area in sheet.merged_cells.ranges]
    return int(not found) + int(not found and not merged), ", ".join((found + merged)[:3]) or "none"


def checks(book: Book) -> Score:
    """Each check is 0 or 1 and cannot become an error, and their total stands on every sheet.

    At least five; an error is caught by IFERROR, ISERROR, ISNUMBER or a count. 1 where at most two things lack.
    """
    results = [
        each for each in book.formulas if each.sheet == "Checks" and each.value in (0, 1) and each.row > BANNER - 2
    ]
    caught = {"IFERROR", "ISERROR", "ISNUMBER", "COUNT", "COUNTIF", "COUNTIFS"}
    wrong = [f"only {len(results)} checks"] if len(results) < 5 else []
    wrong += [each.place for each in results if not names_of(each.formula) & caught]
    for name in book.names:
        if name != "Checks" and not any("Checks!" in each.formula for each in book.on_top(name)):
            wrong.append(f"the total on {name}")
    return complete(wrong, 2)


def validated(book: Book) -> Score:
    """Every input is validated, by a list or within limits, with a message, and blanks are not ignored.

    1 where at least 80 % have a rule.
    """
    rules = {sheet.title: sheet.data_validations.dataValidation for sheet in book.book}
    free, weak = [], []
    for each in book.inputs:
        mine = [rule for rule in rules[each.sheet] if each.cell.coordinate in rule.sqref and rule.type]
        if not mine:
            free.append(each.place)
        elif not any((rule.error or rule.prompt) and rule.showErrorMessage and not rule.allowBlank for rule in mine):
            weak.append(each.place)
    if not book.inputs:
        return 0, "no inputs"
    if not free and weak:
        return 1, f"{len(weak):,} rules without a message or with blanks: {', '.join(weak[:3])}"
    return graded(free, len(book.inputs), 0.2, "inputs without a rule")


def computed(book: Book) -> Score:
    """No error value, every value cached, and another engine computes the same.

    The cached numbers are numpy's; IronCalc computes them anew from a poisoned copy, within 1e-9. No 1.
    """
    with zipfile.ZipFile(book.path) as parts:
        sheets = [parts.read(part) for part in parts.namelist() if part.startswith("xl/worksheets/sheet")]
    bare_cells = sum(len(re.findall(rb"<c [^>]*>(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)</c>", text)) for text in sheets)
    with tempfile.TemporaryDirectory() as folder:
        found = ironcalc.recalculate(poisoned(book.path, Path(folder) / "poisoned.xlsx"))
    differing = differences(cached(book.path), found, within=1e-9)
    wrong = [f"{place}: {value}, IronCalc {other}" for place, (value, other) in differing.items()]
    wrong += [f"{bare_cells} values not cached"] if bare_cells else []
    return graded(wrong, len(book.formulas), 0, "values wrong")


def scenario(book: Book) -> Score:
    """One cell selects the scenario, a live column takes it by INDEX or CHOOSE, every sheet's top shows it.

    Nine in ten rows of numbers on Inputs are live, their column is headed Live; About and Log need not show it. 1 where
    there are a selector and a live row.
    """
    lists = {place for sheet in book.book for rule in lists_of(sheet) for place in rule}
    cells = [each for each in book.inputs if re.search("scenario", book.label(each), re.I) and each.place in lists]
    if len(cells) != 1:
        return 0, f"{len(cells)} cells with a list called scenario"
    # the live cells may take the number of the scenario from a cell that looks the name up
    chosen = [cells[0].place, *(each.place for each in book.formulas if needs(each, cells[0].place))]
    picks = [each for each in book.formulas if each.sheet == "Inputs" and names_of(each.formula) & {"INDEX", "CHOOSE"}]
    live = {each.row for each in picks if any(needs(each, place) for place in chosen)}
    rows = {each.row for each in book.inputs if each.sheet == "Inputs" and each.is_number}
    wrong = [f"live cell of Inputs row {row}" for row in sorted(rows - live)] if len(live) < 0.9 * len(rows) else []
    wrong += [] if book.headings("Inputs", "Live") else ["a heading Live"]
    name = str(cells[0].value).lower()
    for sheet in book.names:
        shown = any(name in str(each.value).lower() for each in book.on_top(sheet))
        wrong += [] if shown or sheet in {*PROSE, "Inputs"} else [f"scenario on {sheet}"]
    return (2, "all there") if not wrong else (int(bool(live)), f"missing: {', '.join(wrong[:4])}")


def lists_of(sheet: Any) -> Iterator[list[str]]:
    """The cells of each list to choose from."""
    for rule in sheet.data_validations.dataValidation:
        if rule.type == "list":
            yield [place for area in rule.sqref.ranges for place in places((sheet.title, area.coord))]


def sensitivity(book: Book) -> Score:
    """A two-way grid of formulas, a tornado of low and high, a waterfall of the parts of a cost.

    The grid has nine cells of one formula that takes the heads of its row and column, on a sheet that speaks of
    sensitivity; tornado and waterfall (or bridge) are named and drawn with bars. 1 with one or two of three.
    """
    said = {name: " ".join(each.value for each in book.texts(name)).lower() for name in book.names}
    both = Counter(
        (sheet, text) for (sheet, _, _), text in book.shapes.items()
        if re.search(r"(?<!!)R\[0\]C\d", text) and re.search(r"(?<!!)R\d+C\[0\]", text)
    )  # fmt: skip
    grid = [sheet for (sheet, _), times in both.items() if times >= 9 and re.search("sensitiv|two-way", said[sheet])]
    bars = [sheet.title for sheet in book.book if any(type(chart).__name__ == "BarChart" for chart in sheet._charts)]
    words = " ".join(said.values()) + book.in_charts().lower()
    found = {
        "two-way grid": grid,
        "tornado": "tornado" in words and bars,
        "waterfall": re.search("waterfall|bridge", words) and bars,
    }
    missing = [name for name, there in found.items() if not there]
    return (2, "all there") if not missing else (int(len(missing) < 3), f"missing: {', '.join(missing)}")


def same_columns(book: Book) -> Score:
    """Unit, Source, Date, Owner and Note in the same column of every sheet, and panes frozen.

    About, Board and Log need no panes. 1 with at most three exceptions.
    """
    wrong = []
    for word in ("Unit", "Source", "Date", "Owner", "Note"):
        heads = {name: book.headings(name, f"{word}s?$") for name in book.names if name not in PROSE}
        first = [found[0] for found in heads.values() if found]
        usual = Counter(each.column for each in first).most_common(1)
        wrong += [f"{each.place} {word}" for each in first if each.column != usual[0][0]]
    free = {*PROSE, "Board"}
    wrong += [f"panes of {sheet.title}" for sheet in book.book if not sheet.freeze_panes and sheet.title not in free]
    return (2, "the same everywhere") if not wrong else (int(len(wrong) <= 3), f"{len(wrong)}: {', '.join(wrong[:4])}")


def number_formats(book: Book) -> Score:
    """Thousands separated, one format a block, zero as –, dates ISO, nothing rounded inside a formula.

    1 with at most two of the five not kept.
    """
    numbers = [each for each in book.filled if each.is_number and each.sheet not in {*PROSE, "Checks"}]
    large = [each for each in numbers if abs(each.value) >= 1000]
    formats: dict[tuple[str, str, Any], dict[str, str]] = defaultdict(dict)
    heads = {name: book.headings(name, "Units?") for name in book.names}
    for each in numbers:
        if each.formula and each.sheet != "Inputs":  # where each row has a unit of its own
            unit = book.beside(each, heads[each.sheet])
            block = each.sheet, book.shapes[each.sheet, each.row, each.column], unit
            formats[block].setdefault(each.cell.number_format, each.place)
    dates = [each for each in book.filled if each.cell.is_date and each.value is not None]
    broken = {
        "thousands": [each.place for each in large if not re.search(r"#,##|E\+|yy", each.cell.number_format)],
        "one format a block": [[*found.values()][1] for found in formats.values() if len(found) > 1],
        "zero as –": [
            each.place for each in numbers if each.value == 0 and not re.search('[-–—]"?[^;]*$', third(each))
        ],
        "ISO dates": [each.place for each in dates if each.cell.number_format.lower() not in {"yyyy-mm-dd", "yyyy-mm"}],
        "no rounding": [each.place for each in book.formulas if names_of(each.formula) & ROUNDING],
    }
    wrong = [f"{name} ({len(places)}, {places[0]})" for name, places in broken.items() if places]
    return (2, "all kept") if not wrong else (int(len(wrong) <= 2), f"not kept: {', '.join(wrong)}")


def third(spot: Spot) -> str:
    """The part of a number format that is for zero."""
    parts = spot.cell.number_format.split(";")
    return parts[2] if len(parts) > 2 else ""


def printed(book: Book) -> Score:
    """Sheet names that read, A1 selected, zoom, print area, one page wide, titles repeated, name and page in the foot.

    A sheet may also break between columns where it says; it prints at half its size and more; one of over 60 rows
    repeats its titles; name and page may stand in the head. 1 where at most two of the seven are not kept everywhere.
    """
    broken: dict[str, list[str]] = defaultdict(list)
    for sheet in book.book:
        lines = " ".join(
            getattr(part, side).text or ""
            for part in (sheet.oddHeader, sheet.oddFooter)
            for side in ("left", "center", "right")
        )
        kept = {
            "name": re.fullmatch(r"(?!Sheet\d)[A-Z][\w &-]*", sheet.title),
            "A1 selected": {*(pane.activeCell for pane in sheet.sheet_view.selection)} & {"A1", sheet.freeze_panes},
            "zoom": sheet.sheet_view.zoomScale,
            "print area": sheet.print_area,
            "one page wide": fits(sheet),
            "titles repeated": sheet.max_row <= 60 or sheet.print_title_rows or sheet.print_title_cols,
            "name and page": "&A" in lines and "&P" in lines,
        }
        for what, there in kept.items():
            if not there:
                broken[what].append(sheet.title)
    wrong = [f"{what} ({', '.join(where[:3])})" for what, where in broken.items()]
    return (2, "all kept") if not wrong else (int(len(wrong) <= 2), f"not kept: {', '.join(wrong)}")


def fits(sheet: Any) -> bool:
    """Whether what prints is one A4 page wide, or breaks where it says, at half its size or more."""
    margins, across = sheet.page_margins, 11.69 if sheet.page_setup.orientation == "landscape" else 8.27
    room = 96 * (across - margins.left - margins.right)  # pixels
    left, _, right, _ = range_boundaries(re.sub(r"[^,]*!|\$|,.*", "", sheet.print_area or sheet.dimensions))
    widths = {
        column: each.width for each in sheet.column_dimensions.values() for column in range(each.min, each.max + 1)
    }
    wide = sum(7 * widths.get(column, 8.43) + 5 for column in range(left, right + 1))
    set_up = sheet.sheet_properties.pageSetUpPr
    if set_up and set_up.fitToPage:
        return sheet.page_setup.fitToWidth in (None, 1) and room / wide >= 0.5
    size = (sheet.page_setup.scale or 100) / 100
    return size >= 0.5 and bool(wide * size <= room or sheet.col_breaks.brk)


def change_log(book: Book) -> Score:
    """A log (date, who, cell, from, to, why) with its first entry, and the version in the file's own properties.

    The properties also have the template and the catalogue's date. 1 with one of the two.
    """
    words = " ".join(each.value for each in book.texts("Log")).lower() if "Log" in book.names else ""
    wanted = ("date", "who", "cell", "from", "to", "why")
    log = all(re.search(rf"\b{word}\b", words) for word in wanted) and any(
        each.cell.is_date or re.match(r"\d{4}-\d\d-\d\d", str(each.value))
        for each in book.filled
        if each.sheet == "Log"
    )
    properties = " ".join(each.name.lower() for each in book.book.custom_doc_props.props)
    told = all(word in properties for word in ("version", "template", "catalogue"))
    missing = [name for name, there in (("the log", log), ("custom properties", told)) if not there]
    return 2 - len(missing), f"missing: {', '.join(missing)}" if missing else "all there"


def protected(book: Book) -> Score:
    """Every sheet with formulas is protected without a password, its formulas locked and its inputs not.

    1 where at most 5 % of these cells, and no sheet, are an exception.
    """
    with_formulas = {each.sheet for each in book.formulas}
    open_ = [name for name in book.names if name in with_formulas and not book.book[name].protection.sheet]
    locked = [sheet.title for sheet in book.book if sheet.protection.password or sheet.protection.hashValue]
    if open_ or locked:
        return 0, f"not protected: {', '.join(open_[:4])}" if open_ else f"a password on {', '.join(locked)}"
    wrong = [each.place for each in book.formulas if not each.cell.protection.locked]
    wrong += [each.place for each in book.inputs if each.cell.protection.locked]
    return graded(wrong, len(book.formulas) + len(book.inputs), 0.05, "formulas open or inputs locked")


def uncertainty(book: Book) -> Score:
    """Results are ranges: a low and a high end computed beside each estimate, on the sheets of results.

    1 where only Inputs have them.
    """

    def ends(name: str) -> bool:
        words = [each.value for each in book.texts(name) if not each.formula and len(each.value) < 80]
        computes = any(each.formula and each.is_number for each in book.filled if each.sheet == name)
        return computes and all(any(re.match(rf"{end}\b", word, re.I) for word in words) for end in ("low", "high"))

    having = [name for name in book.names if name not in {*PROSE, *CATALOGUE, "Checks"} and ends(name)]
    results = [name for name in having if name != "Inputs"]
    return (2, f"on {', '.join(results)}") if results else (int(bool(having)), "no low and high end of a result")


def plain_functions(book: Book) -> Score:
    """No macros, and no function that a program of 2007 lacks.

    1 where at most 1 % of the formulas have one (_xlfn) or are array formulas; 0 with macros.
    """
    with zipfile.ZipFile(book.path) as parts:
        if any("vbaProject" in part for part in parts.namelist()):
            return 0, "macros"
    found = [each.place for each in book.formulas if "_xl" in each.formula or isinstance(each.cell.value, ArrayFormula)]
    return graded(found, len(book.formulas), 0.01, "formulas with newer functions")


def spacing(book: Book) -> Score:
    """Formulas with a space after each comma and around each operator.

    1 with the commas alone.
    """
    commas, operators = [], []
    for each in book.formulas:
        parts = Tokenizer(each.formula).items
        spaces = [True, *(part.type == "WHITE-SPACE" for part in parts), True]
        for place, part in enumerate(parts, 1):
            if part.type == "SEP" and not spaces[place + 1]:
                commas.append(each.place)
            if part.type == "OPERATOR-INFIX" and not (spaces[place - 1] and spaces[place + 1]):
                operators.append(each.place)
    tight = [*dict.fromkeys(commas or operators)]
    what = "commas" if commas else "operators"
    number, why = graded(tight, len(book.formulas), 0, f"formulas without spaces at {what}")
    return max(number, int(not commas)), why


POINTS: tuple[Callable[[Book], Score], ...] = (
    about, separate_sheets, magic_numbers, typed_once, colours, units, sources, one_formula, short_formulas, no_tricks,
    checks, validated, computed, scenario, sensitivity, same_columns, number_formats, printed, change_log, protected,
    uncertainty, plain_functions, spacing,
)  # fmt: skip


class Point(NamedTuple):
    """A point of the checklist, and how a workbook does there."""

    number: int
    what: str
    score: int
    why: str


def score(path: Path) -> list[Point]:
    """The points of a workbook, in the order of the checklist."""
    book = Book(path)
    return [Point(number, judge.__name__.replace("_", " "), *judge(book)) for number, judge in enumerate(POINTS, 1)]


def main(paths: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        written = [Path(path) for path in paths] or [
            template().save(Path(folder) / f"{name}.xlsx") for _, name, template in contributions("templates")
        ]
        for path in written:
            points = score(path)
            print(f"{path.name}: {sum(point.score for point in points)} of {2 * len(points)}")
            for point in points:
                print(f"{point.number:4}  {point.score}  {point.what:16} {point.why}")


if __name__ == "__main__":
    main(sys.argv[1:])
