"""Training, reinforcement learning and how long to train (chapters 5 and 7 of the lecture)."""

from __future__ import annotations

import numpy as np

from tokensheet.equation import Fraction, NotNegative, Number, Positive, Utilization, equation

__all__ = [
    "activation_memory",
    "activation_memory_kept",
    "chinchilla_tokens",
    "effective_flops",
    "equal_cost_tokens",
    "inference_flops",
    "lifetime_tokens",
    "overtraining",
    "reversible_flops",
    "rl_flops",
    "training_cost",
    "training_flops",
    "training_time",
]


@equation
def training_flops(
    active_params: Positive,
    tokens: Positive,
    attention_layers: NotNegative = 0,
    attention_width: NotNegative = 0,
    context: NotNegative = 0,
) -> Number:
    """Compute of training: 2 FLOPs per parameter and token forward, 4 backward; and that of attention, if asked for.

    Parameters
    ----------
    tokens : array_like
        Tokens trained on [tokens].
    attention_layers : array_like, optional
        Layers that attend to the whole context; 0 leaves attention out, as the lecture does [layers].
    attention_width : array_like, optional
        Width of attention: heads times head_dim [values].
    context : array_like, optional
        Tokens of a sequence [tokens].

    Returns
    -------
    array_like
        Compute [FLOP].

    Notes
    -----
    6 N D + 6 layers width L D: each token attends to half of the context on average. Source: Pope, lecture of
    2026-04-29, equation 5.1; Chowdhery et al., PaLM, 2022, appendix B, halved for the causal mask.

    Examples
    --------
    DeepSeek-V3, 14.8e12 tokens:

    >>> training_flops(37e9, 14.8e12)
    3.2856e+24

    Llama-3.1-405B's 126 layers of 16,384 at 8,192 tokens, over what its weights take:

    >>> round(training_flops(405e9, 15.6e12, 126, 16384, 8192) / training_flops(405e9, 15.6e12), 3)
    1.042
    """
    return 6 * (active_params + attention_layers * attention_width * context) * tokens


@equation
def inference_flops(active_params: Positive, tokens: Positive) -> Number:
    """Compute of serving tokens.

    Parameters
    ----------
    tokens : array_like
        Tokens generated or read in [tokens].

    Returns
    -------
    array_like
        Compute [FLOP].

    Notes
    -----
    2 N D. Source: Pope, lecture of 2026-04-29, equation 5.3.

    Examples
    --------
    >>> inference_flops(37e9, 1e12)
    7.4e+22
    """
    return 2 * active_params * tokens


@equation
def rl_flops(
    active_params: Positive,
    rollout_tokens: Positive,
    train_share: Fraction = 1,
    train_flops: NotNegative = 4,
    scoring_passes: NotNegative = 0,
) -> Number:
    """Compute of reinforcement learning: every token is generated, a share is trained on.

    Parameters
    ----------
    rollout_tokens : array_like
        Tokens generated [tokens].
    train_share : array_like, optional
        Share of them that is trained on [fraction].
    train_flops : array_like, optional
        FLOPs per parameter and token of training: 4 in the lecture, which counts the backward pass alone; 6 where the
        trainer computes its own forward pass [FLOP].
    scoring_passes : array_like, optional
        Further forward passes over every token: one for the reference model, one for the old log-probabilities
        [passes].

    Returns
    -------
    array_like
        Compute [FLOP].

    Notes
    -----
    (2 + 4 s + 2 passes) N D: between 2 and 6 per parameter and token in the lecture. Source: Pope, lecture of
    2026-04-29, equation 5.2.

    Examples
    --------
    >>> rl_flops(100e9, 1e12, 0.25)
    3e+23

    As trainers do it, with a forward pass of their own and two to score:

    >>> rl_flops(1, 1, 1, 6, 2)
    12.0
    """
    return (2 + train_flops * train_share + 2 * scoring_passes) * active_params * rollout_tokens


