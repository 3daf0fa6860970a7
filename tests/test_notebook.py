"""The notebook in docs/notebooks: it runs, and shows what the functions give."""

import runpy
from pathlib import Path

import tokensheet as ts

NOTEBOOK = Path(__file__).parents[1] / "docs/notebooks/what_a_token_costs.py"


def test_the_notebook_explains_what_the_function_gives() -> None:
    _, shown = runpy.run_path(str(NOTEBOOK))["app"].run()
    cost = ts.decode_cost("DeepSeek-V3", "H200", 64, 4096, utilization=0.6)
    assert shown["answer"].answer.value == cost
    assert shown["row"](64)["$ a million tokens, calibrated"] == round(cost * 1e6, 3)
    assert shown["row"](0)["why not"] == "decode_cost: batch must be > 0, not 0"
