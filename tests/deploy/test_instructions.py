"""The commands that the documentation gives to whoever installs prober: they are run, in a root of their own.

What would change this machine or needs another one, such as systemctl and docker, only writes down how it was called.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.conftest import CHECKOUT
from tests.deploy.answers import answering
from tests.docs.pages import pages

PAGES = {page.name: page for page in pages()}
NOTED = ("apt-get", "docker", "journalctl", "jq", "kubectl", "pip", "python3", "systemctl", "systemd-run")
_NOTE = """#!/bin/sh
printf '%s\\n' "${0##*/} $*" >> "$NOTES"
case "$*" in *'-f -'*) printf -- '---\\n'; cat;; esac >> "$NOTES.applied"
"""
_BLOCK = re.compile(r"^(?P<indent> *)```(?P<info>[^\n]*)\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What is there when all commands of a page have been run: a root, and the calls that were written down."""

    root: Path
    calls: list[str]
    applied: str

    def installed(self, folder: str) -> dict[str, str]:
        """The files in a folder, by name."""
        return {path.name: path.read_text() for path in (self.root / folder).iterdir() if path.is_file()}


def _section(page: str, heading: str) -> str:
    """What stands below a heading, down to the next one."""
    return PAGES[page].text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def _prepared(root: Path, page: str, url: str) -> Path:
    """The folder in which the commands are run: the checkout, but for a configuration that asks nobody outside."""
    here = root / "checkout"
    here.mkdir()
    for name in ("deploy", "grafana", "requirements", "pyproject.toml"):
        (here / name).symlink_to(CHECKOUT / name)
    probe = {"name": "here", "kind": "http", "provider": "here", "service": "web", "url": f"{url}/200"}
    (here / "probes.yaml").write_text(yaml.safe_dump({"version": 1, "probes": [probe]}))
    for folder in ("bin", "opt/prober/bin", "etc/prometheus", "etc/systemd/system", "var/lib"):
        (root / folder).mkdir(parents=True)
    for name in NOTED:
        (root / "bin" / name).write_text(_NOTE)
        (root / "bin" / name).chmod(0o755)
    (root / "opt/prober/bin/prober").symlink_to(Path(sys.executable).parent / "prober")
    shutil.copy(root / "bin/pip", root / "opt/prober/bin/pip")
    [shown] = [block for block in PAGES[page].blocks("yaml") if block.title == "prometheus.yml"]
    (root / "etc/prometheus/prometheus.yml").write_text(shown.text)
    return here


def _run(page: str, text: str, root: Path) -> Done:
    notes = root / "notes"
    env = {**os.environ, "NOTES": str(notes), "PATH": f"{root / 'bin'}:{os.environ['PATH']}"}
    with answering() as url:
        here = _prepared(root, page, url)
        for block in (each for each in _BLOCK.finditer(text) if not each["info"]):
            commands = re.sub(r"(?<![\w.:/])/(etc|opt|var)/", rf"{root}/\1/", textwrap.dedent(block["text"]))
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", commands],
                cwd=here,
                env=env,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert done.returncode == 0, commands + done.stdout + done.stderr
    applied = root / "notes.applied"
    return Done(root=root, calls=notes.read_text().splitlines(), applied=applied.read_text())


@pytest.fixture(scope="module")
def three_steps(tmp_path_factory: pytest.TempPathFactory) -> Done:
    """The README's way next to an existing Prometheus."""
    headings = ("Install", "Next to an existing Prometheus, in three steps")
    text = "\n".join(_section("README.md", heading) for heading in headings)
    return _run("README.md", text, tmp_path_factory.mktemp("steps"))


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Done:
    """Every command of docs/deploy.md."""
    return _run("docs/deploy.md", PAGES["docs/deploy.md"].text, tmp_path_factory.mktemp("deploy"))


