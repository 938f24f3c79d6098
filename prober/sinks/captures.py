"""The sink that keeps what pages looked like when they failed, the last few of each probe."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING

from prober.sinks.capture_folder import CaptureFolder, CaptureKey

if TYPE_CHECKING:
    from pathlib import Path

    from prober.model.probe import Probe
    from prober.model.run import Result

__all__ = ["Captures"]

_SAVE_EVERY_SECONDS = 1.0
_SAVE_AFTER_ERROR_SECONDS = 30.0


class Captures:
    """Screenshots and HTML of the last ``each`` failures of a probe, and of ``in_all`` at most. A sink.

    With a ``folder`` they survive a restart, once :meth:`keep` runs in a task.
    """

    def __init__(self, *, folder: Path | None = None, each: int = 3, in_all: int = 30) -> None:
        self.version = 0
        self._each = each
        self._in_all = in_all
        self._folder = None if folder is None else CaptureFolder(folder)
        self._kept: OrderedDict[CaptureKey, bytes] = OrderedDict()
        for key, content in [] if self._folder is None else self._folder.load():
            self._kept[key] = content
        self._saved_version = 0
        self._bound()

    def configure(self, probes: tuple[Probe, ...], location: str | None) -> None:  # noqa: ARG002
        """Forget those of probes that are gone."""
        names = {probe.name for probe in probes}
        for key in [key for key in self._kept if key.probe not in names]:
            del self._kept[key]
            self.version += 1

    def record(self, probe: Probe, result: Result) -> None:
        """Keep what a failed run saw."""
        if result.capture is None or result.failure is None:
            return
        for part, content in (("jpg", result.capture.screenshot), ("html", result.capture.html)):
            if content is not None:
                raw = content if isinstance(content, bytes) else content.encode("utf-8", "replace")
                self._kept[CaptureKey(probe=probe.name, at_ns=result.started_at_ns, part=part)] = raw
        self.version += 1
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
        try:
            while True:
                saved = self.version == self._saved_version or await asyncio.to_thread(self.save)
                await asyncio.sleep(_SAVE_EVERY_SECONDS if saved else _SAVE_AFTER_ERROR_SECONDS)
        finally:
            self.save()

    def save(self) -> bool:
        """Make the folder hold what is kept; whether it does now."""
        version = self.version
        if self._folder is None or version == self._saved_version:
            return True
        if not self._folder.save(dict(self._kept)):
            return False
        self._saved_version = version
        return True

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
