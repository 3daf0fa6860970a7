"""The sheets Batch, Context and Fast: what batch, context and speed do to the cost of a token, and to its price."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import tokensheet as ts
from tokensheet.cell import lift

from tokensheet_templates.charts import Bars, Line, draw, draw_bars, estimate_lines
from tokensheet_templates.declared import line
from tokensheet_templates.drivers import LATENCIES, MILLIONS, PARTS
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.ledger import age
from tokensheet_templates.page import Page
from tokensheet_templates.plumbing import agrees, count_less, index, last_up_to, link, lowest
from tokensheet_templates.style import ACCENT

COLOURS = ("#12507B", "#6FBF8B", "#F2B36B", "#B9A3D9", "#8EC5F2", "#C9D1DA")  # of the parts of a cost
PRICE_COLOUR = "#C05621"
NONE = "none"
RIGHT, TALL = 5, 29  # column of a second chart beside the first, and rows of a chart


def shown(book: Kernel, prefix: str, keys: Iterable[str]) -> list[Any]:
    """What stands on Curves under these keys."""
    lines = [(f"{prefix}{key}", book.describe(f"{prefix}{key}")) for key in keys]
    return [line(f"shown {key}", label, unit, link, (key,), f"{style} link") for key, (label, unit, style) in lines]


def with_ends(book: Kernel, prefix: str, key: str) -> list[Line]:
    """A curve on Curves with its band and its floor."""
    lines = estimate_lines(*(book.blocks[f"{prefix}{end}{key}"] for end in ("", "low_", "high_", "ideal_")))
    return [replace(each, marked=False) for each in lines]


def parts(book: Kernel) -> list[Bars]:
    """The shares of the cost along batches."""
    return [
        Bars(PARTS[key][0], book.blocks[f"{key}_share"], colour) for key, colour in zip(PARTS, COLOURS, strict=True)
    ]


def neighbours(book: Kernel, key: str) -> tuple[str, str]:
    """As inputs of a line: all numbers of a column but the last, and all but the first."""
    for name, rows in (("before", slice(0, -1)), ("behind", slice(1, None))):
        book.blocks[f"{key} {name}"] = book.blocks[key].take(rows)
    return f"all:{key} before", f"all:{key} behind"


def expect_none(book: Kernel, page: Page, title: str, counted: Mapping[str, tuple[str, str]]) -> None:
    """Have no number of a first block be less than its one in a second; the words say what there would be."""
    lines = [
        line(f"{title} {words}", words, "number", count_less, (*keys, "tolerance")) for words, keys in counted.items()
    ]
    page.lay(title, lines)
    for each in lines:
        book.expect(f"{page.name}: no {each.label[0].lower()}{each.label[1:]}", book.blocks[each.key].cell == 0)


def critical_with_cache(critical: Any, context: Any, balanced: Any) -> Any:
    return np.where(context < balanced, critical / (1 - context / balanced), NONE)


def write_batch(book: Kernel) -> None:
    blocks = book.blocks
    page = book.page("Batch", "Why a large batch is cheap, and what it costs in time; per million tokens.")
    page.take(("batch", "context", "bytes", "chip_flops", "chip_bandwidth", "flops_per_param", "total_params",
               "active_params", "kv_token", "step_time", "pivot", "million", "tpot", "tolerance"))  # fmt: skip
    page.lay("What a batch does", [
        line("balance", "Machine balance, the lecture's 300", "sequences", ts.machine_balance,
             ("chip_flops", "chip_bandwidth", "bytes", "flops_per_param")),
        line("sparsity", "Parameters over active ones", "ratio", ts.moe_sparsity, ("total_params", "active_params"),
             "tenths"),
        line("critical", "Critical batch by the bound, without the KV cache", "sequences", lambda balance, sparsity:
             balance * sparsity),
        line("balanced", "Balanced context by the bound", "tokens",
             lambda active, kv_token, *rest: ts.balanced_context(active, np.maximum(1, kv_token), *rest),
             ("active_params", "kv_token", "chip_flops", "chip_bandwidth", "flops_per_param")),
        line("critical_here", "Critical batch with the KV cache, where there is one", "sequences",
             critical_with_cache, ("critical", "context", "balanced"), "whole right"),
        line("batch_end", "Largest batch that fits", "sequences", link, ("largest_batch",), "whole link"),
        line("best", "Largest batch within the limit of the time", "sequences", link, ("best_batch",), "whole link"),
        line("best_cost", "What a million tokens costs there", "$/Mtok", link, ("best_million",), "price link"),
        line("alone_time", "Step time of a batch of 1", "s", lambda times: index(times, lift(1)),
             ("all:curve_step_time",)),
        line("gain", "Cost of a token alone over that in the batch", "ratio", ts.batching_gain,
             ("alone_time", "step_time", "batch"), "tenths"),
        line("best_over", "Its time over the limit, less one", "%", lambda best_latency, tpot: best_latency / tpot - 1),
        line("curve_here", "Cost in the middle of the curve", "$/Mtok", lambda costs, pivot: index(costs, pivot + 1),
             ("all:curve_million", "pivot")),
        line("curve_agrees", "1 if that is the cost on Step", "0 or 1", agrees, ("curve_here", "million", "tolerance")),
    ])  # fmt: skip
    row, batches = page.below(TALL), blocks["curve_batch"]
    titles = {"chart": "Time per output token against batch", "x": "Batch, sequences", "y": "ms"}
    draw(page, (row, 0), titles, batches, with_ends(book, "curve_", "latency"), "General")
    page.lay("By batch", shown(book, "curve_", (*MILLIONS, *LATENCIES, "speed")), down="curve_name")
    page.lay("Parts of the cost", [
        line(f"{key}_share", label, "%", lambda part, whole: part / whole, (f"curve_{key}_part", "curve_million"))
        for key, (label, _, _) in PARTS.items()
    ], down="curve_name")  # fmt: skip
    draw_bars(page, (row, RIGHT), SHARES, blocks["curve_name"], parts(book), "0%")
    time, cost = (neighbours(book, f"shown curve_{key}") for key in ("latency", "million"))
    expect_none(book, page, "What may not be on Batch", {
        "Step that is shorter in a larger batch": time[::-1],
        "Token that is dearer in a larger batch": cost,
        "Estimate below its floor": ("all:shown curve_million", "all:shown curve_ideal_million"),
    })  # fmt: skip
    book.expect("Batch: the middle of the curve is the step of Step", blocks["curve_agrees"].cell == 1)
    book.expect(
        "Batch: some batch keeps the limit of the time per output token",
        blocks["best_over"].cell <= blocks["miss"].cell,
    )
    book.alert(
        "Inputs: the batch keeps the limit of the time per output token", blocks["latency"].cell <= blocks["tpot"].cell
    )


def price_at(context: Any, first: Any, second: Any, price: Any, next_price: Any, last_price: Any) -> Any:
    return np.where(context <= first, price, np.where(context <= second, next_price, last_price))


def write_context(book: Kernel) -> None:
    """Prices that hold up to a context: each earns the target at its end, where it earns least."""
    blocks = book.blocks
    page = book.page("Context", "What a long context costs, and prices that cover it, per million tokens.")
    page.take(("target_margin", "surcharge", "balanced", "context", "tolerance"))
    page.lay("Prices by context", [
        *shown(book, "upto_", ("context", "batch", "low_million", "million", "high_million", "latency")),
        line("upto_price", "Price for the target at its end", "$/Mtok", ts.price_for_margin,
             ("upto_million", "target_margin"), "price bold"),
        line("first_price", "The first of them", "$/Mtok", lambda prices: index(prices, lift(1)), ("all:upto_price",)),
        line("upto_multiple", "over the first", "ratio", lambda upto_price, first_price: upto_price / first_price,
             style="cents"),
        line("upto_high_margin", "Margin at its end if the high end is true", "%", ts.margin,
             ("upto_price", "upto_high_million")),
        line("upto_margin", "Margin there if all were charged the first", "%", ts.margin,
             ("first_price", "upto_million")),
    ], across="upto_number")  # fmt: skip
    page.lay("A surcharge", [
        line("covered_cost", "Cost that the first price and a surcharge cover", "$/Mtok",
             lambda costs, surcharge: index(costs, lift(1)) * surcharge, ("all:upto_million", "surcharge")),
        line("covered", "Last context drawn that costs no more", "tokens", lambda contexts, costs, limit:
             index(contexts, last_up_to(costs, limit)), ("all:at_context", "all:at_million", "covered_cost")),
        line("covered_bound", "Context that the surcharge covers, by the bound", "tokens",
             ts.tier_price_limit, ("balanced", "surcharge")),
        line("left_bound", "Share of the FLOP/s left at the context, by the bound", "%", lambda balanced, context:
             np.minimum(1, balanced / context)),
    ])  # fmt: skip
    blocks |= {f"{key} {n}": blocks[key].take(columns=slice(n - 1, n)) for key in ("shown upto_context", "upto_price")
               for n in (1, 2, 3)}  # fmt: skip
    row = page.below(TALL)
    page.lay("By context", [
        *shown(book, "at_", ("largest_batch", "batch", *MILLIONS, "latency", "mfu")),
        line("at_price", "Price", "$/Mtok", price_at, ("at_context", *(f"shown upto_context {step}" for step in (1, 2)),
             *(f"upto_price {step}" for step in (1, 2, 3)))),
        line("at_margin", "Margin", "%", ts.margin, ("at_price", "at_million")),
    ], down="at_name")  # fmt: skip
    titles = {"chart": "What a million tokens costs, by context", "x": "Context, tokens", "y": "$"}
    draw(page, (row, 0), titles, blocks["at_context"], context_lines(book), "General", least=None)
    titles = {"chart": "Batch that fits, by context", "x": "Context, tokens", "y": "sequences"}
    draw(page, (row, RIGHT), titles, blocks["at_context"], [Line("Largest", blocks["at_largest_batch"], ACCENT),
         Line("Served", blocks["at_batch"], PRICE_COLOUR, 1.5, "dash")], "General", least=None)  # fmt: skip
    expect_none(book, page, "What may not be on Context", {
        "Token that is cheaper at a longer context": neighbours(book, "shown at_million")[::-1],
        "Price that ends before the one before it": neighbours(book, "price_to")[::-1],
        "Price that is cut short because the memory is full": ("all:shown upto_context", "all:upto_wanted"),
    })  # fmt: skip
    book.expect(
        "Context: a sequence of the longest context of each price fits", lowest(blocks["upto_largest_batch"]) >= 1
    )
    book.alert("Context: each price is at least the high end of its cost", lowest(blocks["upto_high_margin"]) >= 0)
    book.alert("Inputs: the lists of the surcharge are not too old", age(book, "surcharge_day") <= blocks["old"].cell)


def context_lines(book: Kernel) -> list[Line]:
    """The cost along contexts, and the prices in steps above it."""
    return [*with_ends(book, "at_", "million"), Line("Price, in steps", book.blocks["at_price"], PRICE_COLOUR, 2.25)]


def write_fast(book: Kernel) -> None:
    """What a faster mode costs and has to be charged, on the same chips in a smaller batch."""
    blocks = book.blocks
    page = book.page("Fast", "What speed costs: a smaller batch on the same chips, per million tokens.")
    page.take(("target_margin", "step_time", "million", "standard_price", "speed", "alone_time", "compute_time",
               "kv_time", "total_params", "bytes", "all_bandwidth", "miss"))  # fmt: skip
    page.lay("Modes", [
        *shown(book, "mode_", ("speedup", "batch", "speed", "low_million", "million", "high_million")),
        line("mode_reached", "Speed over the standard, as estimated", "ratio", lambda step_time, mode_step_time:
             step_time / mode_step_time, style="cents"),
        line("mode_price", "Price for the target", "$/Mtok", ts.price_for_margin, ("mode_million", "target_margin"),
             "price bold"),
        line("mode_multiple", "over the standard price", "ratio", lambda mode_price, standard_price:
             mode_price / standard_price, style="cents bold"),
    ], across="mode_number")  # fmt: skip
    page.lay("How fast it can be", [
        line("missed", "Modes that are not as fast as asked", "number", count_less,
             ("all:mode_reached", "all:shown mode_speedup", "miss")),
        line("most_speedup", "Most speed over the standard: a batch of 1", "ratio", lambda step_time, alone_time:
             step_time / alone_time, style="cents"),
        line("all_weights_time", "Time to read all weights once", "s", ts.memory_time,
             ("total_params", "bytes", "all_bandwidth")),
        line("most_by_bound", "Most by the bound, if each step reads all weights", "ratio", ts.max_speedup,
             ("compute_time", "all_weights_time", "kv_time"), "cents"),
    ])  # fmt: skip
    row = page.below(TALL)
    draw(page, (row, 0), FRONTIER, blocks["curve_speed"], with_ends(book, "curve_", "million"), "General", least=None)
    bars = [Bars("Price over the standard", blocks["mode_multiple"], ACCENT)]
    draw_bars(page, (row, RIGHT), "Price over the standard, by speed over it", blocks["mode_speedup"], bars, "0.0")
    page.lay("Cost against speed", [
        *shown(book, "curve_", ("speed", "million")),
        line("speed_over", "Speed over the standard", "ratio", lambda ours, standard: ours / standard,
             ("shown curve_speed", "speed"), "cents"),
        line("cost_over", "Cost over the standard", "ratio", lambda ours, standard: ours / standard,
             ("shown curve_million", "million"), "cents"),
    ], down="curve_name")  # fmt: skip
    book.expect("Fast: each mode is as fast as it is asked to be", blocks["missed"].cell == 0)


SHARES = "What the cost of a token consists of, by batch"
FRONTIER = {"chart": "Cost against speed", "x": "Tokens a second that a user sees", "y": "$ per million tokens"}
