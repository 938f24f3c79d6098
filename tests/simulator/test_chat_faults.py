"""Everything that can go wrong with an answer: what it says, how it ends, how its stream breaks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from prober.simulator.errors import ERRORS
from tests.simulator.company import RawAnswer, against, ask, data_of, question, raw, request_bytes

if TYPE_CHECKING:
    import aiohttp

    from prober.simulator.serve import Simulator
    from tests.conftest import Runner

PATH = "/v1/chat/completions"
WORDS = "Write 8 words."


def _streamed(*faults: dict[str, object], text: str = WORDS, **how: Any) -> RawAnswer:
    """The stream of an eight-word answer under these faults."""

    async def visit(simulator: Simulator, _: aiohttp.ClientSession) -> RawAnswer:
        body = question(text, stream=True, stream_options={"include_usage": True, "include_obfuscation": False})
        return await raw(simulator, request_bytes(PATH, method="POST", body=body))

    answer: RawAnswer = against(visit, faults={"chat": list(faults)}, **how)
    return answer


def _whole(*faults: dict[str, object], text: str = "[n-1] Reply with exactly: n-1") -> tuple[int, Any]:
    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> tuple[int, Any]:
        status, answer, _ = await ask(simulator, http, question(text))
        return status, answer

    return against(visit, faults={"chat": list(faults)})


def _contents(chunks: list[Any]) -> list[str]:
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks if chunk != "[DONE]" and chunk.get("choices")]
    return [delta["content"] for delta in deltas if "content" in delta]


@pytest.mark.parametrize(
    ("after", "sent"),
    [("head", []), ("role", [""]), (0, [""]), (2, ["", "word", " word"]), (999, None), ("finish", None)],
    ids=str,
)
@pytest.mark.parametrize("fault", ["stall", "reset", "truncate"])
def test_a_stream_breaks_where_it_is_told_to(
    fault: str, after: str | int, sent: list[str] | None, run_loop: Runner[RawAnswer]
) -> None:
    """Before the role, after it, after so many tokens, or after the finish; by silence, a reset or a clean end."""
    answer = _streamed({"fault": fault, "after": after}, run=run_loop)
    assert answer.ended == {"stall": "silence", "reset": "reset", "truncate": "eof"}[fault]
    assert answer.status == 200
    assert answer.complete is (fault == "truncate")
    events = answer.events if answer.complete else _without_chunks(answer.body)
    chunks = data_of(events)
    assert "[DONE]" not in chunks
    if sent is not None:
        assert _contents(chunks) == sent
    else:
        assert "".join(_contents(chunks)) == " ".join(["word"] * 8)
    finished = any(chunk["choices"][0]["finish_reason"] for chunk in chunks)
    assert finished is (after == "finish")


def _without_chunks(body: bytes) -> bytes:
    """The events of a chunked body that has no end."""
    return b"".join(line + b"\n\n" for line in body.split(b"\n") if line.startswith(b"data: "))


@pytest.mark.parametrize("after", ["start", "head", "role", 2])
def test_a_stalled_stream_may_ping(after: str | int) -> None:
    """Comments keep the connection alive, and are no content; before the head there are none."""
    answer = _streamed({"fault": "stall", "after": after, "pings": True, "ping_seconds": 0.02, "seconds": 0.2})
    assert answer.ended == "eof"
    assert (answer.events.count(b": ping\n\n") > 2) is (after != "start")
    assert "".join(_contents(data_of(answer.events))) == " ".join(["word"] * 8)


def test_a_stall_for_good_pings_for_good() -> None:
    """The client sees bytes, and never an end."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> bytes:
        received = b""
        headers = {"Authorization": "Bearer sk-parrot-probe-key"}
        async with http.post(simulator.url + PATH, json=question(stream=True), headers=headers) as response:
            while received.count(b": ping\n\n") < 5:
                received += await response.content.readany()
        return received

    faults = {"chat": [{"fault": "stall", "after": "role", "pings": True, "ping_seconds": 0.01}]}
    received = against(visit, faults=faults)
    assert _contents(data_of(received)) == [""]


def test_a_stall_with_an_end_delays_what_follows() -> None:
    """All of the answer comes, with a gap."""
    answer = _streamed({"fault": "stall", "after": 3, "seconds": 0.1})
    assert answer.ended == "eof"
    assert data_of(answer.events)[-1] == "[DONE]"


@pytest.mark.parametrize(
    ("fault", "last"),
    [
        ({}, [{"error": ERRORS["openai.server_error"].error_object}, "[DONE]"]),
        ({"done": False}, [{"error": ERRORS["openai.server_error"].error_object}]),
        ({"error": "vllm.unauthorized"}, [{"error": "Unauthorized"}, "[DONE]"]),
        (
            {"error": "anthropic.overloaded"},
            [{"error": {"type": "overloaded_error", "message": "Overloaded"}}, "[DONE]"],
        ),
    ],
    ids=["bare", "without done", "a text", "another provider's"],
)
def test_an_error_object_breaks_a_stream_off(fault: dict[str, object], last: list[object]) -> None:
    """HTTP stays 200, the error is a chunk, and `[DONE]` may follow."""
    answer = _streamed({"fault": "error_chunk", "after": 2, **fault})
    chunks = data_of(answer.events)
    assert answer.status == 200
    assert chunks[-len(last) :] == last
    assert _contents(chunks) == ["", "word", " word"]


