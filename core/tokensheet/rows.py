"""A row of the catalogue, and how one is found by its name: what every file about chips and models stands on."""

from __future__ import annotations

import csv
import difflib
from typing import Any

Row = dict[str, Any]
TEXT = {
    "name", "aliases", "vendor", "form", "price_basis", "price_notes", "chip", "basis", "release", "attention",
    "native_precision", "source", "date", "unverified", "notes", "provider", "model",
}  # fmt: skip


class Catalogue(dict[str, Row]):
    """Rows by name; told apart from others by identity, so that what is looked up in it can be kept."""

    __hash__ = object.__hash__  # type: ignore[assignment]


class UnknownName(LookupError):
    """A name or a field that the catalogue does not have, or a number that it does not know."""


def find(rows: dict[str, Row], kind: str, name: str | Row) -> Row:
    """The row of that name or alias, or an error that gives the closest names; a row of one's own is found already."""
    if isinstance(name, dict):
        return name
    if name in rows:
        return rows[name]
    names = known_names(rows)
    if plain(name) in names:
        return rows[names[plain(name)]]
    close = difflib.get_close_matches(plain(name), names, n=5, cutoff=0.4) or list(names)[:5]
    raise UnknownName(f"no {kind} is called {name!r}; closest: {', '.join(dict.fromkeys(names[c] for c in close))}")


def value(row: Row, field: str) -> float | str:
    if field not in row:
        raise UnknownName(f"no column is called {field!r}; there are: {', '.join(row)}")
    if row[field] is None:
        raise UnknownName(f"{row['name']} has no {field} in the catalogue")
    return row[field]  # type: ignore[no-any-return]


def known_names(rows: dict[str, Row]) -> dict[str, str]:
    """Every name and alias without case, spaces and punctuation, with the name it stands for."""
    aliases = {plain(alias): row["name"] for row in rows.values() for alias in (row["aliases"] or "").split(";")}
    return {plain(name): name for name in rows} | {alias: name for alias, name in aliases.items() if alias}


def plain(name: str) -> str:
    return "".join(letter for letter in str(name).lower() if letter.isalnum())


def read_table(path: Any) -> list[Row]:
    """The rows of a CSV file of the catalogue; None where a cell is blank."""
    with path.open(encoding="utf-8", newline="") as file:
        return [{field: parse(field, text) for field, text in record.items()} for record in csv.DictReader(file)]


def parse(field: str, text: str) -> Any:
    if not text:
        return None
    return text if is_text(field) else float(text)


def is_text(field: str) -> bool:
    return field in TEXT or field.endswith(("_source", "_date"))
