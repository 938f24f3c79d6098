"""The smallest OpenID provider of PyPI is signed into: one form, one field, code flow with PKCE."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.real.command import check
from tests.real.process import Server, free_port, started

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def provider(servers: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """oidc-provider-mock."""
    port = str(free_port())
    command = [str(servers / "oidc-provider-mock"), "--host", "127.0.0.1", "--port", port]
    url = f"http://127.0.0.1:{port}"
    ready = "/.well-known/openid-configuration"
    with started(command, url=url, folder=tmp_path_factory.mktemp("oidc"), ready=ready) as server:
        yield server


def _probe(provider: Server, issuer: str, **oidc: Any) -> dict[str, Any]:
    return {
        "name": "oidc",
        "kind": "login",
        "variables": {"base": provider.url, "who": "alice@example.test"},
        "oidc": {
            "issuer": issuer,
            "client_id": "some-client",
            "client_secret": "${env:LAB_CLIENT}",
            "redirect_uri": "http://127.0.0.1:1/callback",
            "login": [{"name": "who", "role": "submit", "form": True, "fields": {"sub": "{{who}}"}}],
            **oidc,
        },
        "steps": [
            {
                "name": "whoami",
                "role": "whoami",
                "get": "{{base}}/userinfo",
                "bearer": "{{access_token}}",
                "expect": [{"jsonpath": "$.sub", "equals": "{{who}}"}],
            }
        ],
    }


def test_a_sign_in(provider: Server, tmp_path: Path) -> None:
    """The way back leads to where nobody listens, and is not gone; the token knows who we said we are."""
    said = check(tmp_path, [_probe(provider, provider.url)], LAB_CLIENT="some-secret")
    probe = said.probes["oidc"]
    assert probe["result"] in {"ok", "slow"}, probe
    assert [step["name"] for step in probe["steps"] if step["result"] == "skipped"] == ["oidc-consent"]


def test_no_provider_there(provider: Server, tmp_path: Path) -> None:
    """Where the issuer does not say where its endpoints are, the first step fails."""
    said = check(tmp_path, [_probe(provider, f"{provider.url}/other")], LAB_CLIENT="some-secret")
    probe = said.probes["oidc"]
    assert (probe["result"], probe["phase"]) == ("fail", "oidc-discovery"), probe


def test_the_code_flow_without_its_page(provider: Server, tmp_path: Path) -> None:
    """Where the provider's form has no such field, its page has changed."""
    login = [{"name": "who", "role": "submit", "form": True, "fields": {"email": "{{who}}"}}]
    said = check(tmp_path, [_probe(provider, provider.url, login=login)], LAB_CLIENT="some-secret")
    probe = said.probes["oidc"]
    assert (probe["error_class"], probe["detail"], probe["phase"]) == ("content_mismatch", "page_changed", "who")