@equation
def effective_flops(flops_needed: Positive, mfu_ratio: Utilization) -> Number:
    """Compute of work that uses the chips less well, counted in FLOPs of training.

    Parameters
    ----------
    flops_needed : array_like
        Compute of the work [FLOP].

    Returns
    -------
    array_like
        Equivalent compute [FLOP].

    Notes
    -----
    C / e. Source: Pope, lecture of 2026-04-29, equations 5.2 and 5.3.

    Examples
    --------
    >>> effective_flops(3e23, 0.25)
    1.2e+24
    """
    return flops_needed / mfu_ratio


@equation
def training_time(flops_needed: Positive, chips: Positive, chip_flops: Positive, mfu: Utilization) -> Number:
    """Time that training takes.

    Parameters
    ----------
    flops_needed : array_like
        Compute of the work, TRAINING_FLOPS [FLOP].
    chip_flops : array_like
        Dense FLOP/s of one chip at the precision used [FLOP/s].

    Returns
    -------
    array_like
        Time [s].

    Notes
    -----
    C / (n F mfu). Source: Pope, lecture of 2026-04-29, chapter 5.

    Examples
    --------
    DeepSeek-V3 on 2,048 H800 in fp8 at 20 % MFU, in days:

    >>> training_time(3.2856e24, 2048, 1979e12, 0.20) / 86400
    46.91...
    """
    return flops_needed / (chips * chip_flops * mfu)


@equation
def training_cost(training_time: Positive, chips: Positive, usd_per_hour: NotNegative) -> Number:
    """Rent of the chips during training.

    Parameters
    ----------
    training_time : array_like
        Time that training takes, TRAINING_TIME [s].

    Returns
    -------
    array_like
        Cost [USD].

    Notes
    -----
    t n p / 3600. Source: Pope, lecture of 2026-04-29, chapter 5.

    Examples
    --------
    >>> training_cost(3600, 2048, 2)
    4096.0
    """
    return training_time * chips * usd_per_hour / 3600


@equation
def chinchilla_tokens(params: Positive, tokens_per_param: Positive = 20) -> Number:
    """Tokens that train a model of this size at the least compute for its quality.

    Parameters
    ----------
    params : array_like
        Parameters of the model; active ones of a mixture of experts [parameters].
    tokens_per_param : array_like, optional
        Tokens for each parameter [tokens].

    Returns
    -------
    array_like
        Tokens [tokens].

    Notes
    -----
    20 N. Source: Hoffmann et al., Training Compute-Optimal Large Language Models, 2022; Pope, lecture of
    2026-04-29, equation 5.7.

    Examples
    --------
    >>> chinchilla_tokens(100e9)
    2000000000000.0
    """
    return tokens_per_param * params


@equation
def overtraining(tokens: Positive, params: Positive) -> Number:
    """How many times more tokens a model is trained on than is optimal for training alone.

    Parameters
    ----------
    tokens : array_like
        Tokens trained on [tokens].
    params : array_like
        Parameters of the model; active ones of a mixture of experts [parameters].

    Returns
    -------
    array_like
        Tokens over CHINCHILLA_TOKENS [ratio].

    Notes
    -----
    D / (20 N). Source: Pope, lecture of 2026-04-29, equation 5.7.

    Examples
    --------
    >>> overtraining(200e12, 100e9)
    100.0
    """
    return tokens / (20 * params)


@equation
def lifetime_tokens(rate: Positive, days: Positive, survival: Utilization = 1) -> Number:
    """Tokens that a model serves in its life, which is what its training is weighed against.

    Parameters
    ----------
    rate : array_like
        Tokens a second that are served [tokens/s].
    days : array_like
        Time that the model is in use [days].
    survival : array_like, optional
        Probability that the checkpoint is the one that ships [fraction].

    Returns
    -------
    array_like
        Tokens [tokens].

    Notes
    -----
    X 86400 d q. Source: Pope, lecture of 2026-04-29, equations 5.6 and 5.8.

    Examples
    --------
    >>> lifetime_tokens(50e6, 60)
    259200000000000.0
    """
    return rate * 86400 * days * survival


