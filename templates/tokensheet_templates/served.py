"""What serving costs, in dollars per million tokens, or in words why there is no number."""

from __future__ import annotations

from typing import Any

import numpy as np
import tokensheet as ts
from tokensheet.chain import Quantity as Q
from tokensheet.chains import DECODE

from tokensheet_templates.plumbing import link

PRICED, UNFIT, UNPRICED, UNSHAPED, NOTHING = "priced", "does not fit", "no $/hour", "no layers", "–"
WORDS = (UNFIT, UNPRICED, UNSHAPED, NOTHING)  # that stand where a number would

# A grid drafts no tokens: who compares chips by it decodes one token of each sequence in a step
PLAIN = DECODE.replaced(
    *(Q(key, DECODE[key].label, link, (of,)) for key, of in (("tokens", "batch"), ("stage_tokens", "sequences")))
)


def floor_why(fits: Any, usd_per_hour: Any) -> Any:
    return np.where(fits, np.where(usd_per_hour > 0, PRICED, UNPRICED), UNFIT)


def why(fits: Any, shaped: Any, floor_why: Any) -> Any:
    return np.where(fits & (shaped < 1), UNSHAPED, floor_why)


def million(why: Any, cost: Any) -> Any:
    return np.where(why == PRICED, ts.cost_per_million(cost), why)


def binding(fits: Any, binds: Any, fewest_chips: Any) -> Any:
    return np.where(fits, binds, "needs " + fewest_chips)


def served_ms(fits: Any, shaped: Any, time: Any) -> Any:
    return np.where(fits & (shaped > 0), time * 1000, NOTHING)


def floor_ms(fits: Any, time: Any) -> Any:
    return np.where(fits, time * 1000, NOTHING)


def longest(whole: Any, compute: Any, weights: Any, kv: Any) -> Any:
    return np.where((compute <= whole) & (weights + kv <= whole), 1, 0)
