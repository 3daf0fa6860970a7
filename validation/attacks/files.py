"""Files that attack whoever reads them, given to every command that reads one; and commands killed while they write."""

from __future__ import annotations

import functools
import io
import os
import random
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import openpyxl
from tokensheet_templates.training_budget import training_budget

from attacks import Figure

TOKENSHEET = Path(sys.executable).parent / "tokensheet"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LARGE = 3_000_000  # bytes of what is small enough to be read, and made to take long
CONFIG = (
    b'{"model_type": "llama", "num_hidden_layers": 2, "hidden_size": 8, "num_attention_heads": 2, "vocab_size": 9, '
)
BILLION = (
    b"<!DOCTYPE x [<!ENTITY a '" + b"a" * 1000 + b"'><!ENTITY b '" + b"&a;" * 1000 + b"'><!ENTITY c '" + b"&b;" * 1000
)
BILLION += b"'>]>"
OUTSIDE = b"<!DOCTYPE x [<!ENTITY c SYSTEM 'file:///etc/passwd'>]>"


# What is no file, made at a path


def socket_at(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


def sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 36)


NO_FILES: dict[str, Callable[[Path], object]] = {
    "nothing": lambda path: None,
    "a folder": Path.mkdir,
    "a pipe": os.mkfifo,
    "a socket": socket_at,
    "a device without an end": lambda path: path.symlink_to("/dev/zero"),
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a link to nothing": lambda path: path.symlink_to("nonesuch"),
    "64 GB": sparse,
}  # fmt: skip

