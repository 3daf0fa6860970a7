"""The server: one endpoint that computes, what Excel reads to learn the functions, and the task pane's pages.

Nothing is computed here. Calls and workbooks go to the pool as bytes and come back as bytes; what does not change is
written once, at the start. So whatever is asked, the next request is heard at once.
"""

from __future__ import annotations

import asyncio
import gc
import hmac
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from tokensheet.plugins import contributions
from tokensheet_udfs.spelling import FLAVOURS

from tokensheet_addin.hosts.bridge.limits import CHUNK, COMPUTING_SECONDS, MB, MOST_BYTES, MOST_HELD, WORKBOOK_SECONDS
from tokensheet_addin.hosts.bridge.manifest import PAGES, help_pages, manifest, metadata, script
from tokensheet_addin.hosts.bridge.pool import Answer, Pool

LOOPBACK = ("localhost", "127.0.0.1", "::1", "[::1]")
JSON = ("application/json", "application/json;charset=utf-8")
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SAFE_HEADERS = (
    (b"cache-control", b"no-cache"),  # no stale pages after an update
    (b"referrer-policy", b"no-referrer"),  # no token in a Referer
    (b"x-content-type-options", b"nosniff"),
)
log = logging.getLogger(__name__)

Endpoint = Callable[[Request], Awaitable[Response]]


def create(token: str | None, workers: int) -> Starlette:
    """The application, which answers whoever brings the token."""
    pool = Pool(workers)

    @asynccontextmanager
    async def running(app: Starlette) -> AsyncIterator[None]:
        await pool.open()
        gc.freeze()  # what is loaded by now stays; to look through it for garbage would take a tenth of a second
        yield
        await pool.close()

    def guarded(endpoint: Endpoint) -> Endpoint:
        """Only for a request with the token: in its header from our script, in its address from Excel itself."""

        async def guard(request: Request) -> Response:
            given = request.headers.get("authorization", "").removeprefix("Bearer ") or request.query_params.get(
                "token", ""
            )
            if token and not hmac.compare_digest(given.encode(errors="replace"), token.encode()):
                raise HTTPException(401, "This server wants its token; see docs/bridge.md.")
            return await endpoint(request)

        return guard

    async def get_manifest(request: Request) -> Response:
        return Chunks([manifest(str(request.base_url).rstrip("/"), token).encode()], "application/xml")

    # Without a token only this machine may ask, also when a web page has given its own name our address
    hosts = ["*"] if token else list(LOOPBACK)
    compute = (PAGES / "server.js").read_text(encoding="utf-8")
    return Starlette(
        routes=[
            Route("/call", guarded(partial(post_call, pool)), methods=["POST"]),
            Route("/manifest.xml", guarded(get_manifest)),
            Route("/functions.json", guarded(always(orjson.dumps(metadata()), JSON[0]))),
            Route("/help.json", guarded(always(orjson.dumps(help_pages(("native", "lambda"))), JSON[0]))),
            Route("/workbooks/{name}.xlsx", guarded(partial(get_workbook, pool))),
            Route("/functions.js", always(script(compute).encode(), "text/javascript")),
            Route("/health", always(b"ok", "text/plain")),
            # The files of the task pane hold no data; what they show they ask for with the token
            Mount("/", StaticFiles(directory=PAGES)),
        ],
        lifespan=running,
        middleware=[
            Middleware(Careful),
            Middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False),
        ],
        exception_handlers={HTTPException: refuse},
    )


