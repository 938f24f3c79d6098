"""Whatever a server sends, classification answers: never an exception, always the closed sets."""

from __future__ import annotations

import json
import string

from hypothesis import given, settings
from hypothesis import strategies as st

from prober.classify import (
    Answer,
    Audience,
    LoginEvidence,
    Verdict,
    answer,
    event,
    failure_of,
    finish,
    login_verdict,
    masked,
)
from prober.classify.upstream import heard_in, quoted_in
from prober.model.details import DETAILS
from prober.model.errors import ErrorClass

PROTOCOLS = st.sampled_from([None, "openai-chat", "anthropic", "gemini", "gemini-interactions", "ollama", "veo", "x"])
KEYS = st.sampled_from(
    [
        *("error", "code", "type", "message", "status", "details", "detail", "errors", "choices", "metadata", "param"),
        *("error_type", "availability", "innererror", "violations", "quotaId", "retryDelay", "reason", "response"),
        *("cloudflare_error", "error_code", "error_description", "http_status", "statusCode", "title", "interaction"),
    ]
)
WORDS = st.sampled_from(
    [
        *(
            "rate_limit_exceeded",
            "invalid_request_error",
            "overloaded_error",
            "NOT_FOUND",
            "RESOURCE_EXHAUSTED",
            "None",
        ),
        *("model", "error", "429", "500", "GenerateRequestsPerDay", "36000s", "API_KEY_INVALID", "Unauthorized"),
    ]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | WORDS | st.integers(400, 599)
DOCUMENTS = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=5), inner, max_size=6),
    max_leaves=25,
)
BODIES = st.binary(max_size=400) | DOCUMENTS.map(lambda document: json.dumps(document).encode())
NAMES = st.sampled_from(["content-type", "Server", "cf-mitigated", "CF-Error-Type", "x-datadome", "x-amzn-waf-action"])
VALUES = st.sampled_from(["text/html", "application/json", "cloudflare", "challenge", "52x", "1xxx"]) | st.text(
    max_size=20
)
HEADERS = st.dictionaries(NAMES | st.text(string.ascii_letters, min_size=1, max_size=5), VALUES, max_size=4)
WRAPPING = st.sampled_from(
    [
        *(
            "litellm.",
            "APIConnectionError: ",
            "NotFoundError: ",
            "OpenAIException - ",
            "GeminiException x - ",
            "b'",
            'b"',
        ),
        *("Error calling litellm.acompletion for x: ", "litellm.MidStreamFallbackError: ", "\n\nLiteLLM: ", "'", "\\"),
        *("\\xff", '{"error": ', '{"status": "X"}', "}", "[", "Rate limit reached", "é"),
    ]
)
NONCES = st.none() | st.text(min_size=1, max_size=8)


def well_formed(verdict: Verdict) -> bool:
    """In the closed sets, printable, bounded."""
    return (
        isinstance(verdict.error_class, ErrorClass)
        and verdict.detail in DETAILS
        and verdict.message.isprintable()
        and 0 < len(verdict.message) <= 240
        and (verdict.unmapped is None or (verdict.unmapped.isprintable() and len(verdict.unmapped) <= 80))
    )


@given(
    status=st.integers(-1, 1000) | st.sampled_from([200, 401, 403, 404, 429, 503, 504]),
    body=BODIES,
    headers=HEADERS,
    protocol=PROTOCOLS,
    nonce=NONCES,
    audience=st.sampled_from(Audience),
)
@settings(max_examples=400)
def test_answers(
    status: int, body: bytes, headers: dict[str, str], protocol: str | None, nonce: str | None, audience: Audience
) -> None:
    """Any answer; a status of failure always has a class, and never our own bug."""
    evidence = Answer(status=status, headers=headers, body=body, protocol=protocol, nonce=nonce)
    verdict = answer(evidence, audience)
    hidden = masked(evidence, audience) if status < 400 else None
    if status >= 400:
        assert verdict is not None
    if verdict is not None:
        assert well_formed(verdict)
        assert verdict.detail != "bug"
    assert hidden is None or hidden == verdict


@given(document=DOCUMENTS, protocol=PROTOCOLS, nonce=NONCES, name=st.sampled_from([None, "error", "message"]))
@settings(max_examples=400)
def test_events(document: object, protocol: str | None, nonce: str | None, name: str | None) -> None:
    """Any JSON as an event; one that is named an error always is one."""
    verdict = event(document, name=name, protocol=protocol, nonce=nonce)
    assert verdict is not None or name != "error"
    assert verdict is None or well_formed(verdict)


@given(protocol=PROTOCOLS.map(lambda name: name or ""), reason=st.text(max_size=200))
def test_finish_reasons(protocol: str, reason: str) -> None:
    """Any finish reason is complete, a failure, or reported."""
    ending = finish(protocol, reason)
    assert ending.failure is None or well_formed(ending.failure)
    assert ending.failure is None or ending.unmapped is None


@given(
    role=st.sampled_from([None, "submit", "whoami"]),
    status=st.integers(100, 599),
    headers=HEADERS,
    body=st.binary(max_size=100),
    text=st.text(max_size=200) | st.sampled_from(["Invalid password", "CSRF", "too many attempts", "oops"]),
    flags=st.tuples(*[st.booleans()] * 5),
    word=st.none() | st.sampled_from(["invalid_grant", "server_error"]) | st.text(max_size=10),
)
@settings(max_examples=300)
def test_sign_ins(
    role: str | None,
    status: int,
    headers: dict[str, str],
    body: bytes,
    text: str,
    flags: tuple[bool, ...],
    word: str | None,
) -> None:
    """Any page of a sign-in."""
    password, code, captcha, submitted, sent = flags
    evidence = LoginEvidence(
        role=role,  # type: ignore[arg-type]  # sampled from its values
        status=status,
        headers=headers,
        body=body,
        text=text,
        has_password_field=password,
        has_otp_field=code,
        has_captcha=captcha,
        oauth_error=word,
        submitted=submitted,
        totp_sent=sent,
    )
    verdict = login_verdict(evidence)
    assert verdict is None or well_formed(verdict)


@given(number=st.none() | st.integers(-5, 200), text=st.text(max_size=50), phase=st.none() | st.text(max_size=8))
def test_system_errors(number: int | None, text: str, phase: str | None) -> None:
    """Any number and any text of the operating system, in any phase."""
    failure = failure_of(OSError(number, text), phase)
    assert failure.detail in DETAILS
    assert failure.message.isprintable()


@given(depth=st.integers(1_000, 30_000), opening=st.sampled_from(["[", '{"error":', '{"detail":']))
@settings(max_examples=20)
def test_deep_documents(depth: int, opening: str) -> None:
    """Nesting beyond the parser's depth is no document."""
    body = (opening * depth)[:60_000].encode()
    verdict = answer(Answer(status=500, body=body), Audience.API)
    assert verdict is not None
    assert verdict.error_class is ErrorClass.SERVER_ERROR


@given(st.lists(WRAPPING | st.text(max_size=3), max_size=12).map("".join))
def test_any_wrapping_of_an_upstream(message: str) -> None:
    """Whatever a gateway quotes, and however it breaks off, there is something to be heard."""
    heard = heard_in(message)
    assert heard.message in message
    assert heard.status is None or 400 <= heard.status <= 503
    quoted_in(heard.message)
