"""The calibration against the measurements it was fitted to and those it was not: an error that grows fails."""

import csv

import fit
import numpy as np
import pytest
import tokensheet as ts
from tokensheet.calibration import FITTED, HIGH, LOW
from tokensheet.data import MEASURED
from tokensheet.measured import inputs_of, judged, layout_of, model_of, precision_of, read_rows
from tokensheet.rows import UnknownName

pytestmark = pytest.mark.xdist_group("fit")  # which one worker makes for all


@pytest.fixture(scope="session")
def data() -> fit.Data:
    return fit.published()


def test_the_constants_are_those_of_the_fit(data: fit.Data) -> None:
    assert fit.fit(data, np.ones(len(data.measured), bool)) == pytest.approx(FITTED, rel=2e-3)
    assert len(FITTED) <= 12


def test_every_row_is_answered_and_within_the_error_that_is_published(data: fit.Data) -> None:
    found = fit.errors(data, fit.results()["all"])
    assert np.isfinite(fit.results()["all"]).all()
    assert found["median error"] < 0.105
    assert found["within 30 %"] > 0.87


@pytest.mark.parametrize(
    ("left_out", "most"),
    [("without its model", 0.11), ("without its chip", 0.125), ("without its engine", 0.115),
     ("without model and chip", 0.125)],
)  # fmt: skip
def test_rows_that_the_fit_has_not_seen(data: fit.Data, left_out: str, most: float) -> None:
    found = fit.errors(data, fit.results()[left_out])
    assert found["median error"] < most
    assert found["within 30 %"] > 0.83


@pytest.mark.parametrize(("left_out", "unseen"), [("all", 0), ("without its model", 1), ("without its chip", 1),
                                                  ("without model and chip", 2)])  # fmt: skip
def test_the_band_holds_four_rows_in_five(data: fit.Data, left_out: str, unseen: int) -> None:
    ratio = data.measured / fit.results()[left_out]
    assert 0.75 <= np.mean((ratio >= LOW[unseen]) & (ratio <= HIGH[unseen])) <= 0.85


def test_less_known_is_never_surer() -> None:
    assert sorted(LOW, reverse=True) == LOW
    assert sorted(HIGH) == HIGH


def test_the_ideal_is_a_bound() -> None:
    """Each measurement that is faster than the ideal is listed, with the reason, in docs/accuracy.md."""
    faster = [row for row in judged(read_rows()) if row["tpot_ms"] < row["ideal_ms"]]
    assert len(faster) == 12
    assert {row["reason"] for row in faster} == {None}


def test_the_same_run_stands_in_the_file_under_two_labels() -> None:
    """The evidence for `layout_of`: equal to the last digit, labelled once as one node and once with it squared."""
    labels: dict[tuple[str, ...], set[str]] = {}
    for row in read_rows():
        key = tuple(row[column] for column in ("chip", "precision", "isl", "osl", "concurrency", "ttft_ms", "tpot_ms"))
        labels.setdefault(key, set()).add(row["parallelism"])
    for squared, once in [
        ("tp64 pp1 adp1 moe_tp8 ep8", "tp8 pp1 adp1 moe_tp1 ep8"),
        ("tp16 pp1 adp1 moe_tp4 ep4", "tp4 pp1 adp1 moe_tp1 ep4"),
        ("tp1 pp1 adp64 moe_tp8 ep8", "tp1 pp1 adp8 moe_tp1 ep8"),
    ]:
        assert sum({squared, once} <= found for found in labels.values()) >= 18


@pytest.mark.parametrize(
    ("label", "layout"),
    [
        ("tp8 pp1 adp1 moe_tp8 ep1", (8, 1, False)),
        ("tp64 pp1 adp1 moe_tp8 ep8", (8, 1, False)),
        ("tp1 pp1 adp8 moe_tp1 ep8", (8, 1, True)),
        ("tp2 pp1 adp0 moe_tp0 ep0", (2, 1, False)),
        ("DEP4", (4, 1, True)),
        ("TP4PP2", (4, 2, False)),
    ],
)
def test_a_label_of_parallelism_is_read(label: str, layout: tuple[int, int, bool]) -> None:
    chips = {"tp64 pp1 adp1 moe_tp8 ep8": "64", "tp2 pp1 adp0 moe_tp0 ep0": "2", "DEP4": "4"}.get(label, "8")
    assert layout_of({"parallelism": label, "n_chips": chips}, 100e9, 80e9) == layout


def test_without_a_label_copies_stand_on_few_chips() -> None:
    assert layout_of({"n_chips": "8"}, 70e9, 141e9) == (1, 1, False)
    assert layout_of({"n_chips": "8"}, 140e9, 80e9) == (4, 1, False)


