"""The sheet Sensitivity: one month as a model of one row, case by case, a tornado, and price by utilization."""

from __future__ import annotations

from typing import Any

import numpy as np
from tokensheet.cell import lift

from tokensheet_templates.cases import LIVE, write_cases
from tokensheet_templates.declared import line
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.page import Page
from tokensheet_templates.plumbing import index

VARIED = (
    "planned_utilization", "peak_to_mean", "cached_share", "month_tokens", "growth", "price_erosion", "chip_trend",
    "other_cogs", "free_share",
)  # fmt: skip
SIDE, HALF = 7, 3  # values of each side of the two-way grid, and those before the middle one


def mixed(
    input_tokens: Any, cached: Any, new: Any, read: Any, output_tokens: Any, output: Any, request_tokens: Any
) -> Any:
    """What a token costs on average over the kinds."""
    return (input_tokens * ((1 - cached) * new + cached * read) + output_tokens * output) / request_tokens


MONTH = [
    line("case_utilization", "Utilization", "%", lambda case_planned_utilization, case_peak_to_mean:
         np.minimum(case_planned_utilization, 1 / case_peak_to_mean)),
    line("case_tokens", "Tokens", "Mtok", lambda case_month_tokens, case_growth, month_seen, start_month:
         case_month_tokens / 1e6 * (1 + case_growth) ** np.maximum(0, month_seen - start_month)),
    line("case_price", "List price", "$/Mtok", mixed, ("input_tokens", "case_cached_share", "price_new", "price_read",
         "output_tokens", "price_output", "request_tokens")),
    line("case_net", "Net of free tokens, discounts, debt and erosion", "$/Mtok",
         lambda case_price, case_free_share, average_discount, bad_debt, case_price_erosion, month_seen:
         case_price * (1 - case_free_share) * (1 - average_discount) * (1 - bad_debt)
         * (1 - case_price_erosion) ** (month_seen - 1)),
    line("case_busy", "Serving, as today", "$/Mtok", mixed, ("input_tokens", "case_cached_share", "book_new",
         "book_read",
         "output_tokens", "book_out", "request_tokens")),
    line("case_serving", "Serving", "$/Mtok",
         lambda case_busy, case_cost_end, utilization, case_utilization, case_chip_trend, month_seen:
         case_busy * case_cost_end * utilization / case_utilization * (1 + case_chip_trend) ** (month_seen - 1)),
    line("case_storage", "Holding the cache", "$/Mtok",
         lambda input_tokens, case_cached_share, written_share, book_held, request_tokens:
         input_tokens * (1 - case_cached_share) * written_share * book_held / request_tokens),
    line("case_profit", "Gross profit", "$", lambda case_tokens, case_net, case_other_cogs, case_serving, case_storage:
         case_tokens * (case_net * (1 - case_other_cogs) - case_serving - case_storage)),
    line("case_margin", "Gross margin", "%", lambda case_profit, case_tokens, case_net:
         case_profit / (case_tokens * case_net)),
]  # fmt: skip


def write_sensitivity(book: Kernel) -> None:
    page = book.page(
        "Sensitivity", "What moves the gross profit of a month most; replicas are not rounded here.", 12, 13
    )
    write_ingredients(book, page)
    write_cases(book, page, VARIED, {"cost_end": "Cost of serving, its band"}, MONTH, "case_profit")
    write_two_ways(book, page)
    page.lay("The live case and the sheet Profit", [
        line("profit_seen", "Gross profit of the month on Profit, replicas not rounded", "$", index,
             ("all:smooth_profit", "month_seen")),
        line("agree", "1 if the live case is the same", "0 or 1", lambda live_outcome, profit_seen, tolerance:
             np.where(abs(live_outcome / profit_seen - 1) <= tolerance, 1, 0)),
    ])  # fmt: skip
    book.expect("Sensitivity: the live case is the month on Profit", book.blocks["agree"].cell == 1)


def write_ingredients(book: Kernel, page: Page) -> None:
    page.take(("input_tokens", "output_tokens", "request_tokens", "written_share", "utilization", "start_month",
               "month_seen", "bad_debt", "average_discount",
               "book_new", "book_read", "book_out", "book_held"))  # fmt: skip
    kind = [book.blocks["kind_price"].take(slice(place, place + 1)) for place in range(4)]
    for key, block in zip(("price_input", "price_write", "price_read", "price_output"), kind, strict=True):
        book.blocks[key] = block
    page.lay("Prices and costs of the whole book", [
        line("price_new", "Price of an input token, written or not", "$/Mtok", lambda price_input, price_write,
             written_share:
             price_input + (price_write - price_input) * written_share),
        *(line(f"over_{level}", f"{words} of the cost over the estimate", "ratio", lambda end, cost: end / cost,
               (f"book_{end}cost", "book_cost"))
          for level, words, end in (("low", "High end", "high_"), ("base", "Estimate", ""), ("high", "Low end",
          "low_"))),
    ])  # fmt: skip
    book.stack("cost_end scenarios", [f"over_{level}" for level in ("low", "base", "high")])  # dear in the low scenario


def write_two_ways(book: Kernel, page: Page) -> None:
    """The gross margin by price and utilization."""
    page.lay("Of the live case", [
        line("live_net", "Net price", "$/Mtok", lambda cells: index(cells, lift(LIVE)), ("all:case_net",)),
        line("live_busy", "Serving, if chips never idled", "$/Mtok", lambda serving, uses: index(serving,
             lift(LIVE)) * index(uses, lift(LIVE)),
             ("all:case_serving", "all:case_utilization")),
        line("live_storage", "Holding the cache", "$/Mtok", lambda cells: index(cells, lift(LIVE)),
             ("all:case_storage",)),
        line("live_other", "Other cost of revenue", "%", lambda cells: index(cells, lift(LIVE)),
             ("all:case_other_cogs",)),
    ])  # fmt: skip
    page.take(("price_span", "use_least", "use_span"))
    page.axis("price_place", "Steps from our price", range(-HALF, HALF + 1), "head right")
    page.lay("Prices over ours", [
        line("price_factor", "Prices over ours", "ratio", lambda price_span, price_place:
             1 + price_span * price_place, style="percent"),
    ], across="price_place")  # fmt: skip
    page.name_rows(
        "use_name", "Utilization", {"use_place": range(SIDE)}, names=[f"{number + 1}." for number in range(SIDE)]
    )
    page.lay("Utilizations", [
        line("use", "Utilization", "%", lambda use_least, use_span, use_place: use_least + use_span * use_place),
    ], down="use_name")  # fmt: skip
    page.lay("Gross margin by price and utilization", [
        line("two_way", "Two-way: gross margin, prices across, utilization down", "%",
             lambda live_net, live_other, live_busy, live_storage, price_factor, use:
             1 - live_other - (live_busy / use + live_storage) / (live_net * price_factor)),
    ], across="price_factor", down="use")  # fmt: skip
    page.heat("two_way")
