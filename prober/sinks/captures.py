"""The sink that keeps what pages looked like when they failed, the last few of each probe."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from prober.model.keeper import Keeper
from prober.sinks.capture_folder import CaptureFolder, CaptureKey

if TYPE_CHECKING:
    from pathlib import Path

    from prober.model.probe import Probe
    from prober.model.run import Result

__all__ = ["Captures"]

_SAVE_EVERY_SECONDS = 1.0


class Captures:
    """Screenshots and HTML of the last ``each`` failures of a probe, and of ``in_all`` at most. A sink.

    With a ``folder`` they survive a restart, once :meth:`keep` runs in a task.
    """

    def __init__(self, *, folder: Path | None = None, each: int = 3, in_all: int = 30) -> None:
        self._each = each
        self._in_all = in_all
        self._kept: OrderedDict[CaptureKey, bytes] = OrderedDict()
        on_disk = None if folder is None else CaptureFolder(folder)
        write = None if on_disk is None else on_disk.save
        self._keeper = Keeper(lambda: dict(self._kept), write, every_seconds=_SAVE_EVERY_SECONDS)
        if on_disk is not None:
            self._kept.update(on_disk.load())
        self._bound()

    def configure(self, probes: tuple[Probe, ...], location: str | None) -> None:  # noqa: ARG002
        """Forget those of probes that are gone."""
        names = {probe.name for probe in probes}
        for key in [key for key in self._kept if key.probe not in names]:
            del self._kept[key]
            self._keeper.changed()

    def record(self, probe: Probe, result: Result) -> None:
        """Keep what a failed run saw."""
        if result.capture is None or result.failure is None:
            return
        for part, content in (("jpg", result.capture.screenshot), ("html", result.capture.html)):
            if content is not None:
                raw = content if isinstance(content, bytes) else content.encode("utf-8", "replace")
                self._kept[CaptureKey(probe=probe.name, at_ns=result.started_at_ns, part=part)] = raw
        self._keeper.changed()
        self._bound()

    def skip(self, probe: Probe, reason: str) -> None:
        """A run that did not take place saw nothing."""

    def of(self, name: str) -> dict[int, tuple[str, ...]]:
        """The captures of a probe: when the run began, in Unix nanoseconds, and its parts. The newest first."""
        found: dict[int, tuple[str, ...]] = {}
        for key in sorted((key for key in self._kept if key.probe == name), key=lambda key: (-key.at_ns, key.part)):
            found[key.at_ns] = (*found.get(key.at_ns, ()), key.part)
        return found

    def content(self, name: str, at_ns: int, part: str) -> bytes | None:
        """One part of a capture: ``jpg`` or ``html``."""
        return self._kept.get(CaptureKey(probe=name, at_ns=at_ns, part=part))

    async def keep(self) -> None:
        """Write them to the folder whenever they change, until cancelled, and then once more."""
        await self._keeper.keep()

    def save(self) -> bool:
        """Make the folder hold what is kept; whether it does now."""
        return self._keeper.save()

    def _bound(self) -> None:
        """Let the oldest go: first those of a probe that has too many, then any."""
        for name in {key.probe for key in self._kept}:
            for at_ns in list(self.of(name))[self._each :]:
                self._drop(name, at_ns)
        while len(runs := sorted({(key.at_ns, key.probe) for key in self._kept})) > self._in_all:
            self._drop(runs[0][1], runs[0][0])

    def _drop(self, name: str, at_ns: int) -> None:
        for part in ("jpg", "html"):
            self._kept.pop(CaptureKey(probe=name, at_ns=at_ns, part=part), None)