@equation
def equal_cost_tokens(
    tokens: Positive, token_flops: Positive, mfu_ratio: Utilization, cost_ratio: Positive = 1
) -> Number:
    """Tokens of pre-training that cost as much as other work on the same model; total cost is least near equality.

    Parameters
    ----------
    tokens : array_like
        Tokens of inference or of rollouts [tokens].
    token_flops : array_like
        FLOPs per parameter of such a token: 2 for inference, 2 to 6 for RL [FLOP].
    cost_ratio : array_like, optional
        Cost of pre-training over the cost of that work [ratio].

    Returns
    -------
    array_like
        Tokens of pre-training [tokens].

    Notes
    -----
    cost_ratio k / (6 e) D. Source: Pope, lecture of 2026-04-29, equation 5.5.

    Examples
    --------
    The lecture's three-way split, D_pre = D_inf = 1.5 D_RL:

    >>> round(equal_cost_tokens(1, 2, 1 / 3), 6), round(equal_cost_tokens(1, 3, 1 / 3), 6)
    (1.0, 1.5)
    """
    return cost_ratio * token_flops / (6 * mfu_ratio) * tokens


@equation
def activation_memory(
    layers: Positive,
    tokens: Positive,
    hidden: Positive,
    bytes: Positive,
    factor: Positive = 1,
    reversible: NotNegative = 0,
) -> Number:
    """Memory for the activations that training keeps for its backward pass.

    Parameters
    ----------
    tokens : array_like
        Tokens in the batch on a chip [tokens].
    factor : array_like, optional
        Values kept per layer, token and unit of width [values].
    reversible : array_like, optional
        1 for reversible layers, which keep those of one layer only [0 or 1].

    Returns
    -------
    array_like
        Memory [bytes].

    Notes
    -----
    layers T d b factor; without the factor of layers if they are reversible. Source: Pope, lecture of 2026-04-29,
    equation 7.3; Gomez et al., RevNets, 2017.

    Examples
    --------
    >>> activation_memory(61, 4096, 7168, 2), activation_memory(61, 4096, 7168, 2, 1, 1)
    (3581935616.0, 58720256.0)
    """
    return np.where(reversible > 0, 1, layers) * tokens * hidden * bytes * factor


@equation
def activation_memory_kept(
    layers: Positive,
    tokens: Positive,
    hidden: Positive,
    heads: Positive,
    context: NotNegative,
    kept_scores: Fraction = 0,
) -> Number:
    """Memory for the activations of training without recomputation, in bf16.

    Parameters
    ----------
    tokens : array_like
        Tokens in the batch on a chip [tokens].
    context : array_like
        Tokens of a sequence [tokens].
    kept_scores : array_like, optional
        1 if attention keeps its scores, 0 if it computes them again as FlashAttention does [fraction].

    Returns
    -------
    array_like
        Memory [bytes].

    Notes
    -----
    layers T (34 d + 5 h L kept). Source: Korthikanti et al., Reducing Activation Recomputation in Large Transformer
    Models, 2022, equation 2.

    Examples
    --------
    GPT-3, 96 layers of 12,288 with 96 heads, one sequence of 2,048 tokens, with its scores, in GB:

    >>> round(activation_memory_kept(96, 2048, 12288, 96, 2048, 1) / 1e9)
    275
    """
    return layers * tokens * (34 * hidden + 5 * heads * context * kept_scores)


@equation
def reversible_flops(flops_needed: Positive) -> Number:
    """Compute of training with reversible layers, which run forward once more to spare memory.

    Parameters
    ----------
    flops_needed : array_like
        Compute of training with stored activations [FLOP].

    Returns
    -------
    array_like
        Compute [FLOP].

    Notes
    -----
    8/6 C. Source: reading of Pope, lecture of 2026-04-29, equation 7.3.

    Examples
    --------
    >>> reversible_flops(6e20)
    8e+20
    """
    return flops_needed * 8 / 6
