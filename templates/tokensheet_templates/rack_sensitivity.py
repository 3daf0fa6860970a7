"""The sheet Sensitivity of rack-layout: what moves the cost by the layout looked at, and what it is made of."""

from __future__ import annotations

import functools
import operator

from tokensheet.cell import lift

from tokensheet_templates.bridge import write_bridge
from tokensheet_templates.cases import LIVE, write_cases
from tokensheet_templates.declared import line
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.layouts import GIVEN, TERMS, chain_of
from tokensheet_templates.plumbing import index, link

VARIED = ("context", "utilization", "rent_factor", "link_factor", "network_factor")
BAND = [("low", "High end", "high_"), ("base", "Estimate", ""), ("high", "Low end", "low_")]
WORDS = {
    "spread_time": "Weights",
    "cache_time": "KV cache",
    "practical_time": "Arithmetic",
    "attention_time": "Attention",
    "exchange": "Exchange",
    "overhead": "Layers",
}


def write_sensitivity(book: Kernel) -> None:
    """The chain once more for the layout looked at, at its batch, case by case: only what the cases move."""
    page = book.page(
        "Sensitivity", "What moves the cost of a million tokens by the layout looked at, at the same batch.", 12, 13
    )
    chain = chain_of(book).of("token_cost", given=(*GIVEN, *book.inputs))
    origins = chain.origins()
    moved = [each for each in chain if origins[each.key] & {*VARIED}]
    keys = {each.key for each in moved}
    needed = dict.fromkeys(key for each in moved for key in each.inputs)
    still = [key for key in needed if key not in keys and key not in VARIED]
    many = [key for key in still if book.blocks[key].values.size > 1]
    page.take(("layout_seen", *(key for key in still if key not in many)))
    page.lay("The layout looked at", [
        line("seen_layout", "Number of the layout", "number", index, ("all:ranked_layout", "layout_seen")),
        line("seen_name", "Layout", "text", index, ("all:layout", "seen_layout"), "right shrink"),
        line("seen_place", "Number of its batch", "number", index, ("all:layout_place", "seen_layout")),
        *(line(f"seen_{key}", *label_and_unit(book, key), index, (f"all:{key}", *spot_of(book, key))) for key in many),
        *(line(f"over_{level}", f"{words} of the cost over the estimate", "ratio",
               lambda end, cost, layout: index(end, layout) / index(cost, layout),
               (f"all:at_{end}token_cost", "all:at_token_cost", "seen_layout")) for level, words, end in BAND),
    ])  # fmt: skip
    book.stack("cost_end scenarios", [f"over_{level}" for level, *_ in BAND])  # dear in the low scenario
    named = {key: f"case_{key}" for key in (*keys, *VARIED)}
    named |= {key: f"seen_{key}" for key in many}
    model = [
        line(
            named[each.key], each.label, book.unit_of(each), each.equation, [named.get(key, key) for key in each.inputs]
        )
        for each in moved
    ]
    outcome = line("case_million", "Cost of a million tokens", "$/Mtok", lambda case_token_cost, case_cost_end:
                   case_token_cost * case_cost_end * 1e6)  # fmt: skip
    write_cases(book, page, VARIED, {"cost_end": "Cost, its band"}, [*model, outcome], "case_million")
    write_parts(book)
    page.lay("The live case and the sheet Ranking", [
        line("ranking_cost", "Cost on Ranking", "$/Mtok", index, ("all:ranked_token_cost", "layout_seen")),
        line("ranking_gap", "Live case over that, less one", "ratio", lambda live_outcome, ranking_cost:
             abs(live_outcome / ranking_cost - 1)),
    ])  # fmt: skip
    book.expect(
        "Sensitivity: the live case is the cost on Ranking",
        book.blocks["ranking_gap"].cell <= book.blocks["tolerance"].cell,
    )


def label_and_unit(book: Kernel, key: str) -> tuple[str, str]:
    """Of a line, or of the batch, which is an axis."""
    return book.describe(key)[:2] if key in book.lines else ("Batch", "sequences")


def spot_of(book: Kernel, key: str) -> tuple[str, ...]:
    """Where a block has what the layout looked at has at its batch."""
    rows, columns = book.blocks[key].values.shape
    return (("seen_place",) if rows > 1 else ()) + (("seen_layout",) if columns > 1 else ())


def write_parts(book: Kernel) -> None:
    """What a million tokens cost, by the terms of the step, some of which run side by side."""
    page = book.pages["Sensitivity"]
    page.lay("The step of the layout looked at", [
        *(line(f"term_{key}", words, "s", index, (f"all:at_{key}", "seen_layout")) for key, words in WORDS.items()),
        line("terms_sum", "Sum of these, some of which run side by side", "s",
             lambda *terms: functools.reduce(operator.add, terms), [f"term_{key}" for key in TERMS]),
        line("use", "Utilization", "%", lambda cells: index(cells, lift(LIVE)), ("all:case_utilization",)),
    ])  # fmt: skip
    parts = [line(f"part_{key}", words, "$/Mtok", lambda cost, use, term, terms: cost * use * term / terms,
                  ("live_outcome", "use", f"term_{key}", "terms_sum")) for key, words in WORDS.items()]  # fmt: skip
    whole = line("part_whole", "Cost", "$/Mtok", link, ("live_outcome",))
    write_bridge(book, page, "Bridge: what a million tokens cost", whole, parts, "Idle chips")
