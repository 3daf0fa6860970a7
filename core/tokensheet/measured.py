"""Published measurements of serving, and what the equations say of each: the file that accuracy is judged by.

A row is a benchmark run: chip, n_chips, model, precision, isl, osl, concurrency, parallelism and what was measured. The
rules by which a row's labels become inputs are the functions here, each with its reason; docs/accuracy.md lists them.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tokensheet.calibration import FITTED, HIGH, LOW, arriving_prompts, band_end, unseen
from tokensheet.catalogue import chips, models
from tokensheet.chains.deployment import DEPLOYMENT
from tokensheet.chains.prompt import SERVED
from tokensheet.data import MEASURED
from tokensheet.equation import DomainError
from tokensheet.numbers import DEFAULTS, lacking, numbers_of_chip, numbers_of_model
from tokensheet.rows import Row, UnknownName, find

BYTES = {"bf16": 2.0, "fp16": 2.0, "fp8": 1.0, "int8": 1.0, "fp4": 0.5, "mxfp4": 0.5, "uint4": 0.5, "int4": 0.5}
# What a stage of a pipeline has its part of
OF_LAYERS = (
    "total_params", "active_params", "layers", "full_attention_layers", "moe_layers", "kv_bytes_per_token",
    "kv_bytes_per_token_window", "state_bytes",
)  # fmt: skip
MOST_QUEUED = 2048  # sequences that engines run together at most, where a row says only that the chips were full
PREDICTED = ("ideal_step_time", "colocated_step_time", "prefill_time")
# Rows without a precision that are not in the model's native bf16, as (start of row_id, precision): where the same run
# is there as fp8 too, they take as long (52 pairs, median ratio 0.96), and 0.70 of what vLLM takes in bf16 (18 pairs)
RELABELLED = [("qwen_qwen3_32b_qwen_qwen3_32b_h100_sxm_sglang", "fp8")]


def read_rows(path: Path | None = None) -> list[Row]:
    """The rows of a file; without one, of the latencies that come with tokensheet."""
    source: Any = path or MEASURED / "serving_latency.csv"
    with source.open(encoding="utf-8-sig") as file:
        rows: list[Row] = list(csv.DictReader(file))
    needed = {"chip", "model", "isl", "osl"}
    if not rows or needed - set(rows[0]):
        lacking = ", ".join(sorted(needed - set(rows[0] if rows else ())))
        raise ValueError(f"{path or source}: no rows with the columns {lacking or 'of measurements'}")
    return rows


def model_of(name: str) -> Row:
    """The catalogue's model of a published name: without its publisher, and without what only names a variant."""
    short = re.sub(r"\bv(?=\d)", "", name.rpartition("/")[2])
    for start in (short, short.partition("-")[2]):  # "Meta-Llama-…" repeats the publisher
        shorter = start
        while shorter:
            try:
                return find(models(), "model", shorter)
            except UnknownName:
                shorter = shorter.rpartition("-")[0]
    return find(models(), "model", short)  # which says what is closest


def precision_of(row: Row) -> str:
    """The format of the weights: as labelled; the usual bf16 where the label does not say."""
    for start, right in RELABELLED:
        if str(row.get("row_id", "")).startswith(start):
            return right
    label = str(row.get("precision") or "").lower()
    return next((known for known in ("mxfp4", "uint4", "int4", "fp4", "int8", "fp8", "fp16") if known in label), "bf16")


def layout_of(row: Row, weights: float, hbm: float) -> tuple[float, float, bool]:
    """Chips of one pipeline stage, stages that one copy of the model has, and whether attention is split by sequences.

    A row that does not say serves copies on as few chips as hold the weights in two thirds of their memory.
    A label such as `tp64 moe_tp8 ep8` counts the 8 chips of one node twice, as tensor- and as expert-parallel: the same
    run (equal to the last digit) stands in the file as `tp8 ep8` too. So where moe_tp equals ep, that is the number.
    """
    text = str(row.get("parallelism") or "").lower()
    parts = {key: int(count) for key, count in re.findall(r"(moe_tp|adp|dep|tp|ep|pp|dp)(\d+)", text)}
    if not parts:
        fewest = 2 ** np.ceil(np.log2(max(1, weights / (hbm * 2 / 3))))
        return float(min(fewest, number(row, "n_chips") or fewest)), 1.0, False
    count = number(row, "n_chips") or parts.get("tp", 1) * parts.get("pp", 1)
    if parts.get("ep", 1) > 1 and parts.get("moe_tp") == parts["ep"]:
        count = parts["ep"]
    stages = max(1, parts.get("pp", 1))
    return float(count / stages), float(stages), parts.get("adp", 1) > 1 or "dep" in parts or parts.get("dp", 1) > 1


def number(row: Row, column: str) -> float | None:
    found = re.search(r"\d+(\.\d+)?(e[+-]?\d+)?", str(row.get(column) or "").replace(",", ""))
    return float(found[0]) if found else None


