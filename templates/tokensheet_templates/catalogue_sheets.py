"""The sheets Chips and Models: the catalogue inside a workbook, each number with its source and date."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import tokensheet as ts
from tokensheet.calibration import BAND_ROWS, band_of, seen
from tokensheet.chain import Chain
from tokensheet.chain import Quantity as Q
from tokensheet.glossary import meaning
from tokensheet.numbers import RATES, SHAPE, numbers_of_chip, numbers_of_model, stands_in
from tokensheet.own_catalogue import ROW
from tokensheet.rents import BASES, BASIS, COLUMNS, OWN
from tokensheet.rows import Row

from tokensheet_templates.book import ROW as LEAST
from tokensheet_templates.book import Block, Blocks, Sheet
from tokensheet_templates.paper import set_up
from tokensheet_templates.plumbing import all_above_0, briefly, chosen, index, index_at_least_1, link, picked
from tokensheet_templates.ranges import Limits, guard, limits_of, strictest
from tokensheet_templates.style import style_of

FIRST = 5  # row of the first chip or model
LINE = 12  # points of a line of a source or note
# The column that a key of a chain is looked up in: of a chip the numbers of a row that holds its columns' own names, of
# a model the key itself; what is derived has a column of its own
CHIP_READS = numbers_of_chip({column: column for column in ROW["chips"]}, "bf16") | {"software": "software"}
MODEL_READS = {key: key for key in numbers_of_model(dict.fromkeys(ROW["models"]))} | {"total_experts": "experts"}
MAY_BE_BLANK = ("usd_per_hour", *SHAPE)
RENT = ">= 0 and <= 1000"

Columns = list[tuple[str, str, str, int]]

# header, field, style, width; the header up to a comma is what the number is called wherever it is looked up
CHIPS = [
    ("Chip", "name", "bold", 24),
    ("Vendor", "vendor", "text", 9),
    ("Dense FLOP/s in bf16", "bf16_flops", "data tera", 11),
    ("Dense FLOP/s in fp8", "fp8_flops", "data tera", 11),
    ("Dense FLOP/s in fp4", "fp4_flops", "data tera", 11),
    ("Memory, bytes", "hbm_bytes", "data gigabytes", 10),
    ("Memory bandwidth, bytes/s", "hbm_bandwidth", "data bandwidth", 12),
    ("Rent, $ per hour", "usd_per_hour", "rent bold", 10),
    ("Link bandwidth one way, bytes/s", "scale_up_bandwidth", "data bandwidth", 12),
    ("Chips of a domain", "scale_up_chips", "data whole", 9),
    ("Network bandwidth one way, bytes/s", "scale_out_bandwidth", "data network", 10),
    *((basis, basis, "input rent", 10) for basis in BASES),
    ("Rent: terms", "terms", "text indent", 18),
    ("Rents: ranges, dates and sources", "rents", "source", 88),
    ("Slowdown by its software", "software", "data ratio", 10),
    ("Row of its band on Inputs", "band", "data center", 10),
    ("Specification: source", "spec_source", "source", 88),
    ("Specification: taken", "spec_date", "note", 12),
    ("Unverified", "unverified", "unverified source", 24),
    ("Notes", "notes", "source", 60),
]
MODELS = [
    ("Model", "name", "bold", 27),
    ("Released", "release", "text", 9),
    ("Total parameters", "total_params", "data giga", 10),
    ("Active parameters", "active_params", "data giga", 10),
    ("KV cache of a token in bf16, bytes", "kv_bytes_per_token", "data whole", 11),
    ("KV cache of windowed layers", "kv_bytes_per_token_window", "data whole", 12),
    ("Window, tokens", "window", "data whole", 8),
    ("State of a sequence, bytes", "state_bytes", "data whole", 12),
    ("Layers", "layers", "data whole", 8),
    ("Layers with full attention", "full_attention_layers", "data whole", 9),
    ("Layers with experts", "moe_layers", "data whole", 9),
    ("Hidden width", "hidden", "data whole", 9),
    ("Query heads", "heads", "data whole", 8),
    ("KV heads (1: shared by all)", "kv_heads", "data whole", 9),
    ("Width of a head", "head_dim", "data whole", 9),
    ("Experts (1: dense)", "experts", "data whole", 9),
    ("Active experts", "active_experts", "data whole", 8),
    ("MLA: rank", "kv_lora_rank", "data whole", 7),
    ("MLA: key width", "nope_head_dim", "data whole", 8),
    ("MLA: position width", "rope_head_dim", "data whole", 8),
    ("MLA: value width", "v_head_dim", "data whole", 8),
    ("Tokens that sparse attention picks", "sparse_tokens", "data whole", 10),
    ("Index of a token, bytes", "index_bytes", "data whole", 9),
    ("Layers with linear attention", "linear_layers", "data whole", 10),
    ("Width of a head in decoding", "decode_head_dim", "data whole", 10),
    ("Input embedding beside the active", "embedding_params", "data giga", 10),
    ("Layers' worth of other launches", "extra_layers", "data plain", 10),
    ("Unseen by the estimate's fit", "unseen", "data center", 10),
    ("Shape known", "shaped", "center", 8),
    ("Attention", "attention", "source", 24),
    ("Source", "source", "source", 88),
    ("Taken", "date", "note", 12),
    ("Unverified", "unverified", "unverified source", 24),
    ("Notes", "notes", "source", 88),
]
HEADERS = {field: header for header, field, *_ in (*CHIPS, *MODELS)}

Chips = Mapping[str, Mapping[str, Row]]  # the rows by name, by the basis of their rents


def chips_by_basis() -> dict[str, dict[str, Row]]:
    """Every chip of the catalogue, with its rent on each basis."""
    return {basis: {name: dict(row) for name, row in ts.chips(basis).items()} for basis in BASES}


def write_chips(sheet: Sheet, chips: Chips, chain: Chain, inputs: Blocks) -> Blocks:
    """The chips, by column. What a chip lacks points, by a formula, to what stands in for it."""
    sheet.heading(
        "Chips",
        "Dense rates of one chip. Rents on yellow are yours to change, the one on the basis that Inputs names counts; "
        "orange italics are unverified numbers; a black formula points to what stands in for a number.",
        {},
        beside=1,
    )
    rows = [with_rents({basis: of_basis[name] for basis, of_basis in chips.items()}) for name in chips[BASIS]]
    blocks = write_table(sheet, CHIPS, rows)
    write_rents(sheet, blocks, rows, inputs["price_basis"])
    read = {column: key for key, column in CHIP_READS.items() if key in chain.given() and column not in RATES}
    for i, row in enumerate(rows):
        for column, other in stands_in(row).items():
            if column in RATES:
                source, style = blocks[other].take(rows=slice(i, i + 1)), style_of(column, "FLOP/s")
            elif column in read:
                source, style = inputs[other], style_of(column, meaning(read[column])[1]) + " link"
            else:
                continue
            blocks[column].values[i] = sheet.fill(FIRST + i, blocks[column].column, link, source, style=style).values
    for column, key in read.items():
        protect(sheet, blocks, column, limits_of(chain, key, RENT if column == "usd_per_hour" else ""))
    for column in RATES:
        protect(sheet, blocks, column, limits_of(chain, "chip_flops"))
    protect(sheet, blocks, "band", strictest([f">= 1 and < {len(BAND_ROWS)}"]))
    rates = np.hstack([blocks[column].values for column in RATES])
    return blocks | {"rates": Block(sheet.name, FIRST, blocks[RATES[0]].column, rates)}


def with_rents(rows: Mapping[str, Row]) -> Row:
    """A chip's row with its rent on each basis as a column of its own, from its rows by basis."""
    row = dict(rows[BASIS])
    model = {"name": next(iter(seen()["model"]))}
    doubts = [basis for basis in BASES if "usd_per_hour" in (rows[basis]["unverified"] or "").split()]
    return row | {
        **{basis: rows[basis]["usd_per_hour"] for basis in BASES},
        "rents": " · ".join(filter(None, dict.fromkeys(map(rent_in_words, rows.values())))),
        "terms": row["price_basis"],
        "software": numbers_of_chip(row, "bf16")["software"],
        "band": 1 + band_of(row, model),
        "unverified": " ".join(u for u in (row["unverified"] or "").split() if u not in COLUMNS),
        "doubtful": doubts,
    }


