"""A service over names: what users wait for and what their requests cost, at a load."""

from __future__ import annotations

from tokensheet.catalogue import ChipName, ModelName
from tokensheet.chains import SERVICE
from tokensheet.equation import AtLeastOne, Fraction, NotNegative, Number, Positive, Share, Utilization
from tokensheet.over_names import CachePrecision, Estimate, Precision, PriceBasis, over_names
from tokensheet.rents import BASIS

__all__ = [
    "request_cost",
    "serving_gap",
    "serving_pool_ratio",
    "serving_prefill_share",
    "serving_rate",
    "serving_throughput",
    "serving_tpot",
    "serving_ttft",
]


@over_names(SERVICE, "ttft", batch="users")
def serving_ttft(
    model: ModelName,
    chip: ChipName,
    input_tokens: Positive,
    output_tokens: Positive,
    users: AtLeastOne,
    chips: Positive = None,
    precision: Precision = "fp8",
    estimate: Estimate = "calibrated",
    kv_precision: CachePrecision = "",
    cached_tokens: NotNegative = None,
    draft_tokens: NotNegative = None,
    acceptance: Fraction = None,
    prefill_chips: NotNegative = None,
    tensor_parallel: Positive = None,
    stages: AtLeastOne = None,
    server_latency: NotNegative = None,
    headroom: Share = None,
) -> Number:
    """Mean time to first token (TTFT) of users who share the chips.

    Returns
    -------
    array_like
        Time to first token [s].

    Raises
    ------
    DoesNotFit
        If weights and KV cache exceed the memory of the chips.

    Notes
    -----
    SERVED_TTFT of EXPECTED_RUNNING: the wait for other prompts, for one's own and for the server around the model.
    Source: the catalogue; docs/accuracy.md.

    Examples
    --------
    >>> round(serving_ttft("Llama-3.1-70B", "H100", 1024, 1024, 64), 2) < 2
    True
    """


@over_names(SERVICE, "token_time", batch="users")
def serving_tpot(
    model: ModelName,
    chip: ChipName,
    input_tokens: Positive,
    output_tokens: Positive,
    users: AtLeastOne,
    chips: Positive = None,
    precision: Precision = "fp8",
    estimate: Estimate = "calibrated",
    kv_precision: CachePrecision = "",
    cached_tokens: NotNegative = None,
    draft_tokens: NotNegative = None,
    acceptance: Fraction = None,
    prefill_chips: NotNegative = None,
    tensor_parallel: Positive = None,
    stages: AtLeastOne = None,
    server_latency: NotNegative = None,
    headroom: Share = None,
) -> Number:
    """Time per output token (TPOT) of users who share the chips, with the prompts of others between the steps.

    Returns
    -------
    array_like
        Time per output token of each user [s].

    Raises
    ------
    DoesNotFit
        If weights and KV cache exceed the memory of the chips.

    Notes
    -----
    SERVED_TOKEN_TIME of EXPECTED_RUNNING; ideal: the bound of a step alone. Source: the catalogue; docs/accuracy.md.

    Examples
    --------
    >>> serving_tpot("Llama-3.1-70B", "H100", 8192, 1024, 64) > serving_tpot("Llama-3.1-70B", "H100", 1024, 1024, 64)
    True
    """


@over_names(SERVICE, "output_rate", batch="users")
def serving_throughput(
    model: ModelName,
    chip: ChipName,
    input_tokens: Positive,
    output_tokens: Positive,
    users: AtLeastOne,
    chips: Positive = None,
    precision: Precision = "fp8",
    estimate: Estimate = "calibrated",
    kv_precision: CachePrecision = "",
    cached_tokens: NotNegative = None,
    draft_tokens: NotNegative = None,
    acceptance: Fraction = None,
    prefill_chips: NotNegative = None,
    tensor_parallel: Positive = None,
    stages: AtLeastOne = None,
    server_latency: NotNegative = None,
    headroom: Share = None,
) -> Number:
    """Output tokens that each chip gives users in a second.

    Returns
    -------
    array_like
        Throughput of a chip, those for prefill alone counted too [tokens/s].

    Raises
    ------
    DoesNotFit
        If weights and KV cache exceed the memory of the chips.

    Notes
    -----
    OUTPUT_RATE of REQUEST_RATE; low and high are the ends of its 80 % band, ideal is what no engine can exceed. Source:
    the catalogue; docs/accuracy.md.

    Examples
    --------
    >>> asked = ("Llama-3.1-70B", "H100", 1024, 1024, 64)
    >>> low, middle = serving_throughput(*asked, estimate="low"), serving_throughput(*asked)
    >>> low < middle < serving_throughput(*asked, estimate="high")
    True
    """


