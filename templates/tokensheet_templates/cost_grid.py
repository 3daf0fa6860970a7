"""The cost grid: dollars per million output tokens, models by chips: as served, with its band, the floor and why."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import tokensheet as ts
from tokensheet.chain import Chain
from tokensheet.chain import Quantity as Q
from tokensheet.chains import DECODE
from tokensheet.equation import NOT_NEGATIVE, NotNegative, Positive, Share, Utilization, check, checked
from tokensheet.numbers import DEFAULTS, FORMATS, numbers_of_formats
from tokensheet.over_names import one_of
from tokensheet.own_catalogue import own_rent
from tokensheet.rows import Row, find

from tokensheet_templates.about import write_about
from tokensheet_templates.book import Blocks, Book, Sheet, atomic
from tokensheet_templates.catalogue_sheets import look_up, of_chip, of_model, write_chips, write_models
from tokensheet_templates.charts import draw, estimate_lines
from tokensheet_templates.checks import all_filled, all_ones, write_checks
from tokensheet_templates.inputs import (
    WIDTHS,
    constants,
    format_of,
    number,
    of_band,
    of_formats,
    pick_from,
    write_band,
    write_formats,
    write_inputs,
)
from tokensheet_templates.layout import WIDE, banners, fill, lay_out, write_list
from tokensheet_templates.paper import set_up
from tokensheet_templates.plumbing import found_at, link
from tokensheet_templates.style import BINDS, GOOD, POOR

if TYPE_CHECKING:
    import pandas as pd

NEWEST = 24  # models that a grid shows unless told which
ESTIMATE = "What decoding costs as served, with an 80 % band; its floor is the plain roofline, a lower bound."
SHEETS = {
    "About": "What this workbook is and how to use it",
    "Inputs": "The numbers to change",
    "Chips": "Chips with their prices, sources and dates",
    "Models": "Models with their sources and dates",
    "Working": "Every step of the calculation, one function a cell",
    "Grid": "The result: $ per million output tokens as served, its band and floor, what binds, latency, chips",
    "Pair": "One chip and model step by step, with curves against batch",
    "Checks": "What was checked, and the total",
}
FACTS = {
    "Purpose": "Compares the cost of generating a million tokens on different chips for different models.",
    "What the numbers are": "Estimate: what decoding costs as served; of ten measurements one is cheaper than the low "
    "end of its band and one dearer than the high end. Decoding alone, without the prompts' work. Floor: the plain "
    "roofline, a lower bound, which no engine beats.",
    "How to use": "Change the blue cells: the numbers on Inputs, prices on Chips, the names in the first row and "
    "column of Grid, the pair on Pair. The rest follows.",
    "How it is computed": "A step reads the weights that its batch needs and every sequence's KV cache, computes "
    "(batch x active parameters x 2 / FLOP/s), exchanges between chips, pays for its layers; a batch shares the rent.",
    "How sure it is": "The constants on Inputs are fitted to 2,348 published measurements of NVIDIA chips; for others "
    "it is a guess. A check that cannot be computed has failed.",
    "Equations": "Reiner Pope, blackboard lecture on how LLMs are trained and served, 2026-04-29; docs/accuracy.md.",
}
PRICED, UNFIT, UNPRICED, UNSHAPED, NOTHING = "priced", "does not fit", "no $/hour", "no layers", "–"
CHIPS, MODELS = 6, 11  # first rows of the sheet Grid
BATCH, STEPS, POINTS = 8, 44, 13  # of the sheet Pair: two rows, with the charts between; points of the curves


# What a sheet says beside the numbers of the chain: functions of cells.


def floor_why(fits: Any, usd_per_hour: Any) -> Any:
    return np.where(fits, np.where(usd_per_hour > 0, PRICED, UNPRICED), UNFIT)


def why(fits: Any, shaped: Any, floor_why: Any) -> Any:
    return np.where(fits & (shaped < 1), UNSHAPED, floor_why)


def price(why: Any, cost: Any) -> Any:
    """The price, or in words why there is none."""
    return np.where(why == PRICED, ts.cost_per_million(cost), why)


def binding(fits: Any, binds: Any, fewest_chips: Any) -> Any:
    return np.where(fits, binds, "needs " + fewest_chips)


def served(fits: Any, shaped: Any, value: Any) -> Any:
    return np.where(fits & (shaped > 0), value, NOTHING)


def served_ms(fits: Any, shaped: Any, time: Any) -> Any:
    return served(fits, shaped, time * 1000)


def floor_ms(fits: Any, time: Any) -> Any:
    return np.where(fits, time * 1000, NOTHING)


def ordered(floor: Any, low: Any, middle: Any, high: Any) -> Any:
    return np.where((floor <= low) & (low <= middle) & (middle <= high), 1, 0)


def longest(whole: Any, compute: Any, weights: Any, kv: Any) -> Any:
    return np.where((compute <= whole) & (weights + kv <= whole), 1, 0)


def batch_at(point: Any, last: Any, largest: Any) -> Any:
    """Whole batches in even steps of the logarithm, from 1 to the largest."""
    return np.floor(np.maximum(1, largest) ** (point / last) + 0.5)


def load(batch: Any, context: Any, precision: Any, kv_precision: Any) -> Any:
    return "Batch " + batch + ", context " + context + ", weights in " + precision + ", KV cache in " + kv_precision


def deployment(own_chips: Any, utilization: Any, headroom: Any) -> Any:
    chips = np.where(own_chips > 0, own_chips + " chips", "The fewest deployable chips")
    return chips + " a model, utilization " + utilization * 100 + " %, memory headroom " + headroom * 100 + " %"


def caption(chips: Any, chip: Any, model: Any, fits: Any, fewest_chips: Any) -> Any:
    return (
        model + " on " + chips + " x " + chip + np.where(fits, "", ": does not fit, needs " + fewest_chips + " chips")
    )


FORMULAS = Chain((
    *DECODE.of("ideal_token_cost", "token_cost", "low_token_cost", "high_token_cost", "binds", "fits", "largest_batch"),
    Q("floor_why", "Why the floor has no price", floor_why, ("fits", "usd_per_hour")),
    Q("why", "Why the estimate has no price", why, ("fits", "shaped", "floor_why")),
    Q("ordered", "1 if floor, low end, estimate and high end are in order", ordered,
      ("ideal_token_cost", "low_token_cost", "token_cost", "high_token_cost")),
    Q("longest", "1 if the floor is as long as its compute and its reading", longest,
      ("ideal_step_time", "compute_time", "weights_time", "kv_time")),
    Q("million", "Estimate, $ per million output tokens as served", price, ("why", "token_cost")),
    Q("low_million", "Low end, $ per million: one in ten is cheaper", price, ("why", "low_token_cost")),
    Q("high_million", "High end, $ per million: one in ten is dearer", price, ("why", "high_token_cost")),
    Q("floor_million", "Floor, the bound: $ per million output tokens", price, ("floor_why", "ideal_token_cost")),
    Q("binding", "What binds the floor, or the chips needed", binding, ("fits", "binds", "fewest_chips")),
    Q("latency", "Latency as served, ms per output token", served_ms, ("fits", "shaped", "step_time")),
    Q("low_latency", "Latency, low end, ms", served_ms, ("fits", "shaped", "low_step_time")),
    Q("high_latency", "Latency, high end, ms", served_ms, ("fits", "shaped", "high_step_time")),
    Q("floor_latency", "Latency, the bound, ms", floor_ms, ("fits", "ideal_step_time")),
    Q("chips_used", "Chips used, for one copy of the model", link, ("chips",)),
    Q("interactivity", "Speed for a user, as served", ts.interactivity, ("step_time",)),
    Q("throughput", "Speed of the batch, as served", ts.throughput, ("batch", "step_time")),
))  # fmt: skip
PRICES = ("million", "low_million", "high_million", "floor_million")
LATENCIES = ("latency", "low_latency", "high_latency", "floor_latency")
STYLES = (
    dict.fromkeys(PRICES, "price")
    | dict.fromkeys(LATENCIES, "ms")
    | {"binding": "right", "chips_used": "whole", "on_grid": "price"}
)
MORE = ("chip_listed", "model_listed", "interactivity", "throughput", "on_grid")  # on Pair, among the steps
SHOWN = (*PRICES, "binding", "latency", "chips_used")  # on Grid, in this order
OF_GRID = (
    "precision_listed", "kv_precision_listed", "chip_listed", "model_listed", "price_basis", "ordered", "longest",
    *SHOWN,
)  # fmt: skip
OF_PAIR = (*PRICES, "binding", *LATENCIES, "chips_used", "largest_batch")
CAPTION = ("chips", "chip", "model", "fits", "fewest_chips")
ASSUMED = {
    load: ("batch", "context", "precision", "kv_precision"),
    deployment: ("own_chips", "utilization", "headroom"),
}
COSTS = ("token_cost", "low_token_cost", "high_token_cost")
FRAME = (
    "usd_per_hour", "weights_bytes", "kv_bytes", "fewest_chips", "chips", "fits", "compute_time", "weights_time",
    "kv_time", "ideal_step_time", "binds", "step_time", "low_step_time", "high_step_time", "ideal_token_cost", *COSTS,
    "why",
)  # fmt: skip


def write_all_inputs(sheet: Sheet, inputs: Mapping[str, Any]) -> Blocks:
    sheet.heading("Inputs", "Change the blue cells; everything else follows.", WIDTHS)
    blocks: Blocks = {}
    load = [
        number(FORMULAS, "batch", inputs["batch"], own_limits="<= 1e6"),
        number(FORMULAS, "context", inputs["context"], own_limits="<= 1e9"),
        format_of("precision", inputs["precision"], "Precision of the weights"),
        format_of("kv_precision", inputs["kv_precision"], "Precision of the KV cache"),
        number(FORMULAS, "own_chips", inputs["own_chips"], "Chips per model", "<= 1e5", may_be_blank=True),
        number(FORMULAS, "utilization", inputs["utilization"]),
        number(FORMULAS, "headroom", inputs["headroom"], "Memory headroom"),
        number(FORMULAS, "flops_per_param", inputs["flops_per_param"], "FLOPs per parameter and token", "<= 100"),
    ]
    row = write_inputs(sheet, 4, "Input", load, blocks)
    row = write_formats(sheet, row, FORMULAS, blocks)
    row = write_inputs(sheet, row, "Estimate", constants(FORMULAS, blocks), blocks)
    row = write_band(sheet, row, FORMULAS, blocks)
    sheet.raw.freeze_panes(4, 1)
    set_up(sheet, row, len(WIDTHS))
    return blocks


def write_names(sheet: Sheet, grid: CostGrid, given: Blocks) -> Blocks:
    """The names that the grid is about: inputs above and beside its first block, to be picked from the catalogue."""
    names = {
        "chip": sheet.put(CHIPS, 1, [grid.chips], "input head center"),
        "model": sheet.put(MODELS, 0, [[name] for name in grid.models], "input bold"),
    }
    for kind, block in names.items():
        pick_from(sheet, block, kind, given[f"{kind}_names"])
    return names


def write_working(sheet: Sheet, chain: Chain, given: Blocks) -> Blocks:
    """The calculation, but for what Grid shows of it."""
    blocks = dict(given)
    chips = given["chip"].values.shape[1]
    columns = 2 + max(chips, WIDE)
    widths = {0: 44, 1: 14} | dict.fromkeys(range(2, columns), 12)
    words = "One function a cell, one formula a row, column or block; the functions are named above their blocks."
    sheet.heading("Working", words, widths)
    row, starts = lay_out(sheet, 4, Chain(each for each in chain if each.key not in SHOWN), blocks, "chip", "model")
    sheet.raw.freeze_panes(4, 1)
    set_up(sheet, row, columns, names=2, starts=starts)
    return blocks


def write_grid(sheet: Sheet, chain: Chain, working: Blocks) -> Blocks:
    """Blocks below each other; the names of the first are the inputs of all."""
    models, chips = len(working["model"].values), working["chip"].values.shape[1]
    sheet.heading("Cost per million output tokens", ESTIMATE, {0: 27} | dict.fromkeys(range(1, chips + 1), 12.5))
    for row, (sentence, keys) in enumerate(ASSUMED.items(), 3):
        sheet.fill(row, 0, sentence, *(working[key] for key in keys), style="note")
    sheet.put(CHIPS, 0, [["Model"]], "head")
    sheet.put(CHIPS + 1, 0, "$ per chip and hour", "note right")
    sheet.put(CHIPS + 2, 0, "which is", "note right wrap")
    sheet.fill(CHIPS + 1, 1, link, working["usd_per_hour"], style="link rent center")
    sheet.fill(CHIPS + 2, 1, link, working["price_basis"], style="link center small wrap")
    sheet.height(CHIPS + 2, 24)
    sheet.height(CHIPS, 30)
    blocks, starts = dict(working), []
    for number_, key in enumerate(SHOWN):
        top = MODELS + number_ * (models + 2)
        starts.append(top - 1)
        sheet.put(top - 1, 0, [[chain[key].label, *[None] * chips]], "section")
        if number_:
            sheet.fill(top, 0, link, working["model"], style="bold")
        fill(sheet, top, 1, chain[key], chain, blocks, STYLES[key].replace("right", "center"))
    colour(sheet, blocks)
    sheet.raw.freeze_panes(CHIPS + 3, 1)
    set_up(sheet, top + models, 1 + chips, names=1, head=(CHIPS, CHIPS + 2), starts=starts)
    return blocks


def colour(sheet: Sheet, blocks: Blocks) -> None:
    """Each model's cheapest and fastest chip green; the binding term by its colour; words instead of numbers faint."""
    note = sheet.book.style("note")
    scale = {"type": "3_color_scale", "min_color": GOOD, "mid_color": "#FFFFFF", "max_color": POOR}
    for key in (*PRICES, "latency"):
        for i in range(len(blocks[key].values)):
            sheet.raw.conditional_format(blocks[key].take(rows=slice(i, i + 1)).range, scale)
        for word in (UNFIT, UNPRICED, UNSHAPED, NOTHING):
            faint = {"type": "text", "criteria": "containing", "value": word, "format": note}
            sheet.raw.conditional_format(blocks[key].range, faint)
    for term, shade in BINDS.items():
        look = sheet.book.raw.add_format({"bg_color": shade})
        rule = {"type": "cell", "criteria": "==", "value": f'"{term}"', "format": look}
        sheet.raw.conditional_format(blocks["binding"].range, rule)