def rent_in_words(row: Row) -> str:
    """Where a rent is from, such as `3 years 1.78 (1.3 to 1.78), 2026-08-14: a source`, and its note."""
    if row["usd_per_hour"] is None:
        return ""
    ends = [row[f"usd_per_hour_{end}"] for end in ("low", "high")]
    between = f" ({ends[0]:g} to {ends[1]:g})" if None not in ends else ""
    text = f"{row['price_basis'] or OWN} {row['usd_per_hour']:g}{between}, {row['price_date']}: {row['price_source']}"
    return f"{text}. {row['price_notes']}" if row["price_notes"] else text


def write_rents(sheet: Sheet, blocks: Blocks, rows: list[Row], basis: Block) -> None:
    """The rent that counts, which is that on the basis that was picked, and what it is."""
    rents = [blocks[each].or_0() for each in BASES]
    names = Block(sheet.name, FIRST - 1, blocks[BASES[0]].column, np.array([BASES], object))
    block = Block(sheet.name, FIRST, names.column, np.hstack([blocks[each].values for each in BASES]))
    place = partial(chosen, names.whole)
    blocks["usd_per_hour"] = sheet.fill(FIRST, blocks["usd_per_hour"].column, place, basis, *rents, style="rent bold")
    guard(sheet, block, "Rents, $ per hour", limits_of(Chain(), "usd_per_hour", RENT), may_be_blank=True)
    terms = sheet.fill(FIRST, blocks["terms"].column, terms_of, blocks["usd_per_hour"], basis, style="text indent")
    for i, row in enumerate(rows):
        if row["terms"] == OWN:
            sheet.put(FIRST + i, terms.column, OWN, "text indent")
    own = np.array([[row["terms"] == OWN] for row in rows])
    blocks["terms"] = Block(sheet.name, FIRST, terms.column, np.where(own, OWN, terms.values))


