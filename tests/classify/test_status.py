"""What a status means by itself, to a program and to a person."""

from __future__ import annotations

import pytest

from prober.classify import Answer, Audience, answer, masked
from tests.classify.rows import Row, check, ids

BOTH = {
    400: "request_rejected invalid_request us",
    401: "auth_rejected unauthorized us",
    402: "quota_exhausted billing us",
    403: "access_denied forbidden us",
    405: "request_rejected not_supported us",
    407: "prober_error proxy us",
    408: "server_error service_timeout target",
    409: "server_error conflict target",
    413: "request_rejected request_too_large us",
    414: "request_rejected request_too_large us",
    415: "request_rejected not_supported us",
    416: "request_rejected invalid_request us",
    418: "unexpected_response status target",
    422: "request_rejected invalid_request us",
    429: "rate_limited rate_limit us",
    451: "access_denied region us",
    499: "unexpected_response status target",
    500: "server_error internal target",
    501: "request_rejected not_supported us",
    502: "upstream_error edge target",
    504: "server_error service_timeout target",
    505: "server_error internal target",
    520: "upstream_error edge target",
    521: "upstream_error edge target",
    522: "upstream_error edge target",
    523: "upstream_error edge target",
    524: "upstream_error edge_read_timeout target",
    525: "upstream_error edge target",
    526: "upstream_error edge target",
    527: "upstream_error edge target",
    528: "server_error internal target",
    530: "upstream_error edge target",
    599: "server_error internal target",
    # statuses that are neither success nor failure
    101: "unexpected_response status target",
    302: "unexpected_response status target",
    304: "unexpected_response status target",
    600: "unexpected_response status target",
    999: "unexpected_response status target",
}

DIFFERENT = {
    404: ("request_rejected not_found us", "unexpected_response not_found target"),
    410: ("request_rejected not_found us", "unexpected_response not_found target"),
    503: ("overloaded unavailable target", "server_error unavailable target"),
    529: ("overloaded capacity target", "server_error unavailable target"),
}

CASES = [
    *((status, audience, expected) for status, expected in BOTH.items() for audience in Audience),
    *((status, Audience.API, api) for status, (api, _) in DIFFERENT.items()),
    *((status, Audience.PAGE, page) for status, (_, page) in DIFFERENT.items()),
]


@pytest.mark.parametrize(("status", "audience", "expected"), CASES, ids=lambda value: str(value).split()[0])
def test_a_bare_status(status: int, audience: Audience, expected: str) -> None:
    """Without a body the status decides, by who the answer was for."""
    check(Row(id=str(status), expected=expected), answer(Answer(status=status), audience))


@pytest.mark.parametrize("status", [200, 201, 202, 204, 206, 299])
@pytest.mark.parametrize("audience", Audience)
def test_success(status: int, audience: Audience) -> None:
    """A status of success is no failure."""
    assert answer(Answer(status=status, body=b'{"data": []}'), audience) is None


EDGE_504 = (
    Row(id="empty", status=504, expected="server_error service_timeout target"),
    Row(id="json", status=504, body={"error": {"message": "x"}}, expected="server_error service_timeout target"),
    Row(
        id="html", status=504, body="<html>Gateway time-out</html>", expected="upstream_error edge_read_timeout target"
    ),
    Row(
        id="cloudflare",
        status=504,
        headers={"Server": "cloudflare"},
        expected="upstream_error edge_read_timeout target",
    ),
    Row(id="only-ray", status=504, headers={"CF-Ray": "1-FRA"}, expected="server_error service_timeout target"),
    Row(
        id="error-type",
        status=504,
        headers={"cf-error-type": "1xxx"},
        expected="upstream_error edge_read_timeout target",
    ),
)


@pytest.mark.parametrize("row", EDGE_504, ids=ids)
def test_a_504_is_the_edges_or_the_services(row: Row) -> None:
    """A page or Cloudflare's headers say that the edge gave up; an API's own body says that the service did."""
    check(row, answer(row.answer(), Audience.API))


LOOKS_LIKE_HTML = (
    Answer(status=200, headers={"content-type": "text/html; charset=utf-8"}, body=b"<p>Sign in</p>"),
    Answer(status=200, headers={}, body=b" \n<!DOCTYPE html><title>x</title>"),
    Answer(status=200, headers={}, body=b"<html></html>"),
)


