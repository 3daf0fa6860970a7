"""Searches over the catalogue's chips, over batches, users and layouts, for the best that meets what is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from typing import Annotated, Any

import numpy as np

from tokensheet import blocks
from tokensheet.as_of import day
from tokensheet.asked import Asked, ask, meant, nowhere, one_of, required
from tokensheet.catalogue import ChipName, ModelName
from tokensheet.catalogue import chips as all_chips
from tokensheet.equation import (
    AtLeastOne,
    Choices,
    Fraction,
    NotNegative,
    Number,
    Positive,
    Text,
    Utilization,
    checked,
    shape_of,
)
from tokensheet.names import Names, named
from tokensheet.one_by_one import one_by_one
from tokensheet.outcomes import Condition, DoesNotFit, Outcome, Outcomes, Place, at
from tokensheet.over_names import CachePrecision, Estimate, Precision, PriceBasis
from tokensheet.rents import BASES, BASIS
from tokensheet.rows import UnknownName, called
from tokensheet.service import request_cost, serving_rate, serving_ttft
from tokensheet.serving import decode_cost, decode_time

__all__ = [
    "best_batch",
    "best_chip",
    "best_deployment",
    "serving_users",
    "users_at_rate",
]

MOST = 2.0**52  # up to which halves of sums of whole numbers are exact, so that a search ends
COUNTS = (1, 2, 4, 8, 16, 32, 64)  # chips of one copy of a model that are tried
STEPS = 24  # users that are tried for each layout in a round, from one to as many as fit
ROUNDS = 3  # each of which looks closer at what is between the last in time and the first too late


@checked
def best_chip(
    model: ModelName,
    batch: Positive,
    context: NotNegative,
    precision: Precision = "fp8",
    estimate: Estimate = "calibrated",
    kv_precision: CachePrecision = "",
    efficiency: Utilization = None,
    price_basis: PriceBasis = BASIS,
) -> Number:
    """Chip of the catalogue on which an output token costs least, each on the fewest chips that one deploys.

    Returns
    -------
    str
        Name of the chip [text].

    Notes
    -----
    The least DECODE_COST over the chips with a rent on the price basis, so that like is compared with like. A search,
    so it has no native formula. Source: the catalogue.

    Examples
    --------
    >>> best_chip("Llama-3.1-70B", 64, 4096, estimate="ideal")
    'MI300X'
    """
    given: dict[str, Any] = {"model": model, "batch": batch, "context": context, "precision": precision}
    given |= {"estimate": estimate, "kv_precision": kv_precision, "efficiency": efficiency, "price_basis": price_basis}
    bases, shape = named(price_basis).of_each(lambda basis: meant(basis, BASES)), shape_of(given)
    names = [*dict.fromkeys(name for basis in bases.distinct if basis for name in priced(basis))] or [*all_chips()][:1]
    each_chip = np.arange(len(names)).reshape(-1, *[1] * len(shape))
    found = decode_cost.outcomes(chip=Names(names, each_chip), **given)
    answered = found.codes == Outcome.ANSWERED
    costs = np.where(answered, found.answers, np.inf)

    def none(place: Place) -> Exception | None:
        basis = bases.at(place)
        if basis and not priced(basis):
            return none_priced(basis)
        return found.error((0, *place))

    any_chip = Condition(found.codes[0], answered.any(axis=0), none)
    return Outcomes(np.array(names, object)[np.argmin(costs, axis=0)], [any_chip], shape)


def priced(basis: str) -> list[str]:
    """The chips that have a rent on a price basis; on an early day there may be none."""
    return [name for name, row in all_chips(basis).items() if row["usd_per_hour"]]


def none_priced(basis: str) -> UnknownName:
    return UnknownName(f"no chip has a rent for the price basis {basis!r} that was known on {day()}")


@checked
def best_batch(
    model: ModelName,
    chip: ChipName,
    max_latency: Positive,
    context: NotNegative,
    chips: Positive = None,
    precision: Precision = "fp8",
    estimate: Estimate = "calibrated",
    kv_precision: CachePrecision = "",
    efficiency: Utilization = None,
) -> Number:
    """Largest batch that fits in memory and keeps the time per output token within a limit: the cheapest that does.

    Parameters
    ----------
    max_latency : array_like
        Longest time per output token [s].
    chips : array_like, optional
        Chips that hold the model together; left out, the fewest that one deploys for one sequence [chips].

    Returns
    -------
    array_like
        The batch; 0 if even one sequence takes longer [sequences].

    Raises
    ------
    DoesNotFit
        If weights and one sequence exceed the memory of the chips.

    Notes
    -----
    The largest whole B up to MAX_BATCH with DECODE_TIME(B) <= limit, found by halving, for all cells at once; so it has
    no native formula. Source: the catalogue; DECODE_TIME.

    Examples
    --------
    >>> best_batch("DeepSeek-V3", "H100", 0.008, 4096, 32, estimate="ideal")
    1296.0
    """
    given = {name: value for name, value in locals().items() if name != "max_latency"}
    asked = ask(decode_time, given | {"batch": 1})
    most, conditions = most_that_fit(asked, (max_latency,), (asked.key,), lambda found: found[asked.key] <= max_latency)
    return Outcomes(most, conditions)


@checked
def serving_users(
    model: ModelName,
    chip: ChipName,
    input_tokens: Positive,
    output_tokens: Positive,
    max_ttft: Positive,
    max_tpot: Positive,
    chips: Positive = None,
    precision: Precision = "fp8",
    kv_precision: CachePrecision = "",
    cached_tokens: NotNegative = None,
    draft_tokens: NotNegative = None,
    acceptance: Fraction = None,
    prefill_chips: NotNegative = None,
    tensor_parallel: Positive = None,
    stages: AtLeastOne = None,
    server_latency: NotNegative = None,
) -> Number:
    """Most users that one copy of a model serves within a time to first token and a time per output token: its goodput.

    Parameters
    ----------
    max_ttft : array_like
        Longest mean time to first token [s].
    max_tpot : array_like
        Longest time per output token [s].
    chips : array_like, optional
        Chips that hold the model together; left out, the fewest that one deploys for one user [chips].

    Returns
    -------
    array_like
        Users; 0 if not even one is served in time [users].

    Raises
    ------
    DoesNotFit
        If weights and one sequence exceed the memory of the chips.

    Notes
    -----
    The largest whole N with SERVING_TTFT(N) and SERVING_TPOT(N) within the limits, both of which grow with N, found by
    halving; so it has no native formula. Source: the catalogue; docs/accuracy.md.

    Examples
    --------
    >>> slow, fast = serving_users("Llama-3.1-70B", "H100", 1024, 1024, 1, [0.03, 0.02]).tolist()
    >>> slow > fast
    True
    """
    given = {name: value for name, value in locals().items() if not name.startswith("max_")}
    asked = ask(serving_ttft, given | {"users": 1})
    in_time = partial(served_in_time, max_ttft=max_ttft, max_tpot=max_tpot)
    most, conditions = most_that_fit(asked, (max_ttft, max_tpot), ("ttft", "token_time"), in_time)
    return Outcomes(most, conditions)


@checked
def users_at_rate(
    model: ModelName,
    chip: ChipName,
    input_tokens: Positive,
    output_tokens: Positive,
    requests_per_second: Positive,
    chips: Positive = None,
    precision: Precision = "fp8",
    kv_precision: CachePrecision = "",
    cached_tokens: NotNegative = None,
    draft_tokens: NotNegative = None,
    acceptance: Fraction = None,
    prefill_chips: NotNegative = None,
    tensor_parallel: Positive = None,
    stages: AtLeastOne = None,
) -> Number:
    """Users at a time that requests arriving at a rate amount to: what an open stream is to the other functions.

    Parameters
    ----------
    requests_per_second : array_like
        Requests that arrive at one copy of the model [requests/s].
    chips : array_like, optional
        Chips that hold the model together; left out, the fewest that one deploys for one user [chips].

    Returns
    -------
    array_like
        The fewest users whose requests complete at that rate [users].

    Raises
    ------
    DoesNotFit
        If weights and one sequence exceed the memory of the chips, or if the chips cannot keep up with the rate.

    Notes
    -----
    The least whole N with SERVING_RATE(N) at the rate, by halving: by Little's law the requests in the system are the
    rate times how long one takes. Source: Little, 1961; the catalogue.

    Examples
    --------
    >>> slow, fast = users_at_rate("Llama-3.1-70B", "H100", 1024, 1024, [0.1, 1], 8).tolist()
    >>> slow < fast
    True
    """
    given = {name: value for name, value in locals().items() if name != "requests_per_second"}
    asked = ask(serving_rate, given | {"users": 1})
    rate, key = requests_per_second, "request_rate"
    slower, conditions = most_that_fit(asked, (rate,), (key,), lambda found: found[key] < rate)
    if nowhere(conditions):
        return Outcomes(slower, conditions)
    largest = blocks.evaluate(asked.chain, asked.numbers, "largest_batch")["largest_batch"]

    def too_fast(place: Place) -> DoesNotFit:
        names = f"{asked.models.at(place)['name']} on {asked.chips.at(place)['name']}"
        return DoesNotFit(
            f"{names} cannot keep up with {at(rate, place):g} requests a second; give it more chips, or share them"
        )

    in_time = Condition(Outcome.DOES_NOT_FIT, slower < np.minimum(largest, MOST), too_fast)
    return Outcomes(slower + 1, [*conditions, in_time])


def most_that_fit(
    asked: Asked, limits: tuple[Any, ...], keys: tuple[str, ...], holds: Callable[[dict[str, Any]], Any]
) -> tuple[np.ndarray, list[Condition]]:
    """The most users, or sequences of a batch, for whom what holds fails from some number on; and that any of them fit.

    By halving, for all cells at once; `holds` is given the chain's `keys`.
    """
    known = asked.known()
    if nowhere(known):
        return np.array(np.nan), known
    one = blocks.evaluate(asked.chain, asked.numbers, *keys, "largest_batch", "chips", *asked.guarded)
    fixed = asked.numbers | {"chips": one["chips"]}
    shape = np.broadcast_shapes(*(np.shape(each) for each in (*limits, *(one[key] for key in keys), one["fits"])))
    least, most = np.zeros(shape), np.zeros(shape) + np.minimum(one["largest_batch"], MOST)
    while np.any(least < most):  # at most 52 times, as a whole number lies between them
        middle = np.ceil((least + most) / 2)
        users = np.maximum(middle, 1)
        found = holds(blocks.evaluate(asked.chain, fixed | {"users": users, "batch": users}, *keys))
        least, most = np.where(found, middle, least), np.where(found, most, middle - 1)
    return least, [*known, *asked.fitting(one["fits"])]


def served_in_time(found: dict[str, Any], max_ttft: Any, max_tpot: Any) -> Any:
    return (found["ttft"] <= max_ttft) & (found["token_time"] <= max_tpot)


@dataclass(frozen=True)
class Deployment:
    """A model on chips in a layout, with the most users that it serves in time and what they get."""

    chip: str
    chips: float
    tensor_parallel: float
    stages: float
    users: float
    ttft: float
    tpot: float
    usd_per_request: float

    def __str__(self) -> str:
        layout = f"tensor parallel {self.tensor_parallel:g}" + f", {self.stages:g} stages" * (self.stages > 1)
        speed = f"{self.users:g} users, {self.ttft:.2f} s to the first token, {1e3 * self.tpot:.1f} ms a token"
        return f"{self.chips:g} x {self.chip}, {layout}: {speed}, ${self.usd_per_request:.3g} a request"


Field = Annotated[Text, Choices(lambda: ("summary", *Deployment.__dataclass_fields__))]


def layouts(experts: float) -> tuple[np.ndarray, ...]:
    """Chips, tensor parallel and stages of every layout that is tried: whole groups, and no copies of a dense model."""
    found = [
        (count, shared, stages)
        for count in COUNTS
        for shared in COUNTS[:4]
        for stages in COUNTS
        if (count >= shared and stages == 1 if experts > 1 else count == shared * stages)
    ]
    return tuple(np.array(found, float).T[:, :, np.newaxis])


def deployments(model: str, max_ttft: float, max_tpot: float, chip: str = "", **given: Any) -> list[Deployment]:
    """The cheapest layout of each chip that serves a request in time, the cheapest chip first.

    `given` are the other arguments of `request_cost`, its users left out.
    """
    basis = one_of("price_basis", given.get("price_basis", BASIS), BASES)
    names = [chip] if chip else priced(basis)
    if not names:
        raise none_priced(basis)
    each_chip = Names(names, np.arange(len(names)).reshape(-1, 1, 1))
    asked = ask(request_cost, given | {"model": model, "chip": each_chip, "users": 1.0})
    required(asked.conditions)
    lacking = asked.unknown()
    if chip or nowhere(lacking):
        required(lacking)
    return sorted(best_layouts(asked, max_ttft, max_tpot), key=lambda each: each.usd_per_request)


def best_layouts(asked: Asked, max_ttft: float, max_tpot: float) -> list[Deployment]:
    """The layout on each chip that serves a request in time for least, with all users that it can, where one does.

    All at once: along the first axis lie the chips, along the second the layouts, along the third numbers of users.
    """
    count, shared, stages = layouts(asked.values["total_experts"])
    values = asked.numbers | {"own_chips": count, "own_tensor_parallel": shared, "own_stages": stages}
    most = blocks.evaluate(asked.chain, values | {"batch": 1.0}, "largest_batch")["largest_batch"]
    low = np.ones((len(asked.chips.distinct), len(count), 1))
    high = low * np.clip(most, 1, MOST)
    for _ in range(ROUNDS):
        users = np.round(low * (high / low) ** np.linspace(0, 1, STEPS))
        tried = blocks.evaluate(
            asked.chain, values | {"users": users, "batch": users}, "ttft", "token_time", "fits", asked.key
        )
        good = tried["fits"] & served_in_time(tried, max_ttft, max_tpot)
        last = np.maximum(0, good.sum(axis=2, keepdims=True) - 1)  # more users wait longer
        low = np.take_along_axis(users, last, 2)
        high = np.take_along_axis(users, np.minimum(last + 1, STEPS - 1), 2)
    cost = np.where(good, tried[asked.key], np.inf)
    answers = (count, shared, stages, users, tried["ttft"], tried["token_time"], cost)
    columns = [np.broadcast_to(each, good.shape).reshape(len(low), -1) for each in answers]
    return [
        Deployment(chip["name"], *(float(column[row, place]) for column in columns))
        for row, (chip, place) in enumerate(zip(asked.chips.distinct, columns[-1].argmin(axis=1), strict=True))
        if np.isfinite(columns[-1][row, place])
    ]


@checked
@one_by_one
def best_deployment(
    model: ModelName,
    input_tokens: Positive,
    output_tokens: Positive,
    max_ttft: Positive,
    max_tpot: Positive,
    field: Field = "summary",
    chip: ChipName = "",
    precision: Precision = "fp8",
    kv_precision: CachePrecision = "",
    cached_tokens: NotNegative = None,
    usd_per_hour: NotNegative = None,
    price_basis: PriceBasis = BASIS,
    estimate: Estimate = "calibrated",
) -> Number:
    """The cheapest chips and layout of the catalogue that serve requests in time, and what they cost.

    Parameters
    ----------
    max_ttft : array_like
        Longest mean time to first token [s].
    max_tpot : array_like
        Longest time per output token [s].
    field : str, optional
        What to give: chip, chips, tensor_parallel, stages, users, ttft, tpot or usd_per_request; left out, all in words
        [text].
    chip : str, optional
        The only chip to try; left out, all with a rent on the price basis [text].

    Returns
    -------
    float or str
        The field, or a sentence [any unit].

    Raises
    ------
    DoesNotFit
        If no chips of those tried serve a request in time.

    Notes
    -----
    The least REQUEST_COST over up to 64 chips, tensor parallel up to 8, pipelines of a dense model and groups of one
    with experts, each with the most users of SERVING_USERS. A search, so it has no native formula. Source: the
    catalogue; docs/accuracy.md.

    Examples
    --------
    >>> best_deployment("Llama-3.1-70B", 2000, 500, 2, 0.03, "chips", "H100")
    4.0
    """
    field = one_of("field", field, ("summary", *Deployment.__dataclass_fields__))
    given: dict[str, Any] = {"precision": precision, "kv_precision": kv_precision}
    given |= {"price_basis": price_basis, "estimate": estimate}
    numbers = {"input_tokens": input_tokens, "output_tokens": output_tokens}
    numbers |= {"cached_tokens": cached_tokens, "usd_per_hour": usd_per_hour}

    def best(ttft: float, tpot: float, *row: Any) -> Any:
        found = deployments(model, ttft, tpot, chip, **given, **dict(zip(numbers, row, strict=True)))
        if not found:
            where = f"no number of {called('chip', chip)} up to {COUNTS[-1]}" if chip else "no chips of the catalogue"
            limits = f"{ttft:g} s to the first token and {tpot:g} s a token"
            raise DoesNotFit(f"{called('model', model)} is served within {limits} by {where}")
        return str(found[0]) if field == "summary" else asdict(found[0])[field]

    return np.vectorize(best, otypes=[object if field in ("summary", "chip") else float])(
        max_ttft, max_tpot, *numbers.values()
    )


# Each cell is a search of its own over thousands of layouts
best_deployment.most_cells = 1000  # type: ignore[attr-defined]
