"""The sheets Sensitivity and Board of price-forensics: one list looked at closely, and all of them on one page."""

from __future__ import annotations

import numpy as np
import tokensheet as ts
from tokensheet.cell import lift

from tokensheet_templates.bridge import bridge_bars, write_bridge
from tokensheet_templates.cases import LIVE, LOW_COLOUR, tornado_bars, write_cases
from tokensheet_templates.charts import Bars, Line, draw_bars, draw_lines
from tokensheet_templates.declared import line
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.plumbing import index, link, shown
from tokensheet_templates.sensitivity import mixed
from tokensheet_templates.style import ACCENT

VARIED = ("planned_utilization", "peak_to_mean", "cached_share", "list_discount", "rent_factor")
SIDE = 7  # utilizations of the two-way table
HALF = {"width": 560, "height": 310}
CASE = [
    line("case_utilization", "Utilization", "%", lambda case_planned_utilization, case_peak_to_mean:
         np.minimum(case_planned_utilization, 1 / case_peak_to_mean)),
    line("case_price", "Price of the mix, less the discount", "$/Mtok",
         lambda tokens, cached, new, read, answer, output, request, discount:
         mixed(tokens, cached, new, read, answer, output, request) * (1 - discount),
         ("input_tokens", "case_cached_share", "seen_theirs_input", "seen_theirs_cache_read", "output_tokens",
          "seen_theirs_output", "request_tokens", "case_list_discount")),
    line("case_busy", "Cost of the mix, at our rent", "$/token", mixed,
         ("input_tokens", "case_cached_share", "seen_standard_input_cost", "seen_cached_cost", "output_tokens",
          "seen_standard_output_cost", "request_tokens")),
    line("case_cost", "Cost of the mix", "$/Mtok",
         lambda case_busy, case_cost_end, utilization, case_utilization, case_rent_factor:
         case_busy * 1e6 * case_cost_end * utilization / case_utilization * case_rent_factor),
    line("case_margin", "Gross margin", "%", ts.margin, ("case_price", "case_cost")),
]  # fmt: skip
ANSWERS = {
    "net": "Price of our mix of tokens, per million",
    "least_cost": "Cost of it, on the cheapest chip",
    "low_cost_best": "Cost, low end",
    "high_cost_best": "Cost, high end",
    "margin_best": "Margin that is left",
    "list_utilization": "Utilization at the margin assumed",
    "list_batch": "Batch at the speed that users see",
    "decode_mfu": "MFU of decode by output over input",
}
OF_LIST = {
    "assumed_model": "Model assumed",
    "chip_best": "Cheapest chip",
    "high_margin_best": "Margin, high cost",
    "margin_best": "Margin",
    "low_margin_best": "Margin, low cost",
    "list_utilization": "Utilization",
    "fit_model": "Fits best",
    "least_off": "Off by a factor of",
}
OF_PAIR = {
    "standard_input_cost": "Cost of an input token",
    "cached_cost": "of a cached one",
    "standard_output_cost": "of an output token",
}
BAND = [("low", "High end", "high_cost_best"), ("base", "Estimate", "least_cost"), ("high", "Low end", "low_cost_best")]


def write_sensitivity(book: Kernel) -> None:
    page = book.page("Sensitivity", "The price list that Inputs looks at, and each of them by utilization.", 12, 13)
    page.take(("list_seen", "input_tokens", "output_tokens", "utilization", "rent_factor", "use_least", "use_span"))
    of_list = ("theirs_input", "theirs_cache_read", "theirs_output", "net", "list_pair", *(key for *_, key in BAND))
    page.lay("The list looked at", [
        line("seen_name", "Price list", "text", index, ("all:market", "list_seen"), "right shrink"),
        line("request_tokens", "Tokens of a request", "tokens", lambda input_tokens, output_tokens:
             input_tokens + output_tokens),
        *(line(f"seen_{key}", book.lines[key].label, book.unit_of(book.lines[key]), index, (f"all:{key}", "list_seen"))
          for key in of_list),
        *(line(f"seen_{key}", label, "$/token", index, (f"all:{key}", "seen_list_pair"))
          for key, label in OF_PAIR.items()),
        *(line(f"over_{level}", f"{words} of the cost over the estimate", "ratio", lambda end, cost: end / cost,
               (f"seen_{end}", "seen_least_cost")) for level, words, end in BAND),
    ])  # fmt: skip
    book.stack("cost_end scenarios", [f"over_{level}" for level in ("low", "base", "high")])  # dear in the low scenario
    write_cases(book, page, VARIED, {"cost_end": "Cost of serving, its band"}, CASE, "case_margin")
    write_parts(book)
    write_two_ways(book)
    page.lay("The live case and the sheet Margins", [
        line("margin_seen", "Margin on Margins", "%", index, ("all:margin_best", "list_seen")),
        line("margin_gap", "Live case less that", "ratio",
             lambda live_outcome, margin_seen: abs(live_outcome - margin_seen)),
    ])  # fmt: skip
    number = book.blocks["list_seen"].cell
    book.expect("Inputs: the number of the price list looked at is whole", np.floor(number) == number)
    book.expect(
        "Sensitivity: the live case is the margin on Margins",
        book.blocks["margin_gap"].cell <= book.blocks["tolerance"].cell,
    )