def write_pair(sheet: Sheet, chain: Chain, given: Blocks, working: Blocks) -> Blocks:
    """One chip and model: the results and their curves against batch up to the largest that fits, then every step."""
    sheet.heading(
        "One chip, one model", ESTIMATE, {0: 42, 1: 18, 2: 14, 3: 24} | dict.fromkeys(range(4, 4 + POINTS), 9.3)
    )
    sheet.put(5, 0, "Quantity", "head")
    sheet.put(5, 1, "Value", "head right")
    sheet.put(5, 2, [["Unit", "Function"]], "head indent")
    sheet.put(5, 4, [["By batch", *[None] * (POINTS - 1)]], "head")
    blocks = given | write_picks(sheet, given, working)
    table = (working[key].whole for key in ("million", "model", "chip"))
    on_grid = Q("on_grid", "Estimate on Grid, if it is there", partial(found_at, *table), ("model", "chip", "million"))
    chain = Chain((*chain, on_grid)).of(*OF_PAIR, *MORE, given=given)
    steps = [quantity.key for quantity in chain if quantity.key not in OF_PAIR]
    rows = {"batch": BATCH} | placed(OF_PAIR, BATCH + 1) | placed(steps, STEPS + 1)
    sheet.put(STEPS, 0, [["Step by step", *[None] * (POINTS + 3)]], "section")
    sheet.put(BATCH, 0, "Batch")
    sheet.fill(BATCH, 1, link, given["batch"], style="whole link")
    write_list(sheet, rows, chain, blocks, STYLES)
    sheet.fill(3, 0, caption, *(blocks[key] for key in CAPTION), style="bold")
    draw_curves(sheet, write_curves(sheet, rows, chain, blocks))
    sheet.raw.freeze_panes(6, 1)
    set_up(sheet, STEPS + 1 + len(steps), 4 + POINTS, starts=[0, STEPS])
    return blocks


