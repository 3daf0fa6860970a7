"""Plumbing of sheets that is no equation, as functions of cells: links, look-ups, counts."""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from tokensheet.cell import Cell, lift
from tokensheet.chain import Chain
from tokensheet.chain import Quantity as Q
from tokensheet.glossary import meaning

from tokensheet_templates.book import Block, as_numbers, is_number


def link(cell: Cell) -> Cell:
    """The same as another cell."""
    return cell


def plus(a: Any, b: Any) -> Any:
    return a + b


def match(keys: Cell, key: Cell) -> Cell:
    """The position of `key` in a row or column, from 1."""
    order = {value: i for i, value in reversed(list(enumerate(keys.value.flat, 1)))}
    positions = np.array([order[value] for value in np.ravel(key.value)], float).reshape(np.shape(key.value))
    return Cell(f"MATCH({key.text},{keys.text},0)", positions, many=False)


def leads_to_itself(names: Cell, name: Cell, so_far: Cell) -> Cell:
    """1 if a look-up of a name finds its own place: the same name before it, or * ? ~ in it, lead astray."""
    text = f"1*(MATCH({name.text},{names.text},0)=COLUMNS({so_far.text}))"
    return Cell(text, np.ones(np.shape(name.value)), many=False)


def index(table: Cell, row: Cell, column: Cell | None = None) -> Cell:
    """The element of a table, or of a single row or column, at a position; an empty cell counts as 0, as in Excel."""
    rows = np.asarray(row.value, int) - 1
    values = table.value.ravel()[rows] if column is None else table.value[rows, np.asarray(column.value, int) - 1]
    found = or_0(values)
    if table.value.size == 1:  # which Gnumeric does not take for a table
        return Cell(table.text.partition(":")[0], found, many=False)
    flat = column is None and table.value.shape[1] > 1  # Gnumeric takes a lone number for that of a row
    places = [table, lift(1), row] if flat else [table, row] if column is None else [table, row, column]
    return Cell(f"INDEX({','.join(place.text for place in places)})", found, many=False)


def or_0(values: Any) -> Any:
    """Values with 0 for empty cells."""
    values = np.asarray(values, object)
    return as_numbers(np.where(values == None, 0.0, values))  # noqa: E711  (element by element)


def index_at_least_1(table: Cell, row: Cell) -> Any:
    """The element of a table where a blank must not become a division by zero."""
    return np.maximum(1, index(table, row))


def all_above_0(*values: Any) -> Any:
    """1 if each of the values is above 0."""
    return np.where(functools.reduce(operator.and_, [value > 0 for value in values]), 1, 0)


def listed(names: Cell, row: Cell, name: Cell) -> Any:
    """1 if a look-up has found the very name: MATCH also takes `H1*` for one."""
    return np.where(index(names, row) == name, 1, 0)


def total(cells: Cell) -> Cell:
    """The sum of the numbers among the cells."""
    return Cell(f"SUM({cells.text})", float(sum(filter(is_number, cells.value.flat))), many=False)


def lowest(block: Block) -> Cell:
    """The least number of a block, for a check."""
    return Cell(f"MIN({block.whole.text})", float(np.min(least(block.values, None))), many=False)


def highest(block: Block) -> Cell:
    numbers = [value for value in block.values.flat if is_number(value)]
    return Cell(f"MAX({block.whole.text})", float(max(numbers, default=0)), many=False)


def is_no_error(cells: Cell) -> Cell:
    """Whether no cell is an error: a sum passes texts over and takes on any error."""
    return Cell(f"ISNUMBER(SUM({cells.text}))", True, many=False)


def count_ones(cells: Cell) -> Cell:
    return Cell(f"COUNTIF({cells.text},1)", float(np.sum(cells.value == 1)), many=False)


def along(way: str) -> Callable[[Any], Any]:
    """Mark what makes one value of each column (`down`), of each row (`across`), or of a row up to there (`so far`)."""

    def mark(equation: Any) -> Any:
        equation.along = way
        return equation

    return mark


def reduced(name: str, axis: int, reduce: Callable[..., Any], cells: Cell) -> Cell:
    return Cell(f"{name}({cells.text})", reduce(cells.value, axis=axis, keepdims=True), many=False)


