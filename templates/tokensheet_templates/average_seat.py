"""The average seat of product-margin as a model of one row, for levers and for cases; its plans and uses go across."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np

from tokensheet_templates.declared import Line, line
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.page import Page
from tokensheet_templates.plumbing import index, total_down, weighted_across, weighted_down

VARIED = (
    "calls", "prompt", "cached", "answer", "usage", "price_level", "discount", "hosting", "payment_fee", "overage_kept",
)  # fmt: skip
TOKENS = {"new": "not cached", "read": "cached", "output": "output"}


def seat_model(row: str, varied: Collection[str], prices: Sequence[Line]) -> list[Line]:
    """The average seat in each `row`, where some inputs are the row's own; first the prices of its tokens."""

    def of(*keys: str) -> list[str]:
        return [f"{row}_{key.lstrip('.')}" if key in varied or key.startswith(".") else key for key in keys]

    def each(
        key: str, label: str, unit: str, equation: Callable[..., Any], inputs: Sequence[str], style: str = ""
    ) -> Line:
        return line(f"{row}_{key}", label, unit, equation, inputs, style)

    return [
        *prices,
        each("request", "Tokens of a request", "M tokens",
             lambda calls, prompt, answer: calls * (prompt + answer) / 1e6,
             of("calls", "prompt", "answer"), "ratio"),
        each("new_part", "of a call not cached", "$", lambda prompt, cached, new: prompt * (1 - cached) * new / 1e6,
             of("prompt", "cached", ".new"), "price"),
        each("read_part", "of a call cached", "$", lambda prompt, cached, read: prompt * cached * read / 1e6,
             of("prompt", "cached", ".read"), "price"),
        each("cost", "A request", "$",
             lambda calls, new, read, answer, output: calls * (new + read + answer * output / 1e6),
             of("calls", ".new_part", ".read_part", "answer", ".output"), "price"),
        each("mtok", "A million tokens", "$/Mtok", lambda cost, request: cost / request, of(".cost", ".request")),
        each("over", "Tokens beyond what is included, by plan and use", "M tokens",
             lambda weight, requests, usage, request, included:
             weight * np.maximum(0, requests * usage * request - included),
             ("g_weight", "g_requests", *of("usage", ".request"), "g_included"), "ratio"),
        each("charged", "of them charged, if asked for", "M tokens", weighted_across, (f"{row}_over", "all:g_charged"),
             "ratio"),
        each("billed", "at their price", "$/seat", weighted_across, (f"{row}_over", "all:g_rate")),
        each("used", "Tokens of a seat", "M tokens", lambda usage, requests, request, charged, kept:
             usage * requests * request - charged * (1 - kept),
             of("usage", "all_requests", ".request", ".charged", "overage_kept"), "ratio"),
        each("revenue", "Revenue of a seat", "$/seat",
             lambda price, discount, billed, kept: price * (1 - discount) + billed * kept,
             of("all_list", "discount", ".billed", "overage_kept")),
        each("llm", "Tokens of a seat", "$/seat", lambda used, mtok: used * mtok, of(".used", ".mtok")),
        each("rest", "Other cost of a seat", "$/seat",
             lambda hosting, support, fixed, revenue, fee: hosting + support + fixed + revenue * fee,
             of("hosting", "all_support", "payment_fixed", ".revenue", "payment_fee")),
        each("profit", "Gross profit", "$", lambda seats, revenue, llm, rest: seats * (revenue - llm - rest),
             of("all_seats", ".revenue", ".llm", ".rest")),
        each("margin", "Gross margin", "%", lambda profit, seats, revenue: profit / (seats * revenue),
             of(".profit", "all_seats", ".revenue")),
    ]  # fmt: skip


def write_groups(book: Kernel, page: Page) -> None:
    """What of the seats the levers and cases rest on: plan and use go across."""
    groups = len(book.blocks["group"].values)
    page.axis("g_number", "Number of plan and use", range(1, groups + 1))
    page.lay("Names",
             [line("g_name", "Plan, and per cent of its seats", "text", index, ("all:group", "g_number"),
                   "right shrink")],
             across="g_number")  # fmt: skip
    page.lay("Seats by plan and use", [
        line("all_seats", "Seats", "seats", total_down, ("seats",), "whole"),
        line("list_sum", "Prices of all seats", "$", weighted_down, ("seats", "seat_price")),
        line("support_sum", "Support of all seats", "$", weighted_down, ("seats", "support")),
        line("all_list", "Price of a seat", "$/seat", lambda list_sum, all_seats: list_sum / all_seats),
        line("all_support", "Support of a seat", "$/seat", lambda support_sum, all_seats: support_sum / all_seats),
        line("g_weight", "Share of the seats", "%", lambda numbers, place, seats: index(numbers, place) / seats,
             ("all:group_seats", "g_number", "all_seats")),
        line("g_requests", "Requests", "requests", index, ("all:group_requests", "g_number"), "tenths"),
        line("g_included", "Included", "M tokens", index, ("all:group_included", "g_number")),
        line("g_rate", "Price of tokens beyond", "$/Mtok", index, ("all:group_rate", "g_number")),
        line("g_charged", "Charged", "0 or 1", lambda g_rate: np.where(g_rate > 0, 1, 0)),
        line("g_asked", "Requests by share", "requests", lambda g_weight, g_requests: g_weight * g_requests,
             style="tenths"),
    ], across="g_name")  # fmt: skip
