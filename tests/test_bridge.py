"""`tokensheet serve`: over HTTP, and from a real browser as Excel's web view would run it."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import ssl
import struct
import threading
import time
import urllib.request
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import orjson
import pytest
import tokensheet as ts
from bridge_host import Bridge, Browser, Server
from contract import NA, Error
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page, expect
from tokensheet_addin.bridge import app, calls, manifest, serve
from tokensheet_udfs.convert import CellError, call
from tokensheet_udfs.registry import functions

TOKEN = "a-token-of-24-characters"
DEEP = b'[{"name": "A", "args": [%s]}, {"name": "A", "args": []}]' % (b"[" * 500 + b"]" * 500)
OFFICE = "{http://schemas.microsoft.com/office/appforoffice/1.1}"
OVERRIDES = "{http://schemas.microsoft.com/office/taskpaneappversionoverrides}"
TYPES = "{http://schemas.microsoft.com/office/officeappbasictypes/1.0}"


def ask(*batch: tuple[str, list[Any]]) -> list[Any]:
    body = orjson.dumps([{"name": name, "args": args} for name, args in batch])
    return orjson.loads(calls.answer(body))  # type: ignore[no-any-return]


# ---- calls

CELLS = st.one_of(
    st.none(), st.booleans(), st.floats(-1e300, 1e300), st.integers(-(2**63), 2**64 - 1),
    st.sampled_from(["", "70B", "40%", "x", "#N/A", "#REF!", "h100", "hbm_bytes"]),
)  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from(["COMPUTE_TIME", "BOUND", "CHIP", "FITS"]), st.lists(CELLS, max_size=5))))
@settings(deadline=None)
def test_single_cells_computed_as_columns_are_what_each_would_be_alone(batch: list[tuple[str, list[Any]]]) -> None:
    if not batch:
        return
    alone = []
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
    ask(*[("COMPUTE_TIME", [1, 1, 1])] * 5, *[("COMPUTE_TIME", [2, 1, 1])] * 5)
    assert asked[1:] == [[[[1], [2]], [[1], [1]], [[1], [1]]]]


def test_a_call_that_fails_leaves_the_others_alone(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail_for_two(function: Any, args: Any) -> Any:
        if 2 in np.array(args[0]):
            raise RuntimeError("a plugin's mistake")
        return call(function, args)

    monkeypatch.setattr(calls, "call", fail_for_two)
    failed = {"error": "#VALUE!", "reason": "COMPUTE_TIME failed: a plugin's mistake"}
    found = ask(*(("COMPUTE_TIME", [batch, 1, 1]) for batch in (1, 2, 3)))
    assert found == [{"result": [[2.0]]}, failed, {"result": [[6.0]]}]
    assert "a plugin's mistake" in caplog.text


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


# ---- what the server takes, and from whom


def test_a_request_that_is_too_large(bridge: Bridge) -> None:
    said = f"The request has more than {app.MOST_BYTES // 2**20} MB; call on smaller ranges.".encode()
    connection = bridge.server.connect()
    connection.putrequest("POST", "/call")
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Content-Length", str(app.MOST_BYTES + 1))
    connection.endheaders()
    refused = connection.getresponse()
    assert (refused.status, refused.read()) == (413, said)
    connection.close()
    chunk = b" " * 2**20
    chunks = (chunk for _ in range(app.MOST_BYTES // 2**20 + 1))  # without a length announced
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


@pytest.mark.parametrize(
    ("host", "token", "said"),
    [
        ("0.0.0.0", None, "0.0.0.0 is open to other machines, so a token is needed"),
        ("example.com", "", "example.com is open to other machines, so a token is needed"),
        ("127.0.0.1", "short", "the token must have at least 16 characters"),
    ],
)
def test_the_server_does_not_start_unsafely(host: str, token: str | None, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        serve.check(host, 0, token)


def test_the_server_starts_on_this_machine_without_a_token_and_for_others_with_one() -> None:
    serve.check("127.0.0.1", 0, None)
    serve.check("localhost", 0, None)
    serve.check("0.0.0.0", 0, TOKEN)


def test_a_port_in_use_is_said(bridge: Bridge) -> None:
    with pytest.raises(OSError, match="in use"):
        serve.check("127.0.0.1", bridge.server.port, None)


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
    assert resources["Functions.Namespace"].attrib["DefaultValue"] == manifest.NAMESPACE

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


@pytest.mark.parametrize("size", [16, 32, 80])
def test_icons(bridge: Bridge, size: int) -> None:
    status, png = bridge.server.get(f"/icon-{size}.png")
    assert (status, png[:8], struct.unpack(">II", png[16:24])) == (200, b"\x89PNG\r\n\x1a\n", (size, size))


def test_metadata(bridge: Bridge) -> None:
    metadata = json.loads(bridge.server.get("/functions.json")[1])
    assert [each["name"] for each in metadata["functions"]] == list(functions())
    assert metadata["allowErrorForDataTypeAny"]
    enums = {each["id"]: [value["stringValue"] for value in each["values"]] for each in metadata["enums"]}
    assert enums == {"CHIP": list(ts.chips()), "MODEL": list(ts.models())}
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
    assert suggests["CHIP"] == ["CHIP", None]
    assert suggests["MODEL"] == ["MODEL", None]
    assert suggests["DECODE_COST"][:3] == ["MODEL", "CHIP", None]
    assert by_name["WHY"][-1]["repeating"]


@pytest.mark.parametrize("flavour", ["native", "lambda"])
def test_a_workbook(bridge: Bridge, flavour: str) -> None:
    status, content = bridge.server.get(f"/workbooks/cost-grid.xlsx?functions={flavour}")
    assert status == 200
    assert "Grid" in openpyxl.load_workbook(io.BytesIO(content)).sheetnames
    assert bridge.server.get("/workbooks/nonesuch.xlsx")[0] == 404
    assert bridge.server.get("/workbooks/cost-grid.xlsx?functions=vba")[0] == 404


# ---- in the browser


def test_every_function_of_the_metadata_is_associated(browser: Browser) -> None:
    assert browser.page.evaluate("() => excel.functions()") == list(functions())
    assert browser.page.evaluate("() => excel.startup") == "Load"


def test_reasons_reach_the_cell(browser: Browser) -> None:
    cells = browser.page.evaluate("""async () => [
        await excel.call("COMPUTE_TIME", [[["x"]], [[1]], [[1]], null], null),
        await excel.call("COMPUTE_TIME", [[[1], [-1]], [[1]], [[1]], null], null),
        await excel.call("COMPUTE_TIME", [[["#SPILL!"]], [[1]], [[1]], null], null)]""")
    wrong = {"error": "#VALUE!", "reason": 'batch: "x" is not a number; "70B", "3.35T", "32k" or "40%" would be'}
    outside = {"error": "#NUM!", "reason": "batch must be > 0, not -1"}
    unknown = {"error": "#VALUE!", "reason": "batch is the error #SPILL! already"}
    assert cells == [[[wrong]], [[2.0], [outside]], [[unknown]]]


def test_a_data_type_counts_as_what_it_shows(browser: Browser) -> None:
    cells = browser.page.evaluate("""() => excel.call("COMPUTE_TIME", [[[
        {type: "FormattedNumber", basicValue: 2, numberFormat: "0.0"},
        {type: "Error", basicType: "Error", basicValue: "#N/A"}, {type: "Empty"}]], [[1]], [[1]]], null)""")
    assert [cell["error"] if isinstance(cell, dict) else cell for cell in cells[0]] == [4, "#N/A", "#VALUE!"]


def test_a_large_recalculation_goes_in_several_requests_and_each_answer_to_its_cell(browser: Browser) -> None:
    asked: list[int] = []
    count = lambda request: asked.append(len(json.loads(request.post_data))) if request.method == "POST" else None  # noqa: E731
    browser.page.on("request", count)
    batch = [("COMPUTE_TIME", (number, 1, 1)) for number in range(1, 4501)]
    batch[7] = ("COMPUTE_TIME", (Error("#N/A"), 1, 1))
    found = browser.call_many(batch)
    browser.page.remove_listener("request", count)
    assert sorted(asked) == [500, 2000, 2000]
    assert found[7] == [[NA]]
    assert [rows for index, rows in enumerate(found) if index != 7] == [[[2.0 * n]] for n in range(1, 4501) if n != 8]


@pytest.fixture
def pane(browser: Browser, bridge: Bridge) -> Iterator[Page]:
    page = browser.open(f"{bridge.url}/taskpane.html")
    problems: list[object] = []
    page.on("pageerror", lambda problem: problems.append(problem))
    page.wait_for_selector(".entry")
    yield page
    assert not problems
    page.context.close()


def test_find_a_function_try_it_and_insert_it(pane: Page) -> None:
    pane.get_by_placeholder("Search functions").fill("compute time")
    pane.locator(".entry").first.click()
    insert = pane.get_by_role("button", name="Insert in cell")
    expect(insert).to_be_disabled()
    for label, text in (("batch sequences", "64"), ("active params parameters", "37B"), ("flops FLOP/s", "989T")):
        pane.get_by_label(label).fill(text)
    expect(pane.locator("output")).to_have_text("0.004788675 s")
    insert.click()
    assert pane.evaluate("() => excel.written") == [['=TOKENSHEET.COMPUTE_TIME(64, "37B", "989T")']]
    pane.locator("#argument-0").fill("Sheet1!$B$2:B9")
    insert.click()
    assert pane.evaluate("() => excel.written") == [['=TOKENSHEET.COMPUTE_TIME(Sheet1!$B$2:B9, "37B", "989T")']]
    pane.locator("#argument-0").fill("-1")
    expect(pane.locator("output")).to_have_text("batch must be > 0, not -1")


def test_a_chip_called_like_a_cell_is_its_name(pane: Page) -> None:
    pane.evaluate("() => { help.chips.push({ name: 'H100' }); }")
    pane.get_by_placeholder("Search functions").fill("chip")
    pane.locator(".entry").first.click()
    for name, spelled in (("H100", '"H100"'), ("H101", "H101"), ("=A1&B1", "A1&B1"), ('a "b"', '"a ""b"""')):
        pane.locator("#argument-0").fill(name)
        pane.locator("#argument-1").fill("hbm_bytes")
        expect(pane.locator(".result code")).to_have_text(f'=TOKENSHEET.CHIP({spelled}, "hbm_bytes")')


