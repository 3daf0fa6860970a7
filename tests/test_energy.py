"""Energy and carbon of a token, and the measurements that the power of a chip is taken from."""

import re
from typing import Any

import numpy as np
import pytest
import tokensheet as ts
from tokensheet.data import MEASURED
from tokensheet.energy import HOST_SHARE, POWER_SHARE, PUE
from tokensheet.measured import read_rows
from tokensheet.numbers import DEFAULTS
from tokensheet_udfs.convert import call
from tokensheet_udfs.registry import functions


def noted(row: dict[str, Any], name: str) -> float | None:
    """A number that stands in the notes of a measurement."""
    found = re.search(rf"\b{name}=([\d.]+)", row["notes"])
    return float(found[1]) if found else None


METERED = [row for row in read_rows(MEASURED / "serving_latency_2.csv") if noted(row, "avg_power_w")]


def power(row: dict[str, Any]) -> float:
    return float(noted(row, "avg_power_w") or 0)


def test_the_share_of_the_power_is_the_median_of_what_was_measured() -> None:
    assert len(METERED) == 19
    assert {(row["chip"], row["model"]) for row in METERED} == {("MI355X", "deepseek-ai/DeepSeek-R1-0528")}
    shares = {row["row_id"]: power(row) / float(ts.chip(row["chip"], "power_w")) for row in METERED}
    assert round(float(np.median([*shares.values()])), 2) == POWER_SHARE
    by_batch = [
        float(np.median([shares[row["row_id"]] for row in METERED if row["concurrency"] == batch]))
        for batch in ("1", "64")
    ]
    assert by_batch == pytest.approx([0.25, 0.61], abs=0.005)


def test_the_energy_of_a_measured_token_is_power_over_throughput() -> None:
    """So the joules in the file are those of the chips alone, without server and building."""
    for row in METERED:
        if row["mode"] != "agg":  # elsewhere the chips that read the prompts are counted in one and not in the other
            continue
        speed = float(row["throughput_tok_s_per_chip"])
        alone = ts.energy_per_token(power(row), 1 / speed, 1, 1, power_share=1, host_share=0, pue=1)
        assert alone == pytest.approx(noted(row, "joules_per_output_token"), rel=1e-3)


def test_the_rest_of_a_server_is_what_its_data_sheets_leave_for_it() -> None:
    more = [10.2e3 / (8 * ts.chips()["H100 SXM"]["power_w"]) - 1, 14.3e3 / (8 * ts.chips()["B200 SXM"]["power_w"]) - 1]
    assert pytest.approx(more, abs=0.005) == [0.82, 0.79]
    assert round(float(np.mean(more)), 1) == HOST_SHARE


def test_an_answer_over_names_is_that_of_the_equation() -> None:
    question = ("DeepSeek-V3", "H200", [1, 64], 4096, 8)
    time = ts.decode_time(*question)
    assert ts.decode_energy(*question) == pytest.approx(ts.energy_per_token(700, time, [1, 64], 8))
    given: dict[str, Any] = {"power_share": 0.7, "host_share": 0.5, "pue": 1.1}
    assert ts.decode_energy(*question, **given) == pytest.approx(ts.energy_per_token(700, time, [1, 64], 8, **given))
    assert DEFAULTS.items() >= {"power_share": POWER_SHARE, "host_share": HOST_SHARE, "pue": PUE}.items()


def test_the_ends_of_the_energy_are_those_of_the_time() -> None:
    ends = [ts.decode_energy("Llama-3.1-70B", "H100", 64, 4096, estimate=end)
            for end in ("ideal", "low", "calibrated", "high")]  # fmt: skip
    assert ends == sorted(ends)


def test_a_joule_is_paid_and_emits() -> None:
    assert ts.energy_cost(3.6e6, 0.08) == pytest.approx(0.08)
    assert ts.carbon_per_token(3.6e6, 445) == pytest.approx(445)


def test_electricity_is_a_part_of_what_an_owner_pays() -> None:
    """An hour of a chip at a token a second: CHIP_HOUR_COST without its purchase."""
    energy = ts.energy_per_token(700, 1, 1)
    drawn = 700 * POWER_SHARE * (1 + HOST_SHARE)
    assert 3600 * ts.energy_cost(energy, 0.08) == pytest.approx(ts.chip_hour_cost(0, 1, drawn, PUE, 0.08, 0))


def test_a_chip_whose_power_is_not_known_has_no_energy() -> None:
    with pytest.raises(ts.UnknownName, match="TPU v6e has no power_w in the catalogue"):
        ts.decode_energy("Llama-3.1-8B", "TPU v6e", 1, 0)
    said = call(functions()["WHY"], ("DECODE_ENERGY", "Llama-3.1-8B", "H200", 1, 4096)).item()
    assert "J/token = " in said
