"""The template pricing-sheet: what to charge for each model, tier and kind of token, and what is earned by it."""

from __future__ import annotations

from tokensheet_templates import estimate
from tokensheet_templates.board import write_board, write_bridge
from tokensheet_templates.declared import number, numbers, pick, picks
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.market import write_market
from tokensheet_templates.price_list import KINDS, TIERS, write_lines, write_prices
from tokensheet_templates.profit import write_profit
from tokensheet_templates.sensitivity import write_sensitivity
from tokensheet_templates.template import template
from tokensheet_templates.unit_costs import GIVEN, SERVED, write_cost

INPUTS = {
    "Products": [
        picks("models", "Model", ["DeepSeek-V3.2", "gpt-oss-120b", "Llama-3.3-70B"], "model", free=True),
        numbers("model_share", "Share of the tokens, model", "%", {"1": 0.5, "2": 0.3, "3": 0.2}, 0, 1, free=True),
        picks("chip_picks", "Chip", ["B200 SXM", "MI355X"], "chip", free=True),
        number("chips", "Chips of a replica", "chips", 8, 1, 72),
        *estimate.terms(),
    ],
    "Service": [
        number("planned_utilization", "Utilization", "%", (0.35, 0.5, 0.65), 0.05, 0.95),
        number("peak_to_mean", "Peak traffic over mean", "ratio", (2.5, 2, 1.5), 1, 10),
        number("input_tokens", "Prompt", "tokens", 3000, 1, 1e6),
        number("cached_share", "Cached share of the prompt", "%", (0.3, 0.5, 0.7), 0, 0.95),
        number("written_share", "Share of the other tokens that is written to the cache", "%", 0.2, 0, 1),
        number("output_tokens", "Answer", "tokens", 400, 1, 1e5),
        number("most_batch", "Largest batch that an engine runs", "sequences", 256, 1, 4096, source="vLLM's default"),
        number("tpot", "Most time per output token, standard", "ms", 50, 1, 1000),
        number("batch_tpot", "Most time per output token, batch", "ms", 1000, 1, 1e5),
        number("priority_tpot", "Most time per output token, priority", "ms", 25, 1, 1000),
        number("cache_seconds", "Time that a cached token is held", "s", 300, 0, 1e6, style="whole"),
        number("cache_price", "Memory that holds it", "$/GB-hour", 0.004, 0, 10),
        number("cache_bandwidth_store", "Bandwidth of that memory", "bytes/s", 50e9, 1e9, 1e13, style="network"),
    ],
    "Prices": [
        pick("currency", "Currency of the price list", "USD", ("USD", "EUR", "GBP", "JPY", "CHF", "CNY")),
        number("target_margin", "Target gross margin", "%", 0.6, 0, 0.9),
        numbers("tier_share", "Share of the tokens,", "%", {"standard": 0.75, "batch": 0.2, "priority": 0.05}, 0, 1),
        numbers("tier_multiple", "Price over standard,", "ratio", {"standard": 1, "batch": 0.5, "priority": 1.75}, 0.2,
        5),
        numbers("kind_multiple", "Price over input or output,", "ratio",
                {"input": 1, "cache write": 1.25, "cache read": 0.1, "output": 1}, 0, 2),
        number("price_step", "Step of the prices", "$/Mtok", 0.01, 0.0001, 1),
        numbers("discount", "Discount of the customers from tokens a month,", "%",
                {"0": 0, "0.1 G": 0.05, "1 G": 0.1, "10 G": 0.2}, 0, 0.9),
        numbers("bracket_share", "Share of the tokens of customers from", "%",
                {"0": 0.25, "0.1 G": 0.25, "1 G": 0.25, "10 G": 0.25}, 0, 1),
        number("fx", "Units of the currency for a dollar", "ratio", 1, 0.001, 1000, source="your bank's rate"),
        number("fx_day", "Day of that rate", "day", 46353, 40000, 80000, source="your bank's rate"),
        number("ratio_least", "Least that output usually costs over input", "ratio", 3, 1, 100,
        source="the market's lists"),
        number("ratio_most", "Most that output usually costs over input", "ratio", 8, 1, 100,
        source="the market's lists"),
    ],
    "Costs and growth": [
        number("other_cogs", "Other cost of revenue, share of it", "%", (0.15, 0.12, 0.1), 0, 0.5),
        number("free_share", "Tokens given away", "%", (0.05, 0.02, 0.01), 0, 0.5),
        number("bad_debt", "Bad debt", "%", 0.01, 0, 0.2),
        number("month_tokens", "Tokens of the first month", "tokens", (400e9, 500e9, 600e9), 1e8, 1e16,
               style="giga"),
        number("growth", "Growth a month", "%", (0.03, 0.08, 0.15), -0.2, 0.5),
        number("price_erosion", "Fall of prices a month", "%", (0.05, 0.03, 0.01), 0, 0.2),
        number("chip_trend", "Change of chip prices a month", "%", (-0.005, -0.015, -0.025), -0.1, 0.1),
        number("opex", "Fixed operating expenses a month", "$", 150e3, 0, 1e8),
        number("start_month", "Month in which sales start", "month", 1, 1, 36),
        number("wacc", "Cost of capital a year", "%", 0.12, 0, 0.5),
        number("hours", "Hours of a month", "hours", 730, 672, 744),
        number("price_span", "Step of prices in the two-way table", "%", 0.1, 0.01, 0.3),
        number("use_least", "Least utilization in the two-way table", "%", 0.2, 0.05, 0.5),
        number("use_span", "Step of utilization there", "%", 0.1, 0.01, 0.2),
        number("month_seen", "Month that Sensitivity looks at", "month", 12, 1, 36),
    ],
    **estimate.estimate(SERVED, *GIVEN, "own_chips"),
}  # fmt: skip
SHEETS = {
    "Cost": "What tokens cost on each chip, every step of it",
    "Prices": "The price list and its margins, by model, tier and kind of token",
    "Profit": "36 months: tokens, revenue, replicas, costs, margin and cash",
    "Sensitivity": "What moves the result most, price by utilization, and the three scenarios",
    "Market": "Our prices beside those of the market",
}
HOW = (
    "Pick models and chips on Inputs, set shares, targets and growth; read Board. An own price on Prices, an own rent "
    "on Catalogue replaces ours."
)


@template("pricing-sheet", "What we charge, and what we earn", audience="Whoever sets and defends the price list of an "
          "AI product: finance, product, the board.", how=HOW, sheets=SHEETS, inputs=INPUTS)  # fmt: skip
def pricing_sheet(book: Kernel) -> None:
    """Prices for three models on two chips from what serving costs: margins, 36 months, sensitivities, the market."""
    models, shares = (len(book.inputs[key].rows) for key in ("models", "model_share"))
    if models != shares:
        raise ValueError(f"model_share needs a share for each of the {models} models, not {shares}")
    book.catalogue(market=True)
    write_cost(book, TIERS, every=False)
    write_lines(book)
    write_prices(book)
    write_profit(book)
    write_bridge(book)
    write_sensitivity(book)
    write_market(book)
    write_board(book, KINDS)
