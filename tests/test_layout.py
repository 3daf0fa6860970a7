"""Layouts: what chips share, what copies they read, and the network that they exchange over."""

import numpy as np
import pytest
import tokensheet as ts
from hypothesis import given, settings
from hypothesis import strategies as st
from tokensheet.asked import ask

MODELS = ["Llama-3.1-70B", "DeepSeek-V3", "GLM-5", "gpt-oss-120b", "Qwen3.5-397B-A17B"]
CHIPS = ["H100", "B200", "GB200", "MI300X", "TPU v6e", "Trainium2"]


def steps(model: str, chip: str, *keys: str, **given: float) -> dict[str, float]:
    asked = ask(ts.decode_time, {"model": model, "chip": chip, "precision": "fp8"} | given)
    found = asked.chain.evaluate(asked.values, *keys)
    return {key: float(found[key]) for key in keys}


@pytest.mark.parametrize(
    ("model", "chips", "stages", "groups", "shared"),
    [
        ("Llama-3.1-70B", 4, 1, 1, 4),
        ("Llama-3.1-405B", 16, 2, 1, 8),
        ("DeepSeek-V3", 8, 1, 1, 8),
        ("DeepSeek-V3", 32, 1, 32, 1),
    ],
)
def test_left_out_a_layout_is_what_an_engine_would_take(
    model: str, chips: float, stages: float, groups: float, shared: float
) -> None:
    found = steps(model, "H200", "stages", "groups", "tensor_parallel", batch=64.0, context=4096.0, chips=chips)
    assert found == {"stages": stages, "groups": groups, "tensor_parallel": shared}


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(MODELS), st.sampled_from(CHIPS), st.sampled_from([1, 2, 4, 8]), st.sampled_from([1, 2, 4]),
    st.sampled_from([1, 2, 4, 8]), st.floats(1, 1024), st.floats(0, 131072),
)  # fmt: skip
def test_no_layout_beats_the_bound(
    model: str, chip: str, shared: int, stages: int, groups: int, batch: float, context: float
) -> None:
    asked = {"batch": batch, "context": context, "chips": float(shared * stages * groups)}
    asked |= {"tensor_parallel": float(shared), "stages": float(stages)}
    found = steps(model, chip, "ideal_step_time", "step_time", "stages", "tensor_parallel", **asked)
    assert found["ideal_step_time"] <= found["step_time"]
    assert found["stages"] == stages
    assert found["tensor_parallel"] == shared


def test_beyond_a_scale_up_domain_chips_exchange_over_the_network() -> None:
    """Audit of the estimate, A.4: 9 to 1,000 H100 ran at NVLink's speed."""
    asked = {"batch": 2048.0, "context": 4096.0, "chips": 64.0}
    servers, rack = (steps("DeepSeek-V3", chip, "all_to_all", "stage_network", **asked) for chip in ("B200", "GB200"))
    assert rack["stage_network"] == ts.chip("GB200", "scale_up_bandwidth")
    assert servers["stage_network"] < rack["stage_network"] / 5
    assert servers["all_to_all"] > 5 * rack["all_to_all"]


def test_a_pipeline_takes_as_long_for_a_token_as_one_of_its_stages_with_the_whole_model() -> None:
    one = steps("Llama-3.1-70B", "H200", "spread_time", "practical_time", batch=32.0, context=4096.0, chips=8.0)
    four = steps("Llama-3.1-70B", "H200", "spread_time", "practical_time", batch=128.0, context=4096.0, chips=32.0)
    assert four == pytest.approx(one)


def test_each_group_reads_the_dense_part_itself() -> None:
    asked = {"batch": 64.0, "context": 4096.0, "chips": 8.0}
    one = steps("DeepSeek-V3", "B200", "spread_time", "dense_read", tensor_parallel=8.0, **asked)
    eight = steps("DeepSeek-V3", "B200", "spread_time", "dense_read", tensor_parallel=1.0, **asked)
    more = eight["dense_read"] * (1 - 1 / 8) / (ts.chips()["B200 SXM"]["hbm_bandwidth"] * steps(
        "DeepSeek-V3", "B200", "dense_efficiency", **asked)["dense_efficiency"])  # fmt: skip
    assert eight["spread_time"] - one["spread_time"] == pytest.approx(more)


def test_absorbed_attention_is_as_wide_as_what_is_cached() -> None:
    """Audit of the estimate, A.11: at the catalogue's width of a head it was 3.4 times too short."""
    asked = {"batch": 256.0, "context": 32768.0, "chips": 8.0}
    found = steps("DeepSeek-V3", "H200", "attention_time", **asked)["attention_time"]
    flops = 8 * ts.chip("H200", "bf16_flops")
    assert found == pytest.approx(ts.attention_time(256, 32768, 61, 128, (576 + 512) / 2, flops))
    assert found / ts.attention_time(256, 32768, 61, 128, 160, flops) == pytest.approx(3.4)


def test_sparse_attention_reads_what_it_picks() -> None:
    long = {"batch": 64.0, "context": 131072.0, "chips": 16.0}
    dense = steps("DeepSeek-V3", "H200", "kv_read_sequence", **long)["kv_read_sequence"]
    sparse = steps("DeepSeek-V3.2", "H200", "kv_read_sequence", **long)["kv_read_sequence"]
    assert sparse == pytest.approx(2048 * 35136 + 131072 * 61 * 132)
    assert dense / sparse == pytest.approx(131072 * 35136 / sparse)
    assert steps("DeepSeek-V3.2", "H200", "kv_sequence", **long)["kv_sequence"] > dense  # which is held in full


def test_weights_are_unpacked_where_the_chip_lacks_their_format() -> None:
    for chip, precision, unpacked in (("H100", "fp4", True), ("B200", "fp4", False), ("B200", "int4", True),
                                      ("H100", "fp8", False), ("A100 SXM 80GB", "fp8", True)):  # fmt: skip
        asked = ask(ts.decode_time, {"model": "DeepSeek-V3", "chip": chip, "precision": precision})
        asked.values.update(batch=8.0, context=4096.0, own_chips=32.0)
        found = asked.chain.evaluate(asked.values, "expert_efficiency")["expert_efficiency"]
        assert (found < asked.values["bandwidth_efficiency"]) == unpacked, (chip, precision)


def test_of_what_leaves_the_domain_only_that_part_is_slow() -> None:
    """Nine chips of which eight are near: an eighth of what one sends goes over its network card."""
    assert ts.beyond_domain([8, 9, 1000], 8) == pytest.approx([0, 1 / 8, 992 / 999])
    assert ts.network_bandwidth(ts.beyond_domain([8, 9, 1000], 8), 450e9, 50e9) == pytest.approx(
        [450e9, 8 * 50e9, 50e9], rel=0.01
    )


def test_more_chips_never_slow_the_bound() -> None:
    times = [ts.decode_time("DeepSeek-V3", "H200", 64, 4096, n, estimate="ideal") for n in (8, 16, 32, 64, 128)]
    assert np.all(np.diff(times) < 0)
