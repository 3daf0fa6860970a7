"""The sheet Catalogue: the chips and models that a workbook uses, and blank ones of one's own; with the formats of
weights and the estimate's bands. A column is a chip or a model, so that the sheet reads on paper.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

import numpy as np
import tokensheet as ts
from tokensheet.api_prices import market, price_list
from tokensheet.calibration import BAND_ROWS, band_of, seen
from tokensheet.cell import Cell, lift
from tokensheet.chain import Chain
from tokensheet.chain import Quantity as Q
from tokensheet.numbers import FORMATS, KV_FORMATS, RATES, SHAPE, numbers_of_model
from tokensheet.plausible import AT_MOST
from tokensheet.rents import BASES, BASIS, OWN
from tokensheet.rows import ABOVE_0, Row, find
from tokensheet.texts import name_of

from tokensheet_templates.book import Block, Blocks, Lines, as_numbers
from tokensheet_templates.catalogue_rows import (
    CHIP_READS,
    MODEL_READS,
    chips_by_basis,
    dense_bytes,
    taken,
    with_rents,
)
from tokensheet_templates.declared import Line, serial
from tokensheet_templates.inputs_sheet import local, validate
from tokensheet_templates.page import FIRST, LABEL, LARGEST, UNIT, Page
from tokensheet_templates.plumbing import (
    all_above_0,
    briefly,
    entry_down,
    index,
    index_at_least_1,
    leads_to_itself,
    lowest,
    own_or,
    picked,
    plus,
)
from tokensheet_templates.style import style_of
from tokensheet_templates.unlikely import HEADS, alert_more, alert_unusual

MARKET = ("input", "cache_write", "cache_read", "output")
OWN_ONES = 5  # blank chips, and blank models
PER_LINE = 150  # characters of a source
NO_RENT = "no rent"
UNKNOWN_CHIP: Row = {"name": "", "vendor": ""}  # to the fit

# label, unit, field
CHIPS = [
    ("Memory", "bytes", "hbm_bytes"),
    ("Memory bandwidth", "bytes/s", "hbm_bandwidth"),
    ("Link bandwidth, one way", "bytes/s", "scale_up_bandwidth"),
    ("Chips of a domain", "chips", "scale_up_chips"),
    ("Network bandwidth, one way", "bytes/s", "scale_out_bandwidth"),
    ("Slowdown by its software", "ratio", "software"),
    ("Band of its estimate", "number", "band"),
    ("Unseen by the estimate's fit", "0 or 1", "chip_unseen"),
    ("Dense FLOP/s in fp8", "FLOP/s", "fp8_flops"),
    ("Dense FLOP/s in fp4", "FLOP/s", "fp4_flops"),
    ("Dense FLOP/s in bf16", "FLOP/s", "bf16_flops"),  # the rates that count stand below it
]
MODELS = [
    ("Total parameters", "parameters", "total_params"),
    ("Active parameters", "parameters", "active_params"),
    ("KV cache of a token in bf16", "bytes/token", "kv_bytes_per_token"),
    ("of windowed layers", "bytes/token", "kv_bytes_per_token_window"),
    ("Window", "tokens", "window"),
    ("State of a sequence", "bytes", "state_bytes"),
    ("Layers", "layers", "layers"),
    ("Layers with full attention", "layers", "full_attention_layers"),
    ("Hidden width", "values", "hidden"),
    ("Query heads", "heads", "heads"),
    ("Width of a head", "values", "head_dim"),
    ("Width of a head in decoding", "values", "decode_head_dim"),
    ("KV heads, 1 if shared by all", "heads", "kv_heads"),
    ("Layers with experts", "layers", "moe_layers"),
    ("Experts, 1 for a dense model", "experts", "experts"),
    ("Active experts", "experts", "active_experts"),
    ("Tokens that sparse attention picks", "tokens", "sparse_tokens"),
    ("Index of a token", "bytes/token", "index_bytes"),
    ("Input embedding beside the active", "parameters", "embedding_params"),
    ("Layers' worth of other launches", "layers", "extra_layers"),
    ("Unseen by the estimate's fit", "0 or 1", "unseen"),
]
LABELS = {field: (label, unit) for label, unit, field in (*CHIPS, *MODELS)}
LABELS |= {"terms": ("Rent: terms", "text"), "shaped": ("Shape known", "0 or 1")}
LABELS |= {"rent_doubt": ("Rent: not verified", "0 or 1"), "rent_date": ("Rent: of", "day")}
KEYS = {field: key for key, field in (CHIP_READS | MODEL_READS).items()}  # what the rules of what is usual call them
AT = "catalogue "  # begins the keys of its rows, which the keys of what is picked are not
# What counts where a chip's number is not known; a rate of its own for bf16 every chip has
STANDS_IN = {RATES[1]: RATES[0], RATES[2]: RATES[0], "scale_up_bandwidth": "pcie",
             "scale_out_bandwidth": "nic", "scale_up_chips": "node"}  # fmt: skip
PLAIN = {"band", "unseen", "chip_unseen", "software", "extra_layers"}  # that their unit does not give a style


def write_catalogue(
    sheet: Page, chips: Sequence[str], models: Sequence[str], blocks: Blocks, today: date, with_market: bool,
    rents: Mapping[str, float],
) -> None:  # fmt: skip
    """The chips and models of these names, each with a source and a date; and API prices of the market if asked.

    Where no chip or no model is picked, there is no table of them.
    """
    by_basis = chips_by_basis()
    names = list(dict.fromkeys(find(by_basis[BASIS], "chip", name)["name"] for name in (*chips, *rents)))
    chip_rows = [with_rents({basis: rows[name] for basis, rows in by_basis.items()}) for name in names]
    model_rows = [find(ts.models(), "model", name) for name in dict.fromkeys(models)]
    sheet.columns = FIRST + max(len(chip_rows), len(model_rows)) + OWN_ONES + 1
    for column in range(FIRST, sheet.columns + len(HEADS) + 1):
        sheet.width(column, 15)
    if names:
        write_chips(sheet, chip_rows, blocks)
        write_rents(sheet, names, by_basis, rents, blocks)
    if models:
        write_models(sheet, [row | taken(row) for row in model_rows], blocks)
        write_tables(sheet, blocks)
    prices = write_market_prices(sheet, today, blocks) if with_market else {}
    sources = {row["name"]: (row["spec_date"], row["spec_source"], row["notes"]) for row in chip_rows}
    sources |= {f"{row['name']}, rents": ("", row["rents"], "") for row in chip_rows if row["rents"]}
    sources |= {row["name"]: (row["date"], row["source"], row["notes"]) for row in model_rows} | prices
    write_sources(sheet, sources)


def write_names(sheet: Page, kind: str, rows: Sequence[Row], blocks: Blocks) -> None:
    """The names across: those of the catalogue, and those of one's own, to be changed."""
    sheet.starts.append(sheet.row)
    sheet.put(sheet.row, LABEL, [[f"{kind.capitalize()}s", "Unit"]], "head")
    sheet.put(sheet.row, FIRST, [[row["name"] for row in rows]], "head right shrink")
    own = [f"Own {kind} {number}" for number in range(1, OWN_ONES + 1)]
    names = sheet.put(sheet.row, FIRST + len(rows), [own], "head input right shrink").values
    sheet.put(sheet.row, sheet.columns - 1, [["In range, 1 or 0", *HEADS]], "head right shrink")
    spots = Block(sheet.name, sheet.row, FIRST + len(rows), np.array([own], object))
    rule = {"validate": "length", "criteria": "between", "minimum": 1, "maximum": 40, "ignore_blank": False}
    validate(sheet, spots, f"Own {kind}", "a name of your own, in 40 characters", rule)
    every = np.array([[*(row["name"] for row in rows), *names.ravel()]], object)
    block = blocks[f"{kind}_names"] = Block(sheet.name, sheet.row, FIRST, every)
    words = f"Catalogue, row {sheet.row + 1}: each own {kind} has a name of its own, without * ? ~"
    sheet.row += 1
    sheet.put(sheet.row, LABEL, [["Found by its name", "0 or 1"]], "note")
    leads = partial(leads_to_itself, local(block.whole))
    led = sheet.fill(sheet.row, FIRST, leads, block, Lines(block, "so far"), style="whole")
    sheet.book.expect(words, lowest(led) == 1)
    sheet.row += 1


