"""A function of single names, asked about arrays: once for each set of names, and by halves where that fails."""

from typing import Any

import numpy as np
import pytest
import tokensheet as ts
from tokensheet.equation import NotNegative, Text, checked
from tokensheet.names import named
from tokensheet.one_by_one import one_by_one, outcomes_of, sets
from tokensheet.outcomes import Outcome


def test_names_and_columns_are_broadcast_as_numbers_are() -> None:
    found = ts.chip([["H200"], ["b200"]], ["hbm_bytes", "hbm_bandwidth"])
    assert found.tolist() == [
        [ts.chip(name, field) for field in ("hbm_bytes", "hbm_bandwidth")] for name in ("H200", "B200")
    ]
    assert ts.chip("H200", ["hbm_bytes", "vendor"]).tolist() == [ts.chip("H200", "hbm_bytes"), "NVIDIA"]


def test_each_set_of_names_is_asked_about_once_with_all_of_its_numbers() -> None:
    asked: list[Any] = []

    @checked
    @one_by_one
    def double(name: Text, number: NotNegative, more: NotNegative = None) -> Any:
        """Double."""
        asked.append((name, np.size(number), more is None))
        return number * 2

    assert double(["a", "b", "a", "a"], [1, 2, 3, 4]).tolist() == [2, 4, 6, 8]
    assert asked == [("a", 3, True), ("b", 1, True)]
    asked.clear()
    assert double("a", [1, 2, 3, 4], [None, 1, 1, None]).tolist() == [2, 4, 6, 8]
    assert sorted(asked) == [("a", 2, False), ("a", 2, True)]
    asked.clear()
    assert double("a", 4.0) == 8
    assert np.isnan(double(["a", "b"], [1, -1], errors="nan")).tolist() == [False, True]
    assert asked == [("a", 1, True), ("a", 1, True)]


def test_one_failure_does_not_stop_the_others() -> None:
    asked: list[int] = []

    def choosy(name: str, size: Any) -> Any:
        asked.append(np.size(size))
        if np.any(size == 700):
            raise RuntimeError("not 700")
        return size

    found = outcomes_of(choosy, {"name": named("x"), "size": np.arange(1000.0)})
    assert len(asked) < 2 * 10 + 2
    assert np.flatnonzero(found.codes).tolist() == [700]
    assert found.codes[700] == Outcome.FAILED
    assert str(found.error((700,))) == "not 700"


def test_in_python_an_error_of_the_function_is_raised_as_it_is() -> None:
    @checked
    @one_by_one
    def failing(name: Text) -> Any:
        """Fail."""
        raise RuntimeError(f"no {name}")

    for names in ("x", ["x", "y"]):
        with pytest.raises(RuntimeError, match="no x"):
            failing(names)


def test_only_what_is_good_is_asked_about() -> None:
    given = {"name": named(["a", "b", "a"]), "number": np.array([[1.0], [np.nan]])}
    assert [each.tolist() for each in sets(given)] == [[0, 2], [1]]
    assert [each.tolist() for each in sets(given, np.array([False, True, True]))] == [[2], [1]]
    assert sets(given, False) == []


def test_prices_of_several_providers_and_days() -> None:
    days = ["2026-01-01", "2026-10-14"]
    asked = (["openai", "openai"], ["gpt-4o", "nonesuch"], "output")
    first, second = ts.api_price(*asked, days, errors="nan")
    assert first == ts.api_price("openai", "gpt-4o", "output", days[0])
    assert np.isnan(second)
    assert "nonesuch" in ts.reasons(ts.api_price, *asked, days)[1]


def test_deployments_of_several_models() -> None:
    asked = {"input_tokens": 2000, "output_tokens": 500, "max_ttft": 2, "max_tpot": 0.03}
    models = ["Llama-3.1-70B", "nonesuch", "gpt-oss-120b"]
    found = ts.best_deployment(models, **asked, field="chip", errors="nan")
    assert found[[0, 2]].tolist() == [ts.best_deployment(models[place], **asked, field="chip") for place in (0, 2)]
    assert np.isnan(found[1])