@over_names(SERVICE, "prefill_load", batch="users")
def serving_prefill_share(
    model: ModelName,
    chip: ChipName,
    input_tokens: Positive,
    output_tokens: Positive,
    users: AtLeastOne,
    chips: Positive = None,
    precision: Precision = "fp8",
    kv_precision: CachePrecision = "",
    cached_tokens: NotNegative = None,
    prefill_chips: NotNegative = None,
    tensor_parallel: Positive = None,
    stages: AtLeastOne = None,
    headroom: Share = None,
) -> Number:
    """Share of the time in which the chips read prompts: what input costs of a service.

    Returns
    -------
    array_like
        Share of the time, of the chips for prefill alone where there are some [fraction].

    Notes
    -----
    PREFILL_LOAD of REQUEST_RATE. Source: the catalogue; the utilization law.

    Examples
    --------
    >>> 0 < serving_prefill_share("Llama-3.1-70B", "H100", 8192, 1024, 64) < 1
    True
    """


@over_names(SERVICE, "longest_gap", batch="users")
def serving_gap(
    model: ModelName,
    chip: ChipName,
    input_tokens: Positive,
    output_tokens: Positive,
    users: AtLeastOne,
    chunk_tokens: Positive = None,
    chips: Positive = None,
    precision: Precision = "fp8",
    kv_precision: CachePrecision = "",
    tensor_parallel: Positive = None,
    stages: AtLeastOne = None,
    headroom: Share = None,
) -> Number:
    """Longest time between two tokens of an answer: a step that a chunk of somebody's prompt is read in.

    Returns
    -------
    array_like
        Time between two tokens [s].

    Notes
    -----
    LONGEST_GAP. Smaller chunks shorten it; each of them reads the weights again. Source: the catalogue.

    Examples
    --------
    >>> whole, chunked = (serving_gap("Llama-3.1-70B", "H100", 8192, 1024, 64, chunk) for chunk in (8192, 512))
    >>> chunked < whole
    True
    """


@over_names(SERVICE, "pool_ratio", batch="users")
def serving_pool_ratio(
    model: ModelName,
    chip: ChipName,
    input_tokens: Positive,
    output_tokens: Positive,
    users: AtLeastOne,
    chips: Positive = None,
    precision: Precision = "fp8",
    kv_precision: CachePrecision = "",
    cached_tokens: NotNegative = None,
    tensor_parallel: Positive = None,
    stages: AtLeastOne = None,
    headroom: Share = None,
) -> Number:
    """Chips for prefill for each chip for decode, so that neither pool waits for the other.

    Parameters
    ----------
    users : array_like
        Users in the midst of an answer [users].

    Returns
    -------
    array_like
        Ratio of the pools [ratio].

    Notes
    -----
    PREFILL_DECODE_RATIO of the catalogue's numbers. Source: the catalogue.

    Examples
    --------
    >>> 0 < serving_pool_ratio("DeepSeek-V3", "H200", 8192, 1024, 128) < 5
    True
    """


@over_names(SERVICE, "request_cost", batch="users")
def request_cost(
    model: ModelName,
    chip: ChipName,
    input_tokens: Positive,
    output_tokens: Positive,
    users: AtLeastOne,
    chips: Positive = None,
    usd_per_hour: NotNegative = None,
    precision: Precision = "fp8",
    estimate: Estimate = "calibrated",
    kv_precision: CachePrecision = "",
    efficiency: Utilization = None,
    mfu: Utilization = None,
    utilization: Utilization = None,
    headroom: Share = None,
    cached_tokens: NotNegative = None,
    draft_tokens: NotNegative = None,
    acceptance: Fraction = None,
    prefill_chips: NotNegative = None,
    tensor_parallel: Positive = None,
    stages: AtLeastOne = None,
    price_basis: PriceBasis = BASIS,
) -> Number:
    """Cost of a request of one of the users who share the chips: its prompt, cached or not, and its answer.

    Returns
    -------
    array_like
        Cost of the request [USD].

    Raises
    ------
    DoesNotFit
        If weights and KV cache exceed the memory of the chips.

    Notes
    -----
    CHIP_RENT over REQUEST_RATE; ideal: REQUEST_FLOOR. Source: the catalogue, and Pope, lecture of 2026-04-29.

    Examples
    --------
    >>> round(request_cost("DeepSeek-V3", "H100", 3584, 1024, 256, 32, 2.95, estimate="ideal"), 6)
    0.000692
    """


@over_names(SERVICE, "request_rate", batch="users")
def serving_rate(
    model: ModelName,
    chip: ChipName,
    input_tokens: Positive,
    output_tokens: Positive,
    users: AtLeastOne,
    chips: Positive = None,
    precision: Precision = "fp8",
    kv_precision: CachePrecision = "",
    cached_tokens: NotNegative = None,
    draft_tokens: NotNegative = None,
    acceptance: Fraction = None,
    prefill_chips: NotNegative = None,
    tensor_parallel: Positive = None,
    stages: AtLeastOne = None,
    headroom: Share = None,
) -> Number:
    """Requests a second that one copy of a model completes for so many users.

    Returns
    -------
    array_like
        Requests a second [requests/s].

    Notes
    -----
    REQUEST_RATE of EXPECTED_RUNNING. Source: the catalogue; docs/accuracy.md.

    Examples
    --------
    >>> serving_rate("Llama-3.1-70B", "H100", 1024, 1024, 64) > 0
    True
    """
