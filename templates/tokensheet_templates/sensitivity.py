"""The sheet Sensitivity: one month as a model of one row, once a case: the scenarios, and each input low and high."""

from __future__ import annotations

from typing import Any

import numpy as np
from tokensheet.cell import Cell, lift

from tokensheet_templates.declared import SCENARIOS, line
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.page import Page
from tokensheet_templates.plumbing import index, largest, place_of

VARIED = (
    "planned_utilization", "peak_to_mean", "cached_share", "month_tokens", "growth", "price_erosion", "chip_trend",
    "other_cogs", "free_share", "cost_end",
)  # fmt: skip
LIVE, FIRST_VARIED = 1, 5  # numbers of the cases: the live one, the three scenarios, then each input low and high
SIDE, HALF = 7, 3  # values of each side of the two-way grid, and those before the middle one


def of_case(values: Cell, which: Cell, level: Cell, number: Cell, scenario: Cell) -> Cell:
    """An input's value in a case: of the level if the case is about it or about all, else of the scenario."""
    its = (which.value == number.value) | (which.value == 0)
    place = np.where(its, level.value, scenario.value).astype(int) - 1
    text = f"IF(OR({which.text}={number.text},{which.text}=0),{level.text},{scenario.text})"
    return Cell(f"INDEX({values.text},{text})", values.value.ravel()[place], many=False)


def only_its(values: Cell, which: Cell, level: Cell, number: Cell) -> Cell:
    """The same of what has no scenarios: of the level if the case is about it alone."""
    place = np.where(which.value == number.value, level.value, 2).astype(int) - 1
    text = f"IF({which.text}={number.text},{level.text},2)"
    return Cell(f"INDEX({values.text},{text})", values.value.ravel()[place], many=False)


def mixed(
    input_tokens: Any, cached: Any, new: Any, read: Any, output_tokens: Any, output: Any, request_tokens: Any
) -> Any:
    """What a token costs on average over the kinds."""
    return (input_tokens * ((1 - cached) * new + cached * read) + output_tokens * output) / request_tokens


def write_sensitivity(book: Kernel) -> None:
    page = book.page(
        "Sensitivity", "What moves the gross profit of a month most; replicas are not rounded here.", 12, 13
    )
    write_ingredients(book, page)
    write_cases(book, page)
    write_tornado(book, page)
    write_two_ways(book, page)
    page.lay("The live case and the sheet Profit", [
        line("profit_seen", "Gross profit of the month on Profit, replicas not rounded", "$", index, ("all:smooth_profit", "month_seen")),
        line("profit_gap", "Live case less that, of it", "ratio", lambda live_profit, profit_seen: abs(live_profit / profit_seen - 1)),
    ])  # fmt: skip
    book.expect(
        "Sensitivity: the live case is the month on Profit",
        book.blocks["profit_gap"].cell <= book.blocks["tolerance"].cell,
    )


def write_ingredients(book: Kernel, page: Page) -> None:
    page.take(("input_tokens", "output_tokens", "request_tokens", "written_share", "utilization", "start_month",
               "month_seen", "bad_debt", "average_discount",
               "book_new", "book_read", "book_out", "book_held"))  # fmt: skip
    kind = [book.blocks["kind_price"].take(slice(place, place + 1)) for place in range(4)]
    for key, block in zip(("price_input", "price_write", "price_read", "price_output"), kind, strict=True):
        book.blocks[key] = block
    page.lay("Prices and costs of the whole book", [
        line("price_new", "Price of an input token, written or not", "$/Mtok", lambda price_input, price_write, written_share:
             price_input + (price_write - price_input) * written_share),
        *(line(f"over_{level}", f"{words} of the cost over the estimate", "ratio", lambda end, cost: end / cost,
               (f"book_{end}cost", "book_cost"))
          for level, words, end in (("low", "High end", "high_"), ("base", "Estimate", ""), ("high", "Low end", "low_"))),
    ])  # fmt: skip
    book.stack("cost_end scenarios", [f"over_{level}" for level in ("low", "base", "high")])  # dear in the low scenario


