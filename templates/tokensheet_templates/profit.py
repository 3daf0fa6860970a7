"""The sheet Profit: 36 months of tokens, revenue, replicas, costs, margin and cash, and what each year adds up to."""

from __future__ import annotations

from typing import Any

import numpy as np
import tokensheet as ts

from tokensheet_templates.checks import all_ones
from tokensheet_templates.declared import line
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.plumbing import (
    highest,
    index,
    least_across,
    lowest,
    most_across,
    size,
    total_across,
    total_down,
    total_of,
    total_so_far,
    weighted_down,
)

MONTHS, YEARS = 36, 3
IN_YEARS = ("tokens", "gross_revenue", "net_revenue", "serving", "idle", "storage", "other", "gross_profit", "ebitda")


def grown(month: Any, start_month: Any, growth: Any) -> Any:
    return np.where(month < start_month, 0, (1 + growth) ** (month - start_month))


def whole(replicas: Any) -> Any:
    return np.ceil(replicas)


def share_of(part: Any, total: Any) -> Any:
    return np.where(total > 0, part / total, 0)


def month_if(cumulative: Any, month: Any) -> Any:
    return np.where(cumulative >= 0, month, "–")


def month_if_red(cumulative: Any, month: Any) -> Any:
    return np.where(cumulative < 0, month, 0)


def month_after(last: Any, months: Any) -> Any:
    """The month after the last, if it is one of these."""
    return np.where(last < months, last + 1, 0)


