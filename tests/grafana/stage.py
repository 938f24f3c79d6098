"""A minute of trouble in some seconds: the demo's scenario, two probers and a Prometheus that keeps what they saw."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import urllib.request
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from prober.simulator.scenario import load
from prober.simulator.settings import SimulatorSettings
from tests.real.process import Server, fetch, free_port, started, until
from tests.target.zoo import Zoo, open_zoo

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Stage", "played"]

_PROBER = str(Path(sys.executable).parent / "prober")
_SPEED = 4.0
_FREEZES = 5
_CALM_SECONDS = 2.0
_BROKEN = {"magpie/web": [{"fault": "missing_asset"}]}
_ACCOUNTS = {provider.name: provider.accounts[0] for provider in SimulatorSettings().providers}

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where the past can be asked for, from when to when, and when one prober of two died, in Unix time."""

    prometheus: str
    began: float
    died: float
    ended: float


def _often(name: str, kind: str, service: str, provider: str = "parrot", **more: object) -> Json:
    return {"name": name, "kind": kind, "provider": provider, "service": service, **more}


def _login(name: str, provider: str, base: str, password: str) -> Json:
    steps = [
        {"name": "page", "get": "{{base}}/login", "expect": {"status": 200}},
        {"name": "submit", "role": "submit", "form": True, "fields": {"email": "{{user}}", "password": "{{password}}"}},
        {
            "name": "whoami",
            "role": "whoami",
            "get": "{{base}}/api/me",
            "expect": [{"jsonpath": "$.email", "exists": True}],
        },
    ]
    variables = {"base": base, "user": _ACCOUNTS[provider].email, "password": password}
    return _often(name, "login", "login", provider, variables=variables, steps=steps)


def _chat(name: str, provider: str, url: str, **more: object) -> Json:
    settings = {
        "endpoint": f"{url}/v1", "protocol": "openai-chat", "model": f"{provider}-2",
        "api_key": f"${{env:{provider.upper()}_KEY}}",
        "deadlines": {"first_token": "1500ms", "idle": "500ms"}, "slow": {"first_token": "1s"},
        "slo": {"availability": "99%", "fast": "95%"},
    }  # fmt: skip
    return _often(name, "chat", "chat", provider, **settings | more)


def _probes(parrot: str, zoo: Zoo) -> list[Json]:
    """What works until the scenario breaks it, and one probe for each way in which something else is wrong."""
    magpie = f"{parrot}/magpie"
    price = {"input_per_million": 0.1, "output_per_million": 0.5, "currency": "USD"}
    return [
        _often("parrot-page", "page", "web", url=f"{parrot}/", assets="all", slo={"availability": "99%"}),
        _login("parrot-login", "parrot", parrot, _ACCOUNTS["parrot"].password),
        _chat("parrot-chat", "parrot", parrot, price=price),
        _chat("magpie-chat", "magpie", magpie, price=price),
        _often("browser", "page", "web", url=f"{parrot}/", engine="browser", interval="4s", timeout="15s"),
        _often("broken-page", "page", "web", "magpie", url=f"{magpie}/", assets="all"),
        _often("closed", "http", "gateway", "zoo", url=zoo.url("closed")),
        _often("certified", "http", "gateway", "zoo", url=zoo.url("tls"), tls={"ca_file": str(zoo.folder / "ca.pem")}),
        _chat("blind", "magpie", magpie, api_key="${env:NOBODYS_KEY}"),
        _chat("thrifty", "magpie", magpie, price=price, budget={"cost_per_day": 0.000001}),
        _chat("retiring", "parrot", parrot, model="parrot-1", preflight=True),
        _login("held", "magpie", magpie, "not-the-password"),
        _chat("keyless", "parrot", parrot, api_key="${env:NOT_SET}"),
        _often("hung", "http", "gateway", "zoo", url=zoo.url("hang"), timeout="2s"),
    ]


def _address() -> str:
    return f"127.0.0.1:{free_port()}"


@contextmanager
def _prober(home: Path, listen: str, probes: list[Json], **more: object) -> Iterator[Server]:
    home.mkdir()
    defaults = {"interval": "500ms", "timeout": "500ms", "retry_interval": "500ms"}
    wait = {"chat": {"timeout": "2s", "interval": "2s"}, "login": {"timeout": "2s", "interval": "1s"}}
    each = [{**wait.get(probe["kind"], {}), **probe} for probe in probes]
    path = home / "probes.yaml"
    path.write_text(yaml.safe_dump({"version": 1, "defaults": defaults, "probes": each, **more}))
    command = [_PROBER, "run", "-c", str(path), "--listen", listen]
    keys = {f"{name.upper()}_KEY": account.api_key for name, account in _ACCOUNTS.items()}
    environment = {**os.environ, **keys, "NOBODYS_KEY": "sk-of-nobody"}
    with started(command, url=f"http://{listen}", folder=home, ready="/-/ready", env=environment) as server:
        yield server


