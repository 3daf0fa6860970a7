"""The sheet Sensitivity of product-margin: cases of the average seat, a tornado, and seat prices by token costs."""

from __future__ import annotations

import numpy as np
from tokensheet.cell import lift

from tokensheet_templates.average_seat import TOKENS, VARIED, seat_model
from tokensheet_templates.cases import LIVE, write_cases
from tokensheet_templates.declared import SCENARIOS, line
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.page import Page
from tokensheet_templates.plumbing import index

SIDE, HALF = 7, 3  # values of each side of the two-way grid, and those before the middle one
SAME = {"case": "the live case on Sensitivity", "pull": "the first row on Levers"}


def write_moves(book: Kernel) -> None:
    """Cases of the average seat, the tornado of the gross profit, and the margin by seat prices and token costs."""
    page = book.page(
        "Sensitivity", "What moves the gross profit of a month most.", len(book.blocks["group"].values), 10
    )
    page.take(
        ("all_seats", "all_list", "all_support", "all_requests", "payment_fixed", "mix_new", "mix_read", "mix_output")
    )
    prices = [
        line(f"case_{kind}", f"Price, {words}", "$/Mtok", lambda mix, level, live: mix * level / live,
             (f"mix_{kind}", "case_price_level", "price_level"))
        for kind, words in TOKENS.items()
    ]  # fmt: skip
    write_cases(book, page, VARIED, {}, seat_model("case", VARIED, prices), "case_profit", across="g_name")
    page.axis("scenario_case", "Number of the case", range(LIVE + 1, LIVE + 1 + len(SCENARIOS)))
    page.lay("Scenarios",
             [line("scenario_of", "Scenario", "text", index, ("all:case", "scenario_case"), "right shrink")],
             across="scenario_case")  # fmt: skip
    page.lay("What follows in each", [
        line(f"scenario_{key}", label, unit, index, (f"all:case_{key}", "scenario_case"))
        for key, label,
        unit in (("margin", "Gross margin, low to high scenario", "%"), ("profit", "Gross profit of a month", "$"),
                                 ("llm", "Tokens of a seat", "$/seat"))
    ], across="scenario_of")  # fmt: skip
    write_two_ways(book, page)
    page.take(("whole_profit", "whole_revenue", "tolerance"))
    page.lay("Gross profit on other sheets", [
        line(f"same_{row}", f"1 if it is that on Margin: {words}", "0 or 1", lambda cells, whole, tolerance, revenue:
             np.where(abs(index(cells, lift(LIVE)) - whole) <= tolerance * revenue, 1, 0),
             (f"all:{row}_profit", "whole_profit", "tolerance", "whole_revenue"))
        for row, words in SAME.items()
    ])  # fmt: skip
    for row, words in SAME.items():
        book.expect(f"The gross profit is that on Margin: {words}", book.blocks[f"same_{row}"].cell == 1)


def write_two_ways(book: Kernel, page: Page) -> None:
    """The gross margin by what seats and tokens cost."""
    page.take(("price_span", "token_span", "payment_fee"))
    of_live = {"revenue": "Revenue of a seat", "llm": "Tokens of a seat", "rest": "Other cost of a seat"}
    page.lay("Of the live case", [
        *(line(f"seen_{key}", label, "$/seat", lambda cells: index(cells, lift(LIVE)), (f"all:case_{key}",))
          for key, label in of_live.items()),
        line("seen_fixed", "of it not a share of the revenue", "$/seat", lambda seen_rest, seen_revenue, payment_fee:
             seen_rest - seen_revenue * payment_fee),
    ])  # fmt: skip
    page.axis("price_place", "Steps from our prices", range(-HALF, HALF + 1))
    page.lay("Seat prices over ours", [
        line("seat_factor", "Revenue of a seat over ours", "ratio", lambda price_span, price_place:
             1 + price_span * price_place, style="percent"),
    ], across="price_place")  # fmt: skip
    steps = range(-HALF, HALF + 1)
    page.name_rows(
        "token_name", "Token costs", {"token_place": steps}, names=[f"{number}." for number in range(1, SIDE + 1)]
    )
    page.lay("Token costs over ours", [
        line("token_factor", "Token costs over ours", "ratio", lambda token_span, token_place:
             1 + token_span * token_place, style="percent"),
    ], down="token_name")  # fmt: skip
    page.lay("Gross margin by seat prices and token costs", [
        line("two_way", "Two-way: gross margin by seat prices and token costs", "%",
             lambda seen_llm, token_factor, seen_fixed, seen_revenue, seat_factor, payment_fee:
             1 - payment_fee - (seen_llm * token_factor + seen_fixed) / (seen_revenue * seat_factor)),
    ], across="seat_factor", down="token_factor")  # fmt: skip
