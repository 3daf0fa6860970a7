"""A row of the models catalogue from a model's own config.json, as Hugging Face publishes it.

The shape gives the parameters, the cache per token and the kind of attention. What the file does not say is a note, and
what tokensheet does not understand is a ConfigError; no number is a guess without a word.
"""

from tokensheet.model_config.config import ConfigError as ConfigError
from tokensheet.model_config.row import Derived as Derived
from tokensheet.model_config.row import derive as derive
from tokensheet.model_config.row import derive_file as derive_file
