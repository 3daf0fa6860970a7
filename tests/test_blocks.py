"""Large arrays go through compiled blocks: what comes out is what the chain gives of them whole, to the last digit."""

from typing import Any

import numpy as np
import pytest
import tokensheet as ts
from hypothesis import given, settings
from hypothesis import strategies as st
from tokensheet import blocks, chains
from tokensheet.catalogue import chips, models
from tokensheet.chain import Chain, Quantity
from tokensheet.equation import Positive, equation
from tokensheet.numbers import (
    DEFAULTS,
    FORMATS,
    KV_FORMATS,
    numbers_of_band,
    numbers_of_chip,
    numbers_of_formats,
    numbers_of_model,
    numbers_of_power,
)
from tokensheet.spelling import NUMPY

CHAINS = {name: getattr(chains, name) for name in chains.__dict__ if name.isupper()}
LOAD = {"batch": 64.0, "context": 4096.0, "input_tokens": 3000.0, "output_tokens": 500.0, "users": 64.0,
        "training_tokens": 1e13, "chips": 64.0, "mfu": 0.4, "usd_per_hour": 2.0}  # fmt: skip
SIZE = blocks.BLOCK + 5


def numbers(model: str, chip: str, precision: str, kv_precision: str) -> dict[str, Any]:
    """All that a chain may need, with something in the place of what the catalogue does not know."""
    row, shape = chips()[chip], models()[model]
    found = DEFAULTS | numbers_of_chip(row, precision) | numbers_of_power(row) | numbers_of_model(shape)
    found |= numbers_of_formats(precision, kv_precision, found["total_experts"]) | numbers_of_band(row, shape)
    return {key: 64.0 if value is None else float(value) for key, value in (found | LOAD).items()}


def moved(number: float, seed: int, shape: tuple[int, ...] = (SIZE,)) -> np.ndarray:
    """Numbers about one, that one among them; for 0, which often means none, others too."""
    chance = np.random.default_rng(seed)
    return np.where(chance.random(shape) < 0.2, number, (number or 4.0) * chance.uniform(0.3, 3, shape))


def same(chain: Chain, values: dict[str, Any]) -> None:
    keys = [each.key for each in chain if each.key not in values]
    found, wanted = blocks.evaluate(chain, values, *keys), chain.evaluate(values, *keys)
    assert [*found] == keys
    for key in keys:
        assert np.shape(found[key]) == np.shape(wanted[key]), key
        kind = np.asarray(wanted[key]).dtype.kind
        assert np.asarray(found[key]).dtype.kind == kind, key
        if kind == "f":
            np.testing.assert_allclose(found[key], wanted[key], rtol=1e-15, atol=0, equal_nan=True, err_msg=key)
        else:
            np.testing.assert_array_equal(found[key], wanted[key], err_msg=key)


@pytest.mark.parametrize("chain", CHAINS.values(), ids=CHAINS)
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_every_quantity_of_every_chain_is_what_it_is_of_whole_arrays(chain: Chain, data: st.DataObject) -> None:
    choices = ([*models()], [*chips()], [*FORMATS], [*KV_FORMATS])
    values = numbers(*(data.draw(st.sampled_from(each)) for each in choices))
    values = {key: values[key] for key in chain.given()}
    for key in data.draw(st.sets(st.sampled_from(chain.given()), min_size=1, max_size=6)):
        values[key] = moved(values[key], data.draw(st.integers(0, 99)))
    same(chain, values)


@pytest.mark.parametrize(
    "shapes",
    [((200, 1), (1, 300)), ((9, 1, 1), (7, 1), (500,)), ((3,), (9000, 1)), ((2, 9000), ()), ((1,), (SIZE,))],
    ids=str,
)
def test_arrays_are_broadcast_and_what_rests_on_one_of_them_is_as_large(shapes: Any) -> None:
    values = numbers("DeepSeek-V3", "H200 SXM", "fp8", "fp8")
    values |= {
        key: moved(values[key], place, shape) for place, (key, shape) in enumerate(zip(LOAD, shapes, strict=False))
    }
    same(chains.DECODE, {key: values[key] for key in chains.DECODE.given()})


@pytest.mark.parametrize("shape", [(1,), (blocks.BLOCK + 1,), (3, 5000), (40_000, 2), (2, 3, 4), (2, 2, 9000)])
def test_blocks_are_small_and_all_of_it(shape: tuple[int, ...]) -> None:
    seen = np.zeros(shape, int)
    for cut in blocks.cuts(shape):
        part = blocks.cut_out(seen, cut, shape)
        assert part.size <= blocks.BLOCK
        part += 1
    assert (seen == 1).all()


def test_what_is_given_for_chips_decides_nothing_anew() -> None:
    """Of the lines for 64 chips none is about how many it takes."""
    values = numbers("DeepSeek-V3", "H200 SXM", "fp8", "fp8") | {"own_chips": 64.0}
    arrays = ("batch", "context")
    part = chains.DECODE.of("token_cost")
    known = {key: values[key] for key in part.given() if key not in arrays}
    lines = part.spelled(NUMPY, {key: key for key in arrays}, "token_cost", known=known)
    assert not any("_ceil" in text or "_log2" in text for text in lines.values())


def test_what_does_not_fit_is_said_of_the_same_places() -> None:
    contexts = np.linspace(1, 1e6, SIZE)
    few, many = (
        ts.reasons(ts.decode_cost, "DeepSeek-V3", "H200", 64, each, 16) for each in (contexts[-100:], contexts)
    )
    assert "does not fit" in few[-1]
    assert [*many[-100:]] == [*few]
    answers = ts.decode_cost("DeepSeek-V3", "H200", 64, contexts, 16, errors="nan")
    assert (np.isnan(answers) == (many != "")).all()
    assert answers[0] == ts.decode_cost("DeepSeek-V3", "H200", 64, 1, 16)


def test_an_equation_that_no_table_can_say_is_computed_whole() -> None:
    @equation
    def sine(angle: Positive) -> Any:
        """Sine."""
        return np.sin(angle)

    chain = Chain((Quantity("sine", "Sine", sine, ("angle",)),))
    angles = moved(1.0, 1)
    assert (blocks.evaluate(chain, {"angle": angles}, "sine")["sine"] == np.sin(angles)).all()


@pytest.mark.parametrize("kind", [np.float32, np.int64, np.ma.array], ids=lambda kind: kind.__name__)
def test_arrays_of_another_kind_are_computed_whole(kind: Any) -> None:
    parts = moved(4.0, 1).round() + 1
    chain = Chain((Quantity("each", "Each", ts.chips_of_each, ("chips", "parts")),))
    given = {"chips": 8.0, "parts": parts.astype(kind) if isinstance(kind, type) else kind(parts)}
    found = blocks.evaluate(chain, given, "each")["each"]
    assert type(found) is type(chain.evaluate(given, "each")["each"])
    assert np.asarray(found) == pytest.approx(8 / parts, rel=1e-6)
