"""The configuration follows its files: all of it or nothing, in whatever order things happen to them."""

from __future__ import annotations

import asyncio
import os
import threading
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import hypothesis
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from prober.app.reload import Reloader
from prober.app.watch import Watch
from prober.config import Config, ConfigError, ConfigErrors, Sources, load
from prober.model.secret import Redactor
from prober.probes import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable

PERIOD_SECONDS = 0.002
SECRET = "secret-number-"


@dataclass
class Lab:
    """A folder with a configuration, a reloader and a watch; what was applied, and how often."""

    folder: Path
    documents: bool = True
    applied: list[Config] = field(default_factory=list)
    attempts: int = 0

    def __post_init__(self) -> None:
        sources = Sources()
        self.applied.append(self.load(sources))
        self.reloader = Reloader(
            load=self.load,
            apply=self.applied.append,
            begin=lambda: None,
            end=self._count,
            redactor=Redactor(),
            sources=sources,
        )
        self.watch = Watch(self.reloader, documents=self.documents, period_seconds=PERIOD_SECONDS)

    def load(self, sources: Sources) -> Config:
        return load(self.folder / "probes.yaml", kinds=KINDS, env={}, sources=sources)

    def _count(self) -> None:
        self.attempts += 1

    def live(self) -> dict[str, str]:
        """The probes that run, each with its key."""
        return keys_of(self.applied[-1])


def keys_of(config: Config) -> dict[str, str]:
    return {probe.name: "disabled" if probe.disabled else probe.settings.headers["X-Key"] for probe in config.probes}  # type: ignore[attr-defined]  # settings of http


def write(path: Path, text: str) -> None:
    """Replace a file at once."""
    fresh = path.with_name("fresh")
    fresh.write_text(text)
    fresh.replace(path)


def document(folder: Path, names: set[str]) -> str:
    key = f"${{file:{folder}/volume/token}}"
    entries = (f"  - {{name: {name}, kind: http, url: http://h/, headers: {{X-Key: '{key}'}}}}\n" for name in names)
    return f"version: 1\ninclude: [more/*.yaml]\nprobes:\n{''.join(entries) or '  []'}\n"


def included(name: str) -> str:
    return f"probes:\n  - {{name: {name}, kind: http, url: http://h/, headers: {{X-Key: none}}}}\n"


def rotate(folder: Path, value: str) -> None:
    """As Kubernetes does: a new folder, and the link to it is swapped."""
    volume = folder / "volume"
    fresh = volume / f"..{value}"
    fresh.mkdir(parents=True)
    (fresh / "token").write_text(value)
    (volume / "..link").symlink_to(fresh.name)
    (volume / "..link").replace(volume / "..data")
    if not (volume / "token").is_symlink():
        (volume / "token").symlink_to("..data/token")


async def settled(lab: Lab, look: Callable[[], bool]) -> None:
    """Watch until that is so, and then a little longer, in which nothing may change."""
    watching = asyncio.ensure_future(lab.watch.keep())
    try:
        async with asyncio.timeout(20):
            while not look():
                await asyncio.sleep(PERIOD_SECONDS)
        attempts = lab.attempts
        await asyncio.sleep(5 * PERIOD_SECONDS)
        assert look()
        assert lab.attempts <= attempts + 1  # it does not try again and again
    finally:
        watching.cancel()


BROKEN = ("", "version: 1\nprobes:\n  - {name: a", "version: 1\nprobes: [{name: a, kind: htp}]", "\0", "x" * 1_100_000)


class Machine(RuleBasedStateMachine):
    """Edits, breaks, deletes and restores files and secrets, with and without being watched."""

    names = st.sets(st.sampled_from("abc"), min_size=1)

    def __init__(self) -> None:
        super().__init__()
        self.room = TemporaryDirectory()
        self.folder = Path(self.room.name)
        (self.folder / "more").mkdir()
        self.serial = 0
        self.kept: Path | None = None
        self.asked = False
        rotate(self.folder, self.fresh())
        self.path = self.folder / "probes.yaml"
        write(self.path, document(self.folder, {"a"}))

    def fresh(self) -> str:
        self.serial += 1
        return f"{SECRET}{self.serial}"

    @initialize(documents=st.booleans())
    def begin(self, documents: bool) -> None:
        self.lab = Lab(self.folder, documents=documents)
        self.expected = {"a": f"{SECRET}{self.serial}"}
        self.wrong = False

    def on_disk(self) -> dict[str, str] | None:
        """What the disk says; None if that is nothing valid."""
        try:
            return keys_of(self.lab.load(Sources()))
        except ConfigErrors:
            return None

    def changed(self) -> None:
        """A document has changed, or somebody asks for it to be loaded."""
        if self.lab.documents or self.asked:
            says = self.on_disk()
            self.wrong = says is None
            self.expected = self.expected if says is None else says
        self.asked = False

    @rule(names=names)
    def edit(self, names: set[str]) -> None:
        write(self.path, document(self.folder, names))
        self.changed()

    @rule(text=st.sampled_from(BROKEN))
    def break_it(self, text: str) -> None:
        write(self.path, text)
        self.changed()

    @precondition(lambda self: self.path.exists())
    @rule()
    def delete(self) -> None:
        self.path.unlink()
        self.changed()

    @rule(names=names)
    def include(self, names: set[str]) -> None:
        for name in names:
            write(self.folder / "more" / f"{name}.yaml", included(f"more-{name}"))
        self.changed()

    @rule()
    def exclude(self) -> None:
        for file in (self.folder / "more").iterdir():
            file.unlink()
        self.changed()

    @rule()
    def rotate(self) -> None:
        value = self.fresh()
        rotate(self.folder, value)
        self.expected = {name: key if key == "none" else value for name, key in self.expected.items()}

    @rule()
    def hang_up(self) -> None:
        self.asked = True
        self.changed()
        asyncio.run(self.lab.reloader.reload())

    @invariant()
    def what_runs_is_what_should(self) -> None:
        """The last whole configuration with the newest secret, and a word about it where there is a newer one."""
        if hasattr(self, "lab"):
            asyncio.run(settled(self.lab, self.is_so))

    def is_so(self) -> bool:
        problem = self.lab.reloader.problem
        assert SECRET not in (problem or "")
        return self.lab.live() == self.expected and (problem is not None) == self.wrong

    def teardown(self) -> None:
        self.room.cleanup()


