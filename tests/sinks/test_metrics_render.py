"""Rendering in slices: how the loop stays free, and who shares what."""

from __future__ import annotations

import asyncio
import gzip
import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from prober.model.run import Outcome
from prober.sinks.metrics.scrape import SLICE_NS, Renderer
from tests.sinks.metrics_cases import KnownStates, metrics_of, names, probe, result, samples_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from prober.sinks.metrics import Metrics, Scrape

OPENMETRICS = "application/openmetrics-text; version=1.0.0"


@dataclass(slots=True)
class Ticks:
    """A clock that goes on by so much at every look, and knows in which round of the loop it was looked at."""

    step_ns: int
    now_ns: int = 0
    round: int = 0
    looks: list[int] = field(default_factory=list)

    def __call__(self) -> int:
        self.now_ns += self.step_ns
        self.looks.append(self.round)
        return self.now_ns

    async def count_rounds(self) -> None:
        """Turn with the loop until cancelled."""
        while True:
            self.round += 1
            await asyncio.sleep(0)


async def read(scrape: Scrape) -> bytes:
    """The whole body."""
    return b"".join([piece async for piece in scrape.pieces])


async def _all(ticks: Ticks, *chunks: Iterator[str]) -> list[list[bytes]]:
    renderer = Renderer(ticks)

    async def pieces(each: Iterator[str]) -> list[bytes]:
        return [piece async for piece in renderer.pieces(each, gzip=False)]

    async with asyncio.TaskGroup() as group:
        rounds = group.create_task(ticks.count_rounds())
        tasks = [group.create_task(pieces(each)) for each in chunks]
        done = [await task for task in tasks]
        rounds.cancel()
    return done


