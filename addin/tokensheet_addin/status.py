"""What is installed of the functions and of each host, what is missing, and how to mend it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from openpyxl.utils import FORMULAE
from tokensheet_udfs.registry import functions

from tokensheet_addin import classic
from tokensheet_addin.libreoffice import manager

CELL = re.compile(r"[A-Z]{1,3}\d+|R\d*C\d*")  # H100 is a cell


@dataclass(frozen=True)
class Status:
    """A host: what was found of it, and what is to be done until the functions work there; nothing if they do."""

    host: str
    found: list[str]
    to_do: list[str]


def statuses() -> list[Status]:
    hosts = [excel(), libreoffice(), lite(), extra("bridge (tokensheet serve)", "serve"), server()]
    return [every_function(), *hosts]


def every_function() -> Status:
    """What every host would show: ours and the plugins' functions, and what keeps one of them from being called."""
    try:
        found = functions()
    except Exception as error:  # of a plugin's code, too
        return Status("functions", [], [f"no host can load them: {error or type(error).__name__}"])
    packages = Counter(function.package for function in found.values())
    taken = [name for name in found if name in FORMULAE or CELL.fullmatch(name)]
    return Status(
        "functions",
        [f"{number} of {package}" for package, number in packages.items()],
        [f"{found[name].package} has to rename {name}, which in a formula means something else" for name in taken],
    )


def excel() -> Status:
    name = "Excel on Windows (xlwings)"
    found = [f"xlwings {version('xlwings')}"]
    if sys.platform != "win32":
        return Status(
            name, found, ["only on Windows; 'tokensheet addin install excel --to FOLDER' prepares it for one"]
        )
    to_do = []
    libraries = list(Path(sys.prefix).glob(f"xlwings*-{version('xlwings')}.dll"))
    if libraries:
        found += [library.name for library in libraries]
    else:
        to_do.append("xlwings' DLL is not beside Python: python -m pip install --force-reinstall xlwings")
    if (classic.addins_folder() / classic.ADDIN).exists():
        found.append(str(classic.addins_folder() / classic.ADDIN))
    else:
        to_do.append("tokensheet addin install excel")
    return Status(name, found, to_do)


def libreoffice() -> Status:
    name, found = "LibreOffice Calc", []
    try:
        office = manager.program("soffice")
    except FileNotFoundError as error:
        return Status(name, [], [str(error)])
    said = subprocess.run([office, "--version"], capture_output=True, text=True, env=manager.environment()).stdout
    number = re.search(r"\d+\.\d+[.\d]*", said)
    found.append(f"LibreOffice {number[0]}" if number else str(office))
    to_do = []
    if number and tuple(map(int, number[0].split(".")[:2])) < (24, 8):
        to_do.append("LibreOffice 24.8 or newer is needed (Debian 12: bookworm-backports)")
    if python_has_numpy(office):
        found.append("its Python has numpy")
    else:
        to_do.append("its Python lacks uno or numpy (Debian: python3-uno, python3-numpy); or use native workbooks")
    try:
        registered = manager.installed()
    except OSError as error:
        return Status(name, found, [*to_do, str(error)])
    found += [f"extension {registered}"] if registered else []
    if registered != version("tokensheet"):
        to_do.append("tokensheet addin install libreoffice")
    return Status(name, found, to_do)


def python_has_numpy(office: Path) -> bool:
    """Whether the Python that LibreOffice brings along, or else the system's, has what the extension needs."""
    own = [office.resolve().parent / name for name in ("python", "python.exe")]
    python = next((each for each in own if each.exists()), Path("/usr/bin/python3"))
    if not python.exists():
        return False
    run = subprocess.run([python, "-c", "import uno, numpy"], capture_output=True, env=manager.environment())
    return run.returncode == 0


def lite() -> Status:
    return Status("xlwings Lite", ["nothing to install here"], ["'tokensheet addin lite' prints what to paste into it"])


def extra(host: str, name: str) -> Status:
    """A host whose packages are an extra of ours."""
    found, missing = [], False
    for package in packages(name):
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            missing = True
    return Status(host, found, [f"python3 -m pip install 'tokensheet[{name}]'"] if missing or not found else [])


def packages(extra: str) -> Iterator[str]:
    """The packages that an extra of tokensheet asks for."""
    for requirement in requires("tokensheet") or []:
        name = re.match(r"[\w.-]+", requirement)
        if name and re.search(rf"extra == ['\"]{extra}['\"]", requirement):
            yield name[0]


def server() -> Status:
    status = extra("xlwings Server (needs a licence)", "server")
    if licence_key_is_set():
        return Status(status.host, [*status.found, "a licence key"], status.to_do)
    return Status(status.host, status.found, [*status.to_do, "set XLWINGS_LICENSE_KEY to the key you have licensed"])


def licence_key_is_set() -> bool:
    if os.environ.get("XLWINGS_LICENSE_KEY"):
        return True
    user = Path.home() / ".xlwings" / "xlwings.conf"  # where `xlwings license update` puts it
    return user.exists() and '"LICENSE_KEY"' in user.read_text(encoding="utf-8", errors="replace")
