"""The sheet Training: what is computed, how long it takes, and what it costs with energy, people and data."""

from __future__ import annotations

import numpy as np
import tokensheet as ts

from tokensheet_templates.declared import line
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.ledger import age
from tokensheet_templates.page import Page
from tokensheet_templates.plumbing import index, listed, match, total_so_far

WORK = {"final": "final run", "trial": "experiments", "rl": "reinforcement learning"}
COSTS = {
    **{f"{work}_cost": words.capitalize() for work, words in WORK.items()},
    "energy_cost": "Energy beside the rent", "people_cost": "People", "data_cost": "Data",
}  # fmt: skip
BESIDE = "beside the rent"


def write_run(book: Kernel) -> None:
    page = book.page("Training", "What is computed, how long it takes and what it costs, in dollars.", 8, 14)
    write_picked(page)
    write_compute(page)
    write_costs(book, page)
    write_memory(page)
    expect_agreement(book)


def write_picked(page: Page) -> None:
    """What the catalogue says of chip and model."""
    page.take(("model", "size", "chip", "precision", "rent_level"))
    page.lay("What is picked", [
        line("model_row", "Place of the model on Catalogue", "number", match, ("all:model_names", "model")),
        line("model_listed", "1 if it is there", "0 or 1", listed, ("all:model_names", "model_row", "model")),
        line("total", "Total parameters", "parameters", lambda row, place, size: index(row, place) * size,
             ("all:catalogue total_params", "model_row", "size")),
        line("active", "Active parameters", "parameters", lambda row, place, size: index(row, place) * size,
             ("all:catalogue active_params", "model_row", "size")),
        line("depth", "Layers", "layers", index, ("all:catalogue layers", "model_row")),
        line("attending", "Layers with full attention", "layers", index,
             ("all:catalogue full_attention_layers", "model_row")),
        line("hidden_width", "Hidden width", "values", index, ("all:catalogue hidden", "model_row")),
        line("attention_width", "Width of attention", "values", lambda heads, widths, place:
             index(heads, place) * index(widths, place),
             ("all:catalogue heads", "all:catalogue head_dim", "model_row")),
        line("chip_row", "Place of the chip", "number", match, ("all:chip_names", "chip")),
        line("chip_listed", "1 if it is there", "0 or 1", listed, ("all:chip_names", "chip_row", "chip")),
        line("precision_row", "Place of the format", "number", match, ("all:precision_names", "precision")),
        line("rate_row", "Row of its rate", "number", index, ("all:rate by precision", "precision_row")),
        line("chip_flops", "Dense FLOP/s of a chip", "FLOP/s", index, ("all:rates", "rate_row", "chip_row")),
        line("memory_there", "Memory of a chip", "bytes", index, ("all:catalogue hbm_bytes", "chip_row")),
        line("rent_today", "Rent of a chip", "$/hour", index, ("all:catalogue usd_per_hour", "chip_row")),
        line("rent", "Rent that counts", "$/hour", lambda rent_today, rent_level: rent_today * rent_level),
    ])  # fmt: skip


def write_compute(page: Page) -> None:
    """FLOPs, counted as those of the final run, time and chip-hours."""
    page.take(("run_tokens", "run_context", "run_chips", "run_mfu", "lost", "ablations", "rollouts", "trained_share",
               "trained_flops", "scoring", "rl_mfu"))  # fmt: skip
    page.lay("What is computed", [
        line("final_tokens", "Tokens of the final run", "tokens", lambda run_tokens: run_tokens * 1e9,
             style="giga"),
        line("weight_flops", "FLOPs of its weights: 6 N D", "FLOP", ts.training_flops, ("active", "final_tokens"),
             "scientific"),
        line("attention_flops", "FLOPs of its attention", "FLOP",
             lambda attending, attention_width, run_context, final_tokens:
             6 * attending * attention_width * run_context * final_tokens, style="scientific"),
        line("final_flops", "FLOPs: final run", "FLOP", ts.training_flops,
             ("active", "final_tokens", "attending", "attention_width", "run_context"), "scientific"),
        line("trial_flops", "FLOPs: experiments", "FLOP", lambda final_flops, ablations: final_flops * ablations,
             style="scientific"),
        line("rollout_tokens", "Tokens of reinforcement learning", "tokens", lambda rollouts: rollouts * 1e9,
             style="giga"),
        line("rollout_flops", "Its FLOPs", "FLOP", ts.rl_flops,
             ("active", "rollout_tokens", "trained_share", "trained_flops", "scoring"), "scientific"),
        line("rl_flops", "FLOPs: reinforcement learning, as those of the final run", "FLOP", ts.effective_flops,
             ("rollout_flops", "rl_mfu"), "scientific"),
    ])  # fmt: skip
    page.lay("How long it takes", [
        *(line(f"{work}_time", f"Time: {words}", "s", ts.training_time,
               (f"{work}_flops", "run_chips", "chip_flops", "run_mfu"))
          for work, words in WORK.items()),
        *(line(f"{work}_paid", f"with failures: {words}", "s", lambda time, lost: time * (1 + lost),
               (f"{work}_time", "lost"))
          for work, words in WORK.items()),
        *(line(f"{work}_days", f"Days: {words}", "days", lambda time: time / 86400, (f"{work}_paid",), "tenths")
          for work, words in WORK.items()),
        *(line(f"{work}_hours", f"Chip-hours: {words}", "hours", lambda time, chips: time * chips / 3600,
               (f"{work}_paid", "run_chips"))
          for work, words in WORK.items()),
        line("days", "Days in all", "days", lambda a, b, c: a + b + c, [f"{work}_days" for work in WORK],
             "tenths bold"),
        line("chip_hours", "Chip-hours in all", "hours", lambda a, b, c: a + b + c, [f"{work}_hours" for work in WORK],
             "whole bold"),
    ])  # fmt: skip