def write_profit(book: Kernel) -> None:
    """Every line is a row of months; lines of the book by model and tier are blocks."""
    page = book.page("Profit", "36 months of the scenario that Inputs names, in dollars.", MONTHS, 11)
    page.take(("month_tokens", "free_share", "bad_debt", "other_cogs", "opex", "utilization", "hours", "month_seen"))
    page.lay("What holds in every month", [
        line("average_discount", "Mean discount", "%", weighted_down, ("bracket_share", "discount")),
    ])  # fmt: skip
    page.axis("month", "Month", range(1, MONTHS + 1))
    page.lay("Of each month", [
        line("year_of", "Year", "number", lambda month: np.ceil(month / 12)),
        line("volume_factor", "Growth since the start", "ratio", grown, ("month", "start_month", "growth")),
        line("price_factor", "Prices over today's", "ratio", lambda price_erosion, month:
             (1 - price_erosion) ** (month - 1)),
        line("chip_factor", "Chip prices over today's", "ratio", lambda chip_trend, month:
             (1 + chip_trend) ** (month - 1)),
        line("tokens", "Tokens", "Mtok", lambda month_tokens, volume_factor: month_tokens / 1e6 * volume_factor),
        line("billed", "Tokens that are paid for", "Mtok", lambda tokens, free_share: tokens * (1 - free_share)),
    ], across="month")  # fmt: skip
    page.lay("By model and tier", [
        line("revenue", "Gross revenue by model and tier", "$", lambda billed, share, price, factor:
             billed * share * price * factor,
             ("billed", "line_share", "line_price", "price_factor")),
        line("replicas", "Replicas by model and tier, whole ones, for the peak", "replicas",
             lambda tokens, share, serving, rent, hours: whole(tokens * share * serving / (rent * hours)),
             ("tokens", "line_share", "line_serving", "line_rent", "hours")),
        line("rent_paid", "Rent of the replicas by model and tier", "$", lambda replicas, line_rent, hours, chip_factor:
             replicas * line_rent * hours * chip_factor),
    ], across="month", down="line_name")  # fmt: skip
    page.lay("The same by the whole book", [
        line("book_revenue", "Gross revenue at the book's mean price", "$", lambda billed, price, factor:
             billed * price * factor,
             ("billed", "book_price", "price_factor")),
    ], across="month")  # fmt: skip
    page.lay("Profit and loss", [
        line("gross_revenue", "Gross revenue", "$", total_down, ("revenue",)),
        line("agrees", "1 if that is the book's", "0 or 1", lambda gross_revenue, book_revenue, tolerance:
             np.where(abs(gross_revenue - book_revenue) <= tolerance * (1 + book_revenue), 1, 0)),
        line("discounts", "Volume discounts", "$", lambda gross_revenue, average_discount:
             -gross_revenue * average_discount),
        line("lost", "Bad debt", "$", lambda gross_revenue, discounts, bad_debt:
             -(gross_revenue + discounts) * bad_debt),
        line("net_revenue", "Net revenue", "$", lambda gross_revenue, discounts, lost:
             gross_revenue + discounts + lost, style="dollars bold"),
        line("rent", "Rent of all replicas", "$", total_down, ("rent_paid",)),
        line("serving", "of it used", "$", lambda tokens, book_serving, utilization, chip_factor:
             -tokens * book_serving * utilization * chip_factor),
        line("idle", "of it idle", "$", lambda rent, serving: -rent - serving),
        line("storage", "Holding the cache", "$", lambda tokens, book_storage: -tokens * book_storage),
        line("other", "Other cost of revenue", "$", lambda net_revenue, other_cogs: -net_revenue * other_cogs),
        line("gross_profit", "Gross profit", "$", lambda net_revenue, serving, idle, storage, other:
             net_revenue + serving + idle + storage + other, style="dollars bold"),
        line("gross_margin", "Gross margin", "%", share_of, ("gross_profit", "net_revenue")),
        line("expenses", "Fixed operating expenses", "$", lambda opex, month: np.where(month > 0, -opex, 0)),
        line("ebitda", "EBITDA", "$", lambda gross_profit, expenses: gross_profit + expenses, style="dollars bold"),
        line("cash", "Cumulative cash", "$", total_so_far, ("ebitda",)),
        line("present_factor", "Present value of a dollar", "ratio", lambda wacc, month: (1 + wacc) ** (-month / 12)),
        line("present", "Present value", "$", lambda ebitda, present_factor: ebitda * present_factor),
        line("red", "Month, where cumulative cash is negative", "month", month_if_red, ("cash", "month")),
        line("earned", "Left for serving", "$", lambda net_revenue, storage, other: net_revenue + storage + other),
        line("whole_extra", "Idle because replicas are whole", "$", lambda idle, serving, utilization:
             idle - serving * (1 / utilization - 1)),
        line("smooth_profit", "Gross profit if they were not", "$", lambda gross_profit, whole_extra:
             gross_profit - whole_extra),
    ], across="month")  # fmt: skip
    page.lay("In all", [
        line("npv", "Net present value", "$", total_across, ("present",)),
        line("least_cash", "Most cash needed", "$", least_across, ("cash",)),
        line("month_count", "Months", "months", size, ("all:month",), "whole"),
        line("last_red", "Last month with negative cash", "month", most_across, ("red",)),
        line("even_month", "Month from which cash is never negative, – if none", "month", month_after,
             ("last_red", "month_count")),
        line("margin_seen", "Gross margin of the month looked at", "%", index, ("all:gross_margin", "month_seen")),
        line("earned_seen", "Left for serving then, of a million tokens", "$/Mtok", lambda earned, tokens, month:
             index(earned, month) / index(tokens, month), ("all:earned", "all:tokens", "month_seen")),
        line("paid_seen", "Serving them then, if chips never idled", "$/Mtok", lambda book_serving, utilization,
             factors, month:
             book_serving * utilization * index(factors, month),
             ("book_serving", "utilization", "all:chip_factor", "month_seen")),
        line("break_even", "Utilization at which it earns nothing", "%", ts.breakeven_utilization, ("earned_seen",
             "paid_seen")),
    ])  # fmt: skip
    page.axis("year", "Year", range(1, YEARS + 1))
    page.lay("By year", [
        line(f"{key}_year", book.lines[key].label, "Mtok" if key == "tokens" else "$", total_of, ("all:year_of",
             "year", f"all:{key}"))
        for key in IN_YEARS
    ], across="year")  # fmt: skip
    book.expect("Profit: revenue by model and tier adds up to the book's", all_ones(book.blocks["agrees"]))
    most = highest(book.blocks["whole_extra"])
    book.expect("Profit: the replicas of each month carry its peak", most <= book.blocks["tolerance"].cell)
    book.alert("Profit: each month has a gross profit", lowest(book.blocks["gross_profit"]) >= 0)
