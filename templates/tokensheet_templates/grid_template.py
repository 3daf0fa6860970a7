"""The template cost-grid: dollars per million tokens as served, models by chips, with their ends, floor and reasons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tokensheet as ts
from tokensheet.numbers import FORMATS, KV_FORMATS, numbers_of_formats
from tokensheet.rents import BASES, BASIS

from tokensheet_templates import estimate
from tokensheet_templates.declared import line, number, own_rents, pick, picks
from tokensheet_templates.grid import write_grid
from tokensheet_templates.grid_board import write_board
from tokensheet_templates.grid_chain import SERVED, chain_of
from tokensheet_templates.grid_frame import CostGrid
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.pair import write_pair
from tokensheet_templates.pair_sensitivity import write_sensitivity
from tokensheet_templates.plumbing import link
from tokensheet_templates.template import Declared, template

NEWEST = 24  # models that a grid shows unless told which
PAIR = ("B200 SXM", "DeepSeek-V3.2")  # that Pair is about unless told
# What the chain calls otherwise than the one who asks: there its own word is for what is made of it
ASKED = {"chips": "chip_picks", "context": "own_context", "chips_per_model": "own_chips",
         "tensor_parallel": "own_tensor_parallel", "stages": "own_stages"}  # fmt: skip
GIVEN = ("batch", "context", "usd_per_hour", "input_tokens", "cached_tokens", "utilization", "headroom",
         "flops_per_param", "own_chips", "own_tensor_parallel", "own_stages")  # fmt: skip


def priced(basis: str = BASIS) -> list[str]:
    """The chips that have a rent on a basis."""
    return [name for name, row in ts.chips(basis).items() if row["usd_per_hour"]]


def newest() -> list[str]:
    """The newest models; one's own, without a date, count as new."""
    released = {name: row["release"] or "9999" for name, row in ts.models().items()}
    return sorted(released, key=lambda name: released[name], reverse=True)[:NEWEST]


INPUTS = {
    "Chips and models": [
        picks("chips", "Chip", priced(), "chip", free=True),
        pick("pair_chip", "Chip of the sheet Pair", PAIR[0], "chip"),
        picks("models", "Model", newest(), "model", free=True),
        pick("pair_model", "Model of the sheet Pair", PAIR[1], "model"),
        *estimate.terms(),
        own_rents(),
    ],
    "Load": [
        number("batch", "Batch", "sequences", (32, 64, 128), 1, 1e6),
        number("input_tokens", "Prompt", "tokens", (1500, 3000, 6000), 1, 1e6),
        number("output_tokens", "Answer", "tokens", (200, 400, 800), 1, 1e5),
        number("cached_share", "Cached share of the prompt", "%", (0.3, 0.5, 0.7), 0, 0.95),
        number("context", "Context; 0: half-way through the answer", "tokens", 0, 0, 1e7, style="chosen"),
        number("cache_seconds", "Time that a cached token is held", "s", 300, 0, 1e6),
        number("cache_price", "Memory that holds it", "$/GB-hour", 0.004, 0, 10),
        number("cache_bandwidth_store", "Bandwidth of that memory", "bytes/s", 50e9, 1e9, 1e13),
    ],
    "Service": [
        number("utilization", "Utilization", "%", (0.35, 0.5, 0.65), 0.05, 1),
        number("rent_factor", "Rents over those of Catalogue", "ratio", (1.2, 1, 0.8), 0.1, 10),
        number("chips_per_model", "Chips of a model; 0: fewest that one deploys", "chips", 0, 0, 1e5, style="chosen"),
        number("tensor_parallel", "Tensor parallel; 0: as an engine has it", "chips", 0, 0, 1e5, style="chosen"),
        number("stages", "Pipeline stages; 0: as an engine has it", "stages", 0, 0, 1e5, style="chosen"),
        number("headroom", "Memory headroom", "%", 0.1, 0, 0.9),
        number("flops_per_param", "FLOPs per parameter and token", "ratio", 2, 0.1, 100),
        number("rent_span", "Step of rents in the two-way table", "%", 0.1, 0.01, 0.3),
        number("use_least", "Least utilization there", "%", 0.2, 0.05, 0.5),
        number("use_span", "Step of utilization there", "%", 0.1, 0.01, 0.2),
    ],
    **estimate.estimate(SERVED, *GIVEN),
}  # fmt: skip
SHEETS = {
    "Steps": "Every step of the calculation, models by chips",
    "Grid": "The result: blended, output, input and cached input, floor, what binds, time per token; who is cheapest",
    "Range": "Low and high end of each estimate",
    "Pair": "One chip and one model: curves against the batch, and every step",
    "Sensitivity": "What moves the pair's cost most, rents by utilization (two-way), and what the cost is for",
}
HOW = (
    "Pick chips and models on Inputs, set the load and the utilization; read Board and Grid. An own rent, chip or "
    "model on Catalogue replaces ours. The pair of Inputs is taken apart on Pair and Sensitivity."
)


class CostGridTemplate(Declared):
    """The template `cost-grid`: what a million tokens cost on each chip for each model.

    A call gives a `CostGrid`; each input of the workbook is an argument, in its unit there:
    `{each.key: each.help for each in cost_grid}` lists them.
    """

    def __call__(
        self, chips: Sequence[str] | None = None, models: Sequence[str] | None = None, *, date: str = "", **given: Any
    ) -> CostGrid:
        """The grid of these chips and models: by default every chip with a rent on the price basis, the newest models.

        Arguments that are None are as if left out.
        """
        given = {key: value for key, value in given.items() if value is not None}
        basis = given.get("price_basis", BASIS)
        chips = list(chips or priced(basis if basis in BASES else BASIS))
        models = list(models or newest())
        given["kv_precision"] = given.get("kv_precision") or kept(given.get("precision", "fp8"))
        chip, model = (
            known if known in names else names[0] for known, names in zip(PAIR, (chips, models), strict=True)
        )
        book = super().__call__(
            date=date, chips=chips, models=models, **{"pair_chip": chip, "pair_model": model} | given
        )
        return CostGrid(book.declared, book.inputs, book.today)


def kept(precision: Any) -> str:
    """The format of the cache beside weights in a format."""
    width = numbers_of_formats(precision if precision in FORMATS else "fp8")["kv_width"]
    return next(name for name, bytes_ in KV_FORMATS.items() if bytes_ == width)


@template(
    "cost-grid", "What a token costs, and why", audience="Whoever chooses chips and models, or checks what others paid "
    "for them.", how=HOW, sheets=SHEETS, inputs=INPUTS, of=CostGridTemplate,
)  # fmt: skip
def cost_grid(book: Kernel) -> None:
    """Compares what a million tokens cost as served on different chips for different models, and what binds them."""
    book.catalogue()
    for asked, key in ASKED.items():
        book.blocks[key] = book.blocks.pop(asked)
        each = book.inputs[asked]
        book.lines[key] = line(key, each.label, each.unit, link, (asked,), each.style)
    chain = chain_of(book.blocks)
    write_grid(book, chain)
    write_pair(book, chain)
    write_sensitivity(book, chain)
    write_board(book)
