"""`tokensheet serve`: over HTTP, and from a real browser as Excel's web view would run it."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import ssl
import struct
import subprocess
import sys
import threading
import time
import urllib.request
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import orjson
import pytest
import tokensheet as ts
from hosts.bridge import Bridge, Browser, Server
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import expect
from tokensheet_addin.hosts.bridge import calls, manifest, serve
from tokensheet_addin.hosts.bridge.limits import MOST_BYTES
from tokensheet_addin.hosts.bridge.serve import certificate_in
from tokensheet_udfs.convert import call
from tokensheet_udfs.errors import CellError
from tokensheet_udfs.registry import functions
from tokensheet_udfs.spelling import NAMESPACE

TOKEN = "a-token-of-24-characters"
DEEP = b'[{"name": "A", "args": [%s]}, {"name": "A", "args": []}]' % (b"[" * 500 + b"]" * 500)
OFFICE = "{http://schemas.microsoft.com/office/appforoffice/1.1}"
OVERRIDES = "{http://schemas.microsoft.com/office/taskpaneappversionoverrides}"
TYPES = "{http://schemas.microsoft.com/office/officeappbasictypes/1.0}"


def ask(*batch: tuple[str, list[Any]]) -> list[Any]:
    body = orjson.dumps([{"name": name, "args": args} for name, args in batch])
    return orjson.loads(calls.answer(body))


# ---- calls

CELLS = st.one_of(
    st.none(), st.booleans(), st.floats(-1e300, 1e300), st.integers(-(2**63), 2**64 - 1),
    st.sampled_from(["", "70B", "40%", "x", "#N/A", "#REF!", "h100", "hbm_bytes"]),
)  # fmt: skip


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["COMPUTE_TIME", "BOUND", "CHIP", "FITS", "DECODE_COST"]), st.lists(CELLS, max_size=5)
        )
    )
)
@settings(deadline=None)
def test_single_cells_computed_as_columns_are_what_each_would_be_alone(batch: list[tuple[str, list[Any]]]) -> None:
    if not batch:
        return
    alone: list[dict[str, Any]] = []
    for name, args in batch:
        cell = call(functions()[name], args)[0, 0]
        error = {"error": str(cell), "reason": cell.reason} if isinstance(cell, CellError) else None
        alone.append(error or {"result": [[cell.item() if hasattr(cell, "item") else cell]]})
    assert ask(*((name, [[[arg]] for arg in args]) for name, args in batch)) == alone


def test_what_is_asked_twice_is_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(calls, "call", lambda function, args: asked.append(args) or call(function, args))
    column = ("COMPUTE_TIME", [[[1], [2]], 1, 1])
    assert ask(column, column, column) == [{"result": [[2.0], [4.0]]}] * 3
    assert len(asked) == 1
    # a text has no answer in plain Python
    ask(*[("COMPUTE_TIME", ["1", 1, 1])] * 5, *[("COMPUTE_TIME", ["2", 1, 1])] * 5)
    assert asked[1:] == [[[["1"], ["2"]], [[1], [1]], [[1], [1]]]]


def test_a_call_that_fails_leaves_the_others_alone(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail_for_two(function: Any, args: Any) -> Any:
        if "2" in np.array(args[0]):
            raise RuntimeError("a plugin's mistake")
        return call(function, args)

    monkeypatch.setattr(calls, "call", fail_for_two)
    failed = {"error": "#VALUE!", "reason": "COMPUTE_TIME failed: a plugin's mistake"}
    found = ask(*(("COMPUTE_TIME", [batch, 1, 1]) for batch in ("1", "2", "3")))
    assert found == [{"result": [[2.0]]}, failed, {"result": [[6.0]]}]
    assert "a plugin's mistake" in caplog.text


def test_what_no_cell_can_show_is_an_error_of_that_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    block = np.array([[np.str_("text"), True, 1 + 2j]], object)
    monkeypatch.setattr(calls, "call", lambda function, args: block)
    wrong = {"error": "#VALUE!", "reason": "the result is a complex, which no cell can show"}
    assert ask(("COMPUTE_TIME", ["1", 1, 1])) == [{"result": [["text", True, wrong]]}]


@pytest.mark.parametrize(
    ("name", "args", "reason"),
    [
        ("NONESUCH", [], "this server has no function NONESUCH"),
        ("COMPUTE_TIME", [[[1], [2, 3]], 1, 1], "argument 1 of COMPUTE_TIME is not rows of the same length"),
        ("COMPUTE_TIME", [1, [], 1], "argument 2 of COMPUTE_TIME is not rows of the same length"),
        ("COMPUTE_TIME", [1, [1], 1], "argument 2 of COMPUTE_TIME is not rows of the same length"),
        ("COMPUTE_TIME", [{}, 1, 1], "batch is a dict, not a number"),
        ("COMPUTE_TIME", [[[1]] * 2001, [[1] * 2001], 1],
         "2001 x 2001 cells are more than the 4,000,000 that one call may have"),
    ],
)  # fmt: skip
def test_what_cannot_be_computed_says_why(name: str, args: list[Any], reason: str) -> None:
    assert ask((name, args)) == [{"error": "#VALUE!", "reason": reason}]


@pytest.mark.parametrize(
    "body", [b"", b"x", b"{}", b"[]", b"[1]", b'[{"name": 1, "args": []}]', b'[{"name": "A"}]', DEEP]
)
def test_a_body_that_is_no_batch(bridge: Bridge, body: bytes) -> None:
    status, said = bridge.server.post(body)
    assert (status, said[:4]) in ((400, b"expe"), (400, b"a ca"))


# ---- much at once


def test_a_million_cells_are_what_numpy_and_json_give(bridge: Bridge) -> None:
    cells = np.random.default_rng(1).uniform(1, 9, (1000, 1000))
    one_call = [{"name": "COMPUTE_TIME", "args": [cells, [[37e9]], [[989e12]], None]}]
    body = orjson.dumps(one_call, option=orjson.OPT_SERIALIZE_NUMPY)
    [given] = orjson.loads(body)
    result = functions()["COMPUTE_TIME"].python(np.array(given["args"][0]), 37e9, 989e12)
    assert bridge.server.post(body) == (200, orjson.dumps([{"result": result}], option=orjson.OPT_SERIALIZE_NUMPY))


def test_32_connections_lose_nothing_and_memory_stays(bridge: Bridge) -> None:
    size, posts, connections = 100, 100, 32

    def client(number: int, posts: int, right: list[bool]) -> None:
        connection = bridge.server.connect()
        for post in range(posts):
            batch = np.arange(size) + (number * posts + post) * size + 1.0
            body = orjson.dumps([{"name": "COMPUTE_TIME", "args": [[[one]], [[3]], [[2]]]} for one in batch.tolist()])
            connection.request("POST", "/call", body, {"Content-Type": "application/json"})
            answers = orjson.loads(connection.getresponse().read())
            right.append([answer.get("result") for answer in answers] == [[[one]] for one in (3 * batch).tolist()])
        connection.close()

    def load(posts: int) -> list[bool]:
        right: list[bool] = []
        threads = [threading.Thread(target=client, args=(number, posts, right)) for number in range(connections)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return right

    load(20)
    before = resident(bridge.server.process.pid)
    right = load(posts)
    assert len(right) == connections * posts
    assert all(right)
    assert resident(bridge.server.process.pid) - before < 20


def resident(process: int) -> float:
    """MB of memory that a process holds."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0]) / 1024


