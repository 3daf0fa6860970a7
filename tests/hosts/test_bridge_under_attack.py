"""`tokensheet serve` against whoever sends too much, too slowly, nonsense, or kills its processes."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from attacks.server import Attack
from hosts.bridge import TOKENSHEET, Bridge, Browser, Server
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.exceptions import HTTPException
from tokensheet_addin.hosts.bridge import app, calls, limits, serve
from tokensheet_addin.hosts.bridge.pool import Pool
from tokensheet_udfs.registry import functions

TOKEN = "a-token-of-24-characters"
ONE = b'[{"name": "COMPUTE_TIME", "args": [1, 1, 1]}]'
TWO = b'[{"result":[[2.0]]}]'
HEAD = b"POST /call HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
SHORT = {"HEADER_SECONDS": 2, "BODY_SECONDS": 4, "SENDING_SECONDS": 2, "COMPUTING_SECONDS": 3, "MOST_CONNECTIONS": 40}


def batch(*calls: tuple[str, list[Any]]) -> bytes:
    return orjson.dumps([{"name": name, "args": args} for name, args in calls])


SEARCHES = ["DeepSeek-V3", [[n] for n in range(1, 1001)], 500, 2, 0.03]  # a thousand, which take half a minute
LONG = batch(("BEST_DEPLOYMENT", SEARCHES))


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose patience is short."""
    server = Server(folder=tmp_path_factory.mktemp("strict"), limits=SHORT)
    yield server
    server.close()


def connect(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=60)


def send(server: Server, sent: bytes) -> bytes:
    """What is answered to bytes as they stand, until the server closes or says no more."""
    with connect(server) as connection:
        with suppress(ConnectionError):  # it may close while we are still sending
            connection.sendall(sent)
        return everything(connection)


def everything(connection: socket.socket) -> bytes:
    found = b""
    with suppress(ConnectionError):
        while part := connection.recv(2**16):
            found += part
    return found


def posted(body: bytes, *headers: bytes) -> bytes:
    lines = b"".join(b"%s\r\n" % each for each in headers)
    return HEAD + b"Connection: close\r\n" + lines + b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


def chunked(*chunks: bytes) -> bytes:
    return HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(chunks)


def asked(line: bytes, *headers: bytes) -> bytes:
    return b"\r\n".join([line, b"Connection: close", *headers, b"", b""])


