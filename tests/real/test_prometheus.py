"""Debian's Prometheus scrapes `prober run` and answers questions about it; `prober run` ends as it should."""

from __future__ import annotations

import json
import signal
import subprocess
import time
import urllib.parse
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.real.command import running
from tests.real.process import Server, fetch, free_port, started, until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.target.zoo import Zoo

_EVERY = {"interval": "1s", "provider": "zoo", "service": "web"}


def _probes(zoo: Zoo) -> list[dict[str, Any]]:
    healthy = {"name": "healthy", "kind": "http", "url": zoo.url("healthy"), **_EVERY}
    closed = {"name": "closed", "kind": "http", "url": zoo.url("closed"), **_EVERY}
    chat = {"name": "chat", "kind": "chat", "endpoint": zoo.url("chat", "/v1"), "protocol": "openai-chat", **_EVERY}
    return [healthy, closed, {**chat, "model": "zoo-1"}]


@pytest.fixture(scope="module")
def prober(zoo: Zoo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`prober run` with a probe that works, one that does not, and a chat."""
    with running(tmp_path_factory.mktemp("prober"), _probes(zoo)) as server:
        yield server


@pytest.fixture(scope="module")
def prometheus(prober: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A Prometheus that scrapes it every second."""
    folder = tmp_path_factory.mktemp("prometheus")
    target = prober.url.removeprefix("http://")
    config = {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s"},
        "scrape_configs": [{"job_name": "prober", "static_configs": [{"targets": [target]}]}],
    }
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    listen = f"127.0.0.1:{free_port()}"
    command = [
        "prometheus",
        "--config.file=prometheus.yml",
        "--storage.tsdb.path=data",
        f"--web.listen-address={listen}",
    ]
    with started(command, url=f"http://{listen}", folder=folder, ready="/-/ready") as server:
        yield server


def _ask(prometheus: Server, query: str) -> dict[str, float]:
    """The values of a query, by probe."""
    answer = json.loads(fetch(f"{prometheus.url}/api/v1/query?query={urllib.parse.quote(query)}"))
    return {one["metric"].get("probe", ""): float(one["value"][1]) for one in answer["data"]["result"]}


def _settled(prometheus: Server, query: str, wanted: dict[str, float]) -> None:
    """The query has this answer, at the latest after some scrapes more."""

    def look() -> bool:
        seen = _ask(prometheus, query)
        assert seen == wanted, query
        return True

    until(look, seconds=20)


def test_the_target_is_up(prometheus: Server) -> None:
    """Every scrape of a few seconds is good, and none has a sample that Prometheus refuses."""
    _settled(prometheus, 'sum by (job) (min_over_time(up{job="prober"}[5s]))', {"": 1})
    _settled(prometheus, "max by (job) (scrape_samples_scraped - scrape_samples_post_metric_relabeling)", {"": 0})


def test_what_works_and_what_does_not(prometheus: Server) -> None:
    """Success, state and reason of each probe are there under the names of the contract."""
    _settled(prometheus, "sum by (probe) (prober_probe_success)", {"healthy": 1, "closed": 0, "chat": 1})
    _settled(prometheus, 'sum by (probe) (prober_probe_state{state="up"})', {"healthy": 1, "closed": 0, "chat": 1})
    _settled(prometheus, 'sum by (probe) (prober_probe_state{state="down"} == 1)', {"closed": 1})
    failures = 'sum by (probe) (prober_probe_failures_total{error_class="connect_refused",fault="target"}) > bool 1'
    _settled(prometheus, failures, {"healthy": 0, "closed": 1, "chat": 0})


def test_latencies_have_quantiles(prometheus: Server) -> None:
    """The 20 ms of the healthy server are found again by histogram_quantile, as is the first token of the chat."""
    rate = 'sum by (le, probe) (rate(prober_probe_duration_seconds_bucket{outcome="success",probe="healthy"}[10s]))'
    _settled(prometheus, f"(histogram_quantile(0.5, {rate}) > 0.01) < bool 0.1", {"healthy": 1})
    rate = "sum by (le, probe) (rate(prober_chat_first_token_seconds_bucket[10s]))"
    _settled(prometheus, f"histogram_quantile(0.9, {rate}) > bool 0", {"chat": 1})


def test_promtool_finds_nothing(prober: Server) -> None:
    """Names, types and help texts are as Prometheus wants them."""
    text = fetch(f"{prober.url}/metrics")
    done = subprocess.run(
        ["promtool", "check", "metrics"], input=text, capture_output=True, text=True, timeout=30, check=False
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_loop_is_uvloop(prober: Server) -> None:
    """`prober run` runs on uvloop."""
    assert "uvloop" in Path(f"/proc/{prober.process.pid}/maps").read_text()


def _lines(server: Server, name: str) -> list[dict[str, Any]]:
    lines = [line for line in server.log.read_text().splitlines() if line.startswith("{")]
    return [line for line in map(json.loads, lines) if line.get("name") == name]


def test_an_interrupt_lets_runs_finish(zoo: Zoo, tmp_path: Path) -> None:
    """As SIGTERM does: no new run begins, the one in flight ends by itself and is recorded, and the exit code is 0."""
    probe = {"name": "slow", "kind": "http", "url": zoo.url("slow"), **_EVERY, "interval": "3s"}
    with running(tmp_path, [probe]) as server:
        until(lambda: "\nprober_runs_in_flight 1" in fetch(f"{server.url}/metrics"), seconds=10)
        server.process.send_signal(signal.SIGINT)
        began = time.monotonic()
        assert server.process.wait(10) == 0, server.log.read_text()[-3000:]
        assert time.monotonic() - began < 4
        assert [line["result"] for line in _lines(server, "slow")][-1:] == ["ok"], server.log.read_text()[-3000:]
        assert "Traceback" not in server.log.read_text()
