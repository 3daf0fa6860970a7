"""The sheet Prices of cache-tiers: what a cached token costs by how long it is kept, and what to charge for it."""

from __future__ import annotations

from typing import Any

import numpy as np
import tokensheet as ts
from tokensheet.cell import lift

from tokensheet_templates.book import Block
from tokensheet_templates.charts import Bars, draw_bars
from tokensheet_templates.declared import line
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.ledger import age
from tokensheet_templates.page import FIRST, LABEL, Page
from tokensheet_templates.plumbing import found_down, index, least_down, link, lowest, plus, total_down
from tokensheet_templates.style import ACCENT

ENDS = {"": "as estimated", "low_": "low end", "high_": "high end"}
PARTS = ("whole_part", "saved_part", "read_part", "held_part", "left_part")


def hit_share(time: Any, ttl: Any, share: Any) -> Any:
    """The share of the uses that come while the prefix is kept."""
    return np.where(time <= ttl, share, 0)


def kept_time(time: Any, ttl: Any, share: Any) -> Any:
    """How long it is held for them: until the next use, or in vain until it expires."""
    return np.minimum(time, ttl) * share


def use_cost(recompute: Any, hits: Any, read: Any, held: Any) -> Any:
    """What a token of the prefix costs in a use, be it found or not."""
    return (1 - hits) * recompute + hits * read + held


def write_prices(book: Kernel) -> None:
    """A product is a time that a prefix is kept from its last use; nobody knows when its next one will be."""
    page, blocks = (
        book.page("Prices", "What a cached token costs and what it has to be charged, per million."),
        book.blocks,
    )
    page.take(("hit_rate", "recompute", "low_recompute", "high_recompute", "target_margin", "read_multiple",
               "prefix_share"))  # fmt: skip
    page.name_rows("tier_name", "Tiers", {"tier_place": range(1, 1 + len(blocks["tier"].values.ravel()))},
                   line("tier_name", "", "", index, ("all:tier", "tier_place")))  # fmt: skip
    page.lay("Tiers", [
        line("down_second", "Holding a million tokens for a second", "$/Mtok", index, ("all:tier_second", "tier_place"),
             "scientific"),
        line("down_read", "Reading them back", "$/Mtok", index, ("all:tier_read", "tier_place")),
    ], down="tier_name")  # fmt: skip
    page.axis("ttl_number", "Number of the product", range(1, 1 + len(blocks["ttl"].values)))
    page.lay("Uses", [
        line("ttl_time", "Time that it is kept", "seconds", index, ("all:ttl", "ttl_number")),
        line("ttl_share", "Uses within that time", "%", hit_share, ("gap_time", "ttl_time", "gap_part")),
        line("ttl_held", "Time held for them", "s", kept_time, ("gap_time", "ttl_time", "gap_part"), "tenths"),
        line("ttl_found", "Uses within that time, of all", "%", total_down, ("ttl_share",)),
        line("ttl_hits", "Share of the uses that find it", "%", lambda ttl_found, hit_rate: ttl_found * hit_rate),
        line("ttl_mean", "Mean time that it is held for a use", "s", total_down, ("ttl_held",), "tenths"),
    ], across="ttl_number", down="gap_name")  # fmt: skip
    page.lay("Where to hold it", [
        line("ttl_cost", "Cost of a use in each tier", "$/Mtok", lambda hits, read, mean, second:
             hits * read + mean * second,
             ("ttl_hits", "down_read", "ttl_mean", "down_second")),
        line("ttl_least", "The least of them", "$/Mtok", least_down, ("ttl_cost",)),
        line("ttl_place", "Number of the tier", "number", found_down, ("ttl_least", "ttl_cost")),
        line("ttl_tier", "Tier", "text", index, ("all:tier", "ttl_place"), "right"),
        line("ttl_read", "Reading back from it", "$/Mtok", index, ("all:down_read", "ttl_place")),
        line("ttl_second", "Holding in it for a second", "$/Mtok", index, ("all:down_second", "ttl_place"),
             "scientific"),
        line("ttl_hold", "Holding for a use", "$/Mtok", lambda ttl_mean, ttl_second: ttl_mean * ttl_second),
    ], across="ttl_number", down="tier_name")  # fmt: skip
    page.lay("Costs", [
        line("ttl_cached", "Cost of a cached token that is found", "$/Mtok", lambda read, hold, hits:
             np.where(hits > 0, read + hold / hits, 0), ("ttl_read", "ttl_hold", "ttl_hits")),
        *(line(f"ttl_{end}use", f"Cost of a token of the prefix with the cache, {words}", "$/Mtok", use_cost,
               (f"{end}recompute", "ttl_hits", "ttl_read", "ttl_hold")) for end, words in ENDS.items()),
        line("ttl_saved", "Saved by the cache", "%", lambda ttl_use, recompute: 1 - ttl_use / recompute),
    ], across="ttl_number")  # fmt: skip
    write_charges(book, page)
    write_bridge(book, page)


