"""The sheet Market: our prices beside those of others, at our mix of tokens, and what we would earn at theirs."""

from __future__ import annotations

from datetime import date
from typing import Any

import tokensheet as ts
from tokensheet.api_prices import market, price_list

from tokensheet_templates.declared import Own, line
from tokensheet_templates.inputs_sheet import serial
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.plumbing import index, lowest

FIELDS = ("input", "cache_write", "cache_read", "output")
OLD = 90  # days


def write_market(book: Kernel, models: int) -> None:
    """Eight price lists as of the workbook's day; numbers to type over."""
    rows = [price_list(provider, model, book.today.isoformat()) for provider, model in market()]
    page = book.page(
        "Market", "What others charge, at our mix of tokens, and what we would earn at their prices.", 10, 13
    )
    page.name_rows("market", "Prices of the market", {"market_number": range(1, len(rows) + 1)},
                   names=[f"{row['provider']} {row['model']}" for row in rows])  # fmt: skip
    given: list[Any] = [
        Own(f"market_{field}", field.replace("_", " ").capitalize(), "$/Mtok", "market_number", 0, 1e4, values=[
            1e6 * (row[field] if row[field] is not None else row["input"]) for row in rows
        ]) for field in FIELDS
    ]  # fmt: skip
    dates = [serial(date.fromisoformat(row["date"])) for row in rows]
    given.append(Own("market_date", "Date of the list", "date", "market_number", 40000, 80000, values=dates))
    page.lay("Prices", given, down="market")
    for row in dict.fromkeys(each["source"] for each in rows):
        page.put(
            page.row, 0, f"Source: {row}; a cache price that is not published counts as the input price.", "note small"
        )
        page.row += 1
    page.row += 1
    shares = ("input_share", "write_share", "read_share", "output_share")
    page.take(shares)
    page.axis("our_number", "Number of our model", range(1, models + 1), "note whole")
    page.lay("Ours, standard", [
        line("our_name", "Model", "text", index, ("all:models", "our_number"), "right shrink link"),
        line("our_price", "Price at our mix", "$/Mtok", lambda prices, model, tiers: index(prices, (model - 1) * tiers + 1),
             ("all:line_price", "our_number", "tier_count")),
        line("our_cost", "Cost at our mix", "$/Mtok", lambda costs, model, tiers: index(costs, (model - 1) * tiers + 1),
             ("all:line_cost", "our_number", "tier_count")),
    ], across="our_number")  # fmt: skip
    page.lay("Theirs", [
        line("market_blend", "Price at our mix", "$/Mtok", lambda market_input, input_share, market_cache_write, write_share,
             market_cache_read, read_share, market_output, output_share: market_input * input_share
             + market_cache_write * write_share + market_cache_read * read_share + market_output * output_share),
        line("gap", "Our price over theirs, less one", "%", lambda our_price, market_blend: our_price / market_blend - 1),
        line("implied", "What would be left of their price at our cost", "%", ts.margin, ("market_blend", "our_cost")),
    ], across="our_name", down="market")  # fmt: skip
    oldest = lowest(book.blocks["market_date"])
    book.alert(f"Market: no price list is older than {OLD} days", book.blocks["as_of"].cell - oldest <= OLD)
