"""The cells to change: each with its unit, its range and what it means, its validation and its check."""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from tokensheet.calibration import HIGH, LOW, calibration
from tokensheet.chain import Chain
from tokensheet.chain import Quantity as Q
from tokensheet.glossary import GLOSSARY, meaning, split_unit
from tokensheet.numbers import DEFAULTS, FORMATS, NIC, PCIE, defaults
from tokensheet.own_constants import own_constants
from tokensheet.rents import BASES, BASIS

from tokensheet_templates.book import Block, Blocks, Sheet
from tokensheet_templates.plumbing import index, index_from_0, listed, match, plus
from tokensheet_templates.ranges import Limits, guard, in_words, limits_of
from tokensheet_templates.style import style_of

WIDTHS = {0: 44, 1: 13, 2: 14, 3: 24, 4: 84, 5: 32}
SEEN = ("chip and model known to the fit", "one of them known", "neither known")  # in the order of UNSEEN


@dataclass(frozen=True)
class Input:
    """A cell to change: what stands in it and what may, a number within limits or one of some texts."""

    key: str
    label: str
    value: float | str
    means: str  # its entry in the glossary, or its meaning [unit]
    limits: Limits = ()
    texts: Sequence[str] = ()
    note: str = ""
    may_be_blank: bool = False


def number(
    chain: Chain, key: str, value: float, label: str = "", own_limits: str = "", means: str = "", **more: Any
) -> Input:
    """An input of a chain: it may be what the equations that it goes into take, within limits of one's own."""
    return Input(key, label or in_words_of(key), value, means or key, limits_of(chain, key, own_limits), **more)


def format_of(key: str, value: str, label: str = "") -> Input:
    return Input(key, label or in_words_of(key), value, key, texts=tuple(FORMATS))


def price_basis(value: str = BASIS) -> Input:
    return Input("price_basis", "Price basis", value, "price_basis", texts=BASES)


def in_words_of(key: str) -> str:
    return key.replace("_", " ").capitalize()


def constants(chain: Chain, known: Collection[str]) -> list[Input]:
    """What else a chain has to be given and has a default: the estimate's constants and rules."""
    fitted = {row["name"]: f"fitted: 90 % from {row['low']} to {row['high']}" for row in calibration()}
    keys = [key for key in chain.given() if key in DEFAULTS and key not in known]
    rules = [
        Input(key, label, value, key, limits_of(chain, replaces), note="a rule")
        for key, label, value, replaces in (
            ("pcie", "Link of a chip without one", PCIE, "link_bandwidth"),
            ("nic", "Network of a chip without one", NIC, "scale_out_bandwidth"),
        )
        if replaces in chain.given()
    ]
    values, notes = defaults(), fitted | dict.fromkeys(own_constants(), "your calibration")
    return [*(number(chain, key, values[key], note=notes.get(key, "a rule")) for key in keys), *rules]


def write_inputs(sheet: Sheet, row: int, title: str, inputs: Sequence[Input], blocks: Blocks) -> int:
    """A table of inputs; gives the row below it."""
    sheet.put(row, 0, title, "head")
    sheet.put(row, 1, "Value", "head right")
    sheet.put(row, 2, [["Unit", "Allowed", "What it means", "Where it is from"]], "head indent")
    for row, each in enumerate(inputs, row + 1):
        means, unit = meaning(each.means) if each.means in GLOSSARY else split_unit(each.means)
        sheet.put(row, 0, each.label)
        block = blocks[each.key] = sheet.put(row, 1, each.value, f"input {style_of(each.means, unit)}")
        if each.texts:
            allowed = ", ".join(each.texts)
            let_pick(sheet, block, each.label, list(each.texts), allowed)
            sheet.book.expect(f"{sheet.name}, {each.label}: {allowed}", any_of(block.cell, each.texts))
        else:
            guard(sheet, block, f"{each.label}, {unit}", each.limits, unit, may_be_blank=each.may_be_blank)
        allowed = ", ".join(each.texts) or in_words(each.limits, unit)
        sheet.put(row, 2, [[unit, allowed, means, each.note]], "note indent")
    return row + 2


