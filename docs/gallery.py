"""Writes templates/*.xlsx, the workbooks of the default inputs, and docs/templates/*.png, what their Boards look like.

    python docs/gallery.py [NAME …]

Needs LibreOffice, poppler's pdftotext and pdftoppm, and Pillow, which comes with matplotlib. A test fails while a
workbook is stale; look at the pictures.
"""

import atexit
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tokensheet.plugins import contributions
from tokensheet_templates.template import Declared

HERE = Path(__file__).parent
BOOKS, PICTURES = HERE.parent / "templates", HERE / "templates"
DPI, FOOTER, EDGE = 100, 60, 12  # the last two in pixels


def ours() -> Iterator[tuple[str, Declared]]:
    """Our own templates."""
    for package, name, template in contributions("templates"):
        if package == "tokensheet" and isinstance(template, Declared):
            yield name, template


def picture(book: Path, to: Path) -> None:
    """The page of the sheet Board as LibreOffice prints it, without its margins."""
    pdf = printed(book)
    text = subprocess.run(["pdftotext", "-layout", pdf, "-"], check=True, capture_output=True, text=True).stdout
    page = next(
        number for number, each in enumerate(text.split("\f"), 1) if f"{book.name} Board" in " ".join(each.split())
    )
    drawn(pdf, page, to)
    trim(to)


def trim(picture: Path) -> None:
    """Cut off a picture's white edges and the page's footer."""
    from PIL import Image, ImageChops, ImageOps  # which the tests, of which none draws, do without

    with Image.open(picture) as page:
        sheet = page.convert("RGB").crop((0, 0, page.width, page.height - FOOTER))
    ImageOps.expand(sheet.crop(ImageChops.invert(sheet).getbbox()), EDGE, "white").save(picture, optimize=True)


def printed(book: Path) -> Path:
    """The workbook as LibreOffice prints it, a PDF in a folder that goes when the program ends."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    profile = f"-env:UserInstallation=file://{folder}/profile"
    convert = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(book)]
    subprocess.run(convert, check=True, capture_output=True)
    return folder / f"{book.stem}.pdf"


def drawn(pdf: Path, page: int, to: Path, *crop: str) -> None:
    draw = ["pdftoppm", "-r", str(DPI), "-f", str(page), "-l", str(page), *crop, "-png", "-singlefile", str(pdf)]
    subprocess.run([*draw, str(to.with_suffix(""))], check=True)


def main(names: Sequence[str]) -> None:
    PICTURES.mkdir(exist_ok=True)
    for name, template in ours():
        if not names or name in names:
            book = template().save(BOOKS / f"{name}.xlsx", overwrite=True)
            picture(book, PICTURES / f"{name}.png")
            print(book)


if __name__ == "__main__":
    main(sys.argv[1:])
