"""The metrics sink: a fold over results, and an exposition that never keeps the event loop for long."""

from __future__ import annotations

from prober.sinks.metrics.scrape import Scrape
from prober.sinks.metrics.sink import Metrics, StateView

__all__ = ["Metrics", "Scrape", "StateView"]
