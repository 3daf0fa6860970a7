"""Writes tutorials/type-formulas.png, the tutorial's sheet as LibreOffice prints it: `python docs/tutorial_picture.py`.

Needs LibreOffice and poppler's pdftoppm. Look at the picture.
"""

import tempfile
from pathlib import Path

from cookbook import in_a_cell
from gallery import drawn, printed
from xlsxwriter import Workbook

HERE = Path(__file__).parent
MODELS, CONTEXTS = ("DeepSeek-V3", "gpt-oss-120b", "Llama-3.1-70B"), (4096, 32768, 131072)
COST, PRICE = 'DECODE_COST(A2:A4,"H200",64,B1:D1,,,,,0.5)*1E6', "PRICE_FOR_MARGIN(B2:D4,0.6)"
EDGES = ("-x", "62", "-y", "67", "-W", "582", "-H", "216")  # of the picture on the page


def write(path: Path) -> None:
    """The sheet, with the numbers beside the formulas."""
    cells = [[f'DECODE_COST("{model}","H200",64,{context},,,,,0.5)*1E6' for context in CONTEXTS] for model in MODELS]
    costs = [[in_a_cell(cell) for cell in row] for row in cells]
    prices = [[in_a_cell(f"PRICE_FOR_MARGIN({cost},0.6)") for cost in row] for row in costs]
    with Workbook(path) as book:
        sheet = book.add_worksheet()
        bold, tokens, dollars = (
            book.add_format(each)
            for each in ({"bold": True}, {"bold": True, "num_format": "#,##0"}, {"num_format": "$0.00"})
        )
        for top, formula, block in ((0, COST, costs), (5, PRICE, prices)):
            sheet.write_row(top, 1, CONTEXTS, tokens)
            sheet.write_column(top + 1, 0, MODELS, bold)
            sheet.write_array_formula(top + 1, 1, top + 3, 3, f"{{={formula}}}", dollars, block[0][0])
            for row, values in enumerate(block, top + 1):
                sheet.write_row(row, 1, values, dollars)
        sheet.set_column(0, 0, 18)
        sheet.set_column(1, 3, 11)
        sheet.print_row_col_headers()
        sheet.hide_gridlines(0)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder) / "our-prices.xlsx"
        write(book)
        drawn(printed(book), 1, HERE / "tutorials/type-formulas.png", *EDGES)
