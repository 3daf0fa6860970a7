"""The page Board of cache-tiers: where to hold a prefix, what to charge, and the charts on one sheet of paper."""

from __future__ import annotations

from collections.abc import Mapping

from tokensheet_templates.cache_prices import BRIDGE, bridge_bars
from tokensheet_templates.cache_times import BY_TIME, time_lines
from tokensheet_templates.cases import tornado_bars
from tokensheet_templates.charts import Bars, draw, draw_bars
from tokensheet_templates.declared import line
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.page import Page
from tokensheet_templates.plumbing import shown
from tokensheet_templates.style import ACCENT

ANSWERS = {
    "recompute": "Computing a million tokens of a prefix, as estimated", "low_recompute": "Low end",
    "high_recompute": "High end", "ideal_recompute": "Floor, the bound", "input_price": "Price of input for the target",
    "kv_million": "KV cache of a million tokens",
}  # fmt: skip
BY_PRODUCT = {
    "ttl_time": "Kept for", "ttl_tier": "in", "ttl_hits": "Uses that find it", "ttl_cached": "A cached token costs",
    "ttl_saved": "Saved by the cache", "ttl_write_over": "Writing over input, by cost",
    "ttl_write_multiple": "as charged", "ttl_read_over": "Reading over input, by cost",
    "ttl_margin": "Margin on the prefix, as charged", "ttl_high_margin": "at the high end of the cost",
    "ttl_low_margin": "at the low end of the cost", "ttl_reuses": "Reuses from which the customer saves",
}  # fmt: skip
BY_TIER = {"listed_price": "Listed price of a month", "tier_wait": "Time to read a prefix back",
           "tier_read": "Reading back", "tier_even": "Held longer, computing anew is cheaper",
           "tier_needed": "Memory needed", "tier_used": "of the capacity"}  # fmt: skip
BY_GAP = {"gap_part": "Share of the uses", "gap_tier": "Hold it in", "gap_least": "Holding and reading back",
          "gap_anew": "Computing anew", "gap_lecture": "By drain times"}  # fmt: skip
COLUMNS, RIGHT, FURTHER, ROWS = 17, 7, 13, 24  # of the page; where charts begin beside the tables; rows of a chart
SIZE = {"width": 520, "height": 415}


def write_board(book: Kernel) -> None:
    page, blocks = (
        book.page("Board", "Hold it or compute it anew, and what to charge: per million tokens.", COLUMNS, 12),
        book.blocks,
    )
    row = page.row
    lay_shown(book, page, "The answer", ANSWERS)
    lay_shown(book, page, "By product", BY_PRODUCT, across="ttl_number")
    lay_shown(book, page, "By tier", BY_TIER, across="tier")
    lay_shown(book, page, "By time between two uses", BY_GAP, down="gap_name")
    draw(page, (row, RIGHT), BY_TIME, blocks["time"], time_lines(book), "General", least=None, size=SIZE)
    draw_bars(page, (row, FURTHER), BRIDGE, blocks["bridge_name"], bridge_bars(book), "0.000", size=SIZE)
    row += ROWS
    draw_bars(page, (row, RIGHT), "Tornado: what moves the cost of a prompt most, $ a million", blocks["rank_label"],
              tornado_bars(book), "0.000", lying=True, size=SIZE)  # fmt: skip
    used = [Bars("Used", blocks["tier_used"], ACCENT)]
    draw_bars(page, (row, FURTHER), "Capacity of each tier in use", blocks["tier"], used, "0.0%", size=SIZE)
    page.row = max(page.row, row + ROWS)


def lay_shown(
    book: Kernel, page: Page, title: str, answers: Mapping[str, str], *, across: str = "", down: str = ""
) -> None:
    """What other sheets have found, under words of its own."""
    described = {key: book.describe(key) for key in answers}
    page.lay(title, [
        line(f"board {key}", label, described[key][1], shown, (key,), described[key][2].removesuffix(" link"))
        for key, label in answers.items()
    ], across=across, down=down)  # fmt: skip
