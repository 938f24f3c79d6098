"""Walls in front of a service: challenges, blocks, and pages that the edge made itself."""

from __future__ import annotations

import pytest

from prober.classify import Answer, Audience, answer, masked
from tests.classify.rows import Row, check, ids

CHALLENGE = "bot_challenge challenge unknown"
CF_PAGE = (
    "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body><script>(function(){window._cf_chl_opt = "
    '{cRay: "1"};var a = document.createElement("script");'
    'a.src = "/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1";'
    "}());</script></body></html>"
)
JSD = (
    "<html><title>{}</title><body>Hello<script src='/cdn-cgi/challenge-platform/h/b/scripts/jsd/main.js'></script>"
    "</body></html>"
)
ASKING = {
    "human": "<h1>Robot or human?</h1><div id='px-captcha' style='margin: 16px'></div>",
    "akamai": '<div id="sec-if-cpt-container">Powered and protected by</div>',
    "imperva": '<iframe id="main-iframe" src="/_Incapsula_Resource?CWUDNSAI=9&amp;incident_id=1" frameborder=0>'
    "Request unsuccessful. Incapsula incident ID: 1</iframe>",
}


def block_page(code: int) -> str:
    """Cloudflare's own page of a 1xxx code, as its tags are."""
    return (
        "<!DOCTYPE html><html><head><title>Access denied | x used Cloudflare</title></head><body><h1>"
        f'<span class="cf-error-type">Error</span> <span class="cf-error-code">{code}</span></h1></body></html>'
    )


ROWS = (
    *(
        Row(
            id=f"cf-mitigated-{status}",
            status=status,
            headers={"CF-Mitigated": "challenge"},
            body="<html>",
            expected=CHALLENGE,
        )
        for status in (200, 202, 302, 403, 429, 503)
    ),
    Row(id="aws-challenge", status=202, headers={"x-amzn-waf-action": "challenge"}, expected=CHALLENGE),
    Row(id="aws-captcha", status=405, headers={"x-amzn-waf-action": "captcha"}, expected=CHALLENGE),
    Row(id="datadome", status=403, headers={"X-DataDome": "protected"}, expected=CHALLENGE),
    Row(
        id="datadome-401",
        status=401,
        headers={"X-DataDome": "protected"},
        body="<html><script src='https://ct.captcha-delivery.com/c.js'></script></html>",
        expected=CHALLENGE,
    ),
    Row(
        id="datadome-app-401", status=401, headers={"X-DataDome": "protected"}, expected="auth_rejected unauthorized us"
    ),
    *(
        Row(id=f"{name}-{status}", status=status, body=f"<html><body>{page}</body></html>", expected=CHALLENGE)
        for status in (200, 403)
        for name, page in ASKING.items()
    ),
    Row(
        id="akamai-denied",
        status=403,
        headers={"Server": "AkamaiGHost"},
        body="<html><TITLE>Access Denied</TITLE>Reference&#32;&#35;18&#46;1 //errors&#46;edgesuite&#46;net",
        expected="access_denied waf us",
    ),
    Row(id="vercel-challenge", status=429, headers={"x-vercel-mitigated": "challenge"}, expected=CHALLENGE),
    Row(id="vercel-deny", status=403, headers={"x-vercel-mitigated": "deny"}, expected="access_denied waf us"),
    Row(id="cf-page-403", status=403, body=CF_PAGE, expected=CHALLENGE),
    Row(id="cf-page-503", status=503, body=CF_PAGE, expected=CHALLENGE),
    Row(id="cf-page-200", status=200, body=CF_PAGE, expected=CHALLENGE),
    Row(id="cf-options", status=403, body="<html><script>_cf_chl_opt={}</script></html>", expected=CHALLENGE),
    Row(
        id="cf-platform",
        status=403,
        body="<html><script src='/cdn-cgi/challenge-platform/h/g/orchestrate/x'></script></html>",
        expected=CHALLENGE,
    ),
    Row(id="cf-title", status=503, body="<html><title>Just a moment...</title></html>", expected=CHALLENGE),
    Row(id="jsd-403", status=403, body=JSD.format("Sign in"), expected="access_denied forbidden us"),
    Row(
        id="cf-blocked",
        status=403,
        body="<html><title>Attention Required! | Cloudflare</title>Sorry, you have been blocked</html>",
        expected="access_denied waf us",
    ),
    *(
        Row(id=f"cf-{code}", status=403, body=block_page(code), expected="access_denied waf us")
        for code in (1006, 1007, 1008, 1010, 1020)
    ),
    Row(id="cf-1009", status=403, body=block_page(1009), expected="access_denied region us"),
    Row(id="cf-1015", status=429, body=block_page(1015), expected="rate_limited edge_rule us"),
    Row(id="cf-1016", status=530, body=block_page(1016), expected="upstream_error edge target"),
    Row(id="cf-1101", status=500, body=block_page(1101), expected="server_error internal target"),
    Row(
        id="cf-1020-text",
        status=403,
        body="error code: 1020",
        headers={"Content-Type": "text/plain"},
        expected="access_denied waf us",
    ),
    Row(id="cf-1020-words", status=403, body="<html>Error 1020 Access denied</html>", expected="access_denied waf us"),
    Row(
        id="cf-unknown-code",
        status=403,
        headers={"server": "cloudflare"},
        body=block_page(1999),
        expected="access_denied forbidden us",
        unmapped="cloudflare_1999",
    ),
    Row(
        id="cf-json-1015",
        status=429,
        body={"cloudflare_error": True, "error_code": 1015, "error_name": "rate_limited", "status": 429, "title": "x"},
        expected="rate_limited edge_rule us",
    ),
    Row(
        id="cf-json-1010",
        status=403,
        body={"cloudflare_error": True, "error_code": 1010, "title": "Error 1010: Access denied", "status": 403},
        expected="access_denied waf us",
    ),
    Row(
        id="cf-json-unknown",
        status=403,
        body={"cloudflare_error": True, "error_code": 1998, "title": "Error 1998", "status": 403},
        expected="access_denied forbidden us",
        unmapped="cloudflare_1998",
    ),
    Row(
        id="cf-json-502",
        status=502,
        body={"cloudflare_error": True, "title": "Error 502: Bad gateway", "status": 502},
        expected="upstream_error edge target",
    ),
    Row(
        id="cf-json-504",
        status=504,
        body={"cloudflare_error": True, "title": "Error 504", "status": 504},
        expected="upstream_error edge_read_timeout target",
    ),
    Row(id="cf-error-type-52x", status=500, headers={"cf-error-type": "52x"}, expected="upstream_error edge target"),
    Row(
        id="cf-524",
        status=524,
        headers={"cf-error-type": "52x", "server": "cloudflare"},
        body="<html><title>x | 524: A timeout occurred</title></html>",
        expected="upstream_error edge_read_timeout target",
    ),
    *(
        Row(id=f"cf-{status}", status=status, body=f"error code: {status}", expected="upstream_error edge target")
        for status in (502, 520, 521, 522, 523, 525, 526, 530)
    ),
)


