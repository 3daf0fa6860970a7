"""What Acme adds to tokensheet; pyproject.toml lists it."""

from pathlib import Path

CHIPS, MODELS, PRICES = (Path(__file__).with_name(name) for name in ("chips.csv", "models.csv", "prices.json"))
