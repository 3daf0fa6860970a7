"""WHY, `tokensheet why` and `tokensheet.explain`: the terms of an answer, what binds, and what would change it most."""

import json
import re
from contextlib import suppress
from typing import Any

import pytest
import tokensheet as ts
from tokensheet_udfs.convert import call
from tokensheet_udfs.registry import functions

V3: tuple[Any, ...] = ("DeepSeek-V3", "H200", 64, 4096, 8)
ASKED = [
    (ts.decode_time, V3),
    (ts.decode_cost, V3),
    (ts.prefill_cost, ("DeepSeek-V3", "H200", 4096, 8)),
    (ts.request_cost, ("DeepSeek-V3", "H200", 3000, 500, 64, 8)),
]


@pytest.mark.parametrize("estimate", ["ideal", "calibrated", "low", "high"])
@pytest.mark.parametrize(("function", "args"), ASKED, ids=lambda each: getattr(each, "__name__", ""))
def test_an_explanation_ends_in_the_answer_and_its_parts_are_all_of_it(
    function: Any, args: tuple[Any, ...], estimate: str
) -> None:
    explanation = ts.explain(function, *args, estimate=estimate)
    assert explanation.answer.value == function(*args, estimate=estimate)
    assert sum(part.share for part in explanation.parts) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("key", ["batch", "context", "usd_per_hour", "utilization"])
def test_a_share_is_what_one_per_cent_more_changes(key: str) -> None:
    given: dict[str, Any] = {"batch": 64.0, "context": 4096.0, "usd_per_hour": 4.0, "utilization": 0.5}
    explanation = ts.explain(ts.decode_cost, "DeepSeek-V3", "H200", chips=8, **given)
    share = next(each.share for each in explanation.inputs if each.key == key)
    more = ts.decode_cost("DeepSeek-V3", "H200", chips=8, **(given | {key: given[key] * 1.001}))
    assert more / explanation.answer.value - 1 == pytest.approx(share / 1000, rel=0.01)


def test_a_number_of_chips_that_jumps_has_the_share_of_the_side_that_does_not() -> None:
    for chips in (1, 8, 32):
        shares = [abs(each.share) for each in ts.explain(ts.decode_time, "Llama-3.1-8B", "H100", 8, 4096, chips).inputs]
        assert max(shares) < 3


def test_the_inputs_that_change_most_come_first() -> None:
    shares = [abs(each.share) for each in ts.explain(ts.decode_cost, *V3).inputs]
    assert shares == sorted(shares, reverse=True)


def test_what_binds_is_said() -> None:
    assert ts.explain(ts.decode_time, "DeepSeek-V3", "H200", 1, 4096, 8).binds == "weights"
    assert ts.explain(ts.decode_time, "Llama-3.1-8B", "H200", 64, 128000, 8).binds == "kv"
    assert ts.explain(ts.decode_time, "Llama-3.1-8B", "H200", 4096, 8, 8).binds == "compute"


def test_a_single_equation_is_explained_too() -> None:
    inputs = {each.key: each.share for each in ts.explain(ts.compute_time, 64, 37e9, 989e12).inputs}
    assert inputs == pytest.approx({"batch": 1, "active_params": 1, "flops_per_param": 1, "flops": -1}, abs=1e-5)


def test_why_in_a_cell_is_a_sentence() -> None:
    text = call(functions()["WHY"], ("DECODE_COST", *V3)).item()
    assert text.startswith(
        "2.106e-06 USD/token = time to read the weights as they are spread 62%, fixed time of the layers 22%"
    )
    assert "the roofline is bound by weights" in text
    assert text.endswith("batch -0.66")


def test_why_of_a_range_explains_each_cell() -> None:
    found = call(functions()["WHY"], ("DECODE_COST", "DeepSeek-V3", "H200", ((64,), ("x",), ("1M",)), "4k", 8))[:, 0]
    assert found[0] == ts.explain(ts.decode_cost, "DeepSeek-V3", "H200", 64, 4000, 8).sentence()
    assert found[1].startswith('batch: "x" is not a number')
    assert found[2].startswith("DeepSeek-V3 does not fit: 671 GB of weights")


def test_why_of_a_row_of_ones_own() -> None:
    mine = (("Mine", None, 1e15, 2e15, None, 200e9, 4e12, 3.0),)
    text = call(functions()["WHY"], ("DECODE_TIME", "Llama-3.1-70B", mine, 64, 4096, 1, "fp8", "ideal")).item()
    assert text.startswith("0.02837 s = time to read the weights 62%")


