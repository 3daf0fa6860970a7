"""From a step's time to a token's price (chapters 1 and 2 of the lecture)."""

from __future__ import annotations

from typing import Any

from tokensheet.equation import NotNegative, Positive, Utilization, equation

__all__ = ["batching_gain", "cost_per_million", "token_cost"]


@equation
def token_cost(
    step_time: Positive,
    batch: Positive,
    usd_per_hour: NotNegative,
    chips: Positive = 1,
    utilization: Utilization = 1,
) -> Any:
    """Cost of one output token: the rent of the chips during a step, shared by the batch.

    Parameters
    ----------
    step_time : array_like
        Time of a decode step [s].
    batch : array_like
        Sequences in the step, each getting one new token [sequences].
    usd_per_hour : array_like
        Price of one chip for one hour [USD/hour].
    chips : array_like, optional
        Chips that share the step [chips].
    utilization : array_like, optional
        Share of the paid time in which such steps run [fraction].

    Returns
    -------
    array_like
        Cost of one token [USD/token].

    Notes
    -----
    c = t p n / (3600 B u). Source: Pope, lecture of 2026-04-29, equation 1.5.

    Examples
    --------
    DeepSeek-V3 on 32 H100 at $2.95 an hour, one sequence at a time:

    >>> cost_per_million(token_cost(0.006260670868059702, 1, 2.95, 32))
    164.168...
    """
    return step_time * usd_per_hour * chips / (3600 * batch * utilization)


@equation
def cost_per_million(cost: NotNegative) -> Any:
    """A token's cost as price lists write it, per million tokens.

    Parameters
    ----------
    cost : array_like
        Cost of one token [USD/token].

    Returns
    -------
    array_like
        Cost of a million tokens [USD/million tokens].

    Notes
    -----
    1e6 c. Source: the convention of published API price lists.

    Examples
    --------
    >>> cost_per_million(2.5e-06)
    2.5
    """
    return cost * 1e6


@equation
def batching_gain(step_time_single: Positive, step_time_batch: Positive, batch: Positive) -> Any:
    """How many times cheaper a token is in a batch than alone on the same chips.

    Parameters
    ----------
    step_time_single : array_like
        Time of a step with a batch of 1 [s].
    step_time_batch : array_like
        Time of a step with the batch [s].
    batch : array_like
        Sequences in the step [sequences].

    Returns
    -------
    array_like
        Cost of a token alone over its cost in the batch [ratio].

    Notes
    -----
    t(1) B / t(B). Source: Pope, lecture of 2026-04-29, chapter 1 ("a thousand times worse").

    Examples
    --------
    DeepSeek-V3 on 32 H100, 2,400 sequences against one:

    >>> batching_gain(0.006260670868059702, 0.009481352, 2400)
    1584.7...
    """
    return step_time_single * batch / step_time_batch
