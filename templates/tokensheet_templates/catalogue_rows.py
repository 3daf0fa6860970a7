"""Rows of the catalogue as a workbook holds them: a chip with its rents, a model with what a chain takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import tokensheet as ts
from tokensheet.calibration import band_of, seen
from tokensheet.numbers import numbers_of_chip, numbers_of_model
from tokensheet.rents import BASES, BASIS, COLUMNS, OWN
from tokensheet.rows import ROW, Row

# The field that a key of a chain is looked up in: of a chip the numbers of a row that holds its columns' own names, of
# a model the key itself; what is derived has a field of its own
CHIP_READS = numbers_of_chip({column: column for column in ROW["chips"]}, "bf16") | {"software": "software"}
MODEL_READS = {key: key for key in numbers_of_model(dict.fromkeys(ROW["models"]))} | {"total_experts": "experts"}


def chips_by_basis() -> dict[str, dict[str, Row]]:
    """Every chip of the catalogue, with its rent on each basis."""
    return {basis: {name: dict(row) for name, row in ts.chips(basis).items()} for basis in BASES}


def with_rents(rows: Mapping[str, Row]) -> Row:
    """A chip's row with where its rents are from and what the fit knows of it, from its rows by basis."""
    row, known = dict(rows[BASIS]), seen()
    return row | {
        "rents": " · ".join(filter(None, dict.fromkeys(map(rent_in_words, rows.values())))),
        "software": numbers_of_chip(row, "bf16")["software"],
        "band": 1 + band_of(row, {"name": next(iter(known["model"]))}),
        "chip_unseen": int(row["name"] not in known["chip"]),
        "unverified": " ".join(u for u in (row["unverified"] or "").split() if u not in COLUMNS),
    }


def rent_in_words(row: Row) -> str:
    """Where a rent is from, such as `3 years 1.78 (1.3 to 1.78), 2026-08-14: a source`, and its note."""
    if row["usd_per_hour"] is None:
        return ""
    ends = [row[f"usd_per_hour_{end}"] for end in ("low", "high")]
    between = f" ({ends[0]:g} to {ends[1]:g})" if None not in ends else ""
    text = f"{row['price_basis'] or OWN} {row['usd_per_hour']:g}{between}, {row['price_date']}: {row['price_source']}"
    return f"{text}. {row['price_notes']}" if row["price_notes"] else text


def taken(row: Row) -> Row:
    """What a chain takes of a model, by field."""
    numbers = {MODEL_READS[key]: number for key, number in numbers_of_model(row).items()}
    return numbers | {"unseen": int(row["name"] not in seen()["model"])}


def dense_bytes(total_experts: Any, other_bytes: Any, bytes: Any) -> Any:
    """A dense model is in one format throughout."""
    return np.where(total_experts > 1, other_bytes, bytes)
