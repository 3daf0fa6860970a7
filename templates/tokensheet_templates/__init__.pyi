# What the package offers besides its modules
from tokensheet_templates.grid_frame import CostGrid as CostGrid
from tokensheet_templates.grid_template import cost_grid as cost_grid
from tokensheet_templates.package import fill as fill
