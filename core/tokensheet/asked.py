"""What a call of a function over names asks of its chain: which key, of which numbers, and what has to hold.

Each name may be an array of them; where estimates, or measurements and none, stand beside each other, the chain has one
more quantity that takes at each place the one that is asked for.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from tokensheet import blocks
from tokensheet.calibration import BAND_ENDS, band_of
from tokensheet.catalogue import chips, models
from tokensheet.chain import Chain, Quantity
from tokensheet.chains import decode, prompt
from tokensheet.names import LaidOut, Names, laid_out, named
from tokensheet.numbers import (
    FORMATS,
    KV_FORMATS,
    defaults,
    lacking,
    numbers_of_band,
    numbers_of_chip,
    numbers_of_formats,
    numbers_of_model,
    numbers_of_power,
)
from tokensheet.outcomes import Condition, DoesNotFit, Outcome, Outcomes, Place, at
from tokensheet.rents import BASES, BASIS
from tokensheet.rows import Catalogue, Row, UnknownName, find

# What a quantity's key begins with, by the estimate that is asked for
ENDS = {"calibrated": "", "ideal": "ideal_", "low": "low_", "high": "high_"}
# The argument with a measurement of your own, and the quantity that it replaces
MEASUREMENTS = {"efficiency": decode.MEASURED, "mfu": prompt.MEASURED}
# Arguments that a chain decides itself where they are left out, and the input that they go into
OWN = {"chips": "own_chips", "tensor_parallel": "own_tensor_parallel", "stages": "own_stages"}
FITS = "fits"
SHORTAGE = ("weights_bytes", "kv_bytes", "chips")  # what there is to say where they do not
WHICH = "which"  # the input that says which of several estimates is asked for
KEPT = 4096  # questions, and chains made for them, of which the oldest are forgotten
# Texts of a choice, and what counts where none is given
CHOICES: dict[str, tuple[Collection[str], str | None]] = {
    "precision": (FORMATS, None),
    "kv_precision": (("", *KV_FORMATS), ""),
    "estimate": (ENDS, "calibrated"),
    "price_basis": (BASES, BASIS),
}


class Way(NamedTuple):
    """The places that a chain answers by one of its keys."""

    where: Any
    chain: Chain
    key: str


@dataclass(frozen=True)
class Asked:
    """A question put to a chain: which key, what is given, the rows that it is about, and what has to hold of them."""

    chain: Chain
    key: str
    values: dict[str, Any]
    models: Names
    chips: Names
    bases: Names
    conditions: Sequence[Condition] = ()
    blanks: Collection[str] = ()
    """The keys of numbers that the catalogue does not know of each chip and model: None, or NaN in an array."""
    ways: Sequence[Way] = ()
    """Where estimates are mixed, which part of the chain answers what."""

    @property
    def model(self) -> Row:
        return self.models.first  # type: ignore[no-any-return]

    @property
    def chip(self) -> Row:
        return self.chips.first  # type: ignore[no-any-return]

    @property
    def guarded(self) -> list[str]:
        """The quantity that says whether model and cache fit, where the chain has it."""
        return [each.key for each in self.chain if self.chip and each.key == FITS]

    @property
    def numbers(self) -> dict[str, Any]:
        """What is given to the chain, NaN for what is not known."""
        return {key: np.nan if value is None else value for key, value in self.values.items()}

    def needed(self) -> list[str]:
        """The keys that have to be given; an error says which name or number is not known."""
        required(self.known())
        return self.given_to(self.chain, self.key)

    def given_to(self, chain: Chain, key: str) -> list[str]:
        return chain.of(key, *self.guarded, given=self.values).given()

    def answer(self) -> Any:
        """The value of the key; an error says what is not known, or that model and cache do not fit."""
        answers, conditions = self.answers()
        required(conditions)
        return answers

    def answers(self, *conditions: Condition) -> tuple[Any, list[Condition]]:
        """The values of the key, and with those that are known already the conditions under which they are answers."""
        known = [*conditions, *self.known()]
        if nowhere(known):
            return np.nan, known
        found = blocks.evaluate(self.chain, self.numbers, self.key, *self.guarded)
        return found[self.key], [*known, *self.fitting(found.get(FITS, True))]

    def known(self) -> list[Condition]:
        """That the names are known, and what is needed of their rows."""
        return [*self.conditions, *self.unknown()]

    def unknown(self) -> list[Condition]:
        """That chips and models have what is needed of them; NaN in an array is what the catalogue does not know."""
        ways = self.ways or [Way(True, self.chain, self.key)]
        found = []
        for way in ways if self.blanks else []:
            needed = self.given_to(way.chain, way.key)
            if blank := [key for key in needed if key in self.blanks]:
                there = [np.isfinite(np.asarray(self.values[key], float)) for key in blank]
                holds = functools.reduce(np.logical_and, there) | np.logical_not(way.where)
                by: Callable[[], list[Any]] = functools.partial(
                    list, (*there, self.chips.codes, self.models.codes, self.bases.codes)
                )
                found.append(Condition(Outcome.NOT_KNOWN, holds, functools.partial(self.not_known, blank), by))
        return found

    def not_known(self, blank: list[str], place: Place) -> Exception | None:
        here = {key: at(self.values[key], place) for key in blank}
        here = {key: None if value != value else value for key, value in here.items()}
        return lacking(here, blank, self.chips.at(place), self.models.at(place), self.bases.at(place))

    def fitting(self, fits: Any) -> list[Condition]:
        """That model and cache fit, where the chain says; how much is needed is found when somebody asks."""

        @functools.cache
        def needed() -> dict[str, Any]:
            return blocks.evaluate(self.chain, self.numbers, *SHORTAGE)

        def error(place: Place) -> DoesNotFit:
            numbers = (at(each, place) for each in (*needed().values(), self.values["headroom"]))
            return shortage(self.chips.at(place), self.models.at(place), *numbers)

        def by() -> list[Any]:
            weights, cache, chips = needed().values()
            shown = np.round(weights / 1e9), np.round(cache / 1e9)  # as the words have them
            return [self.chips.codes, self.models.codes, *shown, chips, self.values["headroom"]]

        return [Condition(Outcome.DOES_NOT_FIT, fits, error, by)] if self.guarded else []


def shortage(chip: Row, model: Row, weights: float, cache: float, chips: float, headroom: float) -> DoesNotFit:
    """The error that says what a model and its cache need, and what the chips have."""
    free = f", of which {headroom:.0%} stay free" if headroom else ""
    return DoesNotFit(
        f"{model['name']} does not fit: {weights / 1e9:,.0f} GB of weights and {cache / 1e9:,.0f} GB of KV cache,"
        f" {chips:g} x {chip['name']} have {chips * chip['hbm_bytes'] / 1e9:,.0f} GB{free}"
    )


def required(conditions: Iterable[Condition]) -> None:
    """Raise the error of the first place at which a condition does not hold."""
    Outcomes(0.0, conditions).raised()


def nowhere(conditions: list[Condition]) -> bool:
    """Whether no place can have an answer, as one of the conditions holds at none."""
    return any(np.size(each.holds) and not np.any(each.holds) for each in conditions)


def ask(function: Any, given: dict[str, Any]) -> Asked:
    """The question that a call of the function puts to its chain; arguments that are None are left out."""
    given = {name: value for name, value in given.items() if value is not None}
    options, conditions = {}, list[Condition]()
    for name, (texts, default) in CHOICES.items():
        names, wrong = known(named(given.pop(name, None), default), functools.partial(one_of, name, texts=texts), texts)
        options[name] = names
        conditions += wrong
    precision, kv_precision, estimates, bases = options.values()
    chip, no_chip = known_rows("chip", given, chips(bases.first))
    model, no_model = known_rows("model", given, models())
    conditions += no_chip + no_model
    if nowhere(conditions):
        return Asked(function.chain, function.kind, {}, model, chip, bases, conditions)
    looked_up = numbers_of(chip, model, bases, precision, kv_precision)
    values, blanks = defaults(), set[str]()
    for each in looked_up:
        values |= each.values
        blanks |= each.blanks
    values |= {key: given[same] if isinstance(same, str) else same for key, same in function.same_as.items()}
    conditions += unaccepted(given, values["acceptance"], model)
    for name, key in OWN.items():
        if name in given and any(each.key == name for each in function.chain):
            given[key] = given.pop(name)
    measured = {name: np.ma.getmask(given[name]) for name in MEASUREMENTS if name in given}
    for left_out in measured.values():  # what you measured is as sure as you are
        values |= {end: chosen(left_out, values[end], 1.0) for end in BAND_ENDS}
    for name, value in given.items():
        left_out = np.ma.getmask(value)
        values[name] = chosen(left_out, values.get(name), value)
        if left_out is np.ma.nomask:
            blanks.discard(name)
    keys = estimates.of_each(lambda estimate: ENDS[estimate] + function.kind)
    return by_ways(Asked(function.chain, keys.first, values, model, chip, bases, conditions, blanks), keys, measured)


def known(names: Names, look_up: Callable[[Any], Any], there: Iterable[Any]) -> tuple[Names, list[Condition]]:
    """What each name stands for; where it stands for nothing, a condition, and some of what there is in its place."""
    found = []
    for each in names.distinct:
        try:
            found.append(look_up(each))
        except LookupError as error:
            found.append(error)
    wrong = np.array([isinstance(each, LookupError) for each in found])
    if not wrong.any():
        return Names(found, names.codes), []
    some = next((each for each, bad in zip(found, wrong, strict=True) if not bad), next(iter(there)))
    # A row of one's own is there, and lacks a number
    kinds = np.array([Outcome.NOT_KNOWN if type(each) is UnknownName else Outcome.NO_SUCH_NAME for each in found])
    condition = Condition(kinds[names.codes], ~wrong[names.codes], Names(found, names.codes).at, lambda: [names.codes])
    return Names([some if bad else each for each, bad in zip(found, wrong, strict=True)], names.codes), [condition]


def known_rows(kind: str, given: dict[str, Any], rows: Catalogue) -> tuple[Names, list[Condition]]:
    """The rows of the chips or models that are given."""
    return known(named(given.pop(kind, None)), functools.partial(find, rows, kind), rows.values())


def numbers_of(chip: Names, model: Names, bases: Names, precision: Names, kv_precision: Names) -> list[LaidOut]:
    """What the rows and formats say, each number in the shape of those that it depends on."""
    known, some_chip, some_model = chips(bases.first), chip.first, model.first

    def rented(row: Row, basis: str, precision: str) -> dict[str, Any]:
        """Of a chip of the catalogue with its rent on the basis; of a row of one's own with its own."""
        return numbers_of_chip(chips(basis)[row["name"]] if known.get(row["name"]) is row else row, precision)

    experts = model.grouped(lambda row: row["experts"]).of_each(lambda row: row["experts"] or 1)
    chip_of_band = chip.grouped(lambda row: band_of(row, some_model))
    model_of_band = model.grouped(lambda row: band_of(some_chip, row))
    return [
        laid_out(rented, chip, bases, precision),
        laid_out(numbers_of_power, chip),
        laid_out(numbers_of_model, model),
        laid_out(numbers_of_formats, precision, kv_precision, experts),
        laid_out(numbers_of_band, chip_of_band, model_of_band),
    ]


