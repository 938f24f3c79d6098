"""Faults of the status page: what the company declares about itself, true or not, early or late."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from prober.simulator.faults.fault import Fault
from prober.simulator.faults.keys import key, mapping, nested, one_of, text

__all__ = ["COMPONENTS", "Declare"]

COMPONENTS = {
    "web": "Web app",
    "login": "Sign-in",
    "history": "Conversations",
    "chat": "Chat completions",
    "embeddings": "Embeddings",
    "images": "Images",
    "video": "Video",
    "signup": "Sign-up",
}
"""The surfaces that the page lists, and what it calls them."""

_INCIDENT = nested(
    required={"name": text, "status": one_of("investigating", "identified", "monitoring", "resolved", "postmortem")},
    optional={"impact": one_of("none", "minor", "major", "critical"), "body": text},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declare(Fault):
    """What the company says about itself; without it, all systems are operational, whatever the truth."""

    name = "declare"
    surfaces = frozenset({"status_page"})

    indicator: str = key(
        one_of("none", "minor", "major", "critical", "maintenance"), "The page's indicator.", default="none"
    )
    description: str | None = key(text, "The sentence beside it; by default the usual one.", default=None)
    components: Mapping[str, str] = key(
        mapping(
            one_of(*COMPONENTS),
            one_of("operational", "degraded_performance", "partial_outage", "major_outage", "under_maintenance"),
        ),
        "State by surface; surfaces that are not named are operational.",
        default={},
    )
    incident: Mapping[str, str] | None = key(
        _INCIDENT, "An open incident: name, status, and optionally impact and body.", default=None
    )
