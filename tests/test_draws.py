"""What is drawn is what was asked for: quantiles, means and correlations, the same for a seed however it is cut."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm, spearmanr
from tokensheet.distributions import WAYS, draw
from tokensheet.draws import BLOCK, mixed, mixes, normals

SEED = 3
MANY = 200_000
# Each distribution by the parameters that people know it by, and what has to come of it
KNOWN: list[tuple[str, Mapping[str, Any], Mapping[str, float]]] = [
    ("normal", {"mean": 3, "sd": 2}, {"mean": 3, "sd": 2, "p50": 3}),
    ("normal", {"p5": 1, "p95": 3}, {"p5": 1, "p50": 2, "p95": 3}),
    ("lognormal", {"median": 4096, "p90": 32_000}, {"p50": 4096, "p90": 32_000}),
    ("lognormal", {"mean": 10, "sd": 5}, {"mean": 10, "sd": 5}),
    ("uniform", {"low": 1, "high": 5}, {"mean": 3, "p10": 1.4, "p90": 4.6}),
    ("uniform", {"p10": 1.4, "p90": 4.6}, {"mean": 3, "p25": 2}),
    ("triangular", {"low": 0, "mode": 1, "high": 5}, {"mean": 2, "sd": (21 / 18) ** 0.5}),
    ("pert", {"low": 0, "mode": 1, "high": 5}, {"mean": 1.5}),
    ("beta", {"mean": 0.6, "sd": 0.1}, {"mean": 0.6, "sd": 0.1}),
    ("beta", {"alpha": 2, "beta": 3, "low": -1, "high": 1}, {"mean": -0.2}),
    ("metalog", {"p10": 1, "p50": 2, "p90": 4}, {"p10": 1, "p50": 2, "p90": 4}),
    ("metalog", {"p10": 1, "p50": 2, "p90": 9, "low": 0}, {"p10": 1, "p50": 2, "p90": 9}),
    ("discrete", {"values": [1, 2, 8], "weights": [1, 2, 1]}, {"mean": 3.25, "p50": 2}),
    ("bootstrap", {"data": [1, 2, 3, 6]}, {"mean": 3}),
]


@pytest.mark.parametrize(("distribution", "parameters", "facts"), KNOWN)
def test_draws_have_the_quantiles_and_moments_asked_for(
    distribution: str, parameters: Mapping[str, Any], facts: Mapping[str, float]
) -> None:
    values = draw(distribution, **parameters).values(normals("x", SEED, 0, MANY))
    for fact, wanted in facts.items():
        found = {"mean": values.mean(), "sd": values.std()}.get(fact)
        found = np.quantile(values, int(fact[1:]) / 100) if found is None else found
        assert found == pytest.approx(wanted, rel=0.02), fact


@pytest.mark.parametrize(("distribution", "parameters", "_"), KNOWN)
def test_a_draws_quantile_is_that_of_its_draws(distribution: str, parameters: Mapping[str, Any], _: Any) -> None:
    drawn = draw(distribution, **parameters)
    values = drawn.values(normals("x", SEED, 0, MANY))
    for share in (0.11, 0.52, 0.88):
        assert np.mean(values <= drawn.quantile(share)) >= share - 0.01
        assert np.mean(values < drawn.quantile(share)) <= share + 0.01


def test_every_distribution_is_among_them() -> None:
    assert {name for name, _, _ in KNOWN} == {*WAYS}


def test_names_are_drawn_by_their_weights() -> None:
    values = draw("discrete", values=["H200", "B200"], weights=[3, 1]).values(normals("chip", SEED, 0, MANY))
    assert np.mean(values == "H200") == pytest.approx(0.75, abs=0.01)


@given(start=st.integers(0, 5 * BLOCK), length=st.integers(1, 2 * BLOCK))
def test_any_part_of_the_draws_is_as_it_is_in_the_whole(start: int, length: int) -> None:
    part = normals("context", SEED, start, start + length)
    assert np.array_equal(part, normals("context", SEED, 0, 7 * BLOCK)[start : start + length])


def test_seeds_and_names_have_draws_of_their_own() -> None:
    one = normals("context", SEED, 0, BLOCK)
    assert not np.array_equal(one, normals("context", SEED + 1, 0, BLOCK))
    assert abs(np.corrcoef(one, normals("batch", SEED, 0, BLOCK))[0, 1]) < 0.05
    assert abs(np.corrcoef(one, normals("context", SEED, BLOCK, 2 * BLOCK))[0, 1]) < 0.05


def test_a_draw_of_ten_to_the_twelve_is_made_where_it_is_needed() -> None:
    assert len(normals("context", SEED, 10**12 - 5, 10**12)) == 5


@pytest.mark.parametrize("rank", [-1, -0.9, -0.3, 0, 0.5, 1])
def test_ranks_are_correlated_as_asked_for_whatever_the_distributions(rank: float) -> None:
    mix = mixes(["batch", "context"], {("batch", "context"): rank})
    batch = draw("lognormal", median=64, p90=300).values(mixed(mix["batch"], SEED, 0, MANY))
    context = draw("uniform", low=0, high=1).values(mixed(mix["context"], SEED, 0, MANY))
    assert spearmanr(batch, context)[0] == pytest.approx(rank, abs=0.01)
    assert np.std(norm.ppf(context)) == pytest.approx(1, abs=0.01), "a marginal that is still what was asked for"


def test_the_order_of_inputs_and_of_a_pair_does_not_matter() -> None:
    one = mixes(["a", "b", "c"], {("a", "b"): 0.5, ("b", "c"): -0.2})
    other = mixes(["c", "b", "a"], {("c", "b"): -0.2, ("b", "a"): 0.5})
    assert one == other


def test_what_is_correlated_with_nothing_stays_as_it_was() -> None:
    assert mixes(["a", "b", "c"], {("a", "b"): 0.5})["c"] == mixes(["c"], {})["c"]


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("gauss", {}, "no distribution is called 'gauss'; there are: normal"),
    ("normal", {}, "normal: takes mean and sd, or two quantiles such as p10 and p90; not nothing"),
    ("normal", {"mean": 1, "sd": 0}, "normal: sd must be > 0, not 0"),
    ("normal", {"mean": "x", "sd": 1}, "normal: mean must be a finite number, not 'x'"),
    ("normal", {"p10": 1, "p50": 2, "p90": 3}, "a metalog goes through three"),
    ("normal", {"p10": 3, "p90": 1}, "normal: p10 < p90 must hold, not 3, 1"),
    ("lognormal", {"p10": -1, "p90": 3}, "lognormal: its quantiles must be > 0, not -1"),
    ("uniform", {"low": 1, "high": 1}, "uniform: low < high must hold, not 1, 1"),
    ("pert", {"low": 1, "high": 2}, "pert: takes low, mode and high; not low, high"),
    ("triangular", {"low": 3, "mode": 1, "high": 2}, "triangular: low < mode < high must hold"),
    ("beta", {"mean": 0.5, "sd": 0.6}, "beta: no numbers between 0 and 1 have that mean and so large an sd"),
    ("beta", {"mean": 5, "sd": 0.1}, "beta: no numbers between 0 and 1"),
    ("metalog", {"p10": 1, "p50": 1.1, "p90": 100}, "say which: low=0"),
    ("metalog", {"p10": 1, "p50": 2, "p90": 3, "low": 1}, "metalog: p10 must be above low, 1, not 1"),
    ("discrete", {"values": []}, "discrete: values must be a list of numbers or of names"),
    ("discrete", {"values": [1, 2], "weights": [1]}, "discrete: 2 values have 1 weights"),
    ("discrete", {"values": [1, 2], "weights": [1, -1]}, "discrete: weights must be numbers from 0"),
    ("bootstrap", {"data": [1, float("nan")]}, "bootstrap: data must be finite numbers"),
    ("bootstrap", {"data": [[1]]}, "bootstrap: data must be a list"),
]


@pytest.mark.parametrize(("distribution", "parameters", "words"), WRONG)
def test_what_is_wrong_with_a_distribution_is_said(distribution: str, parameters: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)) as error:
        draw(distribution, **parameters)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        ({("a", "x"): 0.5}, "correlated: 'x' is not drawn; drawn are a, b, c"),
        ({("a", "a"): 0.5}, "is no pair"),
        ({"ab": 0.5}, "is no pair"),
        ({("a", "b"): 0.5, ("b", "a"): 0.4}, "stand there twice"),
        ({("a", "b"): 1.5}, "must be a number from -1 to 1, not 1.5"),
        ({("a", "b"): 0.9, ("b", "c"): 0.9, ("a", "c"): -0.9}, "can have all these correlations"),
    ],
)
def test_what_is_wrong_with_correlations_is_said(pairs: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        mixes(["a", "b", "c"], pairs)