LOCAL = b"Host: localhost"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (b"\0\r\n\r\n", 400),
        (asked(b"FOO / HTTP/1.1", LOCAL), 400),
        (asked(b"PUT /call HTTP/1.1", LOCAL), 405),
        (asked(b"CONNECT evil.example:443 HTTP/1.1", LOCAL), 400),
        (asked(b"OPTIONS * HTTP/1.1", LOCAL), 404),
        (asked(b"GET /health HTTP/9.9", LOCAL), 400),
        (asked(b"GET /health HTTP/1.1"), 400),
        (asked(b"GET /health HTTP/1.1", b"Host: evil.example", LOCAL), 400),
        (asked(b"GET /manifest.xml HTTP/1.1", b"Host: localhost@evil.example"), 400),
        (asked(b"GET /manifest.xml HTTP/1.1", b"Host: [::1"), 400),
        (asked(b"GET /%ff%00 HTTP/1.1", LOCAL), 404),
        (asked(b"GET /\xff HTTP/1.1", LOCAL), 400),
        (asked(b"GET /%2e%2e/%2e%2e/%2e%2e/etc/passwd HTTP/1.1", LOCAL), 404),
        (asked(b"GET /workbooks/..%2fx.xlsx HTTP/1.1", LOCAL), 404),
        (asked(b"GET /" + b"a" * 100_000 + b" HTTP/1.1", LOCAL), 431),
        (asked(b"GET /health HTTP/1.1", LOCAL, b"A: " + b"a" * 100_000), 431),
        (asked(b"GET /health HTTP/1.1", LOCAL, *[b"a: b"] * 50_000), 431),
        (asked(b"GET /health HTTP/1.1", LOCAL, b"A: a\rb"), 400),
        (asked(b"GET /health HTTP/1.1", LOCAL, b"A: a\0b"), 400),
        (asked(b"GET /health HTTP/1.1", b"Host : localhost"), 400),
        (asked(b"GET /health HTTP/1.1", LOCAL, b"Connection: Upgrade", b"Upgrade: websocket"), 200),
        (b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n" * 10_000, 400),
        ((HEAD + b"Content-Length: %d\r\n\r\n%s" % (len(ONE), ONE)) * 2, 400),
        (HEAD + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (HEAD + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\n12345", 400),
        (HEAD + b"Content-Length: -1\r\n\r\n", 400),
        (HEAD + b"Content-Length: 99999999999999999999999999\r\n\r\n", 400),
        (HEAD + b"Content-Length: 9223372036854775807\r\n\r\n", 413),
        (HEAD + b"Transfer-Encoding: gzip\r\n\r\n", 400),
        (chunked(b"ZZ\r\n"), 400),
        (chunked(b"FFFFFFFFFFFFFFFFFF\r\n"), 400),
        (chunked(b"1;" + b"a" * 1_000_000), 431),
        (chunked(*[b"1\r\n \r\n"] * 100_000), 431),
        (chunked(b"0\r\nA: " + b"a" * 1_000_000), 431),
        (posted(b"\x1f\x8b", b"Content-Encoding: gzip"), 415),
        (posted(b""), 400),
        (posted(b"null"), 400),
        (posted(b"\xef\xbb\xbf" + ONE), 400),
        (posted(ONE.decode().encode("utf-16")), 400),
        (posted(b'[{"name": "COMPUTE_TIME", "args": [NaN, 1, 1]}]'), 400),
        (posted(b'[{"name": "COMPUTE_TIME", "args": [-Infinity, 1, 1]}]'), 400),
        (posted(b'[{"name": "COMPUTE_TIME", "args": [%s, 1, 1]}]' % (b"9" * 400)), 400),
        (posted(b'[{"name": "\\ud800", "args": []}]'), 400),
        (posted(b"[" * 1_000_000), 400),
        (posted(b'{"a":' * 1_000_000), 400),
        (posted(b'[{"name": "COMPUTE_TIME", "args": [%s1%s, 1, 1]}]' % (b"[" * 900, b"]" * 900)), 200),
        (posted(b'[{"name": "CHIP", "name": "COMPUTE_TIME", "args": [1, 1, 1]}]'), 200),  # as any reader of JSON
    ],
)  # fmt: skip
def test_nonsense_is_answered_with_a_status_that_says_so(strict: Server, sent: bytes, status: int) -> None:
    answered = send(strict, sent)
    # whoever is still sending when we close loses the answer to TCP
    assert answered.startswith(b"HTTP/1.1 %d " % status) or (not answered and len(sent) > limits.MOST_FRAMING_BYTES)
    assert strict.get("/health") == (200, b"ok")


def test_headers_without_end_take_no_memory(strict: Server) -> None:
    before = strict.memory()
    send(strict, b"GET /health HTTP/1.1\r\nA: " + b"a" * 100 * 2**20)
    assert strict.memory() - before < 20


@pytest.mark.parametrize(
    "begun", [b"", b"\r\n", b"GET /hea", HEAD, HEAD + b"Content-Length: 9\r\n\r\n[", chunked(b"1\r\n[")]
)
def test_who_sends_nothing_more_is_told_so_and_left(strict: Server, begun: bytes) -> None:
    with connect(strict) as connection:
        connection.sendall(begun)
        assert everything(connection).startswith(b"HTTP/1.1 408 ")


def test_who_sends_a_byte_now_and_then_is_left_too(strict: Server) -> None:
    with connect(strict) as connection:
        connection.sendall(HEAD + b"Content-Length: 1000\r\n\r\n")
        connection.settimeout(0.1)
        for _ in range(1000):
            try:
                answered = connection.recv(2**16)
            except TimeoutError:
                connection.sendall(b" ")
            else:
                break
        assert answered.startswith(b"HTTP/1.1 408 ")


def test_a_connection_that_is_kept_is_left_when_nothing_comes(strict: Server) -> None:
    with connect(strict) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        first, _, rest = everything(connection).partition(b"ok")
        assert first.startswith(b"HTTP/1.1 200 ")
        assert not rest or rest.startswith(b"HTTP/1.1 408 ")


def test_who_does_not_take_the_answer_is_left(strict: Server) -> None:
    column = batch(("COMPUTE_TIME", [[[n / 7] for n in range(1, 500_000)], 3, 7]))
    connections, memory = strict.connections(), strict.memory()
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**12)
        connection.connect(("127.0.0.1", strict.port))
        connection.sendall(posted(column))
        wait_until(lambda: strict.connections() > connections)
        wait_until(lambda: strict.connections() == connections)
        assert len(everything(connection)) < len(column)
    assert strict.memory() - memory < 40


