"""The sheet Sensitivity of cache-tiers: the cost of a prompt case by case with a tornado, and by hits and time held."""

from __future__ import annotations

from typing import Any

import numpy as np
from tokensheet.cell import Cell, lift

from tokensheet_templates.cache_prices import use_cost
from tokensheet_templates.cases import LIVE, write_cases
from tokensheet_templates.declared import line
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.page import Page
from tokensheet_templates.plumbing import agrees, index

VARIED = ("prefix_share", "hit_rate", "gap_factor", "storage_factor", "utilization", "rent_factor")
SIDE = 7  # values of each side of the two-way grid


def sum_up_to(keys: Cell, limit: Cell, cells: Cell) -> Cell:
    """The sum of the cells whose key is not above a limit."""
    within = [np.ravel(keys.value) <= float(f"{each:.15g}") for each in np.ravel(limit.value)]  # as a criterion has it
    found = np.reshape([np.sum(np.where(each, np.ravel(cells.value), 0)) for each in within], np.shape(limit.value))
    return Cell(f'SUMIF({keys.text},"<="&{limit.text},{cells.text})', found, many=False)


def moved(cost: Any, rent: Any, live_rent: Any, live_used: Any, used: Any) -> Any:
    """A cost of chips at another rent and utilization."""
    return cost * rent / live_rent * live_used / used


# The first product; its tier stays the live one
PROMPT = [
    line("case_limit", "Longest time between two uses that it is kept for", "seconds",
         lambda first_ttl, case_gap_factor: first_ttl / case_gap_factor, style="whole"),
    line("case_found", "Uses within that time", "%", sum_up_to, ("all:class_time", "case_limit", "all:class_part")),
    line("case_soon", "Time held for them", "s", sum_up_to, ("all:class_time", "case_limit", "all:class_share_time"),
         "tenths"),
    line("case_time", "Mean time that it is held", "s", lambda soon, factor, ttl, found:
         soon * factor + ttl * (1 - found),
         ("case_soon", "case_gap_factor", "first_ttl", "case_found"), "tenths"),
    line("case_hits", "Share of the uses that find it", "%", lambda case_found, case_hit_rate:
         case_found * case_hit_rate),
    line("case_busy", "Computing anew, as estimated", "$/Mtok", moved,
         ("recompute", "case_rent_factor", "rent_factor", "utilization", "case_utilization")),
    line("case_anew", "Computing anew", "$/Mtok", lambda case_busy, case_estimate_end: case_busy * case_estimate_end),
    line("case_read", "Reading back", "$/Mtok", moved,
         ("first_read", "case_rent_factor", "rent_factor", "utilization", "case_utilization")),
    line("case_hold", "Holding for a use", "$/Mtok", lambda second, time, factor, live: second * time * factor / live,
         ("first_second", "case_time", "case_storage_factor", "storage_factor")),
    line("case_prefix", "A token of the prefix", "$/Mtok", use_cost,
         ("case_anew", "case_hits", "case_read", "case_hold")),
    line("case_cost", "A token of the prompt", "$/Mtok", lambda case_prefix, case_anew, share:
         share * case_prefix + (1 - share) * case_anew, ("case_prefix", "case_anew", "case_prefix_share")),
]  # fmt: skip


def write_sensitivity(book: Kernel) -> None:
    blocks = book.blocks
    page = book.page(
        "Sensitivity", "What moves the cost of a million tokens of prompts most, with the first product's cache."
    )
    page.take(("recompute", "low_recompute", "high_recompute", "rent_factor", "utilization", "storage_factor",
               "gap_factor", "left_part", "tolerance", "hit_step", "time_first", "time_step"))  # fmt: skip
    page.lay("Of the first product", [
        *(line(f"first_{key}", label, unit, lambda cells: index(cells, lift(1)), (f"all:ttl_{of}",), style)
          for key, of, label, unit, style in (("ttl", "time", "Time that it is kept", "seconds", ""),
              ("read", "read", "Reading back from its tier", "$/Mtok", ""),
              ("second", "second", "Holding in it for a second", "$/Mtok", "scientific"))),
        line("over_low", "High end over the estimate", "ratio", over, ("high_recompute", "recompute")),
        line("over_base", "Estimate over itself", "ratio", over, ("recompute", "recompute")),
        line("over_high", "Low end over the estimate", "ratio", over, ("low_recompute", "recompute")),
    ])  # fmt: skip
    book.stack("estimate_end scenarios", ["over_low", "over_base", "over_high"])  # dear in the low scenario
    page.axis("class_number", "Number of the class of times", range(1, 1 + len(blocks["gap"].values)))
    page.lay("Times between two uses", [
        line("class_time", "Time, as listed", "seconds", index, ("all:gap", "class_number")),
        line("class_part", "Share", "%", index, ("all:gap_share", "class_number")),
        line("class_share_time", "Time x share", "s", lambda class_time, class_part:
             class_time * class_part, style="tenths"),
    ], across="class_number")  # fmt: skip
    write_cases(book, page, VARIED, {"estimate_end": "Estimate, its band"}, PROMPT, "case_cost")
    write_grid(book, page)
    page.lay("The live case and the sheet Prices", [
        line("live_agrees", "1 if the cost of the live case is that of the bridge", "0 or 1", lambda cases, *others:
             agrees(index(cases, lift(LIVE)), *others), ("all:case_cost", "left_part", "tolerance")),
    ])  # fmt: skip
    book.expect("Sensitivity: the live case is the end of the bridge on Prices", blocks["live_agrees"].cell == 1)


def over(end: Any, middle: Any) -> Any:
    return end / middle


def write_grid(book: Kernel, page: Page) -> None:
    """Two-way: what a token of the prefix costs by hits, across, and the time it is held for, down."""
    page.axis("hit_place", "Steps of the hits", range(SIDE))
    names = [f"Time {number + 1}" for number in range(SIDE)]
    page.name_rows("grid_name", "Times of the two-way grid", {"time_place": range(SIDE)}, names=names)
    page.lay("Hits and times", [
        line("grid_hits", "Hits", "%", lambda hit_step, place: hit_step * place, ("hit_step", "hit_place"),
             "percent"),
        line("grid_time", "Time", "seconds", lambda first, step, place: first * step**place,
             ("time_first", "time_step", "time_place"), "whole"),
    ], across="hit_place", down="grid_name")  # fmt: skip
    page.lay("By hits and time", [
        line("two_way", "Two-way: a million tokens of a prefix, hits across, time held down", "$/Mtok",
             lambda recompute, hits, read, second, time: use_cost(recompute, hits, read, second * time),
             ("recompute", "grid_hits", "first_read", "first_second", "grid_time")),
    ], across="grid_hits", down="grid_time")  # fmt: skip
