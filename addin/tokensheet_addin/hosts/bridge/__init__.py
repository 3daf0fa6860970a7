"""Our own bridge to Excel: the functions over HTTP, for Microsoft's Office.js custom functions.

`serve` listens, by `protocol`, and `app` answers, with what `manifest` says of the functions to Excel and the task pane
in `pages/`. What has to be computed goes through `pool` to processes that run `worker`, where `calls` computes; all of
it within `limits`. `desk` is what Excel needs on a desk. Their packages are an extra, so they are imported when a
command needs them.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Annotated, Any

import typer

from tokensheet_addin.hosts import Status
from tokensheet_addin.hosts.bridge.limits import MOST_WORKERS
from tokensheet_addin.hosts.extras import how_to_get, status_of_extra
from tokensheet_addin.tables import say, say_steps

name = "bridge (tokensheet serve)"

EXTRA = "serve"
PORT = 8765


def status() -> Status:
    return status_of_extra(EXTRA)


def part(module: str) -> Any:
    """A module of the bridge."""
    try:
        return importlib.import_module(f"{__name__}.{module}")
    except ModuleNotFoundError as error:
        raise ValueError(f"{error.name} is missing; install it with: {how_to_get(EXTRA)}") from None


def settings() -> Path:
    """The user's folder for the certificate and, where Excel has no place of its own, the manifest."""
    return Path(typer.get_app_dir("tokensheet"))


def install(
    to: Annotated[Path | None, typer.Option("--to", help="The folder for the manifest.")] = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port that the server will listen on.")] = PORT,
) -> None:
    """Prepare our own bridge for Excel on Windows, Mac and the web, and say what to click."""
    desk = part("desk")
    folder = (to or desk.manifest_folder(settings())).absolute()
    certificate = desk.write(folder, settings(), port)
    say(f"wrote {folder / desk.MANIFEST}; now, once:")
    say_steps(desk.steps(folder, certificate, port))


def remove(to: Annotated[Path | None, typer.Option("--to", help="The manifest's folder.")] = None) -> None:
    """Delete the bridge's manifest and certificate. Stop the server before."""
    desk = part("desk")
    folder = (to or desk.manifest_folder(settings())).absolute()
    removed = desk.remove(folder, settings())
    if not removed:
        raise ValueError(f"there is no manifest of tokensheet in {folder}, and no certificate in {settings()}")
    say(f"removed {', '.join(map(str, removed))}")
    say("In Excel, remove the add-in where you added it; trust in the certificate can be withdrawn in your system")


def serve_bridge(
    host: Annotated[str, typer.Option(help="The address to listen on; any but this machine's own needs a token.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = PORT,
    https: Annotated[bool, typer.Option("--https", help="Make and use a development certificate.")] = False,
    workers: Annotated[int, typer.Option(min=1, max=MOST_WORKERS, help="Processes that compute.")] = 2,
    token_file: Annotated[
        Path | None,
        typer.Option(help="A file with what a request has to bring to be answered; otherwise $TOKENSHEET_TOKEN."),
    ] = None,
) -> None:
    """Serve the functions to Excel on Windows, Mac and the web, with a task pane."""
    serve = part("serve")
    token = serve.token_from(token_file)
    sockets = serve.bind(host, port, token)
    certificate = None
    if https:
        certificate = serve.certificate_in(settings())
        if not certificate.is_valid():
            certificate.make()
            say(f"made a certificate for localhost; trust it once with:\n  {certificate.how_to_trust()}")
    name = "localhost" if all(serve.is_loopback(each.getsockname()[0]) for each in sockets) else host
    address = f"{'https' if https else 'http'}://{name}:{port}"
    secret = "?token=…" if token else ""
    say(f"tokensheet is at {address}; give {address}/manifest.xml{secret} to Excel (docs/bridge.md)")
    serve.serve(sockets, workers, token, certificate)
