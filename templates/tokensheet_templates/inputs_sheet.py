"""The sheet Inputs: each number live, low, base and high, within limits, with its source; a cell picks the scenario."""

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
from tokensheet.cell import Cell
from tokensheet.spelling import LONGEST_TEXT
from xlsxwriter.utility import xl_rowcol_to_cell as address

from tokensheet_templates.book import Block, Blocks, Lines
from tokensheet_templates.declared import KINDS, SCENARIOS, Input, Rents
from tokensheet_templates.ledger import SHOWN
from tokensheet_templates.page import FIRST, LABEL, TOP, Page
from tokensheet_templates.plumbing import along, link
from tokensheet_templates.style import style_of
from tokensheet_templates.unlikely import HEADS, alert_unusual

LOW, BASE, HIGH, LEAST, MOST, SOURCE, DATE, OWNER, NOTE, WITHIN, TEMPLATES, PARTLESS, USUAL = range(
    FIRST + 1, FIRST + 14
)
THE_TEMPLATES = "The template's"  # head of what the template had
HEADERS = (
    "Live",
    *SCENARIOS,
    "Min",
    "Max",
    "Source",
    "Date",
    "Owner",
    "Note",
    "In range, 1 or 0",
    THE_TEMPLATES,
    "Whole, 1 or 0",
    *HEADS,
)
COLUMNS = {FIRST: 13, LOW: 12, BASE: 12, HIGH: 12, LEAST: 10, MOST: 14, SOURCE: 34, DATE: 11, OWNER: 11, NOTE: 44,
           WITHIN: 17, TEMPLATES: 24, PARTLESS: 15, **dict.fromkeys(range(USUAL, USUAL + len(HEADS)), 16)}  # fmt: skip
SCENARIO = TOP + 1  # row of the scenario's pick


@along("across")
def live(values: Cell, scenario: Cell) -> Cell:
    """The value of the scenario."""
    found = values.value[:, [int(scenario.value) - 1]]
    return Cell(f"INDEX({values.text},1,{scenario.text})", found, many=False)


@along("across")
def are_whole(values: Cell) -> Cell:
    """1 if the scenarios add up to a whole number; of what may have parts 1 stands there."""
    sums = values.value.sum(axis=1, keepdims=True)
    return Cell(f"1*(MOD(SUM({values.text}),1)=0)", np.where(sums % 1 == 0, 1.0, 0.0), many=False)


@along("across")
def in_range(values: Cell, least: Cell, most: Cell, whole: Cell) -> Cell:
    """1 if all three scenarios are numbers within the limits, and whole ones where that is asked."""
    text = f"AND(COUNT({values.text})>2,MIN({values.text})>={least.text},MAX({values.text})<={most.text})"
    return Cell(f"{whole.text}*{text}", np.ones((len(values.value), 1)), many=False)


def scenario_column(scenario: Cell, names: Cell) -> Cell:
    """The place of the scenario's column; what is none counts as the base, and a check says so."""
    place = 1.0 + [*names.value.flat].index(scenario.value)
    return Cell(f"IFERROR(MATCH({scenario.text},{names.text},0),2)", place)


def write_inputs(sheet: Page, sections: Mapping[str, Sequence[Input]], blocks: Blocks) -> None:
    for column, width in COLUMNS.items():
        sheet.width(column, width)
    sheet.columns = WITHIN + 1  # what it was made with is for programs
    write_head(sheet, "Scenario")
    sheet.put(SCENARIO, LABEL, [["Scenario", "text"]], "bold")
    sheet.put(SCENARIO, SOURCE, "your choice", "note small indent")
    sheet.put(SCENARIO, DATE, [[sheet.book.today.isoformat(), "you"]], "note small")
    blocks["scenario_name"] = sheet.put(SCENARIO, FIRST, SCENARIOS[1], "input center")
    let_pick(sheet, blocks["scenario_name"], "Scenario", list(SCENARIOS), ", ".join(SCENARIOS))
    names = Block(sheet.name, TOP, LOW, np.array([SCENARIOS], object))
    sheet.put(SCENARIO + 1, LABEL, [["Its column", "number"]])
    blocks["scenario"] = sheet.fill(
        SCENARIO + 1,
        FIRST,
        scenario_column,
        local(blocks["scenario_name"].cell),
        local(names.whole),
        style="whole center",
    )
    known = any_of(blocks["scenario_name"].cell, SCENARIOS)
    sheet.book.expect(f"Inputs, row {SCENARIO + 1}, Scenario: {', '.join(SCENARIOS)}", known)
    sheet.row = SCENARIO + 3
    for title, inputs in sections.items():
        sheet.row = write_head(sheet, title)
        for each in inputs:
            if not isinstance(each, Rents):  # they stand on Catalogue
                write_input(sheet, each, blocks, sheet.book.today)
        sheet.row += 1


