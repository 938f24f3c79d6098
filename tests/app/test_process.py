"""A running `prober run`, and everything that may happen to its files and its process, in any order."""

from __future__ import annotations

import json
import re
import signal
import threading
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Self

import hypothesis
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.app.test_app import ended, fetch
from tests.cli.command import prober_running, serving, until

if TYPE_CHECKING:
    from tests.cli.command import Prober

_CANARY = "canary-"
_SAMPLE = re.compile(r'^prober_probe_runs_total\{probe="(?P<probe>[^"]+)".*?\} (?P<value>\S+)$', re.MULTILINE)
_GAUGE = re.compile(r"^prober_config_last_reload_successful (?P<value>\S+)$", re.MULTILINE)
_BROKEN = ("", "version: 1\nprobes:\n  - {name: a, kind", "version: 1\nprobes: [{name: a, kind: htp}]", "version: 2\n")


class Scraper:
    """Scrapes all the time, and remembers what went wrong."""

    def __init__(self, url: str) -> None:
        self.failures: list[object] = []
        self.scrapes = 0
        self._url = url
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._scrape, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._thread.join(20)

    def _scrape(self) -> None:
        while not self._ended.wait(0.03):
            try:
                status, text = fetch(f"{self._url}/metrics")
            except OSError as error:
                self.failures.append(error)
                return
            self.scrapes += 1
            if status != 200 or "prober_build_info" not in text or _CANARY in text:
                self.failures.append((status, text[:500]))


class Machine(RuleBasedStateMachine):
    """One prober after the other, without ``--watch``: documents count when they are asked for, secrets always."""

    names = st.sets(st.sampled_from("abc"), min_size=1)

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.folder = Path(self.stack.enter_context(TemporaryDirectory()))
        self.site = self.stack.enter_context(serving())
        self.path = self.folder / "probes.yaml"
        self.token = 0
        self.rotate()
        self.valid: set[str] | None = None
        self.edit({"a", "b"})
        self.running: Prober | None = None
        self.begin()

    def begin(self) -> None:
        """Start a prober with what is on the disk, which is valid."""
        assert self.valid is not None
        self.life = self.stack.enter_context(ExitStack())
        self.running = self.life.enter_context(prober_running(cwd=self.folder))
        self.scraper = self.life.enter_context(Scraper(self.running.url))
        self.live = self.valid
        self.well = True
        self.counts: dict[str, float] = {}

    def write(self, text: str) -> None:
        fresh = self.folder / "fresh"
        fresh.write_text(text)
        fresh.replace(self.path)

    @rule(names=names)
    def edit(self, names: set[str]) -> None:
        """Also restores what was broken or deleted."""
        probe = "  - {{name: {0}, kind: http, url: '{1}/{0}', interval: 200ms, headers: {{X-Key: '${{file:{2}}}'}}}}\n"
        entries = (probe.format(name, self.site.url, self.folder / "token") for name in sorted(names))
        self.write(f"version: 1\nprobes:\n{''.join(entries)}")
        self.valid = names

    @rule(text=st.sampled_from(_BROKEN))
    def break_it(self, text: str) -> None:
        self.write(text)
        self.valid = None

    @precondition(lambda self: self.path.exists())
    @rule()
    def delete(self) -> None:
        self.path.unlink()
        self.valid = None

    @rule()
    def rotate(self) -> None:
        self.token += 1
        fresh = self.folder / "fresh"
        fresh.write_text(f"{_CANARY}{self.token:08}\n")
        fresh.replace(self.folder / "token")

    @rule()
    def post(self) -> None:
        assert self.running is not None
        status, text = fetch(f"{self.running.url}/-/reload", post=True)
        assert status == (500 if self.valid is None else 200), text
        assert _CANARY not in text
        self.loaded()

    @rule()
    def hang_up(self) -> None:
        assert self.running is not None
        words = "configuration loaded" if self.valid is not None else "was not loaded"
        before = self.running.log().count(words)
        self.running.process.send_signal(signal.SIGHUP)
        until(lambda: self.running is not None and self.running.log().count(words) > before)
        self.loaded()

    def loaded(self) -> None:
        self.well = self.valid is not None
        if self.valid is not None:
            self.counts = {name: count for name, count in self.counts.items() if name in self.valid & self.live}
            self.live = self.valid

    @precondition(lambda self: self.valid is not None)
    @rule()
    def terminate(self) -> None:
        """It ends with 0 and without a word about any secret; the next one begins with what is on the disk."""
        assert self.running is not None
        self.check_scrapes()
        assert ended(self.running, signal.SIGTERM) == 0
        self.check_log()
        self.life.close()
        self.begin()

    @rule()
    def see_the_newest_secret(self) -> None:
        """Every probe that runs shows it, soon and without being told."""
        newest = f"{_CANARY}{self.token:08}"
        until(lambda: all(self.site.keys.get(f"/{name}") == newest for name in self.live))

    @invariant()
    def it_is_as_it_should_be(self) -> None:
        """The probes of the configuration that counts and no others, no count that went back, and the gauge right."""
        assert self.running is not None
        text = fetch(f"{self.running.url}/metrics")[1]
        counts: dict[str, float] = {}
        for sample in _SAMPLE.finditer(text):
            counts[sample["probe"]] = counts.get(sample["probe"], 0) + float(sample["value"])
        assert counts.keys() == self.live
        assert all(counts[name] >= before for name, before in self.counts.items())
        self.counts = counts
        (gauge,) = _GAUGE.findall(text)
        assert float(gauge) == self.well
        assert _CANARY not in fetch(f"{self.running.url}/config")[1] + fetch(self.running.url)[1]
        self.check_scrapes()

    def check_scrapes(self) -> None:
        assert self.scraper.failures == []

    def check_log(self) -> None:
        assert self.running is not None
        assert _CANARY not in self.running.log()
        assert "Traceback" not in self.running.log()
        assert all(json.loads(line) for line in self.running.lines)

    def teardown(self) -> None:
        try:
            self.check_scrapes()
            self.check_log()
        finally:
            self.stack.close()


