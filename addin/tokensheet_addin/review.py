"""The commands `tokensheet check`, `refresh` and `diff`: workbooks that templates wrote, some time later."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from tokensheet_templates.found import Found, read_workbook
from tokensheet_templates.price_review import review_of
from tokensheet_templates.review import CAUSES, Move, changes, check_workbook, in_words, left_behind, moves, refreshed

from tokensheet_addin.files import may_write
from tokensheet_addin.tables import Csv, Json, print_data, say, show, working

MOST = 40  # lines of flaws
Book = Annotated[Path, typer.Argument(help="A workbook that `tokensheet new` wrote.")]


def check(book: Book, as_json: Json = False, as_csv: Csv = False) -> None:
    """Recompute every formula of a workbook, and report what is stale, broken or overwritten: exit code 1 if any is."""
    with working(f"recomputing {book}"):
        found = check_workbook(book)
    data = [flaw._asdict() for flaw in found]
    if print_data(data, data, as_json, as_csv):
        pass
    elif found:
        show(["Cell", "Is", "Because it"], [[*flaw] for flaw in found[:MOST]], wrap=False)
        say(f"{len(found)} cells of {book} are not as the template has them" + more(len(found)))
    else:
        say(f"every formula of {book} is the template's and shows what it computes")
    if found:
        sys.exit(1)


def more(number: int) -> str:
    return f"; {MOST} are shown" if number > MOST else ""


def refresh(
    book: Book,
    out: Annotated[Path | None, typer.Argument(help="The new workbook; by default BOOK-refreshed.xlsx.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
) -> None:
    """Bring a workbook to today's catalogue, prices and version, keep what you changed, and say what moved and why."""
    out = out or book.with_name(f"{book.stem}-refreshed.xlsx")
    may_write(out, ".xlsx", force)
    old = read_workbook(book)
    with working(f"writing {out}"):
        refreshed(old).save(out, old.facts["functions"], overwrite=force)
        new = read_workbook(out)
    kept = ", ".join(old.changed()) or "nothing"
    say(f"wrote {out}; of Inputs you had changed, and it keeps: {kept}")
    for what in left_behind(old):
        say(f"left behind: {what}")
    show_moves(moves(old, new))


def diff(
    old: Annotated[Path, typer.Argument(help="A workbook that `tokensheet new` wrote.")],
    new: Annotated[Path, typer.Argument(help="Another of the same template.")],
    to: Annotated[Path | None, typer.Option(help="Write the comparison as a workbook, to be signed.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Compare two workbooks of a template: which inputs differ, what moved on Board, and by which cause how much."""
    before, after = both(old, new)
    if to:
        may_write(to, ".xlsx", force)
        say(f"wrote {review_of(before, after)().save(to, overwrite=force)}")
        return
    with working("finding what moved, and why"):
        inputs, moved = changes(before, after), moves(before, after)
    data = {"inputs": [each._asdict() for each in inputs], "board": [each._asdict() for each in moved]}
    if print_data(data, [{"on": part} | row for part, rows in data.items() for row in rows], as_json, as_csv):
        return
    if inputs:
        show(
            ["Input", "Old", "New"],
            [[each.what, in_words(each.old), in_words(each.new)] for each in inputs],
            wrap=False,
        )
    else:
        say("the inputs are the same")
    show_moves(moved)


def both(old: Path, new: Path) -> tuple[Found, Found]:
    before, after = read_workbook(old), read_workbook(new)
    if before.template is not after.template:
        names = before.template.name, after.template.name
        raise ValueError(f"{old} is a {names[0]}, {new} a {names[1]}: only workbooks of one template can be compared")
    return before, after


def show_moves(moved: list[Move]) -> None:
    if not moved:
        say("nothing on Board moved")
        return
    rows = [
        [each.what, *map(in_words, (each.old, each.new, each.new - each.old)),
         *(in_words(each.causes[cause]) for cause in CAUSES)]
        for each in moved
    ]  # fmt: skip
    show(["On Board", "Old", "New", "Moved by", *(f"of it {cause}" for cause in CAUSES)], rows, wrap=False)
