"""Writes docs/terminal.svg, what a few commands say in a terminal: `python docs/terminal_picture.py`.

The commands are run, and the picture has what they print; a test fails while it is stale. Look at it.
"""

import os
import shlex
import subprocess
import sys
import tempfile
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

HERE = Path(__file__).parent
PICTURE = HERE / "terminal.svg"
TOKENSHEET = Path(sys.executable).parent / "tokensheet"
WIDTH = 98
COMMANDS = """\
tokensheet why decode-cost --model DeepSeek-V3 --chip H200 --batch 64 --context 4096 --chips 8
tokensheet new pricing-sheet ours.xlsx --models DeepSeek-V3,gpt-oss-120b --model-share 0.7,0.3
"""
# Rich's own template fetches its font from a server
SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">
<style>
text {{ font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: {char_height}px }}
{styles}
</style>
<rect width="{width}" height="{height}" rx="8" fill="#1b2733"/>
<defs>
{lines}
</defs>
<g transform="translate({char_height}, {terminal_x})">
{matrix}
</g>
</svg>
"""


def session() -> Text:
    """What a terminal shows after the commands: each behind its prompt, and what it says."""
    shown = Text()
    with tempfile.TemporaryDirectory() as folder:
        for command in COMMANDS.splitlines():
            _, *words = shlex.split(command)
            environment = os.environ | {"FORCE_COLOR": "1", "COLUMNS": str(WIDTH)}
            done = subprocess.run([TOKENSHEET, *words], cwd=folder, capture_output=True, text=True, env=environment)
            done.check_returncode()
            shown.append("$ ", "green").append(f"{command}\n", "bold").append(
                Text.from_ansi(done.stdout.rstrip())
            ).append("\n\n")
    shown.rstrip()
    return shown


def picture(shown: Text) -> str:
    console = Console(record=True, width=WIDTH, file=StringIO(), color_system="truecolor", force_terminal=True)
    console.print(shown)
    return console.export_svg(code_format=SVG, unique_id="terminal")


if __name__ == "__main__":
    PICTURE.write_text(picture(session()), encoding="utf-8")
