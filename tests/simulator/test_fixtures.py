"""The acceptance cases: on the wire of every protocol they are literally what the list says."""

from __future__ import annotations

import asyncio
import json
import re
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from prober.simulator.faults.document import parse
from prober.simulator.fixtures import CHAT, Fixture, load, named
from tests.simulator.company import RawAnswer, against
from tests.simulator.tongues import NONCE, TONGUES, Tongue, ask, events_of, exactly

if TYPE_CHECKING:
    import aiohttp

    from prober.simulator.serve import Simulator

Check = Callable[[Tongue, RawAnswer], None]

FIRST = "OK-7"
"""The first token of the answer."""

ENDS = {
    "openai-chat": b"data: [DONE]\n\n",
    "azure-openai": b"data: [DONE]\n\n",
    "openai-responses": b"event: response.completed\n",
    "anthropic": b'event: message_stop\ndata: {"type":"message_stop"}\n\n',
    "gemini": b'"finishReason":"STOP"',
    "gemini-interactions": b"event: interaction.completed\n",
    "ollama": b'"done":true',
}
LENGTHS = {
    "openai-chat": b'"finish_reason":"length"',
    "azure-openai": b'"finish_reason":"length"',
    "openai-responses": b'"incomplete_details":{"reason":"max_output_tokens"}',
    "anthropic": b'"stop_reason":"max_tokens"',
    "gemini": b'"finishReason":"MAX_TOKENS"',
    "gemini-interactions": b'"status":"incomplete"',
    "ollama": b'"done_reason":"length"',
}
FINISHES = {
    "openai-chat": b'"finish_reason":"stop"',
    "azure-openai": b'"finish_reason":"stop"',
    "openai-responses": b"event: response.output_item.done\n",
    "anthropic": b'"stop_reason":"end_turn"',
    "gemini-interactions": b"event: step.stop\n",
}
MODELS = {
    "gemini": b'"modelVersion":"parrot-2-fallback"',
    **dict.fromkeys(set(CHAT) - {"gemini"}, b'"model":"parrot-2-fallback"'),
}
SERVER_ERROR = b'"message":"The server had an error while processing your request. Sorry about that!"'


def _said(tongue: Tongue, answer: RawAnswer) -> str:
    return tongue.said(events_of(tongue, answer))


def _normal(tongue: Tongue, answer: RawAnswer) -> None:
    assert (answer.status, answer.ended, answer.complete) == (200, "eof", True)
    assert _said(tongue, answer) == NONCE
    assert ENDS[tongue.name] in answer.events


def _without_content(tongue: Tongue, answer: RawAnswer) -> None:
    assert (answer.status, answer.ended, answer.complete) == (200, "silence", False)
    ping = {"anthropic": b'event: ping\ndata: {"type":"ping"}\n\n', "ollama": b"nothing"}.get(
        tongue.name, b": ping\n\n"
    )
    assert (answer.body.count(ping) >= 2) is (tongue.name != "ollama")
    assert FIRST.encode() not in answer.body


def _broken_off(ended: str, *, complete: bool) -> Check:
    def check(tongue: Tongue, answer: RawAnswer) -> None:
        assert (answer.status, answer.ended, answer.complete) == (200, ended, complete)
        assert FIRST.encode() in answer.body
        assert b'"391"' not in answer.body
        assert ENDS[tongue.name] not in answer.body

    return check


def _without_marker(tongue: Tongue, answer: RawAnswer) -> None:
    assert (answer.status, answer.ended, answer.complete) == (200, "eof", True)
    assert _said(tongue, answer) == NONCE
    assert FINISHES[tongue.name] in answer.events
    assert ENDS[tongue.name] not in answer.events


def _lone_done(_: Tongue, answer: RawAnswer) -> None:
    assert (answer.status, answer.complete, answer.events) == (200, True, b"data: [DONE]\n\n")


def _ends_with(*tails: bytes, said: str = FIRST) -> Check:
    """Status 200, the first token, and one of these as the end."""

    def check(tongue: Tongue, answer: RawAnswer) -> None:
        assert (answer.status, answer.complete) == (200, True)
        assert answer.events.endswith(tails)
        assert said.encode() in answer.events

    return check


def _whole_or(check: Check, *parts: bytes) -> Check:
    """A stream passes the check, a whole answer has status 200 and these parts."""

    def either(tongue: Tongue, answer: RawAnswer) -> None:
        if answer.complete:
            check(tongue, answer)
            return
        assert answer.status == 200
        assert [part for part in parts if part not in answer.body] == []

    return either


def _refused(status: int | None, *parts: bytes, headers: tuple[bytes, ...] = ()) -> Check:
    def check(_: Tongue, answer: RawAnswer) -> None:
        assert answer.status == status or (status is None and answer.status >= 400)
        assert [part for part in parts if part not in answer.body] == []
        assert [header for header in headers if header not in answer.head.lower()] == []

    return check