@pytest.mark.parametrize("way", ["three_steps", "deployed"])
def test_what_is_shipped_is_installed(way: str, request: pytest.FixtureRequest) -> None:
    """The unit, a configuration, a folder for secrets that only root can read, and every file of rules."""
    done: Done = request.getfixturevalue(way)
    assert done.installed("etc/systemd/system") == {
        "prober.service": (CHECKOUT / "deploy/systemd/prober.service").read_text()
    }
    assert "probes.yaml" in done.installed("etc/prober")
    assert (done.root / "etc/prober/secrets").stat().st_mode & 0o777 == 0o700
    assert (done.root / "etc/prober").stat().st_mode & 0o055 == 0o055
    shipped = {path.name: path.read_text() for path in (CHECKOUT / "deploy/prometheus/rules").iterdir()}
    assert done.installed("etc/prometheus/prober") == shipped


@pytest.mark.parametrize("way", ["three_steps", "deployed"])
def test_the_configuration_shown_is_enough_for_prometheus(way: str, request: pytest.FixtureRequest) -> None:
    """It is valid, finds the rules where they were put, and has the settings of the shipped one."""
    done: Done = request.getfixturevalue(way)
    path = done.root / "etc/prometheus/prometheus.yml"
    checked = subprocess.run(
        ["promtool", "check", "config", path], capture_output=True, text=True, timeout=60, check=False
    )
    rules = len(done.installed("etc/prometheus/prober"))
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert f"{rules} rule files found" in checked.stdout
    shown, shipped = (
        yaml.safe_load(each.read_text())["scrape_configs"][0]
        for each in (path, CHECKOUT / "deploy/prometheus/prometheus.yml")
    )
    assert {**shipped, **shown, "scrape_interval": None} == {**shown, "scrape_interval": None}


def test_dashboards_and_drop_ins_are_installed(deployed: Done) -> None:
    """Where Grafana's provisioning says, and where systemd looks."""
    dashboards = deployed.installed("var/lib/grafana/dashboards")
    assert dashboards.keys() == {path.name for path in (CHECKOUT / "grafana/dashboards").glob("*.json")}
    provider = yaml.safe_load(deployed.installed("etc/grafana/provisioning/dashboards")["prober.yml"])
    assert provider["providers"][0]["options"]["path"] == "/var/lib/grafana/dashboards"
    assert "browser.conf" in deployed.installed("etc/systemd/system/prober.service.d")


def test_rules_become_objects_of_the_operator(deployed: Done) -> None:
    """Each file of rules with a head, nothing lost."""
    applied = [each for each in yaml.safe_load_all(deployed.applied) if each]
    shipped = {
        path.stem: yaml.safe_load(path.read_text()) for path in (CHECKOUT / "deploy/prometheus/rules").glob("*.yml")
    }
    assert {each["kind"] for each in applied} == {"PrometheusRule"}
    assert {each["metadata"]["name"]: each["spec"] for each in applied} == shipped


def test_files_that_commands_name_are_there(deployed: Done) -> None:
    """Dockerfile, lock, manifests and dashboards, as arguments of docker, pip and kubectl."""
    words = {word.removeprefix("--from-file=") for call in deployed.calls for word in call.split()}
    named = {word for word in words if re.match(r"(deploy|requirements|grafana)/", word)}
    assert {"deploy/docker/Dockerfile", "requirements/run.txt", "deploy/kubernetes", "grafana/dashboards"} <= named
    assert all((CHECKOUT / word).exists() for word in named)


def test_an_image_is_built_as_it_is_run(deployed: Done) -> None:
    """What is run has been built, with a target that is there, and nothing of it is privileged."""
    built = {match[1] for call in deployed.calls if (match := re.match(r"docker build .* -t (\S+)", call))}
    runs = [call for call in deployed.calls if call.startswith("docker run")]
    assert built == {"prober", "prober:browser"}
    assert all(built & set(call.split()) for call in runs)
    assert any("--read-only" in call and "--cap-drop ALL" in call for call in runs)
    assert not any("--privileged" in call for call in runs)
