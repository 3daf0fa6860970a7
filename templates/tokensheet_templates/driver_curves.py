"""The sheet Curves: the step of the sheet Step along batches and contexts, and at the batches that speeds ask for."""

from __future__ import annotations

from typing import Any

import numpy as np
import tokensheet as ts
from tokensheet.chain import Chain

from tokensheet_templates.declared import Line, line
from tokensheet_templates.drivers import LATENCIES, MILLIONS, PARTS, lay_moved, moved_lines
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.page import Page
from tokensheet_templates.plumbing import index, last_up_to, size

POINTS = 33  # of a curve; the middle one of that along batches is the batch of Inputs


def write_curves(book: Kernel, chain: Chain) -> None:
    page = book.page("Curves", "The sheet Step at other batches and contexts; what comes of it is on the next sheets.")
    points = [f"Point {number + 1}" for number in range(POINTS)]
    page.name_rows("point_name", "Points of a curve", {"point": range(POINTS)}, names=points)
    write_batches(book, page, chain)
    write_contexts(book, page, chain)
    write_speeds(book, page, chain)


def batch_at(point: Any, above: Any, pivot: Any, middle: Any, largest: Any) -> Any:
    """Even steps of the logarithm from 1 to the middle, and from there to the largest; a mean need not be whole."""
    return middle ** ((point - above) / pivot) * (largest / middle) ** (above / pivot)


def nearest(number: Any) -> Any:
    """The nearest whole number: engines differ in the last digits of a power, and so in what is below it."""
    return np.floor((2 * number + 1) / 2)


def in_words(batch: Any) -> Any:
    """A batch, which may be a mean, with a tenth where whole numbers would say the same of several."""
    return "Batch " + np.where(batch < 10, nearest(10 * batch) / 10, nearest(batch))


def batch_there(batch: Any, largest_batch: Any) -> Any:
    """The batch, or as much of it as fits."""
    return np.maximum(1, np.minimum(batch, largest_batch))


def write_batches(book: Kernel, page: Page, chain: Chain) -> None:
    """A point in each row, from a batch of 1 to the largest that fits; the middle one is the batch of Inputs."""
    page.take(("batch", "largest_batch"))
    page.lay("Batches", [
        line("last", "Steps of a curve", "number", lambda points: size(points) - 1, ("all:point",)),
        line("pivot", "of them up to the batch", "number", lambda last: last / 2),
        line("middle", "The batch, or as much of it as fits", "sequences", batch_there, ("batch", "largest_batch")),
        line("curve_end", "Largest batch that is drawn", "sequences", lambda middle, largest_batch:
             np.maximum(middle, largest_batch)),
        line("above", "Steps above the batch", "number", lambda point, pivot: np.maximum(0, point - pivot)),
        line("curve_batch", "Batch, a mean", "sequences", batch_at,
             ("point", "above", "pivot", "middle", "curve_end"), "tenths"),
        line("curve_name", "In words", "text", in_words, ("curve_batch",), "right"),
    ], down="point_name")  # fmt: skip
    keys = (*MILLIONS, *LATENCIES, "speed", *(f"{part}_part" for part in PARTS))
    lines = moved_lines(book, chain, keys, {"batch": "curve_batch"}, "curve_")
    lay_moved(book, page, "By batch", lines, down="curve_name")


def longest_that_fits(room: Any, window: Any, kv_token_window: Any, state_bytes: Any, kv_token: Any, index: Any) -> Any:
    """The context of a single sequence that fills the memory."""
    return np.floor((room - window * kv_token_window - state_bytes) / np.maximum(1, kv_token + index))


