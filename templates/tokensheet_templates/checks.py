"""The sheet of checks: errors, alerts and the scenario; what cannot be computed has failed, and the total names it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from tokensheet.cell import Cell

from tokensheet_templates.book import ALERT, ERROR, Block, Sheet
from tokensheet_templates.paper import set_up
from tokensheet_templates.plumbing import count_ones, lowest, size
from tokensheet_templates.style import GOOD, POOR, WARN

FIRST = 5
KINDS = (ERROR, ALERT)
WIDTHS = {0: 96, 1: 12, 2: 10}
PASS = "All checks pass"
RESULT = 2  # column


class State(NamedTuple):
    """What every sheet shows: the total, and how many alerts there are."""

    total: Block
    alerts: Block


def write_checks(sheet: Sheet) -> State:
    """What the sheets before have to hold; the state stands above, where it is seen."""
    sheet.heading("Checks", "1 is passed, 0 is failed. Whatever cannot be computed has failed.", WIDTHS)
    checks = sorted(sheet.book.checks, key=lambda check: KINDS.index(check.kind))
    sheet.put(FIRST - 1, 0, [["Check", "Kind"]], "head")
    sheet.put(FIRST - 1, RESULT, "Passed", "head right")
    labels = sheet.put(FIRST, 0, [[check.label] for check in checks])
    sheet.put(FIRST, 1, [[check.kind] for check in checks], "note")
    results = [
        sheet.fill(row, RESULT, passed, check.test, style="whole center").values
        for row, check in enumerate(checks, FIRST)
    ]
    every = Block(sheet.name, FIRST, RESULT, np.vstack(results))
    errors = sum(check.kind == ERROR for check in checks)
    must, may = every.take(slice(0, errors)), every.take(slice(errors, None))
    colour(sheet, must, POOR)
    colour(sheet, may, WARN)
    first = sheet.fill(2, 1, first_failed, labels.take(slice(0, errors)).whole, must.whole, style="note small shrink")
    failing = sheet.fill(2, RESULT, failures, must.whole, style="whole center")
    sheet.put(3, 1, "alerts", "note small right")
    alerts = sheet.fill(3, RESULT, failures, may.whole, style="whole center") if may.values.size else failing
    sheet.raw.freeze_panes(FIRST, 0)
    set_up(sheet, FIRST + len(checks), len(WIDTHS), head=(FIRST - 1, FIRST - 1))
    return State(sheet.fill(2, 0, verdict, failing, first, style="flag"), alerts)


def colour(sheet: Sheet, block: Block, failed: str) -> None:
    if block.values.size:
        for value, shade in ((1, GOOD), (0, failed)):
            look = sheet.book.raw.add_format({"bg_color": shade})
            rule = {"type": "cell", "criteria": "==", "value": value, "format": look}
            sheet.raw.conditional_format(block.range, rule)


def passed(test: Cell) -> Cell:
    return Cell(f"IFERROR(IF({test.text},1,0),0)", float(bool(test.value)))


def failures(results: Cell) -> Any:
    """How many results are not 1."""
    return size(results) - count_ones(results)


def first_failed(labels: Cell, results: Cell) -> Cell:
    failed = [label for label, result in zip(labels.value.flat, results.value.flat, strict=True) if not result]
    return Cell(f'IFERROR(INDEX({labels.text},MATCH(0,{results.text},0)),"none")', failed[0] if failed else "none")


def verdict(failing: Any, first: Any) -> Any:
    """That all is well, or the first check that failed."""
    return np.where(failing == 0, PASS, "A check fails: " + first)


def all_ones(block: Block) -> Any:
    """Whether each of the ones and zeros is one."""
    return lowest(block) == 1
