"""Chat Completions as OpenAI speaks it, byte by byte."""

from __future__ import annotations

import asyncio
import io
import json
import re
import time
from typing import TYPE_CHECKING, Any

import pytest

from prober.simulator.settings import Pace, SimulatorSettings
from tests.simulator.company import KEY, against, ask, data_of, question, raw, request_bytes

if TYPE_CHECKING:
    import aiohttp

    from prober.simulator.serve import Simulator
    from tests.conftest import Runner

PATH = "/v1/chat/completions"


def _stream(body: dict[str, object]) -> bytes:
    async def visit(simulator: Simulator, _: aiohttp.ClientSession) -> bytes:
        answer = await raw(simulator, request_bytes(PATH, method="POST", body={**body, "stream": True}))
        assert answer.complete
        return answer.events

    return against(visit)


def test_a_stream_has_the_literal_lines_of_the_api(run_loop: Runner[bytes]) -> None:
    """Role with empty content, a chunk a token, finish, usage without choices, `[DONE]`; each line is the API's."""
    body = question(stream=True, stream_options={"include_usage": True, "include_obfuscation": False})

    async def visit(simulator: Simulator, _: aiohttp.ClientSession) -> bytes:
        return (await raw(simulator, request_bytes(PATH, method="POST", body=body))).events

    events = against(visit, run=run_loop)
    found = re.match(rb'data: \{"id":"(chatcmpl-[0-9a-f]+)","object":"chat.completion.chunk","created":(\d+),', events)
    assert found is not None
    start = (
        b'data: {"id":"%b","object":"chat.completion.chunk","created":%b,"model":"parrot-2","service_tier":"default",'
        b'"system_fingerprint":"fp_%b","choices":['
    ) % (*found.groups(), re.findall(rb"fp_(\w+)", events)[0])
    assert events == (
        start + b'{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,'
        b'"finish_reason":null}],"usage":null}\n\n'
        + start
        + b'{"index":0,"delta":{"content":"n-1"},"logprobs":null,"finish_reason":null}],"usage":null}\n\n'
        + start
        + b'{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"usage":null}\n\n'
        + start
        + b'],"usage":{"prompt_tokens":15,"completion_tokens":1,"total_tokens":16,'
        b'"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":'
        b'{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}}\n\n'
        b"data: [DONE]\n\n"
    )


def test_without_options_chunks_are_obfuscated_and_tell_no_usage() -> None:
    """Obfuscation is on by default, usage is not; no chunk is without choices."""
    chunks = data_of(_stream(question()))
    assert all(re.fullmatch(r"[\w-]{4,16}", chunk["obfuscation"]) for chunk in chunks[:-1])
    assert all("usage" not in chunk and chunk["choices"] for chunk in chunks[:-1])
    assert chunks[-1] == "[DONE]"


@pytest.mark.parametrize(
    ("prompt", "text"),
    [
        ("[abc] Reply with exactly: abc", "abc"),
        ("reply with EXACTLY:  two  words  \nand nothing else", "two  words"),
        ('Reply with exactly: Grüße, 世界 "quoted" \\', 'Grüße, 世界 "quoted" \\'),
        ("Write 3 words.", "word word word"),
        ("Who are you?", "I am Parrot. I say what I am told to say."),
    ],
)
def test_it_says_what_it_is_told_to_say(prompt: str, text: str) -> None:
    """Streamed and whole answers have the same text, so that a nonce comes back."""
    chunks = data_of(_stream(question(prompt)))
    assert "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks[:-1]) == text

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> Any:
        return (await ask(simulator, http, question(prompt)))[1]

    assert against(visit)["choices"][0]["message"]["content"] == text


def test_a_whole_answer_has_the_api_s_object_and_headers() -> None:
    """Object, usage and headers that a client of OpenAI reads."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        status, answer, response = await ask(simulator, http)
        assert status == 200
        assert answer["object"] == "chat.completion"
        assert answer["choices"] == [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "n-1", "refusal": None, "annotations": []},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ]
        assert answer["usage"]["total_tokens"] == 16
        assert response.headers["x-request-id"].startswith("req_")
        assert int(response.headers["openai-processing-ms"]) < 1000
        assert response.headers["x-ratelimit-limit-requests"] == "500"
        assert response.headers["x-ratelimit-remaining-requests"] == "499"
        assert response.headers["x-ratelimit-reset-requests"] == "120ms"
        assert response.headers["x-ratelimit-remaining-tokens"] == str(200_000 - 16)
        _, _, second = await ask(simulator, http)
        assert second.headers["x-ratelimit-remaining-requests"] == "498"

    against(visit)


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_the_output_limit_is_kept(name: str) -> None:
    """A limit below the answer cuts it, and the finish reason says so."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> Any:
        return (await ask(simulator, http, question("Write 9 words.", **{name: 2})))[1]

    answer = against(visit)
    assert answer["choices"][0]["finish_reason"] == "length"
    assert answer["choices"][0]["message"]["content"] == "word word"
    assert answer["usage"]["completion_tokens"] == 2


