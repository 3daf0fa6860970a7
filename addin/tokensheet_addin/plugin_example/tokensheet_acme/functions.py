"""Acme's functions: each an equation, which is a Python function, an Excel function and a formula."""

from typing import Any

from tokensheet.equation import Positive, equation

__all__ = ["acme_price"]


@equation
def acme_price(cost: Positive, markup: Positive = 1.25) -> Any:
    """Acme's list price of a token.

    Parameters
    ----------
    cost : array_like
        Cost of one token [USD/token].
    markup : array_like, optional
        Price over cost [ratio].

    Returns
    -------
    array_like
        Price of one token [USD/token].

    Notes
    -----
    c m. Source: Acme's price committee.

    Examples
    --------
    >>> acme_price(2e-6)
    2.5e-06
    """
    return cost * markup
