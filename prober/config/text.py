"""The bytes of a file as text that YAML may hold, or the one thing that is wrong with them."""

from __future__ import annotations

import codecs
import re

from prober.config.nodes import Place

__all__ = ["MAX_BYTES", "BadText", "text_of"]

MAX_BYTES = 1024 * 1024
"""The largest file that is read. Five thousand probes fit into it; more go into included files."""

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_LINE_END = re.compile(r"\r\n|\r|\n")

# NEL, LS and PS are line ends to YAML 1.1, which libyaml speaks, and letters to YAML 1.2.
_FORBIDDEN = re.compile("[^\t\n\r -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


class BadText(Exception):
    """The bytes are not a text that can be read, and where the first wrong one is."""

    def __init__(self, message: str, place: Place) -> None:
        super().__init__(message)
        self.message = message
        self.place = place


def text_of(data: bytes, file: str) -> str:
    """The text of a file. Raises :class:`BadText`."""
    start = Place(file, 1, 1)
    if len(data) > MAX_BYTES:
        raise BadText("the file is larger than 1 MiB: split it, and name the parts under `include`", start)
    if data.startswith(codecs.BOM_UTF8):
        raise BadText("the file begins with a byte order mark: save it as UTF-8 without one", start)
    if data.startswith(_UTF16):
        raise BadText("the file is UTF-16: save it as UTF-8", start)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        place = _place(data[: error.start].decode(), file)
        raise BadText(f"the byte 0x{data[error.start]:02x} is not UTF-8: save the file as UTF-8", place) from None
    found = _FORBIDDEN.search(text)
    if found is not None:
        escape = ascii(found.group())[1:-1]
        message = f"the character {escape} may not stand here: remove it, or write it as {escape} in double quotes"
        raise BadText(message, _place(text[: found.start()], file))
    return text


def _place(before: str, file: str) -> Place:
    """The place right after a text."""
    lines = _LINE_END.split(before)
    return Place(file, len(lines), len(lines[-1]) + 1)
