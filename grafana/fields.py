"""How values look: colours, thresholds, names for special values, and what differs by column or series."""

from __future__ import annotations

from typing import Any

__all__ = [
    "BLUE",
    "FAULTS",
    "GREEN",
    "GREY",
    "NOTHING",
    "ORANGE",
    "PURPLE",
    "RED",
    "STATES",
    "YELLOW",
    "Json",
    "between",
    "column",
    "dashed",
    "exactly",
    "series_colour",
    "steps",
]

Json = dict[str, Any]
"""A piece of what Grafana reads."""

GREEN = "green"
YELLOW = "yellow"
ORANGE = "orange"
RED = "red"
PURPLE = "purple"
BLUE = "blue"
_DARK_ORANGE = "dark-orange"
GREY = "#808080"


def steps(base: str, *above: tuple[float, str]) -> Json:
    """Thresholds: a colour from minus infinity on, and others from their values on."""
    first: Json = {"color": base, "value": None}
    return {"mode": "absolute", "steps": [first, *({"color": colour, "value": value} for value, colour in above)]}


def exactly(value: float, text: str, colour: str) -> Json:
    """One value by another name."""
    return {"type": "value", "options": {f"{value:g}": {"color": colour, "index": 0, "text": text}}}


def between(low: float, high: float, text: str, colour: str) -> Json:
    """A range of values, both ends in it, by another name. The first mapping that fits is taken."""
    result = {"color": colour, "index": 0, "text": text}
    return {"type": "range", "options": {"from": low, "to": high, "result": result}}


NOTHING: Json = {
    "type": "special",
    "options": {"match": "null+nan", "result": {"color": GREY, "index": 0, "text": "no data"}},
}
"""Where nothing is known nothing is good or bad: grey."""

STATES = [
    exactly(-2, "no data", GREY),
    exactly(-1, "blind", PURPLE),
    exactly(0, "down", RED),
    between(0, 0.5, "mostly down", _DARK_ORANGE),
    between(0.5, 0.998, "partly down", ORANGE),
    between(0.998, 0.99995, "degraded", YELLOW),
    between(0.99995, 1, "up", GREEN),
]
"""What the numbers of ``queries.standing`` mean."""

FAULTS = {"target": RED, "network": ORANGE, "unknown": YELLOW, "us": PURPLE, "local": BLUE}
"""Theirs is warm, ours is cold."""


def series_colour(name: str, colour: str) -> Json:
    """The colour of one series."""
    properties = [{"id": "color", "value": {"mode": "fixed", "fixedColor": colour}}]
    return {"matcher": {"id": "byName", "options": name}, "properties": properties}


def dashed(beginning: str) -> Json:
    """Series whose names begin like this are borders and no measurements: dashed and grey."""
    properties = [
        {"id": "color", "value": {"mode": "fixed", "fixedColor": GREY}},
        {"id": "custom.lineStyle", "value": {"dash": [8, 8], "fill": "dash"}},
        {"id": "custom.fillOpacity", "value": 0},
    ]
    return {"matcher": {"id": "byRegexp", "options": f"/^{beginning}/"}, "properties": properties}


def column(
    name: str,
    *,
    unit: str | None = None,
    decimals: int | None = None,
    thresholds: Json | None = None,
    mappings: list[Json] | None = None,
    width: int | None = None,
) -> Json:
    """How one column of a table looks; with thresholds or mappings its cells are coloured."""
    found: list[Json] = []
    if unit is not None:
        found.append({"id": "unit", "value": unit})
    if decimals is not None:
        found.append({"id": "decimals", "value": decimals})
    if width is not None:
        found.append({"id": "custom.width", "value": width})
    if mappings is not None:
        found.append({"id": "mappings", "value": [*mappings, NOTHING]})
    if thresholds is not None:
        found += [{"id": "thresholds", "value": thresholds}, {"id": "color", "value": {"mode": "thresholds"}}]
    if thresholds is not None or mappings is not None:
        found.append({"id": "custom.cellOptions", "value": {"type": "color-background", "mode": "basic"}})
    return {"matcher": {"id": "byName", "options": name}, "properties": found}