def placed(keys: Sequence[str], first: int) -> dict[str, int]:
    return {key: row for row, key in enumerate(keys, first)}


def write_picks(sheet: Sheet, given: Blocks, working: Blocks) -> Blocks:
    """The pair: first one that fits."""
    fitting = np.argwhere(working["fits"].values)
    model, chip = fitting[0] if len(fitting) else (0, 0)
    names = {"chip": working["chip"].values[0, chip], "model": working["model"].values[model, 0]}
    blocks = {kind: sheet.put(row, 1, name, "input right shrink") for row, (kind, name) in enumerate(names.items(), 6)}
    for kind, block in blocks.items():
        sheet.put(block.row, 0, kind.capitalize(), "bold")
        pick_from(sheet, block, kind, given[f"{kind}_names"])
    return blocks


def write_curves(sheet: Sheet, rows: Mapping[str, int], chain: Chain, blocks: Blocks) -> Blocks:
    """Beside each value of the pair that rests on the batch, its values at other batches on as many chips."""
    held = chain.of(*PRICES, "binding", *LATENCIES, given=("chips",))
    fixed = {key for key, rests in held.origins().items() if "batch" not in rests}
    sheet.put(4, 3, "Point", "note small right")
    points = sheet.put(4, 4, [[float(point) for point in range(POINTS)]], "note small")
    batch = Q("batch", "Batch", batch_at, ("point", "last", "largest_batch"))
    curve = Chain((batch, *(quantity for quantity in held if quantity.key not in fixed)))
    values = blocks | {"point": points, "last": points.take(columns=slice(POINTS - 1, POINTS))}
    for quantity in curve:
        fill(sheet, rows[quantity.key], 4, quantity, curve, values, STYLES.get(quantity.key, ""))
    return values


