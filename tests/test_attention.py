"""The cache of a sequence against the published shapes."""

import pytest
import tokensheet as ts


@pytest.mark.parametrize(("context", "windowed"), [(0, 0), (100, 100), (128, 128), (32768, 128)])
def test_a_window_stops_growing(context: int, windowed: int) -> None:
    # gpt-oss-120b: 18 full layers and 18 with a window, 8 heads of 64, key and value, 2 bytes each
    per_token = 18 * 8 * 64 * 2 * 2
    assert ts.kv_bytes_sequence(context, per_token, per_token, 128) == per_token * (context + windowed)


def test_a_state_does_not_grow() -> None:
    assert ts.kv_bytes_sequence([1, 1000], 10, state_bytes=500).tolist() == [510, 10500]
