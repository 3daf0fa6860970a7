"""The server: one endpoint that computes, what Excel reads to learn the functions, and the task pane's pages."""

from __future__ import annotations

import hmac
import os
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from tokensheet.plugins import contributions
from tokensheet_udfs.spelling import FLAVOURS

from tokensheet_addin.hosts.bridge.calls import Malformed, answer
from tokensheet_addin.hosts.bridge.manifest import PAGES, help_pages, manifest, metadata, script
from tokensheet_addin.templates import purpose

TOKEN = "TOKENSHEET_TOKEN"  # environment variable with the token that a request has to bring
LOOPBACK = ("localhost", "127.0.0.1", "::1", "[::1]")
MOST_BYTES = 128 * 2**20  # of a request: four million numbers with all their digits and some more
LARGE = 2**20  # bytes above which a batch leaves the event loop, so that others' cells do not wait for it
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Endpoint = Callable[[Request], Awaitable[Response]]


def create() -> Starlette:
    """The application, its token taken from the environment, as each worker process starts it."""
    token = os.environ.get(TOKEN) or None

    def guarded(endpoint: Endpoint) -> Endpoint:
        """Only for a request with the token: in its header from our script, in its address from Excel itself."""

        async def guard(request: Request) -> Response:
            given = request.headers.get("authorization", "").removeprefix("Bearer ") or request.query_params.get(
                "token", ""
            )
            if token and not hmac.compare_digest(given.encode(), token.encode()):
                raise HTTPException(401, "This server wants its token; see docs/bridge.md.")
            return await endpoint(request)

        return guard

    async def get_manifest(request: Request) -> Response:
        text = manifest(str(request.base_url).rstrip("/"), token)
        return Response(text, media_type="application/xml")

    async def get_metadata(request: Request) -> Response:
        return json(metadata())

    async def get_help(request: Request) -> Response:
        return json(help_pages() | {"templates": [about(*each) for each in templates().items()]})

    # Without a token only this machine may ask, also when a web page has given its own name our address
    hosts = ["*"] if token else list(LOOPBACK)
    return Starlette(
        routes=[
            Route("/call", guarded(post_call), methods=["POST"]),
            Route("/manifest.xml", guarded(get_manifest)),
            Route("/functions.json", guarded(get_metadata)),
            Route("/help.json", guarded(get_help)),
            Route("/workbooks/{name}.xlsx", guarded(get_workbook)),
            Route("/functions.js", get_script),
            Route("/health", get_health),
            # The files of the task pane hold no data; what they show they ask for with the token
            Mount("/", StaticFiles(directory=PAGES)),
        ],
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False),
            Middleware(SafeHeaders),
        ],
        exception_handlers={HTTPException: refuse},
    )


class SafeHeaders:
    """No stale pages after an update, and no token in a Referer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["cache-control"] = "no-cache"
                headers["referrer-policy"] = "no-referrer"
                headers["x-content-type-options"] = "nosniff"
            await send(message)

        await self.app(scope, receive, send_safely)


async def refuse(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return PlainTextResponse(error.detail, error.status_code)


async def post_call(request: Request) -> Response:
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        raise HTTPException(415, "The calls must be application/json.")  # a foreign web page cannot send that unasked
    body = await limited_body(request)
    try:
        answers = await run_in_threadpool(answer, body) if len(body) > LARGE else answer(body)
    except Malformed as error:
        raise HTTPException(400, str(error)) from None
    return Response(answers, media_type="application/json")


async def limited_body(request: Request) -> bytes:
    """The request's body, refused as soon as it is known to be too large."""
    chunks, size = [], int(request.headers.get("content-length", 0))
    if size <= MOST_BYTES:
        size = 0
        async for chunk in request.stream():
            chunks.append(chunk)
            size += len(chunk)
            if size > MOST_BYTES:
                break
    if size > MOST_BYTES:
        raise HTTPException(413, f"The request has more than {MOST_BYTES // 2**20} MB; call on smaller ranges.")
    return b"".join(chunks)


async def get_script(request: Request) -> Response:
    return Response(script(), media_type="text/javascript")


async def get_health(request: Request) -> Response:
    return PlainTextResponse("ok")


async def get_workbook(request: Request) -> Response:
    template = templates().get(request.path_params["name"])
    flavour = request.query_params.get("functions", "native")
    if template is None or flavour not in FLAVOURS:
        raise HTTPException(404, "No such template.")

    def written() -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            return Path(template().save(Path(folder) / "workbook.xlsx", flavour)).read_bytes()

    content = await run_in_threadpool(written)
    disposition = f'attachment; filename="{request.path_params["name"]}.xlsx"'
    return Response(content, media_type=WORKBOOK, headers={"content-disposition": disposition})


def templates() -> dict[str, Callable[[], Any]]:
    return {name: template for _, name, template in contributions("templates")}


def about(name: str, template: Callable[[], Any]) -> dict[str, str]:
    return {"name": name, "summary": purpose(template)}


def json(value: Any) -> Response:
    return Response(orjson.dumps(value), media_type="application/json")
