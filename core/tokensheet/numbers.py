"""The numbers that a chain needs of a chip, of a model and of formats: what the catalogue leaves blank decided once."""

from __future__ import annotations

from typing import Any, NamedTuple

from tokensheet.calibration import FITTED, band, band_of, slowdowns
from tokensheet.energy import HOST_SHARE, POWER_SHARE, PUE
from tokensheet.own_constants import SLOWDOWN, own_constants
from tokensheet.rents import BASIS, no_rent
from tokensheet.rows import Row, UnknownName


class Format(NamedTuple):
    """What a weight takes, its part of the scales included, and the column with the rate that it computes at.

    In a mixture of experts the other parts, attention above all, stay in a wider format.
    """

    bytes: float
    dense_bytes: float
    rate: str


FORMATS = {
    "bf16": Format(2, 2, "bf16_flops"),
    "fp8": Format(1, 1, "fp8_flops"),
    "fp4": Format(0.5625, 1, "fp4_flops"),  # NVFP4: a scale of 8 bits for 16 values
    "mxfp4": Format(0.53125, 2, "fp4_flops"),  # a scale of 8 bits for 32 values, as gpt-oss is published
    "int4": Format(0.5625, 2, "bf16_flops"),  # a scale of 16 bits for 32 values, as Kimi-K2 is; computes in bf16
}
KV_FORMATS = {"bf16": 2.0, "fp8": 1.0, "fp4": 0.5625}  # bytes of a cached value
PCIE = 64e9  # bytes/s in one direction, PCIe 5.0 x16: where the catalogue knows no link
NIC = 50e9  # bytes/s in one direction, an adapter of 400 Gbit/s a chip: where the catalogue knows no network
# What holds unless somebody says otherwise, wherever the question is asked
DEFAULTS: dict[str, float] = {
    "own_chips": 0,
    "own_stages": 0,
    "own_tensor_parallel": 0,
    "node": 8,
    "headroom": 0.1,  # what engines leave free themselves: vLLM's gpu_memory_utilization is 0.9
    "utilization": 1,
    "flops_per_param": 2,
    "most_tensor_parallel": 8,
    "activation_bytes": 2,
    "round_trip_bytes": 3,  # to the experts in fp8 and back in bf16, as DeepSeek's DeepEP has it
    "cached_tokens": 0,
    "chunk_tokens": 8192,  # vLLM's and SGLang's default on large chips
    "prefill_chips": 0,
    "draft_tokens": 0,
    "draft_cost": 0.05,  # a draft of one layer and the head, as DeepSeek-V3's, over a step of 61 layers, and its launch
    "power_share": POWER_SHARE,
    "host_share": HOST_SHARE,
    "pue": PUE,
    **FITTED,
}
RATES = ("bf16_flops", "fp8_flops", "fp4_flops")
# What the estimate needs of a model and the bound does without
SHAPE = ("layers", "full_attention_layers", "hidden", "heads", "head_dim", "decode_head_dim", "kv_heads")


def defaults() -> dict[str, float]:
    """DEFAULTS, with constants of one's own in the place of the published ones."""
    return DEFAULTS | {name: value for name, value in own_constants().items() if name != SLOWDOWN}


def stands_in(row: Row) -> dict[str, str]:
    """The columns that a chip's row leaves blank, and the column or rule that stands in for each.

    What a chip has no arithmetic for it unpacks and computes in bf16. Without a link of its own it exchanges over PCIe;
    beyond its domain over an adapter of 400 Gbit/s, as most servers have it; a domain is a server.
    """
    found = {name: RATES[0] for name in RATES if not row.get(name)}
    rules = {"scale_up_bandwidth": "pcie", "scale_out_bandwidth": "nic", "scale_up_chips": "node"}
    return found | {column: rule for column, rule in rules.items() if not row.get(column)}


def numbers_of_chip(row: Row, precision: str) -> dict[str, Any]:
    """What a chain needs of a chip's row; None for what the catalogue does not know."""
    blanks, rate = stands_in(row), FORMATS[precision].rate
    return {
        "chip_flops": row[blanks.get(rate, rate)],
        "chip_bf16_flops": row["bf16_flops"],
        "chip_bandwidth": row["hbm_bandwidth"],
        "hbm": row["hbm_bytes"],
        "link_bandwidth": PCIE if "scale_up_bandwidth" in blanks else row["scale_up_bandwidth"],
        "domain": DEFAULTS["node"] if "scale_up_chips" in blanks else row["scale_up_chips"],
        "scale_out_bandwidth": NIC if "scale_out_bandwidth" in blanks else row["scale_out_bandwidth"],
        "software": slowdowns().get(row["vendor"], 1.0) * own_constants().get(SLOWDOWN, 1.0),
        "usd_per_hour": row["usd_per_hour"],
    }


