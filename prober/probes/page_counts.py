"""What a page weighs and how much of it failed, as the measures of a run."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prober.model.run import Run

__all__ = ["PageCounts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageCounts:
    """Requests, failed ones and bytes as they came, each by kind of asset; ``document`` is a kind as well."""

    requests: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    wire_bytes: Counter[str] = field(default_factory=Counter)

    def count(self, kind: str, wire_bytes: int, *, broken: bool) -> None:
        """Count one request."""
        self.requests[kind] += 1
        self.wire_bytes[kind] += wire_bytes
        if broken:
            self.broken[kind] += 1

    def note(self, run: Run) -> None:
        """Write the measures: of the page as a whole, and of each kind that it has."""
        run.measures["page_bytes"] = self.wire_bytes.total()
        run.measures["page_requests"] = self.requests.total()
        run.measures["assets_broken"] = self.broken.total()
        for kind, requests in self.requests.items():
            run.measures[f"bytes_{kind}"] = self.wire_bytes[kind]
            run.measures[f"requests_{kind}"] = requests
            if self.broken[kind]:
                run.measures[f"broken_{kind}"] = self.broken[kind]