def inputs_of(row: Row) -> dict[str, float]:
    """What the chain needs of a row, as numbers; LookupError says what it lacks."""
    chip, model = find(chips(), "chip", re.sub(r" \(.*", "", row["chip"])), model_of(row["model"])
    isl, osl, width = number(row, "isl"), number(row, "osl"), BYTES[precision_of(row)]
    if isl is None or osl is None:
        raise LookupError("no length of prompt or answer")
    values = numbers_of_chip(chip, "bf16" if width == 2 else "fp8" if width == 1 else "fp4") | numbers_of_model(model)
    del values["usd_per_hour"]
    problem = lacking(values, list(values), chip, model)
    if problem:
        raise problem
    count, stages, split = layout_of(row, values["total_params"] * width, values["hbm"])
    # a stage of a pipeline is a model with its part of the layers, which works on its part of the sequences at a time
    values |= {name: values[name] / stages for name in OF_LAYERS}
    values |= {name: value for name, value in DEFAULTS.items() if name not in FITTED}
    values |= {"bytes": width, "kv_width": kv_bytes_of(row, width), "own_chips": count, "chips": count}
    values |= {"input_tokens": isl, "output_tokens": osl, "context": isl + osl / 2, "stages": stages}
    values |= {"unseen": unseen(chip["name"], model["name"])}
    if split:  # each chip has sequences of its own
        values["most_tensor_parallel"] = 1
    batch = number(row, "concurrency")
    if batch is None:  # "all queued", or not said: as many as fit
        room = DEPLOYMENT.evaluate(values, "largest_batch")["largest_batch"]
        batch = float(np.clip(room, 1, MOST_QUEUED))
    elif not row.get("parallelism"):
        batch = max(1.0, batch * count / (number(row, "n_chips") or count))
    batch = max(1.0, batch / stages)
    return values | {"batch": batch, "arrivals": arriving_prompts(batch, osl)}  # refuses an answer of no tokens


def kv_bytes_of(row: Row, width: float) -> float:
    """Bytes of a cached value: TensorRT-LLM's 8- and 4-bit checkpoints bring a cache of 8 bits, others keep 16."""
    engine = str(row.get("engine") or "").lower()
    return 1.0 if width < 2 and engine.startswith(("trtllm", "tensorrt")) else 2.0


def columns(rows: Sequence[dict[str, float]]) -> dict[str, np.ndarray]:
    return {name: np.array([row[name] for row in rows], float) for name in rows[0]}


def predict(inputs: dict[str, np.ndarray], fitted: dict[str, float] = FITTED) -> tuple[np.ndarray, ...]:
    """The bound and the estimate of every row's time per output token, and the pass over a prompt on its own [s]."""
    values = SERVED.evaluate(inputs | fitted, *PREDICTED)
    # a token passes the stages one after the other
    return tuple(values[key] * inputs["stages"] for key in PREDICTED)


def judged(rows: Iterable[Row]) -> list[Row]:
    """Each row with predicted_ms, ideal_ms, low_ms and high_ms, or with the reason why there are none."""
    answers: list[Row] = []
    known: list[tuple[Row, dict[str, float]]] = []
    for row in rows:
        answer = {"row_id": row.get("row_id"), "chip": row["chip"], "model": row["model"], "reason": None}
        answer |= {"tpot_ms": number(row, "tpot_ms"), "throughput": number(row, "throughput_tok_s_per_chip")}
        try:
            known.append((answer, inputs_of(row)))
            answer["model"] = model_of(row["model"])["name"]
        except (LookupError, DomainError) as error:
            answer["reason"] = str(error)
        answers.append(answer)
    if known:
        inputs = columns([each for _, each in known])
        ideal, step, _ = predict(inputs)
        band = inputs["unseen"].astype(int)
        low, high = (band_end(step, np.array(ends)[band], ideal) for ends in (LOW, HIGH))
        per_chip = inputs["batch"] / (step * inputs["chips"])  # of each stage; all of them are busy
        for place, (answer, _) in enumerate(known):
            answer |= {"predicted_ms": 1e3 * step[place], "ideal_ms": 1e3 * ideal[place]}
            answer |= {"low_ms": 1e3 * low[place], "high_ms": 1e3 * high[place]}
            answer |= {"predicted_throughput": per_chip[place]}
    return answers


def summary(answers: Sequence[Row]) -> list[Row]:
    """How well the answers agree with what was measured, TPOT or throughput: all rows, each chip's and each model's."""
    groups: dict[str, list[Row]] = {"all rows": list(answers)}
    for kind in ("chip", "model"):
        for answer in answers:
            groups.setdefault(str(answer[kind]), []).append(answer)
    lines = [{"rows": name, **agreement(members)} for name, members in groups.items()]
    return [line for line in lines if line["answered"]] or lines[:1]


def agreement(answers: Sequence[Row]) -> Row:
    """Numbers of rows, and of those with a measurement: errors, and how often the band holds."""
    judged_rows = [each for each in answers if each["reason"] is None and (each["tpot_ms"] or each["throughput"])]
    found: Row = {"given": len(answers), "answered": sum(each["reason"] is None for each in answers)}
    if not judged_rows:
        return found | dict.fromkeys(("median_error", "within_30", "median_ratio", "in_band", "ideal_ratio"))
    # the latency where there is one; a throughput is faster where a time is shorter
    ratio = np.array([each["predicted_ms"] / each["tpot_ms"] if each["tpot_ms"]
                      else each["predicted_throughput"] / each["throughput"] for each in judged_rows])  # fmt: skip
    timed = [each for each in judged_rows if each["tpot_ms"]]
    inside = [each["low_ms"] <= each["tpot_ms"] <= each["high_ms"] for each in timed]
    return found | {
        "median_error": float(np.median(np.abs(ratio - 1))),
        "within_30": float(np.mean(np.abs(ratio - 1) < 0.3)),
        "median_ratio": float(np.median(ratio)),
        "in_band": float(np.mean(inside)) if timed else None,
        "ideal_ratio": float(np.median([each["ideal_ms"] / each["tpot_ms"] for each in timed])) if timed else None,
    }
