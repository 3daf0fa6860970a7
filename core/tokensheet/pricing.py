"""From a step's time to a token's price (chapters 1 and 2 of the lecture)."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from tokensheet.equation import AtLeastOne, NotNegative, Number, Positive, Share, Utilization, equation
from tokensheet.roofline import roofline_time

__all__ = [
    "batching_gain",
    "blended_price",
    "breakeven_utilization",
    "breakeven_volume",
    "chip_hour_cost",
    "chip_rent",
    "cost_floor",
    "cost_per_million",
    "fast_batch",
    "fast_price",
    "margin",
    "markup",
    "max_speedup",
    "mean_context",
    "output_input_ratio",
    "price_for_margin",
    "request_total",
    "token_cost",
]


@equation
def token_cost(
    step_time: Positive,
    batch: Positive,
    usd_per_hour: NotNegative,
    chips: Positive = 1,
    utilization: Utilization = 1,
) -> Number:
    """Cost of one output token: the rent of the chips during a step, shared by the batch.

    Parameters
    ----------
    chips : array_like, optional
        Chips that share the step [chips].

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
def cost_per_million(cost: NotNegative) -> Number:
    """A token's cost as price lists write it, per million tokens.

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
def batching_gain(step_time_single: Positive, step_time_batch: Positive, batch: Positive) -> Number:
    """How many times cheaper a token is in a batch than alone on the same chips.

    Parameters
    ----------
    step_time_single : array_like
        Time of a step with a batch of 1 [s].
    step_time_batch : array_like
        Time of a step with the batch [s].

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


@equation
def cost_floor(
    active_params: Positive,
    context: NotNegative,
    kv_bytes_per_token: NotNegative,
    flops: Positive,
    bandwidth: Positive,
    usd_per_hour: NotNegative,
    chips: Positive = 1,
    flops_per_param: Positive = 2,
) -> Number:
    """Cost that no batch, however large, goes below: why a slow mode cannot be much cheaper.

    Returns
    -------
    array_like
        Cost of one token as the batch grows without end [USD/token].

    Notes
    -----
    max(k N_active / F, L kappa / BW) p n / 3600. Source: Pope, lecture of 2026-04-29, equation 1.7.

    Examples
    --------
    DeepSeek-V3 on 32 H100 at 4,096 tokens, per million:

    >>> cost_per_million(cost_floor(37e9, 4096, 35136, 32 * 1979e12, 32 * 3.35e12, 2.95, 32))
    0.0352...
    """
    seconds = np.maximum(flops_per_param * active_params / flops, context * kv_bytes_per_token / bandwidth)
    return seconds * usd_per_hour * chips / 3600


@equation
def output_input_ratio(output_cost: NotNegative, input_cost: Positive) -> Number:
    """How many times an output token costs what an input token costs; price lists say about 5.

    Parameters
    ----------
    output_cost : array_like
        Cost of an output token, in any unit [USD/token].
    input_cost : array_like
        Cost of an input token, in the same unit [USD/token].

    Returns
    -------
    array_like
        Ratio of the two [ratio].

    Notes
    -----
    c_out / c_in; where prefill is compute-bound it is memory time over compute time of decode. Source: Pope,
    lecture of 2026-04-29, equation 6.5.

    Examples
    --------
    >>> output_input_ratio(15, 3)
    5.0
    """
    return output_cost / input_cost


@equation
def blended_price(
    input_price: NotNegative,
    cached_price: NotNegative,
    output_price: NotNegative,
    input_tokens: Positive,
    cached_tokens: NotNegative,
    output_tokens: NotNegative,
) -> Annotated[Number, "more cached tokens than input tokens"]:
    """Price of an average token of a request; cached tokens are a part of the input, not added to it.

    Parameters
    ----------
    input_price : array_like
        Price of an input token that is not cached [USD/token].
    cached_price : array_like
        Price of a cached input token [USD/token].
    output_price : array_like
        Price of an output token [USD/token].
    input_tokens : array_like
        All input tokens, the cached ones among them [tokens].
    cached_tokens : array_like
        Cached tokens, a part of the input [tokens].
    output_tokens : array_like
        Output tokens [tokens].

    Returns
    -------
    array_like
        Price of a token, input and output together [USD/token].

    Notes
    -----
    ((in - cached) p_in + cached p_cached + out p_out) / (in + out). Source: the price lists of API providers.

    Examples
    --------
    10,000 tokens in, 8,000 of them cached, 1,000 out, at 3, 0.3 and 15 dollars a million:

    >>> round(blended_price(3, 0.3, 15, 10e3, 8e3, 1e3), 6)
    2.127273
    """
    paid = (input_tokens - cached_tokens) * input_price + cached_tokens * cached_price + output_tokens * output_price
    return np.where(cached_tokens <= input_tokens, paid / (input_tokens + output_tokens), np.nan)


