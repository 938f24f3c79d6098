"""An answer is judged by what was expected of it, and a failure is explained by what came."""

from __future__ import annotations

import asyncio
import errno
import ssl
from typing import TYPE_CHECKING

import aiodns.error
import pytest
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from prober.classify import Audience
from prober.http.expect import Expect, Subject
from prober.model.clock import Clock
from prober.model.errors import ErrorClass, ProbeFailure
from prober.model.run import Run
from prober.model.secret import Redactor
from prober.probes.judge import SUCCESS, expecting, judge

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Mapping, Sequence

    from prober.model.network import Address, TlsKey


class Nowhere:
    """A network that nobody asks."""

    async def resolve(self, host: str, family: socket.AddressFamily) -> Sequence[Address]:
        raise AssertionError(host, family)

    def tls_context(self, key: TlsKey) -> ssl.SSLContext:
        raise AssertionError(key)


def a_run(*secrets: str) -> Run:
    return Run(clock=Clock(), network=Nowhere(), timeout_ns=10**9, redactor=Redactor(secrets))


def a_subject(status: int | None = 200, body: str = "", headers: Mapping[str, str] | None = None) -> Subject:
    return Subject(
        status=status,
        headers=CIMultiDictProxy(CIMultiDict(headers or {})),
        cookies={},
        url=URL("https://example.com/"),
        body=body.encode(),
        text=body,
        duration_ns=20_000_000,
        wire_bytes=len(body),
        redirects=0,
        certificate_expiry=None,
        http_version="1.1",
        now=0.0,
    )


def outcome(
    expect: object,
    subject: Subject,
    *,
    audience: Audience = Audience.API,
    run: Run | None = None,
    unnamed: range = SUCCESS,
) -> str:
    """``ok``, or class, detail and phase of the failure; with ``expecting`` around it as the kinds have it."""
    expectation = Expect.from_setting(expect)
    run = run or a_run()
    try:
        with expecting(expectation, run):
            judge(expectation, subject, run=run, audience=audience, unnamed=unnamed)
    except ProbeFailure as failure:
        return f"{failure.error_class} {failure.detail} {failure.phase}"
    return "ok"


HTML = {"Content-Type": "text/html"}
JSON = {"Content-Type": "application/json"}
WALL = {"cf-mitigated": "challenge", **HTML}
RATE = '{"error": {"code": "rate_limit_exceeded", "message": "slow"}}'

ROWS: dict[str, tuple[object, Subject, str]] = {
    # the default: a status of success
    "nothing-expected": ({}, a_subject(), "ok"),
    "201": ({}, a_subject(201), "ok"),
    "500": ({}, a_subject(500), "server_error internal processing"),
    "401": ({}, a_subject(401), "auth_rejected unauthorized processing"),
    "429": ({}, a_subject(429, RATE, JSON), "rate_limited rate_limit processing"),
    "302": ({}, a_subject(302), "unexpected_response status processing"),
    "418": ({}, a_subject(418), "unexpected_response status processing"),
    # a status is named
    "named": ({"status": 401}, a_subject(401), "ok"),
    "named-family": ({"status": "4xx"}, a_subject(404), "ok"),
    "named-wall": ({"status": 403}, a_subject(403, headers=WALL), "ok"),
    "named-and-another": ({"status": 401}, a_subject(500), "server_error internal processing"),
    "named-and-success": ({"status": 401}, a_subject(200), "unexpected_response status processing"),
    "named-and-redirect": ({"status": 302}, a_subject(302), "ok"),
    "named-body-missed": (
        {"status": 401, "contains": "key"},
        a_subject(401, "no"),
        "content_mismatch expectation expect",
    ),
    # success that is none
    "wall-with-200": ({}, a_subject(200, headers=WALL), "bot_challenge challenge processing"),
    "wall-with-named-200": ({"status": 200}, a_subject(200, headers=WALL), "bot_challenge challenge processing"),
    "wall-with-202": (
        {"status": "2xx"},
        a_subject(202, headers={"x-amzn-waf-action": "challenge"}),
        "bot_challenge challenge processing",
    ),
    "error-with-200": ({}, a_subject(200, RATE, JSON), "rate_limited rate_limit processing"),
    "html-with-200": ({}, a_subject(200, "<p>Sign in</p>", HTML), "unexpected_response html processing"),
    # other checks
    "contains": ({"contains": "hello"}, a_subject(200, "hello"), "ok"),
    "contains-missed": ({"contains": "hello"}, a_subject(200, "bye"), "content_mismatch expectation expect"),
    "status-before-body": ({"contains": "hello"}, a_subject(503), "overloaded unavailable processing"),
    "unevaluable": ([{"jsonpath": "$.a"}], a_subject(200, "text"), "content_mismatch expectation expect"),
    # a class is expected
    "class": ({"error_class": "bot_challenge"}, a_subject(403, headers=WALL), "ok"),
    "class-with-200": ({"error_class": "bot_challenge"}, a_subject(200, headers=WALL), "ok"),
    "class-and-success": ({"error_class": "bot_challenge"}, a_subject(200), "content_mismatch expectation expect"),
    "class-and-another": ({"error_class": "bot_challenge"}, a_subject(500), "server_error internal processing"),
    "class-and-status": ({"error_class": "bot_challenge", "status": 403}, a_subject(403, headers=WALL), "ok"),
    "class-and-other-status": (
        {"error_class": "bot_challenge", "status": 403},
        a_subject(503, headers=WALL),
        "content_mismatch expectation expect",
    ),
    "class-and-status-without-wall": (
        {"error_class": "bot_challenge", "status": 403},
        a_subject(403),
        "access_denied forbidden processing",
    ),
    "class-and-body": (
        {"error_class": "rate_limited", "contains": "tomorrow"},
        a_subject(429, RATE, JSON),
        "content_mismatch expectation expect",
    ),
    "class-of-expectations": ({"error_class": "content_mismatch", "contains": "x"}, a_subject(200, "y"), "ok"),
    "class-rate": ({"error_class": "rate_limited"}, a_subject(429), "ok"),
    # no status at all, as after a redirect that is not followed
    "no-status": ({}, a_subject(None), "ok"),
    "no-status-named": ({"status": 200}, a_subject(None), "content_mismatch expectation expect"),
}


