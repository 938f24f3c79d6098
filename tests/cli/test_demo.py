"""Tests of demo and simulate: they begin, tell, and end."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import click
import pytest

from prober.cli.bars import ASCII
from prober.cli.commentary import Commentary
from prober.model.clock import Clock
from prober.model.errors import ErrorClass, Fault
from prober.model.run import Failure, Outcome, Result
from prober.simulator import scenario as scenarios
from prober.sinks.state import States
from tests.cli.command import environment, run_prober
from tests.engine.fakes import MS, SECOND, probe
from tests.real.process import fetch, free_port, started

if TYPE_CHECKING:
    from pathlib import Path


def test_the_demo_shows_a_failure_and_a_recovery(tmp_path: Path) -> None:
    """Played fast: what the script does, what probes see, whose fault it is; Ctrl-C: a summary, and status 0."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        arguments = ("--speed", "4", "--duration", "60s", "--listen", f"127.0.0.1:{port}")
        with subprocess.Popen(
            [sys.executable, "-m", "prober", "demo", *arguments],
            cwd=tmp_path,
            env=environment(PYTHONUNBUFFERED="1"),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            assert process.stdout is not None
            said = ""
            while "parrot login works again, after" not in said and (line := process.stdout.readline()):
                said += line
            process.send_signal(signal.SIGINT)
            said += process.stdout.read()
            assert process.wait(20) == 0, said
    assert f"Port {port} is taken, so it is " in said
    assert "status page  http://127.0.0.1:" in said
    for name in ("parrot chat", "parrot login", "parrot web", "magpie chat"):
        assert f"{name} works" in said
    assert "parrot-login failed in submit: server_error / sign_in_error" in said
    assert "whose fault: theirs" in said
    assert "parrot login is DOWN" in said
    assert "parrot login works again, after" in said
    assert re.search(r"^\d+ runs, \d+ of them failed", said, re.MULTILINE)
    assert re.search(r"^parrot login +up, 1 outage, ", said, re.MULTILINE)
    assert "Traceback" not in said


def test_a_demo_ends_with_its_terminal(tmp_path: Path) -> None:
    """It does not go on where nobody sees it: a hang-up is the same as Ctrl-C."""
    command = [sys.executable, "-m", "prober", "demo", "--listen", f"127.0.0.1:{free_port()}"]
    env = environment(PYTHONUNBUFFERED="1")
    with subprocess.Popen(command, cwd=tmp_path, env=env, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert "A fake AI company" in process.stdout.readline()
        process.send_signal(signal.SIGHUP)
        process.stdout.read()
        assert process.wait(20) == 0


@pytest.mark.parametrize("arguments", [["--duration", "5x"], ["--scenario", "nothing"], ["--speed", "0"]])
def test_a_demo_that_cannot_be_is_refused(arguments: list[str], tmp_path: Path) -> None:
    """A mistake of usage, with exit status 2."""
    done = run_prober("demo", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert arguments[0] in done.stderr


def test_simulate_says_what_there_is_and_ends_when_told(tmp_path: Path) -> None:
    """Addresses, an account and a key for each company; SIGTERM ends it with status 0, in the middle of a scenario."""
    command = [sys.executable, "-m", "prober", "simulate", "--listen", "127.0.0.1:0", "--scenario", "demo"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment(PYTHONUNBUFFERED="1"), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        said = "".join(process.stdout.readline() for _ in range(7))
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert "Parrot is at http://127.0.0.1:" in said
    assert "key sk-magpie-probe-key" in said
    assert "/-/faults" in said


@pytest.mark.parametrize(("more", "finished"), [((), True), (("--repeat",), False)], ids=["once", "repeat"])
def test_a_scenario_ends_or_begins_again(more: tuple[str, ...], finished: bool, tmp_path: Path) -> None:
    """Played so fast that it has ended long ago."""
    listen = f"127.0.0.1:{free_port()}"
    fast = ("--listen", listen, "--scenario", "demo", "--speed", "10000", *more)
    command = [sys.executable, "-m", "prober", "simulate", *fast]
    with started(command, url=f"http://{listen}", folder=tmp_path, ready="/-/scenario", env=environment()) as server:
        time.sleep(0.3)
        assert json.loads(fetch(f"{server.url}/-/scenario"))["finished"] is finished


def test_simulate_on_a_port_in_use_is_one_line(tmp_path: Path) -> None:
    """Exit status 2."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        done = run_prober("simulate", "--listen", listen, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, f"cannot listen on {listen}: address already in use\n")


def test_every_scenario_can_be_played() -> None:
    """The demo takes each that the simulator has."""
    assert "demo" in scenarios.names()
    assert all(scenarios.load(name).duration_seconds > 0 for name in scenarios.names())


class _Told:
    """A commentary, and what it wrote."""

    def __init__(self) -> None:
        self.now_ns = 0
        clock = Clock(monotonic_ns=lambda: self.now_ns, wall_ns=lambda: self.now_ns)
        self.states = States(clock)
        self.lines: list[str] = []
        self.commentary = Commentary(states=self.states, clock=clock, ink=ASCII, width=80, write=self.lines.append)
        self.probe = probe("api")
        for sink in (self.states, self.commentary):
            sink.configure((self.probe,), None)

    def run(self, *outcomes: Result) -> str:
        """What is new after these runs."""
        before = len(self.lines)
        for outcome in outcomes:
            self.now_ns += SECOND
            self.states.record(self.probe, outcome)
            self.commentary.record(self.probe, outcome)
        return click.unstyle("\n".join(self.lines[before:]))


def _result(outcome: Outcome = Outcome.OK, fault: Fault = Fault.TARGET) -> Result:
    failed = outcome in {Outcome.FAIL, Outcome.ERROR}
    error_class = ErrorClass.PROBER_ERROR if outcome is Outcome.ERROR else ErrorClass.SERVER_ERROR
    failure = Failure(error_class=error_class, fault=fault, phase="stream", detail=None, message="HTTP 500")
    return Result(probe="api", outcome=outcome, started_at_ns=0, duration_ns=MS, failure=failure if failed else None)


def test_the_commentary_tells_changes_once() -> None:
    """Up, the first failure, down, up again with how long it took; what stays the same is not repeated."""
    told = _Told()
    good, bad = _result(), _result(Outcome.FAIL)
    assert "00:01  + acme api works" in told.run(good)
    assert told.run(good, good) == ""
    first = told.run(bad)
    assert "00:04  x api failed in stream: server_error" in first
    assert "HTTP 500 (whose fault: theirs)" in first
    assert told.run(bad) == "00:05  x acme api is DOWN: 2 failures in a row"
    assert told.run(bad, bad) == ""
    assert told.run(good) == ""
    assert told.run(good) == "00:09  + acme api works again, after 4.00 s"
    assert list(told.commentary.summary()) == [
        "9 runs, 4 of them failed.",
        "acme api         up, 1 outage, 4.00 s in all",
    ]


def test_the_commentary_knows_when_it_is_us() -> None:
    """A service that we cannot see any more is not called down."""
    told = _Told()
    told.run(_result())
    assert "we cannot tell any more, the trouble is ours" in told.run(_result(Outcome.FAIL, Fault.US))


def test_the_commentary_tells_a_partial_outage() -> None:
    """One of two probes of a service fails: partly down. A run that we could not measure has its own mark."""
    told = _Told()
    other = probe("web")
    for sink in (told.states, told.commentary):
        sink.configure((told.probe, other), None)
    for one in (told.probe, other):
        told.states.record(one, _result())
        told.commentary.record(one, _result())
    assert "acme api is partly down: some of its probes fail" in told.run(_result(Outcome.FAIL), _result(Outcome.FAIL))
    assert "! api failed in stream" in told.run(_result(Outcome.ERROR, Fault.US))


def test_the_commentary_tells_slowness_and_the_script() -> None:
    """Degraded is not down; a note of the script has its own mark."""
    told = _Told()
    told.run(_result())
    assert "is degraded" in told.run(_result(Outcome.SLOW))
    told.commentary.note("All is well.")
    told.commentary.skip(told.probe, "overrun")
    assert click.unstyle(told.lines[-1]) == "00:02  * All is well."
