"""What an hour of a chip costs, by the terms that it is had on. Rents on two bases do not compare."""

from __future__ import annotations

import functools
from typing import Any

from tokensheet.as_of import day, today
from tokensheet.data import RENTS
from tokensheet.rows import Row, UnknownName, read_table

BASES = ("on demand", "spot", "1 year", "3 years", "owned")
# Unless somebody says otherwise: of what one can rent it is the only basis on which the current chips of NVIDIA and of
# AMD, servers and racks, have a rent of one source and date
BASIS = "3 years"
OWN = "your own"  # holds for every basis

# A column of a chip's row: the column of the table of rents
COLUMNS = {
    "usd_per_hour": "usd_per_hour", "usd_per_hour_low": "low", "usd_per_hour_high": "high", "price_basis": "basis",
    "price_source": "source", "price_date": "date", "price_notes": "notes",
}  # fmt: skip


@functools.cache
def rents() -> dict[str, dict[str, Row]]:
    """The rents of each chip, by basis."""
    found: dict[str, dict[str, Row]] = {}
    for rent in read_table(RENTS):
        found.setdefault(rent["chip"], {})[rent["basis"]] = rent
    return found


def known_rents(chip: str) -> dict[str, Row]:
    """The rents of a chip, by basis, that were known on the day whose prices count.

    A date that is only a month or a year counts from its beginning.
    """
    return {basis: rent for basis, rent in rents().get(chip, {}).items() if not day() or rent["date"] <= day()}


def with_rent(chip: Row, basis: str) -> Row:
    """A chip's row with its rent on that basis, blank where it has none; a rent in the row itself stays."""
    row = chip | {column: chip.get(column) for column in COLUMNS}
    rent = known_rents(chip["name"]).get(basis)
    if rent and row["usd_per_hour"] is None:
        row |= {column: rent[of_rent] for column, of_rent in COLUMNS.items()}
        doubts = (rent["unverified"] or "").split()
        doubtful = [column for column, of_rent in COLUMNS.items() if of_rent in doubts]
        row["unverified"] = " ".join(filter(None, [row["unverified"], *doubtful])) or None
    return row


def own_rent(row: Row, usd_per_hour: Any, source: str | None = None) -> Row:
    """The columns of a chip's row that a rent of your own changes; the old rent's doubts go with it."""
    doubts = " ".join(column for column in (row["unverified"] or "").split() if column not in COLUMNS)
    own = {"usd_per_hour": usd_per_hour, "price_basis": OWN, "price_source": source}
    return dict.fromkeys(COLUMNS) | own | {"price_date": today(), "unverified": doubts or None}


def no_rent(chip: Row, basis: str) -> UnknownName:
    """The error that names the bases that the catalogue knows a rent on; a row of one's own has the one or none."""
    if "price_basis" not in chip:
        return UnknownName(f"{chip['name']} has no usd_per_hour in its row")
    known = [each for each in known_rents(chip["name"]) if each != basis]
    way_out = f"it has one for {', '.join(known)}" if known else "it has none; give usd_per_hour"
    later = rents().get(chip["name"], {}).get(basis)
    place = "in the catalogue"
    if later:
        place += f" as of {day()}, its rent being of {later['date']}"
    return UnknownName(f"{chip['name']} has no rent for the price basis {basis!r} {place}: {way_out}")
