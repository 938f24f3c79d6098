"""What a supervisor is told, in systemd's way: datagrams to the socket that ``NOTIFY_SOCKET`` names."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Supervisor"]


class Supervisor:
    """Speaks to whoever started us; without a socket in the environment nobody listens, and nothing is said.

    ``watchdog_seconds`` is how often it wants to hear from us, None if it does not.
    """

    def __init__(self, env: Mapping[str, str]) -> None:
        self._address = _address(env.get("NOTIFY_SOCKET", ""))
        self.watchdog_seconds = None if self._address is None else _watchdog_seconds(env)

    def ready(self, status: str) -> None:
        """Probes run, or run again after a reload."""
        self._say("READY=1", f"STATUS={status}")

    def reloading(self) -> None:
        """A configuration is being loaded. :meth:`ready` ends that."""
        self._say("RELOADING=1", f"MONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")

    def stopping(self) -> None:
        """No more runs begin."""
        self._say("STOPPING=1", "STATUS=waiting for the runs in flight")

    def alive(self) -> None:
        """The event loop and the scheduler tick."""
        self._say("WATCHDOG=1")

    def _say(self, *lines: str) -> None:
        if self._address is None:
            return
        text = "\n".join(line.replace("\n", " ") for line in lines)
        # A supervisor that does not listen is its own affair, and no reason to stop.
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK) as speaker,
        ):
            speaker.sendto(text.encode(), self._address)


def _address(given: str) -> str | None:
    """The socket's address; one that begins with @ is in the abstract name space. Other families are not spoken."""
    if given.startswith("@"):
        return "\0" + given[1:]
    return given if given.startswith("/") else None


def _watchdog_seconds(env: Mapping[str, str]) -> float | None:
    """The time of ``WATCHDOG_USEC``, unless that is meant for another process."""
    if env.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    given = env.get("WATCHDOG_USEC", "")
    return int(given) / 1e6 if given.isascii() and given.isdecimal() and int(given) > 0 else None
