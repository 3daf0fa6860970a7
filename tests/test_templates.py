"""The pieces that templates are put together from: the ranges of inputs, the pages of a print."""

from pathlib import Path

import pytest
import tokensheet as ts
from tokensheet.chain import Chain
from tokensheet.chain import Quantity as Q
from tokensheet.chains import DECODE
from tokensheet_templates import cost_grid
from tokensheet_templates.paper import breaks
from tokensheet_templates.ranges import limits_of


def test_an_input_may_be_what_its_equations_take() -> None:
    assert limits_of(DECODE, "batch") == [(">", 0), ("<=", 1e18)]
    assert limits_of(DECODE, "batch", ">= 1 and <= 8") == [(">=", 1), ("<=", 8)]
    assert limits_of(DECODE, "headroom") == [(">=", 0), ("<", 1)]
    assert limits_of(Chain((Q("a", "", ts.max_batch, ("x", "x", "x", "x", "x")),)), "x") == [(">", 0), ("<", 1)]


def test_a_page_ends_where_a_part_begins_and_holds_as_much_as_it_can() -> None:
    assert breaks([10] * 10, [0, 3, 6, 9], 60) == [6]
    assert breaks([10] * 10, [0, 3, 6, 9], 1000) == []
    assert breaks([10, 10, 30, 30], [1, 2, 3], 45, 1) == [3]
    assert breaks([10, 100, 10], [0, 1, 2], 50) == [1, 2]


def test_a_workbook_is_called_xlsx(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"grid\.csv must end in \.xlsx"):
        cost_grid().save(tmp_path / "grid.csv")
    assert not list(tmp_path.iterdir())
