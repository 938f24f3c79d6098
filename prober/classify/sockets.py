"""Why a connection was not made, or did not last: the numbers of the operating system, and how a peer goes away."""

from __future__ import annotations

import errno
import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from prober.classify.resolution import DNS_OTHER
from prober.classify.secure import PROTOCOL, reason_in, reason_rule
from prober.classify.verdict import Rule
from prober.model.errors import ErrorClass

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CLOSED", "closed_rule", "lost_rule", "number_of", "os_rule", "timeout_rule"]

CLOSED = Rule(ErrorClass.CONNECTION_RESET, "closed")
_RESET = Rule(ErrorClass.CONNECTION_RESET, "reset")
_SHORT = Rule(ErrorClass.STREAM_TRUNCATED, "body_truncated")
_UNREACHABLE = Rule(ErrorClass.CONNECT_TIMEOUT, "unreachable")
_MEMORY = Rule(ErrorClass.PROBER_ERROR, "memory")
_NO_DESCRIPTORS = Rule(ErrorClass.PROBER_ERROR, "fd_exhausted")
_LOCAL_ADDRESS = Rule(ErrorClass.PROBER_ERROR, "local_address")
_NOT_PERMITTED = Rule(ErrorClass.PROBER_ERROR, "not_permitted")
_CONFIG = Rule(ErrorClass.PROBER_ERROR, "config")
_BUG = Rule(ErrorClass.PROBER_ERROR, "bug")
_TOTAL = Rule(ErrorClass.RESPONSE_TIMEOUT, "total")
_HEADER_TIMEOUT = Rule(ErrorClass.RESPONSE_TIMEOUT, "header_timeout")

_WIRE = frozenset({"connect", "tls", "request", "processing", "transfer", "first_token", "stream"})
_BODY = frozenset({"transfer", "first_token", "stream"})

_NUMBERS: Mapping[int, Rule] = MappingProxyType(
    {
        errno.ECONNREFUSED: Rule(ErrorClass.CONNECT_REFUSED, "refused"),
        **dict.fromkeys(
            (
                *(errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN, errno.ENONET),
                errno.ENOPROTOOPT,  # an ICMP "protocol unreachable"
            ),
            _UNREACHABLE,
        ),
        **dict.fromkeys(
            (
                *(errno.ECONNRESET, errno.EPIPE, errno.ECONNABORTED, errno.ENETRESET),
                *(errno.ESHUTDOWN, errno.ENOTCONN, errno.EPROTO),
            ),
            _RESET,
        ),
        **dict.fromkeys((errno.EMFILE, errno.ENFILE), _NO_DESCRIPTORS),
        **dict.fromkeys((errno.ENOBUFS, errno.ENOMEM), _MEMORY),
        **dict.fromkeys((errno.EADDRNOTAVAIL, errno.EADDRINUSE, errno.EAFNOSUPPORT), _LOCAL_ADDRESS),
        **dict.fromkeys((errno.EACCES, errno.EPERM), _NOT_PERMITTED),
        **dict.fromkeys((errno.ENOENT, errno.EISDIR, errno.ENOTDIR), _CONFIG),
        errno.EBADF: _BUG,
    }
)

_TIMEOUTS: Mapping[str, Rule] = MappingProxyType(
    {
        "resolve": Rule(ErrorClass.DNS_ERROR, "timeout"),
        "connect": Rule(ErrorClass.CONNECT_TIMEOUT, "timeout"),
        "tls": Rule(ErrorClass.TLS_ERROR, "handshake_timeout"),
        "request": _HEADER_TIMEOUT,
        "processing": _HEADER_TIMEOUT,
        "transfer": Rule(ErrorClass.RESPONSE_TIMEOUT, "body"),
        "first_token": Rule(ErrorClass.RESPONSE_TIMEOUT, "first_token"),
    }
)

# Happy Eyeballs puts the errors of several addresses into one text.
_IN_TEXT = re.compile(r"\[Errno (\d{1,3})\]")
_MOST_TELLING = (errno.ECONNREFUSED, errno.ECONNRESET, errno.ETIMEDOUT)


def timeout_rule(phase: str | None) -> Rule:
    """What it means that time ran out in a phase; outside the wire's phases the whole run was too long."""
    return _TIMEOUTS.get(phase or "", _TOTAL)


def closed_rule(phase: str | None) -> Rule:
    """What it means that the peer closed in a phase."""
    if phase == "tls":
        return PROTOCOL
    return _SHORT if phase in _BODY else CLOSED


def lost_rule(error: BaseException, phase: str | None) -> Rule:
    """The rule of a lost connection. Without a number the event loop saw an end, not a reset."""
    if isinstance(error, OSError) and error.errno is not None:
        return os_rule(error, phase)
    if phase == "tls":  # asyncio and uvloop say ConnectionAbortedError when the handshake takes too long
        return timeout_rule(phase) if "taking longer" in str(error) else PROTOCOL
    return _RESET if phase in _BODY else CLOSED


def number_of(error: OSError | RuntimeError) -> int | None:
    """The system's number of an error, also where it stands only in the text."""
    number = getattr(error, "errno", None)
    if isinstance(number, int):
        return number
    found = {int(number) for number in _IN_TEXT.findall(str(error))}
    telling = [number for number in _MOST_TELLING if number in found]
    return next(iter([*telling, *sorted(found)]), None)


def os_rule(error: OSError, phase: str | None) -> Rule:
    """The rule of an error of the operating system, by its number."""
    if (reason := reason_in(str(error))) is not None:  # an error of OpenSSL whose number is not the system's
        return reason_rule(reason)
    number = number_of(error)
    if number == errno.ETIMEDOUT:
        return timeout_rule(phase)
    rule = _NUMBERS.get(number or 0)
    if rule is None:
        return Rule(ErrorClass.CONNECTION_RESET, "other") if phase in _WIRE else _BUG
    ours = rule.error_class is ErrorClass.PROBER_ERROR
    return DNS_OTHER if phase == "resolve" and not ours else rule
