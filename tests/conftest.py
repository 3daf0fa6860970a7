"""The hosts as fixtures. Without one its tests are skipped; with TOKENSHEET_REQUIRE_HOSTS set they fail."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import pytest
from hosts.bridge import CHROMIUM, Bridge, Browser, Server
from hosts.excel import Classic
from hosts.gnumeric import VERSION, Gnumeric
from hosts.libreoffice import PYTHON, LibreOffice
from hosts.node import Node
from hosts.sheets import PACKAGES, Sheets, fetch_stand_in
from hosts.static import FileServer
from hosts.xlwings_server import NO_KEY, XlwingsServer
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import sync_playwright
from tokensheet.price_lists import FOLDER
from tokensheet_addin.hosts import static
from tokensheet_addin.hosts.libreoffice.oxt import build_oxt, compiler
from tokensheet_addin.hosts.xlwings_server import write_project

DOCS = Path(__file__).parents[1] / "docs"

# The hosts' fixtures, each with the worker in which it lives: one process of LibreOffice, of Chromium … for all tests
WORKERS = {
    "libreoffice": "LibreOffice", "calc": "LibreOffice", "defaults": "LibreOffice",
    "bridge": "bridge", "browser": "bridge", "guarded": "bridge", "static_addin": "bridge", "chromium": "bridge",
    "site": "bridge",
    "strict": "bridge under attack", "sheets": "Google Sheets",
    "classic": "Excel", "gnumeric": "Gnumeric", "xlwings_server": "xlwings Server", "node": "Node",
}  # fmt: skip


@pytest.hookimpl(tryfirst=True)  # xdist's own reads the mark
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs a host runs in that host's worker, one test after the other; all else wherever there is time."""
    for item in items:
        assert isinstance(item, pytest.Function | pytest.DoctestItem)
        callspec = getattr(item, "callspec", None)
        wanted = [*item.fixturenames, callspec and callspec.params.get("host")]
        worker = next((worker for fixture, worker in WORKERS.items() if fixture in wanted), None)
        if worker:
            item.add_marker(pytest.mark.xdist_group(worker))


def unavailable(reason: str) -> NoReturn:
    if os.environ.get("TOKENSHEET_REQUIRE_HOSTS"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session", autouse=True)
def no_kept_prices(tmp_path_factory: pytest.TempPathFactory) -> None:
    """API prices are the installed ones, whatever lists the user has kept."""
    os.environ[FOLDER] = str(tmp_path_factory.mktemp("prices"))


@pytest.fixture(scope="session")
def oxt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The LibreOffice extension, built from what is installed here."""
    try:
        compiler()
    except FileNotFoundError as error:
        unavailable(str(error))
    return build_oxt(tmp_path_factory.mktemp("libreoffice") / "tokensheet.oxt")


@pytest.fixture(scope="session")
def libreoffice(oxt: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LibreOffice]:
    """LibreOffice Calc with our extension, one process for all tests."""
    needed = "LibreOffice 24.8 or newer with Python is needed (Debian: libreoffice-calc, python3-uno, python3-numpy)"
    version = re.search(r" (\d+)\.(\d+)", subprocess.check_output(["soffice", "--version"], text=True))
    if not version or (int(version[1]), int(version[2])) < (24, 8):
        unavailable(f"{needed}; found {version}")
    if not shutil.which(PYTHON) or subprocess.run([PYTHON, "-c", "import uno, numpy"], capture_output=True).returncode:
        unavailable(f"{needed}; {PYTHON} has no uno or numpy")
    host = LibreOffice(oxt, tmp_path_factory.mktemp("libreoffice"))
    yield host
    host.close()


@pytest.fixture(scope="session")
def gnumeric(oxt: Path, tmp_path_factory: pytest.TempPathFactory) -> Gnumeric:
    """Gnumeric with our functions as a plugin."""
    ssconvert = shutil.which("ssconvert")
    if not ssconvert or VERSION not in subprocess.run([ssconvert, "--version"], capture_output=True, text=True).stdout:
        unavailable(f"Gnumeric {VERSION} is needed (Debian: gnumeric, gnumeric-plugins-extra)")
    return Gnumeric(oxt, tmp_path_factory.mktemp("gnumeric"))


@pytest.fixture(scope="session")
def classic() -> Iterator[Classic]:
    """The classic add-in of xlwings on a stand-in of pywin32, one process for all tests."""
    host = Classic()
    yield host
    host.close()


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """The generated JavaScript in Node, one process for all tests."""
    if not shutil.which("node"):
        unavailable("node is needed (Debian: nodejs)")
    host = Node(tmp_path_factory.mktemp("node"))
    yield host
    host.close()


@pytest.fixture(scope="session")
def sheets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sheets]:
    """The script for Google Sheets in a stand-in for Apps Script, one process for all tests."""
    if not shutil.which("node") or not shutil.which("npm"):
        unavailable("node and npm are needed (Debian: nodejs, npm)")
    folder = tmp_path_factory.mktemp("sheets")
    try:
        fetch_stand_in(folder)
    except subprocess.SubprocessError:
        unavailable(f"npm cannot fetch the stand-in for Apps Script: {', '.join(PACKAGES)}")
    host = Sheets(folder)
    yield host
    host.close()


@pytest.fixture(scope="session")
def xlwings_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[XlwingsServer]:
    """Our project in xlwings Server, where the environment brings a licence key for it."""
    if not os.environ.get("XLWINGS_LICENSE_KEY"):
        pytest.skip(NO_KEY)
    project = tmp_path_factory.mktemp("server") / "project"
    try:
        write_project(project)
    except FileNotFoundError as error:
        unavailable(str(error))
    host = XlwingsServer(project)
    yield host
    host.close()


@pytest.fixture(scope="session")
def bridge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bridge]:
    """`tokensheet serve`, one process for all tests."""
    server = Server(folder=tmp_path_factory.mktemp("bridge"))
    yield Bridge(server)
    server.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """Chromium, one process for all tests."""
    if not shutil.which(CHROMIUM):
        unavailable(f"{CHROMIUM} is needed (Debian: chromium)")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture(scope="session")
def browser(bridge: Bridge, chromium: Chromium) -> Browser:
    """Chromium with the bridge's task pane open."""
    return Browser(chromium, bridge.url)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The docs as `just site` makes them, where a warning is an error."""
    if not find_spec("sphinx"):
        unavailable("the extra `docs` is needed: pip install -e '.[docs]'")
    folder = tmp_path_factory.mktemp("site")
    make = [sys.executable, "-m", "sphinx", "-M", "html", str(DOCS), str(folder), "--quiet", "--fail-on-warning"]
    done = subprocess.run([*make, "--keep-going"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder / "html"


@pytest.fixture(scope="session")
def static_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `tokensheet addin static` writes."""
    folder = tmp_path_factory.mktemp("static") / "addin"
    static.write(folder, "https://example.com/sheet/")
    return folder


@pytest.fixture(scope="session")
def static_files(static_folder: Path) -> Iterator[FileServer]:
    """The folder on a plain file server."""
    server = FileServer(static_folder)
    yield server
    server.close()


@pytest.fixture(scope="session")
def static_addin(static_files: FileServer, chromium: Chromium) -> Browser:
    """Chromium with the static add-in's task pane open."""
    return Browser(chromium, static_files.url, "static add-in")
