"""The sheets Hours and Money of capacity-plan: a mean day of each month, and what the chips cost."""

from __future__ import annotations

from typing import Any

import numpy as np

from tokensheet_templates.contracts import MONTHS
from tokensheet_templates.declared import line
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.page import Page
from tokensheet_templates.plumbing import (
    highest,
    index,
    total_across,
    total_down,
    total_of,
    total_so_far,
)

YEARS = 3


def write_money(book: Kernel) -> None:
    """What the chips of each month cost, take in power and are used for."""
    write_hours(book)
    page = book.page("Money", "Orders, cash, power, and what a million tokens cost in the end.", MONTHS, 11)
    page.take(("capex", "deposit", "own_years", "residual", "wacc", "power", "building", "electricity", "upkeep",
               "hours", "chips", "hour_count", "month_seen"))  # fmt: skip
    page.lay("An hour of an own chip", [
        line("own_growth", "A dollar at the end, with the cost of capital", "ratio", lambda wacc, own_years:
             (1 + wacc) ** own_years),
        line("annuity", "Capital a year", "$", lambda capex, wacc, own_growth, residual:
             capex * wacc * (own_growth - residual) / (own_growth - 1)),
        line("run_hour", "Electricity and upkeep an hour", "$/hour", lambda power, building, electricity, upkeep, capex:
             power * building * electricity + upkeep * capex / 8760),
        line("own_hour", "Cost of an hour", "$/hour", lambda annuity, run_hour: annuity / 8760 + run_hour),
    ])  # fmt: skip
    page.lay("Chip-hours", [
        line("demand_hours", "Chip-hours on demand", "chip-hours", lambda beyond_day, batch_beyond, hours, hour_count:
             (beyond_day + batch_beyond) * hours / hour_count, style="whole"),
        line("held_hours", "Chip-hours owned or under contract", "chip-hours", lambda committed, hours:
             committed * hours, style="whole"),
        line("busy_hours", "Chip-hours that serve", "chip-hours", lambda follow, waiting, chips, hours:
             (follow + waiting) * chips * hours, style="whole"),
        line("used", "Utilization", "%", lambda busy_hours, held_hours, demand_hours:
             busy_hours / (held_hours + demand_hours)),
    ], across="month")  # fmt: skip
    page.lay("Cost", [
        line("cost_owned", "Owned, with capital", "$", lambda owned, hours, own_hour: owned * hours * own_hour),
        line("cost_three", "3 years", "$", lambda chips, hours, price: chips * hours * price,
             ("three_years", "hours", "price 3 years")),
        line("cost_one", "1 year", "$", lambda chips, hours, price: chips * hours * price,
             ("one_year", "hours", "price 1 year")),
        line("cost_demand", "On demand", "$", lambda hours, price: hours * price, ("demand_hours", "price on demand")),
        line("cost_all", "Cost of all chips", "$", lambda a, b, c, d: a + b + c + d,
             ("cost_owned", "cost_three", "cost_one", "cost_demand"), "dollars bold"),
        line("per_mtok", "Cost of a million tokens", "$/Mtok", lambda cost_all, tokens_served:
             np.where(tokens_served > 0, cost_all / tokens_served, 0), style="price bold"),
    ], across="month")  # fmt: skip
    page.lay("Cash", [
        line("deposits", "Capital, with the order", "$", lambda ordered, capex, deposit: ordered * capex * deposit),
        line("rest_paid", "Capital, with the chips", "$", lambda delivered, capex, deposit:
             delivered * capex * (1 - deposit)),
        line("capital", "Capital", "$", lambda deposits, rest_paid: deposits + rest_paid),
        line("run_paid", "Electricity and upkeep of own chips", "$", lambda owned, hours, run_hour:
             owned * hours * run_hour),
        line("rents_paid", "Rents", "$", lambda cost_three, cost_one, cost_demand: cost_three + cost_one + cost_demand),
        line("cash_out", "Cash out", "$", lambda capital, run_paid, rents_paid: capital + run_paid + rents_paid,
             style="dollars bold"),
        line("cash_so_far", "Cash out so far", "$", total_so_far, ("cash_out",)),
        line("mw", "Power of own chips", "MW", lambda owned, power, building: owned * power * building / 1000,
             style="ratio"),
        line("mw_all", "Power of all chips at the peak", "MW", lambda committed, on_demand, power, building:
             (committed + on_demand) * power * building / 1000, style="ratio"),
    ], across="month")  # fmt: skip
    write_sums(book, page)


