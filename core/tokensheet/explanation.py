"""Why does it cost that? A chain's terms with their values, their shares, and what would change the answer most.

A share is an elasticity: by how many per cent the answer changes when a term does by one. The times that add up to a
step have shares that add up to one; of those that run side by side, the one that binds has it all.
"""

from __future__ import annotations

import html
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tokensheet.amounts import amount
from tokensheet.as_of import day
from tokensheet.asked import Asked, ask
from tokensheet.calibration import BAND_ROWS, seen
from tokensheet.chain import Chain, Quantity
from tokensheet.equation import check, determined, domains, excel_name, unchecked
from tokensheet.frames import frame
from tokensheet.glossary import GLOSSARY, argument, meaning, returned
from tokensheet.names import Names
from tokensheet.own_constants import SLOWDOWN, own_constants
from tokensheet.plausible import notes

if TYPE_CHECKING:
    import pandas as pd

STEP = 1e-6  # relative, of the differences that elasticities are taken from
LEVERS = 10  # lines of what changes the answer
WIDE_BAR = 20  # characters of a share of 1
SMALL = 0.0005  # a share that is not worth a line


@dataclass(frozen=True)
class Term:
    """A quantity of an answer: what it is, its value, and by how many per cent the answer follows one of it."""

    key: str
    label: str
    value: Any
    unit: str
    share: float

    def __str__(self) -> str:
        return f"{self.label}: {self.amount}"

    @property
    def amount(self) -> str:
        """Its value as a person reads it."""
        return amount(self.value, self.unit)


@dataclass(frozen=True)
class Explanation:
    """An answer and what it comes from."""

    function: str
    answer: Term
    terms: tuple[Term, ...]
    """Every quantity of the chain, in the order in which they are computed."""
    inputs: tuple[Term, ...]
    """What was given and looked up, that which changes the answer most first."""
    parts: tuple[Term, ...]
    """The times that no other times make up, the largest share first."""
    binds: str
    """What binds the roofline: compute, weights or kv; empty where there is none."""
    notes: tuple[str, ...] = ()
    """What to know of it: constants of one's own, the day of the rent, what was never measured, unlikely inputs."""

    def __str__(self) -> str:
        """The explanation as lines of a terminal, without the steps between."""
        levers = [each for each in self.inputs if abs(each.share) > SMALL]
        sections = {
            "What it is made of": columns(
                [f"{each.share:.1%}", bar(each.share), each.label, each.amount] for each in self.parts
            ),
            "What one per cent more of it changes, in per cent": columns(
                [f"{each.share:+.2f}", each.key, each.amount] for each in levers[:LEVERS]
            ),
        }
        if len(levers) > LEVERS:
            less = f"{abs(levers[LEVERS].share):.2f}"
            sections["What one per cent more of it changes, in per cent"] += [
                f"  and {len(levers) - LEVERS} more that change it by {less} or less"
            ]
        return "\n".join([*self.headline(), *titled(sections)])

    def headline(self) -> list[str]:
        """The answer, what binds it, and what to know of it."""
        bound = [f"The roofline is bound by {self.binds}."] if self.binds else []
        return [str(self.answer), *bound, *(f"{each}." for each in self.notes)]

    def steps(self) -> str:
        """Every quantity on the way to the answer with its value and share, and every input, as lines of a terminal."""
        sections = {
            "Step by step, and the share of each": [[each.label, each.amount, share(each)] for each in self.terms],
            "What goes in": [[each.key, each.amount, share(each), each.label] for each in self.inputs],
        }
        return "\n".join(titled({title: columns(rows) for title, rows in sections.items()}))

    def _repr_html_(self) -> str:
        """The same as __str__ where a notebook shows it."""
        return f"<pre>{html.escape(str(self))}</pre>"

    def sentence(self) -> str:
        """The explanation in the length of a cell."""
        parts = ", ".join(f"{within(each.label)} {each.share:.0%}" for each in self.parts[:5] if each.share >= 0.005)
        levers = ", ".join(f"{each.key} {each.share:+.2f}" for each in self.inputs[:5] if abs(each.share) > SMALL)
        text = f"{shown(self.answer.value)} {self.answer.unit}".rstrip()
        text += f" = {parts}" if parts else ""
        text += f"; the roofline is bound by {self.binds}" if self.binds else ""
        text += "".join(f"; {within(each)}" for each in self.notes)
        return text + (f"; one per cent more of these changes it by so many per cent: {levers}" if levers else "")

    def as_data(self) -> dict[str, Any]:
        """All of it as plain data."""
        named = {name: [vars(each) for each in getattr(self, name)] for name in ("parts", "terms", "inputs")}
        return {"function": self.function, **vars(self.answer), "binds": self.binds, "notes": [*self.notes], **named}

    def to_frame(self) -> pd.DataFrame:
        """Terms and inputs as a pandas frame."""
        return frame([vars(each) for each in (*self.terms, *self.inputs)]).set_index("key")


