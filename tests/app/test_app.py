"""Tests of the whole process: start, scrape, reload, drain, and what keeps it from starting."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import urllib.error
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
import uvloop

from prober.app import App, Options, StartError, listen_error, run
from prober.config import ConfigErrors, load
from prober.probes import KINDS
from tests.cli.command import Prober, Site, prober_running, run_prober, serving, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from prober.model.probe import Probe
    from prober.model.run import Result


def fetch(url: str, *, post: bool = False) -> tuple[int, str]:
    """Status and text of an answer."""
    request = urllib.request.Request(url, method="POST" if post else "GET")
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def metric(running: Prober, name: str, **labels: str) -> float | None:
    """The value of the first series of that name with these labels."""
    for line in fetch(f"{running.url}/metrics")[1].splitlines():
        wanted = all(f'{label}="{value}"' in line for label, value in labels.items())
        if line.startswith((f"{name} ", f"{name}{{")) and wanted:
            return float(line.rpartition(" ")[2])
    return None


def written(folder: Path, *probes: str, top: str = "") -> Path:
    """A configuration of these entries, which take the place of an older one at once."""
    fresh = folder / "probes.yaml.new"
    fresh.write_text(f"version: 1\n{top}probes:\n" + "".join(f"  - {probe}\n" for probe in probes))
    return fresh.replace(folder / "probes.yaml")


def http(name: str, url: str, more: str = "interval: 1s") -> str:
    return f"{{name: {name}, kind: http, provider: acme, service: web, url: '{url}', {more}}}"


@contextmanager
def prober_of(folder: Path, *probes: str) -> Iterator[tuple[Prober, Site]]:
    """A running prober; ``SITE`` in the entries is a site's address."""
    with serving() as site:
        written(folder, *(probe.replace("SITE", site.url) for probe in probes))
        with prober_running(cwd=folder) as running:
            yield running, site


def ended(running: Prober, *signals: signal.Signals) -> int:
    """The exit status after these signals."""
    for number in signals:
        running.process.send_signal(number)
    return running.process.wait(20)


def test_it_runs_is_scraped_and_ends(tmp_path: Path) -> None:
    """Ready, healthy, counting; one JSON line a run, one of what is disabled; SIGTERM ends it with status 0."""
    disabled = "{name: c, kind: http, url: 'SITE/ok', bearer: '${env:NOT_THERE}'}"
    with prober_of(tmp_path, http("a", "SITE/ok"), http("b", "SITE/broken"), disabled) as (running, _):
        until(lambda: (metric(running, "prober_probe_runs_total", probe="a", result="ok") or 0) >= 2)
        until(lambda: (metric(running, "prober_probe_runs_total", probe="b", result="fail") or 0) >= 2)
        assert fetch(f"{running.url}/-/ready") == (200, "ready\n")
        assert fetch(f"{running.url}/-/healthy") == (200, "healthy\n")
        assert fetch(f"{running.url}/")[0] == 200
        assert metric(running, "prober_probe_state", probe="b", state="down") == 1
        assert (metric(running, "prober_schedule_delay_seconds_count") or 0) >= 4
        assert (metric(running, "prober_event_loop_lag_seconds_count") or 0) > 10
        assert metric(running, "prober_runs_in_flight") is not None
        assert metric(running, "prober_connectivity") is None
        document = json.loads(fetch(f"{running.url}/api/v1/probes")[1])
        assert {probe["name"]: bool(probe["next_run_at"]) for probe in document} == {"a": True, "b": True, "c": False}
        assert "http://127.0.0.1" in fetch(f"{running.url}/config")[1]
        assert ended(running, signal.SIGTERM) == 0
    lines = [json.loads(line) for line in running.lines]
    assert {line["level"] for line in lines if line.get("name") == "b"} == {"warning"}
    assert "disabled: c (NOT_THERE is not set)" in [line.get("message") for line in lines]
    assert lines[-1]["message"] == "stopped"


def test_runs_in_flight_may_end(tmp_path: Path) -> None:
    """SIGTERM during a slow request: it is waited for and recorded, nothing new begins, readiness says why."""
    with prober_of(tmp_path, http("a", "SITE/slow", "interval: 2s, timeout: 2s")) as (running, site):
        until(lambda: site.asked)
        running.process.send_signal(signal.SIGTERM)
        status, text = fetch(f"{running.url}/-/ready")
        assert (status, text) == (503, "not ready: it is stopping\n")
        assert running.process.wait(20) == 0
        results = [json.loads(line).get("result") for line in running.lines]
        assert [result for result in results if result] == ["ok"]
        assert len(site.asked) == 1