@equation
def chip_hour_cost(
    capex: NotNegative,
    years: Positive,
    power_w: NotNegative,
    pue: AtLeastOne,
    usd_per_kwh: NotNegative,
    opex_rate: NotNegative,
    residual: Share = 0,
    wacc: NotNegative = 0,
) -> Number:
    """What an hour of your own chip costs: annuity, electricity and operation.

    Parameters
    ----------
    capex : array_like
        Price of the chip with its share of server, network and building [USD].
    years : array_like
        Time over which it is written off [years].
    power_w : array_like
        Power that it draws on average, with its share of the server [W].
    opex_rate : array_like
        Other yearly cost as a share of the capital cost [fraction/year].
    residual : array_like, optional
        Share of the price left at the end [fraction].
    wacc : array_like, optional
        Yearly cost of capital [fraction/year].

    Returns
    -------
    array_like
        Cost of one chip for one hour [USD/hour].

    Notes
    -----
    annuity / 8760 + power pue price / 1000 + opex capex / 8760, the annuity as Excel's PMT; without interest the price
    is written off evenly. With your own numbers it gives what the price basis owned stands for. Source: standard
    annuity.

    Examples
    --------
    30,000 dollars over 4 years at 10 %, 1.3 kW:

    >>> round(chip_hour_cost(30e3, 4, 1300, 1.25, 0.08, 0.05, 0, 0.10), 4)
    1.3816
    """
    growth = (1 + wacc) ** years
    annuity = np.where(wacc > 0, capex * wacc * (growth - residual) / (growth - 1), capex * (1 - residual) / years)
    return (annuity + opex_rate * capex) / 8760 + power_w * pue * usd_per_kwh / 1000


@equation
def margin(price: Positive, cost: NotNegative) -> Number:
    """Gross margin: the share of the price that is left after the cost.

    Parameters
    ----------
    price : array_like
        Price [USD].
    cost : array_like
        Cost, in the same unit [USD].

    Returns
    -------
    array_like
        Margin on the price [fraction].

    Notes
    -----
    (price - cost) / price. Source: standard accounting.

    Examples
    --------
    DeepSeek's published day, 562,027 dollars of revenue against 87,072 of cost:

    >>> round(margin(562027, 87072), 4)
    0.8451
    """
    return (price - cost) / price


@equation
def markup(price: NotNegative, cost: Positive) -> Number:
    """Markup: what is left of the price after the cost, as a share of the cost.

    Parameters
    ----------
    price : array_like
        Price [USD].
    cost : array_like
        Cost, in the same unit [USD].

    Returns
    -------
    array_like
        Margin on the cost [fraction].

    Notes
    -----
    (price - cost) / cost. Source: standard accounting.

    Examples
    --------
    DeepSeek's published day, the 545 % that they name:

    >>> markup(562027, 226.75 * 8 * 2 * 24)
    5.454738607129732
    """
    return (price - cost) / cost


@equation
def price_for_margin(cost: NotNegative, margin: Share) -> Number:
    """Price that leaves a given gross margin.

    Parameters
    ----------
    cost : array_like
        Cost [USD].
    margin : array_like
        Gross margin wanted [fraction].

    Returns
    -------
    array_like
        Price, in the unit of the cost [USD].

    Notes
    -----
    cost / (1 - margin). Source: standard accounting.

    Examples
    --------
    >>> price_for_margin(0.30, 0.40)
    0.5
    """
    return cost / (1 - margin)


@equation
def breakeven_utilization(price: Positive, cost_at_full: NotNegative) -> Number:
    """Utilization below which serving at a price loses money; above 1 it always does.

    Parameters
    ----------
    cost_at_full : array_like
        Cost of a token at full utilization, TOKEN_COST [USD/token].

    Returns
    -------
    array_like
        Utilization at which price and cost are equal [fraction].

    Notes
    -----
    cost_at_full / price. Source: inverse of TOKEN_COST.

    Examples
    --------
    >>> breakeven_utilization(2.5, 0.5)
    0.2
    """
    return cost_at_full / price


@equation
def breakeven_volume(
    fixed_cost: NotNegative, api_price: Positive, own_cost: NotNegative = 0
) -> Annotated[Number, "the API is cheaper at every volume"]:
    """Tokens in the same period from which your own chips are cheaper than an API.

    Parameters
    ----------
    fixed_cost : array_like
        What running your own costs whatever the traffic, a month say [USD].
    api_price : array_like
        Price of a token from the API [USD/token].
    own_cost : array_like, optional
        What each further token costs you [USD/token].

    Returns
    -------
    array_like
        Tokens at which both cost the same [tokens].

    Notes
    -----
    fixed / (api_price - own_cost). Source: standard accounting.

    Examples
    --------
    8 chips at 2.95 dollars for a month, against 2 dollars a million:

    >>> breakeven_volume(8 * 2.95 * 730, 2e-6)
    8614000000.0
    """
    return np.where(api_price > own_cost, fixed_cost / (api_price - own_cost), np.nan)


