"""The literal lines of each protocol's stream, and what only some protocols can do."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.simulator.company import KEY, RawAnswer, against, question, raw, request_bytes
from tests.simulator.tongues import NONCE, TONGUES, Tongue, ask, events_of, exactly

if TYPE_CHECKING:
    import aiohttp

    from prober.simulator.serve import Simulator

EVERY = pytest.mark.parametrize("tongue", TONGUES.values(), ids=lambda tongue: tongue.name)


def _answer(name: str, *faults: dict[str, object], stream: bool = True, **how: Any) -> RawAnswer:
    async def visit(simulator: Simulator, _: aiohttp.ClientSession) -> RawAnswer:
        return await ask(simulator, TONGUES[name], exactly(), stream=stream, **how)

    return against(visit, faults={"chat": list(faults)})


def _plain(events: bytes) -> str:
    """The events without what differs from one request to the next."""
    plain = re.sub(r"(msg|resp|rs|v1)_[\w-]{20,}", r"\1_X", events.decode())
    plain = re.sub(r'"(signature|responseId)":"[\w-]{8,}"', r'"\1":"X"', plain)
    plain = re.sub(r'"(created|updated|created_at)":"20[^"]+"', r'"\1":"T"', plain)
    return re.sub(r'"(\w+_duration)":\d+', r'"\1":1', plain)


def test_anthropic_s_lines() -> None:
    """Named events; a thinking block whose text is left out, then the text, then the end with its usage."""
    assert _plain(_answer("anthropic", model="parrot-2-thinking").events) == (
        'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_X","type":"message",'
        '"role":"assistant","model":"parrot-2-thinking","content":[],"stop_reason":null,"stop_sequence":null,"usage":'
        '{"input_tokens":17,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":1,'
        '"service_tier":"standard"}}}\n\n'
        'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":'
        '{"type":"thinking","thinking":"","signature":""}}\n\n'
        'event: ping\ndata: {"type":"ping"}\n\n'
        'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":'
        '{"type":"signature_delta","signature":"X"}}\n\n'
        'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n'
        'event: content_block_start\ndata: {"type":"content_block_start","index":1,"content_block":'
        '{"type":"text","text":""}}\n\n'
        'event: content_block_delta\ndata: {"type":"content_block_delta","index":1,"delta":'
        '{"type":"text_delta","text":"OK-7"}}\n\n'
        'event: content_block_delta\ndata: {"type":"content_block_delta","index":1,"delta":'
        '{"type":"text_delta","text":"391"}}\n\n'
        'event: content_block_stop\ndata: {"type":"content_block_stop","index":1}\n\n'
        'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null,'
        '"stop_details":null},"usage":{"output_tokens":30,"output_tokens_details":{"thinking_tokens":28}}}\n\n'
        'event: message_stop\ndata: {"type":"message_stop"}\n\n'
    )


def test_the_lines_of_interactions() -> None:
    """Named events of steps, the counts at the end, and a sentinel."""
    assert _plain(_answer("gemini-interactions", model="parrot-2-thinking").events) == (
        'event: interaction.created\ndata: {"interaction":{"id":"v1_X","status":"in_progress","object":"interaction",'
        '"model":"parrot-2-thinking"},"event_type":"interaction.created"}\n\n'
        'event: interaction.status_update\ndata: {"interaction_id":"v1_X","status":"in_progress",'
        '"event_type":"interaction.status_update"}\n\n'
        'event: step.start\ndata: {"index":0,"step":{"type":"thought"},"event_type":"step.start"}\n\n'
        'event: step.delta\ndata: {"index":0,"delta":{"signature":"X","type":"thought_signature"},'
        '"event_type":"step.delta"}\n\n'
        'event: step.stop\ndata: {"index":0,"event_type":"step.stop"}\n\n'
        'event: step.start\ndata: {"index":1,"step":{"type":"model_output"},"event_type":"step.start"}\n\n'
        'event: step.delta\ndata: {"index":1,"delta":{"text":"OK-7","type":"text"},"event_type":"step.delta"}\n\n'
        'event: step.delta\ndata: {"index":1,"delta":{"text":"391","type":"text"},"event_type":"step.delta"}\n\n'
        'event: step.stop\ndata: {"index":1,"event_type":"step.stop"}\n\n'
        'event: interaction.completed\ndata: {"interaction":{"id":"v1_X","status":"completed","object":"interaction",'
        '"model":"parrot-2-thinking","usage":{"total_tokens":47,"total_input_tokens":17,"input_tokens_by_modality":'
        '[{"modality":"text","tokens":17}],"total_cached_tokens":0,"total_output_tokens":2,"total_tool_use_tokens":0,'
        '"total_thought_tokens":28},"created":"T","updated":"T","service_tier":"standard"},'
        '"event_type":"interaction.completed"}\n\n'
        "event: done\ndata: [DONE]\n\n"
    )


def test_gemini_s_lines() -> None:
    """Data alone; the last chunk has text, finish reason and all counts, and nothing follows."""
    shared = '"modelVersion":"parrot-2","responseId":"X"}\n\n'
    assert _plain(_answer("gemini").events) == (
        'data: {"candidates":[{"content":{"parts":[{"text":"OK-7"}],"role":"model"},"index":0}],"usageMetadata":'
        '{"promptTokenCount":17,"totalTokenCount":17},' + shared + 'data: {"candidates":[{"content":{"parts":'
        '[{"text":"391"}],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":17,'
        '"candidatesTokenCount":2,"totalTokenCount":19,"promptTokensDetails":[{"modality":"TEXT","tokenCount":17}]},'
        + shared
    )


def test_ollama_s_lines() -> None:
    """An object a line; the last is done."""
    head = '{"model":"parrot-2","created_at":"T","message":{"role":"assistant","content":'
    assert _plain(_answer("ollama").events) == (
        f'{head}"OK-7"}},"done":false}}\n{head}"391"}},"done":false}}\n'
        f'{head}""}},"done":true,"done_reason":"stop","total_duration":1,"load_duration":1,"prompt_eval_duration":1,'
        '"eval_duration":1,"prompt_eval_count":17,"eval_count":2}\n'
    )


def test_the_events_of_responses_come_in_their_order() -> None:
    """Each with its number; the specification's sequence."""
    answer = _answer("openai-responses")
    names = re.findall(r"event: (.+)", answer.events.decode())
    assert names == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]
    events = events_of(TONGUES["openai-responses"], answer)
    assert [event["type"] for event in events] == names
    assert [event["sequence_number"] for event in events] == list(range(len(names)))
    assert b"[DONE]" not in answer.events


