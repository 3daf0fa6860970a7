"""The sheets Tiers and Gaps of cache-tiers: what holding a prefix costs against time, and where to hold it."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import tokensheet as ts

from tokensheet_templates.book import Blocks
from tokensheet_templates.charts import Line, draw
from tokensheet_templates.declared import line
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.plumbing import found_across, index, least_across, lowest, size, total_of
from tokensheet_templates.style import ACCENT

TIERS = {"HBM": ACCENT, "DDR": "#6FBF8B", "flash": "#F2B36B", "disk": "#B9A3D9"}  # with their colours
COMPUTED = "#D9480F"
POINTS = 33  # of a curve
ANEW = {"": ("Computing anew", "solid"), "low_": ("its low end", "dash"), "high_": ("its high end", "dash")}
BY_TIME = {"chart": "What a million tokens cost by the time they are held", "x": "Time held, s", "y": "$"}


def first_or(number: Any, first: Any, others: Any) -> Any:
    """Of the first tier, the chips' own memory, its value, of the others the input's."""
    return np.where(number > 1, index(others, np.maximum(1, number - 1)), first)


def first_or_giga(number: Any, first: Any, others: Any) -> Any:
    return np.where(number > 1, index(others, np.maximum(1, number - 1)) * 1e9, first)


def write_tiers(book: Kernel) -> None:
    blocks = book.blocks
    page = book.page(
        "Tiers", "What a million tokens of a prefix cost in each tier: to hold, to read back, to compute anew."
    )
    page.take(("hours", "storage_factor", "kv_million", "kv_sequence", "machine", "room", "chips_bandwidth",
               "hbm_price", "recompute", "low_recompute", "high_recompute", "first_time", "last_time"))  # fmt: skip
    page.axis("tier_number", "Number of the tier", range(1, 1 + len(TIERS)))
    page.axis("tier", "Tier", [*TIERS])
    page.lay("Tiers", [
        line("listed_price", "Price of a month", "$/GB-month", first_or,
             ("tier_number", "hbm_price", "all:held_price")),
        line("tier_price", "Price of an hour, as it counts", "$/GB-hour", lambda price, hours, factor:
             price / hours * factor,
             ("listed_price", "hours", "storage_factor"), "scientific"),
        line("tier_bandwidth", "Bandwidth", "bytes/s", first_or_giga,
             ("tier_number", "chips_bandwidth", "all:held_bandwidth")),
        line("tier_capacity", "Capacity", "bytes", first_or_giga, ("tier_number", "room", "all:held_capacity")),
        line("tier_drain", "Time to read all of it, its drain time", "s", lambda tier_capacity, tier_bandwidth:
             tier_capacity / tier_bandwidth, style="tenths"),
        line("tier_wait", "Time to read a prefix back", "s", ts.read_time, ("kv_sequence", "tier_bandwidth"), "ratio"),
        line("tier_read", "Reading a million tokens back", "$/Mtok", ts.retrieve_cost,
             ("kv_million", "tier_bandwidth", "machine")),
        line("tier_second", "Holding them for a second", "$/Mtok", lambda kv_million, tier_price:
             ts.kv_store_cost(kv_million, 1, tier_price), style="scientific"),
        line("tier_even", "Break-even: held longer, computing anew is cheaper", "seconds", even_time,
             ("recompute", "tier_read", "tier_second"), "whole right"),
    ], across="tier")  # fmt: skip
    row = page.below(22)
    page.name_rows("time_name", "Times", {"time_point": range(POINTS)}, names=[f"Point {n + 1}" for n in range(POINTS)])
    page.lay("By time", [
        line("time_steps", "Steps", "number", lambda points: size(points) - 1, ("all:time_point",)),
        line("time", "Time", "seconds", lambda point, steps, first, last: first * (last / first) ** (point / steps),
             ("time_point", "time_steps", "first_time", "last_time"), "tenths"),
        *(line(f"{end}anew", label, "$/Mtok", lambda time, cost: np.where(time > 0, cost, 0),
               ("time", f"{end}recompute"))
          for end, (label, _) in ANEW.items()),
        line("held_cost", "Holding and reading back", "$/Mtok", held_cost, ("tier_second", "time", "tier_read")),
    ], across="tier", down="time_name")  # fmt: skip
    draw(page, (row, 0), BY_TIME, blocks["time"], time_lines(book), "General", least=None)
    fast = blocks["time"].take(slice(0, 1)).cell < blocks["time"].take(slice(POINTS - 1, POINTS)).cell
    book.expect("Inputs: the longest time that is drawn is longer than the shortest", fast)


def even_time(recompute: Any, read: Any, second: Any) -> Any:
    """How long holding costs less than computing anew; 0 if reading back alone costs more."""
    return np.where(second > 0, np.maximum(0, recompute - read) / second, "for ever")


def held_cost(second: Any, time: Any, read: Any) -> Any:
    return second * time + read


def time_lines(book: Kernel) -> list[Line]:
    """What holding costs in each tier, and what computing anew does."""
    held = [Line(name, book.blocks["held_cost"].take(columns=slice(i, i + 1)), colour)
            for i, (name, colour) in enumerate(TIERS.items())]  # fmt: skip
    return [*held, *(Line(name, book.blocks[f"{end}anew"], COMPUTED, 1.5, dash) for end, (name, dash) in ANEW.items())]


def kept_place(least: Any, recompute: Any, place: Any) -> Any:
    """The number of the tier, or 0 where computing anew is cheaper."""
    return np.where(least < recompute, place, 0)


def kept_in(place: Any, tiers: Any) -> Any:
    return np.where(place > 0, index(tiers, np.maximum(1, place)), "compute anew")


def write_gaps(book: Kernel) -> None:
    """Where what comes again after a time is best held, if that time were known, and the memory it takes."""
    page, blocks = book.page("Gaps", "Where to hold a prefix until its next use, per million tokens."), book.blocks
    page.take(("gap_factor", "recompute", "hit_rate", "requests", "kv_sequence", "tolerance"))
    classes = len(blocks["gap"].values)
    page.name_rows(
        "gap_name",
        "Time between two uses",
        {"gap_number": range(1, classes + 1)},
        line("gap_name", "", "", lambda gaps, number: index(gaps, number) + " s", ("all:gap", "gap_number")),
    )
    page.lay("Border of two tiers, the lecture's", [
        line(f"border_{tier}", f"Between {tier} and {next_tier}: the mean of their drain times", "s", geometric_mean,
             (f"drain {tier}", f"drain {next_tier}"), "tenths")
        for tier, next_tier in pairs_of_tiers(blocks)
    ])  # fmt: skip
    page.lay("By time between two uses", [
        line("gap_time", "Time, as it counts", "seconds", lambda gaps, number, factor: index(gaps, number) * factor,
             ("all:gap", "gap_number", "gap_factor"), "whole"),
        line("gap_part", "Share of the uses", "%", index, ("all:gap_share", "gap_number")),
        line("gap_cost", "Holding and reading back", "$/Mtok", held_cost, ("tier_second", "gap_time", "tier_read")),
        line("gap_least", "The least of the tiers", "$/Mtok", least_across, ("gap_cost",)),
        line("gap_anew", "Computing anew", "$/Mtok", lambda gap_time, recompute: np.where(gap_time > 0, recompute, 0)),
        line("gap_cheapest", "Cheapest tier", "number", found_across, ("gap_least", "gap_cost")),
        line("gap_place", "Tier that pays, 0 for none", "number", kept_place,
             ("gap_least", "recompute", "gap_cheapest")),
        line("gap_tier", "Hold it in", "text", kept_in, ("gap_place", "all:tier")),
        line("gap_lecture", "By the lecture's drain times", "text", by_drain,
             ("gap_time", *(f"border_{tier}" for tier in [*TIERS][:-1]), "all:tier"), "right"),
        line("gap_saved", "Saved by it", "$/Mtok", lambda recompute, gap_least, hit_rate:
             np.maximum(0, recompute - gap_least) * hit_rate),
        line("gap_bytes", "Memory that it takes", "bytes", lambda requests, part, time, kv_sequence, place:
             requests * part * time * kv_sequence * np.minimum(1, place),
             ("requests", "gap_part", "gap_time", "kv_sequence", "gap_place")),
    ], across="tier", down="gap_name")  # fmt: skip
    page.lay("What it takes of each tier", [
        line("tier_needed", "Memory needed", "bytes", total_of, ("all:gap_place", "tier_number", "all:gap_bytes")),
        line("tier_used", "of the capacity", "%", lambda tier_needed, tier_capacity:
             np.where(tier_capacity > 0, tier_needed / tier_capacity, 0)),
        line("tier_left", "Capacity that is left", "bytes", lambda tier_capacity, tier_needed:
             tier_capacity - tier_needed),
    ], across="tier")  # fmt: skip
    book.expect_whole("Inputs: the shares of the times between two uses add up to 100 %", "gap_share")
    book.expect("Gaps: each tier holds what is kept in it", lowest(blocks["tier_left"]) >= 0)


def pairs_of_tiers(blocks: Blocks) -> list[tuple[str, str]]:
    """Neighbours; the drain time of each is called by its name."""
    names = [*TIERS]
    blocks |= {f"drain {name}": blocks["tier_drain"].take(columns=slice(i, i + 1)) for i, name in enumerate(names)}
    return [*pairwise(names)]


def geometric_mean(drain: Any, next_drain: Any) -> Any:
    return np.sqrt(drain * next_drain)


def by_drain(time: Any, first: Any, second: Any, third: Any, tiers: Any) -> Any:
    """The tier whose drain time is nearest, as BEST_TIER has it."""
    return index(tiers, 1 + (time >= first) + (time >= second) + (time >= third))
