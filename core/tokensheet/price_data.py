"""A list of API prices out of somebody else's file: genai-prices' JSON, or a release of it, of which none is run."""

from __future__ import annotations

import ast
import datetime
import gzip
import io
import json
import re
import tarfile
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from tokensheet.files import MOST_BYTES, FileError, read_whole

MOST_WORDS = 1_000_000  # and signs of a list in Python, which takes a hundred times its size to read; it has 330,000
REPEATED_GROUP = re.compile(r"\)[*+{]")  # of a pattern for models' names; such a one may never come to an end


class PriceListError(FileError):
    """What is wrong with a file of prices."""


def unpacked(path: Path) -> tuple[str, bytes]:
    """What the list in a file is called, and its text: that of a JSON file, or the data.py of a wheel or sdist."""
    packed = read_whole(path)
    try:
        if packed.startswith(b"PK"):
            return from_wheel(packed)
        if packed.startswith(b"\x1f\x8b"):
            return from_sdist(packed)
    except Exception as error:  # a broken archive raises a dozen kinds
        raise PriceListError(f"{path.name} is no wheel or sdist of genai-prices: {error}") from None
    return path.name, packed


def bounded(file: IO[bytes] | gzip.GzipFile, most: int = MOST_BYTES) -> bytes:
    data = file.read(most + 1)
    if len(data) > most:
        raise PriceListError(f"a list of prices has at most {most:,} bytes")
    return data


def from_wheel(packed: bytes) -> tuple[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(packed)) as wheel, wheel.open("genai_prices/data.py") as data:
        version = (re.fullmatch(r"genai_prices-([^/]+)\.dist-info/METADATA", name) for name in wheel.namelist())
        return f"genai-prices {next(filter(None, version))[1]}", bounded(data)


def from_sdist(packed: bytes) -> tuple[str, bytes]:
    with gzip.GzipFile(fileobj=io.BytesIO(packed)) as file:
        unzipped = bounded(file, 4 * MOST_BYTES)
    with tarfile.open(fileobj=io.BytesIO(unzipped), mode="r:") as sdist:
        for member in sdist:
            version = re.fullmatch(r"genai_prices-([^/]+)/genai_prices/data\.py", member.name)
            if version and member.isreg() and (data := sdist.extractfile(member)):
                return f"genai-prices {version[1]}", bounded(data)
    raise PriceListError("it has no genai_prices/data.py")


def providers_of(text: bytes, name: str) -> list[Any]:
    """The providers of a list, in JSON or as Python data, checked by genai-prices' own types."""
    from genai_prices.types import Provider
    from pydantic import ConfigDict, TypeAdapter, ValidationError

    types = TypeAdapter(list[Provider], config=ConfigDict(arbitrary_types_allowed=True))
    try:
        raw = json.loads(text) if text.lstrip().startswith(b"[") else in_python(text)
        providers = types.validate_python(with_prices(raw))
        complaint = next(complaints(providers), None)
    except PriceListError as error:
        complaint = str(error)
    except (RecursionError, MemoryError):
        complaint = "it is nested too deeply"
    except ValidationError as error:
        first = error.errors()[0]
        place = [str(part) for part in first["loc"] if isinstance(part, int) or part.isidentifier()]
        complaint = f"{'.'.join(place)}: {first['msg']}"
    except Exception as error:  # whatever a text that is no list makes of the readers
        complaint = str(error) or type(error).__name__
    if complaint:
        raise PriceListError(f"{name} is no list of genai-prices: {complaint}")
    return providers


def in_python(text: bytes) -> Any:
    """The value of `providers` in a release's data.py, which is read and not run."""
    if len(re.findall(rb"\w+|[^\w\s]", text)) > MOST_WORDS:
        raise PriceListError(f"it has more than {MOST_WORDS:,} words and signs")
    for statement in ast.parse(text).body:
        if isinstance(statement, ast.AnnAssign) and getattr(statement.target, "id", "") == "providers":
            return as_data(statement.value)
    raise PriceListError("it has no providers")


def as_data(node: Any) -> Any:
    """What the JSON has where the Python has a constructor: its arguments by name, its `or_` as `or`."""
    match node:
        case ast.Constant():
            return node.value
        case ast.List():
            return [as_data(each) for each in node.elts]
        case ast.Dict():
            return {as_data(key): as_data(value) for key, value in zip(node.keys, node.values, strict=True)}
        case ast.Call(func=ast.Name(id="Decimal"), args=[number], keywords=[]):
            return as_data(number)
        case ast.Call(func=ast.Attribute(value=ast.Name(id="datetime"), attr="date" | "time" as kind)):
            return getattr(datetime, kind)(*map(as_data, node.args), **arguments(node))
        case ast.Attribute(attr="UTC" | "utc"):
            return datetime.UTC
        case ast.Call(func=ast.Name(), args=[]):
            return arguments(node)
    raise PriceListError(f"line {getattr(node, 'lineno', 1)} is no data")


def arguments(call: ast.Call) -> dict[str, Any]:
    return {(keyword.arg or "").rstrip("_"): as_data(keyword.value) for keyword in call.keywords}


def with_prices(raw: Any) -> Any:
    """The data with genai-prices' ModelPrice where prices are, which no type turns them into by itself.

    How to read a provider's answers is left out: it is not about prices.
    """
    from genai_prices.types import ModelPrice, TieredPrices
    from pydantic import TypeAdapter

    price = TypeAdapter(dict[str, Decimal | TieredPrices | None])

    def typed(value: Any, key: str = "") -> Any:
        if isinstance(value, list):
            return [typed(each) for each in value]
        if not isinstance(value, dict):
            return value
        if key == "prices":
            return ModelPrice(**price.validate_python(value))
        return {name: typed(each, name) for name, each in value.items() if name != "extractors"}

    return typed(raw)


def complaints(providers: list[Any]) -> Iterator[str]:
    """What the types let through and would be wrong, or never end, when a price is looked up."""
    if not providers:
        yield "it has no providers"
    for provider in providers:
        for model in provider.models:
            place = f"{provider.id} {model.id}"
            if not place.isprintable():  # which could command a terminal
                yield f"{place!r} is no name"
            if not model.prices:
                yield f"{place} has no prices"
            for key, price in ((key, price) for each in prices_of(model) for key, price in vars(each).items()):
                steps = [price.base, *(tier.price for tier in price.tiers)] if hasattr(price, "tiers") else [price]
                if key.startswith("_") or not all(step is None or 0 <= float(step) < float("inf") for step in steps):
                    yield f"{place} has the {key} price {price}"
        for clause in clauses([provider.model_match, provider.provider_match, *(m.match for m in provider.models)]):
            if hasattr(clause, "regex") and (REPEATED_GROUP.search(clause.regex) or not re.compile(clause.regex)):
                yield f"{provider.id} has the pattern {clause.regex!r}, which may never come to an end"


def prices_of(model: Any) -> list[Any]:
    """Every set of prices of a model: of any day, and of its variants."""
    standard = [each.prices for each in model.prices] if isinstance(model.prices, list) else [model.prices]
    return standard + [each.prices for each in model.price_variants or ()]


def clauses(matches: list[Any]) -> Iterator[Any]:
    for each in filter(None, matches):
        yield each
        yield from clauses([*getattr(each, "or_", ()), *getattr(each, "and_", ())])