@pytest.mark.parametrize(
    ("parameters", "visible", "reasons", "finish"),
    [
        ({}, "n-1", True, "stop"),
        ({"reasoning_effort": "none"}, "n-1", False, "stop"),
        ({"max_completion_tokens": 8}, "", True, "length"),
    ],
    ids=["thinks", "told not to", "limit used up by thoughts"],
)
def test_a_reasoning_model_thinks_first(
    parameters: dict[str, object], visible: str, reasons: bool, finish: str
) -> None:
    """Reasoning comes as its own deltas, counts as output, and uses up the limit."""
    body = {**question(stream_options={"include_usage": True}), **parameters, "model": "parrot-2-thinking"}
    chunks = data_of(_stream(body))
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks[:-2]]
    assert "".join(delta.get("content", "") for delta in deltas) == visible
    thoughts = sum("reasoning_content" in delta for delta in deltas)
    assert (thoughts > 0) is reasons
    assert chunks[-2]["usage"]["completion_tokens_details"]["reasoning_tokens"] == thoughts
    assert chunks[-3]["choices"][0]["finish_reason"] == finish


def test_a_long_prompt_is_read_from_the_cache_the_second_time() -> None:
    """Cached tokens are counted inside the prompt's."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        body = question("x" * 8000)
        cached = [(await ask(simulator, http, body))[1]["usage"]["prompt_tokens_details"]["cached_tokens"]]
        usage = (await ask(simulator, http, body))[1]["usage"]
        cached.append(usage["prompt_tokens_details"]["cached_tokens"])
        assert cached == [0, 1024]
        assert usage["prompt_tokens"] > 2000

    against(visit)


@pytest.mark.parametrize(
    ("body", "param", "code"),
    [
        ({"model": "parrot-2"}, "messages", "missing_required_parameter"),
        ({"model": "parrot-2", "messages": []}, "messages", "empty_array"),
        ({"model": "parrot-2", "messages": "hi"}, "messages", "invalid_type"),
        ({"model": "parrot-2", "messages": [3]}, "messages[0]", "invalid_type"),
        ({"model": "parrot-2", "messages": [{"role": "king", "content": "x"}]}, "messages[0].role", "invalid_value"),
        ({"model": "parrot-2", "messages": [{"role": "user", "content": 3}]}, "messages[0].content", "invalid_type"),
        (question(temperature=3), "temperature", "decimal_above_max_value"),
        (question(top_p=-1), "top_p", "decimal_below_min_value"),
        (question(temperature="hot"), "temperature", "invalid_type"),
        (question(max_tokens=0), "max_tokens", "integer_below_min_value"),
        (question(max_tokens="many"), "max_tokens", "invalid_type"),
        (question(stream="yes"), "stream", "invalid_type"),
        (question(stream_options={"include_usage": True}), "stream_options", None),
        (question(stream=True, stream_options=3), "stream_options", "invalid_type"),
        (question(n=2), "n", "unsupported_value"),
        (question(reasoning_effort="none", temprature=1), None, None),
        (question(reasoning_effort="hard"), "reasoning_effort", "invalid_value"),
        (question(reasoning_effort="low"), "reasoning_effort", "unsupported_parameter"),
        ({**question(max_tokens=5), "model": "parrot-2-thinking"}, "max_tokens", "unsupported_parameter"),
        ({**question(), "model": "parrot-embedding-1"}, "model", "unsupported_model"),
        ({"messages": []}, None, None),
        ([1], None, None),
    ],
)
def test_a_wrong_request_is_refused_with_its_parameter(body: object, param: str | None, code: str | None) -> None:
    """400, and the error object names what is wrong."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        status, answer, response = await ask(simulator, http, body)
        assert status == 400
        assert answer["error"].keys() == {"message", "type", "param", "code"}
        assert (answer["error"]["param"], answer["error"]["code"]) == (param, code)
        assert answer["error"]["type"] == "invalid_request_error"
        assert response.headers["x-request-id"].startswith("req_")

    against(visit)


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"[" * 100_000], ids=["cut", "no text", "nested too deeply"])
def test_a_body_that_is_no_json_is_refused(body: bytes) -> None:
    """400 in the API's format, whatever the bytes are."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        async with http.post(simulator.url + PATH, data=body, headers=headers) as response:
            assert response.status == 400
            assert "JSON" in (await response.json())["error"]["message"]

    against(visit)


@pytest.mark.parametrize(
    ("key", "code", "shown"),
    [("sk-wrong-key-0123456789", "invalid_api_key", "sk-wrong***********6789"), (None, None, "Bearer")],
)
def test_a_wrong_key_is_refused(key: str | None, code: str | None, shown: str) -> None:
    """401; the key is shown only in parts."""

    async def visit(simulator: Simulator, _: aiohttp.ClientSession) -> None:
        answer = await raw(simulator, request_bytes(PATH, method="POST", body=question(), key=key))
        error = json.loads(answer.body)["error"]
        assert (answer.status, error["code"]) == (401, code)
        assert shown in error["message"]

    against(visit)


def test_a_body_that_is_too_large_is_refused() -> None:
    """413 in the API's format."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        async with http.post(simulator.url + PATH, data=io.BytesIO(b" " * (17 << 20)), headers=headers) as response:
            assert response.status == 413
            assert (await response.json())["error"]["type"] == "invalid_request_error"

    against(visit)


