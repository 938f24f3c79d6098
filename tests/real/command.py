"""The command `prober`, as it is installed beside the Python that runs the tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from tests.real.process import Server, free_port, started

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Checked", "check", "running", "running_behind"]

_PROBER = str(Path(sys.executable).parent / "prober")
Probes = list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What `prober check --format json` said: its exit code, and each probe by name."""

    code: int
    probes: dict[str, dict[str, Any]]


def _write(folder: Path, probes: Probes) -> str:
    path = folder / "probes.yaml"
    path.write_text(yaml.safe_dump({"version": 1, "probes": probes}))
    return str(path)


def check(folder: Path, probes: Probes, **env: str) -> Checked:
    """Run the probes once."""
    command = [_PROBER, "check", "-c", _write(folder, probes), "--format", "json"]
    done = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, **env}, timeout=60, check=False, cwd=folder
    )
    assert done.returncode in {0, 1}, done.stderr
    assert not any(secret in done.stdout + done.stderr for secret in env.values())
    said = json.loads(done.stdout)
    return Checked(code=done.returncode, probes={probe["name"]: probe for probe in said["probes"]})


@contextmanager
def running_behind(folder: Path, probes: Probes, web_config: str) -> Iterator[Server]:
    """`prober run` with the probes, behind this file; whether it is ready only those can ask who are let in."""
    listen = f"127.0.0.1:{free_port()}"
    command = [_PROBER, "run", "-c", _write(folder, probes), "--listen", listen, "--web-config", web_config]
    with started(command, url=f"https://{listen}", folder=folder, ready=None) as server:
        yield server


@contextmanager
def running(folder: Path, probes: Probes, **env: str) -> Iterator[Server]:
    """`prober run` with the probes, once it is ready."""
    listen = f"127.0.0.1:{free_port()}"
    command = [_PROBER, "run", "-c", _write(folder, probes), "--listen", listen]
    environment = {**os.environ, **env}
    with started(command, url=f"http://{listen}", folder=folder, ready="/-/ready", env=environment) as server:
        yield server
