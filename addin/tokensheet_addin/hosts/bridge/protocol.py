"""uvicorn's HTTP, with limits on what a client may send before it is answered, and on how slowly it sends and takes.

Each connection has one timer: for the headers, for the body, or for taking the answer. While we compute there is none.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from http import HTTPStatus
from typing import ClassVar

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from tokensheet_addin.hosts.bridge.limits import (
    BODY_SECONDS,
    HEADER_SECONDS,
    LINGER_SECONDS,
    MOST_CONNECTIONS,
    MOST_FRAMING_BYTES,
    SENDING_SECONDS,
)

PIECE = 2**14  # bytes that are read in one step, in which there may be thousands of headers or chunks
TOO_LONG = (431, f"The headers have more than {MOST_FRAMING_BYTES // 2**10} KB.")
NOT_HTTP = (400, "The request is not valid HTTP.")
NEXT_TOO_EARLY = (400, "A request must wait for the answer to the one before.")


class Limited(HttpToolsProtocol):
    """A connection that is closed when too much arrives, or nothing."""

    # those with a timer, by how long they had, and so in the order in which it ends
    waiting: ClassVar[defaultdict[float, dict[Limited, None]]] = defaultdict(dict)
    timer: asyncio.TimerHandle | None = None
    seconds = 0.0
    framing = 0  # bytes of this request so far that are not its body
    body = 0
    heard = False  # this request, to its end
    problem = NOT_HTTP

    # ---- what asyncio and the parser say

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.within(HEADER_SECONDS, self.too_slow)
        if len(self.connections) > MOST_CONNECTIONS:
            # whoever has least time left makes room: this one, if all others are being answered
            first = (next(iter(each)) for each in self.waiting.values() if each)
            min(first, key=lambda each: each.timer.when() if each.timer else 0).transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self.within(0)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        for start in range(0, len(data), PIECE):
            if not self.transport.is_closing():
                self.read(data[start : start + PIECE])

    def read(self, piece: bytes) -> None:
        self.framing += len(piece)
        try:
            self.parser.feed_data(piece)
        except httptools.HttpParserUpgrade:
            pass  # answered as if it had not been asked for
        except httptools.HttpParserError:
            self.refuse(*self.problem)
        else:
            if self.framing > MOST_FRAMING_BYTES + self.body // 16:  # which leaves room for the sizes of chunks
                self.refuse(*TOO_LONG)

    def on_message_begin(self) -> None:
        if self.cycle and not self.cycle.response_complete:
            self.stop(NEXT_TOO_EARLY)
        self.framing, self.body, self.heard = 0, 0, False
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > MOST_FRAMING_BYTES:
            self.stop(TOO_LONG)
        self.within(BODY_SECONDS, self.too_slow)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self.framing -= len(body)
        self.body += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self.heard = True
        super().on_message_complete()
        self.within(HEADER_SECONDS if self.cycle.response_complete else 0, self.too_slow)

    def pause_writing(self) -> None:
        super().pause_writing()
        if not self.timer:
            self.within(SENDING_SECONDS, self.transport.abort)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():
            self.hang_up()
        elif self.heard:
            self.within(HEADER_SECONDS, self.too_slow)

    def timeout_keep_alive_handler(self) -> None:
        self.hang_up()

    # ---- what we do

    def within(self, seconds: float, otherwise: Callable[[], None] = lambda: None) -> None:
        """Set the timer, or with 0 none."""
        if self.timer:
            self.timer.cancel()
            self.waiting[self.seconds].pop(self, None)
        self.timer, self.seconds = None, seconds
        if seconds:
            self.timer = self.loop.call_later(seconds, otherwise)
            self.waiting[seconds][self] = None

    def too_slow(self) -> None:
        self.refuse(408, f"The headers took more than {HEADER_SECONDS} s, or the body {BODY_SECONDS} s.")

    def stop(self, problem: tuple[int, str]) -> None:
        """End the parser, from within one of its calls."""
        self.problem = problem
        raise ValueError(problem)

    def refuse(self, status: int, said: str) -> None:
        """Say why we do not go on, unless an answer is half sent, and close."""
        self.logger.warning("%d %s: %s", status, said, self.client)
        if not self.cycle or self.cycle.response_complete or not self.cycle.response_started:
            head = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\ncontent-type: text/plain\r\nconnection: close\r\n"
            self.transport.write(f"{head}content-length: {len(said)}\r\n\r\n{said}".encode())
        if self.cycle:
            self.cycle.disconnected = True
        self.hang_up()

    def hang_up(self) -> None:
        """Close; what then is not taken in time is lost."""
        self.transport.close()
        self.within(LINGER_SECONDS, self.transport.abort)
