"""From what a spreadsheet passes to numbers, and back: one pass of numpy over whole ranges.

A host passes each argument as a value or as rows of values, with None or "" for a blank cell and an error's text
("#N/A") for an error cell. Out comes a block of values in which a cell that could not be computed holds a `CellError`.
"""

from __future__ import annotations

import functools
import math
from array import array
from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
from tokensheet.equation import evaluate, finite, undefined
from tokensheet.floats import as_float, is_number
from tokensheet.names import factorized
from tokensheet.outcomes import DoesNotFit
from tokensheet.own_catalogue import OwnRow, own_row
from tokensheet.plain import UNPLAIN
from tokensheet.rows import CatalogueError
from tokensheet.texts import LONGEST
from tokensheet.typed import number

from tokensheet_udfs.errors import ERRORS, CellError, Unfit
from tokensheet_udfs.look_up import MOST_QUESTIONS, error_of, look_up
from tokensheet_udfs.registry import Function, Parameter

MOST_CELLS = 4_000_000  # of an argument or a result: four columns of a sheet, and 80 MB of JSON
SAFE = 1.0  # in every domain: stands in a cell that has an error, so that the rest can be computed in one go


def one_cell(function: Function, args: Sequence[Any]) -> float | str | bool | None:
    """The function of single cells that hold what it takes, without numpy; None if they do not, or it has no value."""
    try:
        return function.plain(*trimmed(function, args))  # type: ignore[no-any-return]
    except DoesNotFit as error:
        return error_of(function, error)
    except UNPLAIN:
        return None


def trimmed(function: Function, args: Sequence[Any]) -> Sequence[Any]:
    """The arguments without the last ones that are blank or left out, where a default stands."""
    count = len(args)
    if count <= len(function.parameters):  # more are an error, blank ones too
        while count and args[count - 1] is None:
            count -= 1
    return args[:count]


def call(function: Function, args: Sequence[Any]) -> np.ndarray:
    """The function of what a spreadsheet passes: a block of values, of objects where some cells are errors."""
    cell = one_cell(function, args)
    if cell is not None:
        return np.array([[cell]], object if isinstance(cell, CellError) else None)
    try:
        return computed(function, args)
    except Unfit as error:
        return np.array([[CellError("#VALUE!", str(error))]], object)


def computed(function: Function, args: Sequence[Any]) -> np.ndarray:
    if function.repeating:
        miscounted(function, args)
        return np.array(function.python(*args), object, ndmin=2)
    values, errors, shape = entered(function, args)
    if errors is not None and np.all(errors != None):  # noqa: E711  (element by element)
        return errors
    if any(parameter.is_text for parameter in function.parameters):
        good = np.broadcast_to(True if errors is None else errors == None, shape)  # noqa: E711  (element by element)
        result = look_up(function, values, good)
    else:
        result = np.asarray(evaluate(function.python, *values))
        result = result if result.shape == shape else np.broadcast_to(result, shape)
        if not (computed := finite(result)).all():
            undetermined = np.full(shape, None)
            undetermined[~computed] = CellError("#NUM!", undefined(function.python))
            errors = merge(errors, undetermined, shape)
    if errors is None or not np.any(failed := errors != None):  # noqa: E711
        return result
    return np.where(failed, errors, result.astype(object))


def entered(function: Function, args: Sequence[Any]) -> tuple[list[np.ndarray], np.ndarray | None, tuple[int, int]]:
    """The arguments' numbers, in their domains, and texts, with an error for each cell that has none; the shape of all.

    A number that may be left out and is, is NaN.
    """
    miscounted(function, args)
    given = zip(function.parameters, args, strict=False)
    blocks = {each: own_rows(matrix(arg, each), each) for each, arg in given if arg is not None or each.required}
    height, width = (max((block.shape[axis] for block in blocks.values()), default=1) for axis in (0, 1))
    shape = (height, width)
    limited(*shape, getattr(function.python, "most_cells", MOST_CELLS))
    values: list[np.ndarray] = []
    errors: np.ndarray | None = None
    for parameter in function.parameters:
        if parameter not in blocks:
            values.append(left_out(parameter))
            continue
        value, wrong = read_block(parameter, fit(blocks[parameter], shape, parameter))
        if parameter.domain and not (inside := parameter.domain.mask(value) | np.isnan(value)).all():
            value, wrong = reject(function, parameter, value, inside, wrong)
        values.append(value)
        errors = merge(errors, wrong, shape)
    return values, errors, shape


