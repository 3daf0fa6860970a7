"""The template rack-layout: how to spread a model over the chips of a replica, and what a token costs by it."""

from __future__ import annotations

from datetime import date

import tokensheet as ts

from tokensheet_templates import estimate
from tokensheet_templates.declared import Input, number, numbers, pick, serial
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.layouts import GIVEN, write_layouts, write_limits
from tokensheet_templates.rack_board import write_board, write_heat, write_ranking
from tokensheet_templates.rack_sensitivity import write_sensitivity
from tokensheet_templates.served import PLAIN
from tokensheet_templates.template import template

CHIP = "GB200 NVL72"
RENT_DAY = serial(date.fromisoformat(ts.chips()[CHIP]["price_date"]))
TENSOR, STAGES = (1, 2, 4, 8, 16, 32), (1, 2, 4, 8)


def numbered(values: tuple[int, ...]) -> dict[str, float]:
    return {f"{number}": value for number, value in enumerate(values, 1)}


INPUTS: dict[str, list[Input]] = {
    "What is served": [
        pick("model", "Model", "DeepSeek-V3.2", "model"),
        pick("chip", "Chip", CHIP, "chip"),
        number("chips", "Chips of a replica", "chips", 64, 1, 1152),
        *estimate.terms(),
        number("context", "Context", "tokens", (4096, 8192, 32768), 1, 1e6),
        number("tpot", "Most time per output token", "ms", 30, 1, 1000),
        number("utilization", "Utilization", "%", (0.35, 0.5, 0.65), 0.05, 1),
        number("rent_day", "Day of the rent in the catalogue", "day", RENT_DAY, 40000, 80000, source="catalogue"),
        number("rent_factor", "Rent over the catalogue's", "ratio", (1.2, 1, 0.8), 0.1, 5),
        number("link_factor", "Links over the catalogue's", "ratio", (0.7, 1, 1), 0.1, 10),
        number("network_factor", "Network over the catalogue's", "ratio", (0.5, 1, 2), 0.1, 10),
    ],
    "Layouts": [
        numbers("tensor_choice", "Tensor parallel, choice", "chips", numbered(TENSOR), 1, 1152),
        numbers("stage_choice", "Pipeline stages, choice", "stages", numbered(STAGES), 1, 64),
        number("layout_seen", "Rank of the layout looked at", "rank", 1, 1, len(TENSOR) * len(STAGES)),
    ],
    **estimate.estimate(PLAIN, *GIVEN, "context", "utilization"),
}  # fmt: skip
SHEETS = {
    "Layouts": "Each layout at every batch: every step of its cost, and what it takes of a chip's memory",
    "Ranking": "The layouts by what a token costs within the limit of its time",
    "Heat": "Cost, time, batch and memory by tensor parallel and pipeline stages",
    "Sensitivity": "What moves the cost of a token most by the layout looked at",
}
HOW = (
    "Pick model, chip and chips on Inputs, and the degrees of tensor and pipeline parallel to look at; what is left is "
    "data parallel for attention and expert parallel for experts. Read Board."
)


@template("rack-layout", "How to lay a model out on a rack", audience="Whoever runs or sells inference: engineers of "
          "serving, and those who plan racks.", how=HOW, sheets=SHEETS, inputs=INPUTS)  # fmt: skip
def rack_layout(book: Kernel) -> None:
    """Layouts of a model on the chips of a replica, ranked by dollars per million tokens within a limit of time."""
    book.catalogue()
    write_layouts(book)
    write_limits(book)
    write_ranking(book)
    write_heat(book)
    write_sensitivity(book)
    write_board(book)
