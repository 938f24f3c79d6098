"""The command line as a person gives it: in this process for its texts, as a process of its own for its life."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import prober

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Prober", "Site", "environment", "prober_running", "run_prober", "serving", "until"]

_WHERE = Path(prober.__file__).parent.parent


def environment(**more: str) -> dict[str, str]:
    """The environment of a child that imports the same prober as we do."""
    return {**os.environ, "PYTHONPATH": str(_WHERE), **more}


def run_prober(*arguments: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """``prober`` to its end."""
    command = [sys.executable, "-m", "prober", *arguments]
    return subprocess.run(
        command, cwd=cwd, env=environment(**env), capture_output=True, text=True, timeout=60, check=False
    )


def until(look: Callable[[], Any], *, seconds: float = 20) -> Any:
    """What ``look`` gives once that is true and no error; asserts that it comes to that."""
    deadline = time.monotonic() + seconds
    while True:
        seen: Any
        try:
            seen = look()
        except OSError as error:
            seen = error
        if seen and not isinstance(seen, OSError):
            return seen
        assert time.monotonic() < deadline, f"not within {seconds} s: {seen!r}"
        time.sleep(0.05)


@dataclass
class Prober:
    """A running ``prober``: what it wrote on standard error, and where it serves."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)
    url: str = ""

    def log(self) -> str:
        """All it wrote so far."""
        return "".join(self.lines)

    def serves(self) -> str | None:
        """The address it serves, once it says so."""
        assert self.process.poll() is None, self.log()
        found = re.search(r"serves (http://[^\"]+)/", self.log())
        return found and found[1]


@contextmanager
def prober_running(*arguments: str, cwd: Path, **env: str) -> Iterator[Prober]:
    """``prober run`` on a free port while the block lasts; killed at its end if it still runs."""
    command = [sys.executable, "-m", "prober", "run", "--listen", "127.0.0.1:0", *arguments]
    with subprocess.Popen(command, cwd=cwd, env=environment(**env), stderr=subprocess.PIPE, text=True) as process:
        running = Prober(process)

        def read() -> None:
            assert process.stderr is not None
            for line in process.stderr:
                running.lines.append(line)

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        try:
            running.url = until(running.serves)
            yield running
        finally:
            process.kill()
            reader.join(5)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Visitors who go away are no news."""


class Site:
    """A site that answers ``/ok`` at once, ``/slow`` after a second, ``/broken`` with 500, and counts its visitors.

    ``keys`` are the last keys that they showed, by path.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.asked: list[str] = []
        self.keys: dict[str, str] = {}


@contextmanager
def serving() -> Iterator[Site]:
    """The site, while the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append(self.path)
            site.keys[self.path] = self.headers.get("X-Key", "")
            if self.path == "/slow":
                time.sleep(1)
            body = b"all is well"
            self.send_response(500 if self.path == "/broken" else 200)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Type", "text/plain")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
            """Say nothing."""

    with _Server(("127.0.0.1", 0), Handler) as server:
        site = Site(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield site
        finally:
            server.shutdown()
            thread.join()
