"""A deployment: what model and cache take, on how many chips they stand, how they are laid out, and what these have."""

from tokensheet.attention import attended_tokens
from tokensheet.chain import Chain
from tokensheet.chain import Quantity as Q
from tokensheet.experts import dense_params, expert_params, weights_held
from tokensheet.kv_cache import kv_bytes_attended, kv_bytes_batch, kv_bytes_in_format, kv_bytes_sequence
from tokensheet.layout import (
    attention_groups,
    beyond_domain,
    cache_chips,
    chips_of_each,
    chosen_chips,
    deployable_chips,
    micro_batch,
    network_bandwidth,
    pipeline_stages,
)
from tokensheet.parallel import chips_total, fits, max_batch, min_chips

DEPLOYMENT = Chain((
    Q("expert_params", "Parameters of experts", expert_params,
      ("total_params", "active_params", "active_experts", "total_experts")),
    Q("dense_params", "Other parameters", dense_params, ("total_params", "expert_params")),
    Q("weights_bytes", "Weights", weights_held,
      ("dense_params", "expert_params", "bytes", "dense_bytes", "embedding_params")),
    Q("kv_token", "KV cache of a token", kv_bytes_in_format, ("kv_bytes_per_token", "kv_width")),
    Q("kv_token_window", "of windowed layers", kv_bytes_in_format, ("kv_bytes_per_token_window", "kv_width")),
    Q("kv_sequence", "KV cache of a sequence", kv_bytes_sequence,
      ("context", "kv_token", "kv_token_window", "window", "state_bytes", "index_bytes")),
    Q("kv_bytes", "KV cache of the batch", kv_bytes_batch, ("batch", "kv_sequence")),
    Q("attended", "Tokens that a token attends to", attended_tokens, ("context", "sparse_tokens")),
    Q("kv_read_sequence", "Cache of a sequence that a step reads", kv_bytes_attended,
      ("attended", "context", "kv_token", "kv_token_window", "window", "state_bytes", "index_bytes")),
    Q("kv_read", "Cache that a step reads", kv_bytes_batch, ("batch", "kv_read_sequence")),
    Q("fewest_chips", "Fewest chips that hold it", min_chips, ("weights_bytes", "kv_bytes", "hbm", "headroom")),
    Q("deployable_chips", "Fewest that one deploys", deployable_chips, ("fewest_chips", "node")),
    Q("chips", "Chips", chosen_chips, ("own_chips", "deployable_chips")),
    Q("fits", "Fits", fits, ("weights_bytes", "kv_bytes", "hbm", "chips", "headroom")),
    Q("largest_batch", "Largest batch that fits", max_batch,
      ("weights_bytes", "kv_sequence", "hbm", "chips", "headroom")),
    Q("all_flops", "FLOP/s of all chips", chips_total, ("chips", "chip_flops")),
    Q("all_bandwidth", "Memory bandwidth of all chips", chips_total, ("chips", "chip_bandwidth")),
    Q("stages", "Pipeline stages", pipeline_stages,
      ("chips", "total_experts", "most_tensor_parallel", "own_stages")),
    Q("stage_chips", "Chips of a stage", chips_of_each, ("chips", "stages")),
    Q("groups", "Groups that attention is split into", attention_groups,
      ("stage_chips", "most_tensor_parallel", "own_tensor_parallel")),
    Q("tensor_parallel", "Chips that share the work of a head", chips_of_each, ("stage_chips", "groups")),
    Q("cache_chips", "Chips that the cache is spread over", cache_chips, ("groups", "tensor_parallel", "kv_heads")),
    Q("stage_flops", "FLOP/s of a stage", chips_total, ("stage_chips", "chip_flops")),
    Q("stage_bf16_flops", "FLOP/s of a stage in bf16", chips_total, ("stage_chips", "chip_bf16_flops")),
    Q("stage_bandwidth", "Memory bandwidth of a stage", chips_total, ("stage_chips", "chip_bandwidth")),
    Q("group_bandwidth", "Memory bandwidth of a group", chips_total, ("tensor_parallel", "chip_bandwidth")),
    Q("cache_bandwidth", "Bandwidth that the cache is read at", chips_total, ("cache_chips", "chip_bandwidth")),
    Q("group_beyond", "Share of the exchange with its group that leaves the domain", beyond_domain,
      ("tensor_parallel", "domain")),
    Q("group_network", "Bandwidth of a chip to its group", network_bandwidth,
      ("group_beyond", "link_bandwidth", "scale_out_bandwidth")),
    Q("stage_beyond", "Share of the exchange with its stage that leaves the domain", beyond_domain,
      ("stage_chips", "domain")),
    Q("stage_network", "Bandwidth of a chip to its stage", network_bandwidth,
      ("stage_beyond", "link_bandwidth", "scale_out_bandwidth")),
    Q("all_beyond", "Share of the exchange with the others that leaves the domain", beyond_domain, ("chips", "domain")),
    Q("all_network", "Bandwidth of a chip to the others", network_bandwidth,
      ("all_beyond", "link_bandwidth", "scale_out_bandwidth")),
    Q("sequences", "Sequences that a stage works on at a time", micro_batch, ("batch", "stages")),
))  # fmt: skip
