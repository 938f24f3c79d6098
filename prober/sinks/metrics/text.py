"""The line syntax that the text format and OpenMetrics share."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["label_text", "line", "number"]


def number(value: float) -> str:
    """A value as Go and Python both write it."""
    if math.isfinite(value):
        return repr(float(value))
    if math.isnan(value):
        return "NaN"
    return "+Inf" if value > 0 else "-Inf"


def label_text(labels: Iterable[tuple[str, str]]) -> str:
    """The labels between the braces. A lone surrogate, which no encoder takes, becomes a question mark."""
    return ",".join([f'{name}="{_escape(value)}"' for name, value in labels])


def line(name: str, labels: Mapping[str, str], value: float) -> str:
    """One sample."""
    braces = f"{{{label_text(labels.items())}}}" if labels else ""
    return f"{name}{braces} {number(value)}\n"


def _escape(value: str) -> str:
    escaped = value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
    return escaped if escaped.isascii() else escaped.encode("utf-8", "replace").decode()
