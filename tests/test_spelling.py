"""A spelling is a table: the same equations and chains come out in Excel, in Python and in any further language."""

import json
import math
import shutil
import subprocess
from typing import Any

import numpy as np
import pytest
import tokensheet as ts
from tokensheet import Cell
from tokensheet.asked import ask
from tokensheet.cell import lift
from tokensheet.chains import DECODE
from tokensheet.equation import evaluate
from tokensheet.spelling import EXCEL, JAVASCRIPT, PYTHON, Spelling
from tokensheet_udfs.registry import Function, functions

EQUATIONS = [function for function in functions().values() if function.traceable]


def spelled(function: Function, spelling: Spelling) -> str:
    """The equation in terms of its arguments' names."""
    cells = (Cell(each.name, spelling=spelling) for each in function.parameters)
    return lift(evaluate(function.python, *cells), spelling).text


def in_node(source: str) -> Any:
    node = shutil.which("node")
    if not node:
        pytest.skip("node is needed")
    return json.loads(subprocess.run([node], input=source, capture_output=True, text=True, check=True).stdout)


A, B, C = (Cell(name, spelling=PYTHON) for name in "abc")


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (A + B * C, "a+b*c"),
        ((A + B) * C, "(a+b)*c"),
        (A + (B - C), "a+(b-c)"),  # computed in this order, to the last digit
        (A * (B / C), "a*(b/c)"),
        (A / B / C, "a/b/c"),
        ((A**B) ** C, "(a**b)**c"),
        (A ** (B**C), "a**(b**c)"),
        ((-A) ** B, "(-(a))**b"),
        (-(A**B), "(-(a**b))"),
        (A - (-1), "a-(-1.0)"),
        ((A < B) == (B < C), "(a<b)==(b<c)"),
        (2 * A * 1e300, "2.0*a*1e+300"),
        (A * math.inf, "a*_inf"),
        (np.maximum(np.maximum(A, B), C), "_maximum(_maximum(a,b),c)"),
        (np.where((A < B) & (B < C), 'say "x"', "y"), "('say \"x\"' if ((a<b)&(b<c)) else 'y')"),
    ],
)
def test_python_is_computed_in_numpys_order(cell: Cell, text: str) -> None:
    assert cell.text == text


@pytest.mark.parametrize("spelling", [PYTHON, JAVASCRIPT], ids=lambda spelling: spelling.name)
@pytest.mark.parametrize("attempt", [np.sum, np.sin, lambda cell: "needs " + cell], ids=["sum", "sin", "join"])
def test_what_a_table_lacks_its_language_does_not_say(attempt: Any, spelling: Spelling) -> None:
    with pytest.raises(TypeError, match=f"has no {spelling.name} formula here"):
        attempt(Cell("a", 1.0, spelling=spelling))


def test_one_equation_in_three_languages() -> None:
    texts = [spelled(functions()["EXPERT_COVERAGE"], each) for each in (EXCEL, PYTHON, JAVASCRIPT)]
    assert texts == [
        "IF(batch*active_experts/total_experts>100,1,1-MAX(0,1-active_experts/total_experts)^batch)",
        "(1.0 if batch*(active_experts/total_experts)>100.0 else "
        "1.0-_maximum(0.0,1.0-active_experts/total_experts)**batch)",
        "(batch*(active_experts/total_experts)>100?1:1-Math.pow(Math.max(0,1-active_experts/total_experts),batch))",
    ]


def test_a_third_table_is_all_that_javascript_needs() -> None:
    """Every equation at a point inside its domain, as node computes it."""
    wanted, lines = {}, []
    for function in EQUATIONS:
        values = [0.5 if each.domain and 2 not in each.domain else 2.0 for each in function.parameters]
        try:
            wanted[function.name] = function.python(*values)
        except ts.DomainError:
            continue
        names = ",".join(each.name for each in function.parameters)
        lines.append(f"{function.name}:(({names})=>{spelled(function, JAVASCRIPT)})({','.join(map(repr, values))})")
    found = in_node(f"console.log(JSON.stringify({{{','.join(lines)}}}))")
    assert set(found) == set(wanted)
    assert {name: value for name, value in wanted.items() if not close(value, found[name])} == {}


def test_a_chain_is_spelled_by_the_same_tables() -> None:
    asked = ask(ts.decode_cost, {"model": "DeepSeek-V3", "chip": "H100", "batch": 64.0, "context": 4096.0,
                                 "precision": "fp8", "chips": 32.0})  # fmt: skip
    given = {key: asked.values[key] for key in DECODE.of("token_cost").given()}
    quantities = DECODE.spelled(JAVASCRIPT, {key: f"given.{key}" for key in given}, "token_cost")
    source = "".join(f"const {key} = {text};\n" for key, text in quantities.items())
    cost = in_node(f"const given = {json.dumps(given)};\n{source}console.log(JSON.stringify(token_cost))")
    assert close(ts.decode_cost("DeepSeek-V3", "H100", 64, 4096, 32), cost)


def close(wanted: Any, found: Any) -> bool:
    if isinstance(wanted, str | bool):
        return bool(wanted == found)
    return math.isclose(wanted, found, rel_tol=1e-12)
