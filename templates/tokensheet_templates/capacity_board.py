"""The page Board of capacity-plan: the answer, three years and six charts on one sheet of paper."""

from __future__ import annotations

from tokensheet_templates.board import HALF
from tokensheet_templates.cases import tornado_bars
from tokensheet_templates.charts import Bars, Line, draw_bars, draw_lines
from tokensheet_templates.contracts import HELD
from tokensheet_templates.declared import line
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.plumbing import shown
from tokensheet_templates.style import ACCENT

COLOURS = (ACCENT, "#4C8DBF", "#8EC5F2", "#D9480F")
ANSWERS = {
    "seen_peak_chips": "Chips at the peak of the month looked at",
    "peak_low": "by the low end of the estimate, replicas not whole",
    "peak_high": "by the high end",
    "seen_used": "Utilization of the month looked at",
    "seen_per_mtok": "Cost of a million tokens then",
    "seen_mw": "Power of own chips then",
    "sum_mtok": "Cost of a million tokens in 36 months",
    "sum_cost": "Cost of all chips in 36 months",
    "sum_capital": "Capital in 36 months",
    "pay_hours": "Hours of use a day from which a year's contract pays",
}
OF_YEARS = ("tokens_served_year", "cost_all_year", "capital_year", "cash_out_year")


def write_capacity_board(book: Kernel) -> None:
    page = book.page(
        "Board", "How many chips the traffic needs, on which contracts, and what a million tokens cost.", 8, 13
    )
    described = {key: book.describe(key) for key in (*ANSWERS, *OF_YEARS)}
    page.lay("The answer", [
        line(f"board {key}", label, described[key][1], shown, (key,), described[key][2])
             for key, label in ANSWERS.items()
    ])  # fmt: skip
    page.lay("Years", [
        line(f"board {key}", described[key][0], described[key][1], shown, (key,), described[key][2]) for key in OF_YEARS
    ], across="year")  # fmt: skip
    write_charts(book, page.below(54))


def write_charts(book: Kernel, row: int) -> None:
    page, blocks = book.pages["Board"], book.blocks
    months, places = blocks["month"], [(row + down, right) for down in (0, 18, 36) for right in (0, 4)]
    held = [Bars(label, blocks[key], colour) for (key, label), colour in zip(HELD.items(), COLOURS, strict=True)]
    draw_bars(page, places[0], "Chips by contract, month by month", months, held, "#,##0", size=HALF)
    capital = [
        Bars("With the order", blocks["deposits"], ACCENT),
        Bars("With the chips", blocks["rest_paid"], COLOURS[2]),
    ]
    draw_bars(page, places[1], "Capital month by month, $", months, capital, "#,##0", size=HALF)
    bridge = [Bars("", blocks["bar_base"]), Bars("Chips", blocks["bar_part"], ACCENT)]
    draw_bars(
        page,
        places[2],
        "Bridge: from mean load to chips at the peak",
        blocks["bridge"],
        bridge,
        "#,##0",
        size=HALF,
    )
    draw_bars(page, places[3], "Tornado: what moves the chips at the peak", blocks["rank_label"], tornado_bars(book),
              "#,##0", lying=True, size=HALF)  # fmt: skip
    cost = [Line("Cost of a million tokens", blocks["per_mtok"], ACCENT, 2.5)]
    draw_lines(page, places[4], "Cost of a million tokens, month by month, $", months, cost, "0.00", size=HALF)
    day = [Line("Load over the mean", blocks["hour_factor"], ACCENT, 2.5)]
    draw_lines(page, places[5], "Load over the mean, hour by hour", blocks["hour"], day, "0.0", size=HALF)
