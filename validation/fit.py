"""Fit the calibration's constants to the measurements, and judge it by what it was not fitted to.

    python validation/fit.py

writes core/tokensheet/data/calibration*.csv. Needs scipy (the extra `test` brings it). It stands beside the tests and
not among them because it makes the constants; the tests repeat the fit and compare.

Two steps. Times per output token give the constants of a step, and one slowdown for each vendor's software; times to
first token then give what the server around the model takes. A row counts by the series that it is of (chip, engine,
model and format): a hundred runs of one set-up are one piece of evidence. Runs that later ones made history are judged
but teach nothing: `measured.old_software`.
"""

from __future__ import annotations

import csv
import functools
import itertools
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import least_squares
from tokensheet.calibration import BAND_ENDS, calibration
from tokensheet.catalogue import chips
from tokensheet.chains import SERVICE
from tokensheet.equation import DomainError
from tokensheet.measured import (
    SERVER,
    columns,
    engine_of,
    inputs_of,
    model_name,
    number,
    old_software,
    precision_of,
    read_rows,
    times_of,
)
from tokensheet.rows import find

DATA = Path(__file__).parents[1] / "core" / "tokensheet" / "data"
# What the two steps fit, and where they start; a slowdown is a constant of its vendor's software
STEP = {
    "bandwidth_efficiency": 0.8,
    "unpacking_efficiency": 0.75,
    "layer_latency": 4e-5,
    "expert_latency": 5e-6,
    "software AMD": 1.3,
    "software AWS": 2.0,
}
VENDORS = ("NVIDIA", "AMD", "AWS")
SERVERS = ("server_latency", "server_latency_vllm", "server_latency_sglang")
FIRST_TOKEN = {"server_latency": 0.1, "server_latency_vllm": 0.05, "server_latency_sglang": 0.3, "first_wave": 0.05}
FRACTIONS = ("bandwidth_efficiency", "unpacking_efficiency", "first_wave")
# Fitted, these move together and astray when rows are left out: they are set near where all rows put them
SET = {"collective_latency": 5e-6, "link_efficiency": 0.35, "prefill_efficiency": 0.8, "all_to_all_efficiency": 0.8}
# Judged, but nothing is learnt from a series whose time per token goes up and down as users are added: 8, 42, 28, 29,
# 38, 52 ms with 1, 2, 8, 32, 64, 128 of them; something else ran there
DOUBTFUL = ("qwen_qwen3_32b_qwen_qwen3_32b_gb200_trtllm",)
# Residuals beyond 12 % count by their size and no longer by its square, so that a mislabelled run does not pull; from
# 8 to 20 % the errors of NVIDIA's rows are the same
SCALE = 0.12
RESAMPLES = 200

Constants = dict[str, float]


