"""A prompt: its work, its pass as served and as bound, and what a token of it costs."""

from tokensheet.attention import prefill_attention_time
from tokensheet.calibration import band_end, calibrated_prefill_time, prefill_work
from tokensheet.chain import Chain
from tokensheet.chain import Quantity as Q
from tokensheet.chains.decode import DECODE, ENDS, SHARED
from tokensheet.chains.deployment import DEPLOYMENT
from tokensheet.experts import expert_coverage, weights_read
from tokensheet.parallel import tensor_parallel_time, tokens_per_group
from tokensheet.prefill import prefill_floor, prefill_time
from tokensheet.pricing import token_cost
from tokensheet.roofline import compute_time, read_time

PASS = Chain((
    Q("prompt_compute_time", "Compute time of the prompt", compute_time,
      ("input_tokens", "active_params", "all_flops", "flops_per_param")),
    Q("prompt_coverage", "Experts that the prompt needs", expert_coverage,
      ("input_tokens", "active_experts", "total_experts")),
    Q("prompt_weights_read", "Weights that the prompt reads", weights_read,
      ("dense_params", "expert_params", "prompt_coverage", "bytes")),
    Q("prompt_weights_time", "Time to read the prompt's weights", read_time, ("prompt_weights_read", "all_bandwidth")),
    Q("ideal_prefill_time", "Prefill time, the bound", prefill_floor, ("prompt_compute_time", "prompt_weights_time")),
    DECODE["practical_flops"],
    Q("prompt_practical_time", "Compute time of the prompt at practical FLOP/s", compute_time,
      ("input_tokens", "active_params", "practical_flops", "flops_per_param")),
    Q("prompt_attention_time", "Attention of the prompt", prefill_attention_time,
      ("input_tokens", "full_attention_layers", "heads", "head_dim", "all_bf16_flops")),
    Q("prompt_exchanged", "Tokens of the prompt that a group exchanges", tokens_per_group,
      ("input_tokens", "groups")),
    Q("prompt_exchange", "Time of communication for the prompt", tensor_parallel_time,
      ("prompt_exchanged", "hidden", "activation_bytes", "layers", "chips", "link_bandwidth")),
    Q("prompt_work", "Work of the prompt", prefill_work,
      ("prompt_practical_time", "prompt_attention_time", "prompt_exchange", "link_efficiency")),
    DECODE["overhead"],
    Q("prefill_time", "Prefill time, estimated", calibrated_prefill_time,
      ("prompt_work", "prompt_weights_time", "overhead", "bandwidth_efficiency")),
    Q("low_prefill_time", "Prefill time, low end", band_end, ("prefill_time", "low_factor", "ideal_prefill_time")),
    Q("high_prefill_time", "Prefill time, high end", band_end, ("prefill_time", "high_factor", "ideal_prefill_time")),
))  # fmt: skip
COSTS = Chain(
    Q(f"{end}prefill_cost", f"Cost of an input token{words}", token_cost,
      (f"{end}prefill_time", "input_tokens", "usd_per_hour", "chips", "utilization"))
    for end, words in ENDS.items()
)  # fmt: skip
PROMPT = Chain((*DEPLOYMENT, *PASS, *COSTS))

# With a measurement of your own in the place of the estimate
MEASURED = Q("prefill_time", "Prefill time, by your measurement", prefill_time,
             ("input_tokens", "active_params", "all_flops", "mfu", "flops_per_param"))  # fmt: skip

# A decode step and the prompts between the steps, on chips that do both: what the measurements are compared with
SERVED = Chain((*DECODE, *(each for each in PASS if each not in DECODE), *SHARED))
