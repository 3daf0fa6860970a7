"""The numbers that an input may be, from the domains of the equations that it goes into."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Sequence
from inspect import signature
from typing import Any

from tokensheet.chain import Chain
from tokensheet.equation import domains

Limits = Sequence[tuple[str, float]]  # such as [(">", 0.0), ("<=", 1.0)]
MOST = 1e18  # products of larger numbers overflow
OF_ALL = f">= {-MOST:g} and <= {MOST:g}"  # where nothing else limits a number


def limits_of(chain: Chain, key: str, own: str = "") -> Limits:
    """The strictest limits of the arguments that a key goes into, and of one's own, as `>= 1 and <= 8`."""
    texts = [own, OF_ALL]
    for quantity in chain:
        texts += [
            text for text, given in zip(domain_texts(quantity.equation), quantity.inputs, strict=False) if given == key
        ]
    return strictest(texts)


@functools.cache
def domain_texts(equation: Callable[..., Any]) -> list[str]:
    """The domain of each argument, in words."""
    known = domains(equation)
    return [known[name].text if name in known else "" for name in signature(equation).parameters]


def strictest(texts: Iterable[str]) -> Limits:
    found = [(sign, float(number)) for sign, number in re.findall(r"([<>]=?) (\S+)", " and ".join(texts))]
    lower = [limit for limit in found if ">" in limit[0]]
    upper = [limit for limit in found if "<" in limit[0]]
    return [
        max(lower, key=lambda limit: (limit[1], limit[0] == ">")),
        min(upper, key=lambda limit: (limit[1], limit[0] == "<=")),
    ]
