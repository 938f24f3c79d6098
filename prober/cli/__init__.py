"""The command line: one file a command."""

from __future__ import annotations

from prober.cli.group import main

__all__ = ["main"]
