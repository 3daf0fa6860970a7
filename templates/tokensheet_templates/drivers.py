"""What a decode step and its price are made of, as a chain; and parts of it at other batches, contexts or rents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import tokensheet as ts
from tokensheet.chain import Chain

from tokensheet_templates.declared import Line, line
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.look_ups import RENT
from tokensheet_templates.page import Page
from tokensheet_templates.served import PLAIN

ENDS = {"ideal_": "Floor, the bound", "low_": "Low end", "": "Estimate", "high_": "High end"}
MILLIONS, LATENCIES = ([f"{end}{key}" for end in ENDS] for key in ("million", "latency"))


def itself(part: Any) -> Any:
    return part


def slowed(part: Any, software: Any) -> Any:
    return software * part


def slowed_at(part: Any, software: Any, efficiency: Any) -> Any:
    return software * part / efficiency


# What a step's time is the sum of
PARTS = {
    "weights": ("Reading the weights", itself, ("spread_time",)),
    "cache": ("Reading the KV cache", slowed_at, ("cache_time", "software", "bandwidth_efficiency")),
    "arithmetic": ("Arithmetic", slowed, ("practical_time", "software")),
    "attention": ("Attention", slowed_at, ("attention_time", "software", "prefill_efficiency")),
    "exchange": ("Exchange between chips", slowed, ("exchange", "software")),
    "layers": ("Fixed time of the layers", itself, ("overhead",)),
}
DRIVERS = Chain((
    RENT,
    *PLAIN.of(*(f"{end}token_cost" for end in ENDS), "fits", "largest_batch", "binds", given=["chips"]),
    line("second_cost", "Rent of the chips for a second of work", "$/s", lambda usd_per_hour, chips, utilization:
         usd_per_hour * chips / 3600 / utilization, style="scientific"),
    *(line(f"{key}_part", f"{label}, of a million tokens", "$/Mtok",
           lambda *given, equation=equation: equation(*given[:-2]) * given[-2] / given[-1] * 1e6,
           (*inputs, "second_cost", "batch"))
      for key, (label, equation, inputs) in PARTS.items()),
    *(line(f"{end}million", f"{words}: a million tokens", "$/Mtok", ts.cost_per_million, (f"{end}token_cost",))
      for end, words in ENDS.items()),
    *(line(f"{end}latency", f"{words}: time per output token", "ms", lambda time: time * 1000, (f"{end}step_time",))
      for end, words in ENDS.items()),
    line("speed", "Tokens a second that a user sees", "tokens/s", ts.interactivity, ("step_time",)),
    line("mfu", "Share of the FLOP/s in use", "%", ts.decode_mfu,
         ("batch", "active_params", "all_flops", "step_time", "flops_per_param")),
))  # fmt: skip


def moved_lines(book: Kernel, chain: Chain, keys: Sequence[str], moved: Mapping[str, str], prefix: str) -> list[Line]:
    """What `keys` rest on where others stand for some of the given: under names of its own, unless it is there."""
    origins, names = chain.origins(), dict(moved)
    part = [each for each in chain.of(*keys) if origins[each.key] & moved.keys()]
    names |= {each.key: f"{prefix}{each.key}" for each in part}
    lines = []
    for each in part:
        label, unit, style = book.describe(each.key)
        inputs = [names.get(key, key) for key in each.inputs]
        lines.append(line(names[each.key], label, unit, each.equation, inputs, style))
    return [each for each in lines if each.key not in book.blocks]


def needs(book: Kernel, page: Page, lines: Sequence[Line]) -> list[str]:
    """The single cells of other sheets that the lines rest on and that the page has not yet taken over."""
    own = page.taken.keys() | {each.key for each in lines}
    return [
        key
        for key in dict.fromkeys(key for each in lines for key in each.inputs)
        if key not in own and page.is_far(key)
    ]


def lay_moved(book: Kernel, page: Page, title: str, lines: Sequence[Line], *, across: str = "", down: str = "") -> None:
    """Lay the lines, with what they need of other sheets taken over first."""
    far = needs(book, page, lines)
    if far:
        page.take(far)
    page.lay(title, lines, across=across, down=down)
