"""The command `tokensheet sweep`: every combination of inputs, and draws of them, from a file to a file."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import track
from tokensheet.extras import needed
from tokensheet.sweep_files import WRITERS, write_sweep
from tokensheet.sweep_plan import Plan, read_plan
from tokensheet.sweep_summary import Summary, summary
from tokensheet.sweep_tables import answers
from tokensheet.sweeps import DRAW
from tokensheet_templates.sweep_workbook import check_size, write_summary

from tokensheet_addin.files import may_write
from tokensheet_addin.tables import say, show

PATIENCE = 10  # seconds until a cluster has to answer


def sweep(
    file: Annotated[Path, typer.Argument(metavar="FILE.toml", help="Functions, inputs and draws; see docs/sweep.md.")],
    to: Annotated[
        Path | None, typer.Option(help="A file: .parquet, .csv or .zarr for every scenario, .xlsx for a summary.")
    ] = None,
    scheduler: Annotated[str | None, typer.Option(help="A Dask cluster to compute on, as tcp://host:8786.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
) -> None:
    """Answer functions for every combination of inputs, and for draws of those that are not known for sure."""
    if to and to.suffix not in (*WRITERS, ".xlsx"):
        raise ValueError(f"{to} must end in {', '.join(WRITERS)} or .xlsx")
    if to:
        may_write(to, to.suffix, force)
    plan = read_plan(file)
    with connected(scheduler) as client:
        answer(plan, to, force, f"tokensheet sweep {file.name} --to", client)


@contextmanager
def connected(scheduler: str | None) -> Iterator[Any]:
    """A cluster that whatever is computed meanwhile is computed on; none computes here."""
    if scheduler is None:
        yield None
        return
    cluster = needed("--scheduler", "distributed", "sweep").Client
    cluster(scheduler, timeout=PATIENCE, set_as_default=False).close()  # one that cannot be reached would stay
    with cluster(scheduler, timeout=PATIENCE) as client:
        yield client


def answer(plan: Plan, to: Path | None, force: bool, command: str, client: Any) -> None:
    """Answer a plan into a file, or on the terminal."""
    dataset = plan.sweep("auto")
    scenarios = f"{math.prod(dataset.sizes.values()):,} scenarios of {', '.join(answers(dataset))}"
    if to and to.suffix in WRITERS:
        with bar_of_dask() if to.suffix == ".zarr" else nullcontext():
            write_sweep(dataset, to, overwrite=force, progress=shown_blocks)
        say(f"wrote {to}: {scenarios}")
        return
    if to:
        rows = math.prod(size for dim, size in dataset.sizes.items() if dim != DRAW)
        check_size(rows, len(dataset.sizes) + 4 * len(answers(dataset)))
    found = summary(plan, dataset, watched(client))
    if to:
        write_summary(found, to, f"{command} {to.name}", overwrite=force)
        say(f"wrote {to}: the summary of {scenarios}")
    else:
        show_summary(found)


def shown_blocks(parts: Iterable[Any], total: int) -> Iterable[Any]:
    """The blocks of a file, with a bar that says how far it is, where somebody sees it."""
    return track(parts, "Blocks written", total, console=Console(stderr=True), disable=not sys.stderr.isatty())


def watched(client: Any) -> Callable[[Any], Any]:
    """What computes a Dataset under the bar of Dask's own: here, or on a cluster."""

    def compute(dataset: Any) -> Any:
        if client is None or not sys.stderr.isatty():
            with bar_of_dask():
                return dataset.compute()
        kept = dataset.persist()
        needed("--scheduler", "distributed", "sweep").progress(kept)
        return kept.compute()

    return compute


def bar_of_dask() -> Any:
    """Dask's own bar for what is computed here, where somebody sees it."""
    if not sys.stderr.isatty():
        return nullcontext()
    return needed("chunks", "dask.diagnostics", "sweep").ProgressBar(out=sys.stderr)


def show_summary(found: Summary) -> None:
    """The summary's small tables on the terminal."""
    tables = {
        "Scenarios with an answer, and why others have none": found.reasons,
        "The best of each group": found.best,
        "What moves the answer, each input alone": found.tornado,
    }
    for title, table in tables.items():
        say(f"\n{title}", style="bold")
        show(
            [*map(str, table.columns)], [[in_words(value) for value in row] for row in table.astype(object).to_numpy()]
        )


def in_words(value: Any) -> str:
    return "" if value != value else f"{value:,.6g}" if isinstance(value, (int, float)) else str(value)
