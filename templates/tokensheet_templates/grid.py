"""The sheets Steps, Grid and Range: every step of what serving costs for models by chips, the result, and its ends."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from tokensheet.chain import Chain

from tokensheet_templates.book import Block
from tokensheet_templates.checks import all_ones
from tokensheet_templates.declared import line
from tokensheet_templates.grid_chain import RANGES, SHOWN
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.look_ups import UNITS
from tokensheet_templates.page import Page
from tokensheet_templates.plumbing import (
    all_above_0,
    found_across,
    highest,
    index,
    least_across,
    link,
    own_or,
    second_across,
)
from tokensheet_templates.served import NOTHING, WORDS
from tokensheet_templates.style import BINDS, GOOD, POOR

NUMBERS = {
    "chip": ("chip_flops", "chip_bandwidth", "hbm", "link_bandwidth", "domain", "software"),
    "model": ("total_params", "active_params"),
}
HEADS = [
    line("shown_rent", "Rent that counts", "$/hour", link, ("usd_per_hour",), "rent link"),
    line("shown_terms", "which is", "text", lambda terms, rent_doubt: np.where(rent_doubt > 0, terms + ", unverified",
         terms), style="right small shrink"),
    line("rent_day", "of, or as of this workbook", "day", own_or, ("rent_date", "as_of"), "date"),
    line("rent_age", "Age of the rent", "days", lambda as_of, rent_day: as_of - rent_day),
    line("shown_domain", "Chips of a domain", "chips", link, ("domain",), "whole link"),
    line("shown_unseen", "Outside the estimate's fit", "0 or 1", link, ("chip_unseen",), "whole link"),
]  # fmt: skip
RANKING = [
    line("least_blended", "Least blended cost", "$/Mtok", least_across, ("blended",)),
    line("cheapest_place", "Its column", "number", found_across, ("least_blended", "blended")),
    line("cheapest", "Cheapest chip", "text", lambda least, chips, place: np.where(least > 0, index(chips, place),
         NOTHING), ("least_blended", "all:chip", "cheapest_place"), "right shrink"),
    line("second_blended", "Next chip's", "$/Mtok", second_across, ("blended",)),
    line("lead", "Its lead over the next", "%", lambda second, least: np.where(second > 0, second / least - 1, 0),
         ("second_blended", "least_blended")),
]  # fmt: skip


def write_grid(book: Kernel, chain: Chain) -> None:
    """Fill the three sheets; blocks are models by chips, by the keys of the chain."""
    models, chips = len(book.blocks["models"].values), len(book.blocks["chip_picks"].values)
    write_steps(book, chain, models, chips)
    page = book.page("Grid", "What a million tokens cost as served, in dollars; green is the cheapest chip of a row.",
                     max(chips, 8), 14)  # fmt: skip
    page.take(("as_of",))
    page.lay("Of each chip", HEADS, across="chip")
    page.lay("Cheapest chip of each model, blended", [SHOWN[0], *RANKING], across="chip", down="model")
    page.lay("As served", SHOWN[1:], across="chip", down="model")
    ends = book.page("Range", "Low and high end: one measurement in ten is below, one above; per million tokens.",
                     max(chips, 8), 14)  # fmt: skip
    ends.lay("Low and high end", RANGES, across="chip", down="model")
    for sheet, lines in ((page, SHOWN), (ends, RANGES)):
        colour_ranks(sheet, [book.blocks[each.key] for each in lines if each.style in ("price", "tenths")])
    colour_binding(page, book.blocks["binding"])
    expect(book)


def write_steps(book: Kernel, chain: Chain, models: int, chips: int) -> None:
    page = book.page("Steps", "Every step, one function a cell, one formula a row, column or block.", max(chips, 12))
    needed = {key for each in (*HEADS, *SHOWN, *RANGES) for key in each.inputs}
    asked = ("ordered", "prompt_ordered", "longest", "beyond", "terms", "chip_unseen")
    steps = chain.of(*needed, *asked, *(key for keys in NUMBERS.values() for key in keys))
    page.take(key for key in steps.given() if key not in ("chip", "model"))
    page.axis("chip_number", "Number of the chip", range(1, chips + 1))
    page.lay("Chips of the grid", [
        line("chip", "Chip", "text", index, ("all:chip_picks", "chip_number"), "right shrink link"),
    ], across="chip_number")  # fmt: skip
    page.name_rows("model", "Models of the grid", {"model_number": range(1, models + 1)},
                   line("model", "", "", index, ("all:models", "model_number")))  # fmt: skip
    page.lay("Steps", [
        *steps,
        *(line(f"{kind}_known", f"1 if the {kind} has its numbers", "0 or 1", all_above_0, keys)
          for kind, keys in NUMBERS.items()),
        line("on_basis", "1 if its rent is on the basis of Inputs", "0 or 1", lambda terms, price_basis:
             np.where(terms == price_basis, 1, 0)),
    ], across="chip", down="model", units=UNITS)  # fmt: skip


def expect(book: Kernel) -> None:
    """What has to hold, and what is worth a look."""
    blocks = book.blocks
    for kind in NUMBERS:
        book.expect(f"Catalogue: each {kind} that Inputs picks has its numbers", all_ones(blocks[f"{kind}_known"]))
    book.expect("Steps: floor <= low end <= estimate <= high end of output in every pair", all_ones(blocks["ordered"]))
    book.expect("Steps: the same of input", all_ones(blocks["prompt_ordered"]))
    book.expect("Steps: no floor is shorter than its compute or its reading", all_ones(blocks["longest"]))
    book.alert("Grid: every rent is on the price basis that Inputs names", all_ones(blocks["on_basis"]))
    book.alert("Grid: every rent is verified", highest(blocks["rent_doubt"]) == 0)
    young = highest(blocks["rent_age"]) <= blocks["old"].cell
    book.alert("Grid: no rent is older than the age of Inputs from which it is worth a look", young)
    book.alert("Grid: every chip was seen by the estimate's fit", highest(blocks["chip_unseen"]) == 0)
    book.alert("Grid: no model takes more chips than a domain has", highest(blocks["beyond"]) == 0)


def colour_ranks(sheet: Page, blocks: Collection[Block]) -> None:
    """In each row the least green and the most red; words instead of numbers faint."""
    scale = {"type": "3_color_scale", "min_color": GOOD, "mid_color": "#FFFFFF", "max_color": POOR}
    faint = {"type": "text", "criteria": "containing", "format": sheet.book.style("note")}
    for block in blocks:
        for i in range(len(block.values)):
            sheet.raw.conditional_format(block.take(rows=slice(i, i + 1)).range, scale)
        for word in WORDS:
            sheet.raw.conditional_format(block.range, faint | {"value": word})


def colour_binding(sheet: Page, block: Block) -> None:
    """The binding term by its colour."""
    for term, shade in BINDS.items():
        look = sheet.book.raw.add_format({"bg_color": shade})
        rule = {"type": "cell", "criteria": "==", "value": f'"{term}"', "format": look}
        sheet.raw.conditional_format(block.range, rule)
