"""A streamed or whole answer of Chat Completions, good or broken in one way, and what is said of it."""

from __future__ import annotations

import base64
import gzip
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.providers.asking import KEY, ask, said
from tests.providers.openai_speech import (
    DONE,
    ROLE,
    chunk_of,
    data,
    delta,
    prompt,
    stop,
    stream,
    usage_of,
    whole,
)
from tests.providers.wire import Act, Asked, End, Pause, Script, body, chunked, head, until_closed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.model.run import Result
    from tests.conftest import Runner

SHORT = {"first_token": "200ms", "idle": "200ms"}
ERROR = {"message": "The server had an error while processing your request", "type": "server_error", "code": None}
PING = b": ping\n\n"


@dataclass(frozen=True, slots=True)
class Row:
    """A script, the verdict that it must get, and further keys of the probe."""

    script: Script
    says: str = "ok"
    keys: dict[str, Any] = field(default_factory=dict)


def often(piece: bytes) -> list[Act]:
    """The piece, again and again for a second."""
    return [piece, Pause(0.02)] * 50


def sends(*pieces: Act, says: str, **keys: Any) -> Row:
    """A row whose stream is these pieces, whatever was asked."""
    return Row(lambda _asked: chunked(pieces), says, keys)


def says_text(*more: Act, before: Iterable[bytes] = (), says: str = "ok", **keys: Any) -> Row:
    """A row whose stream has some pieces before the answer, and some instead of its end."""

    def script(asked: Asked) -> Iterable[Act]:
        text = prompt(asked)
        return chunked([*before, ROLE, delta(content=text[:3]), delta(content=text[3:]), *more])

    return Row(script, says, keys)


def answers(response: bytes, says: str, **keys: Any) -> Row:
    """A row with a whole response, whatever was asked."""
    return Row(lambda _asked: [response], says, keys)


def not_streamed(says: str, **fields: Any) -> Row:
    """A row for a probe that wants no stream."""

    def script(asked: Asked) -> list[Act]:
        return [body({**whole(prompt(asked)), **fields})]

    return Row(script, says, {"stream": False})


def error(status: str, document: object, says: str, *fields: str, **keys: Any) -> Row:
    """A row with an HTTP error."""
    return answers(body(document, *fields, status=status), says, **keys)


def html(status: str, text: bytes, says: str, *fields: str, **keys: Any) -> Row:
    """A row with a page."""
    return answers(body(text, *fields, status=status, kind="text/html; charset=UTF-8"), says, **keys)


def _gzipped(asked: Asked, *, keep: float = 1.0, pieces: int = 7) -> Iterable[Act]:
    packed = gzip.compress(b"".join(stream(asked)))
    packed = packed[: int(len(packed) * keep)]
    return chunked([packed[at : at + pieces] for at in range(0, len(packed), pieces)], "Content-Encoding: gzip")


def _in_bytes(asked: Asked, *, size: int) -> Iterable[Act]:
    whole_stream = b"".join([PING, *stream(asked)]).replace(b"\n", b"\r\n")
    return chunked([whole_stream[at : at + size] for at in range(0, len(whole_stream), size)])


_MOVED = head("Location: /there", "Set-Cookie: seen=1; Path=/", "Content-Length: 0", status="307 Moved")


def _redirected(asked: Asked, *, to: str) -> Iterable[Act]:
    if asked.target == "/login":
        return [body(b"<!doctype html><title>Sign in</title>", kind="text/html")]
    return [head(f"Location: {to}", "Content-Length: 0", status="302 Found")]


