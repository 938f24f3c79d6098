"""From the file to what it means: all of it valid, or every mistake at once."""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prober.config import ConfigErrors
from prober.config.errors import unknown
from prober.config.files import read_file, read_top
from prober.config.nodes import MapNode, ScalarNode, map_node
from prober.config.readers import is_null
from prober.config.references import Resolver
from prober.config.scope import Scope, Values, said_by
from prober.model.setting import SettingError
from prober.web.access.passwords import MAX_COST, cost_of
from prober.web.access.settings import WebConfig
from prober.web.access.tls import is_wanted, server_context

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from prober.config import Sources

__all__ = ["Access", "read_access"]

_HEADERS: dict[str, tuple[str, ...]] = {
    "Strict-Transport-Security": (),
    "X-Content-Type-Options": ("nosniff",),
    "X-Frame-Options": ("deny", "sameorigin"),
    "X-XSS-Protection": (),
    "Content-Security-Policy": (),
}
"""The headers that may be set, and to what if not to everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What a file says. ``context`` is for new connections, None without TLS."""

    settings: WebConfig
    context: ssl.SSLContext | None


def read_access(path: Path, sources: Sources) -> Access:
    """What the file says, with the files it names. Raises ConfigErrors.

    An empty file is a mistake: it is what a file looks like that is about to be written.
    """
    scope = Scope(Resolver(os.environ, sources), Values())
    root = read_file(path, scope)
    if root is None:
        raise _all_of(scope)
    root = _without_empty(root)
    settings = read_top(WebConfig, root, scope)
    for node, (trail, reasons) in scope.missing.items():
        scope.error(node, trail, ", ".join(reasons))
    scope.refused(root, (), _mistakes(settings))
    access = None if scope.errors else _access(settings, root, path.parent, sources, scope)
    if access is None:
        raise _all_of(scope)
    return access


def _all_of(scope: Scope) -> ConfigErrors:
    """Every mistake, in the order of the file."""
    return ConfigErrors(sorted(scope.errors, key=lambda error: (error.line, error.column)))


def _without_empty(root: MapNode) -> MapNode:
    """The file without sections in which everything is commented out."""
    given = {
        key: entry
        for key, entry in root.entries.items()
        if not (isinstance(entry.value, ScalarNode) and is_null(entry.value))
    }
    return map_node(given, root.place)


def _mistakes(settings: WebConfig) -> Iterator[SettingError]:
    yield from _mistakes_in_headers(settings.http_server_config.headers)
    for user, written in settings.basic_auth_users.items():
        path = ("basic_auth_users", user)
        cost = cost_of(written)
        if cost is None:
            yield SettingError("is not a bcrypt hash: `htpasswd -nBC 10 NAME` makes one", path)
        elif not 4 <= cost <= MAX_COST:
            yield SettingError(f"has the cost {cost}, and 4 to {MAX_COST} are possible", path)
        if not user or ":" in user:
            yield SettingError("is no name that a client can send: it must not be empty, and have no colon", path)
    if settings.rate_limit.interval.ns and settings.rate_limit.burst < 1:
        yield SettingError("must be at least 1, or every request is refused", ("rate_limit", "burst"))


def _mistakes_in_headers(headers: Mapping[str, str]) -> Iterator[SettingError]:
    for name, value in headers.items():
        path = ("http_server_config", "headers", name)
        if name not in _HEADERS:
            yield SettingError(unknown("cannot be set", name, _HEADERS), path)
        elif _HEADERS[name] and value not in _HEADERS[name]:
            yield SettingError(f"expected {' or '.join(_HEADERS[name])}", path)
        elif not value.isprintable() or not value.isascii():
            yield SettingError("has a character that no header may have", path)


def _access(settings: WebConfig, root: MapNode, folder: Path, sources: Sources, scope: Scope) -> Access | None:
    tls = settings.tls_server_config
    if not is_wanted(tls):
        return Access(settings=settings, context=None)
    for name in filter(None, (tls.cert_file, tls.key_file, tls.client_ca_file)):
        sources.document(folder / name)  # before it is used, so that a change in between is noticed
    try:
        return Access(settings=settings, context=server_context(tls, folder))
    except ValueError as error:
        wrong = (SettingError(one.message, ("tls_server_config", *one.path)) for one in said_by(error))
        scope.refused(root, (), wrong)
    except OSError as error:
        message = f"{error.filename} cannot be read: {error.strerror}" if error.filename else str(error.strerror)
        scope.refused(root, (), [SettingError(message, ("tls_server_config",))])
    return None
