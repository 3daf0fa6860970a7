"""A table of scenarios is its rows, asked one by one: the same answers, and of what fails the same words."""

import re
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import tokensheet as ts
from tokensheet.chain import Chain
from tokensheet.scenarios import COSTS

OFFERS = pd.DataFrame(
    {
        "product": ["chat", "search", "code", "batch jobs"],
        "model": ["DeepSeek-V3", "Llama-3.1-70B", "nonesuch", "Llama-3.1-70B"],
        "chip": ["H200", "B200", "H200", "L4"],
        "batch": [64, 16, 8, 4],
        "context": [4096, 32_000, 4096, 4096],
        "note": [None, "ours", 3, ""],
    },
    index=pd.Index([7, 5, 3, 1], name="offer"),
)


def one_by_one(frame: pd.DataFrame, name: str, *inputs: str) -> list[Any]:
    """The answer of each row, or the words of its error."""
    found: list[Any] = []
    for row in frame[[*inputs]].itertuples(index=False):
        try:
            found.append(getattr(ts, name)(*row))
        except (LookupError, ts.DomainError) as error:
            found.append(str(error))
    return found


def test_a_table_gives_what_its_rows_give() -> None:
    priced = ts.price(OFFERS)
    wanted = one_by_one(OFFERS, "decode_cost", "model", "chip", "batch", "context")
    assert [*priced.columns] == [*OFFERS.columns, "decode_cost", "reason"]
    for cost, reason, one in zip(priced.decode_cost, priced.reason, wanted, strict=True):
        assert (np.isnan(cost), reason) == (True, one) if isinstance(one, str) else (cost, reason) == (one, "")
    assert [bool(each) for each in priced.reason] == [False, False, True, True]


def test_index_and_columns_of_ones_own_stay_as_they_are() -> None:
    before = OFFERS.copy()
    priced = ts.price(OFFERS)
    pd.testing.assert_frame_equal(priced[[*OFFERS.columns]], OFFERS)
    pd.testing.assert_frame_equal(OFFERS, before)


def test_every_kind_of_table_comes_out_as_it_goes_in() -> None:
    table = OFFERS.drop(columns="note")
    wanted = ts.price(table)
    polars = ts.price(pl.from_pandas(table))
    assert isinstance(polars, pl.DataFrame)
    assert polars["reason"].to_list() == wanted.reason.tolist()
    assert np.array_equal(polars["decode_cost"].to_numpy(), wanted.decode_cost, equal_nan=True)
    columns = ts.price(table.to_dict("list"))
    assert [*columns] == [*wanted.columns]
    assert columns["batch"] == [64, 16, 8, 4]
    assert np.array_equal(columns["decode_cost"], wanted.decode_cost, equal_nan=True)
    for kind in ("object", "string", "category"):
        assert ts.price(table.astype({"model": kind, "chip": kind})).decode_cost.equals(wanted.decode_cost)


def test_the_caller_says_what_is_asked_by_name_or_by_function() -> None:
    priced = ts.price(OFFERS[:2], ["decode-time", ts.chips_needed, "best_chip"])
    assert [*priced.columns[-4:]] == ["decode_time", "chips_needed", "best_chip", "reason"]
    assert priced.best_chip[7] == ts.best_chip("DeepSeek-V3", 64, 4096)
    columns: dict[str, Any] = {"size": [1, 2], "bandwidth": 4}
    assert ts.price(columns, ts.read_time)["read_time"].tolist() == [0.25, 0.5]


def test_where_nobody_says_those_costs_are_asked_that_the_table_has_the_inputs_of() -> None:
    inputs = {"model": ["Llama-3.1-70B"], "chip": ["H200"], "batch": 8, "context": 4096, "input_tokens": 1000,
              "output_tokens": 500, "users": 8, "training_tokens": 1e12, "chips": 8, "mfu": 0.4}  # fmt: skip
    assert [each for each in ts.price(inputs) if each in COSTS] == [*COSTS]
    without = {name: each for name, each in inputs.items() if name not in ("batch", "users", "training_tokens")}
    assert [each for each in ts.price(without) if each in COSTS] == ["prefill_cost"]