class Careful:
    """Around each request: safe headers, the memory that it holds, and one line in the log when it is refused."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        status = 0

        async def send_safely(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *SAFE_HEADERS]
            elif status >= 400 and (said := message.get("body")):
                log.warning("%d %s: %s %s", status, said.decode(errors="replace"), scope["method"], scope["path"])
            await send(message)

        held = scope["held"] = Held()
        try:
            await self.app(scope, receive, send_safely)
        except ClientDisconnect:
            pass
        except Exception as error:
            if status:  # uvicorn ends the answer, and says so
                raise
            log.error("%s %s failed", scope["method"], scope["path"], exc_info=error)
            await PlainTextResponse("It failed; see the server's log.", 500)(scope, receive, send_safely)
        finally:
            held.release()


class Held:
    """The bytes of a body or an answer that a request holds here, the first MB not counted."""

    by_all = 0

    def __init__(self) -> None:
        self.size = 0

    def take(self, size: int) -> None:
        more = max(0, self.size + size - MB) - max(0, self.size - MB)
        if Held.by_all + more > MOST_HELD:
            raise HTTPException(503, f"The server holds {MOST_HELD // MB} MB for others already; ask again in a while.")
        self.size += size
        Held.by_all += more

    def release(self) -> None:
        Held.by_all -= max(0, self.size - MB)
        self.size = 0


class Chunks(Response):
    """An answer that is passed on chunk by chunk, as fast as it is taken."""

    def __init__(
        self, chunks: Sequence[bytes], media_type: str, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        headers = {**(headers or {}), "content-length": str(sum(map(len, chunks)))}
        super().__init__(None, status, headers, media_type if status == 200 else "text/plain")
        self.chunks = chunks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        for chunk in self.chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def refuse(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return PlainTextResponse(error.detail, error.status_code)


def always(content: bytes, media_type: str) -> Endpoint:
    """The same answer to each request."""
    chunks = [content[start : start + CHUNK] for start in range(0, len(content), CHUNK)]

    async def get(request: Request) -> Response:
        return Chunks(chunks, media_type)

    return get


async def post_call(pool: Pool, request: Request) -> Response:
    if request.headers.get("content-type", "").replace(" ", "").lower() not in JSON:
        # a foreign web page cannot send this type unasked
        raise HTTPException(415, "The calls must be application/json, in UTF-8.")
    if "content-encoding" in request.headers:
        raise HTTPException(415, "The calls must not be compressed.")
    status, chunks = await computed(pool, request, "call", await body_of(request), COMPUTING_SECONDS)
    return Chunks(chunks, JSON[0], status)


async def body_of(request: Request) -> list[bytes]:
    """The request's body, refused as soon as it is known to be too large."""
    too_large = HTTPException(413, f"The request has more than {MOST_BYTES // MB} MB; call on smaller ranges.")
    if int(request.headers.get("content-length", 0)) > MOST_BYTES:
        raise too_large
    held, chunks = request.scope["held"], []
    async for chunk in request.stream():
        held.take(len(chunk))
        if held.size > MOST_BYTES:
            raise too_large
        chunks.append(chunk)
    return chunks


async def computed(pool: Pool, request: Request, task: str, body: Sequence[bytes], seconds: float) -> Answer:
    """What the pool answers, which the request then holds in place of its body; if the client goes, its work ends."""
    asked = asyncio.ensure_future(pool.run(task, body, seconds))
    gone = asyncio.ensure_future(request.receive())
    try:
        await asyncio.wait({asked, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not asked.done():
            raise ClientDisconnect
        answer = asked.result()
    finally:
        asked.cancel()
        gone.cancel()
    request.scope["held"].release()
    request.scope["held"].take(sum(map(len, answer.chunks)))
    return answer


async def get_workbook(pool: Pool, request: Request) -> Response:
    name, flavour = request.path_params["name"], request.query_params.get("functions", "native")
    if flavour not in FLAVOURS or all(name != each for _, each, _ in contributions("templates")):
        raise HTTPException(404, "No such template.")
    await body_of(request)  # none, and to its end, after which we hear when the client goes
    status, chunks = await computed(pool, request, "workbook", [orjson.dumps([name, flavour])], WORKBOOK_SECONDS)
    headers = {"content-disposition": f'attachment; filename="{name}.xlsx"'}
    return Chunks(chunks, WORKBOOK, status, headers)
