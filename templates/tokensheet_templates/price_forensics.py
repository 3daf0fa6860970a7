"""The template price-forensics: what published price lists give away of the models and the service behind them."""

from __future__ import annotations

from tokensheet_templates import estimate
from tokensheet_templates.declared import Input, number, picks
from tokensheet_templates.forensic_board import write_board, write_sensitivity
from tokensheet_templates.forensic_lists import LISTS, write_lists, write_margins, write_modes
from tokensheet_templates.forensic_readings import write_fit, write_implied
from tokensheet_templates.kernel import Kernel
from tokensheet_templates.template import template
from tokensheet_templates.unit_costs import GIVEN, SERVED, write_cost

# A model of the catalogue to take for the one behind a list that does not say; not a claim
STAND_IN = "DeepSeek-V4-Pro"
STAND_INS = {"gpt-6-astra": "Kimi-K3", "claude-opus-5-5": "Kimi-K3", "mistral-large-4": "DeepSeek-V3.2"}
INPUTS: dict[str, list[Input]] = {
    "Behind the lists": [
        picks("models", "Model that it may be", ["gpt-oss-120b", "DeepSeek-V3.2", STAND_IN, "Kimi-K3"], "model"),
        Input("assumed", "Model assumed behind", "",
              tuple((None, STAND_INS.get(each, STAND_IN), None) for each in LISTS),
              choices="model", each=tuple(LISTS), plural=True, note="one of the four above"),
        picks("chip_picks", "Chip that it may run on", ["B200 SXM", "GB200 NVL72", "MI355X"], "chip"),
        number("chips", "Chips of a replica", "chips", 16, 1, 72),
        *estimate.terms("fp4"),
        number("rent_factor", "Rent that they pay over ours", "ratio", (1.2, 1, 0.7), 0.1, 5),
    ],
    "Their service": [
        number("tpot", "Time per output token that users see", "ms", 30, 1, 1000),
        number("most_batch", "Largest batch that an engine runs", "sequences", 2048, 1, 4096),
        number("planned_utilization", "Utilization", "%", (0.35, 0.5, 0.65), 0.05, 0.95),
        number("peak_to_mean", "Peak traffic over mean", "ratio", (2.5, 2, 1.5), 1, 10),
        number("input_tokens", "Prompt", "tokens", 3000, 1, 1e6),
        number("cached_share", "Cached share of the prompt", "%", (0.7, 0.5, 0.3), 0, 0.95),
        number("output_tokens", "Answer", "tokens", 400, 1, 1e5),
        number("cache_seconds", "Time that a cached token is held", "s", 300, 0, 1e6, style="whole"),
        number("cache_price", "Memory that holds it", "$/GB-hour", 0.004, 0, 10),
        number("cache_bandwidth_store", "Bandwidth of that memory", "bytes/s", 50e9, 1e9, 1e13, style="network"),
        number("list_discount", "Discount off the list that customers get", "%", (0.3, 0.1, 0), 0, 0.9),
    ],
    "How the lists are read": [
        number("assumed_margin", "Gross margin that they are after", "%", (0.4, 0.6, 0.75), 0, 0.95),
        number("prefill_mfu", "MFU of their prefill", "%", (0.3, 0.4, 0.5), 0.05, 1),
        number("size_factor", "Active parameters over those of the model assumed", "ratio", (0.5, 1, 2), 0.05, 20),
        number("fast_speed", "Speed of a fast mode over the standard", "ratio", (1.5, 2, 2.5), 1, 10),
        number("list_seen", "Number of the price list looked at", "number", 1, 1, len(LISTS)),
        number("worst_fit", "Factor by which the best fit may be off", "ratio", 3, 1, 100),
        number("use_least", "Least utilization in the two-way table", "%", 0.2, 0.05, 0.5),
        number("use_span", "Step of utilization there", "%", 0.1, 0.01, 0.2),
    ],
    **estimate.estimate(SERVED, *GIVEN, "own_chips"),
}  # fmt: skip
SHEETS = {
    "Cost": "What tokens would cost for each model on each chip, every step of it",
    "Lists": "The published prices, and what they say of each other",
    "Margins": "What is left of each list on each chip, at the low end, the estimate and the high end of the cost",
    "Implied": "Utilization, batch, MFU and KV cache that the lists give away, and the model that fits best",
    "Sensitivity": "What moves the margin of a list most, and each list by utilization",
}
HOW = (
    "Put the lists to read on Catalogue, with what they charge by batch, for speed and for long prompts; pick on "
    "Inputs the model that may stand behind each and the chips it may run on; read Board."
)


@template("price-forensics", "What a price list gives away", audience="Whoever has to judge the prices of others: "
          "investors, buyers of tokens, competitors.", how=HOW, sheets=SHEETS, inputs=INPUTS)  # fmt: skip
def price_forensics(book: Kernel) -> None:
    """Eight published price lists read backwards: margin, utilization, batch, MFU, KV cache and likely model."""
    book.catalogue(market=True)
    write_modes(book, book.pages["Catalogue"])
    write_cost(book, {"standard": "tpot"})
    write_lists(book)
    write_margins(book)
    write_implied(book)
    write_fit(book)
    write_sensitivity(book)
    write_board(book)
