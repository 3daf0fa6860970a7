"""The generated JavaScript computes what the core computes: every function, errors and their words too."""

from __future__ import annotations

import math
from itertools import chain, product
from typing import Any

import numpy as np
import pytest
from hosts.node import Node
from strategies import DOMAINS, TOLERANCE
from test_plain import EQUATIONS, OPTIONS, OVER_NAMES, QUESTIONS
from tokensheet.equation import Number, Positive, equation
from tokensheet_udfs.convert import call
from tokensheet_udfs.errors import CellError
from tokensheet_udfs.javascript import described, lacking
from tokensheet_udfs.registry import Function, Parameter, describe, functions


def block(name: str, args: Any) -> list[list[Any]]:
    """What the conversion layer gives."""
    return call(functions()[name], list(args)).tolist()


def agree(found: Any, wanted: Any, name: str) -> bool:
    if isinstance(wanted, CellError):
        return isinstance(found, dict) and found["error"] == wanted and same_words(found["reason"], wanted.reason)
    if isinstance(wanted, float) and not isinstance(found, (str, bool, dict)):
        least = 1e-15 if name in TOLERANCE else 0.0
        return math.isclose(found, wanted, rel_tol=TOLERANCE.get(name, 1e-12), abs_tol=least)
    return type(found) is type(wanted) and found == wanted


def same_words(found: str, wanted: str) -> bool:
    """The names that come closest to an unknown one are sought otherwise."""
    return found.partition("closest:")[0] == wanted.partition("closest:")[0]


def differing(node: Node, name: str, questions: list[Any]) -> list[Any]:
    found = node.answers([(name, question) for question in questions])
    wanted = [block(name, question) for question in questions]
    pairs = zip(questions, found, wanted, strict=True)
    return [
        (question, one, other)
        for question, one, other in pairs
        if not all(agree(*cells, name) for cells in zip(chain(*one), chain(*other), strict=True))
    ]


@pytest.mark.parametrize("function", EQUATIONS, ids=lambda function: function.name)
def test_an_equation_gives_what_the_core_gives(node: Node, function: Function) -> None:
    """Of 1,000 random arguments inside the domains and at their ends."""
    shares = np.clip(np.random.default_rng().uniform(-0.05, 1.05, (len(function.parameters), 1000)), 0, 1)
    columns = [[DOMAINS[each.domain.text](share) for share in line]
               for each, line in zip(function.parameters, shares.tolist(), strict=True) if each.domain]  # fmt: skip
    question = [tuple((value,) for value in column) for column in columns]
    (found,), wanted = node.answers([(function.name, question)]), block(function.name, question)
    rows = zip(zip(*columns, strict=True), chain(*found), chain(*wanted), strict=True)
    assert [row for row in rows if not agree(row[1], row[2], function.name)][:3] == []


# What the numbers of a question are drawn from; sizes of a service, not of a galaxy
LOADS = {"batch": 4, "users": 4, "context": 6, "input_tokens": 5, "output_tokens": 4, "chips": 3, "training_tokens": 14}


@pytest.mark.parametrize("function", OVER_NAMES, ids=lambda function: function.name)
def test_a_function_over_names_gives_what_the_core_gives(node: Node, function: Function) -> None:
    """Of 1,000 random questions about all models and chips, with and without what may be left out."""
    rng = np.random.default_rng()

    def drawn(parameter: Parameter) -> Any:
        if not parameter.required and rng.random() < 0.6:
            return None
        if parameter.choices:
            texts = [*parameter.choices.texts(), "nonesuch"]
            return texts[int(rng.integers(len(texts)) if rng.random() < 0.97 else -1)]
        assert parameter.domain
        whole = parameter.name in LOADS and float(np.round(10 ** rng.uniform(0, LOADS[parameter.name])))
        return whole or DOMAINS[parameter.domain.text](float(np.clip(rng.uniform(-0.05, 1.05), 0, 1)))

    questions = [tuple(map(drawn, function.parameters)) for _ in range(1000)]
    assert differing(node, function.name, questions)[:3] == []


OPTION_CALLS = [(name, options) for name in ("DECODE_COST", "REQUEST_COST", "SERVING_TTFT") for options in OPTIONS
                if set(options) <= {each.name for each in functions()[name].parameters}]  # fmt: skip


