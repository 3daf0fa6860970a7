"""The calibration against the measurements it was fitted to and those it was not: an error that grows fails."""

import csv
import re
from collections import Counter
from pathlib import Path
from typing import Any

import fit
import numpy as np
import pytest
import report
import tokensheet as ts
from tokensheet.calibration import BAND_ENDS, BAND_ROWS, FITTED, band, band_of, calibration, constants, slowdowns
from tokensheet.catalogue import chips, models
from tokensheet.chains import SERVICE
from tokensheet.data import MEASURED
from tokensheet.measured import (
    LIMITED,
    agreement,
    columns,
    inputs_of,
    judged,
    layout_of,
    model_of,
    number,
    old_software,
    precision_of,
    predict,
    read_rows,
    speculative,
)
from tokensheet.rows import UnknownName

pytestmark = pytest.mark.xdist_group("fit")  # which one worker makes for all

DISAGGREGATED = "prefill and decode on chips of their own, whose numbers differ from row to row"
CORRECTIONS = Path(__file__).with_name("data") / "serving_latency_corrections.csv"
# The most that the median error of each vendor may be: of time per output token, by what the fit was without
MOST = {
    "all": {"NVIDIA": 0.08, "AMD": 0.13, "AWS": 0.09},
    "without its model": {"NVIDIA": 0.085, "AMD": 0.16, "AWS": 0.09},
    "without its chip": {"NVIDIA": 0.095, "AMD": 0.155, "AWS": 0.105},
    "without model and chip": {"NVIDIA": 0.095, "AMD": 0.15, "AWS": 0.11},
}


@pytest.fixture(scope="session")
def data() -> fit.Data:
    return fit.published()


def error_of(data: fit.Data, left_out: str, vendor: str, key: str = "token_time") -> float:
    """The median error of what was measured of a vendor's rows, predicted by a fit without some of them."""
    measured = {"token_time": data.measured, "ttft": data.ttft, "output_rate": fit.measured_rate(data)}[key]
    of = data.now & (data.vendor == vendor) & np.isfinite(measured)
    return fit.errors(fit.results()[left_out][fit.KEYS.index(key), of] / measured[of])["error"]


def test_the_constants_are_those_of_the_fit() -> None:
    found = fit.fitted_to_all()
    assert found | fit.SET == pytest.approx(
        FITTED | {f"software {name}": s for name, s in slowdowns().items()}, rel=2e-3
    )
    assert constants() == FITTED
    # a number more for each vendor whose software takes longer
    assert len(FITTED) <= 12
    assert set(fit.slowed(found)) == set(slowdowns()) == set(fit.VENDORS) - {"NVIDIA"}


def test_the_bands_are_those_of_the_fit(data: fit.Data) -> None:
    found = fit.bands(data)
    assert [row[:2] for row in found] == [[row["vendor"], int(row["unseen"])] for row in BAND_ROWS]
    for row, published in zip(found, BAND_ROWS, strict=True):
        assert [float(end) for end in row[2:]] == pytest.approx([float(published[end]) for end in BAND_ENDS], abs=2e-3)


def test_constants_that_are_set_have_no_interval() -> None:
    assert {row["name"] for row in calibration() if not row["low"]} == {*fit.SET, *fit.FIRST_TOKEN}


@pytest.mark.parametrize("left_out", MOST)
@pytest.mark.parametrize("vendor", fit.VENDORS)
def test_times_per_token_are_within_the_error_that_is_published(data: fit.Data, left_out: str, vendor: str) -> None:
    assert np.isfinite(fit.results()[left_out]).all()
    assert error_of(data, left_out, vendor) < MOST[left_out][vendor]


@pytest.mark.parametrize("left_out", MOST)
def test_first_tokens_and_throughputs(data: fit.Data, left_out: str) -> None:
    assert error_of(data, left_out, "NVIDIA", "ttft") <= 0.31
    assert error_of(data, left_out, "AMD", "ttft") <= 0.35
    assert error_of(data, left_out, "NVIDIA", "output_rate") <= 0.095


