"""The errors that a cell shows, each with what the hosts call it: the one table of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class CellError(str):
    """An error that a cell shows, such as `#VALUE!`, with the reason in words."""

    __slots__ = ("said",)  # a column of a million errors is made without a million dictionaries
    said: str | Exception | Callable[[], Exception | None]

    def __new__(cls, code: str, said: str | Exception | Callable[[], Exception | None]) -> CellError:
        error = super().__new__(cls, code)
        error.said = said
        return error

    @property
    def reason(self) -> str:
        """The reason; its words are found when they are read, as the closest of many names take long."""
        said = self.said() if callable(self.said) else self.said
        return str(said) or type(said).__name__


class Unfit(ValueError):
    """Arguments that no cells can be computed of."""


class Error(NamedTuple):
    """What the hosts call an error."""

    excel: int  # Excel's number: VBA's CVErr and xlErr…
    office_js: str  # the word of Office.js: its errorType
    libreoffice: int | None  # Calc's number, if it knows the error
    custom: bool  # whether Office.js takes it from a custom function of one's own


ERRORS = {
    "#NULL!": Error(2000, "Null", 521, True),
    "#DIV/0!": Error(2007, "Div0", 532, True),
    "#VALUE!": Error(2015, "Value", 519, True),
    "#REF!": Error(2023, "Ref", 524, True),
    "#NAME?": Error(2029, "Name", 525, True),
    "#NUM!": Error(2036, "Num", 503, True),
    "#N/A": Error(2042, "NotAvailable", 32767, True),
    "#GETTING_DATA": Error(2043, "GettingData", None, False),
    "#SPILL!": Error(2045, "Spill", None, False),
    "#CALC!": Error(2050, "Calc", None, False),
}
