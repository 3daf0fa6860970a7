"""The template product-margin: what the seats of a product leave after its language models, by plan and by use."""

from __future__ import annotations

from typing import Any

from tokensheet.cell import lift

from tokensheet_templates.catalogue import MARKET
from tokensheet_templates.cohort import write_cohort, write_months
from tokensheet_templates.declared import Own, line, number, numbers, picks
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.ledger import age
from tokensheet_templates.levers import write_levers
from tokensheet_templates.model_swap import SWAP, write_swap
from tokensheet_templates.plumbing import index, match, own_or, size, weighted_down
from tokensheet_templates.product_board import write_product_board
from tokensheet_templates.seat_margins import write_margins
from tokensheet_templates.seat_sensitivity import write_moves
from tokensheet_templates.seats import write_seats
from tokensheet_templates.template import template

PLANS = ("Starter", "Pro", "Team")
KINDS = (
    ("new", "Not cached", "route_new"),
    ("read", "Cached", "route_cache_read"),
    ("output", "Output", "route_output"),
)


def by_plan(*values: Any) -> dict[str, Any]:
    return dict(zip(PLANS, values, strict=True))


INPUTS = {
    "Plans": [
        numbers("seat_price", "Price of a seat a month,", "$/seat", by_plan(12, 25, 60), 0.01, 1e5),
        numbers("seats", "Seats,", "seats", by_plan(20000, 8000, 1500), 1, 1e7),
        numbers("included", "Tokens of a seat that the price includes,", "M tokens", by_plan(4, 10, 25), 0, 1e5),
        numbers("overage_price", "Price of those beyond, 0 if not charged,", "$/Mtok", by_plan(0, 4, 4), 0, 1e4),
        number("overage_kept", "Of those beyond, asked for even where charged", "%", (0.3, 0.5, 0.7), 0, 1),
        number("discount", "Discount on the price of seats", "%", (0.15, 0.1, 0.05), 0, 0.9),
        numbers("churn", "Seats that leave in a month,", "%", by_plan(*[(0.03, 0.02, 0.015)] * 3), 0.001, 0.5),
        numbers("added", "Seats that come, of those there are,", "%", by_plan(*[(0.03, 0.05, 0.06)] * 3), 0, 1),
        numbers("acquisition", "Sales and marketing to win a seat,", "$/seat", by_plan(50, 150, 400), 0.01, 1e5),
        number("target_margin", "Target gross margin", "%", 0.7, 0, 0.9),
        number("cap_margin", "Least margin of the heaviest seat, for fair use", "%", 0, -1, 0.9),
    ],
    "Use": [
        numbers("requests", "Requests of a seat a month, percentile", "requests",
                {"10": 20, "50": 150, "90": 900, "99": 4000}, 0.1, 1e5, note="of a plan with a multiple of 1"),
        numbers("multiple", "Use over these percentiles,", "ratio", by_plan(0.4, 1, 2.5), 0.01, 100),
        number("usage", "Use over these percentiles, all plans", "ratio", (1.3, 1, 0.8), 0.1, 10),
        number("calls", "Calls of a model for a request", "calls", (4, 3, 2.5), 1, 1000),
        number("prompt", "Prompt of a call", "tokens", (5000, 4000, 3500), 1, 1e6),
        number("cached", "Cached share of the prompt", "%", (0.4, 0.6, 0.75), 0, 0.99),
        number("written", "Share of the other tokens that is written to the cache", "%", 0.2, 0, 1),
        number("answer", "Answer of a call", "tokens", (700, 500, 400), 1, 1e5),
    ],
    "Models and other costs": [
        picks("routes", "Model", ["mistral-large-4", "claude-sonnet-5-5", "claude-opus-5-5"], "market"),
        numbers("route_share", "Share of the calls, model", "%", {"1": 0.6, "2": 0.3, "3": 0.1}, 0, 1),
        number("price_level", "Prices of tokens over today's", "ratio", (1.1, 1, 0.85), 0.05, 5),
        number("hosting", "Hosting of a seat a month", "$/seat", (1.4, 1, 0.7), 0, 1e4),
        numbers("support", "Support of a seat a month,", "$/seat", by_plan(0.5, 1.5, 4), 0, 1e4),
        number("payment_fee", "Fee of payments, of the revenue", "%", (0.035, 0.029, 0.025), 0, 0.09),
        number("payment_fixed", "Fee of a payment", "$/payment", 0.3, 0, 10),
    ],
    "Levers": [
        number("lever_moved", "Calls moved from the last model to the first, of all", "%", 0.05, 0, 1),
        number("lever_cached", "Cached share of the prompt that could be reached", "%", 0.8, 0, 0.99),
        number("lever_prompt", "Prompts shorter by", "%", 0.2, 0, 0.9),
        number("lever_answer", "Answers shorter by", "%", 0.15, 0, 0.9),
        number("lever_calls", "Calls of a request fewer by", "%", 0.1, 0, 0.9),
    ],
    "Growth": [
        number("use_growth", "Growth of the use of a seat a month", "%", (0.02, 0.01, 0), -0.2, 0.5),
        number("token_trend", "Change of the prices of tokens a month", "%", (0, -0.01, -0.02), -0.2, 0.2),
        number("opex", "Fixed operating expenses a month", "$", 200e3, 0, 1e7),
        number("wacc", "Cost of capital a year", "%", 0.12, 0, 0.5),
        number("worth_least", "Least lifetime value over acquisition", "ratio", 3, 0, 100, source="a rule of thumb"),
        number("price_span", "Step of seat prices in the two-way table", "%", 0.1, 0.01, 0.3),
        number("token_span", "Step of token costs there", "%", 0.2, 0.01, 0.3),
    ],
    "Change of a model": SWAP,
}  # fmt: skip
SHEETS = {
    "Tokens": "What a call and a request cost through the models' prices, or your own",
    "Seats": "How much seats use, and what each kind of seat costs and leaves",
    "Margin": "Gross margin by plan and by use, heavy seats, fair use and the price of overage",
    "Levers": "What routing, caching, shorter prompts and answers would change",
    "Cohort": "What a seat is worth over what it costs to win",
    "Profit": "36 months: seats, revenue, costs, margin and cash",
    "Swap": "The model of today beside another, by what a solved task costs",
    "Sensitivity": "What moves the gross profit most, prices by costs, and the three scenarios",
}
HOW = (
    "Set plans, use and models on Inputs; read Board. An own price of tokens on Tokens replaces the API's, and so does "
    "a price typed over on Catalogue."
)


