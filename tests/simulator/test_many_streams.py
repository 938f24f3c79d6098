"""Two hundred streams at fifty events a second, in one process with their clients."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from prober.simulator.settings import Pace, SimulatorSettings
from tests.simulator.company import RawAnswer, against, question, raw, request_bytes

if TYPE_CHECKING:
    import aiohttp

    from prober.simulator.serve import Simulator
    from tests.conftest import Runner

STREAMS = 200
SETTINGS = SimulatorSettings(pace=Pace(head_seconds=0.0, first_token_seconds=0.1, tokens_per_second=50.0))


def test_many_streams_are_all_whole_and_in_time(run_loop: Runner[float]) -> None:
    """Each has all its tokens and its end; together they take hardly longer than one."""

    async def visit(simulator: Simulator, _: aiohttp.ClientSession) -> float:
        body = question("Write 50 words.", stream=True, stream_options={"include_obfuscation": False})
        request = request_bytes("/v1/chat/completions", method="POST", body=body)
        began = time.perf_counter()
        async with asyncio.TaskGroup() as tasks:
            streams = [tasks.create_task(raw(simulator, request, quiet=5.0)) for _ in range(STREAMS)]
        for stream in streams:
            _assert_whole(stream.result())
        return time.perf_counter() - began

    # One stream takes 1.1 s. The room above it is for the machine and for the 200 clients on the same core.
    assert against(visit, settings=SETTINGS, run=run_loop) < 6.0


def _assert_whole(answer: RawAnswer) -> None:
    assert answer.complete
    assert answer.events.count(b'"content":"word"') + answer.events.count(b'"content":" word"') == 50
    assert answer.events.endswith(b"data: [DONE]\n\n")