@pytest.mark.parametrize("names", [("DeepSeek-V3", "H100"), ("llama 3.1 70b", "b200"), ("nonesuch", "H100"), (5, "x")])
def test_options_mean_the_same(node: Node, names: tuple[Any, str]) -> None:
    numbers = dict(batch=64, context=4096, users=64, input_tokens=2000, output_tokens=500)
    for name, options in OPTION_CALLS:
        given = dict(zip(("model", "chip"), names, strict=True)) | numbers | options
        assert differing(node, name, [[given.get(each.name) for each in functions()[name].parameters]]) == []


def test_choices_may_be_in_any_case(node: Node) -> None:
    given = dict(model="DeepSeek-V3", chip="H200", batch=64, context=4096, chips=16)
    cases = [{"precision": "BF16"}, {"precision": "Fp8", "estimate": "IDEAL", "kv_precision": "FP8"},
             {"estimate": "Low", "kv_precision": "Bf16", "price_basis": "On Demand"}]  # fmt: skip
    questions = [[(given | case).get(each.name) for each in functions()["DECODE_COST"].parameters] for case in cases]
    assert differing(node, "DECODE_COST", questions) == []
    assert not any(isinstance(block("DECODE_COST", each)[0][0], CellError) for each in questions)


SEARCHES: dict[str, list[tuple[Any, ...]]] = {
    "BEST_CHIP": [("Llama-3.1-70B", 64, 4096), ("DeepSeek-V3", 1, 0, "fp4", "ideal"), ("Llama-3.1-8B", 64, 1e5, "bf16",
                  "low", "bf16", None, "on demand"), ("nonesuch", 1, 1), ("DeepSeek-V3", 1, 0, "fp8", "high", "", 2)],
    "BEST_BATCH": [("DeepSeek-V3", "H100", limit, 4096, 32) for limit in (1e-6, 0.02, 0.05, 1e6, -1)],
    "SERVING_USERS": [("Llama-3.1-70B", "H100", 1024, 1024, ttft, 0.03) for ttft in (1e-6, 0.5, 2, 1e6)]
    + [("DeepSeek-V3", "H200", 2000, 500, 2, 0.03, 16, "fp8", "", 500, 2, 0.8, 8), ("GPT-2", "H100", 1, 1, 1, 1)],
    "USERS_AT_RATE": [("Llama-3.1-70B", "H100", 1024, 1024, rate, 8) for rate in (1e-6, 0.1, 2, 1e6)],
    "BEST_DEPLOYMENT": [("Llama-3.1-70B", 2000, 500, 2, 0.03, field) for field in ("", "users", "usd", "chip")]
    + [("DeepSeek-V3", 2000, 500, 2, 0.03, "usd_per_request", chip) for chip in ("H200", "mi355x", "TPU v4", "no")]
    + [("DeepSeek-V3", 2000, 500, 1e-9, 0.03), ("DeepSeek-V3", 2000, 500, 2, 0.03, "chips", "H200", "bf16", "bf16")],
    "CHIP": [(name, field) for name in ("h100", "TPU v6e", "no", 5)
             for field in ("hbm_bytes", "fp4_flops", "usd_per_hour", "spec_source", "x")],
    "MODEL": [(name, field) for name in ("deepseek v3", "Qwen3-0.6B", "no")
              for field in ("layers", "kv_lora_rank", "x")],
}  # fmt: skip


@pytest.mark.parametrize("name", SEARCHES)
def test_a_search_and_a_look_up_give_what_the_core_gives(node: Node, name: str) -> None:
    assert differing(node, name, SEARCHES[name]) == []


OWN_CHIPS = [
    ("Mine", None, 1e15, 2e15, None, 200e9, 4e12, 3.0),
    ("Mine", "AMD", 1e15, None, 4e15, 200e9, 4e12, 3.0, 9e11, 16, 5e10),
    (None, "", "1e15", 0, 0, 200e9, 4e12),
    ("Mine", "x", 1e15, 1, 1, 200e9),
    ("Mine", "x", 1e15, 1, 1, 200e9, "fast"),
    ("Mine", "x", "1P", 1, 1, "200G", " 4.8 T "),
    ("Mine", "x", 1e15, 1, 1, 200e9, "4.8x"),
    ("Mine", "x", 1e15, 1, 1, 200e9, -1),
]
TWO_CHIPS = tuple((*chip, *[None] * (11 - len(chip))) for chip in OWN_CHIPS[:2])
OWN_MODELS = [
    ("Mine", "2026", 70e9, 70e9, 163840, None, None, None, 80, 80, 0, 8192, 64, 8, 128),
    ("Mine", "2026", 671e9, 37e9, 35136, 0, 0, 0, 61, 61, 58, 7168, 128, 128, 0, 256, 8, 512, 128, 64, 128),
    ("Mine", "2026", 30e9, 3e9, 49152, 1e4, 4096, 1e6, 48, 12, 48, 2048, 32, 4, 128, 128, 8, 0, 0, 0, 0, 2048, 132, 36),
    ("Mine", "2026", 70e9, 70e9, 163840),
]


