"""A template of another firm: how many chips a traffic needs, as served, and what they cost a month."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import tokensheet as ts
from tokensheet.chain import Chain
from tokensheet.chain import Quantity as Q
from tokensheet.chains import DECODE
from tokensheet_templates import inputs as cells
from tokensheet_templates.book import Blocks, Book, Template
from tokensheet_templates.catalogue_sheets import chips_by_basis, of_chip, of_model, write_chips, write_models
from tokensheet_templates.checks import all_ones, no_error, write_checks
from tokensheet_templates.layout import banners, write_list
from tokensheet_templates.pair import write_picks
from tokensheet_templates.paper import set_up

PLAN = Chain((
    *DECODE.of("step_time", "chips"),
    Q("units", "Copies of the model that the traffic needs", ts.units_for_traffic, ("traffic", "batch", "step_time")),
    Q("rent", "Rent a month, $", lambda units, chips, usd, hours: np.ceil(units) * chips * usd * hours,
      ("units", "chips", "usd_per_hour", "hours")),
))  # fmt: skip


@dataclass(frozen=True)
class CapacityPlan(Template):
    model: str = "Llama-3.1-70B"
    chip: str = "H100 SXM"
    traffic: float = 50e3
    batch: float = 64
    context: float = 4096

    def write(self, file: Any, functions: str) -> Blocks:
        book = Book(file, functions, {"title": "Capacity plan"})
        plan, chips_sheet, models_sheet, checks = map(book.sheet, ("Plan", "Chips", "Models", "Checks"))
        plan.heading("Capacity plan", "Chips for a traffic, as served, and what they cost a month.", cells.WIDTHS)
        blocks: Blocks = {}
        row = cells.write_inputs(plan, 9, "Input", [
            cells.number(PLAN, "traffic", self.traffic, means="Output tokens of all users [tokens/s]"),
            *(cells.number(PLAN, key, getattr(self, key)) for key in ("batch", "context")),
            cells.number(PLAN, "hours", 730, "Hours", ">= 1 and <= 744", means="Hours in a month [hours]"),
            *(cells.format_of(key, "fp8") for key in ("precision", "kv_precision")), cells.price_basis(),
        ], blocks)  # fmt: skip
        row = cells.write_formats(plan, row, PLAN, blocks)
        row = cells.write_inputs(plan, row, "Estimate", cells.constants(PLAN, blocks), blocks)
        chips = write_chips(chips_sheet, chips_by_basis(), PLAN, blocks)
        models = write_models(models_sheet, [*ts.models().values()], PLAN)
        blocks |= write_picks(plan, {"chip": self.chip, "model": self.model}, chips | models)
        everything = Chain((*cells.of_formats(blocks), *of_chip(chips, PLAN), *of_model(models, PLAN), *PLAN))
        chain = everything.of("rent", "chip_listed", "model_listed")
        write_list(plan, {quantity.key: place for place, quantity in enumerate(chain, row)}, chain, blocks)
        for kind in ("chip", "model"):
            book.expect(f"Plan: the {kind} is in the catalogue", all_ones(blocks[f"{kind}_listed"]))
        book.expect("Plan: no error in the rent", no_error(blocks["rent"]))
        set_up(plan, row + len(chain), len(cells.WIDTHS))
        banners([plan, chips_sheet, models_sheet], write_checks(checks).total)
        book.raw.close()
        return blocks
