"""Listening: uvicorn on this machine by default, with a certificate that Excel accepts once it is trusted."""

from __future__ import annotations

import datetime
import ipaddress
import os
import secrets
import socket
import sys
from pathlib import Path
from typing import NamedTuple

import trustme
import uvicorn
from cryptography import x509
from tokensheet.files import read_whole, whole_file
from tokensheet_udfs.registry import functions

from tokensheet_addin.hosts.bridge.app import TOKEN

SHORTEST_TOKEN = 16
LIFETIME = datetime.timedelta(days=397)  # the longest that Apple's systems accept without asking


def check(host: str, port: int, token: str | None) -> None:
    """Complain about what keeps the server from starting, or from starting safely."""
    example = f"for example {TOKEN}={secrets.token_urlsafe()}"
    if token and len(token) < SHORTEST_TOKEN:
        raise ValueError(f"the token must have at least {SHORTEST_TOKEN} characters, {example}")
    if not token and not is_loopback(host):
        raise ValueError(f"{host} is open to other machines, so a token is needed, {example}")
    family = socket.getaddrinfo(host, port)[0][0]
    socket.create_server((host, port), family=family).close()
    functions()  # two plugins with the same name for a function


def is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
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


def serve(host: str, port: int, workers: int, token: str | None, certificate: Certificate | None) -> None:
    """Serve until interrupted; of several workers uvicorn starts one that has died again."""
    os.environ[TOKEN] = token or ""  # the worker processes inherit it
    uvicorn.run(
        "tokensheet_addin.hosts.bridge.app:create",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        log_level="warning",
        access_log=False,  # addresses may hold the token
        server_header=False,
        ssl_certfile=certificate.chain if certificate else None,
        ssl_keyfile=certificate.key if certificate else None,
    )