def test_openrouter_s_error_chunk_has_a_choice_that_failed() -> None:
    """The error stands beside ``choices`` with ``finish_reason: error``."""
    shape = {"error": "openrouter.rate_limit", "shape": "openrouter", "after": "role"}
    chunk = data_of(_streamed({"fault": "error_chunk", **shape}).events)[-2]
    assert chunk["error"]["metadata"] == {"error_type": "rate_limit_exceeded"}
    assert chunk["choices"] == [{"index": 0, "delta": {"content": ""}, "finish_reason": "error"}]
    assert chunk["object"] == "chat.completion.chunk"


def test_an_error_chunk_may_have_no_choices() -> None:
    """As gateways in the wild send it."""
    chunk = data_of(_streamed({"fault": "error_chunk", "shape": "empty_choices"}).events)[-2]
    assert chunk["choices"] == []
    assert chunk["error"]["type"] == "server_error"


def test_a_whole_answer_may_be_an_error_with_status_200() -> None:
    """What a gateway sends that has promised 200 already."""
    status, answer = _whole({"fault": "error_chunk", "error": "openrouter.provider_unavailable"})
    assert (status, answer["error"]["code"]) == (200, 502)


def test_a_lone_done_is_all_there_is() -> None:
    """Exactly these bytes."""
    answer = _streamed({"fault": "lone_done"})
    assert (answer.status, answer.events) == (200, b"data: [DONE]\n\n")


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("fault", "model"), [({}, "parrot-2-fallback"), ({"served": "parrot-1"}, "parrot-1")])
def test_another_model_answers(fault: dict[str, object], model: str, stream: bool) -> None:
    """The answer names the model that served it."""
    fault = {"fault": "wrong_model", **fault}
    served = data_of(_streamed(fault).events)[0] if stream else _whole(fault)[1]
    assert served["model"] == model


@pytest.mark.parametrize(
    ("fault", "text", "finish", "usage"),
    [
        ({"fault": "empty"}, "", "stop", (15, 0, 0)),
        ({"fault": "filtered"}, "", "content_filter", (15, 0, 0)),
        ({"fault": "length"}, "", "length", (15, 28, 28)),
        ({"fault": "length", "reasoning": False, "after": 1}, "n-1", "length", (15, 1, 0)),
        ({"fault": "wrong_answer"}, "I would rather talk about the weather.", "stop", (15, 11, 0)),
        ({"fault": "wrong_answer", "text": "n-2"}, "n-2", "stop", (15, 1, 0)),
        ({"fault": "replay"}, "OK-7391", "stop", (0, 0, 0)),
    ],
    ids=["empty", "filtered", "length", "length with text", "weather", "other nonce", "replay"],
)
def test_an_answer_that_is_not_the_answer(
    fault: dict[str, object], text: str, finish: str, usage: tuple[int, int, int]
) -> None:
    """Text, finish reason and usage (prompt, completion, reasoning) are what such an answer has."""
    answer = _whole(fault)[1]
    choice, told = answer["choices"][0], answer["usage"]
    assert (choice["message"]["content"], choice["finish_reason"]) == (text, finish)
    reasoning = told["completion_tokens_details"]["reasoning_tokens"]
    assert (told["prompt_tokens"], told["completion_tokens"], reasoning) == usage
    chunks = data_of(_streamed(fault, text="[n-1] Reply with exactly: n-1").events)
    assert "".join(_contents(chunks)) == text
    assert chunks[-3]["choices"][0]["finish_reason"] == finish
    assert chunks[-2]["usage"] == told


def test_a_server_may_ignore_that_it_should_stream() -> None:
    """A JSON object to ``stream: true``."""
    answer = _streamed({"fault": "not_streamed"})
    assert b"content-type: application/json" in answer.head.lower()
    assert answer.body.startswith(b'{"id":"chatcmpl-')


@pytest.mark.parametrize(("newline", "end"), [("lf", b"\n\n"), ("crlf", b"\r\n\r\n"), ("cr", b"\r\r")])
def test_a_correct_stream_in_odd_pieces(newline: str, end: bytes) -> None:
    """Line ends and TCP segments vary, the events do not."""
    answer = _streamed({"fault": "framing", "newline": newline, "piece": 100})
    assert answer.complete
    assert answer.events.endswith(b"data: [DONE]" + end)
    plain = answer.events.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    assert "".join(_contents(data_of(plain))) == " ".join(["word"] * 8)
    assert set(re.findall(rb"(?:^|\r\n)([0-9a-f]+)\r\ndata: \{", answer.body)) == {b"64"}


@pytest.mark.parametrize(
    "fault",
    [{"fault": "slow_pace", "tokens_per_second": 40}, {"fault": "latency", "seconds": 0.025, "per": "token"}],
    ids=["slow pace", "latency per token"],
)
def test_tokens_may_come_slowly(fault: dict[str, object]) -> None:
    """Seven gaps of a fortieth of a second take a sixth of one."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> float:
        status, _answer, response = await ask(simulator, http, question(WORDS))
        assert status == 200
        return int(response.headers["openai-processing-ms"]) / 1000

    assert against(visit, faults={"chat": [fault]}) > 0.17


def test_faults_add_up() -> None:
    """Another model's answer, delayed, and cut."""
    answer = _streamed(
        {"fault": "wrong_model"}, {"fault": "truncate", "after": 1}, {"fault": "latency", "seconds": 0.01}
    )
    chunks = data_of(answer.events)
    assert len(chunks) == 2
    assert chunks[1]["model"] == "parrot-2-fallback"
