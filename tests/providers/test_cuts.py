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
from tests.providers.test_protocols import ROWS, Case
from tests.providers.wire import Act, Asked, End, Script, body, chunked, serving, until_closed

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


def _content(script: Script, asked: Asked) -> bytes:
    """What a case streams, without the chunks around it."""
    _head, *acts = [act for act in script(asked) if isinstance(act, bytes)]
    return b"".join(act.partition(b"\r\n")[2].removesuffix(b"\r\n") for act in acts)


async def _question(speech: Speech) -> Asked:
    """One as the probe asks it."""
    async with serving(lambda _asked: [body({})]) as site, runner() as run:
        await run(loaded(site.url + speech.path, protocol=speech.protocol))
        return site.asked[0]


async def _branch_cuts(speech: Speech, case: Case, step: int) -> list[Result]:
    """The results of a case cut from where it leaves the way of the good stream, which is cut by itself."""
    script, asked = case.play(speech), await _question(speech)
    content = _content(script, asked)
    good = _streamed(speech, asked)
    left = next(at for at in range(len(content) + 1) if content[: at + 1] != good[: at + 1] or at == len(content))

    def cut(asked: Asked, at: int, header: str) -> Iterable[Act]:
        return until_closed(_content(script, asked)[:at], header, kind=speech.kind)

    last = len(content) - (1 if case.number == 25 else 0)  # the last CR ends the line without its LF
    return await _all_cuts(speech, range(left, last, step), cut)


BRANCHES = {
    name: (case, speech, 1 if case.number not in {2, 25} else 19)
    for name, (case, speech) in ROWS.items()
    if case.number in {2, *range(5, 13), 25} and (case.number, speech.kind) != (25, "application/x-ndjson")
}
"""The cases that are streams of their own, and how many bytes are between two cuts: of pings and of CRLF some do."""


@pytest.mark.parametrize(("case", "speech", "step"), BRANCHES.values(), ids=BRANCHES)
def test_a_case_cut_at_every_byte(case: Case, speech: Speech, step: int) -> None:
    """An error of which half came is a stream that ended too early, and one that came whole is what it says."""
    results = uvloop.run(_branch_cuts(speech, case, step))
    assert results
    _assert_explained(results)
    whole = " ".join(case.says.split()[:2]) if case.number != 25 else ""
    for result in results:
        verdict = " ".join(said(result).split()[:2])
        assert verdict in {"stream_truncated no_terminator", whole}, (verdict, result.failure)
