"""What makes a signature a function over names: `@over_names` looks the names up and evaluates a chain.

Such a function has no body. Its arguments are the chain's inputs under the chain's own names; what they leave out are
the numbers of the catalogue's rows and `numbers.defaults`. Each argument may be an array, of names too: names.py lays
out what they say, and the chain is evaluated once. Single numbers go through plain Python (plain.py): what the names
say is looked up once for each question, and the chain is compiled once for each set of what is given.
"""

from __future__ import annotations

import functools
import inspect
import itertools
from collections.abc import Callable
from typing import Annotated, Any, ParamSpec, TypeVar

from tokensheet import plain
from tokensheet.asked import ENDS, FITS, KEPT, SHORTAGE, Asked, ask, shortage
from tokensheet.catalogue import chips, models
from tokensheet.cell import Cell
from tokensheet.chain import Chain
from tokensheet.equation import Answering, Choices, Text, determined, domains, enter, settled, signature
from tokensheet.glossary import completed
from tokensheet.numbers import FORMATS, KV_FORMATS
from tokensheet.outcomes import DoesNotFit, Outcomes
from tokensheet.own_constants import OwnConstants, own_constants
from tokensheet.rents import BASES
from tokensheet.rows import Catalogue
from tokensheet.spelling import PYTHON

Precision = Annotated[Text, Choices(lambda: FORMATS)]
CachePrecision = Annotated[Text, Choices(lambda: KV_FORMATS)]
PriceBasis = Annotated[Text, Choices(lambda: BASES)]
Estimate = Annotated[Text, Choices(lambda: ENDS)]

P = ParamSpec("P")
R = TypeVar("R")


def over_names(chain: Chain, kind: str, **same_as: str | float) -> Callable[[Callable[P, R]], Answering[P, R]]:
    """Make a signature with a docstring a function of the catalogue's names that gives `kind` of the chain.

    `same_as` are inputs of the chain that are no arguments: a number, or the name of an argument with the same value.
    """

    def decorate(function: Callable[P, R]) -> Answering[P, R]:
        @functools.wraps(function)
        def answered(*args: Any, errors: str = "raise", **kwargs: Any) -> Any:
            try:
                return in_plain_python()(*args, **kwargs)
            except DoesNotFit:
                if errors == "raise":
                    raise
            except plain.UNPLAIN:
                pass
            bound = signature(function).bind(*args, **kwargs)
            bound.apply_defaults()
            return settled(answered, bound.arguments, errors)

        def outcomes(*args: Any, **kwargs: Any) -> Outcomes:
            values, conditions = enter(answered, signature(function).bind(*args, **kwargs), domains(function))
            found, conditions = ask(answered, values).answers(*conditions)
            return determined(answered, found, conditions, values)

        @functools.cache
        def in_plain_python() -> Callable[..., Any]:
            return compiled(answered)

        answered.plain, answered.outcomes = in_plain_python, outcomes  # type: ignore[attr-defined]
        answered.chain, answered.kind, answered.same_as = chain, kind, same_as  # type: ignore[attr-defined]
        answered.__doc__ = completed(function)
        return answered  # type: ignore[return-value]

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
    function = chain_in_python(asked.chain, asked.key, bool(asked.guarded), tuple(given.items()), parameters)
    return functools.partial(function, functools.partial(shortage, asked.chip, asked.model), *known.values())


@functools.lru_cache(KEPT)
def chain_in_python(
    chain: Chain, key: str, guarded: bool, given: tuple[tuple[str, str], ...], parameters: tuple[str, ...]
) -> Callable[..., float]:
    """The part of a chain that gives the key, as a function of the error of what does not fit, and the numbers."""
    names, check = dict(given), []
    if guarded:
        check = [f"if not {FITS}: raise _shortage({', '.join(SHORTAGE)}, {names['headroom']})"]
    lines = chain.spelled(PYTHON, names, key, *((FITS, *SHORTAGE) if guarded else ()))
    code = [*(f"{each} = {text}" for each, text in lines.items()), *check, *plain.returned(key)]
    return plain.compiled(("_shortage", *parameters), code)