def test_an_unknown_model_is_missing() -> None:
    """404 with the code that says so."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        status, answer, _ = await ask(simulator, http, {**question(), "model": "parrot-9"})
        assert (status, answer["error"]["code"]) == (404, "model_not_found")
        assert "`parrot-9` does not exist" in answer["error"]["message"]

    against(visit)


def test_content_may_come_in_parts_and_after_a_system_message() -> None:
    """The last user message is what is answered."""
    parts = [{"type": "text", "text": "Reply with "}, {"type": "text", "text": "exactly: parts"}]
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Reply with exactly: before"},
        {"role": "assistant", "content": None},
        {"role": "user", "content": parts},
    ]

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> Any:
        return (await ask(simulator, http, {"model": "parrot-2", "messages": messages}))[1]

    assert against(visit)["choices"][0]["message"]["content"] == "parts"


def test_the_second_provider_has_its_own_key_and_models() -> None:
    """Under its prefix everything is the same, and nothing of the first one's works."""

    async def visit(simulator: Simulator, http: aiohttp.ClientSession) -> None:
        url = simulator.urls["magpie"] + PATH
        body = {**question(), "model": "magpie-2"}
        for key, status in ((KEY, 401), ("sk-magpie-probe-key", 200)):
            async with http.post(url, json=body, headers={"Authorization": f"Bearer {key}"}) as response:
                assert response.status == status

    against(visit)


def test_tokens_keep_their_pace(run_loop: Runner[list[float]]) -> None:
    """Due times are absolute: the last of many tokens is not later than the first."""
    settings = SimulatorSettings(pace=Pace(head_seconds=0.0, first_token_seconds=0.1, tokens_per_second=100.0))

    async def visit(simulator: Simulator, _: aiohttp.ClientSession) -> list[float]:
        reader, writer = await asyncio.open_connection(simulator.host, simulator.port)
        began = time.perf_counter()
        body = question("Write 60 words.", stream=True, stream_options={"include_obfuscation": False})
        writer.write(request_bytes(PATH, method="POST", body=body))
        times: list[float] = []
        while True:
            line = await reader.readline()
            if b'"content":" word"' in line:
                times.append(time.perf_counter() - began)
            if b"[DONE]" in line:
                writer.close()
                return times

    times = against(visit, settings=settings, run=run_loop)
    assert len(times) == 59
    late = [at - (0.11 + 0.01 * index) for index, at in enumerate(times)]
    assert min(late) > -0.003
    # The earliest arrivals tell the pace; single ones may be late on a busy machine.
    assert min(late[-20:]) < min(late[:20]) + 0.01


def test_http_1_0_gets_a_stream_without_chunks() -> None:
    """The end of the connection ends the stream."""

    async def visit(simulator: Simulator, _: aiohttp.ClientSession) -> None:
        request = request_bytes(PATH, method="POST", body=question(stream=True)).replace(b"HTTP/1.1", b"HTTP/1.0")
        answer = await raw(simulator, request)
        assert answer.ended == "eof"
        assert answer.body.startswith(b"data: {")
        assert answer.body.endswith(b"data: [DONE]\n\n")

    against(visit)


@pytest.mark.parametrize(("method", "path", "status"), [("GET", PATH, 405), ("POST", "/v1/nothing", 404)])
def test_unknown_urls_of_the_api_are_refused_in_its_format(method: str, path: str, status: int) -> None:
    """A client that takes a wrong turn gets JSON."""

    async def visit(simulator: Simulator, _: aiohttp.ClientSession) -> None:
        answer = await raw(simulator, request_bytes(path, method=method))
        assert answer.status == status
        assert json.loads(answer.body)["error"]["type"] == "invalid_request_error"

    against(visit)
