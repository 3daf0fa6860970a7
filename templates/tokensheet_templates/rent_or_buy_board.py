"""The page Board of rent-or-buy: the answers, each way to have chips and four charts on one sheet of paper."""

from __future__ import annotations

from dataclasses import replace

from tokensheet_templates.api_or_own import curves
from tokensheet_templates.board import HALF
from tokensheet_templates.cases import tornado_bars
from tokensheet_templates.charts import Bars, draw_bars, draw_lines
from tokensheet_templates.declared import Line, line
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.plumbing import shown
from tokensheet_templates.routes import ROUTES
from tokensheet_templates.style import ACCENT

ANSWERS = {
    "own_hour": "An hour of one's own chip, with site and staff", "rent_seen": "An hour of the rented chip",
    "break_even": "Share of the hours from which buying is cheaper than that rent",
    "cheapest": "Cheapest way, by today's rents", "npv": "Buying: net present value of 60 months",
    "irr": "Buying: rate of return a year", "payback": "Buying: month in which cash turns, 0 if none does",
    "most_cash": "Buying: most cash needed", "exit_value": "Buying: sale of all chips at the end, in it",
    "api_worth": "The API: what a million tokens of one's own may cost",
}  # fmt: skip
FIRST_TEN = slice(0, 10)
OF_WAYS = {
    "way_hour": "A chip, an hour", "way_mtok": "A million tokens", "low_way_mtok": "Low end",
    "high_way_mtok": "High end", "way_volume": "Break-even volume against the API",
    "way_even": "Break-even utilization against it",
}  # fmt: skip


def write_board(book: Kernel) -> None:
    page = book.page("Board", "Rent or buy, and both against an API; prices are of a million tokens.", 8, 13)
    page.lay("The answer", [told(book, key, label) for key, label in ANSWERS.items()])
    page.lay("Ways to have chips", [told(book, key, label) for key, label in OF_WAYS.items()], down="way")
    write_charts(book, page.below(36))


def told(book: Kernel, key: str, label: str) -> Line:
    """A result of another sheet, in words of this one."""
    _, unit, style = book.describe(key)
    return line(f"board {key}", label, unit, shown, (key,), style)


def write_charts(book: Kernel, row: int) -> None:
    page, blocks = book.pages["Board"], book.blocks
    paid = curves(book, "total", [*blocks["way"].values.ravel()])
    draw_lines(page, (row, 0), "Paid for chips so far, $", blocks["month"], paid, "#,##0", size=HALF)
    title, even = "Hours from which buying is cheaper, by life", curves(book, "life_even", [*ROUTES])
    draw_lines(page, (row, 4), title, blocks["life_seen"], even, "0%", size=HALF)
    title, parts = "Bridge: an hour of an own chip, and the rent, $", blocks["part"]
    bridge = [Bars("", blocks["bridge_base"]), Bars("Part", blocks["bridge_part"], ACCENT)]
    draw_bars(page, (row + 18, 0), title, parts, bridge, "0.00", size=HALF)
    title, first = "Tornado: what moves a month's saving most, $", blocks["rank_label"].take(FIRST_TEN)
    bars = [replace(each, block=each.block.take(FIRST_TEN)) for each in tornado_bars(book)]
    draw_bars(page, (row + 18, 4), title, first, bars, "#,##0", lying=True, size=HALF)