def write_chips(sheet: Page, rows: Sequence[Row], blocks: Blocks) -> None:
    """The chips' numbers as they are known, and below them those that count where something stands in."""
    write_names(sheet, "chip", rows, blocks)
    own: Row = {
        "software": 1.0,
        "chip_unseen": 1,
        "band": 1 + band_of(UNKNOWN_CHIP, {"name": next(iter(seen()["model"]))}),
    }
    columns = [*rows, *[own] * OWN_ONES]
    for label, unit, field in CHIPS:
        place_values(sheet, label, unit, field, columns, len(rows), blocks)
    for field, other in STANDS_IN.items():
        stand_in(sheet, field, blocks[AT + other] if other in RATES else blocks[other], blocks)
    rates = [blocks[AT + rate] for rate in RATES]
    blocks["rates"] = Block(sheet.name, rates[0].row, FIRST, np.vstack([rate.values for rate in rates]))


def stand_in(sheet: Page, field: str, other: Block, blocks: Blocks) -> None:
    """A row of what counts: the chip's own number, or what stands in for it."""
    label, unit = next((label, unit) for label, unit, each in CHIPS if each == field)
    sheet.put(sheet.row, LABEL, f"{label}: counts")
    sheet.put(sheet.row, UNIT, unit, "note")
    style = style_of(field, unit)
    blocks[AT + field] = sheet.fill(sheet.row, FIRST, own_or, blocks[AT + field], other.or_0(), style=style)
    sheet.row += 1


