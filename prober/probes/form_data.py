"""The fields of a form as the bytes of a request."""

from __future__ import annotations

import codecs
import secrets
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prober.probes.control import Entry

__all__ = ["encoded", "encoding_of", "url_encoded"]


def encoding_of(accepted: str | None, charset: str) -> str:
    """The encoding in which a form is sent: the first that it accepts and we know, else its page's; UTF-16 is UTF-8."""
    for name in [*(accepted or "").replace(",", " ").split(), charset]:
        try:
            found = codecs.lookup(name).name
        except LookupError:
            continue
        if not found.startswith("utf-"):
            return found
        break
    return "utf-8"


def encoded(entries: Sequence[Entry], enctype: str, encoding: str) -> tuple[str, bytes]:
    """The content type and the body."""
    match enctype.strip().lower():
        case "multipart/form-data":
            boundary = f"----prober{secrets.token_hex(12)}"
            return f"multipart/form-data; boundary={boundary}", _multipart(entries, boundary, encoding)
        case "text/plain":
            text = "".join(f"{entry.name}={entry.value}\r\n" for entry in entries)
            return "text/plain", _bytes(text, encoding)
    return "application/x-www-form-urlencoded", url_encoded(entries, encoding)


def url_encoded(entries: Sequence[Entry], encoding: str) -> bytes:
    """Names and values as in a query."""
    parts = (
        f"{quote_plus(_bytes(entry.name, encoding), safe='*')}={quote_plus(_bytes(entry.value, encoding), safe='*')}"
        for entry in entries
    )
    return "&".join(parts).encode("ascii")


def _bytes(text: str, encoding: str) -> bytes:
    """What the encoding lacks becomes a character reference, as browsers do it."""
    if encoding == "utf-8":
        return text.encode("utf-8", "replace")
    return text.encode(encoding, "xmlcharrefreplace")


def _multipart(entries: Sequence[Entry], boundary: str, encoding: str) -> bytes:
    parts = []
    for entry in entries:
        quoted = entry.name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{quoted}"'
        if entry.file:
            head += '; filename=""\r\nContent-Type: application/octet-stream'
        parts.append(_bytes(f"{head}\r\n\r\n{entry.value}\r\n", encoding))
    return b"".join([*parts, f"--{boundary}--\r\n".encode()])
