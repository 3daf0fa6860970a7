"""Your own catalogue: a file of chips or models laid over the built-in ones, negotiated rents by region among them.

A file is a CSV, or an .xlsx with a sheet `Chips` or `Models`, whose first row names columns of the catalogue. A row
with a known name changes the columns that it fills; a new name adds a row. With a column `region`, a row stands for
that chip in that region and gets a name of its own, `H100 SXM eu-west`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tokensheet.files import alone, read_csv, whole_file
from tokensheet.packages import NOT_AN_XLSX, read_package, readable
from tokensheet.rents import own_rent
from tokensheet.rows import REQUIRED, ROW, CatalogueError, ReadOnly, Row, called, known_names, plain, value_of
from tokensheet.texts import clean, from_csv, in_csv, name_of

MOST = 10_000, 200  # rows and columns of a sheet


def lay_over(rows: dict[str, Row], kind: str, path: Path) -> dict[str, Row]:
    """The rows with those of the file laid over them; the file may be about the other kind and then changes nothing."""
    columns = list(next(iter(rows.values())))
    laid, names, first = dict(rows), known_names(rows), dict[str, int]()
    for number, cells in own_rows(path, kind):
        place = f"{path.name}, row {number}"
        name = str(cells.get("name") or "").strip()
        if not name:
            raise CatalogueError(f"{place}, column name: is blank")
        base = laid.get(names.get(plain(name), ""))
        row = dict(base) if base else dict.fromkeys(columns)
        region = str(cells.get("region") or "").strip()
        known: str = value_of(f"{base['name'] if base else name} {region}", "name", place)
        row |= {"name": known, "aliases": None} if region else {"name": known}
        for column, cell in cells.items():
            if column not in (*columns, "region"):
                there = ", ".join(columns)
                raise CatalogueError(f"{path.name}, row 1: no column is called {column!r}; there are: {there}")
            if column not in ("name", "region") and cell not in (None, ""):
                row[column] = value_of(cell, column, place)
        lacking = [column for column in REQUIRED[kind] if row[column] is None]
        if lacking:
            raise CatalogueError(f"{place}: {name} is new, so it needs {', '.join(lacking)}")
        if first.setdefault(plain(known), number) != number:
            raise CatalogueError(f"{place}: {known} stands in row {first[plain(known)]} too; keep one")
        if kind == "chips" and cells.get("usd_per_hour") not in (None, ""):
            rent = own_rent(row, row["usd_per_hour"], path.name)
            row |= {column: cell for column, cell in rent.items() if cells.get(column) in (None, "")}
        laid[known] = row
        names |= known_names({known: row})
    return laid


class OwnRow(ReadOnly):
    """A row of one's own, given where a name is wanted; told apart from others by identity, so that it can be a key."""

    __hash__ = object.__hash__  # type: ignore[assignment]


def own_row(cells: Sequence[Any], kind: str) -> OwnRow:
    """The chip or model that a row of cells stands for; what lies right of the columns that count is not read."""
    named = dict(zip(ROW[kind], cells, strict=False))
    noun = kind.removesuffix("s")
    row: Row = dict.fromkeys(ROW[kind])
    row["name"] = str(named.pop("name") or called(noun, {}))
    for column, cell in named.items():
        if cell not in (None, ""):
            row[column] = value_of(cell, column, f"the {noun}'s row")
    lacking = [column for column in REQUIRED[kind] if row[column] is None]
    if lacking:
        raise CatalogueError(f"the {noun}'s row needs {', '.join(lacking)}; its cells are {', '.join(ROW[kind])}")
    return OwnRow(row)


def add_row(path: Path, row: Row, known: dict[str, Row], *, replace: bool = False) -> None:
    """Write a model's row into a CSV file of one's own, new or not, that is laid over the models that are known.

    What else stands in the file stays. A row of that name is an error unless it is to be replaced; its cells that the
    new row says nothing about stay.
    """
    if "," in name_of(row["name"]):  # the command line separates names by commas
        raise CatalogueError(f"a model's name has no comma, not {row['name']!r}")
    with alone(path):
        add_to_table(path, row, known, replace)


