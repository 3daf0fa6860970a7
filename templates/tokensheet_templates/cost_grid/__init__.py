"""The cost grid: dollars per million output tokens, models by chips, and beside it what binds and the latency."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import tokensheet as ts
from tokensheet.catalogue import Row, find
from tokensheet.equation import NOT_NEGATIVE, NotNegative, Positive, Share, Utilization, check, domains
from tokensheet.files import whole_file
from tokensheet.own_catalogue import own_rent
from tokensheet.serving import PRECISIONS

from tokensheet_templates.book import Book, link
from tokensheet_templates.catalogue_sheets import write_chips, write_models
from tokensheet_templates.cost_grid import sheets
from tokensheet_templates.cost_grid.calculation import Blocks

if TYPE_CHECKING:
    import pandas as pd

NEWEST = 24  # models that a grid shows unless told which
# What `to_frame` shows, in this order.
FRAME = [
    "usd_per_hour", "weights", "kv", "min_chips", "fits", "compute_time", "memory_time", "kv_time", "step_time",
    "bound", "usd_per_million", "estimate", "estimate_low", "estimate_high",
]  # fmt: skip


def cost_grid(
    chips: Sequence[str] | None = None,
    models: Sequence[str] | None = None,
    *,
    batch: Positive = 64,
    context: NotNegative = 4096,
    precision: str = "fp8",
    kv_precision: str | None = None,
    chips_per_model: Positive = 8,
    usd_per_hour: Mapping[str, float] | None = None,
    utilization: Utilization = 1,
    headroom: Share = 0,
    flops_per_param: Positive = 2,
) -> CostGrid:
    """The template `cost-grid`: what a million output tokens cost on each chip for each model.

    Parameters
    ----------
    chips : sequence of str, optional
        Names or aliases of chips, the columns; by default every chip of the catalogue that has a price.
    models : sequence of str, optional
        Names or aliases of models, the rows; by default the newest 24 of the catalogue.
    batch : float, optional
        Sequences that decode together [sequences].
    context : float, optional
        Tokens of context in each sequence [tokens].
    precision : {"bf16", "fp8", "fp4"}, optional
        Format of the weights and of the arithmetic. A chip without it computes in the next wider format that it has.
    kv_precision : {"bf16", "fp8", "fp4"}, optional
        Format of the KV cache; by default bf16 with bf16 weights and fp8 otherwise.
    chips_per_model : float, optional
        Chips that hold one copy of the model together [chips].
    usd_per_hour : mapping of str to float, optional
        Your own price of a chip, instead of the catalogue's [USD/hour].
    utilization : float, optional
        Share of the paid time in which the chips decode [fraction].
    headroom : float, optional
        Share of the memory kept free for activations and buffers [fraction].
    flops_per_param : float, optional
        FLOPs per parameter and token [FLOP].

    Returns
    -------
    CostGrid
        `.save(path)` writes the workbook, `.to_frame()` gives the numbers.

    Raises
    ------
    UnknownName
        If the catalogue has no chip or model of a name.
    DomainError
        If a number is outside its domain, or a precision none of the three.

    Examples
    --------
    >>> grid = cost_grid(["H100"], ["DeepSeek-V3"], batch=256, chips_per_model=32)
    >>> grid.to_frame().usd_per_million.round(4).item()
    0.6764
    """
    given = locals()
    for name, domain in domains(cost_grid).items():
        check(cost_grid, name, domain, given[name])
    for name, price in (usd_per_hour or {}).items():
        check(cost_grid, f"usd_per_hour of {name}", NOT_NEGATIVE, price)
    for name, chosen in (("precision", precision), ("kv_precision", kv_precision)):
        if chosen not in (*PRECISIONS, None):
            raise ts.DomainError(f"cost_grid: {name} must be {', '.join(PRECISIONS)}, not {chosen!r}")
    catalogue = {name: dict(row) for name, row in ts.chips().items()}
    for name, price in (usd_per_hour or {}).items():
        row = find(catalogue, "chip", name)
        row.update(own_rent(row, price))
    released = {name: row["release"] or "9999" for name, row in ts.models().items()}  # one's own, without a date, count
    newest = sorted(released, key=lambda name: released[name], reverse=True)[:NEWEST]
    priced = [name for name, row in catalogue.items() if row["usd_per_hour"]]
    return CostGrid(
        catalogue=list(catalogue.values()),
        chips=[find(catalogue, "chip", name)["name"] for name in chips or priced],
        models=[find(ts.models(), "model", name)["name"] for name in models or newest],
        batch=batch,
        context=context,
        precision=precision,
        kv_precision=kv_precision or ("bf16" if precision == "bf16" else "fp8"),
        chips_per_model=chips_per_model,
        utilization=utilization,
        headroom=headroom,
        flops_per_param=flops_per_param,
    )


@dataclass(frozen=True)
class CostGrid:
    """A cost grid and its inputs: see `cost_grid`."""

    catalogue: list[Row]
    chips: list[str]
    models: list[str]
    batch: float
    context: float
    precision: str
    kv_precision: str
    chips_per_model: float
    utilization: float
    headroom: float
    flops_per_param: float
    today: date = field(default_factory=date.today)

    def save(self, path: str | Path, functions: str = "native", *, overwrite: bool = False) -> Path:
        """Write the workbook.

        Parameters
        ----------
        path : str or Path
            The .xlsx file.
        functions : {"native", "lambda", "udf"}, optional
            How formulas are spelled: written out, for every spreadsheet program; as LAMBDA names, for Excel 365; or as
            calls of the add-in.
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
        with whole_file(path, overwrite=overwrite) as file:
            self.write(file, functions)
        return Path(path)

    def to_frame(self) -> pd.DataFrame:
        """The numbers of the grid: a row for each model and chip, in SI base units, NaN where there is no price."""
        import pandas as pd

        pairs = pd.MultiIndex.from_product([self.models, self.chips], names=["model", "chip"])
        blocks = self.write(io.BytesIO(), "native")
        size = (len(self.models), len(self.chips))
        columns = {name: np.broadcast_to(blocks[name].values, size).ravel() for name in FRAME}
        frame = pd.DataFrame(columns, index=pairs).reset_index()
        prices = ["usd_per_million", "estimate", "estimate_low", "estimate_high"]
        return frame.assign(**{name: pd.to_numeric(frame[name], errors="coerce") for name in prices})

    def write(self, file: Any, functions: str) -> Blocks:
        """Write the workbook into an open file; gives the blocks of numbers by name."""
        author = f"tokensheet {version('tokensheet')}"
        book = Book(
            file, functions, {"title": "Cost per million output tokens", "subject": sheets.IDEAL, "author": author}
        )
        pages = {name: book.sheet(name) for name in sheets.SHEETS}
        given = sheets.write_inputs(pages["Inputs"], self)
        given |= write_chips(pages["Chips"], self.catalogue) | write_models(pages["Models"], [*ts.models().values()])
        names = sheets.write_names(pages["Grid"], self, given)
        working = sheets.write_working(pages["Working"], given | names)
        working |= sheets.write_grid(pages["Grid"], working)
        pair = sheets.write_pair(pages["Pair"], self, given, working)
        total = sheets.write_checks(pages["Checks"], working, pair)
        sheets.write_about(pages["About"], self, author)
        for name, sheet in pages.items():
            sheet.finish()
            if name != "Checks":
                sheet.fill(2, 0, link, total, style="flag link")
        pages["Grid"].raw.activate()
        book.raw.close()
        return working
