"""The sample Alertmanager configuration: who is told of each alert, and which alerts explain others."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.request
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from tests.deploy.rules import ALERTMANAGER, Rule, alerts
from tests.each import of_each
from tests.real.process import Server, fetch, free_port, started, until

if TYPE_CHECKING:
    from collections.abc import Iterator

Labels = dict[str, str]

ALERT = of_each({str(alert): alert for alert in alerts()})
BY_NAME = {alert.name: alert for alert in alerts()}
API: Labels = {"provider": "acme", "service": "api"}
FRA: Labels = {"job": "prober", "instance": "fra:9813", "location": "fra"}
NYC: Labels = {"job": "prober", "instance": "nyc:9813", "location": "nyc"}
ALONE: Labels = {"job": "prober", "instance": "prober:9813"}
CHAT: Labels = {"probe": "chat", "kind": "chat", **API}


def _amtool(*arguments: str) -> str:
    command = ["amtool", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_amtool_takes_it() -> None:
    """Alertmanager's own tool finds nothing wrong."""
    assert "SUCCESS" in _amtool("check-config", str(ALERTMANAGER))


@cache
def _receiver(*labels: str) -> str:
    return _amtool("config", "routes", "test", f"--config.file={ALERTMANAGER}", *labels).strip()


@ALERT
def test_whoever_can_do_something_is_told(alert: Rule) -> None:
    """Our own trouble goes to our team, and what is theirs or between to whoever deals with the provider."""
    labels = alert.labels
    named = [f"alertname={alert.name}"] if alert.name == "ProberWatchdog" else []
    receiver = _receiver(*named, f"severity={labels['severity']}", f"fault={labels['fault']}")
    if alert.name == "ProberWatchdog":
        wanted = "dead-mans-switch"
    elif labels["fault"] in {"us", "local"}:
        wanted = "our-team-pager" if labels["severity"] == "critical" else "our-team"
    else:
        wanted = "provider-on-call" if labels["severity"] == "critical" else "provider-tickets"
    assert receiver == wanted


def test_what_is_not_ours_goes_to_our_team() -> None:
    """An alert without a fault is not lost."""
    assert _receiver("alertname=NodeDown", "severity=critical") == "our-team"


