"""The template cache-tiers: where to hold KV caches between uses, for how long, and what a cached token has to cost."""

from __future__ import annotations

import tokensheet as ts
from tokensheet.chain import Chain
from tokensheet.chain import Quantity as Q
from tokensheet.chains import PROMPT

from tokensheet_templates import estimate
from tokensheet_templates.cache_board import write_board
from tokensheet_templates.cache_prices import write_prices
from tokensheet_templates.cache_sensitivity import write_sensitivity
from tokensheet_templates.cache_times import write_gaps, write_tiers
from tokensheet_templates.declared import line, number, numbers, pick
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.look_ups import RENT, RENT_FACTOR, lay_looked_up, with_look_ups
from tokensheet_templates.plumbing import (
    in_order,
    link,
)
from tokensheet_templates.template import template

ENDS = {"ideal_": "Floor, the bound", "low_": "Low end", "": "Estimate", "high_": "High end"}
CLOUD = "our assumption, near what clouds list: replace it by yours"
# A prompt of which nothing is cached yet
PREFIX = PROMPT.replaced(
    Q("new_tokens", "Tokens that have to be computed", link, ("input_tokens",)),
    Q("prompt_attention_time", PROMPT["prompt_attention_time"].label, ts.prefill_attention_time,
      ("new_tokens", "full_attention_layers", "heads", "head_dim", "stage_bf16_flops")),
)  # fmt: skip
COSTS = Chain((
    RENT,
    line("input_tokens", "Tokens of the prefix", "tokens", lambda prompt, prefix_share: prompt * prefix_share),
    line("context", "Context of the prefix", "tokens", link, ("input_tokens",)),
    *PREFIX.of(*(f"{end}prefill_cost" for end in ENDS), "kv_sequence", "weights_bytes", given=["chips"]),
    *(line(f"{end}recompute", f"{words}: computing a million tokens", "$/Mtok", ts.cost_per_million,
           (f"{end}prefill_cost",))
      for end, words in ENDS.items()),
    line("kv_million", "KV cache of a million tokens", "bytes", lambda kv_sequence, input_tokens:
         kv_sequence / input_tokens * 1e6),
    line("machine", "Rent of the replica, with its idle time", "$/hour", lambda usd_per_hour, chips, utilization:
         usd_per_hour * chips / utilization),
    line("room", "Memory of the chips beside the weights", "bytes", ts.kv_capacity,
         ("weights_bytes", "hbm", "chips", "headroom")),
    line("chips_bandwidth", "Memory bandwidth of the chips", "bytes/s", lambda chip_bandwidth, chips:
         chip_bandwidth * chips),
    line("hbm_price", "Memory of a chip, by its rent", "$/GB-month", lambda usd_per_hour, hbm, hours:
         usd_per_hour * hours / (hbm / 1e9)),
))  # fmt: skip

