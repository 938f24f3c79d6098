"""Plain grey pictures and a plain video, real enough for whatever reads files of their type."""

from __future__ import annotations

import struct
import zlib
from functools import lru_cache

__all__ = ["picture", "video"]

_GREY = 0x80


@lru_cache(maxsize=32)
def picture(kind: str, width: int, height: int) -> bytes:
    """A grey picture as ``png``, ``jpeg`` or ``webp``."""
    match kind:
        case "jpeg":
            return _jpeg(width, height)
        case "webp":
            return _webp(width, height)
        case _:
            return _png(width, height)


def _png(width: int, height: int) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + bytes([_GREY]) * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def _jpeg(width: int, height: int) -> bytes:
    """Mid-grey is the zero of JPEG, so that with one-bit codes each 8x8 block is two zero bits."""

    def segment(marker: int, data: bytes) -> bytes:
        return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data

    one_code = bytes([1]) + bytes(15) + bytes([0])  # a Huffman table: one code of one bit, for the symbol 0
    blocks = -(-width // 8) * -(-height // 8)
    bits = 2 * blocks
    whole, rest = divmod(bits, 8)
    scan = bytes(whole) + (bytes([0xFF >> rest]) if rest else b"")
    return b"".join(
        (
            b"\xff\xd8",
            segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"),
            segment(0xDB, b"\0" + b"\1" * 64),
            segment(0xC0, struct.pack(">BHHB", 8, height, width, 1) + b"\1\x11\0"),
            segment(0xC4, b"\x00" + one_code),
            segment(0xC4, b"\x10" + one_code),
            segment(0xDA, b"\1\1\0\0\x3f\0"),
            scan,
            b"\xff\xd9",
        )
    )


def _webp(width: int, height: int) -> bytes:
    """Lossless WebP whose five prefix codes have one symbol each, so that a pixel takes no bit at all."""
    fields = [(0x2F, 8), (width - 1, 14), (height - 1, 14), (0, 1), (0, 3)]  # signature, size, no alpha, version 0
    fields += [(0, 1), (0, 1), (0, 1)]  # no transform, no colour cache, no meta prefix codes
    for symbol in (_GREY, _GREY, _GREY, 0xFF):  # green, red, blue, alpha: a simple code with one symbol of eight bits
        fields += [(1, 1), (0, 1), (1, 1), (symbol, 8)]
    fields += [(1, 1), (0, 1), (0, 1), (0, 1)]  # distances, never used: one symbol of one bit
    value = shift = 0
    for field, bits in fields:
        value |= field << shift
        shift += bits
    data = value.to_bytes((shift + 7) // 8, "little")
    padded = data + bytes(len(data) % 2)
    body = b"WEBPVP8L" + struct.pack("<I", len(data)) + padded
    return b"RIFF" + struct.pack("<I", len(body)) + body


@lru_cache(maxsize=8)
def video(size: str, seconds: str) -> bytes:
    """An MP4 container with a movie header of that length and grey data."""

    def box(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data) + 8) + name + data

    duration = int(seconds) * 1000
    matrix = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    header = struct.pack(">IIIIIIHHII", 0, 0, 0, 1000, duration, 0x10000, 0x100, 0, 0, 0) + matrix + bytes(24)
    movie = box(b"moov", box(b"mvhd", header + struct.pack(">I", 2)))
    kind = box(b"ftyp", b"isom" + struct.pack(">I", 512) + b"isomiso2mp41")
    return kind + movie + box(b"mdat", size.encode() + bytes([_GREY]) * 65_536)
