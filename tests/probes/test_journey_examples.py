"""The examples in docs/examples run as they are, against a simulator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.config import load
from prober.probes import KINDS
from tests.conftest import CHECKOUT
from tests.probes.journeys import CAREFUL, COMPANY, PERSON, Lab, in_lab

if TYPE_CHECKING:
    from pathlib import Path

    from prober.config import Config
    from prober.model.run import Result

EXAMPLES = sorted((CHECKOUT / "docs/examples").glob("*.yaml"))
EVERY = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.stem)


def _load(example: Path, base: str) -> Config:
    client = COMPANY.clients[0]
    env = {
        "WEBUI_URL": base,
        "WEBUI_USER": PERSON.email,
        "WEBUI_PASSWORD": PERSON.password,
        "WEBUI_MODEL": COMPANY.models[0].id,
        "CAREFUL_USER": CAREFUL.email,
        "CAREFUL_PASSWORD": CAREFUL.password,
        "CAREFUL_TOTP": CAREFUL.totp_seed or "",
        "OIDC_ISSUER": base,
        "OIDC_CLIENT": client.id,
        "OIDC_SECRET": client.secret or "",
        "OIDC_REDIRECT": client.redirect_uri,
        "TOKEN_URL": f"{base}/oauth/token",
        "GATEWAY_URL": f"{base}/v1",
    }
    return load(example, kinds=KINDS, env=env, strict=True)


@EVERY
def test_an_example_works(example: Path, tmp_path: Path) -> None:
    """Each is complete, warns of nothing, and is green."""

    async def work(lab: Lab) -> list[Result]:
        config = _load(example, lab.simulator.url)
        assert config.warnings == ()
        return [await lab.execute(probe, config.secrets) for probe in config.probes]

    assert [result.failure for result in in_lab(tmp_path, work)] == [None] * len(_load(example, "http://a.test").probes)


RED: dict[str, tuple[str, object, str]] = {
    "the answer is wrong": ("sign-in-then-ask", {"chat": [{"fault": "wrong_answer"}]}, "ask"),
    "the history is lost": ("write-then-read-back", {"history": [{"fault": "lost_history"}]}, "read-back"),
    "the code is refused": ("second-factor", {"login": [{"fault": "reject_code"}]}, "second"),
    "another nonce": ("openid-connect", {"oidc": [{"fault": "wrong_nonce"}]}, "oidc-token"),
    "no token": ("tokens", {"oidc": [{"fault": "oauth_error"}]}, "token"),
}


@pytest.mark.parametrize(("name", "faults", "phase"), RED.values(), ids=RED)
def test_an_example_is_red_when_it_should_be(name: str, faults: object, phase: str, tmp_path: Path) -> None:
    """What each is there to notice is noticed, in the right step."""

    async def work(lab: Lab) -> Result:
        config = _load(CHECKOUT / f"docs/examples/{name}.yaml", lab.simulator.url)
        return await lab.execute(config.probes[0], config.secrets)

    failure = in_lab(tmp_path, work, faults=faults).failure
    assert failure is not None
    assert failure.phase == phase
