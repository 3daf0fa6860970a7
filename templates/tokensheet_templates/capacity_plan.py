"""The template capacity-plan: the chips that a traffic needs hour by hour, on which contracts, and what they cost."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
from tokensheet.cell import lift
from tokensheet.rents import rents

from tokensheet_templates import estimate
from tokensheet_templates.capacity_board import write_capacity_board
from tokensheet_templates.capacity_moves import write_capacity_moves
from tokensheet_templates.chip_money import write_money
from tokensheet_templates.contracts import write_contracts
from tokensheet_templates.declared import line, number, numbers, picks, serial
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.ledger import age
from tokensheet_templates.page import Page
from tokensheet_templates.plumbing import index, largest, least_down, size, weighted_down
from tokensheet_templates.template import template
from tokensheet_templates.unit_costs import END_WORDS, GIVEN, SERVED, write_cost

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

INPUTS = {
    "Service": [
        picks("models", "Model", ["DeepSeek-V3.2", "gpt-oss-120b"], "model"),
        picks("chip_picks", "Chip", [CHIP], "chip"),
        numbers("model_share", "Share of the tokens, model", "%", {"1": 0.6, "2": 0.4}, 0, 1),
        number("chips", "Chips of a replica", "chips", 8, 1, 72),
        *estimate.terms(),
        number("input_tokens", "Prompt", "tokens", 3000, 1, 1e6),
        number("cached_share", "Cached share of the prompt", "%", 0.5, 0, 0.95),
        number("output_tokens", "Answer", "tokens", 400, 1, 1e5),
        number("most_batch", "Largest batch that an engine runs", "sequences", 256, 1, 4096, source="vLLM's default"),
        number("tpot", "Most time per output token, standard", "ms", 50, 1, 1000),
        number("batch_tpot", "Most time per output token, batch", "ms", 1000, 1, 1e5),
        number("cache_seconds", "Time that a cached token is held", "s", 300, 0, 1e6, style="whole"),
        number("cache_price", "Memory that holds it", "$/GB-hour", 0.004, 0, 10),
        number("cache_bandwidth_store", "Bandwidth of that memory", "bytes/s", 50e9, 1e9, 1e13, style="network"),
        number("planned_utilization", "Utilization that the price book assumes", "%", 0.5, 0.05, 0.95),
        number("peak_to_mean", "Peak over mean that it assumes", "ratio", 2, 1, 10),
    ],
    "Demand": [
        number("month_tokens", "Tokens of the first month", "G tokens", (8000, 10000, 12000), 0.001, 1e6),
        number("growth", "Growth a month", "%", (0.02, 0.05, 0.08), -0.2, 0.5),
        numbers("tier_share", "Share of the tokens,", "%", {"standard": 0.75, "batch": 0.25}, 0, 1),
        number("waits", "Batch tokens that can wait for quiet hours", "%", (0.6, 0.8, 1), 0, 1),
        numbers("day_share", "Share of a day's tokens, from", "%",
                {hour: share / 100 for hour, share in zip(HOURS, DAY, strict=True)}, 0, 1),
        number("hour_peak", "Busiest minute over its hour", "ratio", (1.25, 1.15, 1.1), 1, 5),
        number("day_peak", "Busiest day over the mean day", "ratio", (1.3, 1.2, 1.1), 1, 5),
        number("spare", "Spare replicas, for failures", "%", (0.15, 0.1, 0.05), 0, 1),
        number("hours", "Hours of a month", "hours", 730, 672, 744),
        number("month_seen", "Month that Board looks at", "month", 12, 1, 36),
    ],
    "Contracts": [
        numbers("contract_price", "Price of a chip,", "$/hour", CONTRACTS, 0.01, 500,
                source=f"rents of {CHIP} in the catalogue", note="1 year: the geometric mean of the others"),
        number("contract_day", "Day of these prices", "day", serial(date.fromisoformat(LONG["date"])), 40000, 80000,
               source="the catalogue"),
        number("demand_most", "Most chips that can be had on demand", "chips", 12000, 0, 1e6),
        number("long_ahead", "Month whose need is had for 3 years", "month", 4, 1, 36),
        number("reserve_ahead", "Month of each year whose need is had for 1 year", "month", 6, 1, 12),
        number("start_own", "Chips owned at the start", "chips", 256, 0, 1e6),
        number("lead", "Time from an order to the chips", "months", 4, 0, 24),
        number("gap_most", "Most that the utilization may be below the price book's", "%", 0.1, 0, 0.9),
    ],
    "Own chips": [
        number("capex", "Price of a chip, with server, network and building", "$", (60e3, 50e3, 45e3), 1, 1e6),
        number("deposit", "Paid with the order", "%", 0.3, 0, 1),
        number("own_years", "Time over which it is written off", "years", (4, 5, 6), 1, 15),
        number("residual", "Left at the end", "%", (0.05, 0.1, 0.15), 0, 0.9),
        number("wacc", "Cost of capital a year", "%", 0.12, 0.001, 0.5),
        number("power", "Power of a chip with its share of the server", "kW", 1.5, 0.01, 20),
        number("building", "Power of the building over that of its servers (PUE)", "ratio", (1.35, 1.25, 1.15), 1, 3),
        number("electricity", "Electricity", "$/kWh", (0.1, 0.08, 0.06), 0, 1),
        number("upkeep", "Other cost a year, of the price", "%", 0.05, 0, 0.5),
        number("site", "Power that the site can have", "MW", 5, 0.001, 1e4),
    ],
    **estimate.estimate(SERVED, *GIVEN, "own_chips"),
}  # fmt: skip
SHEETS = {
    "Cost": "What tokens cost on the chip, every step of it",
    "Load": "Hours of a replica that a million tokens take, and the hours of a day",
    "Contracts": "36 months: chips that are needed, and the contracts that they are had on",
    "Hours": "What each hour of a mean day asks for beyond the contracts, and what they leave idle",
    "Money": "Orders, capital, cash, power, utilization and the cost of a million tokens",
    "Sensitivity": "What moves the chips at the peak most, and hours of use by contracts",
}
HOW = (
    "Set traffic, the shares of a day's hours and contracts on Inputs; type tokens that you know for a month on "
    "Contracts; read Board."
)


@template("capacity-plan", "Chips, contracts and power for a traffic", audience="Whoever buys or reserves chips for "
          "serving: infrastructure, finance, the board.", how=HOW, sheets=SHEETS, inputs=INPUTS)  # fmt: skip
def capacity_plan(book: Kernel) -> None:
    """Chips for 36 months of traffic: hourly load, replicas at the peak, contracts laddered, power, capital, cash."""
    book.catalogue()
    old = book.blocks["old"].cell
    book.alert(
        "Inputs: the prices of the contracts are not older than the days on Inputs", age(book, "contract_day") <= old
    )
    write_cost(book, TIERS)
    write_load(book)
    write_contracts(book)
    write_money(book)
    write_capacity_moves(book)
    write_capacity_board(book)


def request(input_tokens: Any, cached_tokens: Any, new: Any, read: Any, output_tokens: Any, output: Any) -> Any:
    return (input_tokens - cached_tokens) * new + cached_tokens * read + output_tokens * output


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
        *(line(f"{tier}_{end}request", f"A request, {tier}", "$", request,
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
