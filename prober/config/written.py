"""Secrets that were written into the file by hand: known by the name of the header or variable they stand under."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prober.model.probe import Probe

__all__ = ["written_secrets"]

_HEADERS = re.compile(r"auth|cookie|key|token|secret|password", re.IGNORECASE)
_VARIABLES = re.compile(
    r"(^|[_-])(pass(word|wd|phrase)?|pw|pin|secret|token|otp|totp|(api_?)?key)($|[_-])", re.IGNORECASE
)
_SCHEME = re.compile(r"(?:basic|bearer|token)\s+(?P<credentials>\S+)", re.IGNORECASE)


def written_secrets(probes: Iterable[Probe]) -> Iterator[str]:
    """The values of headers and variables whose name says that they are secret, and the credentials inside them.

    A reference is the right way to give them; this only keeps those that were written out from being shown.
    """
    for probe in probes:
        yield from _named(getattr(probe.settings, "headers", None), _HEADERS)
        yield from _named(getattr(probe.settings, "variables", None), _VARIABLES)


def _named(given: object, names: re.Pattern[str]) -> Iterator[str]:
    if not isinstance(given, Mapping):
        return
    for name, value in given.items():
        if isinstance(value, str) and names.search(str(name)) and "{{" not in value:
            yield value
            found = _SCHEME.fullmatch(value.strip())
            if found is not None:
                yield found["credentials"]
