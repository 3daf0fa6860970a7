"""Names in arrays: what a table of them gives is what each of its rows gives by itself, words of errors included."""

import inspect
import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import tokensheet as ts
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import agree, of_places
from tokensheet import asked, rows
from tokensheet.asked import ENDS, ask
from tokensheet.chain import Chain
from tokensheet.names import named
from tokensheet.numbers import FORMATS, KV_FORMATS
from tokensheet.outcomes import Outcome
from tokensheet.own_catalogue import own_row
from tokensheet.rents import BASES
from tokensheet.rows import ROW
from tokensheet_udfs.convert import call
from tokensheet_udfs.registry import Function, functions

OVER_NAMES = [function for function in functions().values() if hasattr(function.python, "chain")]
MODELS, CHIPS = list(ts.models()), list(ts.chips())
# What may stand in a row for each argument; None where it is left out
NUMBERS: dict[str, list[Any]] = {
    "batch": [1.0, 64.0, 4096.0, 0.0],
    "context": [0.0, 4096.0, 1e6, -1.0],
    "input_tokens": [1.0, 4096.0, 131072.0, np.nan],
    "output_tokens": [1.0, 1024.0],
    "users": [1.0, 64.0, 0.5],
    "training_tokens": [14.8e12],
    "chips": [8.0, 64.0, 1e9],
    "usd_per_hour": [2.0, 0.0],
    "mfu": [0.4, 1.4],
    "efficiency": [0.25, 1.0],
    "headroom": [0.0, 0.2],
    "draft_tokens": [0.0, 3.0],
    "acceptance": [0.7],
    "cached_tokens": [0.0, 1000.0],
    "tensor_parallel": [1.0, 4.0],
    "stages": [1.0, 3.0],
}
TEXTS: dict[str, list[Any]] = {
    "model": [*MODELS, "nonesuch", "llama 3.1 70b"],
    "chip": [*CHIPS, "", "h100"],
    "precision": [*FORMATS, "fp2"],
    "kv_precision": ["", *KV_FORMATS, "int4"],
    "estimate": [*ENDS, "sure"],
    "price_basis": [*BASES, "now"],
}


def outcome(function: Callable[..., Any], *args: Any) -> Any:
    """What comes of it: a value, or the words of the error."""
    try:
        return function(*args)
    except (ts.DomainError, LookupError) as error:
        return str(error)


@pytest.mark.parametrize("precision", FORMATS)
def test_all_models_on_all_chips_at_once_give_what_each_pair_gives(precision: str) -> None:
    numbers = [64.0, 4096.0, 8.0]
    names = np.array(MODELS, object)[:, np.newaxis], np.array(CHIPS, object)
    found = of_places(ts.decode_cost, *names, *numbers, None, precision)
    assert found.shape == (len(MODELS), len(CHIPS))
    assert {type(each) for each in found.flat} == {str, float}
    for (row, model), (column, chip) in itertools.product(enumerate(MODELS), enumerate(CHIPS)):
        wanted = outcome(ts.decode_cost, model, chip, *numbers, None, precision)
        assert agree(found[row, column], wanted), (model, chip)


@pytest.mark.parametrize("function", OVER_NAMES, ids=lambda function: function.name)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_a_table_gives_what_each_of_its_rows_gives(function: Function, data: st.DataObject) -> None:
    row = st.tuples(
        *(
            st.sampled_from(TEXTS.get(each.name) or NUMBERS.get(each.name, [0.5]))
            if each.required
            else st.none() | st.sampled_from(TEXTS.get(each.name) or NUMBERS.get(each.name, [0.5]))
            for each in function.parameters
        )
    )
    rows = data.draw(st.lists(row, min_size=2, max_size=12))
    columns = [np.array(column, object) for column in zip(*rows, strict=True)]
    found = of_places(function.python, *columns)
    for each, cell in zip(rows, found, strict=True):
        wanted = outcome(function.python, *each)
        assert agree(cell, wanted), (each, cell, wanted)


