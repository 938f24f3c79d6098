"""Many sign-ins in one process, good and bad, and what is left behind after them."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import uvloop

from prober.config import load
from prober.engine import execute
from prober.engine.lag import LagMonitor
from prober.http.network import HostNetwork
from prober.model.clock import Clock
from prober.model.memory import Memory
from prober.model.run import Outcome
from prober.model.secret import Redactor
from prober.probes import KINDS
from tests.cli.command import environment
from tests.probes.journeys import COMPANY, PERSON
from tests.real.process import free_port, started

if TYPE_CHECKING:
    from prober.model.probe import Probe

__all__ = ["Left", "soak"]

_AT_ONCE = 8
_PROBES = """
version: 1
defaults: {timeout: 60s}
probes:
- &login
  name: good
  kind: login
  variables: &variables {base: "${env:BASE}", user: "${env:USER}", password: "${env:PASSWORD}"}
  steps: &steps
    - {name: page, get: "{{base}}/login", expect: {status: 200}}
    - {name: submit, role: submit, form: true, fields: {email: "{{user}}", password: "{{password}}"}}
    - name: whoami
      role: whoami
      get: "{{base}}/api/me"
      extract: {token: {jsonpath: $.token, secret: true}}
      expect: [{jsonpath: $.email, equals: "{{user}}"}]
  finally: [{name: logout, form: {css: "form[action*=logout]"}}]
- name: wrong
  kind: login
  variables: {base: "${env:BASE}", user: "${env:USER}", password: "${env:WRONG}"}
  steps: *steps
- {name: kept, kind: login, session: reuse, variables: *variables, steps: *steps}
- name: token
  kind: journey
  steps:
    - name: token
      oauth2: {token_url: "${env:BASE}/oauth/token", client_id: prober, client_secret: "${env:SECRET}"}
      extract: {token: {jsonpath: $.access_token, secret: true}}
- name: authorized
  kind: http
  url: "${env:BASE}/oauth/userinfo"
  auth: {oauth2: {token_url: "${env:BASE}/oauth/token", client_id: prober, client_secret: "${env:SECRET}"}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What many runs left, and how they ended. What leaks grows in each half of them: the smaller growth counts."""

    runs: int
    good: int
    grown_bytes: int
    grown_blocks: int
    grown_objects: int
    grown_files: int
    grown_tasks: int


def soak(runs: int, *, warm_up: int = 100) -> Left:
    """Run so many sign-ins after some to warm up, a few at a time, against a simulator in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"http://127.0.0.1:{free_port()}"
        command = [sys.executable, "-m", "prober", "simulate", "--listen", url.removeprefix("http://")]
        with started(command, url=url, folder=Path(folder), ready="/", env=environment()):
            (Path(folder) / "probes.yaml").write_text(_PROBES)
            env = {
                "BASE": url,
                "USER": PERSON.email,
                "PASSWORD": PERSON.password,
                "WRONG": "not-the-password",
                "SECRET": COMPANY.clients[0].secret or "",
            }
            config = load(Path(folder) / "probes.yaml", kinds=KINDS, env=env)
            return uvloop.run(_soaked(config.probes, config.secrets, runs, warm_up))


async def _soaked(probes: tuple[Probe, ...], secrets: tuple[str, ...], runs: int, warm_up: int) -> Left:
    clock, memory, redactor = Clock(), Memory(), Redactor(secrets)
    lag, good = LagMonitor(clock=clock), 0
    async with HostNetwork() as network:

        async def work(numbers: range) -> None:
            nonlocal good
            for number in numbers:
                result = await execute(
                    probes[number % len(probes)],
                    clock=clock,
                    network=network,
                    redactor=redactor,
                    connected=lambda: True,
                    lag=lag,
                    memory=memory,
                )
                good += result.outcome is Outcome.OK

        async def many(count: int) -> None:
            async with asyncio.TaskGroup() as group:
                for first in range(_AT_ONCE):
                    group.create_task(work(range(first, count, _AT_ONCE)))

        await many(warm_up)
        held, good = [await _held()], 0
        for _ in range(2):
            await many(runs // 2)
            held.append(await _held())
        grown = [2 * min(middle - first, last - middle) for first, middle, last in zip(*held, strict=True)]
    return Left(
        runs=runs,
        good=good,
        grown_bytes=grown[0],
        grown_blocks=grown[1],
        grown_objects=grown[2],
        grown_files=grown[3],
        grown_tasks=grown[4],
    )


async def _held() -> tuple[int, int, int, int, int]:
    """Bytes by the system's count, blocks, objects, open files and tasks, when what is being closed has been closed."""
    await asyncio.sleep(0.2)
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return (
        pages * os.sysconf("SC_PAGE_SIZE"),
        sys.getallocatedblocks(),
        len(gc.get_objects()),
        len(list(Path("/proc/self/fd").iterdir())),
        len(asyncio.all_tasks()),
    )