GOOD: dict[str, Row] = {
    "stream": Row(lambda asked: chunked(stream(asked))),
    "whole": not_streamed("ok"),
    "comments": says_text(stop(), DONE, before=[b": OPENROUTER PROCESSING\n\n", PING, b"retry: 100\n\n"]),
    "usage-with-empty-choices": says_text(stop(), usage_of(), DONE),
    "no-usage": says_text(stop(), DONE),
    "finish-beside-text": says_text(delta("stop", content="!"), DONE),
    "unknown-events": says_text(b'event: new\ndata: {"x": 1}\n\n', stop(), DONE),
    "empty-events": says_text(stop(), DONE, before=[b"data:\n\n", b"event: ping\ndata: \n\n", b"data: \n\n"]),
    "choices-missing": says_text(data({"prompt_filter_results": []}), stop(), DONE),
    "choices-null": says_text(chunk_of(choices=None), stop(), DONE),
    "thinking": says_text(stop(), DONE, before=[delta(reasoning_content="Hm"), delta(reasoning="So")]),
    "text-in-parts": says_text(delta(content=[{"type": "text", "text": "!"}]), stop(), DONE),
    "redirected": Row(
        lambda asked: chunked(stream(asked)) if asked.target == "/there" else [_MOVED],
        keys={
            "expect": [
                {"url": True, "matches": "/there$"},
                {"redirects": True, "equals": 1},
                {"cookie": "seen", "equals": "1"},
            ]
        },
    ),
    "done-with-more": says_text(stop(), b"data: [DONE] \n\n"),
    "eof-framing": Row(lambda asked: until_closed(b"".join(stream(asked)))),
    "gzip": Row(_gzipped),
    "byte-by-byte-crlf": Row(lambda asked: _in_bytes(asked, size=1)),
    "odd-pieces-crlf": Row(lambda asked: _in_bytes(asked, size=7)),
    "long-header": Row(lambda asked: chunked(stream(asked), "Content-Security-Policy: " + "x" * 16_000)),
    "long-event": says_text(data({"b64": "x" * 3_000_000}), stop(), DONE),
    "content-type-with-charset": Row(lambda asked: chunked(stream(asked), kind="Text/Event-Stream; charset=utf-8")),
    "quotes-and-case": Row(lambda asked: chunked([delta(content=f' "`{prompt(asked).upper()}`."\n'), stop(), DONE])),
    "no-nonce-asked": sends(delta(content="42"), stop(), DONE, says="ok", prompt="What is the answer?"),
    "snapshot-of-the-model": Row(lambda asked: chunked(stream(asked)), "ok", {"expect": {"model": "parrot-1"}}),
    "fallback-on-the-way": says_text(
        chunk_of(model="magpie-1", choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}]),
        DONE,
        says="content_mismatch served_model expect target",
        expect={"model": "parrot-1"},
    ),
    "visible-text": Row(
        lambda asked: chunked([delta(content="He"), delta(content=f"llo {prompt(asked)}"), stop(), DONE]),
        "ok",
        {"expect": [{"contains": "Hello"}, {"raw": True, "contains": '"content":"He"'}]},
    ),
    "expected-401": error("401 Unauthorized", {"error": "Unauthorized"}, "ok", expect={"status": 401}, api_key=None),
    "expected-class": error("429 No", {"error": ERROR}, "ok", expect={"error_class": "rate_limited"}),
    "expected-stall": sends(ROLE, End.SILENCE, says="ok", deadlines=SHORT, expect={"error_class": "response_timeout"}),
    "expected-time-over": sends(
        ROLE, End.SILENCE, says="ok", timeout="300ms", expect={"error_class": "response_timeout"}
    ),
}

