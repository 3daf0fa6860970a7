"""The sheet Routes: what an hour of a chip, and a million tokens, cost rented on three terms and on own chips."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import tokensheet as ts
from tokensheet.rents import BASES

from tokensheet_templates.checks import all_ones
from tokensheet_templates.declared import Own, line
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.page import Page
from tokensheet_templates.plumbing import (
    count_ones,
    index,
    least_down,
    link,
    own_or,
    place_of,
    size,
    total,
    total_so_far,
)
from tokensheet_templates.unit_costs import END_WORDS

ROUTES = {"on demand": 1, "1 year": 12, "3 years": 36}  # months of a contract
WAYS = ("Rented on demand", "Rented for a year", "Rented for three years", "Own chips")
PARTS = {"write_off": "Write-off", "interest_hour": "Cost of capital", "power_hour": "Electricity",
         "upkeep_hour": "Operation", "site_hour": "Site", "staff_hour": "Staff"}  # fmt: skip


def request(input_tokens: Any, cached_tokens: Any, prefill: Any, cached: Any, output_tokens: Any, output: Any) -> Any:
    return (input_tokens - cached_tokens) * prefill + cached_tokens * cached + output_tokens * output


def annuity(wacc: Any, capex: Any, residual: Any, compound: Any, years: Any) -> Any:
    """What CHIP_HOUR_COST counts a year for a chip's price, `compound` being (1 + wacc) to the years."""
    return np.where(wacc > 0, capex * wacc * (compound - residual) / (compound - 1), capex * (1 - residual) / years)


def write_routes(book: Kernel) -> None:
    page = book.page("Routes", "What an hour of a chip, and a million tokens, cost by each way to have chips.", 10, 13)
    write_hours(page)
    write_rents(book, page)
    write_own_hour(book, page)
    write_ways(book, page)
    write_bridge(book, page)


def write_hours(page: Page) -> None:
    """How long a million tokens keep a chip, its idle time in it."""
    asked = {
        end: (f"standard_{end}input_cost", "cached_cost", "output_tokens", f"standard_{end}output_cost")
        for end in END_WORDS
    }
    page.take(dict.fromkeys(("input_tokens", "cached_tokens", *(key for keys in asked.values() for key in keys),
                             "chips", "machine", "hold", "month_tokens", "elastic", "utilization")))  # fmt: skip
    page.lay("Chips that tokens keep busy", [
        line("request_tokens", "Tokens of a request", "tokens", lambda input_tokens, output_tokens:
             input_tokens + output_tokens),
        line("hold_mtok", "Holding the cache, of a million tokens", "$/Mtok",
             lambda cached_tokens, hold, request_tokens:
             cached_tokens * hold / request_tokens * 1e6),
        *(line(f"{end}request", f"A request at the rent that Catalogue counts{words}", "$", request,
               ("input_tokens", "cached_tokens", *asked[end]), "scientific") for end, words in END_WORDS.items()),
        *(line(f"{end}hours_mtok", f"Chip-hours of a million tokens{words}", "hours",
               lambda request, tokens, chips, machine:
               np.where(machine > 0, request / tokens * 1e6 * chips / machine, 0),
               (f"{end}request", "request_tokens", "chips", "machine"), "ratio") for end, words in END_WORDS.items()),
        line("busy_hours", "Chip-hours of a million tokens if chips never idled", "hours",
             lambda hours_mtok, utilization:
             hours_mtok * utilization, style="ratio"),
    ])  # fmt: skip


