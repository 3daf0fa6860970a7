"""Acme's template: an offer to one customer."""

from typing import Any

from tokensheet_templates.declared import line, number
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.template import template

from tokensheet_acme.functions import acme_price

INPUTS = {
    "Offer": [
        number("cost", "Cost of a million tokens", "$/Mtok", (0.6, 0.5, 0.4), 0.001, 1000),
        number("markup", "Price over cost", "ratio", 1.25, 1, 10),
        number("tokens", "Tokens of a month", "Mtok", 1000, 0, 1e9),
    ]
}


def times(price: Any, tokens: Any) -> Any:
    return price * tokens


@template("offer", "An offer", audience="Acme's customers.", how="Change Inputs, read Board.",
          sheets={"Offer": "Price and revenue"}, inputs=INPUTS, catalogue=False)  # fmt: skip
def offer(book: Kernel) -> None:
    """What Acme charges a customer for a million tokens, and for a month."""
    book.page("Offer", "By Acme's rule, per million tokens.").lay("The offer", [
        line("price", "Price", "$/Mtok", acme_price, ("cost", "markup")),
        line("month", "A month", "$", times, ("price", "tokens")),
    ])  # fmt: skip
    book.page("Board", "The offer.").lay("The offer", [line("offered", "A month", "$", times, ("price", "tokens"))])