def limited(height: int, width: int, most: int = MOST_CELLS) -> None:
    if height * width > most:
        raise Unfit(f"{height} x {width} cells are more than the {most:,} that one call may have")


def miscounted(function: Function, args: Sequence[Any]) -> None:
    required = sum(parameter.required for parameter in function.parameters)
    most = len(function.parameters)
    if len(args) > most and not function.repeating:
        raise Unfit(f"{function.name} takes at most {most} arguments, not {len(args)}")
    if len(args) < required:
        missing = ", ".join(parameter.name for parameter in function.parameters[len(args) :] if parameter.required)
        raise Unfit(f"{function.name} needs {missing} too")


@functools.cache
def left_out(parameter: Parameter) -> np.ndarray:
    """What stands for an argument that is left out."""
    value, _ = read_block(parameter, matrix(parameter.default, parameter))
    value.flags.writeable = False
    return value


def matrix(arg: Any, parameter: Parameter) -> np.ndarray:
    """The argument as rows and columns: of floats if all of it are finite numbers, of objects otherwise."""
    rows = arg if isinstance(arg, np.ndarray) else rows_of(arg)
    block = None if parameter.is_text else floats(rows)
    if block is None:
        block = np.atleast_2d(rows) if isinstance(rows, np.ndarray) else objects(rows)
    if block.ndim != 2 or not block.size:
        raise Unfit(f"{parameter.name} is not rows of cells of the same length")
    limited(*block.shape)
    return block if block.dtype == float and np.isfinite(block).all() else block.astype(object, copy=False)


def rows_of(arg: Any) -> Sequence[Sequence[Any]]:
    """Rows of the same length, which may be a single one, or a single cell; none if these are not so."""
    if not isinstance(arg, (list, tuple)):
        return [[arg]]
    rows = arg if arg and isinstance(arg[0], (list, tuple)) else [arg]
    same = all(issubclass(kind, (list, tuple)) for kind in set(map(type, rows))) and len(set(map(len, rows))) == 1
    return rows if same else []


def floats(rows: Any) -> np.ndarray | None:
    """The rows as an array if every cell is a number, or None.

    By `array`, which takes nothing else: numpy would read texts as numbers, or make texts of numbers beside one.
    """
    if isinstance(rows, np.ndarray):
        return np.atleast_2d(rows).astype(float, copy=False) if rows.dtype.kind in "fiub" else None
    try:
        return np.array(array("d", [*chain.from_iterable(rows)])).reshape(len(rows), -1)
    except (TypeError, ValueError, OverflowError):
        return None


def objects(rows: Sequence[Sequence[Any]]) -> np.ndarray:
    cells = np.fromiter(chain.from_iterable(rows), object)
    return cells.reshape(len(rows), -1) if cells.size else cells


def own_rows(block: np.ndarray, parameter: Parameter) -> np.ndarray:
    """A range given for a name that has numbers in it: each of its rows is a chip or model of the user's own."""
    kind = parameter.choices.kind if parameter.choices else ""
    if not kind or block.size == 1 or not any(issubclass(each, (int, float)) for each in {*map(type, block.flat)}):
        return block
    if len(block) > MOST_QUESTIONS:
        raise Unfit(f"{len(block):,} {kind} of your own are more than the {MOST_QUESTIONS:,} that one call may have")
    rows = np.empty((len(block), 1), object)
    for row, cells in enumerate(block.tolist()):
        try:
            rows[row, 0] = own_row(cells, kind)
        except CatalogueError as error:
            rows[row, 0] = CellError("#VALUE!", str(error))
    return rows