def place_values(
    sheet: Page, label: str, unit: str, field: str, rows: Sequence[Row], known: int, blocks: Blocks
) -> None:
    """A row of a field: of the catalogue's, and blank or with what a rule says of one's own."""
    style = "plain" if field in PLAIN else style_of(field, unit)
    sheet.put(sheet.row, LABEL, label)
    sheet.put(sheet.row, UNIT, unit, "note")
    values = []
    for column, row in enumerate(rows):
        doubt = " unverified" if field in (row.get("unverified") or "").split() else ""
        look = f"data{doubt}" if column < known else "input"
        values.append(sheet.put(sheet.row, FIRST + column, row.get(field), f"{look} {style}").values.item())
    blocks[AT + field] = Block(sheet.name, sheet.row, FIRST, np.array([values], object))
    own = blocks[AT + field].take(columns=slice(known, None))
    sheet.let_type(own, f"Own {label}", 1 if field in ABOVE_0 else 0, LARGEST, (sheet.row, sheet.columns - 1))
    alert_unusual(sheet, blocks[AT + field], KEYS.get(field, field), unit, label, sheet.columns)
    sheet.row += 1


def write_rents(
    sheet: Page, names: Sequence[str], by_basis: Mapping[str, Mapping[str, Row]], given: Mapping[str, float],
    blocks: Blocks,
) -> None:  # fmt: skip
    """The rent on each basis, one's own below, and the one that counts with its terms, its date and its doubts."""
    top, count = sheet.row, len(names) + OWN_ONES
    labels = sheet.put(top, LABEL, [[f"Rent, {basis}"] for basis in BASES])
    sheet.put(top, UNIT, [["$/hour"]] * len(BASES), "note")
    sheet.put(top + len(BASES), LABEL, [[f"of, {basis}"] for basis in BASES])
    sheet.put(top + len(BASES), UNIT, [["day"]] * len(BASES), "note")
    sheet.put(top + 2 * len(BASES), LABEL, [[f"not verified, {basis}"] for basis in BASES])
    sheet.put(top + 2 * len(BASES), UNIT, [["0 or 1"]] * len(BASES), "note")
    rents, dates, doubts = (np.full((len(BASES), count), None) for _ in range(3))
    own_rents: list[float | None] = [given.get(name) for name in names] + [None] * OWN_ONES
    for row, terms in enumerate(BASES):
        for column, name in enumerate(names):
            known = by_basis[terms][name]
            if known["price_basis"] == OWN:  # it is of a catalogue of one's own, and holds for every basis
                own_rents[column] = given.get(name, known["usd_per_hour"])
                continue
            doubtful = 1 if "usd_per_hour" in (known["unverified"] or "").split() else None
            look = "data unverified" if doubtful else "data"
            found = (
                sheet.put(top + row, FIRST + column, known["usd_per_hour"], f"{look} rent"),
                sheet.put(top + len(BASES) + row, FIRST + column, first_day(known["price_date"]), "data date small"),
                sheet.put(top + 2 * len(BASES) + row, FIRST + column, doubtful, "data whole"),
            )
            for table, block in zip((rents, dates, doubts), found, strict=True):
                table[row, column] = block.values.item()
    listed, dated, doubted = (
        Block(sheet.name, top + number * len(BASES), FIRST, table)
        for number, table in enumerate((rents, dates, doubts))
    )
    blocks[AT + "rents"] = listed
    row = top + 3 * len(BASES)
    sheet.put(row, LABEL, [["Row of the basis that Inputs names", "number"]], "note")
    basis = blocks["price_basis"].cell
    place = sheet.fill(row, FIRST, row_of_basis, basis, labels.whole, style="whole").cell
    sheet.put(row + 1, LABEL, [["Own rent; blank for the catalogue's", "$/hour"]], "bold")
    blocks[AT + "own_rent"] = own = sheet.put(row + 1, FIRST, [own_rents], "input rent")
    sheet.let_type(own, "Own rent", 0, 1000, (row + 1, sheet.columns - 1))
    alert_unusual(sheet, own, "usd_per_hour", "$/hour", "Own rent", sheet.columns)
    sheet.put(row + 2, LABEL, [["Rent of the catalogue", "$/hour"]])
    rent = sheet.fill(row + 2, FIRST, entry_down, Lines(listed, "down"), place, style="rent")
    sheet.put(row + 3, LABEL, [["Rent that counts", "$/hour"]], "bold")
    blocks[AT + "usd_per_hour"] = sheet.fill(row + 3, FIRST, own_or, own, rent, style="rent bold")
    sheet.put(row + 4, LABEL, [["which is", "text"]])
    blocks[AT + "terms"] = sheet.fill(row + 4, FIRST, terms_of, own, rent, basis, style="right small shrink")
    sheet.put(row + 5, LABEL, [["of", "day"]])
    day = sheet.fill(
        row + 5, FIRST, partial(unless_own, "–"), own, rent, Lines(dated, "down"), place, style="right date small"
    )
    blocks[AT + "rent_date"] = day
    sheet.put(row + 6, LABEL, [["not verified", "0 or 1"]])
    doubt = sheet.fill(row + 6, FIRST, partial(unless_own, 0), own, rent, Lines(doubted, "down"), place, style="whole")
    blocks[AT + "rent_doubt"] = doubt
    sheet.row = row + 8


