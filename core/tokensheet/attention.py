"""The KV cache (chapter 3)."""

from __future__ import annotations

from typing import Any

import numpy as np

from tokensheet.equation import NotNegative, equation

__all__ = ["kv_bytes_sequence"]


@equation
def kv_bytes_sequence(
    context: NotNegative,
    kv_bytes_per_token: NotNegative,
    kv_bytes_per_token_window: NotNegative = 0,
    window: NotNegative = 0,
    state_bytes: NotNegative = 0,
) -> Any:
    """KV cache of one sequence: layers that see all of the context, layers with a window, layers with a state.

    Parameters
    ----------
    context : array_like
        Tokens of context in the sequence [tokens].
    kv_bytes_per_token : array_like
        Cache per token of the layers that attend to the whole context [bytes/token].
    kv_bytes_per_token_window : array_like, optional
        Cache per token of the sliding-window layers [bytes/token].
    window : array_like, optional
        Tokens that a sliding-window layer keeps [tokens].
    state_bytes : array_like, optional
        What linear-attention and state-space layers keep, whatever the context [bytes].

    Returns
    -------
    array_like
        Cache of the sequence [bytes].

    Notes
    -----
    L kappa + min(L, window) kappa_window + state. Source: the layer shapes in the models' published configurations.

    Examples
    --------
    gpt-oss-120b at 32,768 tokens: 18 full layers, and 18 whose window of 128 tokens adds 4.7 MB:

    >>> kv_bytes_sequence(32768, 36864, 36864, 128)
    1212678144
    """
    return context * kv_bytes_per_token + np.minimum(context, window) * kv_bytes_per_token_window + state_bytes
