"""A decode step: its bound, its estimate as served with the band, and what a token costs by each of them."""

from tokensheet.attention import attention_time
from tokensheet.calibration import (
    band_end,
    calibrated_step_time,
    exchanged_time,
    layer_overhead,
    moving_time,
    practical_flops,
    reading_efficiency,
    spread_weights_time,
    time_at_efficiency,
)
from tokensheet.chain import Chain
from tokensheet.chain import Quantity as Q
from tokensheet.chains.deployment import DEPLOYMENT
from tokensheet.experts import dispatch_time, expert_coverage, remote_chips, weights_read
from tokensheet.kv_cache import kv_bytes_batch
from tokensheet.layout import routed_tokens, tokens_per_group
from tokensheet.parallel import stage_transfer_time, tensor_parallel_time, weights_bytes
from tokensheet.pricing import token_cost
from tokensheet.queueing import verified_tokens
from tokensheet.roofline import bound, compute_time, read_time, roofline_time

# What the key of an answer begins with, and what its label ends in: the bound, the estimate and the ends of its band
ENDS = {"ideal_": ", the bound", "": ", estimated", "low_": ", low end", "high_": ", high end"}

# How fast the parts of a model are read, wherever weights are
READING = Chain((
    Q("practical_flops", "Practical FLOP/s", practical_flops, ("stage_flops", "stage_bf16_flops")),
    Q("dense_efficiency", "Share of the bandwidth for other weights", reading_efficiency,
      ("dense_bytes", "chip_flops", "chip_bf16_flops", "bandwidth_efficiency", "unpacking_efficiency")),
    Q("expert_efficiency", "Share of the bandwidth for experts", reading_efficiency,
      ("bytes", "chip_flops", "chip_bf16_flops", "bandwidth_efficiency", "unpacking_efficiency")),
    Q("dense_read", "Other weights that a step reads", weights_bytes, ("dense_params", "dense_bytes")),
    Q("all_experts_read", "Weights of all experts", weights_bytes, ("expert_params", "bytes")),
    Q("overhead", "Fixed time of the layers", layer_overhead,
      ("layers", "moe_layers", "active_experts", "stage_chips", "extra_layers", "software", "layer_latency",
       "expert_latency", "collective_latency")),
))  # fmt: skip

STEP = Chain((
    # the bound: all chips as one
    Q("tokens", "Tokens that a step computes", verified_tokens, ("batch", "draft_tokens")),
    Q("coverage", "Experts that the batch needs", expert_coverage, ("tokens", "active_experts", "total_experts")),
    Q("weights_read", "Weights that a step reads", weights_read,
      ("dense_params", "expert_params", "coverage", "bytes", "dense_bytes")),
    Q("weights_time", "Time to read the weights", read_time, ("weights_read", "all_bandwidth")),
    Q("kv_time", "Time to read the KV cache", read_time, ("kv_read", "all_bandwidth")),
    Q("compute_time", "Compute time", compute_time, ("tokens", "active_params", "all_flops", "flops_per_param")),
    Q("ideal_step_time", "Step time, the bound", roofline_time, ("compute_time", "weights_time", "kv_time")),
    Q("binds", "What binds the bound", bound, ("compute_time", "weights_time", "kv_time")),
    # the estimate: the chips as they are laid out; a stage of a pipeline has its part of the batch at a time
    *READING,
    Q("stage_tokens", "Tokens that a stage computes at a time", verified_tokens, ("sequences", "draft_tokens")),
    Q("stage_coverage", "Experts that they need", expert_coverage,
      ("stage_tokens", "active_experts", "total_experts")),
    Q("spread_time", "Time to read the weights as they are spread", spread_weights_time,
      ("dense_read", "all_experts_read", "stage_coverage", "group_bandwidth", "stage_bandwidth", "dense_efficiency",
       "expert_efficiency")),
    Q("practical_time", "Compute time at practical FLOP/s", compute_time,
      ("stage_tokens", "active_params", "practical_flops", "flops_per_param")),
    Q("attention_time", "Compute time of attention", attention_time,
      ("stage_tokens", "attended", "full_attention_layers", "heads", "decode_head_dim", "stage_bf16_flops")),
    Q("stage_kv", "Cache that a stage reads at a time", kv_bytes_batch, ("sequences", "kv_read_sequence")),
    Q("cache_time", "Time to read the KV cache as it is spread", read_time, ("stage_kv", "cache_bandwidth")),
    Q("group_tokens", "Tokens that a group exchanges", tokens_per_group, ("stage_tokens", "groups")),
    Q("all_reduce", "Time of tensor parallelism", tensor_parallel_time,
      ("group_tokens", "hidden", "activation_bytes", "layers", "tensor_parallel", "group_network")),
    Q("routed", "Tokens that travel to their experts", routed_tokens, ("stage_tokens", "groups")),
    Q("remote", "Other chips that a token's experts are on", remote_chips, ("active_experts", "stage_chips")),
    Q("all_to_all", "Time of expert parallelism", dispatch_time,
      ("routed", "remote", "hidden", "moe_layers", "stage_chips", "stage_network", "round_trip_bytes")),
    Q("hop", "Time from a stage to the next", stage_transfer_time,
      ("stage_tokens", "hidden", "activation_bytes", "all_network")),
    Q("exchange", "Time of communication", exchanged_time,
      ("all_reduce", "all_to_all", "hop", "stages", "link_efficiency", "all_to_all_efficiency")),
    Q("moving", "What grows with the batch", moving_time,
      ("practical_time", "cache_time", "attention_time", "exchange", "software", "bandwidth_efficiency",
       "prefill_efficiency")),
    Q("step_time", "Step time, estimated", calibrated_step_time, ("moving", "spread_time", "overhead")),
    Q("low_step_time", "Step time, low end", band_end, ("step_time", "low_factor", "ideal_step_time")),
    Q("high_step_time", "Step time, high end", band_end, ("step_time", "high_factor", "ideal_step_time")),
))  # fmt: skip
COSTS = Chain(
    Q(f"{end}token_cost", f"Cost of a token{words}", token_cost,
      (f"{end}step_time", "batch", "usd_per_hour", "chips", "utilization"))
    for end, words in ENDS.items()
)  # fmt: skip
DECODE = Chain((*DEPLOYMENT, *STEP, *COSTS))

# With a measurement of your own in the place of the estimate
MEASURED = Q("step_time", "Step time, by your measurement", time_at_efficiency, ("ideal_step_time", "efficiency"))
