"""Tells connect and TLS apart where the loop does both in one call."""

from __future__ import annotations

import asyncio
import ssl
from contextvars import ContextVar, Token
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from types import TracebackType

    from prober.http.settings import Deadlines
    from prober.model.run import Run

__all__ = ["Handshake", "WatchedContext"]

_WATCHED: ContextVar[Handshake | None] = ContextVar("handshake", default=None)


class _PlainPeer(ssl.SSLObject):
    """Gives the peer's certificate as DER alone.

    A loop asks every new connection for the certificate as a dictionary, for whoever may want to look into it. Nobody
    here does, and writing it would take time of every verified run.
    """

    def getpeercert(self, binary_form: bool = False) -> Any:
        return super().getpeercert(binary_form=True) if binary_form else None


class WatchedContext(ssl.SSLContext):
    """A TLS context that notices when a handshake begins: when a loop asks it for a connection's state."""

    sslobject_class = _PlainPeer

    def wrap_bio(self, *args: Any, **kwargs: Any) -> ssl.SSLObject:
        """The state of a new connection; the :class:`Handshake` around the call is told."""
        handshake = _WATCHED.get()
        if handshake is not None:
            handshake.begin()
        return super().wrap_bio(*args, **kwargs)


class Handshake:
    """An async context around a connect with TLS: records the phases connect and tls, within their deadlines."""

    __slots__ = ("_began_ns", "_deadlines", "_outer", "_run", "_scope", "_token")

    def __init__(self, run: Run, deadlines: Deadlines) -> None:
        self._run = run
        self._deadlines = deadlines
        self._token: Token[Handshake | None] | None = None

    async def __aenter__(self) -> Self:
        limit_ns = self._deadlines.connect
        self._scope = asyncio.timeout(None if limit_ns is None else limit_ns / 1e9)
        await self._scope.__aenter__()
        self._outer, self._run.phase_name = self._run.phase_name, "connect"
        self._began_ns = self._run.clock.monotonic_ns()
        self._token = _WATCHED.set(self)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        assert self._token is not None
        _WATCHED.reset(self._token)
        if kind is not None:
            phase = self._run.phase_name or "connect"
            self._run.mark(phase, self._began_ns, self._run.clock.monotonic_ns(), finished=False)
        await self._scope.__aexit__(kind, error, at)

    def begin(self) -> None:
        """The connection stands, and the handshake begins."""
        limit_ns = self._deadlines.tls
        if self._deadlines.connect is not None or limit_ns is not None:
            when = None if limit_ns is None else asyncio.get_running_loop().time() + limit_ns / 1e9
            self._scope.reschedule(when)
        self._next("tls", finished="connect")

    def done(self) -> None:
        """The handshake is done."""
        self._next(self._outer, finished="tls")

    def _next(self, phase: str | None, *, finished: str) -> None:
        now_ns = self._run.clock.monotonic_ns()
        self._run.mark(finished, self._began_ns, now_ns)
        self._began_ns = now_ns
        self._run.phase_name = phase
