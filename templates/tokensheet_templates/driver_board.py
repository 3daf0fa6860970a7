"""The page Board of price-drivers: the answer and the lecture's charts on one sheet of paper."""

from __future__ import annotations

from tokensheet_templates.board import HALF
from tokensheet_templates.cases import tornado_bars
from tokensheet_templates.charts import Bars, draw, draw_bars
from tokensheet_templates.declared import line
from tokensheet_templates.driver_results import FRONTIER, context_lines, with_ends
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.plumbing import shown
from tokensheet_templates.style import ACCENT

ANSWERS = {
    "million": "A million output tokens cost, as estimated", "low_million": "Low end", "high_million": "High end",
    "ideal_million": "Floor, the bound", "price": "Price for the target margin", "latency": "Time per output token",
    "best": "Largest batch within the limit of that time", "best_cost": "What a million tokens costs there",
    "batch_end": "Largest batch that fits", "gain": "Cost of a token alone over that in the batch",
    "balanced": "Balanced context by the bound", "covered": "Context that the surcharge covers",
    "most_speedup": "Most speed over the standard",
}  # fmt: skip
BY_STEP = {"upto_context": "Up to a context of", "upto_million": "costs", "upto_price": "Price for the target",
           "upto_multiple": "over the first"}  # fmt: skip
BY_MODE = {"mode_reached": "Faster than the standard", "mode_speed": "Tokens a second", "mode_million": "costs",
           "mode_price": "Price for the target", "mode_multiple": "over the standard price"}  # fmt: skip
ROWS = 18  # of a chart


def write_board(book: Kernel) -> None:
    page, blocks = book.page("Board", "What batch, context and speed do to the price of a million tokens.", 8, 13), book.blocks
    for title, answers, axis in (("The answer", ANSWERS, ""), ("Prices by context", BY_STEP, "upto_place"),
                                 ("Prices by speed", BY_MODE, "mode_place")):  # fmt: skip
        described = {key: book.describe(key) for key in answers}
        page.lay(title, [
            line(f"board {key}", label, described[key][1], shown, (key,), described[key][2])
            for key, label in answers.items()
        ], across=axis)  # fmt: skip
    row = page.below(3 * ROWS)
    titles = {"chart": "Cost against batch", "x": "Batch, sequences", "y": "$ per million tokens"}
    draw(page, (row, 0), titles, blocks["curve_batch"], with_ends(book, "curve_", "million"), "General", size=HALF)
    titles = {"chart": "Time per output token against batch", "x": "Batch, sequences", "y": "ms"}
    draw(page, (row, 4), titles, blocks["curve_batch"], with_ends(book, "curve_", "latency"), "General", size=HALF)
    row += ROWS
    titles = {"chart": "Cost and price against context", "x": "Context, tokens", "y": "$ per million tokens"}
    draw(page, (row, 0), titles, blocks["at_context"], context_lines(book), "General", least=None, size=HALF)
    draw(page, (row, 4), FRONTIER, blocks["curve_speed"], with_ends(book, "curve_", "million"), "General", least=None,
         size=HALF)  # fmt: skip
    row += ROWS
    bridge = [Bars("", blocks["bridge_base"]), Bars("Part", blocks["bridge_part"], ACCENT)]
    draw_bars(page, (row, 0), "Bridge: from a step to the price of a million tokens, $", blocks["bridge_name"], bridge,
              "0.00", size=HALF)  # fmt: skip
    draw_bars(page, (row, 4), "Tornado: what moves the cost of a million tokens most, $", blocks["rank_label"],
              tornado_bars(book), "0.00", lying=True, size=HALF)  # fmt: skip
