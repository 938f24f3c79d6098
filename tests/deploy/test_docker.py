"""The image: what a linter says, whether what is copied is there and let through, and that nobody in it is root."""

from __future__ import annotations

import fnmatch
import json
import os
import re
import ssl
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import trustme

from prober.cli.run import run
from tests.conftest import CHECKOUT
from tests.deploy.answers import answering
from tests.deploy.dockerfile import stages
from tests.real.process import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCKERFILE = CHECKOUT / "deploy/docker/Dockerfile"
STAGES = stages(DOCKERFILE)
HADOLINT = Path(sys.executable).parent / "hadolint"


def _linted(path: Path) -> subprocess.CompletedProcess[str]:
    command = [str(HADOLINT), "--no-color", "--failure-threshold", "style", str(path)]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


def test_the_linter_finds_nothing() -> None:
    """Hadolint, with all its rules and those of ShellCheck."""
    done = _linted(DOCKERFILE)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_linter_would_find_something(tmp_path: Path) -> None:
    """A base without a version, and a pip that leaves its cache behind."""
    (tmp_path / "Dockerfile").write_text("FROM python\nRUN pip install aiohttp\n")
    said = _linted(tmp_path / "Dockerfile").stdout
    assert {"DL3006", "DL3042", "DL3013"} <= set(re.findall(r"DL\d+", said))


def _let_through(path: str) -> bool:
    """Whether .dockerignore leaves a file in the context: the last pattern that names it or a folder above decides."""
    left = True
    above = [str(each) for each in (Path(path), *Path(path).parents)]
    for line in (CHECKOUT / ".dockerignore").read_text().splitlines():
        pattern = line.removeprefix("!").removeprefix("**/")
        names = [Path(each).name for each in above] if "**/" in line else above
        if line and not line.startswith("#") and any(fnmatch.fnmatch(each, pattern) for each in names):
            left = line.startswith("!")
    return left


def test_what_is_copied_is_there() -> None:
    """Each file and folder of a COPY is in the checkout, and gets into the context."""
    copied = [
        word
        for stage in STAGES.values()
        for rest in stage.all("COPY")
        if "--from" not in rest
        for word in rest.split()[:-1]
    ]
    assert {"requirements/run.txt", "prober", "probes.yaml"} <= set(copied)
    for name in copied:
        assert (CHECKOUT / name).exists(), name
        inside = [name] if (CHECKOUT / name).is_file() else [f"{name}/__init__.py", f"{name}/cli/demo.yaml"]
        assert all(_let_through(each) for each in inside), name


@pytest.mark.parametrize(
    "name", [".git/config", "deploy/compose/environment", ".env", "tests/conftest.py", "prober/__pycache__/app.pyc"]
)
def test_what_is_not_copied_stays_outside(name: str) -> None:
    """Neither history nor keys nor builds are sent to whoever builds the image."""
    assert not _let_through(name)


def test_a_wheel_needs_no_more_than_is_copied() -> None:
    """The files that pyproject.toml names for the build are copied before it."""
    copied = " ".join(STAGES["build"].all("COPY")).split()
    text = (CHECKOUT / "pyproject.toml").read_text()
    for name in re.findall(r'^(?:readme = |license-files = \[|packages = \[)"([^"]+)"', text, re.MULTILINE):
        assert name in copied, name


def test_what_made_the_wheel_does_not_stay() -> None:
    """Exactly the packages of the lock that are there for the build alone are uninstalled, and pip."""
    lock = (CHECKOUT / "requirements/run.txt").read_text()
    alone = {name for name, by in _wanted_by(lock) if by == {"hatchling"}}
    [uninstalled] = re.findall(r"pip uninstall --yes ([\w -]+)$", "\n".join(STAGES["build"].all("RUN")), re.MULTILINE)
    assert set(uninstalled.split()) == {"hatchling", "pip", *alone}
    assert alone


