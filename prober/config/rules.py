"""The rules for the settings that every probe has."""

from __future__ import annotations

import itertools
import math
import re
import unicodedata
from typing import TYPE_CHECKING

from prober.config.errors import shown, unknown
from prober.model.setting import SettingError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prober.model.probe import Common, Kind

__all__ = ["MAX_LABELS", "MAX_LABEL_VALUE", "NAME_PATTERN", "RESERVED_LABELS", "label_value_mistake", "mistakes_in"]

NAME_PATTERN = r"^[a-z0-9-]{1,128}$"
MAX_LABELS = 16
MAX_LABEL_VALUE = 128
_MIN_INTERVAL_NS = 100 * 10**6
_MAX_BUCKETS = 64
_LABEL_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")

_OURS = """
probe kind provider service location result error_class fault reason outcome phase state protocol model target engine
session slo measure type currency resource step kind_of_asset vital stage component le quantile
"""
RESERVED_LABELS = frozenset(_OURS.split())
"""Labels that our own series carry (design, section 7), and the two that Prometheus gives to buckets and quantiles."""


def mistakes_in(common: Common, kind: Kind[object]) -> Iterator[SettingError]:
    """Everything in the common settings of a probe that breaks a rule."""
    if common.interval < _MIN_INTERVAL_NS:
        yield SettingError("must be at least 100ms", ("interval",))
    for key, count in (("down_after", common.down_after), ("up_after", common.up_after)):
        if count < 1:
            yield SettingError("must be at least 1", (key,))
    for key, value in (("provider", common.provider), ("service", common.service)):
        if value and (message := label_value_mistake(value)):
            yield SettingError(message, (key,))
    yield from _labels(common)
    yield from _slow(common, kind)
    yield from _locations(common)
    yield from _buckets(common)


def label_value_mistake(value: str) -> str | None:
    """What is wrong with the value of a label, or None."""
    if len(value) > MAX_LABEL_VALUE:
        return f"is {len(value)} characters long, and {MAX_LABEL_VALUE} are the most for a label"
    # Cc: control characters. Cs: surrogates, which no exposition can encode. Zl, Zp: line ends in a log.
    if any(unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} for letter in value):
        return "has a control character, which a label must not have"
    return None


def _labels(common: Common) -> Iterator[SettingError]:
    if len(common.labels) > MAX_LABELS:
        yield SettingError(f"has {len(common.labels)} labels, and {MAX_LABELS} are the most", ("labels",))
    for name, value in common.labels.items():
        if not _LABEL_NAME.fullmatch(name):
            message = f"{shown(name)} is not a label name: letters, digits and underscores, no digit first"
            yield SettingError(message, ("labels", name))
        elif name in RESERVED_LABELS or name.startswith("__"):
            yield SettingError(f"the label {name} is reserved: choose another name", ("labels", name))
        if message := label_value_mistake(value) or "":
            yield SettingError(message, ("labels", name))


def _slow(common: Common, kind: Kind[object]) -> Iterator[SettingError]:
    known = ("total", *kind.slow)
    for key in common.slow:
        if key not in known:
            yield SettingError(unknown("unknown key", key, known), ("slow", key))


def _locations(common: Common) -> Iterator[SettingError]:
    if common.locations is not None and not common.locations:
        yield SettingError("is empty, so that the probe would run nowhere: remove it, or name a place", ("locations",))
    for index, location in enumerate(common.locations or ()):
        if message := ("is empty" if not location else label_value_mistake(location)):
            yield SettingError(message, ("locations", index))


def _buckets(common: Common) -> Iterator[SettingError]:
    if common.buckets is None:
        return
    if not 1 <= len(common.buckets) <= _MAX_BUCKETS:
        yield SettingError(f"has {len(common.buckets)} bounds, and 1 to {_MAX_BUCKETS} are possible", ("buckets",))
    elif not all(0 < bound < math.inf for bound in common.buckets):
        yield SettingError("every bound must be above zero", ("buckets",))
    elif any(lower >= upper for lower, upper in itertools.pairwise(common.buckets)):
        yield SettingError("the bounds must ascend", ("buckets",))
