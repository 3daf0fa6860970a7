"""The arithmetic of attention itself, which the lecture neglects: its FLOPs, and what a sparse one reads."""

from __future__ import annotations

import numpy as np

from tokensheet.equation import NotNegative, Number, Positive, Utilization, equation

__all__ = [
    "attended_tokens",
    "attention_time",
    "prefill_attention_time",
    "sparse_context",
]


@equation
def attention_time(
    batch: Positive, context: NotNegative, layers: Positive, heads: Positive, head_dim: Positive, flops: Positive
) -> Number:
    """Time to compute the attention of a decode step itself, which the lecture leaves out: see whether that is fair.

    Parameters
    ----------
    layers : array_like
        Layers that attend to the whole context [layers].
    flops : array_like
        Dense FLOP/s of all the chips together, at the precision of attention [FLOP/s].

    Returns
    -------
    array_like
        Compute time of attention in the step [s].

    Notes
    -----
    t = 4 B L layers heads head_dim / F: a multiply and an add for each of query times key and weight times value.
    Source: reading of Pope's lecture of 2026-04-29, note to chapter 1.

    Examples
    --------
    Llama-3.1-70B (80 layers, 64 heads of 128) at 32,768 tokens on 8 H100 in bf16, against its 64 tokens' 70e9 weights:

    >>> from tokensheet import compute_time
    >>> attention_time(64, 32768, 80, 64, 128, 8 * 989e12) / compute_time(64, 70e9, 8 * 989e12)
    0.61356...
    """
    return 4 * batch * context * layers * heads * head_dim / flops


@equation
def prefill_attention_time(
    tokens: NotNegative,
    layers: Positive,
    heads: Positive,
    head_dim: Positive,
    flops: Positive,
    prefix: NotNegative = 0,
    mfu: Utilization = 1,
) -> Number:
    """Time to compute the attention of a prompt, which grows with the square of its length.

    Parameters
    ----------
    tokens : array_like
        Tokens of the prompt that are not cached [tokens].
    layers : array_like
        Layers that attend to the whole context [layers].
    prefix : array_like, optional
        Tokens before them whose cache is held [tokens].

    Returns
    -------
    array_like
        Compute time of attention [s].

    Notes
    -----
    2 T (T + 2 P) layers heads head_dim / (F mfu): each token sees the prefix and, on average, half of the T.
    Source: reading of Pope, lecture of 2026-04-29, note to chapter 1.

    Examples
    --------
    Llama-3.1-70B, 32,768 tokens, one H100 in bf16, against the weights' part:

    >>> from tokensheet import prefill_time
    >>> prefill_attention_time(32768, 80, 64, 128, 989e12) / prefill_time(32768, 70.55e9, 989e12)
    0.3043...
    """
    return 2 * tokens * (tokens + 2 * prefix) * layers * heads * head_dim / (flops * mfu)


@equation
def attended_tokens(context: NotNegative, sparse_tokens: NotNegative = 0) -> Number:
    """Tokens of its context that a token attends to in the layers without a window.

    Returns
    -------
    array_like
        Tokens attended to [tokens].

    Notes
    -----
    min(L, k) with sparse attention, else L. Source: the models' published configurations.

    Examples
    --------
    >>> attended_tokens([1024, 8192], 2048)
    array([1024., 2048.])
    """
    return np.where(sparse_tokens > 0, np.minimum(context, sparse_tokens), context)


@equation
def sparse_context(context: NotNegative, top_k: NotNegative = 0) -> Number:
    """Tokens whose cache a step of sparse attention reads.

    Parameters
    ----------
    top_k : array_like, optional
        Tokens that attention picks; 0 for the square root of the context, as the lecture has it [tokens].

    Returns
    -------
    array_like
        Tokens read for each sequence [tokens].

    Notes
    -----
    min(L, k), or the square root of L. Source: Pope, lecture of 2026-04-29, equation 1.16.

    Examples
    --------
    DeepSeek-V3.2 at 128k, and the lecture's square root at a million:

    >>> sparse_context([131072, 1e6], [2048, 0]).tolist()
    [2048.0, 1000.0]
    """
    return np.where(top_k > 0, np.minimum(context, top_k), np.sqrt(context))
