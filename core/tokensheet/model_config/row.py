"""The row of the catalogue that a configuration gives."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from tokensheet.catalogue import models
from tokensheet.files import read_text
from tokensheet.kv_cache import kv_bytes_compressed, kv_bytes_mla, kv_bytes_per_token, state_bytes
from tokensheet.model_config.blocks import (
    Experts,
    Heads,
    Linear,
    compressed_params,
    dense_width,
    grouped_params,
    index_bytes,
    indexer_params,
    is_gated,
    latent_params,
    mamba_params,
)
from tokensheet.model_config.config import FAMILIES, Config, ConfigError
from tokensheet.model_config.layers import layers_of
from tokensheet.texts import name_of

Row = dict[str, Any]
COMPRESSIONS = {0: 0, 4: 4, 128: 128}  # tokens that share an entry in a layer of DeepSeek-V4; 0: a window only
STATE_BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}
NOT_IN_A_CONFIG = {"aliases", "vendor", "release", "acceptance"}
PRECISIONS = {"bfloat16": "bf16", "float16": "fp16", "float32": "fp32"}


class Derived(NamedTuple):
    """A row of the models catalogue, and what could not be derived, was assumed or is not counted."""

    row: Row
    notes: list[str]


def derive_file(path: Path, name: str | None = None) -> Derived:
    """The row of a config.json; unless given, the model's name is the file's, or the folder's of a config.json."""
    text = read_text(path)
    try:
        keys = json.loads(text)
    except ValueError as error:
        raise ConfigError(f"{path.name}: is not JSON: {error}") from None
    except RecursionError:
        raise ConfigError(f"{path.name}: is nested too deeply") from None
    own = path.stem if path.stem != "config" else path.resolve().parent.name
    return derive(keys, name or own, path.name)


def derive(keys: Mapping[str, Any], name: str, place: str = "config.json") -> Derived:
    """The row of a configuration that is read already; `place` names it in messages."""
    config = Config.of(keys, place)
    layers = layers_of(config)
    mixing = compressed(config, layers) if config.keys.get("compress_ratios") else mixed(config, layers)
    feeding = fed(config, layers)
    embedding = config.number("vocab") * config.number("hidden")
    tied = tied_embeddings(config)
    always = mixing.pop("params") + feeding.pop("always") + config.optional("positions") * config.number("hidden")
    total = always + feeding.pop("experts_params") + (1 if tied else 2) * embedding
    idle = feeding.pop("idle_params")
    if idle:
        config.note(
            "active_params leaves out the input embedding, as the catalogue does: looked up, not multiplied with."
        )
    if config.has("mtp"):
        config.note("Layers of multi-token prediction are not counted.")
    config.note("Norms and biases are not counted.")
    # a column that this shape has nothing for is blank, not left out: it may take the place of another shape's
    blank: Row = dict.fromkeys(column for column in next(iter(models().values())) if column not in NOT_IN_A_CONFIG)
    row = blank | {
        "name": name_of(name),
        "total_params": total,
        # of a tied matrix the second use multiplies, of two matrices only the output's
        "active_params": total - idle - (0 if tied else embedding) if idle else total,
        **mixing,
        "layers": len(layers),
        "hidden": config.number("hidden"),
        "vocab": config.number("vocab"),
        "tied_embeddings": int(tied),
        **feeding,
        "native_precision": precision(config),
        "source": f"derived from {place}",
        "date": date.today().isoformat(),
        "unverified": " ".join(sorted(config.doubtful)) or None,
        "notes": " ".join(config.notes),
    }
    return Derived(row, config.notes)


def mixed(config: Config, layers: list[tuple[str, str]]) -> Row:
    """Parameters, cache and columns of layers with attention, with or without a window, and of layers with a state."""
    count = Counter(kind for kind, _ in layers)
    if config.has("kv_lora_rank") and count["window"]:
        raise config.error("kv_lora_rank", "together with windowed layers is nothing that tokensheet knows")
    full = latent(config, count["full"]) if config.has("kv_lora_rank") else grouped(config, count["full"])
    parts = [full, windows(config, count["window"]), linear(config, count["linear"]), mamba(config, count["mamba"])]
    row: Row = {"params": sum(part.pop("params", 0) for part in parts)}
    kinds = [part.pop("kind") for part in parts if "kind" in part]
    empty = {"kv_bytes_per_token_window": 0, "window": 0, "state_bytes": 0, "window_layers": 0, "linear_layers": 0}
    for part in (empty, *parts):
        row |= part
    return row | {"attention": " + ".join(kinds)}


