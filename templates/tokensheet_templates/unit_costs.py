"""The sheet Cost: what tokens cost, for models by chips, at the batches that the limits on the time per token allow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any

import numpy as np
import tokensheet as ts
from tokensheet.calibration import band_end
from tokensheet.chain import Chain
from tokensheet.chains import SERVICE

from tokensheet_templates import catalogue
from tokensheet_templates.checks import all_ones
from tokensheet_templates.declared import line
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.look_ups import UNITS
from tokensheet_templates.page import FIRST, WIDE, Page
from tokensheet_templates.plumbing import (
    all_above_0,
    entry_down,
    found_down,
    highest,
    index,
    least_down,
    link,
    lowest,
    own_or,
)
from tokensheet_templates.served import PLAIN

NONE = "–"  # where a batch is not allowed
STEPS = (0, *range(2, 25))  # half powers of two: batches of 1 to 4,096
TERMS = ("spread_time", "cache_time", "practical_time", "attention_time", "exchange", "overhead")  # of a step
ENDS = ("", "low_", "high_")
# Given by the workbook, so that a replica's chips do not rest on the batch
GIVEN = ("batch", "context", "chips", "input_tokens", "cached_tokens", "utilization")
KNOWN = {each.key for each in PLAIN}
STEP = (*(f"{end}token_cost" for end in ENDS), "fits", "step_time", "kv_token")
PROMPT = ("work_share", "passes_share", "fill", "shared", "ideal_prefill_time")
# A step of one token for each sequence, and what a prompt keeps the chips for: its work, and passes, which it shares
SERVED = Chain((*PLAIN, *(each for each in SERVICE if each.key not in KNOWN))).of(*STEP, *PROMPT, given=GIVEN)


def batch_at(half_powers: Any) -> Any:
    return np.floor((2 * 2 ** (half_powers / 2) + 1) / 2)


def on_chip(model: Any, chip: Any) -> Any:
    return model + " on " + chip


def allowed(fits: Any, batch: Any, most_batch: Any, step_time: Any, token_cost: Any, limit: Any) -> Any:
    """The cost at a batch that fits, that the engine runs and that keeps a limit in ms."""
    return np.where(fits & (batch <= most_batch) & (step_time * 1000 <= limit), token_cost, NONE)


def cached_tokens(input_tokens: Any, cached_share: Any) -> Any:
    return input_tokens * cached_share


def utilization(planned_utilization: Any, peak_to_mean: Any) -> Any:
    """What is planned, or what the peak leaves if that is less."""
    return np.minimum(planned_utilization, 1 / peak_to_mean)


LOAD = [
    line("cached_tokens", "Tokens of the prompt that are cached", "tokens", cached_tokens),
    line(
        "context", "Context half-way through the answer", "tokens", ts.mean_context, ("input_tokens", "output_tokens")
    ),
    line("utilization", "Utilization, as planned or as the peak leaves", "%", utilization),
]
CACHE = [
    line("hold", "Holding a cached token between its uses", "$/token", ts.kv_store_cost,
         ("kv_token", "cache_seconds", "cache_price")),
    line("machine", "Rent of a replica", "$/hour", lambda usd_per_hour, chips: usd_per_hour * chips),
    line("retrieve", "Reading it back", "$/token", ts.retrieve_cost, ("kv_token", "cache_bandwidth_store", "machine")),
    line("cached_cost", "Cost of a cached token", "$/token", lambda retrieve, utilization: retrieve / utilization),
]  # fmt: skip


def write_cost(book: Kernel, limits: Mapping[str, str], *, every: bool = True) -> None:
    """Fill the sheet; `limits` names for each tier the input with its most ms per output token.

    A chip without a rent, or on which a model does not fit or is too slow, is an error; where not `every` chip has to
    serve, an alert, and its requests have no cost.

    The blocks `{tier}_output_cost` and so on are rows, with a column for each model on each chip.
    """
    blocks, models, chips = book.blocks, *(len(book.blocks[key].values) for key in ("models", "chip_picks"))
    page = book.page(
        "Cost", "What a token costs on each chip, at the batches that the limits allow.", max(WIDE, models * chips)
    )
    pairs = [*product(range(1, models + 1), range(1, chips + 1))]
    page.axis("pair_model", "Number of the model", [model for model, _ in pairs])
    page.axis("pair_chip", "Number of the chip", [chip for _, chip in pairs])
    page.lay(
        "Of each pair",
        [
            line("model", "Model", "text", index, ("all:models", "pair_model"), "right shrink link"),
            line("chip", "Chip", "text", index, ("all:chip_picks", "pair_chip"), "right shrink link"),
            line("pair", "Pair", "text", on_chip, ("model", "chip"), "right shrink"),
        ],
        across="pair_model",
    )
    page.lay("The load", LOAD)
    page.put(page.row, 0, [["Batch: half powers of two", ""]], "head")
    blocks["half_powers"] = page.put(page.row + 1, FIRST, [[float(step)] for step in STEPS], "data whole")
    blocks["batch"] = page.fill(page.row + 1, 0, batch_at, blocks["half_powers"], style="bold whole")
    page.row += len(STEPS) + 2
    look_ups = (catalogue.of_formats, catalogue.of_band)
    formats, band = (of(blocks) for of in look_ups)
    chain = Chain((*formats, *catalogue.of_chip(blocks, SERVED), *catalogue.of_model(blocks, SERVED), *band, *SERVED))
    needed = chain.of(*STEP, *PROMPT, "terms", "shaped", "chip_listed", "model_listed", given=blocks)
    page.take(needed.given())
    page.lay("Of each pair, step by step", list(needed), across="pair", down="batch", units=UNITS)
    numbers = ("chip_flops", "chip_bandwidth", "hbm", "total_params", "active_params")
    page.lay("What is picked", [
        line("complete", "Chip and model have their numbers", "0 or 1", all_above_0, numbers),
    ], across="pair")  # fmt: skip
    must = book.expect if every else book.alert
    book.expect("Catalogue: the chips and models that Inputs picks have their numbers", all_ones(blocks["complete"]))
    must("Catalogue: the chips that Inputs picks have a rent", lowest(blocks["usd_per_hour"]) > 0)
    page.lay("The age of its rent", [
        catalogue.look_up("rent_date", "rent_date", "chip_row", blocks),
        line("rent_day", "of, or as of this workbook", "day", own_or, ("rent_date", "as_of"), "date"),
        line("rent_age", "Age of the rent", "days", lambda as_of, rent_day: as_of - rent_day),
    ], across="pair")  # fmt: skip
    book.alert("Cost: no rent is older than the age of Inputs from which it is worth a look",
               highest(blocks["rent_age"]) <= blocks["old"].cell)  # fmt: skip
    shaped = all_ones(blocks["shaped"])
    book.expect("Catalogue: the models that Inputs picks have their layers, heads and widths", shaped)
    page.take(("cache_seconds", "cache_price", "cache_bandwidth_store", "most_batch", *limits.values()))
    page.lay("Cached tokens", CACHE, across="pair")
    for tier, limit in limits.items():
        write_tier(book, page, tier, limit)
        must(f"Cost, {tier}: each model fits each chip and keeps the limit of its time per token at some batch",
             lowest(blocks[f"{tier}_least"]) > 0)  # fmt: skip
    write_found(book, page, limits)
    write_prompts(book, page, limits)
    requests = [f"{tier}_request_cost" for tier in limits]
    page.lay("A request", [request(tier) for tier in limits], across="pair")
    book.stack("request_costs", requests)
    book.stack("batches", [f"{tier}_batch" for tier in limits])
    for end, kind in product(ENDS, ("input", "output")):
        book.stack(f"{end}{kind}_costs", [f"{tier}_{end}{kind}_cost" for tier in limits])


def write_tier(book: Kernel, page: Page, tier: str, limit: str) -> None:
    """The cheapest batch of each pair within a limit."""
    title, cost = tier.capitalize(), f"{tier}_cost"
    page.lay(f"{title}: within its limit", [
        line(cost, f"{title}: cost where the batch fits and is fast enough", "$/token", allowed,
             ("fits", "batch", "most_batch", "step_time", "token_cost", limit)),
        line(f"{tier}_least", f"{title}: least cost of an output token", "$/token", least_down, (cost,)),
        line(f"{tier}_place", f"{title}: at the batch number", "number", found_down, (f"{tier}_least", cost)),
    ], across="pair", down="batch")  # fmt: skip


def write_found(book: Kernel, page: Page, tiers: Iterable[str]) -> None:
    """What a token costs, and takes, at the batch of each tier: rows of one quantity one below the other."""
    lead = next(iter(tiers))
    of_step = []
    for key in TERMS:  # the layers' takes as long at every batch
        tall = len(book.blocks[key].values) > 1
        equation, inputs = (entry_down, (key, f"{lead}_place")) if tall else (link, (key,))
        of_step.append(line(f"{lead}_{key}", book.lines[key].label, "s", equation, inputs))
    page.lay(f"Terms of a step, {lead}", of_step, across="pair")
    found = [("batch", "Batch", "sequences"), ("step_time", "Time per output token", "s")]
    found += [(f"{end}token_cost", f"Cost of an output token{words}", "$/token") for end, words in END_WORDS.items()]
    for key, label, unit in found:
        page.lay(label, [
            line(name_at(tier, key), f"{label}, {tier}", unit, entry_down, (key, f"{tier}_place")) for tier in tiers
        ], across="pair")  # fmt: skip


END_WORDS = {"": "", "low_": ", low end", "high_": ", high end"}


def write_prompts(book: Kernel, page: Page, tiers: Iterable[str]) -> None:
    """What a token of a prompt costs at the batch of each tier, whose prompts come into the steps together."""
    time = ("work_share", "passes_share", "fill", "shared")
    page.lay("Time of the chips for a prompt", [
        line(f"{tier}_prompt_time", f"Time of the chips for a prompt, {tier}", "s", ts.work_with_passes,
             (f"{tier}_batch", "output_tokens", *time)) for tier in tiers
    ], across="pair")  # fmt: skip
    for end in ENDS[1:]:
        page.lay(f"The same{END_WORDS[end]}", [
            line(f"{tier}_{end}prompt_time", f"Time of the chips for a prompt, {tier}{END_WORDS[end]}", "s", band_end,
                 (f"{tier}_prompt_time", f"{end}factor", "ideal_prefill_time")) for tier in tiers
        ], across="pair")  # fmt: skip
    for end in ENDS:
        page.lay(f"Cost of an input token{END_WORDS[end]}", [
            line(f"{tier}_{end}input_cost", f"Cost of an input token, {tier}{END_WORDS[end]}", "$/token", ts.token_cost,
                 (f"{tier}_{end}prompt_time", "new_tokens", "usd_per_hour", "chips", "utilization")) for tier in tiers
        ], across="pair")  # fmt: skip


def name_at(tier: str, key: str) -> str:
    return f"{tier}_{key.replace('token_cost', 'output_cost')}"


def request_cost(input_tokens: Any, cached_tokens: Any, new: Any, read: Any, output_tokens: Any, output: Any) -> Any:
    """What a request costs, of the costs of a new token, of one read from a cache and of one written."""
    return (input_tokens - cached_tokens) * new + cached_tokens * read + output_tokens * output


def request(tier: str) -> Any:
    """What a request costs where the tier is served at all."""

    def total(least: Any, *tokens_and_costs: Any) -> Any:
        return np.where(least > 0, request_cost(*tokens_and_costs), NONE)

    own = (f"{tier}_input_cost", "cached_cost", "output_tokens", f"{tier}_output_cost")
    keys = (f"{tier}_least", "input_tokens", "cached_tokens", *own)
    return line(f"{tier}_request_cost", f"A request, {tier}", "$", total, keys, "scientific")
