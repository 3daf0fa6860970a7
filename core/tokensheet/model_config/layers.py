"""What each layer of a configuration is: the kind of its attention and the kind of its feed-forward block."""

from __future__ import annotations

from typing import Any

from tokensheet.model_config.config import Config, spellings

# Kinds of attention: full, window, linear, mamba. Kinds of feed-forward block: dense, moe, both. "" is none.
ATTENTION_LISTS: dict[str, dict[Any, str]] = {
    "layer_types": {
        "full_attention": "full",
        "deepseek_sparse_attention": "full",
        "sliding_attention": "window",
        "chunked_attention": "window",
        "linear_attention": "linear",
    },
    "hybrid_layer_pattern": {0: "full", 1: "window"},
    "attn_type_list": {1: "full"},  # 0 is lightning attention
}
FEED_FORWARD_LISTS: dict[str, dict[Any, str]] = {
    "mlp_layer_types": {"dense": "dense", "sparse": "moe"},
    "moe_layer_freq": {0: "dense", 1: "moe"},
}
MAMBA, ATTENTION, EXPERTS, DENSE = ("mamba", ""), ("full", ""), ("", "moe"), ("", "dense")
BLOCK_LISTS: dict[str, dict[Any, tuple[str, str]]] = {  # a layer is one block, not attention and then feed-forward
    "hybrid_override_pattern": {"M": MAMBA, "*": ATTENTION, "E": EXPERTS, "-": DENSE},
    "layers_block_type": {"mamba": MAMBA, "attention": ATTENTION, "moe": EXPERTS, "mlp": DENSE},
}
STATE_KEYS = ("mamba_", "ssm_", "rwkv", "lightning")


def layers_of(config: Config) -> list[tuple[str, str]]:
    """Attention and feed-forward block of each layer."""
    for key, known in BLOCK_LISTS.items():
        given = config.keys.get(key)
        if given is not None:  # the only list that may stand for the number of layers as well
            return config.entries(key, config.optional("layers", entries_in(given)), known)
    count = config.number("layers")
    layers = list(zip(attention_of(config, count), feed_forward_of(config, count), strict=True))
    if not any(kind == "linear" for kind, _ in layers):
        for key in config.keys:
            if key.startswith(STATE_KEYS) and config.keys[key]:
                raise config.error(key, "means layers with a state, and nothing that tokensheet knows says which")
    return layers


def entries_in(given: Any) -> int:
    return len(given) if isinstance(given, list | str) and given else 1


def attention_of(config: Config, count: int) -> list[str]:
    if config.keys.get("compress_ratios"):
        return ["full"] * count  # row.compressed reads which compress how much
    for key, known in ATTENTION_LISTS.items():
        if config.keys.get(key) is not None:
            return config.entries(key, count, known)
    linear = config.keys.get("linear_attn_config")
    if linear is not None:
        full = linear.get("full_attn_layers") if isinstance(linear, dict) else None
        if not isinstance(full, list):
            raise config.error("linear_attn_config.full_attn_layers", "must be a list of layers")
        return ["full" if layer in full else "linear" for layer in range(1, count + 1)]
    if config.has("full_interval"):
        return every(config.number("full_interval"), count, "full", "linear")
    if config.has("chunk") or window_is_used(config):
        return windowed(config, count)
    return ["full"] * count


def window_is_used(config: Config) -> bool:
    """Whether a window does anything: files keep one that is switched off, or as long as the context."""
    longest = config.keys.get("max_position_embeddings")
    shorter = not isinstance(longest, int) or config.optional("window") < longest
    return config.has("window") and config.keys.get("use_sliding_window", True) and shorter


def windowed(config: Config, count: int) -> list[str]:
    if config.keys.get("use_sliding_window") and isinstance(config.keys.get("max_window_layers"), int):
        full = min(count, config.keys["max_window_layers"])  # Qwen: the first so many have no window, despite the name
        return ["full"] * full + ["window"] * (count - full)
    period = config.optional("full_every")
    if not config.has("window"):
        config.assume(
            "Which layers attend to chunks, and count as windows, is not in the file.",
            "kv_bytes_per_token", "kv_bytes_per_token_window",
        )  # fmt: skip
    if config.trait("full_every", -1) < 0 and not period:
        config.assume(
            "Every layer is taken to have the window: the file names none without.",
            "kv_bytes_per_token", "kv_bytes_per_token_window",
        )  # fmt: skip
    return every(period, count, "full", "window")


def feed_forward_of(config: Config, count: int) -> list[str]:
    if config.keys.get("enable_moe_block") is False:
        return ["dense"] * count
    if config.optional("experts") < 2:
        refuse_other_experts(config)
        return ["dense"] * count
    if config.keys.get("enable_moe_block"):
        return ["both"] * count
    for key, known in FEED_FORWARD_LISTS.items():
        if isinstance(config.keys.get(key), list):
            return config.entries(key, count, known)
    kinds = every(config.optional("moe_every", 1), count, "moe", "dense")
    dense = {*range(config.optional("first_dense")), *only_dense(config)}
    return ["dense" if layer in dense else kind for layer, kind in enumerate(kinds)]


def refuse_other_experts(config: Config) -> None:
    """Experts by keys that we do not know: read as dense, the model would be a small part of what it is."""
    if any(key in config.keys for key in spellings("experts")):
        return  # the file says that there are none, or one
    for key, value in config.keys.items():
        if "expert" in key and isinstance(value, int) and value > 1:
            raise config.error(key, "means experts, and no key that tokensheet knows says how many")


def only_dense(config: Config) -> list[int]:
    listed = config.keys.get("mlp_only_layers") or []
    if not isinstance(listed, list) or not all(isinstance(layer, int) for layer in listed):
        raise config.error("mlp_only_layers", f"must be a list of layers, not {listed!r}")
    return listed


def every(period: int, count: int, chosen: str, other: str) -> list[str]:
    """The last of each so many layers is the chosen kind; with a period of 0 none is."""
    return [chosen if period and layer % period == 0 else other for layer in range(1, count + 1)]