TestMachine = Machine.TestCase
TestMachine.settings = hypothesis.settings(
    max_examples=3,
    stateful_step_count=14,
    deadline=None,
    suppress_health_check=list(hypothesis.HealthCheck),
    phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
)


def test_with_watch_nobody_has_to_ask(tmp_path: Path) -> None:
    """Documents are followed by themselves, through a link that is swapped too; a broken one says so until repaired."""
    entry = "{{name: {0}, kind: http, url: 'http://127.0.0.1:9/', interval: 1h}}"
    for number, names in enumerate((["a", "b"], ["b", "c"])):
        (tmp_path / f"..{number}").mkdir()
        listed = ", ".join(entry.format(name) for name in names)
        (tmp_path / f"..{number}" / "probes.yaml").write_text(f"version: 1\nprobes: [{listed}]\n")
    (tmp_path / "..data").symlink_to("..0")
    (tmp_path / "probes.yaml").symlink_to("..data/probes.yaml")

    def seen() -> tuple[set[str], float]:
        text = fetch(f"{running.url}/metrics")[1]
        return {sample["probe"] for sample in _SAMPLE.finditer(text)}, float(_GAUGE.findall(text)[0])

    with prober_running("--watch", cwd=tmp_path) as running:
        assert seen() == ({"a", "b"}, 1)
        (tmp_path / "..new").symlink_to("..1")
        (tmp_path / "..new").replace(tmp_path / "..data")
        until(lambda: seen() == ({"b", "c"}, 1))
        (tmp_path / "probes.yaml").unlink()
        until(lambda: seen() == ({"b", "c"}, 0))
        assert "the file cannot be read" in fetch(running.url)[1]
        (tmp_path / "probes.yaml").symlink_to("..0/probes.yaml")
        until(lambda: seen() == ({"a", "b"}, 1))
        assert "the file cannot be read" not in fetch(running.url)[1]
