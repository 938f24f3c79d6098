"""The compose file: by its schema, and by what the files that it brings together must agree on."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import urllib.parse
import urllib.request
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from prober.cli.once import run_once
from prober.cli.simulate import simulate
from prober.config import load
from prober.probes import KINDS
from prober.simulator.serve import running
from prober.simulator.settings import SimulatorSettings
from tests.conftest import CHECKOUT
from tests.deploy.dockerfile import stages
from tests.real.process import free_port, started

FOLDER = CHECKOUT / "deploy/compose"
COMPOSE: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
EVERY = pytest.mark.parametrize("name", SERVICES)
_DEFAULT = re.compile(r"\$\{\w+:-([^}]*)\}")


def _plain(text: str) -> str:
    """The text with each variable that nobody set."""
    return _DEFAULT.sub(r"\1", text)


def _mounts(name: str) -> list[dict[str, Any]]:
    mounts: list[dict[str, Any]] = SERVICES[name].get("volumes", [])
    return mounts


def _on_host(name: str, path: str) -> Path:
    """Where a path of a container is in the checkout."""
    for mount in _mounts(name):
        if mount["type"] == "bind" and Path(path).is_relative_to(mount["target"]):
            return (FOLDER / _plain(mount["source"])).resolve() / Path(path).relative_to(mount["target"])
    raise AssertionError(f"{name} has no {path}")


def test_the_schema_of_compose_finds_nothing() -> None:
    """It is the specification's own; a key that is misspelt would be found."""
    vendor = files("check_jsonschema").joinpath("builtin_schemas", "vendor", "compose-spec.json")
    validator = Draft202012Validator(json.loads(vendor.read_text("utf-8")))
    assert [error.message for error in validator.iter_errors(COMPOSE)] == []
    typo = {**COMPOSE, "services": {"prober": {"image": "prober", "capdrop": ["ALL"]}}}
    assert "capdrop" in " ".join(error.message for error in validator.iter_errors(typo))


@EVERY
def test_a_container_can_do_little(name: str) -> None:
    """No root file system to write to, no capability, nothing that gains privileges; ports only for this machine."""
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


@EVERY
def test_an_image_has_a_version(name: str) -> None:
    """Or it is built here, from a stage that is there."""
    service = SERVICES[name]
    if "build" in service:
        assert service["image"] in {"prober", "prober-simulator", "prober-receivers"}
        context = (FOLDER / service["build"]["context"]).resolve()
        assert context == CHECKOUT
        assert service["build"]["target"] in stages(context / service["build"]["dockerfile"])
    else:
        assert re.fullmatch(r"[\w./-]+:v?\d+\.\d+\.\d+", service["image"])


@EVERY
def test_what_is_mounted_is_there(name: str) -> None:
    """Files and folders of the checkout, read-only; volumes that are declared; nothing else is written."""
    for mount in _mounts(name):
        if mount["type"] == "bind":
            assert mount["read_only"] is True
            assert (FOLDER / _plain(mount["source"])).exists(), mount["source"]
        else:
            assert mount["source"] in COMPOSE["volumes"]


@EVERY
def test_a_service_waits_for_others_in_good_health(name: str) -> None:
    """Whoever is waited for says how it is; all say it, without a shell."""
    for other, how in SERVICES[name].get("depends_on", {}).items():
        assert how["condition"] in {"service_healthy", "service_started"}
        assert other in SERVICES
    assert _health(name)[0] == "CMD"


def _health(name: str) -> list[str]:
    """How a service is asked how it is: by the compose file, else by the image."""
    health: dict[str, list[str]] = SERVICES[name]["healthcheck"]
    [image] = stages(CHECKOUT / "deploy/docker/Dockerfile")["runtime"].all("HEALTHCHECK")
    words: list[str] = json.loads(image.partition(" CMD ")[2])
    return health.get("test") or ["CMD", *words]


def _listens() -> set[str]:
    """Host and port of each service, as the others reach it."""
    inside = {name: port.rpartition(":")[2] for name in SERVICES for port in SERVICES[name].get("ports", [])}
    listen = SERVICES["simulator"]["command"]
    inside["receivers"] = str(urllib.parse.urlsplit(next(iter(_receivers().values()))).port)
    inside["simulator"] = listen[listen.index("--listen") + 1].rpartition(":")[2]
    return {f"{name}:{port}" for name, port in inside.items()}


def _receivers() -> dict[str, str]:
    """Where Alertmanager sends what is for each receiver."""
    found = yaml.safe_load(_on_host("alertmanager", "/etc/alertmanager/alertmanager.yml").read_text())["receivers"]
    return {each["name"]: hook["url"] for each in found for hook in each["webhook_configs"]}


