"""The sheet Buy: own chips over 60 months against rented ones, with their books, their debt and their return."""

from __future__ import annotations

from typing import Any

import numpy as np
from tokensheet.cell import Cell, lift

from tokensheet_templates.checks import all_ones
from tokensheet_templates.declared import line
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.page import Page
from tokensheet_templates.plumbing import (
    before,
    entry_down,
    highest_so_far,
    index,
    least_across,
    link,
    place_of,
    size,
    total_across,
    total_of,
    total_so_far,
)
from tokensheet_templates.profit import month_if

MONTHS, YEARS = 60, 5
STEPS, ROUNDS = 24, 10  # in so many steps a range of rates is cut each round: it ends below the digits of a number
IN_YEARS = ("avoided", "running", "depreciation", "setup_paid", "interest", "earned")
TAKEN = ("month_tokens", "growth", "ramp", "chips", "hours_mtok", "hours", "utilization", "elastic", "rent_trend",
         "compared", "capex", "capex_trend", "life_months", "residual", "opex_rate", "power_hour", "site_hour",
         "staff_month", "setup", "exit_share", "debt_share", "debt_rate", "wacc", "irr_least", "irr_most",
         "tolerance", "route_count")  # fmt: skip


def present(rate: Any, flows: Cell) -> Cell:
    """The present value of monthly flows a month before the first, at a yearly rate."""
    months = np.arange(1, 1 + flows.value.size)
    worth = np.sum(flows.value.ravel() * (1 + np.asarray(rate.value)[..., None]) ** (-months / 12), axis=-1)
    return Cell(f"NPV((1+{rate.text})^(1/12)-1,{flows.text})", worth, many=False)


def write_buy(book: Kernel) -> None:
    """Every line is a row of months; month 0 is the order before the first."""
    page = book.page("Buy", "60 months of chips of one's own against rented ones, in dollars.", MONTHS + 1, 13)
    page.take(TAKEN)
    page.axis("month", "Month; in –, the start, the first chips are ordered", range(MONTHS + 1))
    page.lay("Months", [
        line("months", "Months looked at", "months", lambda cells: size(cells) - 1, ("all:month",)),
        line("place", "Place of the month", "number", lambda month: month + 1),
        line("year_of", "Year", "number", lambda month: np.ceil(month / 12)),
    ], across="month")  # fmt: skip
    write_fleet(page)
    write_ways(book, page)
    write_cash(page)
    write_books(page)
    write_return(book, page)
    page.axis("year", "Year, 0 before the start", range(YEARS + 1))
    page.lay("Profit and loss by year", [
        line(f"{key}_year", book.lines[key].label, "$", total_of, ("all:year_of", "year", f"all:{key}"))
        for key in IN_YEARS
    ], across="year")  # fmt: skip
    expect_agreement(book)


