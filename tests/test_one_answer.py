"""One question, one answer: asked of Python, of a cell, of the command line and of a workbook."""

import json
from typing import Any

import pytest
import tokensheet as ts
from hypothesis import given, settings
from hypothesis import strategies as st
from tokensheet.asked import ENDS
from tokensheet.numbers import FORMATS, KV_FORMATS
from tokensheet.rents import BASES
from tokensheet_addin.cli import app
from tokensheet_templates import cost_grid
from tokensheet_udfs.convert import call
from tokensheet_udfs.registry import functions
from typer.testing import CliRunner

PRICED = [name for name in ts.chips() if any(ts.chips(basis)[name]["usd_per_hour"] for basis in BASES)]
QUESTIONS = st.fixed_dictionaries(
    {
        "model": st.sampled_from([*ts.models()]),
        "chip": st.sampled_from(PRICED),
        "batch": st.sampled_from([1.0, 7.0, 64.0, 1000.0]),
        "context": st.sampled_from([1.0, 100.0, 4096.0, 131072.0]),
    },
    optional={
        "chips": st.sampled_from([1.0, 8.0, 9.0, 64.0]),
        "precision": st.sampled_from([*FORMATS]),
        "kv_precision": st.sampled_from([*KV_FORMATS]),
        "tensor_parallel": st.sampled_from([1.0, 4.0]),
        "stages": st.sampled_from([1.0, 3.0]),
        "headroom": st.sampled_from([0.0, 0.2]),
        "utilization": st.sampled_from([0.4, 1.0]),
        "price_basis": st.sampled_from(BASES),
    },
)


def in_python(question: dict[str, Any]) -> float | str:
    try:
        return float(ts.decode_cost(**question))
    except LookupError as error:
        return str(error)


def in_a_cell(question: dict[str, Any]) -> float | str:
    function = functions()["DECODE_COST"]
    found = call(function, [question.get(each.name) for each in function.parameters]).item()
    return found if isinstance(found, float) else str(found.reason)


def on_the_command_line(question: dict[str, Any]) -> float | str:
    options = [f"--{name.replace('_', '-')}={value}" for name, value in question.items()]
    run = CliRunner().invoke(app, ["why", "decode-cost", "--json", *options])
    return str(run.exception) if run.exception else float(json.loads(run.stdout)["value"])


def in_a_workbook(question: dict[str, Any]) -> float | str:
    asked = dict(question)
    estimate = asked.pop("estimate", "calibrated")
    if "chips" in asked:
        asked["chips_per_model"] = asked.pop("chips")
    asked.setdefault("utilization", 1)  # which a workbook leaves at half
    row = cost_grid([asked.pop("chip")], [asked.pop("model")], **asked).to_frame().iloc[0]
    cost = row[f"{ENDS[estimate]}token_cost"]
    return float(cost) if cost == cost else "no price"


@settings(max_examples=25, deadline=None)
@given(question=QUESTIONS, estimate=st.sampled_from([*ENDS]))
def test_whoever_is_asked_answers_alike(question: dict[str, Any], estimate: str) -> None:
    question = question | {"estimate": estimate}
    answer = in_python(question)
    assert in_a_cell(question) == answer
    assert on_the_command_line(question) == answer
    if isinstance(answer, float):
        assert in_a_workbook(question) == pytest.approx(answer, rel=1e-12)
    else:
        assert in_a_workbook(question) == "no price"