@equation
def fast_batch(
    speedup: Positive, batch: Positive, compute: Positive, weights: Positive, kv: Positive
) -> Annotated[Number, "no batch is so fast: reading the weights takes longer; see MAX_SPEEDUP"]:
    """Batch that is faster by a factor: the smaller batch of a fast mode on the same chips.

    Parameters
    ----------
    speedup : array_like
        Speed wanted over the speed at the batch [ratio].
    weights : array_like
        Time to read the weights, MEMORY_TIME [s].

    Returns
    -------
    array_like
        Sequences in the step [sequences].

    Notes
    -----
    B min(t' / compute, (t' - weights) / kv) with t' = t / speedup; compute and kv are those of the whole batch.
    Source: reading of Pope, lecture of 2026-04-29, chapter 1.

    Examples
    --------
    DeepSeek-V3 in fp8 on 72 B200, 2,400 sequences of 32,768 tokens, 2.5 times as fast:

    >>> round(fast_batch(2.5, 2400, 0.000548, 0.001165, 0.009594))
    785
    """
    time = roofline_time(compute, weights, kv) / speedup
    return np.where(time > weights, batch * np.minimum(time / compute, (time - weights) / kv), np.nan)


@equation
def fast_price(
    speedup: Positive, compute: Positive, weights: Positive, kv: Positive
) -> Annotated[Number, "no batch is so fast: reading the weights takes longer; see MAX_SPEEDUP"]:
    """What a fast mode must cost, as a multiple of the standard price, on the same chips.

    Parameters
    ----------
    speedup : array_like
        Speed wanted over the standard speed [ratio].
    weights : array_like
        Time to read the weights, MEMORY_TIME [s].

    Returns
    -------
    array_like
        Price over the standard price [ratio].

    Notes
    -----
    B / (speedup B'), with B' from FAST_BATCH; compute and kv are those of the standard batch. Source: reading of
    Pope, lecture of 2026-04-29, chapter 1; sold at the time: 6 times the price for 2.5 times the speed.

    Examples
    --------
    DeepSeek-V3 in fp8 on 72 B200, 2,400 sequences of 32,768 tokens:

    >>> round(fast_price(2.5, 0.000548, 0.001165, 0.009594), 3)
    1.223
    """
    time = roofline_time(compute, weights, kv) / speedup
    return np.where(time > weights, 1 / (speedup * np.minimum(time / compute, (time - weights) / kv)), np.nan)


@equation
def max_speedup(compute: NotNegative, weights: Positive, kv: NotNegative) -> Number:
    """Most that a smaller batch can speed up a step, whatever one pays: down to reading all the weights.

    Parameters
    ----------
    weights : array_like
        Time to read all the weights, MEMORY_TIME [s].

    Returns
    -------
    array_like
        Step time over the time to read the weights [ratio].

    Notes
    -----
    max(compute, weights + kv) / weights. The truth of dense models: a small batch of a mixture of experts reads fewer
    weights, and is faster still. Source: Pope, lecture of 2026-04-29, equation 1.4.

    Examples
    --------
    >>> round(max_speedup(0.000548, 0.001165, 0.009594), 2)
    9.24
    """
    return roofline_time(compute, weights, kv) / weights


@equation
def mean_context(input_tokens: NotNegative, output_tokens: NotNegative) -> Number:
    """Context of a sequence half-way through its answer, at which its tokens cost what they do on average.

    Returns
    -------
    array_like
        Context [tokens].

    Notes
    -----
    in + out / 2: cost grows in proportion to context. Source: the mean of in to in + out.

    Examples
    --------
    >>> mean_context(3584, 1024)
    4096.0
    """
    return input_tokens + output_tokens / 2


@equation
def chip_rent(
    time: NotNegative,
    usd_per_hour: NotNegative,
    chips: Positive = 1,
    utilization: Utilization = 1,
    prefill_chips: NotNegative = 0,
) -> Number:
    """Rent of chips for a time, with their idle time in it.

    Parameters
    ----------
    time : array_like
        Time for which they work [s].

    Returns
    -------
    array_like
        Rent [USD].

    Notes
    -----
    t p (n + n_prefill) / (3600 u). Source: the definition of a rent.

    Examples
    --------
    Eight chips for nine seconds at $3 an hour, three quarters of the paid time at work:

    >>> chip_rent(9, 3, 8, 0.75)
    0.08
    """
    return time * usd_per_hour * (chips + prefill_chips) / (3600 * utilization)


@equation
def request_total(
    input_tokens: NotNegative, input_cost: NotNegative, output_tokens: NotNegative, output_cost: NotNegative
) -> Number:
    """Cost of a request: its input tokens and its output tokens, each at its cost.

    Parameters
    ----------
    input_cost : array_like
        Cost of an input token [USD/token].
    output_cost : array_like
        Cost of an output token [USD/token].

    Returns
    -------
    array_like
        Cost of the request [USD].

    Notes
    -----
    in c_in + out c_out. Source: the definition.

    Examples
    --------
    >>> request_total(4000, 1e-6, 1000, 4e-6)
    0.008
    """
    return input_tokens * input_cost + output_tokens * output_cost
