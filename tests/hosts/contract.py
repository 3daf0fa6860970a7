"""The contract of every host: calls as a user means them, and the cells that come out.

An argument is a number, a text, a truth value, None for a blank cell, `Error("#N/A")` for an error cell, a tuple of
rows of these for a range, or OMITTED. What a host cannot do as the contract has it stands in DIFFERENCES, each with the
sentence under which docs/hosts.md tells the user.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol


@dataclass(frozen=True)
class Error:
    """A cell's error value; a text that reads the same is no error."""

    code: str


class Omitted:
    """What stands between two commas: nothing, not even a blank cell."""


OMITTED = Omitted()


class Call(NamedTuple):
    """A call and the rows that it gives on every host."""

    function: str
    args: tuple[Any, ...]
    rows: list[list[Any]]


class Host(Protocol):
    """What the tests drive a host by."""

    name: str

    def call(self, function: str, args: tuple[Any, ...], shape: tuple[int, int]) -> list[list[Any]]:
        """The function of the arguments as this host computes it: rows of that shape, errors as `Error`."""


TOO_MANY = ("too many cells", "too many cells of names")
NULL, DIV0, VALUE, REF, NAME, NUM, NA = map(Error, ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"))
COLUMN, ROW = ((1.0,), (2.0,), (4.0,)), ((10.0, 20.0),)

HIGH, WIDE = ((1.0,),) * 2001, ((1.0,) * 2000,)  # four million cells, and some

MINE = (("Mine", None, 1e15, 2e15, None, 200e9, 4e12, 3.0),)
# 70.55e9 bytes of weights and 64 x 4096 x 163840 bytes of cache on a chip of 4e12 bytes/s
OWN_CHIP = [[70.55e9 / 4e12 + 64 * (4096 * 163840) / 4e12]]

CALLS = {
    # shapes
    "numbers": Call("COMPUTE_TIME", (2, 3, 4), [[3.0]]),
    "a column": Call("COMPUTE_TIME", (COLUMN, 1, 1), [[2.0], [4.0], [8.0]]),
    "a row": Call("COMPUTE_TIME", (ROW, 1, 1), [[20.0, 40.0]]),
    "a column and a row": Call("COMPUTE_TIME", (COLUMN, ROW, 1), [[20.0, 40.0], [40.0, 80.0], [80.0, 160.0]]),
    "two blocks": Call("COMPUTE_TIME", (((1, 2), (3, 4)), ((1, 2), (3, 4)), 2), [[1.0, 4.0], [9.0, 16.0]]),
    "a column too short": Call("COMPUTE_TIME", (COLUMN, ((1.0,), (2.0,)), 1), [[2.0], [8.0], [NA]]),
    "a row too short": Call("COMPUTE_TIME", (((1.0, 2.0),), ((1.0, 2.0, 3.0),), 1), [[2.0, 8.0, NA]]),
    # blanks
    "a blank cell": Call("COMPUTE_TIME", (None, 1, 1), [[VALUE]]),
    "a blank in a range": Call("COMPUTE_TIME", (((1.0,), (None,)), 1, 1), [[2.0], [VALUE]]),
    "an empty text": Call("COMPUTE_TIME", (((1.0,), ("",)), 1, 1), [[2.0], [VALUE]]),
    "a blank optional cell": Call("COMPUTE_TIME", (1, 1, 1, None), [[2.0]]),
    "a blank in an optional range": Call("COMPUTE_TIME", (1, 1, 1, ((1.0, None, 3.0),)), [[1.0, 2.0, 3.0]]),
    "an optional argument left out": Call("COMPUTE_TIME", (1, 1, 1, OMITTED), [[2.0]]),
    "a required argument left out": Call("COMPUTE_TIME", (1, OMITTED, 1), [[VALUE]]),
    # texts
    "a text": Call("COMPUTE_TIME", ("x", 1, 1), [[VALUE]]),
    "a text in a range": Call("COMPUTE_TIME", (((1.0, "x", 3.0),), 1, 1), [[2.0, VALUE, 6.0]]),
    "numbers as texts": Call("COMPUTE_TIME", ("64", "37B", "989T"), [[0.004788675429726997]]),
    "numbers as texts in a range": Call("COMPUTE_TIME", (((" 2 ", "1k", "50%"),), 1, 1), [[4.0, 2000.0, 1.0]]),
    "an error's text": Call("COMPUTE_TIME", (((1.0, "#N/A"),), 1, 1), [[2.0, NA]]),
    # truth values count as Excel counts them
    "a truth value": Call("COMPUTE_TIME", (True, 1, 1), [[2.0]]),
    # error cells, the first argument's first
    "an error": Call("COMPUTE_TIME", (NA, 1, 1), [[NA]]),
    "two errors": Call("COMPUTE_TIME", (DIV0, NA, 1), [[DIV0]]),
    **{f"{error.code} in a range": Call("COMPUTE_TIME", (((error, 1.0),), 1, 1), [[error, 2.0]])
       for error in (NULL, DIV0, VALUE, REF, NAME, NUM, NA)},
    # domains and divisions by zero
    "a division by zero": Call("COMPUTE_TIME", (1, 1, 0), [[DIV0]]),
    "outside the domain": Call("COMPUTE_TIME", (1, 1, ((0.0, -1.0, 2.0),)), [[DIV0, NUM, 1.0]]),
    "too large": Call("COMPUTE_TIME", (1e300, 1e300, 1), [[NUM]]),
    "no such batch": Call("CRITICAL_BATCH", (8, 1, 1, 300, 1, ((0.0, 1000.0),), 1, 1), [[2400.0, NUM]]),
    # results that are no numbers
    "a word": Call("BOUND", (((5.0, 1.0),), 1, 2), [["compute", "kv"]]),
    "a word and an error": Call("BOUND", (((5.0, "x"),), 1, 2), [["compute", VALUE]]),
    "truth": Call("FITS", (1, 0, ((1.0, 0.5),), 1), [[True, False]]),
    # too few and too many arguments
    "too few arguments": Call("COMPUTE_TIME", (1, 1), [[VALUE]]),
    "too many arguments": Call("COMPUTE_TIME", (1, 1, 1, 1, 1), [[VALUE]]),
    # more cells than any host computes at a time
    "too many cells": Call("COMPUTE_TIME", (HIGH, WIDE, 1), [[VALUE]]),
    "too many cells of names": Call("DECODE_TIME", ("Llama-3.1-70B", "H100", HIGH, WIDE), [[VALUE]]),
    # names
    "a name": Call("CHIP", ("h100", "hbm_bytes"), [[80e9]]),
    "an unknown name": Call("CHIP", ("nonesuch", "hbm_bytes"), [[NA]]),
    "names in a range": Call("MODEL", ("deepseek v3", (("total_params", "active_params"),)), [[671e9, 37e9]]),
    "a chip of one's own": Call("DECODE_TIME", ("Llama-3.1-70B", MINE, 64, 4096, 1, "fp8", "ideal"), OWN_CHIP),
    "why": Call("WHY", ("COMPUTE_TIME", 1, 1, 0), [["flops must be > 0, not 0: a division by zero"]]),
}  # fmt: skip


class Difference(NamedTuple):
    """What a host forces on us."""

    said: str
    """The sentence in docs/hosts.md."""
    rows: dict[str, list[list[Any]] | None]
    """What the host gives instead, by the name of the call; None for a call that cannot be put to it."""


DIFFERENCES: dict[str, list[Difference]] = {
    "LibreOffice": [
        Difference(
            "a single blank cell counts as 0",
            {"a blank cell": [[NUM]], "a blank optional cell": [[NUM]]},
        ),
        Difference(
            "a range in which one cell is an error makes the whole call `Err:504`",
            {f"{error.code} in a range": [[Error("Err:504")] * 2] for error in (NULL, DIV0, VALUE, REF, NAME, NUM, NA)},
        ),
        Difference("too many arguments are `Err:504`", {"too many arguments": [[Error("Err:504")]]}),
        Difference("of two error cells the last one shows", {"two errors": [[NA]]}),
        Difference("`FITS` gives 1 or 0", {"truth": [[1.0, 0.0]]}),
    ],
    "Gnumeric": [
        Difference(
            "a blank counts as 0",
            {"a blank cell": [[NUM]], "a blank optional cell": [[NUM]], "a required argument left out": [[NUM]]},
        ),
        Difference(
            "an error cell arrives as a blank",
            {
                "an error": [[VALUE]],
                "two errors": [[VALUE]],
                "an error's text": [[2.0, VALUE]],
                **{f"{error.code} in a range": [[VALUE, 2.0]] for error in (NULL, DIV0, VALUE, REF, NAME, NUM, NA)},
            },
        ),
        Difference(
            "no range can be handed over",
            dict.fromkeys(["a blank in a range", "a blank in an optional range", "a chip of one's own", *TOO_MANY]),
        ),
    ],
    "Google Sheets": [
        Difference(
            "an error of a single cell is `#ERROR!`",
            {name: [[Error("#ERROR!")]] for name, call in CALLS.items() if isinstance(call.rows[0][0], Error)
             and len(call.rows) == len(call.rows[0]) == 1},
        ),
        Difference(
            "a cell of a block that is an error is `#NUM!`",
            {name: [[NUM if isinstance(cell, Error) else cell for cell in row] for row in call.rows]
             for name, call in CALLS.items() if len(call.rows) > 1 or len(call.rows[0]) > 1},
        ),
    ],
}  # fmt: skip


def expected(host: str, call: str) -> list[list[Any]] | None:
    """The rows of a call on a host: the contract's, or those of a difference that docs/hosts.md states."""
    return next((each.rows[call] for each in DIFFERENCES.get(host, []) if call in each.rows), CALLS[call].rows)


def same(found: list[list[Any]], wanted: list[list[Any]]) -> bool:
    """Whether the cells are the same; TRUE is not 1."""
    truths = [[[isinstance(cell, bool) for cell in row] for row in rows] for rows in (found, wanted)]
    return found == wanted and truths[0] == truths[1]