def write_charges(book: Kernel, page: Page) -> None:
    """What the costs ask for, and what the market's multiples earn."""
    blocks = book.blocks
    page.lay("Prices by cost", [
        line("input_price", "Price of input for the target", "$/Mtok", ts.price_for_margin,
             ("recompute", "target_margin"), "price bold"),
        line("ttl_written", "Cost of writing, which pays for holding", "$/Mtok", lambda recompute, hold, hits:
             recompute + hold / (1 - hits), ("recompute", "ttl_hold", "ttl_hits")),
        line("ttl_write_price", "Price of writing for the target", "$/Mtok", ts.price_for_margin,
             ("ttl_written", "target_margin"), "price bold"),
        line("ttl_write_over", "over that of input", "ratio", lambda price, input_price: price / input_price,
             ("ttl_write_price", "input_price"), "cents"),
        line("ttl_read_price", "Price of reading for the target", "$/Mtok", ts.price_for_margin,
             ("ttl_read", "target_margin"), "price bold"),
        line("ttl_read_over", "over that of input", "ratio", lambda price, input_price: price / input_price,
             ("ttl_read_price", "input_price"), "ratio"),
    ], across="ttl_number")  # fmt: skip
    page.lay("At the multiples of Inputs", [
        line("ttl_write_multiple", "Price of writing over input", "ratio", index, ("all:write_multiple", "ttl_number"),
             "cents"),
        line("read_charge", "Price of reading", "$/Mtok", lambda input_price, multiple: input_price * multiple,
             ("input_price", "read_multiple")),
        line("ttl_write_charge", "Price of writing", "$/Mtok", lambda input_price, multiple: input_price * multiple,
             ("input_price", "ttl_write_multiple")),
        line("ttl_paid", "Paid for a token of the prefix on average", "$/Mtok", lambda hits, read, write:
             hits * read + (1 - hits) * write, ("ttl_hits", "read_charge", "ttl_write_charge")),
        *(line(f"ttl_{end}margin", f"Margin on it, {words}", "%", ts.margin, ("ttl_paid", f"ttl_{end}use"))
          for end, words in ENDS.items()),
        line("ttl_reuses", "Reuses from which the customer saves", "ratio", ts.cache_breakeven_reuses,
             ("ttl_write_multiple", "read_multiple"), "cents"),
        line("ttl_customer", "Customer's saving on the prefix", "%", lambda paid, input_price: 1 - paid / input_price,
             ("ttl_paid", "input_price")),
        line("ttl_step", "Price of writing over that of the first product", "ratio", lambda multiple, multiples:
             multiple / index(multiples, lift(1)), ("ttl_write_multiple", "all:ttl_write_multiple"), "cents"),
        line("ttl_cost_step", "What the costs ask for", "ratio", lambda over, overs: over / index(overs, lift(1)),
             ("ttl_write_over", "all:ttl_write_over"), "cents"),
        line("ttl_read_left", "Price of reading less its cost", "$/Mtok", lambda read_charge, ttl_read:
             read_charge - ttl_read),
        line("ttl_write_left", "Price of writing less its cost", "$/Mtok", lambda ttl_write_charge, ttl_written:
             ttl_write_charge - ttl_written),
        line("ttl_margin_left", "Margin less the target", "%", lambda ttl_margin, target_margin:
             ttl_margin - target_margin),
    ], across="ttl_number")  # fmt: skip
    book.expect("Prices: reading is charged less than input", blocks["read_charge"].cell < blocks["input_price"].cell)
    book.expect("Prices: reading is charged at least its cost", lowest(blocks["ttl_read_left"]) >= 0)
    book.alert(
        "Prices: writing is charged at least its cost, which pays for holding", lowest(blocks["ttl_write_left"]) >= 0
    )
    book.alert(
        "Prices: the prefix earns at least the target at the multiples of Inputs",
        lowest(blocks["ttl_margin_left"]) >= 0,
    )
    book.expect("Prices: a cache costs less than computing anew", lowest(blocks["ttl_saved"]) >= 0)
    book.alert("Inputs: the lists of the multiples are not too old", age(book, "multiples_day") <= blocks["old"].cell)


def write_bridge(book: Kernel, page: Page) -> None:
    """From a prompt computed anew to one with the first product's cache."""
    blocks = book.blocks
    blocks |= {f"{key} 1": blocks[f"ttl_{key}"].take(columns=slice(0, 1)) for key in ("hits", "read", "hold", "use")}
    page.lay("Bridge: a million tokens of prompts", [
        line("whole_part", "Computed anew", "$/Mtok", lambda recompute: recompute * 1, ("recompute",)),
        line("saved_part", "Found in the cache", "$/Mtok", lambda recompute, share, hits: recompute * share * hits,
             ("recompute", "prefix_share", "hits 1")),
        line("read_part", "Read back", "$/Mtok", lambda share, hits, read: share * hits * read,
             ("prefix_share", "hits 1", "read 1")),
        line("held_part", "Held", "$/Mtok", lambda share, hold: share * hold, ("prefix_share", "hold 1")),
        line("left_part", "With the cache", "$/Mtok", lambda whole, saved, read, held: whole - saved + read + held,
             PARTS[:-1], "price bold"),
    ])  # fmt: skip
    book.stack("bridge_part", PARTS)
    top = blocks["whole_part"].row
    page.put(top - 1, FIRST + 1, "Begins at", "head right")
    whole, saved, read = (blocks[key] for key in PARTS[:3])
    after = page.fill(top + 1, FIRST + 1, lambda whole, saved: whole - saved, whole, saved, style="price")
    page.fill(top + 2, FIRST + 1, link, after, style="price")
    held = page.fill(top + 3, FIRST + 1, plus, after, read, style="price")
    base = np.array([[0.0], after.values[0], after.values[0], held.values[0], [0.0]])
    blocks["bridge_base"] = Block(page.name, top, FIRST + 1, base)
    blocks["bridge_name"] = Block(page.name, top, LABEL, np.array([[book.lines[key].label] for key in PARTS], object))
    draw_bars(page, (page.below(22), 0), BRIDGE, blocks["bridge_name"], bridge_bars(book), "0.000")


BRIDGE = "Bridge: a million tokens of prompts with a cache, $"


def bridge_bars(book: Kernel) -> list[Bars]:
    return [Bars("", book.blocks["bridge_base"]), Bars("Part", book.blocks["bridge_part"], ACCENT)]