@contextmanager
def _prometheus(home: Path, *probers: str) -> Iterator[Server]:
    home.mkdir()
    jobs = [{"job_name": f"prober-{at}", "static_configs": [{"targets": [each]}]} for at, each in enumerate(probers)]
    alert = {"alert": "ProbedServiceDown", "expr": 'prober_service_state{state="down"} == 1',
             "labels": {"severity": "critical", "fault": "target"}}  # fmt: skip
    (home / "rules.yml").write_text(yaml.safe_dump({"groups": [{"name": "test", "rules": [alert]}]}))
    often = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
    config = {"global": often, "rule_files": ["rules.yml"], "scrape_configs": jobs}
    (home / "prometheus.yml").write_text(yaml.safe_dump(config))
    listen = _address()
    command = [
        "prometheus",
        "--config.file=prometheus.yml",
        "--storage.tsdb.path=data",
        f"--web.listen-address={listen}",
    ]
    with started(command, url=f"http://{listen}", folder=home, ready="/-/ready") as server:
        yield server


@contextmanager
def _simulator(home: Path) -> Iterator[Server]:
    listen = _address()
    home.mkdir()
    command = [_PROBER, "simulate", "--listen", listen]
    with started(command, url=f"http://{listen}", folder=home, ready="/-/faults") as server:
        yield server


def _play(simulator: Server) -> None:
    """Play the demo's scenario on the first company; the second one has had a broken deployment all along.

    It begins well, as all has been since the probers came, so most of that is left out.
    """
    faults: Json = {**_BROKEN}
    began = time.monotonic()
    steps = load("demo").steps
    left_out = next(step.at_seconds for step in steps if step.faults) - _CALM_SECONDS * _SPEED
    for step in steps:
        time.sleep(max(0.0, began + (step.at_seconds - left_out) / _SPEED - time.monotonic()))
        faults |= step.faults
        _break(simulator, faults)


def _break(simulator: Server, faults: Json) -> None:
    put = urllib.request.Request(f"{simulator.url}/-/faults", json.dumps(faults).encode(), method="PUT")
    urllib.request.urlopen(put, timeout=5).close()


def _scraped(prometheus: Server) -> int:
    """How many probers it could scrape the last time."""
    answer = json.loads(fetch(f"{prometheus.url}/api/v1/query?query=up%3D%3D1"))
    return len(answer["data"]["result"])


def _errors(prober: Server) -> float:
    """How many runs were errors of ours."""
    lines = fetch(f"{prober.url}/metrics").splitlines()
    runs = [line for line in lines if line.startswith("prober_probe_runs_total{") and 'result="error"' in line]
    return sum(float(line.rpartition(" ")[2]) for line in runs)


def _freeze(prober: Server) -> None:
    """Hold the process up, as a host without CPU does: runs that end by their timeouts meanwhile are errors.

    Again, until there was such a run: it has to go on at that moment.
    """
    before = _errors(prober)
    for _ in range(_FREEZES):
        prober.process.send_signal(signal.SIGSTOP)
        time.sleep(2.5)
        prober.process.send_signal(signal.SIGCONT)
        time.sleep(1)
        if _errors(prober) > before:
            return


@contextmanager
def played(folder: Path) -> Iterator[Stage]:
    """The stage after the scenario: one prober in a place and one in none, which has died since."""
    with ExitStack() as stack:
        zoo = stack.enter_context(open_zoo())
        addresses = (_address(), _address())
        prometheus = stack.enter_context(_prometheus(folder / "prometheus", *addresses))
        simulator = stack.enter_context(_simulator(folder / "simulator"))
        _break(simulator, _BROKEN)
        probes = _probes(simulator.url, zoo)
        place = {"location": "fra1", "connectivity": [{"tcp": f"127.0.0.1:{zoo.ports['healthy']}"}]}
        here = stack.enter_context(_prober(folder / "here", addresses[0], probes, **place))
        few = [probe for probe in probes if probe["name"] in {"parrot-page", "magpie-chat", "certified", "closed"}]
        other = stack.enter_context(_prober(folder / "other", addresses[1], few))
        until(lambda: _scraped(prometheus) == 2, seconds=30)  # it looks for new targets every five seconds
        began = time.time()
        _play(simulator)
        died = time.time()
        other.process.terminate()
        other.process.wait(10)
        _break(simulator, {**_BROKEN, "magpie/chat": [{"fault": "empty"}]})
        _freeze(here)
        time.sleep(3)
        yield Stage(prometheus=prometheus.url, began=began, died=died, ended=time.time())
