"""The sheet Sensitivity of training-budget: what moves the budget most, and rents by MFU."""

from __future__ import annotations

import numpy as np
from tokensheet.cell import lift

from tokensheet_templates.cases import write_cases
from tokensheet_templates.declared import line
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.page import Page
from tokensheet_templates.plumbing import index

VARIED = ("run_tokens", "run_mfu", "lost", "rent_level", "ablations", "rollouts", "rl_mfu", "power_w",
          "people", "person_cost", "project", "data")  # fmt: skip
LOW, HIGH = 2, 4  # places of these scenarios among the cases
HALF = 3  # steps to each side of what is live

BUDGET = [
    line("case_flops", "FLOPs of final run and experiments", "FLOP",
         lambda case_run_tokens, token_flops, case_ablations:
         case_run_tokens * 1e9 * token_flops * (1 + case_ablations), style="scientific"),
    line("case_rl", "of reinforcement learning, as those", "FLOP", lambda case_rollouts, rollout_token, case_rl_mfu:
         case_rollouts * 1e9 * rollout_token / case_rl_mfu, style="scientific"),
    line("case_hours", "Chip-hours", "hours", lambda case_flops, case_rl, chip_flops, case_run_mfu, case_lost:
         (case_flops + case_rl) / (3600 * chip_flops * case_run_mfu) * (1 + case_lost)),
    line("case_rent", "Rent", "$/hour", lambda rent_today, case_rent_level: rent_today * case_rent_level),
    line("case_energy", "Energy beside the rent", "$/hour", lambda case_power_w, pue, usd_per_kwh, is_beside:
         case_power_w * pue * usd_per_kwh / 1000 * is_beside),
    line("case_staff", "People", "$", lambda case_people, case_person_cost, case_project:
         case_people * case_person_cost * case_project / 12),
    line("case_budget", "Budget", "$", lambda case_hours, case_rent, case_energy, case_staff, case_data:
         case_hours * (case_rent + case_energy) + case_staff + case_data * 1e6),
]  # fmt: skip


def write_sensitivity(book: Kernel) -> None:
    page = book.page("Sensitivity", "What moves the budget most, in dollars.", 12, 13)
    page.take(("pue", "usd_per_kwh", "final_flops", "final_tokens", "rollout_work", "active", "chip_flops",
               "rent_today", "is_beside", "budget", "tolerance", "run_mfu", "rent", "chip_hours", "people_cost",
               "data_cost", "energy_cost", "rent_span", "mfu_span"))  # fmt: skip
    page.lay("What the cases rest on", [
        line("token_flops", "FLOPs of a token of the final run", "FLOP", lambda final_flops, final_tokens:
             final_flops / final_tokens, style="scientific"),
        line("rollout_token", "FLOPs of a token of a rollout", "FLOP", lambda rollout_work, active:
             rollout_work * active, style="scientific"),
    ])  # fmt: skip
    write_cases(book, page, VARIED, {}, BUDGET, "case_budget")
    page.lay("The scenarios, and the sheet Training", [
        line("low_budget", "Low scenario: budget", "$", lambda cells: index(cells, lift(LOW)), ("all:case_budget",)),
        line("high_budget", "High scenario: budget", "$", lambda cells: index(cells, lift(HIGH)), ("all:case_budget",)),
        line("agrees", "1 if the live case is the budget on Training", "0 or 1", lambda live_outcome, budget, tolerance:
             np.where(abs(live_outcome - budget) <= tolerance * budget, 1, 0)),
    ])  # fmt: skip
    book.expect("Sensitivity: the live case is the budget on Training", book.blocks["agrees"].cell == 1)
    write_two_ways(page)


def write_two_ways(page: Page) -> None:
    """The budget by rents and MFU."""
    page.lay("What of the budget MFU and rents move", [
        line("full_hours", "Chip-hours if MFU were 100 %", "hours", lambda chip_hours, run_mfu: chip_hours * run_mfu),
        line("not_rent", "Budget beside rents and energy", "$", lambda people_cost, data_cost: people_cost + data_cost),
        line("energy_here", "Energy beside the rent", "$/hour", lambda energy_cost, chip_hours:
             np.where(chip_hours > 0, energy_cost / chip_hours, 0)),
    ])  # fmt: skip
    places = range(-HALF, HALF + 1)
    page.name_rows("mfu_name", "Values of MFU", {"mfu_place": places}, names=[f"{place:+} steps" for place in places])
    page.lay("Values of MFU", [
        line("mfu_here", "MFU", "%", lambda run_mfu, mfu_span, mfu_place: run_mfu * (1 + mfu_span * mfu_place),
             style="percent"),
    ], down="mfu_name")  # fmt: skip
    page.axis("rent_place", "Steps from the rent", places)
    page.lay("Rents", [
        line("rent_here", "Rent", "$/hour", lambda rent, rent_span, rent_place: rent * (1 + rent_span * rent_place),
             style="rent"),
    ], across="rent_place")  # fmt: skip
    page.lay("Budget", [
        line("two_way", "Two-way: budget, rents across, MFU down", "$",
             lambda rent_here, mfu_here, full_hours, energy_here, not_rent:
             full_hours / mfu_here * (rent_here + energy_here) + not_rent),
    ], across="rent_here", down="mfu_here")  # fmt: skip
