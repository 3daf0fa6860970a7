"""The inputs that every estimate of serving takes: formats and terms, the rules of a layout, the fitted constants."""

from __future__ import annotations

from tokensheet.calibration import calibration
from tokensheet.chain import Chain
from tokensheet.glossary import GLOSSARY, meaning
from tokensheet.numbers import FORMATS, KV_FORMATS, NIC, PCIE, defaults
from tokensheet.own_constants import own_constants
from tokensheet.rents import BASES, BASIS

from tokensheet_templates.declared import Input, number, pick
from tokensheet_templates.plumbing import briefly
from tokensheet_templates.ranges import limits_of

SPREAD = 10  # how many times smaller or larger a rule or constant may be made
RULES = {"pcie": PCIE, "nic": NIC}


def terms(precision: str = "fp8", kv_precision: str = "fp8", basis: str = BASIS) -> list[Input]:
    """In which formats one serves, and on which terms chips are had."""
    return [
        pick("precision", "Precision of the weights", precision, tuple(FORMATS), source="catalogue"),
        pick("kv_precision", "Precision of the KV cache", kv_precision, tuple(KV_FORMATS), source="catalogue"),
        pick("price_basis", "Price basis of the chips", basis, BASES, source="catalogue"),
    ]


def estimate(chain: Chain, *known: str) -> dict[str, list[Input]]:
    """What else a chain has to be given and has a default: the rules of a layout and the estimate's constants."""
    fitted = {row["name"]: row for row in calibration()}
    values = defaults() | RULES
    needed = [key for key in (*chain.given(), *RULES, "node") if key in values and key not in known]
    keys = list(dict.fromkeys(needed))
    rules = [rule(chain, key, values[key]) for key in keys if key not in fitted]
    constants = [rule(chain, key, values[key], source_of(key, fitted[key])) for key in keys if key in fitted]
    return {"Layout and rules": rules, "Constants of the estimate": constants}


def rule(chain: Chain, key: str, value: float, source: str = "a rule of tokensheet") -> Input:
    (_, lower), (_, upper) = limits_of(chain, key)
    least = max(lower, value / SPREAD)
    most = min(upper, value * SPREAD) if value else min(upper, 1e5)
    words, unit = meaning(key)
    label = briefly(key) if key in GLOSSARY else words
    least = least if value else max(0, lower)
    return number(key, label, unit, value, least, most, source=source, owner="tokensheet")


def source_of(key: str, row: dict[str, str]) -> str:
    if key in own_constants():
        return "your calibration"
    return f"fitted: 90 % from {row['low']} to {row['high']}" if row["low"] else "set, not fitted"
