"""The template rent-or-buy: rent chips or buy them, and whether to serve at all rather than call an API."""

from __future__ import annotations

from tokensheet_templates import estimate
from tokensheet_templates.api_or_own import write_api
from tokensheet_templates.declared import number, pick
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.ownership import write_buy
from tokensheet_templates.rent_or_buy_board import write_board
from tokensheet_templates.rent_or_buy_cases import write_sensitivity
from tokensheet_templates.routes import ROUTES, write_routes
from tokensheet_templates.template import template
from tokensheet_templates.unit_costs import GIVEN, SERVED, write_cost

INPUTS = {
    "What is served": [
        pick("models", "Model", "DeepSeek-V3.2", "model"),
        pick("chip_picks", "Chip", "B200 SXM", "chip"),
        number("chips", "Chips of a replica", "chips", 8, 1, 72),
        pick("price_basis", "Rent that buying is compared with", "3 years", tuple(ROUTES)),
        *estimate.terms()[:2],
        number("planned_utilization", "Utilization of chips that stand by", "%", (0.35, 0.5, 0.65), 0.05, 0.95),
        number("elastic", "Utilization on demand, which follows the traffic", "%", 0.75, 0.05, 0.95),
        number("most_utilization", "Most utilization that is believed", "%", 0.95, 0.5, 1),
        number("peak_to_mean", "Peak traffic over mean", "ratio", 2, 1, 10),
        number("input_tokens", "Prompt", "tokens", 3000, 1, 1e6),
        number("cached_share", "Cached share of the prompt", "%", 0.5, 0, 0.95),
        number("output_tokens", "Answer", "tokens", 400, 1, 1e5),
        number("tpot", "Most time per output token", "ms", 50, 1, 1000),
        number("most_batch", "Largest batch that an engine runs", "sequences", 256, 1, 4096, source="vLLM's default"),
        number("cache_seconds", "Time that a cached token is held between uses", "s", 300, 0, 1e6),
        number("cache_price", "Memory that holds it", "$/GB-hour", 0.004, 0, 10),
        number("cache_bandwidth_store", "Bandwidth of that memory", "bytes/s", 50e9, 1e9, 1e13),
    ],
    "Traffic and rents": [
        number("month_tokens", "Tokens of the first month", "million tokens", (1e6, 2e6, 3e6), 1, 5e7),
        number("growth", "Growth a month", "%", (0, 0.015, 0.03), -0.1, 0.2),
        number("ramp", "Months until all of it has moved", "months", 6, 1, 60),
        number("rent_level", "Rents over those of today", "ratio", (0.85, 1, 1.15), 0.1, 5),
        number("rent_trend", "Change of rents a year, at new contracts", "%", (-0.25, -0.15, -0.05), -0.5, 0.5),
        number("hours", "Hours of a month", "hours", 730, 672, 744),
    ],
    "Chips of one's own": [
        number("capex", "Chip with its share of server and network", "$", (50e3, 42e3, 37e3), 1e3, 1e6),
        number("capex_trend", "Change of that price a year", "%", -0.1, -0.5, 0.5),
        number("life", "Life of a chip", "years", (3, 4, 5), 3, 8),
        number("residual", "Worth at the end of its life, of its price", "%", (0.05, 0.15, 0.25), 0, 0.9),
        number("exit_share", "Price of older chips over their book value", "ratio", (0.6, 0.8, 1), 0, 2),
        number("power_w", "Power of a chip with its share of the server", "W", (1800, 1500, 1300), 1, 1e5),
        number("pue", "Power of the site over that of its chips", "ratio", 1.25, 1, 3),
        number("usd_per_kwh", "Electricity", "$/kWh", (0.12, 0.08, 0.05), 0, 2),
        number("opex_rate", "Operation and repair a year, of the price", "%", (0.07, 0.05, 0.03), 0, 0.5),
        number("colo", "Space at a site, without electricity", "$/kW-month", 110, 0, 1000),
        number("staff_own", "Staff for chips of one's own", "people", (3, 2, 1), 0, 1000),
        number("staff_cost", "A person a year", "$", 250e3, 0, 1e7),
        number("setup", "Setting up, once", "$", (500e3, 250e3, 100e3), 0, 1e7),
        number("wacc", "Cost of capital a year", "%", (0.15, 0.12, 0.09), 0, 0.5),
        number("debt_share", "Share of a chip that debt pays", "%", 0.6, 0, 1),
        number("debt_rate", "Interest on it a year", "%", 0.1, 0, 0.5),
        number("irr_least", "Least rate of return that is looked for", "%", -0.9, -0.99, 0),
        number("irr_most", "Most rate of return that is looked for", "%", 5, 0.1, 9),
        number("owned_gap", "Difference from the catalogue's owned that is usual", "%", 0.35, 0.01, 9),
    ],
    "The API": [
        pick("api", "API that it is compared with", "gemini-4-argon", "market"),
        number("api_discount", "Discount on its list", "%", (0.2, 0.1, 0), 0, 0.9),
        number("api_trend", "Change of its price a year", "%", (-0.4, -0.25, -0.1), -0.9, 0.5),
        number("quality", "Worth of a token of one's own over one of its", "ratio", (0.7, 0.8, 1), 0.01, 5),
        number("staff_serve", "Staff for serving a model oneself", "people", (4, 3, 2), 0, 1000),
        number("migration", "Moving to a model of one's own, once", "$", (1e6, 500e3, 250e3), 0, 1e7),
    ],
    "Two-way table": [
        number("rent_span", "Step of rents", "%", 0.1, 0.01, 0.3),
        number("capex_span", "Step of chip prices", "%", 0.1, 0.01, 0.3),
    ],
    **estimate.estimate(SERVED, *GIVEN, "own_chips"),
}  # fmt: skip
SHEETS = {
    "Cost": "What tokens cost on the chip, every step of it",
    "Routes": "An hour of a chip and a million tokens by each way to have chips",
    "Buy": "60 months: fleet, depreciation, debt, cash, profit and loss, balance sheet, rate of return",
    "API": "The same ways against an API: break-even volume and utilization, savings by month",
    "Sensitivity": "What moves the saving most; rents by life in a two-way table",
}
HOW = (
    "Pick model, chip and API on Inputs, set traffic and the price of chips; read Board. In the low scenario buying "
    "pays least, in the high one most. An own rent on Routes replaces the catalogue's."
)


@template("rent-or-buy", "Rent chips, buy them, or call an API", audience="Whoever signs for chips: finance, "
          "infrastructure, the board.", how=HOW, sheets=SHEETS, inputs=INPUTS)  # fmt: skip
def rent_or_buy(book: Kernel) -> None:
    """What chips cost rented and bought, by hour, by million tokens and over 60 months, and both against an API."""
    book.catalogue(market=True)
    write_cost(book, {"standard": "tpot"})
    write_routes(book)
    write_buy(book)
    write_api(book)
    write_sensitivity(book)
    write_board(book)
