"""References in a page, resolved as a browser resolves them."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

from prober.http.reference import absolute

if TYPE_CHECKING:
    from yarl import URL

__all__ = ["is_mixed", "is_same_site", "path_of", "resolved"]

_LONGEST = 8192
_SCHEMES = frozenset({"http", "https"})
_MULTIPART_SUFFIXES = frozenset({"ac", "co", "com", "edu", "gov", "go", "gob", "ne", "net", "or", "org"})


def resolved(base: URL, reference: str) -> URL | None:
    """The absolute URL, without fragment; None for what is not fetched over HTTP, or is no URL.

    Escapes stay as they were written, since signed URLs break when they are quoted anew.
    """
    if not reference.partition("#")[0].strip() or len(reference) > _LONGEST:
        return None
    try:
        url = absolute(base, reference)
        fetched = url.scheme in _SCHEMES and bool(url.host) and bool(url.port)
    except ValueError:
        return None
    return url if fetched and url.user is None and url.password is None else None


def is_mixed(page: URL, url: URL) -> bool:
    """Whether a browser refuses to load this as mixed content: plain http inside https, except from this host."""
    return page.scheme == "https" and url.scheme == "http" and not _is_loopback(url.host or "")


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def path_of(url: URL, page: URL) -> str:
    """How an asset is named in a message: its path, with the host where that is not the page's. Never a query."""
    return url.raw_path if url.origin() == page.origin() else f"{url.host}{url.raw_path}"


def is_same_site(url: URL, page: URL) -> bool:
    """Whether both belong to one site: whatever does not is a third party's."""
    return _site(url.host or "") == _site(page.host or "")


def _site(host: str) -> str:
    """The domain whose hosts belong together: ``cdn.example.com`` and ``www.example.com`` are one site.

    The last two labels, three below suffixes like ``co.uk``. The public suffix list would know better, and be larger
    than all of prober.
    """
    labels = host.rstrip(".").lower().split(".")
    if labels[-1].isdigit() or ":" in host:
        return host
    national = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _MULTIPART_SUFFIXES
    return ".".join(labels[-3:] if national else labels[-2:])
