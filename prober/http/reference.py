"""Where a reference in a page or a redirect leads, read as a browser reads it."""

from __future__ import annotations

import re
from urllib.parse import unquote

from yarl import URL

__all__ = ["absolute"]

_TO_A_HOST = re.compile(r"(https?:)?//+", re.IGNORECASE)
_BLANKS = "".join(map(chr, range(0x21)))
_NEVER_IN_A_HOST = re.compile(r"""[\x00-\x20"#%/<>?@\\^`{|}\x7f]""")


def absolute(base: URL, reference: str) -> URL:
    """The URL of a reference, without fragment. Raises ValueError for what is no URL to a browser.

    Escapes stay as they were written, since signed URLs break when they are quoted anew. Backslashes are slashes, and
    a host of another script is asked for by its ASCII name, as the URL standard has it.
    """
    text = reference.strip(_BLANKS).translate({0x09: None, 0x0A: None, 0x0D: None}).partition("#")[0]
    path, mark, query = text.partition("?")
    path = path.replace("\\", "/")
    to_a_host = _TO_A_HOST.match(path)
    if to_a_host is not None:
        path = f"{to_a_host[1] or ''}//{path[to_a_host.end() :]}"
    safe = "".join(char if "!" <= char < "\x7f" else _escaped(char) for char in f"{path}{mark}{query}")
    url = base.join(URL(safe, encoded=True))
    host = url.raw_host or ""
    if to_a_host is not None and len(path) == len(to_a_host[1] or "") + len("//"):
        raise ValueError("no host")
    if "%" in host and ":" not in host:
        url = url.with_host(unquote(host, errors="strict"))
        host = url.raw_host or ""
    if ":" not in host and _NEVER_IN_A_HOST.search(url.host or ""):  # raises ValueError for an A-label that is none
        raise ValueError("no host has such a name")
    return url


def _escaped(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "surrogateescape"))