def wait_until(reached: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_silent_connections_make_room_for_who_asks(strict: Server) -> None:
    most = SHORT["MOST_CONNECTIONS"]
    silent = [connect(strict) for _ in range(3 * most)]
    try:
        for _ in range(20):
            assert strict.get("/health") == (200, b"ok")
            assert strict.post(ONE) == (200, TWO)
    finally:
        for each in silent:
            each.close()


# ---- processes that compute


def test_what_takes_too_long_is_ended_while_others_go_on(strict: Server) -> None:
    workers = set(strict.workers())
    with ThreadPoolExecutor() as clients:
        long = clients.submit(strict.post, LONG)
        while not long.done():
            assert strict.post(ONE) == (200, TWO)
            assert strict.get("/health") == (200, b"ok")
    assert long.result() == (504, b"It took longer than 3 s to compute; call on smaller ranges.")
    wait_until(lambda: len(strict.workers()) == len(workers) and set(strict.workers()) != workers)
    assert all(strict.post(ONE) == (200, TWO) for _ in range(10))


def test_more_long_batches_than_processes_keep_others_waiting_and_no_more(strict: Server) -> None:
    with ThreadPoolExecutor() as clients:
        long = [clients.submit(strict.post, LONG) for _ in range(4)]
        time.sleep(0.5)
        assert strict.get("/health") == (200, b"ok")
        assert strict.post(ONE) == (200, TWO)
    assert {each.result()[0] for each in long} == {504}


def test_the_work_of_who_has_gone_is_ended(tmp_path: Path) -> None:
    server = Server(folder=tmp_path, limits={"COMPUTING_SECONDS": 600, "WAITING_SECONDS": 600})
    for _ in range(6):  # two of which compute, and four wait
        with connect(server) as connection:
            connection.sendall(posted(LONG))
    assert server.post(ONE) == (200, TWO)
    server.close()


def test_more_requests_than_may_wait_are_refused_at_once(tmp_path: Path) -> None:
    server = Server("--workers", "1", folder=tmp_path, limits={**SHORT, "MOST_WAITING": 1})
    with ThreadPoolExecutor() as clients:
        statuses = sorted(status for status, _ in clients.map(server.post, [LONG] * 4))
    assert statuses[-2:] == [504, 504]
    assert 503 in statuses
    server.close()


def test_what_all_requests_hold_together_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "MOST_HELD", 2 * limits.MB)
    one, other = app.Held(), app.Held()
    one.take(3 * limits.MB)
    other.take(limits.MB)  # which is not counted
    with pytest.raises(HTTPException, match="503"):
        other.take(1)
    one.release()
    other.take(2 * limits.MB)
    other.release()
    assert app.Held.by_all == 0


def test_a_batch_whose_process_is_killed_is_computed_by_another(strict: Server) -> None:
    numbers = [n / 7 for n in range(1, 50_000)]
    wide = batch(("COMPUTE_TIME", [[[n] for n in numbers], 3, 6]))
    right = [[2 * n * 3 / 6] for n in numbers]
    stop = threading.Event()

    def client() -> list[int]:
        seen = []
        while not stop.is_set():
            status, said = strict.post(wide)
            assert status != 200 or orjson.loads(said)[0]["result"] == right
            seen.append(status)
        return seen

    with ThreadPoolExecutor() as clients:
        running = [clients.submit(client) for _ in range(3)]
        for _ in range(5):
            time.sleep(0.5)
            for worker in strict.workers()[:1]:  # in the middle of reading, computing or answering
                with suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGKILL)
        stop.set()
    seen = [status for each in running for status in each.result()]
    assert seen.count(200) >= 3
    assert set(seen) <= {200, 504}
    wait_until(lambda: len(strict.workers()) == 2)


