"""A body that is read as it arrives: each piece with its time, floods in turns, and failures to whoever reads."""

from __future__ import annotations

import asyncio
import gzip
import time
from typing import TYPE_CHECKING, Any

import pytest
from yarl import URL

from prober.http.client import Client
from prober.http.message import Request
from prober.http.network import HostNetwork
from prober.http.settings import HttpSettings, Limits
from prober.model.clock import Clock
from prober.model.errors import ProbeFailure
from prober.model.run import Run
from prober.model.setting import Size
from tests.providers.wire import Act, End, Pause, chunked, head, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.conftest import Runner

Taken = list[tuple[int, bytes]]


async def drained(acts: Iterable[Act], take: Callable[[int, bytes], bool], *, limits: Limits | None = None) -> None:
    """Everything that a server's answer of these acts makes of ``take``."""
    played = list(acts)
    async with serving(lambda _asked: played) as site, HostNetwork() as network:
        settings = HttpSettings(limits=limits or Limits())
        run = Run(clock=Clock(), network=network, timeout_ns=5 * 10**9)
        async with asyncio.timeout(5), Client(settings, run).stream(Request(url=URL(site.url))) as stream:
            await stream.drain(take)


def keeping(taken: Taken, *, until: bytes | None = None) -> Callable[[int, bytes], bool]:
    """Takes everything up to a piece with this in it."""

    def take(arrived_ns: int, piece: bytes) -> bool:
        taken.append((arrived_ns, piece))
        return until is not None and until in piece

    return take


def test_each_piece_has_its_arrival(run_loop: Runner[None]) -> None:
    """That of the moment in which it came, on the clock of the run."""
    taken: Taken = []
    began = time.perf_counter_ns()
    run_loop(drained(chunked([b"one", Pause(0.1), b"two", Pause(0.1), b"three"]), keeping(taken)))
    assert b"".join(piece for _, piece in taken) == b"onetwothree"
    times = [(arrived_ns - began) / 1e9 for arrived_ns, _ in taken]
    assert times == sorted(times)
    assert times[-1] - times[0] >= 0.15


ENDS: dict[str, tuple[list[Act], type[Exception]]] = {
    "reset": ([b"some", Pause(0.02), End.RESET], ConnectionResetError),
    "closed": ([b"some", Pause(0.02), End.CLOSE], Exception),
}


@pytest.mark.parametrize(("acts", "error"), ENDS.values(), ids=ENDS)
def test_what_ended_it_early_is_raised_after_what_came(
    acts: list[Act], error: type[Exception], run_loop: Runner[None]
) -> None:
    """Nothing is lost of what was there before."""
    taken: Taken = []
    with pytest.raises(error):
        run_loop(drained(chunked(acts), keeping(taken)))
    assert [piece for _, piece in taken] == [b"some"]


class Bug(Exception):
    """What nobody expected."""


@pytest.mark.parametrize("pause", [0.0, 0.05], ids=["at once", "while waiting"])
def test_what_a_reader_raises_reaches_whoever_waits(pause: float, run_loop: Runner[None]) -> None:
    """Also from inside of the connection's callback, where nobody would see it."""

    def take(_arrived_ns: int, _piece: bytes) -> bool:
        raise Bug

    with pytest.raises(Bug):
        run_loop(drained(chunked([Pause(pause), b"one", Pause(0.3), b"two"]), take))


def test_enough_is_enough(run_loop: Runner[None]) -> None:
    """What comes after it is not read, and how the connection ends does not matter."""
    taken: Taken = []
    acts: list[Act] = [b"one", Pause(0.02), b"two", Pause(0.02), b"three", End.RESET]
    run_loop(drained(chunked(acts), keeping(taken, until=b"two")))
    assert [piece for _, piece in taken] == [b"one", b"two"]


def test_a_flood_takes_its_turns(run_loop: Runner[None]) -> None:
    """Whoever else is there gets on with it; no piece is larger than a turn, and nothing is lost."""
    data = bytes(range(256)) * 8192
    taken: Taken = []
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def work() -> None:
        beside = asyncio.create_task(others())
        await drained(chunked([data[at : at + 65_536] for at in range(0, len(data), 65_536)]), keeping(taken))
        beside.cancel()

    run_loop(work())
    assert b"".join(piece for _, piece in taken) == data
    assert max(len(piece) for _, piece in taken) <= 2048
    assert turns >= len(data) // 2048


def test_the_bound_of_a_stream_counts(run_loop: Runner[None]) -> None:
    """In small pieces as in one."""
    taken: Taken = []
    with pytest.raises(ProbeFailure, match="longer than 100 bytes"):
        run_loop(drained(chunked([b"x" * 60, Pause(0.02), b"y" * 60]), keeping(taken), limits=Limits(stream=Size(100))))
    assert [piece for _, piece in taken] == [b"x" * 60]


@pytest.mark.parametrize("cut", [1, 7, 10_000])
def test_an_encoding_is_undone_piece_by_piece(cut: int, run_loop: Runner[None]) -> None:
    """However it is cut."""
    packed = gzip.compress(b"data: " + b"a" * 5000)
    pieces: list[Any] = [packed[at : at + cut] for at in range(0, len(packed), cut)]
    taken: Taken = []
    run_loop(drained(chunked(pieces, "Content-Encoding: gzip"), keeping(taken)))
    assert b"".join(piece for _, piece in taken) == b"data: " + b"a" * 5000


def test_a_body_without_a_byte(run_loop: Runner[None]) -> None:
    """Nothing is handed on."""
    taken: Taken = []
    run_loop(drained([head("Content-Length: 0")], keeping(taken)))
    assert taken == []
