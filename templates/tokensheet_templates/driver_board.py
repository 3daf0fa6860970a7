"""The page Board of price-drivers: the answer and the lecture's charts on one sheet of paper."""

from __future__ import annotations

from tokensheet_templates.cases import tornado_bars
from tokensheet_templates.charts import Bars, draw, draw_bars
from tokensheet_templates.declared import line
from tokensheet_templates.driver_results import FRONTIER, SHARES, context_lines, parts, with_ends
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.page import Page
from tokensheet_templates.plumbing import shown
from tokensheet_templates.style import ACCENT

ANSWERS = {
    "million": "A million output tokens cost, as estimated", "low_million": "Low end", "high_million": "High end",
    "ideal_million": "Floor, the bound", "standard_price": "Price for the target margin",
    "latency": "Time per output token",
    "best": "Largest batch within the limit of that time", "best_cost": "What a million tokens costs there",
    "batch_end": "Largest batch that fits", "gain": "Cost of a token alone over that in the batch",
    "balanced": "Balanced context by the bound", "covered": "Context that the surcharge covers",
    "most_speedup": "Most speed over the standard",
}  # fmt: skip
BY_STEP = {"upto_context": "Up to a context of", "upto_million": "costs", "upto_price": "Price for the target",
           "upto_multiple": "over the first"}  # fmt: skip
BY_MODE = {"mode_reached": "Faster than the standard", "mode_speed": "Tokens a second", "mode_million": "costs",
           "mode_price": "Price for the target", "mode_multiple": "over the standard price"}  # fmt: skip
COLUMNS, RIGHT, FURTHER, ROWS = 16, 6, 12, 24  # of the page; where charts begin beside the tables; rows of a chart
SIZE = {"width": 545, "height": 415}
WIDE = SIZE | {"width": 790}  # as the tables
BY_BATCH = {"x": "Batch, sequences", "y": "$ per million tokens"}


def write_board(book: Kernel) -> None:
    page = book.page("Board", "What batch, context and speed do to the price of a million tokens.", COLUMNS, 13)
    top = page.row
    for title, answers, axis in (("The answer", ANSWERS, ""), ("Prices by context", BY_STEP, "upto_number"),
                                 ("Prices by speed", BY_MODE, "mode_number")):  # fmt: skip
        described = {key: book.describe(key) for key in answers}
        page.lay(title, [
            line(f"board {key}", label, described[key][1], shown, (key,), described[key][2].removesuffix(" link"))
            for key, label in answers.items()
        ], across=axis)  # fmt: skip
    draw_curves(book, page, top)
    page.row = max(page.row, top + 2 * ROWS)
    draw_parts(book, page, page.below(ROWS))


def draw_curves(book: Kernel, page: Page, row: int) -> None:
    """The four charts of the lecture, beside the tables."""
    blocks, cost, time = book.blocks, with_ends(book, "curve_", "million"), with_ends(book, "curve_", "latency")
    by_context = {"chart": "Cost and price against context", "x": "Context, tokens", "y": BY_BATCH["y"]}
    draw(
        page,
        (row, RIGHT),
        BY_BATCH | {"chart": "Cost against batch"},
        blocks["curve_batch"],
        cost,
        "General",
        size=SIZE,
    )
    by_time = BY_BATCH | {"chart": "Time per output token against batch", "y": "ms"}
    draw(page, (row, FURTHER), by_time, blocks["curve_batch"], time, "General", size=SIZE)
    row += ROWS
    draw(page, (row, RIGHT), by_context, blocks["at_context"], context_lines(book), "General", least=None, size=SIZE)
    draw(page, (row, FURTHER), FRONTIER, blocks["curve_speed"], cost, "General", least=None, size=SIZE)


def draw_parts(book: Kernel, page: Page, row: int) -> None:
    """What the price consists of, and what moves the cost."""
    blocks = book.blocks
    bridge = [Bars("", blocks["bridge_base"]), Bars("Part", blocks["bridge_part"], ACCENT)]
    draw_bars(page, (row, 0), "Bridge: from a step to the price of a million tokens, $", blocks["bridge_name"], bridge,
              "0.00", size=WIDE)  # fmt: skip
    draw_bars(page, (row, RIGHT), "Tornado: what moves the cost most, $ a million", blocks["rank_label"],
              tornado_bars(book), "0.00", lying=True, size=SIZE)  # fmt: skip
    draw_bars(page, (row, FURTHER), SHARES, blocks["curve_name"], parts(book), "0%", size=SIZE)
