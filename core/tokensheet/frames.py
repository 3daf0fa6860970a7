"""pandas, for those who ask for a frame: nothing else needs it, so it is an extra."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tokensheet.extras import needed

if TYPE_CHECKING:
    import pandas as pd


def frame(*args: Any, **kwargs: Any) -> pd.DataFrame:
    """A pandas.DataFrame of the arguments; an error says how to get pandas."""
    return needed("a frame", "pandas", "pandas").DataFrame(*args, **kwargs)  # type: ignore[no-any-return]
