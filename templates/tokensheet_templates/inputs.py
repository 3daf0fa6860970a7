"""The cells to change: each with its unit, its range and what it means, its validation and its check."""

from __future__ import annotations

import functools
import operator
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from tokensheet.calibration import BAND_ROWS, calibration
from tokensheet.chain import Chain
from tokensheet.chain import Quantity as Q
from tokensheet.glossary import GLOSSARY, meaning, split_unit
from tokensheet.numbers import DEFAULTS, FORMATS, KV_FORMATS, NIC, PCIE, RATES, defaults
from tokensheet.own_constants import own_constants
from tokensheet.rents import BASES, BASIS

from tokensheet_templates.book import Block, Blocks, Sheet
from tokensheet_templates.plumbing import briefly, index, picked, plus
from tokensheet_templates.ranges import Limits, guard, in_words, limits_of, strictest
from tokensheet_templates.style import style_of

WIDTHS = {0: 44, 1: 13, 2: 14, 3: 34, 4: 74, 5: 32}
SEEN = ("chip and model known to the fit", "one of them known", "neither known")  # by how many are not


@dataclass(frozen=True)
class Input:
    """A cell to change, or a column of them: what stands there and what may, a number within limits or a text."""

    key: str
    label: str
    value: Any
    means: str = ""  # its entry in the glossary, or its meaning [unit]
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
    return Input(key, label or in_words_of(key), value, key, texts=tuple(FORMATS if key == "precision" else KV_FORMATS))


def price_basis(value: str = BASIS) -> Input:
    return Input("price_basis", "Price basis", value, "price_basis", texts=BASES)


def in_words_of(key: str) -> str:
    return key.replace("_", " ").capitalize()


def layout(chain: Chain, values: Mapping[str, Any]) -> list[Input]:
    """How a model is laid out on its chips, and the rules by which an engine would do it."""
    own = {"own_tensor_parallel": "Tensor parallel", "own_stages": "Pipeline stages"}
    return [
        *(number(chain, key, values[key], label, "<= 1e5", may_be_blank=True) for key, label in own.items()),
        *(number(chain, key, DEFAULTS[key], note="a rule") for key in ("node", "most_tensor_parallel")),
    ]


def constants(chain: Chain, known: Collection[str]) -> list[Input]:
    """What else a chain has to be given and has a default: the estimate's constants and rules."""
    fitted = {
        row["name"]: f"fitted: 90 % from {row['low']} to {row['high']}" if row["low"] else "set, not fitted"
        for row in calibration()
    }
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
        means, unit = described(each)
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


def described(each: Input) -> tuple[str, str]:
    """What an input means, and its unit."""
    return meaning(each.means) if each.means in GLOSSARY else split_unit(each.means)


def any_of(cell: Any, texts: Sequence[str]) -> Any:
    """Whether a cell holds one of the texts."""
    return functools.reduce(operator.or_, [cell == text for text in texts])


def write_columns(
    sheet: Sheet, row: int, title: str, kind: str, names: Iterable[str], columns: Sequence[Input], note: str,
    blocks: Blocks,
) -> int:  # fmt: skip
    """A table with a row for each name, by which it is found, and columns of inputs; gives the row below it."""
    sheet.put(row, 0, title, "head")
    sheet.put(row, 1, [[each.label for each in columns]], "head right")
    sheet.put(row, len(columns) + 1, note, "note indent")
    blocks[f"{kind}_names"] = sheet.put(row + 1, 0, [[name] for name in names])
    for column, each in enumerate(columns, 1):
        style = f"input {style_of(each.means, described(each)[1])}"
        block = blocks[f"{each.key} by {kind}"] = sheet.put(row + 1, column, [[value] for value in each.value], style)
        guard(sheet, block, f"{title}, {each.label}", each.limits)
    return row + len(blocks[f"{kind}_names"].values) + 2