def write_cases(book: Kernel, page: Page) -> None:
    """A row for each case: its inputs, and the month that follows of them."""
    cases = [(0, 2), *((0, level) for level in (1, 2, 3))]
    cases += [(number, level) for number in range(1, len(VARIED) + 1) for level in (1, 3)]
    labels = [label_of(book, key) for key in VARIED]
    names = ["Live", *SCENARIOS, *(f"{label}: {level}" for label in labels for level in ("low", "high"))]
    page.axis("varied", "Number of the input", range(1, len(VARIED) + 1))
    for place, key in enumerate(VARIED):
        book.blocks[f"number {key}"] = book.blocks["varied"].take(columns=slice(place, place + 1))
    page.name_rows("case", "Case: which input (-1: none, 0: all) and which scenario of it", {
        "case_which": [-1, *(which for which, _ in cases[1:])], "case_level": [level for _, level in cases],
    }, names=names)  # fmt: skip
    inputs = [
        line(f"case_{key}", label, book.unit_of(book.inputs[key]), of_case,
             (f"all:{key} scenarios", "case_which", "case_level", f"number {key}", "scenario"))
        for key, label in zip(VARIED[:-1], labels, strict=False)
    ]  # fmt: skip
    inputs.append(line("case_cost_end", labels[-1], "ratio", only_its,
                       ("all:cost_end scenarios", "case_which", "case_level", "number cost_end")))  # fmt: skip
    page.lay("Inputs of each case", inputs, down="case")
    page.lay("The month of each case", [
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
        line("case_busy", "Serving, as today", "$/Mtok", mixed, ("input_tokens", "case_cached_share", "book_new", "book_read",
             "output_tokens", "book_out", "request_tokens")),
        line("case_serving", "Serving", "$/Mtok",
             lambda case_busy, case_cost_end, utilization, case_utilization, case_chip_trend, month_seen:
             case_busy * case_cost_end * utilization / case_utilization * (1 + case_chip_trend) ** (month_seen - 1)),
        line("case_storage", "Holding the cache", "$/Mtok",
             lambda input_tokens, case_cached_share, written_share, book_held, request_tokens:
             input_tokens * (1 - case_cached_share) * written_share * book_held / request_tokens),
        line("case_profit", "Gross profit", "$", lambda case_tokens, case_net, case_other_cogs, case_serving, case_storage:
             case_tokens * (case_net * (1 - case_other_cogs) - case_serving - case_storage)),
        line("case_margin", "Gross margin", "%", lambda case_profit, case_tokens, case_net: case_profit / (case_tokens * case_net)),
    ], down="case")  # fmt: skip


def label_of(book: Kernel, key: str) -> str:
    return book.inputs[key].label if key in book.inputs else "Cost of serving, its band"


def write_tornado(book: Kernel, page: Page) -> None:
    """How far each input moves the gross profit, and the inputs by that."""
    numbers = range(1, len(VARIED) + 1)
    low = [FIRST_VARIED + 2 * (number - 1) for number in numbers]
    page.name_rows("swung", "What moves it: tornado", {"low_case": low, "high_case": [case + 1 for case in low]},
                   names=[label_of(book, key) for key in VARIED])  # fmt: skip
    page.lay("What moves it", [
        line("live_profit", "Gross profit, live", "$", lambda profits: index(profits, lift(LIVE)), ("all:case_profit",)),
        line("low_profit", "Low scenario", "$", index, ("all:case_profit", "low_case")),
        line("high_profit", "High scenario", "$", index, ("all:case_profit", "high_case")),
        line("swing", "Swing", "$", lambda low_profit, high_profit: abs(high_profit - low_profit)),
        line("swing_rank", "with the case, so that no two are equal", "$", lambda swing, low_case: swing + low_case / 1e9),
    ], down="swung")  # fmt: skip
    page.name_rows(
        "rank",
        "Ranked",
        {
            "rank_number": numbers,
        },
        names=[f"{number}." for number in numbers],
    )
    page.lay("Ranked", [
        line("rank_swing", "Swing", "$", largest, ("all:swing_rank", "rank_number")),
        line("rank_place", "Number", "number", place_of, ("rank_swing", "all:swing_rank")),
        line("rank_label", "Input", "text", index, ("all:swung", "rank_place"), "right shrink"),
        line("rank_low", "Low scenario less live", "$", lambda profits, place, live: index(profits, place) - live,
             ("all:low_profit", "rank_place", "live_profit")),
        line("rank_high", "High scenario less live", "$", lambda profits, place, live: index(profits, place) - live,
             ("all:high_profit", "rank_place", "live_profit")),
    ], down="rank")  # fmt: skip


def write_two_ways(book: Kernel, page: Page) -> None:
    """The gross margin by price and utilization."""
    page.lay("Of the live case", [
        line("live_net", "Net price", "$/Mtok", lambda cells: index(cells, lift(LIVE)), ("all:case_net",)),
        line("live_busy", "Serving, if chips never idled", "$/Mtok", lambda serving, uses: index(serving, lift(LIVE)) * index(uses, lift(LIVE)),
             ("all:case_serving", "all:case_utilization")),
        line("live_storage", "Holding the cache", "$/Mtok", lambda cells: index(cells, lift(LIVE)), ("all:case_storage",)),
        line("live_other", "Other cost of revenue", "%", lambda cells: index(cells, lift(LIVE)), ("all:case_other_cogs",)),
    ])  # fmt: skip
    page.take(("price_span", "use_least", "use_span"))
    page.axis("price_place", "Steps from our price", range(-HALF, HALF + 1))
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
