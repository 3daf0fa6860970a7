"""What decoding costs as served, in dollars per million tokens with band and floor, or in words why there is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tokensheet as ts
from tokensheet.chain import Chain
from tokensheet.chain import Quantity as Q
from tokensheet.chains import DECODE

from tokensheet_templates.plumbing import link

PRICED, UNFIT, UNPRICED, UNSHAPED, NOTHING = "priced", "does not fit", "no $/hour", "no layers", "–"
WORDS = (UNFIT, UNPRICED, UNSHAPED, NOTHING)  # that stand where a number would


def floor_why(fits: Any, usd_per_hour: Any) -> Any:
    return np.where(fits, np.where(usd_per_hour > 0, PRICED, UNPRICED), UNFIT)


def why(fits: Any, shaped: Any, floor_why: Any) -> Any:
    return np.where(fits & (shaped < 1), UNSHAPED, floor_why)


def price(why: Any, cost: Any) -> Any:
    return np.where(why == PRICED, ts.cost_per_million(cost), why)


def binding(fits: Any, binds: Any, fewest_chips: Any) -> Any:
    return np.where(fits, binds, "needs " + fewest_chips)


def served_ms(fits: Any, shaped: Any, time: Any) -> Any:
    return np.where(fits & (shaped > 0), time * 1000, NOTHING)


def floor_ms(fits: Any, time: Any) -> Any:
    return np.where(fits, time * 1000, NOTHING)


def ordered(floor: Any, low: Any, middle: Any, high: Any) -> Any:
    return np.where((floor <= low) & (low <= middle) & (middle <= high), 1, 0)


def longest(whole: Any, compute: Any, weights: Any, kv: Any) -> Any:
    return np.where((compute <= whole) & (weights + kv <= whole), 1, 0)


# A grid drafts no tokens: who compares chips by it decodes one token of each sequence in a step
PLAIN = DECODE.replaced(
    *(Q(key, DECODE[key].label, link, (of,)) for key, of in (("tokens", "batch"), ("stage_tokens", "sequences")))
)
SERVED = Chain((
    *PLAIN.of("ideal_token_cost", "token_cost", "low_token_cost", "high_token_cost", "binds", "fits", "largest_batch"),
    Q("floor_why", "Why the floor has no price", floor_why, ("fits", "usd_per_hour")),
    Q("why", "Why the estimate has no price", why, ("fits", "shaped", "floor_why")),
    Q("ordered", "1 if floor, low end, estimate and high end are in order", ordered,
      ("ideal_token_cost", "low_token_cost", "token_cost", "high_token_cost")),
    Q("longest", "1 if the floor is as long as its compute and its reading", longest,
      ("ideal_step_time", "compute_time", "weights_time", "kv_time")),
    Q("million", "Estimate, $ per million output tokens as served", price, ("why", "token_cost")),
    Q("low_million", "Low end, $ per million: one in ten is cheaper", price, ("why", "low_token_cost")),
    Q("high_million", "High end, $ per million: one in ten is dearer", price, ("why", "high_token_cost")),
    Q("floor_million", "Floor, the bound: $ per million output tokens", price, ("floor_why", "ideal_token_cost")),
    Q("binding", "What binds the floor, or the chips needed", binding, ("fits", "binds", "fewest_chips")),
    Q("latency", "Latency as served, ms per output token", served_ms, ("fits", "shaped", "step_time")),
    Q("low_latency", "Latency, low end, ms", served_ms, ("fits", "shaped", "low_step_time")),
    Q("high_latency", "Latency, high end, ms", served_ms, ("fits", "shaped", "high_step_time")),
    Q("floor_latency", "Latency, the bound, ms", floor_ms, ("fits", "ideal_step_time")),
    Q("chips_used", "Chips used, for one copy of the model", link, ("chips",)),
    Q("interactivity", "Speed for a user, as served", ts.interactivity, ("step_time",)),
    Q("throughput", "Speed of the batch, as served", ts.throughput, ("batch", "step_time")),
))  # fmt: skip
PRICES = ("million", "low_million", "high_million", "floor_million")
LATENCIES = ("latency", "low_latency", "high_latency", "floor_latency")
STYLES = (
    dict.fromkeys(PRICES, "price") | dict.fromkeys(LATENCIES, "tenths") | {"binding": "right", "chips_used": "whole"}
)


def load(batch: Any, context: Any, precision: Any, kv_precision: Any) -> Any:
    return "Batch " + batch + ", context " + context + ", weights in " + precision + ", KV cache in " + kv_precision


def deployment(own_chips: Any, tensor_parallel: Any, stages: Any, headroom: Any) -> Any:
    chips = np.where(own_chips > 0, own_chips, "The fewest") + " chips a model"
    layout = np.where(tensor_parallel + stages > 0, " in your layout", "")
    return chips + layout + ", memory headroom " + headroom * 100 + " %"


def rents(price_basis: Any, utilization: Any) -> Any:
    used = "Rents: " + price_basis + ", utilization " + utilization * 100 + " %"
    return used + "; those in orange italics on Chips are unverified"


# What a grid holds for, in sentences
ASSUMED: list[tuple[Callable[..., Any], tuple[str, ...]]] = [
    (load, ("batch", "context", "precision", "kv_precision")),
    (deployment, ("own_chips", "own_tensor_parallel", "own_stages", "headroom")),
    (rents, ("price_basis", "utilization")),
]