def test_a_vendor_that_was_not_measured_is_worse_known_and_says_so(data: fit.Data) -> None:
    """Without a slowdown of its own its software counts as NVIDIA's, so the band is open above only."""
    for vendor in ("AMD", "AWS"):
        assert error_of(data, "without its vendor", vendor) > 0.2
    assert band_of(dict(chips()["TPU7x"]), models()["DeepSeek-V3"]) >= 9
    assert all(float(row["low_factor"]) == 1 for row in BAND_ROWS if not row["vendor"])


@pytest.mark.parametrize("vendor", fit.VENDORS)
@pytest.mark.parametrize(
    ("left_out", "unseen"),
    [("all", 0), ("without its model", 1), ("without its chip", 1), ("without model and chip", 2)],
)
def test_the_band_holds_four_rows_in_five(data: fit.Data, vendor: str, left_out: str, unseen: int) -> None:
    of = data.now & (data.vendor == vendor)
    ratio = data.measured[of] / fit.results()[left_out][0, of]
    ends = next(row for row in BAND_ROWS if (row["vendor"], row["unseen"]) == (vendor, str(unseen)))
    inside = np.mean((ratio >= float(ends["low_factor"])) & (ratio <= float(ends["high_factor"])))
    assert 0.75 <= inside <= 0.85 + 0.05 * (unseen > 0)  # a stranger is given the room of all vendors' rows, and more


@pytest.mark.parametrize("vendor", fit.VENDORS)
@pytest.mark.parametrize("kind", ["model", "chip"])
def test_a_band_taken_from_the_others_alone_holds_as_many(vendor: str, kind: str) -> None:
    """Of AWS's two chips the one's rows alone would hold 64 % of the other's: all vendors' chips make it wider."""
    assert 0.75 <= report.honestly(report.of_vendor(vendor), kind) <= 0.88


def test_less_known_is_never_surer() -> None:
    for vendor in {row["vendor"] for row in BAND_ROWS}:
        rows = [row for row in BAND_ROWS if row["vendor"] == vendor]
        for end in BAND_ENDS:
            assert sorted((float(row[end]) for row in rows), reverse=end.startswith("low")) == [
                float(row[end]) for row in rows
            ]


def test_the_band_is_that_of_the_vendor_and_of_how_much_is_known() -> None:
    known, unknown = models()["DeepSeek-V3"], models()["Llama-4-Scout"]
    rows = [band_of(chips()[chip], model) for chip, model in
            [("H200 SXM", known), ("H200 SXM", unknown), ("A100 SXM 80GB", unknown), ("MI355X", known)]]  # fmt: skip
    assert [(BAND_ROWS[row]["vendor"], BAND_ROWS[row]["unseen"]) for row in rows] == [
        ("NVIDIA", "0"), ("NVIDIA", "1"), ("NVIDIA", "2"), ("AMD", "0"),
    ]  # fmt: skip
    assert band(rows[0])["low_factor"] < 1 < band(rows[0])["high_factor"]


def test_what_is_faster_than_the_bound_was_not_run_by_as_many_as_its_label_says(data: fit.Data) -> None:
    """Physics forbids it. Little's law on TTFT, or the memory, says how many decoded: for them it is no exception."""
    faster = data.measured < data.bound
    assert faster.sum() == 12
    decoding = fit.decoding(data)
    assert (decoding < data.inputs["users"])[faster].all()
    bound = SERVICE.evaluate(data.inputs | {"batch": decoding}, "ideal_step_time")["ideal_step_time"]
    unexplained = faster & (bound > data.measured)
    assert unexplained.sum() == 2  # docs/accuracy.md lists them as such: one engine's release, and history
    assert (data.measured > 0.75 * bound)[unexplained].all()
    assert not (unexplained & data.now).any()


def test_a_row_without_its_users_has_a_reason_and_no_guess() -> None:
    rows = [row for row in read_rows() if not number(row, "concurrency") and number(row, "tpot_ms")]
    reasons = Counter(str(answer["reason"]).partition(":")[0] for answer in judged(rows))
    assert reasons.pop("no concurrency") == 15
    assert set(reasons) == {DISAGGREGATED, "speculative decoding, or perhaps"}  # which say it first


# ---- old software


