"""The catalogue's data: sources and dates, dense rates, and parameter counts that follow from the shape."""

import csv
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from tokensheet.catalogue import is_text, plain

DATA = Path(__file__).parents[1] / "core/tokensheet/data"
Row = dict[str, str]

FORMATS = ("bf16_flops", "fp8_flops", "fp4_flops")
# What each halving of the width gains in dense FLOP/s: twice, or less where a chip is not built for it. More is a sign
# of a figure with sparsity. Chips whose makers do give more than twice as many dense FLOP/s:
MORE = {
    ("bf16_flops", "fp8_flops"): {"Trainium3"},
    ("fp8_flops", "fp4_flops"): {"B300 SXM", "GB300 NVL72", "RTX 5090"},
}
# By what share of the published count the recount may differ. Publishers differ in whether the active count has the
# embeddings, and some only name a round number, further off than that:
TOTAL, ACTIVE = 0.03, 0.08
ROUNDED = {"Qwen3-Next-80B-A3B": "A3B", "Qwen3.5-122B-A10B": "A10B"}


def rows(kind: str) -> list[Row]:
    with (DATA / f"{kind}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


CHIPS, MODELS = rows("chips"), rows("models")


def number(row: Row, field: str) -> float:
    return float(row[field] or 0)


def common_complaints(row: Row) -> list[str]:
    """What is wrong with any row: numbers that are none, dates that are none, flags that name no column."""
    found = [f"{field} is not a positive number: {text!r}" for field, text in row.items() if not fine(field, text)]
    found += [f"{field} is no date: {row[field]!r}" for field in row if is_date(field) and not dated(row[field])]
    return found + [f"unverified names {name!r}, no column" for name in row["unverified"].split() if name not in row]


def fine(field: str, text: str) -> bool:
    if is_text(field) or not text:
        return True
    try:
        return 0 <= float(text) < float("inf")
    except ValueError:
        return False


def is_date(field: str) -> bool:
    return field == "date" or field.endswith("_date")


def dated(text: str) -> bool:
    return not text or bool(re.fullmatch(r"20\d\d(-(0[1-9]|1[0-2])(-[0-3]\d)?|-Q[1-4])?", text))


def chip_complaints(row: Row) -> list[str]:
    """What is wrong with a chip."""
    found = common_complaints(row)
    found += [
        f"no {field}" for field in ("name", "vendor", "bf16_flops", "hbm_bytes", "hbm_bandwidth") if not row[field]
    ]
    found += [f"no {field}" for field in ("spec_source", "spec_date") if not row[field]]
    if row["usd_per_hour"]:
        found += [
            f"a price without {field}" for field in ("price_source", "price_date", "price_basis") if not row[field]
        ]
        low, typical, high = (number(row, f"usd_per_hour{end}") or None for end in ("_low", "", "_high"))
        if (low or typical) > typical or (high or typical) < typical:  # type: ignore[operator]
            found.append("the typical price lies outside its range")
    for wider, narrower in pairwise(FORMATS):
        gain = number(row, narrower) / number(row, wider) if row[narrower] and row[wider] else 1
        most = 4 if row["name"] in MORE.get((wider, narrower), set()) else 2
        if not 1 <= gain <= most * 1.02:
            found.append(f"{narrower} is {gain:.2f} times {wider}: sparse, or mistyped")
    if "memory" in row["spec_source"] and not row["unverified"]:
        found.append("a number from memory and nothing flagged")
    if "memory" in row["price_source"]:
        found.append("a price from memory")
    return found


def model_complaints(row: Row) -> list[str]:
    """What is wrong with a model."""
    found = common_complaints(row)
    needed = ("name", "release", "total_params", "active_params", "kv_bytes_per_token", "source", "date")
    found += [f"no {field}" for field in needed if not row[field]]
    if found:
        return found
    if number(row, "active_params") > number(row, "total_params"):
        found.append("more active than total parameters")
    found += cache_complaints(row)
    total, active = count(row)
    for field, counted, most in (("total_params", total, TOTAL), ("active_params", active, ACTIVE)):
        off = counted / number(row, field) - 1
        if abs(off) > most and not (field == "active_params" and row["name"] in ROUNDED):
            found.append(
                f"{field} is {number(row, field) / 1e9:g}e9, the shape gives {counted / 1e9:.4g}e9 ({off:+.1%})"
            )
    if "memory" in row["source"] and not row["unverified"]:
        found.append("a number from memory and nothing flagged")
    return found


def cache_complaints(row: Row) -> list[str]:
    """The KV cache in bf16 as the shape gives it: key and value of each head, or the latent vector of MLA."""
    n = lambda field: number(row, field)  # noqa: E731
    if row["kv_lora_rank"]:
        a_layer = 2 * (n("kv_lora_rank") + n("rope_head_dim"))
    else:
        a_layer = 2 * 2 * n("kv_heads") * n("head_dim")
    state = 4 * n("linear_layers") * n("linear_value_dim") * 128  # heads x key dimension of 128 x value dimension
    expected = {
        "kv_bytes_per_token": a_layer * n("full_attention_layers"),
        "kv_bytes_per_token_window": a_layer * n("window_layers"),
        "state_bytes": state,
    }
    found = [
        f"{field} is {row[field]}, the shape gives {value:g}" for field, value in expected.items() if n(field) != value
    ]
    if n("full_attention_layers") + n("window_layers") + n("linear_layers") != n("layers"):
        found.append("the kinds of layers do not add up")
    return found


def count(row: Row) -> tuple[float, float]:
    """Total and active parameters from the shape; norms and biases, below a thousandth, are left out.

    Active are those that a token is multiplied with: not the input embedding, which is looked up.
    """
    n = lambda field: number(row, field)  # noqa: E731
    hidden, heads = n("hidden"), n("heads")
    if row["kv_lora_rank"]:  # multi-head latent attention
        query_dim = n("nope_head_dim") + n("rope_head_dim")
        query = n("q_lora_rank") * (hidden + heads * query_dim) if row["q_lora_rank"] else hidden * heads * query_dim
        latent = hidden * (n("kv_lora_rank") + n("rope_head_dim"))
        expand = n("kv_lora_rank") * heads * (n("nope_head_dim") + n("v_head_dim"))
        attention = query + latent + expand + heads * n("v_head_dim") * hidden
    else:
        queries = heads * n("head_dim") * (2 if row["gated_attention"] else 1)
        attention = hidden * (queries + 2 * n("kv_heads") * n("head_dim") + heads * n("head_dim"))
    linear = hidden * (2 * n("linear_key_dim") + 3 * n("linear_value_dim"))  # query, key, value, gate, output
    layers = n("full_attention_layers") + n("window_layers")
    mixing = layers * attention + n("linear_layers") * linear
    embedding = n("vocab") * hidden
    expert = 3 * hidden * n("moe_ffn")
    always = n("dense_layers") * 3 * hidden * n("dense_ffn")
    always += n("moe_layers") * (n("shared_experts") * expert + hidden * n("experts"))
    shared = mixing + always + embedding  # at the output
    looked_up = 0 if n("tied_embeddings") else embedding
    routed = n("moe_layers") * expert
    return shared + looked_up + routed * n("experts"), shared + routed * n("active_experts")


@pytest.mark.parametrize("row", CHIPS, ids=lambda row: row["name"])
def test_chip(row: Row) -> None:
    assert chip_complaints(row) == []


@pytest.mark.parametrize("row", MODELS, ids=lambda row: row["name"])
def test_model(row: Row) -> None:
    assert model_complaints(row) == []


@pytest.mark.parametrize("table", [CHIPS, MODELS], ids=["chips", "models"])
def test_names_and_aliases_are_unique(table: list[Row]) -> None:
    names = [plain(name) for row in table for name in [row["name"], *row["aliases"].split(";")] if name]
    assert sorted(names) == sorted(set(names))


def planted(row: Row, **changes: Any) -> Row:
    return row | {field: str(value) for field, value in changes.items()}


H100 = next(row for row in CHIPS if row["name"] == "H100 SXM")
V3 = next(row for row in MODELS if row["name"] == "DeepSeek-V3")


@pytest.mark.parametrize(
    ("complaints", "row", "complaint"),
    [
        (chip_complaints, planted(H100, fp8_flops=3958e12), "fp8_flops is 4.00 times bf16_flops: sparse, or mistyped"),
        (chip_complaints, planted(H100, hbm_bytes="80GB"), "hbm_bytes is not a positive number: '80GB'"),
        (chip_complaints, planted(H100, hbm_bandwidth=-1), "hbm_bandwidth is not a positive number: '-1'"),
        (chip_complaints, planted(H100, spec_date=""), "no spec_date"),
        (chip_complaints, planted(H100, price_date="May"), "price_date is no date: 'May'"),
        (chip_complaints, planted(H100, price_source=""), "a price without price_source"),
        (chip_complaints, planted(H100, usd_per_hour=9), "the typical price lies outside its range"),
        (chip_complaints, planted(H100, unverified="speed"), "unverified names 'speed', no column"),
        (chip_complaints, planted(H100, spec_source="memory"), "a number from memory and nothing flagged"),
        (model_complaints, planted(V3, total_params=700e9), "total_params is 700e9, the shape gives"),
        (model_complaints, planted(V3, active_params=21e9), "active_params is 21e9, the shape gives"),
        (model_complaints, planted(V3, kv_bytes_per_token=35136), "kv_bytes_per_token is 35136, the shape gives 70272"),
        (model_complaints, planted(V3, layers=60), "the kinds of layers do not add up"),
        (model_complaints, planted(V3, source=""), "no source"),
    ],
)
def test_a_planted_error_is_found(complaints: Callable[[Row], list[str]], row: Row, complaint: str) -> None:
    assert any(found.startswith(complaint) for found in complaints(row)), complaints(row)
