"""The sheets of the cost grid, from the inputs to the checks."""

from __future__ import annotations

from inspect import signature
from typing import TYPE_CHECKING, Any

import numpy as np
from tokensheet.calibration import HIGH, LOW, MOST_IN_TENSOR_PARALLEL, PCIE, calibration
from tokensheet.equation import excel_name
from tokensheet.serving import PRECISIONS

from tokensheet_templates.book import Block, Sheet, link
from tokensheet_templates.cost_grid.calculation import (
    ASSUMED,
    CAPTION,
    CHECKS,
    NOTHING,
    OF_CHIP,
    OF_CURVE,
    OF_GRID,
    OF_INPUTS,
    OF_MODEL,
    OF_ONE,
    OF_PAIR,
    UNFIT,
    UNPRICED,
    UNSHAPED,
    Blocks,
    assumptions,
    caption,
    verdict,
)
from tokensheet_templates.style import ACCENT, GOOD, LINE, MUTED, POOR, TERMS

if TYPE_CHECKING:
    from tokensheet_templates.cost_grid import CostGrid

IDEAL = (
    "Price, what binds and latency: ideal roofline, a lower bound. "
    "Estimate: what decoding costs as served, with the ends of an 80 % band."
)
POINTS = 13  # of the curves against batch
CHIP_NAMES, FIRST_MODEL = 6, 9  # rows of the sheet Grid; between them each chip's rent and what it is based on
SHEETS = {
    "About": "What this workbook is and how to use it",
    "Inputs": "The numbers to change",
    "Chips": "Chips with their prices, sources and dates",
    "Models": "Models with their sources and dates",
    "Working": "Every step of the calculation, one function a cell",
    "Grid": "The result: $ per million output tokens, what binds, and the latency",
    "Pair": "One chip and model in detail, with curves against batch",
    "Checks": "What was checked, and the total",
}