@pytest.mark.parametrize(("expect", "subject", "expected"), ROWS.values(), ids=ROWS)
def test_verdicts(expect: object, subject: Subject, expected: str) -> None:
    """Status first, then what hides behind it, then every other check; an expected class turns it round."""
    assert outcome(expect, subject) == expected


PAGES: dict[str, tuple[object, Subject, str]] = {
    "html": ({}, a_subject(200, "<p>Hello</p>", HTML), "ok"),
    "error-json": ({}, a_subject(200, RATE, JSON), "ok"),
    "404": ({}, a_subject(404), "unexpected_response not_found processing"),
    "503": ({}, a_subject(503), "server_error unavailable processing"),
    "wall": ({"status": 200, "contains": "x"}, a_subject(200, headers=WALL), "bot_challenge challenge processing"),
}


@pytest.mark.parametrize(("expect", "subject", "expected"), PAGES.values(), ids=PAGES)
def test_pages(expect: object, subject: Subject, expected: str) -> None:
    """A page may be HTML and may show an error of its own."""
    assert outcome(expect, subject, audience=Audience.PAGE) == expected


def test_other_statuses_may_be_fine_where_none_is_named() -> None:
    """A step of a sign-in also takes a redirect for granted."""
    assert outcome({}, a_subject(302), unnamed=range(200, 400)) == "ok"
    assert outcome({}, a_subject(404), unnamed=range(200, 400)) == "request_rejected not_found processing"


def message_of(expect: object, subject: Subject, run: Run | None = None) -> str:
    """The message of the failure."""
    with pytest.raises(ProbeFailure) as caught:
        judge(Expect.from_setting(expect), subject, run=run or a_run(), audience=Audience.API)
    return caught.value.message


def test_all_misses_are_in_one_message() -> None:
    """Nobody wants to mend one check only to meet the next."""
    message = message_of({"contains": "hello", "content_type": "text/plain"}, a_subject(200, "bye", JSON))
    first, second = message.split("; ")
    assert first.startswith("expected ")
    assert ", saw " in first
    assert ", saw " in second


def test_a_missed_status_says_what_was_expected() -> None:
    """Both sides: the expectation, and what the answer was."""
    message = message_of({"status": 401}, a_subject(429, RATE, JSON))
    assert message.startswith("expected status ")
    assert message.endswith("saw 429; HTTP 429 rate_limit_exceeded: slow")
    assert message_of({"status": 401}, a_subject(200)).endswith("saw 200")
    assert message_of({}, a_subject(500)) == "HTTP 500: the service reports an error of its own"


def test_a_status_that_no_rule_is_about() -> None:
    """Some success that was not asked for, without a name."""
    run = a_run()
    with pytest.raises(ProbeFailure) as caught:
        judge(Expect.from_setting({}), a_subject(204), run=run, audience=Audience.API, unnamed=range(200, 201))
    assert caught.value.message == "expected a status of success, saw 204"
    assert (caught.value.error_class, caught.value.detail) == (ErrorClass.UNEXPECTED_RESPONSE, "status")


