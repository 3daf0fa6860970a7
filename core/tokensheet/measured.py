"""Published measurements of serving, and what the equations say of each: the file that accuracy is judged by.

A row is a benchmark run: chip, n_chips, model, precision, isl, osl, concurrency, parallelism and what was measured. The
rules by which a row's labels become inputs are the functions here, each with its reason; docs/accuracy.md lists them.
"""

from __future__ import annotations

import csv
import functools
import re
from collections.abc import Iterable, Sequence
from datetime import date
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import numpy as np

from tokensheet.calibration import FITTED
from tokensheet.catalogue import chips, models
from tokensheet.chains.deployment import DEPLOYMENT
from tokensheet.chains.service import SERVICE
from tokensheet.data import MEASURED
from tokensheet.equation import DomainError
from tokensheet.files import read_records
from tokensheet.numbers import (
    DEFAULTS,
    KV_FORMATS,
    defaults,
    lacking,
    native_format,
    numbers_of_band,
    numbers_of_chip,
    numbers_of_formats,
    numbers_of_model,
)
from tokensheet.own_constants import own_constants
from tokensheet.rows import Row, UnknownName, find
from tokensheet.texts import clean, from_csv
from tokensheet.typed import number_or_itself

LATENCIES = ("serving_latency.csv", "serving_latency_2.csv")
# The format of the weights by how it is labelled, the longer labels first
FORMAT_OF = {
    "mxfp4": "mxfp4", "nvfp4": "fp4", "uint4": "int4", "int4": "int4", "fp4": "fp4", "int8": "fp8", "fp8": "fp8",
    "fp16": "bf16",
}  # fmt: skip
MOST = 1e9  # tokens, users and chips that no row has
LONGEST = 200  # characters of a model's name
MOST_QUEUED = 2048  # sequences that engines run together at most, where a row says only that requests were queued
LIMITED = ("Server", "Interactive")  # MLPerf's runs of as many users as a limit on their latency allows
# The constant for the server around the model, by how an engine's name begins
SERVER = {"vllm": "server_latency_vllm", "sglang": "server_latency_sglang", "mori-sglang": "server_latency_sglang"}
PREDICTED = (
    "token_time", "ideal_token_time", "low_token_time", "high_token_time", "ttft", "low_ttft", "high_ttft",
    "output_rate", "ideal_output_rate",
)  # fmt: skip
# Rows without a precision that are not in the model's native bf16, as (start of row_id, precision): where the same run
# is there as fp8 too, they take as long (52 pairs, median ratio 0.96), and 0.70 of what vLLM takes in bf16 (18 pairs)
RELABELLED = [("qwen_qwen3_32b_qwen_qwen3_32b_h100_sxm_sglang", "fp8")]
# Runs with speculative decoding, whose file has no column for it, by what their columns begin with. Where the publisher
# lists what it runs (SemiAnalysisAI/InferenceX, nvidia-master.yaml, commits bf34567, 5d51707, 0aae52d and 35d4bb3, of
# these days) each stands with `spec-decoding: mtp`; where the same run is there without, it takes 1.5 times as long
SPECULATIVE = [
    *({"model": "deepseek-ai/DeepSeek-R1", "engine": "trtllm", "measured_date": day, "notes": "InferenceX"}
      for day in ("2026-01-14", "2026-02-05", "2026-02-06")),
    {"model": "Qwen/Qwen3.5-397B-A17B", "chip": "B200", "precision": "fp8", "engine": "sglang 0.5.9",
     "parallelism": "tp4 pp1 adp1 moe_tp4 ep1"},
]  # fmt: skip
NEWER = 45  # days after which a later run of the same chip, model, format and engine makes one old software
YEAR = 365  # days after which any later run on the same chip does


def read_rows(path: Path | Traversable | None = None) -> list[Row]:
    """The rows of a file; without one, of the latencies that come with tokensheet."""
    sources: list[Any] = [path] if path else [MEASURED / name for name in LATENCIES]
    rows: list[Row] = []
    for source in sources:
        rows += ({column: as_text(cell) for column, cell in row.items()} for row in read_records(source))
        needed = {"chip", "model", "isl", "osl"}
        if not rows or needed - set(rows[-1]):
            lacking = ", ".join(sorted(needed - set(rows[-1] if rows else ())))
            raise ValueError(f"{source}: no rows with the columns {lacking or 'of measurements'}")
    return rows


def as_text(cell: Any) -> Any:
    """A cell of a row; those beyond the columns of the first row are a list."""
    return clean(from_csv(cell)) if isinstance(cell, str) else cell


@functools.cache
def benchmarks() -> dict[str, Row]:
    """Of MLPerf's benchmarks the mean lengths of prompt and answer, which its rows leave out, and whose they are."""
    with (MEASURED / "mlperf_lengths.csv").open(encoding="utf-8") as file:
        return {row["benchmark"]: row for row in csv.DictReader(file)}