def test_a_number_stays_in_the_shape_of_the_names_that_it_is_about() -> None:
    given: dict[str, Any] = {
        "chip": np.array(["H100", "H200", "B200"])[:, np.newaxis, np.newaxis],
        "model": np.array(["DeepSeek-V3", "Llama-3.1-70B"])[:, np.newaxis],
        "precision": np.array(["fp8", "bf16", "fp8", "fp4"]),
        "batch": 64.0,
        "context": 4096.0,
    }
    values = ask(ts.decode_time, given).values
    shapes = {key: np.shape(values[key]) for key in ("hbm", "chip_flops", "total_params", "bytes", "node", "hidden")}
    assert shapes == {
        "hbm": (3, 1, 1),
        "chip_flops": (3, 1, 4),
        "total_params": (2, 1),
        "bytes": (4,),
        "node": (),
        "hidden": (2, 1),
    }
    assert ts.decode_time(**given).shape == (3, 2, 4)


def test_each_name_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up: list[Any] = []
    find = rows.find
    monkeypatch.setattr(asked, "find", lambda rows, kind, name: looked_up.append(name) or find(rows, kind, name))
    ts.decode_cost(["DeepSeek-V3", "Llama-3.1-70B"] * 500, ["H100"] * 1000, 64, 4096, 32)
    assert looked_up == ["H100", "DeepSeek-V3", "Llama-3.1-70B"]


def test_the_chain_is_evaluated_once_whatever_differs_by_row(monkeypatch: pytest.MonkeyPatch) -> None:
    evaluated: list[int] = []
    evaluate = Chain.evaluate
    monkeypatch.setattr(Chain, "evaluate", lambda *args: evaluated.append(1) or evaluate(*args))
    costs = ts.decode_cost(
        *(["DeepSeek-V3", "Llama-3.1-70B"] * 2, ["H100", "H200", "B200", "MI300X"], [1, 2, 3, 4], 4096, 16),
        estimate=["ideal", "low", "calibrated", "high"],
        efficiency=[0.2, None, None, 0.3],
        price_basis=["owned", "3 years"] * 2,
    )
    assert len(evaluated) == 1
    assert costs.shape == (4,)


def test_two_names_of_one_chip_are_still_two_answers() -> None:
    one = ts.decode_time("DeepSeek-V3", "H200", 64, 4096)
    assert ts.decode_time("DeepSeek-V3", ["H200", "h200"], 64, 4096).tolist() == [one, one]


def test_a_row_of_ones_own_stands_beside_names() -> None:
    row = own_row([ts.chips()["H200 SXM"][each] for each in ROW["chips"]], "chips")
    dear = dict(row) | {"usd_per_hour": 2 * row["usd_per_hour"]}
    named, own, twice = ts.decode_cost("DeepSeek-V3", ["H200", row, dear], 64, 4096, 8)
    assert (own, twice) == (named, pytest.approx(2 * named))
    assert ts.decode_cost("DeepSeek-V3", [row], 64, 4096, 8, price_basis=["spot"]).tolist() == [named]


def test_where_nothing_stands_the_default_counts() -> None:
    wanted = ts.decode_cost("DeepSeek-V3", "H200", 64, 4096, 16)
    for nothing in (None, np.nan):
        found = ts.decode_cost("DeepSeek-V3", "H200", 64, 4096, 16, precision=np.array([nothing, "bf16"], object))
        assert found[0] == wanted
        assert found[1] > wanted
    assert ts.decode_cost("DeepSeek-V3", "H200", 64, 4096, [None, 8]).tolist() == [
        ts.decode_cost("DeepSeek-V3", "H200", 64, 4096, chips) for chips in (None, 8)
    ]
    masked = np.ma.array([1.0, 16.0], mask=[True, False])
    assert ts.decode_cost("DeepSeek-V3", "H200", 64, 4096, masked)[0] == ts.decode_cost("DeepSeek-V3", "H200", 64, 4096)


def test_no_names_give_no_answers() -> None:
    assert ts.decode_cost([], "H200", 64, 4096).tolist() == []
    assert ts.chip([], "hbm_bytes").tolist() == []
    assert ts.best_batch([], "H200", 0.05, 4096).tolist() == []


