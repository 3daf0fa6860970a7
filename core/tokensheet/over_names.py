"""What makes a signature a function over names: `@over_names` looks the names up and evaluates a chain.

Such a function has no body. Its arguments are the chain's inputs under the chain's own names; what they leave out are
the numbers of the catalogue's rows and `numbers.defaults`. Single numbers go through plain Python (plain.py): what the
names say is looked up once for each question, and the chain is compiled once for each set of what is given.
"""

from __future__ import annotations

import functools
import inspect
import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple, ParamSpec, TypeVar

import numpy as np

from tokensheet import blocks, plain
from tokensheet.calibration import BAND_ENDS
from tokensheet.catalogue import chips, models
from tokensheet.cell import Cell
from tokensheet.chain import Chain
from tokensheet.chains import decode, prompt
from tokensheet.equation import Choices, determined, domains, enter, like, signature
from tokensheet.glossary import completed
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
from tokensheet.own_constants import OwnConstants, own_constants
from tokensheet.rents import BASES, BASIS
from tokensheet.rows import Catalogue, Row, find
from tokensheet.spelling import PYTHON

Precision = Annotated[str, Choices(lambda: FORMATS)]
CachePrecision = Annotated[str, Choices(lambda: KV_FORMATS)]
PriceBasis = Annotated[str, Choices(lambda: BASES)]
# What a quantity's key begins with, by the estimate that is asked for
ENDS = {"calibrated": "", "ideal": "ideal_", "low": "low_", "high": "high_"}
Estimate = Annotated[str, Choices(lambda: ENDS)]
# The argument with a measurement of your own, and the quantity that it replaces
MEASUREMENTS = {"efficiency": decode.MEASURED, "mfu": prompt.MEASURED}
# Arguments that a chain decides itself where they are left out, and the input that they go into
OWN = {"chips": "own_chips", "tensor_parallel": "own_tensor_parallel", "stages": "own_stages"}
SHORTAGE = ("fits", "weights_bytes", "kv_bytes", "chips")
KEPT = 4096  # questions about names, of which the oldest are forgotten

P = ParamSpec("P")
R = TypeVar("R")


class DoesNotFit(LookupError):
    """A model and its KV cache need more memory than the chips have: there is no time and no cost.

    Where arrays were asked about, `each()` gives the answers one by one, and an error in the place of what has none.
    """

    each: Callable[[], np.ndarray] | None = None


class Condition(NamedTuple):
    """What has to hold for an answer, and the words, made of numbers, for a place where it does not."""

    holds: Any
    words: Callable[..., str]
    numbers: tuple[Any, ...]


@dataclass(frozen=True)
class Asked:
    """A question put to a chain: which key, what is given, and the rows that it is about."""

    chain: Chain
    key: str
    values: dict[str, Any]
    model: Row
    chip: Row
    basis: str = BASIS

    @property
    def guarded(self) -> list[str]:
        """The quantities that say whether model and cache fit, where the chain has them."""
        return [key for key in SHORTAGE if self.chip and any(each.key == key for each in self.chain)]

    def needed(self) -> list[str]:
        """The keys that have to be given; an error says what is not known of chip or model."""
        needed = self.chain.of(self.key, *self.guarded, given=self.values).given()
        problem = lacking(self.values, needed, self.chip, self.model, self.basis)
        if problem:
            raise problem
        return needed

    def answer(self) -> Any:
        """The value of the key; an error says what is not known, or that model and cache do not fit."""
        self.needed()
        found = blocks.evaluate(self.chain, self.values, self.key, *self.guarded)
        return met(found[self.key], *self.conditions(found))

    def conditions(self, found: dict[str, Any]) -> list[Condition]:
        """That model and cache fit by the quantities found, where the chain says."""
        if not self.guarded:
            return []
        numbers = *(found[key] for key in SHORTAGE[1:]), self.values["headroom"]
        return [Condition(found["fits"], self.shortage, numbers)]

    def shortage(self, weights: float, cache: float, chips: float, headroom: float) -> str:
        free = f", of which {headroom:.0%} stay free" if headroom else ""
        return (
            f"{self.model['name']} does not fit: {weights / 1e9:,.0f} GB of weights and {cache / 1e9:,.0f} GB of KV"
            f" cache, {chips:g} x {self.chip['name']} have {chips * self.chip['hbm_bytes'] / 1e9:,.0f} GB{free}"
        )


def met(answer: Any, *conditions: Condition) -> Any:
    """The answer, if all of it meets the conditions; otherwise the error of the first place that does not."""
    failed = [each for each in conditions if not np.all(each.holds)]
    if not failed:
        return answer
    error = next(errors(failed[0]))

    def each() -> np.ndarray:
        shape = np.broadcast_shapes(np.shape(answer), *(np.shape(each.holds) for each in failed))
        outcomes = np.broadcast_to(answer, shape).astype(object)
        for condition in reversed(failed):  # the first one's words count
            bad = np.broadcast_to(~np.asarray(condition.holds), shape)
            outcomes[bad] = np.fromiter(errors(condition, shape), object, np.count_nonzero(bad))
        return outcomes

    error.each = each
    raise error


def errors(condition: Condition, shape: tuple[int, ...] = ()) -> Iterator[DoesNotFit]:
    """The error of each place that does not meet a condition."""
    bad, *numbers = np.broadcast_arrays(~np.asarray(condition.holds), *condition.numbers, np.empty(shape))[:-1]
    for row in zip(*(each[bad].tolist() for each in numbers), strict=True):
        yield DoesNotFit(condition.words(*row))