def day_of(row: Row) -> int | None:
    """The day of a run as far as it is known: of a month or a year the last."""
    found = re.match(r"(20\d\d)(?:-(0[1-9]|1[0-2])(?:-(\d\d))?)?", str(row.get("measured_date") or ""))
    if not found:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        return date(year or 1, month or 12, day or 28).toordinal()
    except ValueError:  # no day of the calendar
        return None


def old_software(rows: Sequence[Row]) -> np.ndarray:
    """Which rows later runs have made history: the same engine, or any on the same chip, was measured so much later.

    Constants of today's software cannot be learnt from them; docs/accuracy.md says how far off they are.
    """
    days = [day_of(row) for row in rows]
    engines = [(row["chip"], model_name(row["model"]), precision_of(row), engine_of(row)) for row in rows]
    newest: dict[Any, int] = {}
    for row, key, day in zip(rows, engines, days, strict=True):
        for group in (key, row["chip"]):
            newest[group] = max(newest.get(group, 0), day or 0)
    return np.array([
        day is not None and (day < newest[key] - NEWER or day < newest[row["chip"]] - YEAR)
        for row, key, day in zip(rows, engines, days, strict=True)
    ])  # fmt: skip


def engine_of(row: Row) -> str:
    """The engine's name without its version."""
    return str(row.get("engine") or "").lower().partition(" ")[0]


def model_name(name: str) -> str:
    """The catalogue's name of a published one, or the published one itself."""
    try:
        return str(model_of(name)["name"])
    except UnknownName:
        return name


def model_of(name: str) -> Row:
    """The catalogue's model of a published name: without its publisher, and without what only names a variant."""
    if len(name) > LONGEST:  # or one of many parts would be looked up by each of them
        raise UnknownName(f"no model has a name of more than {LONGEST} characters")
    short = re.sub(r"\bv(?=\d)", "", name.rpartition("/")[2])
    for start in (short, short.partition("-")[2]):  # "Meta-Llama-…" repeats the publisher
        shorter = start
        while shorter:
            try:
                return find(models(), "model", shorter)
            except UnknownName:
                shorter = shorter.rpartition("-")[0]
    return find(models(), "model", short)  # which says what is closest


def speculative(row: Row) -> bool:
    """Whether tokens were drafted, or may have been: as labelled, and for runs whose file has no label of it."""
    drafted = any(all(str(row.get(name) or "").startswith(start) for name, start in run.items()) for run in SPECULATIVE)
    return str(row.get("spec_decoding") or ("mtp" if drafted else "none")) != "none"


def times_of(row: Row) -> dict[str, float | None]:
    """What was measured of a run [ms]. A median first token is no mean one: of all who queue a few wait the longest."""
    median = str(row.get("latency_stat") or "").startswith("median")
    return {"tpot_ms": number(row, "tpot_ms"), "ttft_ms": None if median else number(row, "ttft_ms")}


def precision_of(row: Row) -> str:
    """The format of the weights: as labelled; the usual bf16 where the label does not say."""
    for start, right in RELABELLED:
        if str(row.get("row_id", "")).startswith(start):
            return right
    label = str(row.get("precision") or "").lower()
    found = next((known for known in FORMAT_OF if known in label), "bf16")
    return FORMAT_OF.get(found, "bf16")


def layout_of(row: Row, weights: float, hbm: float) -> tuple[float, float, float]:
    """Chips of one copy of the model, its pipeline stages, and chips that share each head (0: as an engine would).

    A row that does not say serves copies on as few chips as hold the weights in two thirds of their memory.
    A label such as `tp64 moe_tp8 ep8` counts the 8 chips of one node twice, as tensor- and as expert-parallel: the same
    run (equal to the last digit) stands in the file as `tp8 ep8` too. So where moe_tp equals ep, that is the number.
    """
    text = str(row.get("parallelism") or "").lower()
    parts = {key: int(count) for key, count in re.findall(r"(moe_tp|adp|dep|dpattn|tp|ep|pp|dp)=?(\d+)", text)}
    if not parts:
        fewest = 2 ** np.ceil(np.log2(max(1, weights / (hbm * 2 / 3))))
        return float(min(fewest, chips_of(row) or fewest)), 1.0, 0.0
    count = chips_of(row) or parts.get("tp", 1) * parts.get("pp", 1)
    if parts.get("ep", 1) > 1 and parts.get("moe_tp") == parts["ep"]:
        count = parts["ep"]
    stages = max(1, parts.get("pp", 1))
    split = parts.get("adp", 1) > 1 or "dep" in parts or parts.get("dp", 1) > 1 or parts.get("dpattn", 0) > 0
    # AWS's label counts the cores of all chips, which share each head; of other labels beyond a node none is believed
    shared = 1 if split else count / stages if "neuroncores" in text or count <= DEFAULTS["node"] else 0
    return float(count), float(stages), float(shared)


