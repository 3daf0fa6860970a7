"""Writes docs/calculator.png, the calculator as the README shows it: `python docs/calculator_picture.py`.

Needs Chromium and, of the extra `test`, Playwright. Look at the picture.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
CHROMIUM = "/usr/bin/chromium"


@contextmanager
def served(folder: Path = HERE / "calculator") -> Iterator[str]:
    """A folder's address on a plain file server: the calculator's, if none is named."""
    command = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "-d", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout
        port = re.search(r"port (\d+)", server.stdout.readline())
        assert port
        try:
            yield f"http://127.0.0.1:{port[1]}/"
        finally:
            server.terminate()


if __name__ == "__main__":
    with served() as address, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = chromium.new_page(viewport={"width": 1280, "height": 820})
        page.goto(address)
        page.locator("#figures").wait_for()
        page.screenshot(path=HERE / "calculator.png")
        chromium.close()
