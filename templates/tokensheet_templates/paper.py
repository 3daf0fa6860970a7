"""How a sheet prints: landscape A4 at a size that can be read, over as many pages as that takes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from tokensheet_templates.book import ROW, Sheet

WIDTH, HEIGHT = 950, 665  # pixels between the margins at full size, as LibreOffice counts: its columns are the wider
LEAST, MOST = 0.58, 1.0  # how far a sheet is shrunk at most; small ones are not blown up
POINT = 4 / 3  # pixels


def set_up(
    sheet: Sheet, rows: int, columns: int, *, names: int = 0, head: tuple[int, int] | None = None,
    starts: Sequence[int] = (),
) -> None:  # fmt: skip
    """Page set-up of a sheet of so many rows and columns.

    The first `names` columns and the rows `head` are repeated on each page; a page may begin with each of the other
    columns, and where there are `starts`, with these rows.
    """
    raw = sheet.raw
    raw.hide_gridlines(2)
    raw.set_landscape()
    raw.set_paper(9)
    raw.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    raw.set_footer("&L&8&F  &A&R&8Page &P of &N")
    while columns < len(sheet.subtitle) and wide(sheet, columns) < 6 * len(sheet.subtitle):  # or the page would cut it
        columns += 1
    scale = min(MOST, max(LEAST, WIDTH / wide(sheet, columns)))
    raw.set_print_scale(int(100 * scale))
    raw.print_area(0, 0, rows - 1, columns - 1)
    if names:
        raw.repeat_columns(0, names - 1)
    if head:
        raw.repeat_rows(*head)
    repeated = sum(high(sheet, row) for row in range(head[0], head[1] + 1)) if head else 0
    widths = [wide(sheet, column + 1) - wide(sheet, column) for column in range(columns)]
    raw.set_v_pagebreaks(breaks(widths, range(names, columns), WIDTH / scale - wide(sheet, names), names))
    raw.set_h_pagebreaks(breaks([high(sheet, row) for row in range(rows)], starts, HEIGHT / scale - repeated))


def one_page(sheet: Sheet, rows: int, columns: int) -> None:
    """Have a sheet of so many rows and columns print on one page, upright if it is the larger for it."""
    across, down = wide(sheet, columns), sum(high(sheet, row) for row in range(rows))
    if min(HEIGHT / across, WIDTH / down) > min(WIDTH / across, HEIGHT / down):
        sheet.raw.set_portrait()
    sheet.raw.set_h_pagebreaks([])
    sheet.raw.set_v_pagebreaks([])
    sheet.raw.fit_to_pages(1, 1)


def wide(sheet: Sheet, columns: int) -> float:
    """Pixels of the first columns."""
    return sum(7 * sheet.widths.get(column, 8.43) + 5 for column in range(columns))


def high(sheet: Sheet, row: int) -> float:
    return POINT * sheet.heights.get(row, ROW)


def breaks(sizes: Sequence[float], starts: Sequence[int], room: float, first: int = 0) -> list[int]:
    """The starts at which a new page begins, so that each page, from `first` on, holds as much as it has room for."""
    found: list[int] = []
    for start, end in pairwise([*starts, len(sizes)]):
        if start > first and sum(sizes[first:end]) > room + 1:  # pixels
            found.append(start)
            first = start
    return found