def test_a_process_that_is_killed_while_nobody_takes_its_answer_is_replaced() -> None:
    column = batch(("COMPUTE_TIME", [[[n / 7] for n in range(1, 200_000)], 3, 7]))

    async def killed() -> None:
        pool = Pool(1)
        await pool.open()
        worker = await pool.next_free()
        worker.stdin.write(b"call %d\n%s" % (len(column), column))
        await worker.stdout.readline()
        await asyncio.sleep(0.5)  # meanwhile the rest fills whatever there is between us
        worker.kill()
        async with asyncio.timeout(60):
            assert await pool.next_free() is not worker
            await pool.close()

    with ThreadPoolExecutor() as apart:  # the browser's tests leave a loop running here
        apart.submit(asyncio.run, killed()).result()


def test_processes_that_are_killed_while_they_wait_are_replaced(strict: Server) -> None:
    for worker in strict.workers():
        os.kill(worker, signal.SIGKILL)
    assert strict.post(ONE) == (200, TWO)
    wait_until(lambda: len(strict.workers()) == 2)


def test_when_the_server_is_killed_its_processes_end(tmp_path: Path) -> None:
    server = Server(folder=tmp_path)
    workers = server.workers()
    server.process.kill()
    server.close()
    wait_until(lambda: not any(Path(f"/proc/{worker}/cmdline").exists() for worker in workers))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_server_ends_when_it_is_told_to_whoever_is_connected(tmp_path: Path, number: int) -> None:
    server = Server(folder=tmp_path, limits=SHORT)
    workers = server.workers()
    with connect(server) as silent, connect(server) as half, ThreadPoolExecutor() as clients:
        half.sendall(HEAD)
        clients.submit(server.post, LONG).add_done_callback(lambda done: done.exception())
        time.sleep(0.5)
        server.process.send_signal(number)
        server.process.wait(30)
        assert silent
    server.close()
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers)
    assert "Traceback" not in server.said()


def test_a_process_has_no_more_memory_than_its_limit() -> None:
    program = """
from tokensheet_addin.hosts.bridge import limits
limits.MOST_MEMORY = 360 * limits.MB
from tokensheet_addin.hosts.bridge.worker import main
main()
"""
    side = [n / 7 for n in range(1, 2001)]
    tasks = [batch(("COMPUTE_TIME", [[[n] for n in side], [side], 7])), ONE]
    sent = b"".join(b"call %d\n%s" % (len(each), each) for each in tasks)
    said = subprocess.run([sys.executable, "-c", program], input=sent, capture_output=True).stdout
    assert said == b"200 0\n413 60\nIt needs more than 360 MB of memory; call on smaller ranges.200 20\n" + TWO


def test_of_a_batch_that_takes_too_long_only_the_call_that_does_is_an_error(strict: Server, browser: Browser) -> None:
    page = browser.open(f"{strict.url}/taskpane.html")
    cells = [each if isinstance(each, list) else [[each]] for each in SEARCHES]
    long = {"name": "BEST_DEPLOYMENT", "args": cells, "fixed": None}
    short = [{"name": "COMPUTE_TIME", "args": [[[n]], [[3]], [[2]], None], "fixed": None} for n in (1, 2, 3)]
    text = json.dumps([*short[:2], long, short[2]])
    found = json.loads(page.evaluate("text => excel.callMany(text)", text))
    too_long = {"error": "#N/A", "reason": "It took longer than 3 s to compute; call on smaller ranges."}
    assert found == [[[3.0]], [[6.0]], [[too_long]], [[9.0]]]
    page.context.close()


# ---- a batch


SQUARE = ("COMPUTE_TIME", [[[n] for n in range(1, 1001)], [list(range(1, 1001))], 7])


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (batch(*[SQUARE] * 5), "The answers have more than 4,000,000 cells; call on smaller ranges."),
        (batch(*[("BOUND", [1, 1, 1, 1])] * 10_001), "The batch has more than 10,000 calls; send it in parts."),
        (b"[" + b"1," * 16_000_000 + b"1]", "The batch has more than 16,000,000 values; call on smaller ranges."),
    ],
)  # fmt: skip
def test_a_batch_that_asks_for_too_much_is_refused(bridge: Bridge, body: bytes, said: str) -> None:
    assert bridge.server.post(body) == (413, said.encode())


