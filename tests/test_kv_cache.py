"""The cache of a sequence against the published shapes."""

from typing import Any

import pytest
import tokensheet as ts


@pytest.mark.parametrize(("context", "windowed"), [(0, 0), (100, 100), (128, 128), (32768, 128)])
def test_a_window_stops_growing(context: int, windowed: int) -> None:
    # gpt-oss-120b: 18 full layers and 18 with a window, 8 heads of 64, key and value, 2 bytes each
    per_token = 18 * 8 * 64 * 2 * 2
    assert ts.kv_bytes_sequence(context, per_token, per_token, 128) == per_token * (context + windowed)


def test_a_state_does_not_grow() -> None:
    assert ts.kv_bytes_sequence([1, 1000], 10, state_bytes=500).tolist() == [510, 10500]


def compressed(layers: dict[int, int], width: int = 512, indexer: int = 128) -> Any:
    """DeepSeek-V4: layers by how many tokens share an entry; 4 to 1 comes with an indexer."""
    caches = [ts.kv_bytes_compressed(count, width + (indexer if to == 4 else 0), to) for to, count in layers.items()]
    return sum(caches)


COMPRESSED = {"DeepSeek-V4-Flash": {4: 21, 128: 20}, "DeepSeek-V4-Pro": {4: 30, 128: 31}}
SSM = {
    "Nemotron-3-Nano-30B-A3B": (64, 128, 64), "Nemotron-3.5-Lightning-30B-A3B": (64, 128, 64),
    "Nemotron-3-Super-120B-A12B": (128, 128, 64), "Nemotron-3-Ultra-550B-A55B": (256, 128, 64),
}  # fmt: skip


@pytest.mark.parametrize("model", ts.models().values(), ids=lambda model: model["name"])
def test_every_model_of_the_catalogue(model: dict[str, Any]) -> None:
    """Its cache from its shape is the catalogue's; its weights and cache say how many of each chip hold it."""
    layers = model["full_attention_layers"]
    if model["name"] in COMPRESSED:
        kv = compressed(COMPRESSED[model["name"]])
    elif model["kv_lora_rank"]:
        kv = ts.kv_bytes_mla(layers, model["kv_lora_rank"], model["rope_head_dim"])
    else:
        kv = ts.kv_bytes_per_token(layers, model["kv_heads"], model["head_dim"])
        if model["v_head_dim"]:  # values narrower than keys
            kv = kv * (model["head_dim"] + model["v_head_dim"]) / (2 * model["head_dim"])
    assert kv == model["kv_bytes_per_token"]
    if model["state_bytes"]:
        shape = SSM.get(model["name"]) or (model["linear_value_dim"] / 128, 128, 128)
        assert ts.state_bytes(model["linear_layers"], *shape) == model["state_bytes"]
    window = model["kv_bytes_per_token_window"] or 0, model["window"] or 0
    sequence = ts.kv_bytes_sequence(32768, kv, *window, model["state_bytes"] or 0)
    weights = ts.weights_bytes(model["total_params"], 1)
    for chip in ts.chips().values():
        chips = ts.min_chips(weights, sequence, chip["hbm_bytes"])
        assert 1 <= chips < 1e6
        assert ts.max_batch(weights, sequence, chip["hbm_bytes"], chips) >= 1


def test_caches_by_kind_of_attention() -> None:
    assert ts.kv_bytes_per_token(80, 8, 128) == 327680  # Llama-3-70B, grouped queries
    assert ts.kv_bytes_per_token(80, 64, 128) == 8 * 327680  # the same with all heads
    assert ts.kv_bytes_per_token(1, 8, 128, 1) == 2048  # the lecture's single global layer
    assert ts.kv_bytes_mla(61, 512, 64) == 70272  # DeepSeek-V3
    assert ts.sparse_context(131072, 2048) == 2048
    assert ts.sparse_context(1e6) == 1000