@pytest.mark.parametrize(
    ("published", "name"),
    [
        ("deepseek-ai/DeepSeek-R1", "DeepSeek-V3"),
        ("nvidia/Llama-3.1-8B-Instruct-FP8", "Llama-3.1-8B"),
        ("LLaMA v3.3 70B", "Llama-3.1-70B"),
        ("llama2-70b-99.9", "Llama-2-70B"),
        ("GPT-OSS 20B", "gpt-oss-20b"),
        ("Qwen/Qwen3-235B-A22B-Instruct-2507", "Qwen3-235B-A22B"),
        ("meta-llama/Meta-Llama-3-8B-Instruct", "Llama-3.1-8B"),
        ("mistralai/Mixtral-8x7B-Instruct-v0.1", "Mixtral-8x7B"),
        ("nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16", "Nemotron-3-Nano-30B-A3B"),
    ],
)
def test_a_published_name_is_understood(published: str, name: str) -> None:
    assert model_of(published)["name"] == name


def test_an_unknown_model_is_named() -> None:
    with pytest.raises(UnknownName, match="no model is called 'gpt-9'"):
        model_of("openai/gpt-9")
    row = read_rows()[0] | {"model": "openai/gpt-9"}
    assert judged([row])[0]["reason"].startswith("no model is called")


def test_the_evidence_for_a_precision_that_is_not_labelled() -> None:
    times: dict[tuple[str, ...], dict[str, list[float]]] = {}
    for row in read_rows():
        if row["model"] == "Qwen/Qwen3-32B" and row["chip"] == "H100 SXM":
            key = (row["n_chips"], row["isl"], row["osl"], row["concurrency"])
            times.setdefault(key, {}).setdefault(row["engine"].split()[0], []).append(float(row["tpot_ms"]))
            if row["precision"] == "unspecified":
                assert precision_of(row) == ("bf16" if row["engine"].startswith("vllm") else "fp8")

    def ratio(other: str) -> float:
        pairs = [each for each in times.values() if "sglang" in each and other in each]
        return float(np.median([np.median(each["sglang"]) / np.median(each[other]) for each in pairs]))

    assert ratio("trtllm") == pytest.approx(0.96, abs=0.03)  # labelled fp8
    assert ratio("vllm") == pytest.approx(0.70, abs=0.03)


@pytest.mark.parametrize("name", ["trtllm_perf_overview", "mlperf_v5.1"])
def test_saturated_throughput_has_an_answer_or_a_reason(name: str) -> None:
    rows = judged(read_rows(MEASURED / f"{name}.csv"))
    assert all(row["reason"] or row["predicted_throughput"] > 0 for row in rows)


def test_inputs_of_a_row() -> None:
    with (MEASURED / "serving_latency.csv").open(encoding="utf-8") as file:
        row = next(csv.DictReader(file))
    inputs = inputs_of(row)
    assert (inputs["chips"], inputs["most_tensor_parallel"], inputs["batch"], inputs["bytes"]) == (2, 8, 8, 1)
    assert inputs["unseen"] == 0


def test_the_step_is_the_sum_of_its_parts() -> None:
    step = ts.calibrated_step_time(0.001, 0.004, 0.002, 0.0005, 0.002)
    eta, link = (FITTED[name] for name in ("bandwidth_efficiency", "link_efficiency"))
    assert step == pytest.approx(0.001 + (0.004 + 0.002) / eta + 0.0005 / link + 0.002)
    shared = ts.colocated_step_time(step, 0.1, 0.03, 0.004, 0.002)
    assert shared == pytest.approx(step + 0.1 * 0.03 + 0.1 * (0.004 / eta + 0.002))
    assert ts.estimate_low(step, 0) < step < ts.estimate_high(step, 0) <= ts.estimate_high(step, 2)


def test_one_chip_waits_for_no_other_and_a_dense_model_routes_nothing() -> None:
    assert ts.layer_overhead(80) == pytest.approx(80 * FITTED["layer_latency"])
    assert ts.layer_overhead(80, 58, 256, 8) > ts.layer_overhead(80, 58, 256) > ts.layer_overhead(80)


def test_prompts_that_arrive_together_share_a_pass() -> None:
    one, ten = (ts.colocated_step_time(0.01, arrivals, 0, 0.004, 0.002) for arrivals in (1, 10))
    assert one == ten


def test_a_row_with_a_number_that_cannot_be_has_the_reason() -> None:
    assert "output_tokens must be > 0" in judged([read_rows()[0] | {"osl": "0"}])[0]["reason"]
