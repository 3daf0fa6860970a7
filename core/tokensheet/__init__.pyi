# What the package offers. A name is looked for in this order, so the modules that need the fewest others stand first.
from tokensheet.as_of import use_prices as use_prices
from tokensheet.cell import Cell as Cell
from tokensheet.equation import DomainError as DomainError
from tokensheet.rows import CatalogueError as CatalogueError
from tokensheet.rows import UnknownName as UnknownName
from tokensheet.own_constants import CalibrationError as CalibrationError
from tokensheet.own_constants import use_calibration as use_calibration
from tokensheet.catalogue import chip as chip
from tokensheet.catalogue import chips as chips
from tokensheet.catalogue import model as model
from tokensheet.catalogue import models as models
from tokensheet.catalogue import use_catalogue as use_catalogue
from tokensheet.outcomes import DoesNotFit as DoesNotFit
from tokensheet.outcomes import Outcome as Outcome
from tokensheet.outcomes import reasons as reasons
from tokensheet.scenarios import price as price
from tokensheet.explanation import Explanation as Explanation
from tokensheet.explanation import explain as explain
from tokensheet.own_calibration import OwnCalibration as OwnCalibration
from tokensheet.own_calibration import calibrate as calibrate
from tokensheet.roofline import *
from tokensheet.kv_cache import *
from tokensheet.attention import *
from tokensheet.pricing import *
from tokensheet.prefill import *
from tokensheet.experts import *
from tokensheet.parallel import *
from tokensheet.layout import *
from tokensheet.energy import *
from tokensheet.training import *
from tokensheet.forensics import *
from tokensheet.caching import *
from tokensheet.calibration import *
from tokensheet.queueing import *
from tokensheet.serving import *
from tokensheet.service import *
from tokensheet.searches import *
from tokensheet.api_prices import *
from tokensheet.distributions import Draw as Draw
from tokensheet.distributions import draw as draw
from tokensheet.sweeps import sweep as sweep
from tokensheet.sweep_tables import best as best
from tokensheet.sweep_tables import count_reasons as count_reasons
from tokensheet.sweep_tables import pareto as pareto
from tokensheet.sweep_tables import quantiles as quantiles
from tokensheet.sweep_tables import tornado as tornado
from tokensheet.sweep_files import write_sweep as write_sweep
from tokensheet.sweep_plan import read_plan as read_plan

__all__: list[str]