def write_head(sheet: Page, title: str) -> int:
    """The heads of a section; gives the row below."""
    sheet.starts.append(sheet.row)
    sheet.put(sheet.row, LABEL, [[title, "Unit"]], "head")
    sheet.put(sheet.row, FIRST, [[*HEADERS[:6]]], "head right")
    sheet.put(sheet.row, SOURCE, HEADERS[6], "head indent")
    sheet.put(sheet.row, DATE, [[*HEADERS[7:]]], "head")
    return sheet.row + 1


def write_input(sheet: Page, each: Input, blocks: Blocks, today: date) -> None:
    """The rows of an input."""
    top, style = sheet.row, each.style or ("shrink" if each.choices else style_of(each.key, each.unit))
    templates = each.templates or each.rows
    for row, (name, values) in enumerate(zip(each.each, each.rows, strict=True), top):
        label = f"{each.label} {name}".strip()
        sheet.put(row, LABEL, [[label, SHOWN.get(each.unit, each.unit)]], "shrink")
        write_values(sheet, row, each, values, style)
        sheet.put(row, LEAST, [[None, None] if each.choices else [each.least, each.most]], f"data {style}")
        sheet.put(row, SOURCE, each.source, "note small indent")
        sheet.put(row, DATE, today.isoformat(), "note small")
        owner = sheet.put(row, OWNER, each.owner, "input small")
        short = {"validate": "length", "criteria": "<=", "value": 60, "ignore_blank": False}
        validate(sheet, owner, "Owner", "who answers for this number, in 60 characters", short)
        sheet.put(row, NOTE, each.note, "note small")
        sheet.put(row, TEMPLATES, as_text(templates[row - top]) if row - top < len(templates) else "", "note small")
    rows = slice(0, len(each.rows))
    given = [[value if value is not None else values[1] for value in values] for values in each.rows]
    triples = blocks[f"{each.key} scenarios"] = Block(
        sheet.name, top, LOW, np.array(given, float if numeric(given) else object)
    )
    blocks[each.key] = sheet.fill(
        top,
        FIRST,
        live,
        Lines(triples, "across"),
        blocks["scenario"].cell,
        style=f"{style} right",
        relative=True,
    )
    sheet.row += len(each.rows)
    if each.choices in KINDS:
        return  # the catalogue is not written yet
    if each.choices:
        base = triples.take(rows, slice(1, 2))
        let_pick(sheet, base, each.label, list(each.choices), ", ".join(each.choices))
        test = lambda cell: one_if(any_of(cell, each.choices))  # noqa: E731
        within = sheet.fill(top, WITHIN, test, base, style="whole center", relative=True)
    else:
        limits = (Block(sheet.name, top, column, np.full((len(each.rows), 1), limit))
                  for column, limit in ((LEAST, each.least), (MOST, each.most)))  # fmt: skip
        if each.whole:
            look = "whole center"
            whole = sheet.fill(top, PARTLESS, are_whole, Lines(triples, "across"), style=look, relative=True)
        else:
            whole = sheet.put(top, PARTLESS, [[1.0]] * len(each.rows), "data whole center")
        within = sheet.fill(
            top, WITHIN, in_range, Lines(triples, "across"), *limits, whole, style="whole center", relative=True
        )
        let_type(sheet, triples, each)
    expect_within(sheet, within, each)
    for i, name in enumerate(each.each if not each.choices else ()):
        typed, label = triples.take(slice(i, i + 1)), f"{each.label} {name}".strip()
        least = max(each.least, each.whole)  # what is whole and more than 0 is 1 at least
        alert_unusual(sheet, typed, each.key, each.unit, label, USUAL, least, each.most)


