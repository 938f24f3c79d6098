"""What a journey signs in with, so that a refused password is not sent again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from prober.model.probe import Credentials
from prober.model.template import fill, variables
from prober.probes.texts import texts_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from yarl import URL

    from prober.probes.step import Step

__all__ = ["credentials_of"]

_NAMES_SOMEBODY = re.compile(r"user|mail|login|name|account|ident|phone|sub\b|pass|pwd|secret|pin\b", re.IGNORECASE)


def credentials_of(steps: Iterable[Step], *, given: Mapping[str, str], target: URL, hold_ns: int) -> Credentials | None:
    """User and password as far as they are known before the run; None where nothing is sent that could be refused.

    The order does not count, and neither does what a form sends beside them: probes that share an account at an origin
    share its attempts.
    """
    sent: set[str] = set()
    for step in steps:
        for text in _sent_by(step):
            if set(variables(text)) <= given.keys():
                sent.add(fill(text, given.__getitem__))
    if not sent:
        return None
    origin = f"{target.host}:{target.port}"
    digest = hashlib.blake2b("\0".join([origin, *sorted(sent)]).encode(), digest_size=16).hexdigest()
    return Credentials(digest=digest, hold_ns=hold_ns, in_turn=True)


def _sent_by(step: Step) -> Iterator[str]:
    if step.oauth2 is not None:
        yield from step.oauth2.credentials()
    if step.basic is not None:
        yield from (step.basic.user, step.basic.password.reveal())
    yield from _personal(step.fill)
    if step.role != "submit":
        return
    for values in (step.fields, step.data, step.json):
        yield from _personal(values)
    if step.body is not None:
        yield step.body


def _personal(values: object) -> Iterator[str]:
    """The values of fields that say who somebody is, or that come from a variable."""
    if not isinstance(values, Mapping):
        yield from (text for text in texts_in(values) if variables(text))
        return
    for name, value in values.items():
        if isinstance(value, str):
            if variables(value) or _NAMES_SOMEBODY.search(str(name)):
                yield value
        else:
            yield from _personal(value)
