"""Trouble of our own browser, which is never the target's fault."""

from __future__ import annotations

from prober.model.errors import ErrorClass, ProbeFailure

__all__ = ["browser_failure"]


def browser_failure(message: str) -> ProbeFailure:
    """The failure of a run that could not be measured because the browser did not do its part."""
    return ProbeFailure(ErrorClass.PROBER_ERROR, message, detail="browser")
