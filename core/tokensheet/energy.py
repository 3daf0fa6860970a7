"""What a token takes of electricity: joules, their price and their carbon."""

from __future__ import annotations

from tokensheet.equation import AtLeastOne, NotNegative, Number, Positive, Utilization, equation

__all__ = ["carbon_per_token", "energy_cost", "energy_per_token"]

# What chips draw of their thermal design power while they serve: the median of the 19 published measurements that say
# so, which tests recount. All are of MI355X serving DeepSeek-R1; it grows with the batch, from 0.25 at 1 to 0.61 at 64
POWER_SHARE = 0.48
# The rest of a server (processors, network, fans) beside its chips: 10.2 kW of a DGX H100 whose 8 chips have 700 W, and
# 14.3 kW of a DGX B200 whose 8 have 1000 W, are 0.82 and 0.79 more
HOST_SHARE = 0.8
# Average of data centers in Uptime Institute's survey of 2025; the best are near 1.1
PUE = 1.54


@equation
def energy_per_token(
    power_w: Positive,
    step_time: Positive,
    batch: Positive,
    chips: Positive = 1,
    power_share: Utilization = POWER_SHARE,
    host_share: NotNegative = HOST_SHARE,
    pue: AtLeastOne = PUE,
) -> Number:
    """Electricity of one output token: what chips, servers and building draw during a step, shared by the batch.

    Parameters
    ----------
    chips : array_like, optional
        Chips that share the step [chips].

    Returns
    -------
    array_like
        Energy of one token; divided by 3.6 it is kWh for a million [J/token].

    Notes
    -----
    E = P s (1 + h) u n t / B. Source: definition; the share of the power from published measurements of MI355X alone,
    that of the server from NVIDIA's DGX H100 and B200, u from Uptime Institute's survey of 2025.

    Examples
    --------
    8 H100 with steps of 25 ms for 64 sequences:

    >>> round(energy_per_token(700, 0.025, 64, 8), 3)
    2.911
    """
    return power_w * power_share * (1 + host_share) * pue * chips * step_time / batch


@equation
def energy_cost(energy: NotNegative, usd_per_kwh: NotNegative) -> Number:
    """Price of the electricity of one token.

    Returns
    -------
    array_like
        Cost of the energy [USD/token].

    Notes
    -----
    E p / 3.6e6. Source: definition of the kilowatt-hour.

    Examples
    --------
    2.9 J at 9 cents a kWh, per million tokens:

    >>> round(energy_cost(2.9, 0.09) * 1e6, 4)
    0.0725
    """
    return energy * usd_per_kwh / 3.6e6


@equation
def carbon_per_token(energy: NotNegative, carbon_intensity: NotNegative) -> Number:
    """Carbon dioxide of the electricity of one token.

    Returns
    -------
    array_like
        Carbon dioxide [g/token].

    Notes
    -----
    E c / 3.6e6. The world's average was 445 g/kWh in 2024; grids differ from 30 to over 700. Source: definition; IEA,
    Electricity 2025.

    Examples
    --------
    2.9 J on the world's average grid, per million tokens:

    >>> round(carbon_per_token(2.9, 445) * 1e6, 1)
    358.5
    """
    return energy * carbon_intensity / 3.6e6