def write_inputs(sheet: Sheet, grid: CostGrid) -> Blocks:
    sheet.heading("Inputs", "Change the blue cells; everything else follows.", {0: 30, 1: 12, 2: 16, 3: 18, 4: 80})
    sheet.put(4, 0, "Input", "head")
    sheet.put(4, 1, "Value", "head right")
    sheet.put(4, 2, [["Unit", "Allowed", "What it means"]], "head indent")
    above_0 = {"validate": "decimal", "criteria": ">", "value": 0}
    from_0 = {"validate": "decimal", "criteria": ">=", "value": 0}
    formats = {"validate": "list", "source": list(PRECISIONS)}
    used = {"validate": "decimal", "criteria": "between", "minimum": 0.01, "maximum": 1}
    free = {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 0.95}
    listed = ", ".join(PRECISIONS)
    # key, label, value, style, unit, allowed, validation, meaning
    rows: list[tuple[str, str, float | str, str, str, str, Any, str]] = [
        ("batch", "Batch", grid.batch, "whole", "sequences", "above 0", above_0,
         "Sequences that decode together; each gets one new token in a step."),
        ("context", "Context", grid.context, "whole", "tokens", "0 or more", from_0,
         "Tokens of context in each sequence, all of them in its KV cache."),
        ("precision", "Precision of the weights", grid.precision, "right", "format", listed, formats,
         "And of the arithmetic; a chip without it computes in the next wider format that it has."),
        ("kv_precision", "Precision of the KV cache", grid.kv_precision, "right", "format", listed, formats,
         "What the values of the KV cache are stored in."),
        ("chips", "Chips per model", grid.chips_per_model, "whole", "chips", "above 0", above_0,
         "Chips of one scale-up domain that hold one copy of the model together."),
        ("utilization", "Utilization", grid.utilization, "percent", "share of time", "1 % to 100 %", used,
         "Share of the paid time in which the chips decode at this batch."),
        ("headroom", "Memory headroom", grid.headroom, "percent", "share of memory", "0 % to 95 %", free,
         "Memory kept free for activations and buffers."),
        ("flops_per_param", "FLOPs per parameter and token", grid.flops_per_param, "plain", "FLOP", "above 0", above_0,
         "2 counts a multiply and an add, as vendors' FLOP/s do; 1 is the lecture's shorthand."),
    ]  # fmt: skip
    inputs: Blocks = {}
    for row, (key, label, value, style, unit, allowed, validation, meaning) in enumerate(rows, 5):
        sheet.put(row, 0, label)
        inputs[key] = sheet.put(row, 1, value, f"input {style}")
        sheet.put(row, 2, [[unit, allowed, meaning]], "note indent")
        tip = {"input_title": label, "input_message": f"{unit}, {allowed}", "error_message": f"{label}: {allowed}."}
        sheet.raw.data_validation(row, 1, row, 1, validation | tip)
    top = 6 + len(rows)
    sheet.put(top, 0, "Format", "head")
    sheet.put(top, 1, "Bytes a value", "head right")
    inputs["format_names"] = sheet.put(top + 1, 0, [[name] for name in PRECISIONS])
    inputs["format_bytes"] = sheet.put(top + 1, 1, [[width] for width in PRECISIONS.values()], "plain")
    inputs["bf16_bytes"] = inputs["format_bytes"].take(rows=slice(0, 1))
    top += 2 + len(PRECISIONS)
    sheet.put(top, 0, "Estimate", "head")
    sheet.put(top, 1, "Value", "head right")
    sheet.put(
        top,
        2,
        [["Unit", "90 % interval", "Fitted to published measurements; yours if you have measured"]],
        "head indent",
    )
    for row, (key, label, value, unit, interval, meaning) in enumerate(constants(), top + 1):
        sheet.put(row, 0, label)
        shown = {"s": "seconds", "bytes/s": "bandwidth"}.get(unit, "plain")
        inputs[key] = sheet.put(row, 1, value, f"input {shown}")
        sheet.put(row, 2, [[unit, interval, meaning]], "note indent")
    top = row + 2
    sheet.put(top, 0, "80 % band of the estimate", "head")
    sheet.put(top, 1, [["Low", "High"]], "head right")
    for row, unknown in enumerate(("chip and model known to the fit", "one of them", "neither")):
        sheet.put(top + 1 + row, 0, unknown)
    inputs["band_low"] = sheet.put(top + 1, 1, [[low] for low in LOW], "plain")
    inputs["band_high"] = sheet.put(top + 1, 2, [[high] for high in HIGH], "plain")
    top += 5
    sheet.put(top, 0, "Follows from the inputs", "head")
    sheet.put(top, 1, "Value", "head right")
    sheet.put(top, 2, [["Unit", None]], "head indent")
    for row, step in enumerate(OF_INPUTS, top + 1):
        sheet.put(row, 0, step.label)
        step.fill(sheet, row, 1, inputs)
        sheet.put(row, 2, step.unit, "note indent")
    sheet.raw.freeze_panes(5, 1)
    sheet.raw.fit_to_pages(1, 0)
    return inputs


def constants() -> list[tuple[str, str, float, str, str, str]]:
    """The estimate's constants and rules: key, label, value, unit, interval and meaning."""
    fitted = [
        (row["name"], row["name"].replace("_", " ").capitalize(), float(row["value"]),
         row["unit"], f"{row['low']} to {row['high']}", row["meaning"])
        for row in calibration()
    ]  # fmt: skip
    return [
        *fitted,
        ("most_parallel", "Most chips in tensor parallel", MOST_IN_TENSOR_PARALLEL, "chips", "a rule",
         "more chips split attention by sequences"),
        ("pcie", "Link of a chip without one", PCIE, "bytes/s", "a rule", "PCIe 5.0 x16 in one direction"),
    ]  # fmt: skip


def write_names(sheet: Sheet, grid: CostGrid, given: Blocks) -> Blocks:
    """The names that the grid is about: inputs in its first row and column, to be picked from the catalogue."""
    names = {
        "chip": sheet.put(CHIP_NAMES, 1, [grid.chips], "input head center"),
        "model": sheet.put(FIRST_MODEL, 0, [[name] for name in grid.models], "input bold"),
    }
    for kind, block in names.items():
        let_pick(sheet, block, kind, given[f"{kind}_names"])
    return names


def let_pick(sheet: Sheet, block: Block, kind: str, choice: Block) -> None:
    rows, columns = block.values.shape
    sheet.raw.data_validation(
        *(block.row, block.column, block.row + rows - 1, block.column + columns - 1),
        {
            "validate": "list",
            "source": f"={choice.sheet}!{choice.range}",
            "input_title": f"Pick a {kind}",
            "input_message": f"Any of the sheet {choice.sheet}.",
            "error_message": f"The sheet {choice.sheet} has no {kind} of that name.",
        },
    )


