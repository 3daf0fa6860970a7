"""The sheet Implied of price-forensics: what the lists give away, and the model that fits each best."""

from __future__ import annotations

from typing import Any

import numpy as np
import tokensheet as ts
from tokensheet.equation import unchecked

from tokensheet_templates.declared import line
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.page import Page
from tokensheet_templates.plumbing import found_across, highest, index, least_across, link, lowest
from tokensheet_templates.style import style_of

ASSUMED = {"": "", "low_": ", low", "high_": ", high"}
READ_BY = ("prefill_mfu", "size_factor", "fast_speed", "assumed_margin")
OF_PAIR = {
    "active_params": "Active parameters of the model assumed",
    "kv_token": "Its KV cache of a token, as in the catalogue",
    "chip_flops": "FLOP/s of a chip",
    "chip_bandwidth": "Memory bandwidth of a chip",
    "usd_per_hour": "Rent of a chip",
    "standard_batch": "Its batch",
    "standard_step_time": "Its time of a step",
}


def write_implied(book: Kernel) -> None:
    """Each list on the chip that serves its model cheapest, by the low, the live and the high assumption."""
    page = book.page("Implied", "What each list gives away, by the low, the live and the high assumption of Inputs.")
    page.take((*READ_BY, "tpot", "utilization", "chips", "rent_factor", "flops_per_param"))
    ends = [(f"{end}{key}", key, column) for key in READ_BY for end, column in (("low_", 0), ("high_", 2))]
    for end_key, key, column in ends:
        book.blocks[f"{end_key} there"] = book.blocks[f"{key} scenarios"].take(columns=slice(column, column + 1))
    page.lay("The assumptions, low and high", [
        line(end_key, f"{book.inputs[key].label}, {end_key.partition('_')[0]}", book.unit_of(book.inputs[key]), link,
             (f"{end_key} there",), f"{style_of(key, book.unit_of(book.inputs[key]))} link") for end_key, key, _ in ends
    ])  # fmt: skip
    page.lay("What is served", [
        line(f"list_{key}", label, book.unit_of(book.lines[key]), index, (f"all:{key}", "list_pair"))
        for key, label in OF_PAIR.items()
    ], down="market", units={"list_usd_per_hour": "$/hour"})  # fmt: skip
    page.lay("What it may cost them", [
        line("list_rent", "Rent that they pay", "$/hour", lambda rent, rent_factor: rent * rent_factor,
             ("list_usd_per_hour", "rent_factor")),
        line("step_seen", "Time of a step that users see", "s", lambda tpot: tpot / 1000),
        *(line(f"{end}may_cost", f"Output at the margin{words}", "$/token",
               lambda price, margin: price * (1 - margin) / 1e6,
               ("net_output", f"{end}assumed_margin")) for end, words in ASSUMED.items()),
    ], down="market")  # fmt: skip
    write_shares(page)
    write_cache(page)
    for key, words in (("decode_mfu", "MFU of decode"), ("kv_share", "share of the cache")):
        book.expect(f"Implied: the {words} is no less than 0", lowest(book.blocks[f"low_{key}"]) >= 0)
        book.expect(f"Implied: the {words} is no more than 100 %", highest(book.blocks[f"high_{key}"]) <= 1)
    book.alert("Implied: no list needs a utilization above 100 %", highest(book.blocks["list_utilization"]) <= 1)


def write_shares(page: Page) -> None:
    """Utilization and batch by what output may cost, MFU of decode by what it costs over input."""
    page.lay("Utilization and batch", [
        *(line(f"{end}list_utilization", f"Utilization{words}", "%", ts.implied_utilization,
               (f"{end}may_cost", "list_standard_step_time", "list_standard_batch", "list_rent", "chips"))
          for end, words in ASSUMED.items()),
        *(line(f"{end}list_batch", f"Batch at the speed seen{words}", "sequences", ts.implied_batch,
               (f"{end}may_cost", "step_seen", "list_rent", "chips", "utilization")) for end, words in ASSUMED.items()),
        *(line(f"{end}decode_mfu", f"MFU of decode{words}", "%", ts.implied_decode_mfu,
               ("output_over_input", f"{end}prefill_mfu"))
          for end, words in ASSUMED.items()),
    ], down="market")  # fmt: skip


def cache_over_rest(multiple: Any, speed: Any) -> Any:
    """What a fast mode says, where a list has one: IMPLIED_KV_SHARE in two steps."""
    return np.where(multiple > 1, (speed - 1) / (1 - 1 / multiple), 0)


def share_of(over_rest: Any) -> Any:
    return over_rest / (1 + over_rest)


