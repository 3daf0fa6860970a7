"""What a sheet about one model on one chip looks up on Catalogue, and what has to hold of it."""

from __future__ import annotations

from tokensheet.chain import Chain

from tokensheet_templates import catalogue
from tokensheet_templates.book import Blocks
from tokensheet_templates.declared import line, number
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.page import Page
from tokensheet_templates.plumbing import index

# The rent as an input moves it: of a chain that has this, `usd_per_hour` is not given
RENT = line("usd_per_hour", "Rent that counts", "$/hour", lambda listed_rent, rent_factor: listed_rent * rent_factor)
RENT_FACTOR = number("rent_factor", "Rent over that of Catalogue", "ratio", (1.2, 1, 0.8), 0.1, 10)
UNITS = {
    **{f"{key}_row": "number" for key in ("precision", "kv_precision", "chip", "model", "band")},
    **{f"{key}_listed": "0 or 1" for key in ("precision", "kv_precision", "chip", "model")},
    "other_bytes": "bytes", "rate": "number", "chip_band": "number", "model_unseen": "0 or 1", "rent": "$/hour",
}  # fmt: skip


def with_look_ups(blocks: Blocks, chain: Chain) -> Chain:
    """A chain behind what it needs of the chip, the model and the formats that Inputs picks."""
    rents = f"all:{catalogue.AT}usd_per_hour"
    return Chain((
        *catalogue.of_formats(blocks), *catalogue.of_chip(blocks, chain), *catalogue.of_model(blocks, chain),
        *catalogue.of_band(blocks),
        line("listed_rent", "Rent that counts on Catalogue", "$/hour", index, (rents, "chip_row")),
        *chain,
    ))  # fmt: skip


def lay_looked_up(book: Kernel, page: Page, title: str, chain: Chain) -> None:
    """The chain with what it takes over, and that it has what it needs."""
    page.take(chain.given())
    page.lay(title, [*chain], units=UNITS)
    shaped, rent = (book.blocks[key].cell for key in ("shaped", "usd_per_hour"))
    book.expect(f"{page.name}: the shape of the model is known, without which there is no estimate", shaped == 1)
    book.expect(f"{page.name}: the chip has a rent", rent > 0)
