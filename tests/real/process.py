"""A server as a process of its own: started, waited for, and ended with the test."""

from __future__ import annotations

import random
import socket
import subprocess
import time
import urllib.request
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

__all__ = ["Server", "fetch", "free_port", "started", "until"]

T = TypeVar("T")


def free_port() -> int:
    """A port of the loopback address that nobody listens at, and that the kernel gives to nobody who asks for any port.

    Many thousand connections come and go beside the test: of a port that the kernel chose, one of them may have become
    the local end before the server that was told of it listens.
    """
    while True:
        port = random.randrange(10_000, 32_000)
        with socket.socket() as sock, suppress(OSError):
            sock.bind(("127.0.0.1", port))
            return port


def fetch(url: str, *, key: str | None = None) -> str:
    """The body of an answer, asked for with a key if there is one. Raises OSError, also for an error status."""
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=5) as answer:
        text: str = answer.read().decode()
        return text


def until(look: Callable[[], T], *, seconds: float) -> T:
    """What ``look`` gives once it gives something true without an OSError or AssertionError; else the last error."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            seen = look()
            assert seen, f"still {seen!r} after {seconds} s"
        except (OSError, AssertionError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running process, where it listens, and the file with all it wrote."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path

    def answers(self, path: str) -> bool:
        """Whether the server answers with a success; asserts that it has not ended instead."""
        assert self.process.poll() is None, f"ended with {self.process.returncode}: {self.log.read_text()[-3000:]}"
        fetch(self.url + path)
        return True


@contextmanager
def started(
    command: Sequence[str],
    *,
    url: str,
    folder: Path,
    ready: str | None = "/",
    seconds: float = 30,
    env: Mapping[str, str] | None = None,
    fds: Sequence[int] = (),
) -> Iterator[Server]:
    """The running command, once it answers at ``ready``. It is ended with SIGTERM, and with SIGKILL if need be."""
    log = folder / f"{command[0].rpartition('/')[2]}.log"
    with (
        log.open("wb") as output,
        subprocess.Popen(command, stdout=output, stderr=output, cwd=folder, env=env, pass_fds=fds) as process,
    ):
        server = Server(process=process, url=url, log=log)
        try:
            if ready is not None:
                until(lambda: server.answers(ready), seconds=seconds)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
