"""Two hundred chat streams at fifty events a second: CPU per event, and the error of the first token's time."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import aiohttp
import httpx
import openai
import uvloop

from bench.processes import get, speaker
from bench.speaker import EVENTS
from prober.config import load
from prober.engine import execute
from prober.engine.lag import LagMonitor
from prober.http.network import HostNetwork
from prober.model.clock import Clock
from prober.model.secret import Redactor
from prober.probes import KINDS

if TYPE_CHECKING:
    from prober.model.probe import Probe

__all__ = ["Streams", "measure"]

_STREAMS = 200
_ROUNDS = 2
_SPREAD = 0.02  # seconds over which they begin: one gap between events

Client = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Streams:
    """CPU seconds per event of each reader, and the errors of our first tokens in seconds."""

    ours: float
    aiohttp: float
    openai: float
    httpx: float
    first_token_errors: list[float]


async def _together(client: Client, url: str) -> float:
    """CPU seconds per event of this process while all streams are read by one kind of client."""
    began = time.process_time()

    async def one(number: int) -> None:
        await asyncio.sleep(number * _SPREAD / _STREAMS)
        await client(url)

    async with asyncio.TaskGroup() as group:
        for number in range(_STREAMS):
            group.create_task(one(number))
    return (time.process_time() - began) / (_STREAMS * EVENTS)


_BODY = {"model": "bench", "stream": True, "messages": [{"role": "user", "content": "Reply with exactly: x"}]}


async def _plain(url: str) -> float:
    """Aiohttp as one would write it by hand: readany, split at blank lines, json."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def read(at: str) -> None:
            rest = b""
            async with session.post(f"{at}/chat/completions", json=_BODY) as answer:
                while data := await answer.content.readany():
                    *events, rest = (rest + data).split(b"\n\n")
                    for event in events:
                        if not event.startswith(b"data: [DONE]"):
                            json.loads(event[6:])

        return await _together(read, url)


async def _with_httpx(url: str) -> float:
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(limits=limits, timeout=60) as client:

        async def read(at: str) -> None:
            async with client.stream("POST", f"{at}/chat/completions", json=_BODY) as answer:
                async for line in answer.aiter_lines():
                    if line.startswith("data: {"):
                        json.loads(line[6:])

        return await _together(read, url)


async def _with_sdk(url: str) -> float:
    async with openai.AsyncOpenAI(base_url=url, api_key="none", max_retries=0) as client:

        async def read(_at: str) -> None:
            stream = await client.chat.completions.create(
                model="bench", stream=True, messages=[{"role": "user", "content": "Reply with exactly: x"}]
            )
            async for _ in stream:
                pass

        return await _together(read, url)


def _probe(url: str, folder: str) -> Probe:
    path = Path(folder) / "probes.yaml"
    keys = f'provider: bench, protocol: openai-chat, model: bench, endpoint: "{url}"'
    path.write_text(f"version: 1\nprobes: [{{name: bench, kind: chat, {keys}}}]\n")
    return load(path, kinds=KINDS, env=os.environ).probes[0]


async def _ours(url: str, errors: list[float]) -> float:
    with TemporaryDirectory() as folder:
        probe = _probe(url, folder)
    clock, seen = Clock(), dict[str, float]()
    async with HostNetwork() as network, asyncio.TaskGroup() as group:
        lag = LagMonitor(clock=clock)
        watching = group.create_task(lag.serve())

        async def read(_at: str) -> None:
            result = await execute(
                probe, clock=clock, network=network, redactor=Redactor(), connected=lambda: True, lag=lag
            )
            assert result.failure is None, result.failure
            assert result.request_id is not None
            seen[result.request_id] = float(str(result.measures["first_token_seconds"]))

        spent = await _together(read, url)
        watching.cancel()
    elapsed = json.loads(get(url.removesuffix("/v1") + "/elapsed"))
    errors += [abs(measured - elapsed[request] / 1e9) for request, measured in seen.items()]
    return spent


def measure() -> Streams:
    """All readers one after the other, against one server; the two that are close to each other twice, in turns."""
    rounds: list[list[float]] = []
    plain = ours = float("inf")
    with speaker() as port:
        url = f"http://127.0.0.1:{port}/v1"
        for _ in range(_ROUNDS):  # the smaller counts: what else the machine does only adds
            plain = min(plain, uvloop.run(_plain(url)))
            rounds.append([])
            ours = min(ours, uvloop.run(_ours(url, rounds[-1])))
        sdk = uvloop.run(_with_sdk(url))
        through_httpx = uvloop.run(_with_httpx(url))
    return Streams(ours=ours, aiohttp=plain, openai=sdk, httpx=through_httpx, first_token_errors=min(rounds, key=max))
