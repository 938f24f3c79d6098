"""Prometheus' configurations: checked by its own tool, and tried out with an agent that hands on to a second one."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import urllib.parse
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.conftest import CHECKOUT
from tests.real.process import Server, fetch, free_port, started, until

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = CHECKOUT / "deploy/prometheus"
PROBER = Path(sys.executable).parent / "prober"


def _promtool(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = ["promtool", "check", "config", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(("name", "options"), [("prometheus.yml", ()), ("agent.yml", ("--agent",))])
def test_prometheus_takes_it(name: str, options: tuple[str, ...]) -> None:
    """Its own tool finds nothing wrong, neither in it nor in the rules that it names."""
    done = _promtool(*options, FOLDER / name)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_rule_is_loaded() -> None:
    """The pattern in the configuration finds each file there is."""
    said = _promtool(FOLDER / "prometheus.yml").stdout
    rules = sorted((FOLDER / "rules").iterdir())
    assert f"{len(rules)} rule files found" in said
    assert rules
    assert all(f"Checking {rule}" in said for rule in rules)


def _document(name: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((FOLDER / name).read_text())
    return document


@contextmanager
def _prometheus(folder: Path, config: dict[str, Any], *options: str) -> Iterator[Server]:
    folder.mkdir()
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    listen = f"127.0.0.1:{free_port()}"
    command = ["prometheus", "--config.file=prometheus.yml", f"--web.listen-address={listen}", *options]
    with started(command, url=f"http://{listen}", folder=folder, ready="/-/ready") as server:
        yield server


@contextmanager
def _prober(folder: Path, location: str) -> Iterator[str]:
    listen = f"127.0.0.1:{free_port()}"
    url = f"http://{listen}/-/ready"
    probe = {"name": "itself", "kind": "http", "provider": "here", "service": "web", "url": url}
    folder.mkdir()
    (folder / "probes.yaml").write_text(yaml.safe_dump({"version": 1, "location": location, "probes": [probe]}))
    command = [str(PROBER), "run", "--listen", listen]
    with started(command, url=f"http://{listen}", folder=folder, ready="/-/ready"):
        yield listen


def _ask(prometheus: Server, query: str) -> list[dict[str, str]]:
    answer = json.loads(fetch(f"{prometheus.url}/api/v1/query?query={urllib.parse.quote(query)}"))
    return [one["metric"] for one in answer["data"]["result"]]


def _at(config: dict[str, Any], target: str) -> dict[str, Any]:
    """The configuration with another target, and no patience."""
    [job] = config["scrape_configs"]
    [places] = job["static_configs"]
    assert places["targets"] == ["127.0.0.1:9813"]
    places["targets"] = [target]
    config["global"] |= {"scrape_interval": "1s", "scrape_timeout": "1s"}
    return config


@dataclass(frozen=True, slots=True, kw_only=True)
class Servers:
    """A Prometheus that scrapes a prober, and one that an agent writes to. The prober is in this ``place``."""

    near: Server
    central: Server
    place: str


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """All of them at once: the first scrape of a Prometheus comes five seconds after its start."""
    folder = tmp_path_factory.mktemp("scrape")
    agent = _document("agent.yml")
    place = agent["global"]["external_labels"]["location"]
    receives = ("--storage.tsdb.path=data", "--web.enable-remote-write-receiver")
    with ExitStack() as stack:
        target = stack.enter_context(_prober(folder / "prober", place))
        near = _near(folder, _at(_document("prometheus.yml"), target), place)
        central = stack.enter_context(_prometheus(folder / "central", {}, *receives))
        agent = _writing_to(_at(agent, target), f"{central.url}/api/v1/write", folder)
        stack.enter_context(_prometheus(folder / "agent", agent, "--enable-feature=agent", "--storage.agent.path=data"))
        scraping = stack.enter_context(_prometheus(folder / "near", near, "--storage.tsdb.path=data"))
        yield Servers(near=scraping, central=central, place=place)


def _near(folder: Path, config: dict[str, Any], place: str) -> dict[str, Any]:
    """With the label that the comment proposes, and the rules, but nobody to alert."""
    shutil.copytree(FOLDER / "rules", folder / "rules")
    config["scrape_configs"][0]["static_configs"][0]["labels"] = {"location": place}
    return {**config, "rule_files": [str(folder / "rules/*.yml")], "alerting": {}}


def _writing_to(agent: dict[str, Any], url: str, folder: Path) -> dict[str, Any]:
    (folder / "password").write_text("x")
    [remote] = agent["remote_write"]
    remote["url"] = url
    remote["basic_auth"]["password_file"] = str(folder / "password")
    remote["queue_config"]["batch_send_deadline"] = "100ms"
    return agent


@pytest.mark.parametrize("which", ["near", "central"])
def test_a_location_has_one_name(which: str, servers: Servers) -> None:
    """The prober's own `location` stays what it is, `up` gets the same, and nothing is renamed; also by an agent."""
    prometheus: Server = getattr(servers, which)
    [up] = until(lambda: _ask(prometheus, 'up{job="prober"}'), seconds=30)
    [probe] = until(lambda: _ask(prometheus, "prober_probe_interval_seconds"), seconds=30)
    [build] = until(lambda: _ask(prometheus, "prober_build_info"), seconds=30)
    assert up["location"] == probe["location"] == build["location"] == servers.place
    assert "exported_location" not in probe


def test_probers_of_two_places_are_told_apart(servers: Servers) -> None:
    """At its own host each is 127.0.0.1:9813, and rules join series by job and instance."""
    [near] = until(lambda: _ask(servers.near, 'up{job="prober"}'), seconds=30)
    [far] = until(lambda: _ask(servers.central, 'up{job="prober"}'), seconds=30)
    assert near["instance"] != far["instance"]
    assert far["instance"].startswith(servers.place)