def test_shapes_that_do_not_go_together_are_named() -> None:
    with pytest.raises(ValueError, match=r"shapes that numpy cannot broadcast: model \(3,\), batch \(2,\)"):
        ts.decode_cost(["DeepSeek-V3"] * 3, "H100", [1, 2], 4096)


@pytest.mark.parametrize("function", [each for each in functions().values() if hasattr(each.python, "outcomes")],
                         ids=lambda function: function.name)  # fmt: skip
def test_errors_is_no_argument_that_a_spreadsheet_sees(function: Function) -> None:
    assert "errors" not in inspect.signature(function.python).parameters


def test_every_kind_of_array_may_hold_names() -> None:
    texts = ["H100", "B200", "H100"]
    for each in (texts, tuple(texts), np.array(texts), np.array(texts, object), np.array(texts).reshape(3, 1)):
        names = named(each)
        assert names.distinct == ["H100", "B200"]
        assert names.codes.shape == np.shape(each)
        assert names.codes.ravel().tolist() == [0, 1, 0]
    assert named("H100") == named(np.array("H100")) == (["H100"], 0)


def test_a_search_takes_arrays_of_names_too() -> None:
    models = ["DeepSeek-V3", "Llama-3.1-70B", "nonesuch"]
    for search, args in (
        (ts.best_chip, (64.0, 4096.0)),
        (ts.best_batch, ("H200", 0.05, 4096.0, 16.0)),
        (ts.serving_users, ("H200", 1000.0, 100.0, 1.0, 0.05, 16.0)),
        (ts.users_at_rate, ("H200", 1000.0, 100.0, [1.0, 1.0, 1.0], 16.0)),
    ):
        found = of_places(search, models, *args)
        single = [each[0] if isinstance(each, list) else each for each in args]
        assert found.tolist() == [outcome(search, model, *single) for model in models], search


def test_the_best_chip_may_be_asked_for_on_several_bases() -> None:
    found = ts.best_chip("Llama-3.1-70B", 64, 4096, price_basis=[*BASES, "now"], errors="nan")
    assert found.tolist()[:-1] == [ts.best_chip("Llama-3.1-70B", 64, 4096, price_basis=basis) for basis in BASES]
    assert found[-1] != found[-1]


def test_what_is_not_known_is_told_from_who_is_not_known() -> None:
    models = ["DeepSeek-V3", "nonesuch", "DeepSeek-V3", "DeepSeek-V3", "DeepSeek-V3"]
    chips, batches = ["H200", "H200", "L4", "H200", "H200"], [1, 1, 1, 1e9, 0]
    codes = ts.decode_cost.outcomes(models, chips, batches, 4096, 8).codes
    assert codes.dtype == np.uint8
    expected = "ANSWERED", "NO_SUCH_NAME", "NOT_KNOWN", "DOES_NOT_FIT", "OUTSIDE_DOMAIN"
    assert [[*Outcome][code].name for code in codes] == [*expected]


MINE = {"name": "Mine", "bf16_flops": 1e15, "hbm_bytes": 141e9, "hbm_bandwidth": 4.8e12, "usd_per_hour": 3.0}


def test_what_a_row_of_ones_own_leaves_out_is_not_known() -> None:
    whole = dict(ts.chips()["H200 SXM"])
    assert ts.decode_cost("DeepSeek-V3", whole, 64, 4096) == ts.decode_cost("DeepSeek-V3", "H200", 64, 4096)
    for blank in ({**MINE, "fp8_flops": None}, {**MINE, "fp8_flops": np.nan, "notes": ""}):
        assert ts.decode_cost("DeepSeek-V3", blank, 64, 4096) == ts.decode_cost("DeepSeek-V3", MINE, 64, 4096)
    with pytest.raises(ts.UnknownName, match="Mine has no usd_per_hour in its row"):
        ts.decode_cost("DeepSeek-V3", {**MINE, "usd_per_hour": None}, 64, 4096)
    few = {"total_params": 70e9, "active_params": 70e9, "kv_bytes_per_token": 163840}
    assert ts.decode_cost(few, MINE, 64, 4096, estimate="ideal") > 0
    with pytest.raises(LookupError, match=r"your model has no .*layers.*, without which there is only estimate"):
        ts.decode_cost(few, MINE, 64, 4096)


