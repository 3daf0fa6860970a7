"""Attacks on tokensheet, a file a subject: each runs and says what was promised and what it found."""

from typing import NamedTuple


class Figure(NamedTuple):
    """One line of docs/reliability.md, measured or counted in the run."""

    what: str
    promised: str
    found: str
