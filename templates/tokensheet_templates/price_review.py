"""The template price-review: what moved between two workbooks, why, and who has approved it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from tokensheet_templates.charts import Bars, draw_bars
from tokensheet_templates.checks import all_ones
from tokensheet_templates.declared import line, number
from tokensheet_templates.found import Found, read_workbook
from tokensheet_templates.inputs_sheet import validate
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.page import FIRST, LABEL, Page
from tokensheet_templates.plumbing import highest, index, largest, least_down, most_down, place_of, shown, total_across
from tokensheet_templates.review import CAUSES, Change, Move, changes, in_words, moves
from tokensheet_templates.template import Declared, Workbook, template

INPUTS = {
    "Review": [
        number("threshold", "Move of a price that is worth a look", "%", 0.05, 0, 1),
        number("least_move", "Smallest number that a move is measured against", "number", 1e-9, 1e-12, 1),
    ]
}
SHEETS = {"Review": "Old, new and why of each number of Board", "Changed": "The inputs that differ, and who has signed"}
HOW = "Read Board; on Review each move has its causes, which add up; sign on Changed."
LARGE = 1000  # from where on numbers have no parts
DRAWN = 12  # moves in the tornado
SIGNERS = ("Prepared", "Reviewed", "Approved")
SHADES = ("#12507B", "#8EC5F2", "#2F7D4F", "#C05621", "#E8A33D")  # of the causes


def price_review(old: str = "", new: str = "") -> Workbook:
    """What moved between two workbooks of one template and why, with its causes, alerts and a block to sign.

    Parameters
    ----------
    old : str, optional
        A workbook that `tokensheet new` wrote; without both, an example [file].
    new : str, optional
        Another of the same template, such as `tokensheet refresh` makes of it [file].

    Returns
    -------
    Workbook
        `.save(path)` writes it.
    """
    before, after = (read_workbook(old), read_workbook(new)) if old and new else example()
    return review_of(before, after)()


def example() -> tuple[Found, Found]:
    """The pricing sheet as it is, and with a quarter's changes."""
    from tokensheet_templates.found import built
    from tokensheet_templates.pricing_sheet import pricing_sheet

    changed = {"chips": 8, "planned_utilization": 0.55, "other_cogs": 0.13, "layer_latency": 3.5e-5}
    return built(pricing_sheet, {}, {}), built(pricing_sheet, changed, {})


def review_of(before: Found, after: Found) -> Declared:
    """The template of a review of these two."""
    moved, changed = moves(before, after), changes(before, after)

    @template("price-review", "What moved, and why", audience="Whoever approves new prices.", how=HOW, sheets=SHEETS,
              inputs=INPUTS, catalogue=False)  # fmt: skip
    def review(book: Kernel) -> None:
        """What moved between two workbooks and why: old, new and causes of each number, alerts, a block to sign."""
        write_moves(book, [*map(in_points, moved)] or [Move("nothing", 0.0, 0.0, dict.fromkeys(CAUSES, 0.0), "moved")])
        write_changes(book, changed, {each.key: each.label for each in before.template})
        write_board(book, before, after)

    return review


def in_points(move: Move) -> Move:
    """A share in per cent, as its unit says."""
    if move.unit != "%":
        return move
    causes = {cause: 100 * part for cause, part in move.causes.items()}
    return move._replace(old=100 * move.old, new=100 * move.new, causes=causes)


