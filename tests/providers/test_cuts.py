"""A stream that is cut anywhere: a failure that is explained, never a success, never an exception."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
import uvloop

from prober.model.errors import ErrorClass
from prober.model.run import Outcome
from tests.providers.asking import loaded, runner, said
from tests.providers.speech import SPEECHES, Speech
from tests.providers.wire import Act, Asked, End, body, chunked, serving, until_closed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from prober.model.run import Result
    from tests.conftest import Runner

EVERY = pytest.mark.parametrize("speech", SPEECHES.values(), ids=str)
AT_ONCE = 8


def _streamed(speech: Speech, asked: Asked) -> bytes:
    return b"".join(speech.stream(speech.text(asked)))


async def _all_cuts(
    speech: Speech, places: range, cut: Callable[[Asked, int, str], Iterable[Act]], **keys: Any
) -> list[Result]:
    """The results of an answer that is cut after so many bytes, for all these numbers; the request id is the number."""
    asked_for, left = iter(places), iter(places)
    results: list[Result] = []

    def script(asked: Asked) -> Iterable[Act]:
        at = next(asked_for)
        return cut(asked, at, f"x-request-id: {at}")

    async with serving(script) as site, runner() as run:
        probe = loaded(site.url + speech.path, protocol=speech.protocol, timeout="20s", **keys)

        async def worker() -> None:
            for _ in left:
                results.append(await run(probe))  # noqa: PERF401 - others append as well

        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(worker())
    assert {result.request_id for result in results} == {str(at) for at in places}
    return results


def _assert_explained(results: list[Result]) -> None:
    for result in results:
        assert result.outcome is Outcome.FAIL, result
        assert result.failure is not None
        assert result.failure.error_class is not ErrorClass.PROBER_ERROR, result


def _classes(results: list[Result]) -> set[ErrorClass]:
    return {result.failure.error_class for result in results if result.failure is not None}


def _length(speech: Speech) -> int:
    return len(b"".join(speech.stream("12345678")))


@EVERY
def test_cut_at_every_byte(speech: Speech) -> None:
    """A clean end of the connection, that nothing but the protocol's end marker can tell from a whole answer."""

    def cut(asked: Asked, at: int, header: str) -> Iterable[Act]:
        return until_closed(_streamed(speech, asked)[:at], header, kind=speech.kind)

    results = uvloop.run(_all_cuts(speech, range(_length(speech)), cut))
    _assert_explained(results)
    assert {said(result) for result in results} == {"stream_truncated no_terminator stream unknown"}


@EVERY
def test_cut_inside_a_chunked_body(speech: Speech, run_loop: Runner[list[Result]]) -> None:
    """The body's own end is missing as well."""

    def cut(asked: Asked, at: int, header: str) -> Iterable[Act]:
        data = _streamed(speech, asked)
        opened = next(iter(chunked([], header, kind=speech.kind)))
        return [opened, b"%x\r\n" % len(data) + data[:at], End.CLOSE]

    results = run_loop(_all_cuts(speech, range(0, _length(speech), 13), cut))
    _assert_explained(results)
    assert _classes(results) == {ErrorClass.STREAM_TRUNCATED}
    assert {result.failure.detail for result in results if result.failure} == {"body_truncated"}


@EVERY
def test_reset_anywhere(speech: Speech, run_loop: Runner[list[Result]]) -> None:
    """A reset is called one, wherever it comes."""

    def cut(asked: Asked, at: int, header: str) -> Iterable[Act]:
        return [*until_closed(_streamed(speech, asked)[:at], header, kind=speech.kind), End.RESET]

    results = run_loop(_all_cuts(speech, range(0, _length(speech), 101), cut))
    _assert_explained(results)
    assert _classes(results) == {ErrorClass.CONNECTION_RESET}


@EVERY
def test_a_whole_answer_cut_at_any_byte(speech: Speech, run_loop: Runner[list[Result]]) -> None:
    """Half a JSON document is none."""

    def document(text: str) -> bytes:
        return body(speech.whole(text, speech.stop)).partition(b"\r\n\r\n")[2]

    def cut(asked: Asked, at: int, header: str) -> Iterable[Act]:
        return until_closed(document(speech.text(asked))[:at], header, kind="application/json")

    results = run_loop(_all_cuts(speech, range(0, len(document("12345678")), 7), cut, stream=False))
    _assert_explained(results)
    assert {said(result) for result in results} == {"unexpected_response not_json transfer target"}
