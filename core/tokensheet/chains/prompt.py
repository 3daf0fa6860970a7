"""A prompt: its work, its passes as served and as bound, and what a token of it costs."""

from tokensheet.attention import prefill_attention_time
from tokensheet.caching import tokens_to_read
from tokensheet.calibration import (
    band_end,
    calibrated_prefill_time,
    exchanged_time,
    prefill_work,
    spread_weights_time,
)
from tokensheet.chain import Chain
from tokensheet.chain import Quantity as Q
from tokensheet.chains.decode import ENDS, READING
from tokensheet.chains.deployment import DEPLOYMENT
from tokensheet.experts import dispatch_time, expert_coverage, remote_chips, weights_read
from tokensheet.layout import routed_tokens, tokens_per_group
from tokensheet.parallel import stage_transfer_time, tensor_parallel_time
from tokensheet.prefill import prefill_floor, prefill_time
from tokensheet.pricing import token_cost
from tokensheet.queueing import prefill_chunks, work_of_each
from tokensheet.roofline import compute_time, read_time

PASS = Chain((
    Q("new_tokens", "Tokens of the prompt that are not cached", tokens_to_read, ("input_tokens", "cached_tokens")),
    Q("prompt_compute_time", "Compute time of the prompt", compute_time,
      ("new_tokens", "active_params", "all_flops", "flops_per_param")),
    Q("prompt_coverage", "Experts that the prompt needs", expert_coverage,
      ("new_tokens", "active_experts", "total_experts")),
    Q("prompt_weights_read", "Weights that the prompt reads", weights_read,
      ("dense_params", "expert_params", "prompt_coverage", "bytes", "dense_bytes")),
    Q("prompt_weights_time", "Time to read the prompt's weights", read_time, ("prompt_weights_read", "all_bandwidth")),
    Q("ideal_prefill_time", "Prefill time, the bound", prefill_floor, ("prompt_compute_time", "prompt_weights_time")),
    *READING,
    Q("prompt_spread_time", "Time to read its weights as they are spread", spread_weights_time,
      ("dense_read", "all_experts_read", "prompt_coverage", "group_bandwidth", "stage_bandwidth", "dense_efficiency",
       "expert_efficiency")),
    Q("prompt_practical_time", "Compute time of the prompt at practical FLOP/s", compute_time,
      ("new_tokens", "active_params", "practical_flops", "flops_per_param")),
    Q("prompt_attention_time", "Attention of the prompt", prefill_attention_time,
      ("new_tokens", "full_attention_layers", "heads", "head_dim", "stage_bf16_flops", "cached_tokens")),
    Q("prompt_group_tokens", "Tokens of the prompt that a group exchanges", tokens_per_group,
      ("new_tokens", "groups")),
    Q("prompt_all_reduce", "Time of tensor parallelism for the prompt", tensor_parallel_time,
      ("prompt_group_tokens", "hidden", "activation_bytes", "layers", "tensor_parallel", "group_network")),
    Q("prompt_routed", "Tokens of the prompt that travel to their experts", routed_tokens, ("new_tokens", "groups")),
    Q("remote", "Other chips that a token's experts are on", remote_chips, ("active_experts", "stage_chips")),
    Q("prompt_all_to_all", "Time of expert parallelism for the prompt", dispatch_time,
      ("prompt_routed", "remote", "hidden", "moe_layers", "stage_chips", "stage_network", "round_trip_bytes")),
    Q("prompt_hop", "Time of the prompt from a stage to the next", stage_transfer_time,
      ("new_tokens", "hidden", "activation_bytes", "all_network")),
    Q("prompt_exchange", "Time of communication for the prompt", exchanged_time,
      ("prompt_all_reduce", "prompt_all_to_all", "prompt_hop", "stages", "link_efficiency", "all_to_all_efficiency")),
    Q("prompt_work", "Work of the prompt", prefill_work,
      ("prompt_practical_time", "prompt_attention_time", "prompt_exchange", "software", "prefill_efficiency")),
    Q("chunks", "Passes over the prompt", prefill_chunks, ("new_tokens", "chunk_tokens")),
    Q("prefill_time", "Prefill time, estimated", calibrated_prefill_time,
      ("prompt_work", "prompt_spread_time", "overhead", "chunks")),
    Q("low_prefill_time", "Prefill time, low end", band_end, ("prefill_time", "low_factor", "ideal_prefill_time")),
    Q("high_prefill_time", "Prefill time, high end", band_end, ("prefill_time", "high_factor", "ideal_prefill_time")),
))  # fmt: skip
# A pipeline reads as many prompts at a time as it has stages: each keeps the chips from others for a part of its time
SHARES = Chain((
    Q("prompt_share", "Time of the chips for a prompt on its own", work_of_each, ("prefill_time", "stages")),
    Q("low_prompt_share", "Time of the chips for a prompt on its own, low end", band_end,
      ("prompt_share", "low_factor", "ideal_prefill_time")),
    Q("high_prompt_share", "Time of the chips for a prompt on its own, high end", band_end,
      ("prompt_share", "high_factor", "ideal_prefill_time")),
))  # fmt: skip
COSTS = Chain(
    Q(f"{end}prefill_cost", f"Cost of an input token{words}", token_cost,
      ("ideal_prefill_time" if end == "ideal_" else f"{end}prompt_share", "new_tokens", "usd_per_hour", "chips",
       "utilization"))
    for end, words in ENDS.items()
)  # fmt: skip
PROMPT = Chain((*DEPLOYMENT, *PASS, *SHARES, *COSTS))

# With a measurement of your own in the place of the estimate
MEASURED = Q("prefill_time", "Prefill time, by your measurement", prefill_time,
             ("new_tokens", "active_params", "all_flops", "mfu", "flops_per_param"))  # fmt: skip
