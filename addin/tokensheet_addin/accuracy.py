"""The command `tokensheet accuracy`: the estimates against measurements."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer
from tokensheet.files import whole_file
from tokensheet.measured import MEASURES, judged, read_rows, summary
from tokensheet.rows import Row
from tokensheet.texts import in_csv

from tokensheet_addin.files import may_write
from tokensheet_addin.tables import Csv, Json, print_data, say, show, working


def accuracy(
    data: Annotated[Path | None, typer.Option(help="Measurements of your own, with the same columns.")] = None,
    rows: Annotated[Path | None, typer.Option(help="Write each row's prediction and band to this CSV.")] = None,
    as_json: Json = False,
    as_csv: Csv = False,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
) -> None:
    """Say how far the estimates are from measurements: the published ones, or yours.

    Time per output token, time to first token and throughput, whichever were measured.
    """
    if rows:
        may_write(rows, ".csv", force)
    with working("estimating every measurement"):
        answers = judged(read_rows(data))
    lines = summary(answers)
    if rows:
        with whole_file(rows, "w", overwrite=force) as file:
            writer = csv.DictWriter(file, list(dict.fromkeys(field for answer in answers for field in answer)))
            writer.writeheader()
            writer.writerows({field: as_cell(value) for field, value in answer.items()} for answer in answers)
    if print_data(lines, lines, as_json, as_csv):
        return
    measures = [name for name in MEASURES if any(line[name]["rows"] for line in lines)]
    header = ["", "Rows", *(title for name in measures for title in titles(name)), "Bound/meas."]
    show(header, [[str(line["rows"]), answered(line), *(cell for name in measures for cell in cells(line[name])),
                   ratio(line["ideal_ratio"])] for line in lines], wrap=False)  # fmt: skip
    say("Of each measure: the median error, the median of estimated over measured (e/m) and, of times, how often the")
    say("estimate's 80 % band holds. TPOT and TTFT are the times per output token and to the first.")
    unanswered = Counter(answer["reason"] for answer in answers if answer["reason"])
    for reason, count in unanswered.most_common():
        say(f"{count} rows have no estimate: {reason}")


def as_cell(value: Any) -> Any:
    return in_csv(value) if isinstance(value, str) else value


TITLES = {"tpot": "TPOT", "ttft": "TTFT", "throughput": "Tokens/s"}


def titles(measure: str) -> list[str]:
    return [TITLES[measure], "e/m"] + ["band"] * (measure != "throughput")


def cells(found: Row) -> list[str]:
    """What a line says of a measure: nothing where it was not measured."""
    return [share(found["median_error"]), ratio(found["median_ratio"])] + (
        [share(found["in_band"])] if "in_band" in found else []
    )


def answered(line: Row) -> str:
    return f"{line['answered']}" if line["answered"] == line["given"] else f"{line['answered']}/{line['given']}"


def share(value: float | None) -> str:
    return "" if value is None else f"{value:.1%}"


def ratio(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
