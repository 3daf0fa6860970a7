"""What is legal and yet unlikely has a note: each rule speaks, and nothing of the catalogue makes one speak."""

from typing import Any

import numpy as np
import pytest
import tokensheet as ts
from tokensheet import plausible
from tokensheet.cell import Cell
from tokensheet.glossary import GLOSSARY, meaning
from tokensheet.numbers import FORMATS, defaults, numbers_of_chip, numbers_of_model, numbers_of_power
from tokensheet.plausible import AT_MOST, USUAL, is_more, is_outside, notes, usual
from tokensheet.rents import BASES
from tokensheet_udfs.registry import functions

# A name of each rule
NAMES = {rule: next(
    (name for name in [*GLOSSARY, "max_tpot", "max_ttft", "capex", "cost"] if usual(name, rule.unit) is rule), ""
) for rule in USUAL}  # fmt: skip


@pytest.mark.parametrize("rule", USUAL, ids=lambda rule: f"{rule.names} {rule.unit}")
def test_each_rule_speaks_below_and_above_and_names_the_way_out(rule: Any) -> None:
    name = NAMES[rule]
    units = {name: rule.unit}
    for value, side in ((rule.least * 0.9, "below"), (rule.most * 1.1, "above")):
        (note,) = notes({name: value}, units)
        assert note.startswith(f"{name} {value:g} is {side} the usual {rule.least:g} to {rule.most:g} {rule.unit}: ")
        assert note.endswith(rule.hint)
    assert notes({name: rule.least}, units) == notes({name: rule.most}, units) == notes({name: 0}, units) == ()


@pytest.mark.parametrize(("part", "whole"), AT_MOST)
def test_a_part_that_is_more_than_the_whole_is_noted(part: str, whole: str) -> None:
    least = max([rule.least for name in (part, whole) if (rule := usual(name, meaning(name)[1]))], default=1)
    assert notes({part: 3 * least, whole: 2 * least}) == (
        f"{part} {3 * least:g} is more than {whole} {2 * least:g}, which it is a part of",
    )
    assert notes({part: 2 * least, whole: 2 * least}) == notes({part: 3 * least}) == ()


def test_a_part_of_a_chip_and_a_truth_value_are_noted() -> None:
    assert notes({"chips": 2.5}) == ("chips 2.5 is no whole number: there is no part of a chip",)
    assert notes({"usd_per_hour": True}) == ("usd_per_hour is TRUE, which counts as 1: give a number",)
    assert notes({"batch": 2.5, "precision": "fp8", "usd_per_hour": None}) == ()


def test_every_chip_and_model_of_the_catalogue_and_every_default_is_usual() -> None:
    rows: list[dict[str, Any]] = [defaults()]
    for basis in BASES:
        for row in ts.chips(basis).values():
            rows += [numbers_of_chip(row, precision) | numbers_of_power(row) for precision in FORMATS]
    rows += [numbers_of_model(row) for row in ts.models().values()]
    rows += [{"bytes": each.bytes, "dense_bytes": each.dense_bytes} for each in FORMATS.values()]
    assert [said for row in rows if (said := notes(row))] == []


def test_every_default_of_every_function_is_usual() -> None:
    for function in functions().values():
        given = {each.name: each.default for each in function.parameters if not each.required}
        assert notes(given, function.help.units) == (), function.name


@pytest.mark.parametrize("factor", [1000, 1 / 1000])
def test_a_rate_a_thousand_times_off_is_noted(factor: float) -> None:
    numbers = numbers_of_chip(ts.chips()["H100 SXM"], "fp8") | numbers_of_power(ts.chips()["H100 SXM"])
    rates = {key: value for key, value in numbers.items() if key not in ("software", "domain")}
    assert len(notes({key: value * factor for key, value in rates.items()})) == len(rates)


def test_the_rules_are_formulas_of_cells_too() -> None:
    three, least, most = Cell("D7:F7", np.array([[0, 5, 11]])), Cell("G7", 1), Cell("H7", 10)
    outside = np.sum(is_outside(three, least, most))
    assert (outside.text, outside.value) == ("SUMPRODUCT((D7:F7<>0)*((D7:F7<G7)+(D7:F7>H7)))", 1)
    more = np.sum(is_more(Cell("D7:F7", np.array([[1, 2, 4]])), Cell("D6:F6", np.array([[1, 2, 3]]))))
    assert (more.text, more.value) == ("SUMPRODUCT(1*(D7:F7>D6:F6))", 1)


def test_an_answer_alone_asks_for_no_notes(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise AssertionError("a plain call has looked for notes")

    for name in ("notes", "note", "usual"):
        monkeypatch.setattr(plausible, name, fail)
    assert ts.decode_cost("DeepSeek-V3", "H200", 0.5, 4096, 8) > 0
    assert ts.memory_time(671e9, 1, 3350) > 0