def test_a_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    """Whoever asks twice means it."""
    with prober_of(tmp_path, http("a", "SITE/slow", "interval: 2s, timeout: 2s")) as (running, site):
        until(lambda: site.asked)
        running.process.send_signal(signal.SIGINT)
        until(lambda: fetch(f"{running.url}/-/ready")[0] == 503)
        assert ended(running, signal.SIGINT) == 128 + signal.SIGINT
        assert '"result"' not in running.log()


def test_a_reload_replaces_all_of_the_configuration(tmp_path: Path) -> None:
    """By SIGHUP: the probe that stays keeps its counts, the one that is gone is gone, the new one is there."""
    with prober_of(tmp_path, http("a", "SITE/ok"), http("b", "SITE/ok")) as (running, site):
        until(lambda: (metric(running, "prober_probe_runs_total", probe="a", result="ok") or 0) >= 2)
        before = metric(running, "prober_probe_runs_total", probe="a", result="ok")
        written(tmp_path, http("a", f"{site.url}/ok"), http("c", f"{site.url}/ok"))
        running.process.send_signal(signal.SIGHUP)
        until(lambda: metric(running, "prober_probe_runs_total", probe="c", result="ok"))
        after = metric(running, "prober_probe_runs_total", probe="a", result="ok")
        assert metric(running, "prober_probe_runs_total", probe="b", result="ok") is None
        assert before is not None
        assert after is not None
        assert after >= before >= 2
        assert ended(running, signal.SIGTERM) == 0


def test_a_broken_file_changes_nothing(tmp_path: Path) -> None:
    """The old configuration goes on, the gauge says so, the mistakes are answered and logged; then it is repaired."""
    with prober_of(tmp_path, http("a", "SITE/ok")) as (running, site):
        assert metric(running, "prober_config_last_reload_successful") == 1
        loaded = metric(running, "prober_config_last_reload_success_timestamp_seconds")
        written(tmp_path, http("a", f"{site.url}/ok", "intervall: 1s"))
        status, text = fetch(f"{running.url}/-/reload", post=True)
        assert status == 500
        assert "did you mean interval?" in text
        until(lambda: "did you mean interval?" in running.log())
        (tmp_path / "probes.yaml").unlink()
        assert fetch(f"{running.url}/-/reload", post=True)[0] == 500
        assert metric(running, "prober_config_last_reload_successful") == 0
        assert metric(running, "prober_config_last_reload_success_timestamp_seconds") == loaded
        runs = metric(running, "prober_probe_runs_total", probe="a", result="ok") or 0
        until(lambda: (metric(running, "prober_probe_runs_total", probe="a", result="ok") or 0) > runs)
        written(tmp_path, http("a", f"{site.url}/ok"))
        assert fetch(f"{running.url}/-/reload", post=True) == (200, "reloaded\n")
        assert metric(running, "prober_config_last_reload_successful") == 1


def test_a_shard_runs_its_own_probes(tmp_path: Path) -> None:
    """Two shards share a configuration; each probe is in one of them."""
    written(tmp_path, *(http(f"p{number}", "http://127.0.0.1:9/", "interval: 1h") for number in range(8)))
    names: list[str] = []
    for part in ("0/2", "1/2"):
        with prober_running("--shard", part, cwd=tmp_path) as running:
            owned = [probe["name"] for probe in json.loads(fetch(f"{running.url}/api/v1/probes")[1])]
        assert 0 < len(owned) < 8
        names += owned
    assert sorted(names) == [f"p{number}" for number in range(8)]