def unaccepted(given: dict[str, Any], acceptance: Any, model: Names) -> list[Condition]:
    """That it is known how many drafted tokens are accepted, where some are drafted."""
    drafted, accepted = (name in given and ~np.ma.getmask(given[name]) for name in ("draft_tokens", "acceptance"))
    holds = np.logical_not(drafted) | accepted | (acceptance > 0)

    def not_known(place: Place) -> LookupError:
        name = model.at(place)["name"]
        return LookupError(f"how many drafted tokens {name} accepts is not in the catalogue: give acceptance")

    return [Condition(Outcome.NOT_KNOWN, holds, not_known, lambda: [model.codes])]


def chosen(left_out: Any, default: Any, given: Any) -> Any:
    """What is given, and where it is left out, the default; NaN if there is none."""
    if left_out is np.ma.nomask:
        return given
    return np.where(left_out, np.nan if default is None else default, np.ma.getdata(given))


def one_of(name: str, given: Any, texts: Collection[str]) -> str:
    """The text of a choice that is given, in whatever case."""
    text = meant(given, texts)
    if text is None:
        raise LookupError(f"{name} must be {', '.join(filter(None, texts))}, not {given!r}")
    return text


def meant(given: Any, texts: Collection[str]) -> str | None:
    text = given.lower() if isinstance(given, str) else None
    return text if text in texts else None


