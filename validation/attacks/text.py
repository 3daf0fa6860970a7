"""Texts that try to become more than texts, in every column of a catalogue, in a workbook's log and in our CSV files.

LibreOffice says what became of them. `python validation/attacks/text.py` prints the figures.
"""

from __future__ import annotations

import csv
import io
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, redirect_stdout
from pathlib import Path

import tokensheet as ts
from tokensheet.own_catalogue import text_of, write_table
from tokensheet.rows import is_text
from tokensheet.texts import clean
from tokensheet_addin.accuracy import accuracy

sys.path += [str(Path(__file__).parents[1]), str(Path(__file__).parents[2] / "tests")]

from attack_strings import HARMLESS, TEXTS, in_a_file, lay, links_of, of_catalogue
from hosts.libreoffice import LibreOffice

from attacks import Figure

NUMBERS = (1e15, 80e9, 3e12)


def run(rows: int = 4000) -> list[Figure]:
    """The figures; `rows` is the size of the catalogue whose reading is timed."""
    with tempfile.TemporaryDirectory() as name, closing(LibreOffice(Path(), Path(name))) as office:
        try:
            return [*in_workbook(Path(name), office), *in_csv_files(Path(name), office), large(Path(name), rows)]
        finally:
            ts.use_catalogue()


def in_workbook(folder: Path, office: LibreOffice) -> Iterator[Figure]:
    opened = []
    for texts in (HARMLESS, TEXTS):
        ts.use_catalogue()
        chips, models = lay(folder, texts)
        path = of_catalogue(chips, models, texts).save(folder / "texts.xlsx", overwrite=True)
        opened.append(office.read(path))
    twin, found = opened
    shown = {*found["texts"].values()}
    lacking = [text for text in (*chips, *models, *filter(None, map(clean, TEXTS))) if text not in shown]
    columns = sum(is_text(column) for rows in (ts.chips(), ts.models()) for column in next(iter(rows.values())))
    more = len(found["formulas"]) - len(twin["formulas"])
    yield Figure(
        f"{len(TEXTS)} hostile texts in {columns} columns of a catalogue and in the log of a workbook",
        "each shown as a text, none computes or links",
        f"{more} formulas more than with harmless ones, {found['links'] + len(links_of(path))} links, "
        f"{len(lacking)} texts not shown, {len(found['texts']):,} cells of text",
    )


def in_csv_files(folder: Path, office: LibreOffice) -> Iterator[Figure]:
    table = folder / "models.csv"
    write_table(table, [["name", "notes"], *([text_of(text)] * 2 for text in TEXTS)])
    measured, judged = folder / "measured.csv", folder / "judged.csv"
    with measured.open("w", encoding="utf-8", errors="replace", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["row_id", "chip", "model", "isl", "osl", "concurrency", "tpot_ms"])
        writer.writerows([text, text, text, 1024, 1024, 8, 12] for text in map(in_a_file, TEXTS))
    with redirect_stdout(io.StringIO()) as printed:
        accuracy(measured, judged)
    formulas = sum(len(office.read(path)["formulas"]) for path in (table, judged))
    yield Figure(
        f"{len(TEXTS)} hostile texts in the CSV files that `model add` and `accuracy --rows` write",
        "none computes where a spreadsheet program opens the file",
        f"{formulas} formulas",
    )
    controls = [each for each in printed.getvalue() if not each.isprintable() and each != "\n"]
    yield Figure(
        "The same texts on the terminal",
        "no character that commands it",
        f"{len(controls)} of {len(printed.getvalue()):,} characters",
    )


def large(folder: Path, rows: int) -> Figure:
    path = folder / "chips.csv"
    lines = (f"Chip {row},{','.join(map(str, NUMBERS))}\n" for row in range(rows))
    path.write_text("name,bf16_flops,hbm_bytes,hbm_bandwidth\n" + "".join(lines))
    start = time.perf_counter()
    ts.use_catalogue(path)
    seconds = time.perf_counter() - start
    return Figure(f"A catalogue of {rows:,} chips of one's own", "read in linear time", f"read in {seconds:.2f} s")


if __name__ == "__main__":
    for figure in run():
        print(*figure, sep=" | ")
