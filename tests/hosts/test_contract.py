"""One table of calls, the same on every host; where a host forces a difference on us, docs/hosts.md says so."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hosts.contract import CALLS, DIFFERENCES, OMITTED, Error, Host, expected, same
from hosts.libreoffice import LibreOffice
from tokensheet_udfs.convert import call
from tokensheet_udfs.errors import CellError
from tokensheet_udfs.registry import functions

GRID = tuple(tuple(float(1000 * row + column + 1) for column in range(1000)) for row in range(1000))


class Core:
    """The functions in this process, as every host calls them: blanks are None, errors their texts."""

    name = "core"

    def call(self, function: str, args: tuple[Any, ...], shape: tuple[int, int]) -> list[list[Any]]:
        given = [plain(arg) for arg in args]
        return [[Error(str(cell)) if isinstance(cell, CellError) else cell for cell in row]
                for row in call(functions()[function], given).tolist()]  # fmt: skip


def plain(arg: Any) -> Any:
    if isinstance(arg, tuple):
        return tuple(map(plain, arg))
    return arg.code if isinstance(arg, Error) else None if arg is OMITTED else arg


class Calc:
    """A real LibreOffice: each range on a sheet, the call as an array formula."""

    name = "LibreOffice"

    def __init__(self, host: LibreOffice, folder: Path) -> None:
        self.host, self.folder = host, folder

    def call(self, function: str, args: tuple[Any, ...], shape: tuple[int, int]) -> list[list[Any]]:
        import workbooks

        return workbooks.called(self.host, self.folder / "call.xlsx", function, args, shape)


@pytest.fixture(scope="session")
def core() -> Host:
    return Core()


@pytest.fixture(scope="session")
def calc(libreoffice: LibreOffice, tmp_path_factory: pytest.TempPathFactory) -> Host:
    return Calc(libreoffice, tmp_path_factory.mktemp("contract"))


# fixture, name in the contract
HOSTS = {
    "core": "core",
    "classic": "classic",
    "calc": "LibreOffice",
    "bridge": "bridge",
    "browser": "browser",
    "xlwings_server": "xlwings Server",
    "gnumeric": "Gnumeric",
    "node": "Node",
    "sheets": "Google Sheets",
    "static_addin": "static add-in",
}


@pytest.fixture
def host(request: pytest.FixtureRequest) -> Host:
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize(
    ("host", "name"),
    [(fixture, name) for fixture, host in HOSTS.items() for name in CALLS if expected(host, name)],
    indirect=["host"],
)
def test_call(host: Host, name: str) -> None:
    wanted = expected(host.name, name)
    assert wanted
    function, args, _ = CALLS[name]
    found = host.call(function, args, (len(wanted), len(wanted[0])))
    assert same(found, wanted), (found, wanted)


@pytest.mark.parametrize("host", [fixture for fixture in HOSTS if fixture != "gnumeric"], indirect=True)
def test_a_million_cells(host: Host) -> None:
    assert host.call("COMPUTE_TIME", (GRID, 1, 2), (1000, 1000)) == list(map(list, GRID))


def test_the_hosts_have_their_names() -> None:
    assert set(DIFFERENCES) <= set(HOSTS.values())


@pytest.mark.parametrize("name", DIFFERENCES)
def test_each_difference_is_stated(name: str) -> None:
    page = " ".join(Path("docs/hosts.md").read_text(encoding="utf-8").split())
    assert [each.said for each in DIFFERENCES[name] if each.said not in page] == []


@pytest.mark.xdist_group("Node")
def test_what_needs_a_host_runs_in_its_worker(request: pytest.FixtureRequest) -> None:
    """It is grouped by the end of its name; otherwise every worker would start every host."""
    assert request.node.nodeid.endswith("@Node") == ("PYTEST_XDIST_WORKER" in os.environ)