def test_who_would_be_told_says_so(tmp_path: Path) -> None:
    """Every receiver of the sample, at the address where it is in the container, with what Alertmanager sends."""
    script = _on_host("receivers", SERVICES["receivers"]["entrypoint"][-1])
    assert SERVICES["receivers"]["network_mode"] == "service:alertmanager"
    port, free = (int(script.read_text().partition("PORT = ")[2].split()[0]), free_port())
    alert = {"status": "firing", "labels": {"alertname": "ProbeSlow"}, "annotations": {"summary": "It is slow"}}
    body = json.dumps({"alerts": [alert]}).encode()
    command = [sys.executable, "-I", str(script), str(free)]
    with started(command, url=f"http://127.0.0.1:{free}", folder=tmp_path) as server:
        for url in _receivers().values():
            assert url.startswith(f"http://127.0.0.1:{port}/")
            urllib.request.urlopen(url.replace(str(port), str(free)), data=body, timeout=5).close()
        said = [line.split() for line in server.log.read_text().splitlines()]
    assert said == [[name, "firing", "ProbeSlow", "It", "is", "slow"] for name in _receivers()]


def test_whoever_is_asked_listens() -> None:
    """Each host and port in the configurations, data sources and health checks is a service that listens there."""
    texts = [(FOLDER / name).read_text() for name in ("prometheus.yml", "probes.yaml")]
    texts += [path.read_text() for path in _on_host("grafana", "/etc/grafana/provisioning").rglob("*.yml")]
    names = "|".join(SERVICES)
    asked = {found for text in texts for found in re.findall(rf"\b(?:{names}):\d+", text)}
    assert asked == {each for each in _listens() if not each.startswith(("grafana:", "receivers:"))}
    for name in SERVICES:
        own = {f"{name}:{port}" for port in re.findall(r"127\.0\.0\.1:(\d+)", " ".join(_health(name)))}
        assert own <= _listens()


def test_prometheus_takes_its_configuration(tmp_path: Path) -> None:
    """With the rules where the container has them."""
    [pattern] = re.findall(r"/etc/prometheus/rules/\S+", (FOLDER / "prometheus.yml").read_text())
    rules = _on_host("prometheus", "/etc/prometheus/rules")
    path = tmp_path / "prometheus.yml"
    here = _on_host("prometheus", "/etc/prometheus/prometheus.yml").read_text()
    path.write_text(here.replace(pattern, f"{rules}/*.yml"))
    done = subprocess.run(
        ["promtool", "check", "config", path], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(list(rules.glob('*.yml')))} rule files found" in done.stdout


def test_the_file_of_each_command_is_mounted() -> None:
    """Prometheus, Alertmanager and Grafana find the configuration that they are told of."""
    for name in ("prometheus", "alertmanager"):
        [path] = [word.partition("=")[2] for word in SERVICES[name]["command"] if word.startswith("--config.file=")]
        assert _on_host(name, path).is_file()
    provider = yaml.safe_load(_on_host("grafana", "/etc/grafana/provisioning/dashboards/prober.yml").read_text())
    assert list(_on_host("grafana", provider["providers"][0]["options"]["path"]).glob("*.json"))
    home = SERVICES["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert json.loads(_on_host("grafana", home).read_text())["panels"]


def test_the_simulator_is_told_what_it_knows() -> None:
    """Its options are those of the command, and their values are possible."""
    name, *arguments = [_plain(word) for word in SERVICES["simulator"]["command"]]
    told = simulate.make_context(name, arguments).params
    assert (name, told["listen"][1], told["scenario"], told["repeat"]) == ("simulate", 9814, "demo", True)


def test_every_probe_of_the_demo_works(tmp_path: Path) -> None:
    """With the keys that the compose file has, against a simulator without faults; Alertmanager is played by it too."""

    async def ends() -> dict[str, str]:
        async with running(SimulatorSettings()) as simulator:
            address = urllib.parse.urlsplit(simulator.url).netloc
            text = (FOLDER / "probes.yaml").read_text().replace("simulator:9814", address)
            path = tmp_path / "probes.yaml"
            path.write_text(text.replace("alertmanager:9093", address))
            config = load(path, kinds=KINDS, env=SERVICES["prober"]["environment"], strict=True)
            results = await run_once(config, config.probes, _Nobody())
        return {name: result.outcome.value for name, result in results.items()}

    seen = asyncio.run(ends())
    assert set(seen.values()) == {"ok"}, seen
    assert len(seen) >= len(KINDS)


class _Nobody:
    """Is told of runs, and does nothing."""

    def started(self, probe: object) -> None:
        pass

    def finished(self, probe: object, result: object) -> None:
        pass
