"""The sheet Sensitivity of capacity-plan: the chips at the peak case by case, a bridge to them, hours by contracts."""

from __future__ import annotations

import numpy as np

from tokensheet_templates.cases import write_cases
from tokensheet_templates.declared import line
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.page import Page
from tokensheet_templates.plumbing import index, link, size, total_so_far

VARIED = ("month_tokens", "growth", "waits", "hour_peak", "day_peak", "spare")
CONTRACTS = ("3 years", "1 year", "on demand", "owned")  # the first three as on Inputs
STEPS = {
    "busiest": "Busiest hour",
    "minute": "Busiest minute",
    "day": "Busiest day",
    "spares": "Spares",
    "whole": "Whole replicas",
}

PEAK = [
    line("case_hours", "Replica-hours that follow the day", "h/Mtok",
         lambda standard, one, batch, case_waits, other, end:
         (standard * one + batch * (1 - case_waits) * other) * end,
         ("standard_now", "mix_standard_hours", "batch_now", "case_waits", "mix_batch_hours", "case_cost_end")),
    line("case_tokens", "Tokens of the month", "M tokens", lambda case_month_tokens, case_growth, month_seen, typed:
         case_month_tokens * 1000 * (1 + case_growth) ** (month_seen - 1) * typed,
         ("case_month_tokens", "case_growth", "month_seen", "typed_seen"), "whole"),
    line("case_follow", "Mean replicas", "replicas", lambda case_tokens, case_hours, hours:
         case_tokens * case_hours / hours, style="tenths"),
    line("case_peak", "Chips at the peak, replicas not whole", "chips", lambda follow, top, minute, day, spare, chips:
         follow * top * minute * day * (1 + spare) * chips,
         ("case_follow", "hour_top", "case_hour_peak", "case_day_peak", "case_spare", "chips")),
]  # fmt: skip


def write_capacity_moves(book: Kernel) -> None:
    page = book.page(
        "Sensitivity", "What moves the chips at the peak of the month looked at; replicas are not whole here.", 12, 13
    )
    page.take(
        (
            "month_seen",
            "hours",
            "chips",
            "hour_top",
            "hour_peak",
            "day_peak",
            "spare",
            "mix_standard_hours",
            "mix_batch_hours",
        )
    )
    page.lay("Of the month", [
        *(line(f"{tier}_now", f"Share of the tokens, {tier}", "%", link, (f"{tier}_share",), "percent link")
               for tier in ("standard", "batch")),
        line("typed_seen", "Tokens that count over those by the growth", "ratio", lambda served, grown, month:
             index(served, month) / index(grown, month), ("all:tokens_served", "all:tokens_grown", "month_seen")),
        *(line(f"over_{level}", f"{words} of the replica-hours over the estimate", "ratio", lambda end, hours:
               end / hours,
               (f"mix_standard_{end}hours", "mix_standard_hours"))
          for level, words, end in (
              ("low", "High end", "high_"), ("base", "Estimate", ""), ("high", "Low end", "low_"))),
    ])  # fmt: skip
    book.stack("cost_end scenarios", [f"over_{level}" for level in ("low", "base", "high")])  # dear in the low scenario
    write_cases(book, page, VARIED, {"cost_end": "Time of serving, its band"}, PEAK, "case_peak")
    page.lay("Chips at the peak by the ends of the estimate", [
        line("varied_count", "Number of the band", "number", size, ("all:varied",)),
        line("peak_low", "Low end", "chips", index, ("all:high_outcome", "varied_count")),
        line("peak_high", "High end", "chips", index, ("all:low_outcome", "varied_count")),
        line("peak_same", "1 if the live case is that on Contracts", "0 or 1",
             lambda cells, month, chips, live, tolerance:
             np.where(abs(index(cells, month) * chips - live) <= tolerance * live, 1, 0),
             ("all:smooth", "month_seen", "chips", "live_outcome", "tolerance")),
    ])  # fmt: skip
    book.expect("Sensitivity: the live case is the month on Contracts", book.blocks["peak_same"].cell == 1)
    write_bridge(book, page)
    write_two_ways(book, page)