def chips_of(row: Row) -> float | None:
    """The chips that a row is of, where it says; a card of two, as MLPerf's systems are named, counts as two."""
    count = number(row, "n_chips")
    return count and count * (2 if re.search(r"system \S+-Dual\b", str(row.get("notes") or "")) else 1)


def counted_too_often(row: Row, copy: float) -> float:
    """The chips of a row over those that its published throughput was divided by, for a copy of so many chips."""
    count = number(row, "n_chips") or copy
    return (copy if row.get("parallelism") else chips_of(row) or copy) / count


def number(row: Row, column: str) -> float | None:
    """The number of a cell; where there is more in it than that, the first."""
    text = str(row.get(column) or "").replace(",", "")
    whole = number_or_itself(text)
    if not isinstance(whole, str):
        return float(whole)
    found = re.search(r"(^\s*-)?\d+(\.\d+)?(e[+-]?\d+)?", text)
    return float(found[0]) if found else None


def inputs_of(row: Row) -> dict[str, float]:
    """What the chain needs of a row, as numbers; LookupError says what it lacks, or why such runs have no answer."""
    if str(row.get("mode") or "agg").startswith("disagg"):
        raise LookupError("prefill and decode on chips of their own, whose numbers differ from row to row")
    if speculative(row):
        raise LookupError("speculative decoding, or perhaps: how many tokens were accepted is not published")
    chip, model = find(chips(), "chip", re.sub(r" \(.*", "", row["chip"])), model_of(row["model"])
    benchmark = benchmarks().get(re.sub(r"-99(\.9)?$", "", str(row["model"])), {})
    isl, osl = number(row, "isl") or number(benchmark, "isl"), number(row, "osl")
    if osl is None or osl < 1:  # MLPerf's offline rows print none
        osl = number(benchmark, "osl") or osl
    precision = precision_of(row)
    if precision == "fp4" and native_format(model) == "mxfp4":
        precision = "mxfp4"  # what a label of 4 bits means of a model that is published in it
    if isl is None or osl is None:
        raise LookupError("no length of prompt or answer")
    values = defaults() | numbers_of_chip(chip, precision) | numbers_of_model(model)
    values |= numbers_of_formats(precision, "", values["total_experts"]) | {"kv_width": kv_bytes_of(row, precision)}
    values |= numbers_of_band(chip, model)
    del values["usd_per_hour"]
    problem = lacking(values, list(values), chip, model)
    if problem:
        raise problem
    weights = DEPLOYMENT.evaluate(values, "weights_bytes")["weights_bytes"]
    users, queued = number(row, "concurrency"), 0.0
    if users is None:
        if number(row, "tpot_ms"):
            raise LookupError("no concurrency: of how many users the time is, the row does not say")
        if str(row.get("mode")) in LIMITED:
            raise LookupError("as many users as its latency limit allows, and how many those were is not published")
        queued = 1.0
    count, stages, shared = layout_of(row, weights, values["hbm"])
    if queued and not row.get("parallelism") and values["kv_heads"] == 1:
        shared = 1.0  # where all heads share one cache, chips that share a head would each hold all of it
    values |= {"own_chips": count, "own_stages": stages, "own_tensor_parallel": shared}
    values |= {"input_tokens": isl, "output_tokens": osl, "context": isl + osl / 2}
    of_engine = FITTED[SERVER.get(engine_of(row), "server_latency")]
    values["server_latency"] = own_constants().get("server_latency", of_engine)
    if str(row.get("mode")) in LIMITED:
        values["first_wave"] = 0.0  # its requests come one by one, at random, and not all at once
    if users is None:
        room = DEPLOYMENT.evaluate(values | {"batch": 1}, "largest_batch")["largest_batch"]
        users = float(np.clip(room, 1, MOST_QUEUED))
    elif not row.get("parallelism"):
        users = users * count / (chips_of(row) or count)
    for name, value in {"input_tokens": isl, "output_tokens": osl, "concurrency": users, "n_chips": count}.items():
        if not 0 < value < MOST:
            raise DomainError(f"{name} must be > 0 and < {MOST:g}, not {value:g}")
    return values | {"users": max(1.0, users), "queued": queued}


def kv_bytes_of(row: Row, precision: str) -> float:
    """Bytes of a cached value: TensorRT-LLM's 8- and 4-bit checkpoints bring a cache of 8 bits, others keep 16."""
    narrow = precision != "bf16" and engine_of(row).startswith(("trt", "tensorrt"))
    return KV_FORMATS["fp8" if narrow else "bf16"]


