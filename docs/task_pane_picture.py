"""Writes docs/task-pane.png, the task pane of Excel's bridge three times: `python docs/task_pane_picture.py`.

Needs Chromium, the extra `test`, and Pillow, which comes with matplotlib. Look at the picture.
"""

import sys
import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from PIL import Image

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent / "tests")]  # where the browser is driven from

from hosts.bridge import CHROMIUM, Browser, Server  # noqa: E402
from playwright.sync_api import Page, sync_playwright  # noqa: E402

GAP, GREY = 24, "#d5dadd"
ARGUMENTS = "64", "37B", "989T"


def looks(page: Page) -> Iterator[bytes]:
    """The functions, one of them with an answer, and a chip."""
    page.wait_for_selector(".entry")
    yield page.screenshot()
    page.get_by_placeholder("Search functions").fill("compute time")
    page.locator(".entry").first.click()
    for place, text in enumerate(ARGUMENTS):
        page.locator(".argument input").nth(place).fill(text)
    page.get_by_role("button", name="Insert in cell", disabled=False).wait_for()
    yield page.screenshot()
    page.get_by_role("tab", name="Chips").click()
    page.locator(".entry", has_text="H100 SXM").first.click()
    page.get_by_role("button", name="Insert the chip's name").wait_for()
    yield page.screenshot()


def beside(pictures: list[bytes]) -> Image.Image:
    parts = [Image.open(BytesIO(each)) for each in pictures]
    width, height = parts[0].size
    whole = Image.new("RGB", ((width + GAP) * len(parts) - GAP, height), GREY)
    for place, part in enumerate(parts):
        whole.paste(part, ((width + GAP) * place, 0))
    return whole


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(folder=Path(folder))
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        beside([*looks(Browser(chromium, server.url).page)]).quantize(64).save(HERE / "task-pane.png", optimize=True)
        chromium.close()
        server.close()
