"""What comes of a call place by place: an answer, or a code and words for why there is none."""

import json
from typing import Any

import numpy as np
import pytest
import tokensheet as ts
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import agree, calls
from tokensheet.outcomes import Condition, Outcome, Outcomes, at
from tokensheet.rows import NoSuchName
from tokensheet_udfs.registry import Function, functions

EQUATIONS = [function for function in functions().values() if function.traceable]
# What no domain holds, and what is no number
WRONG = [-1.0, np.nan, np.inf, 1e300, "x", None, {}, 10**400, True, "2"]


def outcome(function: Any, *args: Any) -> Any:
    try:
        return function(*args)
    except ts.DomainError as error:
        return str(error)


@pytest.mark.parametrize("function", EQUATIONS, ids=lambda function: function.name)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_a_column_gives_what_each_of_its_cells_gives(function: Function, data: st.DataObject) -> None:
    """Answers where there are some, and words of errors, of whatever stands in it."""
    good = data.draw(calls(function, 4))
    wrong = data.draw(st.tuples(*(st.sampled_from([None, *WRONG]) for _ in function.parameters)))
    place = data.draw(st.integers(0, 3))
    rows = [*good[:place], tuple(b if a is None else a for a, b in zip(wrong, good[place], strict=True)), *good[place:]]
    columns = [np.fromiter(column, object) for column in zip(*rows, strict=True)]
    answers, said = function.python(*columns, errors="nan"), ts.reasons(function.python, *columns)
    for row, answer, words in zip(rows, answers.tolist(), said, strict=True):
        wanted = outcome(function.python, *row)
        assert agree(words or answer, wanted, function.name), (row, words or answer, wanted)


def test_by_default_the_first_place_without_an_answer_is_an_error() -> None:
    with pytest.raises(ts.DoesNotFit, match=r"8 x H200 SXM have 1,128 GB"):
        ts.decode_time(["DeepSeek-V3", "DeepSeek-V3", "nonesuch"], "H200", [1, 1e6, 1], 4096, 8)
    with pytest.raises(ts.UnknownName, match="nonesuch"):
        ts.decode_time(["nonesuch", "DeepSeek-V3"], "H200", [1, 1e6], 4096, 8)
    with pytest.raises(ValueError, match="errors must be raise or nan, not 'ignore'"):
        ts.compute_time([0], 1, 1, errors="ignore")


def test_a_single_call_may_give_nan_too() -> None:
    assert np.isnan(ts.compute_time(0, 1, 1, errors="nan"))
    assert np.isnan(ts.decode_cost("DeepSeek-V3", "nonesuch", 1, 1, errors="nan"))
    assert np.isnan(ts.best_batch("nonesuch", "H200", 1, 1, errors="nan"))
    assert np.isnan(ts.chip("nonesuch", "hbm_bytes", errors="nan"))
    assert ts.compute_time(64, 37e9, 989e12, errors="nan") == ts.compute_time(64, 37e9, 989e12)


def test_where_there_is_no_word_stands_nan() -> None:
    found = ts.bound([1.0, -1.0], 2, 3, errors="nan")
    assert found[0] == "kv"
    assert np.isnan(found[1])


def test_reasons_of_a_single_call_are_one_text() -> None:
    assert ts.reasons(ts.compute_time, 1, 1, 1) == ""
    assert ts.reasons(ts.compute_time, 0, 1, 1) == "compute_time: batch must be > 0, not 0"
    assert ts.reasons(ts.decode_cost, "DeepSeek-V3", "L4", 1, 4096).endswith("it has none; give usd_per_hour")
    with pytest.raises(TypeError, match="give an equation or a function over names itself"):
        ts.reasons("compute_time", 1, 1, 1)


def test_codes_are_bytes_whose_meaning_does_not_change() -> None:
    """They stand in files that others keep."""
    assert [(each.value, each.name) for each in Outcome] == [
        (0, "ANSWERED"), (1, "DOES_NOT_FIT"), (2, "NOT_KNOWN"), (3, "NO_SUCH_NAME"), (4, "OUTSIDE_DOMAIN"),
        (5, "NO_NUMBER"), (6, "NOT_FINITE"), (7, "FAILED"),
    ]  # fmt: skip
    assert all(each.words for each in Outcome)
    assert json.dumps(Outcome.DOES_NOT_FIT) == "1"
    assert ts.compute_time.outcomes([1, 0, "x", 1e300], 1e300, 1).codes.tolist() == [0, 4, 5, 6]


def test_the_first_of_several_conditions_counts() -> None:
    one = Condition(Outcome.NOT_KNOWN, np.array([True, False, False]), lambda place: LookupError(f"one at {place}"))
    two = Condition(Outcome.DOES_NOT_FIT, np.array([[True], [False]]), lambda place: LookupError(f"two at {place}"))
    found = Outcomes(np.arange(3.0), [one, two])
    assert found.codes.tolist() == [[0, 2, 2], [1, 2, 2]]
    assert found.or_nan()[0, 0] == 0
    assert found.reasons().tolist() == [
        ["", "one at (0, 1)", "one at (0, 2)"],
        ["two at (1, 0)", "one at (1, 1)", "one at (1, 2)"],
    ]
    with pytest.raises(LookupError, match=r"one at \(0, 1\)"):
        found.raised()


def test_in_words_together_is_what_each_place_says_by_itself() -> None:
    models, chips = ["DeepSeek-V3", "Llama-3.1-70B", "nonesuch", "GPT-2"], ["H200", "L4", "TPU v4", "no", "Gaudi 3"]
    questions: dict[str, Any] = {
        "model": np.array(models)[:, np.newaxis, np.newaxis],
        "chip": np.array(chips)[:, np.newaxis],
    }
    questions |= {"precision": np.array(["fp8", "fp2", "bf16", "fp8"]), "batch": np.array([1.0, 64.0, 1e6, 0.0])}
    found = ts.decode_cost.outcomes(**questions, context=4096, chips=8)
    assert {*np.unique(found.codes)} >= {0, 1, 2, 3, 4}
    words = found.reasons()
    for place in np.ndindex(found.shape):
        assert words[place] == str(found.error(place) or "")
    assert ts.reasons(ts.decode_cost, "DeepSeek-V3", "H200", 0, 4096) == "decode_cost: batch must be > 0, not 0"


def test_what_stands_at_a_place_of_a_larger_shape() -> None:
    column, row = np.array([[1], [2]]), np.array([10, 20, 30])
    assert (at(column, (1, 2)), at(row, (1, 2)), at(5, (1, 2)), at(None, (1, 2))) == (2, 30, 5, None)


def test_no_words_are_made_before_they_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The closest of many names take longer than all else."""
    made: list[str] = []
    monkeypatch.setattr(NoSuchName, "__str__", lambda error: made.append(error.args[1]) or "no such name")
    names = [f"chip {each}" for each in range(1000)]
    found = ts.decode_cost.outcomes("DeepSeek-V3", names, 64, 4096)
    assert np.all(found.codes == Outcome.NO_SUCH_NAME)
    assert made == []
    assert str(found.error((7,))) == "no such name"
    assert made == ["chip 7"]