def unless_own(otherwise: Any, own: Cell, rent: Cell, listed: Cell, place: Cell) -> Cell:
    """What is known of the catalogue's rent, if there is one that counts."""
    found = entry_down(listed, place)
    counts = (own.value == None) & (rent.value > 0)  # noqa: E711  (element by element)
    text = f"IF(OR(ISNUMBER({own.text}),{rent.text}=0),{lift(otherwise).text},{found.text})"
    return Cell(text, as_numbers(np.where(counts, np.asarray(found.value, object), otherwise)), many=False)


def first_day(text: str | None) -> float | None:
    """A day as spreadsheets count them; one that is only a month or a year counts from its beginning."""
    return serial(date.fromisoformat(f"{text}-01-01"[:10])) if text else None


def row_of_basis(basis: Cell, labels: Cell) -> Cell:
    """What is none of the bases counts as the first; the check of the input says so."""
    place = 1.0 + [*labels.value.flat].index(f"Rent, {basis.value}")
    return Cell(f'IFERROR(MATCH("Rent, "&{basis.text},{labels.text},0),1)', place)


def terms_of(own: Cell, listed: Cell, basis: Cell) -> Cell:
    """The terms of the rent that counts."""
    known = np.where(listed.value > 0, basis.value, NO_RENT)
    text = f'IF(ISNUMBER({own.text}),"{OWN}",IF({listed.text}>0,{basis.text},"{NO_RENT}"))'
    return Cell(text, np.where(own.value == None, known, OWN), many=False)  # noqa: E711


