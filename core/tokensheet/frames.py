"""pandas, for those who ask for a frame: nothing else needs it, so it is an extra."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def frame(*args: Any, **kwargs: Any) -> pd.DataFrame:
    """A pandas.DataFrame of the arguments; an error says how to get pandas."""
    try:
        import pandas as pd
    except ModuleNotFoundError:
        raise ModuleNotFoundError("a frame needs pandas: python3 -m pip install 'tokensheet[pandas]'") from None
    return pd.DataFrame(*args, **kwargs)
