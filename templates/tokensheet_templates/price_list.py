"""The sheet Prices: what each kind of token costs by model and tier, what is charged for it and what is left."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import tokensheet as ts

from tokensheet_templates.declared import Own, line
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.ledger import age
from tokensheet_templates.plumbing import (
    found_across,
    highest,
    index,
    least_across,
    link,
    lowest,
    own_or,
    size,
    total_of,
    weighted_down,
)
from tokensheet_templates.unit_costs import END_WORDS

TIERS = {"standard": "tpot", "batch": "batch_tpot", "priority": "priority_tpot"}
KINDS = ("input", "cache write", "cache read", "output")


def named(names: Any, place: Any, others: Any, other_place: Any) -> Any:
    return index(names, place) + ", " + index(others, other_place)


def write_lines(book: Kernel) -> None:
    """For each model and tier the chip that serves a request cheapest, and what each kind of token costs there."""
    page = book.page(
        "Prices",
        "What each kind of token costs, what we charge for it and what is left, in dollars per million tokens.",
        10,
        13,
    )
    page.name_rows("tiers", "Tier", {}, names=[*TIERS])
    page.name_rows("kinds", "Kind of token", {"kind": [1, 2, 3, 4], "kind_of": [1, 1, 1, 2]}, names=KINDS)
    share = "Share of the tokens, "
    page.lay("Tokens of a request", [
        line("request_tokens", "Tokens of a request", "tokens", lambda input_tokens, output_tokens:
             input_tokens + output_tokens),
        line("input_share", share + KINDS[0], "%",
             lambda input_tokens, cached_share, written_share, request_tokens:
             input_tokens * (1 - cached_share) * (1 - written_share) / request_tokens),
        line("write_share", share + KINDS[1], "%",
             lambda input_tokens, cached_share, written_share, request_tokens:
             input_tokens * (1 - cached_share) * written_share / request_tokens),
        line("read_share", share + KINDS[2], "%",
             lambda input_tokens, cached_share, request_tokens: input_tokens * cached_share / request_tokens),
        line("output_share", share + KINDS[3], "%", lambda output_tokens, request_tokens:
             output_tokens / request_tokens),
    ])  # fmt: skip
    page.lay("Of them", [
        line("new_share", "Share of the tokens, input, written or not", "%", lambda input_share, write_share:
             input_share + write_share),
        line("kind_count", "Kinds", "number", size, ("all:kinds",)),
    ])  # fmt: skip
    book.stack("kind_share", ["input_share", "write_share", "read_share", "output_share"])
    models, tiers = len(book.blocks["models"].values), len(TIERS)
    places = [*product(range(1, models + 1), range(1, tiers + 1))]
    numbers_of = {
        "line": range(1, len(places) + 1),
        "line_model": [m for m, _ in places],
        "line_tier": [t for _, t in places],
    }
    page.name_rows("line_name", "Model and tier", numbers_of,
                   line("line_name", "", "", named, ("all:models", "line_model", "all:tiers",
                        "line_tier")))  # fmt: skip
    chips = len(book.blocks["chip_picks"].values)
    page.axis("chip_number", "Number of the chip", [*range(1, chips + 1)])
    page.lay("Which chip serves it", [
        line("chip_count", "Chips to choose from", "chips", size, ("all:chip_number",)),
        line("tier_request", "A request on each chip", "$",
             lambda table, tier, model, chip_count, chip: index(table, tier, (model - 1) * chip_count + chip),
             ("all:request_costs", "line_tier", "line_model", "chip_count", "chip_number"), "scientific"),
        line("tier_least", "The cheapest", "$", least_across, ("tier_request",), "scientific"),
        line("line_chip", "Number of the chip", "number", found_across, ("tier_least", "tier_request")),
        line("line_pair", "Column on Cost", "number", lambda line_model, chip_count, line_chip:
             (line_model - 1) * chip_count + line_chip),
        line("chip_used", "Chip", "text", index, ("all:chip_picks", "line_chip"), "right shrink"),
        line("line_batch", "Batch", "sequences", index, ("all:batches", "line_tier", "line_pair"), "whole"),
        line("line_rent", "Rent of a replica", "$/hour", index, ("all:machine", "line_pair")),
        line("line_held", "Holding a cached token", "$/Mtok", lambda row, pair: index(row, pair) * 1e6, ("all:hold",
             "line_pair")),
    ], across="chip_number", down="line_name")  # fmt: skip
    book.expect("Prices: each model and tier has a chip that it fits, that keeps its limit and has a rent",
                lowest(book.blocks["tier_least"]) > 0)  # fmt: skip
    for end, words in END_WORDS.items():
        page.lay(f"What a token costs{words}", [
            line(f"{end}cost_1", KINDS[0], "$/Mtok", per_million, (f"all:{end}input_costs", "line_tier", "line_pair")),
            line(f"{end}cost_2", KINDS[1], "$/Mtok", lambda input, held: input + held, (f"{end}cost_1", "line_held")),
            line("cost_3", KINDS[2], "$/Mtok", per_million, ("all:cached_cost", "line_pair"))
            if not end else line(f"{end}cost_3", KINDS[2], "$/Mtok", link, ("cost_3",)),
            line(f"{end}cost_4", KINDS[3], "$/Mtok", per_million, (f"all:{end}output_costs", "line_tier", "line_pair")),
        ], down="line_name")  # fmt: skip
        book.beside(f"{end}costs", [f"{end}cost_{kind}" for kind in range(1, 5)])


def per_million(costs: Any, *place: Any) -> Any:
    return index(costs, *place) * 1e6


def stepped(price: Any, step: Any, tolerance: Any) -> Any:
    """The next whole step; what is a step already but for the last digits stays."""
    return np.ceil(price / step - tolerance) * step


def write_prices(book: Kernel) -> None:
    """The standard prices from cost and target, and all others from them; an own price stands in for ours."""
    page, models = book.pages["Prices"], len(book.blocks["models"].values)
    page.name_rows("model_name", "Model", {"model_number": range(1, models + 1)},
                   line("model_name", "", "", index, ("all:models", "model_number")))  # fmt: skip
    page.lay("Standard prices", [
        line("tier_count", "Tiers", "number", size, ("all:tiers",)),
        line("model_line", "Its first line", "number", lambda model_number, tier_count:
             (model_number - 1) * tier_count + 1),
        line("model_first", "Items before it", "number", lambda model_line, kind_count: (model_line - 1) * kind_count),
        line("needed_margin", "Margin over serving for the target", "%", lambda target_margin, other_cogs:
             target_margin + other_cogs),
    ], down="model_name")  # fmt: skip
    for kind, costs in (("input", "all:cost_1"), ("output", "all:cost_4")):
        cost, target, step, own = (f"{kind}_{what}" for what in ("cost", "target", "step", "own"))
        page.lay(f"Standard price of {kind}", [
            line(cost, "Cost", "$/Mtok", index, (costs, "model_line")),
            line(target, "Price for the target", "$/Mtok", ts.price_for_margin, (cost, "needed_margin")),
            line(step, "in whole steps", "$/Mtok", stepped, (target, "price_step", "tolerance")),
            Own(own, "Own price", "$/Mtok", step, 0, 1000),
        ], down="model_name")  # fmt: skip
    page.lay("Standard prices that count", [
        line("input_price", "Input", "$/Mtok", own_or, ("input_own", "input_step")),
        line("output_price", "Output", "$/Mtok", own_or, ("output_own", "output_step")),
        line("price_ratio", "Output over input", "ratio", ts.output_input_ratio, ("output_price", "input_price"),
             "cents"),
    ], down="model_name")  # fmt: skip
    book.beside("standard_prices", ["input_price", "output_price"])
    items = [*product(range(1, models * len(TIERS) + 1), range(1, len(KINDS) + 1))]
    numbers_of = {"item_line": [each for each, _ in items], "item_kind": [kind for _, kind in items]}
    page.name_rows("item", "Price list", numbers_of,
                   line("item", "", "", named, ("all:line_name", "item_line", "all:kinds", "item_kind")))  # fmt: skip
    page.lay("Price list", [
        line("item_model", "Model", "number", index, ("all:line_model", "item_line")),
        line("item_tier", "Tier", "number", index, ("all:line_tier", "item_line")),
        line("item_of", "Price of", "number", index, ("all:kind_of", "item_kind")),
        line("item_standard", "Standard price", "$/Mtok", index, ("all:standard_prices", "item_model", "item_of")),
        line("item_multiple", "Multiple", "ratio", lambda kinds, kind, tiers, tier: index(kinds, kind) * index(tiers,
             tier),
             ("all:kind_multiple", "item_kind", "all:tier_multiple", "item_tier"), "cents"),
        line("item_rule", "Price by the rule", "$/Mtok", lambda item_standard, item_multiple, price_step, tolerance:
             stepped(item_standard * item_multiple, price_step, tolerance)),
        Own("item_own", "Own price", "$/Mtok", "item_rule", 0, 1000),
        line("item_price", "Price", "$/Mtok", own_or, ("item_own", "item_rule"), "price bold"),
        line("item_local", "in the currency", "per Mtok", lambda item_price, fx: item_price * fx, (), "cents"),
        *(line(f"item_{end}cost", f"Cost{words}", "$/Mtok", index, (f"all:{end}costs", "item_line", "item_kind"))
          for end, words in END_WORDS.items()),
        *(line(f"item_{end}margin", f"Margin{words.replace('end', 'cost')}", "%", lambda price, cost, other_cogs:
               ts.margin(price, cost) - other_cogs, ("item_price", f"item_{end}cost", "other_cogs"))
          for end, words in END_WORDS.items()),
        line("item_share", "Share of its line", "%", index, ("all:kind_share", "item_kind")),
        line("item_blend", "Price x share", "$/Mtok", lambda item_price, item_share: item_price * item_share),
        *(line(f"item_{end}blend_cost", f"Cost x share{words}", "$/Mtok", lambda cost, share: cost * share,
               (f"item_{end}cost", "item_share")) for end, words in END_WORDS.items()),
    ], down="item")  # fmt: skip
    page.lay("Blended, by model and tier", [
        line("line_share", "Share of all tokens", "%", lambda models, model, tiers, tier: index(models,
             model) * index(tiers, tier),
             ("all:model_share", "line_model", "all:tier_share", "line_tier")),
        line("line_price", "Price", "$/Mtok", total_of, ("all:item_line", "line", "all:item_blend")),
        *(line(f"line_{end}cost", f"Cost{words}", "$/Mtok", total_of, ("all:item_line", "line",
               f"all:item_{end}blend_cost"))
          for end, words in END_WORDS.items()),
        *(line(f"line_{end}margin", f"Margin{words.replace('end', 'cost')}", "%", lambda price, cost, other_cogs:
               ts.margin(price, cost) - other_cogs, ("line_price", f"line_{end}cost", "other_cogs"))
          for end, words in END_WORDS.items()),
        line("line_storage", "Holding the cache", "$/Mtok", lambda line_held, write_share: line_held * write_share),
        line("line_serving", "Serving", "$/Mtok", lambda line_cost, line_storage: line_cost - line_storage),
    ], down="line_name")  # fmt: skip
    page.lay("The whole book", [
        *(line(f"book_{key}", label, "$/Mtok", weighted_down, ("line_share", of)) for key, label, of in (
            ("new", "Cost of an input token", "cost_1"), ("read", "Cost of a cached token", "cost_3"),
            ("out", "Cost of an output token", "cost_4"), ("held", "Holding a token", "line_held"))),
        *(line(f"book_{end}cost", f"Cost of a token{words}", "$/Mtok", weighted_down, ("line_share", f"line_{end}cost"))
          for end, words in END_WORDS.items()),
        line("book_price", "Price of a token", "$/Mtok", weighted_down, ("line_share", "line_price")),
        line("book_storage", "Holding the cache", "$/Mtok", weighted_down, ("line_share", "line_storage")),
        line("book_serving", "Serving", "$/Mtok", weighted_down, ("line_share", "line_serving")),
    ])  # fmt: skip
    page.lay("Prices of the whole book", [
        line("item_weight", "Share of its line in the book", "%", index, ("all:line_share", "item_line")),
        line("item_weighted", "Price x that share", "$/Mtok", lambda item_price, item_weight: item_price * item_weight),
    ], down="item")  # fmt: skip
    page.lay("by kind", [line("kind_price", "Price", "$/Mtok", total_of, ("all:item_kind", "kind",
    "all:item_weighted"))],
             down="kinds")  # fmt: skip
    for shares, words in (("model_share", "models"), ("tier_share", "tiers"), ("bracket_share", "brackets")):
        book.expect_whole(f"Inputs: the shares of the {words} add up to 100 %", shares)
    book.expect("Prices: each price is above 0", lowest(book.blocks["item_price"]) > 0)
    book.alert("Prices: each price is at least the high end of its cost", lowest(book.blocks["item_high_margin"]) >= 0)
    ratio, (least, most) = book.blocks["price_ratio"], (book.blocks[f"ratio_{end}"].cell for end in ("least", "most"))
    book.alert("Prices: output over input is not below what is usual, Inputs", lowest(ratio) >= least)
    book.alert("Prices: output over input is not above what is usual, Inputs", highest(ratio) <= most)
    book.alert("Inputs: the day of the currency's rate is not too old", age(book, "fx_day") <= book.blocks["old"].cell)