def write_rents(book: Kernel, page: Page) -> None:
    """The rents of the catalogue, one's own where typed in, and the mean of the others where there is none."""
    page.take(("price_basis", "usd_per_hour", "chip_row", "rent_level"))
    numbers: dict[str, Sequence[float]] = {
        "route_basis": [1 + BASES.index(route) for route in ROUTES],
        "route_term": [*ROUTES.values()],
        "route_whole": [float(months > 1) for months in ROUTES.values()],
    }
    page.name_rows("route", "Rents: row on Catalogue, months, 1 if chips stand by", numbers, names=[*ROUTES])
    page.lay("Rents", [
        line("route_listed", "Listed", "$/hour", index, ("all:catalogue rents", "route_basis", "chip_row")),
        line("route_counted", "or own on Catalogue", "$/hour", lambda route, basis, rent, listed:
             np.where(route == basis, rent, listed), ("route", "price_basis", "usd_per_hour", "route_listed")),
        Own("route_own", "Own rent", "$/hour", "route_counted", 0, 1000),
        line("route_known", "Known", "$/hour", own_or, ("route_own", "route_counted")),
        line("is_known", "1 if it is known", "0 or 1", lambda route_known: np.where(route_known > 0, 1, 0)),
    ], down="route")  # fmt: skip
    page.lay("Where a rent is not known", [
        line("known_count", "Rents that are known", "number", count_ones, ("all:is_known",)),
        line("mean_rent", "Their mean, which stands in", "$/hour", lambda known, count:
             total(known) / np.maximum(1, count),
             ("all:route_known", "known_count")),
    ])  # fmt: skip
    page.lay("Rents that count", [
        line("route_rent", "Rent", "$/hour", lambda route_known, mean_rent, rent_level:
             np.where(route_known > 0, route_known, mean_rent) * rent_level, style="rent bold"),
    ], down="route")  # fmt: skip
    page.lay("The rent that buying is compared with", [
        line("compared", "Row of the rent", "number", place_of, ("price_basis", "all:route")),
        line("rent_seen", "Rent", "$/hour", index, ("all:route_rent", "compared")),
        line("use_seen", "Utilization of what is rented so", "%", lambda whole, compared, utilization, elastic:
             np.where(index(whole, compared) > 0, utilization, elastic),
             ("all:route_whole", "compared", "utilization", "elastic")),
    ])  # fmt: skip
    book.expect("Routes: at least one rent is known", book.blocks["known_count"].cell > 0)
    book.alert("Routes: each rent is known, none is the mean of the others", all_ones(book.blocks["is_known"]))


def write_own_hour(book: Kernel, page: Page) -> None:
    """CHIP_HOUR_COST by its parts, with site and staff."""
    page.take(("capex", "life", "residual", "wacc", "power_w", "pue", "usd_per_kwh", "opex_rate", "colo", "hours",
               "staff_own", "staff_cost"))  # fmt: skip
    page.lay("An hour of one's own chip", [
        line("life_months", "Life", "months", lambda life: np.ceil(life * 12)),
        line("life_years", "Life", "years", lambda life_months: life_months / 12, style="cents"),
        line("compound", "Compound interest over it", "ratio", lambda wacc, life_years: (1 + wacc) ** life_years),
        line("capital_year", "Capital and interest a year", "$", annuity,
             ("wacc", "capex", "residual", "compound", "life_years")),
        line("staff_month", "Staff a month", "$", lambda staff_own, staff_cost: staff_own * staff_cost / 12),
        line("hours_seen", "Chip-hours of the first month's tokens", "hours", lambda month_tokens, hours_mtok:
             month_tokens * hours_mtok, style="whole"),
    ])  # fmt: skip
    page.lay("its parts", [
        line("write_off", PARTS["write_off"], "$/hour", lambda capex, residual, life_years:
             capex * (1 - residual) / life_years / 8760),
        line("interest_hour", PARTS["interest_hour"], "$/hour", lambda capital_year, write_off:
             capital_year / 8760 - write_off),
        line("power_hour", PARTS["power_hour"], "$/hour", lambda power_w, pue, usd_per_kwh:
             power_w * pue * usd_per_kwh / 1000),
        line("upkeep_hour", PARTS["upkeep_hour"], "$/hour", lambda capex, opex_rate: capex * opex_rate / 8760),
        line("site_hour", PARTS["site_hour"], "$/hour", lambda power_w, colo, hours: power_w * colo / 1000 / hours),
        line("staff_hour", PARTS["staff_hour"], "$/hour", lambda staff_month, hours_seen:
             np.where(hours_seen > 0, staff_month / hours_seen, 0)),
        line("own_hour", "Own chip", "$/hour", lambda a, b, c, d, e, f: a + b + c + d + e + f, [*PARTS], "rent bold"),
        line("rent_hour", "Rent", "$/hour", link, ("rent_seen",)),
    ])  # fmt: skip
    book.stack("hour_parts", [*PARTS, "own_hour", "rent_hour"])
    page.axis("owned_row", "Row of owned chips on Catalogue", [1 + BASES.index("owned")])
    page.take(("owned_gap",))
    page.lay("Own and rented", [
        line("chip_hour", "The chip alone: CHIP_HOUR_COST", "$/hour", lambda a, b, c, d: a + b + c + d, [*PARTS][:4]),
        line("owned_listed", "Owned, as Catalogue has it, 0 if it is not known", "$/hour", lambda rents, row, chip_row:
             index(rents, row, chip_row), ("all:catalogue rents", "owned_row", "chip_row")),
        line("is_usual", "1 if chip and site cost about that", "0 or 1",
             lambda chip_hour, site_hour, owned_listed, owned_gap:
             np.where(abs(chip_hour + site_hour - owned_listed) <= owned_gap * owned_listed, 1, 0)),
        line("break_even", "Share of the hours from which buying is cheaper", "%", ts.breakeven_utilization,
             ("rent_seen", "own_hour")),
        line("saving_month", "Saved by buying, of the first month's tokens", "$",
             lambda month_tokens, rent_seen, busy_hours, use_seen, own_hour, hours_mtok:
             month_tokens * (rent_seen * busy_hours / use_seen - own_hour * hours_mtok)),
    ])  # fmt: skip
    owned, usual = (book.blocks[key].cell for key in ("owned_listed", "is_usual"))
    book.alert("Routes: chip and site cost about what Catalogue has as owned", (owned == 0) | (usual == 1))