@pytest.fixture(scope="module")
def alertmanager(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """An Alertmanager with the sample configuration."""
    listen = f"127.0.0.1:{free_port()}"
    command = [
        "prometheus-alertmanager",
        f"--config.file={ALERTMANAGER}",
        "--storage.path=data",
        f"--web.listen-address={listen}",
        "--cluster.listen-address=",
        "--log.level=error",
    ]
    folder = tmp_path_factory.mktemp("alertmanager")
    with started(command, url=f"http://{listen}", folder=folder, ready="/-/ready") as server:
        yield server


def _fired(name: str, *labels: Labels) -> Labels:
    merged = {"alertname": name, **BY_NAME[name].labels}
    for each in labels:
        merged |= each
    return merged


def _silenced(server: Server, sent: list[Labels], *, expected: set[str]) -> set[str]:
    """Which of these alerts Alertmanager keeps to itself, by name; ``case`` tells them from others.

    It takes note of what silences others a little after it takes an alert, so what is expected is waited for.
    """
    body = json.dumps([{"labels": labels} for labels in sent]).encode()
    request = urllib.request.Request(
        f"{server.url}/api/v2/alerts", data=body, headers={"Content-Type": "application/json"}
    )
    urllib.request.urlopen(request, timeout=5).close()

    def known() -> list[dict[str, Any]]:
        found = json.loads(fetch(f"{server.url}/api/v2/alerts?filter=case%3D%22{sent[0]['case']}%22"))
        return found if len(found) == len(sent) else []

    def silenced() -> set[str]:
        return {each["labels"]["alertname"] for each in until(known, seconds=10) if each["status"]["inhibitedBy"]}

    gives_up = time.monotonic() + 10
    while (found := silenced()) != expected and time.monotonic() < gives_up:
        time.sleep(0.1)
    return found


CASES: dict[str, tuple[list[Labels], set[str]]] = {
    "a prober that is down silences what it said of targets": (
        [_fired("ProberDown", FRA), _fired("ProbeDown", FRA, CHAT), _fired("ProbeOverloaded", FRA, CHAT)],
        {"ProbeDown", "ProbeOverloaded"},
    ),
    "and nothing that other probers say": (
        [_fired("ProberDown", FRA), _fired("ProbeDown", NYC, CHAT), _fired("ProbedServiceDown", API)],
        {"ProbeDown"},  # for the service is down
    ),
    "one of two replicas without a location does not silence the other": (
        [_fired("ProberDown", ALONE), _fired("ProbedServiceDown", API)],
        set(),
    ),
    "a prober without network silences what it said of targets, and that it sees nothing": (
        [
            _fired("ProberBlind", FRA),
            _fired("ProbeSlow", FRA, CHAT),
            _fired("ProbeBlind", FRA, CHAT),
            _fired("ProberReloadFailed", FRA),
        ],
        {"ProbeSlow", "ProbeBlind"},
    ),
    "a service that is down explains its probes, and no other service's": (
        [
            _fired("ProbedServiceDown", API),
            _fired("ProbeDown", FRA, CHAT),
            _fired("ProbeErrorBudgetBurnFast", CHAT),
            _fired("ProbeSlow", FRA, CHAT, {"service": "web"}),
            _fired("ProbeCertificateExpiring", CHAT),
        ],
        {"ProbeDown", "ProbeErrorBudgetBurnFast"},
    ),
    "a target that is down does not hide our own trouble": (
        [_fired("ProbedServiceDown", API), _fired("ProbeKeyRejected", FRA, CHAT), _fired("ProbeBlind", NYC, CHAT)],
        set(),
    ),
    "a location that cannot use a service explains its own probes": (
        [
            _fired("ProbedServiceDownAtLocation", API, {"location": "fra"}),
            _fired("ProbeDown", FRA, CHAT),
        ],
        {"ProbeDown"},
    ),
    "a part that is down explains its probes, and does not silence what calls somebody": (
        [
            _fired("ProbedServicePartlyDown", API),
            _fired("ProbeDown", FRA, CHAT),
            _fired("ProbeErrorBudgetBurnSlow", CHAT),
            _fired("ProbeErrorBudgetBurnFast", CHAT, {"probe": "other"}),
        ],
        {"ProbeDown", "ProbeErrorBudgetBurnSlow"},
    ),
    "the reason explains why a probe is blind": (
        [_fired("ProbeKeyRejected", FRA, CHAT), _fired("ProbeBlind", FRA, CHAT), _fired("ProbeBreakerOpen", FRA, CHAT)],
        {"ProbeBlind", "ProbeBreakerOpen"},
    ),
    "of two paces of burning the faster counts": (
        [
            _fired("ProbeErrorBudgetBurnFast", CHAT, {"job": "prober"}),
            _fired("ProbeErrorBudgetBurnSlow", CHAT, {"job": "prober"}),
            _fired("ProbeErrorBudgetLow", CHAT, {"job": "prober"}),
        ],
        {"ProbeErrorBudgetBurnSlow", "ProbeErrorBudgetLow"},
    ),
    "the watchdog is never silenced": (
        [_fired("ProberDown", ALONE), _fired("ProbedServiceDown", API), _fired("ProberWatchdog")],
        set(),
    ),
}


@pytest.mark.parametrize(("at", "case"), list(enumerate(CASES)), ids=list(CASES))
def test_what_explains_what(at: int, case: str, alertmanager: Server) -> None:
    """A real Alertmanager keeps to itself what another alert explains, and only that."""
    sent, explained = CASES[case]
    here = {"case": str(at)}
    distinct = [
        {**labels, **here, **{name: f"{labels[name]}-{at}" for name in ("provider", "instance") if name in labels}}
        for labels in sent
    ]
    assert _silenced(alertmanager, distinct, expected=explained) == explained
