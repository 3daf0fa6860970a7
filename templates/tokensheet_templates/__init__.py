"""Template workbooks: inputs, grids, charts and checks, in which every formula comes from an equation.

`fill` puts rows of values into a workbook of one's own.
"""

from tokensheet.stubs import attach_stub

__getattr__, __dir__ = attach_stub(__name__)
