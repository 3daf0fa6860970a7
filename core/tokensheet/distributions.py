"""What an input may be drawn from: distributions by name, by the parameters that people know them by.

Each is a function of standard normals, the one kind of random number that draws.py makes: so draws of any distributions
can be correlated, and an input's base and ends are quantiles of the same function.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from tokensheet.extras import needed
from tokensheet.floats import as_float, is_number
from tokensheet.typed import number_or_itself

Values = Callable[[Any], np.ndarray]

QUANTILE = re.compile(r"p[1-9]\d?")
WAYS = {
    "normal": "mean and sd, or two quantiles such as p10 and p90",
    "lognormal": "mean and sd, or two quantiles such as median and p90",
    "uniform": "low and high, or two quantiles such as p10 and p90",
    "triangular": "low, mode and high",
    "pert": "low, mode and high",
    "beta": "mean and sd, or alpha and beta, of a share; with low and high of a number between these",
    "metalog": "p10, p50 and p90; with low, which it never falls below",
    "discrete": "values, with weights where they are not equally likely",
    "bootstrap": "data",
}
STEEPEST = 0.59984  # of y - 1/2 + y (1 - y) logit y, by which a metalog of three terms is one


@dataclass(frozen=True, eq=False)
class Draw:
    """An input that is drawn: what its distribution is called, and its values as a function of standard normals."""

    text: str
    values: Values

    def __str__(self) -> str:
        return self.text

    def quantile(self, share: float) -> Any:
        """The value that a share of all draws does not exceed."""
        return self.values(np.array([special().ndtri(share)])).tolist()[0]


def draw(distribution: str, **parameters: Any) -> Draw:
    """An input of a sweep that is drawn from a distribution.

    Parameters
    ----------
    distribution : str
        normal, lognormal, uniform, triangular, pert, beta, metalog, discrete or bootstrap.
    **parameters
        normal, lognormal and uniform: two quantiles, of which `p10` is the one that a tenth of the draws falls below
        and `median` is `p50`; the first two also `mean` and `sd`, uniform `low` and `high`. triangular and pert: `low`,
        `mode` and `high`. beta: `mean` and `sd` or `alpha` and `beta`, between 0 and 1 or `low` and `high`. metalog:
        `p10`, `p50` and `p90`, and `low` if it has a least value. discrete: `values`, numbers or names, and `weights`.
        bootstrap: `data`, each number of which is as likely as the others.

    Returns
    -------
    Draw
        What `tokensheet.sweep` takes for an input.

    Raises
    ------
    ValueError
        If there is no such distribution, or it does not take these parameters or their values.

    Examples
    --------
    >>> round(draw("lognormal", median=4096, p90=32_000).quantile(0.9))
    32000
    >>> draw("discrete", values=["H200", "B200"], weights=[3, 1]).quantile(0.5)
    'H200'
    """
    if distribution not in WAYS:
        raise ValueError(f"no distribution is called {distribution!r:.60}; there are: {', '.join(WAYS)}")
    parameters = {name: number_or_itself(value) for name, value in parameters.items()}
    found = globals()[f"as_{distribution}"](Given(distribution, parameters))
    shown = ", ".join(f"{name}={in_short(value)}" for name, value in parameters.items())
    return Draw(f"{distribution}({shown})", found)


def in_short(value: Any) -> str:
    return f"{value:g}" if is_number(value) else f"{np.size(value):,} values"


class Given:
    """The parameters of a distribution, read as numbers; whatever is wrong with them is said with its name."""

    def __init__(self, distribution: str, parameters: Mapping[str, Any]) -> None:
        self.distribution, self.parameters = distribution, parameters

    def wrong(self, words: str) -> ValueError:
        return ValueError(f"{self.distribution}: {words}")

    def misfit(self, more: str = "") -> ValueError:
        names = ", ".join(self.parameters) or "nothing"
        return self.wrong(f"takes {WAYS[self.distribution]}; not {names:.60}{more}")

    def has(self, *names: str, beside: tuple[str, ...] = ()) -> bool:
        """Whether these are given, and nothing else but perhaps those `beside`."""
        return {*names} <= {*self.parameters} <= {*names, *beside}

    def number(self, name: str) -> float:
        value = self.parameters[name]
        if not is_number(value) or not np.isfinite(number := as_float(value)):
            raise self.wrong(f"{name} must be a finite number, not {value!r:.60}")
        return number

    def numbers(self, *names: str) -> list[float]:
        if not self.has(*names):
            raise self.misfit()
        return [self.number(name) for name in names]

    def rising(self, *names: str) -> list[float]:
        """Numbers each of which must be above the one before; that between two others may be one of them."""
        found = self.numbers(*names)
        if sorted(found) != found or found[0] == found[-1]:
            raise self.wrong(f"{' < '.join(names)} must hold, not {', '.join(f'{each:g}' for each in found)}")
        return found

    def positive(self, name: str) -> float:
        if (value := self.number(name)) <= 0:
            raise self.wrong(f"{name} must be > 0, not {value:g}")
        return value

    def quantiles(self) -> tuple[np.ndarray, np.ndarray]:
        """The shares of two quantiles as standard normals, and their values."""
        shares = {name: 50 if name == "median" else int(name[1:])
                  for name in self.parameters if name == "median" or QUANTILE.fullmatch(name)}  # fmt: skip
        names = sorted(shares, key=lambda name: shares[name])
        if len({*shares.values()}) != 2 or not self.has(*names):
            raise self.misfit("; a metalog goes through three" if len(names) > 2 and self.has(*names) else "")
        return special().ndtri([shares[name] / 100 for name in names]), np.array(self.rising(*names))


def special() -> Any:
    return needed("a draw", "scipy.special", "sweep")


# Each distribution: from its parameters a function of standard normals, which a worker elsewhere can be sent


def as_normal(given: Given) -> Values:
    if given.has("mean", "sd"):
        return partial(on_a_line, given.number("mean"), given.positive("sd"))
    return partial(on_a_line, *line_through(*given.quantiles()))


def as_lognormal(given: Given) -> Values:
    if given.has("mean", "sd"):
        mean, variation = given.positive("mean"), given.positive("sd") / given.positive("mean")
        variance = np.log1p(variation**2)
        return partial(exponential_of_a_line, np.log(mean) - variance / 2, np.sqrt(variance))
    places, values = given.quantiles()
    if values[0] <= 0:
        raise given.wrong(f"its quantiles must be > 0, not {values[0]:g}")
    return partial(exponential_of_a_line, *line_through(places, np.log(values)))


def as_uniform(given: Given) -> Values:
    if given.has("low", "high"):
        low, high = given.rising("low", "high")
        return partial(between, low, high - low)
    places, values = given.quantiles()
    return partial(between, *line_through(special().ndtr(places), values))


def as_triangular(given: Given) -> Values:
    return partial(triangle, *given.rising("low", "mode", "high"))


def as_pert(given: Given) -> Values:
    """The beta distribution of three estimates of a time, of 1959: its mean is (low + 4 mode + high) / 6."""
    low, mode, high = given.rising("low", "mode", "high")
    width = high - low
    return partial(beta, low, width, 1 + 4 * (mode - low) / width, 1 + 4 * (high - mode) / width)


def as_beta(given: Given) -> Values:
    ends = ("low", "high")
    low, high = Given("beta", {"low": 0, "high": 1} | {end: given.parameters[end] for end in ends
                                                       if end in given.parameters}).rising(*ends)  # fmt: skip
    if given.has("alpha", "beta", beside=ends):
        return partial(beta, low, high - low, given.positive("alpha"), given.positive("beta"))
    if not given.has("mean", "sd", beside=ends):
        raise given.misfit()
    mean, sd = (given.number("mean") - low) / (high - low), given.positive("sd") / (high - low)
    both = mean * (1 - mean) / sd**2 - 1 if 0 < mean < 1 else 0
    if both <= 0:
        raise given.wrong(f"no numbers between {low:g} and {high:g} have that mean and so large an sd")
    return partial(beta, low, high - low, mean * both, (1 - mean) * both)


def as_metalog(given: Given) -> Values:
    """Keelin's distribution of three quantiles (Decision Analysis, 2016), of the logarithm where there is a `low`."""
    bound = given.number("low") if "low" in given.parameters else None
    p10, p50, p90 = Given("metalog", {key: each for key, each in given.parameters.items() if key != "low"}).rising(
        "p10", "p50", "p90"
    )
    if bound is not None:
        if p10 <= bound:
            raise given.wrong(f"p10 must be above low, {bound:g}, not {p10:g}")
        p10, p50, p90 = (float(np.log(each - bound)) for each in (p10, p50, p90))
    steep = (p90 - p10) / (2 * np.log(9))
    bent = (p10 + p90 - 2 * p50) / (0.8 * np.log(9))
    if steep <= STEEPEST * abs(bent):
        raise given.wrong("p50 is too near to p10 or p90; of a number with a least value say which: low=0")
    return partial(metalog, p50, steep, bent, bound)


