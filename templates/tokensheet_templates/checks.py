"""The sheet of checks: 1 or 0, what cannot be computed has failed, and the total names the first that fails."""

from __future__ import annotations

from typing import Any

import numpy as np
from tokensheet.cell import Cell

from tokensheet_templates.book import Block, Sheet
from tokensheet_templates.paper import set_up
from tokensheet_templates.plumbing import count_ones, size, total
from tokensheet_templates.style import GOOD, POOR

FIRST = 5
PASS = "All checks pass"


def write_checks(sheet: Sheet) -> Block:
    """What the sheets before have to hold; the total stands above, where it is seen."""
    checks = sheet.book.checks
    sheet.heading("Checks", "1 is passed, 0 is failed. Whatever cannot be computed has failed.", {0: 110, 1: 10})
    sheet.put(FIRST - 1, 0, "Check", "head")
    sheet.put(FIRST - 1, 1, "Passed", "head right")
    labels = sheet.put(FIRST, 0, [[label] for label, _ in checks])
    results = [sheet.fill(row, 1, passed, test, style="plain").values for row, (_, test) in enumerate(checks, FIRST)]
    every = Block(sheet.name, FIRST, 1, np.vstack(results))
    for value, shade in ((1, GOOD), (0, POOR)):
        look = sheet.book.raw.add_format({"bg_color": shade})
        sheet.raw.conditional_format(every.range, {"type": "cell", "criteria": "==", "value": value, "format": look})
    sheet.raw.freeze_panes(FIRST, 0)
    set_up(sheet, FIRST + len(checks), 2, head=(FIRST - 1, FIRST - 1))
    return sheet.fill(2, 0, verdict, labels.whole, every.whole, style="flag")


def passed(test: Cell) -> Cell:
    return Cell(f"IFERROR(IF({test.text},1,0),0)", float(bool(test.value)))


def verdict(labels: Cell, results: Cell) -> Any:
    """That all is well, or the first check that failed."""
    failed = [label for label, result in zip(labels.value.flat, results.value.flat, strict=True) if not result]
    first = f"INDEX({labels.text},MATCH(0,{results.text},0))"
    text = f'IF(MIN({results.text})=1,"{PASS}","A check fails: "&{first})'
    return Cell(text, f"A check fails: {failed[0]}" if failed else PASS, many=False)


def all_ones(block: Block) -> Any:
    return count_ones(block.whole) == size(block.whole)


def no_error(block: Block) -> Any:
    """Whether each cell holds a number or a text: a sum passes texts over and takes on any error."""
    return total(block.whole) >= 0