def test_what_is_the_same_for_all_rows_is_said_once() -> None:
    wanted = ts.price(OFFERS.assign(context=2048, precision="bf16"))
    found = ts.price(OFFERS.drop(columns="context"), context="2048", precision="BF16")
    assert np.array_equal(found.decode_cost, wanted.decode_cost, equal_nan=True)


def test_heads_are_read_as_people_write_them() -> None:
    heads = {"model": "Model", "chip": " CHIP", "batch": "Batch", "context": "Context"}
    assert ts.price(OFFERS.rename(columns=heads)).decode_cost.equals(ts.price(OFFERS).decode_cost)


def test_a_blank_cell_is_the_default_where_there_is_one() -> None:
    table = pd.DataFrame({"model": ["DeepSeek-V3"] * 4, "chip": "H200", "batch": 64, "context": 4096})
    wanted = ts.price(table).decode_cost
    blanks: Any
    for blanks in ([None, np.nan, "", " "], [None] * 4, [np.nan] * 4, pd.array([pd.NA] * 4, "string")):
        for name in ("precision", "estimate", "kv_precision", "chips", "utilization"):
            assert ts.price(table.assign(**{name: blanks})).decode_cost.equals(wanted), name
    chips: Any = [None, 8, "16", np.nan]
    mixed = ts.price(table.assign(chips=chips, utilization=[0.5, np.nan, 1, 1]))
    assert mixed.decode_cost.tolist() == [
        ts.decode_cost("DeepSeek-V3", "H200", 64, 4096, count, utilization=share)
        for count, share in ((None, 0.5), (8, 1), (16, 1), (None, 1))
    ]


def test_what_is_blank_for_all_rows_is_the_default_too() -> None:
    wanted = ts.price(OFFERS).decode_cost
    assert ts.price(OFFERS, chips=None, precision="", utilization=np.nan).decode_cost.equals(wanted)
    columns = {**OFFERS.to_dict("list"), "chips": None}
    assert np.array_equal(ts.price(columns)["decode_cost"], wanted, equal_nan=True)


def test_a_blank_cell_without_a_default_is_said_to_be_blank() -> None:
    models: Any = ["", None, "DeepSeek-V3", np.nan]
    priced = ts.price(OFFERS.assign(model=models, batch=[1, 1, np.nan, 1]))
    assert priced.reason.tolist() == [
        f"decode_cost: {name} is blank and has no default" for name in ("model", "model", "batch", "model")
    ]


def test_numbers_may_be_texts_and_a_text_that_is_none_fails_alone() -> None:
    priced = ts.price(OFFERS[:2].assign(context=["4k", "many"], utilization="40%"))
    assert priced.decode_cost[7] == ts.decode_cost("DeepSeek-V3", "H200", 64, 4000, utilization=0.4)
    assert priced.reason[5] == 'decode_cost: context: "many" is not a number; "70B", "3.35T", "32k" or "40%" would be'


def test_rows_of_ones_own_stand_beside_names() -> None:
    own = {**ts.chips()["H200 SXM"], "name": "Ours", "usd_per_hour": 1.0}
    chips: Any = [own, "B200"]
    priced = ts.price(OFFERS[:2].assign(chip=chips))
    assert priced.decode_cost[7] == ts.decode_cost("DeepSeek-V3", own, 64, 4096)


def test_the_first_row_without_an_answer_raises_its_error_if_asked() -> None:
    with pytest.raises(ts.UnknownName, match="no model is called 'nonesuch'") as error:
        ts.price(OFFERS, ["decode_cost", "decode_time"], errors="raise")
    assert error.value.__notes__ == ["in row 2 of the table, counted from 0"]
    assert ts.price(OFFERS[:2], errors="raise").reason.tolist() == ["", ""]