def as_discrete(given: Given) -> Values:
    if not given.has("values", beside=("weights",)):
        raise given.misfit()
    values = listed(given, "values")
    weights = listed(given, "weights") if "weights" in given.parameters else np.ones(len(values))
    if len(weights) != len(values):
        raise given.wrong(f"{len(values)} values have {len(weights)} weights")
    if weights.dtype.kind not in "iuf" or not np.isfinite(weights).all() or weights.min() < 0 or not weights.sum():
        raise given.wrong("weights must be numbers from 0, one of them above")
    return partial(one_of, values, np.cumsum(weights / weights.sum()))


def as_bootstrap(given: Given) -> Values:
    if not given.has("data"):
        raise given.misfit()
    data = listed(given, "data")
    if data.dtype.kind not in "iuf" or not np.isfinite(data).all():
        raise given.wrong("data must be finite numbers; draws of names are discrete")
    return partial(one_of, data.astype(float), np.arange(1, len(data) + 1) / len(data))


def listed(given: Given, name: str) -> np.ndarray:
    """A parameter that is a list: of numbers, or of names."""
    values = np.asarray(given.parameters[name])
    if values.ndim != 1 or not len(values) or values.dtype.kind not in "iufU":
        raise given.wrong(f"{name} must be a list of numbers or of names")
    return values