def _wanted_by(lock: str) -> Iterator[tuple[str, set[str]]]:
    """Each package of a lock, and the packages for which it is there."""
    for entry in re.split(r"\n(?=\w)", lock):
        comments = re.findall(r"^ +# +(.*)", entry, re.MULTILINE)
        yield entry.partition("==")[0], {text.removeprefix("via ") for text in comments if text[:2] != "-c"} - {"via"}


@pytest.mark.parametrize("target", ["prober", "browser"])
def test_nobody_is_root(target: str) -> None:
    """What can be built ends with a user by number, as Kubernetes wants to know it, who owns the folder of the data."""
    assert STAGES[target].instructions[-1] == ("USER", "65532:65532")
    made = " ".join(STAGES["runtime"].all("RUN"))
    assert "--uid 65532" in made
    assert "--gid 65532" in made
    assert f"install -d -o prober -g prober -m 0700 {json.loads(STAGES['runtime'].all('VOLUME')[0])[0]}" in made


def test_the_last_stage_is_the_usual_one() -> None:
    """It is built without --target, and has no browser."""
    assert list(STAGES)[-1] == "prober"
    assert STAGES["prober"].base == STAGES["browser"].base == "runtime"
    assert STAGES["build"].base == STAGES["runtime"].base
    assert re.fullmatch(r"python:3\.(\d+)-slim-[a-z]+", STAGES["build"].base)


def test_the_base_is_a_python_that_is_supported() -> None:
    """One of those that pyproject.toml names."""
    version = STAGES["build"].base.removeprefix("python:").partition("-")[0]
    assert f"Python :: {version}" in (CHECKOUT / "pyproject.toml").read_text()


def test_the_command_is_one_that_prober_knows() -> None:
    """It listens where others can reach it, and keeps what it keeps in the volume."""
    runtime = STAGES["runtime"]
    assert json.loads(runtime.all("ENTRYPOINT")[0]) == ["prober"]
    assert runtime.all("STOPSIGNAL") == ["SIGTERM"]
    name, *arguments = json.loads(runtime.all("CMD")[0])
    told = run.make_context(name, arguments).params
    assert told["listen"] == ("0.0.0.0", int(runtime.all("EXPOSE")[0]))
    assert [str(told["data_dir"])] == json.loads(runtime.all("VOLUME")[0])
    assert f"probes.yaml {told['config_path']}" in runtime.all("COPY")


def test_health_is_an_exit_status() -> None:
    """0 for a good answer, with TLS or without, 1 for a bad one and for none.

    The file is where the image puts it, run by its Python.
    """
    [check] = STAGES["runtime"].all("HEALTHCHECK")
    assert json.loads(check.partition(" CMD ")[2])[-1] == "/opt/prober/healthy.py"
    assert "deploy/docker/healthy.py /opt/prober/healthy.py" in STAGES["runtime"].all("COPY")

    with answering() as url:
        assert [_health(f"{url}/{code}") for code in (200, 401, 503)] == [0, 0, 1]
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("prober.example.com").configure_cert(context)
    with answering(context) as url:
        assert [_health(f"{url}/{code}") for code in (200, 503)] == [0, 1]
    assert _health(f"http://127.0.0.1:{free_port()}/") == 1


def _health(url: str, certificate: str = "") -> int:
    command = [sys.executable, "-I", str(CHECKOUT / "deploy/docker/healthy.py"), url]
    environment = {**os.environ, "PROBER_HEALTH_CERTIFICATE": certificate}
    return subprocess.run(command, capture_output=True, timeout=30, check=False, env=environment).returncode


def test_health_shows_a_certificate_where_one_is_asked_for(tmp_path: Path) -> None:
    """The one that the variable names, with its key in the same file; without one nobody is let in."""
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("prober.example.com").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    file = tmp_path / "health.pem"
    authority.issue_cert("health.example.com").private_key_and_cert_chain_pem.write_to_path(str(file))
    with answering(context) as url:
        shown = [_health(f"{url}/200", certificate) for certificate in (str(file), "", str(tmp_path / "gone.pem"))]
    assert shown == [0, 1, 1]
