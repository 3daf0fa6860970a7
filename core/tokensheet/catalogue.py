"""The chips and models that tokensheet knows by name, each number with its source and date.

The data are the CSV files in `data/` and those of installed plugins. Units: FLOP/s (dense), bytes, bytes/s (links in
one direction), watts, US dollars an hour; see docs/catalogue.md.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from tokensheet.as_of import day
from tokensheet.equation import Choices, Text, checked
from tokensheet.one_by_one import one_by_one
from tokensheet.own_catalogue import lay_over
from tokensheet.plugins import Contribution, contributions, left_out_if_broken
from tokensheet.rents import BASIS, with_rent
from tokensheet.rows import (
    REQUIRED,
    Catalogue,
    CatalogueError,
    ReadOnly,
    Row,
    find,
    known_names,
    plain,
    read_table,
    value,
)

__all__ = ["chip", "model"]

OWN_FILES = "TOKENSHEET_CATALOGUE"  # environment variable with your own files, separated as PATH is


def use_catalogue(*paths: str | Path) -> None:
    """Lay files of your own over the built-in chips and models, instead of those that $TOKENSHEET_CATALOGUE names."""
    os.environ[OWN_FILES] = os.pathsep.join(map(str, paths))
    read.cache_clear()
    chips(), models()  # so that what is wrong with a file is said now


def chips(basis: str = BASIS) -> Catalogue:
    """Every chip by name, to be read, with its rent on a basis: ours in the order of the file, then plugins'."""
    return read("chips", basis, day())


def models() -> Catalogue:
    """Every model by name, to be read: ours in the order of the file, then those of plugins."""
    return read("models")


ChipName = Annotated[Text, Choices(lambda: chips(), "chips")]
ModelName = Annotated[Text, Choices(lambda: models(), "models")]


@checked
@one_by_one
def chip(name: ChipName, field: Text) -> float | str:
    """One field of a chip in the catalogue.

    Parameters
    ----------
    name : str
        Name or alias of the chip; case, spaces and punctuation do not matter. Or a row of your own [text].
    field : str
        Column of the catalogue, such as bf16_flops, fp8_flops, hbm_bytes, hbm_bandwidth or usd_per_hour [text].

    Returns
    -------
    float or str
        The number in SI base units, or the text [any unit].

    Raises
    ------
    UnknownName
        If the catalogue has no such chip or field, or does not know the number.

    Notes
    -----
    Looked up, not computed; a rent is that for 3 years. Source: the columns spec_source and price_source of the chip.

    Examples
    --------
    >>> chip("h100", "hbm_bandwidth")
    3350000000000.0
    """
    return value(find(chips(), "chip", name), field)


@checked
@one_by_one
def model(name: ModelName, field: Text) -> float | str:
    """One field of a model in the catalogue.

    Parameters
    ----------
    name : str
        Name or alias of the model; case, spaces and punctuation do not matter. Or a row of your own [text].
    field : str
        Column of the catalogue, such as total_params, active_params, kv_bytes_per_token or layers [text].

    Returns
    -------
    float or str
        The number in SI base units, or the text [any unit].

    Raises
    ------
    UnknownName
        If the catalogue has no such model or field, or does not know the number.

    Notes
    -----
    Looked up, not computed. Source: the column source of the model.

    Examples
    --------
    >>> model("DeepSeek V3", "active_params")
    37000000000.0
    """
    return value(find(models(), "model", name), field)


def rows_of(path: Path, kind: str, known: dict[str, Row]) -> Iterator[Row]:
    """The rows of a package's table; a column that it leaves out is blank."""
    columns = list(next(iter(known.values()))) if known else []
    there = known_names(known)
    for number, row in enumerate(read_table(path), 2):
        place = f"{path.name}, row {number}"
        strange = [column for column in row if columns and column not in (*columns, "usd_per_hour")]
        if strange:
            raise CatalogueError(f"{path.name}: no column is called {strange[0]!r}; there are: {', '.join(columns)}")
        lacking = [column for column in ("name", *REQUIRED[kind]) if row.get(column) is None]
        if lacking:
            raise CatalogueError(f"{place}: needs {', '.join(lacking)}")
        if plain(row["name"]) in there:
            raise CatalogueError(f"{place}: the {kind} have {row['name']!r} already; give the row another name")
        row = dict.fromkeys(columns) | row
        there |= known_names({row["name"]: row})
        yield row


@functools.cache
def packaged(kind: str) -> dict[str, Row]:
    """The rows of our tables and of plugins', before any rent."""
    rows: dict[str, Row] = {}
    for package, name, path in contributions(kind):
        with left_out_if_broken(Contribution(package, kind, name)):
            rows |= {row["name"]: row for row in rows_of(path, kind, rows)}
    return rows


@functools.cache
def read(kind: str, basis: str = "", as_of: str = "") -> Catalogue:
    """The rows of a kind; kept for each basis and day whose rents count."""
    rows = packaged(kind)
    if kind == "chips":
        rows = {name: with_rent(row, basis) for name, row in rows.items()}
    for own in filter(None, os.environ.get(OWN_FILES, "").split(os.pathsep)):
        rows = lay_over(rows, kind, Path(own))
    return Catalogue({name: ReadOnly(row) for name, row in rows.items()})
