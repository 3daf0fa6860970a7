"""The sheet Log: what was changed in a workbook, by whom and why."""

from __future__ import annotations

from datetime import date

from tokensheet_templates.page import FIRST, TOP, Page

HEADERS = ("Sheet and cell", "Date", "Who", "From", "To", "Why")
BLANKS = 25
FIRST_ENTRY = TOP + 2  # row of the first after that of the making


def write_log(sheet: Page, today: date, author: str) -> None:
    """The first entry is that the workbook was made; the rows below are to be filled."""
    for column, width in enumerate((44, 13, 20, 16, 16, 60)):
        sheet.width(column, width)
    sheet.put(TOP, 0, [[*HEADERS]], "head")
    sheet.put(TOP + 1, 0, [["all", today.isoformat(), author, "", "", "Made from the template"]])
    written = [row for name, row, _ in sheet.book.typed if name == sheet.name]  # entries that are carried on
    rows = max([BLANKS, *(row - FIRST_ENTRY + 1 + BLANKS for row in written)])
    sheet.put(FIRST_ENTRY, 0, [[None] * len(HEADERS)] * rows, "open line")
    sheet.row, sheet.columns = FIRST_ENTRY + rows, max(FIRST, len(HEADERS))
