"""The sheet API: a model served on rented or own chips against an API, by volume, by utilization and over 60 months."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import tokensheet as ts

from tokensheet_templates.catalogue import MARKET
from tokensheet_templates.charts import Line, draw_lines
from tokensheet_templates.declared import line
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.ledger import age
from tokensheet_templates.page import FIRST, Page
from tokensheet_templates.plumbing import (
    index,
    least_across,
    link,
    listed,
    match,
    total_across,
    total_so_far,
)
from tokensheet_templates.profit import month_if

COLOURS = ("#D9480F", "#B7791F", "#6FBF8B", "#12507B")  # of the ways to have chips


def volume_or_none(fixed: Any, price: Any, cost: Any) -> Any:
    """BREAKEVEN_VOLUME, where there is one."""
    return np.where(price > cost, ts.breakeven_volume(fixed, price, cost), "–")


def curves(book: Kernel, key: str, names: Sequence[str]) -> list[Line]:
    """The lines of a chart: the blocks of a key, numbered, by the ways' colours."""
    blocks = [book.blocks[f"{key}_{place}"] for place in range(len(names))]
    return [Line(name, block, colour) for name, block, colour in zip(names, blocks, COLOURS, strict=False)]


def write_api(book: Kernel) -> None:
    page = book.page("API", "A model of one's own, by each way to have chips, against an API; savings are in dollars.",
                     book.blocks["month"].values.size, 13)  # fmt: skip
    write_price(page)
    write_volumes(book, page)
    write_months(book, page)


def write_price(page: Page) -> None:
    """What a million tokens of our mix cost through the API, and what one's own may cost for that."""
    page.take(("input_tokens", "cached_tokens", "output_tokens", "api", "api_discount", "api_trend", "quality",
               "staff_serve", "staff_cost", "migration", "wacc", "chips", "hours", "hours_mtok", "busy_hours",
               "hold_mtok", "route_count", "most_utilization"))  # fmt: skip
    names = "all:market_names"
    page.lay("The API's price", [
        line("api_row", "Place of the API on Catalogue", "number", match, (names, "api")),
        line("api_listed", "1 if it is there", "0 or 1", listed, (names, "api_row", "api")),
        *(line(f"api_{field}", field.replace("_", " ").capitalize(), "$/Mtok", index,
               (f"all:market_{field}", "api_row"))
          for field in MARKET if field != "cache_write"),
        line("api_blend", "List price at our mix of tokens", "$/Mtok", ts.blended_price,
             ("api_input", "api_cache_read", "api_output", "input_tokens", "cached_tokens", "output_tokens")),
        line("api_price", "less the discount", "$/Mtok", lambda api_blend, api_discount:
             api_blend * (1 - api_discount)),
        line("api_worth", "What a million of one's own may cost", "$/Mtok", lambda api_price, quality:
             api_price * quality, style="price bold"),
        line("serving_staff", "Staff for serving, a month", "$", lambda staff_serve, staff_cost:
             staff_serve * staff_cost / 12),
        line("replica_full", "Tokens that a replica serves in a month, never idle", "million tokens",
             lambda hours, chips, busy_hours:
             np.where(busy_hours > 0, hours * chips / busy_hours, 0)),
    ])  # fmt: skip


def write_volumes(book: Kernel, page: Page) -> None:
    """From where on each way is cheaper than the API."""
    page.lay("Break-even of each way", [
        line("way_cost", "A million tokens", "$/Mtok", link, ("way_mtok",), "price link"),
        line("way_saves", "Saved of a million tokens, before staff", "$/Mtok", lambda api_worth, way_cost:
             api_worth - way_cost),
        line("way_volume", "Tokens a month that pay the staff too", "million tokens", volume_or_none,
             ("serving_staff", "api_worth", "way_cost"), "whole right"),
        line("way_replica", "A replica and the staff, a month", "$", lambda way_hour, hours, chips, serving_staff:
             way_hour * hours * chips + serving_staff),
        line("way_first", "Tokens a month that pay one replica and the staff", "million tokens", volume_or_none,
             ("way_replica", "api_worth", "hold_mtok"), "whole right"),
        line("way_used", "which is of what it could serve", "%", lambda api_worth, hold_mtok, replica_full, way_replica:
             np.where((api_worth > hold_mtok) & (replica_full > 0),
             way_replica / (api_worth - hold_mtok) / replica_full, 0)),
        line("way_even", "Utilization at which its chips cost what the API does", "%", ts.breakeven_utilization,
             ("api_worth", "way_full")),
    ], down="way")  # fmt: skip


def write_months(book: Kernel, page: Page) -> None:
    """What each way saves over 60 months, month by month."""
    page.lay("Bills", [
        line("api_factor", "API's price over today's", "ratio", lambda api_trend, month:
             (1 + api_trend) ** (month / 12)),
        line("api_bill", "The API's bill, for what one's own would be worth", "$", lambda served, api_worth, api_factor:
             served * api_worth * api_factor),
        line("serving_paid", "Staff and moving", "$", lambda moved, serving_staff, migration:
             np.where(moved > 0, serving_staff, migration)),
    ], across="month")  # fmt: skip
    names = [*book.blocks["way"].values.ravel()]
    for place, name in enumerate(names):
        page.lay(f"Saved: {name.lower()}", [
            line(f"saved_{place}", "Saved, holding the cache paid", "$", lambda bill, tokens, hold, paid, staff:
                 bill - tokens * hold - paid - staff,
                 ("api_bill", "served", "hold_mtok", f"paid_{place}", "serving_paid")),
            line(f"saved_so_far_{place}", "so far", "$", total_so_far, (f"saved_{place}",)),
            line(f"saved_even_{place}", "Month, where that is not negative", "month", month_if,
                 (f"saved_so_far_{place}", "month"), "right whole"),
            line(f"saved_present_{place}", "Present value", "$", lambda saved, factor: saved * factor,
                 (f"saved_{place}", "present_factor")),
        ], across="month")  # fmt: skip
    page.lay("Over 60 months", [
        each for place, name in enumerate(names) for each in (
            line(f"api_npv_{place}", f"Net present value: {name.lower()}", "$", total_across,
                 (f"saved_present_{place}",)),
            line(f"api_month_{place}", "Month in which it has paid, 0 if none does", "month", least_across,
                 (f"saved_even_{place}",)),
        )
    ])  # fmt: skip
    saved, title = curves(book, "saved_so_far", names), "Saved against the API so far, by month, $"
    draw_lines(page, (page.below(22), FIRST), title, book.blocks["month"], saved, "#,##0")
    book.expect("API: the prices of the API are above 0", book.blocks["api_blend"].cell > 0)
    book.alert("Catalogue: no price list is older than 90 days", age(book, "market_date") <= book.blocks["old"].cell)
