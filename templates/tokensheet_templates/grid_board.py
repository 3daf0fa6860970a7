"""The page Board of cost-grid: the pair's answer, the cheapest chip of each model, and four charts."""

from __future__ import annotations

from tokensheet_templates.board import HALF
from tokensheet_templates.bridge import bridge_bars
from tokensheet_templates.cases import tornado_bars
from tokensheet_templates.charts import Bars, draw, draw_bars, estimate_lines
from tokensheet_templates.declared import line
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.pair import COSTS
from tokensheet_templates.plumbing import index, shown
from tokensheet_templates.style import ACCENT

ROWS = 27  # of a chart
SIZE = HALF | {"height": 470}  # for the names of all models
ANSWERS = ("model", "chip", "blended", "low_blended", "high_blended", "output_million", "input_million", "latency",
           "chips_used")  # fmt: skip


def write_board(book: Kernel) -> None:
    page = book.page("Board", "What a million tokens cost as served, who is cheapest, and why.", 8, 13)
    page.lay("The pair of Inputs", [
        line(f"board {key}", label, unit, shown, (f"seen {key}",), style.replace("link", ""))
        for key, (label, unit, style) in ((key, book.describe(f"seen {key}")) for key in ANSWERS)
    ])  # fmt: skip
    page.lay("The cheapest chip of each model, blended", [
        line("board cheapest", "Cheapest chip", "text", shown, ("cheapest",), "right shrink"),
        line("board least", "Blended cost", "$/Mtok", shown, ("least_blended",)),
        *(line(f"board {end}least", f"{end.capitalize()} end", "$/Mtok", lambda table, row, column:
               shown(index(table, row, column)), (f"all:{end}_blended", "model_number", "cheapest_place"))
          for end in ("low", "high")),
        line("board output", "Output", "$/Mtok", lambda table, row, column: shown(index(table, row, column)),
             ("all:output_million", "model_number", "cheapest_place")),
        line("board input", "Input", "$/Mtok", lambda table, row, column: shown(index(table, row, column)),
             ("all:input_million", "model_number", "cheapest_place")),
        line("board lead", "Lead over the next", "%", shown, ("lead",)),
    ], down="model")  # fmt: skip
    write_charts(book, page.below(2 * ROWS))


def write_charts(book: Kernel, row: int) -> None:
    page, blocks = book.pages["Board"], book.blocks
    cheapest = [Bars("Blended cost", blocks["board least"], ACCENT)]
    draw_bars(page, (row, 0), "Blended cost on the cheapest chip", blocks["model"], cheapest, "0.00", lying=True,
              size=SIZE, unit="$ per million tokens")  # fmt: skip
    titles = {"chart": "The pair's output against batch", "x": "Batch, sequences", "y": "$ per million"}
    lines = estimate_lines(*(blocks[f"curve_{key}"] for key in COSTS))
    draw(page, (row, 4), titles, blocks["curve_batch"], lines, "General", size=SIZE)
    bridge = bridge_bars(book)
    draw_bars(page, (row + ROWS, 0), "Bridge: what the pair's blended cost is for", blocks["bridge_name"], bridge,
              "0.00", size=SIZE, unit="$ per million tokens")  # fmt: skip
    draw_bars(page, (row + ROWS, 4), "Tornado: what moves the pair's blended cost most", blocks["rank_label"],
              tornado_bars(book), "0.00", lying=True, size=SIZE, unit="$ per million tokens")  # fmt: skip
