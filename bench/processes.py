"""The processes that are measured: the origin, blackbox_exporter, and prober itself."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "Origin",
    "blackbox",
    "cpu_seconds",
    "free_port",
    "get",
    "origin",
    "resident_bytes",
    "simulator",
    "speaker",
]

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the origin listens, and the authority that its certificate is from."""

    port: int
    tls_port: int
    ca_file: str


def free_port() -> int:
    """A port on which nobody listens now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def resident_bytes(pid: int) -> int:
    """The resident set of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def get(url: str, *, seconds: float = 10.0) -> bytes:
    """The body at a URL; tried again until something answers."""
    until = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=seconds) as answer:
                body: bytes = answer.read()
                return body
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


@contextlib.contextmanager
def _process(*command: str, stdout: int | None = None) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(command, stdout=stdout, stderr=subprocess.DEVNULL, text=True)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(10)


@contextlib.contextmanager
def origin() -> Iterator[Origin]:
    """A running origin."""
    with _process(sys.executable, "-m", "bench.origin", stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        port, tls_port, ca_file = process.stdout.readline().split()
        yield Origin(int(port), int(tls_port), ca_file)


@contextlib.contextmanager
def blackbox(ca_file: str) -> Iterator[tuple[int, int]]:
    """A running blackbox_exporter: its process id and port. Module ``plain`` and, with our authority, ``secure``."""
    http = "preferred_ip_protocol: ip4"
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as config:
        config.write(
            "modules:\n"
            f"  plain: {{prober: http, timeout: 5s, http: {{{http}}}}}\n"
            f"  secure: {{prober: http, timeout: 5s, http: {{{http}, tls_config: {{ca_file: {ca_file}}}}}}}\n"
        )
        config.flush()
        port = free_port()
        listen = f"--web.listen-address=127.0.0.1:{port}"
        with _process("prometheus-blackbox-exporter", f"--config.file={config.name}", listen) as process:
            get(f"http://127.0.0.1:{port}/-/healthy")
            yield process.pid, port


@contextlib.contextmanager
def speaker() -> Iterator[int]:
    """A running server of chat streams: its port."""
    with _process(sys.executable, "-m", "bench.speaker", stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())


@contextlib.contextmanager
def simulator() -> Iterator[str]:
    """A running simulator: its URL."""
    url = f"http://127.0.0.1:{free_port()}"
    command = (sys.executable, "-m", "prober", "simulate", "--listen", url.removeprefix("http://"))
    with _process(*command, stdout=subprocess.DEVNULL):
        get(f"{url}/")
        yield url
