"""A cost grid before it is written: its numbers as a frame, or as rows of cells for a workbook of one's own."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from tokensheet.frames import frame

from tokensheet_templates.served import PRICED, UNFIT, UNSHAPED
from tokensheet_templates.template import Workbook

if TYPE_CHECKING:
    import pandas as pd

CORNER = "$/Mtok as served"  # of a grid without its workbook
COSTS = ("token_cost", "low_token_cost", "high_token_cost", "input_cost", "read_cost",
         "blend", "low_blend", "high_blend")  # fmt: skip
TIMES = ("step_time", "low_step_time", "high_step_time")
FRAME = (
    "usd_per_hour", "weights_bytes", "kv_bytes", "fewest_chips", "chips", "fits", "compute_time", "weights_time",
    "kv_time", "ideal_step_time", "binds", *TIMES, "ideal_token_cost", *COSTS, "why",
)  # fmt: skip


@dataclass(frozen=True, repr=False)
class CostGrid(Workbook):
    """A cost grid that is yet to be written."""

    def asked(self, key: str) -> Any:
        """The base of an input; of several all."""
        each = next(each for each in self.inputs if each.key == key)
        bases = [row[1] for row in each.rows]
        return bases if each.plural else bases[0]

    @property
    def chips(self) -> list[str]:
        """The names of the chips that were asked for."""
        return list(self.asked("chips"))

    @property
    def models(self) -> list[str]:
        """The names of the models that were asked for."""
        return list(self.asked("models"))

    def __repr__(self) -> str:
        own = self.asked("chips_per_model")
        chips = f"{own:g}" if own else "the fewest"
        load = f"batch {self.asked('batch'):g}, {self.asked('precision')}"
        return f"<CostGrid of {len(self.models)} x {len(self.chips)}: {load}, {chips} chips a model>"

    def to_frame(self) -> pd.DataFrame:
        """The numbers of the grid by the chain's names: a row for each model and chip, in SI base units.

        A time is NaN where the model does not fit or its shape is not known, a cost also where there is no rent: `why`
        says which.
        """
        blocks = self.write(io.BytesIO(), "native")
        size = (len(self.models), len(self.chips))
        names = {"model": [*np.repeat(self.models, size[1])], "chip": [*self.chips] * size[0]}
        columns = {key: np.broadcast_to(blocks[key].values, size).ravel() for key in (*FRAME, "floor_why")}
        table = frame(names | columns)
        table["fits"] = table.fits.astype(bool)
        table.loc[~table.fits, "ideal_step_time"] = np.nan
        table.loc[table.why.isin([UNFIT, UNSHAPED]), [*TIMES]] = np.nan
        table.loc[table.floor_why != PRICED, "ideal_token_cost"] = np.nan
        table.loc[table.why != PRICED, [*COSTS]] = np.nan
        return table.drop(columns="floor_why")

    def to_rows(self) -> list[list[Any]]:
        """The grid as rows of cells: the chips, then each model with its $ per million output tokens as served.

        Where there is no number a word says why.
        """
        values = self.write(io.BytesIO(), "native")["output_million"].values
        costs = np.broadcast_to(values, (len(self.models), len(self.chips))).tolist()
        return [[CORNER, *self.chips], *([model, *line] for model, line in zip(self.models, costs, strict=True))]