def write_working(sheet: Sheet, given: Blocks) -> Blocks:
    """The calculation: a row for each quantity of a chip, a column for each of a model, a block for each of a pair."""
    blocks = dict(given)
    chips, models = given["chip"].values.shape[1], given["model"].values.shape[0]
    sheet.heading(
        "Working",
        "One function a cell, one formula a row, column or block. The functions are named above their blocks.",
        {0: 30, 1: 16} | dict.fromkeys(range(2, 2 + max(chips, len(OF_MODEL))), 13),
    )
    row = 4
    sheet.put(row, 0, [["Chips", "Unit"]], "head")
    header = sheet.fill(row, 2, link, given["chip"], style="head center link")
    for row, step in enumerate(OF_CHIP, row + 1):
        sheet.put(row, 0, [[step.label, step.unit]], "note")
        step.fill(sheet, row, 2, blocks)
    row += 2
    sheet.put(row, 0, [["Models", ""]], "head")
    sheet.put(row, 2, [[step.label for step in OF_MODEL]], "head right")
    sheet.raw.set_row(row, 42)
    sheet.put(row + 1, 0, [["", "", *(step.unit for step in OF_MODEL)]], "note right")
    names = sheet.fill(row + 2, 0, link, given["model"], style="bold link")
    for column, step in enumerate(OF_MODEL, 2):
        step.fill(sheet, row + 2, column, blocks)
    row += models + 3
    for step in OF_PAIR:
        arguments = ", ".join([*signature(step.function).parameters][: len(step.inputs)])
        sheet.put(row, 0, f"{step.label}, {step.unit}: {excel_name(step.function)}({arguments})", "section")
        sheet.fill(row + 1, 2, link, header, style="head center link")
        sheet.fill(row + 2, 0, link, names, style="bold link")
        step.fill(sheet, row + 2, 2, blocks)
        row += models + 3
    sheet.raw.freeze_panes(4, 1)
    sheet.raw.fit_to_pages(1, 0)
    return blocks


def write_grid(sheet: Sheet, working: Blocks) -> Blocks:
    """Blocks side by side: price, what binds, latency, the estimate. The names of the first are the inputs of all."""
    models, chips = len(working["model"].values), working["chip"].values.shape[1]
    sheet.heading("Cost per million output tokens", IDEAL, {})
    sheet.fill(3, 0, assumptions, *(working[key] for key in ASSUMED), style="note")
    blocks = dict(working)
    for number, step in enumerate(OF_GRID):
        first = 1 + number * (chips + 2)
        title = f"{step.label}, {step.unit}"
        sheet.put(5, first - 1, [[None, title, *[None] * (chips - 1)]], "section")
        sheet.put(CHIP_NAMES, first - 1, "Model", "head")
        sheet.put(CHIP_NAMES + 1, first - 1, [["$ per chip and hour"], ["which is"]], "note right")
        sheet.raw.set_column(first - 1, first - 1, 24)
        sheet.raw.set_column(first, first + chips - 1, 12.5)
        if number:
            sheet.raw.set_column(first - 2, first - 2, 3)
            sheet.fill(CHIP_NAMES, first, link, working["chip"], style="head center")
            sheet.fill(FIRST_MODEL, first - 1, link, working["model"], style="bold")
        sheet.fill(CHIP_NAMES + 1, first, link, working["usd_per_hour"], style="link rent center")
        sheet.fill(CHIP_NAMES + 2, first, link, working["basis"], style="link center small")
        step.fill(sheet, FIRST_MODEL, first, blocks)
    sheet.raw.set_row(CHIP_NAMES, 30)
    colour(sheet, blocks)
    sheet.raw.freeze_panes(FIRST_MODEL, 1)
    sheet.raw.repeat_rows(CHIP_NAMES - 1, FIRST_MODEL - 1)
    # a page for each block, as large as the paper allows: about 105 characters by 32 rows at full size
    sheet.raw.set_v_pagebreaks([number * (chips + 2) for number in range(1, len(OF_GRID))])
    sheet.raw.set_print_scale(
        max(10, min(100, int(100 * 105 / (24 + chips * 13)), int(100 * 32 / (models + FIRST_MODEL + 1))))
    )
    return blocks