def any_of(cell: Any, texts: Sequence[str]) -> Any:
    """Whether a cell holds one of the texts."""
    return functools.reduce(operator.or_, [cell == text for text in texts])


def write_formats(sheet: Sheet, row: int, chain: Chain, blocks: Blocks) -> int:
    """The bytes of a value in each format, and their names, which a precision is found by."""
    rows = [Input(name, name, width, "bytes", limits_of(chain, "bytes", "<= 8")) for name, width in FORMATS.items()]
    below = write_inputs(sheet, row, "Format", rows, blocks)
    blocks["format_bytes"] = together([blocks[name] for name in FORMATS])
    blocks["format_names"] = Block(sheet.name, row + 1, 0, np.array([[name] for name in FORMATS], object))
    return below


def write_band(sheet: Sheet, row: int, chain: Chain, blocks: Blocks) -> int:
    """The ends of the estimate's band, by how much of chip and model the fit has not seen."""
    ends = [("low_factor", "Low end", LOW, "<= 1"), ("high_factor", "High end", HIGH, ">= 1")]
    rows = [
        Input(f"{key}_{unseen}", f"{label}, {seen}", value, key, limits_of(chain, key, limits), note="fitted")
        for key, label, values, limits in ends
        for unseen, (seen, value) in enumerate(zip(SEEN, values, strict=True))
    ]
    below = write_inputs(sheet, row, "80 % band of the estimate", rows, blocks)
    for key, _, values, _ in ends:
        blocks[f"{key}s"] = together([blocks[f"{key}_{unseen}"] for unseen in range(len(values))])
    return below


def together(blocks: Sequence[Block]) -> Block:
    """Blocks that stand below each other as one."""
    return Block(blocks[0].sheet, blocks[0].row, blocks[0].column, np.vstack([block.values for block in blocks]))


def of_formats(blocks: Blocks) -> Chain:
    """What is looked up of the formats: the bytes of a weight and of a value of the cache."""
    column = partial(index, blocks["format_bytes"].whole)
    return Chain((
        *picked("precision", "Precision", blocks["format_names"]),
        *picked("kv_precision", "Precision of the KV cache", blocks["format_names"]),
        Q("bytes", briefly("bytes"), column, ("precision_row",)),
        Q("kv_width", briefly("kv_width"), column, ("kv_precision_row",)),
    ))  # fmt: skip


def of_band(blocks: Blocks) -> Chain:
    """What is looked up of the band, for a chip and a model."""
    return Chain((
        Q("unseen", briefly("unseen"), plus, ("chip_unseen", "model_unseen")),
        *(Q(key, briefly(key), partial(index_from_0, blocks[f"{key}s"].whole), ("unseen",))
          for key in ("low_factor", "high_factor")),
    ))  # fmt: skip


def briefly(key: str) -> str:
    """What a key means, without the explanation behind a colon or semicolon."""
    return re.split("[:;]", meaning(key)[0])[0]


def picked(key: str, label: str, names: Block) -> Chain:
    """The row of what was picked by its name, and whether it is the very name."""
    return Chain((
        Q(f"{key}_row", f"{label}: row", partial(match, names.whole), (key,)),
        Q(f"{key}_listed", f"{label}: found", partial(listed, names.whole), (f"{key}_row", key)),
    ))  # fmt: skip


def pick_from(sheet: Sheet, block: Block, kind: str, names: Block) -> None:
    """Have the cells of a block hold names of the catalogue."""
    let_pick(sheet, block, f"Pick a {kind}", f"={names.sheet}!{names.range}", f"any of the sheet {names.sheet}")


def let_pick(sheet: Sheet, block: Block, title: str, source: Any, message: str) -> None:
    """A list of what the cells of a block may hold."""
    last = block.row + block.values.shape[0] - 1, block.column + block.values.shape[1] - 1
    rule = {"validate": "list", "source": source, "ignore_blank": False}
    words = {"input_title": title[:32], "input_message": message, "error_message": f"{title}: {message}"}
    sheet.raw.data_validation(block.row, block.column, *last, rule | words)