def write_values(sheet: Page, row: int, each: Input, values: Sequence[Any], style: str) -> None:
    """Low, base and high; what has no scenarios of its own follows the base, until somebody types over it."""
    base = sheet.put(row, BASE, values[1], f"input {style} right")
    for column, value in ((LOW, values[0]), (HIGH, values[2])):
        if value is not None:
            sheet.put(row, column, value, f"input {style} right")
        else:
            sheet.fill(
                row,
                column,
                link,
                base,
                style=f"{style} right",
                relative=True,
            )


def as_text(values: Sequence[Any]) -> str:
    """The values that the template has, in words, so that it can be told what was changed."""
    return " / ".join("follows" if value is None else repr(value) for value in values)


def expect_within(sheet: Page, within: Block, each: Input) -> None:
    for i, name in enumerate(each.each):
        row, allowed = within.row + i, f"{each.least:g} to {each.most:g}" + ", whole" * each.whole
        allowed = any_listed(each) if each.choices in KINDS else ", ".join(each.choices) or allowed
        words = f"Inputs, row {row + 1}, {f'{each.label} {name}'.strip()}: {allowed}"
        sheet.book.expect(words, within.take(slice(i, i + 1)).cell == 1)


def any_listed(each: Input) -> str:
    return f"any {KINDS[str(each.choices)]} of Catalogue"


def write_picks(sheet: Page, inputs: Sequence[Input], blocks: Blocks) -> None:
    """What holds of the inputs that pick from the catalogue, once it is written."""
    for each in inputs:
        if each.choices in KINDS:
            names = blocks[f"{each.choices}_names"]
            base = blocks[f"{each.key} scenarios"].take(columns=slice(1, 2))
            let_pick(sheet, base, each.label, f"={names.sheet}!{names.range}", any_listed(each))
            within = sheet.fill(base.row, WITHIN, is_listed, base, names.whole, style="whole center", relative=True)
            expect_within(sheet, within, each)


def is_listed(name: Cell, names: Cell) -> Cell:
    """1 if it is the very name of one: HLOOKUP also takes `H1*` for one."""
    row = names.text.replace("$", "", 1).replace(":$", ":")  # one row, so that its number alone is fixed
    text = f"IFERROR(1*(HLOOKUP({name.text},{row},1,0)={name.text}),0)"
    return Cell(text, np.ones(np.shape(name.value)), many=False)


def local(cell: Cell) -> Cell:
    """A cell for formulas of its own sheet."""
    return Cell(cell.text.partition("!")[2], cell.value, many=cell.many)


def one_if(test: Any) -> Any:
    return np.where(test, 1, 0)


def any_of(cell: Any, texts: Sequence[str]) -> Any:
    """Whether a cell holds one of the texts."""
    return functools.reduce(operator.or_, [cell == text for text in texts])


def numeric(rows: Sequence[Sequence[Any]]) -> bool:
    return all(isinstance(value, int | float) for row in rows for value in row)


def let_pick(sheet: Page, block: Block, title: str, source: Any, message: str) -> None:
    """A list of what the cells of a block may hold."""
    if not isinstance(source, str) and (any("," in text for text in source) or len(",".join(source)) > LONGEST_TEXT):
        raise ValueError(
            f"{title}: Excel's list of choices has no commas in them, and {LONGEST_TEXT} characters at most"
        )
    rule = {"validate": "list", "source": source, "ignore_blank": False}
    validate(sheet, block, title, message, rule)


def let_type(sheet: Page, block: Block, each: Input) -> None:
    """Numbers within the limits that stand beside them."""
    least, most = (f"={address(block.row, column, False, True)}" for column in (LEAST, MOST))
    kind = "integer" if each.whole else "decimal"
    rule = {"validate": kind, "criteria": "between", "minimum": least, "maximum": most, "ignore_blank": False}
    validate(sheet, block, each.label, f"{each.least:g} to {each.most:g} {each.unit}{', whole' * each.whole}", rule)


def validate(sheet: Page, block: Block, title: str, message: str, rule: Mapping[str, Any]) -> None:
    last = block.row + block.values.shape[0] - 1, block.column + block.values.shape[1] - 1
    words = {"input_title": title[:32], "input_message": message[:255], "error_message": f"{title}: {message}"[:225]}
    sheet.raw.data_validation(block.row, block.column, *last, {**rule, **words})
