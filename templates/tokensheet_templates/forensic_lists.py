"""The sheets Lists and Margins of price-forensics: what the lists say, and what they leave on each chip."""

from __future__ import annotations

from typing import Any

import numpy as np
import tokensheet as ts
from tokensheet.api_prices import MODES, market, price_modes
from tokensheet.equation import unchecked

from tokensheet_templates.catalogue import MARKET
from tokensheet_templates.declared import line
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.ledger import age
from tokensheet_templates.page import FIRST, LABEL, Page
from tokensheet_templates.plumbing import found_across, index, least_across, link, lowest, place_of, size
from tokensheet_templates.unit_costs import END_WORDS

LISTS = [model for _, model in market()]
LONG = ("long", "long_from")
LABELS = {
    "batch": "Output by batch",
    "fast": "Output, fast mode",
    "long": "Output, long prompt",
    "long_from": "which is from",
}


def write_modes(book: Kernel, page: Page) -> None:
    """What the lists on Catalogue charge for output in other ways, to type over; 0 where they do not."""
    lists = [price_modes(*each, book.today.isoformat()) for each in market()]
    page.starts.append(page.row)
    page.put(page.row, LABEL, [["Other prices of output; 0 where a list has none", "Unit"]], "head")
    page.put(page.row, FIRST, [LISTS], "head right shrink")
    for field in (*MODES, *LONG):
        page.row += 1
        unit, scale, style = ("tokens", 1, "whole") if field == "long_from" else ("$/Mtok", 1e6, "price")
        page.put(page.row, LABEL, [[LABELS[field], unit]])
        values = [(each[field] or 0) * scale for each in lists]
        block = book.blocks[f"market_{field}"] = page.put(page.row, FIRST, [values], f"input {style}")
        page.let_type(block, f"{LABELS[field]} of the market", 0, 1e7, (page.row, FIRST + len(LISTS)), blank=False)
    page.row += 2


def write_lists(book: Kernel) -> None:
    page = book.page("Lists", "What each list charges per million tokens, and what its prices say of each other.")
    page.name_rows("market", "Price lists", {"list": range(1, len(LISTS) + 1)},
                   line("market", "", "", index, ("all:market_names", "list")))  # fmt: skip
    page.take(("input_tokens", "cached_tokens", "output_tokens", "list_discount"))
    page.lay("Prices", [
        *(line(f"theirs_{field}", field.replace("_", " ").capitalize(), "$/Mtok", index,
               (f"all:market_{field}", "list"))
          for field in MARKET),
        *(line(f"theirs_{field}", LABELS[field], "tokens" if field == "long_from" else "$/Mtok", index,
               (f"all:market_{field}", "list")) for field in (*MODES, *LONG)),
    ], down="market")  # fmt: skip
    page.lay("What they say of each other", [
        line("output_over_input", "Output over input", "ratio", ts.output_input_ratio,
             ("theirs_output", "theirs_input"), "cents"),
        line("read_over_input", "Cache read over input", "ratio", if_any, ("theirs_cache_read", "theirs_input"),
             "cents"),
        line("write_over_input", "Cache write over input", "ratio", if_any, ("theirs_cache_write", "theirs_input"),
             "cents"),
        *(line(f"{field}_over", f"{LABELS[field]}, over standard", "ratio", if_any,
               (f"theirs_{field}", "theirs_output"), "cents")
          for field in (*MODES, "long")),
        line("covered", "Surcharge covers up to", "tokens", covered, ("theirs_long_from", "long_over")),
        line("blend", "Price of our mix", "$/Mtok", ts.blended_price,
             ("theirs_input", "theirs_cache_read", "theirs_output", "input_tokens", "cached_tokens", "output_tokens")),
        line("net", "less the discount", "$/Mtok", discounted, ("blend", "list_discount")),
        line("net_output", "Output less the discount", "$/Mtok", discounted, ("theirs_output", "list_discount")),
        line("ordered", "1 if cached < input < output", "0 or 1", rising,
             ("theirs_cache_read", "theirs_input", "theirs_output")),
        line("dearer", "1 if fast and long are none or dearer", "0 or 1", none_or_dearer, ("fast_over", "long_over")),
    ], down="market")  # fmt: skip
    for price in ("theirs_input", "theirs_output", "net"):
        book.expect(f"Lists: {book.lines[price].label}: each price is above 0", lowest(book.blocks[price]) > 0)
    for key, words in (("ordered", "cached tokens cost less than input, and input less than output"),
                       ("dearer", "a fast mode and a long prompt, where there are, cost more")):  # fmt: skip
        book.expect(f"Lists: in each list {words}", lowest(book.blocks[key]) > 0)
    book.alert("Catalogue: no price list is too old, Inputs", age(book, "market_date") <= book.blocks["old"].cell)


