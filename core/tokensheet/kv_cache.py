"""The KV cache (chapter 3)."""

from __future__ import annotations

import numpy as np

from tokensheet.attention import attended_tokens
from tokensheet.equation import AtLeastOne, NotNegative, Number, Positive, equation

__all__ = [
    "kv_bytes_attended",
    "kv_bytes_batch",
    "kv_bytes_compressed",
    "kv_bytes_in_format",
    "kv_bytes_mla",
    "kv_bytes_per_token",
    "kv_bytes_read",
    "kv_bytes_sequence",
    "state_bytes",
]


@equation
def kv_bytes_sequence(
    context: NotNegative,
    kv_bytes_per_token: NotNegative,
    kv_bytes_per_token_window: NotNegative = 0,
    window: NotNegative = 0,
    state_bytes: NotNegative = 0,
    index_bytes: NotNegative = 0,
) -> Number:
    """KV cache of one sequence: layers that see all of the context, layers with a window, layers with a state.

    Parameters
    ----------
    context : array_like
        Tokens of context in the sequence [tokens].
    kv_bytes_per_token : array_like
        Cache per token of the layers that attend to the whole context [bytes/token].

    Returns
    -------
    array_like
        Cache of the sequence [bytes].

    Notes
    -----
    L (kappa + index) + min(L, window) kappa_window + state. Source: the layer shapes in the models' published
    configurations.

    Examples
    --------
    gpt-oss-120b at 32,768 tokens: 18 full layers, and 18 whose window of 128 tokens adds 4.7 MB:

    >>> kv_bytes_sequence(32768, 36864, 36864, 128)
    1212678144.0
    """
    in_window = np.minimum(context, window) * kv_bytes_per_token_window
    return context * (kv_bytes_per_token + index_bytes) + in_window + state_bytes


@equation
def kv_bytes_read(
    context: NotNegative,
    kv_bytes_per_token: NotNegative,
    kv_bytes_per_token_window: NotNegative = 0,
    window: NotNegative = 0,
    state_bytes: NotNegative = 0,
    index_bytes: NotNegative = 0,
    sparse_tokens: NotNegative = 0,
) -> Number:
    """Bytes of one sequence's cache that a decode step reads, and of its state also writes back.

    Parameters
    ----------
    kv_bytes_per_token : array_like
        Cache per token of the layers that attend to the whole context, or pick of it [bytes/token].

    Returns
    -------
    array_like
        Bytes read and written for the sequence [bytes].

    Notes
    -----
    min(L, k) kappa + L index + min(L, window) kappa_window + 2 state; L for min(L, k) where attention is not sparse.
    Source: the models' published configurations; DeepSeek-V3.2's report for k and the index.

    Examples
    --------
    DeepSeek-V3.2 in fp8 at 8,192 and 131,072 tokens: a sixteenth of the context, for a third of the bytes:

    >>> kv_bytes_read([8192, 131072], 35136, index_bytes=8052, sparse_tokens=2048)
    array([1.37920512e+08, 1.12735027e+09])
    """
    attended = attended_tokens(context, sparse_tokens)
    return kv_bytes_attended(
        attended, context, kv_bytes_per_token, kv_bytes_per_token_window, window, state_bytes, index_bytes
    )


@equation
def kv_bytes_attended(
    attended: NotNegative,
    context: NotNegative,
    kv_bytes_per_token: NotNegative,
    kv_bytes_per_token_window: NotNegative = 0,
    window: NotNegative = 0,
    state_bytes: NotNegative = 0,
    index_bytes: NotNegative = 0,
) -> Number:
    """Bytes of one sequence's cache that a decode step reads where it attends to so many tokens, KV_BYTES_READ.

    Parameters
    ----------
    attended : array_like
        Tokens that a token attends to, ATTENDED_TOKENS [tokens].
    kv_bytes_per_token : array_like
        Cache per token of the layers that attend to the whole context, or pick of it [bytes/token].

    Returns
    -------
    array_like
        Bytes read and written for the sequence [bytes].

    Notes
    -----
    A kappa + L index + min(L, window) kappa_window + 2 state. Source: as KV_BYTES_READ.

    Examples
    --------
    DeepSeek-V3.2 in fp8, whose sparse attention picks 2,048 of 131,072 tokens:

    >>> kv_bytes_attended(2048, 131072, 35136, index_bytes=8052)
    1127350272.0
    """
    in_window = np.minimum(context, window) * kv_bytes_per_token_window
    return attended * kv_bytes_per_token + context * index_bytes + in_window + 2 * state_bytes


