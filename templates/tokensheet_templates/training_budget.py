"""The template training-budget: what a model costs to train, by what, and what it has to earn over its life."""

from __future__ import annotations

from datetime import date

from tokensheet.chain import Chain

from tokensheet_templates import estimate
from tokensheet_templates.declared import number, pick, serial
from tokensheet_templates.kernel import Kernel, catalogue_date
from tokensheet_templates.template import template
from tokensheet_templates.training_board import write_board
from tokensheet_templates.training_cases import write_sensitivity
from tokensheet_templates.training_life import write_life
from tokensheet_templates.training_run import write_run

HOFFMANN = "Hoffmann et al., 2022, arXiv 2203.15556"
NEWEST = serial(date.fromisoformat(catalogue_date()))
EPOCH = "Cottier et al., Epoch, 2024, arXiv 2405.21015"

INPUTS = {
    "The model and its final run": [
        pick("model", "Model, or one of its shape", "DeepSeek-V3", "model"),
        pick("chip", "Chip", "H100 SXM", "chip"),
        pick("precision", "Format of the arithmetic", "bf16", ("bf16", "fp8")),
        estimate.terms()[-1],
        number("size", "Parameters over those of that model", "ratio", 1, 0.001, 1000),
        number("run_tokens", "Tokens of the final run", "billion tokens", (18e3, 14.8e3, 12e3), 1, 1e5),
        number("run_context", "Tokens of a sequence; 0 leaves attention out", "tokens", 4096, 0, 1e7),
        number("run_chips", "Chips", "chips", 2048, 1, 1e6),
        number("rent_level", "Rents over those of today", "ratio", (1.2, 1, 0.85), 0.1, 5),
        number("run_mfu", "Share of the FLOP/s that training reaches", "%", (0.28, 0.35, 0.42), 0.1, 0.65),
        number("lost", "Failures and restarts, over the run", "%", (0.2, 0.1, 0.05), 0, 1),
    ],
    "Experiments and reinforcement learning": [
        number("ablations", "Experiments over the final run", "ratio", (4, 3, 1.5), 0, 10),
        number("rollouts", "Tokens that reinforcement learning generates", "billion tokens", (400, 200, 100), 0, 1e5),
        number("trained_share", "Share of them that is trained on", "%", 0.5, 0, 1),
        number("trained_flops", "FLOPs per parameter and token of that", "FLOP", 6, 0, 12),
        number("scoring", "Further forward passes over each", "number", 2, 0, 10),
        number("rl_mfu", "Its MFU over that of the final run", "%", (0.15, 0.25, 0.4), 0.01, 1),
    ],
    "Energy, people and data": [
        pick("energy_paid", "Energy is paid", "with the rent", ("with the rent", "beside the rent")),
        number("power_w", "Power of a chip with its share of the server", "W", (1500, 1300, 1150), 1, 1e5),
        number("pue", "Power of the site over that of its chips", "ratio", 1.25, 1, 3),
        number("usd_per_kwh", "Electricity", "$/kWh", 0.08, 0, 2),
        number("people", "People", "people", (150, 100, 60), 0, 1e5),
        number("person_cost", "A person a year", "$", (6e5, 4.5e5, 3.5e5), 0, 9e6),
        number("project", "Months that they work on it", "months", (15, 12, 9), 0, 120),
        number("data", "Data", "million $", (20, 10, 5), 0, 1e5),
    ],
    "Its life": [
        number("day_tokens", "Tokens served a day", "billion tokens", (200, 500, 1000), 0.1, 1e5),
        number("ramp", "Months until so many are", "months", 6, 1, 36),
        number("life_days", "Time in service", "days", (365, 540, 720), 1, 1080),
        number("survival", "Probability that it is the one that ships", "%", (0.5, 0.7, 0.9), 0.01, 1),
        number("serving_mfu", "MFU of serving over that of the final run", "%", (0.2, 0.3, 0.4), 0.01, 1),
        number("price", "Price of a million tokens", "$/Mtok", (0.8, 1.2, 1.6), 0, 1000),
        number("gross_margin", "Gross margin on it, as of the price book", "%", (0.5, 0.6, 0.7), 0, 0.95),
        number("tokens_per_param", "Optimal tokens for each parameter", "tokens", 20, 1, 1000, source=HOFFMANN),
        number("law_a", "Loss by parameters: factor", "nats", 406.4, 1, 1e4, source=HOFFMANN),
        number("law_alpha", "Loss by parameters: exponent", "ratio", 0.34, 0.05, 1, source=HOFFMANN),
        number("law_b", "Loss by tokens: factor", "nats", 410.7, 1, 1e4, source=HOFFMANN),
        number("law_beta", "Loss by tokens: exponent", "ratio", 0.28, 0.05, 1, source=HOFFMANN),
        number("least_rest", "Least share of the loss that is left to parameters", "%", 0.05, 0.001, 0.5),
    ],
    "Memory and usual shares": [
        number("kept_bytes", "Weight, gradient and optimizer of a parameter", "bytes/parameter", 16, 1, 64),
        number("chip_tokens", "Tokens that a chip trains on at a time", "tokens", 4096, 1, 1e7),
        number("kept_values", "Values kept per layer, token and unit of width", "values", 2, 0, 100),
        number("value_bytes", "A value", "bytes/value", 2, 1, 8),
        number("free_memory", "Share of the memory kept free", "%", 0.1, 0, 0.9),
        number("prices_seen", "Day on which prices were looked at", "day", NEWEST, 40000, 80000, source="catalogue"),
        number("energy_least", "Least share of energy that is usual", "%", 0.02, 0, 1, source=EPOCH),
        number("energy_most", "Most share of energy that is usual", "%", 0.06, 0, 1, source=EPOCH),
    ],
    "Two-way table": [
        number("rent_span", "Step of rents", "%", 0.1, 0.01, 0.3),
        number("mfu_span", "Step of MFU", "%", 0.1, 0.01, 0.3),
    ],
    **{title: rules for title, rules in estimate.estimate(Chain(())).items() if rules},
}  # fmt: skip
SHEETS = {
    "Training": "FLOPs, time, chip-hours and dollars of the final run, of experiments and of reinforcement learning",
    "Life": "What it serves and earns, how long to train, and what training adds to a token",
    "Sensitivity": "What moves the budget most, and rents by MFU in a two-way table",
}
HOW = (
    "Pick a model and a chip on Inputs, or type your own on Catalogue; set tokens, MFU, people and data; read Board. "
    "In the low scenario it costs most and earns least."
)


@template("training-budget", "What training costs, and when it has paid", audience="Whoever plans or approves a "
          "training run: research, finance, the board.", how=HOW, sheets=SHEETS, inputs=INPUTS)  # fmt: skip
def training_budget(book: Kernel) -> None:
    """The budget of a training run by what it is spent on, and the tokens that it has to serve to be worth it."""
    book.catalogue()
    write_run(book)
    write_life(book)
    write_sensitivity(book)
    write_board(book)