def over_names(chain: Chain, kind: str, **same_as: str | float) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a signature with a docstring a function of the catalogue's names that gives `kind` of the chain.

    `same_as` are inputs of the chain that are no arguments: a number, or the name of an argument with the same value.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def answered(*args: P.args, **kwargs: P.kwargs) -> Any:
            try:
                return in_plain_python()(*args, **kwargs)
            except plain.UNPLAIN:
                pass
            bound = signature(function).bind(*args, **kwargs)
            enter(function, bound, domains(function))
            return like(determined(function, ask(answered, bound.arguments).answer()), bound.arguments.values())

        @functools.cache
        def in_plain_python() -> Callable[..., Any]:
            return compiled(answered)

        answered.plain = in_plain_python  # type: ignore[attr-defined]
        answered.chain, answered.kind, answered.same_as = chain, kind, same_as  # type: ignore[attr-defined]
        answered.__doc__ = completed(function)
        return answered

    return decorate


def compiled(function: Any) -> Callable[..., Any]:
    """The function for names of the catalogue and single numbers, compiled; what the names say is looked up once."""
    parameters, limits = signature(function).parameters, domains(function)
    texts = [name for name in parameters if name not in limits]
    lines = [f"if _type({name}) is not _str: raise _TypeError" for name in texts]
    for name, domain in limits.items():
        guard = plain.guard(name, domain.mask)
        if parameters[name].default is None:
            guard = [f"if {name} is not None:", *(f"    {line}" for line in guard)]
        lines += guard
    question = ", ".join([*texts, *(f"{name} is not None" for name in limits)])
    lines += [f"return _looked_up(_chips(), _models(), _constants(), {question})({', '.join(limits)})"]

    @functools.lru_cache(KEPT)
    def looked_up(chips: Catalogue, models: Catalogue, own: OwnConstants, *question: Any) -> Callable[..., float]:
        names = dict(zip(texts, question, strict=False))
        numbers = itertools.compress(limits, question[len(texts) :])
        return answering(ask(function, names | {name: symbol(name) for name in numbers}), list(limits))

    found = plain.compiled(
        parameters, lines, _looked_up=looked_up, _chips=chips, _models=models, _constants=own_constants
    )
    found.__defaults__ = inspect.unwrap(function).__defaults__
    return found


def symbol(argument: str) -> Cell:
    """What stands for an argument that a question leaves open; there may be a quantity of its name."""
    return Cell(f"given_{argument}", spelling=PYTHON)


def answering(asked: Asked, arguments: list[str]) -> Callable[..., float]:
    """The answer as a function of the arguments: the chain in plain Python with everything else already in it."""
    values = {key: asked.values[key] for key in asked.needed()}
    given = {key: value.text if isinstance(value, Cell) else key for key, value in values.items()}
    known = {key: value for key, value in values.items() if not isinstance(value, Cell)}
    parameters = (*known, *(symbol(name).text for name in arguments))
    function = chain_in_python(asked.chain, asked.key, tuple(asked.guarded), tuple(given.items()), parameters)
    return functools.partial(function, *known.values())


@functools.lru_cache(KEPT)
def chain_in_python(
    chain: Chain, key: str, guarded: tuple[str, ...], given: tuple[tuple[str, str], ...], parameters: tuple[str, ...]
) -> Callable[..., float]:
    """The part of a chain that gives the key, a local variable for each quantity."""
    quantities = chain.spelled(PYTHON, dict(given), key, *guarded)
    lines = [f"{each} = {text}" for each, text in quantities.items()]
    check = ["if not fits: raise _ValueError"] if guarded else []
    return plain.compiled(parameters, [*lines, *check, *plain.returned(key)])


def ask(function: Any, given: dict[str, Any]) -> Asked:
    """The question that a call of the function puts to its chain; arguments that are None are left out."""
    given = {name: value for name, value in given.items() if value is not None}
    precision, kv_precision = given.pop("precision"), given.pop("kv_precision", "")
    one_of("precision", precision, FORMATS)
    one_of("kv_precision", kv_precision, ("", *KV_FORMATS))
    estimate = given.pop("estimate", "calibrated")
    one_of("estimate", estimate, ENDS)
    basis = given.pop("price_basis", BASIS)
    one_of("price_basis", basis, BASES)
    chip, model = find(chips(basis), "chip", given.pop("chip")), find(models(), "model", given.pop("model"))
    values = defaults() | numbers_of_chip(chip, precision) | numbers_of_power(chip) | numbers_of_model(model)
    values |= numbers_of_formats(precision, kv_precision, values["total_experts"])
    values |= numbers_of_band(chip, model)
    values |= {key: given[same] if isinstance(same, str) else same for key, same in function.same_as.items()}
    if "draft_tokens" in given and not values["acceptance"] and "acceptance" not in given:
        raise LookupError(f"how many drafted tokens {model['name']} accepts is not in the catalogue: give acceptance")
    for name, key in OWN.items():
        if name in given and any(each.key == name for each in function.chain):
            given[key] = given.pop(name)
    measured = [quantity for argument, quantity in MEASUREMENTS.items() if argument in given]
    if measured:  # which is as sure as you are
        values |= dict.fromkeys(BAND_ENDS, 1.0)
    key = ENDS[estimate] + function.kind
    return Asked(function.chain.replaced(*measured), key, values | given, model, chip, basis)


def one_of(name: str, given: str, texts: Iterable[str]) -> None:
    if given not in texts:
        raise LookupError(f"{name} must be {', '.join(filter(None, texts))}, not {given!r}")