def if_any(price: Any, other: Any) -> Any:
    """A price over another; 0 where a list has none."""
    return np.where(price > 0, price / other, 0)


def covered(long_from: Any, long_over: Any) -> Any:
    """The prompt up to which a surcharge covers what it costs; 0 where a list has none."""
    with unchecked():
        return np.where(long_from > 0, ts.tier_price_limit(long_from, long_over), 0)


def discounted(price: Any, discount: Any) -> Any:
    return price * (1 - discount)


def rising(least: Any, middle: Any, most: Any) -> Any:
    return np.where((least < middle) & (middle < most), 1, 0)


def none_or_dearer(one: Any, other: Any) -> Any:
    return np.where(((one == 0) | (one > 1)) & ((other == 0) | (other > 1)), 1, 0)


def write_margins(book: Kernel) -> None:
    """What each list leaves on each chip, if the model assumed behind it is what is served."""
    page = book.page(
        "Margins", "What is left of each list on each chip, if the model assumed behind it is what they serve."
    )
    of_request = ("input_tokens", "cached_tokens", "output_tokens")
    page.take((*of_request, "rent_factor"))
    costs = ["cached_cost", *(f"standard_{end}{kind}_cost" for end in END_WORDS for kind in ("input", "output"))]
    page.lay("What our mix of tokens costs them, on each pair", [
        *(line(f"pair_{key}", book.lines[key].label, "$/token", link, (key,), "scientific link") for key in costs),
        *(line(f"{end}mix", f"Cost of the mix{words}", "$/token", ts.blended_price,
               (f"pair_standard_{end}input_cost", "pair_cached_cost", f"pair_standard_{end}output_cost", *of_request))
          for end, words in END_WORDS.items()),
    ], across="pair")  # fmt: skip
    page.lay("per million tokens, at the rent that they pay", [
        line(f"{end}pair_cost", f"Cost{words}", "$/Mtok", lambda mix, rent: ts.cost_per_million(mix) * rent,
             (f"{end}mix", "rent_factor")) for end, words in END_WORDS.items()
    ], across="pair")  # fmt: skip
    page.axis("chip_number", "Number of the chip", range(1, len(book.blocks["chip_picks"].values) + 1))
    page.lay("Chips",
             [line("chip_name", "Chip", "text", index, ("all:chip_picks", "chip_number"), "right shrink link")],
             across="chip_number")  # fmt: skip
    page.lay("The model assumed", [
        line("chip_count", "Chips to choose from", "chips", size, ("all:chip_number",)),
        line("assumed_model", "Model assumed", "text", index, ("all:assumed", "list"), "right shrink"),
        line("model_place", "which is number", "number", place_of, ("assumed_model", "all:models")),
        line("assumed_found", "1 if it is one that we look at", "0 or 1", lambda models, place, name:
             np.where(index(models, place) == name, 1, 0), ("all:models", "model_place", "assumed_model")),
        line("pair_before", "Columns on Cost before it", "number", lambda place, chips: (place - 1) * chips,
             ("model_place", "chip_count")),
    ], down="market")  # fmt: skip
    for end, words in END_WORDS.items():
        page.lay(f"Two-way: cost and margin, price lists down, chips across{words}", [
            line(f"{end}list_cost", f"Cost{words}", "$/Mtok", lambda costs, before, chip: index(costs, before + chip),
                 (f"all:{end}pair_cost", "pair_before", "chip_number")),
            line(f"{end}list_margin", f"Margin{words.replace('end', 'cost')}", "%", ts.margin,
                 ("net", f"{end}list_cost")),
        ], across="chip_name", down="market")  # fmt: skip
        page.heat(f"{end}list_margin")
    page.lay("On the chip that is cheapest", [
        line("least_cost", "Least cost", "$/Mtok", least_across, ("list_cost",)),
        line("chip_place", "Number of the chip", "number", found_across, ("least_cost", "list_cost")),
        line("chip_best", "Chip", "text", index, ("all:chip_picks", "chip_place"), "right shrink"),
        line("list_pair", "Column on Cost", "number", lambda pair_before, chip_place: pair_before + chip_place),
        *(line(f"{end}cost_best", f"Cost{words}", "$/Mtok", index, (f"all:{end}pair_cost", "list_pair"))
          for end, words in END_WORDS.items() if end),
        *(line(f"{end}margin_best", f"Margin{words.replace('end', 'cost')}", "%", ts.margin,
               ("net", f"{end}cost_best" if end else "least_cost"))
          for end, words in END_WORDS.items()),
    ], down="market")  # fmt: skip
    book.expect("Inputs: the model assumed behind each list is one of the models that it may be",
                lowest(book.blocks["assumed_found"]) > 0)  # fmt: skip
    book.alert("Margins: no list is below the low end of its cost", lowest(book.blocks["low_margin_best"]) >= 0)
