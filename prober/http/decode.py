"""Content encodings, undone in pieces and within a bound."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from prober.model.errors import ErrorClass, ProbeFailure

if TYPE_CHECKING:
    from typing import Protocol

    class _Inflater(Protocol):
        @property
        def unconsumed_tail(self) -> bytes: ...
        @property
        def unused_data(self) -> bytes: ...
        @property
        def eof(self) -> bool: ...
        def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


__all__ = ["ACCEPTED", "Decoder", "too_large"]

ACCEPTED = "gzip, deflate"
"""The Accept-Encoding we send: only what :class:`Decoder` can hold to its bound."""

_MAX_MEMBERS = 1024
_PIECE = 1 << 18


def _bad(message: str) -> ProbeFailure:
    return ProbeFailure(ErrorClass.UNEXPECTED_RESPONSE, message, detail="bad_encoding")


def too_large(limit: int, *, what: str = "the body") -> ProbeFailure:
    """The failure of something that exceeds its bound in bytes."""
    return ProbeFailure(ErrorClass.UNEXPECTED_RESPONSE, f"{what} is longer than {limit} bytes", detail="too_large")


class Decoder:
    """Undoes one Content-Encoding. ``encoding`` None or ``identity`` passes bytes through.

    Raises :class:`ProbeFailure` for an encoding that is broken, not known, or unfolds to more than ``limit`` bytes.
    """

    __slots__ = ("_encoding", "_inflater", "_limit", "_members", "decoded_bytes")

    def __init__(self, encoding: str | None, *, limit: int) -> None:
        names = [name for part in (encoding or "").split(",") if (name := part.strip().lower()) not in {"", "identity"}]
        name = ", ".join(names) or "identity"
        self._encoding = name
        self._limit = limit
        self._members = 0
        self.decoded_bytes = 0
        self._inflater: _Inflater | None = None
        if name in {"gzip", "x-gzip", "deflate"}:
            return
        if name not in {"identity", ""}:
            raise _bad(f"the content encoding {name[:40]!r} was not asked for")

    @property
    def passes(self) -> bool:
        """Whether bytes go through as they are: then what comes over the wire is all there is to bound."""
        return self._encoding in {"identity", ""}

    def feed(self, data: bytes) -> bytes:
        """The decoded form of the next piece."""
        if self.passes:
            return self._count(data)
        parts: list[bytes] = []
        more = bool(data)
        while more:
            if self._inflater is None:
                self._inflater = self._start(data)
            try:
                part = self._inflater.decompress(data, _PIECE)
            except zlib.error:
                raise _bad(f"the {self._encoding} body is broken") from None
            parts.append(self._count(part))
            data = self._inflater.unconsumed_tail
            more = bool(data) or len(part) == _PIECE
            if self._inflater.eof:
                data = self._next_member(self._inflater.unused_data)
                more = bool(data)
        return b"".join(parts)

    def end(self) -> None:
        """The body is over. Raises where the encoding says that more must come."""
        if self._inflater is not None and not self._inflater.eof:
            raise ProbeFailure(
                ErrorClass.STREAM_TRUNCATED, f"the {self._encoding} body ends too early", detail="body_truncated"
            )

    def _start(self, data: bytes) -> _Inflater:
        self._members += 1
        if self._members > _MAX_MEMBERS:
            raise _bad(f"more than {_MAX_MEMBERS} gzip members")
        if self._encoding != "deflate":
            return zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
        # RFC 9110 means zlib by deflate; servers that send the bare stream are common enough for browsers to take both.
        zlib_header = data[0] & 0x0F == 8 and (len(data) < 2 or (data[0] << 8 | data[1]) % 31 == 0)
        return zlib.decompressobj(wbits=zlib.MAX_WBITS if zlib_header else -zlib.MAX_WBITS)

    def _next_member(self, rest: bytes) -> bytes:
        if self._encoding == "deflate" or not rest.startswith(b"\x1f\x8b"):
            return b""  # what follows is padding: browsers pass over it
        self._inflater = None
        return rest

    def _count(self, data: bytes) -> bytes:
        self.decoded_bytes += len(data)
        if self.decoded_bytes > self._limit:
            raise too_large(self._limit, what="the decoded body")
        return data