def write_fleet(page: Page) -> None:
    """How many chips the tokens need, and when they are bought, renewed and sold."""
    page.lay("Chips", [
        line("moved", "Share of the traffic that has moved to them", "%", lambda month, ramp:
             np.minimum(1, month / ramp)),
        line("served", "Tokens", "million tokens", lambda month_tokens, moved, growth, month:
             month_tokens * moved * (1 + growth) ** (month - 1)),
        line("busy", "Chips at the planned utilization", "chips", lambda served, hours_mtok, hours:
             served * hours_mtok / hours, style="tenths"),
        line("need", "in whole replicas", "chips", lambda busy, chips: np.ceil(busy / chips) * chips),
        line("next_need", "needed in the month after", "chips", lambda month, months, cells, place:
             np.where(month < months, index(cells, np.minimum(place + 1, months + 1)), 0),
             ("month", "months", "all:need", "place")),
        line("fleet_next", "Own chips, ordered so far and not renewed", "chips", highest_so_far, ("next_need",)),
        line("fleet", "Own chips in service", "chips", lambda cells, place: before(cells, 1, place),
             ("all:fleet_next", "place")),
        line("added", "Ordered for growth", "chips", lambda fleet_next, fleet: fleet_next - fleet),
        line("renewed", "Ordered for those whose life ends", "chips", lambda month, months, cells, life, place:
             np.where(month < months, before(cells, life, place), 0),
             ("month", "months", "all:added", "life_months", "place")),
        line("ordered", "Ordered", "chips", lambda added, renewed: added + renewed),
        line("ordered_so_far", "so far", "chips", total_so_far, ("ordered",)),
        line("arrived", "Arrived", "chips", lambda cells, place: before(cells, 1, place),
             ("all:ordered_so_far", "place")),
        line("gone", "Sold at the end of their life", "chips", lambda cells, place, life:
             before(cells, life + 1, place),
             ("all:ordered_so_far", "place", "life_months")),
        line("serving", "Chips in service, counted by orders", "chips", lambda arrived, gone: arrived - gone),
        line("enough", "1 if they carry the need", "0 or 1", lambda serving, need: np.where(serving >= need, 1, 0)),
        line("spent", "Spent on chips", "$", lambda ordered, capex, capex_trend, month:
             ordered * capex * (1 + capex_trend) ** (month / 12)),
        line("spent_so_far", "so far", "$", total_so_far, ("spent",)),
        line("spent_before", "before this month", "$", lambda cells, place: before(cells, 1, place),
             ("all:spent_so_far", "place")),
        line("spent_retired", "of it on chips whose life has ended", "$", before,
             ("all:spent_so_far", "life_months", "place")),
        line("spent_old", "of it on those whose life had ended a month ago", "$", lambda cells, life, place:
             before(cells, life + 1, place), ("all:spent_so_far", "life_months", "place")),
        line("in_use", "Cost of the chips in service", "$", lambda spent_before, spent_old: spent_before - spent_old),
    ], across="month")  # fmt: skip


def write_ways(book: Kernel, page: Page) -> None:
    """What the tokens cost by each way to have chips."""
    page.lay("Rented", [
        line("on_demand_use", "Chips on demand over those that stand by", "ratio", lambda utilization, elastic:
             utilization / elastic),
        line("level", "Rent over today's when its contract began", "ratio", lambda rent_trend, month, route_term:
             (1 + rent_trend) ** ((np.ceil(month / route_term) - 1) * route_term / 12)),
        line("rented", "Chips that are rented", "chips", lambda route_whole, need, busy, on_demand_use:
             np.where(route_whole > 0, need, busy * on_demand_use), style="tenths"),
        line("bill", "Rent", "$", lambda rented, hours, route_rent, level: rented * hours * route_rent * level),
    ], across="month", down="route")  # fmt: skip
    page.lay("Own", [
        line("electricity", "Electricity", "$", lambda fleet, hours, power_hour: fleet * hours * power_hour),
        line("upkeep", "Operation", "$", lambda in_use, opex_rate: in_use * opex_rate / 12),
        line("site", "Site", "$", lambda fleet, hours, site_hour: fleet * hours * site_hour),
        line("staff", "Staff", "$", lambda moved, staff_month: np.where(moved > 0, staff_month, 0)),
        line("running", "Running costs", "$", lambda electricity, upkeep, site, staff:
             electricity + upkeep + site + staff, style="dollars bold"),
        line("setup_paid", "Setting up", "$", lambda moved, setup: np.where(moved > 0, 0, setup)),
        line("sold", "Sale of chips whose life has ended", "$", lambda residual, spent_retired, spent_old:
             residual * (spent_retired - spent_old)),
        line("depreciation", "Depreciation", "$", lambda in_use, residual, life_months:
             in_use * (1 - residual) / life_months),
        line("depreciated", "so far", "$", total_so_far, ("depreciation",)),
        line("book_value", "Book value of the chips", "$", lambda spent_so_far, depreciated, residual, spent_retired:
             spent_so_far - depreciated - residual * spent_retired, style="dollars bold"),
        line("left", "Book value at the end of what is ordered now", "$",
             lambda spent, months, month, life_months, residual:
             np.where(months - month < life_months, spent * (1 - (1 - residual) * (months - month) / life_months), 0)),
        line("exit", "Sale of all chips at the end", "$", lambda month, months, book_value, exit_share:
             np.where(month < months, 0, book_value * exit_share)),
        line("own_paid", "Paid, net of sales", "$", lambda spent, running, setup_paid, sold, exit:
             spent + running + setup_paid - sold - exit, style="dollars bold"),
    ], across="month")  # fmt: skip
    page.lay("Paid for chips by each way", [
        line("way_paid", "Paid by each way", "$", lambda number, count, own, bills, place:
             np.where(number > count, own, index(bills, np.minimum(number, count), place)),
             ("way_number", "route_count", "own_paid", "all:bill", "place")),
    ], across="month", down="way")  # fmt: skip
    names = [*book.blocks["way"].values.ravel()]
    for place in range(len(names)):
        book.blocks[f"paid_{place}"] = book.blocks["way_paid"].take(slice(place, place + 1))
    page.lay("Paid for chips so far", [
        line(f"total_{place}", name, "$", total_so_far, (f"paid_{place}",)) for place, name in enumerate(names)
    ], across="month")  # fmt: skip


