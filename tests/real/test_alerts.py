"""From what breaks to who is told: simulator, prober, Prometheus with the shipped rules, Alertmanager, webhook."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import urllib.parse
import urllib.request
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.real.process import Server, fetch, free_port, started, until
from tests.real.rewritten import PACE, quick_routes, quick_rules
from tests.real.webhook import Told, Webhook, listening

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.timeout(300)  # the first test waits for all that happens

PROBER = str(Path(sys.executable).parent / "prober")
ONCE = {"interval": "1s", "retry_interval": "1s", "timeout": "10s"}
KEYS = {"PARROT_KEY": "sk-parrot-probe-key", "MAGPIE_KEY": "sk-magpie-probe-key"}
BREAKS = {
    "web": [{"fault": "status", "status": 500}],
    "chat": [{"fault": "error", "error": "openai.bad_key"}],
    "magpie/chat": [{"fault": "latency", "seconds": 0.7}],
}
"""A web application that is broken, a key of ours that has expired, and a vendor that is slow under load."""

STORIES = {
    "a target fails": ("ProbedServiceDown", "provider-on-call", {"provider": "parrot", "service": "web"}),
    "our key has expired": ("ProbeKeyRejected", "our-team", {"provider": "parrot", "service": "api"}),
    "a prober is dead": ("ProberDown", "our-team-pager", {"job": "prober"}),
    "a vendor is slow under load": (
        "ProbeFirstTokenSlow",
        "provider-tickets",
        {"provider": "magpie", "service": "api"},
    ),
}
"""Alert, receiver and labels."""


@dataclass(slots=True, kw_only=True)
class Drama:
    """What happened, when, and what was told of it."""

    webhook: Webhook
    dead: str
    broke_at: float = 0.0
    mended_at: float = 0.0
    fired: dict[str, Told] = field(default_factory=dict)
    resolved: dict[str, Told] = field(default_factory=dict)

    def wait(self, *, firing: bool, since: float) -> dict[str, Told]:
        """The notification of each story, once all have come."""

        def look() -> dict[str, Told]:
            found = {
                story: self.webhook.first(name, firing=firing, since=since, **labels, **self._place(name))
                for story, (name, _, labels) in STORIES.items()
            }
            assert all(found.values()), [story for story, told in found.items() if told is None]
            return {story: told for story, told in found.items() if told}

        return until(look, seconds=60)

    def _place(self, alert: str) -> dict[str, str]:
        """Which prober is dead: on a busy machine a scrape of the other one may take too long as well."""
        return {"instance": self.dead} if alert == "ProberDown" else {}


def _probes(simulator: str, *, far: bool) -> list[dict[str, Any]]:
    page = {"kind": "http", "service": "web", **ONCE}
    chat = {"kind": "chat", "service": "api", "protocol": "openai-chat", **ONCE}
    magpie = {"name": "magpie-page", "provider": "magpie", "url": f"{simulator}/magpie/", **page}
    if far:
        return [magpie]
    return [
        {"name": "parrot-page", "provider": "parrot", "url": f"{simulator}/", **page},
        {"name": "parrot-chat", "provider": "parrot", "endpoint": f"{simulator}/v1", "model": "parrot-2",
         "api_key": "${env:PARROT_KEY}", **chat},
        {"name": "magpie-chat", "provider": "magpie", "endpoint": f"{simulator}/magpie/v1", "model": "magpie-2",
         "api_key": "${env:MAGPIE_KEY}", "slow": {"first_token": "400ms"}, **chat},
    ]  # fmt: skip


@contextmanager
def _process(folder: Path, name: str, *command: str, at: str, ready: str = "/-/ready") -> Iterator[Server]:
    place = folder / name
    place.mkdir(exist_ok=True)
    with started(command, url=f"http://{at}", folder=place, ready=ready, env={**os.environ, **KEYS}) as server:
        yield server


def _prober(folder: Path, name: str, at: str, simulator: str, *, far: bool) -> tuple[str, ...]:
    path = folder / f"{name}.yaml"
    document = {"version": 1, "location": name, "probes": _probes(simulator, far=far)}
    path.write_text(yaml.safe_dump(document))
    return (PROBER, "run", "-c", str(path), "--listen", at)


def _prometheus(folder: Path, targets: list[str], alertmanager: str) -> tuple[str, ...]:
    rules = folder / "rules"
    rules.mkdir()
    quick_rules(rules)
    config = {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s"},
        "rule_files": [f"{rules}/*.yml"],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [alertmanager]}]}]},
        "scrape_configs": [{"job_name": "prober", "static_configs": [{"targets": targets}]}],
    }
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    return (
        "prometheus",
        f"--config.file={folder}/prometheus.yml",
        "--storage.tsdb.path=data",
        "--rules.alert.resend-delay=1s",  # what was sent before it had found Alertmanager is lost
        "--log.level=warn",
    )


def _alertmanager(folder: Path, webhook: str) -> tuple[str, ...]:
    quick_routes(folder / "alertmanager.yml", webhook)
    return (
        "prometheus-alertmanager",
        f"--config.file={folder}/alertmanager.yml",
        "--storage.path=data",
        "--cluster.listen-address=",
        "--log.level=warn",
    )


def _set_faults(simulator: str, faults: object) -> None:
    request = urllib.request.Request(f"{simulator}/-/faults", data=json.dumps(faults).encode(), method="PUT")
    urllib.request.urlopen(request, timeout=5).close()


def _all_is_well(prometheus: Server, probes: int) -> None:
    query = urllib.parse.quote('count(prober_probe_state{state="up"} == 1)')

    def look() -> bool:
        found = json.loads(fetch(f"{prometheus.url}/api/v1/query?query={query}"))["data"]["result"]
        return [one["value"][1] for one in found] == [str(probes)]

    until(look, seconds=30)


@pytest.fixture(scope="module")
def drama(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drama]:
    """Everything breaks at once, is told, is mended, and is told again."""
    folder = tmp_path_factory.mktemp("alerts")
    fake, here, far, am, prom = (f"127.0.0.1:{free_port()}" for _ in range(5))
    simulator = f"http://{fake}"
    with ExitStack() as stack:
        webhook = stack.enter_context(listening())
        open_ = stack.enter_context
        # first Prometheus, which looks for its targets every five seconds
        listen = f"--web.listen-address={prom}"
        prometheus = open_(_process(folder, "prometheus", *_prometheus(folder, [here, far], am), listen, at=prom))
        listen = f"--web.listen-address={am}"
        open_(_process(folder, "alertmanager", *_alertmanager(folder, webhook.url), listen, at=am))
        open_(_process(folder, "fake", PROBER, "simulate", "--listen", fake, at=fake, ready="/-/faults"))
        open_(_process(folder, "fra", *_prober(folder, "fra", here, simulator, far=False), at=here))
        command = _prober(folder, "nyc", far, simulator, far=True)
        dying = open_(_process(folder, "nyc", *command, at=far))
        _all_is_well(prometheus, probes=4)
        drama = Drama(webhook=webhook, dead=far, broke_at=time.monotonic())
        _set_faults(simulator, BREAKS)
        dying.process.send_signal(signal.SIGKILL)
        drama.fired = drama.wait(firing=True, since=drama.broke_at)
        time.sleep(2)  # for whatever else would be told
        drama.mended_at = time.monotonic()
        _set_faults(simulator, {})
        open_(_process(folder, "nyc-again", *command, at=far))
        drama.resolved = drama.wait(firing=False, since=drama.mended_at)
        yield drama


@pytest.mark.parametrize("story", STORIES)
def test_whoever_can_do_something_is_told_and_told_when_it_is_over(story: str, drama: Drama) -> None:
    """By the shipped names, labels and texts; the same receiver hears of the end."""
    name, receiver, _ = STORIES[story]
    fired, resolved = drama.fired[story], drama.resolved[story]
    assert (fired.receiver, resolved.receiver) == (receiver, receiver)
    assert fired.labels == resolved.labels
    assert fired.annotations["runbook_url"] == f"docs/runbooks/{name}.md"
    assert "{{" not in "".join(fired.annotations.values())


def test_the_text_names_the_reason(drama: Drama) -> None:
    """The class that the simulator's fault comes to, as Prometheus found it when the alert was made."""
    assert "server_error, fault target" in drama.fired["a target fails"].annotations["description"]
    assert drama.fired["our key has expired"].labels["error_class"] == "auth_rejected"
    assert drama.fired["a prober is dead"].labels["instance"] == drama.dead