BROKEN_OFF: dict[str, Row] = {
    "no-done": says_text(stop(), says="stream_truncated no_terminator stream unknown"),
    "no-finish": says_text(says="stream_truncated no_terminator stream unknown"),
    "done-without-finish": says_text(DONE, says="stream_truncated no_terminator stream unknown"),
    "no-byte": sends(says="stream_truncated no_terminator stream unknown"),
    "only-comments": sends(PING, PING, says="stream_truncated no_terminator stream unknown"),
    "only-role": sends(ROLE, says="stream_truncated no_terminator stream unknown"),
    "lone-done": sends(DONE, says="empty_response lone_done stream target"),
    "role-and-done": sends(ROLE, DONE, says="empty_response lone_done stream target"),
    "closed": says_text(End.CLOSE, says="stream_truncated body_truncated stream unknown"),
    "closed-before-content": sends(ROLE, End.CLOSE, says="stream_truncated body_truncated first_token unknown"),
    "reset": says_text(End.RESET, says="connection_reset reset stream unknown"),
    "reset-before-content": sends(ROLE, End.RESET, says="connection_reset reset first_token unknown"),
    "gzip-cut": Row(lambda asked: _gzipped(asked, keep=0.9), "stream_truncated body_truncated stream unknown"),
    "eof-framing-cut": Row(
        lambda asked: until_closed(b"".join(stream(asked)[:-1])), "stream_truncated no_terminator stream unknown"
    ),
    "short-body": answers(
        head("Content-Type: application/json", "Content-Length: 99") + b'{"choices": [',
        "stream_truncated body_truncated transfer unknown",
        stream=False,
    ),
    "whole-stops": Row(
        lambda _asked: [head("Content-Type: application/json", "Content-Length: 99") + b"{", End.SILENCE],
        "response_timeout body transfer target",
        {"stream": False, "timeout": "300ms"},
    ),
}

LATE: dict[str, Row] = {
    "no-head": Row(
        lambda _asked: [End.SILENCE], "response_timeout header_timeout processing target", {"deadlines": SHORT}
    ),
    "half-a-head": Row(
        lambda _asked: [b"HTTP/1.1 200 OK\r\n", End.SILENCE],
        "response_timeout header_timeout processing target",
        {"deadlines": SHORT},
    ),
    "nothing-after-head": sends(End.SILENCE, says="response_timeout first_token first_token target", deadlines=SHORT),
    "role-then-nothing": sends(
        ROLE, End.SILENCE, says="response_timeout first_token first_token target", deadlines=SHORT
    ),
    "role-then-pings": sends(
        ROLE,
        *often(PING),
        says="response_timeout first_token first_token target",
        deadlines=SHORT,
    ),
    "role-then-empty-texts": sends(
        *often(delta(content="")),
        says="response_timeout first_token first_token target",
        deadlines=SHORT,
    ),
    "stall": says_text(End.SILENCE, says="stream_stalled idle stream target", deadlines=SHORT),
    "stall-with-pings": says_text(*often(PING), says="stream_stalled idle stream target", deadlines=SHORT),
    "stall-while-thinking": sends(
        delta(reasoning="Hm"), End.SILENCE, says="stream_stalled idle stream target", deadlines=SHORT
    ),
    "stall-before-done": says_text(stop(), End.SILENCE, says="stream_stalled idle stream target", deadlines=SHORT),
    "thinking-is-a-sign-of-life": Row(
        lambda asked: chunked([*often(delta(reasoning=".")), *stream(asked)]), "ok", {"deadlines": SHORT}
    ),
    "time-over-before-content": sends(
        ROLE, End.SILENCE, says="response_timeout first_token first_token target", timeout="300ms"
    ),
    "time-over-after-content": says_text(End.SILENCE, says="stream_stalled idle stream target", timeout="1300ms"),
    "time-over-while-it-flows": sends(
        *often(delta(content="x")), says="response_timeout total stream target", timeout="400ms"
    ),
    "no-deadlines-but-the-run's": sends(
        End.SILENCE,
        says="response_timeout first_token first_token target",
        timeout="300ms",
        deadlines={"first_token": None, "idle": None},
    ),
}

