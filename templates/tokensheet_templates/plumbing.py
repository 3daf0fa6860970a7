"""Plumbing of sheets that is no equation, as functions of cells: links, look-ups, counts."""

from __future__ import annotations

import functools
import operator
from typing import Any

import numpy as np
from tokensheet.cell import Cell, lift

from tokensheet_templates.book import as_numbers, is_number


def link(cell: Cell) -> Cell:
    """The same as another cell."""
    return cell


def found_at(table: Cell, rows: Cell, columns: Cell, row: Cell, column: Cell, otherwise: Cell) -> Cell:
    """The element of a table by the names of its row and column, where it has them."""
    there = row.value in rows.value and column.value in columns.value
    found = index(table, match(rows, row), match(columns, column)) if there else otherwise
    text = f"INDEX({table.text},MATCH({row.text},{rows.text},0),MATCH({column.text},{columns.text},0))"
    return Cell(f"IFERROR({text},{otherwise.text})", found.value, many=False)


def plus(a: Any, b: Any) -> Any:
    return a + b


def match(keys: Cell, key: Cell) -> Cell:
    """The position of `key` in a row or column, from 1."""
    order = {value: i for i, value in reversed(list(enumerate(keys.value.flat, 1)))}
    positions = np.array([order[value] for value in np.ravel(key.value)], float).reshape(np.shape(key.value))
    return Cell(f"MATCH({key.text},{keys.text},0)", positions, many=False)


def index(table: Cell, row: Cell, column: Cell | None = None) -> Cell:
    """The element of a table at a position; an empty cell counts as 0, as in Excel."""
    rows = np.asarray(row.value, int) - 1
    columns = 0 if column is None else np.asarray(column.value, int) - 1
    values = table.value[rows, columns]
    found = as_numbers(np.where(values == None, 0.0, values))  # noqa: E711  (element by element)
    places = [table, row] if column is None else [table, row, column]
    return Cell(f"INDEX({','.join(place.text for place in places)})", found, many=False)


def chosen(names: Cell, name: Cell, *values: Cell) -> Cell:
    """The one of some values that stands under a name."""
    place = match(names, name)
    found = np.choose(np.asarray(place.value, int) - 1, [value.value for value in values])
    return Cell(f"CHOOSE({','.join([place.text, *(value.text for value in values)])})", found, many=False)


def index_at_least_1(table: Cell, row: Cell) -> Any:
    """The element of a table where a blank must not become a division by zero."""
    return np.maximum(1, index(table, row))


def all_above_0(*values: Any) -> Any:
    """1 if each of the values is above 0."""
    return np.where(functools.reduce(operator.and_, [value > 0 for value in values]), 1, 0)


def listed(names: Cell, row: Cell, name: Cell) -> Any:
    """1 if a look-up has found the very name: MATCH also takes `H1*` for one."""
    return np.where(index(names, row) == name, 1, 0)


def count_filled(cells: Cell) -> Cell:
    """How many of the cells are not empty."""
    return Cell(f"COUNTA({cells.text})", float(sum(value is not None for value in cells.value.flat)), many=False)


def total(cells: Cell) -> Cell:
    """The sum of the numbers among the cells."""
    return Cell(f"SUM({cells.text})", float(sum(filter(is_number, cells.value.flat))), many=False)


def count_ones(cells: Cell) -> Cell:
    return Cell(f"COUNTIF({cells.text},1)", float(np.sum(cells.value == 1)), many=False)


def size(cells: Cell) -> Any:
    """How many cells there are."""
    rows, columns = cells.value.shape
    ways = [(f"ROWS({cells.text})", rows), (f"COLUMNS({cells.text})", columns)]
    counted = [Cell(text, float(number)) for text, number in ways if number > 1]
    return functools.reduce(operator.mul, counted) if counted else lift(1)
