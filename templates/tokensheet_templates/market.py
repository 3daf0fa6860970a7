"""The sheet Market: our prices beside those of others, at our mix of tokens, and what we would earn at theirs."""

from __future__ import annotations

import tokensheet as ts

from tokensheet_templates.catalogue import MARKET
from tokensheet_templates.declared import line
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.ledger import age
from tokensheet_templates.plumbing import index

SHARES = ("input_share", "write_share", "read_share", "output_share")


def write_market(book: Kernel) -> None:
    """Each price list of the sheet Catalogue against our standard prices."""
    models, lists = len(book.blocks["models"].values), book.blocks["market_names"].values.size
    page = book.page("Market", "What others charge at our mix of tokens, per million, and what we would earn by it.")
    page.take((*SHARES, "tier_count"))
    page.name_rows("market", "Price lists", {"market_number": range(1, lists + 1)},
                   line("market", "", "", index, ("all:market_names", "market_number")))  # fmt: skip
    page.lay("Prices of the market", [
        line(f"theirs_{field}", field.replace("_", " ").capitalize(), "$/Mtok", index, (f"all:market_{field}",
             "market_number"))
        for field in MARKET
    ], down="market")  # fmt: skip
    page.axis("our_number", "Number of our model", range(1, models + 1))
    page.lay("Ours, standard", [
        line("our_name", "Model", "text", index, ("all:models", "our_number"), "right shrink link"),
        line("our_price", "Price at our mix", "$/Mtok", lambda prices, model, tiers: index(prices,
             (model - 1) * tiers + 1),
             ("all:line_price", "our_number", "tier_count")),
        line("our_cost", "Cost at our mix", "$/Mtok", lambda costs, model, tiers: index(costs, (model - 1) * tiers + 1),
             ("all:line_cost", "our_number", "tier_count")),
    ], across="our_number")  # fmt: skip
    page.lay("Beside ours", [
        line("market_blend", "Price at our mix", "$/Mtok", at_our_mix, (*(f"theirs_{field}" for field in MARKET),
             *SHARES)),
        line("gap", "Our price over theirs, less one", "%", lambda our_price, market_blend:
             our_price / market_blend - 1),
        line("implied", "Left of their price at our cost", "%", ts.margin, ("market_blend", "our_cost")),
    ], across="our_name", down="market")  # fmt: skip
    page.heat("implied")
    book.alert("Catalogue: no price list is older than 90 days", age(book, "market_date") <= book.blocks["old"].cell)


def at_our_mix(*prices_and_shares):  # type: ignore[no-untyped-def]
    """The sum of the prices, each by its share."""
    prices, shares = prices_and_shares[: len(SHARES)], prices_and_shares[len(SHARES) :]
    total = prices[0] * shares[0]
    for price, share in zip(prices[1:], shares[1:], strict=True):
        total = total + price * share
    return total
