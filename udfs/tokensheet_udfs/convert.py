"""From what a spreadsheet passes to numbers, and back: one pass of numpy over whole ranges.

A host passes each argument as a value or as rows of values, with None or "" for a blank cell and an error's text
("#N/A") for an error cell. Out comes a block of values in which a cell that could not be computed holds a `CellError`.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from tokensheet.equation import DomainError, evaluate, finite, undefined
from tokensheet.own_catalogue import CatalogueError, OwnRow, own_row
from tokensheet.plain import UNPLAIN

from tokensheet_udfs.errors import ERRORS, CellError
from tokensheet_udfs.registry import Function, Parameter

SUFFIXES = {"": 1.0, "k": 1e3, "m": 1e6, "b": 1e9, "g": 1e9, "t": 1e12, "p": 1e15}
NUMBER = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*([%kmbgtp]?)\s*", re.IGNORECASE | re.ASCII)
SAFE = 1.0  # in every domain: stands in a cell that has an error, so that the rest can be computed in one go


def number(text: str) -> float:
    """The number that a text such as "70B", "3.35T", "32k" or "40%" stands for; ValueError if none.

    >>> number("70B"), number("3.35T"), number("32k"), number("40%")
    (70000000000.0, 3350000000000.0, 32000.0, 0.4)
    """
    match = NUMBER.fullmatch(text)
    if not match:
        raise ValueError(f'"{text}" is not a number; "70B", "3.35T", "32k" or "40%" would be')
    return float(match[1]) / 100 if match[2] == "%" else float(match[1]) * SUFFIXES[match[2].lower()]


def one_cell(function: Function, args: Sequence[Any]) -> float | str | bool | None:
    """The function of single cells that hold what it takes, without numpy; None if they do not, or it has no value."""
    if len(args) <= len(function.parameters):  # more are an error, blank ones too
        while args and args[-1] is None:  # blank or left out, where a default stands
            args = args[:-1]
    try:
        return function.plain(*args)  # type: ignore[no-any-return]
    except UNPLAIN:
        return None


def call(function: Function, args: Sequence[Any]) -> np.ndarray:
    """The function of what a spreadsheet passes: a block of values, of objects where some cells are errors."""
    cell = one_cell(function, args)
    if cell is not None:
        return np.array([[cell]])
    miscount = miscounted(function, args)
    if miscount:
        return np.array([[miscount]], object)
    if any(parameter.rest for parameter in function.parameters):
        return np.asarray(function.python(*args), object)
    given = [*args, *[None] * (len(function.parameters) - len(args))]
    blocks = [
        own_rows(matrix(arg, parameter), parameter) for arg, parameter in zip(given, function.parameters, strict=True)
    ]
    shape = (max(block.shape[0] for block in blocks), max(block.shape[1] for block in blocks))
    blocks = [fit(block, shape, parameter) for block, parameter in zip(blocks, function.parameters, strict=True)]
    if any(parameter.is_text for parameter in function.parameters):
        return look_up(function, np.broadcast_arrays(*blocks))
    values: list[np.ndarray] = []
    errors: np.ndarray | None = None
    for parameter, block in zip(function.parameters, blocks, strict=True):
        value, wrong = numbers(parameter, block)
        if parameter.domain and not (inside := parameter.domain.mask(value)).all():
            value, wrong = reject(function, parameter, value, inside, wrong)
        values.append(value)
        errors = merge(errors, wrong, shape)
    result = np.asarray(evaluate(function.python, *values))
    if result.shape != shape:
        result = np.broadcast_to(result, shape)
    if not (computed := finite(result)).all():
        undetermined = np.full(shape, None)
        undetermined[~computed] = CellError("#NUM!", undefined(function.python))
        errors = merge(errors, undetermined, shape)
    if errors is None or not np.any(failed := errors != None):  # noqa: E711  (element by element)
        return result
    return np.where(failed, errors, result.astype(object))


def miscounted(function: Function, args: Sequence[Any]) -> CellError | None:
    required = sum(parameter.required for parameter in function.parameters)
    most = len(function.parameters)
    if len(args) > most and not any(parameter.rest for parameter in function.parameters):
        return CellError("#VALUE!", f"{function.name} takes at most {most} arguments, not {len(args)}")
    if len(args) < required:
        missing = ", ".join(parameter.name for parameter in function.parameters[len(args) :] if parameter.required)
        return CellError("#VALUE!", f"{function.name} needs {missing} too")
    return None


def matrix(arg: Any, parameter: Parameter) -> np.ndarray:
    """The argument as rows and columns: of numbers if all of it are numbers, of objects otherwise."""
    if arg is None and not parameter.required:
        arg = parameter.default
    block = np.array(arg, ndmin=2)
    if block.dtype.kind in "fiub" and not parameter.is_text and np.isfinite(block).all():
        return block.astype(float, copy=False)
    return np.array(arg, dtype=object, ndmin=2)


def own_rows(block: np.ndarray, parameter: Parameter) -> np.ndarray:
    """A range given for a name that has numbers in it: each of its rows is a chip or model of the user's own."""
    kind = parameter.choices.kind if parameter.choices else ""
    if not kind or block.size == 1 or not any(isinstance(cell, (int, float)) for cell in block.flat):
        return block
    rows = np.empty((len(block), 1), object)
    for row, cells in enumerate(block.tolist()):
        try:
            rows[row, 0] = own_row(cells, kind)
        except CatalogueError as error:
            rows[row, 0] = CellError("#VALUE!", str(error))
    return rows