def test_our_own_network_is_watched(tmp_path: Path) -> None:
    """With targets for it, connectivity is exported, and the failures of a dead network are local."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        target = f"connectivity: [{{tcp: '127.0.0.1:{held.getsockname()[1]}'}}]\n"
        written(tmp_path, http("a", "http://name.invalid/"), top=target)
        with prober_running(cwd=tmp_path) as running:
            until(lambda: metric(running, "prober_connectivity") == 0)
            until(lambda: metric(running, "prober_probe_failures_total", error_class="dns_error", fault="local"))
            assert metric(running, "prober_probe_state", probe="a", state="unknown") == 1


def test_incidents_survive_a_restart(tmp_path: Path) -> None:
    """What is in the data directory is there again."""
    written(tmp_path, http("a", "http://127.0.0.1:9/"))
    with prober_running("--data-dir", "data", cwd=tmp_path) as first:
        until((tmp_path / "data" / "incidents.jsonl").exists)
        assert ended(first, signal.SIGTERM) == 0
    with prober_running("--data-dir", "data", cwd=tmp_path) as second:
        (incident,) = json.loads(fetch(f"{second.url}/api/v1/incidents")[1])
        assert (incident["provider"], incident["service"]) == ("acme", "web")


def test_a_port_in_use_is_one_line(tmp_path: Path) -> None:
    """Exit status 2, and the address with the reason."""
    written(tmp_path, http("a", "http://127.0.0.1:9/"))
    with socket.create_server(("127.0.0.1", 0)) as server:
        listen = f"127.0.0.1:{server.getsockname()[1]}"
        done = run_prober("run", "--listen", listen, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == f"cannot listen on {listen}: address already in use\n"


def test_a_data_directory_that_is_none_is_one_line(tmp_path: Path) -> None:
    """A file in its place cannot be used."""
    path = written(tmp_path, http("a", "http://127.0.0.1:9/"))
    with pytest.raises(StartError, match="as data directory"):
        run(Options(config=path, data_dir=path))


def test_a_configuration_with_mistakes_does_not_start(tmp_path: Path) -> None:
    """All mistakes come out before anything is opened."""
    with pytest.raises(ConfigErrors, match="did you mean http"):
        run(Options(config=written(tmp_path, "{name: a, kind: htp}")))


def test_why_nothing_can_be_served_is_said_in_words() -> None:
    """With the kernel's reason, or the resolver's."""
    refused = OSError(13, "error while attempting to bind on address ('::1', 80): permission denied")
    assert str(listen_error("::1", 80, refused)) == "cannot listen on [::1]:80: permission denied"
    unknown = socket.gaierror(-2, "Name or service not known")
    assert str(listen_error("nowhere", 80, unknown)) == "cannot listen on nowhere:80: Name or service not known"


def test_a_broken_web_configuration_does_not_start(tmp_path: Path) -> None:
    """Every mistake with its line, and status 2."""
    written(tmp_path, http("a", "http://127.0.0.1:9/"))
    (tmp_path / "web.yml").write_text("basic_auth_users: {alice: wonderland}\nbasic: {}\n")
    done = run_prober("run", "--web-config", "web.yml", cwd=tmp_path)
    assert done.returncode == 2
    assert [line.partition(": ")[0] for line in done.stderr.splitlines()] == ["web.yml:1:27", "web.yml:2:1"]
    assert "wonderland" not in done.stderr


def test_the_patience_has_a_least(tmp_path: Path) -> None:
    """A loop that is busy for a moment does not hang."""
    done = run_prober("run", "--hang-timeout", "4s", cwd=tmp_path)
    assert (done.returncode, "'4s' is neither 0s nor at least 5s" in done.stderr) == (2, True)


def test_a_signal_during_the_start_is_not_lost(tmp_path: Path) -> None:
    """Whoever is told to end before it serves, ends; and reloads no more."""
    path = written(tmp_path, http("a", "http://127.0.0.1:9/"))
    config = load(path, kinds=KINDS, env=os.environ)
    urls: list[str] = []

    async def serve() -> str | None:
        app = App(config, reload=lambda _sources: config)
        app.stop()
        async with asyncio.timeout(10):
            await app.serve(host="127.0.0.1", port=0, listening=urls.append)
        return await app.reload()

    assert uvloop.run(serve()) == "it is stopping"
    assert len(urls) == 1


def test_the_heart_beats_while_the_loop_ticks(tmp_path: Path) -> None:
    """Whoever listens to it hears the loop, and not the probes."""
    config = load(written(tmp_path, http("a", "http://127.0.0.1:9/")), kinds=KINDS, env=os.environ)
    beats: list[float] = []

    async def serve() -> None:
        app = App(config, reload=lambda _sources: config, beat=lambda: beats.append(asyncio.get_running_loop().time()))
        async with asyncio.timeout(30), asyncio.TaskGroup() as group:
            group.create_task(app.serve(host="127.0.0.1", port=0, listening=lambda _url: None))
            while len(beats) < 3:
                await asyncio.sleep(0.01)
            app.stop()

    uvloop.run(serve())
    assert beats == sorted(beats)


class _Broken:
    """A sink that cannot record."""

    def configure(self, probes: tuple[Probe, ...], location: str | None) -> None:
        """Take everything."""

    def record(self, probe: Probe, result: Result) -> None:
        """Fail."""
        raise ZeroDivisionError

    def skip(self, probe: Probe, reason: str) -> None:
        """Take everything."""


def test_a_sink_that_raises_ends_the_process(tmp_path: Path) -> None:
    """A prober that silently stops recording looks like a healthy target."""
    path = written(tmp_path, http("a", "http://127.0.0.1:9/"))
    config = load(path, kinds=KINDS, env=os.environ)

    async def serve() -> None:
        app = App(config, reload=lambda _sources: config)
        app.add_sink(_Broken())
        async with asyncio.timeout(10):
            await app.serve(host="127.0.0.1", port=0, listening=lambda _url: None)

    with pytest.RaisesGroup(ZeroDivisionError, flatten_subgroups=True):
        uvloop.run(serve())
