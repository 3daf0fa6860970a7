"""The chains: in order, whole, described, and the only place where the equations are put together."""

import ast
import inspect
import re
from pathlib import Path

import pytest
import tokensheet as ts
from tokensheet import chains
from tokensheet.catalogue import chips, models
from tokensheet.chain import Chain, Quantity
from tokensheet.glossary import GLOSSARY
from tokensheet.numbers import (
    DEFAULTS,
    FORMATS,
    numbers_of_band,
    numbers_of_chip,
    numbers_of_formats,
    numbers_of_model,
    numbers_of_power,
    stands_in,
)
from tokensheet_udfs.registry import functions

CORE = Path(ts.__file__).parent
CHAINS = {name: getattr(chains, name) for name in chains.__dict__ if name.isupper()}
LOAD = {"batch", "context", "input_tokens", "output_tokens", "users", "training_tokens", "chips", "mfu"}  # to be given


@pytest.mark.parametrize("chain", CHAINS.values(), ids=CHAINS)
def test_every_quantity_stands_behind_what_it_is_made_of_and_once(chain: Chain) -> None:
    keys = [each.key for each in chain]
    assert len(keys) == len(set(keys))
    seen = set(chain.given())
    for each in chain:
        assert set(each.inputs) <= seen, each.key
        seen.add(each.key)


@pytest.mark.parametrize("chain", CHAINS.values(), ids=CHAINS)
def test_every_input_is_in_the_glossary_and_comes_from_somewhere(chain: Chain) -> None:
    chip = chips()["H100 SXM"]
    looked_up = numbers_of_chip(chip, "fp8") | numbers_of_power(chip) | numbers_of_model(models()["DeepSeek-V3"])
    known = LOAD | {*DEFAULTS, *looked_up, *numbers_of_formats("fp8"), *numbers_of_band(chip, models()["DeepSeek-V3"])}
    assert set(chain.given()) <= known
    assert set(chain.given()) <= set(GLOSSARY)


@pytest.mark.parametrize("chain", CHAINS.values(), ids=CHAINS)
def test_every_quantity_is_an_equation_with_a_unit_of_as_many_arguments(chain: Chain) -> None:
    for each in chain:
        assert functions()[each.equation.__name__.upper()].python is each.equation
        assert each.unit
        required = [p for p in inspect.signature(each.equation).parameters.values() if p.default is p.empty]
        assert len(required) <= len(each.inputs) <= len(inspect.signature(each.equation).parameters)


def test_a_chain_gives_cells_what_it_gives_numbers() -> None:
    chip, model = chips()["H100 SXM"], models()["DeepSeek-V3"]
    numbers = DEFAULTS | numbers_of_formats("fp8") | numbers_of_band(chip, model)
    numbers |= numbers_of_chip(chip, "fp8") | numbers_of_model(model)
    numbers |= {"batch": 64.0, "context": 4096.0, "input_tokens": 3000.0, "output_tokens": 500.0, "users": 64.0}
    for chain in (chains.DECODE, chains.PROMPT, chains.SERVICE):
        values = chain.evaluate({key: numbers[key] for key in chain.given()})
        for each in chain:
            cell = each.equation(*(ts.Cell(key, values[key]) for key in each.inputs))
            assert cell.value == values[each.key], each.key


def test_what_is_given_is_not_computed() -> None:
    double = Quantity("double", "Double", ts.chips_total, ("two", "x"))
    chain = Chain((double, Quantity("sum", "Sum", ts.chips_total, ("double", "two"))))
    assert chain.evaluate({"two": 2, "x": 3})["sum"] == 12
    assert chain.evaluate({"two": 2, "double": 10}, "sum") == {"two": 2, "double": 10, "sum": 20}
    assert chain.of("sum", given=["double"]).given() == ["double", "two"]
    assert chain.origins()["sum"] == {"two", "x"}