def test_a_later_run_makes_an_older_one_history() -> None:
    def run(day: str, engine: str = "vllm 0.9", chip: str = "H100 SXM") -> dict[str, str]:
        return {"chip": chip, "model": "Llama-3.1-8B", "precision": "fp8", "engine": engine, "measured_date": day}

    def history(*rows: dict[str, str]) -> list[bool]:
        return old_software(rows).tolist()

    assert history(run("2026-01-01"), run("2026-02-01")) == [False, False]  # within 45 days
    assert history(run("2026-01-01"), run("2026-06-01", "vllm 0.12")) == [True, False]
    assert history(run("2026-01-01"), run("2026-06-01", "sglang 0.5")) == [False, False]  # another engine
    assert history(run("2024-01-01"), run("2026-06-01", "sglang 0.5")) == [True, False]  # but not a year later
    assert history(run("2024-01-01"), run("2026-06-01", chip="H200 SXM")) == [False, False]
    assert history(run("2025"), run("")) == [False, False]  # the last day of what is known, and no day at all


def test_the_evidence_that_software_grows_old(data: fit.Data) -> None:
    """The same run, later: as often as not a good deal faster. That is why history teaches no constants."""
    pairs = fit.repeats_over_time(data)
    assert len(pairs) > 150
    assert np.median(pairs) > 1.05
    assert np.mean(pairs > 1.2) > 0.2
    assert np.mean(pairs < 1 / 1.2) < 0.1


def test_the_doubtful_series_goes_up_and_down_as_users_are_added(data: fit.Data) -> None:
    assert 0 < data.doubtful.sum() < 20
    long = data.doubtful & (data.inputs["input_tokens"] == 4000)
    times = data.measured[long][np.argsort(data.inputs["users"][long])]
    assert (np.diff(times) < 0).any()
    assert times.max() > 1.4 * times[-1]  # with 32 users longer than with 128
    others = data.now & (data.engine == "trtllm") & (data.model == "Qwen3-32B")
    error = np.abs(fit.results()["all"][0] / data.measured - 1)
    assert np.median(error[data.doubtful]) > 3 * np.median(error[others])


# ---- what labels mean


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


def test_chips_that_the_publisher_counted_twice_are_counted_once() -> None:
    """Its own list of wrong counts. The rest of it are racks that serve prompts on chips it has no number of."""
    with CORRECTIONS.open(encoding="utf-8") as file:
        corrections = {row["row_id"]: row for row in csv.DictReader(file)}
    rows = {row["row_id"]: row for row in read_rows()}
    assert set(corrections) <= set(rows)
    kinds: Counter[str] = Counter()
    for name, correction in corrections.items():
        if correction["n_chips_should_be"]:
            kinds["counted twice"] += 1
            assert rows[name]["n_chips"] == correction["n_chips_now"]
            assert layout_of(rows[name], 1, 1)[0] == float(correction["n_chips_should_be"]), name
            # the publisher's own throughput of the right number
            answer = judged([rows[name]])[0]
            if not speculative(rows[name]):  # which have no answer
                assert answer["throughput"] == pytest.approx(float(correction["throughput_should_be"]), rel=1e-3)
        else:
            kinds["a rack"] += 1
            assert "mislabelled" in correction["reason"]
            assert layout_of(rows[name], 1, 1)[0] == float(rows[name]["n_chips"])
    assert kinds == {"counted twice": 232, "a rack": 44}


@pytest.mark.parametrize(
    ("label", "chips", "layout"),
    [
        ("tp8 pp1 adp1 moe_tp8 ep1", 8, (8, 1, 8)),
        ("tp64 pp1 adp1 moe_tp8 ep8", 64, (8, 1, 8)),
        ("tp1 pp1 adp8 moe_tp1 ep8", 8, (8, 1, 1)),
        ("tp2 pp1 adp0 moe_tp0 ep0", 2, (2, 1, 2)),
        ("tp72 pp1 adp1 moe_tp72 ep1", 72, (72, 1, 0)),  # beyond a node a label's word for it is not taken
        ("tp8 ep1 dpattn=0", 8, (8, 1, 8)),
        ("tp8 ep8 dpattn=1", 8, (8, 1, 1)),
        ("DEP4", 4, (4, 1, 1)),
        ("TP4PP2", 8, (8, 2, 4)),
        ("tp32 (neuroncores)", 16, (16, 1, 16)),
    ],
)
def test_a_label_of_parallelism_is_read(label: str, chips: int, layout: tuple[int, int, int]) -> None:
    """Chips of a copy, its pipeline stages, and the chips that share each head: 0 leaves that to the layout's rule."""
    assert layout_of({"parallelism": label, "n_chips": str(chips)}, 100e9, 80e9) == layout