def write_costs(book: Kernel, page: Page) -> None:
    """The budget by what it is spent on, and as a bridge."""
    page.take(("power_w", "pue", "usd_per_kwh", "energy_paid", "people", "person_cost", "project", "data"))
    page.lay("Energy", [
        line("energy_hour", "Energy of a chip-hour", "$/hour", lambda power_w, pue, usd_per_kwh:
             power_w * pue * usd_per_kwh / 1000),
        line("is_beside", "1 if it is paid beside the rent", "0 or 1", lambda energy_paid:
             np.where(energy_paid == BESIDE, 1, 0)),
        line("energy_used", "Energy that is used", "$", lambda chip_hours, energy_hour: chip_hours * energy_hour),
    ])  # fmt: skip
    page.lay("Budget", [
        *(line(f"{work}_cost", COSTS[f"{work}_cost"], "$", ts.training_cost, (f"{work}_paid", "run_chips", "rent"))
               for work in WORK),
        line("energy_cost", COSTS["energy_cost"], "$", lambda energy_used, is_beside: energy_used * is_beside),
        line("people_cost", COSTS["people_cost"], "$", lambda people, person_cost, project:
             people * person_cost * project / 12),
        line("data_cost", COSTS["data_cost"], "$", lambda data: data * 1e6),
        line("budget", "Budget", "$", lambda a, b, c, d, e, f: a + b + c + d + e + f, [*COSTS], "dollars bold"),
    ])  # fmt: skip
    page.lay("Shares of it", [
        line("energy_share", "Energy, however it is paid", "%", lambda energy_used, budget:
             np.where(budget > 0, energy_used / budget, 0)),
        line("people_share", "People", "%", lambda people_cost, budget: np.where(budget > 0, people_cost / budget, 0)),
    ])  # fmt: skip
    book.stack("budget_parts", [*COSTS, "budget"])
    numbers = {"part_number": range(1, len(COSTS) + 2), "part_whole": [0.0] * len(COSTS) + [1.0]}
    page.name_rows("part", "Bridge: what the budget is made of", numbers, names=[*COSTS.values(), "Budget"])
    page.lay("Bridge", [
        line("bridge_part", "Part", "$", index, ("all:budget_parts", "part_number")),
        line("bridge_top", "so far", "$", total_so_far, ("bridge_part",)),
        line("bridge_base", "begins at", "$", lambda part_whole, bridge_top, bridge_part:
             np.where(part_whole > 0, 0, bridge_top - bridge_part)),
    ], down="part")  # fmt: skip


def write_memory(page: Page) -> None:
    page.take(("kept_bytes", "chip_tokens", "kept_values", "value_bytes", "free_memory", "tolerance"))
    page.lay("Memory of a chip, all that can be shared being shared", [
        line("kept_memory", "Weights, gradients and optimizer", "bytes", lambda total, kept_bytes, run_chips:
             total * kept_bytes / run_chips),
        line("activations", "Activations", "bytes", ts.activation_memory,
             ("depth", "chip_tokens", "hidden_width", "value_bytes", "kept_values")),
        line("memory_needed", "In all", "bytes", lambda kept_memory, activations: kept_memory + activations),
        line("memory_used", "of the memory", "%", lambda memory_needed, memory_there:
             np.where(memory_there > 0, memory_needed / memory_there, 0)),
    ])  # fmt: skip
    page.lay("What has to agree", [
        line("flops_agree", "1 if FLOPs are 6 N D and attention's", "0 or 1",
             lambda final_flops, weight_flops, attention_flops, tolerance:
             np.where(abs(final_flops - weight_flops - attention_flops) <= tolerance * final_flops, 1, 0)),
        line("hours_agree", "1 if days x chips are chip-hours", "0 or 1", lambda days, run_chips, chip_hours, tolerance:
             np.where(abs(days * run_chips * 24 - chip_hours) <= tolerance * chip_hours, 1, 0)),
    ])  # fmt: skip


def expect_agreement(book: Kernel) -> None:
    numbers = {key: book.blocks[key].cell for key in (
        "chip_flops", "rent", "active", "flops_agree", "hours_agree", "memory_needed", "memory_there", "free_memory",
        "energy_share", "energy_least", "energy_most", "depth")}  # fmt: skip
    known = (numbers["chip_flops"] > 0) & (numbers["rent"] > 0) & (numbers["active"] > 0)
    book.expect("Training: the chip has a rate in this format and a rent, the model parameters", known)
    book.expect("Training: FLOPs are 6 N D and those of attention", numbers["flops_agree"] == 1)
    book.expect("Training: days x chips are chip-hours", numbers["hours_agree"] == 1)
    book.expect(
        "Training: memory fits", numbers["memory_needed"] <= numbers["memory_there"] * (1 - numbers["free_memory"])
    )
    book.alert(
        "Inputs: its prices were looked at not too long ago", age(book, "prices_seen") <= book.blocks["old"].cell
    )
    book.alert("Training: the model's layers are known", numbers["depth"] > 0)
    book.alert(
        "Training: energy is no smaller share than is usual, Inputs", numbers["energy_share"] >= numbers["energy_least"]
    )
    book.alert(
        "Training: energy is no larger share than is usual, Inputs", numbers["energy_share"] <= numbers["energy_most"]
    )