def terms_of(rent: Any, basis: Any) -> Any:
    return np.where(rent > 0, basis, "no rent, " + basis)


def write_models(sheet: Sheet, rows: list[Row], chain: Chain) -> Blocks:
    """The models, by column, with the numbers that a chain takes for what the catalogue leaves blank."""
    sheet.heading(
        "Models", "Orange italics are unverified numbers. Without its shape a model has only the floor.", {}, beside=1
    )
    blocks = write_table(sheet, MODELS, [row | taken(row) for row in rows])
    needed = [key for key in MODEL_READS if key in chain.given()]
    for key in needed:
        protect(sheet, blocks, MODEL_READS[key], limits_of(chain, key))
    protect(sheet, blocks, "unseen", strictest([">= 0 and <= 1"]))
    shape = [blocks[MODEL_READS[key]].or_0() for key in needed if key in SHAPE]
    if shape:
        blocks["shaped"] = sheet.fill(FIRST, blocks["shaped"].column, all_above_0, *shape, style="center")
    return blocks


def taken(row: Row) -> Row:
    """What a chain takes of a model, by column."""
    numbers = {MODEL_READS[key]: number for key, number in numbers_of_model(row).items()}
    return numbers | {"unseen": int(row["name"] not in seen()["model"])}


def of_chip(blocks: Blocks, chain: Chain) -> Chain:
    """What a chain needs of the chip that is picked, as look-ups."""
    return Chain((
        *picked("chip", "Chip", blocks["name"]),
        Q("chip_flops", briefly("chip_flops"), partial(index, blocks["rates"].whole), ("chip_row", "rate")),
        *(look_up(key, column, "chip_row", blocks) for key, column in CHIP_READS.items()
          if key in chain.given() and key != "chip_flops"),
        look_up("terms", "terms", "chip_row", blocks),
        look_up("chip_band", "band", "chip_row", blocks),
    ))  # fmt: skip


def of_model(blocks: Blocks, chain: Chain) -> Chain:
    """What a chain needs of the model that is picked, as look-ups."""
    return Chain((
        *picked("model", "Model", blocks["name"]),
        *(look_up(key, column, "model_row", blocks) for key, column in MODEL_READS.items() if key in chain.given()),
        Q("dense_bytes", briefly("dense_bytes"), dense_bytes, ("total_experts", "other_bytes", "bytes")),
        look_up("shaped", "shaped", "model_row", blocks),
        look_up("model_unseen", "unseen", "model_row", blocks),
    ))  # fmt: skip


def dense_bytes(total_experts: Any, other_bytes: Any, bytes: Any) -> Any:
    """A dense model is in one format throughout."""
    return np.where(total_experts > 1, other_bytes, bytes)


def look_up(key: str, column: str, row: str, blocks: Blocks) -> Q:
    """A column's number in the row that was found. A shape that is not known counts as 1: `shaped` says so."""
    take = index_at_least_1 if key in SHAPE else index
    return Q(key, HEADERS[column].partition(",")[0], partial(take, blocks[column].whole), (row,))


def protect(sheet: Sheet, blocks: Blocks, column: str, limits: Limits) -> None:
    guard(sheet, blocks[column], HEADERS[column], limits, may_be_blank=column in MAY_BE_BLANK)


def write_table(sheet: Sheet, columns: Columns, rows: list[Row]) -> Blocks:
    """A row of the sheet for each of the catalogue, readable on paper too: long texts are wrapped."""
    kind = sheet.name.lower().removesuffix("s")
    blocks = {}
    for j, (header, field, style, width) in enumerate(columns):
        sheet.width(j, width)
        sheet.put(FIRST - 1, j, header, "head right" if style.startswith(("data", "input", "rent")) else "head")
        for i, row in enumerate(rows):
            doubtful = field in (*(row["unverified"] or "").split(), *row.get("doubtful", ()))
            sheet.put(FIRST + i, j, row.get(field), f"{style} unverified" if doubtful else style)
        blocks[field] = Block(sheet.name, FIRST, j, np.array([[row.get(field)] for row in rows], object))
    blocks[f"{kind}_names"] = blocks["name"]
    sheet.height(FIRST - 1, 56)
    for i, row in enumerate(rows, FIRST):
        lines = [len(row[field] or "") / (1.2 * width) for _, field, style, width in columns if "source" in style]
        sheet.height(i, max(LEAST, LINE * np.ceil(max(lines))))
    sheet.raw.freeze_panes(FIRST, 1)
    sheet.raw.autofilter(FIRST - 1, 0, FIRST + len(rows) - 1, len(columns) - 1)
    set_up(sheet, FIRST + len(rows), len(columns), names=1, head=(FIRST - 1, FIRST - 1))
    return blocks