def write_ways(book: Kernel, page: Page) -> None:
    """Rented and own side by side."""
    ways = range(1, len(WAYS) + 1)
    page.name_rows("way", "Ways to have chips", {"way_number": ways}, names=WAYS)
    page.lay("What they cost", [
        line("route_count", "Ways to rent", "number", size, ("all:route",)),
        line("way_hour", "A chip, an hour", "$/hour", lambda number, count, own, rents:
             np.where(number > count, own, index(rents, np.minimum(number, count))),
             ("way_number", "route_count", "own_hour", "all:route_rent")),
        line("way_use", "Utilization", "%", lambda number, count, whole, utilization, elastic:
             np.where(index(whole, np.minimum(number, count)) > 0, utilization, elastic),
             ("way_number", "route_count", "all:route_whole", "utilization", "elastic")),
        *(line(f"{end}way_mtok", f"Estimate{words}" if not end else words.strip(", ").capitalize(), "$/Mtok",
               lambda hour, hours, utilization, use, hold: hour * hours * utilization / use + hold,
               ("way_hour", f"{end}hours_mtok", "utilization", "way_use", "hold_mtok"))
               for end, words in END_WORDS.items()),
        line("way_full", "if chips never idled", "$/Mtok", lambda way_hour, busy_hours, hold_mtok:
             way_hour * busy_hours + hold_mtok),
    ], down="way")  # fmt: skip
    page.lay("The cheapest", [
        line("least_mtok", "Least of a million tokens", "$/Mtok", least_down, ("way_mtok",)),
        line("cheapest", "Cheapest way, by today's rents", "text", lambda names, least, costs:
             index(names, place_of(least, costs)),
             ("all:way", "least_mtok", "all:way_mtok"), "right shrink"),
    ])  # fmt: skip


def write_bridge(book: Kernel, page: Page) -> None:
    names = [*PARTS.values(), "Own chip", "Rent"]
    numbers = {"part_number": range(1, len(names) + 1), "part_whole": [0.0] * len(PARTS) + [1.0, 1.0]}
    page.name_rows("part", "Bridge: what an hour of one's own chip is made of", numbers, names=names)
    page.lay("Bridge", [
        line("bridge_part", "Part", "$/hour", index, ("all:hour_parts", "part_number")),
        line("bridge_top", "so far", "$/hour", total_so_far, ("bridge_part",)),
        line("bridge_base", "begins at", "$/hour", lambda part_whole, bridge_top, bridge_part:
             np.where(part_whole > 0, 0, bridge_top - bridge_part)),
    ], down="part")  # fmt: skip