# ---- what the server takes, and from whom


def test_a_request_that_is_too_large(bridge: Bridge) -> None:
    said = f"The request has more than {MOST_BYTES // 2**20} MB; call on smaller ranges.".encode()
    connection = bridge.server.connect()
    connection.putrequest("POST", "/call")
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Content-Length", str(MOST_BYTES + 1))
    connection.endheaders()
    refused = connection.getresponse()
    assert (refused.status, refused.read()) == (413, said)
    connection.close()
    chunk = b" " * 2**20
    chunks = (chunk for _ in range(MOST_BYTES // 2**20 + 1))  # without a length announced
    connection = bridge.server.connect()
    connection.request("POST", "/call", chunks, {"Content-Type": "application/json"})
    assert connection.getresponse().status == 413
    connection.close()


def test_only_json_is_a_call(bridge: Bridge) -> None:
    assert bridge.server.post(b"[]", **{"Content-Type": "text/plain"})[0] == 415


def test_another_name_for_this_machine_is_refused(bridge: Bridge) -> None:
    for path in ("/health", "/manifest.xml", "/taskpane.html"):
        assert bridge.server.get(path, Host="evil.example")[0] == 400
        assert bridge.server.get(path, Host=f"127.0.0.1:{bridge.server.port}")[0] == 200
    assert bridge.server.get("/health", Host="[::1]:1")[0] == 200


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server open to other machines, with a token, HTTPS and two workers."""
    folder = tmp_path_factory.mktemp("guarded")
    options = ("--host", "0.0.0.0", "--workers", "2")
    server = Server(*options, folder=folder, https=True, TOKENSHEET_TOKEN=TOKEN)
    trust = ssl.create_default_context(cafile=next(folder.rglob("authority.pem")))
    urllib.request.install_opener(urllib.request.build_opener(urllib.request.HTTPSHandler(context=trust)))
    yield server
    urllib.request.install_opener(urllib.request.build_opener())
    server.close()


def test_a_token_is_wanted_for_all_that_holds_data(guarded: Server) -> None:
    body = b'[{"name": "COMPUTE_TIME", "args": [1, 1, 1]}]'
    assert guarded.post(body)[0] == 401
    assert guarded.post(body, Authorization=f"Bearer {TOKEN}x")[0] == 401
    assert guarded.post(body, Authorization=f"Bearer {TOKEN}") == (200, b'[{"result":[[2.0]]}]')
    for path in ("manifest.xml", "functions.json", "help.json", "workbooks/cost-grid.xlsx"):
        assert guarded.get(f"/{path}")[0] == 401
        assert guarded.get(f"/{path}?token=wrong")[0] == 401
        assert guarded.get(f"/{path}?token={TOKEN}")[0] == 200
    for path in ("health", "taskpane.html", "taskpane.js", "functions.js", "icon-32.png"):
        assert guarded.get(f"/{path}")[0] == 200
    assert TOKEN not in guarded.said()


def test_a_port_in_use_is_said(bridge: Bridge) -> None:
    with pytest.raises(OSError, match=f"cannot listen on 127.0.0.1 port {bridge.server.port}: .*in use"):
        serve.bind("127.0.0.1", bridge.server.port, None)


def test_the_development_certificate_is_made_once(tmp_path: Path) -> None:
    certificate = serve.certificate_in(tmp_path / "new")
    assert not certificate.is_valid()
    certificate.make()
    assert certificate.is_valid()
    assert certificate.key.stat().st_mode & 0o077 == 0
    assert str(certificate.authority) in certificate.how_to_trust()
    ssl.create_default_context(cafile=certificate.authority).load_cert_chain(certificate.chain, certificate.key)


ONE = "() => excel.call('COMPUTE_TIME', [[[1]], [[1]], [[1]], null], null)"


def test_killed_workers_answer_again_within_seconds_and_never_wrongly(guarded: Server, browser: Browser) -> None:
    page = browser.open(f"{guarded.url}/taskpane.html?token={TOKEN}")
    assert page.evaluate(ONE) == [[2.0]]
    workers = guarded.workers()
    assert len(workers) == 2
    for worker in workers:
        os.kill(worker, signal.SIGSTOP)  # so that they die in the middle of the call
    page.evaluate(f"() => {{ globalThis.pending = ({ONE})() }}")
    page.wait_for_timeout(300)
    for worker in workers:
        os.kill(worker, signal.SIGKILL)
    killed = time.monotonic()
    [[cell]] = page.evaluate("() => pending")  # the browser may have asked the next worker by itself
    assert cell == 2.0 or (cell["error"] == "#N/A" and "does not answer" in cell["reason"])
    while page.evaluate(ONE) != [[2.0]]:
        assert time.monotonic() - killed < 20
        time.sleep(0.1)
    print(f"a killed server answered again after {time.monotonic() - killed:.1f} s")
    assert set(guarded.workers()).isdisjoint(workers)
    page.context.close()


def test_without_a_server_the_cell_is_an_error(browser: Browser, tmp_path: Path) -> None:
    server = Server(folder=tmp_path)
    page = browser.open(f"{server.url}/taskpane.html")
    assert page.evaluate(ONE) == [[2.0]]
    server.close()
    [[cell]] = page.evaluate(ONE)
    assert cell["error"] == "#N/A"
    assert cell["reason"].startswith("tokensheet's server does not answer: ")
    page.context.close()


# ---- what Excel reads


def test_the_manifest(guarded: Server) -> None:
    text = guarded.get(f"/manifest.xml?token={TOKEN}")[1].decode()
    root = ET.fromstring(text)
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", root.findtext(f"{OFFICE}Id", ""))
    assert re.fullmatch(r"\d+\.\d+\.\d+\.\d+", root.findtext(f"{OFFICE}Version", ""))
    assert root.find(f"{OFFICE}DisplayName").attrib["DefaultValue"] == "tokensheet"  # type: ignore[union-attr]
    assert "{" not in text

    resources = {each.attrib["id"]: each for each in root.iter() if "id" in each.attrib and each.tag.startswith(TYPES)}
    wanted = {each.attrib["resid"] for each in root.iter() if "resid" in each.attrib}
    assert wanted == set(resources)
    assert all(len(name) <= 32 for name in resources)
    assert all(len(each.attrib["DefaultValue"]) <= (125 if each.tag == f"{TYPES}String" else 2048)
               for each in root.iter() if each.tag.startswith(TYPES) and "DefaultValue" in each.attrib)  # fmt: skip
    assert resources["Functions.Namespace"].attrib["DefaultValue"] == NAMESPACE

    addresses = {value for each in root.iter() for value in each.attrib.values() if value.startswith("http")}
    addresses -= {value for value in addresses if "schemas" in value}
    assert all(address.startswith(f"{guarded.url}/") for address in addresses)
    assert guarded.url == root.findtext(f"{OFFICE}AppDomains/{OFFICE}AppDomain")
    for address in addresses:
        assert guarded.get(address.removeprefix(guarded.url))[0] == 200, address

    custom = root.find(
        f".//{OVERRIDES}ExtensionPoint[@{{http://www.w3.org/2001/XMLSchema-instance}}type='CustomFunctions']"
    )
    assert custom is not None
    assert [child.tag.removeprefix(OVERRIDES) for child in custom] == ["Script", "Page", "Metadata", "Namespace"]


def test_each_address_is_an_addin_of_its_own() -> None:
    ids = {ET.fromstring(manifest.manifest(f"https://{host}", None)).findtext(f"{OFFICE}Id") for host in "abcda"}
    assert len(ids) == 4


def test_behind_a_proxy_the_manifest_has_its_address(bridge: Bridge) -> None:
    headers = {"Host": "localhost:443", "X-Forwarded-Proto": "https"}
    assert b'"https://localhost:443/functions.json"' in bridge.server.get("/manifest.xml", **headers)[1]


@pytest.mark.parametrize("size", [16, 32, 80])
def test_icons(bridge: Bridge, size: int) -> None:
    status, png = bridge.server.get(f"/icon-{size}.png")
    assert (status, png[:8], struct.unpack(">II", png[16:24])) == (200, b"\x89PNG\r\n\x1a\n", (size, size))


def test_metadata(bridge: Bridge) -> None:
    metadata = json.loads(bridge.server.get("/functions.json")[1])
    assert [each["name"] for each in metadata["functions"]] == list(functions())
    assert metadata["allowErrorForDataTypeAny"]
    enums = {each["id"]: [value["stringValue"] for value in each["values"]] for each in metadata["enums"]}
    assert enums["chips"] == list(ts.chips())
    assert enums["models"] == list(ts.models())
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_.]{2,63}", name) and texts for name, texts in enums.items())
    for described in metadata["functions"]:
        assert re.fullmatch(r"[A-Z][A-Z0-9_.]{2,63}", described["id"])
        assert 1 <= len(described["description"]) <= 1024
        assert len(described["parameters"]) == len(functions()[described["name"]].parameters)
        for parameter in described["parameters"]:
            assert 1 <= len(parameter["name"]) <= 64
            assert 1 <= len(parameter["description"]) <= 512
            assert parameter["dimensionality"] == "matrix"
        optional = [
            parameter.get("optional", parameter.get("repeating", False)) for parameter in described["parameters"]
        ]
        assert optional == sorted(optional), "no required argument after an optional one"
    by_name = {each["name"]: each["parameters"] for each in metadata["functions"]}
    suggests = {name: [each.get("customEnumId") for each in parameters] for name, parameters in by_name.items()}
    assert suggests["CHIP"] == ["chips", None]
    assert suggests["MODEL"] == ["models", None]
    assert suggests["DECODE_COST"][:2] == ["models", "chips"]
    assert {each for names in suggests.values() for each in names if each} == set(enums)
    assert by_name["WHY"][-1]["repeating"]


@pytest.mark.parametrize("flavour", ["native", "lambda"])
def test_a_workbook(bridge: Bridge, flavour: str) -> None:
    status, content = bridge.server.get(f"/workbooks/cost-grid.xlsx?functions={flavour}")
    assert status == 200
    assert "Grid" in openpyxl.load_workbook(io.BytesIO(content)).sheetnames
    assert bridge.server.get("/workbooks/nonesuch.xlsx")[0] == 404
    assert bridge.server.get("/workbooks/cost-grid.xlsx?functions=vba")[0] == 404


def test_the_pane_says_when_the_server_wants_a_token(browser: Browser, guarded: Server) -> None:
    page = browser.open(f"{guarded.url}/taskpane.html")
    expect(page.get_by_role("alert")).to_contain_text("This server wants its token")
    page.context.close()


def test_install_writes_what_excel_needs_and_remove_leaves_nothing(tmp_path: Path) -> None:
    def run(*args: str) -> subprocess.CompletedProcess[str]:
        command = [str(Path(sys.executable).with_name("tokensheet")), "addin", *args]
        environment = {"HOME": str(tmp_path / "home"), "XDG_CONFIG_HOME": str(tmp_path / "config")}
        return subprocess.run(command, capture_output=True, text=True, env=environment)

    folder = tmp_path / "manifests"
    done = run("install", "bridge", "--to", str(folder), "--port", "9000")
    assert done.returncode == 0, done.stderr
    assert [line[:3] for line in done.stdout.splitlines()[1:]] == ["1. ", "2. ", "3. "]
    assert "tokensheet serve --https --port 9000" in done.stdout
    assert "https://localhost:9000/functions.js" in (folder / "tokensheet.xml").read_text(encoding="utf-8")
    certificate = certificate_in(tmp_path / "config" / "tokensheet")
    assert certificate.is_valid()
    before = certificate.chain.read_bytes()
    assert run("install", "bridge", "--to", str(folder)).returncode == 0
    assert certificate.chain.read_bytes() == before
    (folder / "another.xml").touch()
    assert run("remove", "bridge", "--to", str(folder)).returncode == 0
    assert [file.name for file in folder.iterdir()] == ["another.xml"]
    assert not any(file.exists() for file in certificate)
    again = run("remove", "bridge", "--to", str(folder))
    assert again.returncode == 2
    assert again.stderr.startswith(f"tokensheet: there is no manifest of tokensheet in {folder}")
