"""The sheet Contracts of capacity-plan: chips that the traffic needs, and the contracts that they are had on."""

from __future__ import annotations

import numpy as np

from tokensheet_templates.declared import Own, line
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.page import Page
from tokensheet_templates.plumbing import (
    highest,
    highest_so_far,
    index,
    own_or,
    size,
    total_down,
)

MONTHS = 36
HELD = {"owned": "Owned", "three_years": "3 years", "one_year": "1 year", "on_demand": "On demand, at the peak"}


def write_contracts(book: Kernel) -> None:
    """What base, shoulder and peak of the load ask for, month by month, and on which contracts it is had."""
    page = book.page(
        "Contracts", "The base of a day's load is owned, its shoulder reserved, its peak had on demand.", MONTHS, 10
    )
    page.take(("month_tokens", "growth", "hours", "chips", "hour_low", "hour_shoulder", "hour_spare", "peak_factor",
               "follow_hours", "wait_hours", "start_own", "lead", "long_ahead", "reserve_ahead",
               "demand_most"))  # fmt: skip
    page.axis("month", "Month", range(1, MONTHS + 1))
    page.lay("Traffic", [
        line("month_count", "Months", "months", size, ("all:month",), "whole"),
        line("year_of", "Year", "number", lambda month: np.ceil(month / 12)),
        line("tokens_grown", "Tokens by the growth", "M tokens", lambda month_tokens, growth, month:
             month_tokens * 1000 * (1 + growth) ** (month - 1), style="whole"),
        Own("tokens_own", "Own number", "M tokens", "tokens_grown", 0, 1e9, "whole"),
    ], across="month")  # fmt: skip
    page.lay("Traffic that counts", [
        line("tokens_served", "Tokens that count", "M tokens", own_or, ("tokens_own", "tokens_grown"), "whole"),
        line("follow", "Mean replicas that follow the day", "replicas", lambda tokens_served, follow_hours, hours:
             tokens_served * follow_hours / hours, style="tenths"),
        line("waiting", "Mean replicas of what can wait", "replicas", lambda tokens_served, wait_hours, hours:
             tokens_served * wait_hours / hours, style="tenths"),
        line("smooth", "Replicas at the peak", "replicas", lambda follow, peak_factor: follow * peak_factor,
             style="tenths"),
    ], across="month")  # fmt: skip
    page.lay("Whole replicas", [
        line("model_replicas", "Replicas at the peak by model, whole ones", "replicas",
             lambda tokens, share, each, factor, hours:
             np.ceil(tokens * share * each * factor / hours),
             ("tokens_served", "model_share", "service_follow", "peak_factor", "hours")),
    ], across="month", down="service")  # fmt: skip
    page.lay("Chips that are needed", [
        line("replicas", "Replicas at the peak", "replicas", total_down, ("model_replicas",)),
        line("rounded", "of them because they are whole", "replicas", lambda replicas, smooth: replicas - smooth,
             style="tenths"),
        line("base_chips", "Chips in the quietest hour", "chips", lambda follow, hour_low, hour_spare, rounded, chips:
             np.ceil(follow * hour_low * hour_spare + rounded) * chips),
        line("shoulder_chips", "Chips for as long as a year's contract pays", "chips",
             lambda follow, hour_shoulder, hour_spare, rounded, chips:
             np.ceil(follow * hour_shoulder * hour_spare + rounded) * chips),
        line("peak_chips", "Chips at the peak", "chips", lambda replicas, chips: replicas * chips),
    ], across="month")  # fmt: skip
    write_ladder(page)
    page.lay("Held", [
        line("committed", "Chips under contract or owned", "chips", lambda owned, three_years, one_year:
             owned + three_years + one_year),
        line("on_demand", "On demand at the peak", "chips", lambda peak_chips, committed:
             np.maximum(0, peak_chips - committed)),
        line("stranded", "Stranded: more than the peak needs", "chips", lambda committed, peak_chips:
             np.maximum(0, committed - peak_chips)),
        line("short", "Short of the peak", "chips", lambda on_demand, demand_most:
             np.maximum(0, on_demand - demand_most)),
        line("late", "Delivered before an order could be", "chips", lambda month, lead, delivered:
             np.where(month > lead, 0, delivered)),
    ], across="month")  # fmt: skip
    book.expect("Contracts: the supply reaches the peak in each month", highest(book.blocks["short"]) == 0)
    book.expect("Contracts: all chips are ordered as long before as they take", highest(book.blocks["late"]) == 0)


def write_ladder(page: Page) -> None:
    """Chips owned, had for three years and for one; what is signed stays until it ends."""
    page.lay("Owned", [
        line("own_need", "Base, once an order could be there", "chips", lambda month, lead, base_chips:
             np.where(month > lead, base_chips, 0)),
        line("own_most", "the most so far", "chips", highest_so_far, ("own_need",)),
        line("owned", "Owned", "chips", lambda start_own, own_most: np.maximum(start_own, own_most)),
        line("owned_before", "the month before", "chips", lambda month, start_own, cells:
             np.where(month > 1, index(cells, np.maximum(1, month - 1)), start_own),
             ("month", "start_own", "all:owned")),
        line("delivered", "Delivered", "chips", lambda owned, owned_before: owned - owned_before),
        line("ordered", "Ordered", "chips", lambda month, lead, months, cells:
             np.where(month + lead > months, 0, index(cells, np.minimum(months, month + lead))),
             ("month", "lead", "month_count", "all:delivered")),
    ], across="month")  # fmt: skip
    page.lay("Had for three years", [
        line("three_need", "3 years", "chips", lambda shoulder, owned, place:
             np.maximum(0, index(shoulder, place) - index(owned, place)),
             ("all:shoulder_chips", "all:owned", "long_ahead")),
    ])  # fmt: skip
    page.lay("Had for a year", [
        line("reserve_month", "Month whose need counts", "month", lambda year_of, reserve_ahead:
             (year_of - 1) * 12 + reserve_ahead),
        line("reserve_need", "Shoulder of that month", "chips", index, ("all:shoulder_chips", "reserve_month")),
        line("reserve_owned", "owned then", "chips", index, ("all:owned", "reserve_month")),
        line("three_years", "3 years", "chips", lambda month, three_need: np.where(month > 0, three_need, 0)),
        line("one_year", "1 year", "chips", lambda reserve_need, reserve_owned, three_years:
             np.maximum(0, reserve_need - reserve_owned - three_years)),
    ], across="month")  # fmt: skip