def colour(sheet: Sheet, blocks: Blocks) -> None:
    """Each model's cheapest chip green; the binding term by its colour; the fastest green."""
    note = sheet.book.style("note")
    for key in ("usd_per_million", "latency", "estimate", "estimate_low", "estimate_high"):
        block = blocks[key]
        for i in range(len(block.values)):
            line = block.take(rows=slice(i, i + 1))
            scale = {"min_color": GOOD, "mid_color": "#FFFFFF", "max_color": POOR}
            sheet.raw.conditional_format(line.range, {"type": "3_color_scale", **scale})
        faint = {"type": "text", "criteria": "containing", "format": note}
        for word in (UNFIT, UNPRICED, UNSHAPED, NOTHING):
            sheet.raw.conditional_format(block.range, faint | {"value": word})
    for term, shade in TERMS.items():
        look = sheet.book.raw.add_format({"bg_color": shade})
        rule = {"type": "cell", "criteria": "==", "value": f'"{term}"', "format": look}
        sheet.raw.conditional_format(blocks["reason"].range, rule)
    needs = {"type": "text", "criteria": "begins with", "value": "needs", "format": note}
    sheet.raw.conditional_format(blocks["reason"].range, needs)


def write_pair(sheet: Sheet, grid: CostGrid, given: Blocks, working: Blocks) -> Blocks:
    """One chip and model step by step, and curves against batch up to the largest that fits."""
    sheet.heading("One chip, one model", IDEAL, {0: 32, 1: 20, 2: 18, 3: 22} | dict.fromkeys(range(4, 10), 15))
    fitting = np.argwhere(working["fits"].values)
    model, chip = fitting[0] if len(fitting) else (0, 0)
    blocks = {
        **given,
        "chip": sheet.put(5, 1, grid.chips[chip], "input right"),
        "model": sheet.put(6, 1, grid.models[model], "input right"),
    }
    sheet.put(4, 0, "Quantity", "head")
    sheet.put(4, 1, "Value", "head right")
    sheet.put(4, 2, [["Unit", "Function"]], "head indent")
    for row, kind in ((5, "chip"), (6, "model")):
        sheet.put(row, 0, kind.capitalize(), "bold")
        sheet.put(row, 2, [["pick one", "(input)"]], "note indent")
        let_pick(sheet, blocks[kind], kind, given[f"{kind}_names"])
    for row, step in enumerate([*OF_CHIP, *OF_MODEL, *OF_PAIR, *OF_ONE], 7):
        sheet.put(row, 0, step.label)
        step.fill(sheet, row, 1, blocks)
        name = excel_name(step.function) if hasattr(step.function, "formula") else ""
        sheet.put(row, 2, [[step.unit, name]], "note indent")
    sheet.fill(3, 0, caption, *(blocks[key] for key in CAPTION), style="bold")
    top = row + 3
    sheet.put(top - 1, 0, "Against batch, up to the largest that fits", "section")
    sheet.put(top, 0, "Point", "head right")
    points = sheet.put(top + 1, 0, [[float(i)] for i in range(POINTS)], "plain")
    curve = {**blocks, "point": points}
    for column, step in enumerate(OF_CURVE, 1):
        sheet.put(top, column, f"{step.label}, {step.unit}", "head right")
        step.fill(sheet, top + 1, column, curve)
    sheet.raw.set_row(top, 42)
    draw(sheet, curve)
    sheet.raw.freeze_panes(5, 1)
    sheet.raw.fit_to_pages(1, 1)
    return blocks | {f"curve_{step.key}": curve[step.key] for step in OF_CURVE}


def draw(sheet: Sheet, curve: Blocks) -> None:
    """Latency and cost against batch, on logarithmic axes."""
    charts = [
        ("Time per output token", "ms", ["step_ms", "compute_ms", "memory_ms"]),
        ("Cost of output tokens", "$ per million", ["usd_per_million"]),
    ]
    grey = {"color": LINE, "width": 0.75}
    for number, (title, unit, series) in enumerate(charts):
        chart = sheet.book.raw.add_chart({"type": "scatter", "subtype": "straight_with_markers"})
        for key in series:
            block = curve[key]
            main = key in ("step_ms", "usd_per_million")
            colour = {"compute_ms": "#E08A1E", "memory_ms": "#8EC5F2"}.get(key, ACCENT)
            chart.add_series(
                {
                    "name": [sheet.name, block.row - 1, block.column],
                    "categories": f"={sheet.name}!{curve['batch'].range}",
                    "values": f"={sheet.name}!{block.range}",
                    "line": {"color": colour, "width": 2.5 if main else 1.25, "dash_type": "solid" if main else "dash"},
                    "marker": {"type": "circle" if main else "none", "size": 5, "fill": {"color": colour}},
                }
            )
        axis = {"log_base": 10, "crossing": "min", "label_position": "low", "num_font": {"color": MUTED}}
        axis |= {"major_gridlines": {"visible": True, "line": grey}, "line": grey}
        chart.set_title({"name": f"{title} against batch", "name_font": {"size": 12, "color": ACCENT}})
        chart.set_x_axis(axis | {"name": "Batch, sequences", "num_format": "#,##0", "min": 1})
        chart.set_y_axis(axis | {"name": f"{title}, {unit}", "num_format": "General"})
        chart.set_legend({"position": "bottom"} if len(series) > 1 else {"none": True})
        chart.set_size({"width": 620, "height": 360})
        sheet.raw.insert_chart(4 + 18 * number, 4, chart, {"x_offset": 20})