def numbers_of_power(row: Row) -> dict[str, Any]:
    """What a chain about energy needs of a chip's row besides; None if the catalogue does not know it."""
    return {"power_w": row.get("power_w")}


def numbers_of_model(row: Row) -> dict[str, Any]:
    """What a chain needs of a model's row; None for what the catalogue does not know.

    With MLA all heads share one cache, a head is as wide as keys and values are on average, and in decoding as wide as
    what is cached of both. A dense model is one expert.
    """
    mla = bool(row["kv_lora_rank"])
    width = sum(row[f"{part}_head_dim"] or 0 for part in ("nope", "rope", "v")) / 2
    absorbed = (2 * (row["kv_lora_rank"] or 0) + (row["rope_head_dim"] or 0)) / 2
    return {
        "total_params": row["total_params"],
        "active_params": row["active_params"],
        "total_experts": row["experts"] or 1,
        "active_experts": row["active_experts"] or 1,
        "embedding_params": idle_embedding(row),
        "kv_bytes_per_token": row["kv_bytes_per_token"],
        "kv_bytes_per_token_window": row["kv_bytes_per_token_window"] or 0,
        "window": row["window"] or 0,
        "state_bytes": row["state_bytes"] or 0,
        "index_bytes": row.get("index_bytes") or 0,
        "sparse_tokens": row.get("sparse_tokens") or 0,
        "layers": row["layers"] or None,
        "full_attention_layers": row["full_attention_layers"] or None,
        "moe_layers": row["moe_layers"] or 0,
        "hidden": row["hidden"] or None,
        "heads": row["heads"] or None,
        "head_dim": (width if mla and width else row["head_dim"]) or None,
        "decode_head_dim": (absorbed if mla else row["head_dim"]) or None,
        "extra_layers": extra_layers(row),
        "acceptance": row.get("acceptance") or 0,
        "kv_heads": 1 if mla else row["kv_heads"] or None,
    }


def idle_embedding(row: Row) -> float:
    """Parameters of the input embedding, which the active ones of a mixture of experts leave out unless it is tied."""
    apart = (row["experts"] or 1) > 1 and not row.get("tied_embeddings")
    return (row.get("vocab") or 0) * (row["hidden"] or 0) if apart else 0


def extra_layers(row: Row) -> float:
    """Layers' worth of launches beside the layers: an indexer takes those of two, linear attention those of a half."""
    sparse = (row["full_attention_layers"] or 0) if row.get("sparse_tokens") else 0
    return 2 * sparse + 0.5 * (row.get("linear_layers") or 0)


def numbers_of_formats(precision: str, kv_precision: str = "", experts: float = 2) -> dict[str, float]:
    """Bytes of a weight, of one beside the experts and of a cached value; a dense model is in one format throughout.

    A cache is kept in fp8 unless the weights are in bf16.
    """
    weights = FORMATS[precision]
    kept = kv_precision or ("bf16" if precision == "bf16" else "fp8")
    dense_bytes = weights.dense_bytes if experts > 1 else weights.bytes
    return {"bytes": weights.bytes, "dense_bytes": dense_bytes, "kv_width": KV_FORMATS[kept]}


def native_format(row: Row) -> str | None:
    """The format that a model is published in, if it is one of FORMATS; of several the first."""
    text = str(row["native_precision"] or "").lower()
    found = {text.find(name): name for name in sorted(FORMATS, key=len) if name in text}
    return found[min(found)] if found else None


def numbers_of_band(chip: Row, model: Row) -> dict[str, float]:
    """The ends of the estimate's bands: the wider, the less of chip and model the fit has seen."""
    return band(band_of(chip, model))


def lacking(values: dict[str, Any], needed: list[str], chip: Row, model: Row, basis: str = BASIS) -> LookupError | None:
    """The error that names what is not known of chip or model, if something needed is not."""
    blank = [key for key in needed if values[key] is None]
    if not blank:
        return None
    if "usd_per_hour" in blank:
        return no_rent(chip, basis)
    if "power_w" in blank:
        return UnknownName(f"{chip['name']} has no power_w in the catalogue")
    columns = [key for key in blank if key in model] or blank  # the others are derived of these
    return LookupError(f'{model["name"]} has no {", ".join(columns)}, without which there is only estimate="ideal"')