@pytest.mark.parametrize("given", LOOKS_LIKE_HTML, ids=["content-type", "doctype", "tag"])
def test_html_where_an_api_should_be(given: Answer) -> None:
    """A sign-in page, a captive portal or a maintenance page with status 200 is no answer of an API."""
    check(Row(id="x", expected="unexpected_response html target"), answer(given, Audience.API))
    assert answer(given, Audience.PAGE) is None


def test_json_that_is_called_html_is_json() -> None:
    """Some servers send JSON without saying so."""
    assert answer(Answer(status=200, headers={"content-type": "text/html"}, body=b'{"a": 1}'), Audience.API) is None


def test_an_error_inside_a_status_200_is_for_programs_only() -> None:
    """An API that answers 200 with an error has failed; a page may say what it likes."""
    given = Answer(status=200, body=b'{"error": {"message": "no", "code": "server_error"}}')
    check(Row(id="x", expected="server_error internal target"), masked(given, Audience.API))
    assert masked(given, Audience.PAGE) is None


@pytest.mark.parametrize("error", ["null", "false", '""', "{}", "[]", "0"])
def test_an_empty_error_is_none(error: str) -> None:
    """Successes carry the field, too."""
    assert answer(Answer(status=200, body=b'{"id": "x", "error": %s}' % error.encode()), Audience.API) is None


def test_a_redirects_page_is_not_looked_at() -> None:
    """A redirect has an HTML body by tradition, and is judged by its status."""
    given = Answer(status=302, headers={"content-type": "text/html"}, body=b"<html>moved</html>")
    assert masked(given, Audience.API) is None


NONCE = "n0nce-4711"


@pytest.mark.parametrize(
    ("status", "message", "expected"),
    [
        (400, f"Bad prompt: [{NONCE}] content filtering policy", "request_rejected invalid_request us"),
        (400, f"content filtering policy: [{NONCE}]", "content_filtered output us"),
        (404, f"No such thing: [{NONCE}] which model is this?", "request_rejected not_found us"),
        (500, f"[{NONCE}] error code: 1020", "server_error internal target"),
    ],
)
def test_what_comes_after_our_nonce_is_our_own_text(status: int, message: str, expected: str) -> None:
    """Providers echo the request in their errors; words of our prompt decide nothing."""
    body = {"error": {"message": message}}
    row = Row(id="x", status=status, body=body, expected=expected)
    check(row, answer(row.answer(nonce=NONCE), Audience.API))
    plain = Answer(status=status, body=message.encode(), nonce=NONCE)
    check(row, answer(plain, Audience.API))


def test_a_message_is_cut_and_escaped() -> None:
    """What a server says goes into the message as one printable line of bounded length."""
    body = {"error": {"message": "a\nb\x00\x1b[31m \ud800 \u202e" + "x" * 5000}}
    given = Answer(status=500, body=Row(id="x", body=body, expected="").answer().body)
    verdict = answer(given, Audience.API)
    assert verdict is not None
    assert verdict.message.startswith(r"HTTP 500: a b\x00\x1b[31m \ud800 \u202e")
    assert verdict.message.isprintable()
    assert len(verdict.message) <= len("HTTP 500: ") + 120


def test_secrets_are_taken_out_before_the_message_is_cut() -> None:
    """A secret that lies across the cut would else leave its first half behind."""
    secret = "sk-" + "s" * 40
    body = {"error": {"message": "x" * 100 + secret}}
    given = Row(id="x", status=401, body=body, expected="").answer()
    given = Answer(status=401, body=given.body, redact=lambda text: text.replace(secret, "[redacted]"))
    verdict = answer(given, Audience.API)
    assert verdict is not None
    assert "sss" not in verdict.message
    assert verdict.message.endswith("x[redacted]")


def test_the_title_of_a_page_is_in_the_message() -> None:
    """A person wants to know which page it was."""
    given = Answer(status=502, headers={"content-type": "text/html"}, body=b"<html><title>502 Bad Gateway</title>")
    verdict = answer(given, Audience.PAGE)
    assert verdict is not None
    assert verdict.message == "HTTP 502: a page titled 502 Bad Gateway"


def test_a_body_too_large_for_an_error_is_not_parsed() -> None:
    """Parsing megabytes would hold the event loop; no error is that large."""
    body = b'{"error": {"code": "rate_limit_exceeded"}, "x": "' + b"x" * 70_000 + b'"}'
    check(Row(id="x", expected="server_error internal target"), answer(Answer(status=500, body=body), Audience.API))