def fit(block: np.ndarray, shape: tuple[int, int], parameter: Parameter) -> np.ndarray:
    """A single row or column serves all; what is too short otherwise lacks a value there, `#N/A` as in Excel."""
    rows, columns = block.shape
    if rows in (1, shape[0]) and columns in (1, shape[1]):
        return block
    reason = f"{parameter.name} has {rows} x {columns} cells, another range is larger"
    fitted = np.full((shape[0] if rows > 1 else 1, shape[1] if columns > 1 else 1), None)
    fitted[:] = CellError("#N/A", reason)
    fitted[:rows, :columns] = block
    return fitted


def read_block(parameter: Parameter, block: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """The block's numbers or texts, a stand-in where there is none, and there an error."""
    if block.dtype != object:
        return block, None
    cells: list[Any] = block.ravel().tolist()
    places: Any = ...
    if parameter.is_text:  # of which there are few, many times
        cells, places = factorized(cells)
    found = [read(parameter, cell) for cell in cells]
    wrong = [isinstance(each, CellError) for each in found]
    safe, kind = ("", object) if parameter.is_text else (SAFE, float)
    values = np.fromiter((safe if bad else each for each, bad in zip(found, wrong, strict=True)), kind, len(found))
    if not any(wrong):
        return values[places].reshape(block.shape), None
    errors = np.fromiter((each if bad else None for each, bad in zip(found, wrong, strict=True)), object, len(found))
    return values[places].reshape(block.shape), errors[places].reshape(block.shape)


def read(parameter: Parameter, cell: Any) -> Any:
    """A cell as the value of an argument, or the error that it is."""
    if cell is None or (isinstance(cell, str) and cell == ""):
        if parameter.required:
            return CellError("#VALUE!", f"{parameter.name} is blank and has no default")
        return parameter.default
    if isinstance(cell, CellError | OwnRow):
        return cell
    if isinstance(cell, str):
        return read_text(parameter, cell)
    if not is_number(cell):
        return CellError("#VALUE!", f"{parameter.name} is a {type(cell).__name__}, not a number")
    value = as_float(cell)
    if not math.isfinite(value):
        return CellError("#NUM!", f"{parameter.name} is not a finite number")
    return f"{value:.15g}" if parameter.is_text else value  # as Excel gives a number where a text is wanted


def read_text(parameter: Parameter, text: str) -> Any:
    if text in ERRORS:
        return CellError(text, f"{parameter.name} is the error {text} already")
    if len(text) > LONGEST:
        return CellError("#VALUE!", f"{parameter.name} has {len(text):,} characters, a cell holds {LONGEST:,}")
    if parameter.is_text:
        return text
    try:
        return number(text)
    except ValueError as error:
        return CellError("#VALUE!", f"{parameter.name}: {error}")


def reject(
    function: Function, parameter: Parameter, value: np.ndarray, inside: np.ndarray, errors: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """Numbers outside the argument's domain made SAFE, and there an error."""
    assert parameter.domain
    must = f"{parameter.name} must be {parameter.domain.text}, not"
    errors = np.full(value.shape, None) if errors is None else errors
    wrong = value[~inside].tolist()
    errors[~inside] = [CellError("#NUM!", f"{must} {each:.15g}") for each in wrong]
    if 0.0 in wrong and divides(function, parameter):
        errors[value == 0] = CellError("#DIV/0!", f"{must} 0: a division by zero")
    return np.where(inside, value, SAFE), errors


@functools.cache
def divides(function: Function, parameter: Parameter) -> bool:
    """Whether the formula divides by the argument, so that a zero there is a division by zero."""
    if not function.traceable:
        return False
    ones = [np.float64(0 if each is parameter else SAFE) for each in function.parameters]
    return not np.all(finite(evaluate(function.python, *ones)))


def merge(errors: np.ndarray | None, more: np.ndarray | None, shape: tuple[int, int]) -> np.ndarray | None:
    """The errors so far, and where there is none yet, the new ones."""
    if more is None:
        return errors
    errors = np.full(shape, None) if errors is None else errors
    return np.where(errors == None, np.broadcast_to(more, shape), errors)  # noqa: E711  (element by element)