def test_without_a_label_copies_stand_on_few_chips() -> None:
    assert layout_of({"n_chips": "8"}, 70e9, 141e9) == (1, 1, 0)
    assert layout_of({"n_chips": "8"}, 140e9, 80e9) == (4, 1, 0)


def test_a_card_of_two_chips_counts_as_two() -> None:
    row = next(
        row for row in read_rows(MEASURED / "mlperf_v6.0.csv") if "B60-Dual" in row["notes"] and "8b" in row["model"]
    )
    assert row["n_chips"] == "4"
    assert judged([row])[0]["throughput"] == pytest.approx(float(row["throughput_tok_s_per_chip"]) / 2)


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


@pytest.mark.parametrize(
    ("label", "precision"),
    [("fp8", "fp8"), ("FP4 (nvfp4)", "fp4"), ("MXFP4", "mxfp4"), ("uint4", "int4"), ("fp16", "bf16"), ("", "bf16")],
)
def test_a_label_of_precision_is_read(label: str, precision: str) -> None:
    assert precision_of({"precision": label}) == precision


def test_the_evidence_for_speculative_decoding_that_is_not_labelled() -> None:
    """The same runs are there without, and take as much longer as where a file says which is which."""
    runs: dict[Any, dict[bool, list[float]]] = {}
    drafted = Counter(row["model"] for row in read_rows() if speculative(row) and not row.get("spec_decoding"))
    assert drafted == {"deepseek-ai/DeepSeek-R1": 127, "Qwen/Qwen3.5-397B-A17B": 51}
    for row in read_rows():
        if row["model"] in drafted and not row.get("spec_decoding") and row["engine"].startswith(("trtllm", "sglang")):
            count, _, shared = layout_of(row, 1, 1)
            labels = (row[name] for name in ("chip", "model", "precision", "isl", "osl", "concurrency"))
            key = (*labels, row["engine"][:6], count, shared)
            runs.setdefault(key, {}).setdefault(speculative(row), []).append(float(row["tpot_ms"]))
    pairs = [np.median(times[False]) / np.median(times[True]) for times in runs.values() if len(times) == 2]
    assert len(pairs) == 59
    assert np.median(pairs) == pytest.approx(1.48, abs=0.02)
    assert np.mean(np.array(pairs) > 1) > 0.95


def test_a_median_first_token_is_compared_with_nothing(data: fit.Data) -> None:
    medians = [row for row in read_rows() if row.get("latency_stat") == "median" and number(row, "ttft_ms")]
    assert len(medians) > 100
    assert {answer["ttft_ms"] for answer in judged(medians)} == {None}
    both = [(number(row, "ttft_ms"), re.search(r"median_ttft_ms=([\d.]+)", row["notes"])) for row in read_rows()
            if row.get("latency_stat") == "mean"]  # fmt: skip
    ratio = [float(median[1]) / mean for mean, median in both if mean and median]
    assert len(ratio) == 308
    assert np.median(ratio) == pytest.approx(0.60, abs=0.01)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"mode": "disagg"}, "prefill and decode on chips of their own"),
        ({"spec_decoding": "mtp"}, "speculative decoding"),
        ({"model": "deepseek-ai/DeepSeek-R1", "engine": "trtllm 1.2", "measured_date": "2026-02-06"}, "speculative"),
        ({"isl": ""}, "no length"),
        ({"concurrency": ""}, "no concurrency"),
        ({"concurrency": "", "tpot_ms": "", "mode": "Server"}, "as many users as its latency limit allows"),
        ({"chip": "abacus"}, "no chip is called"),
        ({"osl": "0"}, "output_tokens must be > 0"),
    ],
)
def test_a_row_that_has_no_estimate_has_a_reason(changed: dict[str, str], reason: str) -> None:
    assert reason in judged([read_rows()[0] | changed])[0]["reason"]


