"""Where a redirect leads, what goes along, and where it must not lead."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

from prober.http.reference import absolute
from prober.model.errors import ErrorClass, ProbeFailure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from yarl import URL

    from prober.http.message import Head, Request
    from prober.http.settings import RedirectsTo
    from prober.model.network import Address

__all__ = ["SAFE_HEADERS", "is_redirect", "next_request", "reachable", "redirect_loop", "seclusion", "target"]

SAFE_HEADERS = frozenset({"accept", "accept-language", "user-agent"})
"""All that a request to another origin carries of ours: a list of what is allowed, not of what is forbidden."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_BODY_HEADERS = frozenset({"content-type", "content-length", "content-encoding", "origin"})
_METADATA = tuple(
    ip_network(net)
    for net in (
        "169.254.0.0/16",
        "fe80::/10",
        "fd00:ec2::254/128",
        "100.100.100.200/32",
        "192.0.0.192/32",
        "168.63.129.16/32",
    )
)
_HOSTLESS = re.compile(r"https?:/*", re.IGNORECASE)
_NO_NAME = re.compile(r"^\.|\.\.|[^.]{64}")  # empty labels, or longer ones than any name server knows
_LONGEST_NAME = 253
_NAT64 = ip_network("64:ff9b::/96")


def is_redirect(head: Head) -> bool:
    """Whether the answer sends us elsewhere."""
    return head.status in _REDIRECTS and "Location" in head.headers


def next_request(request: Request, head: Head, *, to: RedirectsTo, first: URL) -> Request:
    """The request that follows a redirect. Raises ProbeFailure where ``to`` or our own rules forbid it.

    Method and body change as in the Fetch standard: 303 turns into GET, 301 and 302 do so for POST. To another origin
    than that of ``first``, only :data:`SAFE_HEADERS` go along and no body.
    """
    url = target(request.url, head)
    _permit(url, request.url, to=to, first=first)
    method, body, headers = request.method, request.body, dict(request.headers)
    if (head.status == 303 and method != "HEAD") or (head.status in {301, 302} and method == "POST"):
        method, body = "GET", b""
        headers = {name: value for name, value in headers.items() if name.lower() not in _BODY_HEADERS}
    if url.origin() != request.url.origin():
        body = b""
        headers = {name: value for name, value in headers.items() if name.lower() in SAFE_HEADERS}
    return replace(request, url=url, method=method, headers=headers, body=body)


def redirect_loop(limit: int) -> ProbeFailure:
    """The failure of a chain of redirects that is longer than ``limit``."""
    return ProbeFailure(
        ErrorClass.UNEXPECTED_RESPONSE, f"more than {limit} redirects", detail="redirect_loop", phase="processing"
    )


def target(base: URL, head: Head) -> URL:
    """The absolute URL of a redirect, of whatever scheme.

    Its escapes stay as the server wrote them, since signed URLs break when they are quoted anew.
    """
    location = head.headers["Location"].strip()
    if _HOSTLESS.fullmatch(location.partition("#")[0]):
        raise _blocked("a redirect leads to no host")
    try:
        return absolute(base, location)
    except ValueError:
        raise _blocked("a redirect leads to something that is no URL") from None


def _permit(url: URL, here: URL, *, to: RedirectsTo, first: URL) -> None:
    if url.scheme not in {"http", "https"}:
        raise _blocked("a redirect leads to another scheme than http or https")
    host = url.raw_host or ""
    if not host or len(host) > _LONGEST_NAME or _NO_NAME.search(host):
        raise _blocked("a redirect leads to no host")
    if url.user is not None or url.password is not None:
        raise _blocked("a redirect carries a user or password in its URL")
    if here.scheme == "https" and url.scheme == "http":
        raise _blocked(f"a redirect leads from https to http, at {url.host}")
    if to.rule == "same-origin" and url.origin() != first.origin():
        raise _blocked(f"a redirect leads to another origin, {url.host}; `redirects: {{to: any}}` would follow it")
    if to.rule == "hosts" and url.host not in {*to.hosts, first.host}:
        raise _blocked(f"a redirect leads to {url.host}, which `redirects: {{to: [...]}}` does not name")


@lru_cache(maxsize=4096)
def seclusion(address: Address) -> int:
    """How far inside an address is: 0 public, 1 private, 2 this host, 3 link-local and cloud metadata."""
    ip = _unwrapped(ip_address(address.host.partition("%")[0]))
    if any(ip.version == net.version and ip in net for net in _METADATA) or ip.is_multicast:
        return 3
    if ip.is_loopback or ip.is_unspecified:
        return 2
    return 0 if ip.is_global else 1


def _unwrapped(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address inside an IPv6 one that maps, translates or tunnels to it."""
    if isinstance(ip, IPv4Address):
        return ip
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else ip)


def reachable(addresses: Sequence[Address], *, limit: int) -> Sequence[Address]:
    """The addresses that a redirected request may use: none further inside than the probe's own target, ``limit``."""
    kept = [address for address in addresses if seclusion(address) <= limit]
    if not kept:
        raise _blocked("a redirect leads to an address further inside than the target's own")
    return kept


def _blocked(message: str) -> ProbeFailure:
    return ProbeFailure(ErrorClass.UNEXPECTED_RESPONSE, message, detail="redirect_blocked", phase="processing")
