"""The DevTools protocol over a socket: JSON messages that end with a zero byte, commands with answers, and events."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, cast

from prober.browser.failure import browser_failure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.model.browser import Hear

__all__ = ["DevTools"]

_LONGEST = 64 << 20  # bytes of one message; a screenshot or a page is the largest that we ask for
_LARGEST_EVENT = 1 << 20  # a page may put megabytes into an address or an exception, and parsing holds the loop
_ANSWER = b'{"id":'
_MOST_EVENTS = 50_000  # until the one who uses the connection allows more


class DevTools(asyncio.Protocol):
    """One connection to a browser. ``lost`` tells why it ended, and is None while it lasts.

    A command goes to a session, which is one tab, or to the browser itself. Events are told to whoever hears them, by
    session and name, unless they are larger than any that means something. After ``most_events`` the connection is
    given up: a page must not keep our event loop busy.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.lost: str | None = None
        self.most_events = _MOST_EVENTS
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._parts: list[bytes] = []
        self._size = 0
        self._skips = False
        self._last_id = 0
        self._waiting: dict[int, tuple[str | None, asyncio.Future[Mapping[str, Any]]]] = {}
        self._hearing: dict[tuple[str | None, str], Hear] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The browser's end is there, though it may not listen yet."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Take in what came, and act on each message that is whole."""
        *whole, rest = data.split(b"\0")
        for message in whole:
            self._keep(message)
            if not self._skips:
                self._receive(b"".join(self._parts))
            self._parts.clear()
            self._size, self._skips = 0, False
        self._keep(rest)

    def connection_lost(self, exc: BaseException | None) -> None:
        """The browser is gone: whoever waits is told."""
        self._fail(self.lost or (f"it ended ({type(exc).__name__})" if exc else "it ended"))

    def send(self, method: str, session: str | None, parameters: Mapping[str, object]) -> int:
        """Send a command; the number that its answer will have."""
        if self.lost is not None or self._transport is None:
            raise browser_failure(f"the browser cannot be asked: {self.lost}")
        self._last_id += 1
        message: dict[str, object] = {"id": self._last_id, "method": method, "params": parameters}
        if session is not None:
            message["sessionId"] = session
        self._transport.write(json.dumps(message).encode() + b"\0")
        return self._last_id

    async def ask(
        self, method: str, session: str | None = None, /, parameters: Mapping[str, object] | None = None
    ) -> Mapping[str, Any]:
        """The result of a command. Raises LookupError where the browser refuses it, ProbeFailure where it is gone."""
        future: asyncio.Future[Mapping[str, Any]] = self._loop.create_future()
        number = self.send(method, session, parameters or {})
        self._waiting[number] = (session, future)
        try:
            answer = await future
        finally:
            self._waiting.pop(number, None)
        if "error" in answer:
            raise LookupError(f"{method}: {answer['error'].get('message')}")
        return cast("Mapping[str, Any]", answer["result"])

    def hear(self, session: str | None, event: str, hear: Hear) -> None:
        """Tell the parameters of every event of that name and session."""
        self._hearing[session, event] = hear

    def forget(self, session: str, why: str) -> None:
        """Hear nothing more of a session, and let nobody wait for it."""
        self._hearing = {key: hear for key, hear in self._hearing.items() if key[0] != session}
        self._release(session, why)

    def close(self, why: str) -> None:
        """Give up the connection; a browser whose connection is gone ends by itself."""
        self._fail(why)
        if self._transport is not None:
            self._transport.abort()

    def _keep(self, part: bytes) -> None:
        """Keep a part of a message, unless it is one that nobody wants."""
        if self._skips:
            return
        self._parts.append(part)
        self._size += len(part)
        if self._size > _LARGEST_EVENT and not b"".join(self._parts[: len(_ANSWER)]).startswith(_ANSWER):
            self._skips = True
            self._parts.clear()
        elif self._size > _LONGEST:
            self.close(f"it sent a message longer than {_LONGEST} bytes")

    def _receive(self, raw: bytes) -> None:
        message = json.loads(raw)
        number = message.get("id")
        if number is not None:
            _, future = self._waiting.get(number, (None, None))
            if future is not None and not future.done():
                future.set_result(message)
            return
        self.most_events -= 1
        if self.most_events < 0:
            self.close("its page caused more events than are taken")
            return
        hear = self._hearing.get((message.get("sessionId"), message["method"]))
        if hear is not None:
            hear(message["params"])

    def _fail(self, why: str) -> None:
        self.lost = self.lost or why
        for session, _ in list(self._waiting.values()):
            self._release(session, f"the browser did not answer: {self.lost}")

    def _release(self, session: str | None, why: str) -> None:
        for owner, future in self._waiting.values():
            if owner == session and not future.done():
                future.set_exception(browser_failure(why))
