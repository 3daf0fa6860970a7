"""A sheet about one chip and one model: its results, their curves against the batch, and every step to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from tokensheet.chain import Chain
from tokensheet.chain import Quantity as Q

from tokensheet_templates.book import Blocks, Sheet
from tokensheet_templates.charts import draw, estimate_lines
from tokensheet_templates.inputs import pick_from
from tokensheet_templates.layout import fill, write_list
from tokensheet_templates.paper import set_up
from tokensheet_templates.plumbing import link

PICKS, BATCH, STEPS = 6, 8, 44  # rows of the picks, of the batch with the results below it, and of the steps' title
FIRST, POINTS = 4, 13  # column of the first batch of a curve, and how many there are
WIDTHS = {0: 42, 1: 18, 2: 14, 3: 26} | dict.fromkeys(range(FIRST, FIRST + POINTS), 9.3)
CAPTION = ("chips", "chip", "model", "fits", "fewest_chips")
Charts = Sequence[tuple[str, str, Sequence[str]]]  # what, its unit, and the keys of estimate, ends and floor


def batch_at(point: Any, last: Any, largest: Any) -> Any:
    """Whole batches in even steps of the logarithm, from 1 to the largest."""
    return np.floor(np.maximum(1, largest) ** (point / last) + 0.5)


def caption(chips: Any, chip: Any, model: Any, fits: Any, fewest_chips: Any) -> Any:
    shortage = np.where(fits, "", ": does not fit, needs " + fewest_chips + " chips")
    return model + " on " + chips + " x " + chip + shortage


def write_pair(
    sheet: Sheet, subtitle: str, chain: Chain, given: Blocks, results: Sequence[str], styles: Mapping[str, str],
    charts: Charts,
) -> Blocks:  # fmt: skip
    """The results in the order given; what else the chain computes are the steps."""
    sheet.heading("One chip, one model", subtitle, WIDTHS)
    sheet.put(PICKS - 1, 0, "Quantity", "head")
    sheet.put(PICKS - 1, 1, "Value", "head right")
    sheet.put(PICKS - 1, 2, [["Unit", "Function"]], "head indent")
    sheet.put(PICKS - 1, FIRST, [["By batch", *[None] * (POINTS - 1)]], "head")
    sheet.put(BATCH, 0, "Batch")
    sheet.fill(BATCH, 1, link, given["batch"], style="whole link")
    sheet.put(STEPS, 0, [["Step by step", *[None] * (FIRST + POINTS - 1)]], "section")
    steps = [quantity.key for quantity in chain if quantity.key not in results]
    rows = {"batch": BATCH} | placed(results, BATCH + 1) | placed(steps, STEPS + 1)
    blocks = dict(given)
    write_list(sheet, rows, chain, blocks, styles)
    sheet.fill(3, 0, caption, *(blocks[key] for key in CAPTION), style="bold")
    curves = write_curves(sheet, rows, chain, blocks, styles, [key for _, _, keys in charts for key in keys])
    draw_curves(sheet, BATCH + len(results) + 2, charts, curves)
    sheet.raw.freeze_panes(PICKS, 1)
    set_up(sheet, STEPS + 1 + len(steps), FIRST + POINTS, starts=[0, STEPS])
    return blocks | {f"{key} by batch": curves[key] for _, _, keys in charts for key in keys}


def placed(keys: Sequence[str], first: int) -> dict[str, int]:
    return {key: row for row, key in enumerate(keys, first)}


def first_fitting(chips: Sequence[str], models: Sequence[str], fits: np.ndarray) -> dict[str, str]:
    """The first pair that fits; where none does, the first."""
    fitting = np.argwhere(fits)
    model, chip = fitting[0] if len(fitting) else (0, 0)
    return {"chip": chips[chip], "model": models[model]}


def write_picks(sheet: Sheet, names: Mapping[str, str], catalogue: Blocks) -> Blocks:
    """The chip and the model, to be picked."""
    blocks: Blocks = {}
    for row, (kind, name) in enumerate(names.items(), PICKS):
        sheet.put(row, 0, kind.capitalize(), "bold")
        blocks[kind] = sheet.put(row, 1, name, "input right shrink")
        pick_from(sheet, blocks[kind], kind, catalogue[f"{kind}_names"])
    return blocks


def write_curves(
    sheet: Sheet, rows: Mapping[str, int], chain: Chain, blocks: Blocks, styles: Mapping[str, str], keys: Sequence[str]
) -> Blocks:
    """Beside each value that rests on the batch, its values at other batches on as many chips, up to the largest."""
    held = chain.of(*keys, given=["chips"])
    rests = held.origins()
    sheet.put(PICKS - 2, FIRST - 1, "Point", "note small right")
    points = sheet.put(PICKS - 2, FIRST, [[float(point) for point in range(POINTS)]], "note small")
    batch = Q("batch", "Batch", batch_at, ("point", "last", "largest_batch"))
    curve = Chain((batch, *(quantity for quantity in held if "batch" in rests[quantity.key])))
    values = blocks | {"point": points, "last": points.take(columns=slice(POINTS - 1, POINTS))}
    for quantity in curve:
        fill(sheet, rows[quantity.key], FIRST, quantity, curve, values, styles.get(quantity.key, ""))
    return values


def draw_curves(sheet: Sheet, row: int, charts: Charts, curves: Blocks) -> None:
    """The charts side by side."""
    for column, (what, unit, keys) in zip((0, FIRST), charts, strict=True):
        titles = {"chart": f"{what} against batch", "x": "Batch, sequences", "y": f"{what}, {unit}"}
        lines = estimate_lines(*(curves[key] for key in keys))
        draw(sheet, (row, column), titles, curves["batch"], lines, "General")