@EVERY
def test_a_stream_may_be_cut_at_any_byte(tongue: Tongue) -> None:
    """So much of it and no more, then a proper end of the connection; a whole answer is shorter than it says."""
    full = _answer(tongue.name).events

    async def visit(simulator: Simulator, _: aiohttp.ClientSession) -> None:
        for size in (0, 1, 100, len(full) // 2, len(full) // 2 + 1, 1_000_000):
            simulator.faults.replace({"chat": [{"fault": "truncate", "bytes": size}]})
            answer = await ask(simulator, tongue, exactly(), stream=True)
            assert answer.complete
            assert abs(len(answer.events) - min(size, len(full))) <= (0 if size < len(full) else 200)
        simulator.faults.replace({"chat": [{"fault": "truncate", "bytes": 10}]})
        answer = await ask(simulator, tongue, exactly(), stream=False)
        assert (len(answer.body), answer.ended) == (10, "eof")

    against(visit)


@EVERY
@pytest.mark.parametrize("stream", [False, True])
def test_a_bulky_answer_is_one_event(tongue: Tongue, stream: bool) -> None:
    """All of the text at once."""
    events = events_of(tongue, _answer(tongue.name, {"fault": "bulky", "size": 300_000}, stream=stream))
    assert tongue.said(events) == "x" * 300_000


@EVERY
@pytest.mark.parametrize("stream", [False, True])
def test_a_gateway_s_headers_are_added(tongue: Tongue, stream: bool) -> None:
    """Whatever the document says, on every answer."""
    fault: dict[str, object] = {"fault": "headers", "headers": {"x-litellm-attempted-fallbacks": "1"}}
    assert b"x-litellm-attempted-fallbacks: 1" in _answer(tongue.name, fault, stream=stream).head.lower()


@EVERY
def test_an_error_breaks_a_whole_answer_off_with_status_200(tongue: Tongue) -> None:
    """In the protocol's own form."""
    answer = _answer(tongue.name, {"fault": "error_chunk", "error": "overloaded"}, stream=False)
    body = json.loads(answer.body)
    assert answer.status == 200
    if tongue.name == "gemini-interactions":
        assert (body["status"], body["errors"][0]["code"]) == ("failed", "service_unavailable")
    elif tongue.name == "openai-responses":
        assert (body["status"], body["error"]["code"]) == ("failed", "server_error")
    else:
        assert body["error"]


@EVERY
@pytest.mark.parametrize("after", ["role", 1])
def test_pings_of_a_pause_are_no_content(tongue: Tongue, after: str | int) -> None:
    """After the pause all goes on as if nothing had been."""
    fault: dict[str, object] = {"fault": "stall", "after": after, "pings": True, "ping_seconds": 0.02, "seconds": 0.1}
    answer = _answer(tongue.name, fault)
    assert tongue.said(events_of(tongue, answer)) == NONCE
    pings = answer.events.count(b": ping\n\n") + answer.events.count(b"event: ping\n")
    assert (pings >= 4) is (tongue.name != "ollama")


@pytest.mark.parametrize(
    ("name", "more", "thought"),
    [
        ("gemini", {"generationConfig": {"thinkingConfig": {"include_thoughts": True}}}, '"text":"The","thought":true'),
        (
            "anthropic",
            {"thinking": {"type": "adaptive", "display": "summarized"}},
            '{"type":"thinking_delta","thinking":"The"}',
        ),
        ("gemini-interactions", {"generation_config": {"thinking_summaries": "auto"}}, '"type":"thought_summary"'),
        ("openai-responses", {"reasoning": {"summary": "auto"}}, '"delta":"The"'),
        ("openai-chat", {}, '"delta":{"reasoning_content":"The"}'),
        ("ollama", {}, '"message":{"role":"assistant","content":"","thinking":"The"}'),
    ],
)
def test_thoughts_are_shown_on_request(name: str, more: dict[str, Any], thought: str) -> None:
    """A piece each, before the text; Chat Completions and Ollama show them unasked."""
    answer = _answer(name, model="parrot-2-thinking", more=more)
    assert thought in answer.events.decode()
    assert TONGUES[name].said(events_of(TONGUES[name], answer)) == NONCE
    assert answer.events.decode().index(thought) < answer.events.decode().index('"391"')


@pytest.mark.parametrize(
    ("faults", "status", "size"),
    [
        ([], None, 2),
        ([{"fault": "error_chunk", "error": "overloaded", "after": 1}], 503, 2),
        ([{"fault": "length"}], None, 1),
    ],
    ids=["well", "broken off", "no text"],
)
def test_without_alt_sse_gemini_s_stream_is_a_growing_array(
    faults: list[dict[str, object]], status: int | None, size: int
) -> None:
    """Elements come one by one, and at its end it is JSON; an error is an element."""

    async def visit(simulator: Simulator, _: aiohttp.ClientSession) -> RawAnswer:
        request = TONGUES["gemini"].request(exactly(), stream=True).replace(b"?alt=sse", b"")
        return await raw(simulator, request)

    answer = against(visit, faults={"chat": faults})
    assert b"content-type: application/json" in answer.head.lower()
    chunks = json.loads(answer.events)
    assert len(chunks) == size
    assert chunks[-1].get("error", {}).get("code") == status


def test_ollama_s_lines_keep_their_ends() -> None:
    """A bare carriage return ends no line of JSON, so a framing with it leaves the lines alone."""
    answer = _answer("ollama", {"fault": "framing", "newline": "cr", "piece": 4096})
    assert TONGUES["ollama"].said(events_of(TONGUES["ollama"], answer)) == NONCE


def test_anthropic_s_cached_tokens_are_beside_the_others() -> None:
    """The input is the sum of the three."""

    async def visit(simulator: Simulator, _: aiohttp.ClientSession) -> None:
        tongue, prompt = TONGUES["anthropic"], "x" * 8000
        told = []
        for _index in range(2):
            (message,) = events_of(tongue, await ask(simulator, tongue, prompt, stream=False))
            told.append((message["usage"]["input_tokens"], message["usage"]["cache_read_input_tokens"]))
        assert told == [(2007, 0), (983, 1024)]

    against(visit)


def test_gemini_tells_what_it_read_from_its_cache() -> None:
    """Inside the prompt's count."""

    async def visit(simulator: Simulator, _: aiohttp.ClientSession) -> None:
        tongue, prompt = TONGUES["gemini"], "x" * 8000
        told = [events_of(tongue, await ask(simulator, tongue, prompt, stream=False))[0] for _index in range(2)]
        assert "cachedContentTokenCount" not in told[0]["usageMetadata"]
        assert told[1]["usageMetadata"]["cachedContentTokenCount"] == 1024
        assert told[1]["usageMetadata"]["promptTokenCount"] == told[0]["usageMetadata"]["promptTokenCount"]

    against(visit)


@pytest.mark.parametrize(("limit", "status"), [(1, 400), (3, 400), (4, 200)])
def test_a_reasoning_model_needs_room_to_begin(limit: int, status: int) -> None:
    """Chat Completions refuses a smaller limit with the sentence that says so."""

    async def visit(simulator: Simulator, _: aiohttp.ClientSession) -> None:
        body = {**question(max_completion_tokens=limit), "model": "parrot-2-thinking"}
        answer = await raw(simulator, request_bytes("/v1/chat/completions", method="POST", body=body, key=KEY))
        assert answer.status == status
        assert (b"max_tokens or model output limit was reached" in answer.body) is (status == 400)

    against(visit)


@pytest.mark.parametrize("stream", [False, True])
def test_a_fault_may_be_limited_to_one_protocol(stream: bool) -> None:
    """By its path; the others answer as ever."""
    fault: dict[str, object] = {"fault": "error", "error": "overloaded", "path": "/v1beta/models/*"}
    for tongue in TONGUES.values():
        assert _answer(tongue.name, fault, stream=stream).status == (503 if tongue.name == "gemini" else 200)