ENDINGS: dict[str, Row] = {
    "length-empty": sends(
        ROLE,
        stop("length"),
        usage_of(completion_tokens_details={"reasoning_tokens": 12}),
        DONE,
        says="output_truncated length stream us",
    ),
    "length-after-text": says_text(stop("length"), DONE, says="output_truncated length stream us"),
    "filtered": sends(ROLE, stop("content_filter"), DONE, says="content_filtered output stream us"),
    "refusal": sends(
        delta(refusal="I can't"), delta(refusal=" do that"), stop(), DONE, says="content_filtered refusal stream us"
    ),
    "empty": sends(ROLE, stop(), DONE, says="empty_response no_text stream target"),
    "only-white-space": sends(delta(content=" \n"), stop(), DONE, says="empty_response no_text stream target"),
    "only-thinking": sends(delta(reasoning="Hm"), stop(), DONE, says="empty_response no_text stream target"),
    "unknown-reason": says_text(stop("tired"), DONE),
    "other-text": sends(delta(content="Hello!"), stop(), DONE, says="content_mismatch nonce expect target"),
    "replay": sends(
        delta(content="OK-7391"),
        stop(),
        usage_of(prompt_tokens=0, completion_tokens=0, total_tokens=0),
        DONE,
        says="content_mismatch cached expect target",
    ),
    "cache-says-so": Row(
        lambda asked: chunked(stream(asked), "X-OpenRouter-Cache-Status: HIT"), "content_mismatch cached expect target"
    ),
    "other-model": Row(
        lambda asked: chunked(stream(asked)),
        "content_mismatch served_model expect target",
        {"expect": {"model": "owl"}},
    ),
    "model-not-said": Row(
        lambda asked: chunked(
            [data({"choices": [{"delta": {"content": prompt(asked)}, "finish_reason": "stop"}]}), DONE]
        ),
        "content_mismatch served_model expect target",
        {"expect": {"model": "parrot-1"}},
    ),
    "text-missing": Row(
        lambda asked: chunked(stream(asked)),
        "content_mismatch expectation expect target",
        {"expect": {"contains": "Hello"}},
    ),
    "another-status": Row(
        lambda asked: chunked(stream(asked)),
        "unexpected_response status processing target",
        {"expect": {"status": 401}},
    ),
    "named-success-still-needs-an-answer": sends(
        delta(content="Hello!"), stop(), DONE, says="content_mismatch nonce expect target", expect={"status": 200}
    ),
    "slow-check": Row(
        lambda asked: chunked(stream(asked)),
        "slow",
        {"expect": [{"bytes": True, "lt": 10, "severity": "slow"}]},
    ),
    "whole-empty": not_streamed("empty_response no_text transfer target", choices=whole(" ")["choices"]),
    "whole-length": not_streamed("output_truncated length transfer us", choices=whole("", reason="length")["choices"]),
    "whole-other-text": not_streamed("content_mismatch nonce expect target", choices=whole("Hello")["choices"]),
    "whole-named-success": answers(
        body(whole("Hello")), "content_mismatch nonce expect target", stream=False, expect={"status": "2xx"}
    ),
}

