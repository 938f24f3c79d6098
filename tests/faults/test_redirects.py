"""Redirects that lead in circles or away, and what goes along (faults H9 and H10)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.faults.case import CANARY, Case, row
from tests.faults.judge import must_hold

if TYPE_CHECKING:
    from tests.conftest import Runner
    from tests.target.zoo import Zoo

_BLOCKED = "unexpected_response redirect_blocked processing target"
_LOOP = "unexpected_response redirect_loop processing target"
_SECRETS = {"headers": {"X-Api-Key": "${env:CANARY}", "Authorization": "Bearer ${env:CANARY}", "Accept-Language": "en"}}
_MAY_GO_ALONG = {"host", "accept", "accept-language", "accept-encoding", "user-agent", "connection"}

CIRCLES = (
    row("redirect-loop", _LOOP),
    row("redirect-chain", _LOOP),
    row("redirect-chain", _LOOP, kind="page", redirects={"max": 20}, name="long-chain"),
)

NOWHERE = (
    "file:///etc/passwd",
    "data:text/html,hello",
    "ftp://127.0.0.1/x",
    "javascript:alert(1)",
    "http://169.254.169.254/latest/meta-data/",
    "http://[::ffff:169.254.169.254]/",
    "http://user:password@127.0.0.2/",
    "http://",
    "http://[::bad/",
)


@pytest.mark.parametrize("case", CIRCLES, ids=str)
def test_circles(case: Case, zoo: Zoo, run_loop: Runner[Any]) -> None:
    """A chain longer than allowed ends, and says so."""
    must_hold(case, zoo, run_loop)


@pytest.mark.parametrize("to", NOWHERE)
def test_where_no_redirect_leads(to: str, zoo: Zoo, run_loop: Runner[Any]) -> None:
    """Another scheme, a cloud's metadata, or no URL at all is refused even where any origin is allowed."""
    settings: dict[str, Any] = {"url": zoo.redirect(to), "redirects": {"to": "any"}, **_SECRETS}
    must_hold(row("redirect", _BLOCKED, **settings), zoo, run_loop)


def test_from_https_to_http(zoo: Zoo, run_loop: Runner[Any]) -> None:
    """A redirect that gives up the secure channel is refused."""
    url = zoo.redirect(zoo.url("elsewhere", host="127.0.0.2"), through="tls-redirect")
    settings: dict[str, Any] = {
        "url": url,
        "tls": {"ca_file": str(zoo.folder / "ca.pem")},
        "redirects": {"to": "any"},
        **_SECRETS,
    }
    must_hold(row("tls-redirect", _BLOCKED, **settings), zoo, run_loop)


@pytest.mark.parametrize("kind", ["http", "page"])
def test_a_probe_with_a_key_stays_at_its_origin(kind: str, zoo: Zoo, run_loop: Runner[Any]) -> None:
    """Where a key is sent, another origin is not even asked, unless the configuration allows it."""
    before = zoo.elsewhere()
    settings: dict[str, Any] = {"url": zoo.redirect(zoo.url("elsewhere", host="127.0.0.2")), **_SECRETS}
    must_hold(row("redirect", _BLOCKED, kind=kind, **settings), zoo, run_loop)
    assert zoo.elsewhere() == before


def test_a_chat_stays_at_its_origin(zoo: Zoo, run_loop: Runner[Any]) -> None:
    """The same for a chat, which always sends its key and its prompt."""
    before = zoo.elsewhere()
    to = zoo.redirect(zoo.url("elsewhere", host="127.0.0.2"), through="redirect-307")
    settings: dict[str, Any] = {"endpoint": to}
    must_hold(row("redirect-307", _BLOCKED, kind="chat", **settings), zoo, run_loop)
    assert zoo.elsewhere() == before


@pytest.mark.parametrize("through", ["redirect", "redirect-307", "tls-redirect"])
def test_nothing_of_ours_reaches_another_origin(through: str, zoo: Zoo, run_loop: Runner[Any]) -> None:
    """Where another origin is allowed, it gets neither key nor cookie, body nor Referer."""
    scheme = "tls-" if through.startswith("tls") else ""
    url = zoo.redirect(zoo.url(f"{scheme}elsewhere", "/there", host="127.0.0.2"), through=through)
    settings: dict[str, Any] = {
        "url": url,
        "method": "POST",
        "body": CANARY,
        "tls": {"ca_file": str(zoo.folder / "ca.pem")},
        "redirects": {"to": "any"},
        **_SECRETS,
    }
    before = len(zoo.elsewhere())
    must_hold(row(through, **settings), zoo, run_loop)
    recorded = [json.loads(line) for line in zoo.elsewhere()[before:].splitlines()]
    assert recorded
    for asked in recorded:
        names = {line.partition(":")[0].lower() for line in asked["head"].splitlines()[1:] if line}
        assert names - _MAY_GO_ALONG - {"content-length"} == set()
        assert asked["body"] == ""
    assert CANARY not in zoo.elsewhere()
    assert "c00kie-of-home" not in zoo.elsewhere()
