"""Writes docs/libreoffice.gif, LibreOffice while somebody types, and docs/libreoffice.png, its Function Wizard.

    python docs/libreoffice_picture.py

It is a real LibreOffice with the extension on a screen of its own, and keys are pressed. Needs what the extension
needs, of Debian libreoffice-gtk3, xvfb and xdotool, and Pillow, which comes with matplotlib. Look at both.
"""

import os
import signal
import subprocess
import tempfile
import textwrap
import time
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageGrab
from tokensheet_addin.hosts.libreoffice.oxt import build_oxt
from xlsxwriter import Workbook

HERE = Path(__file__).parent
WINDOW, TOP = (1060, 720), (0, 0, 1060, 462)  # what the film shows is the upper part
INPUTS = {"Model": "DeepSeek-V3", "Chip": "H200", "Users": 64, "Tokens before each": 4096, "Chips": 8}
COST = "=DECODE_COST(B1,B2,B3,B4,B5)*1E6"
WHY = '=WHY("DECODE_COST",B1,B2,B3,B4,B5)'
LETTERS, READ = 3, 3000  # of a frame; ms that a reader has for an answer
DRAWN = 4  # seconds until a window that has opened is drawn
QUIET = """\
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Misc">
<prop oor:name="ShowTipOfTheDay" oor:op="fuse"><value>false</value></prop>
</item>
</oor:items>
"""  # no tip of the day over the sheet


def sheet(path: Path) -> None:
    """What stands in the sheet before anybody types."""
    font = {"font_name": "Liberation Sans", "font_size": 11, "valign": "top", "align": "left"}
    with Workbook(path, {"default_format_properties": font}) as book:
        page = book.add_worksheet("What it costs")
        bold, dollars = book.add_format({"bold": True}), book.add_format({"bold": True, "num_format": "$0.00"})
        for row, (label, value) in enumerate(INPUTS.items()):
            page.write_row(row, 0, [label, value])
        page.write(6, 0, "A million output tokens", bold)
        page.write_blank(6, 1, None, dollars)
        page.write(7, 0, "Why", bold)
        page.write_blank(7, 1, None, book.add_format({"text_wrap": True}))
        page.set_row(7, 96)
        page.set_column(0, 0, 24)
        page.set_column(1, 1, 84)
        page.set_selection("B7")


@contextmanager
def screen() -> Iterator[str]:
    """An X server of its own, by the name that programs find it by."""
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", "{}x{}x24".format(*WINDOW), "-nolisten", "tcp"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout
        try:
            yield f":{server.stdout.readline().strip()}"
        finally:
            server.terminate()


@contextmanager
def calc(book: Path, display: str) -> Iterator[None]:
    """LibreOffice with the extension and a profile of its own, the workbook open."""
    home = book.parent
    profile, extensions = home / "profile", home / "extensions"
    (profile / "user").mkdir(parents=True)
    (profile / "user/registrymodifications.xcu").write_text(QUIET, encoding="utf-8")
    (home / "gtk-3.0").mkdir()
    (home / "gtk-3.0/settings.ini").write_text("[Settings]\ngtk-cursor-blink=false\n", encoding="utf-8")
    with zipfile.ZipFile(build_oxt(home / "tokensheet.oxt")) as archive:
        archive.extractall(extensions / "tokensheet")
    environment = {
        "DISPLAY": display, "HOME": str(home), "XDG_CONFIG_HOME": str(home), "LC_ALL": "C.UTF-8",
        "PATH": "/usr/bin:/bin", "SAL_USE_VCLPLUGIN": "gtk3", "NO_AT_BRIDGE": "1",
    }  # fmt: skip
    places = [
        f"-env:UserInstallation={profile.as_uri()}",
        f"-env:BUNDLED_EXTENSIONS={extensions.as_uri()}",  # needs no unopkg, and works as root
    ]
    command = ["soffice", "--norestore", "--nologo", *places, "--calc", str(book)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL, start_new_session=True) as office:
        try:
            yield
        finally:
            os.killpg(office.pid, signal.SIGKILL)  # soffice starts helpers, and would ask whether to save


@dataclass
class Hands:
    """Somebody at the screen."""

    display: str

    def do(self, *words: str) -> str:
        environment = os.environ | {"DISPLAY": self.display}
        return subprocess.run(["xdotool", *words], check=True, capture_output=True, text=True, env=environment).stdout

    def type(self, text: str) -> None:
        self.do("type", "--delay", "60", text)

    def press(self, *keys: str) -> None:
        self.do("key", *keys)

    def place(self, title: str, *where: int) -> None:
        """Put the window of that title where and as large as it is to be, when it is there, and be in it."""
        window = self.do("search", "--sync", "--onlyvisible", "--name", title).split()[0]
        left, top, width, height = map(str, where)
        self.do("windowmove", window, left, top)
        self.do("windowsize", window, width, height)
        self.do("windowfocus", window)
        time.sleep(DRAWN)

    def look(self) -> Image.Image:
        """The screen, when it has stopped changing."""
        before, now = None, ImageGrab.grab(xdisplay=self.display)
        while before != now:
            time.sleep(0.5)
            before, now = now, ImageGrab.grab(xdisplay=self.display)
        return now


Frame = tuple[Image.Image, int]  # and for how many ms


def typed(hands: Hands, text: str) -> Iterator[Frame]:
    """A few letters a frame, and at the end the cell's answer."""
    for letters in textwrap.wrap(text, LETTERS):
        hands.type(letters)
        yield hands.look(), 60 * LETTERS
    hands.press("Return")
    yield hands.look(), READ


def film(hands: Hands) -> Iterator[Frame]:
    """Somebody asks what it costs, then why, and then for another chip."""
    yield hands.look(), 1000
    yield from typed(hands, COST)
    yield from typed(hands, WHY)
    hands.press("ctrl+Home", "Down", "Right")
    yield from typed(hands, "B200")


def write_film(frames: Sequence[Frame], to: Path) -> None:
    pictures, times = [picture.crop(TOP) for picture, _ in frames], [time for _, time in frames]
    colours = pictures[-1].quantize(64)
    first, *others = [each.quantize(palette=colours, dither=Image.Dither.NONE) for each in pictures]
    # It comes to rest with the answers
    first.save(to, save_all=True, append_images=others, duration=[*times[:-1], 2 * READ], loop=2, optimize=True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, screen() as display:
        book, hands = Path(folder) / "cost.xlsx", Hands(display)
        sheet(book)
        with calc(book, display):
            hands.place(book.name, 0, 0, *WINDOW)
            write_film([*film(hands)], HERE / "libreoffice.gif")
            hands.press("ctrl+Home", "Right", *["Down"] * 6, "ctrl+F2")
            hands.place("Function Wizard", 180, 40, 870, 650)
            hands.look().save(HERE / "libreoffice.png", optimize=True)
