"""The numbers that an input may be: from the domains of the equations come its words, its validation and its check."""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Callable, Iterable, Sequence
from inspect import signature
from typing import Any

import numpy as np
from tokensheet.cell import Cell
from tokensheet.chain import Chain
from tokensheet.equation import domains
from xlsxwriter.utility import xl_rowcol_to_cell as address

from tokensheet_templates.book import Block, Sheet, is_number
from tokensheet_templates.plumbing import count_filled, size

Limits = Sequence[tuple[str, float]]  # such as [(">", 0.0), ("<=", 1.0)]
SIGNS = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}
WORDS = {">": "above", ">=": "from", "<": "below", "<=": "up to"}
MOST = 1e18  # products of larger numbers overflow
OF_ALL = f">= {-MOST:g} and <= {MOST:g}"  # where nothing else limits a number


def limits_of(chain: Chain, key: str, own: str = "") -> Limits:
    """The strictest limits of the arguments that a key goes into, and of one's own, as `>= 1 and <= 8`."""
    texts = [own, OF_ALL]
    for quantity in chain:
        texts += [
            text for text, given in zip(domain_texts(quantity.equation), quantity.inputs, strict=False) if given == key
        ]
    return strictest(texts)


@functools.cache
def domain_texts(equation: Callable[..., Any]) -> list[str]:
    """The domain of each argument, in words."""
    known = domains(equation)
    return [known[name].text if name in known else "" for name in signature(equation).parameters]


def strictest(texts: Iterable[str]) -> Limits:
    found = [(sign, float(number)) for sign, number in re.findall(r"([<>]=?) (\S+)", " and ".join(texts))]
    lower = [limit for limit in found if ">" in limit[0]]
    upper = [limit for limit in found if "<" in limit[0]]
    return [
        max(lower, key=lambda limit: (limit[1], limit[0] == ">")),
        min(upper, key=lambda limit: (limit[1], limit[0] == "<=")),
    ]


def in_words(limits: Limits, unit: str = "") -> str:
    """Such as `above 0, up to 100 %`; the limits that every number has are not worth a word."""
    shown = "{:.0%}" if unit == "fraction" else "{:,.15g}"
    worth = [(sign, number) for sign, number in limits if abs(number) < MOST]
    return ", ".join(f"{WORDS[sign]} {shown.format(number).replace('%', ' %')}" for sign, number in worth)


def count_within(cells: Cell, limits: Limits) -> Cell:
    """How many of the cells hold a number within the limits: blanks, texts and errors do not count."""
    conditions = [f'{cells.text},"{sign}{np.format_float_positional(number, trim="-")}"' for sign, number in limits]
    found = sum(holds(value, limits) for value in np.ravel(cells.value))
    return Cell(f"COUNTIFS({','.join(conditions)})", float(found), many=False)


def holds(value: Any, limits: Limits) -> bool:
    return is_number(value) and all(SIGNS[sign](value, number) for sign, number in limits)


def within(cells: Cell, limits: Limits, optional: bool = False) -> Any:
    """Whether all of the cells, or of those that are filled, hold a number within the limits."""
    return count_within(cells, limits) == (count_filled(cells) if optional else size(cells))


def guard(
    sheet: Sheet, block: Block, label: str, limits: Limits, unit: str = "", *, may_be_blank: bool = False
) -> None:
    """Let cells hold only numbers within the limits; a check finds what was pasted past the validation."""
    first = address(block.row, block.column)
    test = within(Cell(f"{first}:{first}", np.ones((1, 1))), limits)
    allowed = in_words(limits, unit) + (", or blank" if may_be_blank else "")
    place = block.row, block.column, block.row + len(block.values) - 1, block.column + block.values.shape[1] - 1
    message = {"input_title": label[:32], "input_message": allowed, "error_message": f"{label}: {allowed}."}
    rule = {"validate": "custom", "value": f"={test.text}", "ignore_blank": may_be_blank}
    sheet.raw.data_validation(*place, rule | message)
    sheet.book.expect(f"{sheet.name}, {label}: {allowed}", within(block.whole, limits, may_be_blank))
