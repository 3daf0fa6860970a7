"""Installs, lists and removes the extension with LibreOffice's own `unopkg`, for the user who runs it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tokensheet_addin.hosts.libreoffice.oxt import build_oxt

IDENTIFIER = "org.tokensheet"


def program(name: str) -> Path:
    """A program of LibreOffice: on PATH, or beside soffice."""
    found = shutil.which(name)
    if not found and (office := shutil.which("soffice")):
        found = shutil.which(name, path=Path(office).resolve().parent)
    if not found:
        raise FileNotFoundError(f"LibreOffice's {name} is not on PATH (Debian: libreoffice-calc)")
    return Path(found)


def environment() -> dict[str, str]:
    """Ours without Python's settings and an activated virtual environment: LibreOffice's Python would make it its home.

    Texts in English, since what unopkg says is read.
    """
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    folders = ours.get("PATH", os.defpath).split(os.pathsep)
    homes = [home for home in (sys.prefix, os.environ.get("VIRTUAL_ENV")) if home and home != sys.base_prefix]
    kept = [folder for folder in folders if not any(Path(folder).is_relative_to(home) for home in homes)]
    ours["PATH"] = os.pathsep.join(kept)
    return ours | {"LC_ALL": "C.UTF-8"}


def unopkg(*arguments: str) -> str:
    """What unopkg says; OSError with its last line when it fails."""
    if sys.platform != "win32" and os.geteuid() == 0:
        raise PermissionError("LibreOffice installs no extension for root; run this as the user who uses LibreOffice")
    run = subprocess.run([program("unopkg"), *arguments], capture_output=True, text=True, env=environment())
    if run.returncode:
        said = [line for line in (run.stderr + run.stdout).splitlines() if line.strip() and "javaldx" not in line]
        raise OSError(f"unopkg {arguments[0]}: {' '.join(said[-3:]) or f'exit code {run.returncode}'}")
    return run.stdout


def installed() -> str | None:
    """The version of the extension that is registered for this user."""
    listed = unopkg("list")
    entry = re.search(rf"^Identifier: {re.escape(IDENTIFIER)}$\n\s*Version: (\S+)", listed, re.MULTILINE)
    return entry and entry[1]


def install() -> None:
    """Build the extension and put it in, in place of one that is there."""
    with tempfile.TemporaryDirectory() as folder:
        oxt = build_oxt(Path(folder) / "tokensheet.oxt")
        unopkg("add", "--force", "--suppress-license", str(oxt))


def remove() -> None:
    if not installed():
        raise LookupError("tokensheet is not installed in LibreOffice")
    unopkg("remove", IDENTIFIER)