@along("down")
def total_down(cells: Cell) -> Cell:
    return reduced("SUM", 0, np.sum, cells)


@along("across")
def total_across(cells: Cell) -> Cell:
    return reduced("SUM", 1, np.sum, cells)


@along("so far")
def total_so_far(cells: Cell) -> Cell:
    """The sum from the first of a row or column."""
    sums = np.cumsum(cells.value).reshape(cells.value.shape)
    return Cell(f"SUM({cells.text})", sums, many=False)


@along("so far")
def highest_so_far(cells: Cell) -> Cell:
    """The largest number from the first of a row or column on."""
    found = np.maximum.accumulate(cells.value.ravel()).reshape(cells.value.shape)
    return Cell(f"MAX({cells.text})", found, many=False)


def before(cells: Cell, places: Any, place: Cell) -> Any:
    """The element of a row so many places before a place; 0 where the row has not begun."""
    return np.where(place > places, index(cells, np.maximum(1, place - places)), 0)


def shown(cell: Cell) -> Cell:
    """A number as it is shown to a reader: what cannot be computed is a dash, and the checks say why."""
    values = np.asarray(cell.value, object)
    known = np.reshape([not is_number(each) or np.isfinite(each) for each in values.flat], values.shape)
    return Cell(f'IFERROR({cell.text},"–")', as_numbers(np.where(known, values, "–")), many=False)


@along("down")
def least_down(cells: Cell) -> Cell:
    """The least number of each column, where texts stand for what is none; 0 where no number is."""
    return Cell(f"MIN({cells.text})", least(cells.value, 0), many=False)


@along("down")
def most_down(cells: Cell) -> Cell:
    """The largest number of each column."""
    return reduced("MAX", 0, np.max, cells)


@along("across")
def most_across(cells: Cell) -> Cell:
    """The same of each row."""
    return reduced("MAX", 1, np.max, cells)


@along("across")
def least_across(cells: Cell) -> Cell:
    """The least number of each row, likewise."""
    return Cell(f"MIN({cells.text})", least(cells.value, 1), many=False)


@along("across")
def second_across(cells: Cell) -> Cell:
    """The second least number of each row, where texts stand for what is none; 0 where there are not two."""
    numbers = np.array([value if is_number(value) else np.inf for value in cells.value.flat]).reshape(cells.value.shape)
    second = np.sort(np.hstack([numbers, np.full((len(numbers), 1), np.inf)]), axis=1)[:, [1]]
    found = np.where(np.isfinite(second), second, 0.0)
    return Cell(f"IFERROR(SMALL({cells.text},2),0)", found, many=False)


def least(values: np.ndarray, axis: int | None) -> np.ndarray:
    numbers = np.array([value if is_number(value) else np.inf for value in values.flat]).reshape(values.shape)
    found = numbers.min(axis=axis, keepdims=True)
    return np.where(np.isposinf(found), 0.0, found)


@along("down")
def entry_down(cells: Cell, place: Cell) -> Cell:
    """The element at a position of each column; an empty cell counts as 0."""
    width = np.broadcast_shapes(np.shape(place.value) or (1, 1), (1, cells.value.shape[1]))
    rows = np.broadcast_to(np.asarray(place.value, int) - 1, width)
    found = or_0(np.take_along_axis(np.broadcast_to(cells.value, (len(cells.value), width[1])), rows, axis=0))
    return Cell(f"INDEX({cells.text},{place.text})", found, many=False)


def own_or(own: Cell, listed: Cell) -> Cell:
    """The number in a cell that may be blank or hold a text, else another."""
    given = np.reshape([is_number(value) for value in np.ravel(own.value)], np.shape(own.value))
    values = np.where(given, own.value, listed.value).astype(object)
    return Cell(f"IF(ISNUMBER({own.text}),{own.text},{listed.text})", as_numbers(values), many=False)


@along("down")
def weighted_down(weights: Cell, values: Cell) -> Cell:
    """The sum of the products down two columns."""
    products = np.sum(weights.value * values.value, axis=0, keepdims=True)
    return Cell(f"SUMPRODUCT({weights.text},{values.text})", products, many=False)


