"""A batch of calls from JSON to JSON: `[{"name": …, "args": […]}, …]` in, as many answers out, in the same order.

An argument is rows of cells, one value, or null if it was left out. An answer is `{"result": rows}`, in which a cell
that could not be computed is `{"error": "#NUM!", "reason": …}`, or that error alone if it is the whole result.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
import orjson
from tokensheet_udfs.convert import call
from tokensheet_udfs.errors import CellError
from tokensheet_udfs.registry import Function, functions

MOST_CELLS = 4_000_000  # of an argument or a result: about 80 MB of JSON
OPTIONS = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_PASSTHROUGH_SUBCLASS  # which hands a CellError to `default`

Call = tuple[str, list[Any]]


class Malformed(ValueError):
    """A body that is no batch of calls."""


def answer(body: bytes) -> bytes:
    """The answers to a batch; what is asked twice is computed once."""
    calls, keys = read(body)
    distinct = dict(zip(keys, calls, strict=True))
    answers = dict(zip(distinct, compute(list(distinct.values())), strict=True))
    return orjson.dumps([answers[key] for key in keys], default=as_json, option=OPTIONS)


def read(body: bytes) -> tuple[list[Call], list[bytes]]:
    """The calls, and for each a key by which it is known again."""
    try:
        calls = [(each["name"], each["args"]) for each in orjson.loads(body)]
        keys = [orjson.dumps(each) for each in calls] if len(calls) > 1 else [b""]
    except (ValueError, TypeError, KeyError):
        raise Malformed('expected [{"name": text, "args": list}, …] in JSON') from None
    if not calls or not all(isinstance(name, str) and isinstance(args, list) for name, args in calls):
        raise Malformed('a call needs a "name", a text, and "args", a list')
    return calls, keys


def compute(calls: Sequence[Call]) -> list[Any]:
    """The answers: calls of single cells, of which a sheet has thousands, by the column, all others one by one."""
    answers: list[Any] = [None] * len(calls)
    columns: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
    for place, (name, args) in enumerate(calls):
        function = functions().get(name)
        if function is None:
            answers[place] = CellError("#VALUE!", f"this server has no function {name}")
        elif all(map(is_single, args)) and not function.repeating and not has_own_row(function, args):
            columns[name, len(args)].append(place)
        else:
            answers[place] = one(function, args)
    for (name, _), places in columns.items():
        for place, result in zip(places, column(functions()[name], [calls[place][1] for place in places]), strict=True):
            answers[place] = result
    return answers


def is_single(arg: Any) -> bool:
    if not isinstance(arg, list):
        return not isinstance(arg, dict)
    return len(arg) == 1 and isinstance(arg[0], list) and len(arg[0]) == 1 and not isinstance(arg[0][0], (list, dict))


def has_own_row(function: Function, args: list[Any]) -> bool:
    """Whether a number stands for a name: in a column it would make all the other names rows of numbers too."""
    given = zip(function.parameters, args, strict=False)
    return any(
        parameter.choices and parameter.choices.kind and isinstance(cell_of(arg), (int, float))
        for parameter, arg in given
    )


def cell_of(arg: Any) -> Any:
    return arg[0][0] if isinstance(arg, list) else arg


def column(function: Function, rows: list[list[Any]]) -> list[Any]:
    """The answers to calls with one cell for each argument: one call, in which an argument is a column."""
    if len(rows) == 1:
        return [one(function, rows[0])]
    cells = [[[cell_of(arg)] for arg in args] for args in zip(*rows, strict=True)]
    try:
        results = call(function, cells).tolist()
    except Exception:  # of one of them: whose, they show one by one
        return [one(function, row) for row in rows]
    if len(results) < len(rows):  # too few or too many arguments are one error for all
        results *= len(rows)
    return [row[0] if isinstance(row[0], CellError) else {"result": [row]} for row in results]


def one(function: Function, args: list[Any]) -> Any:
    """The answer to a call; whatever goes wrong in it is its own error, and not that of the batch."""
    problem = wrong_shape(function, args)
    if problem:
        return problem
    try:
        block = call(function, args)
    except Exception as error:
        logging.getLogger(__name__).exception("%s failed", function.name)
        return CellError("#VALUE!", f"{function.name} failed: {error}")
    if block.shape == (1, 1) and isinstance(block[0, 0], CellError):
        return block[0, 0]
    # orjson writes an array of numbers as it stands in memory, without a step in Python for each cell
    return {"result": np.ascontiguousarray(block) if block.dtype.kind in "fiub" else block.tolist()}


def wrong_shape(function: Function, args: list[Any]) -> CellError | None:
    """Why the arguments are not computed: rows of unequal length, or more cells than we take."""
    height = width = 1
    for index, arg in enumerate(args):
        if not isinstance(arg, list):
            continue
        widths = {len(row) if isinstance(row, list) else 0 for row in arg}
        if len(widths) != 1 or widths == {0}:
            return CellError("#VALUE!", f"argument {index + 1} of {function.name} is not rows of the same length")
        height, width = max(height, len(arg)), max(width, *widths)
    if height * width > MOST_CELLS:
        return CellError("#VALUE!", f"{height} x {width} cells are more than the {MOST_CELLS:,} that one call may have")
    return None


def as_json(value: Any) -> Any:
    """What orjson does not know by itself: an error, numpy's texts, and what no cell can show."""
    if isinstance(value, CellError):
        return {"error": str(value), "reason": value.reason}
    if isinstance(value, str):
        return str(value)
    return {"error": "#VALUE!", "reason": f"the result is a {type(value).__name__}, which no cell can show"}