def write_bridge(book: Kernel, page: Page) -> None:
    """From the mean load to the chips at the peak."""
    page.lay("Bridge from the mean load to the chips at the peak", [
        line("mean_chips", "Mean load", "chips", lambda cells, month, chips: index(cells, month) * chips,
             ("all:follow", "month_seen", "chips"), "tenths"),
        line("busiest", STEPS["busiest"], "chips", lambda mean_chips, hour_top: mean_chips * (hour_top - 1),
             style="tenths"),
        line("minute", STEPS["minute"], "chips", lambda mean_chips, hour_top, hour_peak:
             mean_chips * hour_top * (hour_peak - 1), style="tenths"),
        line("day", STEPS["day"], "chips", lambda mean_chips, hour_top, hour_peak, day_peak:
             mean_chips * hour_top * hour_peak * (day_peak - 1), style="tenths"),
        line("spares", STEPS["spares"], "chips", lambda mean_chips, hour_top, hour_peak, day_peak, spare:
             mean_chips * hour_top * hour_peak * day_peak * spare, style="tenths"),
        line("whole", STEPS["whole"], "chips", lambda cells, month, chips: index(cells, month) * chips,
             ("all:rounded", "month_seen", "chips"), "tenths"),
        line("peak_end", "Chips at the peak", "chips", index, ("all:peak_chips", "month_seen"), "tenths"),
    ])  # fmt: skip
    names = ["mean_chips", *STEPS, "peak_end"]
    book.stack("bridge_values", names)
    places = {"bridge_place": range(1, len(names) + 1), "bridge_last": [*[0] * (len(names) - 1), 1]}
    page.name_rows("bridge", "Bridge", places, names=[book.lines[name].label for name in names])
    page.lay("Bars of the bridge", [
        line("bar_part", "Bar", "chips", index, ("all:bridge_values", "bridge_place"), "tenths"),
        line("bar_step", "Step", "chips", lambda bar_part, bridge_last: bar_part * (1 - bridge_last), style="tenths"),
        line("bar_upto", "Chips so far", "chips", total_so_far, ("bar_step",), "tenths"),
        line("bar_base", "Bar from", "chips", lambda bridge_last, bar_upto, bar_part:
             np.where(bridge_last > 0, 0, bar_upto - bar_part), style="tenths"),
    ], down="bridge")  # fmt: skip
    page.lay("The bridge arrives", [
        line("bridge_count", "Bars", "number", size, ("all:bar_upto",)),
        line("bridge_same", "1 if its steps add up to the chips at the peak", "0 or 1",
             lambda cells, count, peak, tolerance:
             np.where(abs(index(cells, count) - peak) <= tolerance * peak, 1, 0),
             ("all:bar_upto", "bridge_count", "peak_end", "tolerance")),
    ])  # fmt: skip
    book.expect("Sensitivity: the bridge adds up to the chips at the peak", book.blocks["bridge_same"].cell == 1)


def write_two_ways(book: Kernel, page: Page) -> None:
    """What an hour in use costs by contract and by the hours a day that a chip is used."""
    page.take(("own_hour", "hour_count"))
    page.axis("contract", "Contract", CONTRACTS)
    page.axis("contract_number", "Number of the contract", range(1, len(CONTRACTS) + 1))
    page.axis("contract_held", "1 if it is paid whether used or not", [int(name != "on demand") for name in CONTRACTS])
    page.lay("Contracts", [
        line("contract_count", "Contracts with a rent", "number", size, ("all:contract_price",)),
        line("contract_hour", "Price of an hour", "$/hour", lambda number, count, own, prices:
             np.where(number > count, own, index(prices, np.minimum(count, number))),
             ("contract_number", "contract_count", "own_hour", "all:contract_price"), "cents"),
    ], across="contract")  # fmt: skip
    hours = (2, 4, 6, 8, 10, 12, 16, 20, 24)
    page.name_rows(
        "use_row", "Hours a day that a chip is used", {"use_hours": hours}, names=[f"{hour} h" for hour in hours]
    )
    page.lay("Cost of an hour in use", [
        line("two_way", "Two-way: an hour in use by contract and hours", "$/hour",
             lambda contract_hour, contract_held, hour_count, use_hours:
             contract_hour * np.maximum(1, contract_held * hour_count / use_hours), style="cents"),
    ], across="contract_hour", down="use_hours")  # fmt: skip