@along("across")
def weighted_across(values: Cell, weights: Cell) -> Cell:
    """The sum of the products of each row and the only row of weights."""
    products = np.sum(values.value * weights.value, axis=1, keepdims=True)
    return Cell(f"SUMPRODUCT({values.text},{weights.text})", products, many=False)


@along("down")
def found_down(value: Cell, cells: Cell) -> Cell:
    """The position in each column of a value that is there, from 1; 1 if it is not."""
    return found_along(0, value, cells)


@along("across")
def found_across(value: Cell, cells: Cell) -> Cell:
    """The same in each row."""
    return found_along(1, value, cells)


def found_along(axis: int, value: Cell, cells: Cell) -> Cell:
    places = 1.0 + np.argmax(cells.value == value.value, axis=axis, keepdims=True)
    return Cell(f"IFERROR(MATCH({value.text},{cells.text},0),1)", places, many=False)


def largest(cells: Cell, rank: Cell) -> Cell:
    """The number of that rank from the top."""
    ordered = np.sort(np.ravel(cells.value))[::-1]
    return Cell(f"LARGE({cells.text},{rank.text})", ordered[np.asarray(rank.value, int) - 1], many=False)


def place_of(value: Cell, cells: Cell) -> Cell:
    """The position of a value in a row or column, from 1; 1 if it is not there."""
    known = [*np.ravel(cells.value)]
    places = [1.0 + known.index(each) if each in known else 1.0 for each in np.ravel(value.value)]
    found = np.reshape(places, np.shape(value.value))
    return Cell(f"IFERROR(MATCH({value.text},{cells.text},0),1)", found, many=False)


def agrees(found: Any, other: Any, tolerance: Any) -> Any:
    """1 if two numbers are the same but for the last digits."""
    return np.where(abs(found / other - 1) <= tolerance, 1.0, 0.0)


def in_order(*numbers: Any) -> Any:
    """1 if each number is at least the one before."""
    rising = [less <= more for less, more in pairwise(numbers)]
    return np.where(functools.reduce(operator.and_, rising), 1.0, 0.0)


def last_up_to(cells: Cell, limit: Cell) -> Cell:
    """The position of the last of ascending numbers that is not above a limit, from 1; 1 if all are."""
    places = np.searchsorted(np.ravel(cells.value), limit.value, side="right")
    return Cell(f"IFERROR(MATCH({limit.text},{cells.text},1),1)", np.maximum(1.0, places), many=False)


def count_less(cells: Cell, others: Cell, tolerance: Cell) -> Cell:
    """How many numbers are less than those of other cells at the same places."""
    found = np.sum(cells.value < others.value * (1 - tolerance.value))
    return Cell(f"SUMPRODUCT(1*({cells.text}<{others.text}*(1-{tolerance.text})))", float(found), many=False)


def total_of(keys: Cell, key: Cell, cells: Cell) -> Cell:
    """The sum of the cells of a row whose key is this."""
    sums = [np.sum(np.where(keys.value == each, cells.value, 0)) for each in np.ravel(key.value)]
    found = np.array(sums).reshape(np.shape(key.value))
    return Cell(f"SUMIF({keys.text},{key.text},{cells.text})", found, many=False)


def size(cells: Cell) -> Any:
    """How many cells there are."""
    rows, columns = cells.value.shape
    ways = [(f"ROWS({cells.text})", rows), (f"COLUMNS({cells.text})", columns)]
    counted = [Cell(text, float(number)) for text, number in ways if number > 1]
    return functools.reduce(operator.mul, counted) if counted else lift(1)


def briefly(key: str) -> str:
    """What a key means, without the explanation behind a colon or semicolon."""
    return re.split("[:;]", meaning(key)[0])[0]


def picked(key: str, label: str, names: Block) -> Chain:
    """The row of what was picked by its name, and whether it is the very name."""
    return Chain((
        Q(f"{key}_row", f"{label}: row", partial(match, names.whole), (key,)),
        Q(f"{key}_listed", f"{label}: found", partial(listed, names.whole), (f"{key}_row", key)),
    ))  # fmt: skip
