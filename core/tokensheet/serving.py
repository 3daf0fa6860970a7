"""Functions over names: a model of the catalogue on a chip of the catalogue, by the chains."""

from __future__ import annotations

from tokensheet.catalogue import ChipName, ModelName
from tokensheet.chains import DECODE, ENERGY, PROMPT, TRAINING_RUN
from tokensheet.equation import AtLeastOne, NotNegative, Number, Positive, Share, Utilization
from tokensheet.over_names import CachePrecision, Estimate, Precision, PriceBasis, over_names
from tokensheet.rents import BASIS

__all__ = [
    "chips_needed",
    "decode_cost",
    "decode_energy",
    "decode_time",
    "prefill_cost",
    "prefill_latency",
    "training_run_cost",
]


@over_names(DECODE, "step_time")
def decode_time(
    model: ModelName,
    chip: ChipName,
    batch: Positive,
    context: NotNegative,
    chips: Positive = None,
    precision: Precision = "fp8",
    estimate: Estimate = "calibrated",
    kv_precision: CachePrecision = "",
    efficiency: Utilization = None,
    headroom: Share = None,
    tensor_parallel: Positive = None,
    stages: AtLeastOne = None,
) -> Number:
    """Time per output token of a model of the catalogue on a chip of the catalogue: as served in practice.

    Returns
    -------
    array_like
        Time of a decode step [s].

    Raises
    ------
    DoesNotFit
        If weights and KV cache exceed the memory of the chips.

    Notes
    -----
    CALIBRATED_STEP_TIME of the catalogue's numbers, without prefill in the steps. Beyond a node a dense model is a
    pipeline; experts are spread and attention is split by sequences. ideal: ROOFLINE_TIME of the weights that the
    batch's experts need. Source: the catalogue; Pope, lecture of 2026-04-29, equations 1.1 to 1.3; docs/accuracy.md.

    Examples
    --------
    >>> decode_time("DeepSeek-V3", "H100", 256, 4096, 32, estimate="ideal")
    0.0066012...
    """


@over_names(DECODE, "token_cost")
def decode_cost(
    model: ModelName,
    chip: ChipName,
    batch: Positive,
    context: NotNegative,
    chips: Positive = None,
    usd_per_hour: NotNegative = None,
    precision: Precision = "fp8",
    estimate: Estimate = "calibrated",
    utilization: Utilization = None,
    kv_precision: CachePrecision = "",
    efficiency: Utilization = None,
    headroom: Share = None,
    price_basis: PriceBasis = BASIS,
    tensor_parallel: Positive = None,
    stages: AtLeastOne = None,
) -> Number:
    """Cost of one output token of a model of the catalogue on a chip of the catalogue: as served in practice.

    Returns
    -------
    array_like
        Cost of one output token [USD/token].

    Raises
    ------
    DoesNotFit
        If weights and KV cache exceed the memory of the chips.

    Notes
    -----
    TOKEN_COST of DECODE_TIME. Source: the catalogue, and Pope, lecture of 2026-04-29, equation 1.5.

    Examples
    --------
    >>> round(decode_cost("DeepSeek-V3", "H100", 256, 4096, 32, estimate="ideal") * 1e6, 4)
    0.408
    """


@over_names(ENERGY, "token_energy")
def decode_energy(
    model: ModelName,
    chip: ChipName,
    batch: Positive,
    context: NotNegative,
    chips: Positive = None,
    precision: Precision = "fp8",
    estimate: Estimate = "calibrated",
    power_share: Utilization = None,
    host_share: NotNegative = None,
    pue: AtLeastOne = None,
    kv_precision: CachePrecision = "",
    efficiency: Utilization = None,
    headroom: Share = None,
) -> Number:
    """Electricity of one output token of a model of the catalogue on a chip of the catalogue, building included.

    Returns
    -------
    array_like
        Energy of one output token; divided by 3.6 it is kWh for a million [J/token].

    Raises
    ------
    DoesNotFit
        If weights and KV cache exceed the memory of the chips.

    Notes
    -----
    ENERGY_PER_TOKEN of DECODE_TIME; ENERGY_COST and CARBON_PER_TOKEN take it further. The power that chips draw was
    measured for MI355X alone, and grows with the batch: give your own share of it. Source: the catalogue.

    Examples
    --------
    >>> round(decode_energy("DeepSeek-V3", "H200", 64, 4096, 8), 2)
    3.44
    """