def cache_of_token(long_from: Any, active_params: Any, flops: Any, bandwidth: Any, flops_per_param: Any) -> Any:
    """What a surcharge for long prompts says, where a list has one."""
    with unchecked():  # where there is none it is not asked
        implied = ts.implied_kv_bytes(active_params, long_from, flops, bandwidth, flops_per_param)
        return np.where(long_from > 0, implied, 0)


def write_cache(page: Page) -> None:
    page.lay("KV cache", [
        *(line(f"{end}cache_over", f"Its time in a step over the rest{words}", "ratio", cache_over_rest,
               ("fast_over", f"{end}fast_speed"))
          for end, words in ASSUMED.items()),
        *(line(f"{end}kv_share", f"Share of a step{words}", "%", share_of, (f"{end}cache_over",))
          for end, words in ASSUMED.items()),
        *(line(f"{end}size", f"Active parameters{words}", "parameters", lambda active, factor: active * factor,
               ("list_active_params", f"{end}size_factor")) for end, words in ASSUMED.items()),
        *(line(f"{end}kv_implied", f"Cache of a token{words}", "bytes/token", cache_of_token,
               ("theirs_long_from", f"{end}size", "list_chip_flops", "list_chip_bandwidth", "flops_per_param"))
          for end, words in ASSUMED.items()),
        *(line(f"{end}kv_over", f"over the catalogue's{words}", "ratio", lambda implied, known: implied / known,
               (f"{end}kv_implied", "list_kv_token")) for end, words in ASSUMED.items()),
    ], down="market")  # fmt: skip


def log_of(one: Any, other: Any) -> Any:
    """How far two numbers are apart, as a logarithm."""
    return np.log(one / other)


def write_fit(book: Kernel) -> None:
    """How far each model is from each list by price, by output over input and by the cache."""
    page = book.pages["Implied"]
    page.axis("model_number", "Number of the model", range(1, len(book.blocks["models"].values) + 1))
    page.lay("Models",
             [line("model_name", "Model", "text", index, ("all:models", "model_number"), "right shrink link")],
             across="model_number")  # fmt: skip
    of_pair = {"pair_cost": "Cost of the mix, $/Mtok", "standard_output_cost": "Output", "standard_input_cost": "Input",
               "kv_token": "KV cache of a token", "active_params": "Active parameters"}  # fmt: skip
    page.lay("Clues: how far each model is from each list, as logarithms", [
        line("fit_pair", "Column on Cost, on the list's chip", "number",
             lambda model, chips, chip: (model - 1) * chips + chip,
             ("model_number", "chip_count", "chip_place")),
        *(line(f"fit_{key}", label, book.unit_of(book.lines[key]), index, (f"all:{key}", "fit_pair"))
          for key, label in of_pair.items()),
        line("fit_price", "Price for the margin", "$/Mtok", ts.price_for_margin, ("fit_pair_cost", "assumed_margin")),
        line("by_price", "By the price of the mix", "number", log_of, ("fit_price", "net"), "cents"),
        line("fit_ratio", "Output over input", "ratio", ts.output_input_ratio,
             ("fit_standard_output_cost", "fit_standard_input_cost")),
        line("by_ratio", "By output over input", "number", log_of, ("fit_ratio", "output_over_input"), "cents"),
        line("fit_kv", "Cache that the surcharge implies", "bytes/token", cache_of_token,
             ("theirs_long_from", "fit_active_params", "list_chip_flops", "list_chip_bandwidth", "flops_per_param")),
        line("by_kv", "By the KV cache, where a long prompt is dearer", "number", lambda implied, known:
             np.where(implied > 0, np.log(np.maximum(1, implied) / known), 0), ("fit_kv", "fit_kv_token"), "cents"),
        line("clues", "Clues", "number", lambda long_from: 2 + np.where(long_from > 0, 1, 0), ("theirs_long_from",)),
        line("off", "Mean factor by which it is off", "ratio", lambda price, ratio, kv, clues:
             np.exp(np.sqrt((price**2 + ratio**2 + kv**2) / clues)), ("by_price", "by_ratio", "by_kv", "clues"),
             "cents"),
    ], across="model_name", down="market")  # fmt: skip
    page.lay("The model that fits best", [
        line("least_off", "Off by a factor of", "ratio", least_across, ("off",), "cents"),
        line("fit_place", "Number of the model", "number", found_across, ("least_off", "off")),
        line("fit_model", "Model", "text", index, ("all:models", "fit_place"), "right shrink"),
    ], down="market")  # fmt: skip
    book.alert("Implied: the model that fits best is near each list, Inputs",
               highest(book.blocks["least_off"]) <= book.blocks["worst_fit"].cell)  # fmt: skip