ERRORS_INSIDE: dict[str, Row] = {
    "error-then-done": says_text(data({"error": ERROR}), DONE, says="server_error error_event stream target"),
    "error-first": sends(data({"error": ERROR}), DONE, says="server_error error_event stream target"),
    "error-is-a-text": sends(data({"error": "overloaded"}), DONE, says="server_error error_event stream target"),
    "rate": says_text(
        data({"error": {"code": "rate_limit_exceeded", "message": "slow"}}), says="rate_limited rate_limit stream us"
    ),
    "quota": says_text(
        data({"error": {"type": "insufficient_quota", "message": "no"}}), says="quota_exhausted billing stream us"
    ),
    "openrouter": sends(
        b": OPENROUTER PROCESSING\n\n",
        chunk_of(
            error={"code": 429, "message": "Rate limit exceeded", "metadata": {"error_type": "rate_limit_exceeded"}},
            choices=[{"index": 0, "delta": {"content": ""}, "finish_reason": "error"}],
        ),
        says="rate_limited rate_limit stream us",
    ),
    "openrouter-without-choices": sends(
        chunk_of(error={"code": 502, "message": "x", "metadata": {"error_type": "provider_unavailable"}}, choices=[]),
        says="upstream_error provider stream target",
    ),
    "finish-reason-error": says_text(stop("error"), DONE, says="server_error error_event stream target"),
    "groq": says_text(
        chunk_of(choices=[], x_groq={"id": "req_1", "error": "over capacity"}),
        DONE,
        says="server_error error_event stream target",
    ),
    "bare-json": says_text(
        b'{\n  "error": {\n    "code": 503,\n    "message": "The model is overloaded.",\n',
        b'    "status": "UNAVAILABLE"\n  }\n}\n',
        End.SILENCE,
        says="overloaded capacity stream target",
    ),
    "bare-json-list": sends(
        b'[{"error": {"code": 503, "message": "overloaded"}}]\n', says="overloaded unavailable stream target"
    ),
    "field-of-that-name": says_text(
        b'error: {"code":400,"message":"the request exceeds the context size","type":"invalid_request_error"}\n\n',
        DONE,
        says="request_rejected invalid_request stream us",
    ),
    "field-of-that-name-alone": sends(
        b'error: {"code":503,"message":"Loading model","type":"unavailable_error"}\n\n',
        says="overloaded loading stream target",
    ),
    "event-error-without-data": says_text(
        b"event: error\ndata:\n\n", DONE, says="unexpected_response invalid_event stream target"
    ),
    "error-not-ended": sends(
        b'data: {"error": {"message": "no", "type": "server_error"}}', says="server_error error_event stream target"
    ),
    "whole-200": answers(
        body(
            {
                "error": {
                    "code": 502,
                    "message": "Provider returned error",
                    "metadata": {"error_type": "provider_unavailable"},
                }
            }
        ),
        "upstream_error provider transfer target",
        stream=False,
    ),
    "whole-200-for-a-stream": answers(
        body({"error": {"code": "rate_limit_exceeded", "message": "slow"}}), "rate_limited rate_limit transfer us"
    ),
    "whole-200-in-the-choice": not_streamed(
        "upstream_error provider transfer target",
        choices=[
            {
                "finish_reason": "error",
                "message": {"content": "Hel"},
                "error": {"code": 502, "message": "x", "metadata": {"error_type": "provider_unavailable"}},
            }
        ],
    ),
}

NO_ANSWER: dict[str, Row] = {
    "not-streamed": answers(body(whole("x")), "unexpected_response not_streamed transfer target"),
    "no-content-type": answers(head("Content-Length: 2") + b"hi", "unexpected_response not_streamed transfer target"),
    "html": html("200 OK", b"<!doctype html><title>Hi</title>", "unexpected_response html transfer target"),
    "html-whole": html("200 OK", b"<html>", "unexpected_response html transfer target", stream=False),
    "not-json": answers(body(b"hello"), "unexpected_response not_json transfer target", stream=False),
    "no-body": answers(body(b""), "unexpected_response not_json transfer target", stream=False),
    "a-list": answers(body([1, 2]), "unexpected_response missing_field transfer target", stream=False),
    "no-choices": not_streamed("unexpected_response missing_field transfer target", choices=[]),
    "no-reason": not_streamed(
        "unexpected_response missing_field transfer target", choices=whole("x", reason=None)["choices"]
    ),
    "choices-are-a-text": not_streamed("unexpected_response missing_field transfer target", choices="none"),
    "broken-json": says_text(b'data: {"choices": [{\n\n', says="unexpected_response invalid_event stream target"),
    "broken-json-first": sends(b"data: {\n\n", says="unexpected_response invalid_event first_token target"),
    "deep-json": sends(
        b"data: " + b"[" * 100_000 + b"\n\n", says="unexpected_response invalid_event first_token target"
    ),
    "event-is-a-list": sends(b"data: []\n\n", says="unexpected_response invalid_event first_token target"),
    "choices-are-no-list": sends(chunk_of(choices="none"), says="unexpected_response invalid_event first_token target"),
    "too-many-events": sends(
        PING, ROLE * 30, says="unexpected_response too_many_events first_token target", limits={"events": 20}
    ),
    "too-long-event": sends(
        data({"x": "y" * 9000}), says="unexpected_response too_large first_token target", limits={"event": 1000}
    ),
    "too-long-stream": sends(
        *[PING] * 300, says="unexpected_response too_large first_token target", limits={"stream": 1000}
    ),
    "redirect-to-sign-in": Row(
        lambda asked: _redirected(asked, to="/login"), "unexpected_response html transfer target"
    ),
    "redirect-elsewhere": Row(
        lambda asked: _redirected(asked, to="http://127.0.0.2:9/x"),
        "unexpected_response redirect_blocked processing target",
    ),
}