def test_a_table_without_rows_has_the_columns() -> None:
    priced = ts.price(OFFERS[:0])
    assert (len(priced), [*priced.columns[-2:]]) == (0, ["decode_cost", "reason"])
    polars = ts.price(pl.from_pandas(OFFERS[["model", "chip", "batch", "context"]])[:0])
    assert polars.schema["reason"] == pl.String


def test_all_rows_are_computed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    evaluated: list[int] = []
    evaluate = Chain.evaluate
    monkeypatch.setattr(Chain, "evaluate", lambda *args: evaluated.append(1) or evaluate(*args))
    ts.price(pd.concat([OFFERS[:2]] * 500), "decode_cost")
    assert len(evaluated) == 1


def test_of_rows_that_fail_alike_the_words_are_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[int] = []
    words = ts.rows.NoSuchName.__str__
    monkeypatch.setattr(ts.rows.NoSuchName, "__str__", lambda error: said.append(1) or words(error))
    assert ts.price(pd.concat([OFFERS[2:3]] * 500)).reason.nunique() == 1
    assert len(said) == 1


WRONG: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"modle": OFFERS.model}, {}, "no input is called 'modle'; closest: model; rename the column if it is something"),
    ({"precison": "fp8", "model": OFFERS.model}, {}, "no input is called 'precison'; closest: precision, kv_precision"),
    ({"model": OFFERS.model, "Model ": OFFERS.model}, {}, "model is there twice: as the column 'Model '"),
    ({"model": OFFERS.model}, {"batch": 3}, "batch is there twice: as the column 'batch'"),
    ({"model": OFFERS.model}, {"utilisation": 1}, "no input is called 'utilisation'; closest: utilization"),
    ({"model": OFFERS.model}, {"headroom": [0.1] * 4}, "headroom is one value for all rows; what differs by row is a"),
    ({"model": OFFERS.model}, {"errors": "ignore"}, "errors must be raise or nan, not 'ignore'"),
    ({"model": OFFERS.model}, {"answers": []}, "nothing is asked"),
    ({"model": OFFERS.model}, {"answers": "decode_costs"}, "no function is called 'decode_costs'; closest: decode_"),
    ({"model": OFFERS.model}, {"answers": "why"}, "why cannot be asked about a table: it is no equation"),
    ({"model": OFFERS.model, "reason": ""}, {}, "a column is called 'reason' already, where an answer goes"),
    ({"model": OFFERS.model, "decode_cost": 1}, {}, "a column is called 'decode_cost' already"),
    ({}, {}, "decode_cost needs model too"),
    ({"model": OFFERS.model}, {"users": 5}, "prefill_cost needs input_tokens too"),
]  # fmt: skip


@pytest.mark.parametrize(("columns", "options", "words"), WRONG)
def test_what_is_wrong_with_a_table_is_said_in_a_line(
    columns: dict[str, Any], options: dict[str, Any], words: str
) -> None:
    table = OFFERS.drop(columns="model").assign(**columns)
    with pytest.raises(ValueError, match=re.escape(words)) as error:
        ts.price(table, **options)
    assert "\n" not in str(error.value)


def test_what_resembles_an_input_that_is_there_is_a_column_of_ones_own() -> None:
    assert ts.price(OFFERS.assign(batches="nightly", mode="chat")).decode_cost.equals(ts.price(OFFERS).decode_cost)


def test_what_is_no_table_is_named() -> None:
    with pytest.raises(TypeError, match="not a LazyFrame"):
        ts.price(pl.LazyFrame({"model": ["DeepSeek-V3"]}))
    with pytest.raises(ValueError, match="the columns have different lengths: model 1, chip 2"):
        ts.price({"model": ["DeepSeek-V3"], "chip": ["H200", "B200"]})
    with pytest.raises(ValueError, match="the column 'batch' has 2 dimensions"):
        ts.price({"model": ["DeepSeek-V3"], "batch": np.ones((1, 2))})