def test_a_render_yields_to_the_loop_after_every_slice() -> None:
    """With a chunk a third of a slice long there are three chunks in a round of the loop, and never more."""
    ticks = Ticks(step_ns=SLICE_NS // 3 + 1)
    (pieces,) = asyncio.run(_all(ticks, (f"{number}\n" for number in range(30))))
    assert b"".join(pieces) == b"".join(b"%d\n" % number for number in range(30))
    assert len(pieces) == 10
    assert len(set(ticks.looks)) >= 10


@pytest.mark.parametrize("readers", [2, 5])
def test_renders_at_the_same_time_do_one_slice_a_round_together(readers: int) -> None:
    """More scrapes take longer, and block the loop no longer."""
    ticks = Ticks(step_ns=SLICE_NS // 3 + 1)
    bodies = asyncio.run(_all(ticks, *[(f"{number}\n" for number in range(30)) for _ in range(readers)]))
    assert len({b"".join(body) for body in bodies}) == 1
    looks_per_slice = 5  # at its begin, after each of three chunks, at its end
    rounds = [len(list(looks)) for _, looks in itertools.groupby(ticks.looks)]
    assert max(rounds) <= looks_per_slice


def test_a_slice_ends_when_its_text_is_long_enough() -> None:
    """Joining and compressing take time as well, however fast the chunks came."""
    ticks = Ticks(step_ns=0)
    (pieces,) = asyncio.run(_all(ticks, ("x" * 10_000 for _ in range(100))))
    assert len(pieces) > 10
    assert sum(map(len, pieces)) == 1_000_000
    assert max(map(len, pieces)) <= 80_000


def test_a_slow_reader_keeps_nobody_waiting() -> None:
    """One reader stops in the middle; another gets the whole body."""
    metrics = _filled(50)

    async def go() -> bytes:
        stuck = metrics.scrape()
        async for _ in stuck.pieces:
            break
        return await asyncio.wait_for(read(metrics.scrape()), 10)

    body = asyncio.run(go())
    assert _of_probes(body) == _of_probes(metrics.render_now())


def _filled(count: int = 3, states: KnownStates | None = None) -> Metrics:
    probes = [probe(f"{kind}-{number}", kind) for number in range(count) for kind in ("http", "chat", "login")]
    metrics = metrics_of(*probes, states=states)
    for each in probes:
        metrics.record(each, result())
    return metrics


def _of_probes(body: bytes) -> list[bytes]:
    return [line for line in body.splitlines() if b'probe="' in line]


@pytest.mark.parametrize(
    ("accept", "accept_encoding", "content_type", "unpack"),
    [
        ("", "", "text/plain; version=0.0.4; charset=utf-8", bytes),
        ("", "gzip", "text/plain; version=0.0.4; charset=utf-8", gzip.decompress),
        (OPENMETRICS, "", "application/openmetrics-text; version=1.0.0; charset=utf-8", bytes),
        (OPENMETRICS, "gzip", "application/openmetrics-text; version=1.0.0; charset=utf-8", gzip.decompress),
    ],
)
def test_every_format_and_encoding_has_the_same_series(
    accept: str, accept_encoding: str, content_type: str, unpack: Callable[[bytes], bytes]
) -> None:
    """And says what it is."""
    metrics = _filled()
    scrape = metrics.scrape(accept=accept, accept_encoding=accept_encoding)
    assert scrape.content_type == content_type
    assert scrape.content_encoding == (accept_encoding or None)
    body = unpack(asyncio.run(read(scrape)))
    assert _of_probes(body) == _of_probes(metrics.render_now())
    samples_of(body.decode(), openmetrics=bool(accept))


def test_compressed_scrapes_at_the_same_time_share_a_render() -> None:
    """The first renders for itself; all that asked meanwhile share one more."""
    states = KnownStates()
    metrics = _filled(20, states)

    async def go() -> list[bytes]:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(read(metrics.scrape(accept_encoding="gzip"))) for _ in range(10)]
        return [task.result() for task in tasks]

    bodies = asyncio.run(go())
    assert states.asked == 2
    assert {tuple(_of_probes(gzip.decompress(body))) for body in bodies} == {tuple(_of_probes(metrics.render_now()))}


def test_nobody_gets_values_from_before_it_asked() -> None:
    """A run that ended while another scrape is under way is in the body of who asks now."""
    metrics = _filled(20)
    late = probe("http-0")

    async def go() -> bytes:
        async with asyncio.TaskGroup() as group:
            first = group.create_task(read(metrics.scrape(accept_encoding="gzip")))
            for _ in range(3):
                await asyncio.sleep(0)
            metrics.record(late, result(Outcome.SLOW))
            second = group.create_task(read(metrics.scrape(accept_encoding="gzip")))
        assert first.result()
        return second.result()

    body = gzip.decompress(asyncio.run(go())).decode()
    slow = [line for line in body.splitlines() if 'probe="http-0"' in line and 'result="slow"' in line]
    assert [line.rpartition(" ")[2] for line in slow] == ["1.0"]


def test_a_reader_that_goes_away_strands_nobody() -> None:
    """Who waited for its render makes one."""
    metrics = _filled(20)

    async def go() -> bytes:
        async with asyncio.TaskGroup() as group:
            first = group.create_task(read(metrics.scrape(accept_encoding="gzip")))
            await asyncio.sleep(0)
            second = group.create_task(read(metrics.scrape(accept_encoding="gzip")))
            await asyncio.sleep(0)
            first.cancel()
        return second.result()

    assert _of_probes(gzip.decompress(asyncio.run(go()))) == _of_probes(metrics.render_now())


def test_a_reload_in_the_middle_of_a_scrape_does_not_mix_configurations() -> None:
    """The body is that of the configuration with which it began."""
    metrics = _filled(20)

    async def go() -> bytes:
        pieces = metrics.scrape().pieces
        head = await anext(pieces)
        metrics.configure((probe("fresh"),), "fra1")
        return head + b"".join([piece async for piece in pieces])

    body = asyncio.run(go()).decode()
    assert 'probe="fresh"' not in body
    found = samples_of(body)
    assert len({dict(labels).get("probe") for name, labels in found if name == "prober_probe_runs_total"}) == 60
    assert len({dict(labels).get("probe") for name, labels in found if name == "prober_probe_interval_seconds"}) == 60


def test_what_a_render_took_from_the_loop_is_shown_by_the_next() -> None:
    """In seconds."""
    metrics = _filled()
    assert "prober_scrape_render_seconds" not in names(samples_of(asyncio.run(read(metrics.scrape())).decode()))
    found = samples_of(asyncio.run(read(metrics.scrape())).decode())
    assert 0.0 < found["prober_scrape_render_seconds", frozenset()] < 5.0
