"""The catalogue's own data files."""

from importlib.resources import files

CHIPS = files(__name__) / "chips.csv"
MODELS = files(__name__) / "models.csv"
