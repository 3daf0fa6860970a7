"""Template workbooks: inputs, grids, charts and checks, in which every formula comes from an equation.

`fill` puts rows of values into a workbook of one's own.
"""

from tokensheet_templates.cost_grid import cost_grid as cost_grid
from tokensheet_templates.grid_frame import CostGrid as CostGrid
from tokensheet_templates.package import fill as fill