def columns(rows: Sequence[dict[str, float]]) -> dict[str, np.ndarray]:
    return {name: np.array([row[name] for row in rows], float) for name in rows[0]}


def predict(inputs: dict[str, np.ndarray], fitted: dict[str, Any] | None = None) -> dict[str, np.ndarray]:
    """Bound and estimate of every row's times and throughput, with other constants if some are given."""
    values = inputs | (fitted or {})
    found = SERVICE.evaluate(values | {"batch": values["users"]}, *PREDICTED)
    queued = values["queued"] > 0
    if np.any(queued):
        full = SERVICE.evaluate(values | {"batch": values["users"]} | always_full(values), *PREDICTED)
        return {key: np.where(queued, full[key], found[key]) for key in PREDICTED}
    return {key: found[key] for key in PREDICTED}


def always_full(values: dict[str, Any]) -> dict[str, Any]:
    """What is known of chips for which requests queue: all that fit are answered at all times.

    Prompts are read in the passes of the steps, which need the weights anyway (in-flight batching, chunked prefill),
    and have none of their own.
    """
    return {"running": values["users"], "passes": 0.0}


def judged(rows: Iterable[Row], fitted: dict[str, Any] | None = None) -> list[Row]:
    """Each row with what was measured and predicted of it, or with the reason why there is no prediction."""
    answers: list[Row] = []
    known: list[tuple[Row, dict[str, float]]] = []
    rows = list(rows)
    for row, old in zip(rows, old_software(rows), strict=True):
        answer = {"row_id": row.get("row_id"), "chip": row["chip"], "model": row["model"], "reason": None}
        answer |= times_of(row) | {"throughput": number(row, "throughput_tok_s_per_chip"), "history": bool(old)}
        try:
            known.append((answer, inputs_of(row)))
            answer["model"] = model_of(row["model"])["name"]
            if answer["throughput"]:
                answer["throughput"] /= counted_too_often(row, known[-1][1]["own_chips"])
        except (LookupError, DomainError) as error:
            answer["reason"] = str(error)
        answers.append(answer)
    if known:
        inputs = columns([each for _, each in known])
        for key, values in in_words(predict(inputs, fitted)).items():
            for (answer, _), value in zip(known, values, strict=True):
                answer[key] = float(value)
    return answers


def in_words(found: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What is predicted of rows as the columns of an answer, times in milliseconds."""
    ends = {"predicted": "", "ideal": "ideal_", "low": "low_", "high": "high_"}
    times = {f"{name}_ms": 1e3 * found[f"{end}token_time"] for name, end in ends.items()}
    times |= {f"{name}_ttft_ms": 1e3 * found[f"{end}ttft"] for name, end in ends.items() if end != "ideal_"}
    return times | {"predicted_throughput": found["output_rate"]}


def summary(answers: Sequence[Row]) -> list[Row]:
    """How well the answers agree with what was measured: all rows, each chip's and each model's."""
    groups: dict[str, list[Row]] = {"all rows": list(answers)}
    if any(answer["history"] for answer in answers):
        groups["of today's software"] = [answer for answer in answers if not answer["history"]]
    for kind in ("chip", "model"):
        for answer in answers:
            groups.setdefault(str(answer[kind]), []).append(answer)
    lines = [{"rows": name, **agreement(members)} for name, members in groups.items()]
    return [line for line in lines if line["answered"]] or lines[:1]


# What may be measured of a row, and the columns of an answer with the measurement, the prediction and its band
MEASURES = {
    "tpot": ("tpot_ms", "predicted_ms", "low_ms", "high_ms"),
    "ttft": ("ttft_ms", "predicted_ttft_ms", "low_ttft_ms", "high_ttft_ms"),
    "throughput": ("throughput", "predicted_throughput", "", ""),
}


def agreement(answers: Sequence[Row]) -> Row:
    """Numbers of rows, and for each measure those that have it: errors, and how often the band holds."""
    answered = [each for each in answers if each["reason"] is None]
    found: Row = {"given": len(answers), "answered": len(answered)}
    for measure, (measured, predicted, low, high) in MEASURES.items():
        known = [each for each in answered if each[measured]]
        ratio = np.array([each[predicted] / each[measured] for each in known])
        inside = [each[low] <= each[measured] <= each[high] for each in known] if low else []
        found[measure] = {
            "rows": len(known),
            "median_error": float(np.median(np.abs(ratio - 1))) if known else None,
            "within_30": float(np.mean(np.abs(ratio - 1) < 0.3)) if known else None,
            "median_ratio": float(np.median(ratio)) if known else None,
        }
        if low:
            found[measure]["in_band"] = float(np.mean(inside)) if inside else None
    ideal = [each["ideal_ms"] / each["tpot_ms"] for each in answered if each["tpot_ms"]]
    return found | {"ideal_ratio": float(np.median(ideal)) if ideal else None}
