"""What Acme adds to tokensheet: a function and a chip."""

from pathlib import Path
from typing import Any

from tokensheet.equation import Positive, equation

__all__ = ["acme_price"]

CHIPS = Path(__file__).with_name("tokensheet_acme_chips.csv")


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