def test_browse_the_catalogue(pane: Page) -> None:
    pane.get_by_role("tab", name="Chips").click()
    expect(pane.locator(".entry")).to_have_count(len(ts.chips()))
    pane.get_by_placeholder("Search chips").fill("h100 sxm")
    pane.locator(".entry").first.click()
    expect(pane.locator("dl")).to_contain_text(ts.chips()["H100 SXM"]["spec_source"])
    pane.get_by_role("button", name="hbm_bytes").click()
    assert pane.evaluate("() => excel.written") == [['=TOKENSHEET.CHIP("H100 SXM", "hbm_bytes")']]
    pane.get_by_role("tab", name="Models").click()
    expect(pane.locator(".entry")).to_have_count(len(ts.models()))


def test_open_a_workbook(pane: Page) -> None:
    pane.get_by_role("tab", name="Workbooks").click()
    pane.get_by_role("button", name="Open in Excel").click()
    expect(pane.locator("#said")).to_have_text("Opened in a new window.")
    assert pane.evaluate("() => excel.opened") > 10_000


def test_the_pane_says_when_the_server_wants_a_token(browser: Browser, guarded: Server) -> None:
    page = browser.open(f"{guarded.url}/taskpane.html")
    expect(page.get_by_role("alert")).to_contain_text("This server wants its token")
    page.context.close()


