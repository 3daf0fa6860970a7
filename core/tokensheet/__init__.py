"""What does a token cost, and why? The arithmetic of serving and training large language models.

Every equation takes numbers, arrays, pandas objects or cells (`tokensheet.Cell`, which give the Excel formula), in SI
base units: tokens, bytes, bytes/s, FLOP/s, seconds, US dollars.
"""

from tokensheet.api_prices import *
from tokensheet.as_of import use_prices as use_prices
from tokensheet.attention import *
from tokensheet.caching import *
from tokensheet.calibration import *
from tokensheet.catalogue import chip as chip
from tokensheet.catalogue import chips as chips
from tokensheet.catalogue import model as model
from tokensheet.catalogue import models as models
from tokensheet.catalogue import use_catalogue as use_catalogue
from tokensheet.cell import Cell as Cell
from tokensheet.energy import *
from tokensheet.equation import DomainError as DomainError
from tokensheet.experts import *
from tokensheet.explain import Explanation as Explanation
from tokensheet.explain import explain as explain
from tokensheet.forensics import *
from tokensheet.kv_cache import *
from tokensheet.layout import *
from tokensheet.over_names import DoesNotFit as DoesNotFit
from tokensheet.own_calibration import OwnCalibration as OwnCalibration
from tokensheet.own_calibration import calibrate as calibrate
from tokensheet.own_constants import CalibrationError as CalibrationError
from tokensheet.own_constants import use_calibration as use_calibration
from tokensheet.parallel import *
from tokensheet.prefill import *
from tokensheet.pricing import *
from tokensheet.queueing import *
from tokensheet.roofline import *
from tokensheet.rows import CatalogueError as CatalogueError
from tokensheet.rows import UnknownName as UnknownName
from tokensheet.searches import *
from tokensheet.service import *
from tokensheet.serving import *
from tokensheet.training import *