@pytest.mark.parametrize("row", ROWS, ids=ids)
@pytest.mark.parametrize("audience", Audience)
def test_walls(row: Row, audience: Audience) -> None:
    """Each sign of the reference's section 10, whoever the answer was for."""
    check(row, answer(row.answer(), audience))


INNOCENT = (
    Answer(status=200, headers={"content-type": "text/html"}, body=JSD.format("Hello").encode()),
    Answer(status=200, headers={"content-type": "text/html"}, body=b"<p>How to read _cf_chl_opt on a page</p>"),
    Answer(status=200, headers={"content-type": "text/html"}, body=b"<title>Just a moment: a film</title>"),
    Answer(status=200, headers={"x-datadome": "protected"}, body=b"<p>Hello</p>"),
    Answer(status=200, body=b"<script src=/_Incapsula_Resource?SWJIYLWA=1></script><p>What px-captcha is</p>"),
    Answer(status=200, headers={"server": "cloudflare", "cf-ray": "1-FRA"}, body=b"<p>Error 1020 explained</p>"),
)


@pytest.mark.parametrize("given", INNOCENT, ids=["jsd", "article", "title", "datadome", "imperva", "explained"])
def test_a_page_behind_a_wall_is_not_the_wall(given: Answer) -> None:
    """The edge puts scripts and headers into good pages, and people write about it."""
    assert answer(given, Audience.PAGE) is None
    assert masked(given, Audience.PAGE) is None


def test_an_errors_json_that_quotes_a_wall_is_no_wall() -> None:
    """An API that echoes the prompt must not be taken for a challenge."""
    body = {"error": {"message": "bad: <script>_cf_chl_opt</script> Error 1020", "type": "invalid_request_error"}}
    row = Row(id="x", status=403, body=body, expected="access_denied forbidden us")
    check(row, answer(row.answer(), Audience.API))
