"""What every workbook shares: About, Board, Inputs with scenarios, Catalogue, the calculation, Checks and Log."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from importlib.metadata import version
from typing import Any

import numpy as np
import tokensheet as ts
from tokensheet.cell import Cell
from tokensheet.chain import Quantity
from tokensheet.glossary import GLOSSARY, meaning

from tokensheet_templates.about import write_about
from tokensheet_templates.book import ALERT, Block, Blocks, Book, Check, Place
from tokensheet_templates.catalogue import write_catalogue
from tokensheet_templates.checks import write_checks
from tokensheet_templates.declared import KINDS, Input, Own
from tokensheet_templates.inputs_sheet import write_inputs, write_picks
from tokensheet_templates.log import write_log
from tokensheet_templates.page import SHOWN, ZOOM, Entry, Extent, Page
from tokensheet_templates.paper import one_page
from tokensheet_templates.plumbing import link, lowest
from tokensheet_templates.style import style_of

BEFORE = {
    "About": "What this workbook is for and how to use it",
    "Board": "The answer on one page, with its chart",
    "Inputs": "The numbers to change, with a low, a base and a high scenario",
    "Catalogue": "The chips and models used, with sources and dates, and blank ones of your own",
}
SURE = (
    "Times are estimates with an 80 % band, fitted to published measurements; docs/accuracy.md says how good they are. "
    "A check that cannot be computed has failed; an alert is worth a look."
)
AFTER = {"Checks": "What was checked, and the total", "Log": "What was changed, by whom and why"}


class Kernel(Book):
    """A workbook under construction: its pages, and every block of numbers by name."""

    def __init__(self, file: Any, flavour: str, about: Any, inputs: Sequence[Input], today: date,
                 typed: Mapping[Place, Any] = {}) -> None:  # fmt: skip
        author = f"tokensheet {version('tokensheet')}"
        created = datetime(today.year, today.month, today.day)
        properties = {"title": about.title, "subject": about.purpose, "author": author, "created": created}
        super().__init__(file, flavour, properties)
        self.about, self.today, self.typed = about, today, typed
        self.blocks: Blocks = {}
        self.lines: dict[str, Entry] = {}
        self.last_checks: list[Check] = []  # an error in a cell has a cause, which other checks name
        self.contents = BEFORE | about.sheets | AFTER
        if not about.catalogue:
            del self.contents["Catalogue"]
        self.pages = {name: Page(self, name) for name in self.contents}
        self.inputs = {each.key: each for each in inputs}
        for name, value in self.facts(flavour).items():
            self.raw.set_custom_property(name, value)
        page = self.page("Inputs", "Change the blue cells; the live column is the scenario's. Everything else follows.")
        write_inputs(page, about.sections(inputs), self.blocks)

    def facts(self, flavour: str) -> dict[str, str]:
        """What the file says of itself, for programs."""
        given = json.dumps({key: each.default for key, each in self.inputs.items()}, default=list)
        return {
            "tokensheet version": version("tokensheet"),
            "template": self.about.name,
            "functions": flavour,
            "date": self.today.isoformat(),
            "catalogue date": catalogue_date(),
            "inputs, sha256": hashlib.sha256(given.encode()).hexdigest(),
        }

    def catalogue(self, *, market: bool = False) -> None:
        """The page Catalogue: the chips and models that the inputs pick, blank ones, if asked the market's prices."""
        used = {
            kind: [v for each in self.inputs.values() if each.choices == kind for v in each.names] for kind in KINDS
        }
        own = "Dense rates of one chip. An own rent, or an own chip or model, just works."
        page = self.page("Catalogue", own if used["chip"] else "What others charge, to type over.")
        write_catalogue(page, used["chip"], used["model"], self.blocks, self.today, market)
        write_picks(self.pages["Inputs"], [*self.inputs.values()], self.blocks)

    def page(self, name: str, subtitle: str, columns: int = 12, width: float = 12) -> Page:
        """The page of that name, to be filled."""
        page = self.pages[name]
        page.start(subtitle, columns, width, self.about.title if name == "Board" else "")
        return page

    def describe(self, key: str) -> tuple[str, str, str]:
        """Label, unit and style of an input, or of what else has one cell."""
        each = self.inputs.get(key) or self.lines[key]
        unit = self.unit_of(each)
        return each.label, unit, getattr(each, "style", "") or style_of(key, unit)

    def beside(self, key: str, keys: Sequence[str]) -> None:
        """Call columns that stand side by side one block."""
        parts = [self.blocks[each] for each in keys]
        first = parts[0]
        self.blocks[key] = Block(first.sheet, first.row, first.column, np.hstack([part.values for part in parts]))

    def stack(self, key: str, keys: Sequence[str]) -> None:
        """Call rows that stand one below the other one block."""
        parts = [self.blocks[each] for each in keys]
        first = parts[0]
        self.blocks[key] = Block(first.sheet, first.row, first.column, np.vstack([part.values for part in parts]))

    def unit_of(self, each: Entry | Input) -> str:
        """The unit of a line as it is shown; an equation of any unit has that of its last argument."""
        unit = meaning(each.key)[1] if each.key in GLOSSARY and not hasattr(each, "rows") else each.unit
        if unit in ("", "any unit") and isinstance(each, Quantity) and each.inputs:
            last = each.inputs[-1].removeprefix("all:")
            unit = (
                meaning(last)[1] if last in GLOSSARY else self.unit_of(self.lines[last]) if last in self.lines else ""
            )
        return SHOWN.get(unit, unit)

    def alert(self, label: str, test: Any) -> None:
        """Have the sheet of checks count this if it does not hold; the total is not touched."""
        self.expect(label, test, ALERT)

    def expect_whole(self, label: str, key: str) -> None:
        """Have shares add up to the whole."""
        shares = self.blocks[key]
        total = Cell(f"SUM({shares.whole.text})", float(np.sum(shares.values)), many=False)
        self.expect(label, abs(total - 1) <= self.blocks["tolerance"].cell)

    def expect_numbers(self, page: Page, lines: Sequence[Entry], extents: Mapping[str, Extent]) -> None:
        """Have no cell of the lines be an error; those that stand below each other are one range."""
        for first, last in runs([self.blocks[each.key] for each in lines if not isinstance(each, Own)]):
            both = Cell(f"{page.name}!{span(first, last)}", last.values, many=True)
            label = next(each.label for each in lines if self.blocks[each.key] is first)
            where = f"{page.name}, row {first.row + 1}"
            words = f"{where}: no cell from {label} on is an error"
            self.last_checks.append(Check(words, is_number(total(both))))

    def close(self) -> None:
        """The pages that stand on all others."""
        write_log(self.page("Log", AFTER["Log"] + "."), self.today, self.raw.doc_properties["author"])
        checks = self.pages["Checks"]
        self.checks += self.last_checks
        total, alerts = write_checks(checks)
        state = [total, checks.fill(3, 0, in_words, self.blocks["scenario_name"], alerts, style="note")]
        facts = self.words() | {f"Property {name}": value for name, value in self.facts(self.flavour).items()}
        write_about(self.pages["About"], self.about.title, self.about.purpose, facts, self.contents)
        for name, page in self.pages.items():
            for row, block in enumerate(state if name != "Checks" else (), 2):
                page.fill(row, 0, link, block, style="flag link" if row == 2 else "note link")
            if name not in ("About", "Checks"):
                page.finish()
            page.raw.set_zoom(ZOOM)
            page.protect()
        one_page(self.pages["Board"])
        self.pages["Board"].raw.activate()
        self.raw.close()

    def words(self) -> dict[str, str]:
        """What About says to a reader."""
        return {
            "Purpose": self.about.purpose,
            "For whom": self.about.audience,
            "How to use": self.about.how,
            "Scenarios": "Inputs holds a low, a base and a high value of a number; its first cell picks which counts.",
            "How sure it is": SURE,
            "Protection": "Formulas are protected without a password, so that no one changes one unawares: Review, "
            "Unprotect Sheet. What may be changed is blue on yellow.",
            "Changes": "Write on Log what you changed, and why. `tokensheet refresh` brings the workbook up to date.",
            "Written by": f"{self.raw.doc_properties['author']}, {self.today.isoformat()}",
        }


