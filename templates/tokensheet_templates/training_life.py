"""The sheet Life: what a model serves and earns, how long it is worth training, and what training adds to a token."""

from __future__ import annotations

import numpy as np
import tokensheet as ts
from tokensheet.cell import lift

from tokensheet_templates.checks import all_ones
from tokensheet_templates.declared import line
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.page import Page
from tokensheet_templates.plumbing import index, least_across, match, size, total_so_far
from tokensheet_templates.profit import month_if

MONTHS = 36
POWERS = range(-4, 9)  # half powers of two, by which tokens of training are made fewer and more


def write_life(book: Kernel) -> None:
    page = book.page("Life", "What it serves and earns, and how long to train; costs are in dollars.", MONTHS, 13)
    write_balance(page)
    write_months(page)
    write_lengths(book, page)


def write_balance(page: Page) -> None:
    """Training against what is served by it."""
    page.take(("active", "final_tokens", "rollout_tokens", "final_flops", "rl_flops", "trained_share", "trained_flops",
               "scoring", "rl_mfu", "budget", "rent", "chip_flops", "run_mfu", "run_chips", "lost", "ablations",
               "day_tokens", "ramp", "life_days", "survival", "serving_mfu", "price", "gross_margin",
               "tokens_per_param"))  # fmt: skip
    page.lay("What is served", [
        line("served_a_second", "Tokens a second", "tokens/s", lambda day_tokens: day_tokens * 1e9 / 86400),
        line("life_tokens", "Tokens of its life, as likely as it ships", "tokens", ts.lifetime_tokens,
             ("served_a_second", "life_days", "survival"), "giga"),
        line("life_work", "Their FLOPs", "FLOP", ts.inference_flops, ("active", "life_tokens"), "scientific"),
        line("life_flops", "as those of the final run", "FLOP", ts.effective_flops, ("life_work", "serving_mfu"),
             "scientific"),
        line("life_time", "Time of so many chips", "s", ts.training_time,
             ("life_flops", "run_chips", "chip_flops", "run_mfu")),
        line("life_cost", "Chips for serving", "$", ts.training_cost, ("life_time", "run_chips", "rent")),
        line("serving_mtok", "Serving a million tokens", "$/Mtok", lambda life_cost, life_tokens:
             life_cost / life_tokens * 1e6),
        line("training_mtok", "Training, of each million tokens", "$/Mtok", lambda budget, life_tokens:
             budget / life_tokens * 1e6),
        line("whole_mtok", "Both", "$/Mtok", lambda serving_mtok, training_mtok: serving_mtok + training_mtok,
             style="price bold"),
    ])  # fmt: skip
    page.lay("How long to train", [
        line("optimal_tokens", "Tokens that are optimal for training alone", "tokens", ts.chinchilla_tokens,
             ("active", "tokens_per_param"), "giga"),
        line("over", "Tokens over that: overtraining", "ratio", lambda final_tokens, optimal_tokens:
             final_tokens / optimal_tokens, style="tenths"),
        line("equal_serving", "Tokens of training that cost as much as serving", "tokens",
             lambda life_tokens, serving_mfu:
             ts.equal_cost_tokens(life_tokens, 2, serving_mfu), style="giga"),
        line("rollout_work", "FLOPs per parameter and token of a rollout", "FLOP",
             lambda trained_share, trained_flops, scoring:
             2 + trained_flops * trained_share + 2 * scoring),
        line("equal_rollouts", "Tokens of training that cost as much as reinforcement learning", "tokens",
             lambda tokens, flops, mfu:
             ts.equal_cost_tokens(tokens, flops, mfu), ("rollout_tokens", "rollout_work", "rl_mfu"), "giga"),
        line("all_flops", "FLOPs of final run, reinforcement learning and serving", "FLOP",
             lambda final_flops, rl_flops, life_flops:
             final_flops + rl_flops + life_flops, style="scientific"),
        *(line(f"{key}_part", f"Share of {words}", "%", lambda flops, whole: flops / whole,
               (f"{key}_flops", "all_flops"))
          for key, words in {"final": "the final run", "rl": "reinforcement learning", "life": "serving"}.items()),
    ])  # fmt: skip