REFUSED: dict[str, Row] = {
    "bad-key": error(
        "401 No", {"error": {"code": "invalid_api_key", "message": "x"}}, "auth_rejected invalid_key processing us"
    ),
    "bad-key-text": error("401 No", {"error": "Unauthorized"}, "auth_rejected unauthorized processing us"),
    "no-model": error(
        "404 No",
        {"error": {"code": "model_not_found", "message": "no such model"}},
        "model_missing model processing us",
    ),
    "no-path": error("404 No", {"detail": "Not Found"}, "request_rejected not_found processing us"),
    "rate": error("429 No", {"error": {"code": "rate_limit_exceeded"}}, "rate_limited rate_limit processing us"),
    "quota": error("429 No", {"error": {"code": "credit_balance_exhausted"}}, "quota_exhausted billing processing us"),
    "output-limit": error(
        "400 No",
        {"error": {"message": "Could not finish the message because max_tokens or model output limit was reached."}},
        "output_truncated output_limit processing us",
    ),
    "region": error(
        "403 No", {"error": {"code": "unsupported_country_region_territory"}}, "access_denied region processing us"
    ),
    "overloaded": error("503 No", {"error": {"code": "server_is_overloaded"}}, "overloaded capacity processing target"),
    "internal": error("500 No", {"error": ERROR}, "server_error internal processing target"),
    "wall": html(
        "403 No",
        b"<title>Just a moment...</title>",
        "bot_challenge challenge processing unknown",
        "cf-mitigated: challenge",
    ),
    "edge": html("502 No", b"<html>Bad gateway</html>", "upstream_error edge processing target"),
    "event-stream-of-an-error": answers(
        body(b'data: {"error": {}}\n\n', status="500 No", kind="text/event-stream"),
        "server_error internal processing target",
    ),
    "another-class-expected": error(
        "500 No", {"error": ERROR}, "server_error internal processing target", expect={"error_class": "rate_limited"}
    ),
    "class-expected-and-success": Row(
        lambda asked: chunked(stream(asked)),
        "content_mismatch expectation expect target",
        {"expect": {"error_class": "rate_limited"}},
    ),
}

ROWS = {
    f"{table}-{name}": row
    for table, rows in {
        "good": GOOD,
        "broken-off": BROKEN_OFF,
        "late": LATE,
        "ending": ENDINGS,
        "inside": ERRORS_INSIDE,
        "none": NO_ANSWER,
        "refused": REFUSED,
    }.items()
    for name, row in rows.items()
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_verdicts(row: Row, run_loop: Runner[Result]) -> None:
    """An answer is good only if a person could have read it; otherwise it is said why not, where, and whose fault."""
    result = run_loop(ask(row.script, **row.keys))
    assert said(result) == row.says, result.failure


def test_a_key_in_the_content_type_is_not_told(run_loop: Runner[Result]) -> None:
    """Small letters would make another text of it than the one that is redacted."""
    echoed = base64.b64encode(KEY.encode()).decode().rstrip("=")
    result = run_loop(ask(lambda _asked: [body({}, kind=f"{echoed}; charset=utf-8")]))
    assert said(result) == "unexpected_response not_streamed transfer target"
    assert result.failure is not None
    assert echoed.lower() not in result.failure.message.lower()