# ---- how fast


def fastest(work: Callable[[], object], times: int = 5) -> float:
    measured = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        measured.append(time.perf_counter() - start)
    return min(measured)


def test_a_million_cells_cost_little_more_than_numpy_and_json(bridge: Bridge) -> None:
    cells = np.random.default_rng(1).uniform(1, 9, (1000, 1000))
    one_call = [{"name": "COMPUTE_TIME", "args": [cells, [[37e9]], [[989e12]], None]}]
    body = orjson.dumps(one_call, option=orjson.OPT_SERIALIZE_NUMPY)
    compute_time = functions()["COMPUTE_TIME"].python

    def alone() -> bytes:
        [given] = orjson.loads(body)
        result = compute_time(np.array(given["args"][0]), 37e9, 989e12)
        return orjson.dumps([{"result": result}], option=orjson.OPT_SERIALIZE_NUMPY)

    assert bridge.server.post(body) == (200, alone())
    needed, taken = fastest(alone), fastest(lambda: bridge.server.post(body))
    print(f"1,000,000 cells: {taken:.3f} s through the bridge, {needed:.3f} s for numpy and JSON alone")
    assert taken < 3 * needed


def test_batching_is_fifty_times_faster_than_a_request_a_cell(browser: Browser) -> None:
    measure = """async ([count, batched]) => {
        const name = "COMPUTE_TIME";
        const calls = Array.from({ length: count }, (_, n) => [[[n + 1]], [[3]], [[2]], null]);
        const start = performance.now();
        const rows = await Promise.all(calls.map((args) => batched ? excel.call(name, args, null)
            : Tokensheet.ask("call", [{ name, args }]).then(([answer]) => answer.result)));
        const took = performance.now() - start;
        if (!rows.every(([[cell]], n) => cell === 3 * (n + 1))) throw Error("a wrong number");
        return took / count;
    }"""
    run = lambda count, batched: min(browser.page.evaluate(measure, [count, batched]) for _ in range(3))  # noqa: E731
    single, batched = run(500, False), run(10_000, True)
    print(f"10,000 cells: {batched * 10:.2f} s batched, {single * 10:.1f} s with a request a cell")
    assert batched < single / 50