@equation
def kv_bytes_per_token(
    layers: Positive,
    kv_heads: Positive,
    head_dim: Positive,
    bytes: Positive = 2,
    share: AtLeastOne = 1,
    v_head_dim: NotNegative = 0,
) -> Number:
    """KV cache that one token of context takes with multi-head, grouped-query or multi-query attention.

    Parameters
    ----------
    layers : array_like
        Layers with a cache of their own over the whole context [layers].
    kv_heads : array_like
        Key-value heads per layer: the query heads in MHA, fewer in GQA, 1 in MQA [heads].
    share : array_like, optional
        Layers that share one cache [layers].
    v_head_dim : array_like, optional
        Size of a value; 0 for that of a key [values].

    Returns
    -------
    array_like
        Cache per token [bytes/token].

    Notes
    -----
    layers kv_heads (head_dim + v_head_dim) b / share: a key and a value for each, 2 head_dim where they are as wide.
    Source: Pope, lecture of 2026-04-29, equation 6.3.

    Examples
    --------
    Llama-3-70B in bf16:

    >>> kv_bytes_per_token(80, 8, 128)
    327680.0

    The global layers of MiMo-V2-Flash, whose keys are 192 wide and values 128:

    >>> kv_bytes_per_token(9, 4, 192, v_head_dim=128)
    23040.0
    """
    return layers * kv_heads * (head_dim + np.where(v_head_dim > 0, v_head_dim, head_dim)) * bytes / share


@equation
def kv_bytes_mla(layers: Positive, kv_lora_rank: Positive, rope_dim: NotNegative, bytes: Positive = 2) -> Number:
    """KV cache that one token of context takes with multi-head latent attention (MLA).

    Parameters
    ----------
    kv_lora_rank : array_like
        Size of the latent vector that keys and values come from [values].
    rope_dim : array_like
        Size of the rotary part of the key, shared by the heads [values].

    Returns
    -------
    array_like
        Cache per token [bytes/token].

    Notes
    -----
    layers (r + d_rope) b. Source: DeepSeek-V2 report, 2024; DeepSeek ISCA 2025, table 1.

    Examples
    --------
    DeepSeek-V3 in bf16:

    >>> kv_bytes_mla(61, 512, 64)
    70272.0
    """
    return layers * (kv_lora_rank + rope_dim) * bytes


@equation
def kv_bytes_compressed(layers: Positive, width: Positive, compression: AtLeastOne, bytes: Positive = 2) -> Number:
    """KV cache that one token of context takes where a layer keeps one entry for several tokens.

    Parameters
    ----------
    layers : array_like
        Layers that compress alike [layers].
    width : array_like
        Values of an entry: keys and values, and those of an indexer where there is one [values].
    compression : array_like
        Tokens that share an entry [tokens].

    Returns
    -------
    array_like
        Cache per token [bytes/token].

    Notes
    -----
    layers width b / compression. Source: the published configuration of DeepSeek-V4.

    Examples
    --------
    DeepSeek-V4-Pro at a million tokens, published as 9.62 GiB: 30 layers of 4 to 1, 31 of 128 to 1:

    >>> round((kv_bytes_compressed(30, 512 + 128, 4) + kv_bytes_compressed(31, 512, 128)) * 2**20 / 2**30, 2)
    9.62
    """
    return layers * width * bytes / compression


@equation
def state_bytes(
    layers: Positive, heads: Positive, key_dim: Positive, value_dim: Positive, bytes: Positive = 4
) -> Number:
    """State that linear-attention or state-space layers keep for a sequence, however long it is.

    Parameters
    ----------
    layers : array_like
        Layers with a state [layers].
    heads : array_like
        Heads per layer: value heads of linear attention, SSM heads of Mamba-2 [heads].
    key_dim : array_like
        Size of a key head, or the state size of Mamba-2 [values].
    value_dim : array_like
        Size of a value head, or of an SSM head [values].
    bytes : array_like, optional
        Bytes per value, mostly fp32 [bytes].

    Returns
    -------
    array_like
        State of a sequence, without the small one of a convolution [bytes].

    Notes
    -----
    layers heads key_dim value_dim b. Source: the published configurations of Qwen3-Next and Nemotron-3.

    Examples
    --------
    Nemotron-3-Nano, 23 Mamba-2 layers:

    >>> state_bytes(23, 64, 128, 64)
    48234496.0
    """
    return layers * heads * key_dim * value_dim * bytes


@equation
def kv_bytes_in_format(kv_bytes_per_token: NotNegative, kv_width: Positive) -> Number:
    """KV cache per token in another format than bf16, in which the catalogue counts it.

    Parameters
    ----------
    kv_bytes_per_token : array_like
        KV cache per token in bf16 [bytes/token].

    Returns
    -------
    array_like
        KV cache per token [bytes/token].

    Notes
    -----
    kappa b / 2. Source: the width of bf16, 2 bytes.

    Examples
    --------
    DeepSeek-V3 in fp8:

    >>> kv_bytes_in_format(70272, 1)
    35136.0
    """
    return kv_bytes_per_token * kv_width / 2


@equation
def kv_bytes_batch(batch: Positive, kv_sequence: NotNegative) -> Number:
    """KV cache of all sequences that decode together.

    Returns
    -------
    array_like
        Cache of the batch [bytes].

    Notes
    -----
    B s. Source: Pope, lecture of 2026-04-29, equation 4.1.

    Examples
    --------
    >>> kv_bytes_batch(64, 1e9)
    64000000000.0
    """
    return batch * kv_sequence