def write_moves(book: Kernel, moved: Sequence[Move]) -> None:
    page = book.page("Review", "Each number of Board that moved, in its own unit; causes in the order of counting.")
    values = {"old": [each.old for each in moved], "new": [each.new for each in moved]}
    values |= {f"of it {cause}": [each.causes[cause] for each in moved] for cause in CAUSES}
    page.name_rows("moved", "On Board", values, names=[f"{each.what} ({each.unit})" for each in moved], style="ratio")
    top, beside = book.blocks["moved"].row, FIRST + len(values)
    page.put(top - 1, beside, "number", "head right")
    numbers = range(1, len(moved) + 1)
    book.blocks["number of"] = page.put(top, beside, [[float(number)] for number in numbers], "data whole")
    show_large_whole(page, book.blocks["old"].row, len(moved), len(values))
    book.beside("causes", [f"of it {cause}" for cause in CAUSES])
    page.lay("Moves", [
        line("move", "Moved by", "its own", lambda old, new: new - old, style="ratio"),
        line("relative", "of the old", "%", lambda move, old, least_move: move / np.maximum(abs(old), least_move)),
        line("sum_of_causes", "Sum of causes", "its own", total_across, ("causes",), "ratio"),
        line("adds_up", "1 if they add up", "0 or 1", lambda move, sum_of_causes, old, tolerance:
             np.where(abs(move - sum_of_causes) <= tolerance * (1 + abs(old)), 1, 0)),
        line("large", "1 if worth a look", "0 or 1", lambda relative, threshold:
             np.where(abs(relative) > threshold, 1, 0)),
        line("size", "Size, with its number so that no two are equal", "ratio", lambda relative, number:
             abs(relative) + number / 1e12, ("relative", "number of")),
    ], down="moved")  # fmt: skip
    show_large_whole(page, book.blocks["move"].row, len(moved), 3)
    page.lay("In all", [
        line("fall", "Low: the largest fall", "%", least_down, ("relative",)),
        line("rise", "High: the largest rise", "%", most_down, ("relative",)),
    ])  # fmt: skip
    page.name_rows("rank", "Ranked: tornado", {"rank_number": numbers}, names=[f"{number}." for number in numbers])
    page.lay("Ranked", [
        line("rank_size", "Size", "ratio", largest, ("all:size", "rank_number")),
        line("rank_place", "Number", "number", place_of, ("rank_size", "all:size")),
    ], down="rank")  # fmt: skip
    page.name_rows("rank_label", "What, that which moved most first", {},
                   line("rank_label", "", "", index, ("all:moved", "rank_place")))  # fmt: skip
    page.lay("Tornado", [
        line("rank_move", "Moved by, of the old", "%", index, ("all:relative", "rank_place")),
    ], down="rank_label")  # fmt: skip
    book.expect("Review: the causes of each move add up to it", all_ones(book.blocks["adds_up"]))
    book.alert("Review: nothing moved by more than the threshold", highest(book.blocks["large"]) < 1)


def show_large_whole(page: Page, row: int, rows: int, columns: int) -> None:
    """Numbers of a thousand and more without parts: some are dollars of a book, some of a token."""
    style = page.book.raw.add_format({"num_format": "#,##0"})
    large = {"type": "cell", "criteria": "not between", "minimum": -LARGE, "maximum": LARGE, "format": style}
    page.raw.conditional_format(row, FIRST, row + rows - 1, FIRST + columns - 1, large)


def write_changes(book: Kernel, changed: Sequence[Change], labels: Mapping[str, str]) -> None:
    """The inputs that differ, as texts, and a block to sign."""
    page = book.page("Changed", "The inputs and other cells to change in which the two workbooks differ.", 6, 24)
    page.put(page.row, LABEL, [["Input", "", "Old", "New"]], "head")
    rows = [[labels.get(each.what, each.what), "", in_words(each.old), in_words(each.new)] for each in changed]
    rows = rows or [["none", "", "", ""]]
    page.put(page.row + 1, LABEL, rows)
    page.row += len(rows) + 2
    page.put(page.row, LABEL, [["Signed", "", "Name", "Day"]], "head")
    for row, who in enumerate(SIGNERS, page.row + 1):
        page.put(row, LABEL, who, "bold")
        cells = page.put(row, FIRST, [[None, None]], "input")
        short = {"validate": "length", "criteria": "<=", "value": 60, "ignore_blank": False}
        validate(page, cells, who, "a name, and the day", short)
    page.row += len(SIGNERS) + 2


def write_board(book: Kernel, before: Found, after: Found) -> None:
    files = f"Old: {before.path.name}, new: {after.path.name}; each number in its own unit."
    page = book.page("Board", files, 8, 13)
    page.lay("What moved", [
        line(f"board {key}", label, unit, shown, (key,), style)
        for key, label, unit, style in (
            ("old", "Old", "its own", "ratio"), ("new", "New", "its own", "ratio"),
            ("move", "Moved by", "its own", "ratio"), ("relative", "of the old", "%", "percent"),
        )
    ], down="moved")  # fmt: skip
    show_large_whole(page, book.blocks["board old"].row, len(book.blocks["old"].values), 3)
    row, names, rows = page.below(44), book.blocks["moved"].take(slice(0, 1)), book.blocks["causes"].take(slice(0, 1))
    bars = [
        Bars(cause, rows.take(columns=slice(place, place + 1)), SHADES[place]) for place, cause in enumerate(CAUSES)
    ]
    draw_bars(page, (row, 0), "Bridge: the first number's move by its causes", names, bars, "0.000")
    ranked = [Bars("Moved by", book.blocks["rank_move"].take(slice(0, DRAWN)), SHADES[0])]
    title = "Tornado: the largest moves, % of the old"
    draw_bars(page, (row + 22, 0), title, book.blocks["rank_label"].take(slice(0, DRAWN)), ranked, "0%", lying=True)