def grouped(config: Config, layers: int) -> Row:
    heads = Heads.of(config)
    kind = heads.kind
    sparse = config.keys.get("sparse_attention_config")
    if isinstance(sparse, dict) and sparse.get("use_sparse_attention"):
        kind += " + block-sparse (MSA)"
        config.note("Sparse attention: a step reads only part of the cache; the indexer and its cache are not counted.")
    if config.keys.get("attention_k_eq_v"):
        config.note("Layers without a window project keys and values together; both are counted as cached.")
    return {
        "params": layers * grouped_params(config, heads, windowed=False),
        "kind": kind,
        "kv_bytes_per_token": kv_bytes_per_token(layers, heads.kv_heads, heads.cached_width) if layers else 0,
        "full_attention_layers": layers,
        **columns(heads),
        "gated_attention": int(is_gated(config)),
    }


def columns(heads: Heads) -> Row:
    values = heads.v_head_dim if heads.v_head_dim != heads.head_dim else None
    return {"heads": heads.heads, "kv_heads": heads.kv_heads, "head_dim": heads.head_dim, "v_head_dim": values}


def latent(config: Config, layers: int) -> Row:
    rank, rope = config.number("kv_lora_rank"), config.number("rope_head_dim")
    gated = bool(config.keys.get("mla_use_output_gate"))
    kind, params = "gated MLA" if gated else "MLA", layers * latent_params(config)
    sparse: Row = {}
    if config.has("index_topk"):
        kind += f" + DSA (top-{config.number('index_topk')})"
        types = config.keys.get("indexer_types")
        own = types[:layers].count("full") if isinstance(types, list) else layers  # the others share one
        params += own * indexer_params(config)
        config.note("Sparse attention: the cache is stored in full, a step reads the indexer's choice of it.")
        sparse = {"sparse_tokens": config.number("index_topk"), "index_bytes": own * index_bytes(config)}
    return sparse | {
        "params": params,
        "kind": kind,
        "kv_bytes_per_token": kv_bytes_mla(layers, rank, rope) if layers else 0,
        "full_attention_layers": layers,
        "heads": config.number("heads"),
        "v_head_dim": config.number("v_head_dim"),
        "q_lora_rank": config.optional("q_lora_rank") or None,
        "kv_lora_rank": rank,
        "rope_head_dim": rope,
        "nope_head_dim": config.number("nope_head_dim"),
        "gated_attention": int(gated),
    }


def windows(config: Config, layers: int) -> Row:
    if not layers:
        return {}
    heads = Heads.of(config, "window_")
    chunked = not config.has("window")
    if heads != Heads.of(config):
        config.note(
            f"Windowed layers have {heads.heads} heads, {heads.kv_heads} of keys and values, {heads.head_dim} wide; "
            "the columns hold those of the others."
        )
    return {
        "params": layers * grouped_params(config, heads, windowed=True),
        "kind": "chunked attention" if chunked else "sliding window",
        "kv_bytes_per_token_window": kv_bytes_per_token(layers, heads.kv_heads, heads.cached_width),
        "window": config.number("chunk" if chunked else "window"),
        "window_layers": layers,
    }


def linear(config: Config, layers: int) -> Row:
    if not layers:
        return {}
    heads = Linear.of(config)
    return {
        "params": layers * heads.params(config),
        "kind": heads.kind,
        "state_bytes": state_bytes(layers, heads.value_heads, heads.key_head, heads.value_head, state_width(config)),
        "linear_layers": layers,
        "linear_key_dim": heads.key_heads * heads.key_head,
        "linear_value_dim": heads.value_heads * heads.value_head,
    }


def mamba(config: Config, layers: int) -> Row:
    if not layers:
        return {}
    heads, state, head = (config.number(key) for key in ("mamba_heads", "mamba_state", "mamba_head_dim"))
    return {
        "params": layers * mamba_params(config),
        "kind": "Mamba-2",
        "state_bytes": state_bytes(layers, heads, state, head, state_width(config)),
        "linear_layers": layers,
    }


