"""The page Board of pricing-sheet: the answer, the price list and four charts on one sheet of paper."""

from __future__ import annotations

from tokensheet_templates.charts import Bars, Line, draw_bars, draw_lines
from tokensheet_templates.declared import line
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.plumbing import index, shown, total_so_far
from tokensheet_templates.style import ACCENT

ANSWERS = {
    "book_price": "Price of a token of the whole book", "book_cost": "Cost of it", "book_low_cost": "Cost, low end",
    "book_high_cost": "Cost, high end", "margin_seen": "Gross margin of the month looked at",
    "break_even": "Utilization at which it earns nothing", "npv": "Net present value of 36 months",
    "even_month": "Month in which cash turns, 0 if none does",
}  # fmt: skip
HALF = {"width": 560, "height": 270}


def write_board(book: Kernel, kinds: tuple[str, ...]) -> None:
    page = book.page("Board", "What we charge, what it costs and what is left.", 8, 13)
    page.lay("The answer", [
        line(f"board {key}", label, book.unit_of(book.lines[key]), shown, (key,)) for key, label in ANSWERS.items()
    ])  # fmt: skip
    numbers = {f"kind_{place}": book.blocks["kind"].take(slice(place, place + 1)) for place in range(len(kinds))}
    book.blocks |= numbers
    page.lay("Standard prices", [
        *(line(f"board {kind}", kind, "$/Mtok", lambda prices, model, tiers, kinds, kind: shown(
            index(prices, (model - 1) * tiers * kinds + kind)),
            ("all:item_price", "model_number", "tier_count", "kind_count", f"kind_{place}"))
          for place, kind in enumerate(kinds)),
        *(line(f"board {end}margin", f"margin, {words}", "%", lambda margins, model, tiers: shown(
            index(margins, (model - 1) * tiers + 1)), (f"all:line_{end}margin", "model_number", "tier_count"))
          for end, words in (("high_", "high cost"), ("", "as estimated"), ("low_", "low cost"))),
    ], down="model_name")  # fmt: skip
    row = page.below(36)
    write_charts(book, row)
    page.raw.fit_to_pages(1, 1)


def write_charts(book: Kernel, row: int) -> None:
    page, blocks = book.pages["Board"], book.blocks
    bridge = [Bars("", blocks["bridge_base"]), Bars("Share", blocks["bridge_part"], ACCENT)]
    draw_bars(page, (row, 0), "Where a dollar of net revenue goes", blocks["bridge_name"], bridge, "0%", size=HALF)
    margin = [Line("Gross margin", blocks["gross_margin"], ACCENT, 2.5)]
    draw_lines(page, (row, 4), "Gross margin, month by month", blocks["month"], margin, "0%", size=HALF)
    tornado = [Bars("Low scenario", blocks["rank_low"], "#C05621"), Bars("High scenario", blocks["rank_high"], "#8EC5F2")]
    draw_bars(page, (row + 18, 0), "What moves the gross profit of the month most, $", blocks["rank_label"], tornado,
              "#,##0", lying=True, size=HALF)  # fmt: skip
    cash = [Line("Cumulative cash", blocks["cash"], ACCENT, 2.5)]
    draw_lines(page, (row + 18, 4), "Cumulative cash, $", blocks["month"], cash, "#,##0", size=HALF)


PARTS = {"weights": "spread_time", "KV cache": "cache_time", "arithmetic": "practical_time", "attention": "attention_time",
         "exchange": "exchange", "layers": "overhead"}  # fmt: skip


def write_bridge(book: Kernel) -> None:
    """Where a dollar of net revenue of the month goes; decoding by the terms of the first model's step."""
    page = book.pages["Profit"]
    page.lay("Where a dollar of net revenue goes", [
        line("lead", "Column on Cost of the first model", "number", lambda pairs: index(pairs, first()), ("all:line_pair",)),
        *(line(f"term {name}", f"Step of the first model: {name}", "s", index, (f"all:standard_{key}", "lead"))
          for name, key in PARTS.items()),
        line("terms_sum", "Sum of these, some of which run side by side", "s", lambda *terms: sum(terms[1:], terms[0]),
             [f"term {name}" for name in PARTS]),
        line("net_seen", "Net revenue", "$", index, ("all:net_revenue", "month_seen")),
        line("serving_seen", "Serving, of a dollar", "%", share_seen, ("all:serving", "month_seen", "net_seen")),
        line("prompt_seen", "of it prompts", "%", part_of, ("serving_seen", "book_new", "new_share", "book_serving")),
        line("read_seen", "of it cached tokens", "%", part_of, ("serving_seen", "book_read", "read_share", "book_serving")),
        line("decode_seen", "of it answers", "%", part_of, ("serving_seen", "book_out", "output_share", "book_serving")),
    ])  # fmt: skip


def first() -> object:
    from tokensheet.cell import lift

    return lift(1)
