"""The calibration corrected to measurements of your own: four constants, drawn towards the published ones.

Each row weighs as much as the published band says that one measurement is worth, and so do the published constants: a
row or two move them part of the way, a dozen nearly all of it. Whether that helps is said by rows that were left out.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tokensheet.calibration import FITTED, calibration
from tokensheet.chains.service import SERVICE
from tokensheet.equation import DomainError
from tokensheet.files import whole_file
from tokensheet.measured import SERVER, columns, engine_of, inputs_of, read_rows, times_of
from tokensheet.own_constants import SLOWDOWN, own_constants
from tokensheet.rows import Row

CORRECTED = (SLOWDOWN, "bandwidth_efficiency", "layer_latency", "server_latency")
MEASURED = {"tpot_ms": "token_time", "ttft_ms": "ttft"}  # what a row may tell, and the chain's key for it
STEPS = 12  # of Gauss and Newton; the numbers stand still after half of them
WIDEST = 0.5  # that a constant's logarithm moves in a step
PARTS = 50  # in which rows are left out: one by one up to so many
TENTHS, TWENTIETHS = 1.2816, 1.6449  # standard deviations from the middle to the ends of an 80 and of a 90 % interval


@dataclass(frozen=True)
class Gain:
    """Median errors of a measure: by the published constants, by one's own, and by one's own without the row."""

    rows: int
    before: float
    after: float
    left_out: float


@dataclass(frozen=True)
class OwnCalibration:
    """Constants of one's own with what they gain; print it to read it."""

    constants: dict[str, float]
    published: dict[str, float]
    gains: dict[str, Gain]
    reasons: Counter[str]
    """Why rows were of no use, and how many."""

    @property
    def helps(self) -> bool:
        """Whether rows that were left out are estimated better than by the published constants."""
        times = self.gains.get("tpot_ms") or self.gains["ttft_ms"]
        return times.left_out < times.before

    def __str__(self) -> str:
        wide = max(map(len, self.constants))
        lines = [f"{'':<{wide}}  {'published':>10}  {'yours':>10}"]
        for name, value in self.constants.items():
            lines.append(f"{name:<{wide}}  {self.published[name]:>10.4g}  {value:>10.4g}")
        words = {"tpot_ms": "Time per output token", "ttft_ms": "Time to first token"}
        for measure, gain in self.gains.items():
            lines.append(
                f"{words[measure]}, {gain.rows} rows: median error {gain.before:.1%} by the published constants, "
                f"{gain.after:.1%} by yours, {gain.left_out:.1%} by yours on rows left out one by one."
            )
            if gain.left_out >= gain.before:
                lines[-1] += " That gains nothing."
        if not self.helps:
            lines.append("Keep the published constants.")
        lines += [f"{count} rows are of no use: {reason}" for reason, count in self.reasons.most_common()]
        return "\n".join(lines)

    def as_data(self) -> dict[str, Any]:
        """All of it as plain data."""
        gains = {measure: vars(gain) for measure, gain in self.gains.items()}
        return {"constants": self.constants, "published": self.published, "helps": self.helps, "gains": gains,
                "reasons": dict(self.reasons)}  # fmt: skip

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Write the constants to a CSV file, which `use_calibration` reads."""
        with whole_file(path, "w", overwrite=overwrite) as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["name", "value", "published"])
            writer.writerows(
                [name, f"{value:.4g}", f"{self.published[name]:.4g}"] for name, value in self.constants.items()
            )
        return Path(path)


def calibrate(rows: str | Path | Iterable[Mapping[str, Any]]) -> OwnCalibration:
    """Correct the calibration's constants to measurements of your own.

    Parameters
    ----------
    rows : str, Path or iterable of mappings
        A CSV file, or its rows: chip, n_chips, model, precision, isl and osl (tokens of prompt and answer), concurrency
        (users at a time), tpot_ms, and if known ttft_ms, parallelism and engine. See docs/calibrate.md.

    Returns
    -------
    OwnCalibration
        The constants and what they gain; `.save(path)` writes them.

    Raises
    ------
    ValueError
        If nothing can be learnt from the rows, with the reason.

    Examples
    --------
    >>> run = dict(chip="H100", n_chips=8, parallelism="tp8", model="Llama-3.1-70B", precision="fp8")
    >>> run |= dict(isl=1024, osl=1024)
    >>> measured = [(1, 12), (8, 14), (64, 24)]  # milliseconds a token for so many users
    >>> found = calibrate([run | {"concurrency": users, "tpot_ms": time} for users, time in measured])
    >>> found.constants["slowdown"] > 1 and found.helps
    True
    """
    sample = Sample(read_rows(Path(rows)) if isinstance(rows, (str, Path)) else [dict(row) for row in rows])
    own = sample.fit()
    before, after, left_out = sample.ratios(sample.prior), sample.ratios(own), sample.left_out(own)
    gains = {
        measure: Gain(int(of.sum()), *(float(np.median(np.abs(each[of] - 1))) for each in (before, after, left_out)))
        for measure, of in sample.measures.items()
        if of.any()
    }
    published, constants = (dict(zip(CORRECTED, np.exp(each).tolist(), strict=True)) for each in (sample.prior, own))
    return OwnCalibration(constants, published, gains, sample.reasons)


class Sample:
    """Rows as what was measured, one number after the other, and what the chain says of it; constants are in logs."""

    def __init__(self, rows: list[Row]) -> None:
        self.reasons: Counter[str] = Counter()
        known = []
        for row in rows:
            try:
                known.append((inputs_of(usable(row)), row))
            except (LookupError, DomainError) as error:
                self.reasons[str(error)] += 1
        if not known:
            why = "; ".join(f"{count} rows: {reason}" for reason, count in self.reasons.most_common(3))
            raise ValueError(f"nothing can be learnt from these rows: {why or 'there are none'}")
        self.inputs = columns([inputs for inputs, _ in known]) | FITTED
        self.inputs["batch"] = self.inputs["users"]
        self.vendors = self.inputs["software"] / own_constants().get(SLOWDOWN, 1.0)  # one's own begins anew
        engines = [FITTED[SERVER.get(engine_of(row), "server_latency")] for _, row in known]
        self.prior = np.log(
            [1, FITTED["bandwidth_efficiency"], FITTED["layer_latency"], np.exp(np.mean(np.log(engines)))]
        )
        # what does not depend on the constants is computed once
        self.still = SERVICE.settled(self.inputs, {*CORRECTED, "software"}, *MEASURED.values())
        times = np.array([[time or np.nan for time in times_of(row).values()] for _, row in known], float) / 1e3
        self.place, self.measure = np.nonzero(np.isfinite(times))
        self.measured = np.log(times[self.place, self.measure])
        self.measures = {column: self.measure == which for which, column in enumerate(MEASURED)}
        # what a measurement is worth: the width of the published band of such rows, as a standard deviation of its log
        ends = [("low_factor", "high_factor"), ("low_ttft_factor", "high_ttft_factor")]
        widths = np.stack([np.log(self.inputs[high] / self.inputs[low]) / (2 * TENTHS) for low, high in ends], axis=1)
        self.width = widths[self.place, self.measure]
        self.prior_width = np.array(
            [float(np.median(widths[:, 0])), *map(published_width, CORRECTED[1:3]), servers_width()]
        )

    def predicted(self, own: np.ndarray) -> np.ndarray:
        """The log of what the chain says of each measurement."""
        values = dict(zip(CORRECTED, np.exp(own), strict=True))
        software = self.vendors * values.pop(SLOWDOWN)
        found = SERVICE.evaluate(self.still | values | {"software": software}, *MEASURED.values())
        times: np.ndarray = np.stack([found[key] for key in MEASURED.values()], axis=1)
        logs: np.ndarray = np.log(times[self.place, self.measure])
        return logs

    def ratios(self, own: np.ndarray) -> np.ndarray:
        """Estimated over measured."""
        ratio: np.ndarray = np.exp(self.predicted(own) - self.measured)
        return ratio

    def fit(self, start: np.ndarray | None = None, without: np.ndarray | None = None, steps: int = STEPS) -> np.ndarray:
        """The constants with the least error, drawn towards the published ones; some measurements may be left out."""
        own = self.prior if start is None else start
        kept = np.ones(len(self.measured)) if without is None else 1.0 - without
        for _ in range(steps):
            here = self.predicted(own)
            slopes = np.stack([(self.predicted(own + move) - here) / 1e-4 for move in 1e-4 * np.eye(len(own))], axis=1)
            error = (here - self.measured) / self.width
            weight = kept / np.sqrt(1 + error**2)  # an error counts by its square while small, by its size beyond
            pull = slopes / self.width[:, None]
            matrix = pull.T @ (weight[:, None] * pull) + np.diag(1 / self.prior_width**2)
            slope = pull.T @ (weight * error) + (own - self.prior) / self.prior_width**2
            own = own - np.clip(np.linalg.solve(matrix, slope), -WIDEST, WIDEST)
            own[1] = min(own[1], 0.0)  # a share of the bandwidth is at most all of it
        return own

    def left_out(self, own: np.ndarray) -> np.ndarray:
        """Estimated over measured, by constants fitted without the row; of many rows some at a time."""
        found = np.empty(len(self.measured))
        parts = self.place % PARTS
        for part in np.unique(parts):
            without = parts == part
            found[without] = self.ratios(self.fit(own, without, STEPS // 3))[without]
        return found


def usable(row: Row) -> Row:
    """The row, if something of it was measured that the constants can be learnt from."""
    lacking = [column for column in ("chip", "model", "isl", "osl") if row.get(column) in (None, "")]
    if lacking:
        raise LookupError(f"no {', '.join(lacking)}")
    found = times_of(row).values()
    if all(value is None for value in found):
        raise LookupError(f"nothing was measured: no {' and no '.join(MEASURED)}")
    if any(value is not None and value <= 0 for value in found):
        raise DomainError(f"{' and '.join(MEASURED)} must be > 0")
    return row


def published_width(name: str) -> float:
    """The standard deviation of a constant's log by its published 90 % interval."""
    row = next(row for row in calibration() if row["name"] == name)
    return float(np.log(float(row["high"]) / float(row["low"])) / (2 * TWENTIETHS))


def servers_width() -> float:
    """How far the servers of different engines are apart: of yours nothing else is known."""
    return float(np.std(np.log([FITTED[name] for name in FITTED if name.startswith("server_latency")])))
