"""The sheet Margin of product-margin: margins by plan and by use, heavy seats, fair use, prices for the target."""

from __future__ import annotations

import numpy as np
import tokensheet as ts

from tokensheet_templates.declared import line
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.page import Page
from tokensheet_templates.plumbing import index, lowest, size, total_down, total_of
from tokensheet_templates.seats import SUMS, stretch


def write_margins(book: Kernel) -> None:
    """The margins by plan and by use; from which use on a seat loses money, and what could be done about it."""
    page = book.page("Margin", "What seats leave in a month; overage is priced per million tokens.")
    page.take(("usage", "request_cost", "request_mtok", "mtok_cost", "discount", "hosting", "payment_fee",
               "payment_fixed", "target_margin",
               "cap_margin", "tolerance"))  # fmt: skip
    by_plan = [
        line(f"plan_{key}", label, "$", total_of, ("all:group_plan", "plan_number", f"all:all_{key}"))
        for key, label in SUMS.items()
    ]
    page.lay("By plan", [
        line("plan_seats", "Seats", "seats", lambda seats: seats * 1, ("seats",), "whole"),
        *by_plan,
        line("plan_margin", "Gross margin", "%", lambda plan_profit, plan_revenue: plan_profit / plan_revenue),
        line("plan_used", "Tokens", "M tokens", total_of, ("all:group_plan", "plan_number", "all:all_used")),
        line("plan_loss", "Lost on heavy seats", "$", total_of, ("all:group_plan", "plan_number", "all:all_loss")),
        line("plan_losing", "Seats that lose, by class", "seats", total_of,
             ("all:group_plan", "plan_number", "all:all_losing"), "whole"),
    ], down="plan")  # fmt: skip
    page.lay("Cost of a seat a month", [
        line("seat_revenue", "Revenue", "$/seat", lambda plan_revenue, plan_seats: plan_revenue / plan_seats),
        *(line(f"seat_{key}", label, "$/seat", lambda sum, seats: sum / seats, (f"plan_{key}", "plan_seats"))
          for key, label in SUMS.items() if key != "revenue"),
        line("seat_used", "Tokens", "M tokens", lambda plan_used, plan_seats: plan_used / plan_seats),
        line("seat_list", "Price after the discount", "$/seat",
             lambda seat_price, discount: seat_price * (1 - discount)),
        line("seat_paid", "Overage", "$/seat", lambda seat_revenue, seat_list: seat_revenue - seat_list),
        line("seat_cogs", "Cost, but for the fee of the revenue", "$/seat", lambda seat_llm, seat_other, payment_fixed:
             seat_llm + seat_other + payment_fixed),
    ], down="plan")  # fmt: skip
    page.lay("Heavy seats, fair use and prices for the target", [
        line("left", "Left for tokens of a seat", "$/seat", lambda seat_list, payment_fee, payment_fixed, seat_other:
             seat_list * (1 - payment_fee) - payment_fixed - seat_other),
        line("even_requests", "Requests at which a seat leaves nothing, overage aside", "requests",
             lambda left, request_cost: np.maximum(0, left / request_cost), style="tenths"),
        line("even_log", "Their logarithm, on the scale of Seats", "number",
             lambda even_requests, multiple, usage, tolerance:
             np.log(np.maximum(tolerance, even_requests / multiple / usage)), style="ratio"),
        line("even_stretch", "Stretch", "number", stretch, ("even_log", "known_log 2", "known_log 3")),
        line("even_begin", "Log of requests where it begins", "number", index, ("all:known_log", "even_stretch"),
             "ratio"),
        line("even_slope", "Slope", "ratio", index, ("all:slope", "even_stretch")),
        line("even_start", "Log-odds where it begins", "number", index, ("all:known_odds", "even_stretch"), "ratio"),
        line("even_odds", "Log-odds there", "number", lambda even_start, even_log, even_begin, even_slope:
             even_start + (even_log - even_begin) / even_slope, style="ratio"),
        line("heavy_share", "Seats beyond", "%", lambda even_odds: 1 / (1 + np.exp(even_odds))),
        line("cap_requests", "Fair use: most requests of a seat", "requests",
             lambda left, seat_list, cap_margin, request_cost:
             np.maximum(0, (left - seat_list * cap_margin) / request_cost), style="whole"),
        line("cap_mtok", "Fair use: most tokens", "M tokens",
             lambda cap_requests, request_mtok: cap_requests * request_mtok),
        line("overage_target", "Price of overage for the target", "$/Mtok",
             lambda mtok_cost, target_margin, payment_fee:
             ts.price_for_margin(mtok_cost, target_margin + payment_fee)),
        line("price_target", "Price of a seat for the target", "$/seat", lambda cost, target, fee, paid, discount:
             (ts.price_for_margin(cost, target + fee) - paid) / (1 - discount),
             ("seat_cogs", "target_margin", "payment_fee", "seat_paid", "discount")),
    ], down="plan")  # fmt: skip
    page.axis("plan_at", "Number of the plan", range(1, len(book.blocks["plan"].values) + 1))
    page.lay(
        "Plans", [line("plan_head", "Plan", "text", index, ("all:plan", "plan_at"), "right shrink")], across="plan_at"
    )
    page.lay("Gross margin by use", [
        line("class_count", "Classes of seats", "number", size, ("all:class",)),
        line("use_margin", "Gross margin by use and plan", "%", lambda margins, plan, classes, each:
             index(margins, (plan - 1) * classes + each),
             ("all:group_margin", "plan_at", "class_count", "class_number")),
        line("use_drawn", "Gross margin, for a chart no less than -100 %", "%",
             lambda use_margin: np.maximum(-1, use_margin)),
        *(line(f"use_{key}", label, "$", total_of, ("all:group_class", "class_number", f"all:all_{key}"))
          for key, label in (("revenue", "Revenue of all plans"), ("profit", "Gross profit of all plans"))),
        line("use_all", "Gross margin of all plans", "%", lambda use_profit, use_revenue: use_profit / use_revenue),
    ], across="plan_head", down="class")  # fmt: skip
    page.lay("All plans", [
        *(line(f"whole_{key}", label, "$", total_down, (f"plan_{key}",)) for key, label in SUMS.items()),
        line("whole_used", "Tokens", "M tokens", total_down, ("plan_used",)),
        line("whole_seats", "Seats", "seats", total_down, ("plan_seats",), "whole"),
        line("whole_margin", "Gross margin", "%", lambda whole_profit, whole_revenue: whole_profit / whole_revenue),
        line("whole_loss", "Lost on heavy seats", "$", total_down, ("plan_loss",)),
        line("whole_classes", "Gross profit, summed by use", "$", total_down, ("use_profit",)),
    ])  # fmt: skip
    write_proof(book, page)
    profit, classes, revenue = (book.blocks[f"whole_{key}"].cell for key in ("profit", "classes", "revenue"))
    tolerance, largest = (book.blocks[key].cell for key in ("tolerance", "largest"))
    book.expect("Margin: the gross profit by plan is that by use", abs(profit - classes) <= tolerance * revenue)
    book.expect("Margin: the revenue is no larger than numbers are exact", revenue <= largest)
    book.alert("Margin: each plan reaches the target gross margin",
               lowest(book.blocks["plan_margin"]) >= book.blocks["target_margin"].cell)  # fmt: skip