def draw_curves(sheet: Sheet, curve: Blocks) -> None:
    charts = [(0, "Cost of output tokens", "$ per million", PRICES), (4, "Time per output token", "ms", LATENCIES)]
    for column, title, unit, keys in charts:
        titles = {"chart": f"{title} against batch", "x": "Batch, sequences", "y": f"{title}, {unit}"}
        lines = estimate_lines(*(curve[key] for key in keys))
        draw(sheet, (BATCH + len(OF_PAIR) + 2, column), titles, curve["batch"], lines, "General")


def expect_all(book: Book, working: Blocks, pair: Blocks) -> None:
    """What has to hold of the names that were picked and of the results."""
    book.expect("Grid: each chip is on the sheet Chips", all_ones(working["chip_listed"]))
    book.expect("Grid: each model is on the sheet Models", all_ones(working["model_listed"]))
    book.expect("Pair: the chip is on the sheet Chips", all_ones(pair["chip_listed"]))
    book.expect("Pair: the model is on the sheet Models", all_ones(pair["model_listed"]))
    book.expect("Inputs: the precision of the weights is a format", all_ones(working["precision_listed"]))
    book.expect("Inputs: the precision of the KV cache is a format", all_ones(working["kv_precision_listed"]))
    for key in SHOWN:
        label = FORMULAS[key].label
        book.expect(f"Grid: {label}: for each pair a result, or why there is none", all_filled(working[key]))
        book.expect(f"Pair: {label}: a result, or why there is none", all_filled(pair[key]))
    book.expect("Working: floor <= low end <= estimate <= high end in every pair", all_ones(working["ordered"]))
    book.expect("Working: no floor is shorter than its compute or its reading", all_ones(working["longest"]))
    same = pair["on_grid"].cell == pair["million"].cell
    book.expect("Pair: its estimate is that of Grid, where Grid has the pair", same)


