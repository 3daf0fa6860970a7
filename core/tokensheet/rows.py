"""A row of the catalogue, and how one is found by its name: what every file about chips and models stands on."""

from __future__ import annotations

import csv
import difflib
import functools
import itertools
import re
from datetime import date
from typing import Any, NoReturn

from tokensheet.names import is_missing
from tokensheet.texts import LONGEST_NAME, clean, name_of
from tokensheet.typed import QUOTED, in_file

Row = dict[str, Any]
TEXT = {
    "name", "aliases", "vendor", "form", "price_basis", "price_notes", "chip", "basis", "release", "attention",
    "native_precision", "source", "date", "unverified", "notes", "provider", "model",
}  # fmt: skip
REQUIRED = {
    "chips": ("bf16_flops", "hbm_bytes", "hbm_bandwidth"),
    "models": ("total_params", "active_params", "kv_bytes_per_token"),
}
# A row of one's own in a formula, =DECODE_COST(MODEL, A2:I2, …): the first columns of a workbook's Chips and Models
ROW = {
    "chips": (
        "name", "vendor", "bf16_flops", "fp8_flops", "fp4_flops", "hbm_bytes", "hbm_bandwidth", "usd_per_hour",
        "scale_up_bandwidth", "scale_up_chips", "scale_out_bandwidth",
    ),
    "models": (
        "name", "release", "total_params", "active_params", "kv_bytes_per_token", "kv_bytes_per_token_window", "window",
        "state_bytes", "layers", "full_attention_layers", "moe_layers", "hidden", "heads", "kv_heads", "head_dim",
        "experts", "active_experts", "kv_lora_rank", "nope_head_dim", "rope_head_dim", "v_head_dim",
        "sparse_tokens", "index_bytes", "linear_layers",
    ),
}  # fmt: skip
# Columns of which 0 is no number: something is divided by them
ABOVE_0 = {
    "bf16_flops", "fp8_flops", "fp4_flops", "hbm_bytes", "hbm_bandwidth", "scale_up_bandwidth", "scale_up_chips",
    "scale_out_bandwidth", "total_params", "active_params",
}  # fmt: skip

DAY = re.compile(r"[0-9]{4}(-[0-9]{2}){0,2}")


class CatalogueError(ValueError):
    """What is wrong with a file of your own, by row and column as a spreadsheet counts them."""


class ReadOnly(dict[str, Any]):
    """A dict that is only read: what somebody changed in the catalogue by accident would change every later answer."""

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("the catalogue is only read: change a copy of the row, dict(row), or use_catalogue a file")

    __setitem__ = __delitem__ = clear = pop = popitem = setdefault = update = _refuse
    __ior__ = _refuse

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (dict(self),)


class Catalogue(ReadOnly):
    """Rows by name; told apart from others by identity, so that what is looked up in it can be kept."""

    __hash__ = object.__hash__  # type: ignore[assignment]

    @functools.cached_property
    def names(self) -> dict[str, str]:
        return known_names(self)


class UnknownName(LookupError):
    """A name or a field that the catalogue does not have, or a number that it does not know."""


class NoSuchName(UnknownName):
    """The error that gives the closest names, which are looked for when it is read: that takes longer than all else."""

    def __str__(self) -> str:
        kind, name, names = self.args
        close = difflib.get_close_matches(plain(name), names, n=5, cutoff=0.4) or list(names)[:5]
        called = f"{name!r:.{QUOTED}}"  # which may be as long as a cell holds
        return f"no {kind} is called {called}; closest: {', '.join(dict.fromkeys(names[each] for each in close))}"


def find(rows: dict[str, Row], kind: str, name: str | Row) -> Row:
    """The row of that name or alias, or an error that gives the closest names; a row of one's own is found already."""
    if isinstance(name, ReadOnly):
        return name
    if isinstance(name, dict):
        return completed(rows, kind, name)
    if name in rows:
        return rows[name]
    names = rows.names if isinstance(rows, Catalogue) else known_names(rows)
    if plain(name) in names:
        return rows[names[plain(name)]]
    raise NoSuchName(kind, name, names)


def completed(rows: dict[str, Row], kind: str, own: Row) -> Row:
    """A row of one's own with the columns that count, blank ones not known; an error names what has to be there."""
    columns: Row = next(iter(rows.values()), {})
    given = {column: cell for column, cell in own.items() if not is_missing(cell)}
    row = dict.fromkeys(ROW[f"{kind}s"]) | given | {"name": called(kind, given)}
    try:
        texts = [column for column in columns if isinstance(row.get(column), str) and not is_text(column)]
        row |= {column: value_of(row[column], column, str(row["name"])) for column in texts}
    except CatalogueError as error:
        raise UnknownName(str(error)) from None
    needed = REQUIRED[f"{kind}s"]
    if lacking := [column for column in needed if row[column] is None]:
        raise UnknownName(f"{row['name']} has no {', '.join(lacking)}: a row of your own needs {', '.join(needed)}")
    return row


def called(kind: str, name: Any) -> Any:
    """A name as it was given, or that of a row of one's own."""
    return name.get("name", f"your {kind}") if isinstance(name, dict) else name


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
        places = (f"{path.name}, row {number}" for number in itertools.count(2))
        return [
            {column: value_of(cell, column, place) for column, cell in record.items()}
            for record, place in zip(csv.DictReader(file), places, strict=False)
        ]


def value_of(cell: Any, column: str, place: str) -> Any:
    """A cell as the catalogue holds it: a name, a day, a text or a number not below 0; None where it is blank."""
    if cell in (None, ""):
        return None
    try:
        return typed(cell, column)
    except ValueError as error:
        raise CatalogueError(f"{place}, column {column}: {error}") from None


def typed(cell: Any, column: str) -> str | float:
    """A cell with something in it as the column has it; ValueError says what is wrong with it."""
    if column == "name":
        return name_of(str(cell))
    if column == "date" or column.endswith("_date"):
        day = str(cell).removesuffix(" 00:00:00")  # as a workbook's cell gives it
        if not is_day(day):
            raise ValueError(f"{day[:LONGEST_NAME]!r} is no day such as 2026-11-27, month or year")
        return day
    if is_text(column):
        return clean(str(cell))
    try:
        number = in_file(cell)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{cell!r} is not a number") from None
    if not 0 <= number < float("inf"):
        raise ValueError(f"{number:g} is not a number from 0")
    if number == 0 and column in ABOVE_0:
        raise ValueError("is 0; leave it blank if it is not known")
    return number


def is_day(text: str) -> bool:
    """Whether it is a day, a month or a year of the calendar."""
    try:
        return bool(DAY.fullmatch(text) and date.fromisoformat(f"{text}-01-01"[:10]))
    except ValueError:
        return False


def is_text(field: str) -> bool:
    return field in TEXT or field.endswith(("_source", "_date"))
