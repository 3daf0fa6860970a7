"""A decode step: its bound, its estimate as served with the band, and what a token costs by each of them."""

from tokensheet.calibration import (
    arriving_prompts,
    band_end,
    calibrated_step_time,
    colocated_step_time,
    layer_overhead,
    practical_flops,
    time_at_efficiency,
)
from tokensheet.chain import Chain
from tokensheet.chain import Quantity as Q
from tokensheet.chains.deployment import DEPLOYMENT
from tokensheet.experts import expert_coverage, weights_read
from tokensheet.parallel import tensor_parallel_time, tokens_per_group
from tokensheet.pricing import token_cost
from tokensheet.roofline import bound, compute_time, read_time, roofline_time

# What the key of an answer begins with, and what its label ends in: the bound, the estimate and the ends of its band
ENDS = {"ideal_": ", the bound", "": ", estimated", "low_": ", low end", "high_": ", high end"}

STEP = Chain((
    Q("coverage", "Experts that the batch needs", expert_coverage, ("batch", "active_experts", "total_experts")),
    Q("weights_read", "Weights that a step reads", weights_read,
      ("dense_params", "expert_params", "coverage", "bytes")),
    Q("weights_time", "Time to read the weights", read_time, ("weights_read", "all_bandwidth")),
    Q("kv_time", "Time to read the KV cache", read_time, ("kv_bytes", "all_bandwidth")),
    Q("compute_time", "Compute time", compute_time, ("batch", "active_params", "all_flops", "flops_per_param")),
    Q("ideal_step_time", "Step time, the bound", roofline_time, ("compute_time", "weights_time", "kv_time")),
    Q("binds", "What binds the bound", bound, ("compute_time", "weights_time", "kv_time")),
    Q("practical_flops", "Practical FLOP/s", practical_flops, ("all_flops", "all_bf16_flops")),
    Q("practical_time", "Compute time at practical FLOP/s", compute_time,
      ("batch", "active_params", "practical_flops", "flops_per_param")),
    Q("cache_time", "Time to read the KV cache as it is spread", read_time, ("kv_bytes", "cache_bandwidth")),
    Q("exchanged", "Tokens that a group exchanges", tokens_per_group, ("batch", "groups")),
    Q("exchange", "Time of communication", tensor_parallel_time,
      ("exchanged", "hidden", "activation_bytes", "layers", "chips", "link_bandwidth")),
    Q("overhead", "Fixed time of the layers", layer_overhead,
      ("layers", "moe_layers", "total_experts", "chips", "layer_latency", "expert_latency", "collective_latency")),
    Q("step_time", "Step time, estimated", calibrated_step_time,
      ("practical_time", "weights_time", "cache_time", "exchange", "overhead", "bandwidth_efficiency",
       "link_efficiency")),
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

# Where prompts come in between the steps, as in the measurements: `prompt_work` is that of chains/prompt.py
SHARED = (
    Q("arrivals", "Prompts that come into a step", arriving_prompts, ("batch", "output_tokens")),
    Q("colocated_step_time", "Step time, with the prompts between", colocated_step_time,
      ("step_time", "arrivals", "prompt_work", "weights_time", "overhead", "bandwidth_efficiency")),
)  # fmt: skip
