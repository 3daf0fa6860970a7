"""A sheet of blocks, models by chips, one below the other under the chips' names; the names are there to be picked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from tokensheet.chain import Chain

from tokensheet_templates.book import Blocks, Sheet
from tokensheet_templates.inputs import pick_from
from tokensheet_templates.layout import fill
from tokensheet_templates.paper import set_up
from tokensheet_templates.plumbing import link
from tokensheet_templates.style import BINDS, GOOD, POOR

CHIPS, MODELS = 6, 11  # rows of the first names
BESIDE = {
    "$ per chip and hour": ("usd_per_hour", "link rent center"),
    "which is": ("terms", "link center small wrap"),
}


def write_names(sheet: Sheet, names: Mapping[str, Sequence[str]], catalogue: Blocks) -> Blocks:
    """The chips and models that a grid is about: inputs above and beside its first block."""
    blocks = {
        "chip": sheet.put(CHIPS, 1, [names["chip"]], "input head center"),
        "model": sheet.put(MODELS, 0, [[name] for name in names["model"]], "input bold"),
    }
    for kind, block in blocks.items():
        pick_from(sheet, block, kind, catalogue[f"{kind}_names"])
    return blocks


def write_grid(
    sheet: Sheet, title: str, subtitle: str, chain: Chain, blocks: Blocks, styles: Mapping[str, str]
) -> None:
    """The blocks of `styles`, the headline first."""
    models, chips = len(blocks["model"].values), blocks["chip"].values.shape[1]
    sheet.heading(title, subtitle, {0: 31} | dict.fromkeys(range(1, chips + 1), 12.5))
    sheet.put(CHIPS, 0, "Model", "head")
    sheet.height(CHIPS, 30)
    for row, (label, (key, style)) in enumerate(BESIDE.items(), CHIPS + 1):
        sheet.put(row, 0, label, "note right wrap")
        sheet.fill(row, 1, link, blocks[key], style=style)
    sheet.height(row, 34)
    tops = [MODELS + number * (models + 2) for number in range(len(styles))]
    for top, (key, style) in zip(tops, styles.items(), strict=True):
        sheet.put(top - 1, 0, [[chain[key].label, *[None] * chips]], "section")
        if top > MODELS:
            sheet.fill(top, 0, link, blocks["model"], style="bold")
        fill(sheet, top, 1, chain[key], chain, blocks, style)
    sheet.raw.freeze_panes(CHIPS + 3, 1)
    starts = [top - 1 for top in tops]
    set_up(sheet, tops[-1] + models, 1 + chips, names=1, head=(CHIPS, CHIPS + 2), starts=starts)


def colour_ranks(sheet: Sheet, blocks: Blocks, keys: Collection[str], words: Collection[str]) -> None:
    """In each row the least green and the most red; words instead of numbers faint."""
    scale = {"type": "3_color_scale", "min_color": GOOD, "mid_color": "#FFFFFF", "max_color": POOR}
    faint = {"type": "text", "criteria": "containing", "format": sheet.book.style("note")}
    for key in keys:
        for i in range(len(blocks[key].values)):
            sheet.raw.conditional_format(blocks[key].take(rows=slice(i, i + 1)).range, scale)
        for word in words:
            sheet.raw.conditional_format(blocks[key].range, faint | {"value": word})


def colour_binding(sheet: Sheet, blocks: Blocks) -> None:
    """The binding term by its colour."""
    for term, shade in BINDS.items():
        look = sheet.book.raw.add_format({"bg_color": shade})
        rule = {"type": "cell", "criteria": "==", "value": f'"{term}"', "format": look}
        sheet.raw.conditional_format(blocks["binding"].range, rule)
