"""The sheet Swap: the model of today beside another, by what a solved task costs, and what the change puts at risk."""

from __future__ import annotations

from typing import Any

import numpy as np

from tokensheet_templates.declared import line, number, numbers, picks
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.plumbing import index, link, lowest, match

SIDES = ("now", "next")


def sides(now: Any, new: Any) -> dict[str, Any]:
    return dict(zip(SIDES, (now, new), strict=True))


SWAP = [
    picks("swap_models", "Model now, then next: number", ["claude-opus-5-5", "claude-sonnet-5-5"], "market"),
    numbers("verbosity", "Tokens of an answer over those on Inputs,", "ratio", sides(1, 1.4), 0.2, 5),
    numbers("success", "Tries that solve the task,", "%", sides((0.85, 0.9, 0.93), (0.82, 0.88, 0.92)), 0.01, 1),
    numbers("retries", "Most tries after the first,", "tries", sides(2, 2), 0, 20),
    numbers("first_wait", "Time to the first token,", "seconds", sides(1.5, 1), 0, 600),
    numbers("speed", "Tokens a second of an answer,", "tokens/s", sides(60, 90), 1, 1e4),
    number("swap_tasks", "Tasks a month that would change", "tasks", 500e3, 1, 1e7),
    number("unsolved_cost", "What a task costs that stays unsolved", "$/task", 0.5, 0, 1e4),
    number("migration", "Cost of the change: prompts, tests, people", "$", 60e3, 0, 1e7),
    number("wait_most", "Longest that a user should wait for a task", "seconds", 30, 0.1, 1e4),
    number("leave_share", "Revenue that leaves because of a change", "%", (0.01, 0.003, 0), 0, 1),
    number("leave_unsolved", "Revenue that leaves for each task more that stays unsolved", "ratio", 0.5, 0, 10),
]  # fmt: skip


def write_swap(book: Kernel, revenue: str, margin: str) -> None:
    """Compare two models; `revenue` and `margin` are blocks with the revenue of a month and what of it is left."""
    page = book.page("Swap", "What a solved task costs with the model of today and with another, and what is at risk.")
    page.take(("prompt", "cached", "written", "answer", "calls", "price_level", "swap_tasks", "unsolved_cost",
               "migration", "wait_most", "leave_share", "leave_unsolved", revenue, margin))  # fmt: skip
    page.name_rows("side", "Side", {"side_number": (1, 2)}, names=[each.capitalize() for each in SIDES])
    kinds = ("input", "cache_write", "cache_read", "output")
    page.lay("A task", [
        line("side_model", "Model", "text", link, ("swap_models",), "right shrink link"),
        line("side_place", "Place on Catalogue", "number", match, ("all:market_names", "swap_models")),
        *(line(f"side_{kind}", kind.replace("_", " ").capitalize(), "$/Mtok",
               lambda prices, place, level: index(prices, place) * level,
               (f"all:market_{kind}", "side_place", "price_level")) for kind in kinds),
        line("side_new", "Not cached", "$/Mtok", lambda side_input, side_cache_write, written:
             side_input + (side_cache_write - side_input) * written),
        line("side_answer", "Answer of a call", "tokens", lambda answer, verbosity: answer * verbosity),
        line("side_prompt", "Prompt of a call", "$",
             lambda prompt, cached, new, read: prompt * ((1 - cached) * new + cached * read) / 1e6,
             ("prompt", "cached", "side_new", "side_cache_read"), "price"),
        line("side_try", "A try", "$", lambda calls, side_prompt, side_answer, side_output:
             calls * (side_prompt + side_answer * side_output / 1e6), style="price"),
    ], down="side")  # fmt: skip
    page.lay("A solved task", [
        line("side_unsolved", "Tasks that stay unsolved", "%", lambda success, retries: (1 - success) ** (retries + 1)),
        line("side_tries", "Tries of a task", "ratio", lambda side_unsolved, success: (1 - side_unsolved) / success),
        line("side_tokens", "Tokens of a task", "$", lambda side_tries, side_try: side_tries * side_try, style="price"),
        line("side_task", "A task, the unsolved ones too", "$", lambda side_tokens, side_unsolved, unsolved_cost:
             side_tokens + side_unsolved * unsolved_cost, style="price"),
        line("side_solved", "Cost of a solved task", "$",
             lambda side_task, side_unsolved: side_task / (1 - side_unsolved), style="price bold"),
        line("side_wait", "Wait for a task", "seconds", lambda side_tries, calls, first_wait, side_answer, speed:
             side_tries * calls * (first_wait + side_answer / speed), style="tenths"),
        line("side_month", "All tasks of a month", "$", lambda side_task, swap_tasks: side_task * swap_tasks),
    ], down="side")  # fmt: skip
    now, new = ({key: f"{side} {key}" for key in ("month", "unsolved")} for side in SIDES)
    for place, names in enumerate((now, new)):
        book.blocks |= {name: book.blocks[f"side_{key}"].take(slice(place, place + 1)) for key, name in names.items()}
    page.lay("The change", [
        line("swap_saved", "Saved a month", "$", lambda now, new: now - new, (now["month"], new["month"])),
        line("swap_worse", "More tasks unsolved", "%", lambda now, new: np.maximum(0, new - now),
             (now["unsolved"], new["unsolved"])),
        line("swap_risk", "Revenue at risk a month", "$",
             lambda revenue, share, worse, for_each: revenue * np.minimum(1, share + worse * for_each),
             (revenue, "leave_share", "swap_worse", "leave_unsolved")),
        line("swap_lost", "Gross profit of it", "$", lambda swap_risk, margin: swap_risk * np.maximum(0, margin),
             ("swap_risk", margin)),
        line("swap_net", "Saved less that", "$", lambda swap_saved, swap_lost: swap_saved - swap_lost),
        line("swap_months", "Months until the change has paid for itself", "months", lambda migration, net:
             np.where(net > 0, migration / net, "never"), ("migration", "swap_net"), "tenths right"),
        line("swap_year", "Left after a year", "$", lambda swap_net, migration: swap_net * 12 - migration),
    ])  # fmt: skip
    book.expect("Swap: each model solves some tasks", lowest(book.blocks["side_tries"]) > 0)
    longest = book.blocks["side_wait"].take(slice(1, 2)).cell
    book.alert(
        "Swap: the next model does not let users wait longer than Inputs allows",
        longest <= book.blocks["wait_most"].cell,
    )