def state_width(config: Config) -> int:
    """Bytes of a value of the state."""
    config.note("state_bytes is without the small state of the convolution.")
    for key in ("mamba_ssm_cache_dtype", "mamba_ssm_dtype"):
        kind = config.keys.get(key)
        if kind is not None:
            if str(kind) not in STATE_BYTES:
                raise config.error(key, f"must be one of {', '.join(STATE_BYTES)}, not {kind!r}")
            return STATE_BYTES[str(kind)]
    config.assume("The file does not say how wide a value of the state is: fp32 is taken.", "state_bytes")
    return 4


def compressed(config: Config, layers: list[tuple[str, str]]) -> Row:
    """DeepSeek-V4: a window in every layer, and one entry for each 4 or 128 tokens of all before, in most."""
    ratios = Counter(config.entries("compress_ratios", len(layers), COMPRESSIONS))
    head, index = config.number("head_dim"), config.number("index_head_dim")
    widths = {4: head + index, 128: head}
    config.note("kv_bytes_per_token has the indexer's entries; a step reads only its choice of those for 4 tokens.")
    return {
        "params": sum(count * compressed_params(config, ratio) for ratio, count in ratios.items()),
        "kv_bytes_per_token": sum(
            kv_bytes_compressed(ratios[ratio], width, ratio) for ratio, width in widths.items() if ratios[ratio]
        ),
        "kv_bytes_per_token_window": kv_bytes_compressed(len(layers), head, 1),
        "window": config.number("window"),
        "state_bytes": 0,
        "attention": "CSA + HCA (compressed 4 and 128 to 1) with a window",
        "full_attention_layers": len(layers) - ratios[0],
        "window_layers": 0,
        "linear_layers": 0,
        "heads": config.number("heads"),
        "kv_heads": config.number("kv_heads"),
        "head_dim": head,
        "q_lora_rank": config.number("q_lora_rank"),
        "rope_head_dim": config.number("rope_head_dim"),
        "gated_attention": 0,
    }


def fed(config: Config, layers: list[tuple[str, str]]) -> Row:
    """Parameters and columns of the feed-forward blocks: those always passed through, all experts, the idle ones."""
    count = Counter(kind for _, kind in layers)
    dense, moe = count["dense"] + count["both"], count["moe"] + count["both"]
    width = dense_width(config) if dense else None
    row: Row = {"always": dense * config.trait("ffn_matrices", 3) * config.number("hidden") * (width or 0)}
    row |= {"experts_params": 0, "idle_params": 0, "dense_ffn": width, "moe_ffn": None}
    row |= {"experts": 0, "active_experts": 0, "shared_experts": 0, "moe_layers": moe, "dense_layers": dense}
    if moe:
        experts = Experts.of(config)
        row["always"] += moe * experts.always
        row["experts_params"] = moe * experts.count * experts.one
        row["idle_params"] = moe * (experts.count - experts.active) * experts.one
        row |= {"moe_ffn": experts.width, "experts": experts.count, "active_experts": experts.active}
        row["shared_experts"] = experts.shared
    return row


def tied_embeddings(config: Config) -> bool:
    given = config.keys.get("tie_word_embeddings")
    if isinstance(given, bool):
        return given
    tied = bool(config.trait("tied", 0))
    text = f"tie_word_embeddings is not in the file: input and output embedding are taken as {'one' if tied else 'two'}"
    if config.family in FAMILIES:
        config.note(f"{text}, as {config.family} has it.")
    else:
        config.assume(f"{text}.", "total_params")
    return tied


def precision(config: Config) -> str | None:
    """Format of the published weights, in the catalogue's words where it has them."""
    quantized = config.keys.get("quantization_config")
    if isinstance(quantized, dict):
        groups = quantized.get("config_groups")
        for group in groups.values() if isinstance(groups, dict) else ():
            weights = group.get("weights") if isinstance(group, dict) else None
            if isinstance(weights, dict) and weights.get("num_bits"):
                kind = "int" if weights.get("type") == "int" else "fp"
                return f"{kind}{weights['num_bits']}"
        return str(quantized.get("quant_algo") or quantized.get("quant_method") or "").lower() or None
    return PRECISIONS.get(str(config.keys.get("dtype") or config.keys.get("torch_dtype")))