@pytest.mark.parametrize(
    "asked_for",
    [
        (("CHIP", [[["H100"]] * 100, "spec_source"]),),  # texts
        (("COMPUTE_TIME", [[["x"]] * 100, 1, 1]),),  # reasons
        (("COMPUTE_TIME", [[[n / 7] for n in range(1, 700)], 1, 1]),),  # numbers
        (("COMPUTE_TIME", [[[1 / 7]] * 50, 1, 1]),) * 10,  # of which each alone would do
    ],
)
def test_answers_of_too_many_bytes_are_refused(monkeypatch: pytest.MonkeyPatch, asked_for: Any) -> None:
    monkeypatch.setattr(calls, "MOST_ANSWER_BYTES", 4000)
    with pytest.raises(calls.Refused, match="The answers have more than 0 MB; call on smaller ranges"):
        calls.answer(batch(*asked_for))


def test_what_a_result_quotes_is_cut(bridge: Bridge) -> None:
    status, said = bridge.server.post(batch(("COMPUTE_TIME", ["x" * 1_000_000, [[1]] * 1000, 1])))
    assert status == 200
    assert len(said) < 1000 * (limits.MOST_REASON + 100)


def test_a_whole_number_too_long_for_json_is_an_error_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "call", lambda function, args: np.array([[2**70, 1]], object) if args[0][0][0] else None)
    found = orjson.loads(calls.answer(batch(("BOUND", [[[1, 1]]]), ("NONESUCH", []))))
    assert [each["error"] for each in found] == ["#VALUE!", "#VALUE!"]
    assert found[0]["reason"].startswith("the result cannot be shown: ")


def test_a_fault_in_each_cell_is_one_line_in_the_log(strict: Server) -> None:
    before = len(strict.said())
    strange = batch(*[("COMPUTE_TIME", [{"a": n}, [[{"b": [n]}]], [[[n]]]]) for n in range(1000)])
    status, said = strict.post(strange)
    assert (status, len(orjson.loads(said))) == (200, 1000)
    assert len(strict.said()) - before < 10 * limits.MOST_LOG


def test_the_log_has_a_line_a_refusal_and_nothing_that_steers_a_terminal(strict: Server) -> None:
    before = len(strict.said())
    assert send(strict, asked(b"GET /%0a%0d%1b[31m" + b"a" * 5000 + b" HTTP/1.1", LOCAL)).startswith(b"HTTP/1.1 404 ")
    [line] = strict.said()[before:].splitlines()
    assert "404 Not Found: GET /" in line
    assert line.isprintable()
    assert len(line) < limits.MOST_LOG + 50


NAMES = st.sampled_from([*functions(), ""])
ANY = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20) | NAMES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["name", "args"]), inner),
    max_leaves=20,
)
CALL = st.fixed_dictionaries({"name": NAMES, "args": st.lists(ANY, max_size=6)})


@given(st.binary(max_size=200) | ANY.map(json.dumps) | st.lists(CALL, max_size=4).map(json.dumps))
@settings(deadline=None, max_examples=200)
def test_whatever_is_sent_is_answered_or_refused(bridge: Bridge, sent: bytes | str) -> None:
    """Of a batch, as many answers as calls; of all else a status that says what is wrong with it."""
    body = sent if isinstance(sent, bytes) else sent.encode(errors="surrogatepass")
    status, said = bridge.server.post(body)
    if status == 200:
        assert len(orjson.loads(said)) == len(json.loads(body))
        assert all(each.keys() in ({"result"}, {"error", "reason"}) for each in orjson.loads(said))
    else:
        assert (status, said[:4]) in ((400, b"expe"), (400, b"a ca"))


@given(st.binary(max_size=300))
@settings(deadline=None, max_examples=100)
def test_whatever_bytes_come_the_next_request_is_answered(strict: Server, sent: bytes) -> None:
    with connect(strict) as connection:
        connection.sendall(sent)
    assert strict.get("/health") == (200, b"ok")
    assert "Traceback" not in strict.said()


# ---- who may ask


@pytest.mark.parametrize("host", ["0.0.0.0", "0", "", "::", "0x0", "00.0.0.0", "0.0.0.0.nip.example"])
def test_no_spelling_of_a_public_address_is_listened_on_without_a_token(host: str) -> None:
    with pytest.raises((ValueError, OSError), match=r"is open to other machines|is no address"):
        serve.bind(host, 0, None)
    if "example" not in host:
        for bound in serve.bind(host, 0, TOKEN):
            bound.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "127.8.8.8", "0x7f000001", "::1"])
def test_this_machine_is_listened_on_without_a_token(host: str) -> None:
    for bound in serve.bind(host, 0, None):
        assert serve.is_loopback(bound.getsockname()[0])
        bound.close()