@dataclass(frozen=True, repr=False)
class CostGrid:
    """A cost grid and its inputs: see `cost_grid`."""

    catalogue: list[Row]
    chips: list[str]
    models: list[str]
    inputs: Mapping[str, Any]
    today: date = field(default_factory=date.today)

    def __repr__(self) -> str:
        counted = [f"{len(names)} {noun}{'s' * (len(names) != 1)}" for names, noun in
                   ((self.models, "model"), (self.chips, "chip"))]  # fmt: skip
        load = "batch {batch:g}, context {context:g}, {precision}".format(**self.inputs)
        chips = f"{self.inputs['own_chips']:g}" if self.inputs["own_chips"] else "the fewest"
        return f"<CostGrid: {' on '.join(counted)}, {load}, {chips} chips a model>"

    def save(self, path: str | Path, functions: str = "native", *, overwrite: bool = False) -> Path:
        """Write the workbook.

        Parameters
        ----------
        path : str or Path
            The .xlsx file.
        functions : {"native", "lambda", "udf", "officejs", "bridge"}, optional
            How formulas are spelled: written out, for every spreadsheet program; as LAMBDA names, for Excel 365; or as
            calls of an add-in.
        overwrite : bool, optional
            Whether an existing file may be replaced.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        FileExistsError
            If the file exists and `overwrite` is false.
        """
        with atomic(path, overwrite) as file:
            self.write(file, functions)
        return Path(path)

    def to_frame(self) -> pd.DataFrame:
        """The numbers of the grid by the chain's names: a row for each model and chip, in SI base units.

        A time is NaN where the model does not fit or its shape is not known, a cost also where there is no rent: `why`
        says which.
        """
        import pandas as pd

        pairs = pd.MultiIndex.from_product([self.models, self.chips], names=["model", "chip"])
        blocks = self.write(io.BytesIO(), "native")
        size = (len(self.models), len(self.chips))
        columns = {name: np.broadcast_to(blocks[name].values, size).ravel() for name in (*FRAME, "floor_why")}
        frame = pd.DataFrame(columns, index=pairs).reset_index()
        frame.loc[frame.floor_why != PRICED, "ideal_token_cost"] = np.nan
        frame.loc[frame.why != PRICED, list(COSTS)] = np.nan
        frame.loc[frame.why.isin([UNFIT, UNSHAPED]), [cost.replace("token_cost", "step_time") for cost in COSTS]] = (
            np.nan
        )
        frame.loc[~frame.fits, "ideal_step_time"] = np.nan
        return frame.drop(columns="floor_why")

    def write(self, file: Any, functions: str) -> Blocks:
        """Write the workbook into an open file; gives the blocks of numbers by name."""
        author = f"tokensheet {version('tokensheet')}"
        book = Book(file, functions, {"title": "Cost per million output tokens", "subject": ESTIMATE, "author": author})
        pages = {name: book.sheet(name) for name in SHEETS}
        inputs = write_all_inputs(pages["Inputs"], self.inputs)
        chips = write_chips(pages["Chips"], self.catalogue, FORMULAS, inputs["pcie"])
        models = write_models(pages["Models"], [*ts.models().values()], FORMULAS)
        formats, basis = of_formats(inputs), look_up("price_basis", chips["price_basis"], "chip_row", "Price basis")
        chain = Chain((
            *formats, *of_chip(chips, FORMULAS), *of_model(models, FORMULAS), basis, *of_band(inputs), *FORMULAS
        ))  # fmt: skip
        given = inputs | {"chip_names": chips["name"], "model_names": models["name"]}
        given |= write_names(pages["Grid"], self, given)
        working = write_working(pages["Working"], chain.of(*OF_GRID), given)
        working = write_grid(pages["Grid"], chain, working)
        given = given | {quantity.key: working[quantity.key] for quantity in formats}
        expect_all(book, working, write_pair(pages["Pair"], chain, given, working))
        total = write_checks(pages["Checks"])
        facts = FACTS | {"Written by": f"{author}, {self.today.isoformat()}"}
        write_about(pages["About"], "What a token costs, and why", "Cost per million output tokens.", facts, SHEETS)
        banners([sheet for name, sheet in pages.items() if name != "Checks"], total)
        pages["Grid"].raw.activate()
        book.raw.close()
        return working


