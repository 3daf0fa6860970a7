"""The add-in for Excel as plain files: any web server has them, Excel computes, and nothing leaves the user's machine.

The pages are the bridge's (`../bridge/pages`); what they ask a server for there, the generated JavaScript says here.
"""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer
from tokensheet.files import whole_file
from tokensheet.plugins import contributions
from tokensheet_udfs import javascript

from tokensheet_addin.hosts import Status
from tokensheet_addin.hosts.bridge.manifest import PAGES, help_pages, manifest, metadata, script
from tokensheet_addin.tables import say, say_steps

name = "static add-in (plain files on a web server)"

HERE = Path(__file__).parent
CORE = "Core"  # what local.js calls the generated module


def status() -> Status:
    return Status(["nothing to install here"], ["'tokensheet addin static' writes the files for a web server"])


def write(
    to: Annotated[Path, typer.Option("--to", help="The folder to write.")],
    url: Annotated[str, typer.Option("--url", help="Where Excel will find the folder: https://…")],
    force: Annotated[bool, typer.Option("--force", help="Write into a folder that has files already.")] = False,
) -> None:
    """Write an add-in for Excel that needs no Python: plain files for any web server."""
    address = checked_address(url)
    if to.is_dir() and any(to.iterdir()) and not force:
        raise ValueError(f"{to} has files already; give --force to write over what is called the same")
    (to / "workbooks").mkdir(parents=True, exist_ok=True)
    found = files(address)
    for path, content in found.items():
        with whole_file(to / path, overwrite=True) as file:
            file.write(content)
    templates = [(name, template) for _, name, template in contributions("templates")]
    for name, template in templates:
        template().save(to / "workbooks" / f"{name}.xlsx", overwrite=True)
    say(f"wrote {len(found) + len(templates)} files into {to}; now:")
    say_steps([
        f"Copy the folder to your web server, so that {address}/taskpane.html opens in a browser.",
        f"Give {address}/manifest.xml to Excel: docs/static.md says where, for one desk and for all of a firm.",
    ])  # fmt: skip


def checked_address(url: str) -> str:
    """The address without a last slash. Excel loads add-ins over https alone, and from one's own machine to try it."""
    parts = urlsplit(url)
    own = parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1")
    if not parts.hostname or not (own or parts.scheme == "https") or parts.query or parts.fragment:
        raise ValueError(f"--url must be the folder's address, such as https://example.com/tokensheet, not {url!r}")
    return url.rstrip("/")


def files(address: str) -> dict[str, bytes]:
    """Every file but the workbooks, by its path in the folder."""
    local = (HERE / "local.js").read_text(encoding="utf-8")
    texts = {
        "manifest.xml": manifest(address, None),
        "functions.js": script(f"{javascript.script(CORE)}\n{local}"),
        "functions.json": json.dumps(metadata()),
        "help.json": json.dumps(help_pages(("native",))),
    }
    found = {path: text.encode() for path, text in texts.items()}
    pages = ("taskpane.html", "taskpane.css", "taskpane.js", "icon-16.png", "icon-32.png", "icon-80.png")
    found |= {page: (PAGES / page).read_bytes() for page in pages}
    # A new version is a new cache; the files' own hash, since two of one number may differ by their plugins
    kept = hashlib.sha256(b"".join(found.values())).hexdigest()[:12]
    offline = (HERE / "offline.js").read_text(encoding="utf-8")
    cache = f"tokensheet-{version('tokensheet')}-{kept}"
    head = f"const CACHE = {json.dumps(cache)};\nconst FILES = {json.dumps([*found])};\n"
    return found | {"offline.js": (head + offline).encode()}
