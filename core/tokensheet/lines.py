"""A formula as lines of code, which say nothing twice and nothing for nothing.

A cell writes one text: what its formula says twice stands there twice. Here each operation is a line with a name, so
one of the same operands is the same line. What is known is a number and no line, and neither is what a 0 or a 1 leaves
as it is. All of it is computed in the formula's order, to its last digit.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from tokensheet.cell import Cell, lift
from tokensheet.spelling import Spelling

NAME = re.compile(r"\b_\d+\b")  # of a line
# The other operand of what changes nothing; of two, a divisor is the second
NEUTRAL = {"add": 0, "multiply": 1, "divide": 1}


class Lines:
    """The lines of a language so far: the name of each result by how it is computed."""

    def __init__(self, spelling: Spelling) -> None:
        self.spelling = spelling
        self.names: dict[str, str] = {}

    def given(self, name: str) -> Line:
        """What goes by a name of its own, which lines are written of."""
        return Line(name, None, self)

    def result(self, value: Any, truth: bool = False) -> Line:
        """The line of a cell, or a number that is known."""
        if isinstance(value, Line):
            return value
        cell = lift(value, self.spelling)
        if cell.value is not None:
            return Line(self.spelling.literal(cell.value), cell.value, self, isinstance(cell.value, bool))
        return Line(self.names.setdefault(cell.text, f"_{len(self.names)}"), None, self, truth)

    def leading_to(self, results: Mapping[str, Cell], whole: Collection[str] = ()) -> dict[str, str]:
        """The lines that the results need, and the results, under their names.

        What is needed once stands where it is needed, unless it is to be a line as a `whole`.
        """
        wanted = {name: each.text for name, each in results.items()}
        uses = Counter(NAME.findall(" ".join(wanted.values())))
        for text, name in reversed(self.names.items()):
            uses.update(NAME.findall(text) if name in uses else ())
        found: dict[str, str] = {}
        once: dict[str, str] = {}

        def filled(text: str) -> str:
            return once.get(text) or NAME.sub(lambda each: f"({once[each[0]]})" if each[0] in once else each[0], text)

        for text, name in self.names.items():
            if name in uses:
                (once if uses[name] == 1 and name not in whole else found)[name] = filled(text)
        return found | {name: filled(text) for name, text in wanted.items()}


class Line(Cell):
    """The result of a line, or a number that is known; `truth` where it is a truth value, not a number."""

    def __init__(self, text: str, value: Any, lines: Lines, truth: bool = False) -> None:
        super().__init__(text, value, many=False, spelling=lines.spelling)
        self.lines, self.truth = lines, truth

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Line:
        operands = [self.lines.result(each) for each in inputs]
        unchanged = simpler(ufunc.__name__, *operands)
        if unchanged is not None:
            return unchanged
        return self.lines.result(super().__array_ufunc__(ufunc, method, *operands, **kwargs), gives_truth(ufunc))

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Line:
        operands = [self.lines.result(each) for each in args]
        if function is np.where and operands[0].value is not None:
            return operands[1 if operands[0].value else 2]
        truth = all(each.truth for each in operands[1:])
        return self.lines.result(super().__array_function__(function, types, operands, kwargs), truth)


@functools.cache
def gives_truth(ufunc: np.ufunc) -> bool:
    """Whether it gives a truth value: of none of what it takes it gives a float."""
    return not any(each.endswith("->d") for each in ufunc.types)


def simpler(operation: str, *operands: Line) -> Line | None:
    """What an operation comes to without being done: 0 of a finite number, or the number itself."""
    for one, other in (operands, operands[::-1]) if len(operands) == 2 else ():
        if other.value == 0 and operation == "multiply":
            return other.lines.result(0.0)
        if other.value == NEUTRAL.get(operation) is not None and not one.truth:
            return one
        if operation == "divide":
            break
    return None