def test_slow_checks_make_a_run_slow() -> None:
    """A miss of severity slow is remembered, and fails nothing."""
    run = a_run()
    slow = [{"duration": True, "lt": "10ms", "severity": "slow"}]
    assert outcome(slow, a_subject(), run=run) == "ok"
    assert len(run.slow_because) == 1
    assert "saw" in run.slow_because[0]


def test_a_slow_check_does_not_excuse_a_missed_one() -> None:
    """The run failed, so it is not slow."""
    run = a_run()
    checks = [{"duration": True, "lt": "10ms", "severity": "slow"}, {"contains": "hello"}]
    assert outcome(checks, a_subject(), run=run) == "content_mismatch expectation expect"
    assert run.slow_because == []


def test_an_unknown_code_is_kept_for_the_counter() -> None:
    """The run remembers what no table knows."""
    run = a_run()
    body = '{"error": {"code": "moon_phase", "message": "no"}}'
    assert outcome({}, a_subject(400, body, JSON), run=run) == "request_rejected invalid_request processing"
    assert run.measures["unmapped_error"] == "moon_phase"


def test_secrets_of_the_run_are_redacted_before_a_message_is_cut() -> None:
    """Half a secret at the end of a message is half a secret too many."""
    secret = "s3cret" * 8
    body = '{"error": {"message": "' + "x" * 100 + secret + '"}}'
    message = message_of({}, a_subject(401, body, JSON), a_run(secret))
    assert "s3cret" not in message


BEFORE: dict[str, tuple[str, Callable[[], BaseException], str, str]] = {
    "dns": ("dns_error", lambda: aiodns.error.DNSError(4, "x"), "resolve", "ok"),
    "refused": ("connect_refused", lambda: OSError(errno.ECONNREFUSED, "x"), "connect", "ok"),
    "timeout": ("response_timeout", TimeoutError, "processing", "ok"),
    "timeout-elsewhere": ("response_timeout", TimeoutError, "connect", "TimeoutError"),
    "tls": ("tls_error", lambda: ssl.SSLEOFError(8, "x"), "tls", "ok"),
    "group": ("connect_refused", lambda: ExceptionGroup("x", [OSError(errno.ECONNREFUSED, "x")]), "connect", "ok"),
    "failure": ("stream_stalled", lambda: ProbeFailure(ErrorClass.STREAM_STALLED, "x", detail="idle"), "stream", "ok"),
    "other-class": ("dns_error", lambda: OSError(errno.ECONNREFUSED, "x"), "connect", "ConnectionRefusedError"),
    "other-failure": ("dns_error", lambda: ProbeFailure(ErrorClass.OVERLOADED, "x"), "stream", "ProbeFailure"),
    "bug": ("prober_error", lambda: KeyError("x"), "expect", "KeyError"),
    "cancelled": ("prober_error", asyncio.CancelledError, "connect", "CancelledError"),
}


def raise_in(phase: str, error: BaseException, run: Run) -> None:
    run.phase_name = phase
    raise error


@pytest.mark.parametrize(("expected_class", "make", "phase", "expected"), BEFORE.values(), ids=BEFORE)
def test_failures_before_there_is_an_answer(
    expected_class: str, make: Callable[[], BaseException], phase: str, expected: str
) -> None:
    """An expected class is green wherever it comes from; anything else leaves as it came, our bugs above all."""
    run = a_run()
    left_as = "ok"
    try:
        with expecting(Expect.from_setting({"error_class": expected_class}), run):
            raise_in(phase, make(), run)
    except BaseException as error:  # noqa: BLE001 - any type, its name is the result
        left_as = type(error).__name__
    assert left_as == expected
    assert run.phase_name == (None if expected == "ok" else phase)


def test_success_where_a_class_is_expected() -> None:
    """What should have failed and did not is a failure."""
    run = a_run()
    with pytest.raises(ProbeFailure) as caught, expecting(Expect.from_setting({"error_class": "dns_error"}), run):
        pass
    assert caught.value.message == "expected dns_error, saw success"
    assert (caught.value.error_class, caught.value.detail) == (ErrorClass.CONTENT_MISMATCH, "expectation")
    assert caught.value.phase == "expect"


def test_without_an_expected_class_nothing_changes() -> None:
    """The block's exceptions are its own."""
    with expecting(Expect.from_setting({}), a_run()):
        pass
    with pytest.raises(TimeoutError), expecting(Expect.from_setting({}), a_run()):
        raise TimeoutError
