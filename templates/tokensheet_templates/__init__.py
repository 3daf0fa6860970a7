"""Template workbooks: inputs, grids, charts and checks, in which every formula comes from an equation."""

from tokensheet_templates.cost_grid import CostGrid as CostGrid
from tokensheet_templates.cost_grid import cost_grid as cost_grid
