"""The sheet Sensitivity of cost-grid: what moves the cost of the pair, rents by utilization, and the cost's parts."""

from __future__ import annotations

import functools
import operator
from typing import Any

import numpy as np
from tokensheet.chain import Chain

from tokensheet_templates.book import Block, Lines
from tokensheet_templates.cases import write_cases
from tokensheet_templates.declared import line
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.page import FIRST, LABEL, Page
from tokensheet_templates.pair import called, names_of_pair, resting
from tokensheet_templates.plumbing import total_so_far

VARIED = ("batch", "input_tokens", "output_tokens", "cached_share", "utilization", "rent_factor")
SIDE, HALF = 7, 3  # values of each side of the two-way grid, and those before the middle one
TERMS = {"Weights": "spread_time", "KV cache": "cache_time", "Arithmetic": "practical_time",
         "Attention": "attention_time", "Exchange": "exchange", "Layers": "overhead"}  # fmt: skip
PARTS = ("prompt_part", *(f"{key}_part" for key in TERMS.values()), "read_part", "held_part", "idle_part")
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
    write_bridge(book, page)
    write_two_ways(page)
    page.lay("The live case and the sheet Pair", [
        line(key, f"1 if {what} is the blended cost on Pair", "0 or 1", agrees, (of, "pair_blend", "tolerance"))
        for key, what, of in (("case_agrees", "the live case", "live_outcome"),
                              ("bridge_agrees", "the sum of the parts", "bridge_whole"))
    ])  # fmt: skip
    for key, what in (("case_agrees", "the live case"), ("bridge_agrees", "the sum of the parts")):
        book.expect(f"Sensitivity: {what} is the blended cost on Pair", book.blocks[key].cell == 1)


def over(end: Any, cost: Any) -> Any:
    return np.where(cost > 0, end / cost, 1)


def agrees(million: Any, cost: Any, tolerance: Any) -> Any:
    return np.where(abs(million / 1e6 - cost) <= tolerance * cost, 1, 0)


def added(*terms: Any) -> Any:
    return functools.reduce(operator.add, terms)


def part(tokens: Any, cost: Any, utilization: Any, request_tokens: Any) -> Any:
    """What one kind of token takes while chips work, of the cost of a million tokens."""
    return tokens * cost * utilization / request_tokens * 1e6


def write_bridge(book: Kernel, page: Page) -> None:
    """The cost by its parts; an output token's by the terms of its step, some of which run side by side."""
    page.lay("Decoding", [
        line("output_busy", "Decoding, if chips never idled", "$/Mtok", part, ("output_tokens", "pair_token_cost",
             "utilization", "request_tokens")),
        line("all_terms", "Sum of the terms of a step", "s", added, [f"pair_{key}" for key in TERMS.values()]),
    ])  # fmt: skip
    page.lay("Bridge: what the blended cost is for", [
        line("prompt_part", "Prompts", "$/Mtok", part, ("new_tokens", "pair_input_cost", "utilization",
             "request_tokens")),
        *(line(f"{key}_part", f"Output: {term}", "$/Mtok", lambda busy, term, terms: busy * term / terms,
               ("output_busy", f"pair_{key}", "all_terms")) for term, key in TERMS.items()),
        line("read_part", "Cached tokens read", "$/Mtok", part, ("cached_tokens", "pair_cached_cost", "utilization",
             "request_tokens")),
        line("held_part", "Cached tokens held", "$/Mtok", lambda tokens, hold, request_tokens:
             tokens * hold / request_tokens * 1e6, ("cached_tokens", "pair_hold", "request_tokens")),
        line("idle_part", "Idle chips", "$/Mtok", lambda prompt_part, output_busy, read_part, utilization:
             (prompt_part + output_busy + read_part) * (1 / utilization - 1)),
        line("bridge_whole", "Blended cost", "$/Mtok", added, PARTS, "price bold"),
    ])  # fmt: skip
    book.stack("bridge_parts", PARTS)
    book.stack("bridge_part", [*PARTS, "bridge_whole"])
    parts = book.blocks["bridge_parts"]
    page.put(parts.row - 1, FIRST + 1, "From", "head right")
    below = page.fill(parts.row, FIRST + 1, lambda so_far, part: total_so_far(so_far) - part,
                      Lines(parts, "so far"), parts, style="price")  # fmt: skip
    book.blocks["bridge_base"] = Block(page.name, parts.row, FIRST + 1, np.vstack([below.values, [[0.0]]]))
    labels = np.array([[book.lines[key].label] for key in (*PARTS, "bridge_whole")], object)
    book.blocks["bridge_name"] = Block(page.name, parts.row, LABEL, labels)


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
