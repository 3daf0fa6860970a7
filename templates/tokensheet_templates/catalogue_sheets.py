"""The sheets Chips and Models: the catalogue inside a workbook, each number with its source and date."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from tokensheet.calibration import seen
from tokensheet.catalogue import Row

from tokensheet_templates.book import Block, Sheet, link

FIRST = 5  # row of the first chip or model
FORMATS = ("bf16_flops", "fp8_flops", "fp4_flops")
SHAPE = ("layers", "moe_layers", "hidden", "kv_heads", "experts", "active_experts", "known")

# header, field, style, width
CHIPS = [
    ("Chip", "name", "bold", 24),
    ("Vendor", "vendor", "text", 9),
    ("Dense FLOP/s in bf16", "bf16_flops", "tera", 11),
    ("Dense FLOP/s in fp8", "fp8_flops", "tera", 11),
    ("Dense FLOP/s in fp4", "fp4_flops", "tera", 11),
    ("Memory, bytes", "hbm_bytes", "gigabytes", 10),
    ("Memory bandwidth, bytes/s", "hbm_bandwidth", "bandwidth", 12),
    ("Price, $ per hour", "usd_per_hour", "input rent", 10),
    ("Link bandwidth one way, bytes/s", "scale_up_bandwidth", "bandwidth", 12),
    ("Low", "usd_per_hour_low", "rent", 8),
    ("High", "usd_per_hour_high", "rent", 8),
    ("Price: basis", "price_basis", "text", 20),
    ("Price: source", "price_source", "note", 30),
    ("Price: date", "price_date", "note", 11),
    ("Known to the estimate's fit", "known", "whole", 10),
    ("Specification: source", "spec_source", "note", 40),
    ("Specification: taken", "spec_date", "note", 12),
    ("Unverified", "unverified", "unverified", 24),
    ("Notes", "notes", "note", 40),
]
MODELS = [
    ("Model", "name", "bold", 24),
    ("Released", "release", "text", 10),
    ("Total parameters", "total_params", "giga", 12),
    ("Active parameters", "active_params", "giga", 12),
    ("KV cache, bytes a token in bf16", "kv_bytes_per_token", "whole", 13),
    ("of windowed layers, bytes a token in bf16", "kv_bytes_per_token_window", "whole", 14),
    ("Window, tokens", "window", "whole", 9),
    ("State, bytes a sequence", "state_bytes", "whole", 13),
    ("Layers", "layers", "whole", 8),
    ("that see all of the context", "full_attention_layers", "whole", 11),
    ("with experts", "moe_layers", "whole", 9),
    ("Hidden width", "hidden", "whole", 9),
    ("Query heads", "heads", "whole", 8),
    ("KV heads (1: shared by all)", "kv_heads", "whole", 10),
    ("Width of a head", "head_dim", "whole", 9),
    ("Experts (1: dense)", "experts", "whole", 9),
    ("active", "active_experts", "whole", 8),
    ("MLA: rank", "kv_lora_rank", "whole", 9),
    ("key width", "nope_head_dim", "whole", 8),
    ("position width", "rope_head_dim", "whole", 9),
    ("value width", "v_head_dim", "whole", 8),
    ("Known to the estimate's fit", "known", "whole", 10),
    ("Attention", "attention", "text", 26),
    ("Source", "source", "note", 40),
    ("Taken", "date", "note", 12),
    ("Unverified", "unverified", "unverified", 24),
    ("Notes", "notes", "note", 40),
]


def write_chips(sheet: Sheet, rows: list[Row]) -> dict[str, Block]:
    """The columns that formulas look up. A format that a chip lacks points, by a formula, to the next wider one."""
    sheet.heading(
        "Chips",
        "Dense rates of one chip. Blue prices are yours to change; orange italics are unverified numbers; "
        "a black formula among the rates points to the format that the chip computes in instead.",
        {},
    )
    blocks = write_table(
        sheet,
        CHIPS,
        [
            row | {"price_basis": row["price_basis"] or "no price", "known": int(row["name"] in seen()["chip"])}
            for row in rows
        ],
    )
    for wider, narrower in pairwise(FORMATS):
        values = blocks[narrower].values.copy()
        for i, value in enumerate(values[:, 0]):
            if value is None:
                source = blocks[wider].take(rows=slice(i, i + 1))
                values[i] = sheet.fill(FIRST + i, blocks[narrower].column, link, source, style="tera").values
        blocks[narrower] = Block(sheet.name, FIRST, blocks[narrower].column, values)
    rates = np.hstack([blocks[name].values for name in FORMATS])
    return {
        "chip_names": blocks["name"],
        "chip_flops": Block(sheet.name, FIRST, blocks[FORMATS[0]].column, rates),
        "chip_hbm": blocks["hbm_bytes"],
        "chip_bandwidth": blocks["hbm_bandwidth"],
        "chip_price": blocks["usd_per_hour"],
        "chip_basis": blocks["price_basis"],
        "chip_bf16": blocks["bf16_flops"],
        "chip_link": blocks["scale_up_bandwidth"],
        "chip_known": blocks["known"],
    }


def write_models(sheet: Sheet, rows: list[Row]) -> dict[str, Block]:
    """The columns that formulas look up."""
    sheet.heading("Models", "Orange italics are unverified numbers.", {})
    blocks = write_table(sheet, MODELS, [row | counted(row) for row in rows])
    return {
        "model_names": blocks["name"],
        "model_total": blocks["total_params"],
        "model_active": blocks["active_params"],
        "model_kv": blocks["kv_bytes_per_token"],
        "model_kv_window": blocks["kv_bytes_per_token_window"],
        "model_window": blocks["window"],
        "model_state": blocks["state_bytes"],
        **{f"model_{field}": blocks[field] for field in SHAPE},
    }


def counted(row: Row) -> Row:
    """What formulas need a number for: a dense model is one expert, with MLA all heads share one cache."""
    return {
        "kv_heads": 1 if row["kv_lora_rank"] else row["kv_heads"],
        "experts": row["experts"] or 1,
        "active_experts": row["active_experts"] or 1,
        "known": int(row["name"] in seen()["model"]),
    }


def write_table(sheet: Sheet, columns: list[tuple[str, str, str, int]], rows: list[Row]) -> dict[str, Block]:
    blocks = {}
    for j, (header, field, style, width) in enumerate(columns):
        sheet.raw.set_column(j, j, width)
        sheet.put(FIRST - 1, j, header, "head")
        for i, row in enumerate(rows):
            doubtful = field in (row["unverified"] or "").split()
            sheet.put(FIRST + i, j, row[field], f"{style} unverified" if doubtful else style)
        blocks[field] = Block(sheet.name, FIRST, j, np.array([[row[field]] for row in rows], object))
    sheet.raw.set_row(FIRST - 1, 42)
    sheet.raw.freeze_panes(FIRST, 1)
    sheet.raw.autofilter(FIRST - 1, 0, FIRST + len(rows) - 1, len(columns) - 1)
    sheet.raw.repeat_rows(FIRST - 1)
    sheet.raw.fit_to_pages(1, 0)
    return blocks
