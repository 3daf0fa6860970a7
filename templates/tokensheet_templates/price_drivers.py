"""The template price-drivers: what batch, context and speed do to the price of a token, on one model and one chip."""

from __future__ import annotations

from typing import Any

import numpy as np
import tokensheet as ts
from tokensheet.chain import Chain

from tokensheet_templates import estimate
from tokensheet_templates.book import Block, Lines
from tokensheet_templates.declared import line, number, numbers, pick
from tokensheet_templates.driver_board import write_board
from tokensheet_templates.driver_curves import write_curves
from tokensheet_templates.driver_results import write_batch, write_context, write_fast
from tokensheet_templates.driver_sensitivity import write_sensitivity
from tokensheet_templates.drivers import DRIVERS, MILLIONS, PARTS
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.look_ups import RENT_FACTOR, lay_looked_up, with_look_ups
from tokensheet_templates.page import FIRST, LABEL, Page
from tokensheet_templates.plumbing import agrees, in_order, total, total_so_far
from tokensheet_templates.template import template

INPUTS = {
    "What is served": [
        pick("model", "Model", "DeepSeek-V3", "model"),
        pick("chip", "Chip", "B200 SXM", "chip"),
        number("chips", "Chips of a replica", "chips", 8, 1, 1024),
        *estimate.terms(),
        RENT_FACTOR,
    ],
    "How it is served": [
        number("batch", "Batch", "sequences", (128, 256, 512), 1, 1e5),
        number("context", "Context", "tokens", (16384, 8192, 4096), 1, 1e6),
        number("utilization", "Utilization", "%", (0.35, 0.5, 0.65), 0.05, 0.95),
        number("tpot", "Most time per output token", "ms", 50, 1, 1e5),
    ],
    "What is charged": [
        number("target_margin", "Target gross margin", "%", 0.6, 0, 0.9),
        numbers("speedup", "Speed over the standard, mode", "ratio", {"1": 1.5, "2": 2, "3": 3}, 1, 50),
        numbers("price_to", "Longest context of price", "tokens", {"1": 32e3, "2": 200e3, "3": 1e6}, 1, 1e8),
        number("surcharge", "Price of a long context over the first", "ratio", 1.5, 1, 10, source="the market's lists"),
        number("surcharge_day", "Day of those lists", "day", 46353, 40000, 80000, source="the market's lists"),
    ],
    "What is drawn": [
        number("least_context", "Shortest context", "tokens", 1000, 1, 1e6),
        number("grid_step", "Step of the two-way grid", "ratio", 2, 1.05, 4),
        number("miss", "Most that a speed may be missed by", "%", 0.02, 0, 0.2, source="a rule", owner="tokensheet"),
    ],
    **estimate.estimate(DRIVERS, "chips", "utilization"),
}
SHEETS = {
    "Step": "A step at the batch and context of Inputs, all of it, and the bridge from its parts to the price",
    "Curves": "The same along batches and contexts, and at the batches that speeds ask for",
    "Batch": "Cost and time against the batch: why a large one is cheap, and where it ends",
    "Context": "Cost against the context, and prices in steps that cover it",
    "Fast": "Cost against speed, and what a fast mode has to be charged",
    "Sensitivity": "What moves the cost most, and the cost by batch and context",
}
HOW = (
    "Pick a model and a chip on Inputs, set batch and context, contexts of prices and speeds of modes; read Board. "
    "An own rent, chip or model goes on Catalogue."
)


@template("price-drivers", "What drives the price of a token", audience="Whoever sets or questions prices by context, "
          "speed and tier.", how=HOW, sheets=SHEETS, inputs=INPUTS)  # fmt: skip
def price_drivers(book: Kernel) -> None:
    """What batch, context and speed do to the cost of a million output tokens, and what a price list has to charge for
    long contexts and for fast modes.
    """
    book.catalogue()
    chain = write_step(book)
    write_curves(book, chain)
    write_batch(book)
    write_context(book)
    write_fast(book)
    write_sensitivity(book, chain)
    write_board(book)


def write_step(book: Kernel) -> Chain:
    """The chain at one point; gives it with what is looked up on Catalogue."""
    blocks = book.blocks
    page = book.page("Step", "A step at the batch and the context of Inputs, and a million tokens of it.")
    chain = with_look_ups(blocks, DRIVERS)
    lay_looked_up(book, page, "Step by step", chain)
    page.lay("The price", [
        line("standard_price", "Price for the target", "$/Mtok", ts.price_for_margin, ("million", "target_margin"),
             "price bold"),
        line("ordered", "1 if floor, low end, estimate and high end are in order", "0 or 1", in_order, MILLIONS),
    ])  # fmt: skip
    write_bridge(book, page)
    page.lay("The bridge and the price", [
        line("bridge_agrees", "1 if it ends at the price", "0 or 1", agrees,
             ("bridge_sum", "standard_price", "tolerance")),
    ])  # fmt: skip
    book.expect("Step: the batch fits in the memory of the chips", blocks["fits"].cell)
    book.expect("Step: floor, low end, estimate and high end are in order", blocks["ordered"].cell == 1)
    book.expect("Step: the bridge ends at the price", blocks["bridge_agrees"].cell == 1)
    return chain


def begins_at(part: Any, parts: Any) -> Any:
    return total_so_far(parts) - part


def write_bridge(book: Kernel, page: Page) -> None:
    """From the parts of a step to the price, with the idle time of the chips apart."""
    names = [*(f"{key}_busy" for key in PARTS), "idle_cost", "margin_cost"]
    page.lay("Bridge: from a step to the price", [
        *(line(f"{key}_busy", label, "$/Mtok", lambda part, utilization: part * utilization,
               (f"{key}_part", "utilization"))
          for key, (label, _, _) in PARTS.items()),
        line("idle_cost", "Idle chips", "$/Mtok", lambda million, utilization: million * (1 - utilization)),
        line("margin_cost", "Margin", "$/Mtok", lambda standard_price, million: standard_price - million),
    ])  # fmt: skip
    book.stack("bridge_parts", names)
    page.lay_row(line("bridge_sum", "Price", "$/Mtok", total, ("all:bridge_parts",), "price bold"))
    book.stack("bridge_part", [*names, "bridge_sum"])
    parts = book.blocks["bridge_parts"]
    page.put(parts.row - 1, FIRST + 1, "Begins at", "head right")
    base = page.fill(parts.row, FIRST + 1, begins_at, parts, Lines(parts, "so far"), style="price")
    book.blocks["bridge_base"] = Block(page.name, base.row, base.column, np.vstack([base.values, [[0.0]]]))
    labels = np.array([[book.lines[name].label] for name in [*names, "bridge_sum"]], object)
    book.blocks["bridge_name"] = Block(page.name, parts.row, LABEL, labels)