def _used_up(tongue: Tongue, answer: RawAnswer) -> None:
    assert answer.status == 200
    events = events_of(tongue, answer)
    assert tongue.said(events) == ""
    assert LENGTHS[tongue.name] in answer.events
    _, _, written, reasoning = tongue.told(events)
    assert written == 28
    assert reasoning == 28 or (tongue.name == "ollama" and not answer.complete)


def _quota(tongue: Tongue, answer: RawAnswer) -> None:
    words = {
        "anthropic": b'"error_code":"enforced_spend_limit_reached"',
        "gemini": b'"quotaId":"GenerateRequestsPerDayPerProjectPerModel"',
        "gemini-interactions": b'"code":"quota_exceeded"',
    }
    assert answer.status == 429
    assert words.get(tongue.name, b'"code":"insufficient_quota"') in answer.body


def _overloaded(tongue: Tongue, answer: RawAnswer) -> None:
    statuses = {"azure-openai": 429, "anthropic": 529}
    assert answer.status == statuses.get(tongue.name, 503)
    words = rb"overloaded|high demand|service is unavailable|server busy"
    assert re.search(words, answer.body, re.IGNORECASE)


def _long_header(tongue: Tongue, answer: RawAnswer) -> None:
    assert answer.status == 200
    assert max(map(len, answer.head.split(b"\r\n"))) > 8190
    assert _said(tongue, answer) == NONCE


def _in_pieces(tongue: Tongue, answer: RawAnswer) -> None:
    head = answer.head.lower().replace(b"transfer-encoding", b"x-was")
    joined = RawAnswer(head=head, body=answer.events.replace(b"\r\n", b"\n"), ended="eof")
    assert _said(tongue, joined) == NONCE
    assert answer.events.count(b"\n") == answer.events.count(b"\r\n") > 1
    assert answer.body.startswith(b"7\r\n" + answer.events[:7] + b"\r\n7\r\n")


def _usage_chunk(tongue: Tongue, answer: RawAnswer) -> None:
    _normal(tongue, answer)
    last = events_of(tongue, answer)[-1]
    assert (last["choices"], last["usage"]["completion_tokens"]) == ([], 2)


def _half_gzip(_: Tongue, answer: RawAnswer) -> None:
    assert answer.status == 200
    assert b"content-encoding: gzip" in answer.head.lower()
    unpacking = zlib.decompressobj(31)
    unpacking.decompress(answer.events)
    assert not unpacking.eof


def _redirected(_: Tongue, answer: RawAnswer) -> None:
    assert answer.status == 302
    assert b"location: /login" in answer.head.lower()


def _other_model(tongue: Tongue, answer: RawAnswer) -> None:
    assert answer.status == 200
    assert MODELS[tongue.name] in answer.events
    assert _said(tongue, answer) == NONCE


