"""The page Board of rent-or-buy: the answers, each way to have chips and four charts on one sheet of paper."""

from __future__ import annotations

from tokensheet_templates.answers import MILLIONS, draw_bridge, draw_tornado, told
from tokensheet_templates.api_or_own import curves
from tokensheet_templates.board import HALF
from tokensheet_templates.charts import draw_lines
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.routes import ROUTES

ANSWERS = {
    "own_hour": "An hour of one's own chip, with site and staff", "rent_seen": "An hour of the rented chip",
    "break_even": "Share of the hours from which buying is cheaper",
    "cheapest": "Cheapest way, by today's rents", "npv": "Buying: net present value of 60 months",
    "irr": "Buying: rate of return a year", "payback": "Buying: month in which cash turns, 0 if none does",
    "most_cash": "Buying: most cash needed", "exit_value": "Buying: sale of all chips at the end, in it",
    "api_worth": "The API: what a million tokens of one's own may cost",
}  # fmt: skip
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


def write_charts(book: Kernel, row: int) -> None:
    page, blocks = book.pages["Board"], book.blocks
    paid = curves(book, "total", [*blocks["way"].values.ravel()])
    draw_lines(page, (row, 0), "Paid for chips so far, by month, $", blocks["month"], paid, MILLIONS, size=HALF)
    title, even = "Hours from which buying is cheaper, by life", curves(book, "life_even", [*ROUTES])
    draw_lines(page, (row, 4), title, blocks["life_seen"], even, "0%", size=HALF)
    draw_bridge(book, (row + 18, 0), "Bridge: an hour of an own chip, and the rent, $", "0.00")
    draw_tornado(book, (row + 18, 4), "Tornado: what moves a month's saving most, $", "#,##0")
