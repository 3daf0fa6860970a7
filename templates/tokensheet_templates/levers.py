"""The sheet Levers of product-margin: the average seat with each lever alone, and with one after the other."""

from __future__ import annotations

from typing import Any

import numpy as np

from tokensheet_templates.average_seat import TOKENS, VARIED, seat_model, write_groups
from tokensheet_templates.declared import line
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.page import Page
from tokensheet_templates.plumbing import index, total_across

PULLED = {"calls": "Fewer calls", "prompt": "Shorter prompts", "answer": "Shorter answers"}  # each is cut by a share
LEVERS = {"moved": "Cheaper models", "cached": "More caching"} | PULLED


def pulled(alone: Any, upto: Any, number: Any) -> Any:
    """1 in the row of the lever alone, and in those of all levers up to it or beyond."""
    return np.where((alone == number) | (upto >= number), 1, 0)


def write_levers(book: Kernel) -> None:
    """Each lever alone, and one after the other as a bridge."""
    page = book.page("Levers", "The average seat now, with each lever alone, and with one lever after the other.",
                     len(book.blocks["group"].values), 10)  # fmt: skip
    page.take((*VARIED, "payment_fixed", "lever_moved", "lever_cached", *(f"lever_{key}" for key in PULLED),
               "mix_new", "mix_read", "mix_output", "gap_new", "gap_read", "gap_output"))  # fmt: skip
    write_groups(book, page)
    page.lay(
        "All seats", [line("all_requests", "Mean requests of a seat", "requests", total_across, ("g_asked",), "tenths")]
    )
    count = len(LEVERS)
    page.axis("lever", "Number of the lever", range(1, count + 1))
    for place, key in enumerate(LEVERS):
        book.blocks[f"lever number {key}"] = book.blocks["lever"].take(columns=slice(place, place + 1))
    numbers = {"alone": [0, *range(1, count + 1), *[0] * count], "upto": [0] * (count + 1) + [*range(1, count + 1)]}
    names = [
        "Now",
        *(f"{label} alone" for label in LEVERS.values()),
        *(f"and {label.lower()}" for label in LEVERS.values()),
    ]
    page.name_rows("pull", "Lever", numbers, names=names)
    page.lay("Which levers are pulled", [
        line(f"on_{key}", label, "0 or 1", pulled, ("alone", "upto", f"lever number {key}"))
          for key, label in LEVERS.items()
    ], down="pull")  # fmt: skip
    page.lay("What they change", [
        line("pull_moved", "Calls moved to the first model", "%", lambda on_moved, lever_moved: on_moved * lever_moved),
        line("pull_cached", "Cached share", "%", lambda cached, on_cached, lever_cached:
             cached + on_cached * np.maximum(0, lever_cached - cached)),
        *(line(f"pull_{key}", book.inputs[key].label, book.inputs[key].unit, lambda now, on, cut: now * (1 - on * cut),
               (key, f"on_{key}", f"lever_{key}"), "cents" if key == "calls" else "") for key in PULLED),
    ], down="pull")  # fmt: skip
    prices = [
        line(f"pull_{kind}", f"Price, {words}", "$/Mtok", lambda mix, gap, moved: mix - gap * moved,
             (f"mix_{kind}", f"gap_{kind}", "pull_moved"))
        for kind, words in TOKENS.items()
    ]  # fmt: skip
    page.lay("The average seat", seat_model("pull", {"moved", "cached", *PULLED}, prices), across="g_name", down="pull")
    write_bridge(book, page, count)
    last = book.blocks["route_share"].take(slice(len(book.blocks["route"].values) - 1, None)).cell
    book.expect(
        "Inputs: no more calls are moved to the first model than the last has", book.blocks["lever_moved"].cell <= last
    )


def write_bridge(book: Kernel, page: Page, count: int) -> None:
    """What tokens cost a seat, from now to where all levers are pulled, as bars for a chart."""
    names = ["Tokens of a seat now", *LEVERS.values(), "with all levers"]
    rows = [1, *range(count + 2, 2 * count + 2)]  # of now, and of one lever after the other
    places = {"bridge_end": [1, *[0] * count, 1], "bridge_after": [*rows, rows[-1]], "bridge_before": [1, *rows]}
    page.name_rows("bridge", "Bridge of the tokens of a seat", places, names=names)
    page.lay("Bridge of the tokens of a seat", [
        line("llm_after", "Tokens with it", "$/seat", index, ("all:pull_llm", "bridge_after")),
        line("llm_before", "before", "$/seat", index, ("all:pull_llm", "bridge_before")),
        line("llm_step", "Step", "$/seat", lambda llm_after, llm_before: llm_after - llm_before),
        line("margin_after", "Gross margin with it", "%", index, ("all:pull_margin", "bridge_after")),
        line("margin_before", "before", "%", index, ("all:pull_margin", "bridge_before")),
        line("margin_step", "Step", "%", lambda margin_after, margin_before: margin_after - margin_before),
        line("bar_base", "Bar from", "$/seat",
             lambda end, after, before: np.where(end > 0, 0, np.minimum(after, before)),
             ("bridge_end", "llm_after", "llm_before")),
        line("bar_part", "Bar", "$/seat", lambda end, after, step: np.where(end > 0, after, abs(step)),
             ("bridge_end", "llm_after", "llm_step")),
    ], down="bridge")  # fmt: skip
