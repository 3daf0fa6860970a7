"""A batch of calls from JSON to JSON: `[{"name": …, "args": […]}, …]` in, as many answers out, in the same order.

An argument is rows of cells, one value, or null if it was left out. An answer is `{"result": rows}`, in which a cell
that could not be computed is `{"error": "#NUM!", "reason": …}`, or that error alone if it is the whole result.
"""

from __future__ import annotations

import logging
import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import orjson
from tokensheet_udfs.convert import call, one_cell
from tokensheet_udfs.errors import CellError
from tokensheet_udfs.registry import Function, functions

from tokensheet_addin.hosts.bridge.limits import MB, MOST_ANSWER_BYTES, MOST_CALLS, MOST_CELLS, MOST_REASON, MOST_VALUES
from tokensheet_addin.hosts.bridge.log import fault

OPTIONS = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_PASSTHROUGH_SUBCLASS  # which hands a CellError to `default`

log = logging.getLogger(__name__)


class Call(NamedTuple):
    """The function that is called, its arguments, and what stands in them if each is a single cell."""

    name: str
    args: list[Any]
    cells: list[Any] | None


class Refused(ValueError):
    """A batch that is not computed, with the status of HTTP that says so."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(said)
        self.status = status


def answer(body: bytes) -> bytes:
    """The answers to a batch; what is asked twice is computed once."""
    calls, keys = read(body)
    distinct = dict(zip(keys, calls, strict=True))
    times, size, parts = Counter(keys), 0, {}
    for key, result in zip(distinct, compute(list(distinct.values())), strict=True):
        limit_size(size + times[key] * characters(result))
        parts[key] = written(result)
        size += times[key] * len(parts[key])
        limit_size(size)
    pieces = [piece for key in keys for piece in (b",", parts[key])]
    return b"".join([b"[", *pieces[1:], b"]"])  # copied once: it may be as large as an answer can be


def limit_size(size: int) -> None:
    if size > MOST_ANSWER_BYTES:
        raise Refused(413, f"The answers have more than {MOST_ANSWER_BYTES // MB} MB; call on smaller ranges.")


def read(body: bytes) -> tuple[list[Call], list[bytes]]:
    """The calls, and for each a key by which it is known again."""
    if np.count_nonzero(np.frombuffer(body, np.uint8) == ord(",")) >= MOST_VALUES:
        raise Refused(413, f"The batch has more than {MOST_VALUES:,} values; call on smaller ranges.")
    try:
        given = [(each["name"], each["args"]) for each in orjson.loads(body)]
        keys = [orjson.dumps(each) for each in given] if len(given) > 1 else [b""]
    except (ValueError, TypeError, KeyError) as error:
        if "memory" in str(error):  # orjson has no other name for it
            raise MemoryError from None
        raise Refused(400, 'expected [{"name": text, "args": list}, …] in JSON') from None
    if not given or not all(isinstance(name, str) and isinstance(args, list) for name, args in given):
        raise Refused(400, 'a call needs a "name", a text, and "args", a list')
    if len(given) > MOST_CALLS:
        raise Refused(413, f"The batch has more than {MOST_CALLS:,} calls; send it in parts.")
    calls = [Call(name, args, single(args)) for name, args in given]
    cells = (1 if each.cells is not None else math.prod(shape(each.args)) for each in calls)
    if sum(each for each in cells if each <= MOST_CELLS) > MOST_CELLS:  # what has more by itself says so by itself
        raise Refused(413, f"The answers have more than {MOST_CELLS:,} cells; call on smaller ranges.")
    return calls, keys


def shape(args: list[Any]) -> tuple[int, int]:
    """The rows and columns of a call's result at most: what its ranges have, if their rows are of the same length."""
    ranges = [arg for arg in args if isinstance(arg, list)]
    rows = [arg[0] for arg in ranges if arg and isinstance(arg[0], list)]
    return max(map(len, ranges), default=1), max(map(len, rows), default=1)


def single(args: list[Any]) -> list[Any] | None:
    """The cells, if each argument is one."""
    found = []
    for arg in args:
        if type(arg) is list:
            if len(arg) != 1 or type(arg[0]) is not list or len(arg[0]) != 1:
                return None
            arg = arg[0][0]
        if type(arg) is list or type(arg) is dict:
            return None
        found.append(arg)
    return found