def test_what_was_not_asked_cannot_be_explained() -> None:
    with pytest.raises(TypeError, match="give an equation or a function over names itself"):
        ts.explain("DECODE_COST", *V3)  # type: ignore[arg-type]
    with pytest.raises(ts.DoesNotFit, match="8 x H100 SXM have 640 GB, of which 10% stay free"):
        ts.explain(ts.decode_cost, "DeepSeek-V3", "H100", 64, 4096, 8)
    with pytest.raises(ts.DomainError, match="batch must be > 0, not 0"):
        ts.explain(ts.decode_cost, "DeepSeek-V3", "H100", 0, 4096, 8)


def test_an_explanation_as_data_and_as_a_frame() -> None:
    explanation = ts.explain(ts.decode_cost, *V3)
    assert json.loads(json.dumps(explanation.as_data()))["value"] == explanation.answer.value
    assert explanation.to_frame().loc["step_time", "unit"] == "s"


def test_an_explanation_is_a_screen_of_a_terminal_and_its_steps_are_all_of_it() -> None:
    explanation = ts.explain(ts.decode_cost, *V3)
    lines = str(explanation).splitlines()
    assert len(lines) < 24
    assert max(map(len, lines)) <= 80
    assert lines[0] == "Cost of a token, estimated: $2.106 a million tokens"
    assert lines[4].split() == [
        "61.8%",
        "████████████▍",
        *["Time", "to", "read", "the", "weights", "as", "they", "are", "spread"],
        "18.28",
        "ms",
    ]
    assert lines[-1].endswith("more that change it by 0.18 or less")
    steps = explanation.steps()
    assert all(each.label in steps for each in (*explanation.terms, *explanation.inputs))
    assert explanation._repr_html_() == f"<pre>{explanation}</pre>"


NUMBER = re.compile(r"-?\$?[\d,.]+(e[+-]\d+)?[TBM]?( [-\w/%µ]+| a million tokens|/\w+)*")
GIVEN = {"model": "Llama-3.1-8B", "chip": "H200"}


def test_every_number_of_every_explanation_is_one_that_people_read() -> None:
    answered = 0
    for function in functions().values():
        if function.traceable or hasattr(function.python, "chain"):
            with suppress(ts.DomainError):  # one of everything may have no answer
                found = ts.explain(
                    function.python, *(GIVEN.get(p.name, 1.0) for p in function.parameters if p.required)
                )
                answered += 1
                for term in (*found.terms, *found.inputs):
                    assert isinstance(term.value, str | bool) or NUMBER.fullmatch(term.amount)
    assert answered > 100


def test_what_was_never_measured_is_said() -> None:
    explanation = ts.explain(ts.decode_cost, "Qwen3-8B", "TPU v6e", 8, 4096, usd_per_hour=1)
    said = explanation.sentence()
    (note,) = explanation.as_data()["notes"]
    assert f"\n{note}.\n" in str(explanation)
    assert note.startswith("The estimate was fitted without TPU v6e")
    assert "; the estimate was fitted without TPU v6e and Qwen3-8B, and without any chip of Google" in said
    assert "little more than a guess" in str(ts.explain(ts.decode_time, "DeepSeek-V3", "TPU7x", 8, 4096))
    assert ts.explain(ts.decode_cost, *V3).notes == ()
    assert ts.explain(ts.decode_time, "Qwen3-8B", "TPU v6e", 8, 4096, estimate="ideal").notes == ()
    assert ts.explain(ts.compute_time, 64, 37e9, 989e12).notes == ()


def test_what_is_unlikely_is_said_beside_the_answer() -> None:
    explanation = ts.explain(ts.decode_cost, "DeepSeek-V3", "H200", 0.5, 2e7, 800.5, usd_per_hour=True)
    assert explanation.answer.value > 0
    assert [note.partition(": ")[0] for note in explanation.notes] == [
        "context 2e+07 is above the usual 1 to 1e+07 tokens",
        "batch 0.5 is below the usual 1 to 100000 sequences",
        "own_chips 800.5 is no whole number",
        "usd_per_hour is TRUE, which counts as 1",
    ]
    assert [line for line in str(explanation).splitlines() if line.startswith("batch 0.5 is below")]
    assert "; batch 0.5 is below the usual" in explanation.sentence()


def test_why_of_an_equation_says_it_too_of_each_cell() -> None:
    found = call(functions()["WHY"], ("MEMORY_TIME", "671B", 1, ((3350,), ("3.35T",))))[:, 0]
    assert found[0] == (
        "200298507.46 s = total_params*bytes/bandwidth; bandwidth 3350 is below the usual 1e+08 to 1e+19 bytes/s: "
        'bandwidth is in bytes/s, as 3.35e12 or "3.35T"'
    )
    assert found[1] == "0.20029850746 s = total_params*bytes/bandwidth"


def test_an_argument_has_the_unit_that_its_equation_gives_it() -> None:
    explanation = ts.explain(ts.margin, 10, 4)  # dollars, where a price is of a token elsewhere
    assert {each.key: each.unit for each in explanation.inputs} == {"price": "USD", "cost": "USD"}
    assert explanation.notes == ()