def write_models(sheet: Page, rows: Sequence[Row], blocks: Blocks) -> None:
    """The models; one whose shape is not known has only the bound."""
    sheet.put(sheet.row, sheet.columns + len(HEADS), "Above its whole, number", "head right shrink")
    write_names(sheet, "model", rows, blocks)
    blank = dict.fromkeys(ts.models()[next(iter(ts.models()))])
    own = {MODEL_READS[key]: value for key, value in numbers_of_model(blank).items()} | {"unseen": 1}
    for label, unit, field in MODELS:
        place_values(sheet, label, unit, field, [*rows, *[own] * OWN_ONES], len(rows), blocks)
    for pair in AT_MOST:
        if set(pair) <= MODEL_READS.keys():
            fields = [MODEL_READS[key] for key in pair]
            part, whole = (blocks[AT + field] for field in fields)
            labels = LABELS[fields[0]][0], LABELS[fields[1]][0]
            alert_more(sheet, part, whole, labels, sheet.columns + len(HEADS))
    shape = [blocks[AT + MODEL_READS[key]].or_0() for key in SHAPE]
    sheet.put(sheet.row, LABEL, [["Shape known", "0 or 1"]])
    blocks[AT + "shaped"] = sheet.fill(sheet.row, FIRST, all_above_0, *shape, style="whole")
    sheet.row += 2


def write_market_prices(sheet: Page, today: date, blocks: Blocks) -> dict[str, tuple[str, str, str]]:
    """What others charge, as of a day, to type over; gives the lists' names with date and source."""
    rows = [price_list(provider, model, today.isoformat()) for provider, model in market()]
    sheet.starts.append(sheet.row)
    sheet.put_head("API prices of the market; a cache without a price has that of input")
    names = [name_of(row["model"]) for row in rows]  # as a list may spell them
    blocks["market_names"] = sheet.put(sheet.row, FIRST, [names], "head right shrink")
    sheet.put(sheet.row, FIRST + len(rows) + 1, [[*HEADS]], "head right shrink")
    sheet.columns = max(sheet.columns, FIRST + len(rows) + 1)
    for field in MARKET:
        sheet.row += 1
        values = [1e6 * (row["input"] if row[field] is None else row[field]) for row in rows]
        sheet.put(sheet.row, LABEL, [[field.replace("_", " ").capitalize(), "$/Mtok"]])
        block = blocks[f"market_{field}"] = sheet.put(sheet.row, FIRST, [values], "input price")
        sheet.let_type(block, f"{field} price of the market", 0, 1e6, (sheet.row, FIRST + len(rows)), blank=False)
        alert_unusual(sheet, block, field, "$/Mtok", f"{field} price of the market", FIRST + len(rows) + 1)
    sheet.row += 1
    sheet.put(sheet.row, LABEL, [["Day of the list", "day"]])
    days = [serial(date.fromisoformat(row["date"])) for row in rows]
    block = blocks["market_date"] = sheet.put(sheet.row, FIRST, [days], "input date")
    sheet.let_type(block, "Day of the list", 0, 1e6, (sheet.row, FIRST + len(rows)), blank=False)
    sheet.row += 2
    return {f"API prices: {row['source'].partition(',')[0]}": (row["date"], row["source"], "") for row in rows}


def write_tables(sheet: Page, blocks: Blocks) -> None:
    """What weights and cache take in each format, and the ends of the estimate's bands."""
    formats: dict[str, tuple[str, list[Any]]] = {
        "Bytes of a weight": ("bytes", [each.bytes for each in FORMATS.values()]),
        "Bytes of one beside the experts": ("other_bytes", [each.dense_bytes for each in FORMATS.values()]),
        "Rate: 1 bf16, 2 fp8, 3 fp4": ("rate", [RATES.index(each.rate) + 1 for each in FORMATS.values()]),
    }
    write_table(sheet, "Format of the weights", "precision", FORMATS, formats, "plain", "number", blocks)
    width = {"Bytes of a cached value": ("kv_width", [*KV_FORMATS.values()])}
    write_table(sheet, "Format of the KV cache", "kv_precision", KV_FORMATS, width, "plain", "bytes", blocks)
    names = [f"{each['vendor'] or 'Any other'} {each['unseen']}" for each in BAND_ROWS]
    ends = {
        f"{label} of the 80 % band": (key, [float(each[key]) for each in BAND_ROWS])
        for label, key in (("Low end", "low_factor"), ("High end", "high_factor"))
    }
    write_table(sheet, "Estimate's band: vendor, and how many of chip and model the fit has not seen", "band", names,
                ends, "ratio", "ratio", blocks)  # fmt: skip


