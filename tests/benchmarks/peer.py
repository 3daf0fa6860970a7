"""NVIDIA's aiconfigurator, asked again and again: a line on stdin, and one on stdout when it has answered.

    python peer.py

It begins with all scenarios, so that its databases are in memory, and answers `none` then. `all` asks for them again;
`some` asks for the first as anybody would, without the version of the databases.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import Any

from tokensheet.data import MEASURED
from tokensheet.measured import LATENCIES, inputs_of, read_rows

VALIDATION = Path(__file__).parents[2] / "validation"
SOME = 3


def scenarios() -> list[tuple[dict[str, Any], dict[str, float]]]:
    """The rows that it answered, of those that we do too, and each as numbers."""
    with (VALIDATION / "aiconfigurator.csv").open(encoding="utf-8") as file:
        answered = [row["row_id"] for row in csv.DictReader(file) if row["tpot_ms"]]
    rows, found = {row["row_id"]: row for row in read_rows(MEASURED / LATENCIES[0])}, []
    for row in map(rows.__getitem__, answered):
        try:
            found.append((row, inputs_of(row)))
        except LookupError:
            continue
    return found


def main() -> None:
    sys.path.append(str(VALIDATION))
    from ask_aiconfigurator import ask, cli_estimate

    every = [ask(row)[0] for row, _ in scenarios()]
    asked = {"none": [], "all": every, "some": [question | {"backend_version": None} for question in every[:SOME]]}
    for line in sys.stdin:
        for question in asked[line.strip()]:
            cli_estimate(**question)
        print(flush=True)


if __name__ == "__main__":
    main()
