"""A running prober with many probes, for the measurements that last."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.processes import free_port, get

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Fleet", "fleet", "samples"]


@dataclass(frozen=True, slots=True)
class Fleet:
    """A prober's process id, the base of its URLs, and the file with its log."""

    pid: int
    url: str
    log: Path


@contextlib.contextmanager
def fleet(urls: list[str], *, interval: str, one_core: bool = True) -> Iterator[Fleet]:
    """`prober run`, on one core or on all, with one http probe for each URL."""
    with tempfile.TemporaryDirectory() as folder:
        config, log = Path(folder) / "probes.yaml", Path(folder) / "log"
        probes = [
            f'  - {{name: p-{index}, kind: http, service: bench, provider: bench, url: "{url}"}}'
            for index, url in enumerate(urls)
        ]
        defaults = f"defaults: {{interval: {interval}, timeout: 5s, retry_interval: {interval}}}"
        config.write_text("\n".join(["version: 1", defaults, "probes:", *probes]))
        port = free_port()
        command = [sys.executable, "-m", "prober", "run", "-c", str(config), "--listen", f"127.0.0.1:{port}"]
        pinned = ["taskset", "-c", "0"] if one_core else []  # the peer may use all of them, too
        with log.open("w") as stream:
            process = subprocess.Popen([*pinned, *command], stderr=stream, stdout=subprocess.DEVNULL)
            try:
                url = f"http://127.0.0.1:{port}"
                get(f"{url}/-/healthy", seconds=60)
                yield Fleet(process.pid, url, log)
            finally:
                process.terminate()
                process.wait(20)


def samples(text: str, name: str) -> Iterator[tuple[str, float]]:
    """Labels and value of each sample of that name in an exposition."""
    for line in text.splitlines():
        if line.startswith(name) and line[len(name)] in "{ ":
            labels, _, value = line[len(name) :].rpartition(" ")
            yield labels, float(value)
