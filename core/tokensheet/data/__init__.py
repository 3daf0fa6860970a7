"""The catalogue's own data files, the calibration's constants and the measurements they were fitted to."""

from pathlib import Path

FOLDER = Path(__file__).parent
CHIPS = FOLDER / "chips.csv"
RENTS = FOLDER / "rents.csv"
MARKET = FOLDER / "market.csv"
MODELS = FOLDER / "models.csv"
CALIBRATION = FOLDER / "calibration.csv"
BANDS = FOLDER / "calibration_bands.csv"
SOFTWARE = FOLDER / "calibration_software.csv"
SEEN = FOLDER / "calibration_seen.csv"
MEASURED = FOLDER / "measured"