def line_through(places: np.ndarray, values: np.ndarray) -> tuple[float, float]:
    """Where a line through two points begins, and how steep it is."""
    steep = (values[1] - values[0]) / (places[1] - places[0])
    return values[0] - steep * places[0], steep


# Of standard normals:


def on_a_line(start: float, steep: float, normals: Any) -> np.ndarray:
    return np.asarray(start + steep * normals)


def exponential_of_a_line(start: float, steep: float, normals: Any) -> np.ndarray:
    return np.asarray(np.exp(start + steep * normals))


def between(low: float, width: float, normals: Any) -> np.ndarray:
    return np.asarray(low + width * special().ndtr(normals))


def triangle(low: float, mode: float, high: float, normals: Any) -> np.ndarray:
    share, width = special().ndtr(normals), high - low
    rising = low + np.sqrt(share * width * (mode - low))
    falling = high - np.sqrt((1 - share) * width * (high - mode))
    return np.asarray(np.where(share * width <= mode - low, rising, falling))


def beta(low: float, width: float, alpha: float, other: float, normals: Any) -> np.ndarray:
    return np.asarray(low + width * special().betaincinv(alpha, other, special().ndtr(normals)))


def metalog(middle: float, steep: float, bent: float, bound: float | None, normals: Any) -> np.ndarray:
    share, odds = special().ndtr(normals), special().log_ndtr(normals) - special().log_ndtr(-normals)
    values = middle + steep * odds + bent * (share - 0.5) * odds
    return np.asarray(values if bound is None else bound + np.exp(values))


def one_of(values: np.ndarray, shares: np.ndarray, normals: Any) -> np.ndarray:
    """Of values with a cumulative share each, the one in whose share the normal is."""
    places = np.searchsorted(shares, special().ndtr(normals), side="right")
    return np.asarray(values[np.minimum(places, len(values) - 1)])