def write_hours(book: Kernel) -> None:
    """A mean day of each month, hour by hour, and where the batch tokens that can wait find room."""
    page = book.page(
        "Hours", "A mean day of each month, in chips; what can wait fills what the contracts leave idle.", MONTHS, 10
    )
    page.take(("hour_spare", "chips", "hour_count"))
    page.lay("Hour by hour", [
        line("hour_need", "Chips that are needed", "chips", lambda follow, hour_factor, hour_spare, rounded, chips:
             (follow * hour_factor * hour_spare + rounded) * chips, style="tenths"),
        line("hour_beyond", "of them on demand", "chips", lambda hour_need, committed:
             np.maximum(0, hour_need - committed), style="tenths"),
        line("hour_idle", "Chips under contract that are left", "chips", lambda hour_need, hour_beyond, committed:
             committed - hour_need + hour_beyond, style="tenths"),
        line("beyond_day", "On demand for what follows the day", "chip-hours", total_down, ("hour_beyond",), "tenths"),
        line("idle_day", "Left of the contracts", "chip-hours", total_down, ("hour_idle",), "tenths"),
    ], across="month", down="hour")  # fmt: skip
    page.lay("Batch tokens that can wait, a day", [
        line("batch_day", "They need", "chip-hours", lambda waiting, chips, hour_count: waiting * chips * hour_count,
             style="tenths"),
        line("batch_beyond", "of it on demand, as nothing is left", "chip-hours", lambda batch_day, idle_day:
             np.maximum(0, batch_day - idle_day), style="tenths"),
    ], across="month")  # fmt: skip
    book.alert(
        "Hours: the batch tokens that can wait find room in what the contracts leave",
        highest(book.blocks["batch_beyond"]) <= 0,
    )


def write_sums(book: Kernel, page: Page) -> None:
    """What it comes to: by year, and in the month that Board looks at."""
    page.lay("In all", [
        line("sum_cost", "Cost of all chips", "$", total_across, ("cost_all",)),
        line("sum_tokens", "Tokens", "M tokens", total_across, ("tokens_served",), "whole"),
        line("sum_capital", "Capital", "$", total_across, ("capital",)),
        line("sum_mtok", "Cost of a million tokens", "$/Mtok", lambda sum_cost, sum_tokens: sum_cost / sum_tokens),
        *(line(f"seen_{key}", label, unit, index, (f"all:{key}", "month_seen"), style) for key, label, unit, style in (
            ("used", "Utilization of the month looked at", "%", ""),
            ("per_mtok", "Cost of a million tokens then", "$/Mtok", ""),
            ("peak_chips", "Chips at the peak then", "chips", ""), ("mw", "Power of own chips then", "MW", "ratio"))),
        line("sum_parts", "Cost by contract", "$", lambda owned, three, one, demand:
             total_across_of(owned, three, one, demand),
             ("all:cost_owned", "all:cost_three", "all:cost_one", "all:cost_demand")),
    ])  # fmt: skip
    page.axis("year", "Year", range(1, YEARS + 1))
    page.lay("By year", [
        line(f"{key}_year", label, unit, total_of, ("all:year_of", "year", f"all:{key}"), style)
        for key, label, unit, style in (
            ("tokens_served", "Tokens", "M tokens", "whole"), ("cost_all", "Cost of all chips", "$", ""),
            ("capital", "Capital", "$", ""), ("cash_out", "Cash out", "$", ""))
    ], across="year")  # fmt: skip
    cell = {
        key: book.blocks[key].cell
        for key in ("sum_cost", "sum_parts", "tolerance", "seen_used", "planned_utilization", "gap_most", "site")
    }
    book.expect(
        "Money: the contracts add up to the cost of all chips",
        abs(cell["sum_parts"] - cell["sum_cost"]) <= cell["tolerance"] * cell["sum_cost"],
    )
    book.expect(
        "Money: own chips take no more power than the site can have", highest(book.blocks["mw"]) <= cell["site"]
    )
    book.alert("Money: the utilization is not further below that of the price book than Inputs allows",
               cell["planned_utilization"] - cell["seen_used"] <= cell["gap_most"])  # fmt: skip
    book.alert("Contracts: no chips are stranded", highest(book.blocks["stranded"]) <= 0)


def total_across_of(*ranges: Any) -> Any:
    """The sum of several rows."""
    return sum(map(np.sum, ranges[1:]), np.sum(ranges[0]))