def by_ways(asked: Asked, keys: Names, measured: dict[str, Any]) -> Asked:
    """The question with the chain that answers each place by its key, and by a measurement where there is one."""
    always = [MEASUREMENTS[name] for name, left_out in measured.items() if left_out is np.ma.nomask]
    mixed = {name: left_out for name, left_out in measured.items() if left_out is not np.ma.nomask}
    chain = asked.chain.replaced(*always) if always else asked.chain
    if len(keys.distinct) == 1 and not mixed:
        return replace(asked, chain=chain)
    ways = []
    for place, key in enumerate(keys.distinct):
        for given in itertools.product((True, False), repeat=len(mixed)):
            some = [MEASUREMENTS[name] for name, is_given in zip(mixed, given, strict=True) if is_given]
            masks = [left_out != is_given for left_out, is_given in zip(mixed.values(), given, strict=True)]
            where = functools.reduce(np.logical_and, masks, keys.codes == place)
            ways.append(Way(where, chain.replaced(*some), key))
    values = asked.values | {WHICH: np.asarray(keys.codes, float)}
    chain, key = choosing(chain, tuple(keys.distinct), tuple(mixed))
    return replace(asked, chain=chain, key=key, values=values, ways=ways)


@functools.lru_cache(KEPT)
def choosing(chain: Chain, keys: tuple[str, ...], mixed: tuple[str, ...]) -> tuple[Chain, str]:
    """The chain with both the estimate and a measurement of what is mixed, and one answer of several; its key."""
    for name in mixed:
        measured = MEASUREMENTS[name]
        key, own = measured.key, chain[measured.key]
        both = (
            replace(own, key=f"estimated_{key}"),
            replace(measured, key=f"measured_{key}"),
            Quantity(key, own.label, if_measured, (name, f"measured_{key}", f"estimated_{key}")),
        )
        chain = Chain(part for each in chain for part in (both if each.key == key else (each,)))
    if len(keys) == 1:
        return chain, keys[0]
    answer = Quantity("answer", chain[keys[0]].label, that_one, (WHICH, *keys))
    return Chain((*chain, answer)), answer.key


def if_measured(measurement: Any, measured: Any, estimated: Any) -> Any:
    """By the measurement where there is one; NaN is none."""
    return np.where(measurement > 0, measured, estimated)


def that_one(which: Any, first: Any, *others: Any) -> Any:
    """Of several answers that by its number."""
    for place, other in enumerate(others, 1):
        first = np.where(which == place, other, first)
    return first