@pytest.mark.parametrize("name", ["DECODE_COST", "DECODE_TIME", "PREFILL_COST", "REQUEST_COST", "SERVING_TTFT"])
def test_a_row_of_ones_own_counts_as_in_the_core(node: Node, name: str) -> None:
    numbers = QUESTIONS[name][1]
    questions = [("Llama-3.1-70B", (chip,), *numbers) for chip in OWN_CHIPS]
    questions += [((model,), "H100", *numbers) for model in OWN_MODELS]
    questions += [((OWN_MODELS[0],), (OWN_CHIPS[1],), *numbers), ("DeepSeek-V3", TWO_CHIPS, *numbers)]
    assert differing(node, name, questions) == []


WHYS: list[tuple[Any, ...]] = [
    ("COMPUTE_TIME", 64, 37e9, 989e12),
    ("COMPUTE_TIME", 1, ((1,), (0,), ("x",)), 0),
    ("BOUND", 5, 1, 2),
    ("FITS", 1, 0, 1, 1),
    ("nonesuch", 1),
    ("#REF!", 1),
    ("BEST_BATCH", "DeepSeek-V3", "H100", 0.05, 4096, 32),
    ("CHIP", "h100", "vendor"),
    *(("DECODE_COST", model, chip, 64, 4096, 64)
      for model, chip in product(("DeepSeek-V3", "GLM-4.5"), ("H200", "Gaudi 3"))),
    *((name, "DeepSeek-V3", "MI355X", *QUESTIONS[name][0]) for name in QUESTIONS),
    ("REQUEST_COST", "Llama-3.1-70B", (OWN_CHIPS[0],), 3584, 1024, 64),
    ("MEMORY_TIME", "671B", 1, 3350),
    ("COMPUTE_TIME", True, 1, 1),
    ("DECODE_COST", "DeepSeek-V3", "H200", 0.5, 2e7, 9.5, 3600),
    ("REQUEST_COST", "Llama-3.1-70B", "H100", 100, 10, 4, 8, None, "fp8", "low", "", None, None, None, None, 5000),
    ("DECODE_COST", "DeepSeek-V3", "H200", 64, 4096, 8, None, "fp8", "ideal"),
]  # fmt: skip


def test_why_says_what_it_says_in_the_core(node: Node) -> None:
    assert differing(node, "WHY", WHYS) == []


TEXTS = ["70B", " 3.35T ", "32 k", "40%", "1e3", "+.5", "1.", "-2", "k", "1 2", "1e", "0x10", "\t7\n", "", " ",
         "9" * 32_000 + "x", "1" + " " * 32_000 + "x", " " * 32_000 + "1", "9" * 32_768]  # fmt: skip


def test_a_text_is_read_as_a_number_as_in_the_core(node: Node) -> None:
    """Long ones in no time: their parts are read once."""
    assert differing(node, "COMPUTE_TIME", [(text, 1, 1) for text in TEXTS]) == []


def test_what_python_alone_can_look_up_says_so(node: Node) -> None:
    reason = "API_PRICE looks things up in Python; only an add-in with Python has it"
    asked = ("API_PRICE", ("openai", "gpt-4o", "output"))
    assert node.answers([asked]) == [[[{"error": "#N/A", "reason": reason}]]]
    assert lacking() == ["API_PRICE"]


@equation
def acme_share(new: Positive, default: Positive = 1) -> Number:
    """A plugin's, whose arguments are words of JavaScript.

    Parameters
    ----------
    new : float
        What is new [s].
    default : float, optional
        What is usual [s].
    """
    return new / default


def test_an_argument_may_be_called_as_a_word_of_javascript() -> None:
    formula = next(line for line in described(describe(acme_share, "acme", "acme")).split(',"') if "equation" in line)
    assert formula == 'equation":(new_,default_)=>new_/default_'
