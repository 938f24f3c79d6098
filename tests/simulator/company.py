"""A simulated company for a test to visit, and the clients to visit it with."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import aiohttp

from prober.simulator import serve
from prober.simulator.serve import Simulator
from prober.simulator.settings import Pace, SimulatorSettings

__all__ = [
    "EMAIL",
    "FAST",
    "FREE_KEY",
    "KEY",
    "PASSWORD",
    "RawAnswer",
    "Visit",
    "against",
    "ask",
    "csrf_token",
    "data_of",
    "question",
    "raw",
    "request_bytes",
    "sign_in",
]

T = TypeVar("T")
Visit = Callable[[Simulator, aiohttp.ClientSession], Awaitable[T]]

EMAIL = "probe@parrot.example"
PASSWORD = "parrot-probe-password"
KEY = "sk-parrot-probe-key"
FREE_KEY = "sk-parrot-free-key"

FAST = SimulatorSettings(
    pace=Pace(
        head_seconds=0.0,
        first_token_seconds=0.005,
        tokens_per_second=2000.0,
        image_seconds=0.01,
        video_queue_seconds=0.03,
        video_run_seconds=0.05,
    ),
    seed=7,
)


def against(
    visit: Visit[T], *, settings: SimulatorSettings = FAST, run: Callable[..., T] = asyncio.run, faults: object = None
) -> T:
    """What the visit returns, made to a company that runs as long as it takes."""

    async def main() -> T:
        async with serve.running(settings) as simulator, aiohttp.ClientSession(cookie_jar=_jar()) as http:
            simulator.faults.replace(faults or {})
            return await visit(simulator, http)

    with _no_errors_logged():
        return run(main())


def _jar() -> aiohttp.CookieJar:
    """Cookies of addresses count as well; by default aiohttp drops them."""
    return aiohttp.CookieJar(unsafe=True)


@contextmanager
def _no_errors_logged() -> Iterator[None]:
    """An exception in a handler would become a 500 that a test of faults may take for what it wanted."""
    handler = _Keeping(logging.ERROR)
    logging.getLogger("aiohttp").addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger("aiohttp").removeHandler(handler)
    assert handler.messages == []


class _Keeping(logging.Handler):
    """Keeps what was logged."""

    def __init__(self, level: int) -> None:
        super().__init__(level)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


def question(text: str = "[n-1] Reply with exactly: n-1", **parameters: object) -> dict[str, object]:
    """The body of a chat request."""
    return {"model": "parrot-2", "messages": [{"role": "user", "content": text}], **parameters}


async def ask(
    simulator: Simulator, http: aiohttp.ClientSession, body: object = None, *, key: str = KEY
) -> tuple[int, Any, aiohttp.ClientResponse]:
    """A chat request that is not streamed: status, JSON, and the response for its headers."""
    url = f"{simulator.url}/v1/chat/completions"
    headers = {"Authorization": f"Bearer {key}"}
    async with http.post(url, json=question() if body is None else body, headers=headers) as response:
        return response.status, json.loads(await response.read()), response


def request_bytes(
    path: str, *, method: str = "GET", body: object = None, key: str | None = KEY, headers: str = ""
) -> bytes:
    """A request as it goes over the wire."""
    content = b"" if body is None else json.dumps(body).encode()
    head = f"{method} {path} HTTP/1.1\r\nHost: simulator\r\nContent-Length: {len(content)}\r\n{headers}"
    if key is not None:
        head += f"Authorization: Bearer {key}\r\n"
    return head.encode() + b"Content-Type: application/json\r\n\r\n" + content


@dataclass(frozen=True, slots=True, kw_only=True)
class RawAnswer:
    """What came over a socket until it ended. ``ended`` is ``eof``, ``reset`` or ``silence``."""

    head: bytes
    body: bytes
    ended: str

    @property
    def status(self) -> int:
        """The status, 0 if there was no head."""
        return int(self.head.split(b" ", 2)[1]) if self.head else 0

    @property
    def events(self) -> bytes:
        """The body without its chunked encoding."""
        if b"transfer-encoding: chunked" not in self.head.lower():
            return self.body
        rest, content = self.body, b""
        while rest:
            size, _, rest = rest.partition(b"\r\n")
            length = int(size, 16)
            content, rest = content + rest[:length], rest[length + 2 :]
        return content

    @property
    def complete(self) -> bool:
        """Whether the chunked body had its last chunk."""
        return self.body.endswith(b"0\r\n\r\n")


async def raw(simulator: Simulator, request: bytes, *, patience: float = 5.0, quiet: float = 0.3) -> RawAnswer:
    """Send bytes and read until the end, or until nothing has come for ``quiet`` seconds, at first ``patience``."""
    reader, writer = await asyncio.open_connection(simulator.host, simulator.port)
    writer.write(request)
    received, ended = b"", "eof"
    try:
        while data := await asyncio.wait_for(reader.read(65_536), quiet if received else patience):
            received += data
            if received.endswith(b"\r\n0\r\n\r\n") or _has_whole_body(received):
                break
    except TimeoutError:
        ended = "silence"
    except ConnectionResetError:
        ended = "reset"
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
    head, _, body = received.partition(b"\r\n\r\n")
    return RawAnswer(head=head, body=body, ended=ended)


def _has_whole_body(received: bytes) -> bool:
    head, end, body = received.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    return bool(end and length) and length is not None and len(body) >= int(length[1])


def data_of(events: bytes) -> list[Any]:
    """The data of a stream's events, JSON decoded; ``[DONE]`` stays a text."""
    found = [line[len("data: ") :] for line in events.decode().splitlines() if line.startswith("data: ")]
    return [data if data == "[DONE]" else json.loads(data) for data in found]


def csrf_token(page: str, field: str = "csrf_token") -> str:
    """The hidden token in a page."""
    found = re.search(rf'name="{field}" value="([^"]+)"', page)
    assert found is not None
    return found[1]


async def sign_in(
    base: str, http: aiohttp.ClientSession, *, email: str = EMAIL, password: str = PASSWORD, agent: str = "Mozilla/5.0"
) -> tuple[int, str, aiohttp.ClientResponse]:
    """Fetch the form, fill it in, send it: status, page and response of the submit, no redirect followed."""
    headers = {"User-Agent": agent}
    async with http.get(f"{base}/login", headers=headers) as response:
        page = await response.text()
    field = "authenticity_token" if "authenticity_token" in page else "csrf_token"
    fields = {field: csrf_token(page, field), "email": email, "password": password, "next": ""}
    async with http.post(f"{base}/login", data=fields, headers=headers, allow_redirects=False) as response:
        return response.status, await response.text(), response