class Data:
    """The rows of the latency files as arrays, and the groups that are left out in turn."""

    def __init__(self) -> None:
        old = dict(zip(map(id, published_rows()), old_software(published_rows()), strict=True))
        self.rows, inputs = [], []
        for row in published_rows():
            try:
                if number(row, "tpot_ms"):
                    inputs.append(inputs_of(row))
                    self.rows.append(row)
            except (LookupError, DomainError):  # each has its reason: `measured.judged`
                pass
        self.inputs = columns(inputs)
        self.measured = np.array([number(row, "tpot_ms") for row in self.rows], float) / 1e3
        self.ttft = np.array([times_of(row)["ttft_ms"] or np.nan for row in self.rows], float) / 1e3
        self.old = np.array([old[id(row)] for row in self.rows])
        self.chip = np.array([find(chips(), "chip", re.sub(r" \(.*", "", row["chip"]))["name"] for row in self.rows])
        self.vendor = np.array([chips()[name]["vendor"] for name in self.chip])
        self.doubtful = np.array([str(row["row_id"]).startswith(DOUBTFUL) for row in self.rows])
        # a vendor with a handful of rows has no constant of its own, and would pull at those of the others
        self.now = ~self.old & ~self.doubtful & np.isin(self.vendor, ["NVIDIA", *slowed(STEP)])
        self.model = np.array([model_name(row["model"]) for row in self.rows])  # DeepSeek-R1 is DeepSeek-V3
        self.engine = np.array([engine_of(row) for row in self.rows])
        self.server = np.array([SERVERS.index(SERVER.get(engine, "server_latency")) for engine in self.engine])
        precision = np.array([precision_of(row) for row in self.rows])
        _, self.series = np.unique([self.chip, self.engine, self.model, precision], axis=1, return_inverse=True)
        # what does not depend on the constants is computed once
        given, moved = self.inputs | {"batch": self.inputs["users"]}, {*STEP, *FIRST_TOKEN, *SET, "software"}
        self.still = SERVICE.settled(given, moved, "token_time", "ideal_token_time")
        self.bound = self.still["ideal_token_time"]

    def predicted(self, fitted: Constants, which: Any = slice(None), *keys: str) -> tuple[np.ndarray, ...]:
        """The estimate of some rows: times per output token, or whatever keys of the chain."""
        vendor = self.vendor[which]
        software = np.select([vendor == name for name in slowed(fitted)], [*slowed(fitted).values()], 1.0)
        server = np.array([fitted[name] for name in SERVERS])[self.server[which]]
        given = {name: value[which] if np.ndim(value) else value for name, value in self.still.items()}
        given |= {name: value for name, value in (SET | fitted).items() if "software" not in name}
        found = SERVICE.evaluate(given | {"software": software, "server_latency": server}, *(keys or ("token_time",)))
        return tuple(found[key] for key in keys or ("token_time",))


@functools.cache
def published_rows() -> list[dict[str, Any]]:
    return read_rows()


@functools.cache
def published() -> Data:
    """The rows of the latency files, read once: finding their models' names takes seconds."""
    return Data()


def slowed(fitted: Constants) -> Constants:
    return {name.removeprefix("software "): value for name, value in fitted.items() if name.startswith("software ")}


def unpack(free: np.ndarray, names: list[str]) -> Constants:
    """Free numbers as constants: shares between 0 and 1, slowdowns from 1, times above 0."""
    found = {}
    for name, value in zip(names, free, strict=True):
        found[name] = 1 / (1 + np.exp(-value)) if name in FRACTIONS else np.exp(value)
    return {name: float(value) for name, value in found.items()}


def pack(fitted: Constants) -> np.ndarray:
    shares = [name in FRACTIONS for name in fitted]
    values = np.array([*fitted.values()])
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(shares, np.log(values) - np.log1p(-values), np.log(values))


