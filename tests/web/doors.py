"""A prober's web interface behind a guard, and clients that come to its door."""

from __future__ import annotations

import asyncio
import base64
import ssl
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import bcrypt
import trustme

from prober.web.application import make_app
from prober.web.guard import Guard
from prober.web.server import ServerLimits, serving
from tests.sinks.makers import probe
from tests.web.world import World

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

__all__ = ["AUTHORITY", "House", "basic", "certify", "hashed", "house", "trusting"]

AUTHORITY = trustme.CA()


def hashed(password: str, *, cost: int = 4) -> str:
    """The bcrypt hash of a password."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(cost)).decode()


def basic(text: bytes) -> str:
    """The header's value for ``user:password``."""
    return f"Basic {base64.b64encode(text).decode()}"


@dataclass(slots=True)
class House:
    """Where it is served, and the folder with its files."""

    folder: Path
    guard: Guard
    port: int
    world: World

    async def status(
        self, path: str = "/metrics", *, user: str = "", password: str = "", headers: Mapping[str, str] | None = None
    ) -> int:
        """The status of a GET on a fresh connection."""
        return (await self.get(path, user=user, password=password, headers=headers))[0]

    async def get(
        self,
        path: str = "/metrics",
        *,
        user: str = "",
        password: str = "",
        headers: Mapping[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
        method: str = "GET",
    ) -> tuple[int, Mapping[str, str], str]:
        """Status, headers and text of an answer on a fresh connection."""
        known = {"Authorization": basic(f"{user}:{password}".encode())} if user else {}
        scheme = "https" if self.guard.speaks_tls else "http"
        async with (
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=tls or trusting())) as session,
            session.request(
                method, f"{scheme}://127.0.0.1:{self.port}{path}", headers={**known, **(headers or {})}
            ) as answer,
        ):
            return answer.status, answer.headers, await answer.text()

    def write(self, text: str) -> None:
        """Replace the file."""
        fresh = self.folder / "fresh"
        fresh.write_text(text)
        fresh.replace(self.folder / "web.yml")

    async def shown(self, tls: ssl.SSLContext | None = None) -> bytes:
        """The certificate that a new connection is shown."""
        _, writer = await asyncio.open_connection("127.0.0.1", self.port, ssl=tls or trusting())
        side: Any = writer.get_extra_info("ssl_object")
        certificate: bytes = side.getpeercert(binary_form=True)
        writer.close()
        return certificate


def certify(folder: Path) -> bytes:
    """Put another certificate of the server into the folder; its bytes as they will be shown."""
    issued = AUTHORITY.issue_cert("127.0.0.1")
    for name, pem in (("server.key", issued.private_key_pem), ("server.crt", issued.cert_chain_pems[0])):
        (folder / "fresh").write_bytes(pem.bytes())
        (folder / "fresh").replace(folder / name)
    return ssl.PEM_cert_to_DER_cert(issued.cert_chain_pems[0].bytes().decode())


def trusting(client: trustme.LeafCert | None = None) -> ssl.SSLContext:
    """A client that trusts the authority, with a certificate of its own if it has one."""
    context = ssl.create_default_context()
    AUTHORITY.configure_trust(context)
    if client is not None:
        client.configure_cert(context)
    return context


@asynccontextmanager
async def house(folder: Path, text: str, *, limits: ServerLimits | None = None) -> AsyncIterator[House]:
    """The web interface as the file wants it, while the block lasts. There is a certificate in the folder."""
    world = World((probe(),))
    certify(folder)
    (folder / "ca.pem").write_bytes(AUTHORITY.cert_pem.bytes())
    (folder / "web.yml").write_text(text)
    guard = Guard.open(folder / "web.yml")
    app = make_app(world.views(), guard=guard)
    async with serving(app, host="127.0.0.1", port=0, guard=guard, limits=limits) as ((_, port),):
        yield House(folder, guard, port, world)