def write_months(page: Page) -> None:
    """When what is earned has paid for training."""
    page.axis("month", "Month in service", range(1, MONTHS + 1))
    page.lay("What it earns", [
        line("in_service", "Share of the month in service", "%", lambda month, life_days:
             np.maximum(0, np.minimum(1, life_days * 12 / 365 - (month - 1)))),
        line("month_mtok", "Tokens, as likely as it ships", "million tokens",
             lambda day_tokens, survival, in_service, month, ramp:
             day_tokens * 1000 * 365 / 12 * survival * in_service * np.minimum(1, month / ramp)),
        line("earned", "Gross profit", "$", lambda month_mtok, price, gross_margin: month_mtok * price * gross_margin),
        line("earned_so_far", "so far", "$", total_so_far, ("earned",)),
        line("left", "less the budget", "$", lambda earned_so_far, budget: earned_so_far - budget,
             style="dollars bold"),
        line("even", "Month, where that is not negative", "month", month_if, ("left", "month"), "right whole"),
    ], across="month")  # fmt: skip
    page.lay("When it has paid", [
        line("payback", "Month in which it has paid, 0 if none does", "month", least_across, ("even",)),
        line("left_at_end", "Earned over its life, less the budget", "$", lambda cells, months:
             index(cells, size(months)),
             ("all:left", "all:month")),
    ])  # fmt: skip


def write_lengths(book: Kernel, page: Page) -> None:
    """Models of the same loss, smaller and trained for longer: what they cost to train and to serve."""
    page.take(("law_a", "law_alpha", "law_b", "law_beta", "least_rest", "tolerance"))
    page.axis("power", "Tokens over ours: half powers of two", POWERS)
    page.lay("Models of the same loss", [
        line("loss", "Loss that parameters and tokens leave", "nats",
             lambda law_a, active, law_alpha, law_b, final_tokens, law_beta:
             law_a / active**law_alpha + law_b / final_tokens**law_beta, style="ratio"),
        line("flop_price", "A FLOP of the final run", "$", lambda rent, chip_flops, run_mfu:
             rent / (3600 * chip_flops * run_mfu), style="scientific"),
        line("tokens_here", "Tokens", "tokens", lambda final_tokens, power: final_tokens * 2 ** (power / 2),
             style="giga"),
        line("rest", "Loss left to parameters", "nats", lambda loss, law_b, tokens_here, law_beta, least_rest:
             np.maximum(loss - law_b / tokens_here**law_beta, loss * least_rest), style="ratio"),
        line("params_here", "Active parameters", "parameters", lambda law_a, rest, law_alpha:
             (law_a / rest) ** (1 / law_alpha)),
        line("over_here", "Overtraining", "ratio", lambda tokens_here, tokens_per_param, params_here:
             tokens_here / (tokens_per_param * params_here), style="tenths"),
        line("over_label", "in whole numbers", "ratio", lambda over_here: np.floor((2 * over_here + 1) / 2),
             style="whole"),
        line("train_here", "FLOPs of training", "FLOP", ts.training_flops, ("params_here", "tokens_here"),
             "scientific"),
        line("serve_here", "FLOPs of serving its life", "FLOP", ts.inference_flops, ("params_here", "life_tokens"),
             "scientific"),
        line("train_cost_here", "Training, with experiments", "$", lambda train_here, flop_price, ablations, lost:
             train_here * flop_price * (1 + ablations) * (1 + lost)),
        line("serve_cost_here", "Serving", "$", lambda serve_here, flop_price, serving_mfu:
             serve_here * flop_price / serving_mfu),
        line("both_here", "Both", "$", lambda train_cost_here, serve_cost_here: train_cost_here + serve_cost_here,
             style="dollars bold"),
    ], across="power")  # fmt: skip
    page.lay("The cheapest of them", [
        line("least_both", "Least cost of training and serving", "$", least_across, ("both_here",)),
        line("best_place", "Its place", "number", lambda least, cells: match(cells, least),
             ("least_both", "all:both_here")),
        line("best_over", "Its overtraining", "ratio", index, ("all:over_here", "best_place"), "tenths"),
        line("best_tokens", "Its tokens", "tokens", index, ("all:tokens_here", "best_place"), "giga"),
        line("ours_place", "Place of ours", "number", lambda cells: match(cells, lift(0)), ("all:power",)),
        line("ours_agree", "1 if ours is among them", "0 or 1", lambda cells, place, active, tolerance:
             np.where(abs(index(cells, place) - active) <= tolerance * active, 1, 0),
             ("all:params_here", "ours_place", "active", "tolerance")),
    ])  # fmt: skip
    book.expect("Life: at our tokens the law gives our parameters", all_ones(book.blocks["ours_agree"]))