def write_table(
    sheet: Page, title: str, kind: str, names: Any, rows: Mapping[str, tuple[str, list[Any]]], style: str,
    unit: str, blocks: Blocks,
) -> None:  # fmt: skip
    sheet.starts.append(sheet.row)
    sheet.put_head(title, "")
    blocks[f"{kind}_names"] = sheet.put(sheet.row, FIRST, [[*names]], "head right")
    for label, (key, values) in rows.items():
        sheet.row += 1
        sheet.put(sheet.row, LABEL, [[label, unit]])
        blocks[f"{key} by {kind}"] = sheet.put(sheet.row, FIRST, [values], f"data {style}")
    sheet.columns = max(sheet.columns, FIRST + len(names))
    sheet.row += 2


def write_sources(sheet: Page, sources: Mapping[str, tuple[str | None, str | None, str | None]]) -> None:
    """Where each chip and model is from; long texts take lines."""
    sheet.starts.append(sheet.row)
    sheet.put(sheet.row, LABEL, [["Sources: orange italics above are unverified", "Taken"]], "head")
    for name, (taken_on, source, notes) in sources.items():
        sheet.row += 1
        sheet.put(sheet.row, LABEL, name, "bold shrink")
        sheet.put(sheet.row, UNIT, taken_on, "note")
        text = " ".join(filter(None, (source, notes)))
        for place, words in enumerate(textwrap.wrap(text, PER_LINE)):
            sheet.row += place > 0
            sheet.put(sheet.row, FIRST, words, "note small")
    sheet.row += 2


def of_chip(blocks: Blocks, chain: Chain) -> Chain:
    """What a chain needs of the chip that is picked, as look-ups."""
    return Chain((
        *picked("chip", "Chip", blocks["chip_names"]),
        Q("chip_flops", briefly("chip_flops"), partial(index, blocks["rates"].whole), ("rate", "chip_row")),
        *(look_up(key, field, "chip_row", blocks) for key, field in CHIP_READS.items()
          if key in chain.given() and key != "chip_flops"),
        look_up("terms", "terms", "chip_row", blocks),
        look_up("chip_band", "band", "chip_row", blocks),
    ))  # fmt: skip


def of_model(blocks: Blocks, chain: Chain) -> Chain:
    """What a chain needs of the model that is picked, as look-ups."""
    return Chain((
        *picked("model", "Model", blocks["model_names"]),
        *(look_up(key, field, "model_row", blocks) for key, field in MODEL_READS.items() if key in chain.given()),
        Q("dense_bytes", briefly("dense_bytes"), dense_bytes, ("total_experts", "other_bytes", "bytes")),
        look_up("shaped", "shaped", "model_row", blocks),
        look_up("model_unseen", "unseen", "model_row", blocks),
    ))  # fmt: skip


def of_formats(blocks: Blocks) -> Chain:
    """What is looked up of the formats: what a weight and a value of the cache take, and the rate of the arithmetic."""
    return Chain((
        *picked("precision", "Precision", blocks["precision_names"]),
        *picked("kv_precision", "Precision of the KV cache", blocks["kv_precision_names"]),
        of_row("bytes", "precision", blocks),
        of_row("other_bytes", "precision", blocks, "Bytes of a parameter outside the experts of a mixture"),
        of_row("rate", "precision", blocks, "Row of the rate on Catalogue"),
        of_row("kv_width", "kv_precision", blocks),
    ))  # fmt: skip


def of_band(blocks: Blocks) -> Chain:
    """What is looked up of the band, for a chip and a model."""
    return Chain((
        Q("band_row", "Band: number", plus, ("chip_band", "model_unseen")),
        *(of_row(key, "band", blocks) for key in ("low_factor", "high_factor")),
    ))  # fmt: skip


def of_row(key: str, kind: str, blocks: Blocks, label: str = "") -> Q:
    return Q(key, label or briefly(key), partial(index, blocks[f"{key} by {kind}"].whole), (f"{kind}_row",))


def look_up(key: str, field: str, row: str, blocks: Blocks) -> Q:
    """A number in the column that was found. A shape that is not known counts as 1: `shaped` says so."""
    take = index_at_least_1 if key in SHAPE else index
    label, unit = LABELS.get(field) or (briefly(key), "")
    return Line(key, label, partial(take, blocks[AT + field].whole), (row,), unit)