def write_checks(sheet: Sheet, working: Blocks, pair: Blocks) -> Block:
    """Each check is 1 or 0; the total stands on every sheet."""
    sheet.heading("Checks", "1 is passed, 0 is failed.", {0: 64, 1: 10, 2: 60})
    sheet.put(4, 0, [["Check", "Passed", "How"]], "head")
    blocks = working | {f"pair_{key}": block for key, block in pair.items()}
    passed = []
    for row, check in enumerate(CHECKS, 5):
        sheet.put(row, 0, check.label)
        sheet.put(row, 2, check.unit, "note indent")
        passed.append(check.fill(sheet, row, 1, blocks, written_out=True).values)
    every = Block(sheet.name, 5, 1, np.vstack(passed))
    for value, shade in ((1, GOOD), (0, POOR)):
        look = sheet.book.raw.add_format({"bg_color": shade})
        sheet.raw.conditional_format(every.range, {"type": "cell", "criteria": "==", "value": value, "format": look})
    sheet.put(row + 2, 0, "All together", "bold")
    sheet.raw.fit_to_pages(1, 0)
    return sheet.fill(row + 2, 1, verdict, every.whole, style="flag")


def write_about(sheet: Sheet, grid: CostGrid, author: str) -> None:
    sheet.heading("What a token costs, and why", "Cost per million output tokens by chip and model.", {0: 22, 1: 100})
    rows = [
        ("Purpose", "Compares the cost of generating a million tokens on different chips for different models."),
        ("What the numbers are", IDEAL),
        ("How to use", "Change the blue cells: the numbers on Inputs, prices on Chips, the names in the first row and "
         "column of Grid, the pair on Pair. The rest follows."),
        ("How it is computed", "A step takes the longer of its compute time (batch x active parameters x 2 / FLOP/s) "
         "and its memory time (all weights and every sequence's KV cache / bandwidth); the batch shares its rent."),
        ("Estimate", "The bound with what engines reach of it: five constants on Inputs, fitted to 2,348 published "
         "measurements of NVIDIA chips; for others it is a guess. Decoding alone, without the prompts' work."),
        ("Equations", "Reiner Pope, blackboard lecture on how LLMs are trained and served, 2026-04-29."),
        ("No price", f'"{UNFIT}": weights and KV cache exceed the memory of the chips. '
         f'"{UNPRICED}": fill in a price on Chips.'),
        ("Written by", f"{author}, {grid.today.isoformat()}"),
    ]  # fmt: skip
    for row, (label, text) in enumerate(rows, 4):
        sheet.put(row, 0, label, "bold wrap")
        sheet.put(row, 1, text, "wrap")
        sheet.raw.set_row(row, 30 if len(text) > 105 else 16)
    row += 2
    sheet.put(row, 0, [["Sheet", "What is on it"]], "head")
    for row, (name, what) in enumerate(SHEETS.items(), row + 1):
        sheet.raw.write_url(row, 0, f"internal:{name}!A1", sheet.book.style("link"), name)
        sheet.put(row, 1, what)
    row += 2
    sheet.put(row, 0, [["Colour", "Meaning"]], "head")
    for row, (style, meaning) in enumerate(
        [("input", "input, yours to change"), ("text", "formula"), ("link", "taken over from another sheet"),
         ("unverified", "number from the catalogue that could not be verified")], row + 1
    ):  # fmt: skip
        sheet.put(row, 0, style, style)
        sheet.put(row, 1, meaning)
    sheet.raw.fit_to_pages(1, 0)
