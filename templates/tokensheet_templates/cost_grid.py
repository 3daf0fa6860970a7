"""The cost grid: dollars per million output tokens, models by chips: as served, with its band, the floor and why."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np
import tokensheet as ts
from tokensheet.chain import Chain
from tokensheet.chain import Quantity as Q
from tokensheet.equation import NOT_NEGATIVE, AtLeastOne, NotNegative, Positive, Share, Utilization, check, checked
from tokensheet.numbers import DEFAULTS, FORMATS, KV_FORMATS, numbers_of_formats
from tokensheet.over_names import one_of
from tokensheet.rents import BASES, BASIS, own_rent
from tokensheet.rows import Row, find

from tokensheet_templates import inputs as cells
from tokensheet_templates.about import write_about
from tokensheet_templates.book import Blocks, Book, Sheet, Template
from tokensheet_templates.catalogue_sheets import (
    chips_by_basis,
    of_chip,
    of_model,
    write_chips,
    write_models,
)
from tokensheet_templates.checks import all_ones, no_error, write_checks
from tokensheet_templates.grid import colour_binding, colour_ranks, write_grid, write_names
from tokensheet_templates.layout import banners, write_working
from tokensheet_templates.pair import first_fitting, write_pair, write_picks
from tokensheet_templates.paper import set_up
from tokensheet_templates.plumbing import found_at
from tokensheet_templates.served import ASSUMED, LATENCIES, PRICED, PRICES, SERVED, STYLES, UNFIT, UNSHAPED, WORDS

if TYPE_CHECKING:
    import pandas as pd

NEWEST = 24  # models that a grid shows unless told which
ESTIMATE = "What decoding costs as served, with an 80 % band; its floor is the plain roofline, a lower bound."
CORNER = "$/Mtok as served"  # of a grid without its workbook
SHEETS = {
    "About": "What this workbook is and how to use it",
    "Inputs": "The numbers to change",
    "Chips": "Chips with their rents, sources and dates",
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
    "roofline, a lower bound.",
    "How to use": "Change the blue cells: the numbers on Inputs, rents on Chips, the names in the first row and "
    "column of Grid, the pair on Pair. The rest follows.",
    "How it is computed": "A step reads the weights that its batch needs and every sequence's KV cache, computes "
    "(batch x active parameters x 2 / FLOP/s), exchanges between chips, pays for its layers; a batch shares the rent. "
    "Beyond a node a dense model is a pipeline, experts are spread and attention is split by sequences.",
    "How sure it is": "The constants on Inputs are fitted to published measurements of NVIDIA, AMD and AWS chips; for "
    "others it is a guess. A check that cannot be computed has failed.",
    "Equations": "Reiner Pope, blackboard lecture on how LLMs are trained and served, 2026-04-29; docs/accuracy.md.",
}
SHOWN = (*PRICES, "binding", "latency", "chips_used")  # on Grid, in this order
TESTED = ("chip_listed", "model_listed", "ordered", "longest")
OF_PAIR = (*PRICES, "binding", *LATENCIES, "chips_used", "largest_batch")
STEPS = ("chip_listed", "model_listed", "interactivity", "throughput", "on_grid")  # of Pair, besides those to OF_PAIR
CHARTS = [("Cost of output tokens", "$ per million", PRICES), ("Time per output token", "ms", LATENCIES)]
COSTS = ("token_cost", "low_token_cost", "high_token_cost")
TIMES = ("step_time", "low_step_time", "high_step_time")
FRAME = (
    "usd_per_hour", "weights_bytes", "kv_bytes", "fewest_chips", "chips", "fits", "compute_time", "weights_time",
    "kv_time", "ideal_step_time", "binds", *TIMES, "ideal_token_cost", *COSTS, "why",
)  # fmt: skip


def write_inputs(sheet: Sheet, inputs: Mapping[str, Any]) -> Blocks:
    sheet.heading("Inputs", "Change the blue cells; everything else follows.", cells.WIDTHS)
    blocks: Blocks = {}
    number = partial(cells.number, SERVED)
    asked = [
        number("batch", inputs["batch"], own_limits="<= 1e6"),
        number("context", inputs["context"], own_limits="<= 1e9"),
        cells.format_of("precision", inputs["precision"], "Precision of the weights"),
        cells.format_of("kv_precision", inputs["kv_precision"], "Precision of the KV cache"),
        cells.price_basis(inputs["price_basis"]),
        number("own_chips", inputs["own_chips"], "Chips per model", "<= 1e5", may_be_blank=True),
        number("utilization", inputs["utilization"]),
        number("headroom", inputs["headroom"], "Memory headroom"),
        number("flops_per_param", inputs["flops_per_param"], "FLOPs per parameter and token", "<= 100"),
    ]
    row = cells.write_inputs(sheet, 4, "Input", asked, blocks)
    row = cells.write_formats(sheet, row, SERVED, blocks)
    row = cells.write_inputs(sheet, row, "Layout", cells.layout(SERVED, inputs), blocks)
    row = cells.write_inputs(sheet, row, "Estimate", cells.constants(SERVED, blocks), blocks)
    row = cells.write_band(sheet, row, SERVED, blocks)
    sheet.raw.freeze_panes(4, 1)
    set_up(sheet, row, len(cells.WIDTHS))
    return blocks


def write_result(sheet: Sheet, chain: Chain, blocks: Blocks) -> None:
    """The sheet Grid: what it holds for, and the blocks with their colours."""
    styles = {key: "center" if key == "binding" else STYLES[key] for key in SHOWN}
    write_grid(sheet, "Cost per million output tokens", ESTIMATE, chain, blocks, styles)
    for row, (sentence, keys) in enumerate(ASSUMED, 3):
        sheet.fill(row, 0, sentence, *(blocks[key] for key in keys), style="note")
    colour_ranks(sheet, blocks, (*PRICES, "latency"), WORDS)
    colour_binding(sheet, blocks)


def expect_all(book: Book, working: Blocks, pair: Blocks) -> None:
    """What has to hold of the names that were picked and of the results."""
    book.expect("Grid: each chip is on the sheet Chips", all_ones(working["chip_listed"]))
    book.expect("Grid: each model is on the sheet Models", all_ones(working["model_listed"]))
    book.expect("Pair: the chip is on the sheet Chips", all_ones(pair["chip_listed"]))
    book.expect("Pair: the model is on the sheet Models", all_ones(pair["model_listed"]))
    for key in SHOWN:
        book.expect(f"Grid: no error in: {SERVED[key].label}", no_error(working[key]))
        book.expect(f"Pair: no error in: {SERVED[key].label}", no_error(pair[key]))
    for key in (*PRICES, *LATENCIES):
        book.expect(f"Pair: no error by batch in: {SERVED[key].label}", no_error(pair[f"{key} by batch"]))
    book.expect("Working: floor <= low end <= estimate <= high end in every pair", all_ones(working["ordered"]))
    book.expect("Working: no floor is shorter than its compute or its reading", all_ones(working["longest"]))
    same = pair["on_grid"].cell == pair["million"].cell
    book.expect("Pair: its estimate is that of Grid, where Grid has the pair", same)


@dataclass(frozen=True, repr=False)
class CostGrid(Template):
    """A cost grid and its inputs: see `cost_grid`."""

    catalogue: Mapping[str, Mapping[str, Row]]  # the chips by name, by the basis of their rents
    chips: list[str]
    models: list[str]
    inputs: Mapping[str, Any]
    today: date = field(default_factory=date.today)

    def __repr__(self) -> str:
        chips = f"{self.inputs['own_chips']:g}" if self.inputs["own_chips"] else "the fewest"
        load = "batch {batch:g}, context {context:g}, {precision}".format(**self.inputs)
        return f"<CostGrid of {len(self.models)} x {len(self.chips)}: {load}, {chips} chips a model>"

    def to_frame(self) -> pd.DataFrame:
        """The numbers of the grid by the chain's names: a row for each model and chip, in SI base units.

        A time is NaN where the model does not fit or its shape is not known, a cost also where there is no rent: `why`
        says which.
        """
        import pandas as pd

        pairs = pd.MultiIndex.from_product([self.models, self.chips], names=["model", "chip"])
        blocks = self.write(io.BytesIO(), "native")
        size = (len(self.models), len(self.chips))
        columns = {key: np.broadcast_to(blocks[key].values, size).ravel() for key in (*FRAME, "floor_why")}
        frame = pd.DataFrame(columns, index=pairs).reset_index()
        frame.loc[~frame.fits, "ideal_step_time"] = np.nan
        frame.loc[frame.why.isin([UNFIT, UNSHAPED]), [*TIMES]] = np.nan
        frame.loc[frame.floor_why != PRICED, "ideal_token_cost"] = np.nan
        frame.loc[frame.why != PRICED, [*COSTS]] = np.nan
        return frame.drop(columns="floor_why")

    def to_rows(self) -> list[list[Any]]:
        """The grid as rows of cells: the chips, then each model with its $ per million output tokens as served.

        Where there is no price a word says why.
        """
        costs = self.write(io.BytesIO(), "native")["million"].values.tolist()
        return [[CORNER, *self.chips], *([model, *line] for model, line in zip(self.models, costs, strict=True))]

    def write(self, file: Any, functions: str) -> Blocks:
        """Write the workbook into an open file; gives the blocks of numbers by name."""
        author = f"tokensheet {version('tokensheet')}"
        book = Book(file, functions, {"title": "Cost per million output tokens", "subject": ESTIMATE, "author": author})
        pages = {name: book.sheet(name) for name in SHEETS}
        inputs = write_inputs(pages["Inputs"], self.inputs)
        chips = write_chips(pages["Chips"], self.catalogue, SERVED, inputs)
        models = write_models(pages["Models"], [*ts.models().values()], SERVED)
        formats, band = cells.of_formats(inputs), cells.of_band(inputs)
        chain = Chain((*formats, *of_chip(chips, SERVED), *of_model(models, SERVED), *band, *SERVED))
        names = {"chip": self.chips, "model": self.models}
        working = inputs | write_names(pages["Grid"], names, chips | models)
        write_working(pages["Working"], chain.of(*TESTED, "terms", *SHOWN), SHOWN, working)
        write_result(pages["Grid"], chain, working)
        given = inputs | {quantity.key: working[quantity.key] for quantity in formats if quantity.key in working}
        given |= write_picks(
            pages["Pair"], first_fitting(self.chips, self.models, working["fits"].values), chips | models
        )
        table = (working[key].whole for key in ("million", "model", "chip"))
        on_grid = Q(
            "on_grid", "Estimate on Grid, if it is there", partial(found_at, *table), ("model", "chip", "million")
        )
        steps = Chain((*chain, on_grid)).of(*OF_PAIR, *STEPS, given=given)
        pair = write_pair(pages["Pair"], ESTIMATE, steps, given, OF_PAIR, STYLES | {"on_grid": "price"}, CHARTS)
        expect_all(book, working, pair)
        total = write_checks(pages["Checks"]).total
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
    tensor_parallel: Positive = None,
    stages: AtLeastOne = None,
    usd_per_hour: Mapping[str, float] | None = None,
    price_basis: str = BASIS,
    utilization: Utilization = DEFAULTS["utilization"],
    headroom: Share = DEFAULTS["headroom"],
    flops_per_param: Positive = DEFAULTS["flops_per_param"],
) -> CostGrid:
    """The template `cost-grid`: what a million output tokens cost on each chip for each model.

    Parameters
    ----------
    chips : sequence of str, optional
        Names or aliases of chips, the columns; by default every chip of the catalogue that has a rent
        on the price basis.
    models : sequence of str, optional
        Names or aliases of models, the rows; by default the newest 24 of the catalogue.
    precision : {"bf16", "fp8", "fp4", "mxfp4", "int4"}, optional
        Format of the weights and of the arithmetic. A chip without it computes in bf16.
    chips_per_model : float, optional
        Chips that hold one copy of the model together; by default the fewest that one deploys, pair by pair [chips].
    tensor_parallel, stages : float, optional
        Chips that share the work of each head, and pipeline stages; by default as many as an engine would take.
    usd_per_hour : mapping of str to float, optional
        Your own price of a chip, instead of the catalogue's, on every basis [USD/hour].
    price_basis : {"on demand", "spot", "1 year", "3 years", "owned"}, optional
        Terms of the rents, which are one input of the workbook.

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
        If a precision or the price basis is none of those.

    Examples
    --------
    >>> grid = cost_grid(["H100"], ["DeepSeek-V3"], batch=256, chips_per_model=32)
    >>> grid
    <CostGrid of 1 x 1: batch 256, context 4096, fp8, 32 chips a model>
    >>> (grid.to_frame().ideal_token_cost * 1e6).round(4).item()
    0.408
    """
    for name, dollars in (usd_per_hour or {}).items():
        check(cost_grid, f"usd_per_hour of {name}", NOT_NEGATIVE, dollars)
    one_of("precision", precision, FORMATS)
    one_of("kv_precision", kv_precision, ("", *KV_FORMATS))
    one_of("price_basis", price_basis, BASES)
    by_basis = chips_by_basis()
    for name, dollars in (usd_per_hour or {}).items():
        for rows in by_basis.values():
            row = find(rows, "chip", name)
            row.update(own_rent(row, dollars))
    catalogue = by_basis[price_basis]
    released = {name: row["release"] or "9999" for name, row in ts.models().items()}  # one's own, without a date, count
    newest = sorted(released, key=lambda name: released[name], reverse=True)[:NEWEST]
    priced = [name for name, row in catalogue.items() if row["usd_per_hour"]]
    width = numbers_of_formats(precision, kv_precision)["kv_width"]
    return CostGrid(
        by_basis,
        [find(catalogue, "chip", name)["name"] for name in chips or priced],
        [find(ts.models(), "model", name)["name"] for name in models or newest],
        {
            "batch": batch,
            "context": context,
            "precision": precision,
            "kv_precision": next(name for name, bytes_ in KV_FORMATS.items() if bytes_ == width),
            "price_basis": price_basis,
            "own_chips": chips_per_model or DEFAULTS["own_chips"],
            "own_tensor_parallel": tensor_parallel or DEFAULTS["own_tensor_parallel"],
            "own_stages": stages or DEFAULTS["own_stages"],
            "utilization": utilization,
            "headroom": headroom,
            "flops_per_param": flops_per_param,
        },
    )
