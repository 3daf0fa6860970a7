"""A deployment: what model and cache take, on how many chips they stand, and what these have together."""

from tokensheet.chain import Chain
from tokensheet.chain import Quantity as Q
from tokensheet.experts import dense_params, expert_params
from tokensheet.kv_cache import kv_bytes_batch, kv_bytes_in_format, kv_bytes_sequence
from tokensheet.parallel import (
    attention_groups,
    cache_chips,
    chips_total,
    chosen_chips,
    deployable_chips,
    fits,
    max_batch,
    min_chips,
    weights_bytes,
)

DEPLOYMENT = Chain((
    Q("weights_bytes", "Weights", weights_bytes, ("total_params", "bytes")),
    Q("kv_token", "KV cache of a token", kv_bytes_in_format, ("kv_bytes_per_token", "kv_width")),
    Q("kv_token_window", "of windowed layers", kv_bytes_in_format, ("kv_bytes_per_token_window", "kv_width")),
    Q("kv_sequence", "KV cache of a sequence", kv_bytes_sequence,
      ("context", "kv_token", "kv_token_window", "window", "state_bytes")),
    Q("kv_bytes", "KV cache of the batch", kv_bytes_batch, ("batch", "kv_sequence")),
    Q("fewest_chips", "Fewest chips that hold it", min_chips, ("weights_bytes", "kv_bytes", "hbm", "headroom")),
    Q("deployable_chips", "Fewest that one deploys", deployable_chips, ("fewest_chips", "node")),
    Q("chips", "Chips", chosen_chips, ("own_chips", "deployable_chips")),
    Q("fits", "Fits", fits, ("weights_bytes", "kv_bytes", "hbm", "chips", "headroom")),
    Q("largest_batch", "Largest batch that fits", max_batch,
      ("weights_bytes", "kv_sequence", "hbm", "chips", "headroom")),
    Q("groups", "Groups that attention is split into", attention_groups, ("chips", "most_tensor_parallel")),
    Q("cache_chips", "Chips that the cache is spread over", cache_chips, ("groups", "chips", "kv_heads")),
    Q("all_flops", "FLOP/s of all chips", chips_total, ("chips", "chip_flops")),
    Q("all_bf16_flops", "FLOP/s of all chips in bf16", chips_total, ("chips", "chip_bf16_flops")),
    Q("all_bandwidth", "Memory bandwidth of all chips", chips_total, ("chips", "chip_bandwidth")),
    Q("cache_bandwidth", "Bandwidth that the cache is read at", chips_total, ("cache_chips", "chip_bandwidth")),
    Q("expert_params", "Parameters of experts", expert_params,
      ("total_params", "active_params", "active_experts", "total_experts")),
    Q("dense_params", "Other parameters", dense_params, ("total_params", "expert_params")),
))  # fmt: skip
