"""The lists of API prices: the installed release of genai-prices, and those that were kept, each under day and hash.

A kept list is a file such as `2026-11-27_1_SHA256_genai-prices 0.2.4`: the day from which on it counts, its place among
those of that day, the hash of what stands in it, and its name. None is ever changed, so that a day in the past has the
prices that it had.
"""

from __future__ import annotations

import functools
import hashlib
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from tokensheet.as_of import today
from tokensheet.files import alone, read_whole, whole_file
from tokensheet.plugins import Contribution, contributions, left_out_if_broken
from tokensheet.price_data import PriceListError, providers_of, unpacked

FOLDER = "TOKENSHEET_PRICES"  # environment variable with the folder of the kept lists
FIELDS = ("input", "output", "cache_read", "cache_write", "cache_write_1h")
KEPT = re.compile(r"(?P<kept>\d{4}-\d\d-\d\d)_(?P<place>\d+)_(?P<sha256>[0-9a-f]{64})_(?P<name>.+)")


class UnknownPrice(LookupError):
    """A price that is not known: there is no $0 for it."""


@dataclass(frozen=True)
class PriceList:
    """A list of prices, not read yet."""

    name: str
    sha256: str
    """Of what stands in it: of a release, of its data.py."""
    kept: str = ""
    """The day from which on it counts; empty for the installed one."""
    path: Path | None = None

    def __str__(self) -> str:
        return f"{self.name}, sha256 {self.sha256[:12]}"


class Move(NamedTuple):
    """A price that is another one in a newer list; None where it is not known, tiers with it."""

    provider: str
    model: str
    field: str
    was: Any
    now: Any


class Changes(NamedTuple):
    """What a newer list changes: models by provider and id, and prices of those that both have."""

    new: list[tuple[str, str]]
    gone: list[tuple[str, str]]
    moved: list[Move]


def folder() -> Path:
    """Where lists are kept: $TOKENSHEET_PRICES, or beside the other settings of the user."""
    named = os.environ.get(FOLDER)
    if named:
        return Path(named)
    from typer import get_app_dir  # by which the bridge has its settings, too

    return Path(get_app_dir("tokensheet"), "prices")


def kept() -> list[PriceList]:
    """The kept lists, the oldest first."""
    found = [(match, path) for path in folder().glob("*_*") if (match := KEPT.fullmatch(path.name))]
    found.sort(key=lambda each: (each[0]["kept"], int(each[0]["place"]), each[0]["sha256"]))
    return [PriceList(match["name"], match["sha256"], match["kept"], path) for match, path in found]


def in_use(day: str = "") -> PriceList:
    """The list that counts on a day, today unless given: the newest kept by then, otherwise the installed one."""
    try:
        import genai_prices  # noqa: F401
    except ImportError:
        raise UnknownPrice("API_PRICE needs the package genai-prices: pip install genai-prices") from None
    day = day or today()
    return next((each for each in reversed(kept()) if each.kept <= day), None) or installed()


@functools.cache
def installed() -> PriceList:
    """The list in the installed package."""
    return PriceList(f"genai-prices {version('genai-prices')}", sha256(installed_text()))


def installed_text() -> bytes:
    return (files("genai_prices") / "data.py").read_bytes()


def sha256(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


@functools.lru_cache(8)
def snapshot(prices: PriceList) -> Any:
    """The list, and what packages bring, as genai-prices looks things up in it."""
    from genai_prices.data_snapshot import DataSnapshot

    of_packages = [provider for _, provider in brought(prices).values()]
    return DataSnapshot([*listed(prices), *of_packages], from_auto_update=False)


@functools.lru_cache(8)
def listed(prices: PriceList) -> list[Any]:
    """The providers of the list."""
    if prices.path is None:
        from genai_prices.data import providers

        return providers  # type: ignore[no-any-return]
    text = read_whole(prices.path)
    if sha256(text) != prices.sha256:
        raise PriceListError(f"{prices.path} was changed since it was kept: delete it, and update the prices anew")
    return providers_of(text, prices.name)


@functools.lru_cache(8)
def brought(prices: PriceList) -> dict[str, tuple[str, Any]]:
    """The providers whose prices packages bring, by id, each with its package; none of them is in the list."""
    known, found = {provider.id for provider in listed(prices)}, dict[str, tuple[str, Any]]()
    for package, name, path in contributions("prices"):
        with left_out_if_broken(Contribution(package, "prices", name)):
            more = {provider.id: (package, provider) for provider in providers_of(read_whole(path), path.name)}
            for twice in more.keys() & (known | found.keys()):
                raise PriceListError(f"{path.name}: there is a provider {twice} already; give yours another id")
            found |= more
    return found


@functools.lru_cache(64)
def newest(prices: PriceList, day: str) -> str:
    """The day since which the newest price in a list holds that does on a day: a list has no other date of its own.

    What a list announced before it was kept makes it no newer afterwards.
    """
    day = min(day, prices.kept or day)
    models = [model for provider in snapshot(prices).providers for model in provider.models]
    dated = [each for model in models for each in (*conditions(model), *(model.price_variants or ()))]
    starts = {each.constraint.start_date.isoformat() for each in dated if hasattr(each.constraint, "start_date")}
    return max((start for start in starts if start <= day), default=prices.kept)


def conditions(model: Any) -> list[Any]:
    """A model's prices with the days or hours for which they hold; none where they always do."""
    return model.prices if isinstance(model.prices, list) else []


def begin(day: str) -> datetime:
    """The first moment of a day, by which it has one price where that depends on the hour."""
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


def keep(path: Path | None = None) -> PriceList:
    """Keep the list of a file, or the installed one, from today on, or from the day that `use_prices` was given.

    A list that is in use on that day and kept already stays as it is.
    """
    name, text = unpacked(path) if path else (installed().name, installed_text())
    providers_of(text, name)
    with alone(folder()):
        before, day = in_use(), today()
        if before.path and before.sha256 == sha256(text):
            return before
        name = re.sub(r"[^\w.+ -]", "-", name)[-100:].strip(" .")
        place = 1 + sum(each.kept == day for each in kept())
        target = folder() / f"{day}_{place}_{sha256(text)}_{name}"
        target.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(target) as file:
            file.write(text)
    return PriceList(name, sha256(text), day, target)


def changes(before: PriceList, after: PriceList, day: str) -> Changes:
    """What the prices of a day are in one list that they are not in another."""
    was, now = prices_on(before, day), prices_on(after, day)
    moved = [
        Move(*model, field, *pair)
        for model in now
        if model in was
        for field in FIELDS
        for pair in [[getattr(prices[model], f"{field}_mtok") for prices in (was, now)]]
        if pair[0] != pair[1]
    ]
    return Changes([model for model in now if model not in was], [model for model in was if model not in now], moved)


def prices_on(prices: PriceList, day: str) -> dict[tuple[str, str], Any]:
    """The standard prices of a day, by provider and model."""
    each_model = [(provider.id, model) for provider in snapshot(prices).providers for model in provider.models]
    return {(provider, model.id): model.get_prices(begin(day)) for provider, model in each_model}