RAW_JSON = (
    b'{\n  "error": {\n    "code": 503,\n    "message": "The model is overloaded. Please try again later.",\n'
    b'    "status": "UNAVAILABLE"\n  }\n}\n'
)
CHALLENGE = (b"cf-mitigated: challenge", b"server: cloudflare")
CHECKS: dict[str, Check] = {
    "normal": _normal,
    "role-then-silence": _without_content,
    "silence-in-content": _broken_off("silence", complete=False),
    "reset-in-content": _broken_off("reset", complete=False),
    "end-without-marker": _without_marker,
    "end-in-content": _broken_off("eof", complete=True),
    "lone-done": _lone_done,
    "error-chunk-then-done": _ends_with(
        b'data: {"error":{' + SERVER_ERROR + b',"type":"server_error","param":null,"code":null}}\n\ndata: [DONE]\n\n'
    ),
    "error-in-stream": _ends_with(
        b'event: error\ndata: {"error":{"code":"internal_error","message":"An internal error has occurred."},'
        b'"event_type":"error"}\n\nevent: done\ndata: [DONE]\n\n',
        b'{"error":"an error was encountered while running the model"}\n',
    ),
    "openrouter-error-without-choices": _ends_with(
        b'"error":{"code":429,"message":"Rate limit exceeded","metadata":{"error_type":"rate_limit_exceeded"}},'
        b'"choices":[]}\n\ndata: [DONE]\n\n'
    ),
    "openrouter-error-choice": _whole_or(
        _ends_with(
            b'"error":{"code":429,"message":"Rate limit exceeded","metadata":{"error_type":"rate_limit_exceeded"}},'
            b'"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}\n\ndata: [DONE]\n\n'
        ),
        b'"message":{"role":"assistant","content":"OK-7"},"finish_reason":"error","error":{"code":429,',
    ),
    "responses-flat-error": _ends_with(
        b'event: error\ndata: {"type":"error","sequence_number":5,"code":"server_error",'
        + SERVER_ERROR
        + b',"param":null}\n\n'
    ),
    "response-failed": _whole_or(
        lambda _, answer: _assert_failed(answer.events.rpartition(b"event: ")[2]),
        b'"status":"failed"',
        b'"error":{"code":"server_error",' + SERVER_ERROR + b"}",
    ),
    "anthropic-overloaded-event": _ends_with(
        b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n'
    ),
    "gemini-raw-json-error": _ends_with(b"\n\n" + RAW_JSON),
    "length-used-up-by-reasoning": _used_up,
    "output-limit-text": _refused(400, b"max_tokens or model output limit was reached"),
    "rate-limit-429": _refused(429),
    "quota-429": _quota,
    "overload-429": lambda _, answer: _assert_match(answer, 429, rb"high demand|temporarily out of capacity"),
    "overload": _overloaded,
    "credit-balance-400": _refused(400, b'"type":"invalid_request_error","message":"Your credit balance is too low'),
    "gemini-bad-key-400": _refused(400, b'"reason":"API_KEY_INVALID"', b'"status":"INVALID_ARGUMENT"'),
    "error-as-text": lambda _, answer: _assert_match(answer, 401, rb'^\{"error":"Unauthorized"\}$'),
    "error-in-array": lambda _, answer: _assert_match(answer, 503, rb'^\[\{"error":\{"code":503,.*\}\]$'),
    "html-200": _refused(200, b"<!DOCTYPE html>", headers=(b"content-type: text/html",)),
    "challenge-403": _refused(403, b"_cf_chl_opt", b"Just a moment", headers=CHALLENGE),
    "challenge-429": _refused(429, b"_cf_chl_opt", headers=CHALLENGE),
    "edge-524": _refused(524, b"Error code 524", headers=(b"cf-error-type: 52x", b"content-type: text/html")),
    "loading-model": lambda _, answer: _assert_match(
        answer, 503, rb'^\{"error":\{"code":503,"message":"Loading model","type":"unavailable_error"\}\}$'
    ),
    "long-header": _long_header,
    "pieces-and-crlf": _in_pieces,
    "usage-without-choices": _usage_chunk,
    "half-of-a-gzip": _half_gzip,
    "redirect-to-login": _redirected,
    "wrong-model": _other_model,
}


def _assert_failed(event: bytes) -> None:
    name, _, data = event.partition(b"\ndata: ")
    assert name == b"response.failed"
    failed = json.loads(data)
    assert (failed["type"], failed["sequence_number"], failed["response"]["status"]) == ("response.failed", 5, "failed")
    assert failed["response"]["error"]["code"] == "server_error"


def _assert_match(answer: RawAnswer, status: int, pattern: bytes) -> None:
    assert answer.status == status
    assert re.search(pattern, answer.body)


ON_CHAT = [
    pytest.param(
        fixture, TONGUES[name], stream, id=f"{fixture.number}-{fixture.name}-{name}-{'stream' if stream else 'whole'}"
    )
    for fixture in load()
    for name in fixture.protocols
    if name in TONGUES
    for stream in ((fixture.stream,) if fixture.stream is not None else (False, True))
]


@pytest.mark.parametrize(("fixture", "tongue", "stream"), ON_CHAT)
def test_a_case_of_chat(fixture: Fixture, tongue: Tongue, stream: bool) -> None:
    """Bytes, statuses, headers and ends are those of the list, in the protocol's own form."""

    async def visit(simulator: Simulator, _: aiohttp.ClientSession) -> RawAnswer:
        if fixture.number == 2:
            return await _watched(simulator, tongue.request(exactly(), stream=True), seconds=0.28)
        return await ask(simulator, tongue, exactly(), stream=stream, quiet=0.12)

    CHECKS[fixture.name](tongue, against(visit, faults=fixture.faults))


async def _watched(simulator: Simulator, request: bytes, *, seconds: float) -> RawAnswer:
    """What comes in so many seconds on a connection that does not end."""
    reader, writer = await asyncio.open_connection(simulator.host, simulator.port)
    writer.write(request)
    await asyncio.sleep(seconds)
    received = await reader.read(65_536)
    assert not reader.at_eof()
    writer.close()
    head, _, body = received.partition(b"\r\n\r\n")
    return RawAnswer(head=head, body=body, ended="silence")


def test_every_number_of_the_list_is_there() -> None:
    """32 numbers, names of their own, documents without a mistake, and a check for each."""
    fixtures = load()
    assert sorted({fixture.number for fixture in fixtures}) == list(range(1, 33))
    assert len({fixture.name for fixture in fixtures}) == len(fixtures)
    for fixture in fixtures:
        parse(fixture.faults, ["parrot", "magpie"])
    assert {fixture.name for fixture in fixtures if set(fixture.protocols) & set(TONGUES)} == CHECKS.keys()
    assert named("lone-done").number == 6


