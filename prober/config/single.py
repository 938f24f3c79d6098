"""One probe of its complete entry: common settings, the kind's settings, and whether it runs here."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from prober.config.decode import plans_of
from prober.config.fields import read_fields
from prober.config.rules import mistakes_in
from prober.config.scalars import format_duration
from prober.config.scope import Nothing, Scope, said_by
from prober.model.probe import Common, Kind, Probe

if TYPE_CHECKING:
    from prober.config.errors import Trail
    from prober.config.nodes import MapNode

__all__ = ["ELSEWHERE", "read_common", "read_probe"]

ELSEWHERE = "not for this location"
"""Why a probe with ``locations`` does not run where the location is not known."""

_MAX_DEFAULT_TIMEOUT_NS = 30 * 10**9
_DEFAULT_RETRY_NS = 10 * 10**9


def read_common(node: MapNode, trail: Trail, scope: Scope) -> Common:
    """The settings that every probe has; what is wrong is reported and takes its default."""
    common = read_fields(Common, plans_of(Common), node.entries, at=node, trail=trail, scope=scope)
    assert isinstance(common, Common)  # name and kind, which have no default, are put in by our caller
    return common


def read_probe(
    node: MapNode, kind: Kind[object], trail: Trail, scope: Scope, *, location: str | None, strict: bool
) -> Probe | None:
    """The probe of an entry; None if something is wrong with it, which is reported, or if it runs elsewhere.

    Without ``provider`` or ``service`` the probe's own name stands for them. The timeout is by default the smaller of
    30 s and the interval. After a failure the next run comes after ``retry_interval`` (10 s), or with the interval if
    that is sooner. A reference that leads to nothing disables the probe; ``strict`` makes it a mistake.
    """
    common = read_common(node, trail, scope)
    settings = read_fields(kind.settings, plans_of(kind.settings), node.entries, at=node, trail=trail, scope=scope)
    if not scope.errors:  # else some settings have their defaults, against which nothing can be said
        settings = _prepared(settings, common, kind, node=node, trail=trail, scope=scope)
    scope.refused(node, trail, mistakes_in(common, kind))
    if scope.errors:
        return None
    _warn_of_overrun(node, common, trail, scope)
    elsewhere = common.locations is not None and location not in common.locations
    if strict and not elsewhere:
        for missing, (where, reasons) in scope.missing.items():
            scope.error(missing, where, ", ".join(reasons))
    if scope.errors or (elsewhere and location is not None):
        return None
    disabled = ELSEWHERE if elsewhere else ", ".join(scope.reasons()) or None
    return _probe(common, kind, settings, disabled)


def _prepared(
    settings: object, common: Common, kind: Kind[object], *, node: MapNode, trail: Trail, scope: Scope
) -> object:
    """The settings as the kind completes them."""
    if isinstance(settings, Nothing):
        return settings
    try:
        return kind.prepare(settings, common)
    except ValueError as error:
        if scope.guessed:  # what the kind lacks may stand in the reference that is missing
            return Nothing.MISSING
        return scope.refused(node, trail, said_by(error))


def _warn_of_overrun(node: MapNode, common: Common, trail: Trail, scope: Scope) -> None:
    if common.timeout is None or common.timeout <= common.interval:
        return
    key = "timeout"
    if scope.inherited(node.entries[key].value) and "interval" in node.entries:
        key = "interval"
    timeout, interval = format_duration(common.timeout), format_duration(common.interval)
    message = f"the timeout of {timeout} is longer than the interval of {interval}: runs that it covers are skipped"
    scope.warn(node.entries[key].value, (*trail, key), message)


def _probe(common: Common, kind: Kind[object], settings: object, disabled: str | None) -> Probe:
    runs = disabled is None
    return Probe(
        name=common.name,
        kind=kind,
        provider=common.provider or common.name,
        service=common.service or common.name,
        interval_ns=common.interval,
        timeout_ns=common.timeout or min(_MAX_DEFAULT_TIMEOUT_NS, common.interval),
        retry_interval_ns=min(common.retry_interval or _DEFAULT_RETRY_NS, common.interval),
        down_after=common.down_after,
        up_after=common.up_after,
        labels=MappingProxyType(common.labels),
        slo=common.slo,
        slow_ns=MappingProxyType(common.slow),
        locations=common.locations,
        buckets=common.buckets or kind.buckets,
        settings=settings if runs else None,
        info=MappingProxyType(dict(kind.info(settings))) if runs else MappingProxyType({}),
        steps=kind.steps(settings) if runs else (),
        credentials=kind.credentials(settings) if runs else None,
        spending=kind.spending(settings) if runs else None,
        disabled=disabled,
    )
