"""How a language writes an expression: one table for each, by the names that numpy gives the operations.

A cell (cell.py) writes by such a table while it passes through an equation. What a table lacks, its language does not
say. A further language is one more table.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

Literal = bool | int | float | str
LONGEST_TEXT = 255  # characters of a literal in a formula of Excel
ATOM = 9  # binds tighter than any operator: a name, a literal, a call


class Operator(NamedTuple):
    """A sign, how tightly it binds, and how tightly each operand has to, or it stands in brackets."""

    sign: str
    binds: int
    left: int
    right: int


@dataclass(frozen=True, eq=False)
class Spelling:
    """A language: its operators, its functions and its literals.

    Parameters
    ----------
    name : str
        The language.
    operators : mapping
        The operators; `negative` stands before its operand, `join` puts texts together.
    functions : mapping
        Everything else, as a pattern in which {0} is all the arguments and {1}, {2} … are one of them each.
    literal : callable
        The text of a number, a truth value or a text.
    flat : frozenset of str, optional
        Functions that take any number of arguments, so that one inside another is one: MAX(MAX(a,b),c) is MAX(a,b,c).
        They also swallow a whole range, so they cannot spell an elementwise function of one.
    """

    name: str
    operators: Mapping[str, Operator]
    functions: Mapping[str, str]
    literal: Callable[[Literal], str]
    flat: frozenset[str] = frozenset()


def level(binds: int, left: int, right: int, **signs: str) -> dict[str, Operator]:
    return {name: Operator(sign, binds, left, right) for name, sign in signs.items()}


def excel_literal(value: Literal) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, str):
        if len(value) > LONGEST_TEXT:
            raise TypeError(f"a text in Excel's formulas has at most {LONGEST_TEXT} characters, not {len(value)}")
        return '"' + value.replace('"', '""') + '"'
    number = float(value)
    if math.isnan(number):
        return "#NUM!"
    if math.isinf(number):
        raise TypeError(f"Excel has no {number}")
    if number.is_integer() and abs(number) < 1e6:
        return str(int(number))
    return f"{number:.15g}".replace("e+", "E").replace("e-", "E-")  # as many digits as Excel reads


# Excel reads from left to right. + * & may be regrouped: a+(b-c) is a+b-c. Unary minus binds tighter than ^.
EXCEL = Spelling(
    "Excel",
    {
        **level(0, 0, 1, equal="=", not_equal="<>", less="<", less_equal="<=", greater=">", greater_equal=">="),
        **level(1, 1, 1, join="&"),
        **level(2, 2, 2, add="+"),
        **level(2, 2, 3, subtract="-"),
        **level(3, 3, 3, multiply="*"),
        **level(3, 3, 4, divide="/"),
        **level(4, 4, 5, power="^"),
        **level(5, 5, 5, negative="-"),
    },
    {
        "where": "IF({0})",
        "maximum": "MAX({0})",
        "minimum": "MIN({0})",
        "sqrt": "SQRT({0})",
        "exp": "EXP({0})",
        "log": "LN({0})",
        "log2": "LOG({0},2)",
        "absolute": "ABS({0})",
        "floor": "INT({0})",
        "ceil": "CEILING({0},1)",
        "logical_and": "AND({0})",
        "bitwise_and": "AND({0})",
        "logical_or": "OR({0})",
        "bitwise_or": "OR({0})",
        "logical_not": "NOT({0})",
        "invert": "NOT({0})",
        "sum": "SUM({0})",
        "sum_of_computed": "SUMPRODUCT({0})",  # SUM would need an array formula
        "max": "MAX({0})",
        "min": "MIN({0})",
    },
    excel_literal,
    frozenset({"maximum", "minimum", "logical_and", "bitwise_and", "logical_or", "bitwise_or"}),
)


def python_literal(value: Literal) -> str:
    """A number is a float, as numpy's numbers in an equation are."""
    if isinstance(value, bool | str):
        return repr(value)
    number = float(value)
    text = repr(abs(number)) if math.isfinite(number) else f"_{abs(number)}"
    return f"(-{text})" if number < 0 else text


# For single numbers, computed in numpy's order to numpy's last digit. Names that begin with _ are those of plain.py.
PYTHON = Spelling(
    "Python",
    {
        **level(0, 1, 1, equal="==", not_equal="!=", less="<", less_equal="<=", greater=">", greater_equal=">="),
        **level(2, 2, 3, add="+", subtract="-"),
        **level(3, 3, 4, multiply="*", divide="/"),
        **level(5, 6, 6, power="**"),
    },
    {
        "where": "({2} if {1} else {3})",
        "negative": "(-({1}))",
        "maximum": "_maximum({0})",
        "minimum": "_minimum({0})",
        "sqrt": "_sqrt({0})",
        "exp": "_exp({0})",
        "log": "_log({0})",
        "log2": "_log2({0})",
        "absolute": "_abs({0})",
        "floor": "_float(_floor({0}))",
        "ceil": "_float(_ceil({0}))",
        "logical_and": "_bool({1} and {2})",
        "bitwise_and": "(({1})&({2}))",
        "logical_or": "_bool({1} or {2})",
        "bitwise_or": "(({1})|({2}))",
        "logical_not": "(not {1})",
        "invert": "(not {1})",
        "isfinite": "_isfinite({0})",
    },
    python_literal,
)

# For arrays: every function is numpy's own, by the name that it has there
NUMPY = Spelling("numpy", PYTHON.operators, {name: f"_{name}({{0}})" for name in PYTHON.functions}, python_literal)


def javascript_literal(value: Literal) -> str:
    import json  # which no other spelling needs

    text = json.dumps(value)  # NaN and Infinity as JavaScript has them
    return f"({text})" if text.startswith("-") else text


# In numpy's order too; Math.max and Math.min of a NaN are NaN, as numpy's are
JAVASCRIPT = Spelling(
    "JavaScript",
    {
        **level(0, 1, 1, equal="===", not_equal="!==", less="<", less_equal="<=", greater=">", greater_equal=">="),
        **level(2, 2, 3, add="+", subtract="-"),
        **level(3, 3, 4, multiply="*", divide="/"),
    },
    {
        "where": "({1}?{2}:{3})",
        "negative": "(-({1}))",
        "power": "Math.pow({0})",
        "maximum": "Math.max({0})",
        "minimum": "Math.min({0})",
        "sqrt": "Math.sqrt({0})",
        "exp": "Math.exp({0})",
        "log": "Math.log({0})",
        "log2": "Math.log2({0})",
        "absolute": "Math.abs({0})",
        "floor": "Math.floor({0})",
        "ceil": "Math.ceil({0})",
        "logical_and": "(({1})&&({2}))",
        "bitwise_and": "(({1})&&({2}))",
        "logical_or": "(({1})||({2}))",
        "bitwise_or": "(({1})||({2}))",
        "logical_not": "(!({1}))",
        "invert": "(!({1}))",
    },
    javascript_literal,
)