def write_contexts(book: Kernel, page: Page, chain: Chain) -> None:
    """The same along contexts, and at those at which prices step, on as many sequences as fit."""
    page.axis("upto_number", "Number of the price", range(1, 1 + len(book.blocks["price_to"].values)))
    page.take(("weights_bytes", "hbm", "chips", "headroom", "window", "kv_token_window", "state_bytes", "kv_token",
               "index_bytes", "least_context"))  # fmt: skip
    page.lay("Contexts", [
        line("room", "Memory beside the weights", "bytes", ts.kv_capacity,
             ("weights_bytes", "hbm", "chips", "headroom")),
        line("one_fits", "Context of a single sequence that fills it", "tokens", longest_that_fits,
             ("room", "window", "kv_token_window", "state_bytes", "kv_token", "index_bytes")),
        line("longest", "Longest that is drawn", "tokens", lambda least, fits: np.maximum(least, fits),
             ("least_context", "one_fits")),
        line("upto_wanted", "Longest context of each price, as asked", "tokens", index,
             ("all:price_to", "upto_number")),
        line("upto_context", "Longest context, or as much of it as fits", "tokens", lambda upto_wanted, longest:
             np.minimum(upto_wanted, longest)),
        line("end_context", "Context at which the curve ends", "tokens", lambda ends, places: index(ends, size(places)),
             ("all:upto_context", "all:upto_number")),
        line("at_context", "Context", "tokens", lambda point, last, first, end: first * (end / first) ** (point / last),
             ("point", "last", "least_context", "end_context")),
        line("at_name", "In words", "text", lambda at_context: nearest(at_context) + " tokens", style="right"),
    ], across="upto_number", down="point_name")  # fmt: skip
    write_context(book, page, chain, "at_", down="at_name")
    write_context(book, page, chain, "upto_", across="upto_context")


def write_context(book: Kernel, page: Page, chain: Chain, prefix: str, *, across: str = "", down: str = "") -> None:
    """The step at other contexts, at the batch or as much of it as fits."""
    context, batch = f"{prefix}context", f"{prefix}batch"
    room = moved_lines(book, chain, ["largest_batch"], {"context": context}, prefix)
    lay_moved(book, page, "Room", room, across=across, down=down)
    page.lay("Batch there", [
        line(batch, "Batch, or as much of it as fits", "sequences", batch_there, ("batch", f"{prefix}largest_batch"),
             "whole"),
    ], across=across, down=down)  # fmt: skip
    rest = moved_lines(book, chain, (*MILLIONS, "latency", "mfu"), {"context": context, "batch": batch}, prefix)
    lay_moved(book, page, "By context", rest, across=across, down=down)


def share_between(target: Any, before: Any, after: Any) -> Any:
    """How far from one number to another a target is, from 0 to 1."""
    return np.where(after > before, np.minimum(1, np.maximum(0, (target - before) / (after - before))), 0)


def searched(prefix: str, batch: str, label: str) -> list[Line]:
    """The batch at which a step takes a time, between two points of the curve."""

    def after_place(cells: Any, place: Any) -> Any:
        return index(cells, place + 1)

    target, place = f"{prefix}target", f"{prefix}place"
    return [
        line(place, "Last point that is fast enough", "number", lambda times, target, last:
             np.minimum(last_up_to(times, target), last), ("all:curve_step_time", target, "last")),
        line(f"{prefix}before", "Step time there", "s", index, ("all:curve_step_time", place)),
        line(f"{prefix}after", "Step time at the next", "s", after_place, ("all:curve_step_time", place)),
        line(f"{prefix}share", "Share of the way to it", "%", share_between,
             (target, f"{prefix}before", f"{prefix}after")),
        line(f"{prefix}less", "Batch there", "sequences", index, ("all:curve_batch", place), "tenths"),
        line(f"{prefix}more", "Batch at the next", "sequences", after_place, ("all:curve_batch", place), "tenths"),
        line(batch, label, "sequences", lambda less, more, share: less + (more - less) * share,
             (f"{prefix}less", f"{prefix}more", f"{prefix}share"), "tenths"),
    ]  # fmt: skip


def write_speeds(book: Kernel, page: Page, chain: Chain) -> None:
    """The same at the largest batch that keeps the limit, and at those of the modes."""
    page.axis("mode_number", "Number of the mode", range(1, 1 + len(book.blocks["speedup"].values)))
    page.take(("tpot", "step_time"))
    page.lay("Batches for a time", [
        line("best_target", "Most time of a step", "s", lambda tpot: tpot / 1000),
        *searched("best_", "best_between", "Largest batch within the limit"),
        line("best_batch", "The same, whole", "sequences", np.floor, ("best_between",)),
        line("mode_speedup", "Speed over the standard", "ratio", index, ("all:speedup", "mode_number")),
        line("mode_target", "Time of a step", "s", lambda step_time, mode_speedup: step_time / mode_speedup),
        *searched("mode_", "mode_batch", "Batch of the mode, a mean"),
    ], across="mode_number")  # fmt: skip
    keys = (*MILLIONS, *LATENCIES, "speed")
    for prefix, axis in (("best_", ""), ("mode_", "mode_number")):
        lines = moved_lines(book, chain, keys, {"batch": f"{prefix}batch"}, prefix)
        lay_moved(book, page, f"At {'the largest' if prefix == 'best_' else 'those'} of them", lines, across=axis)
