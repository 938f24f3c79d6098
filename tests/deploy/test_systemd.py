"""The unit of systemd: what systemd's own tools say of it, and prober behind the walls that it builds."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.conftest import CHECKOUT
from tests.deploy.confine import walled
from tests.deploy.unit import service, system_calls
from tests.real.process import fetch, free_port, started, until

if TYPE_CHECKING:
    from collections.abc import Iterator

UNIT = CHECKOUT / "deploy/systemd/prober.service"
BROWSER = CHECKOUT / "deploy/systemd/prober.service.d/browser.conf"
PROBER = Path(sys.executable).parent / "prober"
WITH_DROP_INS = pytest.mark.parametrize("drop_ins", [(), (BROWSER,)], ids=["alone", "browser"])


def _copied(folder: Path, drop_ins: tuple[Path, ...]) -> Path:
    """The unit as it would be installed here, with the command that is being tested."""
    unit = folder / UNIT.name
    unit.write_text(UNIT.read_text().replace("/opt/prober/bin/prober", str(PROBER)))
    for drop_in in drop_ins:
        (folder / "prober.service.d").mkdir()
        shutil.copy(drop_in, folder / "prober.service.d")
    return unit


def _analyzed(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, timeout=60, check=False)


@WITH_DROP_INS
def test_systemd_finds_nothing_wrong(drop_ins: tuple[Path, ...], tmp_path: Path) -> None:
    """No key is misspelt: those would be ignored without a word when the service starts."""
    done = _analyzed("verify", "--man=no", _copied(tmp_path, drop_ins))
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@WITH_DROP_INS
def test_there_is_little_to_gain_from_it(drop_ins: tuple[Path, ...], tmp_path: Path) -> None:
    """Its exposure scores 2.0 or less, of 10; the comment in the unit says how much."""
    done = _analyzed("security", "--offline=true", "--threshold=20", "--no-pager", _copied(tmp_path, drop_ins))
    assert done.returncode == 0, done.stdout
    score = re.search(r"Overall exposure level.*: (\d\.\d) OK", done.stdout)
    assert score is not None
    assert drop_ins or f"says {score[1]}" in UNIT.read_text()


def test_the_command_is_one_of_prober(tmp_path: Path) -> None:
    """Its options are known, a mistake in the configuration ends it with the status that is not tried again."""
    unit = service(UNIT)
    [command] = unit["ExecStart"]
    program, *arguments = command.replace("${STATE_DIRECTORY}", str(tmp_path)).split()
    assert program == "/opt/prober/bin/prober"
    at = arguments.index("-c") + 1
    assert arguments[at] == "/etc/prober/probes.yaml"
    arguments[at] = str(tmp_path / "missing.yaml")
    done = subprocess.run([PROBER, *arguments], capture_output=True, text=True, timeout=30, check=False)
    assert [str(done.returncode)] == unit["RestartPreventExitStatus"], done.stderr
    assert "missing.yaml" in done.stderr


def test_calls_are_counted_as_systemd_counts_them() -> None:
    """What is allowed is taken away again by a deny list behind it; a drop-in adds to what is left."""
    alone, browser = (system_calls(service(*files)) for files in ((UNIT,), (UNIT, BROWSER)))
    assert {"socket", "openat", "prlimit64", "execve"} <= alone
    assert alone.isdisjoint({"chroot", "setpriority", "chown", "mount", "ptrace", "bpf"})
    assert browser - alone == {"chroot", "capset", "seccomp", "setpriority"}


def test_the_walls_hold(tmp_path: Path) -> None:
    """Nothing can be written but its own directory, no memory made executable, no namespace or odd socket had."""
    tries = {
        "write": "open('/etc/prober-was-here', 'w')",
        "own": "open('mine', 'w')",
        "memory": "import mmap; mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)",
        "priority": "import os; os.setpriority(os.PRIO_PROCESS, 0, 5)",
        "packet": "import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
        "internet": "import socket; socket.socket(socket.AF_INET6)",
        "namespace": "import ctypes; assert ctypes.CDLL(None).unshare(0x10000000) == 0",
    }
    script = "\n".join(f"try: {text}; print({name!r})\nexcept Exception: pass" for name, text in tries.items())
    with walled(service(UNIT), tmp_path) as (walls, fds):
        done = subprocess.run(
            [*walls, sys.executable, "-c", script], pass_fds=fds, capture_output=True, text=True, timeout=30, check=True
        )
    assert done.stdout.split() == ["own", "internet"]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The simulator in a process of its own."""
    listen = f"127.0.0.1:{free_port()}"
    command = [str(PROBER), "simulate", "--listen", listen]
    with started(command, url=f"http://{listen}", folder=tmp_path_factory.mktemp("company")) as server:
        yield server.url


def _config(folder: Path, url: str, **settings: object) -> Path:
    page = {"name": "page", "kind": "page", "provider": "parrot", "service": "web", "url": f"{url}/", **settings}
    path = folder / "probes.yaml"
    path.write_text(yaml.safe_dump({"version": 1, "location": "here", "probes": [page]}))
    return path


def test_prober_runs_behind_them(company: str, tmp_path: Path) -> None:
    """It looks names up, connects, keeps its files, serves metrics of its process, and tells systemd how it is."""
    listen = f"127.0.0.1:{free_port()}"
    config = _config(tmp_path, company.replace("127.0.0.1", "localhost"), interval="1s")
    command = [str(PROBER), "run", "-c", str(config), "--listen", listen, "--data-dir", "data"]
    told = str(tmp_path / "notify")
    env = {**os.environ, "NOTIFY_SOCKET": told, "WATCHDOG_USEC": "2000000"}
    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd,
        walled(service(UNIT), tmp_path) as (walls, fds),
    ):
        systemd.bind(told)
        systemd.settimeout(20)
        url = f"http://{listen}"
        with started([*walls, *command], url=url, folder=tmp_path, ready="/-/ready", env=env, fds=fds):
            [probe] = _ran(url)
            metrics = fetch(f"{url}/metrics")
            said = [systemd.recv(4096).decode() for _ in range(2)]
    assert (probe["result"], probe["error_class"]) == ("ok", None)
    assert "\nprocess_start_time_seconds " in metrics
    assert said[0].startswith("READY=1\n"), said
    assert said[1] == "WATCHDOG=1", said
    assert (tmp_path / "data").is_dir()


def _ran(url: str) -> list[dict[str, object]]:
    def look() -> list[dict[str, object]]:
        probes: list[dict[str, object]] = json.loads(fetch(f"{url}/api/v1/probes"))
        assert all(probe["result"] for probe in probes)
        return probes

    return until(look, seconds=20)


@WITH_DROP_INS
def test_a_browser_needs_the_drop_in(drop_ins: tuple[Path, ...], company: str, tmp_path: Path) -> None:
    """With it Chromium starts, in its own sandbox, and shows the page; without it that is our own host's fault."""
    config = _config(tmp_path, company, engine="browser", timeout="30s")
    with walled(service(UNIT, *drop_ins), tmp_path) as (walls, fds):
        command = [*walls, str(PROBER), "check", "-c", str(config), "--format", "json"]
        done = subprocess.run(command, pass_fds=fds, capture_output=True, text=True, timeout=60, check=False)
    [probe] = json.loads(done.stdout)["probes"]
    assert (probe["result"], probe["error_class"]) == (("ok", None) if drop_ins else ("error", "prober_error")), probe