# Files' content
CONTENTS: dict[str, bytes] = {
    "nothing in it": b"",
    "NULs": bytes(1000),
    "noise": random.Random(1).randbytes(100_000),
    "a picture": b"\x89PNG\r\n\x1a\n" + random.Random(2).randbytes(1000),
    "UTF-16": "name,value\nslowdown,2\n".encode("utf-16"),
    "Latin-1": "name,value\nläuft,2\n".encode("latin-1"),
    "a text without end": b"a" * LARGE,
    "lines without end": b"a\n" * (LARGE // 2),
    "empty lines without end": b"\n" * LARGE,
    "commas without end": b"," * LARGE,
    "a cell over 128 KB": b"name,value\nslowdown," + b"9" * 200_000 + b"\n",
    "an open quote": b'name,value\nslowdown,"2\nbandwidth_efficiency,0.5\n',
    "more cells than heads": b"name,value\nslowdown,2,000\n",
    "semicolons": b"name;value\nslowdown;2\n",
    "heads alone": b"name,value\n",
    "deep lists": b"[" * LARGE,
    "deep objects": b'{"a":' * (LARGE // 5),
    "a deep key": CONFIG + b'"layer_types": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep tables": b"[inputs]\nlost = " + b"[" * 100_000 + b"]" * 100_000,
    "a long dotted key": b"a." * 300_000 + b"a = 1",
    "a number of a million digits": b'{"hidden_size": ' + b"9" * 1_000_000 + b"}",
    "a large number of TOML": b"[inputs]\nlost = " + b"9" * 1_000_000,
    "a name of 20,000 parts": b"chip,model,isl,osl\nH100," + b"a-" * 20_000 + b",1,1\n",
    "a short row": b"chip,model,isl,osl,tpot_ms,concurrency\nH100,DeepSeek-V3\n",
    "an encrypted workbook": OLE + bytes(4096),
}  # fmt: skip


def zipped(parts: Mapping[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return file.getvalue()


def parts_of(package: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(package)) as parts:
        return {name: parts.read(name) for name in parts.namelist()}


def of_ours() -> bytes:
    """A workbook that `tokensheet new` wrote, with a sheet Chips."""
    file = io.BytesIO()
    training_budget(date="2026-11-27").write(file, "native")
    return file.getvalue()


def of_chips() -> bytes:
    """A catalogue of one's own."""
    book, file = openpyxl.Workbook(), io.BytesIO()
    book.active.title = "Chips"
    book.active.append(["name", "usd_per_hour"])
    book.active.append(["H100", 2])
    book.save(file)
    return file.getvalue()


# Packages


def first_sheet(parts: Mapping[str, bytes]) -> str:
    return next(name for name in parts if name.startswith("xl/worksheets/sheet"))


def with_part(name: str, content: bytes) -> Callable[[bytes], bytes]:
    return lambda package: zipped(parts_of(package) | {name: content})


def without(name: str) -> Callable[[bytes], bytes]:
    return lambda package: zipped({part: content for part, content in parts_of(package).items() if part != name})


def in_sheet(change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    def changed(package: bytes) -> bytes:
        parts = parts_of(package)
        name = first_sheet(parts)
        return zipped(parts | {name: change(parts[name])})

    return changed


def in_sheets(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    """The first of the old pieces in each sheet is another."""

    def changed(package: bytes) -> bytes:
        parts = parts_of(package)
        sheets = [name for name in parts if name.startswith("xl/worksheets/sheet")]
        return zipped(parts | {name: parts[name].replace(old, new, 1) for name in sheets})

    return changed


def declared(kind: bytes) -> Callable[[bytes], bytes]:
    """Each sheet with a document type, and a cell that has what it declares."""

    def changed(package: bytes) -> bytes:
        parts = parts_of(package)
        for name in parts:
            if name.startswith(("xl/worksheets/sheet", "docProps/custom")):
                body = parts[name].partition(b"?>")[2]
                body = body.replace(b"<sheetData>", b'<sheetData><row r="1"><c t="str"><v>&c;</v></c></row>', 1)
                parts[name] = kind + body
        return zipped(parts)

    return changed


def lying(package: bytes) -> bytes:
    """The directory says of the first part that it is small, and that is not so."""
    data = bytearray(zipped({"[Content_Types].xml": bytes(50_000_000)} | parts_of(package)))
    struct.pack_into("<L", data, data.index(b"PK\x01\x02") + 24, 100)
    return bytes(data)


def overlapping(package: bytes) -> bytes:
    """Thousands of parts that are all one and the same."""
    data = zipped({"xl/worksheets/sheet1.xml": b" " * 10_000_000})
    directory, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    entry, number = data[directory:end], 5000
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, number, number, number * len(entry), directory, 0)
    return data[:directory] + entry * number + tail


def nested(xml: bytes) -> bytes:
    return xml.replace(b"<sheetData>", b"<sheetData>" + b"<a>" * 500_000, 1)


def of_zeros(megabytes: int) -> bytes:
    return bytes(megabytes << 20)


LAST_CELL = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
MERGED = b'<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'
LINKED = b'<hyperlinks><hyperlink ref="A1:XFD1048576" location="A1"/></hyperlinks>'
PACKAGES: dict[str, Callable[[bytes], bytes]] = {
    "a zip of something else": lambda package: zipped({"a.txt": b"a"}),
    "half a workbook": lambda package: package[: len(package) // 2],
    "a damaged part": lambda package: package[:2000] + bytes(500) + package[2500:],
    "a part of 300 MB": lambda package: with_part("xl/worksheets/sheet1.xml", of_zeros(300))(package),
    "thousands of parts that are one": overlapping,
    "a part that is larger than it says": lying,
    "60,000 parts": lambda package: zipped(parts_of(package) | {f"{n}.xml": b"" for n in range(60_000)}),
    "no workbook in it": without("xl/workbook.xml"),
    "no types in it": without("[Content_Types].xml"),
    "no sheet in it": without("xl/worksheets/sheet1.xml"),
    "a sheet that is cut off": in_sheet(lambda xml: xml[: len(xml) // 2]),
    "a billion laughs": declared(BILLION),
    "a file from outside": declared(OUTSIDE),
    "a sheet nested 500,000 deep": in_sheet(nested),
    "a cell at the end of the sheet": in_sheets(b"</sheetData>", LAST_CELL + b"</sheetData>"),
    "a sheet merged to its end": in_sheets(b"</sheetData>", b"</sheetData>" + MERGED),
    "a link from every cell": in_sheets(b"</sheetData>", b"</sheetData>" + LINKED),
    "a million cells": in_sheets(b"</sheetData>", b"<row>" + b"<c/>" * 1_000_000 + b"</row></sheetData>"),
    "no row 0": in_sheets(b'<row r="1"', b'<row r="0"'),
    "a value that is no number": in_sheets(b"<v>", b"<v>x"),
    "a style that is not there": in_sheets(b' s="', b' s="99999'),
    "a text that is not there": in_sheets(b"</sheetData>", b'<row><c t="s"><v>99999</v></c></row></sheetData>'),
    "a way out of the folder": with_part("../../outside.xml", b"<a/>"),
}  # fmt: skip

# Of what the rest is whole, so that a command may read it
READABLE = {*PACKAGES, "a name of 20,000 parts", "a short row", "heads alone"}

COMMANDS: dict[str, tuple[str, ...]] = {
    "accuracy --data": ("accuracy", "--data", "FILE.csv"),
    "calibrate": ("calibrate", "FILE.csv"),
    "--calibration": ("--calibration", "FILE.csv", "chips"),
    "--catalogue": ("--catalogue", "FILE.csv", "chips"),
    "model add": ("model", "add", "FILE.json"),
    "model add --to": ("model", "add", "good.json", "--to", "FILE.csv"),
    "prices update": ("prices", "update", "FILE.json"),
    "new --from": ("new", "training-budget", "out.xlsx", "--from", "FILE.toml"),
    "sweep": ("sweep", "FILE.toml"),
    "--catalogue of a workbook": ("--catalogue", "FILE.xlsx", "chips"),
    "fill": ("fill", "FILE.xlsx", "--sheet", "About", "--at", "ZZ9", "--chips", "H100", "--models", "DeepSeek-V3"),
    "check": ("check", "FILE.xlsx"),
    "refresh": ("refresh", "FILE.xlsx"),
    "diff": ("diff", "good.xlsx", "FILE.xlsx"),
    "new price-review": ("new", "price-review", "out.xlsx", "--old", "good.xlsx", "--new", "FILE.xlsx"),
}
GOOD = {
    "good.json": CONFIG + b'"intermediate_size": 9, "tie_word_embeddings": false, "torch_dtype": "bfloat16"}',
    "good.xlsx": of_ours(),
}


def attacks(command: str) -> list[str]:
    """What is given to a command, by name."""
    of_workbooks = [*PACKAGES] if target(command).endswith(".xlsx") else []
    taken = {"nothing", "a link to nothing", "nothing in it"} if command in ("model add --to", "new --from") else set()
    return [attack for attack in (*NO_FILES, *CONTENTS, *of_workbooks) if attack not in taken]


def target(command: str) -> str:
    return next(word for word in COMMANDS[command] if word.startswith("FILE"))


@functools.cache
def content(attack: str, catalogue: bool) -> bytes:
    return PACKAGES[attack](of_chips() if catalogue else GOOD["good.xlsx"])


def prepare(command: str, attack: str, folder: Path) -> tuple[str, ...]:
    """Put the attack where the command, which is given back, will find it."""
    for name in {*COMMANDS[command]} & {*GOOD}:
        (folder / name).write_bytes(GOOD[name])
    path = folder / target(command)
    if attack in NO_FILES:
        NO_FILES[attack](path)
    else:
        path.write_bytes(CONTENTS[attack] if attack in CONTENTS else content(attack, "catalogue" in command))
    return COMMANDS[command]


class Outcome(NamedTuple):
    """What became of a command in a process of its own."""

    code: int
    said: str  # on stderr
    seconds: float  # of a processor, whatever else the machine does
    megabytes: float

    def is_clear(self, attack: str) -> bool:
        """Whether it was one line and exit code 2, or the file was read all the same and nothing is said on stderr."""
        refused = self.code == 2 and self.said.startswith("tokensheet: ") and self.said.count("\n") == 1
        return refused or (attack in READABLE and self.code in (0, 1) and not self.said)


def run_command(words: Sequence[str], folder: Path, patience: float = 60) -> Outcome:
    """A command in a folder; what is not done in time is killed."""
    deadline, said = time.monotonic() + patience, folder / "said.txt"
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
    with said.open("wb") as errors:
        child = subprocess.Popen([TOKENSHEET, *words], cwd=folder, stderr=errors, **quiet)  # type: ignore[call-overload]
    most = 0
    while not (ended := os.wait4(child.pid, os.WNOHANG))[0]:
        if time.monotonic() > deadline:
            child.kill()
        most = max(most, memory(child.pid))
        time.sleep(0.005)
    child.returncode = os.waitstatus_to_exitcode(ended[1])
    used = ended[2]
    text = said.read_text(errors="replace")
    said.unlink()
    return Outcome(child.returncode, text, used.ru_utime + used.ru_stime, most / 1024)


def memory(process: int) -> int:
    """The most that a process has taken so far, in KB; what rusage says of it is what we had when it began."""
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return 0
    found = re.search(r"VmHWM:\s*(\d+)", status)
    return int(found[1]) if found else 0


# Writing

# Commands that write a file, as two that write different ones of the same name
WRITES: dict[str, tuple[tuple[str, ...], ...]] = {
    "new": tuple(("new", "training-budget", "out.xlsx", "--force", "--lost", lost) for lost in ("0.1", "0.2")),
    "fill": tuple(
        ("fill", "out.xlsx", "--sheet", "About", "--at", "ZZ9", "--chips", "H100", "--models", "DeepSeek-V3", "--force",
         "--batch", batch) for batch in ("64", "128")
    ),
    "model add": tuple(
        ("model", "add", config, "--name", "x", "--to", "out.csv", "--force") for config in ("good.json", "other.json")
    ),
    "accuracy --rows": tuple(
        ("accuracy", "--data", data, "--rows", "out.csv", "--force") for data in ("one.csv", "two.csv")
    ),
    "refresh": tuple(("refresh", book, "out.xlsx", "--force") for book in ("good.xlsx", "other.xlsx")),
}  # fmt: skip
RUN = "chip,model,n_chips,precision,isl,osl,concurrency,tpot_ms\nH100,DeepSeek-V3,8,fp8,1024,1024,{users},20\n"
# Runs the two commands over and over, in a process of its own for each line it reads: what imports once is killed often
WRITER = """
import contextlib, io, os, shutil, sys
from tokensheet_addin.cli import main

def run(words):
    sys.argv = ["tokensheet", *words]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
        main()

one, two = commands = eval(sys.argv[1])
out = next(word for word in one if word.startswith("out."))
for words, kept in zip(commands, ("first", "second")):
    run(words)
    shutil.copy(out, kept)
print("ready", flush=True)
for _ in sys.stdin:
    child = os.fork()
    while not child:
        run(one), run(two)
    print(child, flush=True)
    os.waitpid(child, 0)
"""


def write_what_is_read(folder: Path) -> None:
    """The files that the commands of WRITES read."""
    other = io.BytesIO()
    training_budget(date="2026-11-27", lost=0.3).write(other, "native")
    contents = GOOD | {
        "other.json": GOOD["good.json"].replace(b'"hidden_size": 8', b'"hidden_size": 16'),
        "other.xlsx": other.getvalue(),
        "out.xlsx": GOOD["good.xlsx"],
        "one.csv": RUN.format(users=8).encode(),
        "two.csv": RUN.format(users=64).encode(),
    }
    for name, data in contents.items():
        (folder / name).write_bytes(data)


def kill(command: str, times: int, folder: Path) -> int:
    """Kill a command at random moments: how often its file was then neither the old nor the new one."""
    write_what_is_read(folder)
    moments = random.Random(1)
    words = [sys.executable, "-c", WRITER, repr(WRITES[command])]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "bufsize": 1}
    with subprocess.Popen(words, cwd=folder, **pipes) as writer:  # type: ignore[call-overload]
        assert writer.stdout.readline() == "ready\n"
        first, second = ((folder / name).read_bytes() for name in ("first", "second"))
        assert first != second
        out = folder / next(word for word in WRITES[command][0] if word.startswith("out."))
        broken = 0
        for _ in range(times):
            writer.stdin.write("\n")
            child = int(writer.stdout.readline())
            time.sleep(moments.random())
            os.kill(child, signal.SIGKILL)
            broken += out.read_bytes() not in (first, second)
        writer.stdin.close()
    return broken


def together(commands: Sequence[Sequence[str]], folder: Path) -> list[int]:
    """The exit codes of commands that run at the same time."""
    quiet = {"cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    children = [subprocess.Popen([TOKENSHEET, *words], **quiet) for words in commands]  # type: ignore[call-overload]
    return [child.wait() for child in children]


def rows_lost(folder: Path, processes: int, rows: int) -> int:
    """How many rows are not in a catalogue to which several processes add so many each."""
    write_what_is_read(folder)
    for number in range(rows):
        names = [f"M{process} {number}" for process in range(processes)]
        together([("model", "add", "good.json", "--name", name, "--to", "all.csv") for name in names], folder)
    return processes * rows - (folder / "all.csv").read_text().count("\n") + 1


# The run


def run(kills: int = 1000) -> list[Figure]:
    """Every attack on every command that reads, and so many kills of those that write."""
    outcomes: dict[str, Outcome] = {}
    unclear = 0
    for command in COMMANDS:
        for attack in attacks(command):
            with tempfile.TemporaryDirectory() as folder:
                outcome = run_command(prepare(command, attack, Path(folder)), Path(folder))
            unclear += not outcome.is_clear(attack)
            outcomes[f"{command}, {attack}"] = outcome
    slowest = max(outcomes, key=lambda name: outcomes[name].seconds)
    largest = max(outcomes, key=lambda name: outcomes[name].megabytes)
    broken = 0
    for command in WRITES:
        with tempfile.TemporaryDirectory() as folder:
            broken += kill(command, kills // len(WRITES), Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        lost = rows_lost(Path(folder), 8, 30)
    with tempfile.TemporaryDirectory() as folder:
        wrote = together([WRITES["new"][0][:3]] * 4, Path(folder)).count(0)
    return [
        Figure(
            f"{len(outcomes)} hostile files, each read by the command itself",
            "one line and exit code 2, unless the workbook can be read all the same",
            f"{unclear} otherwise",
        ),
        Figure("The slowest of them", "under 2 s of a processor", f"{outcomes[slowest].seconds:.1f} s ({slowest})"),
        Figure("The largest of them", "under 300 MB", f"{outcomes[largest].megabytes:.0f} MB ({largest})"),
        Figure(
            f"{kills:,} kills of {', '.join(WRITES)} at random moments",
            "the old file or the new one, whole",
            f"{broken} broken",
        ),
        Figure("8 processes that add 30 models each to one file", "no row is lost", f"{lost} of 240 lost"),
        Figure("4 processes that write one new workbook", "one says that it wrote it", f"{wrote} said so"),
    ]
