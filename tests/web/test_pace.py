"""Long work in short slices, and shared work."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

from prober.web.pace import SLICE_NS, joined
from prober.web.sharing import Crowded, Shared
from tests.sinks.makers import SECOND, Watch

if TYPE_CHECKING:
    from collections.abc import Iterator


def _slow_pieces(count: int) -> Iterator[str]:
    for number in range(count):
        until = time.perf_counter_ns() + SLICE_NS // 4
        while time.perf_counter_ns() < until:
            pass
        yield f"{number}é\udc80,"


def test_others_have_their_turn_while_a_page_is_made() -> None:
    """After each slice the loop goes round."""

    async def main() -> tuple[bytes, int]:
        rounds = 0

        async def count() -> None:
            nonlocal rounds
            while True:
                rounds += 1
                await asyncio.sleep(0)

        async with asyncio.TaskGroup() as group:
            counting = group.create_task(count())
            body = await joined(_slow_pieces(200))
            counting.cancel()
        return body, rounds

    body, rounds = asyncio.run(main())
    assert body.decode() == "".join(f"{number}é?," for number in range(200))
    assert rounds >= 25


def test_a_long_body_is_joined_in_order() -> None:
    """More than one block comes out as one body."""
    pieces = [f"{number:08}" for number in range(100_000)]
    assert asyncio.run(joined(pieces)) == "".join(pieces).encode()


def test_every_request_gets_a_fresh_page() -> None:
    """As long as pages are quickly made, nobody sees an old one."""

    async def main() -> list[bytes]:
        watch, made = Watch(), iter(range(1_000))
        shared = Shared(watch.clock.monotonic_ns)

        async def make() -> bytes:
            watch.forward(SECOND // 1000)
            return str(next(made)).encode()

        return [await shared.body("/", make) for _ in range(20)]

    assert asyncio.run(main()) == [str(number).encode() for number in range(20)]


def test_in_a_storm_a_page_is_made_in_a_fifth_of_the_time() -> None:
    """A page of 50 ms that is asked for a hundred times a second takes 200 ms of each."""

    async def main() -> int:
        watch, made = Watch(), []
        shared = Shared(watch.clock.monotonic_ns)

        async def make() -> bytes:
            watch.forward(SECOND // 20)
            made.append(1)
            return b"page"

        began = watch.now_ns
        while watch.now_ns < began + 10 * SECOND:
            assert await shared.body("/", make) == b"page"
            watch.forward(SECOND // 100)
        return len(made)

    assert 35 <= asyncio.run(main()) <= 50


def test_few_pages_are_kept() -> None:
    """Asking for every probe's page in turn does not fill the memory."""

    async def main() -> int:
        shared = Shared()

        async def make() -> bytes:
            return b"x"

        for number in range(100):
            await shared.body(f"/probes/{number}", make)
        return len(shared._kept)

    assert asyncio.run(main()) == 8


def test_a_crowd_is_sent_away() -> None:
    """Beyond 32 that wait the next is told so, and one that gives up makes room."""

    async def main() -> None:
        shared, go = Shared(), asyncio.Event()

        async def make() -> bytes:
            await go.wait()
            return b"x"

        async with asyncio.TaskGroup() as group:
            waiting = [group.create_task(shared.body(f"{number}", make)) for number in range(32)]
            await asyncio.sleep(0)
            with pytest.raises(Crowded):
                await shared.body("one more", make)
            waiting[3].cancel()
            await asyncio.sleep(0)
            last = group.create_task(shared.body("one more", make))
            await asyncio.sleep(0)
            go.set()
        assert await last == b"x"

    asyncio.run(main())
