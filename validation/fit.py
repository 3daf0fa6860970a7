"""Fit the calibration's constants to the measurements, and judge it by what it was not fitted to.

    python validation/fit.py

writes core/tokensheet/data/calibration*.csv. Needs scipy (the extra `test` brings it). It stands beside the tests and
not among them because it makes the constants; the tests repeat the fit and compare.
"""

from __future__ import annotations

import csv
import functools
from pathlib import Path

import numpy as np
from scipy.optimize import least_squares
from tokensheet.calibration import constants
from tokensheet.data import CALIBRATION
from tokensheet.measured import columns, inputs_of, model_of, number, predict, read_rows

DATA = Path(__file__).parents[1] / "core" / "tokensheet" / "data"
FRACTIONS = ("bandwidth_efficiency", "link_efficiency")
START = {
    "bandwidth_efficiency": 0.7,
    "layer_latency": 2e-5,
    "expert_latency": 3e-6,
    "collective_latency": 5e-6,
    "link_efficiency": 0.3,
}
NAMES = tuple(START)
# Residuals beyond 8 % count by their size and no longer by its square, so that a mislabelled run does not pull
SCALE = 0.08
RESAMPLES = 200


class Data:
    """The rows of the latency file as arrays, and the groups that are left out in turn."""

    def __init__(self) -> None:
        rows = read_rows()
        self.inputs = columns([inputs_of(row) for row in rows])
        self.measured = np.array([number(row, "tpot_ms") for row in rows], float) / 1e3
        # a row without a concurrency says nothing about the constants; it is judged like the others
        self.fitting = np.array([number(row, "concurrency") is not None for row in rows])
        self.chip = np.array([row["chip"] for row in rows])
        self.model = np.array([model_of(row["model"])["name"] for row in rows])  # DeepSeek-R1 is DeepSeek-V3
        self.engine = np.array([row["engine"].split()[0] for row in rows])
        self.source = np.array([row["notes"] for row in rows])

    def predicted(self, fitted: dict[str, float], which: np.ndarray | slice = slice(None)) -> np.ndarray:
        return predict({name: values[which] for name, values in self.inputs.items()}, fitted)[1]


@functools.cache
def published() -> Data:
    """The rows of the latency file, read once: finding their models' names takes seconds."""
    return Data()


def unpack(free: np.ndarray) -> dict[str, float]:
    """Free numbers as constants: shares between 0 and 1, times above 0."""
    return {
        name: float(1 / (1 + np.exp(-value)) if name in FRACTIONS else np.exp(value))
        for name, value in zip(NAMES, free, strict=True)
    }


def pack(fitted: dict[str, float]) -> np.ndarray:
    shares = [name in FRACTIONS for name in NAMES]
    values = np.array([fitted[name] for name in NAMES])
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(shares, np.log(values) - np.log1p(-values), np.log(values))


def fit(data: Data, which: np.ndarray, start: dict[str, float] = START) -> dict[str, float]:
    """The constants with the least robust error of log time over the rows (a mask, or places that may repeat)."""
    places = np.flatnonzero(which & data.fitting) if which.dtype == bool else which
    distinct, again = np.unique(places, return_inverse=True)
    logs = np.log(data.measured[distinct])

    def residuals(free: np.ndarray) -> np.ndarray:
        return (np.log(data.predicted(unpack(free), distinct)) - logs)[again]

    found = least_squares(residuals, pack(start), loss="soft_l1", f_scale=SCALE, max_nfev=200)
    return unpack(found.x)


def left_out(data: Data, *groups: np.ndarray, start: dict[str, float] = START) -> np.ndarray:
    """Each row as predicted by a fit without all rows that share its group, or any of its groups."""
    predicted = np.empty(len(data.measured))
    keys = np.stack(groups, axis=1)
    for key in np.unique(keys, axis=0):
        inside = (keys == key).all(axis=1)
        predicted[inside] = data.predicted(fit(data, ~(keys == key).any(axis=1), start), inside)
    return predicted


def errors(data: Data, predicted: np.ndarray) -> dict[str, float]:
    """The median absolute relative error, and the share of rows within 30 %."""
    error = np.abs(predicted / data.measured - 1)
    return {"median error": float(np.median(error)), "within 30 %": float(np.mean(error < 0.3))}


def band(*ratios: np.ndarray) -> tuple[float, float]:
    """The factors between which 80 % of measured over predicted lie."""
    low, high = np.quantile(np.concatenate(ratios), [0.1, 0.9])
    return float(low), float(high)


def intervals(data: Data, start: dict[str, float]) -> dict[str, tuple[float, float]]:
    """The 90 % interval of each constant, by drawing the groups of one model on one chip again and again."""
    _, group = np.unique(np.char.add(data.model, data.chip), return_inverse=True)
    members = [np.flatnonzero((group == each) & data.fitting) for each in range(group.max() + 1)]
    draw = np.random.default_rng(0)
    drawn = []
    for _ in range(RESAMPLES):
        picked = draw.integers(0, len(members), len(members))
        drawn.append(fit(data, np.concatenate([members[each] for each in picked]), start))
    return {name: tuple(np.quantile([each[name] for each in drawn], [0.05, 0.95])) for name in NAMES}


@functools.cache
def results() -> dict[str, np.ndarray]:
    """Measured times, and predictions of the fit to everything and of those without some of it."""
    data = published()
    everything = fit(data, np.ones(len(data.measured), bool))
    return {
        "all": data.predicted(everything),
        "without its model": left_out(data, data.model, start=everything),
        "without its chip": left_out(data, data.chip, start=everything),
        "without its engine": left_out(data, data.engine, start=everything),
        "without its source": left_out(data, data.source, start=everything),
        "without model and chip": left_out(data, data.model, data.chip, start=everything),
    }


def main() -> None:
    data = published()
    fitted = fit(data, np.ones(len(data.measured), bool))
    ends = intervals(data, fitted)
    with CALIBRATION.open(encoding="utf-8") as file:
        meanings = {row["name"]: row for row in csv.DictReader(file)}
    write("calibration", ["name", "value", "low", "high", "unit", "meaning"], [
        [name, f"{fitted[name]:.4g}", *(f"{end:.3g}" for end in ends[name]), meanings[name]["unit"],
         meanings[name]["meaning"]] for name in NAMES
    ])  # fmt: skip
    ratios = {name: data.measured / predicted for name, predicted in results().items()}
    bands = [
        band(ratios["all"]),
        band(ratios["without its model"], ratios["without its chip"]),
        band(ratios["without model and chip"]),
    ]
    low = np.minimum.accumulate([each[0] for each in bands])  # less known is never surer
    high = np.maximum.accumulate([each[1] for each in bands])
    write("calibration_bands", ["unseen", "low", "high"], [
        [unseen, f"{low[unseen]:.3f}", f"{high[unseen]:.3f}"] for unseen in range(3)
    ])  # fmt: skip
    write("calibration_seen", ["kind", "name"], [
        *(["chip", name] for name in np.unique(data.chip)), *(["model", name] for name in np.unique(data.model))
    ])  # fmt: skip
    print(constants())
    for name, predicted in results().items():
        print(name, errors(data, predicted))


def write(name: str, header: list[str], rows: list[list[object]]) -> None:
    with (DATA / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


if __name__ == "__main__":
    main()