# ---- saturated throughput


@pytest.mark.parametrize("name", ["trtllm_perf_overview", "mlperf_v5.1", "mlperf_v6.0"])
def test_saturated_throughput_has_an_answer_or_a_reason(name: str) -> None:
    rows = judged(read_rows(MEASURED / f"{name}.csv"))
    assert all(row["reason"] or row["predicted_throughput"] > 0 for row in rows)


@pytest.mark.parametrize("name", ["mlperf_v5.1", "mlperf_v6.0"])
def test_mlperfs_offline_runs_are_within_a_fifth(name: str) -> None:
    """Nothing is fitted to them."""
    rows = [row for row in read_rows(MEASURED / f"{name}.csv") if row["mode"] == "Offline"]
    found = agreement([answer for _, answer in report.distinct(zip(rows, judged(rows), strict=True))])["throughput"]
    assert found["rows"] > 45
    assert found["median_error"] < 0.20


def test_requests_that_come_at_random_wait_for_no_first_wave() -> None:
    """Nothing is fitted to them either; with one, first tokens were estimated 5.6 times as long."""
    rows = [row for row in read_rows(MEASURED / "mlperf_v6.0.csv") if row["mode"] in LIMITED]
    answers = [answer for _, answer in report.distinct(zip(rows, judged(rows), strict=True)) if not answer["reason"]]
    assert len(answers) == 70
    assert 0.75 < np.median([answer["predicted_ttft_ms"] / answer["ttft_ms"] for answer in answers]) < 1.33


def test_where_requests_queue_all_that_fit_are_answered_and_prompts_ride_along() -> None:
    row = next(
        row for row in read_rows(MEASURED / "mlperf_v6.0.csv") if row["mode"] == "Offline" and "llama2" in row["model"]
    )
    inputs = columns([inputs_of(row)])
    assert inputs["queued"] == 1
    loop = SERVICE.evaluate(inputs | {"batch": inputs["users"]}, "output_rate", "ideal_output_rate")
    full = predict(inputs)
    assert loop["output_rate"] < full["output_rate"] < full["ideal_output_rate"]


# ---- the equations behind it


def test_inputs_of_a_row() -> None:
    inputs = inputs_of(read_rows()[0])
    wanted = {
        "own_chips": 2,
        "own_stages": 1,
        "own_tensor_parallel": 2,
        "users": 8,
        "bytes": 1,
        "queued": 0,
        "software": 1,
    }
    assert {key: inputs[key] for key in wanted} == wanted


def test_the_step_is_the_sum_of_its_parts() -> None:
    eta, compute, link = (FITTED[f"{name}_efficiency"] for name in ("bandwidth", "prefill", "link"))
    assert ts.exchanged_time(0.0005) == pytest.approx(0.0005 / link)
    moving = ts.moving_time(0.001, 0.002, 0.003, 0.0005, 1.5)
    assert moving == pytest.approx(1.5 * (0.001 + 0.002 / eta + 0.003 / compute + 0.0005))
    assert ts.calibrated_step_time(moving, 0.004, 0.002) == pytest.approx(moving + 0.006)
    assert ts.band_end(0.01, 0.8, 0.009) == 0.009


def test_one_chip_waits_for_no_other_and_a_dense_model_routes_nothing() -> None:
    assert ts.layer_overhead(80) == pytest.approx(80 * FITTED["layer_latency"])
    assert ts.layer_overhead(80, 58, 4, 8) > ts.layer_overhead(80, 58, 4) > ts.layer_overhead(80)


def test_routing_takes_as_many_times_as_long_as_a_token_has_experts() -> None:
    routing = ts.layer_overhead(80, 58, [2, 4, 8]) - ts.layer_overhead(80)
    assert routing == pytest.approx(58 * FITTED["expert_latency"] * np.array([2, 4, 8]))