def test_a_billing_limit_of_images() -> None:
    """400 with the code of the hard limit."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        async with _order(simulator, http) as response:
            assert response.status == 400
            assert (await response.json())["error"]["code"] == "billing_hard_limit_reached"

    against(visit, faults=named("billing-hard-limit-400").faults)


def test_a_line_of_megabytes() -> None:
    """One data line of base64, which decodes to a picture of four megabytes."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        async with _order(simulator, http, stream=True) as response:
            lines = (await response.read()).splitlines()
        longest = max(lines, key=len)
        assert len(longest) > 5_500_000
        assert json.loads(longest[len("data: ") :])["type"] == "image_generation.completed"

    against(visit, faults=named("line-of-megabytes").faults)


def _order(simulator: Simulator, http: aiohttp.ClientSession, **more: object) -> Any:
    body = {"model": "parrot-image-1", "prompt": "a grey square", **more}
    headers = {"Authorization": "Bearer sk-parrot-probe-key"}
    return http.post(f"{simulator.url}/v1/images/generations", json=body, headers=headers)


@pytest.mark.parametrize(("name", "indicator"), [("status-page-empty", None), ("status-page-unknown-words", "wobbly")])
def test_a_status_page_that_means_nothing(name: str, indicator: str | None) -> None:
    """An empty object, or words that nobody knows, with status 200."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        async with http.get(f"{simulator.url}/status/api/v2/summary.json") as response:
            assert response.status == 200
            summary = await response.json()
        assert summary.get("status", {}).get("indicator") == indicator
        assert [each["status"] for each in summary.get("components", [])] == (["limping"] if indicator else [])

    against(visit, faults=named(name).faults)


async def _submit(simulator: Simulator, http: aiohttp.ClientSession, protocol: str) -> str:
    """Begin a job, and return where to ask about it."""
    path, body = {
        "openai-videos": ("/v1/videos", {"model": "parrot-video-1", "prompt": "grey", "seconds": "4"}),
        "openai-background": ("/v1/responses", {"model": "parrot-2", "input": exactly(), "background": True}),
        "veo": ("/v1beta/models/parrot-video-1:predictLongRunning", {"instances": [{"prompt": "grey"}]}),
    }[protocol]
    async with http.post(simulator.url + path, json=body) as response:
        assert response.status == 200, await response.text()
        job = await response.json()
    return f"{simulator.url}/v1beta/{job['name']}" if protocol == "veo" else f"{simulator.url}{path}/{job['id']}"


async def _polls(simulator: Simulator, http: aiohttp.ClientSession, protocol: str, count: int) -> list[tuple[int, Any]]:
    http.headers.update({"Authorization": "Bearer sk-parrot-probe-key", "x-goog-api-key": "sk-parrot-probe-key"})
    place = await _submit(simulator, http, protocol)
    found = []
    for _ in range(count):
        await asyncio.sleep(0.02)
        async with http.get(place) as response:
            found.append((response.status, await response.json()))
    return found


JOBS = pytest.mark.parametrize("protocol", named("job-failed").protocols)


@JOBS
def test_a_job_is_queued_for_ever(protocol: str) -> None:
    """Every poll is answered, and none says more than the first."""
    polls = against(
        lambda simulator, http: _polls(simulator, http, protocol, 12), faults=named("job-queued-for-ever").faults
    )
    assert [status for status, _ in polls] == [200] * 12
    states = {"done": False} if protocol == "veo" else {"status": "queued"}
    assert all(states.items() <= job.items() for _, job in polls)


@JOBS
def test_a_job_fails(protocol: str) -> None:
    """HTTP says 200, the job says what went wrong."""
    polls = against(lambda simulator, http: _polls(simulator, http, protocol, 12), faults=named("job-failed").faults)
    status, job = polls[-1]
    assert status == 200
    assert job["done"] is True if protocol == "veo" else job["status"] == "failed"
    assert job["error"]["message"] == "The server had an error while processing your request."
    assert job["error"]["code"] == (13 if protocol == "veo" else "server_error")


@JOBS
def test_polls_fail_now_and_then(protocol: str) -> None:
    """Some polls are 500, and the job is done all the same."""
    polls = against(
        lambda simulator, http: _polls(simulator, http, protocol, 24), faults=named("polls-fail-now-and-then").faults
    )
    statuses = [status for status, _ in polls]
    assert set(statuses) == {200, 500}
    last = next(job for status, job in reversed(polls) if status == 200)
    assert last["done"] is True if protocol == "veo" else last["status"] == "completed"