def in_words(scenario: Any, alerts: Any) -> Any:
    return "Scenario " + scenario + "; alerts: " + alerts


def age(book: Kernel, key: str) -> Any:
    """How old the oldest of some days is, in days."""
    return book.blocks["as_of"].cell - lowest(book.blocks[key])


def runs(blocks: Sequence[Block]) -> list[tuple[Block, Block]]:
    """The first and the last of blocks that stand one below the other, equally wide."""
    found: list[tuple[Block, Block]] = []
    for block in sorted(blocks, key=lambda each: (each.column, each.row)):
        last = found[-1][1] if found else None
        if last and below(last, block):
            found[-1] = (found[-1][0], block)
        else:
            found.append((block, block))
    return found


def below(last: Block, block: Block) -> bool:
    same = block.column == last.column and block.values.shape[1] == last.values.shape[1]
    return same and block.row == last.row + len(last.values)


def span(first: Block, last: Block) -> str:
    return first.range.partition(":")[0] + ":" + last.range.partition(":")[2]


def total(cells: Cell) -> Cell:
    return Cell(f"SUM({cells.text})", 0.0, many=False)


def is_number(cell: Cell) -> Cell:
    return Cell(f"ISNUMBER({cell.text})", True, many=False)


def catalogue_date() -> str:
    """The newest date of the catalogue's rows."""
    rows = [*ts.chips().values(), *ts.models().values()]
    return max(row.get(key) or "" for row in rows for key in ("spec_date", "price_date", "date"))
