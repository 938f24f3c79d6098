"""What an error tells besides that it is one, and answers that look like something else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from prober.http.sse import Event
from prober.providers import PROTOCOLS
from prober.providers.reply import Reply
from tests.providers.asking import ask, said
from tests.providers.speech import INTERACTIONS, OLLAMA, RESPONSES
from tests.providers.wire import Act, Asked, body, chunked

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.model.run import Result
    from tests.conftest import Runner


def _read(protocol: str, document: Any, name: str = "") -> Reply:
    reply = Reply()
    PROTOCOLS[protocol].event(Event(json.dumps(document), name), reply)
    return reply


@pytest.mark.parametrize(
    "delta",
    [{"text": "Hm"}, {"thought": "Hm"}, {"content": {"type": "text", "text": "Hm"}}],
    ids=["text", "thought", "content"],
)
def test_a_thought_of_interactions(delta: dict[str, Any]) -> None:
    """It is content, and no visible text, wherever its words are."""
    reply = _read("gemini-interactions", {"event_type": "step.delta", "delta": {"type": "thought", **delta}})
    assert (reply.contents, reply.thinking, reply.text) == (1, True, "")


BARE = {"message": "Rate limit reached", "code": "rate_limit_exceeded"}


@pytest.mark.parametrize("protocol", ["openai-chat", "azure-openai", "openai-responses", "anthropic"])
def test_an_event_named_error(protocol: str) -> None:
    """All of its data is the error."""
    assert _read(protocol, BARE, "error").error == BARE


def test_an_event_named_error_is_judged(run_loop: Runner[Result]) -> None:
    """By what the bare object says."""
    event = b"event: error\ndata: " + json.dumps(BARE).encode() + b"\n\n"
    result = run_loop(ask(lambda _asked: chunked([event])))
    assert said(result) == "rate_limited rate_limit stream us"


_GATEWAY = {"id": "gen-1", "model": "acme/x", "error": {"code": 502, "message": "no"}}
_OVERLOADED = {"type": "error", "error": {"type": "overloaded_error", "message": "no"}, "request_id": "req_1"}
_INNER = {"error": {"message": "no", "type": "server_error", "request_id": "req_2"}}


def test_an_error_has_a_name() -> None:
    """OpenRouter's chunk that ends a stream still tells the id and the model of the answer."""
    reply = _read("openai-chat", _GATEWAY)
    assert (reply.id, reply.model, reply.error) == ("gen-1", "acme/x", _GATEWAY)


IDS = {
    "stream-anthropic": ("anthropic", None, _OVERLOADED, (), "req_1"),
    "stream-gateway": ("openai-chat", None, _GATEWAY, (), "gen-1"),
    "stream-inner": ("openai-chat", None, _INNER, (), "req_2"),
    "body-anthropic": ("anthropic", "529 Overloaded", _OVERLOADED, (), "req_1"),
    "body-inner": ("openai-chat", "500 Internal Server Error", _INNER, (), "req_2"),
    "body-ok-anthropic": ("anthropic", "200 OK", _OVERLOADED, (), "req_1"),
    "header-first": ("anthropic", "529 Overloaded", _OVERLOADED, ("request-id: req_3",), "req_3"),
    "none": ("openai-chat", "500 Internal Server Error", {"error": {"request_id": 7}}, (), None),
}
"""The protocol, the status or None for a stream, the error, the headers, and the id to quote."""


@pytest.mark.parametrize(("protocol", "status", "document", "fields", "expected"), IDS.values(), ids=IDS)
def test_the_id_to_quote(
    protocol: str, status: str | None, document: Any, fields: tuple[str, ...], expected: str, run_loop: Runner[Result]
) -> None:
    """The header's, else the one that the error tells."""
    data = json.dumps(document).encode()

    def script(_asked: Asked) -> Iterable[Act]:
        return (
            chunked([b"data: " + data + b"\n\n"], *fields) if status is None else [body(data, *fields, status=status)]
        )

    result = run_loop(ask(script, protocol=protocol))
    assert result.failure is not None
    assert result.request_id == expected


STILL = {
    "openai-responses": (RESPONSES, ("queued", "in_progress")),
    "gemini-interactions": (INTERACTIONS, ("requires_action",)),
}


@pytest.mark.parametrize(
    ("protocol", "status"), [(name, status) for name, (_, statuses) in STILL.items() for status in statuses]
)
def test_an_answer_that_is_still_to_come(protocol: str, status: str, run_loop: Runner[Result]) -> None:
    """It is not complete, and no stream ended."""
    speech = STILL[protocol][0]
    document = {**speech.whole("12345678", speech.stop), "status": status}
    result = run_loop(ask(lambda _asked: [body(document)], protocol=protocol, stream=False))
    assert said(result) == "unexpected_response status transfer target"
    assert result.failure is not None
    assert result.failure.message.startswith(f"ended with {status}: the answer is not complete (request ")


def _lines(asked: Asked) -> list[bytes]:
    text = OLLAMA.asked_for(asked.json)
    return [*OLLAMA.opening, OLLAMA.say(text[:3]), OLLAMA.say(text[3:]), *OLLAMA.close("stop")]


@pytest.mark.parametrize("size", [1, 50, 10_000])
def test_lines_that_are_labelled_as_json(size: int, run_loop: Runner[Result]) -> None:
    """A first line that is not done says that it is a stream, however it is cut."""

    def script(asked: Asked) -> Iterable[Act]:
        data = b"".join(_lines(asked))
        return chunked([data[at : at + size] for at in range(0, len(data), size)], kind="application/json")

    result = run_loop(ask(script, path="", protocol="ollama"))
    assert said(result) == "ok", result.failure
    assert "first_token_seconds" in result.measures
    assert [phase.name for phase in result.phases][-2:] == ["first_token", "stream"]


def _done(asked: Asked) -> bytes:
    return json.dumps(OLLAMA.whole(OLLAMA.asked_for(asked.json), "stop")).encode()


JSON = {
    "whole": (_done, "unexpected_response not_streamed transfer target"),
    "indented": (lambda _asked: b'{\n  "done": false\n}\n', "unexpected_response not_streamed transfer target"),
    "error": (lambda _asked: b'{"error": "server busy, please try again."}\n', "overloaded capacity transfer target"),
    "empty": (lambda _asked: b"", "unexpected_response not_streamed transfer target"),
}


@pytest.mark.parametrize(("given", "says"), JSON.values(), ids=JSON)
def test_json_that_is_no_stream(given: Any, says: str, run_loop: Runner[Result]) -> None:
    """It is judged as the whole answer that it is."""
    result = run_loop(ask(lambda asked: [body(given(asked))], path="", protocol="ollama"))
    assert said(result) == says, result.failure
    assert [phase.name for phase in result.phases][-1] == "transfer"


OLLAMA_SAYS = {
    'model "x" not found, try pulling it first': "model_missing model stream us",
    "server busy, please try again.  maximum pending requests exceeded": "overloaded capacity stream target",
    "model runner has unexpectedly stopped": "server_error error_event stream target",
}


@pytest.mark.parametrize(("text", "says"), OLLAMA_SAYS.items(), ids=str)
def test_what_ollama_says_in_a_stream(text: str, says: str, run_loop: Runner[Result]) -> None:
    """It has only words, and no status beside them."""
    line = json.dumps({"error": text}).encode() + b"\n"
    result = run_loop(ask(lambda _asked: chunked([line], kind="application/x-ndjson"), path="", protocol="ollama"))
    assert said(result) == says
