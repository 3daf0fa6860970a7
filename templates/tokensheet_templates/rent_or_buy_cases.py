"""The sheet Sensitivity of rent-or-buy: what moves the saving of a month, and rents by a chip's life."""

from __future__ import annotations

import numpy as np
import tokensheet as ts

from tokensheet_templates.cases import write_cases
from tokensheet_templates.declared import line
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.page import Page
from tokensheet_templates.plumbing import index
from tokensheet_templates.routes import ROUTES, annuity

VARIED = ("planned_utilization", "month_tokens", "rent_level", "capex", "life", "residual", "wacc", "power_w",
          "usd_per_kwh", "opex_rate", "staff_own")  # fmt: skip
HALF = 3  # steps of rents to each side of today's
LIVES = range(3, 9)  # years

MONTH = [
    line("case_years", "Life in whole months", "years", lambda case_life: np.ceil(case_life * 12) / 12, style="cents"),
    line("case_compound", "Compound interest", "ratio", lambda case_wacc, case_years: (1 + case_wacc) ** case_years),
    line("case_capital", "Capital and interest", "$", annuity,
         ("case_wacc", "case_capex", "case_residual", "case_compound", "case_years")),
    line("case_power", "Electricity and site", "$/hour",
         lambda case_power_w, pue, case_usd_per_kwh, colo, hours:
         case_power_w / 1000 * (pue * case_usd_per_kwh + colo / hours)),
    line("case_hour", "Own chip, without staff", "$/hour", lambda case_capital, case_opex_rate, case_capex, case_power:
         (case_capital + case_opex_rate * case_capex) / 8760 + case_power),
    line("case_use", "Utilization of own chips", "%", lambda case_planned_utilization, peak_to_mean:
         np.minimum(case_planned_utilization, 1 / peak_to_mean)),
    line("case_use_seen", "of the rented", "%", lambda use_whole, case_use, elastic:
         np.where(use_whole > 0, case_use, elastic)),
    line("case_rent", "Rent", "$/hour", lambda rent_today, case_rent_level: rent_today * case_rent_level),
    line("case_busy", "Hours if chips never idled", "hours", lambda case_month_tokens, busy_hours, case_cost_end:
         case_month_tokens * busy_hours * case_cost_end, style="whole"),
    line("case_saving", "Saved by buying, a month", "$",
         lambda case_busy, case_rent, case_use_seen, case_hour, case_use, case_staff_own, staff_cost:
         case_busy * (case_rent / case_use_seen - case_hour / case_use) - case_staff_own * staff_cost / 12),
]  # fmt: skip


def write_sensitivity(book: Kernel) -> None:
    page = book.page(
        "Sensitivity", "What moves the saving of the first month's tokens most; chips are not rounded.", 12, 13
    )
    page.take(("hours", "peak_to_mean", "elastic", "pue", "colo", "busy_hours", "staff_cost", "rent_seen",
               "rent_level", "hours_mtok", "low_hours_mtok", "high_hours_mtok", "compared", "tolerance",
               "saving_month"))  # fmt: skip
    page.lay("What the cases rest on", [
        line("rent_today", "Rent of today", "$/hour", lambda rent_seen, rent_level: rent_seen / rent_level),
        line("use_whole", "1 if the rented chips stand by", "0 or 1", index, ("all:route_whole", "compared")),
        *(line(f"over_{level}", f"{words} of the hours over the estimate", "ratio", lambda end, hours:
               np.where(hours > 0, end / hours, 0), (f"{end}hours_mtok", "hours_mtok"))
          for level, words, end in (("low", "Low end", "low_"), ("base", "Estimate", ""), ("high", "High end",
          "high_"))),
    ])  # fmt: skip
    book.stack("cost_end scenarios", [f"over_{level}" for level in ("low", "base", "high")])
    write_cases(book, page, VARIED, {"cost_end": "Chip-hours of a token, their band"}, MONTH, "case_saving")
    write_lives(book, page)
    write_two_ways(page)
    page.lay("The live case and the sheet Routes", [
        line("agrees", "1 if both save the same", "0 or 1", lambda live_outcome, saving_month, tolerance:
             np.where(abs(live_outcome - saving_month) <= tolerance * abs(saving_month), 1, 0)),
    ])  # fmt: skip
    book.expect("Sensitivity: the live case is the saving on Routes", book.blocks["agrees"].cell == 1)


def write_lives(book: Kernel, page: Page) -> None:
    """What an hour costs, and from which use on buying is cheaper, by the life of a chip."""
    page.take(("wacc", "capex", "residual", "opex_rate", "power_hour", "site_hour", "staff_hour", "rent_span"))
    for place in range(len(ROUTES)):
        book.blocks[f"rent_{place}"] = book.blocks["route_rent"].take(slice(place, place + 1))
    page.name_rows("lives", "Life of a chip", {"life_seen": LIVES}, names=[f"{years} years" for years in LIVES])
    page.lay("By the life of a chip", [
        line("life_compound", "Compound interest", "ratio", lambda wacc, life_seen: (1 + wacc) ** life_seen),
        line("life_capital", "Capital and interest a year", "$", annuity,
             ("wacc", "capex", "residual", "life_compound", "life_seen")),
        line("life_hour", "Own chip", "$/hour",
             lambda life_capital, opex_rate, capex, power_hour, site_hour, staff_hour:
             (life_capital + opex_rate * capex) / 8760 + power_hour + site_hour + staff_hour),
        *(line(f"life_even_{place}", f"Break-even, rented {route}", "%", ts.breakeven_utilization,
               (f"rent_{place}", "life_hour"))
          for place, route in enumerate(ROUTES)),
    ], down="lives")  # fmt: skip


def write_two_ways(page: Page) -> None:
    """What buying saves by the rent and by the price of a chip."""
    page.take(("capital_year", "staff_hour", "capex_span"))
    page.lay("An hour by the price of a chip", [
        line("hour_slope", "of each dollar of its price", "$/hour", lambda capital_year, capex, opex_rate:
             (capital_year / capex + opex_rate) / 8760, style="scientific"),
        line("hour_rest", "beside its price", "$/hour", lambda power_hour, site_hour, staff_hour:
             power_hour + site_hour + staff_hour),
    ])  # fmt: skip
    places = range(-HALF, HALF + 1)
    page.name_rows(
        "price_name", "Prices of a chip", {"price_place": places}, names=[f"{place:+} steps" for place in places]
    )
    page.lay("Prices of a chip", [
        line("price_here", "Price", "$", lambda capex, capex_span, price_place: capex * (1 + capex_span * price_place)),
    ], down="price_name")  # fmt: skip
    page.axis("rent_place", "Steps from the rent", range(-HALF, HALF + 1))
    page.lay("Rents", [
        line("rent_here", "Rent", "$/hour", lambda rent_seen, rent_span, rent_place:
             rent_seen * (1 + rent_span * rent_place), style="rent"),
    ], across="rent_place")  # fmt: skip
    page.lay("Saved by buying, of the rent", [
        line("two_way", "Two-way: saved of the rent, chip prices down", "%",
             lambda rent_here, price_here, hour_slope, hour_rest:
             1 - (hour_slope * price_here + hour_rest) / rent_here),
    ], across="rent_here", down="price_here")  # fmt: skip