def write_cash(page: Page) -> None:
    """What buying brings over renting, before and after debt."""
    page.lay("Cash of buying instead of renting", [
        line("avoided", "Rent that is not paid", "$", entry_down, ("bill", "compared")),
        line("flow", "Cash", "$", lambda avoided, own_paid: avoided - own_paid, style="dollars bold"),
        line("cash", "Cumulative cash", "$", total_so_far, ("flow",)),
        line("even", "Month, where it is not negative", "month", month_if, ("cash", "month"), "right whole"),
        line("present_factor", "Present value of a dollar", "ratio", lambda wacc, month: (1 + wacc) ** (-month / 12)),
        line("present", "Present value", "$", lambda flow, present_factor: flow * present_factor),
        line("drawn", "Debt that is drawn", "$", lambda spent, debt_share: spent * debt_share),
        line("repaid", "Debt that is repaid, evenly over the chips' life", "$", lambda in_use, debt_share, life_months:
             in_use * debt_share / life_months),
        line("net_drawn", "Drawn less repaid", "$", lambda drawn, repaid: drawn - repaid),
        line("owed", "Debt", "$", total_so_far, ("net_drawn",)),
        line("owed_before", "Debt a month ago", "$", lambda cells, place: before(cells, 1, place),
             ("all:owed", "place")),
        line("interest", "Interest", "$", lambda owed_before, debt_rate: owed_before * debt_rate / 12),
        line("settled", "Debt that the sale at the end settles", "$", lambda month, months, owed:
             np.where(month < months, 0, owed)),
        line("owners", "Cash of the owners", "$", lambda flow, net_drawn, interest, settled:
             flow + net_drawn - interest - settled, style="dollars bold"),
        line("owners_cash", "Cumulative cash of the owners", "$", total_so_far, ("owners",)),
    ], across="month")  # fmt: skip


def write_books(page: Page) -> None:
    """Profit and loss and the balance sheet, before the sale at the end."""
    page.lay("Books", [
        line("earned", "Profit of buying over renting", "$",
             lambda avoided, running, depreciation, setup_paid, interest:
             avoided - running - depreciation - setup_paid - interest, style="dollars bold"),
        line("kept", "Profit so far", "$", total_so_far, ("earned",)),
        line("till", "Cash before the sale at the end", "$", lambda owners_cash, exit, settled:
             owners_cash - exit + settled),
        line("assets", "Assets: chips and cash", "$", lambda book_value, till: book_value + till, style="dollars bold"),
        line("claims", "Claims: debt and profit so far", "$", lambda owed, kept: owed + kept, style="dollars bold"),
        line("balanced", "1 if both are the same", "0 or 1", lambda assets, claims, tolerance, spent_so_far:
             np.where(abs(assets - claims) <= tolerance * spent_so_far, 1, 0)),
    ], across="month")  # fmt: skip
    first = lift(1)
    page.lay("Sources and uses of the first order", [
        line("use_chips", "Use: chips", "$", lambda cells: index(cells, first), ("all:spent",)),
        line("use_setup", "Use: setting up", "$", lambda cells: index(cells, first), ("all:setup_paid",)),
        line("uses", "Uses", "$", lambda use_chips, use_setup: use_chips + use_setup),
        line("source_debt", "Source: debt", "$", lambda cells: index(cells, first), ("all:drawn",)),
        line("source_owners", "Source: the owners", "$", lambda cells: -index(cells, first), ("all:owners",)),
        line("sources", "Sources", "$", lambda source_debt, source_owners: source_debt + source_owners),
    ])  # fmt: skip