def robust(residual: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """What least squares makes a loss of that grows only linearly beyond SCALE."""
    return np.sqrt(2 * weight * (np.sqrt(1 + (residual / SCALE) ** 2) - 1))


def fit_step(data: Data, which: np.ndarray, start: Constants = STEP, again: np.ndarray | None = None) -> Constants:
    """The constants of a step with the least robust error of log time; `again` says how often each row counts."""
    places = np.flatnonzero(which & data.now if again is None else again > 0)
    _, series, size = np.unique(data.series[places], return_inverse=True, return_counts=True)
    weight = 1 / size[series] * (1 if again is None else again[places])
    weight /= weight.mean()
    logs = np.log(data.measured[places])
    vendors = set(data.vendor[places])
    # without rows of a vendor its software counts as NVIDIA's, as that of every vendor that was not measured
    names = [name for name in STEP if not name.startswith("software ") or name.removeprefix("software ") in vendors]
    fixed = {name: 1.0 for name in STEP if name not in names} | FIRST_TOKEN

    def residuals(free: np.ndarray) -> np.ndarray:
        return robust(np.log(data.predicted(unpack(free, names) | fixed, places)[0]) - logs, weight)

    found = least_squares(residuals, pack({name: max(start[name], 1e-9) for name in names}), max_nfev=100, xtol=1e-6)
    return unpack(found.x, names) | fixed


def fit_first_token(data: Data, which: np.ndarray, step: Constants) -> Constants:
    """The constants of the server around the model, each row counting alike: their errors are ten times as large."""
    places = np.flatnonzero(which & data.now & np.isfinite(data.ttft))
    logs, names = np.log(data.ttft[places]), [*FIRST_TOKEN]
    weight = np.ones(len(places))

    def residuals(free: np.ndarray) -> np.ndarray:
        return robust(np.log(data.predicted(step | unpack(free, names), places, "ttft")[0]) - logs, weight)

    found = least_squares(residuals, pack(FIRST_TOKEN), max_nfev=50, xtol=1e-5)
    return step | unpack(found.x, names)


def fit(data: Data, which: np.ndarray, start: Constants = STEP) -> Constants:
    return fit_first_token(data, which, fit_step(data, which, start))


KEYS = ("token_time", "ttft", "output_rate")


def left_out(data: Data, *groups: np.ndarray, start: Constants) -> np.ndarray:
    """Each row as predicted by a fit without all rows that share any of its groups: a row for each of KEYS."""
    predicted = np.empty((len(KEYS), len(data.measured)))
    keys = np.stack(groups, axis=1)
    for key in np.unique(keys, axis=0):
        inside = (keys == key).all(axis=1)
        fitted = fit_step(data, ~(keys == key).any(axis=1), start)
        first = {name: start[name] for name in FIRST_TOKEN}
        predicted[:, inside] = data.predicted(fitted | first, inside, *KEYS)
    return predicted


def errors(ratio: np.ndarray) -> dict[str, float]:
    """Of predicted over measured: the median error, the share within 30 %, and the median."""
    error = np.abs(ratio - 1)
    return {
        "error": float(np.median(error)),
        "within 30 %": float(np.mean(error < 0.3)),
        "ratio": float(np.median(ratio)),
    }


def band(*ratios: np.ndarray) -> tuple[float, float]:
    """The factors between which 80 % of measured over predicted lie."""
    low, high = np.quantile(np.concatenate(ratios), [0.1, 0.9])
    return float(low), float(high)


def intervals(data: Data, start: Constants) -> dict[str, tuple[float, float]]:
    """The 90 % interval of each constant of a step, by drawing the series again and again."""
    series = np.unique(data.series[data.now])
    draw = np.random.default_rng(0)
    drawn = []
    for _ in range(RESAMPLES):
        times = np.zeros(data.series.max() + 1)
        np.add.at(times, draw.choice(series, len(series)), 1)
        drawn.append(fit_step(data, data.now, start, again=times[data.series] * data.now))
    return {name: tuple(np.quantile([each[name] for each in drawn], [0.05, 0.95])) for name in STEP}


@functools.cache
def fitted_to_all() -> Constants:
    data = published()
    return fit(data, np.ones(len(data.measured), bool))


@functools.cache
def results() -> dict[str, np.ndarray]:
    """Predictions of the fit to everything and of those without some of it: times, first tokens, throughputs."""
    data, everything = published(), fitted_to_all()
    return {
        "all": np.array(data.predicted(everything, slice(None), *KEYS)),
        "without its model": left_out(data, data.model, start=everything),
        "without its chip": left_out(data, data.chip, start=everything),
        "without its engine": left_out(data, data.engine, start=everything),
        "without its vendor": left_out(data, data.vendor, start=everything),
        "without model and chip": left_out(data, data.model, data.chip, start=everything),
    }


def room(data: Data) -> np.ndarray:
    """How many of a row's users fit in the memory at a time."""
    return np.maximum(
        1, SERVICE.evaluate(data.inputs | {"batch": data.inputs["users"]}, "largest_batch")["largest_batch"]
    )


def decoding(data: Data) -> np.ndarray:
    """How many of a row's users can have been in the midst of an answer: the others had no memory, or no first token.

    Of its time a user spends TTFT waiting: Little's law. A label says how many users there were, and not this.
    """
    answering = (data.inputs["output_tokens"] - 1) * data.measured
    share = answering / (answering + np.nan_to_num(data.ttft))
    return np.minimum(data.inputs["users"] * share, room(data))


def repeats_over_time(data: Data, vendor: str = "") -> np.ndarray:
    """Of the same run when its software was old and later: the older time per token over the newer."""
    labels = zip(data.chip, data.model, data.engine, map(precision_of, data.rows), *(
        data.inputs[name] for name in ("input_tokens", "output_tokens", "users", "own_chips", "own_tensor_parallel")
    ), strict=True)  # fmt: skip
    runs: dict[Any, tuple[list[float], list[float]]] = {}
    for label, time, old, by in zip(labels, data.measured, data.old, data.vendor, strict=True):
        if vendor in ("", by):
            runs.setdefault(label, ([], []))[0 if old else 1].append(time)
    return np.array([np.median(before) / np.median(after) for before, after in runs.values() if before and after])


def measured_rate(data: Data) -> np.ndarray:
    """Output tokens of a chip in a second, as users, TTFT and TPOT of each row give it."""
    inputs = data.inputs
    times = data.ttft + (inputs["output_tokens"] - 1) * data.measured
    return inputs["users"] * inputs["output_tokens"] / times / inputs["own_chips"]


def bands(data: Data) -> list[list[Any]]:
    """The ends of the 80 % bands of times and first tokens: for each vendor and each number of names not seen."""
    of_time = {name: data.measured / found[0] for name, found in results().items()}
    of_first = {name: data.ttft / found[1] for name, found in results().items()}
    seen = [("all",), ("without its model", "without its chip"), ("without model and chip",)]
    # of a vendor that was never measured the two that were say how far it may be off: each as if it had been NVIDIA's
    unknown = [("without its vendor",)] * 3

    def ends_of(names: tuple[str, ...], of: np.ndarray) -> list[float]:
        first = of & np.isfinite(data.ttft)
        return [*band(*(of_time[name][of] for name in names)), *band(*(of_first[name][first] for name in names))]

    rows: list[list[Any]] = []
    all_sources: list[tuple[str, list[Any]]] = [*((name, seen) for name in VENDORS), ("", unknown)]
    for vendor, sources in all_sources:
        of = data.now & ((data.vendor == vendor) if vendor else (data.vendor != "NVIDIA"))
        ends = [ends_of(names, of) for names in sources]
        if vendor:  # its few chips teach little about its next: the others' are asked too
            ends[1:] = [wider(own, ends_of(names, data.now)) for own, names in zip(ends[1:], sources[1:], strict=True)]
        ends = list(itertools.accumulate([[1.0] * 4, *ends], wider))[1:]  # less known is never surer
        rows += [[vendor, unseen, *(f"{end:.3f}" for end in row)] for unseen, row in enumerate(ends)]
    return rows


def wider(one: Sequence[float], other: Sequence[float]) -> list[float]:
    """Of low and high ends in turn those that are further out."""
    return [(max if place % 2 else min)(pair) for place, pair in enumerate(zip(one, other, strict=True))]


def main() -> None:
    data, fitted = published(), fitted_to_all()
    ends = intervals(data, fitted)
    values = fitted | SET
    write("calibration", ["name", "value", "low", "high", "unit", "meaning"], [
        [row["name"], f"{values[row['name']]:.4g}", *(f"{end:.3g}" for end in ends.get(row["name"], ())),
         *([""] * (2 if row["name"] not in ends else 0)), row["unit"], row["meaning"]] for row in calibration()
    ])  # fmt: skip
    write("calibration_software", ["vendor", "slowdown", "low", "high", "rows"], [
        [vendor, f"{value:.4g}", *(f"{end:.3g}" for end in ends[f"software {vendor}"]),
         int((data.now & (data.vendor == vendor)).sum())] for vendor, value in slowed(fitted).items()
    ])  # fmt: skip
    write("calibration_bands", ["vendor", "unseen", *BAND_ENDS], bands(data))
    write("calibration_seen", ["kind", "name"], [
        *(["chip", name] for name in np.unique(data.chip[data.now])),
        *(["model", name] for name in np.unique(data.model[data.now])),
    ])  # fmt: skip
    for name, found in results().items():
        for vendor in VENDORS:
            of = data.now & (data.vendor == vendor)
            print(name, vendor, errors(found[0, of] / data.measured[of]))


def write(name: str, header: list[str], rows: list[list[object]]) -> None:
    with (DATA / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


if __name__ == "__main__":
    main()
