"""The sheets Seats and Margin of product-margin: what each kind of seat uses, costs and leaves, by plan and by use."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, product
from typing import Any

import numpy as np

from tokensheet_templates.declared import line
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.page import Page
from tokensheet_templates.plumbing import index, lowest, weighted_down

# In thousandths of the seats: the percentiles that Inputs has, and the ends of the classes, of which the last is one
# per cent, for it may cost more than all others
PERCENTILES = (100, 500, 900, 990)
ENDS = (*range(0, 1000, 100), 990, 1000)
SUMS = {
    "revenue": "Revenue",
    "llm": "Tokens",
    "other": "Hosting and support",
    "fee": "Fees of payments",
    "profit": "Gross profit",
}


def in_words(thousandths: float) -> str:
    return f"{thousandths / 10:g}"


def odds(share: Any) -> Any:
    """The logarithm of the odds, in which the logarithm of use is nearly straight."""
    return np.log(share / (1 - share))


def step(values: Any, number: Any) -> Any:
    return index(values, number + 1) - index(values, number)


def stretch(value: Any, second: Any, third: Any) -> Any:
    """Which of three stretches a value lies in, by the inner two of four ends; beyond the outer ones they go on."""
    return 1 + np.where(value > second, 1, 0) + np.where(value > third, 1, 0)


def along_line(begin: Any, slope: Any, value: Any, start: Any) -> Any:
    return begin + slope * (value - start)


def named(names: Any, place: Any, others: Any, other_place: Any) -> Any:
    return index(names, place) + ", " + index(others, other_place)


def write_seats(book: Kernel, plans: Sequence[str]) -> None:
    """The use of seats from its percentiles, and the profit of each class of seats of each plan."""
    page = book.page(
        "Seats", "Between the percentiles on Inputs the logarithm of use is straight in the log-odds of seats."
    )
    page.take(
        ("usage", "request_mtok", "mtok_cost", "discount", "overage_kept", "hosting", "payment_fee", "payment_fixed")
    )
    write_use(book, page)
    page.name_rows("plan", "Plan", {"plan_number": range(1, len(plans) + 1)}, names=plans)
    classes = len(ENDS) - 1
    places = [*product(range(1, len(plans) + 1), range(1, classes + 1))]
    numbers = {"group_plan": [plan for plan, _ in places], "group_class": [each for _, each in places]}
    page.name_rows("group", "Plan, and per cent of its seats", numbers,
                   line("group", "", "", named, ("all:plan", "group_plan", "all:class", "group_class")))  # fmt: skip
    page.lay("Tokens of a seat", [
        line("group_seats", "Seats", "seats",
             lambda seats, plan, shares, each: index(seats, plan) * index(shares, each),
             ("all:seats", "group_plan", "all:class_share", "group_class"), "whole"),
        line("group_requests", "Requests", "requests", lambda requests, each, multiples, plan:
             index(requests, each) * index(multiples, plan),
             ("all:class_requests", "group_class", "all:multiple", "group_plan"), "tenths"),
        line("group_asked", "Tokens asked for", "M tokens", lambda group_requests, usage, request_mtok:
             group_requests * usage * request_mtok),
        line("group_included", "Included", "M tokens", index, ("all:included", "group_plan")),
        line("group_over", "Beyond", "M tokens",
             lambda group_asked, group_included: np.maximum(0, group_asked - group_included)),
        line("group_rate", "Price of these", "$/Mtok", index, ("all:overage_price", "group_plan")),
        line("group_kept", "still asked for", "%",
             lambda group_rate, overage_kept: np.where(group_rate > 0, overage_kept, 1)),
        line("group_beyond", "Beyond and served", "M tokens", lambda group_over, group_kept: group_over * group_kept),
        line("group_used", "Tokens served", "M tokens", lambda group_asked, group_over, group_beyond:
             group_asked - group_over + group_beyond),
    ], down="group")  # fmt: skip
    page.lay("Money of a seat", [
        line("group_list", "Price of the seat", "$/seat",
             lambda prices, plan, discount: index(prices, plan) * (1 - discount),
             ("all:seat_price", "group_plan", "discount")),
        line("group_revenue", "Revenue", "$/seat",
             lambda group_list, group_beyond, group_rate: group_list + group_beyond * group_rate),
        line("group_llm", "Tokens", "$/seat", lambda group_used, mtok_cost: group_used * mtok_cost),
        line("group_other", "Hosting and support", "$/seat",
             lambda hosting, support, plan: hosting + index(support, plan),
             ("hosting", "all:support", "group_plan")),
        line("group_fee", "Fees of payments", "$/seat", lambda group_revenue, payment_fee, payment_fixed:
             group_revenue * payment_fee + payment_fixed),
        line("group_profit", "Gross profit", "$/seat", lambda group_revenue, group_llm, group_other, group_fee:
             group_revenue - group_llm - group_other - group_fee, style="cents bold"),
        line("group_margin", "Gross margin", "%", lambda group_profit, group_revenue: group_profit / group_revenue),
    ], down="group")  # fmt: skip
    page.lay("Money of all such seats", [
        *(line(f"all_{key}", label, "$", lambda seats, each: seats * each, ("group_seats", f"group_{key}"))
          for key, label in SUMS.items()),
        line("all_used", "Tokens", "M tokens", lambda group_seats, group_used: group_seats * group_used),
        line("all_loss", "Losses", "$", lambda all_profit: np.minimum(0, all_profit)),
        line("all_losing", "Seats that lose money", "seats",
             lambda group_seats, group_profit: np.where(group_profit < 0, group_seats, 0), style="whole"),
    ], down="group")  # fmt: skip


def write_use(book: Kernel, page: Page) -> None:
    """Requests of a seat in each class, at its middle, from those at the percentiles."""
    page.name_rows(
        "percentile", "Percentile", {"thousandths": PERCENTILES}, names=[f"{in_words(each)} %" for each in PERCENTILES]
    )
    page.lay("Use at the percentiles", [
        line("known_share", "Seats that use less", "%", lambda thousandths: thousandths / 1000),
        line("known_odds", "Log-odds", "number", odds, ("known_share",), "ratio"),
        line("known_log", "Logarithm of requests", "number", np.log, ("requests",), "ratio"),
    ], down="percentile")  # fmt: skip
    for key, number in product(("known_odds", "known_log"), (2, 3)):
        book.blocks[f"{key} {number}"] = book.blocks[key].take(slice(number - 1, number))
    stretches = [f"{in_words(a)}–{in_words(b)} %" for a, b in pairwise(PERCENTILES)]
    page.name_rows("stretch", "Between them", {"stretch_number": range(1, len(stretches) + 1)}, names=stretches)
    page.lay("Between the percentiles", [
        line("rise", "Rise of the logarithm", "number", step, ("all:known_log", "stretch_number"), "ratio"),
        line("run", "Rise of the log-odds", "number", step, ("all:known_odds", "stretch_number"), "ratio"),
        line("slope", "Slope", "ratio", lambda rise, run: rise / run),
    ], down="stretch")  # fmt: skip
    book.expect("Inputs: the requests rise from percentile to percentile", lowest(book.blocks["rise"]) > 0)
    classes = {"class_from": ENDS[:-1], "class_to": ENDS[1:], "class_number": range(1, len(ENDS))}
    page.name_rows(
        "class", "Per cent of seats", classes, names=[f"{in_words(a)}–{in_words(b)}" for a, b in pairwise(ENDS)]
    )
    page.lay("Use of classes of seats", [
        line("class_share", "Share of seats", "%", lambda class_from, class_to: (class_to - class_from) / 1000),
        line("class_middle", "Its middle", "%", lambda class_from, class_to: (class_from + class_to) / 2 / 1000),
        line("class_odds", "Log-odds", "number", odds, ("class_middle",), "ratio"),
        line("class_stretch", "Stretch", "number", stretch, ("class_odds", "known_odds 2", "known_odds 3")),
        line("class_begin", "Log of requests where it begins", "number", index, ("all:known_log", "class_stretch"),
             "ratio"),
        line("class_slope", "Slope", "ratio", index, ("all:slope", "class_stretch")),
        line("class_start", "Log-odds where it begins", "number", index, ("all:known_odds", "class_stretch"), "ratio"),
        line("class_requests", "Requests of a seat", "requests",
             lambda class_begin, class_slope, class_odds, class_start:
             np.exp(along_line(class_begin, class_slope, class_odds, class_start)), style="tenths"),
    ], down="class")  # fmt: skip
    page.lay("All seats", [
        line("mean_requests", "Mean requests of a seat of a multiple of 1", "requests", weighted_down,
             ("class_share", "class_requests"), "tenths"),
    ])  # fmt: skip
