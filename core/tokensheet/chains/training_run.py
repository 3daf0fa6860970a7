"""A training run: its compute, its time and its rent."""

from tokensheet.chain import Chain
from tokensheet.chain import Quantity as Q
from tokensheet.training import training_cost, training_flops, training_time

TRAINING_RUN = Chain((
    Q("training_flops", "Compute", training_flops, ("active_params", "training_tokens")),
    Q("training_time", "Time", training_time, ("training_flops", "chips", "chip_flops", "mfu")),
    Q("training_cost", "Rent", training_cost, ("training_time", "chips", "usd_per_hour")),
))  # fmt: skip