TestMachine = Machine.TestCase
TestMachine.settings = hypothesis.settings(
    max_examples=12,
    stateful_step_count=10,
    deadline=None,
    phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),  # a failure takes its time, and many of them longer
)


def _lab(tmp_path: Path, *, documents: bool = True) -> Lab:
    (tmp_path / "more").mkdir()
    rotate(tmp_path, f"{SECRET}0")
    write(tmp_path / "probes.yaml", document(tmp_path, {"a"}))
    return Lab(tmp_path, documents=documents)


def test_a_secret_that_vanishes_goes_on(tmp_path: Path) -> None:
    """Its probe is not disabled in the middle of a rotation; who asks for a reload meanwhile gets what is there."""
    lab = _lab(tmp_path, documents=False)
    (tmp_path / "volume" / "token").unlink()

    async def main() -> None:
        await settled(lab, lambda: lab.reloader.problem is not None)
        assert lab.live() == {"a": f"{SECRET}0"}
        assert "the secret that it held goes on" in (lab.reloader.problem or "")
        assert await lab.reloader.reload() is None
        assert lab.live() == {"a": "disabled"}
        assert lab.reloader.problem is None
        rotate(tmp_path, f"{SECRET}1")
        await settled(lab, lambda: lab.live() == {"a": f"{SECRET}1"})
        assert lab.reloader.problem is None

    asyncio.run(main())


def test_secrets_that_do_not_fit_are_not_taken_over(tmp_path: Path) -> None:
    """As one in a place where not every text is possible; those before go on, and the reason has none of it."""
    lab = _lab(tmp_path, documents=False)
    wrong = ConfigErrors([ConfigError(file="f", line=1, column=1, path="p", message="no")])

    def load_in_vain(sources: Sources) -> Config:
        lab.load(sources)
        raise wrong

    lab.reloader._load = load_in_vain

    async def main() -> None:
        rotate(tmp_path, f"{SECRET}1")
        await settled(lab, lambda: lab.reloader.problem == "f:1:1: p: no")
        assert lab.live() == {"a": f"{SECRET}0"}
        lab.reloader._load = lab.load
        rotate(tmp_path, f"{SECRET}2")
        await settled(lab, lambda: lab.live() == {"a": f"{SECRET}2"})
        assert lab.reloader.problem is None

    asyncio.run(main())


def _raise(error: Exception, _sources: Sources) -> Config:
    raise error


def test_a_file_that_is_being_written_is_waited_for(tmp_path: Path) -> None:
    """Each part of it would be valid; only the whole is loaded."""
    lab = _lab(tmp_path)
    lab.watch = Watch(lab.reloader, documents=True, period_seconds=0.3)
    whole = document(tmp_path, set("abc")).splitlines(keepends=True)

    async def main() -> None:
        watching = asyncio.ensure_future(lab.watch.keep())
        with (tmp_path / "probes.yaml").open("w", buffering=1) as file:
            for line in whole:
                file.write(line)
                await asyncio.sleep(0.1)
        async with asyncio.timeout(20):
            while set(lab.live()) != set("abc"):
                await asyncio.sleep(0.05)
        watching.cancel()

    asyncio.run(main())
    assert [len(config.probes) for config in lab.applied] == [1, 3]


def test_reloads_take_turns_and_share(tmp_path: Path) -> None:
    """While one goes on nobody else loads; all who ask meanwhile get the one after it, which began when they asked."""
    lab = _lab(tmp_path)
    going, most, loads = 0, 0, 0
    gate = threading.Event()

    def slow(sources: Sources) -> Config:
        nonlocal going, most, loads
        going, loads = going + 1, loads + 1
        most = max(most, going)
        gate.wait(10)
        going -= 1
        return lab.load(sources)

    lab.reloader._load = slow

    async def main() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(lab.reloader.reload())
            await asyncio.sleep(0.05)
            for _ in range(50):
                group.create_task(lab.reloader.reload())
            await asyncio.sleep(0.05)
            gate.set()

    asyncio.run(main())
    assert (most, loads) == (1, 2)


def test_a_folder_that_may_not_be_read_keeps_the_configuration(tmp_path: Path) -> None:
    """An error of the file system is a mistake like any other, not the end."""
    lab = _lab(tmp_path)
    lab.reloader._load = partial(_raise, PermissionError(13, os.strerror(13)))
    assert "Permission denied" in (asyncio.run(lab.reloader.reload()) or "")
    assert lab.live() == {"a": f"{SECRET}0"}
