"""What a token costs, with sliders: a marimo notebook, `marimo run docs/notebooks/what_a_token_costs.py`."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="What a token costs")


@app.cell
def _():
    import marimo as mo
    import tokensheet as ts

    return mo, ts


@app.cell
def _(mo):
    mo.md("""
    # What a token costs, and why

    Pick a model, a chip and a load. What you see is `tokensheet.explain` of `decode_cost`: the same numbers as in the
    workbooks and in `=DECODE_COST(…)`.
    """)
    return


@app.cell
def _(mo, ts):
    rented = [name for name, row in ts.chips().items() if row["usd_per_hour"]]
    model = mo.ui.dropdown(list(ts.models()), value="DeepSeek-V3", label="Model", searchable=True)
    chip = mo.ui.dropdown(rented, value="H200 SXM", label="Chip", searchable=True)
    batch = mo.ui.slider(steps=[2**n for n in range(11)], value=64, label="Batch", show_value=True)
    context = mo.ui.slider(steps=[2**n for n in range(9, 18)], value=4096, label="Context", show_value=True)
    precision = mo.ui.dropdown(["bf16", "fp8", "fp4"], value="fp8", label="Precision")
    utilization = mo.ui.slider(10, 100, 5, value=60, label="Utilization, %", show_value=True)
    mo.vstack([mo.hstack([model, chip, precision], justify="start"), batch, context, utilization])
    return batch, chip, context, model, precision, utilization


@app.cell
def _(batch, chip, context, mo, model, precision, ts, utilization):
    load = {"model": model.value, "chip": chip.value, "context": context.value}
    terms = {"precision": precision.value, "utilization": utilization.value / 100}
    try:
        answer = ts.explain(ts.decode_cost, batch=batch.value, **load, **terms)
    except (LookupError, ValueError) as error:  # it does not fit, or the catalogue lacks a number: the error says which
        answer = mo.callout(str(error), kind="warn")
    answer  # noqa: B018  (what a cell ends with is shown)
    return answer, load, terms


@app.cell
def _(load, mo, terms, ts):
    def row(batch):
        try:
            ends = {
                end: ts.decode_cost(batch=batch, estimate=end, **load, **terms) for end in ("low", "calibrated", "high")
            }
            speed = 1 / ts.decode_time(batch=batch, **load, precision=terms["precision"])
        except (LookupError, ValueError) as error:
            return {"batch": batch, "why not": str(error)}
        dollars = {f"$ a million tokens, {end}": round(cost * 1e6, 3) for end, cost in ends.items()}
        return {"batch": batch, **dollars, "tokens/s for each": round(speed, 1)}

    mo.vstack([mo.md("## Why batching is worth so much"), mo.ui.table([row(2**n) for n in range(11)], selection=None)])
    return


if __name__ == "__main__":
    app.run()
