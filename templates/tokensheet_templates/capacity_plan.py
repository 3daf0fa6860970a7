"""The template capacity-plan: the chips that a traffic needs hour by hour, on which contracts, and what they cost."""

from __future__ import annotations

from datetime import date

from tokensheet_templates import estimate
from tokensheet_templates.capacity_board import write_capacity_board
from tokensheet_templates.capacity_moves import write_capacity_moves
from tokensheet_templates.chip_money import write_money
from tokensheet_templates.contracts import write_contracts
from tokensheet_templates.declared import number, numbers, picks, serial
from tokensheet_templates.hourly_load import CHIP, CONTRACTS, DAY, HOURS, LONG, TIERS, write_load
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.ledger import age
from tokensheet_templates.template import template
from tokensheet_templates.unit_costs import GIVEN, SERVED, write_cost

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
