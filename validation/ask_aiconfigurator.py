"""Ask NVIDIA's aiconfigurator for the rows that accuracy.md compares it on, and write aiconfigurator.csv.

    python -m venv peer && peer/bin/pip install aiconfigurator==0.12.0 && peer/bin/pip install -e .
    peer/bin/python validation/ask_aiconfigurator.py 300

An environment of its own, since it pins other versions of what tokensheet uses; it needs no network. The number is how
many rows are drawn. Batch and layout are what `tokensheet.measured` reads off labels.
"""

from __future__ import annotations

import csv
import functools
import random
import sys
from pathlib import Path
from typing import Any

from aiconfigurator.cli.api import cli_estimate
from aiconfigurator.sdk.perf_database import get_latest_database_version
from tokensheet.data import MEASURED
from tokensheet.measured import LATENCIES, inputs_of, precision_of, read_rows

SYSTEMS = {"B200 SXM": "b200_sxm", "H200 SXM": "h200_sxm", "H100 SXM": "h100_sxm", "GB200 NVL72": "gb200"}
MODELS = {
    "zhipuai/GLM-5": "zai-org/GLM-5",
    "meta-llama/Llama-3.1-70B": "meta-llama/Meta-Llama-3.1-70B",
    "meta-llama/Llama-3.1-8B-Instruct": "meta-llama/Meta-Llama-3.1-8B",
    "nvidia/Llama-3.1-8B-Instruct-FP8": "meta-llama/Meta-Llama-3.1-8B",
    "nvidia/DeepSeek-R1-NVFP4": "deepseek-ai/DeepSeek-V3",
    "nvidia/DeepSeek-V3.1-NVFP4": "deepseek-ai/DeepSeek-V3",
    "deepseek-ai/DeepSeek-R1": "deepseek-ai/DeepSeek-V3",
}


# Which databases it takes if it is told none: to find them, it reads some 500 files at each call
newest = functools.cache(get_latest_database_version)


def questions(row: dict[str, Any]) -> list[dict[str, Any]]:
    """The arguments of `cli_estimate` for a row, and others if it has no answer: some tables have one cache only."""
    inputs = inputs_of(row)
    moe, precision, chips = inputs["total_experts"] > 1, precision_of(row), int(inputs["own_chips"])
    attention = chips // int(inputs["own_tensor_parallel"] or 1)
    system, backend = SYSTEMS[row["chip"]], row["engine"].split()[0]
    options: dict[str, Any] = {
        "model_path": MODELS.get(row["model"], row["model"]),
        "system_name": system,
        "mode": "agg",
        "backend_name": backend,
        "backend_version": newest(system, backend),
        "isl": int(row["isl"]),
        "osl": int(row["osl"]),
        "gemm_quant_mode": {"bf16": "bfloat16", "fp8": "fp8_block" if moe else "fp8", "fp4": "nvfp4"}[precision],
        "batch_size": max(1, round(inputs["users"] / attention)),
        "tp_size": chips // attention,
        "attention_dp_size": attention,
    }
    if moe:
        parts = dict(map(split, row["parallelism"].split()))
        experts = min(max(parts.get("ep", 1), 1), chips)
        options |= {"moe_ep_size": experts, "moe_tp_size": chips // experts}
        if "gpt-oss" in row["model"]:
            options["gemm_quant_mode"] = "bfloat16"
        else:
            options["moe_quant_mode"] = {"bf16": "bfloat16", "fp8": "fp8_block", "fp4": "nvfp4"}[precision]
    return [options, options | {"kvcache_quant_mode": "fp8"}]


def ask(row: dict[str, Any]) -> tuple[dict[str, Any], float]:
    """The question that it answers of a row, and the time per output token [ms]."""
    last: Exception | None = None
    for question in questions(row):
        try:
            return question, float(cli_estimate(**question).tpot)
        except Exception as error:
            last = error
    raise last or ValueError("no answer")


def split(part: str) -> tuple[str, int]:
    name = part.rstrip("0123456789")
    return name, int(part[len(name) :])


def main() -> None:
    rows = [row for row in read_rows(MEASURED / LATENCIES[0]) if row["concurrency"]]
    drawn = random.Random(0).sample(rows, int(sys.argv[1]))
    with Path(__file__).with_name("aiconfigurator.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["row_id", "tpot_ms", "error"])
        for row in drawn:
            try:
                writer.writerow([row["row_id"], f"{ask(row)[1]:.4f}", ""])
            except Exception as error:
                writer.writerow([row["row_id"], "", " ".join(f"{type(error).__name__}: {error}".split())[:120]])
            file.flush()


if __name__ == "__main__":
    main()