def explain(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Explanation:
    """Say why an equation or a function over names gives what it gives.

    Parameters
    ----------
    function : callable
        The function itself, such as `tokensheet.decode_cost`.
    *args, **kwargs
        Its arguments, each a single number or name.

    Returns
    -------
    Explanation
        The terms with their values, units and shares; print it to read it.

    Examples
    --------
    >>> from tokensheet import read_time
    >>> why = explain(read_time, 671e9, 3.35e12)
    >>> [(term.key, round(term.share, 3)) for term in why.inputs]
    [('size', 1.0), ('bandwidth', -1.0)]
    """
    if isinstance(function, str) or not (hasattr(function, "chain") or hasattr(function, "formula")):
        raise TypeError(f"give an equation or a function over names itself, such as decode_cost, not {function!r}")
    bound = inspect.signature(function).bind(*args, **kwargs)
    bound.apply_defaults()
    for name, domain in domains(function).items():
        value = bound.arguments[name]
        if value is not None:
            number = check(function, name, domain, value)
            bound.arguments[name] = value if isinstance(value, bool) else number  # a note says that it is TRUE
    asked = ask(function, bound.arguments) if hasattr(function, "chain") else of_equation(function, bound.arguments)
    determined(function, asked.answer(), [], {}).raised()  # an error says what is not known, or has no result
    return explained(excel_name(function), asked)


def of_equation(function: Any, values: dict[str, Any]) -> Asked:
    """An equation as a chain of itself."""
    label = returned(function)[0]
    chain = Chain((Quantity(function.__name__, label, function, tuple(values)),))
    return Asked(chain, function.__name__, dict(values), Names([{}]), Names([{}]), Names([{}]))


def explained(name: str, asked: Asked) -> Explanation:
    chain = asked.chain.of(asked.key)
    values = chain.evaluate({key: asked.values[key] for key in chain.given()})
    shares = elasticities(chain, asked.key, values)
    units = units_of(chain)

    def term(key: str, label: str) -> Term:
        return Term(key, label, plain(values[key]), units[key], shares.get(key, 0.0))

    terms = tuple(term(each.key, each.label) for each in chain)
    inputs = tuple(term(key, label_of(key)) for key in chain.given())
    parts = [term(key, label) for key, label in first_times(chain, units).items() if key != asked.key]
    known = asked.chain.evaluate(asked.values, "binds") if any(each.key == "binds" for each in asked.chain) else {}
    return Explanation(
        function=name,
        answer=next(each for each in terms if each.key == asked.key),
        terms=terms,
        inputs=tuple(sorted(inputs, key=lambda each: -abs(each.share))),
        parts=tuple(sorted((each for each in parts if each.share > SMALL), key=lambda each: -each.share)),
        binds=str(known.get("binds", "")),
        notes=(*notes_of(asked, chain), *notes({key: asked.values[key] for key in chain.given()}, units)),
    )


def notes_of(asked: Asked, chain: Chain) -> tuple[str, ...]:
    """What to know of an answer: whose constants and which rent it rests on, and what was never measured."""
    own = own_of(asked, chain.given())
    rent = day() if asked.chip and "usd_per_hour" in chain.given() else ""
    found = (
        f"With constants of your own: {', '.join(own)}" if own else "",
        f"With the rent that was known on {rent}" if rent else "",
        unmeasured(asked, chain),
    )
    return tuple(filter(None, found))


def own_of(asked: Asked, given: list[str]) -> tuple[str, ...]:
    """The constants of one's own among what a chain is given; one's slowdown is in that of the software."""
    if not asked.chip:
        return ()  # an equation, whose defaults are the published ones
    own = own_constants()
    used = {name for name in own if name in given and asked.values[name] == own[name]}
    return tuple(name for name in own if name in used or (name == SLOWDOWN and "software" in given))


def unmeasured(asked: Asked, chain: Chain) -> str:
    """What no measurement went into the estimate of, where the answer rests on the estimate's constants."""
    if not asked.chip or not {"layer_latency", "bandwidth_efficiency"} & {*chain.given()}:
        return ""
    known = seen()
    rows = {"chip": asked.chip, "model": asked.model}
    names = [row["name"] for kind, row in rows.items() if row["name"] not in known[kind]]
    text = f"The estimate was fitted without {' and '.join(names)}" if names else ""
    vendors = {each["vendor"] for each in BAND_ROWS}
    if text and asked.chip.get("vendor") not in vendors:
        text += f", and without any chip of {asked.chip.get('vendor') or 'its vendor'}: little more than a guess"
    return text


def first_times(chain: Chain, units: dict[str, str]) -> dict[str, str]:
    """The times that rest on no other times, with their labels: given ones too that do not go into one of these."""
    found: dict[str, str] = {}
    behind: set[str] = set()
    for each in chain:
        if behind & {*each.inputs}:
            given = [key for key in each.inputs if key in chain.given() and units[key] == "s"]
            found |= {key: label_of(key) for key in given}
        elif each.unit == "s":
            found[each.key] = each.label
        if each.unit == "s" or behind & {*each.inputs}:
            behind.add(each.key)
    return found


def elasticities(chain: Chain, key: str, values: dict[str, Any]) -> dict[str, float]:
    """Of the answer to each quantity and input, backwards from the answer: the shares of its shares."""
    found = {key: 1.0}
    with unchecked():
        for each in reversed(chain):
            for place, name in enumerate(each.inputs):
                share = found.get(each.key, 0.0) and found[each.key] * elasticity(each, place, values)
                found[name] = found.get(name, 0.0) + share
    return found


def elasticity(quantity: Quantity, place: int, values: dict[str, Any]) -> float:
    """By how many per cent the quantity changes when its input at that place does by one."""
    inputs = [values[key] for key in quantity.inputs]
    here = plain(values[quantity.key])
    if isinstance(here, str) or not here or not inputs[place]:
        return 0.0
    slopes = []
    for change in (STEP, -STEP):
        moved = [value * (1 + change) if at == place else value for at, value in enumerate(inputs)]
        slopes.append((float(quantity.equation(*moved)) / float(here) - 1) / change)
    return min(slopes, key=abs)  # where a rule jumps, such as a number of chips, the side that does not


def units_of(chain: Chain) -> dict[str, str]:
    """The unit of every key; of an equation's own arguments from its docstring."""
    units = {each.key: each.unit for each in chain}
    for each in chain:
        for key, parameter in zip(each.inputs, inspect.signature(each.equation).parameters, strict=False):
            own = key == parameter or key not in GLOSSARY  # an equation's argument may mean something else there
            units.setdefault(key, argument(each.equation, parameter)[1] if own else meaning(key)[1])
    return {key: "" if unit == "any unit" else unit for key, unit in units.items()}


def label_of(key: str) -> str:
    return meaning(key)[0] if key in GLOSSARY else key


def within(label: str) -> str:
    """A label as it stands within a sentence."""
    return label if label[:2].isupper() else label[0].lower() + label[1:]


def plain(value: Any) -> Any:
    return value.item() if isinstance(value, (np.ndarray, np.generic)) else value


def shown(value: Any) -> str:
    """Four digits, whole numbers up to a million in full."""
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if value == int(value) and abs(value) < 1e6 else f"{value:.4g}"


def share(term: Term) -> str:
    return f"{term.share:.1%}" if abs(term.share) > SMALL else ""


def bar(part: float) -> str:
    """A share as a bar, in eighths of a character."""
    eighths = round(8 * WIDE_BAR * part)
    return "█" * (eighths // 8) + " ▏▎▍▌▋▊▉"[eighths % 8].strip()


def columns(rows: Iterable[Sequence[str]]) -> list[str]:
    """Lines of cells that stand below each other."""
    table = list(rows)
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return ["  " + "  ".join(map(str.ljust, row, widths)).rstrip() for row in table]


def titled(sections: Mapping[str, Sequence[str]]) -> list[str]:
    """Sections one below the other, those that have something in them."""
    return [line for title, lines in sections.items() if lines for line in ("", title, *lines)]