def test_32_connections_lose_nothing_and_memory_stays(bridge: Bridge) -> None:
    size, posts, connections = 100, 100, 32

    def client(number: int, posts: int, waits: list[float], wrong: list[Any]) -> None:
        connection = bridge.server.connect()
        for post in range(posts):
            batch = np.arange(size) + (number * posts + post) * size + 1.0
            body = orjson.dumps([{"name": "COMPUTE_TIME", "args": [[[one]], [[3]], [[2]]]} for one in batch.tolist()])
            start = time.perf_counter()
            connection.request("POST", "/call", body, {"Content-Type": "application/json"})
            answers = orjson.loads(connection.getresponse().read())
            waits.append(time.perf_counter() - start)
            if [answer.get("result") for answer in answers] != [[[one]] for one in (3 * batch).tolist()]:
                wrong.append(answers)
        connection.close()

    def load(posts: int) -> tuple[list[float], list[Any]]:
        waits: list[float] = []
        wrong: list[Any] = []
        threads = [threading.Thread(target=client, args=(n, posts, waits, wrong)) for n in range(connections)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return waits, wrong

    load(20)
    before = resident(bridge.server.process.pid)
    start = time.perf_counter()
    waits, wrong = load(posts)
    took = time.perf_counter() - start
    grown = resident(bridge.server.process.pid) - before
    p99 = sorted(waits)[len(waits) * 99 // 100]
    print(f"{connections} x {posts * size:,} calls in {took:.1f} s, p99 of {size} calls {p99 * 1000:.0f} ms")
    print(f"{before:.0f} MB of memory after warming up, {grown:+.1f} MB at the end")
    assert len(waits) == connections * posts
    assert not wrong
    assert grown < 20


def resident(process: int) -> float:
    """MB of memory that a process holds."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0]) / 1024