def fit(block: np.ndarray, shape: tuple[int, int], parameter: Parameter) -> np.ndarray:
    """A single row or column serves all; what is too short otherwise lacks a value there, `#N/A` as in Excel."""
    lacking = [(0, 0 if have in (1, want) else want - have) for have, want in zip(block.shape, shape, strict=True)]
    if not any(after for _, after in lacking):
        return block
    rows, columns = block.shape
    reason = f"{parameter.name} has {rows} x {columns} cells, another range is larger"
    return np.pad(block.astype(object), lacking, constant_values=CellError("#N/A", reason))


def numbers(parameter: Parameter, block: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """The block's numbers, SAFE where there is none, and there an error."""
    if block.dtype != object:
        return block, None
    plain = np.frompyfunc(lambda cell: isinstance(cell, (int, float)) and math.isfinite(cell), 1, 1)(block).astype(bool)
    values = np.full(block.shape, SAFE)
    values[plain] = block[plain].astype(float)
    errors = np.full(block.shape, None)
    for place in zip(*np.nonzero(~plain), strict=True):
        read = one_number(parameter, block[place])
        if isinstance(read, CellError):
            errors[place] = read
        else:
            values[place] = read
    return values, errors if np.any(errors != None) else None  # noqa: E711  (element by element)


def one_number(parameter: Parameter, cell: Any) -> float | CellError:
    """What a cell that is not simply a number stands for."""
    if cell is None or cell == "":
        if parameter.required:
            return CellError("#VALUE!", f"{parameter.name} is blank and has no default")
        return float(parameter.default)
    if isinstance(cell, CellError):
        return cell
    if isinstance(cell, str):
        if cell in ERRORS:
            return CellError(cell, f"{parameter.name} is the error {cell} already")
        try:
            return number(cell)
        except ValueError as error:
            return CellError("#VALUE!", f"{parameter.name}: {error}")
    if isinstance(cell, float) and not math.isfinite(cell):
        return CellError("#NUM!", f"{parameter.name} is not a finite number")
    return CellError("#VALUE!", f"{parameter.name} is a {type(cell).__name__}, not a number")


def reject(
    function: Function, parameter: Parameter, value: np.ndarray, inside: np.ndarray, errors: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """Numbers outside the argument's domain made SAFE, and there an error."""
    errors = np.full(value.shape, None) if errors is None else errors
    assert parameter.domain
    for place in zip(*np.nonzero(~inside), strict=True):
        zero = value[place] == 0 and divides(function, parameter)
        reason = f"{parameter.name} must be {parameter.domain.text}, not {value[place]:.15g}"
        errors[place] = CellError("#DIV/0!", f"{reason}: a division by zero") if zero else CellError("#NUM!", reason)
    return np.where(inside, value, SAFE), errors


@functools.cache
def divides(function: Function, parameter: Parameter) -> bool:
    """Whether the formula divides by the argument, so that a zero there is a division by zero."""
    ones = [np.float64(0 if each is parameter else SAFE) for each in function.parameters]
    return not np.all(finite(evaluate(function.python, *ones)))


def merge(errors: np.ndarray | None, more: np.ndarray | None, shape: tuple[int, int]) -> np.ndarray | None:
    """The errors so far, and where there is none yet, the new ones."""
    if more is None:
        return errors
    errors = np.full(shape, None) if errors is None else errors
    return np.where(errors == None, np.broadcast_to(more, shape), errors)  # noqa: E711  (element by element)


def look_up(function: Function, blocks: Sequence[np.ndarray]) -> np.ndarray:
    """A function of names: asked once for each combination of them, with the numbers that go with it as an array."""
    result = np.empty(blocks[0].shape, object)
    groups: dict[tuple[Any, ...], dict[int, list[Any]]] = {}
    for place, cells in enumerate(zip(*(block.flat for block in blocks), strict=True)):
        values = [read(parameter, cell) for parameter, cell in zip(function.parameters, cells, strict=True)]
        wrong = next((value for value in values if isinstance(value, CellError)), None)
        if wrong is None:
            names = tuple(None if isinstance(value, (int, float)) else (value,) for value in values)
            groups.setdefault(names, {})[place] = values
        else:
            result.flat[place] = wrong
    for members in groups.values():
        for place, value in answers(function, members):
            result.flat[place] = value
    return result


def read(parameter: Parameter, cell: Any) -> Any:
    """A cell as the value of an argument, or the error that it is."""
    if (cell is None or cell == "") and not parameter.required:
        return parameter.default
    if isinstance(cell, OwnRow):
        return cell
    if parameter.is_text and isinstance(cell, str) and cell not in ("", *ERRORS):
        return cell
    if isinstance(cell, (int, float)):
        return f"{cell:.15g}" if parameter.is_text else cell  # as Excel gives a number where a text is wanted
    return one_number(parameter, cell)


def answers(function: Function, members: dict[int, list[Any]]) -> Iterator[tuple[int, Any]]:
    """The answers for cells with the same names: all at once, or each by itself if that fails, for its own error."""
    if len(members) > 1:
        columns = [np.array(each) if isinstance(each[0], (int, float)) else each[0]
                   for each in zip(*members.values(), strict=True)]  # fmt: skip
        try:
            together = np.broadcast_to(np.asarray(function.python(*columns)), len(members))
        except Exception:  # one of them has no answer, or the function takes no arrays
            pass
        else:
            yield from zip(members, together.tolist(), strict=True)
            return
    for place, values in members.items():
        try:
            yield place, function.python(*values)
        except LookupError as error:
            yield place, CellError("#N/A", str(error))
        except DomainError as error:
            yield place, CellError("#NUM!", str(error))
