"""The sheet Load of capacity-plan: how long a replica is busy with a million tokens, and how a day goes."""

from __future__ import annotations

import numpy as np
from tokensheet.cell import lift
from tokensheet.rents import rents

from tokensheet_templates.declared import line
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.page import Page
from tokensheet_templates.plumbing import index, largest, least_down, size, weighted_down
from tokensheet_templates.unit_costs import END_WORDS, request_cost

TIERS = {"standard": "tpot", "batch": "batch_tpot"}
CHIP = "B200 SXM"
LONG, SHORT = (rents()[CHIP][basis] for basis in ("3 years", "on demand"))
CONTRACTS = {
    "3 years": LONG["usd_per_hour"],
    "1 year": round(float(LONG["usd_per_hour"] * SHORT["usd_per_hour"]) ** 0.5, 2),
    "on demand": SHORT["usd_per_hour"],
}
DAY = (2.2, 1.8, 1.5, 1.4, 1.4, 1.7, 2.4, 3.6, 5, 5.9, 6.3, 6.4, 6, 6.1, 6.4, 6.4, 6.1, 5.6, 5, 4.5, 4.1, 3.9, 3.4, 2.9)
HOURS = [f"{hour} h" for hour in range(len(DAY))]


def write_load(book: Kernel) -> None:
    """How long a replica is busy with a million tokens, by model and tier, with low and high end; and the day."""
    page = book.page("Load", "How long a replica is busy with a million tokens, and how a day goes.")
    page.take(
        ("input_tokens", "cached_tokens", "output_tokens", "utilization", "waits", "hour_peak", "day_peak", "spare")
    )
    page.lay("A request", [
        line("request_tokens", "Tokens of a request", "tokens", lambda input_tokens, output_tokens:
             input_tokens + output_tokens),
    ])  # fmt: skip
    pairs = range(1, book.blocks["pair"].values.size + 1)
    page.name_rows("service", "Model on chip", {"service_number": pairs},
                   line("service", "", "", index, ("all:pair", "service_number")))  # fmt: skip
    page.lay("Of each model", [
        line("service_rent", "Rent of a replica", "$/hour", index, ("all:machine", "service_number")),
        line("service_read", "Cost of a cached token", "$/token", index, ("all:cached_cost", "service_number")),
        *(line(f"{tier}_batches", f"Batch, {tier}", "sequences", index, (f"all:{tier}_batch", "service_number"))
               for tier in TIERS),
    ], down="service")  # fmt: skip
    for end, words in END_WORDS.items():
        write_ends(book, page, end, words)
    write_day(book, page)
    for shares, words in (("model_share", "models"), ("tier_share", "tiers"), ("day_share", "hours of a day")):
        book.expect_whole(f"Inputs: the shares of the {words} add up to 100 %", shares)


def write_ends(book: Kernel, page: Page, end: str, words: str) -> None:
    """An end of the estimate, or the estimate itself."""
    page.lay(f"A million tokens{words}", [
        *(line(f"{tier}_{end}{kind}", f"An {kind} token, {tier}", "$/token", index,
               (f"all:{tier}_{end}{kind}_cost", "service_number"))
          for tier in TIERS for kind in ("input", "output")),
        *(line(f"{tier}_{end}request", f"A request, {tier}", "$", request_cost,
               ("input_tokens", "cached_tokens", f"{tier}_{end}input",
               "service_read", "output_tokens", f"{tier}_{end}output"), "scientific") for tier in TIERS),
        *(line(f"{tier}_{end}hours", f"Replica-hours, {tier}", "h/Mtok", lambda cost, utilization, rent, tokens:
               cost * utilization / rent / tokens * 1e6,
               (f"{tier}_{end}request", "utilization", "service_rent", "request_tokens"))
          for tier in TIERS),
        *(line(f"mix_{tier}_{end}hours", f"Replica-hours, {tier}, all models", "h/Mtok", weighted_down,
               ("model_share", f"{tier}_{end}hours")) for tier in TIERS),
    ], down="service")  # fmt: skip


def write_day(book: Kernel, page: Page) -> None:
    """The hours of a day, what follows them, and for how many of them a reservation pays."""
    for place, tier in enumerate(TIERS):
        book.blocks[f"{tier}_share"] = book.blocks["tier_share"].take(slice(place, place + 1))
    for place, contract in enumerate(CONTRACTS):
        book.blocks[f"price {contract}"] = book.blocks["contract_price"].take(slice(place, place + 1))
    page.lay("What follows the day and what can wait", [
        line("service_follow", "Replica-hours that follow the day", "h/Mtok", lambda standard, one, batch, waits, other:
             standard * one + batch * (1 - waits) * other,
             ("standard_share", "standard_hours", "batch_share", "waits", "batch_hours")),
        line("follow_hours", "Replica-hours that follow the day", "h/Mtok", weighted_down,
             ("model_share", "service_follow")),
        line("wait_hours", "Replica-hours that can wait", "h/Mtok", lambda batch, waits, hours: batch * waits * hours,
             ("batch_share", "waits", "mix_batch_hours")),
    ], down="service")  # fmt: skip
    page.name_rows("hour", "Hour of the day", {"hour_number": range(1, len(DAY) + 1)}, names=HOURS)
    page.lay("Hours of the day", [
        line("hour_count", "Hours of a day", "hours", size, ("all:hour",), "whole"),
        line("hour_factor", "Load over the mean", "ratio", lambda day_share, hour_count: day_share * hour_count),
        line("hour_top", "Load of the busiest hour", "ratio", lambda cells: largest(cells, lift(1)),
             ("all:hour_factor",)),
        line("hour_low", "Load of the quietest hour", "ratio", least_down, ("hour_factor",)),
        line("pay_hours", "Hours of use a day from which a year's contract pays", "hours", lambda hours, year, demand:
             np.minimum(hours, hours * year / demand), ("hour_count", "price 1 year", "price on demand"), "tenths"),
        line("pay_rank", "in whole hours", "hours", lambda pay_hours: np.ceil(pay_hours), style="whole"),
        line("hour_shoulder", "Load that lasts that long", "ratio", largest, ("all:hour_factor", "pay_rank")),
        line("peak_factor", "Peak over the mean, with spares", "ratio", lambda hour_top, hour_peak, day_peak, spare:
             hour_top * hour_peak * day_peak * (1 + spare)),
        line("hour_spare", "Busiest minute, with spares", "ratio", lambda hour_peak, spare: hour_peak * (1 + spare)),
    ], down="hour")  # fmt: skip
