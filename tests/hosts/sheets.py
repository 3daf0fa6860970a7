"""Google Sheets: its script as gas-local, a stand-in for Apps Script by others, loads it; one process for all tests.

Sheets itself is not here: what it shows of a thrown error and of NaN is told by WORKER, as docs/sheets.md tells it.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from hosts.node import Node
from tokensheet_addin.hosts import sheets

# The stand-in; a reader of one edition of JavaScript; and what others say Google's services have, with what checks it
PACKAGES = ("gas-local@1.3.1", "acorn@8.15.0", "@types/google-apps-script@2.0.13", "typescript@5.9.3")

WORKER = """
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import gas from "gas-local";
const asked = []; // of Google's services, all of which are one here: the name and the arguments of each call
const sheets = new Set();
const answers = {
  getMaxRows: () => 2,
  getMaxColumns: () => 2,
  getSheetByName: (name) => (sheets.has(name) ? service : null),
  insertSheet: (name) => sheets.add(name) && service,
};
const service = new Proxy({}, {
  get: (_, name) => (...args) => {
    asked.push([name, ...args]);
    return name in answers ? answers[name](...args) : service;
  },
});
const folder = fileURLToPath(new URL("project", import.meta.url));
const script = gas.require(folder, { SpreadsheetApp: service }, { filter: (file) => file.endsWith(".gs") });
const read = (cell) =>
  Array.isArray(cell) ? cell.map(read)
  : cell === null || cell === "\\0omitted" ? "" // a blank cell is the empty text
  : cell === "\\0inf" ? Infinity
  : cell === "\\0date" ? new Date()
  : cell;
const shown = (cell) => (Number.isNaN(cell) ? { error: "#NUM!" } : cell);
function run(name, args) {
  if (name === "names") return [Object.keys(script)];
  if (name === "asked") return asked.splice(0);
  try {
    const found = script[name](...args.map(read));
    return (Array.isArray(found) ? found : [[found]]).map((row) => row.map(shown));
  } catch (error) {
    return [[{ error: "#ERROR!", reason: error.message }]];
  }
}
for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(JSON.parse(line).map(([name, args]) => run(name, args))));
}
"""


class Sheets(Node):
    """The script in a stand-in for Apps Script."""

    name = "Google Sheets"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "project").mkdir()
        for name, text in sheets.files().items():
            (folder / "project" / name).write_text(text, encoding="utf-8")
        self.start(folder, WORKER)


def fetch_stand_in(folder: Path) -> None:
    """Fetch the packages; none of their own scripts is run."""
    options = ["--no-save", "--ignore-scripts", "--no-audit", "--no-fund"]
    patience = ["--fetch-retries=1", "--fetch-retry-mintimeout=1000"]  # without a network it would try for minutes
    command: list[str | Path] = ["npm", "install", "--prefix", folder, *options, *patience, *PACKAGES]
    subprocess.run(command, check=True, capture_output=True, timeout=600)
