"""The folder in which captures of pages survive a restart: one file a part, readable by nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from prober.model.whole_file import replace_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["CaptureFolder", "CaptureKey"]

_PARTS = ("jpg", "html")
_MOST_BYTES = 4 << 20  # of one file; ours are smaller


class CaptureKey(NamedTuple):
    """One part of one capture."""

    probe: str
    at_ns: int
    part: str


class CaptureFolder:
    """Reads and writes captures. Trouble with the disk is counted in ``errors`` and never raised."""

    def __init__(self, path: Path) -> None:
        self.errors = 0
        self._path = path

    def load(self) -> Iterator[tuple[CaptureKey, bytes]]:
        """What is there; files that are not ours are passed over."""
        for key, path in self._files():
            try:
                if path.stat().st_size <= _MOST_BYTES:
                    yield key, path.read_bytes()
            except OSError:
                self.errors += 1

    def save(self, kept: Mapping[CaptureKey, bytes]) -> bool:
        """Make the folder hold these and no others of ours; false if the disk did not let us."""
        try:
            self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
            there = dict(self._files())
            for key, path in there.items():
                if key not in kept:
                    path.unlink(missing_ok=True)
            for key, content in kept.items():
                if key not in there:
                    replace_file(self._path / f"{key.probe}.{key.at_ns}.{key.part}", content)
        except OSError:
            self.errors += 1
            return False
        return True

    def _files(self) -> Iterator[tuple[CaptureKey, Path]]:
        for path in sorted(self._path.glob("*.*.*")):
            probe, _, rest = path.name.partition(".")
            at, _, part = rest.partition(".")
            if part in _PARTS and at.isascii() and at.isdigit():
                yield CaptureKey(probe, int(at), part), path