def add_to_table(path: Path, row: Row, known: dict[str, Row], replace: bool) -> None:
    heads, *lines = table_of(path) if path.exists() and path.stat().st_size else [[]]
    header = heads_of(heads)
    if header:
        if is_about_other(header, "models"):
            raise CatalogueError(f"{path.name} is about chips; give models a file of their own")
        if any(map(any, lines)):
            lay_over(known, "models", path)  # so that what is wrong with the file is said before anything is written
    header = header or list(next(iter(known.values())))
    header += [column for column, cell in row.items() if cell is not None and column not in header]
    for line in lines:
        line += [""] * (len(header) - len(line))
    name = header.index("name")
    there = next((line for line in lines if plain(line[name]) == plain(row["name"])), None)
    if there and not replace:
        raise CatalogueError(f"{path.name} has {there[name]} already; give --force to replace it, or another name")
    if not there:
        for line in lines:  # it would be laid over that row, which would then have the new one's numbers
            if plain(row["name"]) in other_names(dict(zip(header, line, strict=False))):
                raise CatalogueError(f"{path.name} has {row['name']!r} as another name of {line[name]}; take another")
        there = [""] * len(header)
        lines.append(there)
    for column in header:
        if column in row:
            there[header.index(column)] = text_of(row[column])
    write_table(path, [header, *lines])


def other_names(cells: Row) -> set[str]:
    """What a row of a file is called besides its name: its aliases, and its name with its region."""
    names = [*cells.get("aliases", "").split(";"), f"{cells['name']} {cells['region']}" if cells.get("region") else ""]
    return {plain(name) for name in names} - {""}


def text_of(cell: Any) -> str:
    """A number in full, without a point where it is whole."""
    if cell is None:
        return ""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else clean(str(cell))


def write_table(path: Path, table: list[list[str]]) -> None:
    with whole_file(path, "w", overwrite=True) as file:
        csv.writer(file, lineterminator="\n").writerows([map(in_csv, line) for line in table])


def own_rows(path: Path, kind: str) -> Iterable[tuple[int, Row]]:
    """Each row of the file with its number and its cells by column."""
    table = sheet(path, kind) if path.suffix == ".xlsx" else table_of(path)
    if not table:
        return
    header = heads_of(table[0])
    if is_about_other(header, kind):
        return
    twice = next((column for column in header if column and header.count(column) > 1), None)
    if twice:
        raise CatalogueError(f"{path.name}, row 1: the column {twice} stands there twice; keep one")
    lines = [(number, line) for number, line in enumerate(table[1:], 2) if any(cell not in (None, "") for cell in line)]
    if not lines and path.suffix != ".xlsx":  # of a workbook's two sheets one may wait to be filled
        raise CatalogueError(f"{path.name} has no row below its header")
    for number, line in lines:
        yield number, {column: cell for column, cell in zip(header, line, strict=False) if column}


def heads_of(cells: Iterable[Any]) -> list[str]:
    """The columns that a table's first row names, as the catalogue spells them: it may say `HBM bytes`."""
    return ["_".join(str(cell or "").lower().split()) for cell in cells]


def is_about_other(header: list[str], kind: str) -> bool:
    """Whether a table is about models rather than chips, or the reverse: by the columns that only one kind has."""
    models = bool({"total_params", "active_params", "kv_bytes_per_token"} & set(header))
    return models != (kind == "models")


def table_of(path: Path) -> list[list[Any]]:
    """The cells of a CSV file, as we write one too."""
    return [[from_csv(cell) for cell in line] for line in read_csv(path)]


def sheet(path: Path, kind: str) -> list[list[Any]]:
    from openpyxl import load_workbook

    content, name, (most_rows, most_columns) = read_package(path), kind.capitalize(), MOST
    with readable(f"{path.name}: {NOT_AN_XLSX}"):
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        if name not in book.sheetnames:
            return []
        # It may say that it goes on to the last row and column that there can be
        lines = book[name].iter_rows(max_row=most_rows + 1, max_col=most_columns + 1, values_only=True)
        rows = [list(line) for line in lines]
    if len(rows) > most_rows or any(row[-1] is not None for row in rows):
        raise CatalogueError(f"{path.name}: {name} has more than {most_rows:,} rows or {most_columns} columns")
    return rows
