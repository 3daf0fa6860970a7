"""A service: users whose prompts and answers share chips; what they wait for, what a request costs, and its parts."""

from tokensheet.calibration import band_end
from tokensheet.chain import Chain
from tokensheet.chain import Quantity as Q
from tokensheet.chains.decode import ENDS, STEP
from tokensheet.chains.deployment import DEPLOYMENT
from tokensheet.chains.prompt import PASS, SHARES
from tokensheet.kv_cache import kv_bytes_sequence
from tokensheet.prefill import prefill_decode_ratio, ttft
from tokensheet.pricing import chip_rent, mean_context
from tokensheet.queueing import (
    answer_steps,
    drafted_step_time,
    expected_running,
    first_running,
    fixed_part,
    interrupts,
    kv_transfer_time,
    longest_gap,
    most_running,
    output_rate,
    pass_fill,
    pass_part,
    pool_work,
    prefill_load,
    request_chip_time,
    request_floor,
    request_rate,
    served_token_time,
    served_ttft,
    shared_pool,
    step_of_running,
    step_over_tokens,
    time_of_each,
    transfer_if_apart,
    work_of_each,
    work_part,
    work_with_passes,
)
from tokensheet.roofline import speculative_tokens

GUESSES = 9  # steps of Newton's method, after which the largest error over 200,000 loads tried is 4e-6

LOOP = Chain((
    Q("accepted", "Tokens that a step yields for a sequence", speculative_tokens, ("acceptance", "draft_tokens")),
    Q("steps", "Steps of an answer", answer_steps, ("output_tokens", "accepted")),
    Q("drafted_step", "Step time with drafting", drafted_step_time, ("step_time", "draft_tokens", "draft_cost")),
    Q("fixed", "Step time that does not grow with the batch", fixed_part,
      ("drafted_step", "moving", "spread_time", "overhead")),
    Q("slope", "What a sequence adds to it", time_of_each, ("drafted_step", "fixed", "batch")),
    Q("shared", "Prefill on the same chips", shared_pool, ("prefill_chips",)),
    Q("passes_time", "Time of the passes over a prompt beside its work", pass_part, ("prefill_time", "prompt_work")),
    Q("passes_share", "Time of the chips for its passes", work_of_each, ("passes_time", "stages")),
    Q("work_time", "Time of its work", work_part, ("prefill_time", "prompt_work")),
    Q("work_share", "Time of the chips for its work", work_of_each, ("work_time", "stages")),
    Q("passes", "Time of the chips that read prompts for its passes", pool_work,
      ("passes_share", "chips", "prefill_chips")),
    Q("interrupts", "Share of the prompts that interrupt an answer", interrupts, ("users", "shared")),
    Q("work", "Time of the chips that read prompts for its work", pool_work,
      ("work_share", "chips", "prefill_chips")),
    Q("fill", "Share of a pass that a prompt fills", pass_fill, ("new_tokens", "chunk_tokens")),
    Q("most_running", "More than can be in the midst of an answer", most_running,
      ("users", "steps", "work", "passes", "fixed", "slope", "fill", "shared")),
    Q("running_0", "Users in the midst of an answer, first guess", first_running, ("most_running", "steps")),
    *(Q(f"running_{n}" if n < GUESSES else "running",
        "Users in the midst of an answer" + f", guess {n}" * (n < GUESSES), expected_running,
        (f"running_{n - 1}", "most_running", "users", "steps", "work", "passes", "prefill_time", "fixed", "slope",
         "fill", "shared", "server_latency", "first_wave")) for n in range(1, GUESSES + 1)),
    Q("prompt_time", "Time of the chips for a prompt", work_with_passes,
      ("running", "steps", "work", "passes", "fill", "shared")),
    Q("request_rate", "Requests a second", request_rate,
      ("running", "steps", "prompt_time", "fixed", "slope", "interrupts")),
    Q("prefill_load", "Share of the time for prompts", prefill_load, ("request_rate", "prompt_time")),
    Q("running_step", "Step time of the sequences that run", step_of_running, ("running", "fixed", "slope")),
    Q("token_time", "Time per output token", served_token_time,
      ("running_step", "prefill_load", "accepted", "interrupts")),
    Q("kv_prompt", "KV cache of a prompt", kv_bytes_sequence,
      ("input_tokens", "kv_token", "kv_token_window", "window", "state_bytes", "index_bytes")),
    Q("transfer", "Time to move it to a pool of its own", kv_transfer_time,
      ("kv_prompt", "chips", "scale_out_bandwidth")),
    Q("moved", "Time to move it, if there is one", transfer_if_apart, ("transfer", "shared")),
    Q("ttft", "Time to first token", served_ttft, ("users", "running", "request_rate", "moved")),
    Q("ideal_token_time", "Time per output token, the bound", step_over_tokens, ("ideal_step_time", "accepted")),
    Q("low_token_time", "Time per output token, low end", band_end, ("token_time", "low_factor", "ideal_token_time")),
    Q("high_token_time", "Time per output token, high end", band_end,
      ("token_time", "high_factor", "ideal_token_time")),
    Q("ideal_ttft", "Time to first token, the bound", ttft, ("ideal_prefill_time",)),
    Q("low_ttft", "Time to first token, low end", band_end, ("ttft", "low_ttft_factor", "ideal_prefill_time")),
    Q("high_ttft", "Time to first token, high end", band_end, ("ttft", "high_ttft_factor", "ideal_prefill_time")),
    Q("longest_gap", "Longest time between two tokens", longest_gap,
      ("running_step", "prompt_work", "new_tokens", "chunk_tokens")),
    SHARES["prompt_share"],
    Q("pool_ratio", "Chips for prefill over chips for decode", prefill_decode_ratio,
      ("prompt_share", "steps", "drafted_step", "batch")),
    Q("ideal_chip_time", "Time of the chips for a request, the bound", request_floor,
      ("prompt_compute_time", "steps", "compute_time", "weights_time", "kv_time", "batch")),
    Q("chip_time", "Time of the chips for a request", request_chip_time, ("request_rate",)),
    Q("low_chip_time", "Time of the chips for a request, low end", band_end,
      ("chip_time", "low_factor", "ideal_chip_time")),
    Q("high_chip_time", "Time of the chips for a request, high end", band_end,
      ("chip_time", "high_factor", "ideal_chip_time")),
    # the low end of a throughput is the high end of the time
    *(Q(f"{end}output_rate", f"Output tokens of a chip in a second{ENDS[end]}", output_rate,
        (time, "output_tokens", "chips", "prefill_chips"))
      for end, time in (("ideal_", "ideal_chip_time"), ("", "chip_time"), ("low_", "high_chip_time"),
                        ("high_", "low_chip_time"))),
    *(Q(f"{end}request_cost", f"Cost of a request{words}", chip_rent,
        (f"{end}chip_time", "usd_per_hour", "chips", "utilization", "prefill_chips")) for end, words in ENDS.items()),
))  # fmt: skip
SERVICE = Chain((
    Q("context", "Context half-way through the answer", mean_context, ("input_tokens", "output_tokens")),
    *DEPLOYMENT,
    *STEP,
    *(each for each in PASS if each not in STEP),
    *LOOP,
))  # fmt: skip