@template("product-margin", "What a seat leaves after its tokens", audience="Whoever prices a product that is sold by "
          "the seat and runs on language models: finance, product, the board.",
          how=HOW, sheets=SHEETS, inputs=INPUTS)  # fmt: skip
def product_margin(book: Kernel) -> None:
    """Margins of a product sold by the seat: what tokens cost by plan and use, heavy seats, levers, 36 months."""
    book.catalogue(market=True)
    write_tokens(book)
    write_seats(book, PLANS)
    write_margins(book)
    write_levers(book)
    write_cohort(book)
    write_months(book)
    write_swap(book, "whole_revenue", "whole_margin")
    write_moves(book)
    write_product_board(book)


def call_cost(prompt: Any, cached: Any, new: Any, read: Any, answer: Any, output: Any) -> Any:
    """Of a call, where prices are per million tokens."""
    return (prompt * ((1 - cached) * new + cached * read) + answer * output) / 1e6


def write_tokens(book: Kernel) -> None:
    """What a call of each model costs; an own price stands in for the list's."""
    page = book.page("Tokens", "What a request costs, by the prices of a million tokens.")
    page.take(("calls", "prompt", "cached", "written", "answer", "price_level"))
    routes = range(1, len(book.blocks["routes"].values) + 1)
    page.name_rows("route", "Model", {"route_number": routes},
                   line("route", "", "", index, ("all:routes", "route_number")))  # fmt: skip
    page.lay("Price lists", [
        line("route_place", "Place on Catalogue", "number", match, ("all:market_names", "route")),
        *(line(f"listed_{kind}", kind.replace("_", " ").capitalize(), "$/Mtok", index,
               (f"all:market_{kind}", "route_place"))
          for kind in MARKET),
        *(Own(f"own_{kind}", f"Own {kind.replace('_', ' ')}", "$/Mtok", f"listed_{kind}", 0, 1e4) for kind in MARKET),
    ], down="route")  # fmt: skip
    page.lay("Prices that count", [
        *(line(f"route_{kind}", kind.replace("_", " ").capitalize(), "$/Mtok", lambda own, listed, price_level:
               own_or(own, listed) * price_level, (f"own_{kind}", f"listed_{kind}", "price_level")) for kind in MARKET),
        line("route_new", "Not cached, written or not", "$/Mtok", lambda route_input, route_cache_write, written:
             route_input + (route_cache_write - route_input) * written),
        line("route_call", "A call", "$", call_cost, ("prompt", "cached", "route_new", "route_cache_read", "answer",
             "route_output"), "price"),
        line("route_cost", "Calls of a request", "$",
             lambda calls, route_share, route_call: calls * route_share * route_call,
             style="price"),
    ], down="route")  # fmt: skip
    page.lay("A request, and what tokens cost", [
        line("route_count", "Models", "number", size, ("all:route",)),
        *(line(f"mix_{kind}", f"{label}, all models", "$/Mtok", weighted_down, ("route_share", of)) for kind, label,
          of in KINDS),
        *(line(f"gap_{kind}", f"{label}, last model less first", "$/Mtok", lambda prices, count:
               index(prices, count) - index(prices, lift(1)), (f"all:{of}", "route_count")) for kind, label,
               of in KINDS),
        line("request_tokens", "Tokens of a request", "tokens",
             lambda calls, prompt, answer: calls * (prompt + answer)),
        line("call_mixed", "A call", "$", call_cost,
             ("prompt", "cached", "mix_new", "mix_read", "answer", "mix_output"), "price"),
        line("request_cost", "A request", "$", lambda calls, call_mixed: calls * call_mixed, style="price"),
        line("request_mtok", "Tokens of a request, in millions", "M tokens",
             lambda request_tokens: request_tokens / 1e6, style="ratio"),
        line("mtok_cost", "A million tokens", "$/Mtok", lambda request_cost, request_mtok: request_cost / request_mtok),
    ])  # fmt: skip
    book.expect_whole("Inputs: the shares of the models add up to 100 %", "route_share")
    book.expect("Tokens: a request costs more than nothing", book.blocks["mtok_cost"].cell > 0)
    old = book.blocks["old"].cell
    book.alert("Catalogue: no price list is older than the days on Inputs", age(book, "market_date") <= old)