INPUTS = {
    "What is served": [
        pick("model", "Model", "DeepSeek-V3", "model"),
        pick("chip", "Chip", "B200 SXM", "chip"),
        number("chips", "Chips of a replica", "chips", 8, 1, 1024),
        *estimate.terms(),
        RENT_FACTOR,
        number("utilization", "Utilization", "%", (0.35, 0.5, 0.65), 0.05, 0.95),
    ],
    "What is cached": [
        number("prompt", "Prompt", "tokens", 20e3, 1, 1e6),
        number("prefix_share", "Share of it that comes again, the prefix", "%", (0.6, 0.8, 0.9), 0.01, 1),
        number("hit_rate", "Share of kept prefixes that a request finds", "%", (0.8, 0.9, 0.95), 0, 0.99),
        number("requests", "Requests to the replica", "requests/s", 0.5, 0.001, 1e5),
        numbers("gap", "Time between two uses of a prefix, class", "seconds",
                {"1": 10, "2": 60, "3": 300, "4": 3600, "5": 86400}, 1, 1e8),
        numbers("gap_share", "Share of the uses, class", "%", {"1": 0.3, "2": 0.3, "3": 0.2, "4": 0.15, "5": 0.05},
                0, 1),
        number("gap_factor", "These times over those listed", "ratio", (2, 1, 0.5), 0.01, 100),
    ],
    "Where it is held": [
        numbers("held_price", "Price of memory:", "$/GB-month", {"DDR": 3, "flash": 0.08, "disk": 0.045}, 0, 1000,
                source=CLOUD),
        numbers("held_bandwidth", "Bandwidth to the replica:", "GB/s", {"DDR": 400, "flash": 50, "disk": 5}, 0.01, 1e5),
        numbers("held_capacity", "Capacity for the replica:", "GB", {"DDR": 2e3, "flash": 6e4, "disk": 1e6}, 1, 1e8),
        number("storage_factor", "Prices of memory over those listed", "ratio", (1.5, 1, 0.7), 0.01, 100),
        number("hours", "Hours of a month", "hours", 730, 672, 744),
    ],
    "What is charged": [
        number("target_margin", "Target gross margin", "%", 0.6, 0, 0.9),
        numbers("ttl", "Time that a prefix is kept, product", "seconds", {"1": 300, "2": 3600}, 1, 1e8),
        numbers("write_multiple", "Price of writing over input, product", "ratio", {"1": 1.25, "2": 2}, 1, 10,
                source="the market's lists"),
        number("read_multiple", "Price of reading over input", "ratio", 0.1, 0, 0.99, source="the market's lists"),
        number("multiples_day", "Day of those lists", "day", 46353, 40000, 80000, source="the market's lists"),
    ],
    "What is drawn": [
        number("first_time", "Shortest time", "seconds", 1, 1, 1e6),
        number("last_time", "Longest time", "seconds", 604800, 1, 1e8),
        number("hit_step", "Step of the hits in the two-way grid", "%", 0.15, 0.01, 0.16),
        number("time_first", "Shortest time in the two-way grid", "seconds", 60, 1, 1e6),
        number("time_step", "Step of the times there", "ratio", 4, 1.1, 10),
    ],
    **estimate.estimate(COSTS, "chips", "utilization"),
}  # fmt: skip
SHEETS = {
    "Prefill": "What it costs to compute a prefix anew, every step of it",
    "Tiers": "What holding it and reading it back cost in each tier, against time",
    "Gaps": "Where to hold what is used again after ten seconds, a minute, an hour, a day; the capacity that needs",
    "Prices": "What writing and reading a cached token have to be charged, by how long it is kept",
    "Sensitivity": "What moves the cost of a prompt most, and its cost by hits and time, two-way",
}
HOW = (
    "Pick a model and a chip on Inputs, say how long it takes until a prefix comes again, and what memory costs; read "
    "Board. An own rent, chip or model goes on Catalogue."
)


@template("cache-tiers", "Where to hold KV caches, and what to charge", audience="Whoever runs a prompt cache, or sets "
          "the price of cached tokens.", how=HOW, sheets=SHEETS, inputs=INPUTS)  # fmt: skip
def cache_tiers(book: Kernel) -> None:
    """Whether a prefix is computed anew or held between its uses, in which memory and for how long, and what a million
    cached tokens cost and have to be charged.
    """
    book.catalogue()
    write_prefill(book)
    write_tiers(book)
    write_gaps(book)
    write_prices(book)
    write_sensitivity(book)
    write_board(book)


def write_prefill(book: Kernel) -> None:
    page = book.page("Prefill", "What the prefix costs to compute, all its steps, and a million tokens of it.")
    lay_looked_up(book, page, "Step by step", with_look_ups(book.blocks, COSTS))
    ends = [f"{end}recompute" for end in ENDS]
    page.lay(
        "The ends",
        [line("ordered", "1 if floor, low end, estimate and high end are in order", "0 or 1", in_order, ends)],
    )
    book.expect("Prefill: floor, low end, estimate and high end are in order", book.blocks["ordered"].cell == 1)
    book.expect("Prefill: the memory beside the weights holds a prefix",
                book.blocks["room"].cell >= book.blocks["kv_sequence"].cell)  # fmt: skip
