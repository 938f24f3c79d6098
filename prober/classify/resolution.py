"""Why a name did not resolve: the codes of c-ares and of getaddrinfo."""

from __future__ import annotations

import socket
from types import MappingProxyType
from typing import TYPE_CHECKING

from aiodns import error as ares

from prober.classify.verdict import Rule
from prober.model.errors import ErrorClass

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DNS_OTHER", "ares_name", "ares_rule", "gai_rule"]

DNS_OTHER = Rule(ErrorClass.DNS_ERROR, "other")
_NXDOMAIN = Rule(ErrorClass.DNS_ERROR, "nxdomain")
_NODATA = Rule(ErrorClass.DNS_ERROR, "nodata")
_SERVFAIL = Rule(ErrorClass.DNS_ERROR, "servfail")
_TIMEOUT = Rule(ErrorClass.DNS_ERROR, "timeout")
_CONFIG = Rule(ErrorClass.PROBER_ERROR, "config")
_MEMORY = Rule(ErrorClass.PROBER_ERROR, "memory")
_BUG = Rule(ErrorClass.PROBER_ERROR, "bug")

_ARES: Mapping[int, Rule] = MappingProxyType(
    {
        ares.ARES_ENODATA: _NODATA,
        ares.ARES_EFORMERR: _SERVFAIL,
        ares.ARES_ESERVFAIL: _SERVFAIL,
        ares.ARES_ENOTFOUND: _NXDOMAIN,
        ares.ARES_ENOTIMP: _SERVFAIL,
        ares.ARES_EREFUSED: _SERVFAIL,
        ares.ARES_EBADQUERY: _CONFIG,  # the name cannot be asked for
        ares.ARES_EBADNAME: _CONFIG,
        ares.ARES_EBADFAMILY: DNS_OTHER,
        ares.ARES_EBADRESP: _SERVFAIL,
        ares.ARES_ECONNREFUSED: _SERVFAIL,  # no name server took the question
        ares.ARES_ETIMEOUT: _TIMEOUT,
        ares.ARES_EOF: _SERVFAIL,
        ares.ARES_EFILE: _CONFIG,  # resolv.conf or hosts
        ares.ARES_ENOMEM: _MEMORY,
        ares.ARES_EDESTRUCTION: _BUG,
        ares.ARES_EBADSTR: _BUG,
        ares.ARES_EBADFLAGS: _BUG,
        ares.ARES_ENONAME: _NXDOMAIN,
        ares.ARES_EBADHINTS: _BUG,
        ares.ARES_ENOTINITIALIZED: _BUG,
        ares.ARES_ELOADIPHLPAPI: _BUG,
        ares.ARES_EADDRGETNETWORKPARAMS: _BUG,
        ares.ARES_ECANCELLED: _BUG,
        ares.ARES_ESERVICE: DNS_OTHER,
    }
)

_NAMES: Mapping[int, str] = MappingProxyType(
    {number: name for name, number in vars(ares).items() if name.startswith("ARES_E")}
)

_GAI: Mapping[int, Rule] = MappingProxyType(
    {
        socket.EAI_NONAME: _NXDOMAIN,
        socket.EAI_NODATA: _NODATA,
        socket.EAI_AGAIN: _SERVFAIL,
        socket.EAI_FAIL: _SERVFAIL,
        socket.EAI_MEMORY: _MEMORY,
    }
)


def _number(error: BaseException) -> int | None:
    first = error.args[0] if error.args else None
    return first if isinstance(first, int) else None


def ares_rule(error: BaseException) -> Rule:
    """The rule of a DNSError, by c-ares' code."""
    return _ARES.get(_number(error) or 0, DNS_OTHER)


def ares_name(error: BaseException) -> str:
    """The name of c-ares' code, as ARES_ENOTFOUND."""
    return _NAMES.get(_number(error) or 0, "c-ares")


def gai_rule(error: BaseException) -> Rule:
    """The rule of a gaierror, by getaddrinfo's code."""
    return _GAI.get(_number(error) or 0, DNS_OTHER)
