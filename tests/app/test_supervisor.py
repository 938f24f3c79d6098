"""What systemd hears."""

from __future__ import annotations

import os
import signal
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from prober.app.supervisor import Supervisor
from tests.app.test_app import ended, http, written
from tests.cli.command import prober_running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def _listening(address: str) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(address.replace("@", "\0", 1))
        ear.settimeout(20)
        yield ear


def _heard(ear: socket.socket, wanted: str) -> list[str]:
    """The lines of the first message that begins with this, after others."""
    while True:
        lines = ear.recv(4096).decode().splitlines()
        if lines[0] == wanted:
            return lines


def test_a_supervisor_hears_of_the_whole_life(tmp_path: Path) -> None:
    """Ready once probes run, alive while they do, reloading with the time of it, ready again, stopping."""
    written(tmp_path, http("a", "http://127.0.0.1:9/"))
    path = str(tmp_path / "notify")
    with _listening(path) as ear, prober_running(cwd=tmp_path, NOTIFY_SOCKET=path, WATCHDOG_USEC="200000") as running:
        assert _heard(ear, "READY=1") == ["READY=1", "STATUS=1 probe"]
        assert _heard(ear, "WATCHDOG=1") == ["WATCHDOG=1"]
        running.process.send_signal(signal.SIGHUP)
        (_, at) = _heard(ear, "RELOADING=1")
        assert at.startswith("MONOTONIC_USEC=")
        assert _heard(ear, "READY=1") == ["READY=1", "STATUS=1 probe"]
        (tmp_path / "probes.yaml").write_text("broken")
        running.process.send_signal(signal.SIGHUP)
        _heard(ear, "RELOADING=1")
        assert _heard(ear, "READY=1")[1] == "STATUS=1 probe, the last reload failed: see the log"
        running.process.send_signal(signal.SIGTERM)
        assert _heard(ear, "STOPPING=1")[0] == "STOPPING=1"
        assert ended(running) == 0


def test_a_loop_that_hangs_is_not_alive(tmp_path: Path) -> None:
    """A process that is stopped says nothing, so that the supervisor's own patience ends."""
    written(tmp_path, http("a", "http://127.0.0.1:9/"))
    path = str(tmp_path / "notify")
    with _listening(path) as ear, prober_running(cwd=tmp_path, NOTIFY_SOCKET=path, WATCHDOG_USEC="200000") as running:
        _heard(ear, "WATCHDOG=1")
        running.process.send_signal(signal.SIGSTOP)
        ear.settimeout(1.5)
        with pytest.raises(TimeoutError):
            _heard(ear, "nothing of that kind")
        running.process.send_signal(signal.SIGCONT)
        _heard(ear, "WATCHDOG=1")


def test_an_abstract_address() -> None:
    """One that begins with @ is in no folder."""
    address = f"@prober-test-{os.getpid()}"
    with _listening(address) as ear:
        Supervisor({"NOTIFY_SOCKET": address}).ready("2 probes\nREADY=0")
        assert ear.recv(4096) == b"READY=1\nSTATUS=2 probes READY=0"


@pytest.mark.parametrize("address", ["", "/nowhere/at/all", "vsock:2:1234", "relative"])
def test_nobody_listens(address: str) -> None:
    """Then nothing is said, and nothing goes wrong."""
    supervisor = Supervisor({"NOTIFY_SOCKET": address} if address else {})
    supervisor.ready("1 probe")
    supervisor.reloading()
    supervisor.alive()
    supervisor.stopping()


@pytest.mark.parametrize(
    ("env", "seconds"),
    [
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
    ids=["for all", "for us", "for another", "zero", "nonsense", "none"],
)
def test_how_often_it_wants_to_hear_from_us(env: dict[str, str], seconds: float | None) -> None:
    """As systemd says, if it is meant for this process."""
    assert Supervisor({"NOTIFY_SOCKET": "/run/notify", **env}).watchdog_seconds == seconds
