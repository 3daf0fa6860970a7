"""The command `tokensheet prices`: the lists of API prices that are kept, and a newer one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from tokensheet.as_of import today
from tokensheet.price_lists import PriceList, changes, in_use, installed, keep, kept, newest, snapshot

from tokensheet_addin.tables import Csv, Json, print_data, say, show, working

LINES = 20  # of prices that moved

prices = typer.Typer(invoke_without_command=True)


@prices.callback()
def by_default(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        list_prices()


@prices.command("list")
def list_prices(as_json: Json = False, as_csv: Csv = False) -> None:
    """Show the lists that are kept and the installed one: name, day, hash, and which counts."""
    used, release = in_use(), installed()
    days = [f"kept since {each.kept}" for each in kept()] + [f"installed, prices up to {newest(release, today())}"]
    rows = [
        [each.name, day, each.sha256, "in use" * (each == used)]
        for each, day in zip([*kept(), release], days, strict=True)
    ]
    data = [dict(zip(("list", "day", "sha256", "state"), row, strict=True)) for row in rows]
    if print_data(data, data, as_json, as_csv):
        return
    show(["List", "Day", "sha256", ""], rows, wrap=False)
    if release.sha256 not in {each.sha256 for each in kept()}:
        say("The installed release is not kept; 'tokensheet prices update' keeps it and uses it from today on.")


@prices.command("update")
def update(
    file: Annotated[
        Path | None,
        typer.Argument(help="data.json, a wheel or an sdist of genai-prices; otherwise the release that is installed."),
    ] = None,
) -> None:
    """Keep a newer list of prices and use it from today on, or from the day that --as-of names; old ones stay."""
    with working("reading the list"):
        before, after = in_use(), keep(file)
    providers = snapshot(after).providers
    say(f"{after.name}, its newest price of {newest(after, today())}")
    say(f"sha256 {after.sha256}")
    say(f"{len(providers)} providers, {sum(len(each.models) for each in providers):,} models")
    if after == before:
        say(f"kept since {after.kept} already; nothing changed")
        return
    show_changes(before, after)
    say(f"kept in {after.path}; counts from {after.kept} on")


def show_changes(before: PriceList, after: PriceList) -> None:
    found = changes(before, after, today())
    say(
        f"against {before.name}: {len(found.moved)} prices moved, {len(found.new)} models are new, "
        f"{len(found.gone)} are gone"
    )
    if found.moved:
        rows = [[*move[:3], amount(move.was), amount(move.now)] for move in found.moved[:LINES]]
        show(["Provider", "Model", "Price, $ per million", "Was", "Is"], rows, wrap=False)
    if len(found.moved) > LINES:
        say(f"and {len(found.moved) - LINES} more")


def amount(price: Any) -> str:
    """A price as the list has it; one with tiers with each of them."""
    if price is None:
        return ""
    steps = [f", {tier.price} from {tier.start:,} tokens" for tier in getattr(price, "tiers", ())]
    return str(getattr(price, "base", price)) + "".join(steps)
