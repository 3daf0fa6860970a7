"""The page Board of pricing-sheet: the answer, the price list and four charts on one sheet of paper."""

from __future__ import annotations

import functools
import operator
from typing import Any

import numpy as np
from tokensheet.cell import lift

from tokensheet_templates.book import Block, Lines
from tokensheet_templates.cases import tornado_bars
from tokensheet_templates.charts import Bars, Line, draw_bars, draw_lines
from tokensheet_templates.declared import line
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.page import FIRST, LABEL
from tokensheet_templates.plumbing import index, link, shown, total, total_so_far
from tokensheet_templates.style import ACCENT

ANSWERS = {
    "book_price": "Price of a million tokens of the whole book", "book_cost": "Cost of them",
    "book_low_cost": "Cost of them, low end", "book_high_cost": "Cost of them, high end",
    "margin_seen": "Gross margin of the month looked at",
    "break_even": "Utilization at which it earns nothing", "npv": "Net present value of 36 months",
    "even_month": "Month from which cash is never negative, – if none",
}  # fmt: skip
HALF = {"width": 560, "height": 310}


def write_board(book: Kernel, kinds: tuple[str, ...]) -> None:
    page = book.page("Board", "What we charge, what it costs and what is left.", 8, 13)
    page.lay("The answer", [
        line(f"board {key}", label, book.unit_of(book.lines[key]), shown, (key,)) for key, label in ANSWERS.items()
    ])  # fmt: skip
    numbers = {f"kind_{place}": book.blocks["kind"].take(slice(place, place + 1)) for place in range(len(kinds))}
    book.blocks |= numbers
    page.lay("Standard prices", [
        *(line(f"board {kind}", kind, "$/Mtok", lambda prices, first, kind: shown(index(prices, first + kind)),
               ("all:item_price", "model_first", f"kind_{place}"))
          for place, kind in enumerate(kinds)),
        *(line(f"board {end}margin", f"margin, {words}", "%", lambda margins, place: shown(index(margins, place)),
               (f"all:line_{end}margin", "model_line"))
          for end, words in (("high_", "high cost"), ("", "as estimated"), ("low_", "low cost"))),
    ], down="model_name")  # fmt: skip
    write_charts(book, page.below(36))


def write_charts(book: Kernel, row: int) -> None:
    page, blocks = book.pages["Board"], book.blocks
    bridge = [Bars("", blocks["bridge_base"]), Bars("Share", blocks["bridge_part"], ACCENT)]
    draw_bars(
        page, (row, 0), "Bridge: where a dollar of net revenue goes", blocks["bridge_name"], bridge, "0%", size=HALF
    )
    margin = [Line("Gross margin", blocks["gross_margin"], ACCENT, 2.5)]
    draw_lines(page, (row, 4), "Gross margin, month by month", blocks["month"], margin, "0%", size=HALF)
    tornado = tornado_bars(book)
    draw_bars(page, (row + 18, 0), "Tornado: what moves the month's gross profit, $", blocks["rank_label"],
    tornado,
              "#,##0", lying=True, size=HALF)  # fmt: skip
    cash = [Line("Cumulative cash", blocks["cash"], ACCENT, 2.5)]
    draw_lines(page, (row + 18, 4), "Cumulative cash by month, $", blocks["month"], cash, "#,##0", size=HALF)


PARTS = {"weights": "spread_time", "KV cache": "cache_time", "arithmetic": "practical_time",
"attention": "attention_time",
         "exchange": "exchange", "layers": "overhead"}  # fmt: skip

COSTS = ["prompt_seen", *(f"seen {name}" for name in PARTS), "read_seen", "idle_seen", "held_seen", "other_seen"]


def write_bridge(book: Kernel) -> None:
    """Where a dollar of net revenue of the month goes; answers by the terms of the first model's step."""
    page = book.pages["Profit"]
    seen = {
        "serving": "Serving, of a dollar",
        "idle": "Idle chips",
        "storage": "Holding the cache",
        "other": "Other cost",
    }
    page.take(("new_share", "read_share", "output_share", "book_new", "book_read", "book_out"))
    page.lay("Where a dollar of net revenue goes", [
        line("lead", "Column on Cost of the first model", "number", lambda pairs: index(pairs, lift(1)),
             ("all:line_pair",)),
        *(line(f"term {name}", f"Step of the first model: {name}", "s", lambda pairs, lead: index(pairs, lead),
               (f"all:standard_{key}", "lead"))
          for name, key in PARTS.items()),
        line("terms_sum", "Sum of these, some of which run side by side", "s", added,
             [f"term {name}" for name in PARTS]),
        line("net_seen", "Net revenue of the month", "$", index, ("all:net_revenue", "month_seen")),
        *(line(f"{key}_part", label, "%", lambda cells, month, net: -index(cells, month) / net, (f"all:{key}",
               "month_seen", "net_seen"))
          for key, label in seen.items()),
    ])  # fmt: skip
    page.lay("The bridge", [
        line("net_whole", "Net revenue", "%", lambda net: net / net, ("net_seen",)),
        line("prompt_seen", "Prompts", "%", part_of, ("serving_part", "book_new", "new_share", "book_serving")),
        *(line(f"seen {name}", name.capitalize() if name != "KV cache" else name, "%", lambda serving, cost, share,
               whole, term, terms:
               part_of(serving, cost, share, whole) * term / terms,
               ("serving_part", "book_out", "output_share", "book_serving", f"term {name}",
               "terms_sum")) for name in PARTS),
        line("read_seen", "Cached tokens", "%", part_of, ("serving_part", "book_read", "read_share", "book_serving")),
        line("idle_seen", "Idle chips", "%", link, ("idle_part",)),
        line("held_seen", "Holding the cache", "%", link, ("storage_part",)),
        line("other_seen", "Other cost", "%", link, ("other_part",)),
    ])  # fmt: skip
    names = ["net_whole", *COSTS, "left_seen"]
    book.stack("bridge_costs", COSTS)
    page.lay_row(
        line(
            "left_seen",
            "Gross margin",
            "%",
            lambda whole, costs: whole - total(costs),
            ("net_whole", "all:bridge_costs"),
        )
    )
    book.stack("bridge_part", names)
    top = book.blocks["net_whole"].row
    page.put(top - 1, FIRST + 1, "Left after it", "head right")
    costs = Lines(book.blocks["bridge_costs"], "so far")
    left = page.fill(top + 1, FIRST + 1, lambda costs: 1 - total_so_far(costs), costs, style="percent")
    book.blocks["bridge_base"] = Block(page.name, top, FIRST + 1, np.vstack([[[0.0]], left.values, [[0.0]]]))
    labels = np.array([[book.lines[name].label] for name in names], object)
    book.blocks["bridge_name"] = Block(page.name, top, LABEL, labels)


def part_of(serving: Any, cost: Any, share: Any, whole: Any) -> Any:
    """The part of serving that one kind of token takes."""
    return serving * cost * share / whole


def added(*terms: Any) -> Any:
    return functools.reduce(operator.add, terms)