def test_what_does_not_rest_on_what_moves_is_settled() -> None:
    double = Quantity("double", "Double", ts.chips_total, ("two", "x"))
    chain = Chain((double, Quantity("more", "More", ts.chips_total, ("double", "y"))))
    given = {"two": 2, "x": 3, "y": 5}
    assert chain.settled(given, {"y"}, "more") == {"two": 2, "x": 3, "double": 6}
    assert chain.evaluate(chain.settled(given, {"x"}) | {"x": 4})["more"] == chain.evaluate(given | {"x": 4})["more"]


def test_origins_say_what_a_step_rests_on() -> None:
    origins = chains.DECODE.origins()
    assert "usd_per_hour" in origins["token_cost"]
    assert "usd_per_hour" not in origins["step_time"]
    assert origins["coverage"] == {"batch", "draft_tokens", "active_experts", "total_experts"}


def called(tree: ast.AST) -> set[str]:
    """The names that are called in a piece of code."""
    return {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}


def test_the_equations_of_the_estimate_are_put_together_in_the_chains_alone() -> None:
    """No function of the core calls two of the chains' equations."""
    composed = {each.equation.__name__ for each in chains.SERVICE}
    # equations that are made of others: of the lecture, and what the chain takes in two steps
    lectures = {"step_time", "cost_floor", "critical_batch", "all_to_all_time", "kv_bytes_read"}
    for path in CORE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name not in lectures:
                assert len(called(node) & composed) < 2, f"{path.name}: {node.name}"


def test_a_chip_computes_in_bf16_what_it_has_no_arithmetic_for() -> None:
    for row in chips().values():
        for name, kind in FORMATS.items():
            rate = numbers_of_chip(row, name)["chip_flops"]
            assert rate == (row[kind.rate] or row["bf16_flops"]) >= row["bf16_flops"], (row["name"], name)
        assert all(row[column] is None for column in stands_in(row))


def test_a_chip_whose_domain_or_network_is_not_known_takes_what_most_have() -> None:
    blank, known = (numbers_of_chip(chips()[name], "fp8") for name in ("Groq LPU v1", "GB300 NVL72"))
    assert (blank["domain"], blank["scale_out_bandwidth"]) == (8, 50e9)
    assert (known["domain"], known["scale_out_bandwidth"]) == (72, 100e9)


def test_the_lectures_equations_agree_with_the_bound_where_every_expert_is_needed() -> None:
    """STEP_TIME reads all weights: the truth of a dense model at any batch."""
    chip, model = chips()["H100 SXM"], models()["Llama-3.1-70B"]
    args = (model["active_params"], model["total_params"], 1, model["kv_bytes_per_token"] / 2)
    lecture = ts.step_time(64, 4096, *args, 8 * chip["fp8_flops"], 8 * chip["hbm_bandwidth"])
    assert ts.decode_time("Llama-3.1-70B", "H100", 64, 4096, 8, estimate="ideal") == pytest.approx(lecture, rel=1e-12)
    everyone = ts.decode_time("DeepSeek-V3", "H100", 4096, 128, 32, estimate="ideal")
    v3 = models()["DeepSeek-V3"]
    args = (v3["active_params"], v3["total_params"], 1, v3["kv_bytes_per_token"] / 2)
    lecture = ts.step_time(4096, 128, *args, 32 * chip["fp8_flops"], 32 * chip["hbm_bandwidth"])
    assert everyone == pytest.approx(lecture, rel=1e-12)


def test_a_prompt_reads_the_experts_that_its_tokens_need() -> None:
    """Audit of the estimate, A.2: a prompt of 4,096 tokens was priced with one token's experts, 0.03 of them."""
    chain = ts.explain(ts.prefill_latency, "DeepSeek-V3", "H100", 4096, 32).to_frame()
    assert chain.value["prompt_coverage"] == pytest.approx(1)
    assert chain.value["all_experts_read"] == pytest.approx(654.4e9, rel=1e-3)


def test_every_label_reads_as_text() -> None:
    for chain in CHAINS.values():
        for each in chain:
            assert re.fullmatch(r"[A-Zo][^.]{2,60}", each.label), each.label
