"""The sheets Cohort and Profit of product-margin: what a seat is worth, and 36 months of all seats."""

from __future__ import annotations

import numpy as np
from tokensheet.cell import lift

from tokensheet_templates.declared import line
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.plumbing import (
    index,
    least_across,
    lowest,
    most_across,
    size,
    total_across,
    total_down,
    total_of,
    total_so_far,
)
from tokensheet_templates.profit import MONTHS, YEARS, month_after, month_if, month_if_red

IN_YEARS = ("net_revenue", "llm_paid", "gross_profit", "won_paid", "ebitda")


def write_cohort(book: Kernel) -> None:
    """Lifetime value, acquisition and payback of a seat of each plan, at today's use and prices."""
    page = book.page(
        "Cohort", "What a seat leaves until it leaves, month by month, at today's use and prices.", MONTHS, 10
    )
    page.take(("wacc", "worth_least"))
    page.lay("A seat", [
        line("discounting", "Worth of a dollar a month later", "ratio", lambda wacc: np.exp(-np.log(1 + wacc) / 12)),
        line("stay", "Seats that stay, discounted", "ratio", lambda churn, discounting: (1 - churn) * discounting),
        line("worth", "Lifetime value (LTV)", "$/seat", lambda seat_profit, stay: seat_profit / (1 - stay)),
        line("life", "Mean life", "months", lambda churn: 1 / churn, style="tenths"),
        line("won", "Acquisition cost (CAC)", "$/seat", lambda acquisition: acquisition * 1),
        line("worth_over", "LTV over CAC", "ratio", lambda worth, won: worth / won, style="cents"),
    ], down="plan")  # fmt: skip
    page.axis("month", "Month", range(1, MONTHS + 1))
    page.lay("Of a seat won", [
        line("stayed", "Seats still there, of those won", "%", lambda churn, month: (1 - churn) ** (month - 1)),
        line("left_so_far", "Gross profit so far less acquisition, today's dollars", "$/seat",
             lambda seat_profit, stay, month, won:
             seat_profit * (1 - stay**month) / (1 - stay) - won),
        line("paid_back", "Month, where it is paid back", "month", month_if, ("left_so_far", "month"),
             "whole right"),
    ], across="month", down="plan")  # fmt: skip
    page.lay("Payback",
             [line("payback", "Month in which it is paid back, – if in none", "month", least_across,
                   ("paid_back",))],
             down="plan")  # fmt: skip
    book.alert("Cohort: the lifetime value of a seat of each plan is as many times its acquisition as Inputs asks for",
               lowest(book.blocks["worth_over"]) >= book.blocks["worth_least"].cell)  # fmt: skip


def write_months(book: Kernel) -> None:
    """Every line is a row of months; those of the plans are blocks."""
    page = book.page("Profit", "36 months of the scenario that Inputs names, in dollars.", MONTHS, 11)
    page.take(("use_growth", "token_trend", "payment_fee", "payment_fixed", "opex", "discounting"))
    page.lay("Of each month", [
        line("year_of", "Year", "number", lambda month: np.ceil(month / 12)),
        line("use_factor", "Use of a seat over today's", "ratio",
             lambda use_growth, month: (1 + use_growth) ** (month - 1)),
        line("token_factor_of", "Prices of tokens over today's", "ratio",
             lambda token_trend, month: (1 + token_trend) ** (month - 1)),
    ], across="month")  # fmt: skip
    page.lay("By plan", [
        line("month_seats", "Seats by plan", "seats",
             lambda seats, added, churn, month: seats * (1 + added - churn) ** (month - 1), style="whole"),
        line("month_revenue", "Revenue by plan; overage grows with use", "$",
             lambda month_seats, seat_list, seat_paid, use_factor:
             month_seats * (seat_list + seat_paid * use_factor)),
        line("month_llm", "Tokens by plan", "$", lambda month_seats, seat_llm, use_factor, token_factor_of:
             month_seats * seat_llm * use_factor * token_factor_of),
        line("month_other", "Hosting, support and fees of a payment by plan", "$",
             lambda month_seats, seat_other, payment_fixed:
             month_seats * (seat_other + payment_fixed)),
        line("month_won", "Sales and marketing by plan", "$",
             lambda month_seats, added, won: month_seats * added * won),
    ], across="month", down="plan")  # fmt: skip
    page.lay("Profit and loss", [
        line("seats_all", "Seats", "seats", total_down, ("month_seats",), "whole"),
        line("net_revenue", "Revenue", "$", total_down, ("month_revenue",), "dollars bold"),
        line("llm_cost", "Cost of tokens", "$", total_down, ("month_llm",)),
        line("other_cost", "Cost of hosting, support and payments", "$", total_down, ("month_other",)),
        line("won_cost", "Cost of sales and marketing", "$", total_down, ("month_won",)),
        line("llm_paid", "Tokens", "$", lambda llm_cost: -llm_cost),
        line("other_paid", "Hosting, support, fees of payments", "$", lambda other_cost, net_revenue, payment_fee:
             -other_cost - net_revenue * payment_fee),
        line("gross_profit", "Gross profit", "$",
             lambda net_revenue, llm_paid, other_paid: net_revenue + llm_paid + other_paid, style="dollars bold"),
        line("gross_margin", "Gross margin", "%", lambda gross_profit, net_revenue: gross_profit / net_revenue),
        line("won_paid", "Sales and marketing", "$", lambda won_cost: -won_cost),
        line("ebitda", "EBITDA", "$", lambda gross_profit, won_paid, opex: gross_profit + won_paid - opex,
             style="dollars bold"),
        line("cash", "Cumulative cash", "$", total_so_far, ("ebitda",)),
        line("present", "Present value", "$", lambda ebitda, discounting, month: ebitda * discounting**month),
        line("red", "Month, where cumulative cash is negative", "month", month_if_red, ("cash", "month")),
    ], across="month")  # fmt: skip
    page.lay("In all", [
        line("npv", "Net present value", "$", total_across, ("present",)),
        line("least_cash", "Least cumulative cash", "$", least_across, ("cash",)),
        line("month_count", "Months", "months", size, ("all:month",), "whole"),
        line("last_red", "Last month with negative cash", "month", most_across, ("red",)),
        line("even_month", "Month from which cash is never negative, – if none", "month", month_after,
             ("last_red", "month_count")),
        line("first_margin", "Gross margin of the first month", "%", lambda cells: index(cells, lift(1)),
             ("all:gross_margin",)),
    ])  # fmt: skip
    page.axis("year", "Year", range(1, YEARS + 1))
    page.lay("By year", [
        line(f"{key}_year", book.lines[key].label, "$", total_of,
             ("all:year_of", "year", f"all:{key}")) for key in IN_YEARS
    ], across="year")  # fmt: skip
    first, whole, tolerance = (book.blocks[key].cell for key in ("first_margin", "whole_margin", "tolerance"))
    book.expect("Profit: the gross margin of the first month is that on Margin", abs(first - whole) <= tolerance)