def write_parts(book: Kernel) -> None:
    """Where a dollar of the list looked at goes."""
    page = book.pages["Sensitivity"]
    page.lay("A million tokens of the live case", [
        line("live_share", "Cached share", "%", lambda cells: index(cells, lift(LIVE)), ("all:case_cached_share",)),
        line("live_price", "Price", "$/Mtok", lambda cells: index(cells, lift(LIVE)), ("all:case_price",)),
        line("paid", "Dollars of rent for a dollar at our rent, per million", "ratio",
             lambda rent_factor, request_tokens: 1e6 * rent_factor / request_tokens),
        line("new_cost", "Prompts", "$/Mtok",
             lambda input_tokens, share, cost, paid: input_tokens * (1 - share) * cost * paid,
             ("input_tokens", "live_share", "seen_standard_input_cost", "paid")),
        line("read_cost", "Cached tokens", "$/Mtok",
             lambda input_tokens, share, cost, paid: input_tokens * share * cost * paid,
             ("input_tokens", "live_share", "seen_cached_cost", "paid")),
        line("output_cost", "Answers", "$/Mtok", lambda output_tokens, cost, paid: output_tokens * cost * paid,
             ("output_tokens", "seen_standard_output_cost", "paid")),
    ])  # fmt: skip
    busy = {
        "new_part": ("Prompts", "new_cost"),
        "read_part": ("Cached tokens", "read_cost"),
        "output_part": ("Answers", "output_cost"),
    }
    parts = [line(key, label, "%", lambda cost, utilization, price: cost * utilization / price,
                  (of, "utilization", "live_price"))
             for key, (label, of) in busy.items()]  # fmt: skip
    idle = line("idle_part", "Idle chips", "%", lambda new, read, output, utilization, price:
                (new + read + output) * (1 - utilization) / price,
                ("new_cost", "read_cost", "output_cost", "utilization", "live_price"))  # fmt: skip
    write_bridge(book, page, "Bridge: where a dollar of the list's price goes",
                 line("price_whole", "Price", "%", lambda price: price / price, ("live_price",)), [*parts, idle],
                 "Margin")  # fmt: skip
    gap = abs(book.blocks["bridge_left"].cell - book.blocks["live_outcome"].take(slice(0, 1)).cell)
    book.expect("Sensitivity: the bridge ends at the margin of the live case", gap <= book.blocks["tolerance"].cell)


def write_two_ways(book: Kernel) -> None:
    """What each list leaves by the utilization of the chips."""
    page = book.pages["Sensitivity"]
    page.axis("list_number", "Number of the price list", range(1, book.blocks["market"].values.size + 1))
    page.lay("Price lists", [
        line("list_name", "Price list", "text", index, ("all:market", "list_number"), "right shrink link"),
        line("list_net", "Price of the mix, less the discount", "$/Mtok", index, ("all:net", "list_number")),
        line("list_busy", "Cost, if chips never idled", "$/Mtok",
             lambda costs, number, utilization: index(costs, number) * utilization,
             ("all:least_cost", "list_number", "utilization")),
    ], across="list_number")  # fmt: skip
    page.name_rows(
        "use_name", "Utilization", {"use_place": range(SIDE)}, names=[f"{number + 1}." for number in range(SIDE)]
    )
    page.lay("Utilizations", [
        line("use", "Utilization", "%", lambda use_least, use_span, use_place: use_least + use_span * use_place),
    ], down="use_name")  # fmt: skip
    page.lay("Margin by utilization", [
        line("two_way", "Two-way: margin, price lists across, utilization down", "%", lambda list_busy, use, list_net:
             1 - list_busy / use / list_net, ("list_busy", "use", "list_net")),
    ], across="list_name", down="use")  # fmt: skip


def write_board(book: Kernel) -> None:
    page = book.page(
        "Board", "What published prices give away, if our assumptions about who is behind them hold.", 8, 13
    )
    page.lay("The list looked at", [
        line("board name", "Price list", "text", shown, ("seen_name",), "right shrink"),
        *(line(f"board {key}", label, book.unit_of(book.lines[key]), lambda cells, place: shown(index(cells, place)),
               (f"all:{key}", "list_seen")) for key, label in ANSWERS.items()),
    ])  # fmt: skip
    page.lay("All lists", [
        line(f"board list {key}", label, book.unit_of(book.lines[key]), lambda cell: shown(link(cell)), (key,),
             getattr(book.lines[key], "style", "")) for key, label in OF_LIST.items()
    ], down="market")  # fmt: skip
    write_charts(book, page.below(36))


def write_charts(book: Kernel, row: int) -> None:
    page, blocks = book.pages["Board"], book.blocks
    colours = {"": ACCENT, "low_": "#6FBF8B", "high_": LOW_COLOUR}
    margins = [Line(book.lines[f"{end}margin_best"].label, blocks[f"{end}margin_best"], colour, marked=True)
               for end, colour in colours.items()]  # fmt: skip
    draw_lines(page, (row, 0), "Margin that each list leaves", blocks["market"], margins, "0%", size=HALF)
    cache = [Bars("Implied over catalogue", blocks["kv_over"], ACCENT)]
    draw_bars(
        page,
        (row, 4),
        "KV cache implied, over the catalogue's",
        blocks["market"],
        cache,
        "0.00",
        size=HALF,
    )
    draw_bars(page, (row + 18, 0), "Tornado: what moves that list's margin", blocks["rank_label"],
              tornado_bars(book), "0%", lying=True, size=HALF)  # fmt: skip
    draw_bars(page, (row + 18, 4), "Bridge: where a dollar of its price goes", blocks["bridge_name"],
              bridge_bars(book), "0%", size=HALF)  # fmt: skip
