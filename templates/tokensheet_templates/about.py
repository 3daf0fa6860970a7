"""The sheet that says what a workbook is, how to use it and what its colours mean."""

from __future__ import annotations

from collections.abc import Mapping

from tokensheet_templates.book import Sheet
from tokensheet_templates.paper import one_page, set_up

COLOURS = {
    "input": "input, yours to change",
    "text": "formula",
    "link": "taken over from another sheet",
    "data": "number of the catalogue; its source and date stand in its row",
    "unverified": "number of the catalogue that could not be verified",
}
PER_LINE = 105  # characters


def write_about(sheet: Sheet, title: str, subtitle: str, facts: Mapping[str, str], sheets: Mapping[str, str]) -> None:
    """Facts, the contents with links, and the key to the colours."""
    sheet.heading(title, subtitle, {0: 28, 1: 100})
    for row, (label, text) in enumerate(facts.items(), 5):
        sheet.put(row, 0, label, "bold wrap")
        sheet.put(row, 1, text, "wrap")
        sheet.height(row, 2 + 14 * (1 + len(text) // PER_LINE))
    row += 2
    sheet.put(row, 0, [["Sheet", "What is on it"]], "head")
    for row, (name, what) in enumerate(sheets.items(), row + 1):
        sheet.raw.write_url(row, 0, f"internal:{name}!A1", sheet.book.style("link"), name)
        sheet.put(row, 1, what)
    row += 2
    sheet.put(row, 0, [["Colour", "Meaning"]], "head")
    for row, (style, what) in enumerate(COLOURS.items(), row + 1):
        sheet.put(row, 0, style, style)
        sheet.put(row, 1, what)
    set_up(sheet, row + 1, 2)
    one_page(sheet, row + 1, 2)
