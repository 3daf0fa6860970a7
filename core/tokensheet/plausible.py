"""What is legal and yet unlikely: a rate a thousand times off, part of a chip, more active parameters than there are.

It gives a result all the same, and a note beside it. The rules are the two tables; their tests are traceable, so that
a workbook's alerts are written from the same.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from tokensheet.glossary import GLOSSARY, meaning


class Usual(NamedTuple):
    """From where to where numbers of such a name and unit lie today, generously, and what to look at in others."""

    names: str
    """A pattern of whole names."""
    unit: str
    least: float
    most: float
    hint: str
    whole: bool = False


class AtMost(NamedTuple):
    """A part, and the whole that it is one of."""

    part: str
    whole: str


RATE = 'a rate is in FLOP/s, as 989e12 or "989T"'
BANDWIDTH = 'bandwidth is in bytes/s, as 3.35e12 or "3.35T"'
SECONDS = "time is in seconds: 50 ms are 0.05"
# The first that fits a name and its unit counts
USUAL = (
    # the load
    Usual(".*batch", "sequences", 1, 1e5, "a step has at least one sequence"),
    Usual("users", "users", 1, 1e6, "it counts those who are served at once"),
    Usual(".*context|.*prompt|.*answer|(in|out)put_tokens", "tokens", 1, 1e7,
          "tokens of one sequence, of which no published model takes more than 10 million"),
    Usual("training_tokens", "tokens", 1e6, 1e15, 'tokens are counted in full, as 15e12 or "15T"'),
    # the model
    Usual(".*params", "parameters", 1e6, 5e13, 'parameters are counted in full, as 671e9 or "671B"'),
    Usual("kv_bytes_per_token", "bytes/token", 1e3, 1e7, "the cache of one token in all layers, as 70e3"),
    Usual("bytes|dense_bytes|kv_width|activation_bytes", "bytes", 0.1, 4, "2 for bf16, 1 for fp8: bytes, not bits"),
    # the chips
    Usual("chips|(own|prefill)_chips|own_tensor_parallel|domain|node", "chips", 1, 1e6, "there is no part of a chip",
          whole=True),
    Usual(".*stages", "stages", 1, 500, "there is no part of a stage", whole=True),
    Usual("hbm", "bytes", 1e8, 5e12, 'memory is in bytes, as 80e9 or "80G"'),
    Usual("chip_flops|chip_bf16_flops|fp8_flops|fp4_flops", "FLOP/s", 1e13, 1e17, RATE),
    Usual(".*", "FLOP/s", 1e12, 1e22, RATE),
    Usual("chip_bandwidth", "bytes/s", 1e11, 3e14, BANDWIDTH),
    Usual("link_bandwidth|scale_out_bandwidth|pcie|nic", "bytes/s", 1e9, 1e13,
          'a link is in bytes/s one way, as 450e9 or "450G"'),
    Usual(".*", "bytes/s", 1e8, 1e19, BANDWIDTH),
    Usual(".*", "W", 10, 2e4, "power of one chip, in watts"),
    # times and shares
    Usual(".*tpot|max_latency", "s", 1e-4, 10, SECONDS),
    Usual("max_ttft|server_latency", "s", 1e-3, 600, SECONDS),
    Usual("step_time", "s", 1e-5, 100, SECONDS),
    Usual(".*utilization|.*mfu|.*efficiency", "fraction", 0.02, 1, "a share of what could be: half is 0.5"),
    Usual("pue", "ratio", 1, 2.5, "all power of a building over that of its servers"),
    # money
    Usual(".*", "USD/hour", 0.02, 100, "dollars for one chip and one hour, not for a server or a month"),
    Usual(".*", "USD/kWh", 0.005, 1, "dollars, not cents"),
    Usual(".*", "USD/token", 1e-10, 1e-3, "the price of one token: 15 dollars a million are 15e-6"),
    Usual("capex", "USD", 1e3, 5e5, "the price of one chip with its share of the server"),
)  # fmt: skip
AT_MOST = (
    AtMost("active_params", "total_params"),
    AtMost("active_experts", "total_experts"),
    AtMost("kv_heads", "heads"),
    AtMost("full_attention_layers", "layers"),
    AtMost("moe_layers", "layers"),
    AtMost("cached_tokens", "input_tokens"),
)


@functools.cache
def usual(name: str, unit: str) -> Usual | None:
    """The rule for numbers of that name and unit, if there is one."""
    return next((each for each in USUAL if unit == each.unit and re.fullmatch(each.names, name)), None)


def is_outside(value: Any, least: Any, most: Any) -> Any:
    """1 if a number is none of the usual; 0 stands for what there is none of."""
    return (value != 0) * ((value < least) + (value > most))


def is_more(part: Any, whole: Any) -> Any:
    """1 if a part is more than the whole."""
    return 1 * (part > whole)


def notes(values: Mapping[str, Any], units: Mapping[str, str] = {}) -> tuple[str, ...]:
    """What is unlikely among single values by name, in words with the way out; units where the glossary's do not hold.

    >>> notes({"bandwidth": 3350, "batch": 64})
    ('bandwidth 3350 is below the usual 1e+08 to 1e+19 bytes/s: bandwidth is in bytes/s, as 3.35e12 or "3.35T"',)
    """
    numbers = {name: value for name, value in values.items() if isinstance(value, (int, float, np.number))}
    found = [note(name, value, units.get(name) or unit_of(name)) for name, value in numbers.items()]
    found += [
        f"{part} {numbers[part]:g} is more than {whole} {numbers[whole]:g}, which it is a part of"
        for part, whole in AT_MOST
        if part in numbers and whole in numbers and is_more(numbers[part], numbers[whole])
    ]
    return tuple(filter(None, found))


def note(name: str, value: Any, unit: str) -> str:
    """What is unlikely of a number; nothing if it is as usual."""
    if isinstance(value, bool):
        return f"{name} is {str(value).upper()}, which counts as {value:g}: give a number"
    rule = usual(name, unit)
    if rule and is_outside(value, rule.least, rule.most):
        side = "below" if value < rule.least else "above"
        return f"{name} {value:g} is {side} the usual {rule.least:g} to {rule.most:g} {rule.unit}: {rule.hint}"
    if rule and rule.whole and value % 1:
        return f"{name} {value:g} is no whole number: {rule.hint}"
    return ""


def unit_of(name: str) -> str:
    return meaning(name)[1] if name in GLOSSARY else ""
