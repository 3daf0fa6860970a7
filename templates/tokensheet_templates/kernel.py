"""What every workbook shares: About, Board, Inputs with scenarios, Catalogue, the calculation, Checks and Log."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from importlib.metadata import version
from typing import Any

import tokensheet as ts

from tokensheet_templates.about import write_about
from tokensheet_templates.book import Place
from tokensheet_templates.catalogue import write_catalogue
from tokensheet_templates.checks import write_checks
from tokensheet_templates.declared import KINDS, Input, Rents
from tokensheet_templates.inputs_sheet import write_inputs, write_picks
from tokensheet_templates.ledger import Ledger
from tokensheet_templates.log import write_log
from tokensheet_templates.page import ZOOM, Page
from tokensheet_templates.paper import one_page
from tokensheet_templates.plumbing import link

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
# What a workbook needs that is not native, and what holds without it
WANTS = {
    "lambda": "Formulas call LAMBDA names of this workbook: Excel 365 or 2024, after Enable Editing.",
    "udf": "Formulas call tokensheet's functions: its extension for LibreOffice, or its add-in for Excel by xlwings.",
    "officejs": "Formulas call =TOKENSHEET.… functions: tokensheet's add-in for Excel, from a folder on a web server, "
    "from `tokensheet serve`, or in xlwings Lite or Server.",
}
KEPT = " Without it the numbers are those that were stored: they stay until something recalculates them."


class Kernel(Ledger):
    """A workbook under construction: its pages, and every block of numbers by name."""

    def __init__(self, file: Any, flavour: str, about: Any, inputs: Sequence[Input], today: date,
                 typed: Mapping[Place, Any] = {}) -> None:  # fmt: skip
        author = f"tokensheet {made_by()}"
        created = datetime(today.year, today.month, today.day)
        properties = {"title": about.title, "subject": about.purpose, "author": author, "created": created}
        super().__init__(file, flavour, properties, inputs, today, typed)
        self.about = about
        self.contents = BEFORE | about.sheets | AFTER
        if not about.catalogue:
            del self.contents["Catalogue"]
        self.pages = {name: Page(self, name) for name in self.contents}
        for name, value in self.facts(flavour).items():
            self.raw.set_custom_property(name, value)
        page = self.page("Inputs", "Change the blue cells; the live column is the scenario's. Everything else follows.")
        write_inputs(page, about.sections(inputs), self.blocks)

    def facts(self, flavour: str) -> dict[str, str]:
        """What the file says of itself, for programs."""
        given = json.dumps({key: each.default for key, each in self.inputs.items()}, default=list)
        return {
            "tokensheet version": made_by(),
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
        rents = {
            name: rent for each in self.inputs.values() if isinstance(each, Rents) for name, rent in each.rents.items()
        }
        write_catalogue(page, used["chip"], used["model"], self.blocks, self.today, market, rents)
        write_picks(self.pages["Inputs"], [*self.inputs.values()], self.blocks)

    def page(self, name: str, subtitle: str, columns: int = 12, width: float = 12) -> Page:
        """The page of that name, to be filled."""
        page = self.pages[name]
        page.start(subtitle, columns, width, self.about.title if name == "Board" else "")
        return page

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
        board = self.pages["Board"]
        one_page(board, board.row, board.columns)
        board.raw.activate()
        self.store()

    def words(self) -> dict[str, str]:
        """What About says to a reader."""
        wants = {"Add-in": WANTS[self.flavour] + KEPT} if self.flavour in WANTS else {}
        return wants | {
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


def made_by() -> str:
    """The version of tokensheet that a workbook says it is made by."""
    return version("tokensheet")


def catalogue_date() -> str:
    """The newest date of the catalogue's rows."""
    rows = [*ts.chips().values(), *ts.models().values()]
    return max(row.get(key) or "" for row in rows for key in ("spec_date", "price_date", "date"))
