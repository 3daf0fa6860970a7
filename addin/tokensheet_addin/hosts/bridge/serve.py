"""Listening: uvicorn on this machine by default, with a certificate that Excel accepts once it is trusted."""

from __future__ import annotations

import datetime
import ipaddress
import os
import secrets
import shlex
import socket
import sys
from asyncio import constants
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import trustme
import uvicorn
from cryptography import x509
from tokensheet.files import read_whole, whole_file

from tokensheet_addin.hosts.bridge.app import create
from tokensheet_addin.hosts.bridge.limits import (
    AT_ONCE,
    BACKLOG,
    COMPUTING_SECONDS,
    HEADER_SECONDS,
    MOST_FILES,
    MOST_FRAMING_BYTES,
    TOKEN,
)
from tokensheet_addin.hosts.bridge.log import log_to_stderr
from tokensheet_addin.hosts.bridge.protocol import Limited

SHORTEST_TOKEN = 16
LIFETIME = datetime.timedelta(days=397)  # the longest that Apple's systems accept without asking


def token_from(file: Path | None) -> str | None:
    """The token of the file or the environment: nowhere else, for other users see command lines."""
    found = os.environ.pop(TOKEN, None)  # from here on no process of ours inherits it
    if file:
        if found:
            raise ValueError(f"the token is either in ${TOKEN} or in {file}, not in both")
        found = read_private(file).strip()
    if found is None or (found == "" and not file):
        return None
    if len(found) < SHORTEST_TOKEN or not found.isascii() or not found.isprintable() or " " in found:
        raise ValueError(
            f"the token must have at least {SHORTEST_TOKEN} ASCII characters and no blanks, "
            f"for example {secrets.token_urlsafe()}"
        )
    return found


def read_private(file: Path) -> str:
    """The text of a file that nobody else can read."""
    if not file.is_file():
        raise FileNotFoundError(f"there is no file {file}")
    with file.open(encoding="utf-8", errors="replace") as opened:
        if os.name == "posix" and os.fstat(opened.fileno()).st_mode & 0o077:
            raise PermissionError(f"other users can read {file}; run: chmod 600 {shlex.quote(str(file))}")
        return opened.read(MOST_FRAMING_BYTES)


class Listening(socket.socket):
    """A socket whose queue of connections is longer than what asyncio takes of it in one step."""

    def listen(self, backlog: int = BACKLOG) -> None:
        super().listen(BACKLOG)


def bind(host: str, port: int, token: str | None) -> list[socket.socket]:
    """Sockets that are bound and do not listen yet; without a token only to this machine, however it is spelled."""
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise OSError(f"{host} is no address of this machine: {error.strerror}") from None
    if not token and not all(is_loopback(str(address[0])) for *_, address in found):
        raise ValueError(
            f"{host or 'every address'} is open to other machines, so a token is needed, "
            f"for example {TOKEN}={secrets.token_urlsafe()}"
        )
    with ExitStack() as unless_all:
        bound: list[socket.socket] = []
        for family, _, _, _, address in dict.fromkeys(found):
            bound.append(unless_all.enter_context(Listening(family)))
            if os.name == "posix":
                bound[-1].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                bound[-1].setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            try:
                bound[-1].bind(address)
            except OSError as error:
                raise OSError(f"cannot listen on {host} port {port}: {error.strerror}") from None
        unless_all.pop_all()
    return bound


def is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


class Certificate(NamedTuple):
    """A development certificate for localhost, in files."""

    chain: Path
    key: Path
    authority: Path

    def is_valid(self) -> bool:
        if not all(file.exists() for file in self):
            return False
        try:
            end = x509.load_pem_x509_certificate(read_whole(self.chain)).not_valid_after_utc
        except ValueError:  # not one
            return False
        return end > datetime.datetime.now(datetime.UTC)

    def make(self) -> None:
        """Make it, and the authority that the user is to trust.

        The authority's own key is never written, so nobody can sign anything else that the user then trusts.
        """
        self.key.parent.mkdir(parents=True, exist_ok=True)
        end = datetime.datetime.now(datetime.UTC) + LIFETIME
        authority = trustme.CA(organization_name="tokensheet", organization_unit_name="development certificate")
        issued = authority.issue_cert("localhost", "127.0.0.1", "::1", not_after=end)
        self.chain.unlink(missing_ok=True)  # and written last: where it is, the others belong to it
        self.key.touch(mode=0o600)
        files = {self.key: [issued.private_key_pem], self.authority: [authority.cert_pem]}
        for path, pems in (files | {self.chain: issued.cert_chain_pems}).items():
            with whole_file(path, overwrite=True) as file:
                file.write(b"".join(pem.bytes() for pem in pems))

    def how_to_trust(self) -> str:
        """The command by which this system's user, and so Excel, trusts it."""
        if sys.platform == "win32":
            return f'certutil -user -addstore Root "{self.authority}"'
        if sys.platform == "darwin":
            return f'security add-trusted-cert -k ~/Library/Keychains/login.keychain-db "{self.authority}"'
        place = "/usr/local/share/ca-certificates/tokensheet.crt"
        return f'sudo cp "{self.authority}" {place} && sudo update-ca-certificates'


def certificate_in(folder: Path) -> Certificate:
    return Certificate(folder / "localhost.pem", folder / "localhost.key", folder / "authority.pem")


def allow_files() -> None:
    """Let the system open as many files for us as there may be connections; some allow 256 unless asked."""
    try:
        import resource
    except ImportError:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def serve(sockets: list[socket.socket], workers: int, token: str | None, certificate: Certificate | None) -> None:
    """Serve until interrupted: one process that listens, and others that compute."""
    log_to_stderr()
    allow_files()
    constants.SSL_HANDSHAKE_TIMEOUT = HEADER_SECONDS  # for which uvicorn has no option
    config = uvicorn.Config(
        create(token, workers),
        http=Limited,
        ws="none",
        backlog=AT_ONCE,
        timeout_graceful_shutdown=COMPUTING_SECONDS,
        log_config=None,
        access_log=False,  # addresses may hold the token
        server_header=False,
        ssl_certfile=certificate.chain if certificate else None,
        ssl_keyfile=certificate.key if certificate else None,
    )
    uvicorn.Server(config).run(sockets)
