"""The sheet Sensitivity of cost-grid: what moves the cost of the pair, rents by utilization, and the cost's parts."""

from __future__ import annotations

import functools
import operator
from typing import Any

import numpy as np
from tokensheet.chain import Chain

from tokensheet_templates.bridge import write_bridge
from tokensheet_templates.cases import write_cases
from tokensheet_templates.declared import line
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.page import Page
from tokensheet_templates.pair import called, names_of_pair, resting

VARIED = ("batch", "input_tokens", "output_tokens", "cached_share", "utilization", "rent_factor")
SIDE, HALF = 7, 3  # values of each side of the two-way grid, and those before the middle one
TERMS = {"Weights": "spread_time", "KV cache": "cache_time", "Arithmetic": "practical_time",
         "Attention": "attention_time", "Exchange": "exchange", "Layers": "overhead"}  # fmt: skip
LOAD = ("new_tokens", "cached_tokens", "output_tokens", "request_tokens", "utilization")


def write_sensitivity(book: Kernel, chain: Chain) -> None:
    """The whole calculation once a case, a two-way table, and the parts that the cost is put together from."""
    page = book.page("Sensitivity", "What moves the blended cost of the pair, in dollars per million tokens.", 12, 13)
    names, steps = names_of_pair(chain), chain.of("blend")
    moved = resting(steps, VARIED)
    cases = {each.key: f"case_{each.key}" for each in moved} | {key: f"case_{key}" for key in VARIED}
    model = called(book, moved, {**names, **cases})
    needed = [key for each in model for key in each.inputs if not key.startswith("case_")]
    pair = [f"pair_{key}" for key in ("blend", "low_blend", "high_blend", "input_cost", "token_cost", "cached_cost",
                                      "hold", "usd_per_hour", *TERMS.values())]  # fmt: skip
    page.take(dict.fromkeys((*needed, *LOAD, *pair, "rent_span", "use_least", "use_span", "tolerance")))
    page.lay("The band of the pair", [
        line(f"over_{level}", f"{words} of the cost over the estimate", "ratio", over, (f"pair_{end}blend",
             "pair_blend")) for level, words, end in (("low", "High end", "high_"), ("base", "Estimate", ""),
             ("high", "Low end", "low_"))
    ])  # fmt: skip
    book.stack("cost_end scenarios", [f"over_{level}" for level in ("low", "base", "high")])  # dear in the low scenario
    model.append(line("case_cost", "Blended cost", "$/Mtok", lambda case_blend, case_cost_end:
                      case_blend * 1e6 * case_cost_end))  # fmt: skip
    write_cases(book, page, VARIED, {"cost_end": "The estimate, its band"}, model, "case_cost")
    write_parts(book, page)
    write_two_ways(page)
    page.lay("That it agrees", [
        line("case_agrees", "1 if the live case is the pair", "0 or 1", same,
             ("live_outcome", "bridge_whole", "bridge_whole", "tolerance")),
        line("idle_agrees", "1 if the parts leave what idle chips cost", "0 or 1", same,
             ("bridge_left", "idle", "bridge_whole", "tolerance")),
    ])  # fmt: skip
    for key, what in (("case_agrees", "the live case is the blended cost on Pair"),
                      ("idle_agrees", "the parts leave what idle chips cost")):  # fmt: skip
        book.expect(f"Sensitivity: {what}", book.blocks[key].cell == 1)


def over(end: Any, cost: Any) -> Any:
    return np.where(cost > 0, end / cost, 1)


def same(one: Any, other: Any, whole: Any, tolerance: Any) -> Any:
    """1 if two numbers differ by no more than that of a whole."""
    return np.where(abs(one - other) <= tolerance * whole, 1, 0)


def added(*terms: Any) -> Any:
    return functools.reduce(operator.add, terms)


def part(tokens: Any, cost: Any, utilization: Any, request_tokens: Any) -> Any:
    """What one kind of token takes while chips work, of the cost of a million tokens."""
    return tokens * cost * utilization / request_tokens * 1e6


def write_parts(book: Kernel, page: Page) -> None:
    """The cost by its parts; an output token's by the terms of its step, some of which run side by side."""
    page.lay("While chips work", [
        line("output_busy", "Decoding", "$/Mtok", part, ("output_tokens", "pair_token_cost", "utilization",
             "request_tokens")),
        line("all_terms", "Sum of the terms of a step", "s", added, [f"pair_{key}" for key in TERMS.values()]),
    ])  # fmt: skip
    whole = line("bridge_whole", "Blended cost", "$/Mtok", lambda pair_blend: pair_blend * 1e6)
    parts = [
        line("prompt_part", "Prompts", "$/Mtok", part, ("new_tokens", "pair_input_cost", "utilization",
             "request_tokens")),
        *(line(f"{key}_part", f"Output: {term}", "$/Mtok", lambda busy, term, terms: busy * term / terms,
               ("output_busy", f"pair_{key}", "all_terms")) for term, key in TERMS.items()),
        line("read_part", "Cached tokens read", "$/Mtok", part, ("cached_tokens", "pair_cached_cost", "utilization",
             "request_tokens")),
        line("held_part", "Cached tokens held", "$/Mtok", lambda tokens, hold, request_tokens:
             tokens * hold / request_tokens * 1e6, ("cached_tokens", "pair_hold", "request_tokens")),
    ]  # fmt: skip
    write_bridge(book, page, "Bridge: what the blended cost is for", whole, parts, "Idle chips")
    page.lay("Idle chips", [
        line("idle", "Idle chips, by the utilization", "$/Mtok", lambda prompt_part, output_busy,
             read_part, utilization:
             (prompt_part + output_busy + read_part) * (1 / utilization - 1)),
    ])  # fmt: skip


def write_two_ways(page: Page) -> None:
    """The blended cost by rent and utilization."""
    page.lay("Of the pair", [
        line("busy_hours", "Hours of a chip for a million tokens", "hours", lambda whole, held, utilization, rent:
             np.where(rent > 0, (whole - held) * utilization / rent, 0),
             ("bridge_whole", "held_part", "utilization", "pair_usd_per_hour"), "ratio"),
    ])  # fmt: skip
    page.axis("rent_place", "Steps from the rent", range(-HALF, HALF + 1))
    page.lay("Rents", [
        line("rent_seen", "Rent", "$/hour", lambda rent, rent_span, rent_place: rent * (1 + rent_span * rent_place),
             ("pair_usd_per_hour", "rent_span", "rent_place")),
    ], across="rent_place")  # fmt: skip
    page.name_rows("use_name", "Utilization", {"use_place": range(SIDE)}, names=[f"{n + 1}." for n in range(SIDE)])
    page.lay("Utilizations", [
        line("use", "Utilization", "%", lambda use_least, use_span, use_place: use_least + use_span * use_place),
    ], down="use_name")  # fmt: skip
    page.lay("Blended cost by rent and utilization", [
        line("two_way", "Two-way: blended cost, rents across, utilization down", "$/Mtok",
             lambda busy_hours, held_part, rent_seen, use: busy_hours * rent_seen / use + held_part),
    ], across="rent_seen", down="use")  # fmt: skip