@pytest.mark.parametrize("column", ["bf16_flops", "hbm_bytes", "hbm_bandwidth"])
def test_what_a_row_of_ones_own_has_to_have_is_named(column: str) -> None:
    partial = {key: each for key, each in MINE.items() if key != column}
    words = f"Mine has no {column}: a row of your own needs bf16_flops, hbm_bytes, hbm_bandwidth"
    for function, args in ((ts.decode_cost, (64, 4096)), (ts.best_batch, (0.05, 4096)), (ts.prefill_cost, (1000,))):
        with pytest.raises(ts.UnknownName, match=words):
            function("DeepSeek-V3", partial, *args)
        found = ts.reasons(function, "DeepSeek-V3", ["H200", partial, MINE], *args)
        assert found.tolist() == ["", words, ""]
    assert ts.decode_cost.outcomes("DeepSeek-V3", partial, 64, 4096).codes == Outcome.NOT_KNOWN
    with pytest.raises(ts.UnknownName, match="your chip has no bf16_flops, hbm_bytes, hbm_bandwidth"):
        ts.chip({}, "vendor")


def test_numbers_in_a_row_of_ones_own_may_be_texts() -> None:
    typed = {**MINE, "bf16_flops": "1P", "hbm_bytes": "141G", "hbm_bandwidth": "4.8T", "usd_per_hour": "3"}
    assert ts.decode_cost("DeepSeek-V3", typed, 64, 4096) == ts.decode_cost("DeepSeek-V3", MINE, 64, 4096)
    with pytest.raises(ts.UnknownName, match="Mine, column hbm_bytes: 'plenty' is not a number"):
        ts.decode_cost("DeepSeek-V3", {**MINE, "hbm_bytes": "plenty"}, 64, 4096)


@pytest.mark.parametrize(
    "ask",
    [
        lambda chip: ts.decode_cost("Llama-3.1-70B", chip, 64, 4096),
        lambda chip: ts.best_batch("Llama-3.1-70B", chip, 0.05, 4096),
        lambda chip: ts.serving_users("Llama-3.1-70B", chip, 1000, 100, 1, 0.05),
        lambda chip: ts.users_at_rate("Llama-3.1-70B", chip, 1000, 100, 0.1),
        lambda chip: ts.best_deployment("Llama-3.1-70B", 2000, 500, 2, 0.03, "chips", chip),
        lambda chip: ts.chip(chip, "hbm_bytes"),
    ],
)
def test_rows_of_ones_own_among_names_go_wherever_names_go(ask: Callable[[Any], Any]) -> None:
    wanted = [ask("H200"), ask(MINE), ask("B200")]
    assert ask(["H200", MINE, "B200"]).tolist() == wanted
    series = ask(pd.Series(["H200", MINE, "B200"], ["a", "b", "c"]))
    assert (series.index.tolist(), series.tolist()) == (["a", "b", "c"], wanted)
    both = ts.sweep("decode_cost", model="Llama-3.1-70B", chip=["H200", MINE], batch=64, context=4096)
    assert both.chip.values.tolist() == ["H200", "Mine"]


def test_choices_may_be_in_any_case() -> None:
    asked = "DeepSeek-V3", "H200", 64, 4096, 16
    lower = {"precision": "bf16", "estimate": "ideal", "kv_precision": "fp8", "price_basis": "on demand"}
    upper = {name: text.upper() for name, text in lower.items()}
    assert ts.decode_cost(*asked, **upper) == ts.decode_cost(*asked, **lower)
    assert call(functions()["DECODE_COST"], (*asked, None, "FP8")).tolist() == [[ts.decode_cost(*asked)]]
    mixed = ts.decode_cost("DeepSeek-V3", "H200", 64, 4096, 16, precision=["FP8", "Bf16", "fp8"])
    assert (
        mixed.tolist() == ts.decode_cost("DeepSeek-V3", "H200", 64, 4096, 16, precision=["fp8", "bf16", "fp8"]).tolist()
    )
    assert ts.best_deployment("Llama-3.1-70B", 2000, 500, 2, 0.03, "Chips", "h100", "FP8", "BF16") == 4