def test_the_token_is_in_the_environment_or_in_a_file_of_ones_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "token"
    assert serve.token_from(None) is None
    with pytest.raises(FileNotFoundError, match="there is no file"):
        serve.token_from(file)
    file.write_text(f"{TOKEN}\n")
    file.chmod(0o644)
    with pytest.raises(PermissionError, match=r"other users can read .*; run: chmod 600 "):
        serve.token_from(file)
    file.chmod(0o600)
    assert serve.token_from(file) == TOKEN
    monkeypatch.setenv("TOKENSHEET_TOKEN", TOKEN)
    assert serve.token_from(None) == TOKEN
    assert "TOKENSHEET_TOKEN" not in os.environ  # nothing that we start has it
    monkeypatch.setenv("TOKENSHEET_TOKEN", TOKEN)
    with pytest.raises(ValueError, match="not in both"):
        serve.token_from(file)


@pytest.mark.parametrize("token", ["short", "sixteen letters é", "with blanks in its middle", "\0" * 20])
def test_a_token_that_no_header_can_carry_is_refused(tmp_path: Path, token: str) -> None:
    file = tmp_path / "token"
    file.write_text(token)
    file.chmod(0o600)
    with pytest.raises(ValueError, match="at least 16 ASCII characters and no blanks") as said:
        serve.token_from(file)
    assert token not in str(said.value)


def test_the_token_is_never_shown(tmp_path: Path) -> None:
    server = Server("--host", "0.0.0.0", folder=tmp_path, TOKENSHEET_TOKEN=TOKEN)
    strange = ("Bearer é", "Bearer \xff\xfe", f"Basic {TOKEN}", "Bearer", f"Bearer {TOKEN}\t", f"{TOKEN}é")
    assert [server.post(ONE, Authorization=each)[0] for each in strange] == [401] * len(strange)
    assert server.post(ONE, Authorization=f"Bearer {TOKEN}") == (200, TWO)
    address = b"/nonesuch?token=" + TOKEN.encode()
    assert send(server, asked(b"GET /help.json?token=%ff%fe HTTP/1.1", LOCAL)).startswith(b"HTTP/1.1 401 ")
    assert send(server, asked(b"GET " + address + b" HTTP/1.1", LOCAL)).startswith(b"HTTP/1.1 404 ")
    assert send(server, asked(b"FOO " + address + b" HTTP/1.1", LOCAL)).startswith(b"HTTP/1.1 400 ")
    for process in (workers := server.workers()):
        assert TOKEN.encode() not in Path(f"/proc/{process}/environ").read_bytes()
    for process in (server.process.pid, *workers):
        assert TOKEN.encode() not in Path(f"/proc/{process}/cmdline").read_bytes()
    server.close()
    assert TOKEN not in server.said()
    assert "401 This server wants its token; see docs/bridge.md.: POST /call" in server.said()


def test_a_token_from_a_file_is_wanted(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    file.chmod(0o600)
    server = Server("--token-file", str(file), folder=tmp_path)
    assert server.post(ONE)[0] == 401
    assert server.post(ONE, Authorization=f"Bearer {TOKEN}") == (200, TWO)
    server.close()


def test_a_mistake_on_the_command_line_does_not_show_the_token(tmp_path: Path) -> None:
    command: list[str | Path] = [TOKENSHEET, "serve", "--host", "no.such.host.example", "--port", "1"]
    run = subprocess.run(command, env={**os.environ, "TOKENSHEET_TOKEN": TOKEN}, capture_output=True, text=True)
    assert run.returncode == 2
    assert re.fullmatch(r"tokensheet: no\.such\.host\.example is no address of this machine: .*\n", run.stderr)
    run = subprocess.run([TOKENSHEET, "serve", f"--token={TOKEN}"], capture_output=True, text=True)
    assert run.returncode == 2
    assert TOKEN not in run.stdout + run.stderr


def test_ten_seconds_of_everything_at_once() -> None:
    """The full run, of minutes, is in validation/attacks."""
    attack = Attack(10)
    attack.run()  # ends with an error unless /health was answered each time
    assert attack.seen["answered"] > 0
    assert attack.seen["kills"] > 0
    assert (attack.seen["wrong"], attack.seen["lost"], attack.log.count("Traceback")) == (0, 0, 0)
