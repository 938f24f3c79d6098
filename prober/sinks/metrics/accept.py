"""Which of our formats a scraper asks for, by its Accept headers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["CONTENT_TYPE_OPENMETRICS", "CONTENT_TYPE_TEXT", "accepts_gzip", "accepts_openmetrics"]

CONTENT_TYPE_TEXT = "text/plain; version=0.0.4; charset=utf-8"
CONTENT_TYPE_OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"

_TEXT = frozenset({"text/plain", "text/*", "*/*"})


def accepts_openmetrics(accept: str) -> bool:
    """Whether OpenMetrics 1.0.0 is asked for, at least as much as the text format.

    A wildcard asks for the text format, which everything can read.
    """
    openmetrics = text = 0.0
    for kind, parameters in _items(accept):
        if kind == "application/openmetrics-text" and parameters.get("version", "1.0.0") == "1.0.0":
            openmetrics = max(openmetrics, _quality(parameters))
        elif kind in _TEXT:
            text = max(text, _quality(parameters))
    return openmetrics > 0.0 and openmetrics >= text


def accepts_gzip(accept_encoding: str) -> bool:
    """Whether the answer may be compressed."""
    qualities = {coding: _quality(parameters) for coding, parameters in _items(accept_encoding)}
    return qualities.get("gzip", qualities.get("*", 0.0)) > 0.0


def _items(header: str) -> Iterator[tuple[str, dict[str, str]]]:
    for item in header.lower().split(","):
        name, *parameters = (part.strip() for part in item.split(";"))
        pairs = (parameter.partition("=") for parameter in parameters)
        yield name, {key.strip(): value.strip().strip('"') for key, _, value in pairs}


def _quality(parameters: dict[str, str]) -> float:
    try:
        quality = float(parameters.get("q", "1"))
    except ValueError:
        return 0.0
    return quality if 0.0 <= quality <= 1.0 else 0.0