@checked
def cost_grid(
    chips: Sequence[str] | None = None,
    models: Sequence[str] | None = None,
    *,
    batch: Positive = 64,
    context: NotNegative = 4096,
    precision: str = "fp8",
    kv_precision: str = "",
    chips_per_model: Positive = None,
    usd_per_hour: Mapping[str, float] | None = None,
    utilization: Utilization = DEFAULTS["utilization"],
    headroom: Share = DEFAULTS["headroom"],
    flops_per_param: Positive = DEFAULTS["flops_per_param"],
) -> CostGrid:
    """The template `cost-grid`: what a million output tokens cost on each chip for each model.

    Parameters
    ----------
    chips : sequence of str, optional
        Names or aliases of chips, the columns; by default every chip of the catalogue that has a price.
    models : sequence of str, optional
        Names or aliases of models, the rows; by default the newest 24 of the catalogue.
    precision : {"bf16", "fp8", "fp4"}, optional
        Format of the weights and of the arithmetic. A chip without it computes in the next wider format that it has.
    chips_per_model : float, optional
        Chips that hold one copy of the model together; by default the fewest that one deploys, pair by pair [chips].
    usd_per_hour : mapping of str to float, optional
        Your own price of a chip, instead of the catalogue's [USD/hour].

    Returns
    -------
    CostGrid
        `.save(path)` writes the workbook, `.to_frame()` gives the numbers.

    Raises
    ------
    UnknownName
        If the catalogue has no chip or model of a name.
    DomainError
        If a number is outside its domain.
    LookupError
        If a precision is none of the three.

    Examples
    --------
    >>> grid = cost_grid(["H100"], ["DeepSeek-V3"], batch=256, chips_per_model=32)
    >>> grid
    <CostGrid: 1 model on 1 chip, batch 256, context 4096, fp8, 32 chips a model>
    >>> (grid.to_frame().ideal_token_cost * 1e6).round(4).item()
    0.6762
    """
    for name, dollars in (usd_per_hour or {}).items():
        check(cost_grid, f"usd_per_hour of {name}", NOT_NEGATIVE, dollars)
    one_of("precision", precision, FORMATS)
    one_of("kv_precision", kv_precision, ("", *FORMATS))
    catalogue = {name: dict(row) for name, row in ts.chips().items()}
    for name, dollars in (usd_per_hour or {}).items():
        row = find(catalogue, "chip", name)
        row.update(own_rent(row, dollars))
    released = {name: row["release"] or "9999" for name, row in ts.models().items()}  # one's own, without a date, count
    newest = sorted(released, key=lambda name: released[name], reverse=True)[:NEWEST]
    priced = [name for name, row in catalogue.items() if row["usd_per_hour"]]
    width = numbers_of_formats(precision, kv_precision)["kv_width"]
    return CostGrid(
        [*catalogue.values()],
        [find(catalogue, "chip", name)["name"] for name in chips or priced],
        [find(ts.models(), "model", name)["name"] for name in models or newest],
        {
            "batch": batch,
            "context": context,
            "precision": precision,
            "kv_precision": next(name for name, bytes_ in FORMATS.items() if bytes_ == width),
            "own_chips": chips_per_model or DEFAULTS["own_chips"],
            "utilization": utilization,
            "headroom": headroom,
            "flops_per_param": flops_per_param,
        },
    )