@over_names(PROMPT, "prefill_time", batch=1, context="input_tokens")
def prefill_latency(
    model: ModelName,
    chip: ChipName,
    input_tokens: Positive,
    chips: Positive = None,
    precision: Precision = "fp8",
    estimate: Estimate = "calibrated",
    mfu: Utilization = None,
    kv_precision: CachePrecision = "",
    headroom: Share = None,
    cached_tokens: NotNegative = None,
    tensor_parallel: Positive = None,
    stages: AtLeastOne = None,
) -> Number:
    """Time of a pass over a prompt by a model of the catalogue on a chip of the catalogue that does nothing else.

    Parameters
    ----------
    input_tokens : array_like
        Tokens of the prompt, which must fit in memory beside the weights [tokens].

    Returns
    -------
    array_like
        Time of the pass [s].

    Raises
    ------
    DoesNotFit
        If weights and KV cache exceed the memory of the chips.

    Notes
    -----
    CALIBRATED_PREFILL_TIME of the catalogue's numbers; ideal: PREFILL_FLOOR. The band is that of decode, as none was
    measured for prefill. Source: the catalogue; docs/accuracy.md.

    Examples
    --------
    >>> round(prefill_latency("DeepSeek-V3", "H100", 4096, 32), 5)
    0.0527
    """


@over_names(PROMPT, "prefill_cost", batch=1, context="input_tokens")
def prefill_cost(
    model: ModelName,
    chip: ChipName,
    input_tokens: Positive,
    chips: Positive = None,
    usd_per_hour: NotNegative = None,
    precision: Precision = "fp8",
    estimate: Estimate = "calibrated",
    mfu: Utilization = None,
    kv_precision: CachePrecision = "",
    utilization: Utilization = None,
    headroom: Share = None,
    price_basis: PriceBasis = BASIS,
    cached_tokens: NotNegative = None,
    tensor_parallel: Positive = None,
    stages: AtLeastOne = None,
) -> Number:
    """Cost of one input token of a model of the catalogue on a chip of the catalogue, in a pass of its own.

    Parameters
    ----------
    input_tokens : array_like
        Tokens of the prompt, which must fit in memory beside the weights [tokens].

    Returns
    -------
    array_like
        Cost of one input token [USD/token].

    Raises
    ------
    DoesNotFit
        If weights and KV cache exceed the memory of the chips.

    Notes
    -----
    TOKEN_COST of PREFILL_LATENCY; attention is in the estimate, not in the bound. The band is that of decode, as none
    was measured for prefill. Source: the catalogue; Pope, lecture of 2026-04-29, equation 6.7; docs/accuracy.md.

    Examples
    --------
    >>> round(prefill_cost("DeepSeek-V3", "H100", 4096, 32, estimate="ideal") * 1e6, 4)
    0.0242
    """


@over_names(DECODE, "chips")
def chips_needed(
    model: ModelName,
    chip: ChipName,
    batch: Positive,
    context: NotNegative,
    precision: Precision = "fp8",
    kv_precision: CachePrecision = "",
    headroom: Share = None,
) -> Number:
    """Fewest chips that one deploys to hold a model of the catalogue with its KV cache.

    Returns
    -------
    array_like
        Chips: 1, 2 or 4 of a server, or whole servers [chips].

    Notes
    -----
    DEPLOYABLE_CHIPS of MIN_CHIPS: what the functions over names take where no number of chips is given. Source: the
    catalogue.

    Examples
    --------
    >>> chips_needed("DeepSeek-V3", "H100", 64, 4096)
    16.0
    """


@over_names(TRAINING_RUN, "training_cost")
def training_run_cost(
    model: ModelName,
    chip: ChipName,
    training_tokens: Positive,
    chips: Positive,
    mfu: Utilization,
    usd_per_hour: NotNegative = None,
    precision: Precision = "bf16",
    price_basis: PriceBasis = BASIS,
) -> Number:
    """Rent of training a model of the catalogue on chips of the catalogue.

    Parameters
    ----------
    chips : array_like
        Chips that train it [chips].

    Returns
    -------
    array_like
        Cost [USD].

    Notes
    -----
    TRAINING_COST of TRAINING_TIME of TRAINING_FLOPS. Source: the catalogue; Pope, lecture of 2026-04-29, chapter 5.

    Examples
    --------
    DeepSeek-V3's published 2.664 million hours of H800 in pre-training, at its $2 an hour, are 5.3 million dollars:

    >>> round(training_run_cost("DeepSeek-V3", "H800", 14.8e12, 2048, 0.173, 2, "fp8") / 1e6, 1)
    5.3
    """
