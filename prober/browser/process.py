"""The processes of a browser: started with a socket to talk over, ended all together."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import fcntl
import os
import shutil
import signal
import socket
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from prober.browser.devtools import DevTools
from prober.browser.failure import browser_failure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["BrowserProcess", "start"]

_BEYOND = 10  # the socket's number in the child must not be one of those that it is copied to
_NICE = 10
_REAP_SECONDS = 2.0
_REAP_PAUSE = 0.01
_SAID = 4096  # so much of what the browser wrote to stderr is looked at
_PR_SET_CHILD_SUBREAPER = 36
_PAGE = os.sysconf("SC_PAGE_SIZE")


class BrowserProcess:
    """A running browser. Its processes are a session of their own, so that a signal reaches every one of them."""

    def __init__(self, pid: int, devtools: DevTools, profile: Path) -> None:
        self.pid = pid
        self.devtools = devtools
        self._profile = profile

    def kill(self) -> None:
        """End all of it at once, without waiting."""
        self.devtools.close("it was ended")
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    async def end(self) -> None:
        """End all of it; no process and no file of it is left."""
        self.kill()
        for _ in range(round(_REAP_SECONDS / _REAP_PAUSE)):
            if self._reaped():
                break
            await asyncio.sleep(_REAP_PAUSE)
        await asyncio.to_thread(shutil.rmtree, self._profile, ignore_errors=True)

    def complaint(self) -> str:
        """The last line that the browser wrote to stderr, for a person who wonders why it did not start."""
        try:
            text = (self._profile / "stderr").read_text("utf-8", "replace")[-_SAID:]
        except OSError:
            return ""
        lines = [line for line in text.splitlines() if line.strip() and "dbus" not in line]
        return lines[-1].rpartition("] ")[2].strip() if lines else ""

    def memory_bytes(self) -> int:
        """What the processes hold in memory and do not share with each other."""
        return sum(_private_bytes(pid) for pid in _of_session(self.pid))

    def _reaped(self) -> bool:
        """Whether none is left. Those whose parent is gone are ours to reap: see :func:`start`."""
        try:
            while os.waitpid(-self.pid, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return True
        return False


async def start(command: Sequence[str], environment: Mapping[str, str]) -> BrowserProcess:
    """Start a browser that speaks the DevTools protocol on file descriptors 3 and 4.

    A port would be open to everybody on this host, and so would be the browser. Nothing of our own environment is
    handed on: it may hold keys. Raises ProbeFailure where the program cannot be run.
    """
    # A renderer whose browser was killed has no parent. Whoever is made reaper gets it, and no zombie is left, whether
    # or not the container has an init.
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    profile = Path(tempfile.mkdtemp(prefix="prober-browser-"))
    ours, theirs = socket.socketpair()
    try:
        pid = _spawn([*command, f"--user-data-dir={profile}"], {**environment, "HOME": str(profile)}, theirs, profile)
    except OSError as error:
        ours.close()
        shutil.rmtree(profile, ignore_errors=True)
        raise browser_failure(f"{command[0]} cannot be run: {error.strerror}") from None
    finally:
        theirs.close()
    # What it starts inherits this: where it wants all cores, our clock and the other probes come first.
    os.setpriority(os.PRIO_PROCESS, pid, _NICE)
    ours.setblocking(False)
    loop = asyncio.get_running_loop()
    _, devtools = await loop.create_connection(lambda: DevTools(loop), sock=ours)
    return BrowserProcess(pid, devtools, profile)


def _spawn(command: list[str], environment: Mapping[str, str], theirs: socket.socket, profile: Path) -> int:
    """The process id of the started program. Unlike a fork it is safe in a process with threads."""
    inherited = fcntl.fcntl(theirs.fileno(), fcntl.F_DUPFD_CLOEXEC, _BEYOND)
    try:
        return os.posix_spawn(
            command[0],
            command,
            environment,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
                (os.POSIX_SPAWN_OPEN, 2, profile / "stderr", os.O_WRONLY | os.O_CREAT, 0o600),
                (os.POSIX_SPAWN_DUP2, inherited, 3),
                (os.POSIX_SPAWN_DUP2, inherited, 4),
            ],
            setsid=True,
        )
    finally:
        os.close(inherited)


def _of_session(session: int) -> list[int]:
    """The processes of a session."""
    found = []
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                fields = Path(entry.path, "stat").read_text().rpartition(")")[2].split()
                if int(fields[3]) == session:
                    found.append(int(entry.name))
    return found


def _private_bytes(pid: int) -> int:
    try:
        _, resident, shared, *_ = map(int, Path(f"/proc/{pid}/statm").read_text().split())
    except OSError:
        return 0
    return (resident - shared) * _PAGE
