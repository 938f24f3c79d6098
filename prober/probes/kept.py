"""Sessions that outlive a run: what ``session: reuse`` goes on with."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from prober.http.cookies import Jar

__all__ = ["Kept", "KeptSessions"]

_KEPT = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a signed-in session is: its cookies, what was extracted, and which of it is secret.

    ``settings`` are those it was made with: under others it is nobody's.
    """

    settings: object
    jar: Jar
    found: Mapping[str, str]
    secrets: frozenset[str]


class KeptSessions:
    """One session a probe, by its name; the longest unused goes when there are too many."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Kept] = OrderedDict()

    def take(self, name: str, settings: object) -> Kept | None:
        """Take the probe's session away, if it has one that was made with these settings."""
        kept = self._kept.pop(name, None)
        return kept if kept is not None and kept.settings == settings else None

    def put(self, name: str, kept: Kept) -> None:
        """Keep a session until the next run."""
        self._kept[name] = kept
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
