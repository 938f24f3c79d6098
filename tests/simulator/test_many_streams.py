"""Two hundred streams at fifty events a second, of all protocols, in one process with their clients."""

from __future__ import annotations

import asyncio
import itertools
import time
from typing import TYPE_CHECKING

from prober.simulator.settings import Pace, SimulatorSettings
from tests.simulator.company import against
from tests.simulator.tongues import TONGUES, ask, events_of

if TYPE_CHECKING:
    import aiohttp

    from prober.simulator.serve import Simulator
    from tests.conftest import Runner

STREAMS = 200
SETTINGS = SimulatorSettings(pace=Pace(head_seconds=0.0, first_token_seconds=0.1, tokens_per_second=50.0))


def test_many_streams_are_all_whole_and_in_time(run_loop: Runner[float]) -> None:
    """Each has all its tokens and its end; together they take hardly longer than one."""

    async def visit(simulator: Simulator, _: aiohttp.ClientSession) -> float:
        tongues = list(itertools.islice(itertools.cycle(TONGUES.values()), STREAMS))
        began = time.perf_counter()
        async with asyncio.TaskGroup() as tasks:
            asking = [ask(simulator, tongue, "Write 50 words.", stream=True, quiet=5.0) for tongue in tongues]
            streams = [tasks.create_task(each) for each in asking]
        taken = time.perf_counter() - began
        for tongue, stream in zip(tongues, streams, strict=True):
            answer = stream.result()
            assert answer.complete
            assert tongue.said(events_of(tongue, answer)) == " ".join(["word"] * 50)
        return taken

    # One stream takes 1.1 s, and one after the other they would take minutes. The room is for a busy machine.
    assert against(visit, settings=SETTINGS, run=run_loop) < 20
