"""The chain of cost-grid: what serving a chip and a model costs, from the look-ups to what the sheets show."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import tokensheet as ts
from tokensheet.calibration import band_end
from tokensheet.chain import Chain
from tokensheet.chains import SERVICE

from tokensheet_templates import catalogue
from tokensheet_templates.book import Blocks
from tokensheet_templates.declared import line
from tokensheet_templates.plumbing import in_order, link
from tokensheet_templates.served import (
    PLAIN,
    binding,
    floor_ms,
    floor_why,
    longest,
    million,
    served_ms,
    why,
)
from tokensheet_templates.unit_costs import CACHE, END_WORDS, KNOWN, PROMPT, cached_tokens


def mixed(new_tokens: Any, new: Any, cached_tokens: Any, read: Any, output_tokens: Any, output: Any, all_: Any) -> Any:
    """What a token costs on average over a request."""
    return (new_tokens * new + cached_tokens * read + output_tokens * output) / all_


COSTS = ("token_cost", "low_token_cost", "high_token_cost", "ideal_token_cost")
# A step of one token for each sequence, and what a prompt keeps the chips for: its work, and passes, which it shares
SERVED = Chain((*PLAIN, *(each for each in SERVICE if each.key not in KNOWN))).of(
    *COSTS, *PROMPT, "new_tokens", "fits", "binds", "largest_batch", given=("context",)
)
LOAD = [
    line("mean_context", "Context half-way through the answer", "tokens", ts.mean_context,
         ("input_tokens", "output_tokens")),
    line("context", "Context", "tokens", lambda own_context, mean_context:
         np.where(own_context > 0, own_context, mean_context)),
    line("cached_tokens", "Tokens of the prompt that are cached", "tokens", cached_tokens),
    line("request_tokens", "Tokens of a request", "tokens", lambda input_tokens, output_tokens:
         input_tokens + output_tokens),
    line("usd_per_hour", "Rent", "$/hour", lambda rent, rent_factor: rent * rent_factor),
]  # fmt: skip
SERVING = [
    line("prompt_time", "Time of the chips for a prompt", "s", ts.work_with_passes,
         ("batch", "output_tokens", "work_share", "passes_share", "fill", "shared")),
    *(line(f"{end}prompt_time", f"Time of the chips for a prompt{words}", "s", band_end,
           ("prompt_time", f"{end}factor", "ideal_prefill_time")) for end, words in END_WORDS.items() if end),
    *(line(f"{end}input_cost", f"Cost of an input token{words}", "$/token", ts.token_cost,
           (f"{end}prompt_time", "new_tokens", "usd_per_hour", "chips", "utilization"))
      for end, words in END_WORDS.items()),
    line("ideal_input_cost", "Cost of an input token, the bound", "$/token", ts.token_cost,
         ("ideal_prefill_time", "new_tokens", "usd_per_hour", "chips", "utilization")),
    *CACHE,
    line("read_cost", "Cost of a cached token, held and read", "$/token", lambda cached_cost, hold: cached_cost + hold),
    *(line(f"{end}blend", f"Cost of a token of the mix{words}", "$/token", mixed,
           ("new_tokens", f"{end}input_cost", "cached_tokens", "read_cost", "output_tokens", f"{end}token_cost",
            "request_tokens")) for end, words in END_WORDS.items()),
    line("floor_why", "Why the floor has no number", "text", floor_why, style="right"),
    line("why", "Why the estimate has no number", "text", why, style="right"),
    line("ordered", "1 if floor, low end, estimate and high end are in order: output", "0 or 1", in_order,
         ("ideal_token_cost", "low_token_cost", "token_cost", "high_token_cost")),
    line("prompt_ordered", "1 if they are: input", "0 or 1", in_order,
         ("ideal_input_cost", "low_input_cost", "input_cost", "high_input_cost")),
    line("longest", "1 if the floor is as long as its compute and its reading", "0 or 1", longest,
         ("ideal_step_time", "compute_time", "weights_time", "kv_time")),
    line("beyond", "1 if the chips of a model are more than a domain has", "0 or 1", lambda chips, domain:
         np.where(chips > domain, 1, 0)),
]  # fmt: skip
SHOWN = [
    line("blended", "Blended cost as served", "$/Mtok", million, ("why", "blend"), "price"),
    line("output_million", "Output as served", "$/Mtok", million, ("why", "token_cost"), "price"),
    line("input_million", "Input as served", "$/Mtok", million, ("why", "input_cost"), "price"),
    line("cached_million", "Cached input", "$/Mtok", million, ("why", "read_cost"), "price"),
    line("floor_million", "Floor of output, a lower bound", "$/Mtok", million, ("floor_why", "ideal_token_cost"),
         "price"),
    line("binding", "What binds the floor, or chips needed", "text", binding, ("fits", "binds", "fewest_chips"),
         "right"),
    line("latency", "Time per output token as served", "ms", served_ms, ("fits", "shaped", "step_time"), "tenths"),
    line("chips_used", "Chips used, for one copy of the model", "chips", link, ("chips",), "whole link"),
]  # fmt: skip
ENDS = {"low_": "Low end", "high_": "High end"}
RANGES = [
    *(line(f"{end}{key}", f"{words}: {label}", "$/Mtok", million, ("why", f"{end}{of}"), "price")
      for key, label, of in (("blended", "blended", "blend"), ("output_million", "output", "token_cost"),
                             ("input_million", "input", "input_cost")) for end, words in ENDS.items()),
    *(line(f"{end}latency", f"{words}: time per output token", "ms", served_ms, ("fits", "shaped", f"{end}step_time"),
           "tenths") for end, words in ENDS.items()),
    line("floor_latency", "Floor: time per output token", "ms", floor_ms, ("fits", "ideal_step_time"), "tenths"),
]  # fmt: skip


def chain_of(known: Blocks) -> Chain:
    """What serving costs for a chip and a model that are picked, from the look-ups on."""
    of_chip = [replace(each, key="rent", label="Rent on Catalogue") if each.key == "usd_per_hour" else each
               for each in catalogue.of_chip(known, SERVED)]  # fmt: skip
    return Chain((
        *catalogue.of_formats(known), *of_chip, *catalogue.of_model(known, SERVED), *catalogue.of_band(known),
        *(catalogue.look_up(key, key, "chip_row", known) for key in ("rent_doubt", "rent_date", "chip_unseen")),
        *LOAD, *SERVED, *SERVING, *SHOWN, *RANGES,
    ))  # fmt: skip