def compute(calls: Sequence[Call]) -> list[Any]:
    """The answers; those of single cells, of which a sheet has thousands, each in plain Python or by the column."""
    answers: list[Any] = [None] * len(calls)
    columns: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
    for place, (name, args, cells) in enumerate(calls):
        function = functions().get(name)
        if function is None:
            answers[place] = CellError("#VALUE!", f"this server has no function {name}")
        elif cells is None or function.repeating:
            answers[place] = one(function, args)
        elif (value := one_cell(function, cells)) is not None:
            answers[place] = value if isinstance(value, CellError) else {"result": [[value]]}
        elif has_own_row(function, cells):
            answers[place] = one(function, args)
        else:
            columns[name, len(cells)].append(place)
    for (name, _), places in columns.items():
        for place, result in zip(places, column(functions()[name], [calls[place] for place in places]), strict=True):
            answers[place] = result
    return answers


def has_own_row(function: Function, cells: list[Any]) -> bool:
    """Whether a number stands for a name: in a column it would make all the other names rows of numbers too."""
    given = zip(function.parameters, cells, strict=False)
    return any(
        parameter.choices and parameter.choices.kind and isinstance(cell, (int, float)) for parameter, cell in given
    )


def column(function: Function, calls: list[Call]) -> list[Any]:
    """The answers to calls of single cells: one call, in which an argument is a column."""
    if len(calls) == 1:
        return [one(function, calls[0].args)]
    columns = [[[cell] for cell in cells] for cells in zip(*(each.cells or [] for each in calls), strict=True)]
    try:
        results = call(function, columns).tolist()
    except Exception:  # of one of them: whose, they show one by one
        return [one(function, each.args) for each in calls]
    if len(results) < len(calls):  # too few or too many arguments are one error for all
        results *= len(calls)
    return [row[0] if isinstance(row[0], CellError) else {"result": [row]} for row in results]


def one(function: Function, args: list[Any]) -> Any:
    """The answer to a call; whatever goes wrong in it is its own error, and not that of the batch."""
    problem = wrong_shape(function, args)
    if problem:
        return problem
    try:
        block = call(function, args)
    except MemoryError:
        raise
    except Exception as error:
        report(function, error)
        return CellError("#VALUE!", f"{function.name} failed: {error}")
    if block.shape == (1, 1) and isinstance(block[0, 0], CellError):
        return block[0, 0]
    # orjson writes an array of numbers as it stands in memory, without a step in Python for each cell
    return {"result": np.ascontiguousarray(block) if block.dtype.kind in "fiub" else block.tolist()}


reported: set[str] = set()


def report(function: Function, error: Exception) -> None:
    """Log a fault of a function where it first arises; a batch may have it in each of its cells."""
    found = f"{function.name} failed: {fault(error)}"
    if found not in reported:
        reported.add(found)
        log.error("%s: %s", found, error)


def wrong_shape(function: Function, args: list[Any]) -> CellError | None:
    """Why the arguments are not computed: more cells than we take, or rows of unequal length."""
    height, width = shape(args)
    if height * width > MOST_CELLS:
        return CellError("#VALUE!", f"{height} x {width} cells are more than the {MOST_CELLS:,} that one call may have")
    for index, arg in enumerate(args):
        if isinstance(arg, list):
            widths = {len(row) if isinstance(row, list) else 0 for row in arg}
            if len(widths) != 1 or widths == {0}:
                return CellError("#VALUE!", f"argument {index + 1} of {function.name} is not rows of the same length")
    return None


def characters(result: Any) -> int:
    """Of the texts and reasons in an answer, which one text in an argument can make as many as it has cells."""
    if isinstance(result, CellError) or isinstance(result["result"], np.ndarray):
        return 0
    texts = (cell for row in result["result"] for cell in row if isinstance(cell, str))
    return sum(len(text.reason[:MOST_REASON] if isinstance(text, CellError) else text) for text in texts)


def written(result: Any) -> bytes:
    """The answer in JSON."""
    try:
        return orjson.dumps(result, default=as_json, option=OPTIONS)
    except TypeError as error:  # a whole number of more than 64 bits
        return orjson.dumps({"error": "#VALUE!", "reason": f"the result cannot be shown: {error}"})


def as_json(value: Any) -> Any:
    """What orjson does not know by itself: an error, numpy's texts, and what no cell can show."""
    if isinstance(value, CellError):
        return {"error": str(value), "reason": value.reason[:MOST_REASON]}
    if isinstance(value, str):
        return str(value)
    return {"error": "#VALUE!", "reason": f"the result is a {type(value).__name__}, which no cell can show"}
