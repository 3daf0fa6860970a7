"""Node as a host of the contract: the generated module, one process for all tests."""

from __future__ import annotations

import json
import math
import subprocess
from pathlib import Path
from typing import Any

from hosts.contract import OMITTED, Error
from tokensheet_udfs.javascript import module

WORKER = """
import { createInterface } from "node:readline";
import { CellError, call } from "./functions.mjs";
const plain = (cell) => (cell instanceof CellError ? { error: cell.code, reason: cell.reason } : cell);
const read = (cell) => (cell === "\\0omitted" ? undefined : cell === "\\0inf" ? Infinity : cell);
for await (const line of createInterface({ input: process.stdin })) {
  const answers = JSON.parse(line).map(([name, args]) => call(name, args.map(read)).map((row) => row.map(plain)));
  console.log(JSON.stringify(answers));
}
"""


class Node:
    """The generated JavaScript in a process of Node."""

    name = "Node"

    def __init__(self, folder: Path) -> None:
        (folder / "functions.mjs").write_text(module(), encoding="utf-8")
        self.start(folder, WORKER)

    def start(self, folder: Path, worker: str) -> None:
        """The worker reads a line of calls, and writes one with their answers."""
        (folder / "worker.mjs").write_text(worker, encoding="utf-8")
        self.process = subprocess.Popen(
            ["node", folder / "worker.mjs"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def call(self, function: str, args: tuple[Any, ...], shape: tuple[int, int]) -> list[list[Any]]:
        return [[Error(cell["error"]) if isinstance(cell, dict) else cell for cell in row]
                for row in self.answers([(function, args)])[0]]  # fmt: skip

    def answers(self, calls: list[tuple[str, Any]]) -> list[list[list[Any]]]:
        """The answers to many calls; an error is a dict with its code and reason."""
        given = [(name, [as_json(arg) for arg in args]) for name, args in calls]
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(given) + "\n")
        self.process.stdin.flush()
        return [
            [[as_number(cell) for cell in row] for row in rows] for rows in json.loads(self.process.stdout.readline())
        ]

    def close(self) -> None:
        self.process.communicate(timeout=10)


def as_json(arg: Any) -> Any:
    if isinstance(arg, tuple):
        return list(map(as_json, arg))
    if arg == math.inf:  # which JSON does not have
        return "\0inf"
    return arg.code if isinstance(arg, Error) else "\0omitted" if arg is OMITTED else arg


def as_number(cell: Any) -> Any:
    """JSON has a whole number where JavaScript has the same number as any other."""
    return float(cell) if isinstance(cell, int) and not isinstance(cell, bool) else cell