def test_nobody_is_told_what_is_not_theirs(drama: Drama) -> None:
    """Nothing of our key or of the dead prober's targets reaches those who deal with providers."""
    told = [one for one in drama.webhook.told if one.firing and one.receiver.startswith("provider-")]
    blamed = {(one.labels["provider"], one.labels["service"]) for one in told}
    assert blamed == {("parrot", "web"), ("magpie", "api")}
    slow = {one.labels["alertname"] for one in told if one.labels["provider"] == "magpie"}
    assert slow <= {"ProbeFirstTokenSlow", "ProbeSlow", "ProbedServiceDegraded"}
    ours = {one.labels["fault"] for one in drama.webhook.told if one.receiver.startswith("our-team")}
    assert ours == {"us"}


def test_the_watchdog_is_heard(drama: Drama) -> None:
    """By the dead man's switch alone."""
    heard = {one.receiver for one in drama.webhook.told if one.labels["alertname"] == "ProberWatchdog"}
    assert heard == {"dead-mans-switch"}


def test_the_delays(drama: Drama, capsys: pytest.CaptureFixture[str]) -> None:
    """From the fault to the notification, and from its end to the all-clear, as measured and printed."""
    with capsys.disabled():
        print(f"\nalerts: every duration of the rules divided by {PACE}")
        for story in STORIES:
            fired, resolved = drama.fired[story].at - drama.broke_at, drama.resolved[story].at - drama.mended_at
            print(f"  {story:28} told after {fired:4.1f} s, over after {resolved:4.1f} s")
            assert 0 < fired < 60
            assert 0 < resolved < 60
