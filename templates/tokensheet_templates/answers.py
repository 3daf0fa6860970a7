"""What Boards share: results of other sheets in words of their own, a bridge and the ten longest bars of a tornado."""

from __future__ import annotations

from dataclasses import replace

from tokensheet_templates.board import HALF
from tokensheet_templates.cases import tornado_bars
from tokensheet_templates.charts import Bars, draw_bars
from tokensheet_templates.declared import Line, line
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.plumbing import shown
from tokensheet_templates.style import ACCENT

MILLIONS = '#,##0,,"M"'
TEN = slice(0, 10)


def told(book: Kernel, key: str, label: str) -> Line:
    """A result of another sheet."""
    _, unit, style = book.describe(key)
    return line(f"board {key}", label, unit, shown, (key,), style)


def draw_bridge(book: Kernel, place: tuple[int, int], title: str, form: str) -> None:
    """The blocks `bridge_part`, each on its `bridge_base`, by the names `part`."""
    bars = [Bars("", book.blocks["bridge_base"]), Bars("Part", book.blocks["bridge_part"], ACCENT)]
    draw_bars(book.pages["Board"], place, title, book.blocks["part"], bars, form, size=HALF)


def draw_tornado(book: Kernel, place: tuple[int, int], title: str, form: str) -> None:
    """The inputs that move the outcome of the cases most."""
    bars = [replace(each, block=each.block.take(TEN)) for each in tornado_bars(book)]
    names = book.blocks["rank_label"].take(TEN)
    draw_bars(book.pages["Board"], place, title, names, bars, form, lying=True, size=HALF)