def write_formats(sheet: Sheet, row: int, chain: Chain, blocks: Blocks) -> int:
    """What weights and cache take in each format; a precision is found by its name."""
    weights, most = FORMATS.values(), "<= 8"
    columns = [
        Input("bytes", "Bytes", [each.bytes for each in weights], limits=limits_of(chain, "bytes", most)),
        Input("other_bytes", "Of the rest", [each.dense_bytes for each in weights],
              limits=limits_of(chain, "bytes", most)),
        Input("rate", "Rate on Chips", [RATES.index(each.rate) + 1 for each in weights],
              limits=strictest([f">= 1 and <= {len(RATES)}"])),
    ]  # fmt: skip
    note = "Scales included. The rest: a mixture's weights beside its experts. Rate: 1 bf16, 2 fp8, 3 fp4."
    row = write_columns(sheet, row, "Format of the weights", "precision", FORMATS, columns, note, blocks)
    width = Input("kv_width", "Bytes", [*KV_FORMATS.values()], limits=limits_of(chain, "kv_width", most))
    return write_columns(sheet, row, "Format of the KV cache", "kv_precision", KV_FORMATS, [width], "", blocks)


def write_band(sheet: Sheet, row: int, chain: Chain, blocks: Blocks) -> int:
    """The ends of the estimate's band, by the chip's vendor and by how much of chip and model the fit has not seen."""
    names = [f"{each['vendor'] or 'Any other'}: {SEEN[int(each['unseen'])]}" for each in BAND_ROWS]
    columns = [
        Input(key, label, [float(each[key]) for each in BAND_ROWS], key, limits_of(chain, key, own))
        for key, label, own in (("low_factor", "Low end", "<= 1"), ("high_factor", "High end", ">= 1"))
    ]
    note = "Measured over estimated, of measurements left out of the fit."
    return write_columns(sheet, row, "80 % band of the estimate", "band", names, columns, note, blocks)


def of_formats(blocks: Blocks) -> Chain:
    """What is looked up of the formats: what a weight and a value of the cache take, and the rate of the arithmetic."""
    return Chain((
        *picked("precision", "Precision", blocks["precision_names"]),
        *picked("kv_precision", "Precision of the KV cache", blocks["kv_precision_names"]),
        of_row("bytes", "precision", blocks),
        of_row("other_bytes", "precision", blocks, "Bytes of a parameter outside the experts of a mixture"),
        of_row("rate", "precision", blocks, "Column of the rate on Chips"),
        of_row("kv_width", "kv_precision", blocks),
    ))  # fmt: skip


def of_band(blocks: Blocks) -> Chain:
    """What is looked up of the band, for a chip and a model."""
    return Chain((
        Q("band_row", "Band: row", plus, ("chip_band", "model_unseen")),
        *(of_row(key, "band", blocks) for key in ("low_factor", "high_factor")),
    ))  # fmt: skip


def of_row(key: str, kind: str, blocks: Blocks, label: str = "") -> Q:
    """The number of a column of inputs in the row that was found."""
    return Q(key, label or briefly(key), partial(index, blocks[f"{key} by {kind}"].whole), (f"{kind}_row",))


def pick_from(sheet: Sheet, block: Block, kind: str, names: Block) -> None:
    """Have the cells of a block hold names of the catalogue."""
    let_pick(sheet, block, f"Pick a {kind}", f"={names.sheet}!{names.range}", f"any of the sheet {names.sheet}")


def let_pick(sheet: Sheet, block: Block, title: str, source: Any, message: str) -> None:
    """A list of what the cells of a block may hold."""
    last = block.row + block.values.shape[0] - 1, block.column + block.values.shape[1] - 1
    rule = {"validate": "list", "source": source, "ignore_blank": False}
    words = {"input_title": title[:32], "input_message": message, "error_message": f"{title}: {message}"}
    sheet.raw.data_validation(block.row, block.column, *last, rule | words)