def write_proof(book: Kernel, page: Page) -> None:
    """The tokens of each model and kind at its price, which have to add up to what seats cost in tokens."""
    page.take(("prompt", "cached", "answer", "whole_used"))
    page.lay("Tokens by model", [
        line("proof_share", "Output of all tokens", "%", lambda answer, prompt: answer / (prompt + answer)),
        line("proof_tokens", "Tokens", "M tokens", lambda whole_used, route_share: whole_used * route_share),
        line("proof_output", "of them output", "M tokens",
             lambda proof_tokens, proof_share: proof_tokens * proof_share),
        line("proof_read", "of them cached", "M tokens",
             lambda proof_tokens, proof_output, cached: (proof_tokens - proof_output) * cached),
        line("proof_new", "others", "M tokens",
             lambda proof_tokens, proof_output, proof_read: proof_tokens - proof_output - proof_read),
        line("proof_cost", "at their prices", "$",
             lambda proof_new, route_new, proof_read, route_cache_read, proof_output, route_output:
             proof_new * route_new + proof_read * route_cache_read + proof_output * route_output),
    ], down="route")  # fmt: skip
    page.lay("All models", [line("proof_all", "Tokens at their prices", "$", total_down, ("proof_cost",))])
    llm, proof = book.blocks["whole_llm"].cell, book.blocks["proof_all"].cell
    book.expect("Margin: tokens by model at their prices are what the seats cost in tokens",
                abs(proof - llm) <= book.blocks["tolerance"].cell * llm)  # fmt: skip