def write_return(book: Kernel, page: Page) -> None:
    """What buying is worth. The rate of return is found by cutting a range of rates where the present value turns."""
    page.axis("irr_step", "Steps of a range of rates", range(STEPS + 1))
    rounds = range(1, ROUNDS + 1)
    page.lay("Rate of return: where the present value turns, round by round", [
        line("last_step", "Steps", "number", lambda cells: size(cells) - 1, ("all:irr_step",)),
        line("from_1", "Rates from, round 1", "%", link, ("irr_least",)),
        line("width_1", "in steps of", "ratio", lambda irr_most, irr_least, last_step:
             (irr_most - irr_least) / last_step, style="scientific"),
        *(each for number in rounds for each in (
            line(f"sign_{number}", f"1 where the present value is above 0, round {number}", "0 or 1",
                 lambda start, width, step, flows: np.where(present(start + width * step, flows) > 0, 1, 0),
                 (f"from_{number}", f"width_{number}", "irr_step", "all:flow")),
            line(f"from_{number + 1}", f"Rates from, round {number + 1}", "%", lambda start, width, signs:
                 start + width * np.maximum(0, place_of(lift(0), signs) - 2),
                 (f"from_{number}", f"width_{number}", f"all:sign_{number}")),
            line(f"width_{number + 1}", "in steps of", "ratio", lambda width, last_step: width / last_step,
                 (f"width_{number}", "last_step"), "scientific"),
        )),
        line("turns", "1 if it turns in the range", "0 or 1", lambda signs, steps:
             np.where(index(signs, lift(1)) > index(signs, steps + 1), 1, 0), ("all:sign_1", "last_step")),
    ], across="irr_step")  # fmt: skip
    page.lay("What buying is worth", [
        line("npv", "Net present value", "$", total_across, ("present",)),
        line("irr_found", "Rate at which that is 0", "%", link, (f"from_{ROUNDS + 1}",)),
        line("irr", "Rate of return a year", "%", lambda turns, irr_found: np.where(turns > 0, irr_found, "–"),
             style="percent right"),
        line("payback", "Month in which cash turns, 0 if none does", "month", least_across, ("even",)),
        line("most_cash", "Most cash needed", "$", least_across, ("cash",)),
        line("most_owners", "Most cash of the owners needed", "$", least_across, ("owners_cash",)),
        line("all_spent", "Spent on chips", "$", lambda cells, months: index(cells, months + 1),
             ("all:spent_so_far", "months")),
        line("all_written_off", "Written off", "$", lambda cells, months: index(cells, months + 1),
             ("all:depreciated", "months")),
        line("all_sold", "Sold at the end of their life", "$", total_across, ("sold",)),
        line("all_left", "Book value at the end", "$", total_across, ("left",)),
        line("all_accounted", "Written off, sold or left", "$", lambda all_written_off, all_sold, all_left:
             all_written_off + all_sold + all_left),
        line("is_zero", "1 if the present value is 0 at the rate of return", "0 or 1",
             lambda flows, rate, tolerance, spent:
             np.where(abs(present(rate, flows)) <= tolerance * spent, 1, 0),
             ("all:flow", "irr_found", "tolerance", "all_spent")),
        line("exit_value", "Sale of all chips at the end", "$", total_across, ("exit",)),
    ])  # fmt: skip


def expect_agreement(book: Kernel) -> None:
    """What has to hold of the months."""
    blocks = book.blocks
    spent, accounted, uses, sources, is_zero, turns, tolerance, use = (blocks[key].cell for key in (
        "all_spent", "all_accounted", "uses", "sources", "is_zero", "turns", "tolerance", "utilization"))  # fmt: skip
    book.expect("Buy: own chips carry the traffic of every month", all_ones(blocks["enough"]))
    book.expect("Buy: sources are uses", abs(sources - uses) <= tolerance * uses)
    book.expect("Buy: what was spent is written off, sold or left", abs(spent - accounted) <= tolerance * spent)
    book.expect("Buy: assets are claims in every month", all_ones(blocks["balanced"]))
    book.expect("Buy: at the rate of return the net present value is 0", (turns < 1) | (is_zero == 1))
    book.expect("Cost: chips are used no more than Inputs believes", use <= blocks["most_utilization"].cell)
    book.alert("Buy: there is a rate of return in the range that Inputs gives", turns > 0)
