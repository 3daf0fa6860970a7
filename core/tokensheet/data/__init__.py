"""The catalogue's own data files, the calibration's constants and the measurements they were fitted to."""

from importlib.resources import files

CHIPS = files(__name__) / "chips.csv"
RENTS = files(__name__) / "rents.csv"
MARKET = files(__name__) / "market.csv"
MODELS = files(__name__) / "models.csv"
CALIBRATION = files(__name__) / "calibration.csv"
BANDS = files(__name__) / "calibration_bands.csv"
SOFTWARE = files(__name__) / "calibration_software.csv"
SEEN = files(__name__) / "calibration_seen.csv"
MEASURED = files(__name__) / "measured"
