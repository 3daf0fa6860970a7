"""A bridge: a whole, the parts that are taken off it, and what is left, as bars that stand on each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tokensheet_templates.book import Block, Lines
from tokensheet_templates.charts import Bars
from tokensheet_templates.declared import Line, line
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.page import FIRST, LABEL, Page
from tokensheet_templates.plumbing import link, total_so_far
from tokensheet_templates.style import ACCENT


def write_bridge(book: Kernel, page: Page, title: str, whole: Line, parts: Sequence[Line], left: str) -> None:
    """The whole and its parts, each a single number, and below them what is `left`; all in the block `bridge_part`.

    Beside them stands what is left after each, `bridge_base`; their labels are `bridge_name`, the end `bridge_left`.
    """
    page.lay(title, [whole, *parts])
    first, style, unit = book.blocks[whole.key], book.describe(whole.key)[2], whole.unit
    book.stack("bridge_parts", [each.key for each in parts])
    page.put(first.row - 1, FIRST + 1, "Left after it", "head right")
    taken = Lines(book.blocks["bridge_parts"], "so far")
    remain = page.fill(first.row + 1, FIRST + 1, remaining, first, taken, style=style)
    book.blocks["bridge_last"] = remain.take(slice(len(parts) - 1, None))
    page.lay_row(line("bridge_left", left, unit, link, ("bridge_last",)))
    book.blocks["bridge_base"] = Block(page.name, first.row, FIRST + 1, np.vstack([[[0.0]], remain.values, [[0.0]]]))
    book.stack("bridge_part", [whole.key, "bridge_parts", "bridge_left"])
    names = np.array([[each] for each in (whole.label, *(part.label for part in parts), left)], object)
    book.blocks["bridge_name"] = Block(page.name, first.row, LABEL, names)


def remaining(whole: Any, taken: Any) -> Any:
    return whole - total_so_far(taken)


def bridge_bars(book: Kernel) -> list[Bars]:
    """The bars of the bridge, for a chart against `bridge_name`."""
    return [Bars("", book.blocks["bridge_base"]), Bars("Part", book.blocks["bridge_part"], ACCENT)]
