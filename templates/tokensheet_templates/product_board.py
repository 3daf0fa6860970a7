"""The page Board of product-margin: the answer by plan and four charts on one sheet of paper."""

from __future__ import annotations

from tokensheet_templates.board import HALF
from tokensheet_templates.cases import tornado_bars
from tokensheet_templates.charts import Bars, Line, draw_bars, draw_lines
from tokensheet_templates.declared import line
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.plumbing import shown
from tokensheet_templates.style import ACCENT

COLOURS = ("#8EC5F2", ACCENT, "#D9480F")
DASHES = ("solid", "solid", "dash")  # so that lines on each other are both seen
ANSWERS = {
    "whole_revenue": "Revenue of a month", "whole_profit": "Gross profit of a month", "whole_margin": "Gross margin",
    "request_cost": "Cost of a request", "mtok_cost": "Cost of a million tokens",
    "overage_target": "Price of tokens beyond those included, for the target margin",
    "whole_loss": "Gross profit of the seats that lose money, a month",
    "npv": "Net present value of 36 months",
    "even_month": "Month from which cash is never negative, – if none",
    "swap_months": "Change of a model: months until it has paid for itself",
}  # fmt: skip
OF_PLANS = {
    "seat_revenue": "Revenue of a seat", "seat_llm": "Cost of its tokens", "plan_margin": "Gross margin",
    "heavy_share": "Seats beyond break-even",
    "cap_requests": "Fair use: most requests",
    "price_target": "Seat price for the target", "worth_over": "LTV over CAC", "payback": "Payback",
}  # fmt: skip


def write_product_board(book: Kernel) -> None:
    page = book.page("Board", "What seats leave after their tokens, which lose money, and what would help.", 8, 13)
    described = {key: book.describe(key) for key in (*ANSWERS, *OF_PLANS)}
    page.lay("The answer", [
        line(f"board {key}", label, described[key][1], shown, (key,), described[key][2])
          for key, label in ANSWERS.items()
    ])  # fmt: skip
    page.lay("Scenarios", [
        line(f"board {key}", book.lines[key].label, book.unit_of(book.lines[key]), shown, (key,))
        for key in ("scenario_margin", "scenario_profit", "scenario_llm")
    ], across="scenario_of")  # fmt: skip
    page.lay("Plans", [
        line(f"board {key}", label, described[key][1], shown, (key,), described[key][2])
          for key, label in OF_PLANS.items()
    ], down="plan")  # fmt: skip
    write_charts(book, page.below(36))


def write_charts(book: Kernel, row: int) -> None:
    page, blocks = book.pages["Board"], book.blocks
    margins = blocks["use_drawn"]
    plans = [
        Line(str(name), margins.take(columns=slice(place, place + 1)), colour, 2.5, dash)
        for place, (name, colour, dash) in enumerate(zip(blocks["plan"].values.flat, COLOURS, DASHES, strict=True))
    ]
    draw_lines(page, (row, 0), "Gross margin by use, cut at -100 %", blocks["class"], plans, "0%", size=HALF)
    bridge = [Bars("", blocks["bar_base"]), Bars("Tokens of a seat", blocks["bar_part"], ACCENT)]
    draw_bars(
        page,
        (row, 4),
        "Bridge: tokens of a seat a month, $",
        blocks["bridge"],
        bridge,
        "0.00",
        size=HALF,
    )
    draw_bars(page, (row + 18, 0), "Tornado: what moves a month's gross profit, $", blocks["rank_label"],
              tornado_bars(book), "#,##0", lying=True, size=HALF)  # fmt: skip
    cash = [Line("Cumulative cash", blocks["cash"], ACCENT, 2.5)]
    draw_lines(page, (row + 18, 4), "Cumulative cash by month, $", blocks["month"], cash, "#,##0", size=HALF)
