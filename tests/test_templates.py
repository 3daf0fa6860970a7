"""The pieces that templates are put together from: a second template, the ranges of inputs, the pages of a print."""

from pathlib import Path

import pytest
import tokensheet as ts
from capacity_plan import CapacityPlan
from hosts import ironcalc as independent_engine
from tokensheet.chain import Chain
from tokensheet.chain import Quantity as Q
from tokensheet.chains import DECODE
from tokensheet_templates.paper import breaks
from tokensheet_templates.ranges import in_words, limits_of
from tokensheet_udfs.spelling import FLAVOURS
from workbooks import cached, differences, find

PLAN = Path(__file__).with_name("capacity_plan.py")


@pytest.mark.parametrize("chip", ["H100 SXM", "A100 PCIe 80GB", "MI300X"])
def test_a_second_template_computes_what_the_functions_do(tmp_path: Path, chip: str) -> None:
    path = CapacityPlan("Llama-3.1-70B", chip).save(tmp_path / "plan.xlsx")
    values, usd = cached(path), ts.chips()[chip]["usd_per_hour"] or 0
    copies = ts.units_for_traffic(50e3, 64, ts.decode_time("Llama-3.1-70B", chip, 64, 4096))
    assert values[find(path, "Copies", sheet="Plan")] == pytest.approx(copies, rel=1e-12)
    chips = -(-copies // 1) * ts.chips_needed("Llama-3.1-70B", chip, 64, 4096)
    assert values[find(path, "Rent a month", sheet="Plan")] == pytest.approx(chips * usd * 730, rel=1e-12)
    assert values["Checks!A3"] == values["Plan!A3"] == "All checks pass"
    assert not differences(values, independent_engine.recalculate(path))


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_second_template_comes_in_every_flavour(tmp_path: Path, flavour: str) -> None:
    native, other = (
        CapacityPlan().save(tmp_path / f"{each}.xlsx", each, overwrite=True) for each in ("native", flavour)
    )
    assert not differences(cached(native), cached(other))


def test_a_second_template_is_short() -> None:
    assert len(PLAN.read_text().splitlines()) <= 60


def test_an_input_may_be_what_its_equations_take() -> None:
    assert limits_of(DECODE, "batch") == [(">", 0), ("<=", 1e18)]
    assert limits_of(DECODE, "batch", ">= 1 and <= 8") == [(">=", 1), ("<=", 8)]
    assert limits_of(DECODE, "headroom") == [(">=", 0), ("<", 1)]
    assert limits_of(Chain((Q("a", "", ts.max_batch, ("x", "x", "x", "x", "x")),)), "x") == [(">", 0), ("<", 1)]
    assert in_words(limits_of(DECODE, "headroom"), "fraction") == "from 0 %, below 100 %"
    assert in_words(limits_of(DECODE, "batch")) == "above 0"


def test_a_page_ends_where_a_part_begins_and_holds_as_much_as_it_can() -> None:
    assert breaks([10] * 10, [0, 3, 6, 9], 60) == [6]
    assert breaks([10] * 10, [0, 3, 6, 9], 1000) == []
    assert breaks([10, 10, 30, 30], [1, 2, 3], 45, 1) == [3]
    assert breaks([10, 100, 10], [0, 1, 2], 50) == [1, 2]
